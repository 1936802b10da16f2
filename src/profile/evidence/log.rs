//! The log as far as it is looked at to recognise what stands beside it: which streams there are, and what happened to
//! some of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};
use serde_json::Value as Json;

use super::super::field::Field;
use super::super::large;
use super::super::mapping::Mapping;
use super::super::schema::Table;
use super::spelling::beginnings;
use crate::codec::Format;
use crate::codec::decode;
use crate::event::Decoded;

/// How many events are read for their streams, from the start and again from the end.
const ROWS: usize = 4_000;
/// How many events of one stream are read for what they say.
const EVENTS: usize = 240;
/// Where no index leads to a stream: how many events are read for what they say, and how many bytes of them.
const SCANNED: usize = 4_000;
const BYTES: usize = 24 << 20;
/// A larger payload is not read.
const MOST: u64 = 256 << 10;
/// How many beginnings of ids are kept, the most frequent ones.
const PREFIXES: usize = 12;

/// A stream as the log has it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) kind: String,
    pub(super) id: String,
    /// As they are stored.
    raw: (Value, Value),
    /// The smallest and the largest version that was seen; where versions are counted, the number of events.
    pub(super) first: i64,
    pub(super) last: i64,
    /// Whether `last` is the last one of all.
    pub(super) whole: bool,
}

/// One event of a stream.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) version: i64,
    pub(super) position: Option<i64>,
    pub(super) event_type: String,
    pub(super) data: Option<Json>,
}

/// The events of one stream, oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) events: Vec<Past>,
    /// Whether these are all.
    pub(super) whole: bool,
}

/// The log.
pub(super) struct Log<'a> {
    conn: &'a Connection,
    mapping: &'a Mapping,
    columns: [String; 4],
    streams: HashMap<String, Vec<Known>>,
    /// Whether every stream is among `streams`.
    whole: bool,
    /// Whether an index leads to the events of a stream.
    indexed: bool,
    histories: RefCell<HashMap<(String, String), Rc<History>>>,
    scanned: RefCell<bool>,
}

impl<'a> Log<'a> {
    /// Reads the streams; `None` where the log is one stream, so that nothing can be keyed by it.
    pub(super) fn read(conn: &'a Connection, tables: &[Table], mapping: &'a Mapping) -> rusqlite::Result<Option<Self>> {
        let Some(id) = &mapping.aggregate_id else { return Ok(None) };
        let optional = |field: &Option<Field>| field.as_ref().map_or_else(|| "NULL".to_owned(), |it| it.sql.clone());
        let metadata = mapping.metadata.as_ref().map_or("", |field| &field.sql);
        let payloads = [mapping.data.sql.as_str(), metadata];
        let columns = [
            id.sql.clone(),
            optional(&mapping.aggregate_type),
            optional(&mapping.version),
            optional(&mapping.position),
        ]
        .map(|sql| format!("({})", large::within(&sql, &payloads, tables, large::LOOKED_INTO)));
        let indexed = finds(conn, mapping, &format!("({}) = 'x'", id.sql));
        let mut log = Self {
            conn,
            mapping,
            columns,
            streams: HashMap::new(),
            whole: false,
            indexed,
            histories: RefCell::default(),
            scanned: RefCell::new(false),
        };
        log.note_streams()?;
        Ok(Some(log))
    }

    fn rows(&self) -> String {
        let filter = self.mapping.filter.as_ref().map_or("1", |filter| filter.as_str());
        format!("FROM {} WHERE ({filter})", self.mapping.from)
    }

    fn note_streams(&mut self) -> rusqlite::Result<()> {
        let [id, kind, version, _] = &self.columns;
        let select = format!("SELECT {id}, {kind}, {version} {}", self.rows());
        let head = self.note(&format!("{select} LIMIT {ROWS}"))?;
        self.whole = head < ROWS;
        if !self.whole
            && let Some(position) = &self.mapping.position
        {
            self.note(&format!("{select} ORDER BY ({}) DESC LIMIT {ROWS}", position.sql))?;
        }
        let whole = self.whole;
        self.streams.values_mut().flatten().for_each(|stream| stream.whole = whole);
        Ok(())
    }

