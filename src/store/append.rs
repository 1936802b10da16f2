//! Appending: checks what is written, holds the stream against its expected version, and inserts the rows.

use std::ops::Range;

use chrono::{DateTime, Utc};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::encoding::Encoding;
use super::id::Ids;
use super::insert::{Batch, On};
use super::row::NewRow;
use super::rules::Rules;
use super::{archive, chain, row, schema};
use crate::error::{Error, Result};
use crate::event::{ExpectedVersion, NewEvent, Payload, Position, StreamName, Timestamp, Version};

/// The kinds of actor that the native format knows.
pub const ACTOR_TYPES: [&str; 3] = ["user", "service", "system"];

/// The ways into the native format that it knows.
pub const SOURCES: [&str; 5] = ["ui", "api", "import", "webhook", "system"];

/// What the store gave the events of one append: their places, which follow each other, their ids, and the moment.
///
/// To have the events as they were stored, read them: [`read_stream`](super::EventStore::read_stream) with
/// [`Appended::versions`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// The events' places in the whole store, without the one behind the last.
    pub positions: Range<Position>,
    /// The events' places in their stream, without the one behind the last.
    pub versions: Range<Version>,
    /// The events' ids, made by the store for those that came without.
    pub ids: Vec<String>,
    /// When they were recorded; `None` where nothing was appended.
    pub timestamp: Option<Timestamp>,
}

impl Appended {
    /// How many events were appended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there was nothing to append.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The version that the stream is at now; `None` where nothing was appended.
    #[must_use]
    pub fn last_version(&self) -> Option<Version> {
        self.versions.clone().next_back()
    }

    /// The position of the last of the events; `None` where nothing was appended.
    #[must_use]
    pub fn last_position(&self) -> Option<Position> {
        self.positions.clone().next_back()
    }
}

/// The first schema of the file that can hold rules.
const WITH_RULES: usize = 6;

const SET_VERSION: &str = "INSERT INTO streams (aggregate_type, aggregate_id, version) VALUES (?1, ?2, ?3) \
     ON CONFLICT DO UPDATE SET version = excluded.version";

/// Appends to a store inside a transaction that the caller has begun on a connection of its own.
///
/// Either all of `events` are added to the transaction or, on an error, none of them; the caller commits. Begin the
/// transaction with `BEGIN IMMEDIATE`: a deferred one can fail as busy at its first write, without waiting.
///
/// # Errors
/// [`Conflict`](crate::ErrorKind::Conflict) where the stream is not as `expected`,
/// [`BadInput`](crate::ErrorKind::BadInput) for an event that the format cannot hold, that does not fit what the file
/// asks of its events, or whose id is taken, [`Unsupported`](crate::ErrorKind::Unsupported) where the file has another
/// schema version than this program writes.
pub fn append_in(
    connection: &Connection,
    stream: &StreamName,
    expected: ExpectedVersion,
    events: &[NewEvent],
) -> Result<Appended> {
    if connection.is_autocommit() {
        return Err(Error::bad_input("appending needs a transaction, and none has been begun"));
    }
    schema::require_current(connection)?;
    let append = Append { stream, expected, events, now: Utc::now(), on: On::ForeignConnection };
    within_savepoint(connection, || write(connection, &mut Rules::default(), &append))
}

/// Holds an event against all that an append would, save what is stored: its envelope, its name, its data. Answers with
/// the payload that its data would become. It writes nothing, and a connection that only reads will do.
///
/// A file of an older schema has no rules yet.
///
/// # Errors
/// Those that [`append_in`] has for an event.
pub fn check_in(connection: &Connection, stream: &StreamName, event: &NewEvent) -> Result<Payload> {
    let mut rules = Rules::default();
    if schema::version(connection)? >= WITH_RULES {
        rules.refresh(connection)?;
    }
    check_stream(stream)?;
    rules.check_stream(stream)?;
    let schema_version = admit(event, &rules)?;
    rules.check_data(connection, &event.event_type, schema_version, || Ok(event.data.value()))?;
    let mut buffers = Buffers::default();
    let (data, _) = buffers.write(event, rules.encoding())?;
    Ok(row::payload(data))
}

/// Does `work`, and takes back what it wrote where it fails, leaving the transaction around it open.
pub(super) fn within_savepoint<T>(connection: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    connection.execute_batch("SAVEPOINT append")?;
    match work() {
        Ok(done) => {
            connection.execute_batch("RELEASE append")?;
            Ok(done)
        }
        Err(error) => {
            // A failure such as a full disk has already ended the transaction: then there is nothing left to take back.
            connection.execute_batch("ROLLBACK TO append; RELEASE append").ok();
            Err(error)
        }
    }
}

/// What is to be appended, and how.
pub(super) struct Append<'a> {
    pub(super) stream: &'a StreamName,
    pub(super) expected: ExpectedVersion,
    pub(super) events: &'a [NewEvent],
    pub(super) now: DateTime<Utc>,
    pub(super) on: On,
}

