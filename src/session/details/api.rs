//! What a session answers about single events.

use std::sync::Arc;

use crate::event::{Event, Position, StreamName};
use crate::insight::Landmark;
use crate::session::{Loading, Related, Seen, Session, Sought};

impl Session {
    /// One event with its data.
    #[must_use]
    pub fn event(&self, position: Position) -> Loading<Arc<Event>> {
        self.ready().map(|parts| parts.details.event(position)).unwrap_or_default()
    }

    /// The position of the newest event.
    #[must_use]
    pub fn newest(&self) -> Loading<Position> {
        self.ready().map(|parts| parts.details.newest()).unwrap_or_default()
    }

    /// What one event is tied to.
    #[must_use]
    pub fn related(&self, position: Position) -> Loading<Arc<Related>> {
        self.ready().map(|parts| parts.details.related(position)).unwrap_or_default()
    }

    /// The stream that a text names: `TYPE/ID`, or `ID` where that is unique.
    #[must_use]
    pub fn stream_named(&self, text: &str) -> Loading<StreamName> {
        self.ready().map(|parts| parts.details.named(text)).unwrap_or_default()
    }

    /// The position of the first event from a place on.
    #[must_use]
    pub fn event_from(&self, landmark: Landmark) -> Loading<Position> {
        self.ready().map(|parts| parts.details.from(landmark)).unwrap_or_default()
    }

    /// The first events that a text names by position or id, or whose data holds it, as they are found: see [`Sought`].
    #[must_use]
    pub fn sought(&self, text: &str) -> Arc<Sought> {
        self.ready().map(|parts| parts.seeking.of(text)).unwrap_or_default()
    }

    /// Looks for no events any more.
    pub fn forget_sought(&self) {
        if let Some(parts) = self.ready() {
            parts.seeking.forget();
        }
    }

    /// What some events across the store were seen to say, for whoever types a filter.
    #[must_use]
    pub fn seen(&self) -> Loading<Arc<Seen>> {
        self.ready().map(|parts| parts.details.seen()).unwrap_or_default()
    }
}
