//! The streams of a database: how many events each has, what a person means by a name, and its snapshots.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use rusqlite::Row;

use super::Source;
use super::advance::Advance;
use super::keys::key_of;
use super::layout::{Columns, Layout};
use super::query::Query;
use super::read::one_of;
use super::value::Stored;
use super::versions::stream_columns;
use crate::codec::{Format, decode};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Payload, StreamName, Timestamp, Version};
use crate::filter::compile::stored_forms;
use crate::profile::{Field, SnapshotMapping, schema};

/// How many streams, or events where no index groups them, one statement reads.
const STREAMS: i64 = 2_000;
const EVENTS: i64 = 50_000;
/// How many streams an ambiguous name lists.
const CANDIDATES: u8 = 8;

/// A stream in the list of streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSummary {
    /// Its name.
    pub name: StreamName,
    /// How many events it has.
    pub events: u64,
    /// The version of its last event.
    pub last_version: Version,
}

/// A state that the application itself stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The stream that it is a state of.
    pub stream: StreamName,
    /// The version of the last event that the state contains.
    pub version: Version,
    /// When it was taken.
    pub timestamp: Option<Timestamp>,
    /// The state.
    pub state: Payload,
}

impl Source {
    /// Every stream, until `on` breaks off. In the order of type and id where an index gives it, in short transactions;
    /// otherwise, after one walk over the store, in the same order.
    pub fn streams(&self, on: &mut dyn FnMut(StreamSummary) -> ControlFlow<()>) -> Result<()> {
        let layout = self.layout()?;
        if grouping(layout).is_empty() {
            let events = self.count()?;
            let last_version = self.last_version_of_log(layout, events)?;
            if events > 0 {
                let _ = on(StreamSummary { name: layout.stream_name(None, None), events, last_version });
            }
            return Ok(());
        }
        let names = grouping(layout);
        if grouped(layout, &names, &Advance::default()).is_indexed(&self.conn)? {
            return self.streams_by_index(layout, &names, on);
        }
        let mut streams: HashMap<StreamName, (u64, Version)> = HashMap::new();
        let mut take = |stream: StreamSummary| {
            let known = streams.entry(stream.name).or_insert((0, Version::MIN));
            known.0 += stream.events;
            known.1 = known.1.max(stream.last_version);
            ControlFlow::Continue(())
        };
        match self.stream_key(layout)? {
            Some(key) => self.streams_by_index(layout, &[key], &mut take)?,
            None => self.streams_by_walk(layout, &mut take)?,
        }
        let mut streams: Vec<_> = streams.into_iter().collect();
        streams.sort_unstable();
        for (name, (events, last)) in streams {
            let last_version = if layout.has_versions() { last } else { as_version(events) };
            if on(StreamSummary { name, events, last_version }).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// How many streams there are, where an index groups their events: then nothing else is asked of each.
    pub(crate) fn streams_by_index_alone(&self) -> Result<Option<u64>> {
        let layout = self.layout()?;
        let names = grouping(layout);
        if names.is_empty() {
            return Ok(None);
        }
        let mut streams = 0;
        let mut count = |_: &Row<'_>| {
            streams += 1;
            Ok(())
        };
        if self.groups(layout, (&names, &names), &mut count)? {
            return Ok(Some(streams));
        }
        let Some(key) = self.stream_key(layout)? else { return Ok(None) };
        let mut names: HashSet<StreamName> = HashSet::new();
        let mut note = |row: &Row<'_>| {
            names.insert(layout.stream_at(row, 0)?);
            Ok(())
        };
        self.groups(layout, (&[key], &stream_columns(layout)), &mut note)?;
        Ok(Some(names.len() as u64))
    }

