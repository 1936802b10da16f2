//! Everything that is wrong in a store.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Result;
use crate::event::StreamName;
use crate::insight::Sampled;
use crate::insight::audit::{self, AuditRules, AuditStep, Finding};
use crate::session::FoundReducers;
use crate::session::asking::survey::{FOLDED, Findings, Inquiry, Survey, Surveyor};
use crate::session::understanding::audit_together::audit_together;
use crate::session::workers::jobs::Subject;
use crate::source::Source;

/// What came of an audit, as far as it went.
pub type Audited = Survey<AuditReport>;

/// What is wrong in a store.
#[derive(Clone, Debug, Default)]
pub struct AuditReport {
    /// What was found, the worst first; `None` before anything is known.
    pub found: Option<Arc<Vec<Finding>>>,
    /// What it was found in, where that is a sample.
    pub sampled: Option<Sampled>,
    /// How far it is.
    pub step: Option<AuditStep>,
}

impl Findings for AuditReport {
    const LIMIT: usize = usize::MAX;

    fn count(&self) -> usize {
        0
    }

    fn go_on(&mut self, more: Self) {
        self.step = more.step.or(self.step);
        if more.found.is_some() {
            (self.found, self.sampled) = (more.found, more.sampled);
        }
    }
}

/// The question.
#[derive(Clone)]
pub(in crate::session) struct AuditStore {
    /// How many events there are, as far as that is known.
    pub(in crate::session) events: Option<u64>,
    /// What streams are folded by.
    pub(in crate::session) reducers: FoundReducers,
}

impl Inquiry for AuditStore {
    type Findings = AuditReport;
    const WORKER: &'static str = "audit";
    const SUBJECT: Subject = Subject::Auditing;
    const TITLE: &'static str = "Auditing";

    fn steps(&self) -> Option<u64> {
        self.events
    }

    fn look_through(&self, source: &Source, surveyor: &mut Surveyor<'_, AuditReport>) -> Result<()> {
        if let Some((found, sampled)) = audit::glance(source)? {
            let (found, sampled) = (Some(Arc::new(found)), Some(sampled));
            let _ = surveyor.note(AuditReport { found, sampled, step: None }, 0);
            source.leave_unread(Some(FOLDED));
        }
        let (reducers, stop) = (&self.reducers, surveyor.stop_switch());
        let mut evolver = |stream: &StreamName| reducers.evolver(stream, &stop);
        let mut rules = AuditRules { reducers: &reducers.reducers, evolver: &mut evolver };
        let mut events = 0;
        let mut on = |step: AuditStep| -> ControlFlow<()> {
            if let AuditStep::Events(count) = step {
                events = count;
            }
            surveyor.note(AuditReport { step: Some(step), ..AuditReport::default() }, events)
        };
        let rules = source.mapping().is_some().then_some(&mut rules);
        let found = audit_together(source, rules, &mut on)?;
        let more = AuditReport { found: Some(Arc::new(found)), ..AuditReport::default() };
        let _ = surveyor.note(more, events);
        Ok(())
    }
}
