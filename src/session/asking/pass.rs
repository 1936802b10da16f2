//! One fold for one question: it shows what it finds as it goes, rests where others wait, and goes on where it was.

use crate::error::Result;
use crate::event::{StreamName, Version};
use crate::process::StopSwitch;
use crate::replay::probe::{self, ValueHistory};
use crate::replay::{Ahead, Evolve, Finds as _, Probe, Seen, State};

use super::hits::Hits;
use super::question::{AskAnswer, AskKey, Found, MoreFindings, Question};
use crate::session::FoundReducers;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::lru::Lru;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Reader;
use crate::session::workers::worker::JobContext;

/// After how many events, at the latest, what was found is shown.
const BATCH: u64 = 4096;

/// The largest payload that is folded, as for states.
const FOLDED: u64 = 16 << 20;

/// How many findings of one question are kept.
const LIMIT: usize = 200_000;

/// How many folds rest where they are.
const PASSES: usize = 6;

/// A question to go on with. How much the asker has is no part of it, nor are the reducers: others come with another
/// generation.
#[derive(Clone)]
pub(in crate::session) struct AskJob {
    pub(super) key: AskKey,
    pub(super) have: usize,
    pub(super) reducers: FoundReducers,
    pub(super) revision: u64,
}

impl PartialEq for AskJob {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// The worker that folds.
pub(super) struct Asker {
    reader: Reader,
    outbox: Outbox<AskAnswer>,
    jobs: Jobs,
    /// Stops the folds of the application's own code with the job that they go on for.
    stop: StopSwitch,
    passes: Lru<AskKey, Pass>,
}

/// A fold that rests.
struct Pass {
    evolve: Box<dyn Evolve>,
    probe: Answerer,
    next: Version,
    folded: u64,
    found: usize,
    revision: u64,
}

/// The probe of a question.
enum Answerer {
    Values(ValueHistory),
    Hits(Box<Hits>),
}

impl Answerer {
    fn new(question: &Question) -> Result<Self> {
        Ok(match question {
            Question::Values(pointer) => Self::Values(ValueHistory::new(pointer.clone())),
            Question::Hits(conditions) => Self::Hits(Box::new(Hits::new(conditions)?)),
        })
    }

    fn take(&mut self) -> Found {
        match self {
            Self::Values(history) => Found::Values(history.take().into_iter().map(Into::into).collect()),
            Self::Hits(hits) => Found::Hits(hits.take()),
        }
    }
}

impl Probe for Answerer {
    fn begin(&mut self, stream: &StreamName, state: &State) {
        match self {
            Self::Values(history) => history.begin(stream, state),
            Self::Hits(hits) => hits.begin(stream, state),
        }
    }

    fn after(&mut self, seen: &Seen<'_>) {
        match self {
            Self::Values(history) => history.after(seen),
            Self::Hits(hits) => hits.after(seen),
        }
    }
}

impl Asker {
    /// A worker that waits for its first question.
    pub(super) fn new(reader: Reader, outbox: Outbox<AskAnswer>, jobs: Jobs) -> Self {
        Self { reader, outbox, jobs, stop: StopSwitch::default(), passes: Lru::new(PASSES) }
    }

    /// Goes on with a question.
    pub(super) fn work(&mut self, job: &AskJob, context: &JobContext<'_>) {
        let token = context.token.clone();
        self.stop.set(move || token.is_cancelled());
        if let Err(error) = self.go_on(job, context)
            && !error.is_cancelled()
        {
            self.outbox.send((context.token.generation(), job.key.clone(), Err(error)));
        }
    }

    fn go_on(&mut self, job: &AskJob, context: &JobContext<'_>) -> Result<()> {
        let source = self.reader.source(&context.token)?;
        source.leave_unread(Some(FOLDED));
        let rests = |pass: &mut Pass| pass.revision == job.revision && pass.found == job.have;
        if !self.passes.get(&job.key).is_some_and(rests) {
            self.passes.insert(job.key.clone(), Pass::new(job, &self.stop)?);
        }
        let Some(pass) = self.passes.get(&job.key) else { return Ok(()) };
        let (stream, _) = &job.key;
        let title = format!("Asking {stream}");
        let running = self.jobs.begin(Subject::Asked(Box::new(job.key.clone())), title, None, &context.token);
        let mut events = Ahead::new(source.read_history(stream, pass.next, None)?);
        loop {
            let complete = pass.fold(&mut events)?;
            running.done(pass.folded);
            let more = pass.findings(complete);
            let over = more.complete || more.limited || context.others_wait();
            self.outbox.send((context.token.generation(), job.key.clone(), Ok(more)));
            if over {
                return Ok(());
            }
        }
    }
}

impl Pass {
    fn new(job: &AskJob, stop: &StopSwitch) -> Result<Self> {
        let (stream, question) = &job.key;
        let mut evolve = job.reducers.evolver(stream, stop);
        evolve.begin(stream, None)?;
        let mut probe = Answerer::new(question)?;
        probe.begin(stream, evolve.state());
        Ok(Self { evolve, probe, next: Version::MIN, folded: 0, found: 0, revision: job.revision })
    }

    /// Folds one batch; whether the stream is at its end.
    fn fold(&mut self, events: &mut Ahead<impl Iterator<Item = Result<crate::event::Event>>>) -> Result<bool> {
        let mut changes = Vec::new();
        for _ in 0..BATCH {
            let Some(event) = events.next(&mut *self.evolve) else { return Ok(true) };
            let event = event?;
            probe::step(&mut *self.evolve, &event, &mut changes, &mut self.probe)?;
            self.next = event.version.saturating_add(1);
            self.folded += 1;
        }
        Ok(false)
    }

    fn findings(&mut self, complete: bool) -> MoreFindings {
        let (from, found) = (self.found, self.probe.take());
        self.found += found.len();
        MoreFindings { from, found, folded: self.folded, complete, limited: self.found >= LIMIT }
    }
}
