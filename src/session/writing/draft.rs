//! An event that is about to be appended by hand, and what writing it would do.

use serde_json::Value;

use crate::event::{ExpectedVersion, NewEvent, StreamName, Version};

use crate::session::{Change, Outcome};

/// An event that is about to be appended by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The stream that it goes to; it may be a new one.
    pub stream: StreamName,
    /// The event.
    pub event: NewEvent,
}

/// What writing a draft would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The columns of the row with their values as text, in the order of the table.
    pub row: Vec<(String, String)>,
    /// What the stream has to be at: the version that was read for this preview.
    pub expected: ExpectedVersion,
    /// The version that the event gets.
    pub version: Version,
    /// The state that the stream is in.
    pub state_before: Value,
    /// What the event would change.
    pub changes: Vec<Change>,
    /// The state that it would be in.
    pub state_after: Value,
    /// What the event would do.
    pub outcome: Outcome,
}
