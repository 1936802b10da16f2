//! What surrounds one event: its cause, its effects and what shares its correlation.

use std::sync::Arc;

use crate::event::{Position, StreamName, Timestamp, Version};

use super::Count;

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
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
}

/// The events that one event is tied to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Related {
    /// The event that caused it, where that is in the store.
    pub cause: Option<EventRef>,
    /// The events that it caused, oldest first.
    pub effects: Vec<EventRef>,
    /// The first events that share its correlation id, oldest first; it is among them.
    pub correlation: Vec<EventRef>,
    /// How many share it in all.
    pub correlation_total: Count,
}
