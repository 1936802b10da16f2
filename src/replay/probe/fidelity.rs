//! How far a replay is to be trusted: which event types met a rule, the guess, or nothing, and which rules failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Finds, Probe, Seen};
use crate::event::Version;
use crate::replay::evolve::Outcome;

/// Tells, event type by event type, what became of the events.
#[derive(Debug, Default)]
pub struct Fidelity {
    types: BTreeMap<String, TypeFidelity>,
}

/// What became of the events of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeFidelity {
    /// How many there are.
    pub events: u64,
    /// How many of them a rule, or the guess, took; those that a rule ignores count.
    pub handled: u64,
    /// How many met no rule.
    pub unhandled: u64,
    /// How many of them a rule failed on.
    pub failed: u64,
    /// The first failure, with its version.
    pub first_failure: Option<(Version, Arc<str>)>,
}

impl Fidelity {
    /// What is known of each type so far, by its name.
    #[must_use]
    pub fn types(&self) -> &BTreeMap<String, TypeFidelity> {
        &self.types
    }

    /// The event types of which some event met no rule.
    pub fn unhandled(&self) -> impl Iterator<Item = &str> {
        self.types.iter().filter(|(_, known)| known.unhandled > 0).map(|(name, _)| name.as_str())
    }
}

impl Probe for Fidelity {
    fn after(&mut self, seen: &Seen<'_>) {
        let name = &seen.event.event_type;
        if !self.types.contains_key(name) {
            self.types.insert(name.clone(), TypeFidelity::default());
        }
        let Some(known) = self.types.get_mut(name) else { return };
        known.events += 1;
        match seen.outcome {
            Outcome::Applied | Outcome::Ignored => known.handled += 1,
            Outcome::Unhandled => known.unhandled += 1,
            Outcome::Failed(message) => {
                known.failed += 1;
                known.first_failure.get_or_insert_with(|| (seen.event.version, message.clone()));
            }
        }
    }
}

impl Finds for Fidelity {
    type Finding = (String, TypeFidelity);

    fn take(&mut self) -> Vec<(String, TypeFidelity)> {
        std::mem::take(&mut self.types).into_iter().collect()
    }
}
