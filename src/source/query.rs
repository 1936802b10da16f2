//! A statement and its parameters, put together piece by piece so that they cannot get out of step.

use rusqlite::{CachedStatement, Connection, Rows, params_from_iter};

use super::value::Stored;
use crate::error::Result;

/// A statement under construction.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query {
    sql: String,
    values: Vec<Stored>,
}

impl Query {
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    /// Adds SQL that brings no parameter.
    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a parameter.
    pub fn bind(&mut self, value: impl Into<Stored>) -> &mut Self {
        self.sql.push('?');
        self.values.push(value.into());
        self
    }

    /// Adds another piece with its parameters.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.sql.push_str(&other.sql);
        self.values.extend(other.values.iter().cloned());
        self
    }

    /// Adds parameters with a comma between them.
    pub fn bind_list(&mut self, values: impl IntoIterator<Item = impl Into<Stored>>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    pub fn sql(&self) -> &str {
        &self.sql
    }

    pub fn is_empty(&self) -> bool {
        self.sql.is_empty()
    }

    pub fn prepare<'c>(&self, conn: &'c Connection) -> Result<CachedStatement<'c>> {
        Ok(conn.prepare_cached(&self.sql)?)
    }

    pub fn rows<'s>(&self, statement: &'s mut CachedStatement<'_>) -> Result<Rows<'s>> {
        Ok(statement.query(params_from_iter(&self.values))?)
    }

    /// Whether SQLite would answer through an index or by key, and without sorting.
    pub fn is_indexed(&self, conn: &Connection) -> Result<bool> {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", self.sql))?;
        let mut rows = statement.query(params_from_iter(&self.values))?;
        while let Some(row) = rows.next()? {
            let detail = row.get_ref("detail")?.as_bytes().unwrap_or_default();
            let says = |word: &str| memchr::memmem::find(detail, word.as_bytes()).is_some();
            if says("TEMP B-TREE") || says("SCAN") && !says("INDEX") {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
