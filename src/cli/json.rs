//! How the canonical event, a change and a version are written in JSON: the names that scripts build on.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::event::{Decoded, Event, Payload, Timestamp, TimestampRef};
use crate::replay::Change;

/// An event with every canonical field; what the store does not have is `null`.
pub(super) fn event(event: &Event) -> Value {
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("position", json!(event.position));
    put("event_id", json!(event.id));
    put("aggregate_type", json!(event.stream.aggregate_type));
    put("aggregate_id", json!(event.stream.aggregate_id));
    put("version", json!(event.version));
    put("event_type", json!(event.event_type));
    put("schema_version", event.schema_version.as_deref().map_or(Value::Null, number_or_text));
    put("timestamp", event.timestamp.as_ref().map_or(Value::Null, stored));
    put("timestamp_utc", event.timestamp.as_ref().and_then(utc).map_or(Value::Null, Value::String));
    put("actor", json!(event.actor));
    put("actor_type", json!(event.actor_type));
    put("source", json!(event.source));
    put("causation_id", json!(event.causation_id));
    put("correlation_id", json!(event.correlation_id));
    put("data", event.data.to_json());
    put("metadata", event.metadata.to_json());
    if let Some(hex) = unreadable(&event.data) {
        put("data_hex", Value::String(hex));
    }
    if let Some(hex) = unreadable(&event.metadata) {
        put("metadata_hex", Value::String(hex));
    }
    Value::Object(document)
}

/// The bytes of a payload that nothing can read.
fn unreadable(payload: &Payload) -> Option<String> {
    let Decoded::Opaque { .. } = payload.decoded() else { return None };
    Some(payload.raw.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

/// A whole number where the text is one and nothing else, as in `1` but not in `1.0`, `v2` or `007`.
fn number_or_text(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => json!(number),
        _ => json!(text),
    }
}

/// The moment, character by character as it is stored.
pub(super) fn stored<'t>(timestamp: impl Into<TimestampRef<'t>>) -> Value {
    Value::String(timestamp.into().stored.to_string())
}

/// The moment in UTC, as ISO 8601 with the digits that it has.
fn utc(timestamp: &Timestamp) -> Option<String> {
    timestamp.utc.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

/// A change: the pointer, the value on either side (`null` where there is none), and which of the three it is.
pub(super) fn change(change: &Change) -> Value {
    let kind = match (&change.before, &change.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    json!({"path": change.path, "before": change.before, "after": change.after, "kind": kind})
}
