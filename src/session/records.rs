//! What a database keeps of a stream beside its events: snapshots, held against the replay, and commands.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Result;
use crate::event::{Payload, StreamName, Timestamp, Version};
use crate::insight::{self, Drift, Scope};
use crate::replay::Reducers;
use crate::source::Source;

use super::Loading;
use super::answer::{Answer, Outbox};
use super::desk::Desk;
use super::reader::{Origin, Reader};
use super::shelf::Shelf;

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
}

/// A stream to read the records of. Other reducers come with another generation, so that two jobs for one are one.
#[derive(Clone)]
struct Job {
    stream: StreamName,
    reducers: Reducers,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.stream == other.stream
    }
}

/// The records that panels ask for.
pub(super) struct Records {
    desk: Desk<Job>,
    shelf: Shelf<StreamName, Arc<StreamRecords>>,
}

impl Records {
    /// Starts the worker.
    pub(super) fn start(origin: &Origin, outbox: &Outbox) -> Result<Self> {
        let mut reader = Reader::new(origin);
        let (sent, told) = (outbox.clone(), outbox.clone());
        let desk = Desk::start(
            "records",
            4,
            move |job: Job, turn| {
                let read = reader.source(&turn.ticket).and_then(|source| read(source, &job)).map(Arc::new);
                sent.send(Answer::Records(turn.ticket.generation(), job.stream, read));
            },
            move |job, generation, error| told.send(Answer::Records(generation, job.stream, Err(error))),
        )?;
        Ok(Self { desk, shelf: Shelf::new(16) })
    }

    /// The records of a stream, compared with what these reducers give.
    pub(super) fn of(&self, stream: &StreamName, reducers: &Reducers) -> Loading<Arc<StreamRecords>> {
        let ask = || self.desk.ask(Job { stream: stream.clone(), reducers: reducers.clone() });
        self.shelf.look(stream, ask)
    }

    /// Lets everything be read again.
    pub(super) fn age(&self) {
        self.desk.withdraw();
        self.shelf.age();
    }

    /// Takes in what was read.
    pub(super) fn take(&self, generation: u64, stream: StreamName, records: Result<Arc<StreamRecords>>) {
        if generation == self.desk.generation() {
            self.shelf.put(stream, records);
        }
    }
}

fn read(source: &Source, job: &Job) -> Result<StreamRecords> {
    let mut snapshots = source.snapshots(&job.stream)?;
    snapshots.reverse();
    let drift = if snapshots.is_empty() {
        Drift::default()
    } else {
        insight::drift(source, &job.reducers, Scope::Stream(&job.stream), &mut |_| ControlFlow::Continue(()))?
    };
    let snapshots = snapshots.into_iter().map(|snapshot| {
        let differs = drift.differences.iter().any(|difference| difference.version == snapshot.version);
        let agrees = snapshot.state.value().map(|_| !differs);
        SnapshotRecord { version: snapshot.version, taken_at: snapshot.timestamp, state: snapshot.state, agrees }
    });
    Ok(StreamRecords {
        snapshots: snapshots.collect(),
        commands: source.commands(&job.stream, COMMANDS)?,
        has_commands: source.has_commands(),
    })
}
