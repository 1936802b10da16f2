//! Going through the rows of tables other than that of the events, and having large values read.

use super::App;
use crate::filter::Root;
use crate::model::TableView;
use crate::session::{TableOrder, ValuePlace};

impl App {
    /// Shows a table in place of the events, at a row of it where one is named.
    pub(super) fn show_table(&mut self, table: String, row: Option<u64>) {
        self.go(|place| {
            place.table = Some(table);
            place.table_view = TableView { row, ..TableView::default() };
        });
    }

    /// Selects the row of the table that is `rows` below the selected one, as it stands on screen.
    pub(super) fn move_table_rows(&mut self, rows: i64) {
        let Some(count) = self.table_rows().filter(|count| *count > 0) else { return };
        let view = &mut self.view.place.table_view;
        let rows = if view.is_descending() { rows.saturating_neg() } else { rows };
        let first = if view.is_descending() { count - 1 } else { 0 };
        let row = view.row.map_or(first, |row| row.saturating_add_signed(rows));
        view.row = Some(row.min(count - 1));
    }

    /// Selects the first or the last row of the table, as it stands on screen.
    pub(super) fn select_table_end(&mut self, last: bool) {
        let Some(count) = self.table_rows().filter(|count| *count > 0) else { return };
        let view = &mut self.view.place.table_view;
        view.row = Some(if last == view.is_descending() { 0 } else { count - 1 });
    }

    /// Has the whole of the selected event's data or metadata read.
    pub(super) fn load_payload(&mut self, root: Root) {
        if let Some(position) = self.view.place.event {
            self.with_session(|session| session.load(ValuePlace::Event(position, root)));
        }
    }

    /// Has the whole of a value of the selected row read.
    pub(super) fn load_field(&mut self, field: usize) {
        let Some((order, row)) = self.table_order().zip(self.view.place.table_view.row) else { return };
        let record = self.session.as_ref().and_then(|session| session.table_row(&order, row).value().cloned());
        if let Some(field) = record.as_ref().and_then(|record| record.fields.get(field)) {
            self.with_session(|session| session.load(field.place.clone()));
        }
    }

    fn table_rows(&self) -> Option<u64> {
        let order = self.table_order()?;
        Some(self.session.as_ref()?.table_rows(&order).value()?.value)
    }

    fn table_order(&self) -> Option<TableOrder> {
        let place = &self.view.place;
        let column = place.table_view.sort.map(|sort| sort.column);
        place.table.clone().map(|table| TableOrder { table, column })
    }
}
