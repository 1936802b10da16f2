//! A stream's history: a mark for every version, and how far the reducers agree with stored snapshots.

use std::sync::Arc;

use crate::event::{StreamName, Version};

use crate::session::Marks;

/// The history of one stream.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The stream.
    pub stream: StreamName,
    /// A mark for every version that was folded so far, oldest first.
    pub marks: Marks,
    /// The stream's last version, whether it was folded or not.
    pub last: Option<Version>,
    /// How many stored snapshots of this aggregate type the reducers reproduce; `None` until it is known, and
    /// where the database stores none.
    pub agreement: Option<Agreement>,
    /// Whether every event of the stream was folded.
    pub complete: bool,
    /// The types of its events that no rule is for, in the order of their names.
    pub unhandled: Arc<[Arc<str>]>,
}

/// How many stored snapshots the reducers reproduce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Snapshots that equal the replayed state of their version.
    pub matching: u64,
    /// Snapshots that were compared.
    pub total: u64,
}
