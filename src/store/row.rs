//! How an event is written into a row of `events`, and read back from one.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::document::messagepack;
use crate::event::{Decoded, Event, Payload, StorageClass, StreamName, Timestamp};

/// The columns that [`event`] reads, in its order.
pub(super) const COLUMNS: &str = "position, event_id, aggregate_type, aggregate_id, version, event_type, \
     schema_version, recorded_at, actor, actor_type, source, causation_id, correlation_id, data, metadata";

/// The event in a row that was selected with [`COLUMNS`].
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        position: row.get(0)?,
        id: row.get(1)?,
        stream: StreamName { aggregate_type: row.get(2)?, aggregate_id: row.get(3)? },
        version: row.get(4)?,
        event_type: row.get(5)?,
        schema_version: Some(row.get::<_, i64>(6)?.to_string()),
        timestamp: Some(timestamp(row.get_ref(7)?.as_str()?)),
        actor: row.get(8)?,
        actor_type: row.get(9)?,
        source: row.get(10)?,
        causation_id: row.get(11)?,
        correlation_id: row.get(12)?,
        data: payload(row.get_ref(13)?),
        metadata: payload(row.get_ref(14)?),
    })
}

/// The text that stands for a moment: UTC with six digits of a second, so that the order of texts is that of moments.
pub(super) fn stored_moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// What a stored moment means.
pub(super) fn timestamp(stored: &str) -> Timestamp {
    let utc = DateTime::parse_from_rfc3339(stored).ok().map(|moment| moment.to_utc());
    Timestamp { stored: stored.into(), utc }
}

/// A payload as it lies in its column: JSON as text, MessagePack as a blob. Anything else is shown as what it is rather
/// than refused.
fn payload(value: ValueRef<'_>) -> Payload {
    let (bytes, storage) = match value {
        ValueRef::Text(bytes) => (bytes, StorageClass::Text),
        ValueRef::Blob(bytes) => (bytes, StorageClass::Blob),
        // The schema admits no numbers here.
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => return Payload::default(),
    };
    let decoded = if storage == StorageClass::Text { text(bytes) } else { blob(bytes) };
    Payload { raw: Arc::from(bytes), storage, decoded }
}

fn text(bytes: &[u8]) -> Decoded {
    match serde_json::from_slice(bytes) {
        Ok(value) => Decoded::Document { value, encodings: vec!["json"] },
        Err(error) => match std::str::from_utf8(bytes) {
            Ok(text) => Decoded::Text(text.to_owned()),
            Err(_) => Decoded::Opaque { tried: vec![format!("json: {error}")] },
        },
    }
}

fn blob(bytes: &[u8]) -> Decoded {
    let packed = match messagepack::read(bytes) {
        Ok(value) => return Decoded::Document { value, encodings: vec!["messagepack"] },
        Err(why) => why,
    };
    match serde_json::from_slice(bytes) {
        Ok(value) => Decoded::Document { value, encodings: vec!["json"] },
        Err(error) => Decoded::Opaque { tried: vec![format!("messagepack: {packed}"), format!("json: {error}")] },
    }
}
