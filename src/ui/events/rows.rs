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
use crate::model::{Column, Command, TimeMode, ViewState};
use crate::session::{EventRow, Rows, Session};

/// The width from which the time is written with its date, in points.
const DATED: f32 = 176.0;

/// The rows, and where commands go.
pub(super) struct EventRows<'a> {
    session: &'a Session,
    rows: Rows<'a>,
    view: &'a ViewState,
    columns: &'a [Column],
    palette: &'static Palette,
    out: &'a mut Vec<Command>,
}

impl<'a> EventRows<'a> {
    pub(super) fn new(ui: &Ui, view: &'a ViewState, session: &'a Session, out: &'a mut Vec<Command>) -> Self {
        let palette = theme::palette(ui);
        Self { session, rows: session.rows(), view, columns: view.columns.shown(), palette, out }
    }

    fn column(&self, index: usize) -> Column {
        self.columns.get(index).copied().unwrap_or(Column::Data)
    }

    fn time<'r>(&self, row: &'r EventRow) -> Cow<'r, str> {
        let text = match self.view.time_mode {
            TimeMode::Utc => &row.time_utc,
            TimeMode::Local => &row.time_local,
            TimeMode::Relative => {
                return row
                    .timestamp
                    .as_ref()
                    .map_or_else(Default::default, |at| moment::clock(at, TimeMode::Relative).into());
            }
        };
        let dated = self.view.columns.width(Column::Time) >= DATED;
        let readable = row.timestamp.as_ref().is_some_and(|at| at.utc.is_some());
        let clock = text.split_once(' ').map(|(_, clock)| clock).filter(|_| readable && !dated);
        clock.unwrap_or(text).into()
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
    type Row = Arc<EventRow>;

    fn count(&self) -> u64 {
        self.rows.len().value
    }

    fn want(&self, rows: Range<u64>) {
        self.session.want_rows(rows);
    }

    fn row(&self, number: u64) -> Option<Arc<EventRow>> {
        self.rows.get(number)
    }

    fn cell<'r>(&'r self, row: &'r Arc<EventRow>, column: usize) -> Cell<'r> {
        let column = self.column(column);
        let text = match column {
            Column::Time => self.time(row),
            other => text(row, other).into(),
        };
        let (color, font) = self.look(column);
        let dot = (column == Column::Type).then(|| theme::event_type_color(&row.event_type, self.palette.dark));
        Cell { text, color, font, dot }
    }

    fn is_selected(&self, _number: u64, row: &Arc<EventRow>) -> bool {
        self.view.place.event == Some(row.position)
    }

    fn tooltip(&self, row: &Arc<EventRow>, column: usize) -> Option<String> {
        match self.column(column) {
            Column::Time => {
                let at = row.timestamp.as_ref()?;
                Some(format!("{}\nStored as {}", moment::full(at, TimeMode::Utc), at.stored))
            }
            Column::Stream if !row.stream.aggregate_type.is_empty() => Some(row.stream_text.clone()),
            _ => None,
        }
    }

    fn pressed(&mut self, _number: u64, row: &Arc<EventRow>) {
        self.out.push(Command::SelectEvent(row.position));
    }

    fn sort(&mut self, column: usize) {
        self.out.push(Command::Sort(self.column(column)));
    }

    fn resize(&mut self, column: usize, width: f32) {
        self.out.push(Command::SetColumnWidth((self.column(column), width)));
    }

    fn cell_menu(&mut self, ui: &mut Ui, row: &Arc<EventRow>, column: usize) {
        cell_menu::show(ui, row, self.column(column), self.out);
    }

    fn columns_menu(&mut self) -> Option<impl FnOnce(&mut Ui)> {
        let (view, out) = (self.view, &mut *self.out);
        Some(move |ui: &mut Ui| choose_columns(ui, view, out))
    }
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
