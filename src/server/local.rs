//! The local file that rows are gathered into: tables of the server's own names, columns of theirs, values as they are,
//! and what is known of the gathering, so that it can go on.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, Statement, Transaction, TransactionBehavior, params_from_iter,
};
use serde::{Deserialize, Serialize};

use super::catalogue::{Column, Index, Relation};
use super::key::{Key, Place};
use super::row_time::RowTime;
use super::value::{Value, fields};
use super::wanted::Wanted;
use super::watermark::Watermark;
use crate::error::{Error, Result};
use crate::profile::schema::quoted;
use crate::source::{SLICE_TABLE, Slice};

/// The version of what is kept about a gathering.
const FORMAT: u32 = 1;

/// How far a gathering is, and what it is one of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    format: u32,
    /// The table's number on the server: a table that was made anew has another.
    pub(super) oid: u32,
    pub(super) wanted: Wanted,
    pub(super) key: Key,
    /// Rows up to here are in the file.
    pub(super) reached: Place,
    /// Rows up to here are to be.
    pub(super) target: Place,
    /// Nothing can come any more up to here: every transaction is over that could have written there.
    pub(super) settled: Place,
    /// Up to where that will be so next, and once which transactions are over.
    pub(super) watermark: Option<Watermark>,
    /// Rows up to here are not wanted: there were enough behind them.
    #[serde(default)]
    pub(super) left_out: Option<Place>,
    /// The highest time of a row that was read when rows were asked for by it the last time: those that were written
    /// later may have any key.
    #[serde(default)]
    pub(super) row_time: Option<RowTime>,
}

impl State {
    pub(super) fn new(oid: u32, wanted: Wanted, key: Key, from: Place, target: Place) -> Self {
        Self {
            format: FORMAT,
            oid,
            wanted,
            key,
            reached: from,
            target,
            settled: from,
            watermark: None,
            left_out: None,
            row_time: None,
        }
    }
}

/// The file.
pub(super) struct Local {
    conn: Connection,
    path: PathBuf,
}

impl Local {
    /// Opens the file, or makes an empty one that its owner alone can read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| Error::from(error).context(path.display());
        if !path.exists() {
            private(OpenOptions::new().write(true).create_new(true)).open(path).map_err(failed)?;
        }
        let conn = Connection::open(path).map_err(|error| Error::from(error).context(path.display()))?;
        conn.busy_timeout(Duration::from_secs(10))?;
        let local = Self { conn, path: path.to_owned() };
        local.refuse_other_content()?;
        // Rows come in any order, and without those that they refer to where these were not asked for.
        local.conn.pragma_update(None, "foreign_keys", false)?;
        // Readers go on while rows are added. What a power cut takes of the last rows is gathered again.
        local.conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        local.conn.execute_batch(&format!(
            "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 20000;
             CREATE TABLE IF NOT EXISTS {SLICE_TABLE} (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
        ))?;
        Ok(local)
    }

    /// An empty one in memory, for a look at a few rows.
    pub(super) fn in_memory() -> Result<Self> {
        let conn = Connection::open_in_memory()?;
        conn.pragma_update(None, "foreign_keys", false)?;
        Ok(Self { conn, path: PathBuf::new() })
    }

