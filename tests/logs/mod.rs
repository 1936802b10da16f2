//! A generator of databases: from a seed, a log of events in one of many forms, or an application without any, with the
//! truth beside it.
//!
//! Nothing here knows how a log is found. Names are drawn from several languages ([`words`]), what happens is a small
//! [`story`], how ids, types, moments and documents are written is drawn in [`forms`], and how rows and tables lie in
//! [`layouts`]. [`plain`] has the tables of ordinary applications, which also stand beside logs. [`check`] opens a
//! database as a person would, and holds what is read against the truth, event by event.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::too_many_lines,
    clippy::similar_names,
    clippy::many_single_char_names,
    reason = "what is drawn is small, and a form of a database is a handful of closures"
)]

pub mod check;
mod forms;
mod layouts;
mod operations;
mod plain;
mod several;
mod story;
mod words;

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::chance::Chance;

/// From this seed on names are drawn that the seeds before never have: figures are reported of these.
pub const HELD_OUT: u64 = 10_000;

/// A table to be made, with its rows.
#[derive(Default)]
pub struct TableSpec {
    pub name: String,
    /// Names and declarations.
    pub columns: Vec<(String, String)>,
    pub constraints: Vec<String>,
    pub indexes: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub without_rowid: bool,
    pub strict: bool,
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl TableSpec {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    pub fn column(mut self, name: impl Into<String>, declared: impl Into<String>) -> Self {
        self.columns.push((name.into(), declared.into()));
        self
    }

    pub fn create(&self) -> String {
        let columns = self.columns.iter().map(|(name, declared)| format!("{} {declared}", quoted(name)));
        let parts: Vec<String> = columns.chain(self.constraints.iter().cloned()).collect();
        let mut options = Vec::new();
        options.extend(self.without_rowid.then_some("WITHOUT ROWID"));
        options.extend(self.strict.then_some("STRICT"));
        format!("CREATE TABLE {} ({}) {}", quoted(&self.name), parts.join(", "), options.join(", "))
    }

    pub fn write(&self, conn: &Connection) {
        conn.execute_batch(&self.create()).unwrap_or_else(|error| panic!("{error}: {}", self.create()));
        let marks = vec!["?"; self.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} VALUES ({marks})", quoted(&self.name));
        let mut statement = conn.prepare(&sql).unwrap_or_else(|error| panic!("{error}: {sql} after {}", self.create()));
        for row in &self.rows {
            statement
                .execute(params_from_iter(row))
                .unwrap_or_else(|error| panic!("{error}: {} {row:?}", self.create()));
        }
        for index in &self.indexes {
            conn.execute_batch(index).unwrap_or_else(|error| panic!("{error}: {index}"));
        }
    }
}

/// What an event's data truly is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// The bytes of one column.
    Stored(Vec<u8>),
    /// Columns of the row, by their names.
    Members(Vec<(String, String)>),
}

/// What is true of one event. Several answers to a question are all right.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The stream; `None` where the whole log is one.
    pub streams: Vec<Option<String>>,
    pub version: Option<i64>,
    pub types: Vec<Option<String>>,
    /// Microseconds since 1970.
    pub times: Vec<Option<i64>>,
    pub data: Vec<Data>,
}

/// A database: its tables, and the log in it, if there is one.
#[derive(Default)]
pub struct Database {
    pub seed: u64,
    /// What kind it is, for those who ask which kinds fail.
    pub kind: String,
    pub tables: Vec<TableSpec>,
    /// The tables that hold the log: several where it is spread. Empty: there is no log.
    pub logs: Vec<String>,
    /// The events in the order in which they happened, each with the table and the row that it is.
    pub told: Vec<Told>,
    /// The collation that the application registers, if one.
    pub collation: Option<&'static str>,
}

impl Database {
    /// Writes the database to a file that is not there yet.
    pub fn write(&self, path: &Path) {
        let conn = Connection::open(path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN")
            .unwrap();
        if let Some(name) = self.collation {
            // What the application's own order is, is nobody else's business: here the reverse, without regard to case.
            conn.create_collation(name, |a, b| b.to_lowercase().cmp(&a.to_lowercase()).then(b.cmp(a))).unwrap();
        }
        for table in &self.tables {
            table.write(&conn);
        }
        conn.execute_batch("COMMIT").unwrap();
    }
}

impl Database {
    /// The numbers of the rows of the log, where it is one table, in the order in which SQLite keeps them.
    pub fn rows_in_order(&self) -> Vec<usize> {
        let [log] = self.logs.as_slice() else { return Vec::new() };
        let Some(table) = self.tables.iter().find(|table| table.name == *log && table.without_rowid) else {
            return Vec::new();
        };
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        if let Some(name) = self.collation {
            conn.create_collation(name, |a, b| b.to_lowercase().cmp(&a.to_lowercase()).then(b.cmp(a))).unwrap();
        }
        table.write(&conn);
        let known: std::collections::HashMap<String, usize> =
            table.rows.iter().enumerate().map(|(number, row)| (format!("{row:?}"), number)).collect();
        let mut statement = conn.prepare(&format!("SELECT * FROM {}", quoted(log))).unwrap();
        let width = table.columns.len();
        let rows =
            statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>());
        rows.unwrap().map(|row| known[&format!("{:?}", row.unwrap())]).collect()
    }
}

/// The database of a seed.
pub fn database(seed: u64) -> Database {
    let mut chance = Chance::new(seed, 0x1F3D_5B79_A1C3_E507);
    let held_out = seed >= HELD_OUT;
    let mut database = if chance.percent(22) {
        plain::application(&mut chance)
    } else {
        let mut database = layouts::log(&mut chance, held_out);
        plain::beside(&mut chance, &mut database);
        database
    };
    database.seed = seed;
    database
}
