//! The learner: takes events and evidence, and has each aggregate type studied.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

use super::evidence::{Evidence, Learnt};
use super::facts::Facts;
use super::study::{Study, stopped};
use super::{file, suggest};
use crate::error::Result;
use crate::event::Event;

/// How many bytes of events are kept of one aggregate type; those of further streams are left aside.
const MOST_BYTES: usize = 192 * 1024 * 1024;

/// Collects events and evidence, and finds reducers.
///
/// The events of each stream must come in the stream's order; streams may be mixed, as a scan of the whole store gives
/// them. What is asked of it can be asked again with more evidence.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    pub(super) facts: BTreeMap<String, Facts>,
    pub(super) evidence: Vec<Evidence>,
}

impl Learner {
    /// A learner that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event.
    pub fn event(&mut self, event: &Event) {
        let facts = self.facts.entry(event.stream.aggregate_type.clone()).or_default();
        if facts.bytes < MOST_BYTES || facts.find(&event.stream).is_some() {
            facts.push(event);
        }
    }

    /// Takes something that is known.
    pub fn evidence(&mut self, evidence: Evidence) {
        self.evidence.push(evidence);
    }

    /// Finds the reducers that explain the evidence; for aggregate types without any it says nothing.
    ///
    /// `progress` is asked from time to time whether to go on.
    ///
    /// # Errors
    /// [`Cancelled`](crate::ErrorKind::Cancelled) where `progress` stopped it.
    pub fn learn(&self, progress: &mut dyn FnMut() -> ControlFlow<()>) -> Result<Learnt> {
        self.learn_until(None, progress)
    }

    /// The same until some moment: then the search comes to an end with the best that was found.
    ///
    /// # Errors
    /// [`Cancelled`](crate::ErrorKind::Cancelled) where `progress` stopped it.
    pub fn learn_until(&self, until: Option<Instant>, progress: &mut dyn FnMut() -> ControlFlow<()>) -> Result<Learnt> {
        let mut by_type: BTreeMap<&str, Vec<(usize, &Evidence)>> = BTreeMap::new();
        for (index, evidence) in self.evidence.iter().enumerate() {
            by_type.entry(&evidence.stream.aggregate_type).or_default().push((index, evidence));
        }
        let mut found = Vec::new();
        for (aggregate_type, evidence) in by_type {
            let Some(facts) = self.facts.get(aggregate_type) else { continue };
            let mut study = Study::new(facts, &evidence);
            // Who corrects something corrects what is shown: where nothing else is known, that is what names suggest.
            if evidence.iter().all(|(_, evidence)| evidence.is_example()) {
                let strays = suggest::Strays::of(&self.facts.values().collect::<Vec<_>>());
                study.expected = suggest::state(aggregate_type, facts, &strays);
            }
            found.push(study.learn(aggregate_type, &evidence, until, progress)?);
        }
        Ok(file::written(found))
    }

    /// Suggests reducers from the events alone: from their types, fields, and how their values behave.
    ///
    /// # Errors
    /// [`Cancelled`](crate::ErrorKind::Cancelled) where `progress` stopped it.
    pub fn suggest(&self, progress: &mut dyn FnMut() -> ControlFlow<()>) -> Result<Learnt> {
        let mut found = Vec::new();
        let strays = suggest::Strays::of(&self.facts.values().collect::<Vec<_>>());
        for (aggregate_type, facts) in &self.facts {
            if progress().is_break() {
                return Err(stopped());
            }
            found.extend(suggest::suggest(aggregate_type, facts, &strays));
        }
        Ok(file::written(found))
    }
}
