//! The list of streams, grouped by aggregate type, and the other tables of the file beneath it.

mod layout;
mod row;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Event, Frame, Id, Key, Margin, Response, RichText, Sense, Ui};

use super::keyboard::{self, Stop};
use super::scene::Scene;
use super::widgets::{Entry, RowArea, RowKeys, RowScroll};
use super::{controls, numbers, theme};
use crate::event::StreamName;
use crate::model::Command;
use crate::session::{Checkpoint, Overview, Session, Status, StreamList, TableEntry};
use layout::{Line, lay_out};

/// What a person is looking for, which groups are closed, and the lines of the list as they were last laid out.
#[derive(Debug, Default)]
pub struct Draft {
    wanted: String,
    closed: BTreeSet<Arc<str>>,
    laid_out: Option<LaidOut>,
    /// The stream that was last brought into view.
    revealed: Option<StreamName>,
    /// The stream that was last looked for, and the lines in which it was.
    sought: Option<StreamName>,
    looked: Option<Arc<Vec<Line>>>,
    reveals: u64,
}

/// The lines of the list, and what they were made of.
#[derive(Debug)]
struct LaidOut {
    streams: Arc<StreamList>,
    tables: Vec<TableEntry>,
    checkpoints: Arc<Vec<Checkpoint>>,
    lines: Arc<Vec<Line>>,
}

/// Gives the keyboard to the entry that finds streams.
pub fn focus_find(ctx: &egui::Context) {
    ctx.memory_mut(|memory| memory.request_focus(find_id()));
}

fn find_id() -> Id {
    Id::unique("find stream")
}

/// Paints the panel.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut Draft, out: &mut Vec<Command>) {
    controls::panel(ui, "Streams", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let Some(session) = scene.session else { return };
        let Some(overview) = session.overview() else {
            if matches!(session.status(), Status::Opening) {
                controls::nothing_here(ui, "Opening the database…");
            }
            return;
        };
        if overview.has_events() {
            head(ui, overview, session, draft, out);
        } else {
            ui.add_space(theme::STEP);
        }
        list(ui, scene, overview, session, draft, out);
    });
}

/// The heading with the number of streams, and the entry that finds one.
fn head(ui: &mut Ui, overview: &Overview, session: &Session, draft: &mut Draft, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let counted = session.streams().total;
    let count = if overview.streams.complete { overview.streams } else { counted };
    let margin = Margin { left: 12, right: 12, top: 8, bottom: 8 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        let text = format!("{}{}", numbers::grouped(count.value), if count.complete { "" } else { "+" });
        controls::heading(ui, "Streams", |ui| {
            ui.label(RichText::new(text).font(theme::small()).color(palette.faint));
        });
        ui.add_space(2.0);
        let entry = Entry { name: "Find stream", hint: "Find stream…", id: find_id(), framed: true };
        let response = entry.show(ui, &mut draft.wanted);
        typed(ui, &response, session, draft, out);
    });
}

fn typed(ui: &Ui, response: &Response, session: &Session, draft: &mut Draft, out: &mut Vec<Command>) {
    if response.changed() {
        draft.laid_out = None;
    }
    let pressed = |key| ui.input(|input| input.events.iter().any(|event| is_press(event, key)));
    if response.lost_focus() && pressed(Key::Escape) {
        draft.wanted.clear();
        draft.laid_out = None;
    }
    if response.has_focus() && pressed(Key::ArrowDown) {
        keyboard::give(ui.ctx(), Stop::Streams);
    }
    if response.lost_focus() && pressed(Key::Enter) && !draft.wanted.is_empty() {
        let streams = session.streams();
        let first = lay_out(&streams, (&[], &[]), &draft.wanted, &draft.closed);
        let name = first.iter().find_map(|line| line.stream(&streams)).map(|stream| stream.name.clone());
        out.extend(name.map(Command::SelectStream));
    }
}

fn is_press(event: &Event, wanted: Key) -> bool {
    matches!(event, Event::Key { key, pressed: true, .. } if *key == wanted)
}

