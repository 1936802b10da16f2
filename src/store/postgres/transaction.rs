//! Transactions over several streams, and projections that are written in the same one as their checkpoint.

use std::cell::RefCell;

use postgres::Client;

use super::postgres_store::PostgresStore;
use super::writing::Writing;
use super::{checkpoints, commands, query};
use crate::error::Result;
use crate::event::{Event, ExpectedVersion, NewEvent, Position, StreamName, Version};
use crate::store::append::Appended;
use crate::store::command::{Command, Processed};

/// How many events a projection folds in one transaction.
const BATCH: usize = 1_000;

/// A transaction that [`PostgresStore::transaction`] has begun.
///
/// What it reads includes what it has appended.
pub struct PostgresTransaction<'t, 's>(RefCell<&'t mut Writing<'s>>);

impl PostgresTransaction<'_, '_> {
    /// Appends events to a stream, all of them or none. Where it is refused the transaction goes on: the caller decides
    /// whether what came before is still wanted.
    ///
    /// # Errors
    /// Those of [`EventStore::append`](crate::store::EventStore::append).
    pub fn append(&self, stream: &StreamName, expected: ExpectedVersion, events: &[NewEvent]) -> Result<Appended> {
        let mut writing = self.0.borrow_mut();
        writing.look_for_ids(&events.iter().filter_map(|event| event.id.as_deref()).collect::<Vec<_>>())?;
        writing.look_at_streams(std::iter::once(stream))?;
        let (plan, mut admission) = writing.planning();
        let appended = plan.append(stream, expected, events, &mut admission)?;
        writing.write()?;
        Ok(appended)
    }

    /// Appends what a command produced, once.
    ///
    /// # Errors
    /// Those of [`EventStore::append_command`](crate::store::EventStore::append_command).
    pub fn append_command(
        &self,
        command: &Command,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Processed> {
        commands::append(&mut self.0.borrow_mut(), command, expected, events)
    }

    /// The event that has an id.
    ///
    /// # Errors
    /// Those of the server.
    pub fn event(&self, id: &str) -> Result<Option<Event>> {
        query::by_id(self.0.borrow_mut().session, id)
    }

    /// The version of a stream's last event; `None` where it has none.
    ///
    /// # Errors
    /// Those of the server.
    pub fn current_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        let mut writing = self.0.borrow_mut();
        writing.look_at_streams(std::iter::once(stream))?;
        Ok(writing.plan.version(stream))
    }

    /// The events of a stream, oldest first, from a version to another, both included, or to the last.
    ///
    /// # Errors
    /// Those of the server.
    pub fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>> {
        query::stream(self.0.borrow_mut().session, stream, from, to)
    }

    /// Remembers how far a named reader has come.
    ///
    /// # Errors
    /// Those of the server.
    pub fn set_checkpoint(&self, name: &str, position: Position) -> Result<()> {
        checkpoints::set(self.0.borrow_mut().session, name, position)
    }

    /// Does something with tables of one's own in this transaction, which it must not end.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn with_tables<T>(&self, work: impl FnOnce(&mut Client) -> Result<T>) -> Result<T> {
        work(self.0.borrow_mut().session.client())
    }
}

/// Folds events into tables of one's own in the database of the store.
pub trait PostgresProjection {
    /// The name under which it is remembered how far the projection has come.
    fn name(&self) -> &str;

    /// Makes the tables where they are not there.
    ///
    /// # Errors
    /// Where they cannot be made.
    fn create(&mut self, tables: &mut Client) -> Result<()>;

    /// Takes the tables away, or what is in them.
    ///
    /// # Errors
    /// Where that fails.
    fn clear(&mut self, tables: &mut Client) -> Result<()>;

    /// Folds an event into the tables, in a transaction that it must not end.
    ///
    /// # Errors
    /// Where it fails the projection stops before the batch that the event is in.
    fn apply(&mut self, tables: &mut Client, event: &Event) -> Result<()>;
}

impl PostgresStore {
    /// Appends to several streams at once: everything that `work` appends is committed together, or, where it fails, none of
    /// it. Other writers wait meanwhile. Where the server asks to repeat the transaction, `work` is done again.
    ///
    /// # Errors
    /// Those of `work`, and of the commit.
    pub fn transaction<T>(&mut self, mut work: impl FnMut(&PostgresTransaction<'_, '_>) -> Result<T>) -> Result<T> {
        self.writing(|writing| work(&PostgresTransaction(RefCell::new(writing))))
    }

    /// Brings a projection up to date, and answers with how many events it has folded.
    ///
    /// # Errors
    /// Those of the projection.
    pub fn project(&mut self, projection: &mut impl PostgresProjection) -> Result<u64> {
        let mut folded = 0;
        loop {
            let batch = self.folding(projection, fold)?;
            folded += batch as u64;
            if batch < BATCH {
                return Ok(folded);
            }
        }
    }

    /// Makes a projection anew from the first event, and answers with how many events it has folded.
    ///
    /// # Errors
    /// Those of the projection.
    pub fn rebuild(&mut self, projection: &mut impl PostgresProjection) -> Result<u64> {
        self.folding(projection, |session, projection| {
            projection.clear(session.client())?;
            checkpoints::forget(session, projection.name())
        })?;
        self.project(projection)
    }
}

fn fold(session: &mut super::session::Session, projection: &mut impl PostgresProjection) -> Result<usize> {
    projection.create(session.client())?;
    let behind = checkpoints::find(session, projection.name())?;
    let events = query::behind(session, behind, BATCH)?;
    for event in &events {
        projection.apply(session.client(), event).map_err(|error| {
            error.context(format_args!("the projection {} at position {}", projection.name(), event.position))
        })?;
    }
    if let Some(last) = events.last() {
        checkpoints::set(session, projection.name(), last.position)?;
    }
    Ok(events.len())
}
