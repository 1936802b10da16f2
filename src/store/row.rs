//! How an event is written into a row of `events`, and read back from one.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::Row;
use rusqlite::types::{FromSqlResult, ValueRef};

use crate::document::messagepack;
use crate::event::{Decoded, Event, NewEvent, Payload, StorageClass, StreamName, Timestamp, Version};

macro_rules! columns {
    ($stream:literal) => {
        concat!(
            "position, event_id, ",
            $stream,
            ", version, event_type, schema_version, recorded_at, actor, actor_type, source, causation_id, \
             correlation_id, data, metadata"
        )
    };
}

/// The columns that [`event`] reads, in its order, which is that of the table: SQLite inserts them faster in this one.
pub(super) const COLUMNS: &str = columns!("aggregate_type, aggregate_id");

/// The columns that [`Memory::read`] reads, in the places that they have in [`COLUMNS`].
pub(super) const OF_STREAM: &str = columns!("NULL, NULL");

/// An event as it is written: what it came with, and what the store gives it. Its id and its position are beside it.
#[derive(Clone, Copy)]
pub(super) struct NewRow<'event, 'row> {
    pub(super) stream: &'row StreamName,
    pub(super) version: Version,
    pub(super) recorded_at: &'row str,
    pub(super) schema_version: i64,
    /// Who, through what, and why; of its payloads and its schema version the other fields have the stored form.
    pub(super) event: &'event NewEvent,
    pub(super) data: ValueRef<'row>,
    pub(super) metadata: ValueRef<'row>,
}

/// The event in a row that was selected with [`COLUMNS`].
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let mut memory = Memory::new(stream(row)?);
    memory.read(row)?;
    Ok(memory.event)
}

/// The stream of that event.
pub(super) fn stream(row: &Row<'_>) -> rusqlite::Result<StreamName> {
    Ok(StreamName { aggregate_type: row.get(2)?, aggregate_id: row.get(3)? })
}

/// The memory of one event, for those who look at one event of a stream after the other. What the next event has in
/// common with the one before it, which is most of what surrounds its data, is neither copied nor checked again.
pub(super) struct Memory {
    event: Event,
    schema_version: i64,
}

impl Memory {
    /// Memory for the events of one stream.
    pub(super) fn new(stream: StreamName) -> Self {
        let event = Event { stream, schema_version: Some("1".to_owned()), ..Event::default() };
        Self { event, schema_version: 1 }
    }

    /// The event in a row that was selected with [`OF_STREAM`] or [`COLUMNS`].
    pub(super) fn read(&mut self, row: &Row<'_>) -> rusqlite::Result<&Event> {
        let Self { event, schema_version } = self;
        event.position = row.get_ref(0)?.as_i64()?;
        set_optional(&mut event.id, row.get_ref(1)?)?;
        event.version = row.get_ref(4)?.as_i64()?;
        set(&mut event.event_type, row.get_ref(5)?)?;
        let stored = row.get_ref(6)?.as_i64()?;
        if *schema_version != stored {
            *schema_version = stored;
            event.schema_version = Some(stored.to_string());
        }
        set_timestamp(&mut event.timestamp, row.get_ref(7)?)?;
        set_optional(&mut event.actor, row.get_ref(8)?)?;
        set_optional(&mut event.actor_type, row.get_ref(9)?)?;
        set_optional(&mut event.source, row.get_ref(10)?)?;
        set_optional(&mut event.causation_id, row.get_ref(11)?)?;
        set_optional(&mut event.correlation_id, row.get_ref(12)?)?;
        event.data = payload(row.get_ref(13)?);
        event.metadata = payload(row.get_ref(14)?);
        Ok(event)
    }
}

fn set(text: &mut String, value: ValueRef<'_>) -> FromSqlResult<()> {
    if !is(value, text) {
        value.as_str()?.clone_into(text);
    }
    Ok(())
}

fn set_optional(text: &mut Option<String>, value: ValueRef<'_>) -> FromSqlResult<()> {
    match (text, value) {
        (text, ValueRef::Null) => *text = None,
        (Some(text), value) => set(text, value)?,
        (text, value) => *text = Some(value.as_str()?.to_owned()),
    }
    Ok(())
}

/// The events of one append have one moment.
fn set_timestamp(timestamp: &mut Option<Timestamp>, value: ValueRef<'_>) -> FromSqlResult<()> {
    if timestamp.as_ref().is_none_or(|before| !is(value, &before.stored)) {
        *timestamp = Some(self::timestamp(value.as_str()?));
    }
    Ok(())
}

fn is(value: ValueRef<'_>, text: &str) -> bool {
    matches!(value, ValueRef::Text(stored) if stored == text.as_bytes())
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
