//! A transaction over several streams: what is appended in it is committed together.

use std::cell::{RefCell, RefMut};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::append::{Append, Appended};
use super::event_store::Clock;
use super::insert::On;
use super::rules::Rules;
use super::{append, read};
use crate::error::Result;
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

    /// The version of a stream's last event; `None` where it has none.
    pub fn current_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        append::current_version(self.connection, stream)
    }

    /// The events of a stream, as [`EventStore::read_stream`](super::EventStore::read_stream) answers with them.
    pub fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>> {
        read::stream(self.connection, stream, from, to)
    }
}
