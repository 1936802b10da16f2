//! What an event store does, wherever its events lie: the trait that the service and the verbs are written against.

use std::io::{BufRead, Write};
use std::time::Duration;

use serde_json::Value;

use super::append::Appended;
use super::command::{Command, Processed};
use super::encoding::Encoding;
use super::event_schema::{EventSchema, Misfit};
use super::event_store::EventStore;
use super::naming::Naming;
use super::ndjson;
use super::placing::Places;
use super::query::{Query, StreamVersion};
use super::request::{Answered, Refusal, Request};
use super::snapshot::Snapshot;
use super::validation::Validator;
use super::verify::Verification;
use crate::error::Result;
use crate::event::{Event, ExpectedVersion, Json, NewEvent, Position, StreamName, Version};

/// How many events an export holds at a time.
const PAGE: usize = 512;

/// After how many events an export says how far it has come.
const STRIDE: u64 = 1_000;

/// An event store: one connection to where its events lie.
///
/// What each method answers with and refuses is told at those of the same names of [`EventStore`], which keeps its events
/// in a file.
pub trait Store: Send {
    /// The version of a stream's last event; `None` where it has none.
    fn current_version(&self, stream: &StreamName) -> Result<Option<Version>>;

    /// The events of a stream, oldest first, from a version to another, both included, or to the last.
    fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>>;

    /// At most `limit` events of the whole store, oldest first, behind a position or from the beginning.
    fn read_all(&self, after: Option<Position>, limit: usize) -> Result<Vec<Event>>;

    /// The event that has an id.
    fn event(&self, id: &str) -> Result<Option<Event>>;

    /// The events that a query wants, all at once.
    fn query(&self, query: &Query) -> Result<Vec<Event>>;

    /// At most `limit` streams with their versions, by aggregate type and id, behind a stream or from the first.
    fn streams(&self, after: Option<&StreamName>, limit: usize) -> Result<Vec<StreamVersion>>;

    /// The position of the last event; `None` where there is none.
    fn last_position(&self) -> Result<Option<Position>>;

    /// The next events behind a position, waiting for them for some time; none where that is over. No event ever appears
    /// at or before a position that was answered with.
    fn wait(&self, after: Option<Position>, limit: usize, timeout: Duration) -> Result<Vec<Event>>;

    /// The latest snapshot of a stream at `version` or before; the latest of all where there is no `version`.
    fn snapshot(&self, stream: &StreamName, version: Option<Version>) -> Result<Option<Snapshot>>;

    /// The JSON Schema of an event type, at one version of its shape.
    fn schema(&self, event_type: &str, schema_version: u32) -> Result<Option<Value>>;

    /// The position of the last event that a named reader has dealt with.
    fn checkpoint(&self, name: &str) -> Result<Option<Position>>;

    /// The names and positions of all readers.
    fn checkpoints(&self) -> Result<Vec<(String, Position)>>;

    /// Holds the whole log against what the store promises; `progress` is told now and then how many events were read.
    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verification>;

    /// Appends events to a stream, all of them or none.
    fn append(&mut self, stream: &StreamName, expected: ExpectedVersion, events: &[NewEvent]) -> Result<Appended>;

    /// Appends what several callers want, in one commit that they share.
    fn append_requests(&mut self, requests: &[&Request]) -> Result<Vec<Result<Answered, Refusal>>>;

    /// Appends what a command produced, once.
    fn append_command(
        &mut self,
        command: &Command,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Processed>;

    /// Appends the events that are in lines of JSON, all of them or none.
    fn import(&mut self, lines: &mut dyn BufRead, places: Places, progress: &mut dyn FnMut(u64)) -> Result<u64>;

    /// Stores a state of a stream at a version.
    fn save_snapshot(&mut self, stream: &StreamName, version: Version, state_version: u32, state: Json) -> Result<()>;

    /// Registers the JSON Schema of an event type; with `replace` also where events were stored under another one.
    fn put_schema(&mut self, event_type: &str, schema_version: u32, schema: &Value, replace: bool) -> Result<()>;

    /// The schemas that are registered, by event type and schema version.
    fn schemas(&self) -> Result<Vec<EventSchema>>;

    /// Takes a schema away; false where there is none.
    fn remove_schema(&mut self, event_type: &str, schema_version: u32) -> Result<bool>;

    /// At most `limit` stored events that do not fit the schemas that are registered now.
    fn misfits(&self, limit: usize) -> Result<Vec<Misfit>>;

    /// What names have to look like.
    fn naming(&self) -> Result<Naming>;

    /// Says what names have to look like from now on.
    fn set_naming(&mut self, naming: &Naming) -> Result<()>;

    /// In what the data of events is written.
    fn encoding(&self) -> Result<Encoding>;

    /// Says in what the data of events is written from now on.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for what such a store cannot write.
    fn set_encoding(&mut self, encoding: Encoding) -> Result<()>;

    /// Remembers how far a named reader has come.
    fn set_checkpoint(&mut self, name: &str, position: Position) -> Result<()>;

    /// Every place at which data does not fit the schema of its type, at most `limit`: a JSON Pointer, empty for the whole,
    /// and what is wrong there.
    fn faults(&self, event_type: &str, version: u32, data: &Value, limit: usize) -> Result<Vec<(String, String)>> {
        let Some(schema) = self.schema(event_type, version)? else { return Ok(Vec::new()) };
        Ok(Validator::new(event_type, version.into(), &schema)?.each(data, limit))
    }

    /// Writes all events as [lines of JSON](super::ndjson_line), and answers with how many there were.
    fn export(&self, to: &mut dyn Write, progress: &mut dyn FnMut(u64)) -> Result<u64> {
        let (mut count, mut behind) = (0, None);
        loop {
            let events = self.read_all(behind, PAGE)?;
            let Some(last) = events.last() else { break };
            behind = Some(last.position);
            for event in &events {
                writeln!(to, "{}", ndjson::ndjson_line(event)?)?;
                count += 1;
                if count % STRIDE == 0 {
                    progress(count);
                }
            }
        }
        to.flush()?;
        Ok(count)
    }
}

impl Store for EventStore {
    fn current_version(&self, stream: &StreamName) -> Result<Option<Version>> {
        self.current_version(stream)
    }