    /// Somebody's own database is never gathered into.
    fn refuse_other_content(&self) -> Result<()> {
        let sql = "SELECT count(*), count(*) FILTER (WHERE name = ?1) FROM sqlite_schema";
        let (all, own): (i64, i64) = self.conn.query_row(sql, [SLICE_TABLE], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if all == 0 || own > 0 {
            return Ok(());
        }
        Err(Error::bad_input(format!(
            "{} is a database of its own, and nothing was gathered into it",
            self.path.display()
        ))
        .with_hint("Name a file that is not there yet."))
    }

    /// The ranges of numbers in which no row is, behind one place and up to another; each from its first to its last number.
    pub(super) fn gaps(
        &self,
        table: &Relation,
        column: &str,
        after: Place,
        until: Place,
    ) -> Result<Vec<(Place, Place)>> {
        let (name, column) = (quoted(&table.name), quoted(column));
        // What lies before the first row was not asked for where the slice begins with it.
        let sql = format!("SELECT {column} FROM {name} WHERE {column} > ?1 AND {column} <= ?2 ORDER BY {column}");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([after, until])?;
        let (mut gaps, mut before) = (Vec::new(), after);
        while let Some(row) = rows.next()? {
            let number: Place = row.get(0)?;
            if number > before.saturating_add(1) {
                gaps.push((before.saturating_add(1), number.saturating_sub(1)));
            }
            before = number;
        }
        if before < until {
            gaps.push((before.saturating_add(1), until));
        }
        Ok(gaps)
    }

    pub(super) fn conn(&self) -> &Connection {
        &self.conn
    }

    /// How far the gathering of the file is; `None` where there was none, or where another version wrote it.
    pub(super) fn state(&self) -> Result<Option<State>> {
        let sql = format!("SELECT value FROM {SLICE_TABLE} WHERE name = 'state'");
        let text: Option<String> = self.conn.query_row(&sql, [], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).filter(|state: &State| state.format == FORMAT))
    }

    /// Takes everything out that was gathered before.
    pub(super) fn clear(&mut self) -> Result<()> {
        let mut statement = self.conn.prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )?;
        let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        for name in names.iter().filter(|name| *name != SLICE_TABLE) {
            self.conn.execute_batch(&format!("DROP TABLE {}", quoted(name)))?;
        }
        self.conn.execute_batch(&format!("DELETE FROM {SLICE_TABLE}"))?;
        Ok(())
    }

    /// Changes that are made together or not at all.
    pub(super) fn begin(&mut self) -> Result<Change<'_>> {
        Ok(Change { transaction: Transaction::new(&mut self.conn, TransactionBehavior::Immediate)? })
    }

    /// Leaves the file as one file, where nobody reads it at this moment.
    pub(super) fn close(self) -> Result<()> {
        // Somebody who reads it has the log in use: then it stays, and goes with the last reader.
        let _ = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let _ = self.conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()));
        self.conn.close().map_err(|(_, error)| error.into())
    }
}

/// What was asked for, and what there is of it, as a file says that is only read.
pub(super) fn about(path: &Path) -> Result<Option<(Wanted, Slice)>> {
    let conn = reading(path)?;
    let slice = Slice::read(&conn)?;
    let state = Local { conn, path: path.to_owned() }.state()?;
    Ok(state.map(|state| state.wanted).zip(slice))
}

/// Copies the rows, and nothing of what makes them a slice.
pub(super) fn copy_without_slice(path: &Path, to: &Path) -> Result<()> {
    let conn = reading(path)?;
    if Slice::read(&conn)?.is_none() {
        return Err(Error::bad_input(format!("{} holds nothing that was gathered from a server", path.display())));
    }
    private(OpenOptions::new().write(true).create_new(true)).open(to)?;
    conn.backup("main", to, None)?;
    let copy = Connection::open(to)?;
    copy.execute_batch(&format!("DROP TABLE IF EXISTS {SLICE_TABLE}"))?;
    // A copy of one in the middle of being added to says so in its header, and would need its log.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(())
}

fn reading(path: &Path) -> Result<Connection> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::from_secs(2))?;
    Ok(conn)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &OpenOptions {
    // A user's own folders are private there.
    options
}

/// Changes to the file.
pub(super) struct Change<'l> {
    transaction: Transaction<'l>,
}

