//! The worker that folds streams: timelines, states at versions, and what a draft would do.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, ExpectedVersion, Payload, StreamName, Version};
use crate::model::ReducerCommand;
use crate::process::StopSwitch;
use crate::replay::{Applied, Limits, Mark, StateAt, Timeline};
use crate::source::Source;
use crate::source::append;

use super::reducers::FoundReducers;
use super::said::SaidLines;
use crate::session::tables::text;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::lru::Lru;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Reader;
use crate::session::workers::worker::{CancelToken, JobContext};
use crate::session::{Draft, OpenRequest, Preview};

/// After how many events the marks so far are shown.
const BATCH: usize = 2048;

/// The largest payload that is folded: states hold what events say, and many of them are kept.
const FOLDED: u64 = 16 << 20;

/// How many timelines are kept.
const TIMELINES: usize = 8;

/// What the replay worker does.
#[derive(Clone, Debug)]
pub(in crate::session) enum ReplayJob {
    /// Reads the reducers: of the file, or those beside the database, or the guess; and runs the application's own code
    /// where it is to fold.
    Reducers { request: Box<OpenRequest>, restart: bool },
    /// Folds a stream up to its present end; `have` marks of it are known to the asker.
    Follow { stream: StreamName, have: usize },
    /// Gives the state of a stream at a version.
    State(StreamName, Version),
    /// Says what writing a draft would do.
    Preview(Box<Draft>),
}

/// Whether two ask for the same; how much the asker has is no part of the question.
impl PartialEq for ReplayJob {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reducers { request: a, .. }, Self::Reducers { request: b, .. }) => a == b,
            (Self::Follow { stream: a, .. }, Self::Follow { stream: b, .. }) => a == b,
            (Self::State(a, v), Self::State(b, w)) => a == b && v == w,
            (Self::Preview(a), Self::Preview(b)) => a == b,
            _ => false,
        }
    }
}

/// What the replay worker found.
pub(in crate::session) enum Replayed {
    /// The reducers, or why they could not be used.
    Reducers(FoundReducers, Option<(PathBuf, Error)>),
    /// Marks of a stream from the `from`th event on.
    Marks { stream: StreamName, from: usize, marks: Vec<Mark>, complete: bool },
    /// A stream could not be read.
    Unreadable(StreamName, Error),
    /// A state.
    State(StreamName, Version, Result<Arc<StateAt>>),
    /// What a draft would do.
    Preview(Box<Draft>, Result<Arc<Preview>>),
}

/// The replay worker.
pub(in crate::session) struct Replayer {
    reader: Reader,
    outbox: Outbox<(u64, Replayed)>,
    jobs: Jobs,
    reducers: FoundReducers,
    said: SaidLines,
    /// Stops the folds of the application's own code with the job that they go on for.
    stop: StopSwitch,
    timelines: Lru<StreamName, Timeline>,
}

impl Replayer {
    /// A worker that replays with the guess until it is given reducers.
    pub(in crate::session) fn new(
        reader: Reader,
        outbox: Outbox<(u64, Replayed)>,
        jobs: Jobs,
        said: SaidLines,
    ) -> Self {
        let (reducers, stop) = (FoundReducers::guess(), StopSwitch::default());
        Self { reader, outbox, jobs, reducers, said, stop, timelines: Lru::new(TIMELINES) }
    }

    /// Does one job.
    pub(in crate::session) fn work(&mut self, job: ReplayJob, context: &JobContext<'_>) {
        let token = context.token.clone();
        self.stop.set(move || token.is_cancelled());
        let answer = match job {
            ReplayJob::Reducers { request, restart } => Some(self.read_reducers(&request, restart, context)),
            ReplayJob::Follow { stream, have } => match self.follow(&stream, have, context) {
                Err(error) if !error.is_cancelled() => Some(Replayed::Unreadable(stream, error)),
                _ => None,
            },
            ReplayJob::State(stream, version) => {
                let state = self.state(&stream, version, context);
                Some(Replayed::State(stream, version, state))
            }
            ReplayJob::Preview(draft) => {
                let preview = self.preview(&draft, context).map(Arc::new);
                Some(Replayed::Preview(draft, preview))
            }
        };
        if let Some(answer) = answer {
            self.send(&context.token, answer);
        }
    }

    /// What to answer when a job made the worker panic.
    pub(in crate::session) fn failed(job: ReplayJob, generation: u64, error: Error) -> (u64, Replayed) {
        let answer = match job {
            ReplayJob::Reducers { request, .. } => {
                Replayed::Reducers(FoundReducers::guess(), Some((request.reducers.unwrap_or(request.path), error)))
            }
            ReplayJob::Follow { stream, .. } => Replayed::Unreadable(stream, error),
            ReplayJob::State(stream, version) => Replayed::State(stream, version, Err(error)),
            ReplayJob::Preview(draft) => Replayed::Preview(draft, Err(error)),
        };
        (generation, answer)
    }

    fn send(&self, token: &CancelToken, answer: Replayed) {
        self.outbox.send((token.generation(), answer));
    }

    fn read_reducers(&mut self, request: &OpenRequest, restart: bool, context: &JobContext<'_>) -> Replayed {
        self.timelines.clear();
        let kept = self.reducers.application.take().filter(|_| !restart && request.command.is_some());
        let library = self.reader.source(&context.token).ok().and_then(Source::state_spec);
        let (mut found, mut problem) = match FoundReducers::find(&request.path, request.reducers.as_deref(), library) {
            Ok(found) => (found, None),
            Err(error) => {
                let path = request.reducers.clone().or_else(|| super::reducers::beside(&request.path));
                (FoundReducers::guess(), Some((path.unwrap_or_default(), error)))
            }
        };
        match (kept, &request.command) {
            (Some(kept), _) => found.application = Some(kept),
            (None, Some(command)) => match self.run(found.clone(), command, context) {
                Ok(running) => found = running,
                Err(error) => problem = Some((request.path.clone(), error)),
            },
            (None, None) => {}
        }
        self.reducers = found.clone();
        Replayed::Reducers(found, problem)
    }

