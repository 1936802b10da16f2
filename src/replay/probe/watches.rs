//! When conditions became true and ceased to be, to and fro.

use std::sync::Arc;

use serde_json::Value;

use super::shadow::Shadow;
use super::{Finds, Moment, Probe, Seen};
use crate::event::{Event, StreamName};
use crate::replay::predicate::{Predicate, is_true};
use crate::replay::state::State;

/// Finds every version at which the truth of some predicates flips.
///
/// Before the first event no predicate holds, whatever it says of the state then: a stream that is not there yet is no
/// find. So the first version is one where the predicate holds at it.
#[derive(Debug, Default)]
pub struct Watches {
    watched: Vec<Watched>,
    shadow: Shadow,
    found: Vec<Flip>,
}

#[derive(Debug)]
struct Watched {
    predicate: Arc<Predicate>,
    truth: Truth,
    value: Value,
}

/// Whether a predicate holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Truth {
    /// It does not.
    #[default]
    False,
    /// It does.
    True,
    /// It cannot be told, and why: the predicate itself fails on the state.
    Failed(Arc<str>),
}

/// A version at which the truth of a predicate became another.
#[derive(Clone, Debug, PartialEq)]
pub struct Flip {
    /// Which of the predicates, counted from 0 in the order in which they were given.
    pub watch: usize,
    /// The event.
    pub moment: Moment,
    /// The truth from then on.
    pub truth: Truth,
    /// What the predicate gave before; `null` before the first event and where it failed.
    pub before: Value,
    /// What it gives now; `null` where it fails.
    pub value: Value,
}

impl Watches {
    /// Watches these predicates.
    pub fn new(predicates: impl IntoIterator<Item = Arc<Predicate>>) -> Self {
        let watched = |predicate| Watched { predicate, truth: Truth::False, value: Value::Null };
        Self { watched: predicates.into_iter().map(watched).collect(), ..Self::default() }
    }

    /// The truth of a predicate after the events seen so far.
    #[must_use]
    pub fn truth(&self, watch: usize) -> Option<&Truth> {
        self.watched.get(watch).map(|watched| &watched.truth)
    }
}

pub(super) fn ask(predicate: &Predicate, shadow: &Shadow, event: &Event) -> (Truth, Value) {
    match predicate.run(shadow.value(), Some(event)) {
        Ok(value) if is_true(&value) => (Truth::True, value),
        Ok(value) => (Truth::False, value),
        Err(message) => (Truth::Failed(message.into()), Value::Null),
    }
}

impl Probe for Watches {
    fn begin(&mut self, _: &StreamName, state: &State) {
        self.shadow.begin(state);
        for watched in &mut self.watched {
            (watched.truth, watched.value) = (Truth::False, Value::Null);
        }
    }

    fn after(&mut self, seen: &Seen<'_>) {
        self.shadow.follow(seen);
        for (watch, watched) in self.watched.iter_mut().enumerate() {
            let (truth, value) = ask(&watched.predicate, &self.shadow, seen.event);
            let before = std::mem::replace(&mut watched.value, value);
            if truth != watched.truth {
                let value = watched.value.clone();
                self.found.push(Flip { watch, moment: Moment::of(seen.event), truth: truth.clone(), before, value });
                watched.truth = truth;
            }
        }
    }
}

impl Finds for Watches {
    type Finding = Flip;

    fn take(&mut self) -> Vec<Flip> {
        std::mem::take(&mut self.found)
    }
}
