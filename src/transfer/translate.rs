//! What an event of another database is in the native format: the decisions of the table in [`super`], one by one.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::origin::Origin;
use super::{IMPORTED, Opaque, Options};
use crate::error::{Error, Result};
use crate::event::{Decoded, Event, Payload, StreamName, Version};
use crate::source::Source;
use crate::store::{ACTOR_TYPES, EventStore, SOURCES};

/// How the events of one database are translated.
pub(super) struct Translation<'a> {
    origin: &'a Origin,
    options: &'a Options,
    /// The aggregate type of events that have none.
    aggregate_type: String,
    /// What events without a stream or a type are named after.
    table: String,
    has_versions: bool,
}

impl<'a> Translation<'a> {
    pub(super) fn new(source: &Source, origin: &'a Origin, options: &'a Options) -> Self {
        let mapping = source.mapping();
        let profile = source.detection().map(|detection| detection.profile.name.clone()).unwrap_or_default();
        Self {
            origin,
            options,
            aggregate_type: options.aggregate_type.clone().unwrap_or(profile),
            table: mapping.map(|mapping| mapping.table.clone()).unwrap_or_default(),
            has_versions: mapping.is_some_and(|mapping| mapping.version.is_some()),
        }
    }

    /// The event as the store is to hold it.
    pub(super) fn of(&self, event: &Event) -> Result<Translated> {
        let at = |error: Error| error.context(format_args!("position {} of {}", event.position, self.origin.file));
        let data = self.payload(&event.data).map_err(at)?.unwrap_or_else(|| "null".to_owned());
        let mut notes = self.notes(event);
        let stream = self.stream(&event.stream, &mut notes);
        let schema_version = schema_version(event, &mut notes);
        let actor_type = known(event.actor_type.as_ref(), &ACTOR_TYPES, "actor_type", &mut notes);
        let way_in = known(event.source.as_ref(), &SOURCES, "source", &mut notes);
        let metadata = self.metadata(&event.metadata, &mut notes).map_err(at)?;
        Ok(Translated {
            event_type: if event.event_type.is_empty() { self.table.clone() } else { event.event_type.clone() },
            stream,
            version: event.version,
            own_id: event.id.clone().filter(|id| !id.is_empty()),
            derived_id: self.origin.derived_id(event),
            renamed: false,
            schema_version,
            actor: event.actor.clone(),
            actor_type,
            source: way_in.unwrap_or_else(|| "import".to_owned()),
            causation_id: event.causation_id.clone(),
            correlation_id: event.correlation_id.clone(),
            data,
            metadata,
            notes,
        })
    }

    /// What the source says of the event, from which the store's own fields may differ.
    fn notes(&self, event: &Event) -> Map<String, Value> {
        let mut notes = Map::new();
        notes.insert("database".to_owned(), json!(self.origin.digest));
        notes.insert("file".to_owned(), json!(self.origin.file));
        if self.origin.has_positions {
            notes.insert("position".to_owned(), json!(event.position));
        }
        if self.has_versions {
            notes.insert("version".to_owned(), json!(event.version));
        }
        if let Some(timestamp) = &event.timestamp {
            notes.insert("timestamp".to_owned(), json!(&*timestamp.stored));
        }
        notes
    }

    fn stream(&self, stream: &StreamName, notes: &mut Map<String, Value>) -> StreamName {
        let mut name = stream.clone();
        if name.aggregate_type.is_empty() {
            name.aggregate_type.clone_from(&self.aggregate_type);
        } else if name.aggregate_type.contains('/') {
            // `TYPE/ID` has to be readable back.
            notes.insert("aggregate_type".to_owned(), json!(name.aggregate_type));
            name.aggregate_type = name.aggregate_type.replace('/', ".");
        }
        if name.aggregate_id.is_empty() {
            name.aggregate_id.clone_from(&self.table);
        }
        name
    }

