//! Reading: what the store can be asked, each answered from an index.

use rusqlite::{Connection, Params, params};

use super::append;
use super::archive;
use super::event_store::EventStore;
use super::query::{self, Events, Query, StreamVersion};
use super::row::{self, COLUMNS, Memory, OF_STREAM};
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};

impl EventStore {
    /// The version of a stream's last event; `None` where it has none.
    pub fn current_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        append::current_version(&self.connection, stream)
    }

    /// The events of a stream, oldest first, from version `from` to version `to`, both included; to the last one where
    /// there is no `to`. A stream that does not exist has no events.
    pub fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>> {
        self::stream(&self.connection, stream, from, to)
    }

    /// At most `limit` events of a stream, newest first, from version `from` down, or from its last one. A
    /// [`Query::stream`] with `newest_first` walks as long a stream as there is, and stops at a version.
    pub fn read_stream_backwards(
        &self,
        stream: &StreamName,
        from: Option<Version>,
        limit: usize,
    ) -> Result<Vec<Event>> {
        backwards(&self.connection, stream, from.unwrap_or(Version::MAX), limit)
    }

    /// At most `limit` events of the whole store, oldest first, behind the position `after` or from the beginning.
    pub fn read_all(&self, after: Option<Position>, limit: usize) -> Result<Vec<Event>> {
        all(&self.connection, None, after, limit)
    }

    /// The event that has an id.
    pub fn event(&self, id: &str) -> Result<Option<Event>> {
        by_id(&self.connection, id)
    }

    /// The event at a position.
    pub fn event_at(&self, position: Position) -> Result<Option<Event>> {
        let next = self.read_all(position.checked_sub(1), 1)?;
        Ok(next.into_iter().find(|event| event.position == position))
    }

    /// The events that a query wants, all at once.
    pub fn query(&self, query: &Query) -> Result<Vec<Event>> {
        query::all(&self.connection, query)
    }

    /// The events that a query wants, one after the other: for answers that are too long to hold.
    #[must_use]
    pub fn events(&self, query: Query) -> Events<'_> {
        Events::new(&self.connection, query)
    }

    /// The events of a stream from a version on, one after the other: for streams that are too long to hold.
    #[must_use]
    pub fn stream_events(&self, stream: &StreamName, from: Version) -> Events<'_> {
        Events::of_stream(&self.connection, stream, from)
    }

    /// How many events a query wants.
    pub fn count(&self, query: &Query) -> Result<u64> {
        query::count(&self.connection, query)
    }

    /// At most `limit` streams with their versions, by aggregate type and id, behind the stream `after` or from the
    /// first.
    pub fn streams(&self, after: Option<&StreamName>, limit: usize) -> Result<Vec<StreamVersion>> {
        query::streams(&self.connection, after, limit)
    }

    /// The position of the last event; `None` where there is none.
    pub fn last_position(&self) -> Result<Option<Position>> {
        archive::last_position(&self.connection)
    }
}

/// The events of a stream, oldest first, from one version to another, both included.
pub(super) fn stream(
    connection: &Connection,
    stream: &StreamName,
    from: Version,
    to: Option<Version>,
) -> Result<Vec<Event>> {
    let condition = "aggregate_type = ?1 AND aggregate_id = ?2 AND version BETWEEN ?3 AND ?4 ORDER BY version";
    let to = to.unwrap_or(Version::MAX);
    let params = params![stream.aggregate_type, stream.aggregate_id, from, to];
    events(connection, Some(stream), condition, params)
}

/// Hands the events of a stream from a version on to `fold`, oldest first, each in the memory of the one before it: for
/// those who need one after the other and keep none. It is one read of the store, and holds up no writer.
pub(super) fn fold_stream(
    connection: &Connection,
    stream: &StreamName,
    from: Version,
    mut fold: impl FnMut(&Event) -> Result<()>,
) -> Result<()> {
    archive::reading(connection, Some(stream), |table| {
        let sql = format!(
            "SELECT {OF_STREAM} FROM {table} WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version >= ?3 \
             ORDER BY version"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![stream.aggregate_type, stream.aggregate_id, from])?;
        let mut memory = Memory::new(stream.clone());
        while let Some(row) = rows.next()? {
            fold(memory.read(row)?)?;
        }
        Ok(())
    })
}

fn backwards(connection: &Connection, stream: &StreamName, from: Version, limit: usize) -> Result<Vec<Event>> {
    let condition = "aggregate_type = ?1 AND aggregate_id = ?2 AND version <= ?3 ORDER BY version DESC LIMIT ?4";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = params![stream.aggregate_type, stream.aggregate_id, from, limit];
    events(connection, Some(stream), condition, params)
}

/// At most `limit` events of the whole store behind a position, oldest first; where they are known to be `about` one
/// stream, an archive without events of it need not be there.
pub(super) fn all(
    connection: &Connection,
    about: Option<&StreamName>,
    after: Option<Position>,
    limit: usize,
) -> Result<Vec<Event>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = params![after.unwrap_or(Position::MIN), limit];
    events(connection, about, "position > ?1 ORDER BY position LIMIT ?2", params)
}

/// The event that has an id.
pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<Event>> {
    Ok(events(connection, None, "event_id = ?1", [id])?.pop())
}

fn events(
    connection: &Connection,
    about: Option<&StreamName>,
    condition: &str,
    params: impl Params,
) -> Result<Vec<Event>> {
    archive::reading(connection, about, |table| {
        let sql = format!("SELECT {COLUMNS} FROM {table} WHERE {condition}");
        let mut statement = connection.prepare_cached(&sql)?;
        let events = statement.query_map(params, row::event)?.collect::<rusqlite::Result<_>>()?;
        Ok(events)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent};

    #[test]
    fn what_is_folded_in_the_memory_of_one_event_is_what_is_read() {
        let moments = std::cell::Cell::new(0);
        let clock = move || {
            moments.set(moments.get() + 1);
            chrono::DateTime::from_timestamp(moments.get(), 0).unwrap()
        };
        let mut store = EventStore::open_in_memory().unwrap().with_clock(clock);
        let cup = StreamName::new("cup", "1");
        let full = |number: i64| NewEvent {
            schema_version: Some((number + 9).to_string()),
            actor: Some(format!("ann {number}")),
            actor_type: Some("user".to_owned()),
            source: Some("api".to_owned()),
            causation_id: Some("cause".to_owned()),
            correlation_id: Some("long-correlation".to_owned()),
            metadata: json!({"number": number}).into(),
            ..NewEvent::new("cup.sold_to_somebody", json!({"number": number}))
        };
        let bare = || NewEvent::new("cup.broken", Value::Null);
        for batch in [vec![full(1), bare()], vec![bare(), full(2)], vec![full(3)], vec![bare()]] {
            store.append(&cup, ExpectedVersion::Any, &batch).unwrap();
        }
        for from in [1, 3, 7] {
            let mut folded = Vec::new();
            fold_stream(&store.connection, &cup, from, |event| {
                folded.push(event.clone());
                Ok(())
            })
            .unwrap();
            assert_eq!(folded, store.read_stream(&cup, from, None).unwrap(), "from version {from}");
        }
    }
}
