//! Single events and what they are tied to: asked for one by one, read by one worker.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName};

use crate::source::Source;

use super::answer::{Answer, Outbox};
use super::desk::{Desk, Turn};
use super::reader::{Origin, Reader};
use super::shelf::Shelf;
use super::tables::ROW_VALUE;
use super::{Loading, Related};

/// What the worker reads.
#[derive(Clone, Debug, PartialEq)]
enum DetailJob {
    Event(Position),
    Related(Position),
    Named(String),
}

/// What the worker read.
pub(super) enum DetailAnswer {
    /// An event.
    Event(Position, Result<Arc<Event>>),
    /// What an event is tied to.
    Related(Position, Result<Arc<Related>>),
    /// The stream that a text names.
    Named(String, Result<StreamName>),
}

/// What was read one by one.
pub(super) struct Details {
    desk: Desk<DetailJob>,
    events: Shelf<Position, Arc<Event>>,
    related: Shelf<Position, Arc<Related>>,
    named: Shelf<String, StreamName>,
}

impl Details {
    /// Starts the worker.
    pub(super) fn start(origin: &Origin, outbox: &Outbox) -> Result<Self> {
        let mut reader = Reader::new(origin);
        let (sent, told) = (outbox.clone(), outbox.clone());
        let desk = Desk::start(
            "details",
            16,
            move |job, turn| sent.send(Answer::Detail(read(&mut reader, job, turn))),
            move |job, _, error| told.send(Answer::Detail(failed(job, error))),
        )?;
        Ok(Self { desk, events: Shelf::new(64), related: Shelf::new(64), named: Shelf::new(16) })
    }

    /// One event with its data.
    pub(super) fn event(&self, position: Position) -> Loading<Arc<Event>> {
        self.events.look(&position, || self.desk.ask(DetailJob::Event(position)))
    }

    /// What one event is tied to.
    pub(super) fn related(&self, position: Position) -> Loading<Arc<Related>> {
        self.related.look(&position, || self.desk.ask(DetailJob::Related(position)))
    }

    /// The stream that a text names.
    pub(super) fn named(&self, text: &str) -> Loading<StreamName> {
        self.named.look(&text.to_owned(), || self.desk.ask(DetailJob::Named(text.to_owned())))
    }

    /// Lets everything be read again.
    pub(super) fn age(&self) {
        self.events.age();
        self.grown();
    }

    /// Lets everything be read again that more events can change. What an event says is not among it.
    pub(super) fn grown(&self) {
        self.related.age();
        self.named.age();
    }

    /// Takes in what was read.
    pub(super) fn take(&self, answer: DetailAnswer) {
        match answer {
            DetailAnswer::Event(position, event) => self.events.put(position, event),
            DetailAnswer::Related(position, related) => self.related.put(position, related),
            DetailAnswer::Named(text, stream) => self.named.put(text, stream),
        }
    }
}

fn failed(job: DetailJob, error: Error) -> DetailAnswer {
    match job {
        DetailJob::Event(position) => DetailAnswer::Event(position, Err(error)),
        DetailJob::Related(position) => DetailAnswer::Related(position, Err(error)),
        DetailJob::Named(text) => DetailAnswer::Named(text, Err(error)),
    }
}

fn read(reader: &mut Reader, job: DetailJob, turn: &Turn<'_>) -> DetailAnswer {
    let source = match reader.source(&turn.ticket) {
        Ok(source) => source,
        Err(error) => return failed(job, error),
    };
    source.leave_unread(Some(ROW_VALUE));
    match job {
        DetailJob::Event(position) => DetailAnswer::Event(position, event(source, position)),
        DetailJob::Related(position) => DetailAnswer::Related(position, related(source, position)),
        DetailJob::Named(text) => {
            let stream = source.stream_named(&text);
            DetailAnswer::Named(text, stream)
        }
    }
}

fn event(source: &Source, position: Position) -> Result<Arc<Event>> {
    let event = source.event(position)?;
    event.map(Arc::new).ok_or_else(|| Error::not_found(format!("there is no event at position {position}")))
}

fn related(source: &Source, position: Position) -> Result<Arc<Related>> {
    let event = event(source, position)?;
    Ok(Arc::new(source.related(&event)?.into()))
}
