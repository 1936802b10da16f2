//! An event as the service gives it: the JSON that every answer, every reader and every publication has, byte for byte.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::event::{Decoded, Event, Payload, StorageClass};
use crate::store::{line_break_free, moment_text, number_or_text, raw_json};

/// What the store keeps beside the metadata, and is given in them.
pub(super) const IN_METADATA: [&str; 5] = ["actor", "actor_type", "source", "causation_id", "correlation_id"];

/// The members of an event, in their order.
#[derive(Serialize)]
struct Shown<'a> {
    id: Option<&'a str>,
    event_type: &'a str,
    aggregate_type: &'a str,
    aggregate_id: &'a str,
    payload: &'a RawValue,
    metadata: &'a RawValue,
    version: Value,
    created_at: Option<Cow<'a, str>>,
    stream_version: i64,
    position: i64,
}

/// The JSON of an event on one line. What is stored as JSON text is given as it is stored, with every digit.
///
/// # Errors
/// Where its data or metadata are bytes that nothing here can read.
pub(super) fn event_json(event: &Event) -> Result<String> {
    let at = |error: Error| error.context(format_args!("the event at position {}", event.position));
    let payload = payload_json(&event.data).map_err(at)?;
    let metadata = metadata_json(event).map_err(at)?;
    let shown = Shown {
        id: event.id.as_deref(),
        event_type: &event.event_type,
        aggregate_type: &event.stream.aggregate_type,
        aggregate_id: &event.stream.aggregate_id,
        payload: raw_json(&payload).map_err(at)?,
        metadata: raw_json(&metadata).map_err(at)?,
        version: event.schema_version.as_deref().map_or(Value::from(1), number_or_text),
        created_at: event.timestamp.as_ref().map(moment_text),
        stream_version: event.version,
        position: event.position,
    };
    serde_json::to_string(&shown).map_err(|error| at(Error::bad_input(error.to_string())))
}

/// A list of events.
pub(super) fn events_json(events: &[Event]) -> Result<String> {
    let mut text = String::from("[");
    for (event, place) in events.iter().zip(0..) {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&event_json(event)?);
    }
    text.push(']');
    Ok(text)
}

/// JSON on one line that says what a payload says; `null` where nothing is stored.
fn payload_json(payload: &Payload) -> Result<Cow<'_, str>> {
    if payload.storage == StorageClass::Text
        && let Some(text) = payload.json_text().filter(|text| raw_json(text).is_ok())
    {
        return Ok(line_break_free(text));
    }
    match payload.decoded() {
        Decoded::Missing => Ok(Cow::Borrowed("null")),
        Decoded::Document { value, .. } => Ok(Cow::Owned(value.to_string())),
        Decoded::Text(text) => Ok(Cow::Owned(Value::from(text.as_str()).to_string())),
        Decoded::Unread { bytes } => Err(Error::bad_input(format!("its payload of {bytes} bytes was not read"))),
        Decoded::Opaque { tried } => Err(Error::bad_input(format!("its payload is no JSON ({})", tried.join("; ")))),
    }
}

/// The metadata, an object, with what the store keeps beside them where it is not in them.
fn metadata_json(event: &Event) -> Result<Cow<'_, str>> {
    let beside = [&event.actor, &event.actor_type, &event.source, &event.causation_id, &event.correlation_id];
    let is_object = matches!(event.metadata.value(), Some(Value::Object(_)));
    if !is_object
        && !matches!(event.metadata.decoded(), Decoded::Missing | Decoded::Document { value: Value::Null, .. })
    {
        return payload_json(&event.metadata);
    }
    let known = event.metadata.value().and_then(Value::as_object);
    let missing: Vec<(&str, &str)> = IN_METADATA
        .into_iter()
        .zip(beside)
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
        .collect();
    if missing.is_empty() {
        return if is_object { payload_json(&event.metadata) } else { Ok(Cow::Borrowed("{}")) };
    }
    let mut members: Map<String, Value> = known.cloned().unwrap_or_default();
    members.extend(missing.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))));
    Ok(Cow::Owned(Value::Object(members).to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, Json, NewEvent, StreamName};
    use crate::store::EventStore;

    fn stored(event: NewEvent) -> Event {
        let mut store = EventStore::open_in_memory().unwrap();
        let stream = StreamName::new("cup", "1");
        store.append(&stream, ExpectedVersion::Any, &[event]).unwrap();
        store.read_all(None, 1).unwrap().remove(0)
    }

    #[test]
    fn payloads_keep_their_digits_and_come_on_one_line() {
        let data = Json::text("{\"price\":\n 8.00, \"long\": 123456789012345678901234567890, \"e\": 1e+2}").unwrap();
        let text = event_json(&stored(NewEvent::new("cup.sold", data))).unwrap();
        assert!(
            text.contains(r#""payload":{"price":  8.00, "long": 123456789012345678901234567890, "e": 1e+2}"#),
            "{text}"
        );
        assert!(text.contains(r#""metadata":{},"version":1,"#), "{text}");
        assert!(!text.contains('\n'));
    }

    #[test]
    fn what_the_store_keeps_beside_the_metadata_is_given_in_them_once() {
        let event = NewEvent {
            actor: Some("ann".to_owned()),
            correlation_id: Some("c-1".to_owned()),
            metadata: json!({"correlation_id": "c-1", "n": 1}).into(),
            ..NewEvent::new("cup.sold", json!({}))
        };
        let shown: Value = serde_json::from_str(&event_json(&stored(event)).unwrap()).unwrap();
        assert_eq!(shown["metadata"], json!({"correlation_id": "c-1", "n": 1, "actor": "ann"}));
    }
}
