//! A few rows of a table beside the events, and which of its columns names streams.

use std::collections::HashSet;

use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};

use super::super::infer::plain;
use super::super::schema::{Table, TableKind};
use super::log::{Known, Log, value};
use super::spelling::Spelling;
use crate::codec::Format;
use crate::codec::decode;

/// How many rows are read from the start, and how many again from the end.
const HEAD: usize = 90;
const TAIL: usize = 30;
/// A table with more columns than that is no read model that a person could read.
const MOST_COLUMNS: usize = 80;
/// The longest text that may be an id.
const LONGEST: usize = 200;
/// A larger value is not read.
const LARGE: usize = 256 << 10;
/// How many of the values of a column must name streams.
const ENOUGH: f32 = 0.6;

/// A few rows.
pub(super) struct Rows {
    pub(super) values: Vec<Vec<Value>>,
}

impl Rows {
    /// Reads those values that may be ids, and nothing else: what is no part of the event store is not looked into.
    pub(super) fn ids(conn: &Connection, table: &Table) -> rusqlite::Result<Option<Self>> {
        if table.kind != TableKind::Table || table.columns.len() > MOST_COLUMNS || table.columns.len() < 2 {
            return Ok(None);
        }
        let rows = Self::read(conn, table, LONGEST)?;
        Ok((!rows.values.is_empty()).then_some(rows))
    }

    /// Reads the same rows with what they hold.
    pub(super) fn whole(conn: &Connection, table: &Table) -> rusqlite::Result<Self> {
        Self::read(conn, table, LARGE)
    }

    fn read(conn: &Connection, table: &Table, most: usize) -> rusqlite::Result<Self> {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| plain(&column.name))
            .map(|name| format!("CASE WHEN octet_length({name}) <= {most} THEN {name} END"))
            .collect();
        let select = format!("SELECT {} FROM {}", columns.join(", "), plain(&table.name));
        let mut rows = Self { values: Vec::new() };
        let numbered = !table.without_rowid && table.column("rowid").is_none();
        let order = if numbered { " ORDER BY rowid" } else { "" };
        rows.take(conn, &format!("{select}{order} LIMIT {HEAD}"), columns.len())?;
        if numbered && rows.values.len() == HEAD {
            let last = format!("(SELECT rowid FROM {} ORDER BY rowid LIMIT 1 OFFSET {})", plain(&table.name), HEAD - 1);
            let tail = format!("{select} WHERE rowid > {last} ORDER BY rowid DESC LIMIT {TAIL}");
            rows.take(conn, &tail, columns.len())?;
        }
        Ok(rows)
    }

    fn take(&mut self, conn: &Connection, sql: &str, columns: usize) -> rusqlite::Result<()> {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.values.push((0..columns).map(|place| value(row, place)).collect::<rusqlite::Result<_>>()?);
        }
        Ok(())
    }

    /// The text of a value; `None` for NULL.
    pub(super) fn text(&self, row: usize, column: usize) -> Option<String> {
        let value = self.values.get(row)?.get(column)?;
        decode::text(ValueRef::from(value), Format::Auto)
    }

    /// The column as an integer, row by row.
    pub(super) fn integer(&self, row: usize, column: usize) -> Option<i64> {
        super::log::integer(ValueRef::from(self.values.get(row)?.get(column)?))
    }
}

/// A column that names streams.
pub(super) struct Key {
    pub(super) column: usize,
    pub(super) spelling: Spelling,
    /// The streams of each row: one of each kind that has the id.
    pub(super) streams: Vec<Vec<Known>>,
    /// The share of the rows with an id whose id is one of a stream.
    pub(super) share: f32,
    /// Whether no two rows share one.
    pub(super) unique: bool,
    /// Whether the ids are short numbers, of which every table has some.
    pub(super) weak: bool,
}

impl Key {
    /// The columns that name streams, the best first.
    pub(super) fn all(table: &Table, rows: &Rows, log: &Log<'_>) -> Vec<Self> {
        let prefixes = log.prefixes();
        let mut found: Vec<Self> =
            (0..table.columns.len()).filter_map(|column| Self::of(column, rows, log, &prefixes)).collect();
        let primary = |key: &Self| table.columns.get(key.column).is_some_and(|it| it.primary_key == 1);
        found.sort_by(|a, b| {
            let rank = |key: &Self| (!key.weak, key.unique, primary(key));
            rank(b).cmp(&rank(a)).then(b.share.total_cmp(&a.share))
        });
        found
    }

    fn of(column: usize, rows: &Rows, log: &Log<'_>, prefixes: &[String]) -> Option<Self> {
        let texts: Vec<Option<String>> = (0..rows.values.len()).map(|row| rows.text(row, column)).collect();
        let there: Vec<String> = texts.iter().flatten().filter(|text| !text.is_empty()).cloned().collect();
        let distinct: HashSet<&String> = there.iter().collect();
        let real = rows.values.iter().any(|row| matches!(row.get(column), Some(Value::Real(_))));
        if there.is_empty() || real || there.len() * 2 < texts.len() {
            return None;
        }
        let mut best: Option<Self> = None;
        for spelling in Spelling::of(&there, prefixes) {
            let find = |text: &Option<String>| {
                let id = spelling.apply(text.as_deref()?)?;
                Some(log.find(&id)).filter(|found| !found.is_empty())
            };
            // Most columns are no ids at all: a few of their values tell.
            if texts.iter().take(8).flatten().count() > 3 && texts.iter().take(8).find_map(find).is_none() {
                continue;
            }
            let streams: Vec<Vec<Known>> = texts.iter().map(|text| find(text).unwrap_or_default()).collect();
            let matched = streams.iter().filter(|found| !found.is_empty()).count();
            let share = ratio(matched, there.len());
            if share >= ENOUGH && best.as_ref().is_none_or(|best| share > best.share) {
                let unique = distinct.len() == there.len();
                let short = |text: &&String| text.len() < 7 && text.bytes().all(|digit| digit.is_ascii_digit());
                let weak = there.iter().filter(short).count() * 2 > there.len();
                best = Some(Self { column, spelling, streams, share, unique, weak });
            }
        }
        best
    }

    /// The kinds that every row's id may be of, the one that most streams have first.
    pub(super) fn kinds(&self) -> Vec<String> {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for stream in self.streams.iter().flatten() {
            match counts.iter_mut().find(|(kind, _)| *kind == stream.kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((stream.kind.clone(), 1)),
            }
        }
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts.into_iter().map(|(kind, _)| kind).collect()
    }

    /// The column that says of which kind each row's stream is, written as in the events.
    pub(super) fn kind_column(&self, table: &Table, rows: &Rows) -> Option<usize> {
        let says = |column: usize| {
            let mut count = 0;
            let all = self.streams.iter().enumerate().filter(|(_, found)| !found.is_empty()).all(|(row, found)| {
                count += 1;
                let text = rows.text(row, column).filter(|text| !text.is_empty());
                text.is_some_and(|text| found.iter().any(|stream| stream.kind == text))
            });
            all && count > 0
        };
        (0..table.columns.len()).filter(|column| *column != self.column).find(|column| says(*column))
    }
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred rows")]
pub(super) fn ratio(count: usize, all: usize) -> f32 {
    if all == 0 { 0.0 } else { count as f32 / all as f32 }
}
