//! Verifying: reads the whole log once and names the first event that is not as the store would have written it.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::archive;
use super::chain::{self, Hash};
use super::event_store::EventStore;
use super::query::Query;
use crate::error::Result;
use crate::event::{Decoded, Event, Payload, Position, StorageClass, StreamName, Version};

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
            if audit.events % STRIDE == 0 {
                progress(audit.events);
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
    versions: HashMap<StreamName, Version>,
    hash: Option<Hash>,
    /// When the last event was recorded, as stored.
    moment: String,
    position: Position,
    events: u64,
}

impl<'store> Audit<'store> {
    fn begin(connection: &'store Connection) -> Result<Self> {
        let hash = chain::at(connection, 0)?;
        Ok(Self { connection, versions: HashMap::new(), hash, moment: String::new(), position: 0, events: 0 })
    }

    /// What is wrong with the next event.
    fn look_at(&mut self, event: &Event) -> Result<Option<String>> {
        let fault = self.version_fault(event).or_else(|| self.time_fault(event)).or_else(|| payload_fault(event));
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
        (self.position, self.events) = (event.position, self.events + 1);
        Ok(None)
    }

    fn version_fault(&mut self, event: &Event) -> Option<String> {
        let version = self.versions.entry(event.stream.clone()).or_insert(0);
        let expected = *version + 1;
        *version = event.version;
        (event.version != expected)
            .then(|| format!("{} is at version {} where {expected} comes next", event.stream, event.version))
    }

    fn time_fault(&mut self, event: &Event) -> Option<String> {
        let timestamp = event.timestamp.as_ref()?;
        if timestamp.utc.is_none() {
            return Some(format!("`{}` is no moment", timestamp.stored));
        }
        if *timestamp.stored < *self.moment {
            return Some(format!("it was recorded at {}, before the event before it", timestamp.stored));
        }
        timestamp.stored.as_ref().clone_into(&mut self.moment);
        None
    }

    fn broken(self, position: Position, reason: String) -> Verification {
        let fault = Some(Fault { position, reason });
        Verification { events: self.events, chained: self.hash.is_some(), fault }
    }

    /// What only shows once all events were seen.
    fn end(self) -> Result<Verification> {
        if let Some(end) = chain::end(self.connection)?.filter(|end| self.hash.is_some() && *end > self.position) {
            let missing = self.position + 1;
            return Ok(self.broken(missing, format!("the chain goes on to position {end}, but the events do not")));
        }
        if let Some(stream) = self.stream_out_of_step()? {
            let position = self.position;
            return Ok(self.broken(position, format!("`streams` does not agree with the events of {stream}")));
        }
        Ok(Verification { events: self.events, chained: self.hash.is_some(), fault: None })
    }

    /// A stream whose version in `streams` is not that of its last event.
    fn stream_out_of_step(&self) -> Result<Option<StreamName>> {
        let mut statement =
            self.connection.prepare("SELECT version FROM streams WHERE (aggregate_type, aggregate_id) = (?1, ?2)")?;
        for (stream, version) in &self.versions {
            let names = [&stream.aggregate_type, &stream.aggregate_id];
            let counted: Option<Version> = statement.query_row(names, |row| row.get(0)).optional()?;
            if counted != Some(*version) {
                return Ok(Some(stream.clone()));
            }
        }
        let mut statement = self.connection.prepare("SELECT aggregate_type, aggregate_id FROM streams")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stream = StreamName { aggregate_type: row.get(0)?, aggregate_id: row.get(1)? };
            if !self.versions.contains_key(&stream) {
                return Ok(Some(stream));
            }
        }
        Ok(None)
    }
}

fn payload_fault(event: &Event) -> Option<String> {
    let readable = |decoded: &Decoded| matches!(decoded, Decoded::Document { .. });
    if !readable(event.data.decoded()) {
        return Some(format!("its data is {}", unreadable(&event.data)));
    }
    let metadata = event.metadata.decoded();
    (*metadata != Decoded::Missing && !readable(metadata))
        .then(|| format!("its metadata is {}", unreadable(&event.metadata)))
}

fn unreadable(payload: &Payload) -> &'static str {
    if payload.storage == StorageClass::Blob { "no MessagePack" } else { "no JSON" }
}
