//! What a database keeps of a stream beside its events: snapshots, held against the replay, and commands.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Result;
use crate::event::{Payload, StreamName, Timestamp, Version};
use crate::insight::{self, Drift, Finding, Scope};
use crate::process::StopSwitch;
use crate::replay::fault::Fault;
use crate::source::{Snapshot, Source};

use super::reducers::FoundReducers;
use crate::session::Loading;
use crate::session::workers::cache::AnswerCache;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{CancelToken, Worker};

pub use crate::source::CommandRecord;

/// How many commands of a stream are shown; the newest ones.
const COMMANDS: usize = 500;

/// What is kept of a stream beside its events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamRecords {
    /// Its snapshots, the newest first.
    pub snapshots: Vec<SnapshotRecord>,
    /// The commands about it, the newest first.
    pub commands: Vec<CommandRecord>,
    /// Whether the database remembers commands at all.
    pub has_commands: bool,
}

/// A snapshot, and whether it is what the events fold to.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotRecord {
    /// The version of the stream that it is at.
    pub version: Version,
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// The state.
    pub state: Payload,
    /// Whether it equals the replayed state of its version; `None` where it cannot be read or was not compared.
    pub agrees: Option<bool>,
    /// What is wrong with it, where it does not.
    pub drift: Option<Finding>,
    /// What went wrong, where a known fault explains it.
    pub fault: Option<Fault>,
}

/// The generation of the question, the stream, and what is kept of it.
pub(in crate::session) type RecordsAnswer = (u64, StreamName, Result<Arc<StreamRecords>>);

/// A stream to read the records of. Other reducers come with another generation, so that two jobs for one are one.
#[derive(Clone)]
struct Job {
    stream: StreamName,
    reducers: FoundReducers,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.stream == other.stream
    }
}

/// The records that panels ask for.
pub(in crate::session) struct Records {
    worker: Worker<Job>,
    records: AnswerCache<StreamName, Arc<StreamRecords>>,
}

impl Records {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<RecordsAnswer>) -> Result<Self> {
        let mut reader = Reader::new(origin);
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "records",
            4,
            move |job: Job, context| {
                let read =
                    reader.source(&context.token).and_then(|source| read(source, &job, &context.token)).map(Arc::new);
                sent.send((context.token.generation(), job.stream, read));
            },
            move |job, generation, error| told.send((generation, job.stream, Err(error))),
        )?;
        Ok(Self { worker, records: AnswerCache::new(16) })
    }

    /// The records of a stream, compared with what these reducers give.
    pub(in crate::session) fn of(&self, stream: &StreamName, reducers: &FoundReducers) -> Loading<Arc<StreamRecords>> {
        let ask = || self.worker.submit(Job { stream: stream.clone(), reducers: reducers.clone() });
        self.records.get_or_ask(stream, ask)
    }

    /// Lets everything be read again.
    pub(in crate::session) fn mark_stale(&self) {
        self.worker.cancel();
        self.records.mark_stale();
    }

    /// Takes in what was read.
    pub(in crate::session) fn take(&self, generation: u64, stream: StreamName, records: Result<Arc<StreamRecords>>) {
        if generation == self.worker.generation() {
            self.records.insert(stream, records);
        }
    }
}

fn read(source: &Source, job: &Job, token: &CancelToken) -> Result<StreamRecords> {
    let mut snapshots = source.snapshots(&job.stream)?;
    snapshots.reverse();
    let (stop, token) = (StopSwitch::default(), token.clone());
    stop.set(move || token.is_cancelled());
    let drift = if snapshots.is_empty() {
        Drift::default()
    } else {
        let mut evolver = |stream: &StreamName| job.reducers.evolver(stream, &stop);
        let scope = Scope::Stream(&job.stream);
        insight::drift_of(source, &job.reducers.reducers, &mut evolver, scope, &mut |_| ControlFlow::Continue(()))?
    };
    let faults = faults(source, job, &drift, &snapshots, &stop)?;
    let snapshots = snapshots.into_iter().map(|snapshot| {
        let fault = faults.get(&snapshot.version).copied();
        let wrong = drift.differences.iter().find(|difference| difference.version == snapshot.version);
        let drift = wrong.map(|difference| difference.finding.clone());
        let agrees = snapshot.state.value().map(|_| drift.is_none());
        let Snapshot { version, timestamp, state, .. } = snapshot;
        SnapshotRecord { version, taken_at: timestamp, state, agrees, drift, fault }
    });
    Ok(StreamRecords {
        snapshots: snapshots.collect(),
        commands: source.commands(&job.stream, COMMANDS)?,
        has_commands: source.has_commands(),
    })
}

/// What went wrong with those that differ from what the events give.
fn faults(
    source: &Source,
    job: &Job,
    drift: &Drift,
    snapshots: &[Snapshot],
    stop: &StopSwitch,
) -> Result<BTreeMap<Version, Fault>> {
    let differs = |version| {
        let found = drift.differences.iter().find(|difference| difference.version == version);
        found.is_some_and(|difference| matches!(difference.finding, Finding::Differs(_)))
    };
    let mut drifted = BTreeMap::new();
    for snapshot in snapshots.iter().filter(|snapshot| differs(snapshot.version)) {
        if let Some(state) = snapshot.state.value() {
            let comparable = job.reducers.reducers.comparable(&job.stream, snapshot.version, state)?;
            drifted.insert(snapshot.version, comparable);
        }
    }
    if drifted.is_empty() {
        return Ok(BTreeMap::new());
    }
    insight::faults(source, &mut *job.reducers.evolver(&job.stream, stop), &job.stream, &drifted)
}
