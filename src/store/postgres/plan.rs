//! What a transaction is about to write, worked out in memory from what is stored: which requests are carried out, at which
//! positions and versions. So that any number of requests takes as few questions to the server as one.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::types::ValueRef;

use super::row::{payload, timestamp};
use crate::error::{Error, Result};
use crate::event::{Event, ExpectedVersion, Json, NewEvent, Payload, Position, StreamName, Version};
use crate::store::append::{Appended, admit, check_stream};
use crate::store::encoding::Encoding;
use crate::store::id::Ids;
use crate::store::insert::taken;
use crate::store::request::{Entry, Refusal, Request};
use crate::store::rules::Rules;

/// What is needed to admit an event.
pub(super) struct Admission<'a, 'c> {
    pub(super) rules: &'a mut Rules,
    pub(super) ids: &'a mut Ids<'c>,
    /// The schemas that are registered, by event type and version of its shape.
    pub(super) schemas: &'a HashMap<(String, i64), String>,
}

/// What is known, and what is to be written.
pub(super) struct Plan {
    /// Of the last event.
    position: Position,
    /// The moment of the events that are to be written.
    moment: DateTime<Utc>,
    /// The last versions of the streams that were asked for; none where a stream has no event.
    versions: HashMap<StreamName, Option<Version>>,
    /// The events that have one of the ids that were asked for, and those that are to be written.
    by_id: HashMap<String, Event>,
    /// What is to be written, in its order.
    rows: Vec<Event>,
}

impl Plan {
    /// Nothing yet, behind a position.
    pub(super) fn behind(position: Position, moment: DateTime<Utc>) -> Self {
        Self { position, moment, versions: HashMap::new(), by_id: HashMap::new(), rows: Vec::new() }
    }

