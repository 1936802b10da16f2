//! What a mapping finds of the application's own states: how many there are, which is the newest, and what is odd about
//! the first of them.

use rusqlite::Row;

use super::super::Source;
use super::super::layout::{Columns, Layout};
use super::super::read::one_of;
use super::super::value::Stored;
use super::doubts::{no_numbers, of};
use super::{Fault, GLANCED, SAMPLED, SORTED};
use crate::codec::{Format, decode};
use crate::error::Result;
use crate::event::{Decoded, StreamName, Timestamp, Version};
use crate::profile::{Field, SnapshotMapping, large, schema};

/// What a mapping finds of the application's own states.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotPreview {
    /// How many there are, as far as they were counted.
    pub count: u64,
    /// Whether these are all.
    pub complete: bool,
    /// The newest; `None` where there is none, and where it could only be found by sorting a large table.
    pub newest: Option<NewestSnapshot>,
}

/// The newest of the application's own states: the last by its time or, where no column says that, that of the most
/// events.
#[derive(Clone, Debug, PartialEq)]
pub struct NewestSnapshot {
    /// The stream that it is a state of.
    pub stream: StreamName,
    /// The version of the last event that it contains.
    pub version: Version,
    /// When it was taken; `None` where it is not known to be the last by that.
    pub timestamp: Option<Timestamp>,
}

/// A snapshot without its state, beside what is stored for its version.
struct Sampled {
    id: Option<String>,
    newest: NewestSnapshot,
    version: Stored,
    /// Why its state is not what was meant.
    state: Option<Odd>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Odd {
    Missing,
    Unreadable,
}

impl Source {
    /// Reads snapshots through a mapping whose expressions SQLite accepts.
    pub(super) fn read_snapshot_preview(
        &self,
        layout: &Layout,
        mapping: &SnapshotMapping,
        faults: &mut Vec<Fault>,
    ) -> Result<SnapshotPreview> {
        let rows = rows_clause(mapping);
        let most = u64::try_from(SORTED).unwrap_or_default();
        let count = self.single(&format!("SELECT count(*) FROM (SELECT 1{rows} LIMIT {})", most + 1))?;
        let count = count.and_then(|count| count.to_integer()).unwrap_or_default().unsigned_abs();
        let sample = self.sample_snapshots(layout, mapping, "", SAMPLED)?;
        faults.extend(doubts(mapping, &sample));
        let complete = count <= most;
        // A time that stands inside the states would mean to read them all.
        let stored =
            |time: &&Field| large::looked_into(&time.sql, &[&mapping.state.sql], &self.shared.tables).is_empty();
        let time = mapping.timestamp.as_ref().filter(stored);
        let by = time.map_or_else(String::new, |time| format!("({}) DESC, ", time.sql));
        let order = format!(" ORDER BY {by}({}) DESC", mapping.version.sql);
        let newest = if complete { self.sample_snapshots(layout, mapping, &order, 1)?.pop() } else { None };
        if let Some(newest) = &newest
            && !self.has_stream(layout, &newest.newest.stream, mapping.aggregate_type.is_some())?
        {
            let stream = &newest.newest.stream;
            let message = format!("No event is of {stream}. It must be written as in the events.");
            faults.push(Fault::doubt("snapshots.aggregate_id", message));
        }
        let newest = newest.map(|Sampled { newest, .. }| NewestSnapshot {
            timestamp: newest.timestamp.filter(|_| time.is_some()),
            ..newest
        });
        Ok(SnapshotPreview { count: count.min(most), complete, newest })
    }

    fn sample_snapshots(
        &self,
        layout: &Layout,
        mapping: &SnapshotMapping,
        order: &str,
        limit: usize,
    ) -> Result<Vec<Sampled>> {
        let sql = format!("SELECT {}{}{order} LIMIT {limit}", columns(mapping), rows_clause(mapping));
        let mut statement = self.conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(sampled(layout, mapping, row)?);
        }
        Ok(found)
    }

    fn single(&self, sql: &str) -> Result<Option<Stored>> {
        let mut statement = self.conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        Ok(rows.next()?.map(|row| row.get_ref(0).map(Stored::from)).transpose()?)
    }

