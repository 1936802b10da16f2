//! The rows of the event table: each column's text, how it looks, and what pressing it does.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use egui::{Color32, FontId, Ui};

use super::super::theme::{self, Palette};
use super::super::widgets::{Cell, TableRows};
use super::super::{controls, moment};
use super::cell_menu;
use super::text::text;
use crate::model::{Bookmark, Column, Command, MarkKind, TimeMode, ViewState};
use crate::session::{EventRow, Rows, Session};

/// How wide a letter of the monospaced face is, and what lies beside the text of a cell, in points.
pub(super) const LETTER: f32 = 7.2;
pub(super) const BESIDE: f32 = 16.0;
/// What is written of `2026-03-14 12:04:01.912` where the date is: as much of it as there is room for.
const DATED: [std::ops::Range<usize>; 4] = [0..23, 0..19, 0..16, 5..16];

/// A row with its number.
pub(super) type NumberedRow = (u64, Arc<EventRow>);

/// The rows, and where commands go.
pub(super) struct EventRows<'a> {
    session: &'a Session,
    rows: Rows<'a>,
    view: &'a ViewState,
    columns: &'a [Column],
    /// The first row that is wholly in view: it says which day it is.
    first: u64,
    palette: &'static Palette,
    out: &'a mut Vec<Command>,
}

impl<'a> EventRows<'a> {
    pub(super) fn new(ui: &Ui, view: &'a ViewState, session: &'a Session, out: &'a mut Vec<Command>) -> Self {
        let palette = theme::palette(ui);
        Self { session, rows: session.rows(), view, columns: view.columns.shown(), first: 0, palette, out }
    }

    /// The bookmark on a row's event, where bookmarks are marked.
    fn bookmark(&self, row: &EventRow) -> Option<&'a Bookmark> {
        let shown = self.view.marks.shows(MarkKind::Bookmarks);
        self.view.noted.bookmark(&row.stream, row.version).filter(|_| shown)
    }

    fn column(&self, index: usize) -> Column {
        self.columns.get(index).copied().unwrap_or(Column::Data)
    }

    /// The time within its day, and with its date in the first row in view and where the date changes. Answers whether
    /// it has its date because of that.
    fn time<'r>(&self, (number, row): &'r NumberedRow) -> (Cow<'r, str>, bool) {
        if self.view.time_mode == TimeMode::Relative {
            let relative = row.timestamp.as_ref().map(|at| moment::clock(at, TimeMode::Relative));
            return (relative.unwrap_or_default().into(), false);
        }
        let text = self.stored_time(row);
        let Some((date, clock)) = text.split_once(' ').filter(|_| is_readable(row)) else {
            return (text.into(), false);
        };
        let fitting = (self.view.columns.width(Column::Time) - BESIDE) / LETTER;
        #[expect(clippy::cast_precision_loss, reason = "a time has few letters")]
        let fits = |range: &std::ops::Range<usize>| range.len() as f32 <= fitting + 0.01;
        if fits(&DATED[0]) {
            return (text.into(), false);
        }
        if *number != self.first && !self.begins_day(*number, date) {
            return (clock.into(), false);
        }
        let dated = DATED.into_iter().find(fits).and_then(|range| text.get(range));
        (dated.unwrap_or(date).into(), true)
    }

    /// Whether the row above is of another day; where that is not read yet, it is not said.
    fn begins_day(&self, number: u64, date: &str) -> bool {
        let above = number.checked_sub(1).and_then(|above| self.rows.get(above)).filter(|above| is_readable(above));
        above.is_some_and(|above| self.stored_time(&above).split_once(' ').is_some_and(|(other, _)| other != date))
    }

    fn stored_time<'r>(&self, row: &'r EventRow) -> &'r str {
        if self.view.time_mode == TimeMode::Local { &row.time_local } else { &row.time_utc }
    }

    /// How the texts of a column look: what names a thing is strong, the rest accompanies it.
    fn look(&self, column: Column) -> (Color32, FontId) {
        match column {
            Column::Type => (self.palette.text, theme::text()),
            Column::Stream => (self.palette.text, theme::mono()),
            _ => (self.palette.dim, theme::mono()),
        }
    }
}

