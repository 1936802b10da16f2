//! The fields of an event as texts, for the forms that have a column for each.

use std::borrow::Cow;

use crate::error::Result;
use crate::event::{Decoded, Event, Payload};
use crate::store::ndjson_line;

/// A payload as JSON in a text; nothing where nothing is stored.
pub(super) fn text(payload: &Payload, event: &Event) -> Result<String> {
    match payload.decoded() {
        Decoded::Missing => Ok(String::new()),
        Decoded::Document { value, .. } => {
            Ok(payload.json_text().map_or_else(|| value.to_string(), |text| text.trim().to_owned()))
        }
        Decoded::Text(text) => Ok(text.clone()),
        // The form that refuses them says why.
        Decoded::Unread { .. } | Decoded::Opaque { .. } => ndjson_line(event),
    }
}

/// The fields of a line as texts.
pub(super) fn cells_of(event: &Event) -> Result<[Option<Cow<'_, str>>; 15]> {
    let optional = |text: &'_ Option<String>| text.as_deref().map(|text| Cow::Owned(text.to_owned()));
    let payload = |payload: &Payload| -> Result<Option<Cow<'_, str>>> {
        let text = text(payload, event)?;
        let is_there = !matches!(payload.decoded(), Decoded::Missing);
        Ok(is_there.then_some(Cow::Owned(text)))
    };
    Ok([
        Some(Cow::Owned(event.position.to_string())),
        optional(&event.id),
        Some(Cow::Borrowed(&event.stream.aggregate_type)),
        Some(Cow::Borrowed(&event.stream.aggregate_id)),
        Some(Cow::Owned(event.version.to_string())),
        Some(Cow::Borrowed(&event.event_type)),
        optional(&event.schema_version),
        event.timestamp.as_ref().map(|time| Cow::Borrowed(&*time.stored)),
        optional(&event.actor),
        optional(&event.actor_type),
        optional(&event.source),
        optional(&event.causation_id),
        optional(&event.correlation_id),
        payload(&event.data)?,
        payload(&event.metadata)?,
    ])
}
