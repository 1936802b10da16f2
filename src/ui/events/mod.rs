//! The event table with its filter bar and its histogram.

mod around;
mod cell_menu;
mod completion;
mod filter_bar;
mod histogram;
mod outside;
mod rows;
mod text;

use std::hash::{DefaultHasher, Hasher as _};

use egui::{Button, Ui};

use super::controls::{self, command_button};
use super::scene::Scene;
use super::widgets::{Table, TableColumn, Tail};
use super::{numbers, theme};
use crate::model::{Column, Command, Overlay, Place, Sort, ViewState};
use crate::session::{EventPlace, Session, Status};

pub use filter_bar::focus_filter;
use rows::EventRows;

/// How wide the positions may become by themselves, in points: some are numbers of nineteen digits.
const MOST_OF_A_POSITION: f32 = 132.0;

/// What a person is typing or dragging in the panel.
#[derive(Debug, Default)]
pub struct Draft {
    filter: filter_bar::Draft,
    histogram: histogram::Draft,
    page: u64,
}

impl Draft {
    /// How many whole rows were in view when the table was last drawn.
    #[must_use]
    pub fn page(&self) -> u64 {
        self.page
    }
}

/// Paints the panel.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut Draft, out: &mut Vec<Command>) {
    controls::panel(ui, "Events", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let Some(session) = scene.session else { return };
        if !opened(ui, session) {
            return;
        }
        filter_bar::show(ui, scene, session, &mut draft.filter, out);
        around::show(ui, scene, out);
        if let Some(histogram) = session.histogram() {
            let terms = draft.filter.filter(&scene.view.place.filter);
            histogram::show(ui, &histogram, terms, &mut draft.histogram, out);
        } else if session.awaits_histogram() {
            histogram::keep_place(ui);
        }
        if !empty(ui, scene, session, out) {
            outside::show(ui, scene, session, out);
            draft.page = table(ui, scene.view, session, out);
        }
    });
}

/// Says how far the opening got, where it is not done; answers whether it is.
fn opened(ui: &mut Ui, session: &Session) -> bool {
    match session.status() {
        Status::Ready => return true,
        Status::Opening => controls::nothing_here(ui, "Opening the database…"),
        Status::Failed(error) => {
            ui.add_space(theme::MARGIN);
            controls::failure(ui, error);
        }
    }
    false
}

/// Says why there is no row to show; answers whether there is none.
fn empty(ui: &mut Ui, scene: &Scene<'_>, session: &Session, out: &mut Vec<Command>) -> bool {
    let rows = session.rows();
    if let Some(error) = rows.error() {
        ui.add_space(theme::MARGIN);
        controls::failure(ui, &error);
        return true;
    }
    if !rows.is_empty() {
        return false;
    }
    let filtered = !scene.view.place.filter.is_empty();
    match (rows.len().complete, filtered) {
        (false, true) => controls::nothing_here(ui, "Searching… no event has matched so far."),
        (false, false) => controls::nothing_here(ui, "Reading events…"),
        (true, true) => nothing_found(ui, scene, out),
        (true, false) => nothing_stored(ui, scene, out),
    }
    true
}

fn nothing_found(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    controls::nothing_here(ui, "No event matches the filter.");
    ui.add_space(2.0 * theme::STEP);
    ui.vertical_centered(|ui| {
        // The filter bar has a button of this name; the one here says what it brings back.
        let button = Button::new("Show every event");
        controls::offer(ui, scene.environment, Command::ClearFilter, button, "Show every event", out);
    });
}

fn nothing_stored(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    controls::nothing_here(ui, "This store has no events yet.");
    ui.add_space(2.0 * theme::STEP);
    ui.vertical_centered(|ui| {
        command_button(ui, scene.environment, Command::NewEvent, None, out);
    });
}

fn table(ui: &mut Ui, view: &ViewState, session: &Session, out: &mut Vec<Command>) -> u64 {
    let shown = view.columns.shown();
    let fills = if shown.contains(&Column::Data) { Some(Column::Data) } else { shown.last().copied() };
    let columns: Vec<_> = shown.iter().map(|column| heading(view, session, *column, fills == Some(*column))).collect();
    let question = question(&view.place);
    let place = view.place.event.map_or(EventPlace::Unknown, |position| session.place_of(position));
    let (row, gap) = match place {
        EventPlace::Unknown => (None, None),
        EventPlace::Row(row) => (Some(row), None),
        EventPlace::Hidden { before } => {
            (before.map(|row| row.min(session.rows().len().value.saturating_sub(1))), before)
        }
    };
    let marks = session.hit_marks().unwrap_or_default();
    let marks_name = format!("Hits of {}", view.place.around.as_ref().map_or("", |around| &around.from.filter));
    let table = Table {
        salt: "events",
        name: "events",
        keys: false,
        columns: &columns,
        reveal: view.place.event.map(|position| (hash(&(position, question, gap.is_some())), row)),
        question,
        gap,
        takes_keyboard: view.overlay == Overlay::None,
        tail: (view.place.sort.column == Column::Position).then(|| Tail {
            newest_first: view.place.sort.descending,
            complete: session.rows().len().complete,
            follows: !view.follow_paused,
        }),
        marks: (&marks, &marks_name),
    };
    table.show(ui, &mut EventRows::new(ui, view, session, out))
}

fn heading(view: &ViewState, session: &Session, column: Column, fills: bool) -> TableColumn<'static> {
    let sort = view.place.sort;
    let is_free = column == Column::Position && !view.columns.is_chosen(column);
    let needed = if is_free { position_width(view, session) } else { 0.0 };
    TableColumn {
        title: column.title(),
        caption: "",
        width: view.columns.width(column).max(needed),
        least: view.columns.least_width(column).max(needed),
        right: column.is_number(),
        // The order of the store itself needs no sign.
        sorted: (sort.column == column && sort != Sort::default()).then_some(sort.descending),
        sortable: true,
        fills,
    }
}

/// What positions take that are as large as those that are known: a number that is cut says nothing.
fn position_width(view: &ViewState, session: &Session) -> f32 {
    let events = i128::from(session.rows().total().value);
    let highest = view.place.event.map_or(events, |position| events.max(position.into()));
    let letters = u8::try_from(numbers::grouped(highest).len()).unwrap_or(u8::MAX);
    (f32::from(letters) * rows::LETTER + rows::BESIDE).min(MOST_OF_A_POSITION)
}

/// Names the question that the table answers.
fn question(place: &Place) -> u64 {
    hash(&(&place.filter, place.sort.column, place.sort.descending))
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// How many rows there are, and out of how many: `9,310 of 18,442`.
fn count_text(session: &Session, filtered: bool) -> String {
    let rows = session.rows();
    let (found, total) = (rows.len(), rows.total());
    let so_far = |complete: bool| if complete { "" } else { " so far" };
    if filtered {
        let total = format!("{}{}", numbers::grouped(total.value), if total.complete { "" } else { "+" });
        return format!("{}{} of {total}", numbers::grouped(found.value), so_far(found.complete));
    }
    let noun = if total.value == 1 { "event" } else { "events" };
    format!("{} {noun}{}", numbers::grouped(total.value), so_far(total.complete))
}
