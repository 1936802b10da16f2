//! Single events, what they are tied to, and pages of plain tables: asked for one by one, read by one worker.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName};

use crate::source::Source;

use super::answer::{Answer, Outbox};
use super::desk::{Desk, Turn};
use super::reader::{Origin, Reader};
use super::shelf::Shelf;
use super::tables::{PAGE, TableReader};
use super::{Loading, Related, TablePage};

/// What the worker reads.
#[derive(Clone, Debug, PartialEq)]
enum DetailJob {
    Event(Position),
    Related(Position),
    Named(String),
    Table(String, u64),
}

/// What the worker read.
pub(super) enum DetailAnswer {
    /// An event.
    Event(Position, Result<Arc<Event>>),
    /// What an event is tied to.
    Related(Position, Result<Arc<Related>>),
    /// The stream that a text names.
    Named(String, Result<StreamName>),
    /// A page of a table.
    Table(String, u64, Result<Arc<TablePage>>),
}

/// What was read one by one.
pub(super) struct Details {
    desk: Desk<DetailJob>,
    events: Shelf<Position, Arc<Event>>,
    related: Shelf<Position, Arc<Related>>,
    named: Shelf<String, StreamName>,
    tables: Shelf<(String, u64), Arc<TablePage>>,
}

impl Details {
    /// Starts the worker.
    pub(super) fn start(origin: &Origin, outbox: &Outbox) -> Result<Self> {
        let (mut reader, mut tables) = (Reader::new(origin), TableReader::default());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let desk = Desk::start(
            "details",
            16,
            move |job, turn| sent.send(Answer::Detail(read(&mut reader, &mut tables, job, turn))),
            move |job, _, error| told.send(Answer::Detail(failed(job, error))),
        )?;
        Ok(Self {
            desk,
            events: Shelf::new(64),
            related: Shelf::new(64),
            named: Shelf::new(16),
            tables: Shelf::new(32),
        })
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

    /// The page of a table that holds the first row of a range.
    pub(super) fn table_page(&self, table: &str, rows: &Range<u64>) -> Loading<Arc<TablePage>> {
        let first = rows.start / PAGE as u64 * PAGE as u64;
        let ask = || self.desk.ask(DetailJob::Table(table.to_owned(), first));
        self.tables.look(&(table.to_owned(), first), ask)
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
        self.tables.age();
    }

    /// Takes in what was read.
    pub(super) fn take(&self, answer: DetailAnswer) {
        match answer {
            DetailAnswer::Event(position, event) => self.events.put(position, event),
            DetailAnswer::Related(position, related) => self.related.put(position, related),
            DetailAnswer::Named(text, stream) => self.named.put(text, stream),
            DetailAnswer::Table(table, first, page) => self.tables.put((table, first), page),
        }
    }
}

fn failed(job: DetailJob, error: Error) -> DetailAnswer {
    match job {
        DetailJob::Event(position) => DetailAnswer::Event(position, Err(error)),
        DetailJob::Related(position) => DetailAnswer::Related(position, Err(error)),
        DetailJob::Named(text) => DetailAnswer::Named(text, Err(error)),
        DetailJob::Table(table, first) => DetailAnswer::Table(table, first, Err(error)),
    }
}

fn read(reader: &mut Reader, tables: &mut TableReader, job: DetailJob, turn: &Turn<'_>) -> DetailAnswer {
    let source = match reader.source(&turn.ticket) {
        Ok(source) => source,
        Err(error) => return failed(job, error),
    };
    match job {
        DetailJob::Event(position) => DetailAnswer::Event(position, event(source, position)),
        DetailJob::Related(position) => DetailAnswer::Related(position, related(source, position)),
        DetailJob::Named(text) => {
            let stream = source.stream_named(&text);
            DetailAnswer::Named(text, stream)
        }
        DetailJob::Table(table, first) => {
            let page = tables.page(source, &table, first);
            DetailAnswer::Table(table, first, page)
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
