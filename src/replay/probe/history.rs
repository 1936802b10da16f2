//! Every value that a place in the state had.

use serde_json::Value;

use super::{Finds, Moment, Probe, Seen};
use crate::event::StreamName;
use crate::replay::change::touches;
use crate::replay::state::State;

/// Finds every value that a place had, one for each event that gave it another.
///
/// The state is looked at only where an event changed the place, something around it or something in it.
#[derive(Debug)]
pub struct ValueHistory {
    pointer: String,
    initial: Option<Value>,
    last: Option<Value>,
    found: Vec<ValueAt>,
}

/// A value, and the event that gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueAt {
    /// The event.
    pub moment: Moment,
    /// The value from then on; `None` where the event removed it.
    pub value: Option<Value>,
}

impl ValueHistory {
    /// The history of the value at a JSON Pointer (RFC 6901); the empty pointer is the whole state.
    #[must_use]
    pub fn new(pointer: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), initial: None, last: None, found: Vec::new() }
    }

    /// The value before the first event.
    #[must_use]
    pub fn initial(&self) -> Option<&Value> {
        self.initial.as_ref()
    }
}

impl Probe for ValueHistory {
    fn begin(&mut self, _: &StreamName, state: &State) {
        self.initial = state.at(&self.pointer);
        self.last.clone_from(&self.initial);
    }

    fn after(&mut self, seen: &Seen<'_>) {
        if !seen.changes.iter().any(|change| touches(&change.path, &self.pointer)) {
            return;
        }
        let value = seen.state.at(&self.pointer);
        if value != self.last {
            self.last.clone_from(&value);
            self.found.push(ValueAt { moment: Moment::of(seen.event), value });
        }
    }
}

impl Finds for ValueHistory {
    type Finding = ValueAt;

    fn take(&mut self) -> Vec<ValueAt> {
        std::mem::take(&mut self.found)
    }
}
