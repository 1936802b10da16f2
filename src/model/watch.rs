//! What a person watches for in a stream's history, and which question of theirs is answered below the state.

use serde::{Deserialize, Serialize};

/// How many watches a database may have: each is asked at every version.
pub const WATCHES_LIMIT: usize = 32;

/// A condition on the streams of one aggregate type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Watch {
    /// The aggregate type; empty where the streams of a database have none.
    pub aggregate_type: String,
    /// What is watched for.
    pub condition: Condition,
}

/// What is watched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Condition {
    /// A jq filter over the state, with the event in `$event`: found wherever it becomes true or ceases to be.
    When(String),
    /// Every event of a type.
    Type(String),
}

impl Condition {
    /// It as a person reads it: `.total > 20`, `order.placed`.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::When(text) | Self::Type(text) => text,
        }
    }
}

/// A question of a person's to the history of the shown stream, which is answered below its state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Inquiry {
    /// Every value that the place at a JSON Pointer had; the empty one is the whole state.
    Value(String),
    /// Where a watch was met.
    Watch(Watch),
}
