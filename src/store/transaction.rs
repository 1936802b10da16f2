//! Appending to a store, and transactions over several streams: what is appended in one is committed together.

use std::cell::{RefCell, RefMut};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::append::{Append, Appended};
use super::connection::Clock;
use super::event_store::EventStore;
use super::insert::On;
use super::rules::Rules;
use super::{append, archive, read};
use crate::error::{Error, Result};
use crate::event::{Event, ExpectedVersion, NewEvent, StreamName, Version};

/// A transaction that [`EventStore::transaction`](super::EventStore::transaction) has begun.
///
/// What it reads includes what it has appended.
pub struct Transaction<'store> {
    connection: &'store Connection,
    clock: &'store Clock,
    rules: &'store RefCell<Rules>,
}

impl<'store> Transaction<'store> {
    pub(super) fn new(connection: &'store Connection, clock: &'store Clock, rules: &'store RefCell<Rules>) -> Self {
        Self { connection, clock, rules }
    }

    pub(super) fn connection(&self) -> &'store Connection {
        self.connection
    }

    /// The rules of the file. Whoever holds them lets go before anything else is appended.
    pub(super) fn rules(&self) -> RefMut<'store, Rules> {
        self.rules.borrow_mut()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Appends as [`EventStore::append`](super::EventStore::append) does. Where it fails none of `events` are
    /// appended, and the transaction goes on: the caller decides whether what came before is still wanted.
    pub fn append(&self, stream: &StreamName, expected: ExpectedVersion, events: &[NewEvent]) -> Result<Appended> {
        append::within_savepoint(self.connection, || self.write(stream, expected, events))
    }

    /// Appends; on an error the caller takes back what was written so far.
    pub(super) fn write(
        &self,
        stream: &StreamName,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Appended> {
        let append = Append { stream, expected, events, now: self.now(), on: On::OwnConnection };
        append::write(self.connection, &mut self.rules(), &append)
    }

    /// Does `work`, and takes back what it appended where it fails: what came before it stays, and the transaction goes
    /// on. For the requests of several callers that are to be committed together though one of them may be refused.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn attempt<T, E: From<Error>>(&self, work: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        self.connection.execute_batch("SAVEPOINT attempt").map_err(Error::from)?;
        match work(self) {
            Ok(done) => {
                self.connection.execute_batch("RELEASE attempt").map_err(Error::from)?;
                Ok(done)
            }
            Err(error) => {
                // As within an append: what has ended the transaction has taken this back.
                self.connection.execute_batch("ROLLBACK TO attempt; RELEASE attempt").ok();
                Err(error)
            }
        }
    }

    /// Whether the transaction is still one: a failure such as a full disk ends it, and what was appended is gone.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// The event that has an id, among those that were appended in this transaction too.
    pub fn event(&self, id: &str) -> Result<Option<Event>> {
        read::by_id(self.connection, id)
    }

    /// The version of a stream's last event; `None` where it has none.
    pub fn current_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        append::current_version(self.connection, stream)
    }

    /// The events of a stream, as [`EventStore::read_stream`](super::EventStore::read_stream) answers with them.
    pub fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>> {
        read::stream(self.connection, stream, from, to)
    }
}

impl EventStore {
    /// Appends events to a stream, all of them or none, and answers with what the store gave them: their positions and
    /// versions, which follow each other, the moment, and an id where they had none.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) where the stream is not as `expected`;
    /// [`BadInput`](crate::ErrorKind::BadInput) for an event that the format cannot hold, that does not fit the
    /// [schema](EventStore::register_schema) of its type or the [naming convention](super::Naming) of the store, or whose
    /// id is taken; [`Busy`](crate::ErrorKind::Busy) where another writer did not finish in time.
    pub fn append(&mut self, stream: &StreamName, expected: ExpectedVersion, events: &[NewEvent]) -> Result<Appended> {
        let append = Append { stream, expected, events, now: (self.clock)(), on: On::OwnConnection };
        let transaction = archive::begin_writing(&self.connection)?;
        let appended = append::write(&transaction, self.rules.get_mut(), &append)?;
        transaction.commit()?;
        self.signal.notify();
        Ok(appended)
    }

    /// Appends to several streams at once: everything that `work` appends is committed together, or, where it fails,
    /// none of it.
    ///
    /// Other writers wait meanwhile: do no slow work in it.
    ///
    /// ```
    /// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
    /// use serde_json::json;
    ///
    /// let mut store = eventscope::store::EventStore::open_in_memory()?;
    /// let (from, to) = (StreamName::new("account", "a"), StreamName::new("account", "b"));
    /// store.transaction(|transfer| {
    ///     let sent = NewEvent::new("account.sent", json!({"amount": 10}));
    ///     transfer.append(&from, ExpectedVersion::Any, &[sent])?;
    ///     let received = NewEvent::new("account.received", json!({"amount": 10}));
    ///     transfer.append(&to, ExpectedVersion::Any, &[received])
    /// })?;
    /// assert_eq!(store.read_all(None, 10)?.len(), 2);
    /// # Ok::<(), eventscope::Error>(())
    /// ```
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = archive::begin_writing(&self.connection)?;
        let outcome = work(&Transaction::new(&begun, &self.clock, &self.rules))?;
        begun.commit().map_err(Error::from)?;
        self.signal.notify();
        Ok(outcome)
    }
}