    /// The streams among these of which it is not known yet at which versions they are.
    pub(super) fn unknown_streams<'s>(
        &self,
        streams: impl Iterator<Item = &'s StreamName>,
    ) -> BTreeSet<&'s StreamName> {
        streams.filter(|stream| !self.versions.contains_key(*stream)).collect()
    }

    /// Learns at which version a stream is.
    pub(super) fn learn_version(&mut self, stream: StreamName, version: Option<Version>) {
        self.versions.insert(stream, version);
    }

    /// Learns of an event that is stored under an id.
    pub(super) fn learn_event(&mut self, event: Event) {
        if let Some(id) = event.id.clone() {
            self.by_id.insert(id, event);
        }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn moment(&self) -> DateTime<Utc> {
        self.moment
    }

    pub(super) fn set_moment(&mut self, moment: DateTime<Utc>) {
        self.moment = moment;
    }

    /// The last version of a stream, as far as it is known.
    pub(super) fn version(&self, stream: &StreamName) -> Option<Version> {
        self.versions.get(stream).copied().flatten()
    }

    /// What is to be written; none of it is any more.
    pub(super) fn take_rows(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.rows)
    }

    /// Carries out what one caller wants, or refuses it and leaves everything as it was.
    pub(super) fn request(
        &mut self,
        request: &Request,
        admission: &mut Admission<'_, '_>,
    ) -> Result<(Vec<Event>, bool), Refusal> {
        if let Some(events) = request.stored_before(|id| Ok(self.by_id.get(id).cloned()))? {
            return Ok((events, true));
        }
        let mark = self.rows.len();
        for (first, run) in request.runs() {
            let done = self.run(run, admission);
            if let Err(error) = done {
                self.take_back(mark);
                return Err(Refusal::Entry { error, entry: first });
            }
        }
        Ok((self.rows.get(mark..).unwrap_or_default().to_vec(), false))
    }

    fn run(&mut self, run: &[Entry], admission: &mut Admission<'_, '_>) -> Result<()> {
        let Some(first) = run.first() else { return Ok(()) };
        self.append(&first.stream, first.expected, run.iter().map(|entry| &entry.event), admission).map(drop)
    }

    /// Appends events to a stream, all of them or, on an error, none.
    pub(super) fn append<'e>(
        &mut self,
        stream: &StreamName,
        expected: ExpectedVersion,
        events: impl IntoIterator<Item = &'e NewEvent>,
        admission: &mut Admission<'_, '_>,
    ) -> Result<Appended> {
        check_stream(stream)?;
        refuse_nul(&[&stream.aggregate_type, &stream.aggregate_id])?;
        let actual = self.version(stream);
        if !expected.allows(actual) {
            return Err(Error::conflict(stream.clone(), expected, actual));
        }
        admission.rules.check_stream(stream)?;
        let mark = self.rows.len();
        let first = (self.position.saturating_add(1), actual.unwrap_or_default().saturating_add(1));
        let mut ids = Vec::new();
        for event in events {
            match self.add(stream, event, None, admission) {
                Ok(id) => ids.push(id),
                Err(error) => {
                    self.take_back(mark);
                    return Err(error);
                }
            }
        }
        if ids.is_empty() {
            return Ok(Appended::default());
        }
        let end = |from: i64| from.saturating_add(i64::try_from(ids.len()).unwrap_or(i64::MAX));
        let (positions, versions) = (first.0..end(first.0), first.1..end(first.1));
        Ok(Appended { positions, versions, ids, timestamp: Some(timestamp(self.moment)) })
    }

    /// Adds one event at the end of its stream, at a position or at the next one.
    pub(super) fn add(
        &mut self,
        stream: &StreamName,
        event: &NewEvent,
        position: Option<Position>,
        admission: &mut Admission<'_, '_>,
    ) -> Result<String> {
        let schema_version = admit(event, admission.rules)?;
        refuse_nul_in(event)?;
        let schemas = admission.schemas;
        admission.rules.check_data_by(
            &event.event_type,
            schema_version,
            |event_type, version| Ok(schemas.get(&(event_type.to_owned(), version)).cloned()),
            || Ok(event.data.value()),
        )?;
        let id = event.id.clone().map_or_else(|| admission.ids.next(), Ok)?;
        if self.by_id.contains_key(&id) {
            return Err(taken(&id));
        }
        let full = || Error::bad_input(format!("the stream {stream} is full"));
        let version = self.version(stream).unwrap_or_default().checked_add(1).ok_or_else(full)?;
        let position = position.map_or_else(|| self.position.checked_add(1).ok_or_else(full), Ok)?;
        let row = Event {
            position,
            id: Some(id.clone()),
            stream: stream.clone(),
            version,
            event_type: event.event_type.clone(),
            schema_version: Some(schema_version.to_string()),
            timestamp: Some(timestamp(self.moment)),
            actor: event.actor.clone(),
            actor_type: event.actor_type.clone(),
            source: event.source.clone(),
            causation_id: event.causation_id.clone(),
            correlation_id: event.correlation_id.clone(),
            data: stored("data", event, &event.data)?,
            metadata: if event.metadata.is_null() {
                Payload::default()
            } else {
                stored("metadata", event, &event.metadata)?
            },
        };
        self.versions.insert(stream.clone(), Some(version));
        self.position = position;
        self.by_id.insert(id.clone(), row.clone());
        self.rows.push(row);
        Ok(id)
    }

    /// Forgets what was to be written from a place on.
    fn take_back(&mut self, mark: usize) {
        while self.rows.len() > mark
            && let Some(row) = self.rows.pop()
        {
            if let Some(id) = &row.id {
                self.by_id.remove(id);
            }
            self.position = row.position.saturating_sub(1);
            self.versions.insert(row.stream, Some(row.version.saturating_sub(1)).filter(|version| *version > 0));
        }
    }
}

/// JSON as it is stored.
fn stored(what: &str, event: &NewEvent, json: &Json) -> Result<Payload> {
    let mut buffer = Vec::new();
    let written = Encoding::Json.write(json, &mut buffer);
    let written = written.map_err(|error| error.context(format_args!("the {what} of {}", event.event_type)))?;
    let text = match written {
        ValueRef::Text(text) => std::str::from_utf8(text).ok(),
        _ => None,
    };
    Ok(payload(text))
}

fn refuse_nul_in(event: &NewEvent) -> Result<()> {
    let optional =
        [&event.id, &event.actor, &event.actor_type, &event.source, &event.causation_id, &event.correlation_id];
    let optional = optional.into_iter().flatten().map(String::as_str);
    refuse_nul(&optional.chain([event.event_type.as_str()]).collect::<Vec<_>>())
}

/// No text of `PostgreSQL` holds the character 0; in JSON it is an escape, and no harm.
pub(super) fn refuse_nul(texts: &[&str]) -> Result<()> {
    match texts.iter().find(|text| text.contains('\0')) {
        Some(text) => {
            Err(Error::bad_input(format!("{text:?} holds the character 0, which no text of PostgreSQL does"))
                .with_hint("Nothing was written. Choose another name."))
        }
        None => Ok(()),
    }
}
