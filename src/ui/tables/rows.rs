//! The rows of a table.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::sync::Arc;

use egui::Ui;

use super::super::scene::Scene;
use super::super::widgets::{Cell, Table, TableColumn, TableRows};
use super::super::{controls, theme};
use super::link::link_command;
use crate::model::{Command, Overlay, TableSort};
use crate::session::{Count, Loading, Session, TableEntry, TableOrder, TablePage, TableRecord};

/// The narrowest and the widest that a column starts out, in points.
const WIDTHS: (f32, f32) = (56.0, 280.0);
/// How many rows decide how wide the columns start out.
const MEASURED: usize = 50;

/// The widths that a person chose, and the pages that were shown last, while the present ones are read.
#[derive(Debug, Default)]
pub struct Draft {
    table: String,
    widths: Vec<f32>,
    /// Whether the widths were measured on rows, and not on headings alone.
    measured: bool,
    pages: Vec<Arc<TablePage>>,
    page: u64,
}

impl Draft {
    /// How many whole rows were in view when the table was last drawn.
    #[must_use]
    pub fn page(&self) -> u64 {
        self.page
    }
}

/// Paints the rows.
pub(super) fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    entry: &TableEntry,
    order: &TableOrder,
    draft: &mut Draft,
    out: &mut Vec<Command>,
) {
    if draft.table != order.table {
        *draft = Draft { table: order.table.clone(), ..Draft::default() };
    }
    let count = session.table_rows(order);
    if let Loading::Failed(error) = &count {
        ui.add_space(theme::MARGIN);
        return controls::inset(ui, |ui| controls::failure(ui, error));
    }
    let count = count.value().copied().unwrap_or_default();
    if count == Count::complete(0) {
        return controls::nothing_here(ui, "This table has no rows.");
    }
    draft.measure(entry, session, order);
    let sort = scene.view.place.table_view.sort;
    let sortable = session.sortable(&order.table).value().cloned().unwrap_or_default();
    let columns = columns(entry, draft, sort, &sortable);
    let row = scene.view.place.table_view.row;
    let question = question(order);
    let pages = RefCell::new(std::mem::take(&mut draft.pages));
    let palette = theme::palette(ui);
    let done = Done::default();
    let mut rows = Rows { session, order, pages, count, sort, selected: row, palette, error: RefCell::default(), done };
    let reveal = row.map(|row| (row.wrapping_add(1).wrapping_mul(31).wrapping_add(question), rows.on_screen(row)));
    let table = Table {
        salt: "table",
        name: "rows",
        keys: false,
        columns: &columns,
        reveal,
        question,
        gap: None,
        takes_keyboard: scene.view.overlay == Overlay::None,
        tail: None,
        marks: (&[], ""),
    };
    draft.page = table.show(ui, &mut rows);
    let Rows { done, error, pages, .. } = rows;
    draft.pages = pages.into_inner();
    if let Some((column, width)) = done.resized
        && let Some(chosen) = draft.widths.get_mut(column)
    {
        *chosen = width.clamp(WIDTHS.0 / 2.0, 4.0 * WIDTHS.1);
    }
    if let Some(error) = error.into_inner() {
        ui.add_space(theme::MARGIN);
        controls::inset(ui, |ui| controls::failure(ui, &error));
    }
    out.extend(done.commands);
}

/// Names the question that the table answers: another one starts at the first row.
fn question(order: &TableOrder) -> u64 {
    let mut hasher = DefaultHasher::new();
    order.hash(&mut hasher);
    hasher.finish()
}

fn columns<'a>(
    entry: &'a TableEntry,
    draft: &Draft,
    sort: Option<TableSort>,
    sortable: &[bool],
) -> Vec<TableColumn<'a>> {
    let column = |(index, column): (usize, &'a crate::session::TableColumn)| TableColumn {
        title: &column.name,
        caption: &column.declared_type,
        width: draft.widths.get(index).copied().unwrap_or(WIDTHS.0),
        least: draft.widths.get(index).copied().unwrap_or(WIDTHS.0),
        right: is_number(&column.declared_type),
        sorted: sort.filter(|sort| sort.column == index).map(|sort| sort.descending),
        sortable: sortable.get(index).copied().unwrap_or_default(),
        fills: false,
    };
    entry.columns.iter().enumerate().map(column).collect()
}

/// Whether a column is declared to hold numbers, as SQLite's rules for affinity have it
/// (<https://sqlite.org/datatype3.html#determination_of_column_affinity>).
fn is_number(declared: &str) -> bool {
    let declared = declared.to_ascii_uppercase();
    ["INT", "REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"].iter().any(|word| declared.contains(word))
        && !["CHAR", "TEXT", "CLOB", "POINT"].iter().any(|word| declared.contains(word))
}

impl Draft {
    /// Makes the columns as wide as their headings and first rows need, within bounds; once, when the rows are there.
    fn measure(&mut self, entry: &TableEntry, session: &Session, order: &TableOrder) {
        if self.measured && self.widths.len() == entry.columns.len() {
            return;
        }
        let page = self.pages.first().cloned().or_else(|| session.table_page(order, 0).value().cloned());
        let titles = entry.columns.iter().map(|column| {
            let caption = column.declared_type.chars().count();
            // Headings are set in a smaller face than values.
            (column.name.chars().count() + if caption > 0 { caption + 3 } else { 0 }) * 4 / 5
        });
        self.widths = titles
            .enumerate()
            .map(|(column, title)| {
                let texts =
                    page.iter().flat_map(|page| page.rows.iter().take(MEASURED)).filter_map(|row| row.get(column));
                width(texts.map(|cell| cell.text.chars().count().min(60)).chain([title]).max().unwrap_or_default())
            })
            .collect();
        self.measured = page.is_some();
    }
}

