//! Reading: the statements behind the store's questions, each on an index.

use rusqlite::{Connection, OptionalExtension, Params, params};

use super::row::{self, COLUMNS};
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};

/// The events of a stream, oldest first, from one version to another, both included.
pub(super) fn stream(
    connection: &Connection,
    stream: &StreamName,
    from: Version,
    to: Option<Version>,
) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version BETWEEN ?3 AND ?4 \
         ORDER BY version"
    );
    let to = to.unwrap_or(Version::MAX);
    events(connection, &sql, params![stream.aggregate_type, stream.aggregate_id, from, to])
}

/// At most `limit` events of the whole store behind a position, oldest first.
pub(super) fn all(connection: &Connection, after: Option<Position>, limit: usize) -> Result<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE position > ?1 ORDER BY position LIMIT ?2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    events(connection, &sql, params![after.unwrap_or(Position::MIN), limit])
}

/// The event that has an id.
pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE event_id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], row::event).optional()?)
}

fn events(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Event>> {
    let mut statement = connection.prepare_cached(sql)?;
    let events = statement.query_map(params, row::event)?.collect::<rusqlite::Result<_>>()?;
    Ok(events)
}
