//! Questions to the whole store: which events, in which order, how many, and an iterator that holds only a page.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::archive;
use super::row::{self, COLUMNS};
use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName, Version};

/// How many events an iterator holds at a time.
const PAGE: usize = 512;

/// Which events are wanted. An empty query wants all of them, oldest first; each field that is set narrows it.
///
/// ```
/// use eventscope::store::Query;
///
/// let orders = Query { aggregate_type: Some("order".to_owned()), ..Query::default() };
/// let latest = Query { newest_first: true, limit: Some(20), ..orders };
///
/// use eventscope::event::StreamName;
/// let order = StreamName::new("order", "ord-1");
/// let backwards = Query { from_version: Some(10), to_version: Some(20), newest_first: true, ..Query::stream(&order) };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only of streams of this aggregate type.
    pub aggregate_type: Option<String>,
    /// Only of streams with this aggregate id.
    pub aggregate_id: Option<String>,
    /// Only from this version of their stream on.
    pub from_version: Option<Version>,
    /// Only up to this version of their stream, itself included.
    pub to_version: Option<Version>,
    /// Only of this event type.
    pub event_type: Option<String>,
    /// Only recorded at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Only recorded before this moment.
    pub until: Option<DateTime<Utc>>,
    /// Only with this correlation id.
    pub correlation_id: Option<String>,
    /// Only with this causation id: what an event or a command caused.
    pub causation_id: Option<String>,
    /// Only behind this position.
    pub after: Option<Position>,
    /// Only before this position.
    pub before: Option<Position>,
    /// Newest first instead of oldest first.
    pub newest_first: bool,
    /// How many to leave out first. Prefer [`Query::after`] for paging: an offset reads what it leaves out.
    pub offset: usize,
    /// At most this many.
    pub limit: Option<usize>,
}

impl Query {
    /// All events of a stream.
    #[must_use]
    pub fn stream(stream: &StreamName) -> Self {
        Self {
            aggregate_type: Some(stream.aggregate_type.clone()),
            aggregate_id: Some(stream.aggregate_id.clone()),
            ..Self::default()
        }
    }

    /// What decides the order. Within one stream versions go as positions go, and are in its index.
    fn key(&self) -> Key {
        if self.aggregate_type.is_some() && self.aggregate_id.is_some() { Key::Version } else { Key::Position }
    }

    /// The stream that it is about, where it can be about no other.
    fn about(&self) -> Option<StreamName> {
        let (aggregate_type, aggregate_id) = self.aggregate_type.clone().zip(self.aggregate_id.clone())?;
        Some(StreamName { aggregate_type, aggregate_id })
    }

    fn condition(&self, connection: &Connection, table: &str, walk: Walk) -> Result<Condition> {
        let mut condition = Condition::default();
        let behind = walk.behind();
        // A walk through all events of a type keeps to the order of the table: each page would sort the whole type.
        let scan = matches!(walk, Walk::Pages(_)) && self.aggregate_id.is_none();
        condition.equals(if scan { "+aggregate_type" } else { "aggregate_type" }, self.aggregate_type.as_ref());
        condition.equals("aggregate_id", self.aggregate_id.as_ref());
        let mut version = Bounds::default();
        version.at_least(self.from_version);
        version.at_most(self.to_version);
        condition.equals("event_type", self.event_type.as_ref());
        condition.equals("correlation_id", self.correlation_id.as_ref());
        condition.equals("causation_id", self.causation_id.as_ref());
        let mut position = Bounds::default();
        position.at_least(self.after.map(|after| after.saturating_add(1)));
        position.at_most(self.before.map(|before| before.saturating_sub(1)));
        // Time follows position, so that a range of moments is a range of positions.
        if let Some(from) = self.from {
            position.at_least(Some(first_since(connection, table, from)?.unwrap_or(Position::MAX)));
        }
        if let Some(until) = self.until {
            position.at_most(first_since(connection, table, until)?.map(|first| first.saturating_sub(1)));
        }
        let key = match self.key() {
            Key::Version => &mut version,
            Key::Position => &mut position,
        };
        if self.newest_first {
            key.at_most(behind.map(|behind| behind.saturating_sub(1)));
        } else {
            key.at_least(behind.map(|behind| behind.saturating_add(1)));
        }
        condition.within("version", version);
        condition.within("position", position);
        Ok(condition)
    }
}