    /// Hands out each group of events with the same key, with the wanted expressions, in short transactions; false, with
    /// nothing done, where no index groups them.
    fn groups(
        &self,
        layout: &Layout,
        (key, wanted): (&[String], &[String]),
        on: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<bool> {
        let (mut reached, listed) = (Advance::default(), key.join(", "));
        let columns = [wanted, key].concat();
        loop {
            self.check()?;
            let mut query = layout.select_only(&columns);
            if let Some(beyond) = reached.beyond(key) {
                query.push(" AND ").append(&beyond);
            }
            query.push(" GROUP BY ").push(&listed).push(" ORDER BY ").push(&listed).push(" LIMIT ").bind(STREAMS);
            if reached.last().is_none() && !query.is_indexed(&self.conn)? {
                return Ok(false);
            }
            let (mut found, mut last) = (0, None);
            {
                let mut statement = query.prepare(&self.conn)?;
                let mut rows = query.rows(&mut statement)?;
                while let Some(row) = rows.next()? {
                    on(row)?;
                    found += 1;
                    if found == STREAMS {
                        last = Some(key_of(row, wanted.len(), key.len())?);
                    }
                }
            }
            if let Some(last) = last {
                reached.to(last)?;
            }
            if !reached.goes_on(key, found >= STREAMS) {
                return Ok(true);
            }
        }
    }

    /// The stream that a person means by `TYPE/ID`, or by `ID` where only one stream has it.
    ///
    /// # Errors
    /// `NotFound` where there is none, `BadInput` where there are several; the hint lists them.
    pub fn stream_named(&self, text: &str) -> Result<StreamName> {
        for (at, _) in text.match_indices('/') {
            let (Some(kind), Some(id)) = (text.get(..at), text.get(at + 1..)) else { continue };
            let name = StreamName::new(kind, id);
            if !kind.is_empty() && self.stream_condition(&name)?.is_some() {
                return Ok(name);
            }
        }
        match self.streams_with_id(text)?.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(Error::not_found(format!("there is no stream {text}"))
                .with_hint("A stream is named TYPE/ID, or ID where only one stream has it.")),
            several => {
                let names: Vec<_> = several.iter().take(usize::from(CANDIDATES)).map(ToString::to_string).collect();
                Err(Error::bad_input(format!("several streams have the id {text}"))
                    .with_hint(format!("Name one of them: {}.", names.join(", "))))
            }
        }
    }

    /// The stream and the version that a person means by `STREAM@VERSION`; without a version where there is none. A name
    /// that holds an `@` itself is tried whole, too.
    ///
    /// # Errors
    /// As [`Self::stream_named`].
    pub fn stream_at(&self, text: &str) -> Result<(StreamName, Option<Version>)> {
        let (name, version) = StreamName::split_version(text);
        match (self.stream_named(name), version) {
            (Err(error), Some(_)) if *error.kind() == ErrorKind::NotFound => {
                self.stream_named(text).map(|stream| (stream, None)).map_err(|_| error)
            }
            (found, version) => found.map(|stream| (stream, version)),
        }
    }

    /// The states that the application stored of a stream, oldest first.
    pub fn snapshots(&self, stream: &StreamName) -> Result<Vec<Snapshot>> {
        let mut found = Vec::new();
        if let Some(mapping) = self.snapshot_mapping() {
            self.read_snapshots(mapping, Some(stream), &mut |snapshot| {
                found.push(snapshot);
                ControlFlow::Continue(())
            })?;
        }
        // A snapshot that says no type is known by its id alone.
        for snapshot in &mut found {
            snapshot.stream = stream.clone();
        }
        Ok(found)
    }

    /// The last state that the application stored of a stream up to a version.
    pub fn snapshot_before(&self, stream: &StreamName, version: Version) -> Result<Option<Snapshot>> {
        let mut found = None;
        if let Some(mapping) = self.snapshot_mapping() {
            self.read_snapshots(mapping, Some(stream), &mut |snapshot| {
                if snapshot.version > version {
                    return ControlFlow::Break(());
                }
                found = Some(Snapshot { stream: stream.clone(), ..snapshot });
                ControlFlow::Continue(())
            })?;
        }
        Ok(found)
    }

    /// Every state that the application stored, by stream and version, until `on` breaks off. Where snapshots say no
    /// type, neither do their names.
    pub fn all_snapshots(&self, on: &mut dyn FnMut(Snapshot) -> ControlFlow<()>) -> Result<()> {
        match self.snapshot_mapping() {
            Some(mapping) => self.read_snapshots(mapping, None, on),
            None => Ok(()),
        }
    }

    /// Whether the database has a place for snapshots that is known.
    #[must_use]
    pub fn has_snapshots(&self) -> bool {
        self.snapshot_mapping().is_some()
    }

    fn snapshot_mapping(&self) -> Option<&SnapshotMapping> {
        self.detection()?.profile.snapshots.as_ref()
    }

