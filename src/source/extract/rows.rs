//! Rows, from one file into the other.

use rusqlite::{Connection, params_from_iter};

use super::super::Source;
use super::super::layout::rowid_name;
use super::super::value::Stored;
use crate::error::Result;
use crate::profile::schema::{Table, quoted};

/// Copies rows.
pub(super) struct Copier<'c> {
    /// Where they are.
    pub source: &'c Source,
    /// Where they go.
    pub target: &'c Connection,
}

impl Copier<'_> {
    /// Copies the rows that have these values in these columns, which are SQL; those that are there already stay. Answers
    /// with how many were not. What refers to nothing finds nothing.
    pub(super) fn copy(&self, table: &Table, columns: &[String], values: &[Stored]) -> Result<usize> {
        if values.is_empty() || values.iter().any(Stored::is_null) {
            return Ok(0);
        }
        let conditions: Vec<String> = columns.iter().map(|column| format!("{column} = ?")).collect();
        self.copy_where(table, &conditions.join(" AND "), values)
    }

    /// Copies all rows.
    pub(super) fn copy_all(&self, table: &Table) -> Result<usize> {
        self.copy_where(table, "1", &[])
    }

    fn copy_where(&self, table: &Table, condition: &str, values: &[Stored]) -> Result<usize> {
        let columns = columns(table);
        let (name, list) = (quoted(&table.name), columns.join(", "));
        let mut select = self.source.conn.prepare_cached(&format!("SELECT {list} FROM {name} WHERE {condition}"))?;
        let places = vec!["?"; columns.len()].join(", ");
        let insert = format!("INSERT OR IGNORE INTO {name} ({list}) VALUES ({places})");
        let mut insert = self.target.prepare_cached(&insert)?;
        let mut rows = select.query(params_from_iter(values))?;
        let mut copied = 0;
        while let Some(row) = rows.next()? {
            let row: Vec<Stored> = (0..columns.len())
                .map(|index| row.get_ref(index).map(Stored::from))
                .collect::<rusqlite::Result<_>>()?;
            copied += insert.execute(params_from_iter(&row))?;
        }
        Ok(copied)
    }

    /// The different values that some columns, which are SQL, have in the rows that are there by now.
    pub(super) fn values(&self, table: &Table, columns: &[String]) -> Result<Vec<Vec<Stored>>> {
        let list = columns.join(", ");
        let mut select = self.target.prepare(&format!("SELECT DISTINCT {list} FROM {}", quoted(&table.name)))?;
        let values = select.query_map([], |row| {
            (0..columns.len()).map(|index| row.get_ref(index).map(Stored::from)).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(values.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a table has at most so many rows.
    pub(super) fn has_at_most(&self, table: &Table, rows: i64) -> Result<bool> {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT ?)", quoted(&table.name));
        let found: i64 = self.source.conn.query_row(&sql, [rows + 1], |row| row.get(0))?;
        Ok(found <= rows)
    }
}

/// What is copied of a row: its rowid, where no column is another name of it, and its columns but for computed ones.
fn columns(table: &Table) -> Vec<String> {
    let rowid = rowid_name(table).filter(|_| table.rowid_alias().is_none()).map(str::to_owned);
    let stored = table.columns.iter().filter(|column| !column.generated).map(|column| quoted(&column.name));
    rowid.into_iter().chain(stored).collect()
}
