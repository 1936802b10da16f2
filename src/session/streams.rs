//! The list of streams, grouped by aggregate type.

use std::sync::Arc;

use crate::event::{StreamName, Version};

use super::Count;

/// One stream as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSummary {
    /// Its name.
    pub name: StreamName,
    /// How many events it has.
    pub events: u64,
    /// The version of its last event.
    pub last_version: Version,
}

/// The streams of one aggregate type, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamGroup {
    /// The type; empty where the store does not say.
    pub aggregate_type: Arc<str>,
    /// Its streams.
    pub streams: Vec<StreamSummary>,
}

/// All streams that were read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamList {
    /// By aggregate type, in the order of their names.
    pub groups: Vec<StreamGroup>,
    /// How many streams there are in all groups.
    pub total: Count,
}
