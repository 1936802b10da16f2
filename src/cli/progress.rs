//! How far a long answer is, on the standard error: for a person at a terminal, and only once it takes a second.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use crate::session::thousands;

/// How long somebody waits without being told.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(100);

/// Clears the line that the cursor is in, from its beginning.
const CLEAR: &str = "\r\x1b[K";

/// A line that tells how far something is.
pub(super) struct Progress {
    /// When it is told next; `None` where nobody is there to be told.
    next: Option<Instant>,
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { next: stderr().is_terminal().then(|| Instant::now() + PATIENCE), shown: false }
    }

    /// Tells that so many of something are done.
    pub(super) fn tell(&mut self, done: u64, what: &str) {
        let now = Instant::now();
        if self.next.is_none_or(|next| next > now) {
            return;
        }
        (self.next, self.shown) = (Some(now + EVERY), true);
        let done = thousands(i64::try_from(done).unwrap_or(i64::MAX));
        // There is nowhere left to say that the standard error cannot be written.
        let _ = write!(stderr().lock(), "{CLEAR}{done} {what}");
    }

    /// Takes the line away, so that an answer or an error can be written in its place.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(stderr().lock(), "{CLEAR}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