    /// The metadata with what the source says of the event, for which a place is kept in `notes` until it is written.
    fn metadata(&self, payload: &Payload, notes: &mut Map<String, Value>) -> Result<Map<String, Value>> {
        let value = match (payload.value(), self.payload(payload)?) {
            (Some(Value::Object(members)), _) => {
                let mut members = members.clone();
                if let Some(before) = members.shift_remove(IMPORTED) {
                    notes.insert("before".to_owned(), before);
                }
                return Ok(members);
            }
            (Some(value), _) => value.clone(),
            (None, Some(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            (None, None) => return Ok(Map::new()),
        };
        notes.insert("metadata".to_owned(), value);
        Ok(Map::new())
    }

    /// The JSON that stands for a payload; none where nothing is stored.
    fn payload(&self, payload: &Payload) -> Result<Option<String>> {
        match payload.decoded() {
            Decoded::Missing => Ok(None),
            Decoded::Document { value, encodings } => {
                let stored = if encodings.as_slice() == ["json"] { stored_json(&payload.raw) } else { None };
                Ok(Some(stored.map_or_else(|| payload.stored_value().unwrap_or(value).to_string(), str::to_owned)))
            }
            Decoded::Text(text) => Ok(Some(Value::from(text.as_str()).to_string())),
            Decoded::Unread { bytes } => Err(Error::bad_input(format!("its payload of {bytes} bytes was not read"))),
            Decoded::Opaque { .. } if self.options.opaque == Opaque::Base64 => {
                Ok(Some(json!({"base64": STANDARD.encode(&payload.raw)}).to_string()))
            }
            Decoded::Opaque { tried } => Err(Error::bad_input(format!(
                "its payload is no document that can be read ({})",
                tried.join("; ")
            ))
            .with_hint(
                "What comes before it was imported. Such payloads can be carried along as Base64 (--opaque base64).",
            )),
        }
    }
}

/// The stored bytes, where they are JSON themselves.
fn stored_json(raw: &Arc<[u8]>) -> Option<&str> {
    let text = std::str::from_utf8(raw).ok()?.trim();
    serde_json::from_str::<&RawValue>(text).ok().map(RawValue::get)
}

/// A whole number from `3`, `v3` or `3.0`; 1 from what is none.
fn schema_version(event: &Event, notes: &mut Map<String, Value>) -> Option<u64> {
    let text = event.schema_version.as_deref()?;
    let number = text.trim_start_matches(['v', 'V']).trim_end_matches(".0").parse().ok().filter(|number| *number >= 1);
    let version = number.filter(|number| i64::try_from(*number).is_ok()).unwrap_or(1);
    if version.to_string() != text {
        notes.insert("schema_version".to_owned(), json!(text));
    }
    Some(version)
}

/// A word that the format knows; what it does not know is noted.
fn known(word: Option<&String>, words: &[&str], name: &str, notes: &mut Map<String, Value>) -> Option<String> {
    let word = word?;
    if words.contains(&word.as_str()) {
        return Some(word.clone());
    }
    notes.insert(name.to_owned(), json!(word));
    None
}

/// An event as the store is to hold it.
pub(super) struct Translated {
    pub(super) stream: StreamName,
    /// The source's.
    pub(super) version: Version,
    pub(super) event_type: String,
    /// JSON.
    pub(super) data: String,
    own_id: Option<String>,
    derived_id: String,
    /// Whether it goes by its derived id although it has one of its own.
    renamed: bool,
    schema_version: Option<u64>,
    actor: Option<String>,
    actor_type: Option<String>,
    source: String,
    causation_id: Option<String>,
    correlation_id: Option<String>,
    metadata: Map<String, Value>,
    notes: Map<String, Value>,
}

impl Translated {
    /// The id that it goes by.
    pub(super) fn id(&self) -> &str {
        match &self.own_id {
            Some(id) if !self.renamed => id,
            _ => &self.derived_id,
        }
    }

    /// Lets it go by its derived id, because another event has its own.
    pub(super) fn rename(&mut self) {
        self.renamed = true;
    }

    /// The event of the store that it became; `None` where it was not taken over yet.
    ///
    /// An event that merely has the same id, from another database or another row, is not it.
    pub(super) fn find(&self, store: &EventStore) -> Result<Option<Event>> {
        for id in self.own_id.iter().chain([&self.derived_id]) {
            if let Some(event) = store.event(id)?.filter(|event| self.became(event)) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    fn became(&self, event: &Event) -> bool {
        let metadata = event.metadata.to_json();
        let notes = &metadata[IMPORTED];
        let same = |name: &str| notes.get(name) == self.notes.get(name);
        // Where there are no positions, the derived id stands for stream and version; an id of its own for itself.
        same("database") && same("position") && same("version")
    }

    /// The line of JSON that the store takes it in as, with the moment that it gets.
    pub(super) fn line(mut self, moment: DateTime<Utc>) -> Result<String> {
        if let Some(own) = self.own_id.as_ref().filter(|_| self.renamed) {
            self.notes.insert("event_id".to_owned(), json!(own));
        }
        let id = self.id().to_owned();
        self.metadata.insert(IMPORTED.to_owned(), Value::Object(self.notes));
        let line = Line {
            event_id: &id,
            aggregate_type: &self.stream.aggregate_type,
            aggregate_id: &self.stream.aggregate_id,
            event_type: &self.event_type,
            schema_version: self.schema_version,
            timestamp: moment.to_rfc3339_opts(SecondsFormat::Micros, true),
            actor: self.actor.as_deref(),
            actor_type: self.actor_type.as_deref(),
            source: &self.source,
            causation_id: self.causation_id.as_deref(),
            correlation_id: self.correlation_id.as_deref(),
            data: serde_json::from_str(&self.data).map_err(unwritable)?,
            metadata: &self.metadata,
        };
        serde_json::to_string(&line).map_err(unwritable)
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::bad_input(format!("it cannot be written as JSON: {error}")).with_source(error)
}

/// The form of [`EventStore::import`].
#[derive(Serialize)]
struct Line<'a> {
    event_id: &'a str,
    aggregate_type: &'a str,
    aggregate_id: &'a str,
    event_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_version: Option<u64>,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_type: Option<&'a str>,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'a str>,
    data: &'a RawValue,
    metadata: &'a Map<String, Value>,
}

/// The moments that events get: their own, or, where they have none, that of the event before. The first ones without
/// get the moment of the first one that has one, so that the store does not begin with the time of the import.
#[derive(Default)]
pub(super) struct Moments {
    last: Option<DateTime<Utc>>,
}

impl Moments {
    /// Looks for the first moment of a batch.
    pub(super) fn look_ahead(&mut self, events: &[Event]) {
        self.last = self.last.or_else(|| events.iter().find_map(own_moment));
    }

    /// The moment of the next event.
    pub(super) fn of(&mut self, event: &Event) -> DateTime<Utc> {
        let moment = own_moment(event).or(self.last).unwrap_or_else(Utc::now);
        self.last = Some(moment);
        moment
    }
}

/// An event's moment, where the format can hold it.
fn own_moment(event: &Event) -> Option<DateTime<Utc>> {
    event.timestamp.as_ref()?.utc.filter(|moment| (0..=9999).contains(&moment.year()))
}