impl Change<'_> {
    /// Makes a table as it is on the server. The column of the events' key is the row's own number where no two rows have
    /// the same one.
    pub(super) fn make_table(&self, table: &Relation, row_number: Option<&str>) -> Result<()> {
        let names = names(table);
        let column = |(column, name): (&Column, &String)| {
            let declared =
                if row_number == Some(column.name.as_str()) { "INTEGER PRIMARY KEY" } else { column.kind.declared() };
            format!("{} {declared}{}", quoted(name), if column.not_null { " NOT NULL" } else { "" })
        };
        let columns: Vec<String> = table.columns.iter().zip(&names).map(column).collect();
        let foreign = table.foreign_keys.iter().filter(|key| !key.targets.is_empty()).map(|key| {
            let listed = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
            format!(
                ", FOREIGN KEY ({}) REFERENCES {} ({})",
                listed(&key.columns),
                quoted(&key.table),
                listed(&key.targets)
            )
        });
        let foreign: String = foreign.collect();
        self.transaction.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {} ({}{foreign})",
            quoted(&table.name),
            columns.join(", ")
        ))?;
        Ok(())
    }

    /// Makes the indexes of a table: the unique ones, and one for each that the server has.
    pub(super) fn make_indexes(&self, table: &Relation, only_unique: bool) -> Result<()> {
        let mut made: HashSet<&[String]> = HashSet::new();
        for (place, index) in table.indexes.iter().enumerate().filter(|(_, index)| index.unique || !only_unique) {
            if made.insert(&index.columns) {
                self.make_index(table, index, place)?;
            }
        }
        Ok(())
    }

    fn make_index(&self, table: &Relation, index: &Index, place: usize) -> Result<()> {
        let columns: Vec<String> = index.columns.iter().map(|name| quoted(name)).collect();
        let name = format!("{}_gathered_{place}", table.name);
        let sql = |unique: &str| {
            format!(
                "CREATE {unique} INDEX IF NOT EXISTS {} ON {} ({})",
                quoted(&name),
                quoted(&table.name),
                columns.join(", ")
            )
        };
        // What the server keeps apart SQLite may take for the same, such as texts of other bytes in a deterministic order.
        if index.unique && self.transaction.execute_batch(&sql("UNIQUE")).is_ok() {
            return Ok(());
        }
        Ok(self.transaction.execute_batch(&sql(""))?)
    }

    /// What adds rows to a table. A row that is there already is left or replaced.
    pub(super) fn rows<'c>(&'c self, table: &'c Relation, how: Known) -> Result<Rows<'c>> {
        let places = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT OR {} INTO {} VALUES ({places})", how.in_sql(), quoted(&table.name));
        Ok(Rows { statement: self.transaction.prepare(&sql)?, columns: &table.columns })
    }

    /// Empties a table.
    pub(super) fn empty(&self, table: &Relation) -> Result<()> {
        Ok(self.transaction.execute_batch(&format!("DELETE FROM {}", quoted(&table.name)))?)
    }

    /// Says how far the gathering is, and makes the changes.
    pub(super) fn commit(self, state: &State, slice: &Slice) -> Result<()> {
        let put = format!("INSERT OR REPLACE INTO {SLICE_TABLE} (name, value) VALUES (?1, ?2)");
        let failed = |error: serde_json::Error| Error::bad_input(error.to_string());
        self.transaction.execute(&put, ["state", &serde_json::to_string(state).map_err(failed)?])?;
        self.transaction.execute(&put, ["slice", &serde_json::to_string(slice).map_err(failed)?])?;
        Ok(self.transaction.commit()?)
    }

    /// Makes the changes of a file that nobody keeps.
    pub(super) fn commit_only(self) -> Result<()> {
        Ok(self.transaction.commit()?)
    }
}

/// What becomes of a row that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It stays as it is: events do not change.
    Left,
    /// The newer one takes its place.
    Replaced,
}

impl Known {
    fn in_sql(self) -> &'static str {
        match self {
            Self::Left => "IGNORE",
            Self::Replaced => "REPLACE",
        }
    }
}

/// Adds rows to a table.
pub(super) struct Rows<'c> {
    statement: Statement<'c>,
    columns: &'c [Column],
}

impl Rows<'_> {
    /// Adds the row of a line; answers whether it is new.
    pub(super) fn add(&mut self, line: &[u8]) -> Result<bool> {
        let mut read = fields(line);
        let values: Vec<Value<'_>> = self
            .columns
            .iter()
            .map(|column| read.next().map_or(Value::Null, |field| column.kind.read(field)))
            .collect();
        Ok(self.statement.execute(params_from_iter(values))? > 0)
    }
}

/// The names of a table's columns where `Id` and `id` are the same.
fn names(table: &Relation) -> Vec<String> {
    let mut seen = HashSet::new();
    let unused = |column: &Column| {
        let mut name = column.name.clone();
        while !seen.insert(name.to_lowercase()) {
            name.push('_');
        }
        name
    };
    table.columns.iter().map(unused).collect()
}