fn width(characters: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "the heading and at most 60 characters")]
    let wide = characters as f32 * 7.4 + 20.0;
    wide.clamp(WIDTHS.0, WIDTHS.1)
}

/// What was done with the rows.
#[derive(Debug, Default)]
struct Done {
    resized: Option<(usize, f32)>,
    commands: Vec<Command>,
}

struct Rows<'a> {
    session: &'a Session,
    order: &'a TableOrder,
    /// One or two, those of the first and the last row in view.
    pages: RefCell<Vec<Arc<TablePage>>>,
    count: Count,
    sort: Option<TableSort>,
    selected: Option<u64>,
    palette: &'static theme::Palette,
    error: RefCell<Option<Arc<crate::Error>>>,
    done: Done,
}

impl Rows<'_> {
    fn descending(&self) -> bool {
        self.sort.is_some_and(|sort| sort.descending)
    }

    /// The place on screen of a row, and the other way round.
    fn on_screen(&self, row: u64) -> Option<u64> {
        let last = self.count.value.checked_sub(1)?;
        if row > last { None } else { Some(if self.descending() { last - row } else { row }) }
    }

    fn record(&self, number: u64) -> Option<Arc<TableRecord>> {
        self.session.table_row(self.order, number).value().cloned()
    }

    fn offer_links(&mut self, ui: &mut Ui, number: u64, column: usize) {
        let links = self.session.table_links(self.order, number);
        for link in links.value().iter().flat_map(|links| links.iter()).filter(|link| link.column == column) {
            let (title, command) = link_command(link);
            if ui.button(title).clicked() {
                self.done.commands.push(command);
            }
        }
    }
}

/// A row in view: its number in ascending order, and the page that it is on.
struct Row {
    number: u64,
    page: Arc<TablePage>,
    index: usize,
}

impl Row {
    fn cell(&self, column: usize) -> Option<&crate::session::TableCell> {
        self.page.rows.get(self.index)?.get(column)
    }
}

impl TableRows for Rows<'_> {
    type Row = Row;

    fn count(&self) -> u64 {
        self.count.value
    }

    fn want(&self, rows: Range<u64>) {
        let ends = [rows.start, rows.end.max(1) - 1].map(|row| self.on_screen(row));
        let answers: Vec<_> = ends.into_iter().flatten().map(|row| self.session.table_page(self.order, row)).collect();
        *self.error.borrow_mut() = answers.iter().find_map(Loading::error).cloned();
        let pages: Vec<_> = answers.iter().filter_map(Loading::value).cloned().collect();
        if !pages.is_empty() {
            *self.pages.borrow_mut() = pages;
        }
    }

    fn row(&self, number: u64) -> Option<Row> {
        let number = self.on_screen(number)?;
        self.pages.borrow().iter().find_map(|page| {
            let index = usize::try_from(number.checked_sub(page.first)?).ok()?;
            page.rows.get(index)?;
            Some(Row { number, page: Arc::clone(page), index })
        })
    }

    fn cell<'r>(&'r self, row: &'r Row, column: usize) -> Cell<'r> {
        let cell = row.cell(column);
        let color = if cell.is_some_and(|cell| cell.is_null) { self.palette.faint } else { self.palette.text };
        Cell {
            text: cell.map_or("", |cell| cell.text.as_str()).into(),
            color,
            font: theme::mono(),
            dot: None,
            middle: false,
        }
    }

    fn is_selected(&self, _number: u64, row: &Row) -> bool {
        self.selected == Some(row.number)
    }

    fn pressed(&mut self, _number: u64, row: &Row) {
        self.done.commands.push(Command::SelectRow(row.number));
    }

    fn entered(&mut self) {
        self.done.commands.push(if self.selected.is_some() { Command::LookInside } else { Command::OldestEvent });
    }

    fn sort(&mut self, column: usize) {
        self.done.commands.push(Command::SortTable(column));
    }

    fn resize(&mut self, column: usize, width: f32) {
        self.done.resized = Some((column, width));
    }

    fn cell_menu(&mut self, ui: &mut Ui, row: &Row, column: usize) {
        let number = row.number;
        self.offer_links(ui, number, column);
        let record = self.record(number);
        let field = record.as_ref().and_then(|record| record.fields.get(column));
        let whole = field.filter(|field| field.value.unread().is_none());
        if ui.add_enabled(whole.is_some(), egui::Button::new("Copy value")).clicked() {
            self.done.commands.extend(whole.map(|field| Command::CopyText(super::record::plain(&field.value))));
        }
        if ui.add_enabled(record.is_some(), egui::Button::new("Copy row as JSON")).clicked() {
            self.done.commands.extend(record.map(|record| Command::CopyText(super::record::as_json(&record))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_start_within_bounds() {
        assert_eq!((width(0), width(500)), WIDTHS);
    }

    #[test]
    fn numbers_stand_at_the_right_by_what_is_declared() {
        assert!(is_number("INTEGER") && is_number("bigint unsigned") && is_number("REAL"));
        assert!(!is_number("TEXT") && !is_number("VARCHAR(10)") && !is_number("") && !is_number("POINT"));
    }
}
