//! What must hold at every version of every stream of a type: the whole store is held against it.

use std::ops::ControlFlow;

use super::survey::{Findings, Inquiry, Survey, Surveyor};
use crate::error::Result;
use crate::event::StreamName;
use crate::insight;
use crate::model::InvariantRule;
use crate::replay::probe::{Invariant, Violation};
use crate::session::FoundReducers;
use crate::session::workers::jobs::Subject;
use crate::source::Source;

/// What came of holding the store against invariants, as far as it went.
pub type Checked = Survey<Violations>;

/// Where the streams of a store break invariants.
#[derive(Clone, Debug, Default)]
pub struct Violations {
    /// The invariants.
    pub rules: Vec<InvariantRule>,
    /// Where streams break them first, stream by stream.
    pub found: Vec<Violation>,
    /// How many streams that is.
    pub broken: u64,
    /// How many streams were looked through.
    pub streams: u64,
    /// How many events were folded.
    pub events: u64,
}

impl Findings for Violations {
    const LIMIT: usize = 100_000;

    fn count(&self) -> usize {
        self.found.len()
    }

    fn go_on(&mut self, more: Self) {
        let mut before = self.found.last().map(|violation| &violation.stream);
        for Violation { stream, .. } in &more.found {
            self.broken += u64::from(before != Some(stream));
            before = Some(stream);
        }
        self.found.extend(more.found);
        (self.streams, self.events) = (more.streams.max(self.streams), more.events.max(self.events));
    }
}

/// The invariants that are checked.
#[derive(Clone)]
pub(in crate::session) struct Check {
    /// What must hold.
    pub(in crate::session) rules: Vec<InvariantRule>,
    /// How many events there are to fold, as far as that is known.
    pub(in crate::session) events: Option<u64>,
    /// What streams are folded by.
    pub(in crate::session) reducers: FoundReducers,
}

impl Inquiry for Check {
    type Findings = Violations;
    const WORKER: &'static str = "invariants";
    const SUBJECT: Subject = Subject::Checking;
    const TITLE: &'static str = "Checking the invariants";

    fn steps(&self) -> Option<u64> {
        self.events
    }

    fn beginning(&self) -> Violations {
        Violations { rules: self.rules.clone(), ..Violations::default() }
    }

    fn look_through(&self, source: &Source, surveyor: &mut Surveyor<'_, Violations>) -> Result<()> {
        let invariant = |rule: &InvariantRule| Invariant::new(&rule.aggregate, &rule.predicate);
        let rules: Vec<_> = self.rules.iter().map(invariant).collect::<Result<_>>()?;
        let stop = surveyor.stop_switch();
        let mut evolver = |stream: &StreamName| self.reducers.evolver(stream, &stop);
        let mut on = |batch: insight::ViolationBatch| -> ControlFlow<()> {
            let (streams, events) = (batch.streams, batch.events);
            surveyor.note(Violations { found: batch.found, streams, events, ..Violations::default() }, events)
        };
        insight::violations(source, &rules, &mut evolver, &mut on).map(|_| ())
    }
}
