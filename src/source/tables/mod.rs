//! Reads tables as they are: what is beside the events, and all there is in a database that nothing recognises.
//!
//! Nothing here is read unless it is asked for by name: tables beside the events can hold secrets. [`Source::tables`]
//! looks at the schema only.

mod checkpoints;
mod definition;
mod large;
mod links;
mod mentions;
mod rows;

use std::time::Duration;

use super::Source;
use super::bound::{Side, bound};
use super::keys::key_of;
use super::layout::rowid_name;
use super::query::Query;
use super::value::Stored;
use crate::error::{Error, ErrorKind, Result};
use crate::profile::schema::{Table, TableKind, find, quoted};
use crate::profile::{ReadModelMapping, Role};

pub use checkpoints::Checkpoint;
pub use definition::Definition;
pub use large::{LoadedValue, ValuePlace};
pub use links::{Link, Target};
pub use mentions::Mention;
pub use rows::{GlancedRow, Glimpse, TableOrder};

/// How long the rows of a view are counted.
const PATIENCE: Duration = Duration::from_secs(1);

fn endless(view: &str) -> Error {
    let message = format!("the rows of the view {view} were not counted within {} s", PATIENCE.as_secs());
    Error::new(ErrorKind::Busy, message).with_hint("There may be no end of them: look at how it is defined.")
}

/// A table or view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Table or view.
    pub kind: TableKind,
    /// What it is for, where the profile says it. Without a role it is no part of the event store.
    pub role: Option<Role>,
    /// What it is for, in words: "snapshots", "read model of order".
    pub about: Option<String>,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// The statement that made it, as stored.
    pub ddl: Option<String>,
}

/// A column of a table or view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its declared type as it is written; what is stored may be of another.
    pub declared_type: String,
}

/// Where a page of a table begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TableStart<'a> {
    /// At a row, counted from 0. The rows before it are walked over.
    Row(u64),
    /// After the row with this key: see [`TableRow::key`]. As fast at the end of a table as at its beginning.
    After(&'a [Stored]),
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Its rowid or primary key; empty for a view, whose rows have none.
    pub key: Vec<Stored>,
    /// Its values, column by column.
    pub values: Vec<Stored>,
}

impl Source {
    /// The tables and views, in the order of their names.
    #[must_use]
    pub fn tables(&self) -> Vec<TableInfo> {
        let info = |table: &Table| TableInfo {
            name: table.name.clone(),
            kind: table.kind,
            role: self.role(table),
            about: self.role(table).map(|role| self.about(table, role)),
            columns: table.columns.iter().map(column).collect(),
            ddl: table.ddl.clone(),
        };
        self.shared.tables.iter().map(info).collect()
    }

    /// How many rows a table has. Reads all of it: see [`Source::index_table`] for what can be watched and stopped.
    pub fn table_len(&self, name: &str) -> Result<u64> {
        let table = self.table(name)?;
        let query = Query::new(format!("SELECT count(*) FROM {}", quoted(&table.name)));
        // The rows of a table are in the file; those of a view are made as they are asked for, and need have no end.
        let count = if table.kind == TableKind::View {
            self.within(PATIENCE, || self.one(&query))?.ok_or_else(|| endless(name))?
        } else {
            self.one(&query)?
        };
        Ok(count.and_then(|count| count.as_integer()).unwrap_or_default().unsigned_abs())
    }

    /// At most `limit` rows of a table with all of their values, in the order of its key.
    pub fn table_page(&self, name: &str, start: TableStart<'_>, limit: usize) -> Result<Vec<TableRow>> {
        let table = self.table(name)?;
        let key = key_columns(table);
        let query = page_query(table, &key, start, limit)?;
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            let values = key_of(row, key.len(), table.columns.len())?;
            page.push(TableRow { key: key_of(row, 0, key.len())?, values });
        }
        Ok(page)
    }

    /// What tells the rows of a table apart; nothing for a view.
    pub(in crate::source) fn row_key(&self, name: &str) -> Result<Vec<String>> {
        Ok(key_columns(self.table(name)?))
    }

    fn table(&self, name: &str) -> Result<&Table> {
        find(&self.shared.tables, name).ok_or_else(|| {
            let names: Vec<_> = self.shared.tables.iter().map(|table| table.name.as_str()).collect();
            Error::not_found(format!("there is no table {name}")).with_hint(format!("There are {}.", names.join(", ")))
        })
    }

    /// What a table is for, in words.
    fn about(&self, table: &Table, role: Role) -> String {
        let model = self.detection().and_then(|found| found.profile.read_model(&table.name));
        model.filter(|_| role == Role::Projections).map_or_else(|| role.to_string(), ReadModelMapping::words)
    }

    /// What a table is for. Those that the events are joined from are part of the events.
    pub(super) fn role(&self, table: &Table) -> Option<Role> {
        let profile = &self.detection()?.profile;
        let joined = || names(&profile.events.from, &table.name).then_some(Role::Events);
        profile.role(&table.name).or_else(joined)
    }
}

fn column(column: &crate::profile::schema::Column) -> TableColumn {
    TableColumn { name: column.name.clone(), declared_type: column.declared_type.clone() }
}

/// Whether SQL has a name in it as a word of its own.
fn names(sql: &str, name: &str) -> bool {
    sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word.eq_ignore_ascii_case(name))
}

/// What tells the rows of a table apart: its rowid or its primary key; nothing for a view.
fn key_columns(table: &Table) -> Vec<String> {
    match rowid_name(table) {
        Some(rowid) => vec![rowid.to_owned()],
        None => table.primary_key().iter().map(|column| quoted(&column.name)).collect(),
    }
}

fn page_query(table: &Table, key: &[String], start: TableStart<'_>, limit: usize) -> Result<Query> {
    let listed = key.iter().cloned().chain(table.columns.iter().map(|column| quoted(&column.name)));
    let listed = listed.collect::<Vec<_>>().join(", ");
    let mut query = Query::new(format!("SELECT {listed} FROM {}", quoted(&table.name)));
    if listed.is_empty() {
        return Err(without_columns(table));
    }
    if let TableStart::After(after) = start {
        if after.len() != key.len() || key.is_empty() {
            return Err(Error::bad_input(format!("this is no key of a row of {}", table.name)));
        }
        query.push(" WHERE ").append(&bound(key, Side::After, after));
    }
    if !key.is_empty() {
        query.push(" ORDER BY ").push(&key.join(", "));
    }
    query.push(" LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    if let TableStart::Row(row) = start {
        query.push(" OFFSET ").bind(i64::try_from(row).unwrap_or(i64::MAX));
    }
    Ok(query)
}

/// A view over something that is not there has no columns.
fn without_columns(table: &Table) -> Error {
    Error::bad_input(format!("SQLite cannot say what columns {} has", table.name))
        .with_hint("A view over a table that is gone looks like this. Its definition can still be read.")
}

#[cfg(test)]
mod tests;
