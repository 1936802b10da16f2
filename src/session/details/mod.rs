//! Single events and what they are tied to: asked for one by one, read by one worker.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers |
//! | `related` | what an event is tied to |
//! | `seen` | what events were seen to say, which a worker of its own looks for |
//! | `sought` | events that a person looks for by a few words, with a worker of its own |

mod api;
pub(super) mod related;
pub(super) mod seen;
pub(super) mod sought;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName};
use crate::insight::{Landmark, first_from};

use crate::source::Source;

use crate::session::tables::ROW_VALUE;
use crate::session::workers::cache::AnswerCache;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};
use crate::session::{Loading, Related, Seen};

/// What the worker reads.
#[derive(Clone, Debug, PartialEq)]
enum DetailJob {
    Event(Position),
    Newest,
    Related(Position),
    Named(String),
    From(Landmark),
}

/// What the worker read.
pub(super) enum DetailAnswer {
    /// An event.
    Event(Position, Result<Arc<Event>>),
    /// The position of the newest event.
    Newest(Result<Position>),
    /// What an event is tied to.
    Related(Position, Result<Arc<Related>>),
    /// The stream that a text names.
    Named(String, Result<StreamName>),
    /// The first event from a place on.
    From(Landmark, Result<Position>),
    /// What events were seen to say.
    Seen(Result<Arc<Seen>>),
}

/// What was read one by one.
pub(super) struct Details {
    worker: Worker<DetailJob>,
    looking: Worker<()>,
    events: AnswerCache<Position, Arc<Event>>,
    newest: AnswerCache<(), Position>,
    related: AnswerCache<Position, Arc<Related>>,
    named: AnswerCache<String, StreamName>,
    from: AnswerCache<Landmark, Position>,
    seen: AnswerCache<(), Arc<Seen>>,
}

impl Details {
    /// Starts the worker.
    pub(super) fn start(origin: &Origin, outbox: &Outbox<DetailAnswer>) -> Result<Self> {
        let mut reader = Reader::new(origin);
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            "details",
            16,
            move |job, context| sent.send(read(&mut reader, job, context)),
            move |job, _, error| told.send(failed(job, error)),
        )?;
        let mut reader = Reader::new(origin);
        let (sent, told) = (outbox.clone(), outbox.clone());
        let looking = Worker::start(
            "seen values",
            1,
            move |(), context| {
                let seen = reader.source(&context.token).and_then(|source| seen::look(source, &context.token));
                sent.send(DetailAnswer::Seen(seen.map(Arc::new)));
            },
            move |(), _, error| told.send(DetailAnswer::Seen(Err(error))),
        )?;
        let (events, related) = (AnswerCache::new(64), AnswerCache::new(64));
        let (newest, named, seen) = (AnswerCache::new(1), AnswerCache::new(16), AnswerCache::new(1));
        let from = AnswerCache::new(4);
        Ok(Self { worker, looking, events, newest, related, named, from, seen })
    }

    /// One event with its data.
    pub(super) fn event(&self, position: Position) -> Loading<Arc<Event>> {
        self.events.get_or_ask(&position, || self.worker.submit(DetailJob::Event(position)))
    }

    /// The position of the newest event.
    pub(super) fn newest(&self) -> Loading<Position> {
        self.newest.get_or_ask(&(), || self.worker.submit(DetailJob::Newest))
    }

    /// What one event is tied to.
    pub(super) fn related(&self, position: Position) -> Loading<Arc<Related>> {
        self.related.get_or_ask(&position, || self.worker.submit(DetailJob::Related(position)))
    }

    /// The stream that a text names.
    pub(super) fn named(&self, text: &str) -> Loading<StreamName> {
        self.named.get_or_ask(&text.to_owned(), || self.worker.submit(DetailJob::Named(text.to_owned())))
    }

    /// The position of the first event from a place on.
    pub(super) fn from(&self, landmark: Landmark) -> Loading<Position> {
        self.from.get_or_ask(&landmark, || self.worker.submit(DetailJob::From(landmark)))
    }

    /// What events were seen to say.
    pub(super) fn seen(&self) -> Loading<Arc<Seen>> {
        self.seen.get_or_ask(&(), || self.looking.submit(()))
    }

    /// Lets everything be read again.
    pub(super) fn mark_stale(&self) {
        self.events.mark_stale();
        self.seen.mark_stale();
        self.grown();
    }

    /// Lets everything be read again that more events can change. What an event says is not among it.
    pub(super) fn grown(&self) {
        self.newest.outgrow();
        self.related.outgrow();
        self.named.outgrow();
        self.from.outgrow();
    }

    /// Takes in what was read.
    pub(super) fn take(&self, answer: DetailAnswer) {
        match answer {
            DetailAnswer::Event(position, event) => self.events.insert(position, event),
            DetailAnswer::Newest(position) => self.newest.insert((), position),
            DetailAnswer::Related(position, related) => self.related.insert(position, related),
            DetailAnswer::Named(text, stream) => self.named.insert(text, stream),
            DetailAnswer::From(landmark, position) => self.from.insert(landmark, position),
            DetailAnswer::Seen(seen) => self.seen.insert((), seen),
        }
    }
}

fn failed(job: DetailJob, error: Error) -> DetailAnswer {
    match job {
        DetailJob::Event(position) => DetailAnswer::Event(position, Err(error)),
        DetailJob::Newest => DetailAnswer::Newest(Err(error)),
        DetailJob::Related(position) => DetailAnswer::Related(position, Err(error)),
        DetailJob::Named(text) => DetailAnswer::Named(text, Err(error)),
        DetailJob::From(landmark) => DetailAnswer::From(landmark, Err(error)),
    }
}

fn read(reader: &mut Reader, job: DetailJob, context: &JobContext<'_>) -> DetailAnswer {
    let source = match reader.source(&context.token) {
        Ok(source) => source,
        Err(error) => return failed(job, error),
    };
    source.leave_unread(Some(ROW_VALUE));
    match job {
        DetailJob::Event(position) => DetailAnswer::Event(position, event(source, position)),
        DetailJob::Newest => DetailAnswer::Newest(newest(source)),
        DetailJob::Related(position) => DetailAnswer::Related(position, related(source, position)),
        DetailJob::Named(text) => {
            let stream = source.stream_named(&text);
            DetailAnswer::Named(text, stream)
        }
        DetailJob::From(landmark) => {
            let found = first_from(source, landmark);
            let none = || Error::not_found("there is no event from there on");
            DetailAnswer::From(landmark, found.and_then(|position| position.ok_or_else(none)))
        }
    }
}

fn event(source: &Source, position: Position) -> Result<Arc<Event>> {
    let event = source.event(position)?;
    event.map(Arc::new).ok_or_else(|| Error::not_found(format!("there is no event at position {position}")))
}

fn newest(source: &Source) -> Result<Position> {
    source.last_position()?.ok_or_else(|| Error::not_found("there are no events"))
}

fn related(source: &Source, position: Position) -> Result<Arc<Related>> {
    let event = event(source, position)?;
    Ok(Arc::new(source.related(&event)?.into()))
}
