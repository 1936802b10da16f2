//! What a session answers to questions about the history of a stream.

use std::sync::Arc;

use super::question::{Findings, Question};
use super::what_if::BranchOutcome;
use crate::event::StreamName;
use crate::replay::branch::Branch;
use crate::session::{Loading, Session};

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
}
