//! What an upcaster does, step by step.

use serde_json::Value;

use super::paths::PathStep;
use super::shape::Kind;

/// What an upcaster does, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct Upcaster {
    /// The event type.
    pub event_type: String,
    /// The version that it takes, and the one that it gives, as stored.
    pub versions: (Option<String>, Option<String>),
    /// From how many events of each version it was told.
    pub events: (u64, u64),
    /// What it does.
    pub steps: Vec<Step>,
}

/// Something that an upcaster does, or that is left to whoever completes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Puts a value where nothing was, and in the newer version always is.
    Add {
        /// Where.
        at: At,
        /// The kinds of the values there.
        kinds: Vec<Kind>,
        /// One of them.
        value: Value,
    },
    /// Takes a value to another name, where it seems to be now.
    Rename {
        /// Where it was.
        from: At,
        /// Where it seems to be.
        to: At,
    },
    /// Takes away what the newer version no longer has.
    Remove {
        /// Where.
        at: At,
    },
    /// Makes a text of each value.
    ToText {
        /// Where.
        at: At,
    },
    /// Makes a number of each text.
    ToNumber {
        /// Where.
        at: At,
    },
    /// The kinds of the values are others, and how one becomes the other is not to be told.
    Unclear {
        /// Where.
        at: At,
        /// The kinds before.
        before: Vec<Kind>,
        /// The kinds after.
        after: Vec<Kind>,
    },
    /// Something is sometimes there in the newer version, and never was.
    Sometimes {
        /// Where.
        at: At,
    },
}

/// A member of the objects at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The way to the objects from the document.
    pub around: Vec<PathStep>,
    /// The member.
    pub name: String,
}

impl At {
    /// The member that steps lead to; `None` where they end in a list or in a map.
    pub(super) fn of(steps: &[PathStep]) -> Option<Self> {
        let (last, around) = steps.split_last()?;
        let PathStep::Member(name) = last else { return None };
        Some(Self { around: around.to_vec(), name: name.clone() })
    }

    /// Whether there is one at most in a document.
    pub(super) fn is_single(&self) -> bool {
        self.around.iter().all(|step| matches!(step, PathStep::Member(_)))
    }

    /// The steps to it.
    pub(super) fn steps(&self) -> Vec<PathStep> {
        let mut steps = self.around.clone();
        steps.push(PathStep::Member(self.name.clone()));
        steps
    }
}
