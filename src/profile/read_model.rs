//! Where the rows are that an application keeps of what its streams came to.

use serde::{Deserialize, Serialize};

use super::field::Field;

/// A table whose rows are what streams came to: one row for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadModelMapping {
    /// The table.
    pub table: String,
    /// What stands after `WHERE`.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// What kind of thing a row is of, written as in the events. None: match by the id alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate_type: Option<Field>,
    /// Which one of that kind, written as in the events.
    pub aggregate_id: Field,
    /// The version of the last event that the row contains. None: the last one that the table's reader has seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Field>,
    /// The row as a document.
    pub state: Field,
    /// What the rows are of, for people: an aggregate type, or what the streams' names begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
}

impl ReadModelMapping {
    /// What the table is, for people: "read model of order".
    #[must_use]
    pub fn words(&self) -> String {
        if self.of.is_empty() { "read model".to_owned() } else { format!("read model of {}", self.of) }
    }
}
