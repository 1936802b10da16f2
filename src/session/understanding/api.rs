//! What a session answers about the whole store.

use std::sync::Arc;

use super::auditing::{AuditStore, Audited};
use super::causes::{CauseTree, CausesOf};
use super::extent::{CountExtent, Counted};
use super::fitting::{Fit, FitOf};
use super::schemas::{InferSchemas, Inferred};
use crate::session::{Loading, Parts, Session, Status};

impl Parts {
    /// Takes in that there are more events, or others.
    pub(in crate::session) fn surveys_grown(&mut self) {
        self.counting.grown();
        self.inferring.grown();
        self.auditing.grown();
        self.causes.mark_stale();
        self.fitting.mark_stale();
        self.export_previews.mark_stale();
    }
}

impl Session {
    /// How many events there are, once they are counted.
    fn events_to_read(&self) -> Option<u64> {
        let events = self.overview.as_ref().map(|overview| overview.events)?;
        events.complete.then_some(events.value)
    }

    fn survey(&mut self, begin: impl FnOnce(&mut Parts)) {
        if let Some(parts) = self.parts.as_mut().filter(|_| matches!(self.status, Status::Ready)) {
            begin(parts);
        }
    }

    /// Counts how much of what there is, in place of what was counted before.
    pub fn count_extent(&mut self) {
        let events = self.events_to_read();
        self.survey(|parts| parts.counting.begin(CountExtent(events)));
    }

    /// Leaves the rest uncounted.
    pub fn stop_counting(&mut self) {
        self.survey(|parts| parts.counting.stop());
    }

    /// What came of counting, as far as it went; `None` where nobody asked.
    #[must_use]
    pub fn counted(&self) -> Option<Arc<Counted>> {
        self.parts.as_ref()?.counting.last()
    }

    /// Infers what the data of each event type looks like, in place of what was inferred before.
    pub fn infer_schemas(&mut self) {
        let events = self.events_to_read();
        self.survey(|parts| parts.inferring.begin(InferSchemas(events)));
    }

    /// Leaves the rest unread.
    pub fn stop_inferring(&mut self) {
        self.survey(|parts| parts.inferring.stop());
    }

    /// What came of inferring, as far as it went; `None` where nobody asked.
    #[must_use]
    pub fn inferred(&self) -> Option<Arc<Inferred>> {
        self.parts.as_ref()?.inferring.last()
    }

    /// How a document that is being written fits what the events of its type look like.
    #[must_use]
    pub fn fit(&self, of: &FitOf) -> Loading<Arc<Fit>> {
        let Some(parts) = self.ready() else { return Loading::default() };
        let surveyed = parts.inferring.last().and_then(|inferred| {
            let found = &inferred.findings;
            // What came since may be of another type.
            let is_all = found.sampled.is_none() && !inferred.outdated;
            Some((found.schemas.clone()?, !is_all))
        });
        parts.fitting.of(of, surveyed)
    }

    /// How events caused one another, around one of them.
    #[must_use]
    pub fn causes(&self, of: CausesOf) -> Loading<Arc<CauseTree>> {
        self.ready().map(|parts| parts.causes.of(of)).unwrap_or_default()
    }

    /// Looks for everything that is wrong, in place of what was found before.
    pub fn audit(&mut self) {
        let events = self.events_to_read();
        self.survey(|parts| {
            let reducers = parts.histories.reducers().clone();
            parts.auditing.begin(AuditStore { events, reducers });
        });
    }

    /// Leaves the rest unaudited.
    pub fn stop_auditing(&mut self) {
        self.survey(|parts| parts.auditing.stop());
    }

    /// What came of the audit, as far as it went; `None` where nobody asked.
    #[must_use]
    pub fn audited(&self) -> Option<Arc<Audited>> {
        self.parts.as_ref()?.auditing.last()
    }
}
