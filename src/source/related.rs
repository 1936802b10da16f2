//! What an event is related to: the event that caused it, those that it caused, and those of the same request.

use super::Source;
use crate::error::Result;
use crate::event::{Event, Position, StreamName, Version};
use crate::filter::{Field, Filter, Term, compile};

/// How many related events are named.
const LIMIT: usize = 200;

/// An event, by name only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRef {
    /// Its place in the store.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// Its place in the stream.
    pub version: Version,
    /// What happened.
    pub event_type: String,
}

/// What an event is related to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Related {
    /// The event whose id is this one's causation id. Without one, the cause may be a command.
    pub cause: Option<EventRef>,
    /// The events whose causation id is this one's id; at most 200.
    pub effects: Vec<EventRef>,
    /// The events with the same correlation id, itself included; at most 200, those nearest to it.
    pub correlation: Vec<EventRef>,
    /// How many events have that correlation id.
    pub correlation_total: u64,
}

impl Source {
    /// What an event is related to. Without an index on the ids, this looks at the whole store.
    pub fn related(&self, event: &Event) -> Result<Related> {
        let cause = self.positions_with(Field::Id, event.causation_id.as_deref())?;
        let effects = self.positions_with(Field::Causation, event.id.as_deref())?;
        let correlation = self.positions_with(Field::Correlation, event.correlation_id.as_deref())?;
        Ok(Related {
            cause: self.refs(cause.get(..1).unwrap_or_default())?.pop(),
            effects: self.refs(effects.get(..LIMIT).unwrap_or(&effects))?,
            correlation_total: correlation.len() as u64,
            correlation: self.refs(nearest(&correlation, event.position))?,
        })
    }

    fn positions_with(&self, field: Field, value: Option<&str>) -> Result<Vec<Position>> {
        let (Some(value), Some(mapping)) = (value, self.mapping()) else { return Ok(Vec::new()) };
        self.find(&compile(&Filter { terms: vec![Term::field(field, value)] }, mapping))
    }

    fn refs(&self, positions: &[Position]) -> Result<Vec<EventRef>> {
        let events = self.events_at(positions)?;
        Ok(events.into_iter().map(EventRef::from).collect())
    }
}

impl From<Event> for EventRef {
    fn from(event: Event) -> Self {
        let Event { position, stream, version, event_type, .. } = event;
        Self { position, stream, version, event_type }
    }
}

/// The part of sorted positions that lies around one of them.
fn nearest(positions: &[Position], around: Position) -> &[Position] {
    let at = positions.partition_point(|position| *position < around);
    let last_start = positions.len().saturating_sub(LIMIT);
    let start = at.saturating_sub(LIMIT / 2).min(last_start);
    positions.get(start..positions.len().min(start + LIMIT)).unwrap_or_default()
}
