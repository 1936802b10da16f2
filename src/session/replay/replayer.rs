//! The worker that folds streams: timelines, states at versions, and what a draft would do.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, ExpectedVersion, Payload, StreamName, Version};
use crate::insight::TypeRules;
use crate::model::ReducerCommand;
use crate::process::StopSwitch;
use crate::replay::{Applied, Limits, Maker, StateAt, Timeline};
use crate::source::Source;
use crate::source::append;

use super::history::History;
use super::reducers::FoundReducers;
use super::said::SaidLines;
use super::stand_in::{FAR, stand_in};
use crate::session::tables::text;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::lru::Lru;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::read_ahead::{briefs_ahead, read_ahead};
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
    Reducers { request: Box<OpenRequest>, restart: bool, known: Arc<[Arc<TypeRules>]> },
    /// Folds a stream up to its present end.
    Follow(StreamName),
    /// Gives the state of a stream at a version.
    State(StreamName, Version),
    /// Says what writing a draft would do.
    Preview(Box<Draft>),
}

/// Whether two ask for the same.
impl PartialEq for ReplayJob {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reducers { request: a, known: k, .. }, Self::Reducers { request: b, known: l, .. }) => {
                a == b && Arc::ptr_eq(k, l)
            }
            (Self::Follow(a), Self::Follow(b)) => a == b,
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
    /// The marks of a stream so far.
    Marks(History),
    /// A stream could not be read.
    Unreadable(StreamName, Error),
    /// A state.
    State(StreamName, Version, Result<Arc<StateAt>>),
    /// What is shown in place of a state until the stream is folded that far.
    StandIn(StreamName, Arc<StateAt>),
    /// What a draft would do.
    Preview(Box<Draft>, Result<Arc<Preview>>),
}

/// The replay worker.
pub(in crate::session) struct Replayer {
    reader: Reader,
    /// What reads ahead of the fold, on a thread of its own.
    ahead: Reader,
    outbox: Outbox<(u64, Replayed)>,
    jobs: Jobs,
    reducers: FoundReducers,
    said: SaidLines,
    /// Stops the folds of the application's own code with the job that they go on for.
    stop: StopSwitch,
    timelines: Lru<StreamName, Timeline>,
    /// For which version of which stream a state was looked for last that stands in until it is folded that far.
    stood_in: Option<(StreamName, Version)>,
}

impl Replayer {
    /// A worker that replays with the guess until it is given reducers.
    pub(in crate::session) fn new(
        [reader, ahead]: [Reader; 2],
        outbox: Outbox<(u64, Replayed)>,
        jobs: Jobs,
        said: SaidLines,
    ) -> Self {
        let (reducers, stop) = (FoundReducers::guess(), StopSwitch::default());
        Self { reader, ahead, outbox, jobs, reducers, said, stop, timelines: Lru::new(TIMELINES), stood_in: None }
    }