/// How a query is answered.
#[derive(Clone, Copy)]
enum Walk {
    /// All at once.
    Once,
    /// Page by page: the next one behind a key.
    Pages(Option<i64>),
}

impl Walk {
    fn behind(self) -> Option<i64> {
        match self {
            Self::Once => None,
            Self::Pages(behind) => behind,
        }
    }
}

/// The range in which a column's values lie. Of two bounds on the same side SQLite seeks by the first alone and reads
/// on to the other, for each page anew: so that there is one only, the narrower.
#[derive(Clone, Copy, Default)]
struct Bounds {
    from: Option<i64>,
    to: Option<i64>,
}

impl Bounds {
    fn at_least(&mut self, value: Option<i64>) {
        self.from = self.from.max(value);
    }

    fn at_most(&mut self, value: Option<i64>) {
        self.to = [self.to, value].into_iter().flatten().min();
    }
}

#[derive(Clone, Copy)]
enum Key {
    Position,
    Version,
}

impl Key {
    fn column(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Version => "version",
        }
    }

    fn of(self, event: &Event) -> i64 {
        match self {
            Self::Position => event.position,
            Self::Version => event.version,
        }
    }
}

/// A `WHERE` and its values.
#[derive(Default)]
struct Condition {
    terms: Vec<String>,
    values: Vec<Value>,
}

impl Condition {
    fn equals(&mut self, column: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.push(&format!("{column} ="), Value::Text(value.clone()));
        }
    }

    fn within(&mut self, column: &str, bounds: Bounds) {
        for (comparison, value) in [(">=", bounds.from), ("<=", bounds.to)] {
            if let Some(value) = value {
                self.push(&format!("{column} {comparison}"), Value::Integer(value));
            }
        }
    }

    fn push(&mut self, comparison: &str, value: Value) {
        self.values.push(value);
        self.terms.push(format!("{comparison} ?{}", self.values.len()));
    }

    /// Adds a value that is no condition, and answers with what stands for it.
    fn value(&mut self, value: i64) -> String {
        self.values.push(Value::Integer(value));
        format!("?{}", self.values.len())
    }

    fn sql(&self) -> String {
        if self.terms.is_empty() { "1".to_owned() } else { self.terms.join(" AND ") }
    }
}

/// The position of the first event that was recorded at a moment or later. Time follows position, so that halving the
/// positions finds it.
pub(super) fn first_since(connection: &Connection, table: &str, moment: DateTime<Utc>) -> Result<Option<Position>> {
    let sought = row::stored_moment(moment);
    let end = |direction| {
        let sql = format!("SELECT position FROM {table} ORDER BY position {direction} LIMIT 1");
        connection.prepare_cached(&sql)?.query_row([], |row| row.get(0)).optional()
    };
    let (Some(mut low), Some(mut high)) = (end("ASC")?, end("DESC")?) else { return Ok(None) };
    let sql = format!("SELECT position, recorded_at >= ?2 FROM {table} WHERE position >= ?1 ORDER BY position LIMIT 1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut event_from = |position: Position| -> rusqlite::Result<(Position, bool)> {
        statement.query_row(params![position, sought], |row| Ok((row.get(0)?, row.get(1)?)))
    };
    if !event_from(high)?.1 {
        return Ok(None);
    }
    // What lies before `low` was recorded before the moment, what lies from `high` on was not.
    while low < high {
        let middle = low.wrapping_add_unsigned(high.abs_diff(low) / 2);
        match event_from(middle)? {
            (_, true) => high = middle,
            (position, false) => low = position + 1,
        }
    }
    Ok(Some(event_from(high)?.0))
}

/// The events that a query wants, all at once.
pub(super) fn all(connection: &Connection, query: &Query) -> Result<Vec<Event>> {
    archive::reading(connection, query.about().as_ref(), |table| {
        let condition = query.condition(connection, table, Walk::Once)?;
        select(connection, table, query, condition, query.limit, query.offset)
    })
}