fn list(
    ui: &mut Ui,
    scene: &Scene<'_>,
    overview: &Overview,
    session: &Session,
    draft: &mut Draft,
    out: &mut Vec<Command>,
) {
    let (streams, lines) = draft.lines(session.streams(), overview);
    if lines.is_empty() {
        let text = if draft.wanted.is_empty() { "Reading streams…" } else { "No stream has this in its name." };
        let complete = streams.total.complete && draft.wanted.is_empty();
        controls::nothing_here(ui, if complete { "This store has no streams yet." } else { text });
        return;
    }
    let (view, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let id = ui.make_persistent_id("streams");
    let count = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    let (row_height, name, stop) = (theme::ROW, "streams", Stop::Streams);
    let area = RowArea { id, rows: count, row_height, name, stop, keys: false };
    let mut scroll = RowScroll::load(ui.ctx(), id);
    let line = scene.view.place.stream.as_ref().and_then(|selected| draft.follow(selected, &streams, &lines));
    scroll.reveal(draft.reveals, line, area.extent(view));
    scroll.cursor = line.unwrap_or(scroll.cursor);
    area.scroll(ui, view, &mut scroll);
    let at = |number: u64| usize::try_from(number).ok().and_then(|number| lines.get(number));
    let mut keys = area.walk(ui, view, &mut scroll, |number| at(number).is_some_and(Line::is_stop));
    if let (Some(false), Some(Line::Stream { indented: true, .. })) = (keys.turned, at(keys.cursor)) {
        let group = (0..keys.cursor).rev().find(|number| matches!(at(*number), Some(Line::Group { .. })));
        area.go_to(view, &mut scroll, group.unwrap_or(keys.cursor));
        keys = RowKeys { cursor: scroll.cursor, turned: None, ..keys };
    }
    let mut turned = None;
    area.draw(ui, view, scroll.anchor, |ui, number, rect| {
        if let Some(line) = at(number) {
            let row = row::Row { ui, rect, number, area: &area, keys, view: scene.view };
            let done = row.show(line, &streams, overview, out);
            if done.pressed {
                // Who clicks on a stream goes on among its events: the keys that step through them are at once at hand.
                if !(done.opened && keyboard::give(ui.ctx(), Stop::Rows)) {
                    area.take_keyboard(ui);
                }
                scroll.cursor = number;
            }
            turned = turned.take().or(done.turned);
        }
    });
    area.scrollbar(ui, view, &mut scroll);
    scroll.store(ui.ctx(), id);
    draft.turn(turned);
}

impl Draft {
    /// The lines of the list, laid out anew only where something changed.
    fn lines(&mut self, streams: Arc<StreamList>, overview: &Overview) -> (Arc<StreamList>, Arc<Vec<Line>>) {
        let Overview { tables, checkpoints, .. } = overview;
        let current = self.laid_out.take().filter(|last| {
            let same_readers = Arc::ptr_eq(&last.checkpoints, checkpoints);
            Arc::ptr_eq(&last.streams, &streams) && same_readers && last.tables == *tables
        });
        let laid_out = current.unwrap_or_else(|| {
            let lines = Arc::new(lay_out(&streams, (tables, checkpoints), &self.wanted, &self.closed));
            LaidOut { streams, tables: tables.clone(), checkpoints: Arc::clone(checkpoints), lines }
        });
        let laid_out = self.laid_out.insert(laid_out);
        (Arc::clone(&laid_out.streams), Arc::clone(&laid_out.lines))
    }

    /// The line of `selected`, when it is to be brought into view: once for each selection, as soon as the list has it.
    fn follow(&mut self, selected: &StreamName, streams: &StreamList, lines: &Arc<Vec<Line>>) -> Option<u64> {
        let looked = self.looked.as_ref().is_some_and(|looked| Arc::ptr_eq(looked, lines));
        let is_new = self.revealed.as_ref() != Some(selected);
        if self.sought.as_ref() == Some(selected) && (looked || !is_new) {
            return None;
        }
        self.sought = Some(selected.clone());
        self.looked = Some(Arc::clone(lines));
        let is_selected = |line: &Line| line.stream(streams).is_some_and(|stream| stream.name == *selected);
        let line = lines.iter().position(is_selected).filter(|_| is_new)?;
        self.revealed = Some(selected.clone());
        self.reveals += 1;
        u64::try_from(line).ok()
    }

    /// Opens or closes a group.
    fn turn(&mut self, group: Option<Arc<str>>) {
        let Some(group) = group else { return };
        self.laid_out = None;
        if !self.closed.remove(&group) {
            self.closed.insert(group);
        }
    }
}
