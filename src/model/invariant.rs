//! What must hold at every version of the streams of a type.

use serde::{Deserialize, Serialize};

/// A condition that must hold at every version of the streams of some aggregate types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InvariantRule {
    /// The aggregate type; `*` in it stands for any characters.
    pub aggregate: String,
    /// The condition: a jq filter over the state, with the event in `$event`.
    pub predicate: String,
}

impl InvariantRule {
    /// It as the command line writes it: `stock: .on_hand >= 0`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}: {}", self.aggregate, self.predicate)
    }
}
