//! Subscriptions: all events from a position on, first those that are there, then each as it is committed.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use super::event_store::EventStore;
use super::row;
use super::transaction::Transaction;
use crate::error::Result;
use crate::event::{Event, Position};

/// How many events one call answers with, unless chosen otherwise.
const BATCH: usize = 256;

/// How often a waiting subscription asks whether another process has written. The question costs a few microseconds;
/// writers in the same process are seen at once.
const LISTEN: Duration = Duration::from_millis(50);

/// A reader that follows the log.
///
/// The caller drives it, on whatever thread and with whatever connection it likes: each call is a short read of its
/// own, so that a slow subscriber never holds up a writer.
///
/// ```
/// use std::time::Duration;
/// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
/// use eventscope::store::EventStore;
/// use serde_json::json;
///
/// let mut store = EventStore::open_in_memory()?;
/// let placed = [NewEvent::new("order.placed", json!({}))];
/// store.append(&StreamName::new("order", "ord-1"), ExpectedVersion::NoStream, &placed)?;
///
/// let mut mails = store.subscribe_named("mails")?;
/// for event in mails.wait(&store, Duration::from_secs(1))? {
///     // ... send a mail about it ...
///     assert_eq!(event.event_type, "order.placed");
/// }
/// mails.acknowledge(&mut store)?;
/// assert!(store.subscribe_named("mails")?.poll(&store)?.is_empty(), "it goes on behind what it has dealt with");
/// # Ok::<(), eventscope::Error>(())
/// ```
#[derive(Debug)]
pub struct Subscription {
    name: Option<String>,
    position: Option<Position>,
    batch: usize,
}

impl EventStore {
    /// Follows the log behind a position, or from its beginning.
    #[must_use]
    pub fn subscribe(&self, after: Option<Position>) -> Subscription {
        Subscription { name: None, position: after, batch: BATCH }
    }

    /// Follows the log behind where the subscription of this name was last acknowledged, or from its beginning.
    ///
    /// The name shares its checkpoint with a [projection](super::Projection) of the same name.
    pub fn subscribe_named(&self, name: &str) -> Result<Subscription> {
        let position = self.checkpoint(name)?;
        Ok(Subscription { name: Some(name.to_owned()), position, batch: BATCH })
    }

    /// The position of the last event that a named reader has dealt with.
    pub fn checkpoint(&self, name: &str) -> Result<Option<Position>> {
        checkpoint(&self.connection, name)
    }

    /// The names and positions of all readers.
    pub fn checkpoints(&self) -> Result<Vec<(String, Position)>> {
        let mut statement = self.connection.prepare_cached("SELECT name, position FROM checkpoints ORDER BY name")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Subscription {
    /// The same subscription, answering with at most so many events at a time.
    #[must_use]
    pub fn with_batch(self, events: usize) -> Self {
        Self { batch: events.max(1), ..self }
    }

    /// The position of the last event that it has answered with.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// The next events that are there, none where it has caught up.
    pub fn poll(&mut self, store: &EventStore) -> Result<Vec<Event>> {
        let events = store.read_all(self.position, self.batch)?;
        self.position = events.last().map(|event| event.position).or(self.position);
        Ok(events)
    }

    /// The next events, waiting for them where there are none yet; none where the time is over.
    ///
    /// What this process commits through any [`EventStore`] is seen at once, what others commit within 50 ms. Choose
    /// a timeout after which the caller looks whether it should still be running.
    pub fn wait(&mut self, store: &EventStore, timeout: Duration) -> Result<Vec<Event>> {
        let started = Instant::now();
        loop {
            // Both are asked before looking, so that a commit in between is not missed.
            let (seen, version) = (store.signal.count(), data_version(&store.connection)?);
            let events = self.poll(store)?;
            if !events.is_empty() {
                return Ok(events);
            }
            if !until_news(store, seen, version, started, timeout)? {
                return Ok(Vec::new());
            }
        }
    }

    /// Keeps the position of what it has answered with under its name, so that it goes on there another time. One
    /// without a name keeps nothing.
    ///
    /// A subscriber that stops between dealing with events and acknowledging them gets them again: at least once.
    pub fn acknowledge(&self, store: &mut EventStore) -> Result<()> {
        let (Some(name), Some(position)) = (&self.name, self.position) else { return Ok(()) };
        let now = row::stored_moment((store.clock)());
        set_checkpoint(&store.connection, name, position, &now)
    }
}

impl Transaction<'_> {
    /// How far the named reader of a log has come: the last position that it has dealt with.
    pub fn checkpoint(&self, name: &str) -> Result<Option<Position>> {
        checkpoint(self.connection(), name)
    }

    /// Remembers how far a named reader of a log has come, together with what it writes in this transaction.
    pub fn set_checkpoint(&self, name: &str, position: Position) -> Result<()> {
        set_checkpoint(self.connection(), name, position, &row::stored_moment(self.now()))
    }
}

/// Waits until something may have been committed; false where the time was over first.
fn until_news(store: &EventStore, seen: u64, version: i64, started: Instant, timeout: Duration) -> Result<bool> {
    loop {
        let left = timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Ok(false);
        }
        store.signal.wait(seen, left.min(LISTEN));
        if store.signal.count() > seen || data_version(&store.connection)? != version {
            return Ok(true);
        }
    }
}

/// A number that changes when another connection has committed
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
fn data_version(connection: &Connection) -> Result<i64> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}

pub(super) fn checkpoint(connection: &Connection, name: &str) -> Result<Option<Position>> {
    let mut statement = connection.prepare_cached("SELECT position FROM checkpoints WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn set_checkpoint(connection: &Connection, name: &str, position: Position, now: &str) -> Result<()> {
    let sql = "INSERT INTO checkpoints (name, position, updated_at) VALUES (?1, ?2, ?3) \
               ON CONFLICT DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at";
    connection.prepare_cached(sql)?.execute(params![name, position, now])?;
    Ok(())
}
