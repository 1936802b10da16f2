//! The rows of a table as they are stored: for files that are no event store, and for what lies beside the events.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use egui::{Frame, Margin, RichText, Ui};

use super::scene::Scene;
use super::widgets::{Cell, Table, TableColumn, TableRows};
use super::{controls, numbers, theme};
use crate::model::Command;
use crate::session::{Loading, Overview, Session, TableEntry, TablePage};

/// The narrowest and the widest that a column starts out, in points.
const WIDTHS: (f32, f32) = (56.0, 280.0);
/// How many rows decide how wide the columns start out.
const MEASURED: usize = 50;

/// What a person did with the tables: the widths that they chose, the row that they pressed, where they were.
#[derive(Debug, Default)]
pub struct Draft {
    table: String,
    widths: Vec<f32>,
    selected: Option<u64>,
    seen: Range<u64>,
    /// The pages that were shown last, while the present ones are read.
    pages: Vec<Arc<TablePage>>,
}

/// Paints the table that the view names, or, where it names none, what the file is.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut Draft, out: &mut Vec<Command>) {
    controls::region(ui, "Table", |ui| {
        let Some(session) = scene.session else { return };
        let Some(overview) = session.overview() else { return };
        let Some(name) = &scene.view.place.table else { return plain(ui, scene, overview, out) };
        if draft.table != *name {
            *draft = Draft { table: name.clone(), ..Draft::default() };
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        head(ui, scene, overview, name, out);
        rows(ui, session, draft, out);
    });
}

/// What to say of a file that no profile fits: why, and what there is.
fn plain(ui: &mut Ui, scene: &Scene<'_>, overview: &Overview, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    Frame::new().inner_margin(Margin::same(24)).show(ui, |ui| {
        ui.set_max_width(560.0);
        ui.label(RichText::new("No event store was recognised").font(theme::medium(16.0)));
        ui.add_space(theme::STEP);
        ui.label(RichText::new(controls::sentence(&overview.reason)).color(palette.dim));
        ui.label(
            RichText::new("Its tables can be read as they are. If one of them holds events, say which.")
                .color(palette.dim),
        );
        ui.add_space(theme::STEP);
        controls::command_button(ui, scene.environment, Command::EditMapping, None, out);
        ui.add_space(theme::MARGIN);
        for table in &overview.tables {
            entry(ui, table, out);
        }
    });
}

fn entry(ui: &mut Ui, table: &TableEntry, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        if controls::link(ui, &table.name, true).clicked() {
            out.push(Command::ShowTable(table.name.to_string()));
        }
        let rows = table.rows.map(|rows| format!("{} rows", numbers::grouped(rows)));
        let kind = if table.is_view { "view".to_owned() } else { rows.unwrap_or_default() };
        ui.label(controls::faint(ui, kind));
    });
}

/// The table's name, what it is, and the way back to the events.
fn head(ui: &mut Ui, scene: &Scene<'_>, overview: &Overview, name: &str, out: &mut Vec<Command>) {
    let margin = Margin { left: 12, right: 12, top: 8, bottom: 4 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(name).font(theme::mono_bold()));
            let table = overview.tables.iter().find(|table| *table.name == *name);
            let role = table.and_then(|table| table.role.clone()).map_or_else(String::new, |role| format!("{role}  "));
            let rows = table.and_then(|table| table.rows);
            let rows = rows.map_or_else(String::new, |rows| format!("{} rows", numbers::grouped(rows)));
            ui.label(controls::dim(ui, role + &rows));
            if overview.has_events() {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    controls::command_button(ui, scene.environment, Command::ShowEvents, None, out);
                });
            }
        });
    });
}

fn rows(ui: &mut Ui, session: &Session, draft: &mut Draft, out: &mut Vec<Command>) {
    let answers = pages_of(session, draft);
    if let Some(error) = answers.iter().find_map(Loading::error) {
        ui.add_space(theme::MARGIN);
        return controls::failure(ui, error);
    }
    let pages: Vec<_> = answers.iter().filter_map(Loading::value).cloned().collect();
    if !pages.is_empty() {
        draft.pages = pages;
    }
    let pages = draft.pages.clone();
    let Some(page) = pages.first() else { return controls::nothing_here(ui, "Reading rows…") };
    if draft.widths.len() != page.columns.len() {
        draft.widths = widths(page);
    }
    let columns: Vec<_> = page.columns.iter().zip(&draft.widths).map(|(title, width)| column(title, *width)).collect();
    let done = Done { selected: draft.selected, ..Done::default() };
    let mut rows = PlainRows { pages: &pages, palette: theme::palette(ui), seen: RefCell::default(), done };
    let table =
        Table { salt: "table", name: "rows", keys: true, columns: &columns, reveal: None, question: question(draft) };
    table.show(ui, &mut rows);
    let PlainRows { seen, done, .. } = rows;
    let seen = seen.into_inner();
    if seen != draft.seen {
        // Its pages are asked for in the next frame, which nothing else may call for.
        ui.ctx().request_repaint();
        draft.seen = seen;
    }
    draft.selected = done.selected;
    if let Some((column, width)) = done.resized
        && let Some(chosen) = draft.widths.get_mut(column)
    {
        *chosen = width.clamp(WIDTHS.0 / 2.0, 4.0 * WIDTHS.1);
    }
    out.extend(done.commands);
    if page.total == 0 {
        controls::nothing_here(ui, "This table has no rows.");
    }
}