fn select(
    connection: &Connection,
    table: &str,
    query: &Query,
    mut condition: Condition,
    limit: Option<usize>,
    offset: usize,
) -> Result<Vec<Event>> {
    let (key, direction) = (query.key().column(), if query.newest_first { "DESC" } else { "ASC" });
    let sql = condition.sql();
    let limit = condition.value(limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX));
    let offset = condition.value(i64::try_from(offset).unwrap_or(i64::MAX));
    let sql =
        format!("SELECT {COLUMNS} FROM {table} WHERE {sql} ORDER BY {key} {direction} LIMIT {limit} OFFSET {offset}");
    // Each page asks the same with other values.
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(condition.values), row::event)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many events a query wants; its limit and offset count too.
pub(super) fn count(connection: &Connection, query: &Query) -> Result<u64> {
    let found: i64 = archive::reading(connection, query.about().as_ref(), |table| {
        let condition = query.condition(connection, table, Walk::Once)?;
        let sql = format!("SELECT count(*) FROM {table} WHERE {}", condition.sql());
        Ok(connection.query_row(&sql, params_from_iter(condition.values), |row| row.get(0))?)
    })?;
    let (found, offset) = (u64::try_from(found).unwrap_or(0), u64::try_from(query.offset).unwrap_or(u64::MAX));
    let limit = query.limit.and_then(|limit| u64::try_from(limit).ok()).unwrap_or(u64::MAX);
    Ok(found.saturating_sub(offset).min(limit))
}

/// An iterator over the events that a query wants. It reads a page at a time, each in a transaction of its own: it
/// holds neither the whole answer in memory nor a lock between two pages, and may meet events that were appended
/// after it began.
pub struct Events<'store> {
    connection: &'store Connection,
    query: Query,
    page: std::vec::IntoIter<Event>,
    /// The key of the last event of the page.
    behind: Option<i64>,
    left: usize,
    ended: bool,
}

impl<'store> Events<'store> {
    pub(super) fn new(connection: &'store Connection, query: Query) -> Self {
        let left = query.limit.unwrap_or(usize::MAX);
        Self { connection, query, page: Vec::new().into_iter(), behind: None, left, ended: false }
    }

    /// The events of a stream from a version on.
    pub(super) fn of_stream(connection: &'store Connection, stream: &StreamName, from: Version) -> Self {
        Self { behind: Some(from.saturating_sub(1)), ..Self::new(connection, Query::stream(stream)) }
    }

    fn read_page(&mut self) -> Result<()> {
        let key = self.query.key();
        let offset = if self.behind.is_none() { self.query.offset } else { 0 };
        let wanted = PAGE.min(self.left);
        let page = archive::reading(self.connection, self.query.about().as_ref(), |table| {
            let condition = self.query.condition(self.connection, table, Walk::Pages(self.behind))?;
            select(self.connection, table, &self.query, condition, Some(wanted), offset)
        })?;
        self.left -= page.len().min(self.left);
        self.ended = page.len() < wanted || self.left == 0;
        let reached = page.last().map(|event| key.of(event));
        if let (Some(reached), Some(behind)) = (reached, self.behind)
            && (if self.query.newest_first { reached >= behind } else { reached <= behind })
        {
            return Err(Error::out_of_order("the events come back to where they were read before"));
        }
        self.behind = reached.or(self.behind);
        self.page = page.into_iter();
        Ok(())
    }
}

impl Iterator for Events<'_> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(event) = self.page.next() {
            return Some(Ok(event));
        }
        if self.ended {
            return None;
        }
        if let Err(error) = self.read_page() {
            self.ended = true;
            return Some(Err(error));
        }
        self.page.next().map(Ok)
    }
}

/// A stream and the version of its last event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamVersion {
    /// The stream.
    pub stream: StreamName,
    /// The version of its last event, which is also how many it has.
    pub version: Version,
}

/// At most `limit` streams behind one, by aggregate type and id.
pub(super) fn streams(connection: &Connection, after: Option<&StreamName>, limit: usize) -> Result<Vec<StreamVersion>> {
    let sql = "SELECT aggregate_type, aggregate_id, version FROM streams \
               WHERE (aggregate_type, aggregate_id) > (?1, ?2) ORDER BY aggregate_type, aggregate_id LIMIT ?3";
    let first = StreamName::default();
    let after = after.unwrap_or(&first);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((&after.aggregate_type, &after.aggregate_id, limit), |row| {
        Ok(StreamVersion {
            stream: StreamName::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?),
            version: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