/// Appends inside a transaction; on an error the caller takes back what was written so far.
pub(super) fn write(connection: &Connection, rules: &mut Rules, append: &Append<'_>) -> Result<Appended> {
    let Append { stream, expected, events, now, on } = *append;
    check_stream(stream)?;
    let actual = current_version(connection, stream)?;
    if !expected.allows(actual) {
        return Err(Error::conflict(stream.clone(), expected, actual));
    }
    let next = actual.map_or(Some(1), |actual| actual.checked_add(1));
    let places = next.zip(Version::try_from(events.len()).ok());
    let Some((next, end)) = places.and_then(|(next, count)| Some((next, next.checked_add(count)?))) else {
        return Err(Error::bad_input(format!("the stream {stream} is full")));
    };
    if events.is_empty() {
        return Ok(Appended::default());
    }
    archive::refuse_taken_ids(connection, events.iter().filter_map(|event| event.id.as_deref()))?;
    rules.refresh(connection)?;
    rules.check_stream(stream)?;
    let recorded_at = row::timestamp(&next_moment(connection, now)?);
    let mut buffers = Buffers::default();
    let mut ids = Ids::new(connection);
    let mut batch = Batch::new(connection, on, events.len())?;
    for (version, event) in (next..end).zip(events) {
        let schema_version = admit(event, rules)?;
        rules.check_data(connection, &event.event_type, schema_version, || Ok(event.data.value()))?;
        let (data, metadata) = buffers.write(event, rules.encoding())?;
        let recorded_at = &recorded_at.stored;
        let id = event.id.clone().map_or_else(|| ids.next(), Ok)?;
        batch.push(id, &NewRow { stream, version, recorded_at, schema_version, event, data, metadata })?;
    }
    let (positions, ids) = batch.end();
    chain::extend(connection, &positions)?;
    set_version(connection, stream, end - 1)?;
    Ok(Appended { positions, versions: next..end, ids, timestamp: Some(recorded_at) })
}

/// The version of a stream's last event; `None` where it has none.
pub(super) fn current_version(connection: &Connection, stream: &StreamName) -> Result<Option<Version>> {
    let sql = "SELECT version FROM streams WHERE aggregate_type = ?1 AND aggregate_id = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let version = statement.query_row([&stream.aggregate_type, &stream.aggregate_id], |row| row.get(0)).optional()?;
    Ok(version)
}

/// `now` as it is stored, or the last event's moment where the clock was set back: time follows position.
pub(super) fn next_moment(connection: &Connection, now: DateTime<Utc>) -> Result<String> {
    let now = row::stored_moment(now);
    Ok(match archive::last_moment(connection)? {
        Some(last) if last > now => last,
        _ => now,
    })
}

/// Memory that the payloads of one event after the other are written in.
#[derive(Default)]
struct Buffers {
    data: Vec<u8>,
    metadata: Vec<u8>,
}

impl Buffers {
    /// The data and metadata of an event as they are stored.
    fn write<'a>(&'a mut self, event: &'a NewEvent, encoding: Encoding) -> Result<(ValueRef<'a>, ValueRef<'a>)> {
        let of = |what: &str, error: Error| error.context(format_args!("the {what} of {}", event.event_type));
        let data = encoding.write(&event.data, &mut self.data).map_err(|error| of("data", error))?;
        let metadata = match &event.metadata {
            metadata if metadata.is_null() => ValueRef::Null,
            metadata => Encoding::Json.write(metadata, &mut self.metadata).map_err(|error| of("metadata", error))?,
        };
        Ok((data, metadata))
    }
}

/// Holds what surrounds the data against the format and the rules of the file. Answers with the schema version as the
/// format stores it.
pub(super) fn admit(event: &NewEvent, rules: &Rules) -> Result<i64> {
    let schema_version = check_event(event)?;
    rules.check_event_type(&event.event_type)?;
    Ok(schema_version)
}

/// Says at which version a stream now is.
pub(super) fn set_version(connection: &Connection, stream: &StreamName, version: Version) -> Result<()> {
    let mut statement = connection.prepare_cached(SET_VERSION)?;
    statement.execute(params![stream.aggregate_type, stream.aggregate_id, version])?;
    Ok(())
}

/// A stream that the format can name: `TYPE/ID` has to be readable back.
pub(super) fn check_stream(stream: &StreamName) -> Result<()> {
    if stream.aggregate_type.is_empty() || stream.aggregate_id.is_empty() {
        return Err(Error::bad_input(format!("the stream `{stream}` needs an aggregate type and an aggregate id"))
            .with_hint("Name it TYPE/ID, such as order/ord-1."));
    }
    if stream.aggregate_type.contains('/') {
        return Err(Error::bad_input(format!("the aggregate type `{}` holds a slash", stream.aggregate_type))
            .with_hint("The slash separates the type from the id."));
    }
    Ok(())
}

/// Answers with the schema version as the format stores it.
fn check_event(event: &NewEvent) -> Result<i64> {
    if event.event_type.is_empty() {
        return Err(Error::bad_input("the event has no type").with_hint("Say what happened, such as order.placed."));
    }
    if event.id.as_ref().is_some_and(String::is_empty) {
        return Err(Error::bad_input("the event id is empty").with_hint("Leave it out, and the store makes one."));
    }
    one_of("actor type", event.actor_type.as_deref(), &ACTOR_TYPES)?;
    check_source(event.source.as_deref())?;
    schema_version(event.schema_version.as_deref())
}

/// A way in that the format knows, or none.
pub(super) fn check_source(source: Option<&str>) -> Result<()> {
    one_of("source", source, &SOURCES)
}

fn one_of(what: &str, given: Option<&str>, known: &[&str]) -> Result<()> {
    match given {
        Some(given) if !known.contains(&given) => {
            Err(Error::bad_input(format!("`{given}` is no {what} of this format"))
                .with_hint(format!("Use one of {}, or none.", known.join(", "))))
        }
        _ => Ok(()),
    }
}

fn schema_version(given: Option<&str>) -> Result<i64> {
    let Some(given) = given else { return Ok(1) };
    given.parse().ok().filter(|version| *version >= 1).ok_or_else(|| {
        Error::bad_input(format!("`{given}` is no schema version of this format"))
            .with_hint("Use a whole number from 1 on.")
    })
}
