//! What a session does for a person who appends by hand.

use std::sync::Arc;

use super::WriteJob;
use crate::event::ExpectedVersion;
use crate::session::{Draft, Loading, Preview, Session};

impl Session {
    /// What writing a draft would do.
    #[must_use]
    pub fn preview(&self, draft: &Draft) -> Loading<Arc<Preview>> {
        self.ready().map(|parts| parts.histories.preview(draft)).unwrap_or_default()
    }

    /// Writes a draft, where the stream is as expected. The answer comes as a [`Notice`](crate::session::Notice).
    pub fn append(&mut self, draft: Draft, expected: ExpectedVersion) {
        self.written += 1;
        if let Some(parts) = &self.parts {
            parts.write.submit(WriteJob { number: self.written, draft, expected });
        }
    }
}
