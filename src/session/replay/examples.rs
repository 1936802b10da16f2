//! Looks for the rules that make a state as a person says.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Result;
use crate::insight::{self, Corrections, Proposals};

use super::held::Held;
use super::reducers::FoundReducers;
use crate::session::Loading;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};

/// What the work is called while it goes on.
pub const BY_EXAMPLE: &str = "Looking for rules by example";

/// The generation of the question, the corrections, and what there is to propose.
pub(in crate::session) type ExamplesAnswer = (u64, Box<Corrections>, Result<Arc<Proposals>>);

/// Corrections to find rules for. Other reducers come with another generation, so that two jobs for one are one.
#[derive(Clone)]
struct Job {
    corrections: Corrections,
    text: Arc<str>,
    reducers: FoundReducers,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.corrections == other.corrections
    }
}

/// The worker, and what it found last.
pub(in crate::session) struct Examples {
    worker: Worker<Job>,
    held: Held<Corrections, Arc<Proposals>>,
}

impl Examples {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<ExamplesAnswer>, jobs: &Jobs) -> Result<Self> {
        let (mut reader, jobs) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "examples",
            1,
            move |job: Job, context: &JobContext<'_>| {
                let found = look(&mut reader, &job, &jobs, context).map(Arc::new);
                sent.send((context.token.generation(), Box::new(job.corrections), found));
            },
            move |job, generation, error| told.send((generation, Box::new(job.corrections), Err(error))),
        )?;
        Ok(Self { worker, held: Held::default() })
    }

    /// What there is to propose. While it is looked for, what was proposed before the last correction stands in.
    pub(in crate::session) fn of(
        &self,
        corrections: &Corrections,
        text: &Arc<str>,
        reducers: &FoundReducers,
    ) -> Loading<Arc<Proposals>> {
        let goes_on =
            |before: &Corrections| before.stream == corrections.stream && before.member() == corrections.member();
        // Nobody waits for what would have been proposed before.
        let leave = || {
            self.worker.cancel();
        };
        self.held.answer(corrections, goes_on, leave, || {
            let (corrections, text, reducers) = (corrections.clone(), Arc::clone(text), reducers.clone());
            self.worker.submit(Job { corrections, text, reducers });
            self.worker.generation()
        })
    }

    /// The rules are others now.
    pub(in crate::session) fn mark_stale(&self) {
        self.worker.cancel();
        self.held.forget();
    }

    /// Takes in what was found.
    pub(in crate::session) fn take(&self, generation: u64, corrections: &Corrections, found: Result<Arc<Proposals>>) {
        self.held.take(corrections, generation, found);
    }
}

fn look(reader: &mut Reader, job: &Job, jobs: &Jobs, context: &JobContext<'_>) -> Result<Proposals> {
    let running = jobs.begin(Subject::Other, BY_EXAMPLE, None, &context.token);
    let source = reader.source(&context.token)?;
    insight::by_example(source, &job.reducers.reducers, &job.text, &job.corrections, &mut |events| {
        if events > 0 {
            running.done(u64::try_from(events).unwrap_or(u64::MAX));
        }
        if context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}
