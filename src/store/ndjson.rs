//! Events as lines of JSON: the form that a store is exported in and imported from.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use super::line::Line;
use crate::error::{Error, Result};
use crate::event::{Decoded, Event, NewEvent, Payload, StorageClass, StreamName, Timestamp};

impl<'a> Line<'a> {
    /// Reads a line; the message of the error says at which column it is wrong.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self> {
        serde_json::from_slice(line).map_err(|error| {
            let text = error.to_string();
            // What stands behind is the line of this one line, which is always 1.
            let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
            Error::bad_input(format!("column {}: {reason}", error.column())).with_source(error)
        })
    }

    /// The stream that the event belongs to.
    pub(super) fn stream(&self) -> StreamName {
        StreamName::new(self.aggregate_type.as_ref(), self.aggregate_id.as_ref())
    }

    /// The event, without its payloads and its places.
    pub(super) fn event(&self) -> NewEvent {
        let owned = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
        let schema_version = self.schema_version.as_ref().map(|version| match version {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        NewEvent {
            id: owned(&self.event_id),
            event_type: self.event_type.as_ref().to_owned(),
            schema_version,
            actor: owned(&self.actor),
            actor_type: owned(&self.actor_type),
            source: owned(&self.source),
            causation_id: owned(&self.causation_id),
            correlation_id: owned(&self.correlation_id),
            ..NewEvent::default()
        }
    }
}

/// The line, without its end, that an event is exported as.
///
/// Its fields are `position`, `event_id`, `aggregate_type`, `aggregate_id`, `version`, `event_type`, `schema_version`,
/// `timestamp`, `actor`, `actor_type`, `source`, `causation_id`, `correlation_id`, `data` and `metadata`, without those
/// that the event has not got. JSON that is stored as text is given byte for byte, save that line breaks between its
/// tokens become spaces; what is stored in another encoding is given as the JSON that it decodes to: of MessagePack that is
/// the same document, of which an import into a store that writes MessagePack makes the same bytes again.
///
/// # Errors
/// Where the data or metadata are bytes that nothing here can read.
pub fn ndjson_line(event: &Event) -> Result<String> {
    let at = |error: Error| error.context(format_args!("the event at position {}", event.position));
    let data = json_text(&event.data).map_err(at)?.unwrap_or(Cow::Borrowed("null"));
    let metadata = json_text(&event.metadata).map_err(at)?;
    let borrowed = |text: &'_ Option<String>| text.clone().map(Cow::Owned);
    let line = Line {
        position: Some(event.position),
        event_id: borrowed(&event.id),
        aggregate_type: Cow::Borrowed(&event.stream.aggregate_type),
        aggregate_id: Cow::Borrowed(&event.stream.aggregate_id),
        version: Some(event.version),
        event_type: Cow::Borrowed(&event.event_type),
        schema_version: event.schema_version.as_deref().map(number_or_text),
        timestamp: event.timestamp.as_ref().map(moment),
        actor: borrowed(&event.actor),
        actor_type: borrowed(&event.actor_type),
        source: borrowed(&event.source),
        causation_id: borrowed(&event.causation_id),
        correlation_id: borrowed(&event.correlation_id),
        data: raw(&data).map_err(at)?,
        metadata: metadata.as_deref().map(raw).transpose().map_err(at)?,
    };
    serde_json::to_string(&line).map_err(|error| at(Error::bad_input(error.to_string())))
}

/// The moment as it is stored where it is stored as such, else, as for a number of seconds, in ISO 8601.
pub(crate) fn moment(timestamp: &Timestamp) -> Cow<'_, str> {
    match timestamp.utc {
        Some(utc) if chrono::DateTime::parse_from_rfc3339(&timestamp.stored).is_err() => {
            Cow::Owned(utc.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
        }
        _ => Cow::Borrowed(&timestamp.stored),
    }
}

/// A whole number where the text is one and nothing else, as in `1` but not in `1.0` or `v2`.
pub(crate) fn number_or_text(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Value::from(number),
        _ => Value::from(text),
    }
}

/// JSON on one line that says what a payload says; none where nothing is stored.
fn json_text(payload: &Payload) -> Result<Option<Cow<'_, str>>> {
    match payload.decoded() {
        Decoded::Missing => Ok(None),
        Decoded::Document { value, .. } => {
            Ok(Some(stored_json(payload).unwrap_or_else(|| Cow::Owned(value.to_string()))))
        }
        Decoded::Text(text) => Ok(Some(Cow::Owned(Value::from(text.as_str()).to_string()))),
        Decoded::Unread { bytes } => Err(Error::bad_input(format!("its payload of {bytes} bytes was not read"))),
        Decoded::Opaque { tried } => Err(Error::bad_input(format!("its payload is no JSON ({})", tried.join("; ")))),
    }
}

/// The stored bytes, where they are JSON themselves.
fn stored_json(payload: &Payload) -> Option<Cow<'_, str>> {
    if payload.storage != StorageClass::Text {
        return None;
    }
    let text = std::str::from_utf8(&payload.raw).ok()?;
    raw(text).ok()?;
    Some(line_break_free(text))
}

/// JSON on one line: within a string line breaks would be escaped, so they only separate tokens.
pub(crate) fn line_break_free(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if memchr::memchr2(b'\n', b'\r', bytes).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(['\n', '\r'], " "))
}

/// A text as JSON that is written as it stands.
pub(crate) fn raw(text: &str) -> Result<&RawValue> {
    serde_json::from_str(text)
        .map_err(|error| Error::bad_input(format!("its payload is no JSON: {error}")).with_source(error))
}
