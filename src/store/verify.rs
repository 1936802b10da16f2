//! Verifying: reads the whole log once and names the first event that is not as the store would have written it.

use rusqlite::{Connection, OptionalExtension};

use super::archive;
use super::chain::{self, Hash};
use super::course::Course;
use super::event_store::EventStore;
use super::query::Query;
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};

/// After how many events verifying says how far it has come.
const STRIDE: u64 = 1_000;

/// What [`EventStore::verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many events were found in order, up to the first that was not.
    pub events: u64,
    /// Whether the store keeps a hash chain. Without one a change that leaves an event well-formed is not seen.
    pub chained: bool,
    /// The first thing that is wrong; `None` where all is well.
    pub fault: Option<Fault>,
}

/// Something that is not as the store would have written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: the position of the event, or where one is missing.
    pub position: Position,
    /// What is wrong, in a sentence without its full stop.
    pub reason: String,
}

impl EventStore {
    /// Reads the whole log and holds it against what the store promises: versions without gaps, time that follows
    /// position, data that can be read, `streams` in step with the events, and, where the store was created with one,
    /// the hash chain.
    ///
    /// The chain shows every change, insertion and removal of events before its last link. Nothing in a file can show
    /// that its newest events *and* their links were taken away: keep the last hash elsewhere where that matters.
    pub fn verify(&self) -> Result<Verification> {
        self.verify_with(|_| {})
    }

    /// As [`EventStore::verify`]; `progress` is told now and then how many events were read.
    pub fn verify_with(&self, mut progress: impl FnMut(u64)) -> Result<Verification> {
        let mut audit = Audit::begin(&self.connection)?;
        if audit.hash.is_none() && chain::end(&self.connection)?.is_some() {
            return Ok(audit.broken(0, "the beginning of the chain was taken away".to_owned()));
        }
        for event in self.events(Query::default()) {
            let event = event?;
            if let Some(reason) = audit.look_at(&event)? {
                return Ok(audit.broken(event.position, reason));
            }
            if audit.course.events() % STRIDE == 0 {
                progress(audit.course.events());
            }
        }
        audit.end()
    }

    /// The hash of the chain's last link, in hexadecimal digits; `None` in a store that keeps no chain.
    pub fn last_hash(&self) -> Result<Option<String>> {
        use std::fmt::Write;
        Ok(chain::last(&self.connection)?.map(|hash| {
            hash.iter().fold(String::new(), |mut text, byte| {
                // Writing to a string does not fail.
                write!(text, "{byte:02x}").ok();
                text
            })
        }))
    }

    /// What SQLite itself finds wrong with the file and its archives (`PRAGMA integrity_check`); empty where all is
    /// well.
    pub fn integrity_check(&self) -> Result<Vec<String>> {
        archive::integrity_check(&self.connection)
    }
}

/// What was seen so far.
struct Audit<'store> {
    connection: &'store Connection,
    course: Course,
    hash: Option<Hash>,
}

impl<'store> Audit<'store> {
    fn begin(connection: &'store Connection) -> Result<Self> {
        Ok(Self { connection, course: Course::default(), hash: chain::at(connection, 0)? })
    }

    /// What is wrong with the next event.
    fn look_at(&mut self, event: &Event) -> Result<Option<String>> {
        let fault = self.course.fault(event);
        if fault.is_some() {
            return Ok(fault);
        }
        if let Some(before) = self.hash {
            let hash = chain::link(&before, event);
            match chain::at(self.connection, event.position)? {
                None => return Ok(Some("it has no link in the chain: another program wrote it".to_owned())),
                Some(stored) if stored != hash => {
                    return Ok(Some(
                        "its hash is not that of its link: it, or what is before it, was changed".to_owned(),
                    ));
                }
                Some(_) => self.hash = Some(hash),
            }
        }
        self.course.go_on(event);
        Ok(None)
    }

    fn broken(self, position: Position, reason: String) -> Verification {
        let fault = Some(Fault { position, reason });
        Verification { events: self.course.events(), chained: self.hash.is_some(), fault }
    }

    /// What only shows once all events were seen.
    fn end(self) -> Result<Verification> {
        let last = self.course.position();
        if let Some(end) = chain::end(self.connection)?.filter(|end| self.hash.is_some() && *end > last) {
            return Ok(self.broken(last + 1, format!("the chain goes on to position {end}, but the events do not")));
        }
        if let Some(stream) = self.stream_out_of_step()? {
            return Ok(self.broken(last, format!("`streams` does not agree with the events of {stream}")));
        }
        Ok(Verification { events: self.course.events(), chained: self.hash.is_some(), fault: None })
    }

    /// A stream whose version in `streams` is not that of its last event.
    fn stream_out_of_step(&self) -> Result<Option<StreamName>> {
        let mut statement =
            self.connection.prepare("SELECT version FROM streams WHERE (aggregate_type, aggregate_id) = (?1, ?2)")?;
        for stream in self.course.names() {
            let names = [&stream.aggregate_type, &stream.aggregate_id];
            let counted: Option<Version> = statement.query_row(names, |row| row.get(0)).optional()?;
            if counted != self.course.version(stream) {
                return Ok(Some(stream.clone()));
            }
        }
        let mut statement = self.connection.prepare("SELECT aggregate_type, aggregate_id FROM streams")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stream = StreamName { aggregate_type: row.get(0)?, aggregate_id: row.get(1)? };
            if self.course.version(&stream).is_none() {
                return Ok(Some(stream));
            }
        }
        Ok(None)
    }
}
