//! The columns of the event table, and the order that its rows stand in: one list for the table, its menu and the session.

use serde::{Deserialize, Serialize};

/// A column of the event table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Column {
    /// The place in the whole store.
    #[default]
    Position,
    /// When it was recorded.
    Time,
    /// The stream that it belongs to.
    Stream,
    /// The place in that stream.
    Version,
    /// What happened.
    Type,
    /// What the event says, in one line.
    Data,
    /// The event's own id.
    EventId,
    /// The version of the event type's own shape.
    SchemaVersion,
    /// Who caused it.
    Actor,
    /// Through what it came.
    Source,
    /// The id that everything caused by one request shares.
    Correlation,
    /// The id of the event or command that caused it.
    Causation,
}

/// The order of the rows: by one column, oldest or smallest first unless `descending`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// The column that decides.
    pub column: Column,
    /// Newest or largest first.
    pub descending: bool,
}
