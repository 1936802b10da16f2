//! What a table of events has a column for.

use serde::{Deserialize, Serialize};

/// One column of the event table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Column {
    /// The place in the whole store.
    #[default]
    Position,
    /// When it was recorded.
    Time,
    /// The stream it belongs to.
    Stream,
    /// The place in that stream.
    Version,
    /// What happened.
    Type,
    /// The beginning of what it says.
    Data,
    /// The event's own id.
    EventId,
    /// The version of the type's own shape.
    SchemaVersion,
    /// Who caused it.
    Actor,
    /// Through what it came.
    Source,
    /// The id that a whole request shares.
    Correlation,
    /// The id of what caused it.
    Causation,
}

impl Column {
    /// Every column, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::Position,
        Self::Time,
        Self::Stream,
        Self::Version,
        Self::Type,
        Self::SchemaVersion,
        Self::Actor,
        Self::Source,
        Self::EventId,
        Self::Correlation,
        Self::Causation,
        Self::Data,
    ];
}
