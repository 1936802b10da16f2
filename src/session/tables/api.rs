//! What a session answers about the tables of the file as they are.

use std::sync::Arc;

use super::{Large, TablePage, TableRecord, Tables};
use crate::event::StreamName;
use crate::session::{Count, Definition, Link, Loading, Mention, Session, TableOrder, ValuePlace};

/// Nothing is read of a table outside the event store before it is asked for: see
/// [`Session::may_read`].
impl Session {
    /// Whether the rows of a table may be read: those of the event store, those that a person asked for with
    /// [`Session::show_table`], and all of a file that is no event store.
    #[must_use]
    pub fn may_read(&self, table: &str) -> bool {
        let Some(overview) = &self.overview else { return false };
        let known = overview.tables.iter().any(|entry| *entry.name == *table && entry.role.is_some());
        known || !overview.has_events() || self.parts.as_ref().is_some_and(|parts| parts.tables.is_shown(table))
    }

    /// Lets the rows of a table be read that is no part of the event store, for as long as the file is open.
    pub fn show_table(&mut self, table: &str) {
        if let Some(parts) = &mut self.parts {
            parts.tables.show(table);
        }
    }

    /// How many rows a table has, as far as they are counted.
    #[must_use]
    pub fn table_rows(&self, order: &TableOrder) -> Loading<Count> {
        self.readable(order).map(|tables| tables.count(order)).unwrap_or_default()
    }

    /// The page of a table that holds a row.
    #[must_use]
    pub fn table_page(&self, order: &TableOrder, row: u64) -> Loading<Arc<TablePage>> {
        self.readable(order).map(|tables| tables.page(order, row)).unwrap_or_default()
    }

    /// One row of a table with its values.
    #[must_use]
    pub fn table_row(&self, order: &TableOrder, row: u64) -> Loading<Arc<TableRecord>> {
        self.readable(order).map(|tables| tables.row(order, row)).unwrap_or_default()
    }

    /// The streams and events that a row names.
    #[must_use]
    pub fn table_links(&self, order: &TableOrder, row: u64) -> Loading<Arc<Vec<Link>>> {
        self.readable(order).map(|tables| tables.links(order, row)).unwrap_or_default()
    }

    /// Which columns a table can be sorted by.
    #[must_use]
    pub fn sortable(&self, table: &str) -> Loading<Arc<Vec<bool>>> {
        let parts = self.ready().filter(|_| self.may_read(table));
        parts.map(|parts| parts.tables.sortable(table)).unwrap_or_default()
    }

    /// The statements that made a table. They are no rows, and need no asking.
    #[must_use]
    pub fn definition(&self, table: &str) -> Loading<Arc<Definition>> {
        self.ready().map(|parts| parts.tables.definition(table)).unwrap_or_default()
    }

    /// The rows of other tables that name a stream.
    #[must_use]
    pub fn mentions(&self, stream: &StreamName) -> Loading<Arc<Vec<Mention>>> {
        self.ready().map(|parts| parts.tables.mentions(stream)).unwrap_or_default()
    }

    /// A value that was left unread because it is large, as far as it was asked for.
    #[must_use]
    pub fn large(&self, place: &ValuePlace) -> Large {
        self.ready().map(|parts| parts.tables.large(place)).unwrap_or_default()
    }

    /// Has a large value read. One is kept at a time.
    pub fn load(&mut self, place: ValuePlace) {
        if let Some(parts) = self.ready() {
            parts.tables.load(place);
        }
    }

    fn readable(&self, order: &TableOrder) -> Option<&Tables> {
        self.ready().filter(|_| self.may_read(&order.table)).map(|parts| &parts.tables)
    }
}
