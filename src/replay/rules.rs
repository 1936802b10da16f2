//! The rules of a reducers file, ready to be run.

use std::sync::Arc;

use serde_json::Value;

use super::jq::Program;
use super::pattern::Pattern;
use super::predicate::Predicate;

/// The rules of one `[aggregate."T"]`.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) aggregate: Pattern,
    pub(crate) initial: Option<Value>,
    /// Turns what a snapshot of the application holds into a state as the rules give it.
    pub(crate) snapshot: Option<Program>,
    pub(crate) rules: Vec<Arc<Rule>>,
    /// What must hold at every version.
    pub(crate) invariants: Vec<Arc<Predicate>>,
}

impl Section {
    /// A section that says nothing yet.
    pub(crate) fn new(aggregate: Pattern) -> Self {
        Self { aggregate, initial: None, snapshot: None, rules: Vec::new(), invariants: Vec::new() }
    }

    /// Whether it says what must hold, and nothing of how streams are folded: others say that.
    pub(crate) fn only_holds(&self) -> bool {
        !self.invariants.is_empty() && self.rules.is_empty() && self.initial.is_none() && self.snapshot.is_none()
    }
}

/// One line of `[aggregate."T".on]`.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) event_type: Pattern,
    pub(crate) action: Action,
}

/// What a rule does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Merges the data if it is an object, and otherwise says that it does not know.
    Guess,
    /// Merges the data into the state (RFC 7396).
    Merge,
    /// Makes the data the state.
    Replace,
    /// Leaves the state alone.
    Ignore,
    /// Runs a jq filter on the state.
    Jq(Program),
}

impl Action {
    /// What it is, to tell whether another is the same.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Guess => "guess",
            Self::Merge => "merge",
            Self::Replace => "replace",
            Self::Ignore => "ignore",
            Self::Jq(program) => program.text(),
        }
    }
}