impl TableRows for EventRows<'_> {
    type Row = NumberedRow;

    fn count(&self) -> u64 {
        self.rows.len().value
    }

    fn want(&self, rows: Range<u64>) {
        self.session.want_rows(rows);
    }

    fn first_whole(&mut self, row: u64) {
        self.first = row;
    }

    fn row(&self, number: u64) -> Option<NumberedRow> {
        self.rows.get(number).map(|row| (number, row))
    }

    fn cell<'r>(&'r self, numbered: &'r NumberedRow, column: usize) -> Cell<'r> {
        let (column, row) = (self.column(column), &numbered.1);
        let (mut color, font) = self.look(column);
        let text = match column {
            Column::Time => {
                let (text, dated) = self.time(numbered);
                color = if dated { self.palette.text } else { color };
                text
            }
            other => text(row, other).into(),
        };
        let dot = (column == Column::Type).then(|| theme::event_type_color(&row.event_type, self.palette.dark));
        let middle = matches!(column, Column::Stream | Column::EventId | Column::Correlation | Column::Causation);
        Cell { text, color, font, dot, middle }
    }

    fn is_selected(&self, _number: u64, (_, row): &NumberedRow) -> bool {
        self.view.place.event == Some(row.position)
    }

    fn flag(&self, (_, row): &NumberedRow) -> Option<String> {
        let bookmark = self.bookmark(row)?;
        Some(match bookmark.note.trim() {
            "" => "You set a bookmark here.".to_owned(),
            note => format!("Your bookmark: {note}"),
        })
    }

    fn tooltip(&self, numbered: &NumberedRow, column: usize) -> Option<String> {
        let (_, row) = numbered;
        if let Some(says) = self.flag(numbered).filter(|_| column == 0) {
            return Some(says);
        }
        match self.column(column) {
            Column::Time => {
                let at = row.timestamp.as_ref()?;
                let utc = moment::full(at, TimeMode::Utc);
                let local = (self.view.time_mode == TimeMode::Local).then(|| moment::full(at, TimeMode::Local) + "\n");
                Some(format!("{}{utc}\nStored as {}", local.unwrap_or_default(), at.stored))
            }
            Column::Stream if !row.stream.aggregate_type.is_empty() => Some(row.stream_text.clone()),
            _ => None,
        }
    }

    fn pressed(&mut self, _number: u64, (_, row): &NumberedRow) {
        self.out.push(Command::SelectEvent(row.position));
    }

    fn entered(&mut self) {
        let selected = self.view.place.event.is_some();
        self.out.push(if selected { Command::LookInside } else { Command::OldestEvent });
    }

    fn menu_column(&self) -> usize {
        self.columns.iter().position(|column| *column == Column::Type).unwrap_or_default()
    }

    fn sort(&mut self, column: usize) {
        self.out.push(Command::Sort(self.column(column)));
    }

    fn resize(&mut self, column: usize, width: f32) {
        self.out.push(Command::SetColumnWidth((self.column(column), width)));
    }

    fn cell_menu(&mut self, ui: &mut Ui, (_, row): &NumberedRow, column: usize) {
        let bookmark = self.view.noted.bookmark(&row.stream, row.version);
        cell_menu::show(ui, row, self.column(column), bookmark, self.out);
    }

    fn columns_menu(&mut self) -> Option<impl FnOnce(&mut Ui)> {
        let (view, out) = (self.view, &mut *self.out);
        Some(move |ui: &mut Ui| choose_columns(ui, view, out))
    }
}

/// Whether the stored time is a moment.
fn is_readable(row: &EventRow) -> bool {
    row.timestamp.as_ref().is_some_and(|at| at.utc.is_some())
}

fn choose_columns(ui: &mut Ui, view: &ViewState, out: &mut Vec<Command>) {
    ui.set_min_width(150.0);
    ui.label(controls::faint(ui, "Columns"));
    // In a menu a box that is not ticked has no edge to be seen by.
    let palette = theme::palette(ui);
    let unticked = &mut ui.visuals_mut().widgets.inactive;
    (unticked.bg_fill, unticked.bg_stroke.width, unticked.bg_stroke.color) = (palette.bg, 1.0, palette.faint);
    for column in Column::ALL {
        let mut shown = view.columns.shows(column);
        if ui.checkbox(&mut shown, column.title()).clicked() {
            out.push(Command::ToggleColumn(column));
        }
    }
    ui.separator();
    if ui.button("Reset columns").clicked() {
        out.push(Command::ResetColumns);
        ui.close();
    }
}
