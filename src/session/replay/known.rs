//! The worker that looks for rules: learnt from what the database keeps, or suggested by names. It never stands in the
//! way of a state; what it finds is offered.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::insight::{self, RulesProgress, RulesWanted, TypeRules};
use crate::source::Source;

use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Reader;
use crate::session::workers::worker::JobContext;

/// So long after the first state is on the screen nobody has read it yet: better rules may still take its place.
const UNREAD: Duration = Duration::from_millis(500);

/// So long the worker waits for the first state to be folded, where one is asked for at all.
const FIRST: Duration = Duration::from_millis(300);

/// How often it looks whether that is so.
const LOOKS: Duration = Duration::from_millis(5);

/// When a person began to look at a state of this file.
#[derive(Clone, Default)]
pub(in crate::session) struct FirstLook {
    shown: Arc<AtomicBool>,
    since: std::cell::Cell<Option<Instant>>,
}

impl FirstLook {
    /// A state is on the screen.
    pub(in crate::session) fn begin(&self, now: Instant) {
        if self.since.get().is_none() {
            self.since.set(Some(now));
            self.shown.store(true, Ordering::Release);
        }
    }

    /// Whether nobody can have read a state yet.
    pub(in crate::session) fn is_unread(&self, now: Instant) -> bool {
        self.since.get().is_none_or(|since| now.duration_since(since) < UNREAD)
    }
}

/// The generation of the question, and what was found.
pub(in crate::session) type KnownAnswer = (u64, Result<Vec<TypeRules>>);

/// Looks for the rules of all aggregate types.
#[derive(Clone, PartialEq)]
pub(in crate::session) struct KnownJob;

/// The worker that looks.
pub(in crate::session) struct Finder {
    /// Whether a state is on the screen.
    shown: Arc<AtomicBool>,
    reader: Reader,
    outbox: Outbox<KnownAnswer>,
    jobs: Jobs,
}

impl Finder {
    /// A worker that waits for its first job.
    pub(in crate::session) fn new(first: &FirstLook, reader: Reader, outbox: Outbox<KnownAnswer>, jobs: Jobs) -> Self {
        Self { shown: Arc::clone(&first.shown), reader, outbox, jobs }
    }

    /// Looks for rules until they are found or somebody stops it.
    pub(in crate::session) fn work(&mut self, _job: &KnownJob, context: &JobContext<'_>) {
        let since = Instant::now();
        while !self.shown.load(Ordering::Acquire) && since.elapsed() < FIRST && !context.token.is_cancelled() {
            std::thread::sleep(LOOKS);
        }
        let running = self.jobs.begin(Subject::Other, "Looking for rules".to_owned(), None, &context.token);
        let look = |source: &Source| {
            insight::rules(source, &RulesWanted::default(), &mut |progress| {
                if let RulesProgress::Reading(events) = progress {
                    running.done(u64::try_from(*events).unwrap_or(u64::MAX));
                }
                if context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        };
        let found = self.reader.source(&context.token).and_then(look);
        self.outbox.send((context.token.generation(), found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_before_a_state_can_be_read_may_take_its_place() {
        let (first, begin) = (FirstLook::default(), Instant::now());
        assert!(first.is_unread(begin + 10 * UNREAD), "nothing was shown");
        first.begin(begin);
        first.begin(begin + UNREAD);
        assert!(first.is_unread(begin + UNREAD / 2));
        assert!(!first.is_unread(begin + UNREAD));
    }
}
