//! What surrounds one event: its cause, its effects and what shares its correlation.

use std::sync::Arc;

use crate::event::{Position, StreamName, Version};
use crate::source;

use crate::session::Count;

/// An event by reference: enough to name it and to go there.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRef {
    /// The place in the whole store.
    pub position: Position,
    /// The stream.
    pub stream: StreamName,
    /// The place in that stream.
    pub version: Version,
    /// What happened.
    pub event_type: Arc<str>,
}

/// The events that one event is tied to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Related {
    /// The event that caused it, where that is in the store.
    pub cause: Option<EventRef>,
    /// The events that it caused, oldest first.
    pub effects: Vec<EventRef>,
    /// The events nearest to it that share its correlation id, oldest first; it is among them.
    pub correlation: Vec<EventRef>,
    /// How many share it in all.
    pub correlation_total: Count,
}

impl From<source::EventRef> for EventRef {
    fn from(event: source::EventRef) -> Self {
        let source::EventRef { position, stream, version, event_type } = event;
        Self { position, stream, version, event_type: event_type.into() }
    }
}

impl From<source::Related> for Related {
    fn from(related: source::Related) -> Self {
        let refs = |events: Vec<source::EventRef>| events.into_iter().map(EventRef::from).collect();
        Self {
            cause: related.cause.map(EventRef::from),
            effects: refs(related.effects),
            correlation: refs(related.correlation),
            correlation_total: Count::complete(related.correlation_total),
        }
    }
}
