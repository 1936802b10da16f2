//! Two states side by side: of versions, streams, branches, stored snapshots, also of another file; what differs between
//! them, and the events that lie between two versions of one stream.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::process::StopSwitch;
use crate::replay::Moment;
use crate::replay::branch::Branch;
use crate::replay::compare::{Difference, compare};
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};
use crate::session::{FoundReducers, Loading};

use super::pinned::{Between, ComparedState, Folding, elsewhere};

/// A state that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Pinned {
    /// The state of a stream at a version, named `TYPE/ID@VERSION`; at its last one where there is no version.
    Stream {
        /// The stream and the version.
        name: String,
        /// Whether it is the snapshot that the database stores there, rather than what the events give.
        stored: bool,
        /// The other file that it is in; `None` for the one that is open.
        file: Option<PathBuf>,
    },
    /// The state that a what-if branch comes to.
    Branch(Box<Branch>),
}

/// Two states, and what differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first state.
    pub a: ComparedState,
    /// The second one.
    pub b: ComparedState,
    /// What has to change in the first one to give the second.
    pub differences: Vec<Difference>,
    /// The events that lie between them, the oldest first, where they are versions of one stream.
    pub between: Vec<Moment>,
    /// How many more events lie between them.
    pub left_out: u64,
}

/// The generation of the question, what is compared, and what differs.
pub(in crate::session) type CompareAnswer = (u64, Box<[Pinned; 2]>, Result<Arc<Comparison>>);

/// Two states to compare. Other reducers come with another generation, so that two jobs for the same are one.
#[derive(Clone)]
struct Job {
    sides: [Pinned; 2],
    /// The folder with the user's own profiles, for another file.
    profiles: Option<PathBuf>,
    reducers: FoundReducers,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.sides == other.sides
    }
}

/// Two states, and what is known of what differs between them.
type Held = ([Pinned; 2], Loading<Arc<Comparison>>);

/// The two states that are being looked at.
pub(in crate::session) struct Comparisons {
    worker: Worker<Job>,
    held: RefCell<Option<Held>>,
}

impl Comparisons {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<CompareAnswer>, jobs: &Jobs) -> Result<Self> {
        let (mut reader, jobs) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "comparing",
            1,
            move |job: Job, context| {
                let found = both(&mut reader, &job, &jobs, context).map(Arc::new);
                sent.send((context.token.generation(), Box::new(job.sides), found));
            },
            move |job, generation, error| told.send((generation, Box::new(job.sides), Err(error))),
        )?;
        Ok(Self { worker, held: RefCell::default() })
    }

    /// What differs between two states. While it is found out, what differed between those before stands in.
    pub(in crate::session) fn of(
        &self,
        sides: [&Pinned; 2],
        reducers: &FoundReducers,
        profiles: Option<&Path>,
    ) -> Loading<Arc<Comparison>> {
        let mut held = self.held.borrow_mut();
        let is_it = |of: &[Pinned; 2]| of.iter().zip(sides).all(|(of, side)| of == side);
        let now = match held.take() {
            Some((of, answer)) if is_it(&of) => (of, answer),
            before => {
                self.worker.cancel();
                let stale = before.and_then(|(_, answer)| answer.value().cloned());
                (sides.map(Clone::clone), stale.map_or(Loading::Missing, Loading::Stale))
            }
        };
        if now.1.is_loading() {
            let (sides, profiles) = (now.0.clone(), profiles.map(Path::to_owned));
            self.worker.submit(Job { sides, profiles, reducers: reducers.clone() });
        }
        let answer = now.1.clone();
        *held = Some(now);
        answer
    }

    /// Has both folded anew.
    pub(in crate::session) fn mark_stale(&self) {
        self.worker.cancel();
        if let Some((_, answer)) = &mut *self.held.borrow_mut() {
            *answer = answer.value().cloned().map_or(Loading::Missing, Loading::Stale);
        }
    }

    /// Leaves them uncompared until others are chosen.
    pub(in crate::session) fn stopped(&self) {
        if let Some((_, answer)) = &mut *self.held.borrow_mut() {
            *answer = Loading::Failed(Arc::new(Error::bad_input("comparing was stopped")));
        }
    }

    /// Takes in what differs.
    pub(in crate::session) fn take(&self, (generation, sides, found): CompareAnswer) {
        if generation != self.worker.generation() {
            return;
        }
        if let Some((of, answer)) = &mut *self.held.borrow_mut()
            && *of == *sides
        {
            *answer = match found {
                Ok(found) => Loading::Ready(found),
                Err(error) if error.is_cancelled() => return,
                Err(error) => Loading::Failed(Arc::new(error)),
            };
        }
    }
}

fn both(reader: &mut Reader, job: &Job, jobs: &Jobs, context: &JobContext<'_>) -> Result<Comparison> {
    let [first, second] = &job.sides;
    let running = jobs.begin(Subject::Comparing, "Comparing", None, &context.token);
    let (stop, token) = (StopSwitch::default(), context.token.clone());
    stop.set(move || token.is_cancelled());
    let here =
        Folding { source: reader.source(&context.token)?, reducers: &job.reducers, context, running: &running, stop };
    let profiles = job.profiles.as_deref();
    let (a, b) = (side(&here, first, profiles)?, side(&here, second, profiles)?);
    let differences = compare(&a.state, &b.state);
    let both_here = [first, second].iter().all(|side| matches!(side, Pinned::Stream { file: None, .. }));
    let (between, left_out) = match (a.version, b.version) {
        (Some(one), Some(other)) if both_here && a.stream == b.stream => here.between(&a.stream, one, other)?,
        _ => Between::default(),
    };
    Ok(Comparison { a, b, differences, between, left_out })
}

fn side(here: &Folding<'_>, pinned: &Pinned, profiles: Option<&Path>) -> Result<ComparedState> {
    match pinned {
        Pinned::Branch(branch) => here.branch(branch),
        Pinned::Stream { name, stored, file: None } => here.stream(name, *stored),
        Pinned::Stream { name, stored, file: Some(file) } => {
            let (source, reducers) = elsewhere(file, profiles, here.context)?;
            let there = Folding { source: &source, reducers: &reducers, stop: here.stop.clone(), ..*here };
            there.stream(name, *stored).map_err(|error| error.context(file.display().to_string()))
        }
    }
}
