//! What a session answers to questions about the history of a stream.

use std::sync::Arc;

use super::checking::{Check, Checked};
use super::comparing::{Comparison, Pinned};
use super::drifting::{CompareSnapshots, Drifts};
use super::question::{Findings, Question};
use super::what_if::BranchOutcome;
use crate::event::StreamName;
use crate::model::InvariantRule;
use crate::replay::branch::Branch;
use crate::replay::probe::Invariant;
use crate::session::{Loading, Session, Status};

impl Session {
    /// What is found so far for a question. Asking again has the search go on where it rests.
    #[must_use]
    pub fn ask(&self, stream: &StreamName, question: &Question) -> Loading<Arc<Findings>> {
        let answer = |parts: &crate::session::Parts| parts.asking.of(stream, question, parts.histories.reducers());
        self.ready().map(answer).unwrap_or_default()
    }

    /// What a branch of a stream comes to. While it is folded, what it came to before its last change stands in.
    #[must_use]
    pub fn what_if(&self, branch: &Branch) -> Loading<Arc<BranchOutcome>> {
        self.ready().map(|parts| parts.branches.of(branch, parts.histories.reducers())).unwrap_or_default()
    }

    /// What differs between two states. While they are folded, what differed between those before stands in.
    #[must_use]
    pub fn compare(&self, a: &Pinned, b: &Pinned) -> Loading<Arc<Comparison>> {
        let profiles = self.request.profiles.as_deref();
        let compared =
            |parts: &crate::session::Parts| parts.comparisons.of([a, b], parts.histories.reducers(), profiles);
        self.ready().map(compared).unwrap_or_default()
    }

    /// The invariants that are kept with the reducers.
    #[must_use]
    pub fn kept_invariants(&self) -> Vec<InvariantRule> {
        let Some(parts) = &self.parts else { return Vec::new() };
        let rule = |kept: &Invariant| InvariantRule {
            aggregate: kept.aggregate().to_owned(),
            predicate: kept.predicate().text().to_owned(),
        };
        Invariant::of(&parts.histories.reducers().reducers).iter().map(rule).collect()
    }

    /// Holds every stream of the store against these, in place of what was checked before.
    pub fn check_invariants(&mut self, rules: Vec<InvariantRule>) {
        let events = self.events_of(&rules);
        if let Some(parts) = self.parts.as_mut().filter(|_| matches!(self.status, Status::Ready)) {
            let reducers = parts.histories.reducers().clone();
            parts.checking.begin(Check { rules, events, reducers });
        }
    }

    /// How many events the streams have that these are about, once all streams are known.
    fn events_of(&self, rules: &[InvariantRule]) -> Option<u64> {
        let rules: Vec<_> = rules.iter().flat_map(|rule| Invariant::new(&rule.aggregate, &rule.predicate)).collect();
        let streams = self.streams();
        let about = |stream: &&crate::session::StreamSummary| rules.iter().any(|rule| rule.is_about(&stream.name));
        let all = streams.groups.iter().flat_map(|group| &group.streams);
        streams.total.complete.then(|| all.filter(about).map(|stream| stream.events).sum())
    }

    /// Leaves the rest of the store unchecked.
    pub fn stop_checking(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.checking.stop();
        }
    }

    /// Holds every snapshot of the store against the replay at its own version, in place of what was found before.
    pub fn compare_snapshots(&mut self) {
        if let Some(parts) = self.parts.as_mut().filter(|_| matches!(self.status, Status::Ready)) {
            parts.drifting.begin(CompareSnapshots(parts.histories.reducers().clone()));
        }
    }

    /// Leaves the other snapshots uncompared.
    pub fn stop_comparing_snapshots(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.drifting.stop();
        }
    }

    /// What came of holding the snapshots against the replay, as far as it went; `None` where they were not.
    #[must_use]
    pub fn drifts(&self) -> Option<Arc<Drifts>> {
        self.parts.as_ref()?.drifting.last()
    }

    /// Whether the database stores snapshots.
    #[must_use]
    pub fn has_snapshots(&self) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.histories.has_snapshots())
    }

    /// What came of holding the store against invariants, as far as it went; `None` where it was not.
    #[must_use]
    pub fn checked(&self) -> Option<Arc<Checked>> {
        self.parts.as_ref()?.checking.last()
    }
}