    fn note(&mut self, sql: &str) -> rusqlite::Result<usize> {
        let format = |field: &Option<Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
        let (id_format, kind_format) = (format(&self.mapping.aggregate_id), format(&self.mapping.aggregate_type));
        let mut statement = self.conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            let Some(id) = decode::text(row.get_ref(0)?, id_format).filter(|id| !id.is_empty()) else { continue };
            let kind = decode::text(row.get_ref(1)?, kind_format).unwrap_or_default();
            let known = self.streams.entry(id.clone()).or_default();
            let version = integer(row.get_ref(2)?);
            if let Some(known) = known.iter_mut().find(|known| known.kind == kind) {
                let version = version.unwrap_or(known.last + 1);
                (known.first, known.last) = (known.first.min(version), known.last.max(version));
            } else {
                let raw = (value(row, 0)?, value(row, 1)?);
                let version = version.unwrap_or(1);
                known.push(Known { kind, id, raw, first: version, last: version, whole: false });
            }
        }
        Ok(count)
    }

    /// The streams of an id, one of each kind.
    pub(super) fn find(&self, id: &str) -> Vec<Known> {
        if let Some(known) = self.streams.get(id) {
            return known.clone();
        }
        if self.whole || !self.indexed {
            return Vec::new();
        }
        self.look_up(id).unwrap_or_default()
    }

    /// Looks for a stream that was not among those that were read.
    fn look_up(&self, id: &str) -> rusqlite::Result<Vec<Known>> {
        let [column, kind, version, _] = &self.columns;
        let sql = format!(
            "SELECT {kind}, min({version}), max({version}), count(*) {} AND {column} = ?1 GROUP BY {kind} LIMIT 9",
            self.rows()
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let counted: i64 = row.get(3)?;
            found.push(Known {
                kind: decode::text(row.get_ref(0)?, Format::Auto).unwrap_or_default(),
                id: id.to_owned(),
                raw: (Value::Text(id.to_owned()), value(row, 0)?),
                first: integer(row.get_ref(1)?).unwrap_or(1),
                last: integer(row.get_ref(2)?).unwrap_or(counted),
                whole: true,
            });
        }
        Ok(found)
    }

    /// What the ids begin with, the most frequent first.
    pub(super) fn prefixes(&self) -> Vec<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for id in self.streams.keys() {
            beginnings(id).for_each(|prefix| *counts.entry(prefix).or_default() += 1);
        }
        let mut counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
        counts.sort_by_key(|(prefix, count)| (std::cmp::Reverse(*count), std::cmp::Reverse(prefix.len())));
        counts.into_iter().take(PREFIXES).map(|(prefix, _)| prefix.to_owned()).collect()
    }

    /// Whether events have positions of the store's own.
    pub(super) fn has_positions(&self) -> bool {
        self.mapping.position.is_some()
    }

    /// The first and the last position; `None` where positions are not the store's own.
    pub(super) fn positions(&self) -> rusqlite::Result<Option<(i64, i64)>> {
        let Some(position) = &self.mapping.position else { return Ok(None) };
        let end = |way: &str| {
            let sql = format!("SELECT ({0}) {1} ORDER BY ({0}) {way} LIMIT 1", position.sql, self.rows());
            self.conn.query_row(&sql, [], |row| Ok(integer(row.get_ref(0)?)))
        };
        Ok(Some((end("ASC")?, end("DESC")?)).and_then(|(first, last)| Some((first?, last?))))
    }

    /// The version that a stream had at a position, in SQL; `None` where positions are not the store's own.
    pub(super) fn version_at(&self, id: &str, position: &str) -> Option<String> {
        let positions = &self.mapping.position.as_ref()?.sql;
        let version = self.mapping.version.as_ref().map_or("1", |version| &version.sql);
        let last = if self.mapping.version.is_some() { "max(log_version)" } else { "count(*)" };
        let own = &self.mapping.aggregate_id.as_ref()?.sql;
        let events = self.rows();
        Some(format!(
            "(SELECT {last} FROM (SELECT ({own}) AS log_id, ({version}) AS log_version, ({positions}) AS log_position \
             {events}) WHERE log_id = {id} AND log_position <= {position})"
        ))
    }

    /// How many streams were read.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// What happened to a stream, as far as it is read.
    pub(super) fn history(&self, stream: &Known) -> rusqlite::Result<Rc<History>> {
        let name = (stream.kind.clone(), stream.id.clone());
        if let Some(history) = self.histories.borrow().get(&name) {
            return Ok(Rc::clone(history));
        }
        if !self.indexed {
            self.scan()?;
            return Ok(self.histories.borrow().get(&name).cloned().unwrap_or_default());
        }
        let [id, kind, ..] = &self.columns;
        let order = self.mapping.order_in_stream().join("), (");
        let sql = format!("{} AND {id} = ?1 AND {kind} IS ?2 ORDER BY ({order}) LIMIT {EVENTS}", self.select());
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter([&stream.raw.0, &stream.raw.1]))?;
        let mut history = History { events: Vec::new(), whole: true };
        while let Some(row) = rows.next()? {
            let counted = history.events.len();
            history.events.push(self.past(row, counted)?);
        }
        history.whole = history.events.len() < EVENTS;
        let history = Rc::new(history);
        self.histories.borrow_mut().insert(name, Rc::clone(&history));
        Ok(history)
    }

    /// Reads the first events of all, where no index leads to those of one stream.
    fn scan(&self) -> rusqlite::Result<()> {
        if self.scanned.replace(true) {
            return Ok(());
        }
        let format = |field: &Option<Field>| field.as_ref().map_or(Format::Auto, |field| field.format);
        let mut statement = self.conn.prepare(&format!("{} LIMIT {SCANNED}", self.select()))?;
        let mut rows = statement.query([])?;
        let mut found: HashMap<(String, String), History> = HashMap::new();
        let (mut count, mut bytes) = (0, 0);
        while let Some(row) = rows.next()? {
            count += 1;
            let Some(id) = decode::text(row.get_ref(0)?, format(&self.mapping.aggregate_id)) else { continue };
            let kind = decode::text(row.get_ref(1)?, format(&self.mapping.aggregate_type)).unwrap_or_default();
            let history = found.entry((kind, id)).or_default();
            if history.events.len() < EVENTS {
                bytes += row.get_ref(5)?.as_bytes_or_null().ok().flatten().map_or(8, <[u8]>::len);
                let counted = history.events.len();
                history.events.push(self.past(row, counted)?);
            }
            if bytes > BYTES {
                break;
            }
        }
        let whole = count < SCANNED && bytes <= BYTES;
        let mut histories = self.histories.borrow_mut();
        for (name, mut history) in found {
            history.events.sort_by_key(|event| event.version);
            history.whole = whole && history.events.len() < EVENTS;
            histories.insert(name, Rc::new(history));
        }
        Ok(())
    }

    /// The events with what they say.
    fn select(&self) -> String {
        let [id, kind, version, position] = &self.columns;
        let event_type = self.mapping.event_type.as_ref().map_or("NULL", |field| &field.sql);
        let (data, codec) = (&self.mapping.data.sql, self.mapping.data.codec.as_deref().unwrap_or("NULL"));
        let data = format!("CASE WHEN coalesce(octet_length({data}), 0) <= {MOST} THEN ({data}) END");
        format!("SELECT {id}, {kind}, {version}, {position}, ({event_type}), {data}, ({codec}) {}", self.rows())
    }

    fn past(&self, row: &Row<'_>, counted: usize) -> rusqlite::Result<Past> {
        let counted = i64::try_from(counted + 1).unwrap_or(i64::MAX);
        let data = decode::payload_named(row.get_ref(5)?, row.get_ref(6)?, &self.mapping.data.encoding);
        Ok(Past {
            version: integer(row.get_ref(2)?).unwrap_or(counted),
            position: integer(row.get_ref(3)?),
            event_type: decode::text(row.get_ref(4)?, Format::Auto).unwrap_or_default(),
            data: match data.into_decoded() {
                Decoded::Document { value, .. } => Some(value),
                _ => None,
            },
        })
    }
}

/// Whether SQLite goes straight to the events that meet a condition.
fn finds(conn: &Connection, mapping: &Mapping, condition: &str) -> bool {
    let sql = format!("EXPLAIN QUERY PLAN SELECT 1 FROM {} WHERE {condition}", mapping.from);
    let plan = conn.prepare(&sql).and_then(|mut statement| {
        statement.query_map([], |row| row.get::<_, String>(3))?.collect::<rusqlite::Result<Vec<_>>>()
    });
    plan.is_ok_and(|steps| !steps.is_empty() && steps.iter().all(|step| !step.contains("SCAN")))
}

/// An integer, however it is stored.
pub(super) fn integer(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
        _ => None,
    }
}

/// A value as it is stored; text that is no UTF-8 as its bytes.
pub(super) fn value(row: &Row<'_>, place: usize) -> rusqlite::Result<Value> {
    let value = row.get_ref(place)?;
    Ok(Value::try_from(value).unwrap_or_else(|_| value.as_bytes().map_or(Value::Null, |it| Value::Blob(it.to_vec()))))
}
