//! The worker that looks for rules: learnt from what the database keeps, or suggested by names. It never stands in the
//! way of a state; what it finds is offered.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::insight::{self, RulesProgress, RulesWanted, TypeRules};
use crate::source::Source;

use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Reader;
use crate::session::workers::worker::JobContext;

/// The generation of the question, and what was found.
pub(in crate::session) type KnownAnswer = (u64, Result<Vec<TypeRules>>);

/// Looks for the rules of all aggregate types.
#[derive(Clone, PartialEq)]
pub(in crate::session) struct KnownJob;

/// The worker that looks.
pub(in crate::session) struct Finder {
    reader: Reader,
    outbox: Outbox<KnownAnswer>,
    jobs: Jobs,
}

impl Finder {
    /// A worker that waits for its first job.
    pub(in crate::session) fn new(reader: Reader, outbox: Outbox<KnownAnswer>, jobs: Jobs) -> Self {
        Self { reader, outbox, jobs }
    }

    /// Looks for rules until they are found or somebody stops it.
    pub(in crate::session) fn work(&mut self, _job: &KnownJob, context: &JobContext<'_>) {
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