    /// Whether any event is of a stream; true where finding out would mean to read the whole store.
    fn has_stream(&self, layout: &Layout, stream: &StreamName, typed: bool) -> Result<bool> {
        let format = |field: &Option<Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
        let (kind, id) = (format(&layout.mapping.aggregate_type), format(&layout.mapping.aggregate_id));
        let mut query = layout.select_only(&["1".to_owned()]);
        let column = layout.column(Columns::AGGREGATE_ID);
        query.push(" AND ").append(&one_of(column, &stream.aggregate_id, id, &layout.log_name));
        if typed {
            let column = layout.column(Columns::AGGREGATE_TYPE);
            query.push(" AND ").append(&one_of(column, &stream.aggregate_type, kind, ""));
        }
        query.push(" LIMIT 1");
        if !self.is_sortable(layout)? && !query.is_indexed(&self.conn)? {
            return Ok(true);
        }
        Ok(self.one(&query)?.is_some())
    }
}

fn rows_clause(mapping: &SnapshotMapping) -> String {
    let filter = mapping.filter.as_ref().map_or_else(String::new, |filter| format!(" WHERE ({filter})"));
    let is_name = mapping.from.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let from = if is_name { schema::quoted(&mapping.from) } else { mapping.from.clone() };
    format!(" FROM {from}{filter}")
}

fn columns(mapping: &SnapshotMapping) -> String {
    let optional = |field: &Option<Field>| field.as_ref().map_or_else(|| "NULL".to_owned(), |field| field.sql.clone());
    let (kind, time) = (optional(&mapping.aggregate_type), optional(&mapping.timestamp));
    let (id, version, state) = (&mapping.aggregate_id.sql, &mapping.version.sql, &mapping.state.sql);
    let codec = mapping.state.codec.as_deref().unwrap_or("NULL");
    let large = format!("coalesce(octet_length({state}), 0) > {GLANCED}");
    format!(
        "({kind}), ({id}), ({version}), ({time}), CASE WHEN {large} THEN NULL ELSE ({state}) END, ({codec}), {large}"
    )
}

fn sampled(layout: &Layout, mapping: &SnapshotMapping, row: &Row<'_>) -> rusqlite::Result<Sampled> {
    let format = |field: &Option<Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
    let id = decode::text(row.get_ref(1)?, mapping.aggregate_id.format);
    let kind = decode::text(row.get_ref(0)?, format(&mapping.aggregate_type));
    let version = Stored::from(row.get_ref(2)?);
    let newest = NewestSnapshot {
        stream: layout.stream_name(kind, id.clone()),
        version: version.to_integer().unwrap_or_default(),
        timestamp: decode::timestamp(row.get_ref(3)?, format(&mapping.timestamp)),
    };
    let large: bool = row.get(6)?;
    let state = decode::payload_named(row.get_ref(4)?, row.get_ref(5)?, &mapping.state.encoding).into_decoded();
    let state = match state {
        _ if large => None,
        Decoded::Missing => Some(Odd::Missing),
        Decoded::Opaque { .. } => Some(Odd::Unreadable),
        _ => None,
    };
    Ok(Sampled { id, newest, version, state })
}

/// What is odd about the first snapshots, field by field.
fn doubts(mapping: &SnapshotMapping, sample: &[Sampled]) -> Vec<Fault> {
    if sample.is_empty() {
        // A table without rows is one that no snapshot was written to yet.
        let filtered = mapping.filter.iter();
        return filtered.map(|_| Fault::doubt("snapshots.where", "No row passes this condition.")).collect();
    }
    let mut faults = Vec::new();
    let empty = sample.iter().filter(|row| row.id.as_ref().is_none_or(String::is_empty)).count();
    if empty > 0 {
        faults.push(Fault::doubt("snapshots.aggregate_id", format!("It is empty in {}.", of(empty, sample.len()))));
    }
    if let Some(words) = no_numbers(sample.iter().map(|row| &row.version)) {
        let words = format!("{words} It is the version of the last event that the state contains.");
        faults.push(Fault::doubt("snapshots.version", words));
    }
    let odd = |what| sample.iter().filter(|row| row.state == Some(what)).count();
    let (missing, unreadable) = (odd(Odd::Missing), odd(Odd::Unreadable));
    if missing == sample.len() {
        faults.push(Fault::doubt("snapshots.state", format!("It is empty in {}.", of(missing, missing))));
    } else if unreadable > 0 {
        let words = of(unreadable, sample.len());
        let words =
            format!("It could not be decoded in {words}. Try another encoding; encrypted data stays unreadable.");
        faults.push(Fault::doubt("snapshots.state", words));
    }
    faults
}