    /// Does one job.
    pub(in crate::session) fn work(&mut self, job: ReplayJob, context: &JobContext<'_>) {
        let token = context.token.clone();
        self.stop.set(move || token.is_cancelled());
        let answer = match job {
            ReplayJob::Reducers { request, restart, known } => {
                Some(self.read_reducers(&request, restart, &known, context))
            }
            ReplayJob::Follow(stream) => match self.reach(&stream, Version::MAX, context) {
                Err(error) if !error.is_cancelled() => Some(Replayed::Unreadable(stream, error)),
                _ => None,
            },
            ReplayJob::State(stream, version) => {
                let state = self.state(&stream, version, context).transpose();
                state.map(|state| Replayed::State(stream, version, state))
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
            ReplayJob::Follow(stream) => Replayed::Unreadable(stream, error),
            ReplayJob::State(stream, version) => Replayed::State(stream, version, Err(error)),
            ReplayJob::Preview(draft) => Replayed::Preview(draft, Err(error)),
        };
        (generation, answer)
    }

    fn send(&self, token: &CancelToken, answer: Replayed) {
        self.outbox.send((token.generation(), answer));
    }

    fn read_reducers(
        &mut self,
        request: &OpenRequest,
        restart: bool,
        known: &Arc<[Arc<TypeRules>]>,
        context: &JobContext<'_>,
    ) -> Replayed {
        let before = self.reducers.clone();
        let kept = self.reducers.application.take().filter(|_| !restart && request.command.is_some());
        let library = self.reader.source(&context.token).ok().and_then(Source::state_spec);
        let (mut found, mut problem) = match FoundReducers::find(&request.path, request.reducers.as_deref(), library) {
            Ok(found) => (found, None),
            Err(error) => {
                let path = request.reducers.clone().or_else(|| super::reducers::beside(&request.path));
                (FoundReducers::guess(), Some((path.unwrap_or_default(), error)))
            }
        };
        match found.clone().with_known(known) {
            Ok(with) => found = with,
            Err(error) => problem = Some((request.path.clone(), error)),
        }
        match (kept, &request.command) {
            (Some(kept), _) => found.application = Some(kept),
            (None, Some(command)) => match self.run(found.clone(), command, context) {
                Ok(running) => found = running,
                Err(error) => problem = Some((request.path.clone(), error)),
            },
            (None, None) => {}
        }
        self.fold_by(&before, found.clone());
        Replayed::Reducers(found, problem)
    }

    fn run(&self, found: FoundReducers, command: &ReducerCommand, context: &JobContext<'_>) -> Result<FoundReducers> {
        let title = "Starting the application's reducer";
        let _running = self.jobs.begin(Subject::Other, title, None, &context.token);
        found.run(command, self.said.hear(self.jobs.wake()), &|| context.token.is_cancelled())
    }

    /// Goes on by other reducers. What they would fold alike stays folded; of an application's code nobody knows that.
    fn fold_by(&mut self, before: &FoundReducers, found: FoundReducers) {
        let rules = before.application.is_none() && found.application.is_none();
        let stop = &self.stop;
        self.timelines.retain(|stream, timeline| {
            rules
                && before.reducers.fold_alike(&found.reducers, &stream.aggregate_type, timeline.event_types())
                && timeline.go_on_by(found.evolver(stream, stop)).is_ok()
        });
        self.reducers = found;
    }

    /// Folds a stream up to a version, batch by batch, and shows its marks as they come. Says whether it got there or to
    /// the stream's end.
    ///
    /// It ends early for others that wait, and what is folded stays: the panel that shows the stream asks again.
    fn reach(&mut self, stream: &StreamName, version: Version, context: &JobContext<'_>) -> Result<bool> {
        let source = self.reader.source(&context.token)?;
        source.leave_unread(Some(FOLDED));
        if self.timelines.get(stream).is_none() {
            let evolve = self.reducers.evolver(stream, &self.stop);
            self.timelines.insert(stream.clone(), Timeline::new(stream, evolve, Limits::default())?);
        }
        let Some(timeline) = self.timelines.get(stream) else { return Err(forgotten()) };
        let reached = |timeline: &Timeline| timeline.marks().last().is_some_and(|mark| mark.version >= version);
        if reached(timeline) {
            return Ok(true);
        }
        let last = source.last_version(stream)?;
        let note = self.jobs.begin(
            Subject::Replay(stream.clone()),
            format!("Replaying {stream}"),
            last.and_then(|last| u64::try_from(last).ok()),
            &context.token,
        );
        let (outbox, generation) = (&self.outbox, context.token.generation());
        let reducers = &self.reducers;
        let show = |timeline: &Timeline, complete| {
            note.done(timeline.marks().len() as u64);
            let (stream, marks) = (stream.clone(), timeline.marks().clone());
            let unhandled = unhandled(timeline, reducers, &stream.aggregate_type);
            let history = History { stream, marks, last, complete, agreement: None, unhandled };
            outbox.send((generation, Replayed::Marks(history)));
        };
        let next = timeline.marks().last().map_or(Version::MIN, |mark| mark.version.saturating_add(1));
        let ahead = &mut self.ahead;
        let token = context.token.clone();
        let mut shown = timeline.marks().len();
        let source = opened(ahead, token);
        // The first ones are shown as soon as they are there.
        let mut extended = |timeline: &Timeline| {
            if shown > 0 && timeline.marks().len() < shown + BATCH && !reached(timeline) {
                return ControlFlow::Continue(());
            }
            shown = timeline.marks().len();
            show(timeline, false);
            let enough = reached(timeline) || context.others_wait();
            if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let read = if timeline.reads_data_alone() {
            briefs_ahead(source, stream, (next, None), true, |briefs| {
                timeline.extend_by(briefs)?;
                Ok(extended(timeline))
            })
        } else {
            read_ahead(source, stream, (next, None), |events| {
                timeline.extend(events.into_iter().map(Ok))?;
                Ok(extended(timeline))
            })
        };
        show(timeline, matches!(read, Ok(true)));
        Ok(read? || reached(timeline))
    }

    /// Shows a state that stands in for one that the fold has far to go to, where a snapshot helps. One that cannot be
    /// read is no matter: the fold goes on.
    fn stand_in(&mut self, stream: &StreamName, version: Version, context: &JobContext<'_>) {
        let last = self.timelines.get(stream).and_then(|timeline| timeline.marks().last());
        let folded = last.map_or(0, |mark| mark.version);
        let asked = self.stood_in.as_ref().is_some_and(|(of, at)| of == stream && *at == version);
        if asked || version.saturating_sub(folded) <= FAR {
            return;
        }
        self.stood_in = Some((stream.clone(), version));
        let Ok(source) = self.reader.source(&context.token) else { return };
        source.leave_unread(Some(FOLDED));
        let mut evolve = self.reducers.evolver(stream, &self.stop);
        if let Ok(Some(state)) = stand_in(source, &self.reducers, &mut *evolve, (stream, folded, version)) {
            self.send(&context.token, Replayed::StandIn(stream.clone(), Arc::new(state)));
        }
    }

    /// A state; `None` where others wait before it is folded.
    fn state(
        &mut self,
        stream: &StreamName,
        version: Version,
        context: &JobContext<'_>,
    ) -> Result<Option<Arc<StateAt>>> {
        self.stand_in(stream, version, context);
        if !self.reach(stream, version, context)? {
            return Ok(None);
        }
        let source = self.reader.source(&context.token)?;
        source.leave_unread(Some(FOLDED));
        let Some(timeline) = self.timelines.get(stream) else { return Err(forgotten()) };
        let refetch = |from, to| {
            let events = source.read_history(stream, from, Some(to))?;
            if timeline.reads_data_alone() { events.data_alone().collect() } else { events.collect() }
        };
        timeline.state_at(version, refetch).map(Arc::new).map(Some)
    }

    fn preview(&mut self, draft: &Draft, context: &JobContext<'_>) -> Result<Preview> {
        let stream = &draft.stream;
        while !self.reach(stream, Version::MAX, context)? {}
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

/// What opens a connection for reading ahead of a fold.
fn opened<'r>(reader: &'r mut Reader, token: CancelToken) -> impl FnOnce() -> Result<&'r Source> {
    move || {
        let source = reader.source(&token)?;
        source.leave_unread(Some(FOLDED));
        Ok(source)
    }
}

/// The types of the events folded so far that no rule is for. Of an application's code nobody knows that.
fn unhandled(timeline: &Timeline, reducers: &FoundReducers, aggregate_type: &str) -> Arc<[Arc<str>]> {
    let rules = reducers.application.is_none().then_some(&reducers.reducers);
    let none = |event_type: &&str| rules.is_some_and(|rules| rules.maker(aggregate_type, event_type) == Maker::Nothing);
    let mut types: Vec<Arc<str>> = timeline.event_types().filter(none).map(Into::into).collect();
    types.sort_unstable();
    types.into()
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