    fn streams_with_id(&self, id: &str) -> Result<Vec<StreamName>> {
        if let Some(found) = self.streams_by_name(id)? {
            let mut names: Vec<_> = found.into_iter().map(|stream| stream.name).collect();
            names.sort();
            names.dedup();
            return Ok(names);
        }
        self.streams_of_query(&self.streams_with_id_query(id)?)
    }

    /// The streams with an id, where no index on the type leads to them.
    pub(super) fn streams_with_id_query(&self, id: &str) -> Result<Query> {
        let layout = self.layout()?;
        let format = layout.mapping.aggregate_id.as_ref().map_or(Format::Auto, |field| field.format);
        let mut query = Query::new("SELECT DISTINCT ");
        query.push(&stream_columns(layout).join(", ")).append(&layout.rows_clause()).push(" AND ");
        match layout.column(Columns::AGGREGATE_ID) {
            Some(column) => {
                query.push("(").push(column).push(" IN (").bind_list(stored_forms(id, format)).push(")");
                query.push(if id == layout.log_name { " OR " } else { " AND " });
                query.push(column).push(if id == layout.log_name { " IS NULL)" } else { " IS NOT NULL)" });
            }
            None => {
                query.push(if id == layout.log_name { "1" } else { "0" });
            }
        }
        query.push(" LIMIT ").bind(i64::from(CANDIDATES) + 1);
        Ok(query)
    }

