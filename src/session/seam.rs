//! The shapes that come from the replay, the filter and the profiles, as this layer needs them.

use std::fmt;

use serde_json::Value;

use crate::event::{Position, Timestamp, Version};

/// How sure a detection is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Confidence {
    /// Nothing else looks like this.
    Certain,
    /// Very probably.
    Likely,
    /// Worked out from the shape of the tables.
    Guess,
    /// Nothing fits.
    #[default]
    None,
}

/// What an event did to the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// A rule ran.
    #[default]
    Applied,
    /// A rule says that the event changes nothing.
    Ignored,
    /// No rule is for this event type.
    Unhandled,
    /// The rule failed; the state before it stands.
    Failed(String),
}

/// One value that one event changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The JSON Pointer of the value (RFC 6901).
    pub path: String,
    /// The value before, where there was one.
    pub before: Option<Value>,
    /// The value after, where there is one.
    pub after: Option<Value>,
}

/// One version on a stream's timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The version.
    pub version: Version,
    /// The event's place in the whole store.
    pub position: Position,
    /// What happened.
    pub event_type: String,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// The version of the event type's own shape.
    pub schema_version: Option<String>,
    /// What the event did to the state.
    pub outcome: Outcome,
    /// How many values it changed.
    pub changed: usize,
}

/// Which version last set each value of a state.
#[derive(Clone, Debug, Default)]
pub struct Blame;

impl Blame {
    /// The last version that set the value at `pointer`.
    #[must_use]
    pub fn last_set(&self, _pointer: &str) -> Option<Version> {
        None
    }
}

/// A stream's state at one version.
#[derive(Clone, Debug, Default)]
pub struct StateAt {
    /// The version.
    pub version: Version,
    /// The place of its event in the whole store.
    pub position: Position,
    /// The state.
    pub state: Value,
    /// What this version's event changed.
    pub changes: Vec<Change>,
    /// What the event did.
    pub outcome: Outcome,
    /// Which version last set each value.
    pub blame: Blame,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// The conditions, all of which hold.
    pub terms: Vec<String>,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.terms.join(" "))
    }
}
