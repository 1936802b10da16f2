//! What the workers behind the event table do: scans for a filter or an order, and pages.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Event, Position};
use crate::filter::{Compiled, Filter, compile};
use crate::model::Column;
use crate::source::{ScanRange, SortKey, Source};

use super::EventRow;
use super::answer::{Answer, Outbox};
use super::board::{Board, Subject};
use super::desk::{Desk, Turn};
use super::reader::{Origin, Reader};
use super::table::TableAnswer;

/// How many pages may wait; the ones asked for first are dropped, as they have been scrolled past.
const PAGES: usize = 8;

/// The largest payload that is read for the one line of it that a row shows.
const PAGE_VALUE: u64 = 256 << 10;

/// A question whose answer is a list of positions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScanJob {
    pub(super) filter: Filter,
    pub(super) column: Column,
    /// Only events after this one.
    pub(super) after: Option<Position>,
    /// How many events there are to look at, as far as that is known.
    pub(super) of: u64,
}

/// What a page holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PageOf {
    /// These rows of the whole store.
    Rows(Range<u64>),
    /// The events at these positions.
    Positions(Vec<Position>),
    /// No page: the row of a position in the whole store.
    RowOf(Position),
}

/// A page to read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PageJob {
    pub(super) answer: u64,
    pub(super) page: u64,
    pub(super) what: PageOf,
}

impl PageOf {
    /// How many rows it asks for.
    fn asked(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.end - rows.start,
            Self::Positions(positions) => positions.len() as u64,
            Self::RowOf(_) => 0,
        }
    }
}

/// Starts the worker that scans.
pub(super) fn start_scan(origin: &Origin, outbox: &Outbox, board: &Board) -> Result<Desk<ScanJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told, board) = (outbox.clone(), outbox.clone(), board.clone());
    Desk::start(
        "scan",
        1,
        move |job, turn| {
            let answer = turn.ticket.generation();
            let done = reader.source(&turn.ticket).and_then(|source| scan(source, &job, turn, &sent, &board));
            sent.send(Answer::Table(match done {
                Ok(last) => TableAnswer::Complete { answer, last },
                Err(error) => TableAnswer::Failed { answer, error },
            }));
        },
        move |_, answer, error| told.send(Answer::Table(TableAnswer::Failed { answer, error })),
    )
}

/// Sends the positions that answer a question, batch by batch. Returns the last position that it covers.
fn scan(source: &Source, job: &ScanJob, turn: &Turn<'_>, outbox: &Outbox, board: &Board) -> Result<Option<Position>> {
    let answer = turn.ticket.generation();
    let compiled = compiled(source, &job.filter);
    let title = if job.filter.terms.is_empty() { "Sorting events" } else { "Filtering events" };
    let note = board.post(Subject::Rows, title, (job.of > 0).then_some(job.of), &turn.ticket);
    let through = source.last_position()?;
    let send = |positions| {
        outbox.send(Answer::Table(TableAnswer::Rows { answer, positions }));
        if turn.ticket.is_withdrawn() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match sort_key(job.column) {
        None => {
            let range = ScanRange { after: job.after, through };
            source.scan(&compiled, range, &mut |batch| {
                note.done(batch.scanned);
                send(batch.positions)
            })?;
            // A scan that was broken off has not found everything.
            turn.ticket.interrupt().check()?;
        }
        Some(key) => {
            let positions = source.sorted(&compiled, key, &mut |read| {
                note.done(read);
                ControlFlow::Continue(())
            })?;
            let _ = send(positions);
        }
    }
    Ok(through.or(job.after))
}

/// A filter in the terms of the database; one without a mapping has no events to filter.
pub(super) fn compiled(source: &Source, filter: &Filter) -> Compiled {
    source.mapping().map(|mapping| compile(filter, mapping)).unwrap_or_default()
}

/// By what the store is asked to order; nothing for the order that it has by itself.
fn sort_key(column: Column) -> Option<SortKey> {
    Some(match column {
        Column::Position => return None,
        Column::Time => SortKey::Time,
        Column::Stream => SortKey::Stream,
        Column::Version => SortKey::Version,
        Column::Type => SortKey::Type,
        Column::Data => SortKey::Data,
        Column::EventId => SortKey::EventId,
        Column::SchemaVersion => SortKey::SchemaVersion,
        Column::Actor => SortKey::Actor,
        Column::Source => SortKey::Source,
        Column::Correlation => SortKey::Correlation,
        Column::Causation => SortKey::Causation,
    })
}

/// Starts the worker that reads pages.
pub(super) fn start_pages(origin: &Origin, outbox: &Outbox) -> Result<Desk<PageJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told) = (outbox.clone(), outbox.clone());
    Desk::start(
        "pages",
        PAGES,
        move |job, turn| {
            let answer = match reader.source(&turn.ticket) {
                Ok(source) => {
                    source.leave_unread(Some(PAGE_VALUE));
                    page(source, job)
                }
                Err(error) => failed(&job, error),
            };
            sent.send(Answer::Table(answer));
        },
        move |job, _, error| told.send(Answer::Table(failed(&job, error))),
    )
}

fn failed(job: &PageJob, error: Error) -> TableAnswer {
    match job.what {
        PageOf::RowOf(position) => TableAnswer::Located { answer: job.answer, position, row: Err(error) },
        _ => TableAnswer::Page { answer: job.answer, page: job.page, asked: job.what.asked(), rows: Err(error) },
    }
}

fn page(source: &Source, job: PageJob) -> TableAnswer {
    let PageJob { answer, page, what } = job;
    let asked = what.asked();
    let events = match what {
        PageOf::Rows(rows) => source.page_at(rows.start, usize::try_from(rows.end - rows.start).unwrap_or(usize::MAX)),
        PageOf::Positions(positions) => source.events_at(&positions),
        PageOf::RowOf(position) => {
            return TableAnswer::Located { answer, position, row: source.row_of(position) };
        }
    };
    TableAnswer::Page { answer, page, asked, rows: events.map(prepared) }
}

fn prepared(events: Vec<Event>) -> Vec<Arc<EventRow>> {
    events.into_iter().map(|event| Arc::new(EventRow::of(event))).collect()
}
