//! What the workers behind the event table do: scans for a filter or an order, and pages.

use std::collections::HashSet;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use roaring::RoaringTreemap;

use crate::error::{Error, Result};
use crate::event::{Event, Position, StreamName};
use crate::filter::{Compiled, Filter, compile};
use crate::insight;
use crate::model::Column;
use crate::process::StopSwitch;
use crate::profile::Mapping;
use crate::source::{ScanRange, Source};

use super::{EventTableAnswer, hits};
use crate::session::workers::jobs::{Jobs, RunningJob, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::scan_together::scan_together;
use crate::session::workers::worker::{JobContext, Worker};
use crate::session::{EventRow, FoundReducers};

/// How many pages may wait; the ones asked for first are dropped, as they have been scrolled past.
const PAGES: usize = 8;

/// The largest payload that is read for the one line of it that a row shows.
const PAGE_VALUE: u64 = 256 << 10;

/// A question whose answer is a list of positions.
#[derive(Clone, PartialEq)]
pub(in crate::session) struct ScanJob {
    pub(in crate::session) filter: Filter,
    pub(in crate::session) column: Column,
    /// Only events after this one.
    pub(in crate::session) after: Option<Position>,
    /// How many events there are to look at, as far as that is known.
    pub(in crate::session) of: u64,
    /// What streams are folded by, where the filter asks what events did.
    pub(in crate::session) folding: Folding,
}

/// What streams are folded by. It is no part of the question: another one is asked anew.
#[derive(Clone)]
pub(in crate::session) struct Folding(pub(in crate::session) FoundReducers);

impl PartialEq for Folding {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What a page holds.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::session) enum PageOf {
    /// These rows of the whole store.
    Rows(Range<u64>),
    /// The events at these positions.
    Positions(Vec<Position>),
    /// No page: the row of a position in the whole store.
    RowOf(Position),
    /// No page: where these hits lie among so many rows of the whole store.
    Marks(Arc<RoaringTreemap>, u64),
}

/// A page to read.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::session) struct PageJob {
    pub(in crate::session) answer: u64,
    pub(in crate::session) page: u64,
    pub(in crate::session) what: PageOf,
}

impl PageOf {
    /// How many rows it asks for.
    fn asked(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.end - rows.start,
            Self::Positions(positions) => positions.len() as u64,
            Self::RowOf(_) | Self::Marks(..) => 0,
        }
    }
}

/// Starts the worker that scans.
pub(in crate::session) fn start_scan(
    origin: &Origin,
    outbox: &Outbox<EventTableAnswer>,
    jobs: &Jobs,
) -> Result<Worker<ScanJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told, jobs) = (outbox.clone(), outbox.clone(), jobs.clone());
    Worker::start(
        "scan",
        1,
        move |job, context| {
            let answer = context.token.generation();
            let done = reader.source(&context.token).and_then(|source| scan(source, &job, context, &sent, &jobs));
            sent.send(match done {
                Ok(last) => EventTableAnswer::Complete { answer, last },
                Err(error) => EventTableAnswer::Failed { answer, error },
            });
        },
        move |_, answer, error| told.send(EventTableAnswer::Failed { answer, error }),
    )
}

