//! What SQLite itself can say of a file's soundness, and of how its events are protected.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::layout::Columns;
use super::{Source, indexes};
use crate::error::Result;
use crate::event::StreamName;
use crate::profile::Role;
use crate::profile::schema::{Table, TableKind, quoted};

/// How many faults of one kind are read.
const MOST: usize = 100;
/// How many rows of a table are looked through for broken texts.
const LOOKED_THROUGH: u32 = 100_000;

/// A row that refers to one that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenReference {
    /// The table that refers.
    pub table: String,
    /// Its row, where rows have a `rowid`.
    pub rowid: Option<i64>,
    /// The table that is referred to.
    pub parent: String,
}

/// What keeps a table's rows from being changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    /// Whether a trigger refuses `UPDATE`.
    pub update: bool,
    /// Whether a trigger refuses `DELETE`.
    pub delete: bool,
}

/// What keeps two events of a stream from having the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// A unique key of nothing else than stream and version.
    Kept,
    /// A unique key that has other columns, too: it lets a version stand twice where these differ.
    WithOthers,
    /// Nothing.
    Missing,
}

/// What protects the events, and what finds them quickly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// The table that was looked at; `None` where events are not the rows of one table.
    pub table: Option<String>,
    /// What keeps two events of a stream from having the same version; `None` where the store has no versions of its own,
    /// or they are computed.
    pub unique_versions: Option<Uniqueness>,
    /// Whether an index leads to the events of a stream; `None` where there is one stream only, or names are computed.
    pub streams_indexed: Option<bool>,
    /// The triggers.
    pub guards: Guards,
}

/// Texts that say that something went wrong when they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenTexts {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// How many values are stored as text and are no UTF-8.
    pub not_utf8: u64,
    /// How many hold `[object Object]`, which is what JavaScript makes of an object that was taken for a text.
    pub stringified: u64,
    /// Whether only the first rows were looked through.
    pub partial: bool,
}

/// A row of a table of streams that says another version than the stream's last event has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRow {
    /// The table.
    pub table: String,
    /// The stream as the row names it.
    pub stream: StreamName,
    /// The column, and what it says.
    pub says: (String, i64),
}

impl Source {
    /// What `PRAGMA integrity_check` finds (<https://sqlite.org/pragma.html#pragma_integrity_check>); nothing in a sound
    /// file. It reads the whole file, and holds its indexes against its tables in one pass along each; SQLite does that
    /// only where these are not the same, since it looks every row up.
    pub fn integrity(&self) -> Result<Vec<String>> {
        // Of one state of the file, whatever is written meanwhile.
        let reading = self.conn.unchecked_transaction()?;
        if damage(&reading, "quick_check")?.is_empty() && indexes::agree(&reading)? {
            return Ok(Vec::new());
        }
        damage(&reading, "integrity_check")
    }

