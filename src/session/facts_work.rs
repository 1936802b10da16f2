//! What the workers that count do.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roaring::RoaringTreemap;

use crate::error::Result;
use crate::event::Position;
use crate::insight::Statistics;
use crate::source::Source;

use super::answer::{Answer, Outbox};
use super::board::{Board, Subject};
use super::desk::{Desk, Ticket, Turn};
use super::facts::FactAnswer;
use super::reader::{Origin, Reader};
use super::row_set::key;
use super::{Count, Histogram};

/// How often a list that is being read is shown.
const SHOWN: Duration = Duration::from_millis(100);

/// A store of more events than this is read in bulk only after a moment, in which the window paints its first rows: on
/// two cores the two would hold each other up.
const LARGE: u64 = 200_000;
/// That moment.
const FIRST_ROWS: Duration = Duration::from_millis(300);

/// How many bars the histogram has.
const BUCKETS: usize = 96;

/// What is to be counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FactJob {
    /// The rows, whose index is built or extended.
    Rows { anew: bool },
    /// The streams.
    Streams,
    /// The event types and the moments.
    Statistics,
    /// The rows of each table of the event store.
    Tables,
    /// How far the readers of the events have come; each question differs from the one before.
    Checkpoints { turn: bool },
    /// The events over time, and how many of them a filter lets through, where there is one.
    Histogram(Option<Arc<RoaringTreemap>>),
}

/// Starts a worker that counts.
pub(super) fn start(name: &str, origin: &Origin, outbox: &Outbox, board: &Board) -> Result<Desk<FactJob>> {
    let mut reader = Reader::new(origin);
    let counter = Counter { outbox: outbox.clone(), board: board.clone() };
    let told = outbox.clone();
    Desk::start(
        name,
        8,
        move |job, turn| {
            let done = reader.source(&turn.ticket).and_then(|source| counter.work(source, &job, turn));
            if let Err(error) = done {
                counter.send(&turn.ticket, FactAnswer::Failed(error));
            }
        },
        move |_, generation, error| told.send(Answer::Fact(generation, FactAnswer::Failed(error))),
    )
}

struct Counter {
    outbox: Outbox,
    board: Board,
}

impl Counter {
    fn send(&self, ticket: &Ticket, answer: FactAnswer) {
        self.outbox.send(Answer::Fact(ticket.generation(), answer));
    }

    fn work(&self, source: &Source, job: &FactJob, turn: &Turn<'_>) -> Result<()> {
        match job {
            FactJob::Rows { anew } => self.rows(source, *anew, turn),
            FactJob::Streams => self.streams(source, turn),
            FactJob::Statistics => self.statistics(source, turn),
            FactJob::Tables => self.tables(source, turn),
            FactJob::Checkpoints { .. } => self.checkpoints(source, turn),
            FactJob::Histogram(matches) => self.histogram(source, matches.as_deref(), turn),
        }
    }

    fn rows(&self, source: &Source, anew: bool, turn: &Turn<'_>) -> Result<()> {
        if anew {
            source.forget();
        }
        let note = self.board.post(Subject::Other, "Finding rows", None, &turn.ticket);
        let mut found = 0;
        source.key_index(&mut |batch| {
            found = batch.rows;
            note.done(batch.rows);
            let total = Count { value: batch.rows, complete: batch.complete };
            self.send(&turn.ticket, FactAnswer::Rows(total));
        })?;
        if anew && found > LARGE {
            std::thread::sleep(FIRST_ROWS);
        }
        Ok(())
    }

    fn streams(&self, source: &Source, turn: &Turn<'_>) -> Result<()> {
        let note = self.board.post(Subject::Other, "Reading streams", None, &turn.ticket);
        let (mut first, mut read, mut streams, mut shown) = (true, 0, Vec::new(), Instant::now());
        source.streams(&mut |stream| {
            streams.push(stream);
            if shown.elapsed() > SHOWN {
                read += streams.len() as u64;
                note.done(read);
                let streams = std::mem::take(&mut streams);
                self.send(&turn.ticket, FactAnswer::Streams { first, streams, complete: false });
                (first, shown) = (false, Instant::now());
            }
            ControlFlow::Continue(())
        })?;
        self.send(&turn.ticket, FactAnswer::Streams { first, streams, complete: true });
        Ok(())
    }

    fn statistics(&self, source: &Source, turn: &Turn<'_>) -> Result<()> {
        let note = self.board.post(Subject::Other, "Counting event types", None, &turn.ticket);
        let send = |found: &Statistics| {
            let event_types = found.event_types.iter().map(|(name, count)| (name.as_str().into(), *count)).collect();
            let (first, last) = (found.first.clone(), found.last.clone());
            self.send(&turn.ticket, FactAnswer::Statistics { event_types, first, last });
        };
        let mut shown = Instant::now();
        let found = Statistics::gather(source, &mut |found| {
            note.done(found.event_types.iter().map(|(_, count)| count).sum());
            if shown.elapsed() > SHOWN {
                send(found);
                shown = Instant::now();
            }
            ControlFlow::Continue(())
        })?;
        send(&found);
        Ok(())
    }

    fn tables(&self, source: &Source, turn: &Turn<'_>) -> Result<()> {
        let _note = self.board.post(Subject::Other, "Counting rows of tables", None, &turn.ticket);
        // The other tables are nobody's business before they are asked for.
        for table in source.tables().into_iter().filter(|table| table.role.is_some()) {
            let rows = source.table_len(&table.name)?;
            self.send(&turn.ticket, FactAnswer::Table(table.name.as_str().into(), rows));
        }
        Ok(())
    }

    fn checkpoints(&self, source: &Source, turn: &Turn<'_>) -> Result<()> {
        let note = self.board.post(Subject::Other, "Reading checkpoints", None, &turn.ticket);
        let checkpoints = source.checkpoints()?;
        note.done(checkpoints.len() as u64);
        self.send(&turn.ticket, FactAnswer::Checkpoints(checkpoints));
        Ok(())
    }

    fn histogram(&self, source: &Source, matches: Option<&RoaringTreemap>, turn: &Turn<'_>) -> Result<()> {
        let note = self.board.post(Subject::Other, "Counting over time", None, &turn.ticket);
        let counted = matches.map(|set| move |from, to| set.range_cardinality(key(from)..=key(to)));
        let matching = counted.as_ref().map(|counted| counted as &dyn Fn(Position, Position) -> u64);
        let mut found = Histogram::gather(source, BUCKETS, matching, &mut |found| {
            note.done(found.buckets.iter().map(|bucket| bucket.all).sum());
            ControlFlow::Continue(())
        })?;
        if matches.is_none() {
            found.buckets.iter_mut().for_each(|bucket| bucket.matching = bucket.all);
        }
        self.send(&turn.ticket, FactAnswer::Histogram((!found.buckets.is_empty()).then_some(found)));
        Ok(())
    }
}
