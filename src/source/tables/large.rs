//! Reads one large value when it is asked for: piece by piece, saying how far it is, and stopped in between.
//!
//! `SELECT` hands out a value whole, and cannot say how far it is. An incremental blob reads any part of it, also of a
//! text (<https://sqlite.org/c3ref/blob_open.html>), where the value is a column of a table with rowids. Elsewhere the
//! value is read in one go.

use std::sync::Arc;

use super::key_columns;
use crate::error::{Error, Result};
use crate::event::{Position, StorageClass};
use crate::filter::Root;
use crate::profile::Field;
use crate::profile::schema::{Table, find, quoted};
use crate::source::Source;
use crate::source::bound::equal;
use crate::source::layout::rowid_name;
use crate::source::query::Query;
use crate::source::value::Stored;

/// How much is read between two looks at whether it is still wanted.
const PIECE: usize = 1 << 20;

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValuePlace {
    /// In an event, its data or its metadata.
    Event(Position, Root),
    /// In a table.
    Table {
        /// The table.
        table: String,
        /// The column, by its place.
        column: usize,
        /// The row's key: see [`GlancedRow::key`](super::GlancedRow::key).
        key: Vec<Stored>,
    },
}

/// A value that was read whole.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedValue {
    /// How it is stored.
    pub storage: StorageClass,
    /// Its bytes.
    pub raw: Arc<[u8]>,
}

/// A column of a row in a table with rowids.
struct Cell<'a> {
    table: &'a str,
    column: &'a str,
    rowid: i64,
}

impl Source {
    /// Reads a value whole. `on` is told how many of its bytes are read, and how many it has.
    pub fn load_value(&self, place: &ValuePlace, on: &mut dyn FnMut(u64, u64)) -> Result<LoadedValue> {
        match place {
            ValuePlace::Event(position, root) => self.load_payload(*position, *root, on),
            ValuePlace::Table { table, column, key } => self.load_field(self.table(table)?, *column, key, on),
        }
    }

    fn load_field(
        &self,
        table: &Table,
        column: usize,
        key: &[Stored],
        on: &mut dyn FnMut(u64, u64),
    ) -> Result<LoadedValue> {
        let Some(column) = table.columns.get(column) else {
            return Err(Error::not_found(format!("{} has no such column", table.name)));
        };
        let columns = key_columns(table);
        if columns.is_empty() || columns.len() != key.len() {
            return Err(Error::bad_input(format!("a row of {} has no key by which it can be found again", table.name))
                .with_hint("Query the view's tables instead: their rows can be read whole."));
        }
        if let ([Stored::Integer(rowid)], Some(_), false) = (key, rowid_name(table), column.generated) {
            return self.by_pieces(&Cell { table: &table.name, column: &column.name, rowid: *rowid }, on);
        }
        let mut query = Query::new(format!("SELECT {} FROM {} WHERE ", quoted(&column.name), quoted(&table.name)));
        query.append(&equal(&columns, key));
        self.at_once(&query, on)
    }

    fn load_payload(&self, position: Position, root: Root, on: &mut dyn FnMut(u64, u64)) -> Result<LoadedValue> {
        let layout = self.layout()?;
        let field = if root == Root::Data { Some(&layout.mapping.data) } else { layout.mapping.metadata.as_ref() };
        let field = field.ok_or_else(|| Error::not_found("such events have no metadata"))?;
        if let Some((table, column)) = self.stored_as_is(field)
            && let Some(rowid) = rowid_name(table)
            && let Some(Stored::Integer(rowid)) = self.one(&self.at_position(position, rowid)?)?
        {
            return self.by_pieces(&Cell { table: &table.name, column, rowid }, on);
        }
        self.at_once(&self.at_position(position, &format!("({})", field.sql))?, on)
    }

    /// The column that a field is, where it is nothing but a column of the events' one table.
    fn stored_as_is<'s>(&'s self, field: &Field) -> Option<(&'s Table, &'s str)> {
        let layout = self.shared.layout.as_ref().filter(|layout| layout.is_one_table())?;
        let table = find(&self.shared.tables, &layout.mapping.table)?;
        let column = table.column(field.sql.trim_matches('"'))?;
        (!column.generated).then_some((table, column.name.as_str()))
    }

    /// An expression of the event at a position.
    fn at_position(&self, position: Position, expression: &str) -> Result<Query> {
        let layout = self.layout()?;
        let mut query = layout.select_only(&[expression.to_owned()]);
        if layout.has_positions() {
            query.push(" AND ").append(&equal(&layout.order, &[Stored::Integer(position)]));
            return Ok(query);
        }
        let row = u64::try_from(position.saturating_sub(1)).unwrap_or_default();
        let anchor = self.rows().locate(row).unwrap_or_default();
        if !anchor.values.is_empty() {
            query.push(" AND ").append(&crate::source::bound::bound(
                &layout.order,
                crate::source::bound::Side::From,
                &anchor.values,
            ));
        }
        query.push(" ORDER BY ").push(&layout.order.join(", ")).push(" LIMIT 1 OFFSET ");
        query.bind(i64::try_from(row.saturating_sub(anchor.row)).unwrap_or(i64::MAX));
        Ok(query)
    }

    fn by_pieces(&self, cell: &Cell<'_>, on: &mut dyn FnMut(u64, u64)) -> Result<LoadedValue> {
        let storage = self.storage_class(cell)?;
        let blob = self.conn.blob_open("main", cell.table, cell.column, cell.rowid, true)?;
        // Filled in place: a vector would be copied to become shared.
        let mut raw: Arc<[u8]> = std::iter::repeat_n(0, blob.len()).collect();
        let size = blob.len() as u64;
        let mut read = 0;
        for piece in Arc::get_mut(&mut raw).unwrap_or_default().chunks_mut(PIECE) {
            self.check()?;
            blob.read_at_exact(piece, read)?;
            read += piece.len();
            on(read as u64, size);
        }
        Ok(LoadedValue { storage, raw })
    }

    fn storage_class(&self, cell: &Cell<'_>) -> Result<StorageClass> {
        let mut query = Query::new(format!("SELECT typeof({}) FROM {}", quoted(cell.column), quoted(cell.table)));
        let table = self.table(cell.table)?;
        query.push(" WHERE ").append(&equal(&key_columns(table), &[Stored::Integer(cell.rowid)]));
        let text = self.one(&query)?.is_some_and(|kind| kind == Stored::text("text"));
        Ok(if text { StorageClass::Text } else { StorageClass::Blob })
    }

    fn at_once(&self, query: &Query, on: &mut dyn FnMut(u64, u64)) -> Result<LoadedValue> {
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let row = rows.next()?.ok_or_else(|| {
            Error::not_found("the row is gone").with_hint("The file was changed meanwhile: read it again.")
        })?;
        let (storage, raw): (StorageClass, Arc<[u8]>) = match row.get_ref(0)? {
            rusqlite::types::ValueRef::Text(bytes) => (StorageClass::Text, bytes.into()),
            rusqlite::types::ValueRef::Blob(bytes) => (StorageClass::Blob, bytes.into()),
            other => (StorageClass::Text, Stored::from(other).to_string().into_bytes().into()),
        };
        on(raw.len() as u64, raw.len() as u64);
        Ok(LoadedValue { storage, raw })
    }
}
