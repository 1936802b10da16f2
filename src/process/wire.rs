//! The lines themselves: what the process is told, and what it answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::event::{Decoded, Event, Position, StreamName};

/// The version of the protocol.
pub(super) const PROTOCOL: u32 = 1;

/// What the process is told.
#[derive(Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(super) enum Told<'a> {
    /// Who is there?
    Hello { protocol: u32 },
    /// A stream begins, at a state that it gave before where there is one.
    Begin {
        stream: Stream<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<&'a Value>,
    },
    /// An event happened.
    Apply { event: Box<Envelope<'a>> },
    /// What is the state?
    State {
        #[serde(skip_serializing_if = "is_false")]
        resume: bool,
        #[serde(skip_serializing_if = "is_false")]
        more: bool,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Told<'_> {
    /// Adds the line to `lines`.
    pub(super) fn write(&self, lines: &mut Vec<u8>) {
        // Writing to memory cannot fail, and every key is a string.
        let _ = serde_json::to_writer(&mut *lines, self);
        lines.push(b'\n');
    }
}

/// The name of a stream.
#[derive(Serialize)]
pub(super) struct Stream<'a> {
    aggregate_type: &'a str,
    aggregate_id: &'a str,
}

impl<'a> From<&'a StreamName> for Stream<'a> {
    fn from(name: &'a StreamName) -> Self {
        Self { aggregate_type: &name.aggregate_type, aggregate_id: &name.aggregate_id }
    }
}

/// An event as rules see it in `$event`, too.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    position: Position,
    id: Option<&'a str>,
    #[serde(rename = "type")]
    event_type: &'a str,
    aggregate_type: &'a str,
    aggregate_id: &'a str,
    version: i64,
    schema_version: Option<&'a str>,
    timestamp: Option<&'a str>,
    data: Option<Data<'a>>,
    metadata: Option<&'a Value>,
    actor: Option<&'a str>,
    causation_id: Option<&'a str>,
    correlation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<Stored<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Document(&'a Value),
    Text(&'a str),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Stored<'a> {
    Text(&'a str),
    Bytes { base64: String },
}

impl<'a> Envelope<'a> {
    /// The envelope of an event; with the data as it is stored where that is wanted.
    pub(super) fn new(event: &'a Event, with_stored: bool) -> Self {
        let stored = || match std::str::from_utf8(&event.data.raw) {
            Ok(text) => Stored::Text(text),
            Err(_) => Stored::Bytes { base64: BASE64.encode(&event.data.raw) },
        };
        Self {
            position: event.position,
            id: event.id.as_deref(),
            event_type: &event.event_type,
            aggregate_type: &event.stream.aggregate_type,
            aggregate_id: &event.stream.aggregate_id,
            version: event.version,
            schema_version: event.schema_version.as_deref(),
            timestamp: event.timestamp.as_ref().map(|timestamp| &*timestamp.stored),
            data: match event.data.decoded() {
                Decoded::Document { value, .. } => Some(Data::Document(value)),
                Decoded::Text(text) => Some(Data::Text(text)),
                Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => None,
            },
            metadata: event.metadata.value(),
            actor: event.actor.as_deref(),
            causation_id: event.causation_id.as_deref(),
            correlation_id: event.correlation_id.as_deref(),
            stored: with_stored.then(stored),
        }
    }
}

/// A line of the process.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Line {
    /// What went wrong.
    pub(super) error: Option<String>,
    /// At what.
    pub(super) op: Option<String>,
    /// The state; `null` is one.
    #[serde(deserialize_with = "present")]
    pub(super) state: Option<Value>,
    /// What to begin from in place of the state.
    #[serde(deserialize_with = "present")]
    pub(super) resume: Option<Value>,
    /// The protocol that it speaks, in its answer to `hello`.
    pub(super) protocol: Option<u32>,
    /// Whether it wants the data as it is stored.
    pub(super) stored: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