    fn read_stream(&self, stream: &StreamName, from: Version, to: Option<Version>) -> Result<Vec<Event>> {
        self.read_stream(stream, from, to)
    }

    fn read_all(&self, after: Option<Position>, limit: usize) -> Result<Vec<Event>> {
        self.read_all(after, limit)
    }

    fn event(&self, id: &str) -> Result<Option<Event>> {
        self.event(id)
    }

    fn query(&self, query: &Query) -> Result<Vec<Event>> {
        self.query(query)
    }

    fn streams(&self, after: Option<&StreamName>, limit: usize) -> Result<Vec<StreamVersion>> {
        self.streams(after, limit)
    }

    fn last_position(&self) -> Result<Option<Position>> {
        self.last_position()
    }

    fn wait(&self, after: Option<Position>, limit: usize, timeout: Duration) -> Result<Vec<Event>> {
        self.subscribe(after).with_batch(limit).wait(self, timeout)
    }

    fn snapshot(&self, stream: &StreamName, version: Option<Version>) -> Result<Option<Snapshot>> {
        self.snapshot(stream, version)
    }

    fn schema(&self, event_type: &str, schema_version: u32) -> Result<Option<Value>> {
        self.schema(event_type, schema_version)
    }

    fn checkpoint(&self, name: &str) -> Result<Option<Position>> {
        self.checkpoint(name)
    }

    fn checkpoints(&self) -> Result<Vec<(String, Position)>> {
        self.checkpoints()
    }

    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verification> {
        self.verify_with(progress)
    }

    fn append(&mut self, stream: &StreamName, expected: ExpectedVersion, events: &[NewEvent]) -> Result<Appended> {
        self.append(stream, expected, events)
    }

    fn append_requests(&mut self, requests: &[&Request]) -> Result<Vec<Result<Answered, Refusal>>> {
        self.append_requests(requests)
    }

    fn append_command(
        &mut self,
        command: &Command,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> Result<Processed> {
        self.append_command(command, expected, events)
    }

    fn import(&mut self, mut lines: &mut dyn BufRead, places: Places, progress: &mut dyn FnMut(u64)) -> Result<u64> {
        self.import(&mut lines, places, progress)
    }

    fn save_snapshot(&mut self, stream: &StreamName, version: Version, state_version: u32, state: Json) -> Result<()> {
        self.save_snapshot(stream, version, state_version, state)
    }

    fn put_schema(&mut self, event_type: &str, schema_version: u32, schema: &Value, replace: bool) -> Result<()> {
        if replace {
            self.replace_schema(event_type, schema_version, schema)
        } else {
            self.register_schema(event_type, schema_version, schema)
        }
    }

    fn schemas(&self) -> Result<Vec<EventSchema>> {
        self.schemas()
    }

    fn remove_schema(&mut self, event_type: &str, schema_version: u32) -> Result<bool> {
        self.remove_schema(event_type, schema_version)
    }

    fn misfits(&self, limit: usize) -> Result<Vec<Misfit>> {
        self.misfits(limit)
    }

    fn naming(&self) -> Result<Naming> {
        self.naming()
    }

    fn set_naming(&mut self, naming: &Naming) -> Result<()> {
        self.set_naming(naming)
    }

    fn encoding(&self) -> Result<Encoding> {
        self.encoding()
    }

    fn set_encoding(&mut self, encoding: Encoding) -> Result<()> {
        self.set_encoding(encoding)
    }

    fn set_checkpoint(&mut self, name: &str, position: Position) -> Result<()> {
        self.transaction(|transaction| transaction.set_checkpoint(name, position))
    }
}
