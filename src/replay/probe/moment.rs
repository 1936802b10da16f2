//! When something was found: one event of a stream, as answers name it.

use crate::event::{Event, Position, Timestamp, Version};

/// The event at which something was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moment {
    /// Its version.
    pub version: Version,
    /// Its position in the whole store.
    pub position: Position,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// Its type.
    pub event_type: String,
    /// Who caused it.
    pub actor: Option<String>,
}

impl Moment {
    /// The moment of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self {
            version: event.version,
            position: event.position,
            timestamp: event.timestamp.clone(),
            event_type: event.event_type.clone(),
            actor: event.actor.clone(),
        }
    }
}
