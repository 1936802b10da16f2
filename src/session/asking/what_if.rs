//! What a branch of a stream comes to: it is folded beside the stream, anew whenever it is changed.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::{StreamName, Version};
use crate::process::StopSwitch;
use crate::replay::branch::{Branch, WhatIf, what_if};
use crate::replay::change::{Change, diff};
use crate::replay::compare::Difference;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};
use crate::session::{FoundReducers, Loading};

/// The largest payload that is folded, as for states.
const FOLDED: u64 = 16 << 20;

/// What a branch comes to, beside its stream as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchOutcome {
    /// The first version at which the states are not the same; `None` where they are at each.
    pub parts_at: Option<Version>,
    /// The versions that the branch skips or edits and the stream does not have.
    pub missing: Vec<Version>,
    /// The last state of the stream as it is.
    pub real: Value,
    /// The last state of the branch.
    pub branch: Value,
    /// What is other in the branch's state, place by place.
    pub changes: Vec<Change>,
    /// The same, with the elements of arrays matched.
    pub differences: Vec<Difference>,
}

/// The generation of the question, the branch, and what it comes to.
pub(in crate::session) type BranchAnswer = (u64, Branch, Result<Arc<BranchOutcome>>);

/// A branch to fold. Other reducers come with another generation, so that two jobs for one are one.
#[derive(Clone)]
struct Job {
    branch: Branch,
    reducers: FoundReducers,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.branch == other.branch
    }
}

/// The branch that is being looked at.
pub(in crate::session) struct Branches {
    worker: Worker<Job>,
    held: RefCell<Option<(Branch, Loading<Arc<BranchOutcome>>)>>,
}

impl Branches {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<BranchAnswer>, jobs: &Jobs) -> Result<Self> {
        let (mut reader, jobs) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "branches",
            1,
            move |job: Job, context| {
                let outcome = fold(&mut reader, &job, &jobs, context).map(Arc::new);
                sent.send((context.token.generation(), job.branch, outcome));
            },
            move |job, generation, error| told.send((generation, job.branch, Err(error))),
        )?;
        Ok(Self { worker, held: RefCell::default() })
    }

    /// What a branch comes to. While it is folded, what it came to before its last change stands in.
    pub(in crate::session) fn of(&self, branch: &Branch, reducers: &FoundReducers) -> Loading<Arc<BranchOutcome>> {
        let mut held = self.held.borrow_mut();
        let now = match held.take() {
            Some((of, answer)) if of == *branch => (of, answer),
            Some((of, answer)) => {
                // Nobody waits for what it came to before.
                self.worker.cancel();
                let before = answer.value().filter(|_| of.stream() == branch.stream()).cloned();
                (branch.clone(), before.map_or(Loading::Missing, Loading::Stale))
            }
            None => (branch.clone(), Loading::Missing),
        };
        if now.1.is_loading() {
            self.worker.submit(Job { branch: branch.clone(), reducers: reducers.clone() });
        }
        let answer = now.1.clone();
        *held = Some(now);
        answer
    }

    /// Has the branch folded anew.
    pub(in crate::session) fn mark_stale(&self) {
        self.worker.cancel();
        if let Some((_, answer)) = &mut *self.held.borrow_mut() {
            *answer = answer.value().cloned().map_or(Loading::Missing, Loading::Stale);
        }
    }

    /// Takes in that streams got more events.
    pub(in crate::session) fn grown(&self, streams: &[StreamName]) {
        let of_one = self.held.borrow().as_ref().is_some_and(|(branch, _)| streams.contains(&branch.stream()));
        if of_one {
            self.mark_stale();
        }
    }

    /// Leaves the branch unfolded until it is changed.
    pub(in crate::session) fn stopped(&self) {
        if let Some((_, answer)) = &mut *self.held.borrow_mut() {
            *answer = Loading::Failed(Arc::new(Error::bad_input("folding the branch was stopped")));
        }
    }

    /// Takes in what a branch comes to.
    pub(in crate::session) fn take(&self, generation: u64, branch: &Branch, outcome: Result<Arc<BranchOutcome>>) {
        if generation != self.worker.generation() {
            return;
        }
        if let Some((of, answer)) = &mut *self.held.borrow_mut()
            && of == branch
        {
            *answer = match outcome {
                Ok(outcome) => Loading::Ready(outcome),
                Err(error) if error.is_cancelled() => return,
                Err(error) => Loading::Failed(Arc::new(error)),
            };
        }
    }
}

fn fold(reader: &mut Reader, job: &Job, jobs: &Jobs, context: &JobContext<'_>) -> Result<BranchOutcome> {
    let source = reader.source(&context.token)?;
    source.leave_unread(Some(FOLDED));
    let stream = job.branch.stream();
    let (stop, token) = (StopSwitch::default(), context.token.clone());
    stop.set(move || token.is_cancelled());
    let mut evolve = job.reducers.evolver(&stream, &stop);
    let running = jobs.begin(Subject::Branch, format!("Folding a branch of {stream}"), None, &context.token);
    let events = source.read_history(&stream, Version::MIN, None)?;
    let found = what_if(&mut *evolve, &job.branch, events, &mut (), |steps| {
        running.done(steps);
        if context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let differences = found.differences();
    let WhatIf { real, branch, parts_at, missing, .. } = found;
    let (real, branch) = (real.to_json(), branch.to_json());
    let changes = diff(&real, &branch);
    Ok(BranchOutcome { parts_at, missing: missing.into_iter().collect(), real, branch, changes, differences })
}
