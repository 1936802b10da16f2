//! What a session answers to questions about the history of a stream.

use std::sync::Arc;

use super::question::{Findings, Question};
use crate::event::StreamName;
use crate::session::{Loading, Session};

impl Session {
    /// What is found so far for a question. Asking again has the search go on where it rests.
    #[must_use]
    pub fn ask(&self, stream: &StreamName, question: &Question) -> Loading<Arc<Findings>> {
        let answer = |parts: &crate::session::Parts| parts.asking.of(stream, question, parts.histories.reducers());
        self.ready().map(answer).unwrap_or_default()
    }
}
