//! How an event is written into a row of `events`, and read back from one.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::Row;
use rusqlite::types::{FromSqlResult, ValueRef};

use crate::document::messagepack;
use crate::event::{Decoded, Event, NewEvent, Payload, StorageClass, StreamName, Timestamp, Version};

/// The columns that [`event`] reads, in its order.
pub(super) const COLUMNS: &str = "position, event_id, aggregate_type, aggregate_id, version, event_type, \
     schema_version, recorded_at, actor, actor_type, source, causation_id, correlation_id, data, metadata";

/// An event as it is written: what it came with, and what the store gives it. Its id and its position are beside it.
#[derive(Clone, Copy)]
pub(super) struct NewRow<'a> {
    pub(super) stream: &'a StreamName,
    pub(super) version: Version,
    pub(super) recorded_at: &'a str,
    pub(super) schema_version: i64,
    /// Who, through what, and why; of its payloads and its schema version the other fields have the stored form.
    pub(super) event: &'a NewEvent,
    pub(super) data: ValueRef<'a>,
    pub(super) metadata: ValueRef<'a>,
}

/// The event in a row that was selected with [`COLUMNS`].
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let stream = StreamName { aggregate_type: row.get(2)?, aggregate_id: row.get(3)? };
    let mut event = Event { stream, ..Event::default() };
    read_next(row, &mut event)?;
    Ok(event)
}

/// Makes an event of the same stream the one in a row that was selected with [`COLUMNS`], in the memory that it has:
/// whoever looks at one event after the other needs memory for one.
pub(super) fn read_next(row: &Row<'_>, event: &mut Event) -> rusqlite::Result<()> {
    event.position = row.get(0)?;
    set_optional(&mut event.id, row.get_ref(1)?)?;
    event.version = row.get(4)?;
    set(&mut event.event_type, row.get_ref(5)?)?;
    set_number(event.schema_version.get_or_insert_default(), row.get(6)?);
    set_timestamp(&mut event.timestamp, row.get_ref(7)?.as_str()?);
    set_optional(&mut event.actor, row.get_ref(8)?)?;
    set_optional(&mut event.actor_type, row.get_ref(9)?)?;
    set_optional(&mut event.source, row.get_ref(10)?)?;
    set_optional(&mut event.causation_id, row.get_ref(11)?)?;
    set_optional(&mut event.correlation_id, row.get_ref(12)?)?;
    event.data = payload(row.get_ref(13)?);
    event.metadata = payload(row.get_ref(14)?);
    Ok(())
}

fn set(text: &mut String, value: ValueRef<'_>) -> FromSqlResult<()> {
    value.as_str()?.clone_into(text);
    Ok(())
}

fn set_optional(text: &mut Option<String>, value: ValueRef<'_>) -> FromSqlResult<()> {
    match value.as_str_or_null()? {
        Some(value) => value.clone_into(text.get_or_insert_default()),
        None => *text = None,
    }
    Ok(())
}

fn set_number(text: &mut String, number: i64) {
    text.clear();
    // Writing to a string does not fail.
    write!(text, "{number}").ok();
}

/// The events of one append have one moment: what the event before it has is not read again.
fn set_timestamp(timestamp: &mut Option<Timestamp>, stored: &str) {
    if timestamp.as_ref().is_none_or(|before| *before.stored != *stored) {
        *timestamp = Some(self::timestamp(stored));
    }
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
pub(super) fn payload(value: ValueRef<'_>) -> Payload {
    let (bytes, storage) = match value {
        ValueRef::Text(bytes) => (bytes, StorageClass::Text),
        ValueRef::Blob(bytes) => (bytes, StorageClass::Blob),
        // The schema admits no numbers here.
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => return Payload::default(),
    };
    Payload::undecoded(bytes.into(), storage, decode)
}

/// What the bytes of a column mean.
pub(super) fn decode(bytes: &[u8], storage: StorageClass) -> Decoded {
    if storage == StorageClass::Text { text(bytes) } else { blob(bytes) }
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
