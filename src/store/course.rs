//! The course of a log: whether each event goes on from those before it as the store would have written it.

use std::collections::HashMap;

use crate::event::{Decoded, Event, Payload, Position, StorageClass, StreamName, Version};

/// What was seen so far.
#[derive(Default)]
pub(super) struct Course {
    versions: HashMap<StreamName, Version>,
    /// When the last event was recorded, as stored.
    moment: String,
    position: Position,
    events: u64,
}

impl Course {
    /// What is wrong with the next event.
    pub(super) fn fault(&mut self, event: &Event) -> Option<String> {
        self.version_fault(event).or_else(|| self.time_fault(event)).or_else(|| payload_fault(event))
    }

    /// Goes on behind an event with which nothing is wrong.
    pub(super) fn go_on(&mut self, event: &Event) {
        (self.position, self.events) = (event.position, self.events + 1);
    }

    /// The position of the last event.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// How many events there were.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// The names of all streams.
    pub(super) fn names(&self) -> impl Iterator<Item = &StreamName> {
        self.versions.keys()
    }

    /// The last version of a stream.
    pub(super) fn version(&self, stream: &StreamName) -> Option<Version> {
        self.versions.get(stream).copied()
    }

    fn version_fault(&mut self, event: &Event) -> Option<String> {
        let version = self.versions.entry(event.stream.clone()).or_insert(0);
        let expected = *version + 1;
        *version = event.version;
        (event.version != expected)
            .then(|| format!("{} is at version {} where {expected} comes next", event.stream, event.version))
    }

    fn time_fault(&mut self, event: &Event) -> Option<String> {
        let timestamp = event.timestamp.as_ref()?;
        if timestamp.utc.is_none() {
            return Some(format!("`{}` is no moment", timestamp.stored));
        }
        if *timestamp.stored < *self.moment {
            return Some(format!("it was recorded at {}, before the event before it", timestamp.stored));
        }
        timestamp.stored.as_ref().clone_into(&mut self.moment);
        None
    }
}

fn payload_fault(event: &Event) -> Option<String> {
    let readable = |decoded: &Decoded| matches!(decoded, Decoded::Document { .. });
    if !readable(event.data.decoded()) {
        return Some(format!("its data is {}", unreadable(&event.data)));
    }
    let metadata = event.metadata.decoded();
    (*metadata != Decoded::Missing && !readable(metadata))
        .then(|| format!("its metadata is {}", unreadable(&event.metadata)))
}

fn unreadable(payload: &Payload) -> &'static str {
    if payload.storage == StorageClass::Blob { "no MessagePack" } else { "no JSON" }
}