/// Sends the positions that answer a question, batch by batch. Returns the last position that it covers.
fn scan(
    source: &Source,
    job: &ScanJob,
    context: &JobContext<'_>,
    outbox: &Outbox<EventTableAnswer>,
    jobs: &Jobs,
) -> Result<Option<Position>> {
    let answer = context.token.generation();
    let compiled = compiled(source, &job.filter);
    let title = if job.filter.terms.is_empty() { "Sorting events" } else { "Filtering events" };
    let running = jobs.begin(Subject::Rows, title, (job.of > 0).then_some(job.of), &context.token);
    let through = source.last_position()?;
    if job.filter.has_effects() {
        folded(source, job, ScanRange { after: job.after, through }, context, outbox, &running)?;
        context.token.interrupt().check()?;
        return Ok(through.or(job.after));
    }
    let send = |positions| {
        outbox.send(EventTableAnswer::Rows { answer, positions });
        if context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match job.column {
        // The order that the store has by itself.
        Column::Position => {
            let range = ScanRange { after: job.after, through };
            scan_together(source, &compiled, range, &mut |batch| {
                running.done(batch.scanned);
                send(batch.positions)
            })?;
            // A scan that was broken off has not found everything.
            context.token.interrupt().check()?;
        }
        column => {
            let positions = source.sorted(&compiled, column, &mut |read| {
                running.done(read);
                ControlFlow::Continue(())
            })?;
            let _ = send(positions);
        }
    }
    Ok(through.or(job.after))
}

/// Sends the positions of the events that did what the filter asks for, as streams are folded; those that are to be sorted
/// by a column at the end.
fn folded(
    source: &Source,
    job: &ScanJob,
    range: ScanRange,
    context: &JobContext<'_>,
    outbox: &Outbox<EventTableAnswer>,
    running: &RunningJob,
) -> Result<()> {
    let answer = context.token.generation();
    let stop = StopSwitch::default();
    let token = context.token.clone();
    stop.set(move || token.is_cancelled());
    let mut evolver = |stream: &StreamName| job.folding.0.evolver(stream, &stop);
    let unsorted = job.column == Column::Position;
    let mut found = HashSet::new();
    insight::with_effects(source, &job.filter, &mut evolver, range, &mut |batch| {
        running.done(batch.scanned);
        if unsorted {
            outbox.send(EventTableAnswer::Rows { answer, positions: batch.positions });
        } else {
            found.extend(batch.positions);
        }
        if context.token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if !unsorted {
        let rest = compiled(source, &job.filter.clone().without_effects());
        let mut positions = source.sorted(&rest, job.column, &mut |_| ControlFlow::Continue(()))?;
        positions.retain(|position| found.contains(position));
        outbox.send(EventTableAnswer::Rows { answer, positions });
    }
    Ok(())
}

/// A filter in the terms of the database; one without a mapping has no events to filter.
pub(in crate::session) fn compiled(source: &Source, filter: &Filter) -> Compiled {
    source.mapping().map(|mapping| compile(filter, mapping)).unwrap_or_default()
}

/// Starts the worker that reads pages.
pub(in crate::session) fn start_pages(origin: &Origin, outbox: &Outbox<EventTableAnswer>) -> Result<Worker<PageJob>> {
    let mut reader = Reader::new(origin);
    let (sent, told) = (outbox.clone(), outbox.clone());
    Worker::start(
        "pages",
        PAGES,
        move |job, context| {
            let answer = match reader.source(&context.token) {
                Ok(source) => {
                    source.leave_unread(Some(PAGE_VALUE));
                    page(source, job)
                }
                Err(error) => failed(&job, error),
            };
            sent.send(answer);
        },
        move |job, _, error| told.send(failed(&job, error)),
    )
}

fn failed(job: &PageJob, error: Error) -> EventTableAnswer {
    match job.what {
        PageOf::RowOf(position) => EventTableAnswer::Located { answer: job.answer, position, row: Err(error) },
        PageOf::Marks(..) => EventTableAnswer::Marked { answer: job.answer, marks: Err(error) },
        _ => EventTableAnswer::Page { answer: job.answer, page: job.page, asked: job.what.asked(), rows: Err(error) },
    }
}

fn page(source: &Source, job: PageJob) -> EventTableAnswer {
    let PageJob { answer, page, what } = job;
    let asked = what.asked();
    let events = match what {
        PageOf::Rows(rows) => source.page_at(rows.start, usize::try_from(rows.end - rows.start).unwrap_or(usize::MAX)),
        PageOf::Positions(positions) => source.events_at(&positions),
        PageOf::Marks(hits, rows) => {
            return EventTableAnswer::Marked { answer, marks: hits::among_all(source, &hits, rows) };
        }
        PageOf::RowOf(position) => {
            return EventTableAnswer::Located { answer, position, row: source.row_of(position) };
        }
    };
    EventTableAnswer::Page { answer, page, asked, rows: events.map(|events| prepared(source, events)) }
}

fn prepared(source: &Source, events: Vec<Event>) -> Vec<Arc<EventRow>> {
    let aside = source.mapping().map(Mapping::members_elsewhere).unwrap_or_default();
    events.into_iter().map(|event| Arc::new(EventRow::of(event, &aside))).collect()
}