    /// The rows that break a foreign key, at most 100, and how many there are
    /// (<https://sqlite.org/pragma.html#pragma_foreign_key_check>).
    pub fn broken_references(&self) -> Result<(Vec<BrokenReference>, u64)> {
        let mut statement = self.conn.prepare("PRAGMA main.foreign_key_check")?;
        let mut rows = statement.query([])?;
        let (mut found, mut count) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            count += 1;
            if found.len() < MOST {
                found.push(BrokenReference { table: row.get(0)?, rowid: row.get(1)?, parent: row.get(2)? });
            }
        }
        Ok((found, count))
    }

    /// What protects the events.
    pub fn protection(&self) -> Result<Protection> {
        let layout = self.layout()?;
        let table = self.shared.tables.iter().find(|table| table.name.eq_ignore_ascii_case(&layout.mapping.table));
        let Some(table) = table.filter(|table| table.kind == TableKind::Table && layout.is_one_table()) else {
            return Ok(Protection::default());
        };
        let column = |wanted| layout.column(wanted).and_then(|expression| plain_column(table, expression));
        let (kind, id) = (column(Columns::AGGREGATE_TYPE), column(Columns::AGGREGATE_ID));
        let version = column(Columns::VERSION);
        let stream: Option<Vec<&str>> = id.map(|id| kind.into_iter().chain([id]).collect());
        let unique_versions = stream.as_ref().zip(version).map(|(stream, version)| {
            // A key of fewer columns is stricter still.
            let within = |key: &[&str]| key.iter().all(|part| *part == version || stream.contains(part));
            let has_all = |key: &[&str]| key.contains(&version) && stream.iter().all(|part| key.contains(part));
            let keys = table.unique_keys();
            if keys.iter().any(|key| key.contains(&version) && within(key)) {
                Uniqueness::Kept
            } else if keys.iter().any(|key| has_all(key)) {
                Uniqueness::WithOthers
            } else {
                Uniqueness::Missing
            }
        });
        let streams_indexed = stream.as_ref().map(|stream| {
            let leads = |columns: &[Option<&str>]| {
                let first = columns.get(..stream.len()).unwrap_or_default();
                first.len() == stream.len() && first.iter().flatten().all(|column| stream.contains(column))
                    || columns.first().is_some_and(|first| *first == stream.last().copied())
            };
            let primary: Vec<Option<&str>> = table.primary_key().iter().map(|column| Some(&*column.name)).collect();
            let indexes = table.indexes.iter().filter(|index| !index.partial);
            let indexes = indexes.map(|index| index.columns.iter().map(Option::as_deref).collect::<Vec<_>>());
            leads(&primary) || indexes.into_iter().any(|columns| leads(&columns))
        });
        let guards = self.guards(&table.name)?;
        Ok(Protection { table: Some(table.name.clone()), unique_versions, streams_indexed, guards })
    }

    /// Which triggers of a table raise an error before it is changed.
    fn guards(&self, table: &str) -> Result<Guards> {
        let sql = "SELECT sql FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE";
        let mut statement = self.conn.prepare(sql)?;
        let triggers = statement.query_map([table], |row| row.get::<_, Option<String>>(0))?;
        let mut guards = Guards::default();
        for trigger in triggers {
            let words = trigger?.unwrap_or_default().to_ascii_uppercase();
            if !words.contains("RAISE") {
                continue;
            }
            // What a trigger is for stands before its body.
            let head = words.split("BEGIN").next().unwrap_or_default();
            guards.update |= head.contains("UPDATE");
            guards.delete |= head.contains("DELETE");
        }
        Ok(guards)
    }

    /// Which columns of the tables of events and of streams hold texts that were broken when they were written, among
    /// the first 100,000 rows of each.
    pub fn broken_texts(&self) -> Result<Vec<BrokenTexts>> {
        let mut found = Vec::new();
        for table in self.shared.tables.iter().filter(|table| table.kind == TableKind::Table) {
            if matches!(self.role(table), Some(Role::Events | Role::Streams)) {
                found.extend(self.broken_texts_of(table)?);
            }
        }
        Ok(found)
    }

    fn broken_texts_of(&self, table: &Table) -> Result<Vec<BrokenTexts>> {
        let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        let from = quoted(&table.name);
        let sql = format!("SELECT {} FROM main.{from} LIMIT {LOOKED_THROUGH}", names.join(", "));
        let mut statement = self.conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let (mut counts, mut seen) = (vec![(0_u64, 0_u64); names.len()], 0);
        while let Some(row) = rows.next()? {
            seen += 1;
            for (place, (not_utf8, stringified)) in counts.iter_mut().enumerate() {
                if let ValueRef::Text(bytes) = row.get_ref(place)? {
                    *not_utf8 += u64::from(std::str::from_utf8(bytes).is_err());
                    *stringified += u64::from(memchr::memmem::find(bytes, b"[object Object]").is_some());
                }
            }
        }
        let broken = table.columns.iter().zip(counts).filter(|(_, counts)| *counts != (0, 0));
        let partial = seen == LOOKED_THROUGH;
        let found = broken.map(|(column, (not_utf8, stringified))| {
            let (table, column) = (table.name.clone(), column.name.clone());
            BrokenTexts { table, column, not_utf8, stringified, partial }
        });
        Ok(found.collect())
    }

    /// The rows of tables that keep one row for each stream, with a column that says how far it is: which column that
    /// is shows where most rows agree with `last_version`, which gives the version of a stream's last event. Answers
    /// those that do not.
    pub fn stream_rows(&self, last_version: &dyn Fn(&StreamName) -> Option<i64>) -> Result<Vec<StreamRow>> {
        let mut found = Vec::new();
        for table in self.shared.tables.iter().filter(|table| self.role(table) == Some(Role::Streams)) {
            found.extend(self.rows_that_disagree(table, last_version)?);
        }
        Ok(found)
    }

    fn rows_that_disagree(
        &self,
        table: &Table,
        last_version: &dyn Fn(&StreamName) -> Option<i64>,
    ) -> Result<Vec<StreamRow>> {
        let layout = self.layout()?;
        let named = |wanted| {
            let expression = layout.column(wanted)?;
            // The table of streams names them as the events do: by columns of the same name.
            plain_column(table, expression)
        };
        let Some(id) = named(Columns::AGGREGATE_ID) else { return Ok(Vec::new()) };
        let kind = named(Columns::AGGREGATE_TYPE);
        let counters: Vec<&str> = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .filter(|name| is_version(name) && Some(*name) != kind && *name != id)
            .collect();
        if counters.is_empty() {
            return Ok(Vec::new());
        }
        let columns: Vec<String> = std::iter::once(kind.map_or_else(|| "NULL".to_owned(), quoted))
            .chain([quoted(id)])
            .chain(counters.iter().map(|name| quoted(name)))
            .collect();
        let mut statement =
            self.conn.prepare(&format!("SELECT {} FROM main.{}", columns.join(", "), quoted(&table.name)))?;
        let mut rows = statement.query([])?;
        let mut said: Vec<(u64, Vec<StreamRow>)> = vec![(0, Vec::new()); counters.len()];
        while let Some(row) = rows.next()? {
            let stream = layout.stream_at(row, 0)?;
            let Some(last) = last_version(&stream) else { continue };
            for (place, (name, (agree, others))) in counters.iter().zip(&mut said).enumerate() {
                match row.get_ref(place + 2)? {
                    ValueRef::Integer(says) if says == last => *agree += 1,
                    ValueRef::Integer(says) => others.push(StreamRow {
                        table: table.name.clone(),
                        stream: stream.clone(),
                        says: ((*name).to_owned(), says),
                    }),
                    _ => {}
                }
            }
        }
        let speaks = |(agree, others): &(u64, Vec<StreamRow>)| *agree > 2 * others.len() as u64;
        Ok(said.into_iter().filter(speaks).flat_map(|(_, others)| others).collect())
    }
}

/// What a check of SQLite's finds.
fn damage(conn: &Connection, check: &str) -> Result<Vec<String>> {
    let mut statement = conn.prepare(&format!("PRAGMA main.{check}({MOST})"))?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

/// Whether a column's name says that it counts events.
fn is_version(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["version", "revision", "sequence", "position", "number", "seq"].iter().any(|word| name.contains(word))
}

/// The column that an expression is the name of, and nothing more.
fn plain_column<'t>(table: &'t Table, expression: &str) -> Option<&'t str> {
    let mut inner = expression.trim();
    while let Some(stripped) = inner.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        inner = stripped.trim();
    }
    let inner = inner.trim_matches(['"', '`', '[', ']']);
    table.column(inner).map(|column| column.name.as_str())
}