/// The pages that hold the first and the last row in view; more than two are never needed.
fn pages_of(session: &Session, draft: &Draft) -> [Loading<Arc<TablePage>>; 2] {
    let last = draft.seen.end.max(1) - 1;
    [draft.seen.start, last].map(|row| session.table_page(&draft.table, row..row + 1))
}

fn question(draft: &Draft) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    draft.table.hash(&mut hasher);
    hasher.finish()
}

fn column(title: &str, width: f32) -> TableColumn<'_> {
    TableColumn { title, width, right: false, sorted: None, sortable: false, fills: false }
}

/// How wide the columns start out: as their headings and first rows need, within bounds.
fn widths(page: &TablePage) -> Vec<f32> {
    let longest = |column: usize| {
        let texts = page.rows.iter().take(MEASURED).filter_map(|row| row.get(column));
        let titles = page.columns.get(column);
        texts.chain(titles).map(|text| text.chars().count().min(60)).max().unwrap_or_default()
    };
    #[expect(clippy::cast_precision_loss, reason = "at most 60 characters")]
    let width = |characters: usize| (characters as f32 * 7.4 + 20.0).clamp(WIDTHS.0, WIDTHS.1);
    (0..page.columns.len()).map(|column| width(longest(column))).collect()
}

/// What was done with the rows of a table.
#[derive(Debug, Default)]
struct Done {
    selected: Option<u64>,
    resized: Option<(usize, f32)>,
    commands: Vec<Command>,
}

struct PlainRows<'a> {
    /// One or two, of the same table.
    pages: &'a [Arc<TablePage>],
    palette: &'static theme::Palette,
    seen: RefCell<Range<u64>>,
    done: Done,
}

impl<'a> TableRows for PlainRows<'a> {
    type Row = &'a [String];

    fn count(&self) -> u64 {
        self.pages.first().map_or(0, |page| page.total)
    }

    fn want(&self, rows: Range<u64>) {
        *self.seen.borrow_mut() = rows;
    }

    fn row(&self, number: u64) -> Option<&'a [String]> {
        let on = |page: &'a Arc<TablePage>| {
            let index = usize::try_from(number.checked_sub(page.first)?).ok()?;
            page.rows.get(index).map(Vec::as_slice)
        };
        self.pages.iter().find_map(on)
    }

    fn cell<'r>(&'r self, row: &'r &'a [String], column: usize) -> Cell<'r> {
        let text = row.get(column).map_or("", String::as_str);
        Cell { text: text.into(), color: self.palette.text, font: theme::mono(), dot: None }
    }

    fn is_selected(&self, number: u64, _row: &&'a [String]) -> bool {
        self.done.selected == Some(number)
    }

    fn pressed(&mut self, number: u64, _row: &&'a [String]) {
        self.done.selected = Some(number);
    }

    fn resize(&mut self, column: usize, width: f32) {
        self.done.resized = Some((column, width));
    }

    fn cell_menu(&mut self, ui: &mut Ui, row: &&'a [String], column: usize) {
        if ui.button("Copy value").clicked() {
            self.done.commands.extend(row.get(column).cloned().map(Command::CopyText));
        }
        if ui.button("Copy row as JSON").clicked() {
            let columns = self.pages.first().map_or(&[][..], |page| &page.columns);
            self.done.commands.push(Command::CopyText(as_json(columns, row)));
        }
    }
}

/// A row as one JSON object, in the order of the columns.
fn as_json(columns: &[String], row: &[String]) -> String {
    let object: serde_json::Map<_, _> =
        columns.iter().zip(row).map(|(name, text)| (name.clone(), text.clone().into())).collect();
    format!("{:#}", serde_json::Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_texts_within_bounds() {
        let page = TablePage {
            columns: vec!["id".into(), "state".into()],
            rows: vec![vec!["1".into(), "x".repeat(500)]],
            first: 0,
            total: 1,
        };
        assert_eq!(widths(&page), [WIDTHS.0, WIDTHS.1]);
        assert_eq!(as_json(&page.columns, &["1".into(), "a".into()]), "{\n  \"id\": \"1\",\n  \"state\": \"a\"\n}");
    }
}