    /// The streams that a statement of their names finds, each once.
    pub(super) fn streams_of_query(&self, query: &Query) -> Result<Vec<StreamName>> {
        let layout = self.layout()?;
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        let mut names = Vec::new();
        while let Some(row) = rows.next()? {
            names.push(layout.stream_at(row, 0)?);
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn last_version_of_log(&self, layout: &Layout, events: u64) -> Result<Version> {
        let counted = Version::try_from(events).unwrap_or(Version::MAX);
        let Some(version) = layout.column(Columns::VERSION) else { return Ok(counted) };
        let last = self.one(&layout.select_only(&[format!("max({version})")]))?;
        Ok(last.and_then(|version| version.to_integer()).unwrap_or(counted))
    }

    fn streams_by_index(
        &self,
        layout: &Layout,
        key: &[String],
        on: &mut dyn FnMut(StreamSummary) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut reached = Advance::default();
        loop {
            self.check()?;
            let query = grouped(layout, key, &reached);
            let (mut chunk, mut last) = (Vec::new(), None);
            {
                let mut statement = query.prepare(&self.conn)?;
                let mut rows = query.rows(&mut statement)?;
                while let Some(row) = rows.next()? {
                    chunk.push(summary(layout, row)?);
                    last = Some(key_of(row, 4, key.len())?);
                }
            }
            let full = i64::try_from(chunk.len()).unwrap_or(i64::MAX) >= STREAMS;
            if full && let Some(last) = last {
                reached.to(last)?;
            }
            let ended = !reached.goes_on(key, full);
            for stream in chunk {
                if on(stream).is_break() {
                    return Ok(());
                }
            }
            if ended {
                return Ok(());
            }
        }
    }

    /// A stream for each event.
    fn streams_by_walk(&self, layout: &Layout, on: &mut dyn FnMut(StreamSummary) -> ControlFlow<()>) -> Result<()> {
        let mut reached = Advance::default();
        loop {
            self.check()?;
            let query = walk(layout, &reached);
            let mut statement = query.prepare(&self.conn)?;
            let mut rows = query.rows(&mut statement)?;
            let mut seen = 0;
            while let Some(row) = rows.next()? {
                seen += 1;
                let last_version = Stored::from(row.get_ref(2)?).to_integer().unwrap_or_default();
                if on(StreamSummary { name: layout.stream_at(row, 0)?, events: 1, last_version }).is_break() {
                    return Ok(());
                }
                if seen == EVENTS {
                    reached.to(key_of(row, 3, layout.order.len())?)?;
                }
            }
            if !reached.goes_on(&layout.order, seen >= EVENTS) {
                return Ok(());
            }
        }
    }

    fn read_snapshots(
        &self,
        mapping: &SnapshotMapping,
        stream: Option<&StreamName>,
        on: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
    ) -> Result<()> {
        let layout = self.layout()?;
        let query = snapshot_query(mapping, stream);
        let mut statement = query.prepare(&self.conn)?;
        let mut rows = query.rows(&mut statement)?;
        while let Some(row) = rows.next()? {
            if on(snapshot(layout, mapping, row)?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn as_version(count: u64) -> Version {
    Version::try_from(count).unwrap_or(Version::MAX)
}

/// The columns that tell streams apart; none where the whole log is one.
fn grouping(layout: &Layout) -> Vec<String> {
    [Columns::AGGREGATE_TYPE, Columns::AGGREGATE_ID]
        .into_iter()
        .filter_map(|column| layout.column(column).map(str::to_owned))
        .collect()
}

/// The streams after a key, with their counts.
fn grouped(layout: &Layout, key: &[String], reached: &Advance) -> Query {
    let mut columns = stream_columns(layout);
    columns.push("count(*)".to_owned());
    columns
        .push(layout.column(Columns::VERSION).map_or_else(|| "NULL".to_owned(), |version| format!("max({version})")));
    columns.extend(key.iter().cloned());
    let mut query = layout.select_only(&columns);
    if let Some(beyond) = reached.beyond(key) {
        query.push(" AND ").append(&beyond);
    }
    let key = key.join(", ");
    query.push(" GROUP BY ").push(&key).push(" ORDER BY ").push(&key).push(" LIMIT ").bind(STREAMS);
    query
}

/// The streams of the events after a key, event by event.
fn walk(layout: &Layout, reached: &Advance) -> Query {
    let mut columns = stream_columns(layout);
    columns.push(layout.column(Columns::VERSION).unwrap_or("NULL").to_owned());
    columns.extend(layout.order.iter().cloned());
    let mut query = layout.select_only(&columns);
    if let Some(beyond) = reached.beyond(&layout.order) {
        query.push(" AND ").append(&beyond);
    }
    query.push(" ORDER BY ").push(&layout.order.join(", ")).push(" LIMIT ").bind(EVENTS);
    query
}

fn summary(layout: &Layout, row: &Row<'_>) -> Result<StreamSummary> {
    let events = row.get_ref(2)?.as_i64().unwrap_or_default().unsigned_abs();
    let last_version = Stored::from(row.get_ref(3)?).to_integer().unwrap_or_else(|| as_version(events));
    Ok(StreamSummary { name: layout.stream_at(row, 0)?, events, last_version })
}

fn snapshot_query(mapping: &SnapshotMapping, stream: Option<&StreamName>) -> Query {
    let sql = |field: &Field| format!("({})", field.sql);
    let optional = |field: &Option<Field>| field.as_ref().map_or_else(|| "NULL".to_owned(), sql);
    let (kind, id, version) = (optional(&mapping.aggregate_type), sql(&mapping.aggregate_id), sql(&mapping.version));
    let is_table = mapping.from.chars().all(|char| char.is_alphanumeric() || char == '_');
    let mut query = Query::new(format!(
        "SELECT {kind}, {id}, {version}, {}, {}, ({}) FROM {} WHERE {}",
        optional(&mapping.timestamp),
        sql(&mapping.state),
        mapping.state.codec.as_deref().unwrap_or("NULL"),
        if is_table { schema::quoted(&mapping.from) } else { mapping.from.clone() },
        mapping.filter.as_ref().map_or_else(|| "1".to_owned(), |filter| format!("({filter})")),
    ));
    if let Some(stream) = stream {
        query.push(" AND ").append(&one_of(Some(&id), &stream.aggregate_id, mapping.aggregate_id.format, ""));
        if let Some(field) = &mapping.aggregate_type {
            query.push(" AND ").append(&one_of(Some(&kind), &stream.aggregate_type, field.format, ""));
        }
    }
    query.push(" ORDER BY ").push(&[kind, id, version].join(", "));
    query
}

fn snapshot(layout: &Layout, mapping: &SnapshotMapping, row: &Row<'_>) -> Result<Snapshot> {
    let kind = mapping.aggregate_type.as_ref().map_or(Format::Auto, |field| field.format);
    let timestamp = mapping.timestamp.as_ref().map_or(Format::Auto, |field| field.format);
    Ok(Snapshot {
        stream: layout.stream_name(
            decode::text(row.get_ref(0)?, kind),
            decode::text(row.get_ref(1)?, mapping.aggregate_id.format),
        ),
        version: Stored::from(row.get_ref(2)?).to_integer().unwrap_or_default(),
        timestamp: decode::timestamp(row.get_ref(3)?, timestamp),
        state: decode::plain(decode::payload_named(row.get_ref(4)?, row.get_ref(5)?, &mapping.state.encoding)),
    })
}
