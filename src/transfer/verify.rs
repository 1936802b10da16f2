//! Compares, after an import, everything that was taken over with what the store now says: event by event, by stream,
//! and by a hash over the whole.

use std::collections::HashMap;

use hmac_sha256::Hash as Sha256;
use serde_json::Value;

use super::order::Order;
use super::translate::{Translated, Translation};
use super::{BATCH, IMPORTED, origin};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Position, StorageClass, StreamName, Version};
use crate::source::Source;
use crate::store::EventStore;

/// What both sides agree on.
pub(super) struct Compared {
    pub(super) events: u64,
    pub(super) streams: u64,
    pub(super) hash: String,
}

/// Reads both sides from their beginnings; `progress` is told how many events were compared.
///
/// # Errors
/// [`ErrorKind::Database`] for the first event that differs.
pub(super) fn compare(
    source: &Source,
    store: &EventStore,
    order: &Order,
    translation: &Translation<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Compared> {
    let mut comparison = Comparison::default();
    order.each_batch(source, None, BATCH, &mut |events, looked_at| {
        for event in events {
            comparison.take(event, &translation.of(event)?, store)?;
        }
        progress(looked_at);
        Ok(())
    })?;
    comparison.end()
}

/// One side: how many events each stream has, and the hash over all of them.
#[derive(Default)]
struct Side {
    events: u64,
    streams: HashMap<StreamName, u64>,
    hasher: Sha256,
}

impl Side {
    /// The length goes first, so that no two events of different parts give the same bytes.
    fn take(&mut self, stream: &StreamName, version: Version, event_type: &str, data: &str) {
        self.events += 1;
        *self.streams.entry(stream.clone()).or_default() += 1;
        for text in [&stream.aggregate_type, &stream.aggregate_id, event_type, data] {
            self.hasher.update((text.len() as u64).to_be_bytes());
            self.hasher.update(text);
        }
        self.hasher.update(version.to_be_bytes());
    }
}

#[derive(Default)]
struct Comparison {
    source: Side,
    target: Side,
    /// The last version of each stream in the store.
    versions: HashMap<StreamName, Version>,
}

impl Comparison {
    fn take(&mut self, event: &Event, expected: &Translated, store: &EventStore) -> Result<()> {
        let Some(found) = expected.find(store)? else {
            return Err(differs(event, None, "it is missing there"));
        };
        let data = text_of(&found, &expected.data);
        let version = original_version(&found).unwrap_or(expected.version);
        self.source.take(&expected.stream, expected.version, &expected.event_type, &expected.data);
        self.target.take(&found.stream, version, &found.event_type, &data);
        let before = self.versions.insert(found.stream.clone(), found.version);
        let differs = |what: &str| Err(differs(event, Some(found.position), what));
        if found.stream != expected.stream {
            return differs(&format!("it is of the stream {} there", found.stream));
        }
        if version != expected.version {
            return differs(&format!("it is known to be version {version} there"));
        }
        if found.event_type != expected.event_type {
            return differs(&format!("its type is {} there", found.event_type));
        }
        if data != expected.data {
            return differs("its data is another there");
        }
        if before.is_some_and(|before| before >= found.version) {
            return differs("it comes before an event there that it comes after");
        }
        Ok(())
    }

    /// What only shows in the whole. Each event was compared: this holds the comparison itself to account.
    fn end(self) -> Result<Compared> {
        let (source, target) = (self.source, self.target);
        let (ours, theirs) = (source.hasher.finalize(), target.hasher.finalize());
        if (source.events, &source.streams, ours) != (target.events, &target.streams, theirs) {
            return Err(Error::new(ErrorKind::Database, "the counts or hashes of the database and the store differ"));
        }
        let hash = origin::hexadecimal(&theirs);
        Ok(Compared { events: source.events, streams: source.streams.len() as u64, hash })
    }
}

/// The version that the source gave an event, as the store remembers it.
fn original_version(found: &Event) -> Option<Version> {
    found.metadata.value()?.get(IMPORTED)?.get("version")?.as_i64()
}

/// The data of the store's event as JSON text. A store that writes another encoding holds the same document, not the
/// same text: then documents are compared.
fn text_of(found: &Event, expected: &str) -> String {
    if found.data.storage == StorageClass::Text {
        return String::from_utf8_lossy(&found.data.raw).into_owned();
    }
    let document = found.data.to_json();
    match serde_json::from_str::<Value>(expected) {
        Ok(value) if value == document => expected.to_owned(),
        _ => document.to_string(),
    }
}

fn differs(event: &Event, there: Option<Position>, what: &str) -> Error {
    let place = there.map_or_else(String::new, |position| format!(", position {position} of the store"));
    let message = format!(
        "the store differs from the database at position {} ({} at version {}{place}): {what}",
        event.position, event.stream, event.version
    );
    Error::new(ErrorKind::Database, message)
        .with_hint("The database may have been changed since it was imported, or another program wrote to the store.")
}
