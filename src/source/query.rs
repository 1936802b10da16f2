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

    /// Adds the values of parameters that the SQL already names.
    pub fn with_values(mut self, values: impl IntoIterator<Item = impl Into<Stored>>) -> Self {
        self.values.extend(values.into_iter().map(Into::into));
        self
    }

    /// Whether it is the same statement, with other values perhaps.
    pub fn is_alike(&self, other: &Self) -> bool {
        self.sql == other.sql
    }

    pub fn prepare<'c>(&self, conn: &'c Connection) -> Result<CachedStatement<'c>> {
        Ok(conn.prepare_cached(&self.sql)?)
    }

    pub fn rows<'s>(&self, statement: &'s mut CachedStatement<'_>) -> Result<Rows<'s>> {
        Ok(statement.query(params_from_iter(&self.values))?)
    }

    /// Whether SQLite would read rows in the order of an index, without sorting.
    pub fn is_indexed(&self, conn: &Connection) -> Result<bool> {
        Ok(self
            .plan(conn)?
            .iter()
            .all(|step| !step.contains("TEMP B-TREE") && (!step.starts_with("SCAN") || step.contains("INDEX"))))
    }

    /// Whether SQLite would read every row and sort them before it gives the first.
    pub fn sorts(&self, conn: &Connection) -> Result<bool> {
        Ok(self.plan(conn)?.iter().any(|step| step.contains("TEMP B-TREE")))
    }

    /// Whether SQLite would go straight to the rows through an index, rather than walk over a table or part of it.
    pub fn finds_by_index(&self, conn: &Connection) -> Result<bool> {
        Ok(self.plan(conn)?.iter().all(|step| {
            !step.starts_with("SCAN")
                && (!step.starts_with("SEARCH") || step.contains("INDEX ") && !step.contains("rowid>"))
        }))
    }

    /// Whether SQLite would find all that is asked for in an index, at the place where it begins, without the table.
    pub fn is_in_index(&self, conn: &Connection) -> Result<bool> {
        let plan = self.plan(conn)?;
        Ok(!plan.is_empty() && plan.iter().all(|step| step.starts_with("SEARCH") && step.contains("COVERING INDEX")))
    }

    /// Whether that index also has them in the order that is asked for, and is entered behind the last one: then many
    /// can be read a page at a time.
    pub fn pages_through_index(&self, conn: &Connection) -> Result<bool> {
        Ok(self.is_in_index(conn)?
            && self.plan(conn)?.iter().all(|step| step.contains("=? AND") && step.contains(">?")))
    }

    /// Whether SQLite would go straight to the rows by the values of two columns or more.
    pub fn seeks_by_two(&self, conn: &Connection) -> Result<bool> {
        Ok(self.plan(conn)?.iter().all(|step| step.starts_with("SEARCH") && step.matches("=?").count() >= 2))
    }

    /// The steps that SQLite would take (<https://www.sqlite.org/eqp.html>).
    fn plan(&self, conn: &Connection) -> Result<Vec<String>> {
        let mut statement = conn.prepare_cached(&format!("EXPLAIN QUERY PLAN {}", self.sql))?;
        let steps = statement.query_map(params_from_iter(&self.values), |row| row.get("detail"))?;
        Ok(steps.collect::<rusqlite::Result<_>>()?)
    }
}
