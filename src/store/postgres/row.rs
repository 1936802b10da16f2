//! Events in rows of `eventscope.events`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use postgres::Row;

use super::session::failed;
use crate::error::Result;
use crate::event::{Event, Payload, StorageClass, StreamName, Timestamp};
use crate::store::row;

/// The columns that [`event`] reads, in its order.
pub(super) const COLUMNS: &str = "position, event_id, aggregate_type, aggregate_id, version, event_type, schema_version, \
     recorded_at, actor, actor_type, source, causation_id, correlation_id, data, metadata";

/// The event in a row that was selected with [`COLUMNS`].
pub(super) fn event(row: &Row) -> Result<Event> {
    read(row).map_err(failed)
}

pub(super) fn events(rows: &[Row]) -> Result<Vec<Event>> {
    rows.iter().map(event).collect()
}

fn read(row: &Row) -> Result<Event, postgres::Error> {
    Ok(Event {
        position: row.try_get(0)?,
        id: row.try_get(1)?,
        stream: StreamName { aggregate_type: row.try_get(2)?, aggregate_id: row.try_get(3)? },
        version: row.try_get(4)?,
        event_type: row.try_get(5)?,
        schema_version: Some(row.try_get::<_, i64>(6)?.to_string()),
        timestamp: Some(timestamp(row.try_get(7)?)),
        actor: row.try_get(8)?,
        actor_type: row.try_get(9)?,
        source: row.try_get(10)?,
        causation_id: row.try_get(11)?,
        correlation_id: row.try_get(12)?,
        data: payload(Some(row.try_get(13)?)),
        metadata: payload(row.try_get(14)?),
    })
}

/// A moment as the store gives it.
pub(super) fn timestamp(moment: DateTime<Utc>) -> Timestamp {
    Timestamp { stored: row::stored_moment(moment).into(), utc: Some(moment) }
}

/// A payload by its text.
pub(super) fn payload(text: Option<&str>) -> Payload {
    match text {
        Some(text) => Payload::undecoded(Arc::from(text.as_bytes()), StorageClass::Text, row::decode),
        None => Payload::default(),
    }
}
