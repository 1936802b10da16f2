//! What must hold of every fold, whatever the events, the rules and the limits.

mod asking;
mod properties;
mod rules;
mod seeking;

use serde_json::Value;

use super::{Fold, Limits, Outcome, Reducers, Timeline};
use crate::error::Result;
use crate::event::{Event, Payload, StreamName, Version};

/// An event of the stream `account/a` with some data.
pub(super) fn event(version: Version, event_type: &str, data: Value) -> Event {
    Event {
        position: version * 10,
        version,
        stream: StreamName::new("account", "a"),
        event_type: event_type.into(),
        data: Payload::json(data),
        ..Event::default()
    }
}

pub(super) fn timeline(events: &[Event], reducers: &Reducers, bytes: usize) -> Timeline {
    let events = events.iter().cloned().map(Ok);
    Timeline::build(events, reducers, Limits { bytes }, |_| std::ops::ControlFlow::Continue(())).unwrap()
}

/// What a store would answer with when a timeline asks for events again.
pub(super) fn refetch(events: &[Event]) -> impl FnMut(Version, Version) -> Result<Vec<Event>> + '_ {
    |from, to| Ok(events.iter().filter(|event| (from..=to).contains(&event.version)).cloned().collect())
}

/// The outcome of one event by some rules, and the state after it.
pub(super) fn once(rules: &str, event: &Event) -> (Outcome, Value) {
    let mut fold = Fold::new(&Reducers::parse(rules, "test").unwrap(), &event.stream.aggregate_type);
    let outcome = fold.step(event).outcome;
    (outcome, fold.state())
}
