//! How far the reducers agree with the snapshots that the application stored, for one aggregate type at a time.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::event::StreamName;
use crate::insight::{self, Scope};
use crate::process::StopSwitch;
use crate::source::Source;

use super::reducers::FoundReducers;
use crate::session::Agreement;
use crate::session::workers::jobs::{Jobs, RunningJob, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Reader;
use crate::session::workers::worker::JobContext;

/// Snapshots of one aggregate type to compare with what these reducers give.
///
/// The generation of the question, the aggregate type, and what was found.
pub(in crate::session) type AgreementAnswer = (u64, String, Result<Option<Agreement>>);

/// Other reducers come with another generation, so two jobs for one type are one.
#[derive(Clone)]
pub(in crate::session) struct AgreementJob {
    pub(in crate::session) aggregate_type: String,
    pub(in crate::session) reducers: FoundReducers,
}

impl PartialEq for AgreementJob {
    fn eq(&self, other: &Self) -> bool {
        self.aggregate_type == other.aggregate_type
    }
}

/// The worker that compares.
pub(in crate::session) struct Comparer {
    reader: Reader,
    outbox: Outbox<AgreementAnswer>,
    jobs: Jobs,
}

impl Comparer {
    /// A worker that waits for its first job.
    pub(in crate::session) fn new(reader: Reader, outbox: Outbox<AgreementAnswer>, jobs: Jobs) -> Self {
        Self { reader, outbox, jobs }
    }

    /// Compares the snapshots of one aggregate type.
    pub(in crate::session) fn work(&mut self, job: &AgreementJob, context: &JobContext<'_>) {
        let title = format!("Comparing snapshots of {}", job.aggregate_type);
        let running = self.jobs.begin(Subject::Snapshots(job.aggregate_type.clone()), title, None, &context.token);
        let agreement = self.reader.source(&context.token).and_then(|source| compare(source, job, &running, context));
        let kind = job.aggregate_type.clone();
        self.outbox.send((context.token.generation(), kind, agreement));
    }
}

/// Nothing where the type has no snapshot.
fn compare(
    source: &Source,
    job: &AgreementJob,
    running: &RunningJob,
    context: &JobContext<'_>,
) -> Result<Option<Agreement>> {
    let FoundReducers { reducers, .. } = &job.reducers;
    let (stop, token) = (StopSwitch::default(), context.token.clone());
    stop.set(move || token.is_cancelled());
    let mut evolver = |stream: &StreamName| job.reducers.evolver(stream, &stop);
    let scope = Scope::AggregateType(&job.aggregate_type);
    let drift = insight::drift_of(source, reducers, &mut evolver, scope, &mut |drift| {
        running.done(drift.total);
        ControlFlow::Continue(())
    })?;
    let agreement = Agreement { matching: drift.matching, total: drift.total };
    Ok((agreement.total > 0).then_some(agreement))
}
