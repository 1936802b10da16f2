//! Questions to the history of one stream, answered by a worker that folds it once for each and shows what it finds.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers |
//! | [`question`] | the questions, and their answers |
//! | [`hits`] | where watches are met: a probe |
//! | [`pass`] | one fold for one question, which rests and goes on |
//! | [`comparing`] | two states side by side |
//! | [`pinned`] | finds the states that are compared |
//! | [`survey`] | what is asked of the whole store, and goes on in the background |
//! | [`checking`] | invariants of the whole store: a survey |
//! | [`drifting`] | snapshots of the whole store: a survey |
//! | [`what_if`] | what a branch of a stream comes to |

mod api;
pub(super) mod checking;
pub(super) mod comparing;
pub(super) mod drifting;
pub(super) mod hits;
mod pass;
pub(super) mod pinned;
pub(super) mod question;
pub(super) mod survey;
pub(super) mod what_if;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::StreamName;

use self::pass::{AskJob, Asker};
use self::question::{AskAnswer, AskKey, Findings, MoreFindings, Question};
use crate::session::workers::cache::AnswerCache;
use crate::session::workers::jobs::Jobs;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::Worker;
use crate::session::{FoundReducers, Loading};

/// How many answers are kept.
const ANSWERS: usize = 16;

/// How many questions may wait.
const WAITING: usize = 8;

/// The questions that were asked, and what is known.
pub(in crate::session) struct Asking {
    worker: Worker<AskJob>,
    kept: AnswerCache<AskKey, Arc<Findings>>,
    /// Counts how often everything has to be folded anew.
    revision: u64,
}

impl Asking {
    /// Starts the worker.
    pub(in crate::session) fn start(origin: &Origin, outbox: &Outbox<AskAnswer>, jobs: &Jobs) -> Result<Self> {
        let mut asker = Asker::new(Reader::new(origin), outbox.clone(), jobs.clone());
        let told = outbox.clone();
        let worker = Worker::start(
            "asking",
            WAITING,
            move |job, context| asker.work(&job, context),
            move |job: AskJob, generation, error| told.send((generation, job.key, Err(error))),
        )?;
        Ok(Self { worker, kept: AnswerCache::new(ANSWERS), revision: 0 })
    }

    /// What is found so far; asking again has the fold go on.
    pub(in crate::session) fn of(
        &self,
        stream: &StreamName,
        question: &Question,
        reducers: &FoundReducers,
    ) -> Loading<Arc<Findings>> {
        let key = (stream.clone(), question.clone());
        let go_on = |have| {
            let (reducers, revision) = (reducers.clone(), self.revision);
            self.worker.submit(AskJob { key: key.clone(), have, reducers, revision });
        };
        let held = self.kept.get_or_ask(&key, || go_on(0));
        if let Loading::Ready(findings) = &held
            && !findings.is_over()
        {
            go_on(findings.found.len());
        }
        held
    }

    /// Has everything folded anew; what is known stays in view until it is.
    pub(in crate::session) fn mark_stale(&mut self) {
        self.worker.cancel();
        self.revision += 1;
        self.kept.mark_stale();
    }

    /// Takes in that streams got more events: their folds go on.
    pub(in crate::session) fn grown(&self, streams: &[StreamName]) {
        self.kept.change_all(|(stream, _), held| {
            if let Loading::Ready(findings) = held
                && streams.contains(stream)
            {
                Arc::make_mut(findings).complete = false;
            }
        });
    }

    /// Leaves an answer where it is.
    pub(in crate::session) fn stopped(&self, key: &AskKey) {
        self.kept.change(key, |held| {
            if let Loading::Ready(findings) | Loading::Stale(findings) = held {
                Arc::make_mut(findings).stopped = true;
                *held = Loading::Ready(Arc::clone(findings));
            }
        });
        if !self.kept.has(key) {
            self.kept.insert(key.clone(), Err(Error::bad_input("asking was stopped before anything was found")));
        }
    }

    /// Takes in what was found.
    pub(in crate::session) fn take(&self, generation: u64, key: AskKey, more: Result<MoreFindings>) {
        if generation != self.worker.generation() {
            return;
        }
        let more = match more {
            Ok(more) => more,
            Err(error) => return self.kept.insert(key, Err(error)),
        };
        let mut findings = match self.kept.get_or_ask(&key, || ()) {
            Loading::Ready(findings) => findings,
            _ => Arc::default(),
        };
        // The cache's own handle has to go first, or what was found would be copied at each batch.
        self.kept.change(&key, |held| *held = Loading::Missing);
        if Arc::make_mut(&mut findings).go_on(more) {
            self.kept.insert(key, Ok(findings));
        }
    }
}
