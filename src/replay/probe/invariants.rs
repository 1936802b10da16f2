//! What must hold at every version of every stream of an aggregate type, and where it first does not.

use std::sync::Arc;

use super::shadow::Shadow;
use super::watches::{Truth, ask};
use super::{Finds, Moment, Probe, Seen};
use crate::error::{Error, Result};
use crate::event::StreamName;
use crate::replay::pattern::Pattern;
use crate::replay::predicate::Predicate;
use crate::replay::reducers::Reducers;
use crate::replay::state::State;

/// A predicate that must hold at every version of the streams of an aggregate type.
#[derive(Clone, Debug)]
pub struct Invariant {
    aggregate: Pattern,
    predicate: Arc<Predicate>,
}

impl Invariant {
    /// An invariant of the aggregate types that a pattern fits, in which `*` stands for any characters.
    ///
    /// # Errors
    /// As [`Predicate::compile`].
    pub fn new(aggregate: &str, predicate: &str) -> Result<Self> {
        Ok(Self { aggregate: Pattern::new(aggregate), predicate: Arc::new(Predicate::compile(predicate)?) })
    }

    /// Reads `AGGREGATE: EXPR`, such as `inventory: .on_hand >= 0`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] where there is no colon, or as [`Predicate::compile`].
    pub fn parse(text: &str) -> Result<Self> {
        // A type may hold colons of its own, as in Shop::Order.
        let parts = text.split_once(": ").or_else(|| text.split_once(':'));
        let (aggregate, predicate) = parts.ok_or_else(|| {
            Error::bad_input(format!("`{text}` names no aggregate type"))
                .with_hint("An invariant is written AGGREGATE: EXPR, as in 'inventory: .on_hand >= 0'.")
        })?;
        Self::new(aggregate.trim(), predicate.trim())
    }

    /// The invariants that are kept with reducers, in the order of their sections.
    #[must_use]
    pub fn of(reducers: &Reducers) -> Vec<Self> {
        let invariants = reducers.invariants();
        invariants
            .map(|(aggregate, predicate)| Self { aggregate: aggregate.clone(), predicate: Arc::clone(predicate) })
            .collect()
    }

    /// The pattern of the aggregate types.
    #[must_use]
    pub fn aggregate(&self) -> &str {
        self.aggregate.as_str()
    }

    /// The predicate.
    #[must_use]
    pub fn predicate(&self) -> &Predicate {
        &self.predicate
    }

    /// Whether it is about a stream.
    #[must_use]
    pub fn is_about(&self, stream: &StreamName) -> bool {
        self.aggregate.matches(&stream.aggregate_type)
    }
}

/// Finds, in each stream that is folded, the first version at which each invariant is broken.
#[derive(Debug, Default)]
pub struct Invariants {
    rules: Vec<Invariant>,
    stream: StreamName,
    /// Which of the rules still hold in the present stream.
    open: Vec<usize>,
    shadow: Shadow,
    found: Vec<Violation>,
}

/// The first version of a stream that breaks an invariant.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Which of the invariants, counted from 0 in the order in which they were given.
    pub invariant: usize,
    /// The stream.
    pub stream: StreamName,
    /// The event that broke it.
    pub moment: Moment,
    /// Where the predicate did not say no but failed: what with.
    pub failure: Option<Arc<str>>,
}

impl Invariants {
    /// Checks these invariants.
    #[must_use]
    pub fn new(rules: Vec<Invariant>) -> Self {
        Self { rules, ..Self::default() }
    }

    /// The invariants.
    #[must_use]
    pub fn rules(&self) -> &[Invariant] {
        &self.rules
    }
}

impl Probe for Invariants {
    fn begin(&mut self, stream: &StreamName, state: &State) {
        self.stream = stream.clone();
        let about = self.rules.iter().enumerate().filter(|(_, rule)| rule.is_about(stream));
        self.open = about.map(|(index, _)| index).collect();
        if !self.open.is_empty() {
            self.shadow.begin(state);
        }
    }

    fn after(&mut self, seen: &Seen<'_>) {
        if self.open.is_empty() {
            return;
        }
        self.shadow.follow(seen);
        let (rules, shadow, stream, found) = (&self.rules, &self.shadow, &self.stream, &mut self.found);
        self.open.retain(|index| {
            let Some(rule) = rules.get(*index) else { return false };
            let failure = match ask(&rule.predicate, shadow, seen.event).0 {
                Truth::True => return true,
                Truth::False => None,
                Truth::Failed(message) => Some(message),
            };
            let (stream, moment) = (stream.clone(), Moment::of(seen.event));
            found.push(Violation { invariant: *index, stream, moment, failure });
            false
        });
    }

    fn is_done(&self) -> bool {
        self.open.is_empty()
    }
}

impl Finds for Invariants {
    type Finding = Violation;

    fn take(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.found)
    }
}