    fn run(&self, found: FoundReducers, command: &ReducerCommand, context: &JobContext<'_>) -> Result<FoundReducers> {
        let title = "Starting the application's reducer";
        let _running = self.jobs.begin(Subject::Other, title, None, &context.token);
        found.run(command, self.said.hear(self.jobs.wake()), &|| context.token.is_cancelled())
    }

    /// Folds what the timeline of a stream lacks, and shows the marks as they come.
    ///
    /// It ends early for others that wait: the panel that shows the stream asks again.
    fn follow(&mut self, stream: &StreamName, have: usize, context: &JobContext<'_>) -> Result<()> {
        let mut shown = have;
        let (outbox, generation) = (self.outbox.clone(), context.token.generation());
        self.extend(stream, context, |marks, complete| {
            let from = shown.min(marks.len());
            shown = marks.len();
            let marks = marks.get(from..).unwrap_or_default().to_vec();
            let answer = Replayed::Marks { stream: stream.clone(), from, marks, complete };
            outbox.send((generation, answer));
            if context.others_wait() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }

    /// Folds what the timeline of a stream lacks, batch by batch, until `batch` says that it is enough.
    fn extend(
        &mut self,
        stream: &StreamName,
        context: &JobContext<'_>,
        mut batch: impl FnMut(&[Mark], bool) -> ControlFlow<()>,
    ) -> Result<()> {
        let source = self.reader.source(&context.token)?;
        source.leave_unread(Some(FOLDED));
        if self.timelines.get(stream).is_none() {
            let evolve = self.reducers.evolver(stream, &self.stop);
            self.timelines.insert(stream.clone(), Timeline::new(stream, evolve, Limits::default())?);
        }
        let Some(timeline) = self.timelines.get(stream) else { return Ok(()) };
        let running =
            self.jobs.begin(Subject::Replay(stream.clone()), format!("Replaying {stream}"), None, &context.token);
        let next = timeline.marks().last().map_or(Version::MIN, |mark| mark.version.saturating_add(1));
        let mut events = source.read_history(stream, next, None)?;
        loop {
            let folded = timeline.extend(events.by_ref().take(BATCH));
            let complete = matches!(folded, Ok(folded) if folded < BATCH);
            running.done(timeline.marks().len() as u64);
            let goes_on = batch(timeline.marks(), complete).is_continue();
            folded?;
            if complete || !goes_on {
                return Ok(());
            }
        }
    }

    /// The timeline of a stream, folded at least up to a version.
    fn reaching(&mut self, stream: &StreamName, version: Version, context: &JobContext<'_>) -> Result<()> {
        let reached = |timeline: &mut Timeline| timeline.marks().last().is_some_and(|mark| mark.version >= version);
        if self.timelines.get(stream).is_some_and(reached) {
            Ok(())
        } else {
            self.extend(stream, context, |_, _| ControlFlow::Continue(()))
        }
    }

    fn state(&mut self, stream: &StreamName, version: Version, context: &JobContext<'_>) -> Result<Arc<StateAt>> {
        self.reaching(stream, version, context)?;
        let source = self.reader.source(&context.token)?;
        source.leave_unread(Some(FOLDED));
        let Some(timeline) = self.timelines.get(stream) else { return Err(forgotten()) };
        let refetch = |from, to| source.read_history(stream, from, Some(to))?.collect();
        timeline.state_at(version, refetch).map(Arc::new)
    }

    fn preview(&mut self, draft: &Draft, context: &JobContext<'_>) -> Result<Preview> {
        let stream = &draft.stream;
        self.reaching(stream, Version::MAX, context)?;
        let source = self.reader.source(&context.token)?;
        source.leave_unread(Some(FOLDED));
        let plan = append::plan(source, stream, &draft.event, ExpectedVersion::Any)?;
        let timeline = self.timelines.get(stream).ok_or_else(forgotten)?;
        let mut evolve = timeline.evolver()?;
        let expected = plan.actual.map_or(ExpectedVersion::NoStream, ExpectedVersion::Exactly);
        let state_before = evolve.state().to_json();
        let Applied { changes, outcome } = evolve.apply(&as_written(draft, plan.version, source))?;
        let row = plan.row.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let version = plan.version;
        Ok(Preview { row, expected, version, state_before, changes, state_after: evolve.state().to_json(), outcome })
    }
}

fn forgotten() -> Error {
    Error::new(ErrorKind::Cancelled, "the history was forgotten meanwhile")
}

/// The event as it would be read back; the position is a guess, as others may write meanwhile.
fn as_written(draft: &Draft, version: Version, source: &Source) -> Event {
    let event = draft.event.clone();
    Event {
        position: source.last_position().ok().flatten().map_or(1, |last| last + 1),
        id: event.id,
        stream: draft.stream.clone(),
        version,
        event_type: event.event_type,
        schema_version: event.schema_version,
        timestamp: None,
        actor: event.actor,
        actor_type: event.actor_type,
        source: event.source,
        causation_id: event.causation_id,
        correlation_id: event.correlation_id,
        data: Payload::json(event.data),
        metadata: if event.metadata.is_null() { Payload::default() } else { Payload::json(event.metadata) },
    }
}
