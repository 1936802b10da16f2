//! What the workers that count do.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roaring::RoaringTreemap;

use crate::error::Result;
use crate::event::Position;
use crate::insight::Statistics;
use crate::profile::schema::TableKind;
use crate::source::Source;

use super::StatisticsAnswer;
use super::streams::sort;
use crate::session::event_table::row_set::key;
use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{CancelToken, JobContext, Worker};
use crate::session::{Count, Histogram};

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
pub(in crate::session) enum StatisticsJob {
    /// The rows, whose index is built or extended.
    Rows { anew: bool },
    /// The streams.
    Streams,
    /// The event types and the moments.
    EventTypes,
    /// The rows of each table of the event store.
    Tables,
    /// How far the readers of the events have come.
    Checkpoints,
    /// The events over time, and how many of them a filter lets through, where there is one.
    Histogram(Option<Arc<RoaringTreemap>>),
    /// How many events of each of these types there are in the bars of a histogram, some of which may be those of one
    /// before.
    Kinds(Arc<Histogram>, Vec<Arc<str>>, Option<Arc<Histogram>>),
}

/// Starts a worker that counts.
pub(in crate::session) fn start(
    name: &str,
    origin: &Origin,
    outbox: &Outbox<(u64, StatisticsAnswer)>,
    jobs: &Jobs,
) -> Result<Worker<StatisticsJob>> {
    let mut reader = Reader::new(origin);
    let counter = Counter { outbox: outbox.clone(), jobs: jobs.clone() };
    let told = outbox.clone();
    Worker::start(
        name,
        8,
        move |job, context| {
            let done = reader.source(&context.token).and_then(|source| counter.work(source, &job, context));
            if let Err(error) = done {
                counter.send(&context.token, StatisticsAnswer::Failed(error));
            }
        },
        move |_, generation, error| told.send((generation, StatisticsAnswer::Failed(error))),
    )
}

struct Counter {
    outbox: Outbox<(u64, StatisticsAnswer)>,
    jobs: Jobs,
}

impl Counter {
    fn send(&self, token: &CancelToken, answer: StatisticsAnswer) {
        self.outbox.send((token.generation(), answer));
    }

    fn work(&self, source: &Source, job: &StatisticsJob, context: &JobContext<'_>) -> Result<()> {
        match job {
            StatisticsJob::Rows { anew } => self.rows(source, *anew, context),
            StatisticsJob::Streams => self.streams(source, context),
            StatisticsJob::EventTypes => self.event_types(source, context),
            StatisticsJob::Tables => self.tables(source, context),
            StatisticsJob::Checkpoints => self.checkpoints(source, context),
            StatisticsJob::Histogram(matches) => self.histogram(source, matches.as_deref(), context),
            StatisticsJob::Kinds(histogram, types, before) => {
                self.kinds(source, histogram, types, before.as_deref(), context)
            }
        }
    }

    fn rows(&self, source: &Source, anew: bool, context: &JobContext<'_>) -> Result<()> {
        if anew {
            source.forget();
        }
        let running = self.jobs.begin(Subject::Other, "Finding rows", None, &context.token);
        let mut found = 0;
        source.key_index(&mut |batch| {
            found = batch.rows;
            running.done(batch.rows);
            let total = Count { value: batch.rows, complete: batch.complete };
            self.send(&context.token, StatisticsAnswer::Rows(total));
        })?;
        if anew && found > LARGE {
            std::thread::sleep(FIRST_ROWS);
        }
        Ok(())
    }

    fn streams(&self, source: &Source, context: &JobContext<'_>) -> Result<()> {
        let running = self.jobs.begin(Subject::Other, "Reading streams", None, &context.token);
        let (mut first, mut read, mut streams, mut shown) = (true, 0, Vec::new(), Instant::now());
        source.streams(&mut |stream| {
            streams.push(stream);
            if shown.elapsed() > SHOWN {
                read += streams.len() as u64;
                running.done(read);
                let mut streams = std::mem::take(&mut streams);
                sort(&mut streams);
                self.send(&context.token, StatisticsAnswer::Streams { first, streams, complete: false });
                (first, shown) = (false, Instant::now());
            }
            ControlFlow::Continue(())
        })?;
        sort(&mut streams);
        self.send(&context.token, StatisticsAnswer::Streams { first, streams, complete: true });
        Ok(())
    }

    fn event_types(&self, source: &Source, context: &JobContext<'_>) -> Result<()> {
        let running = self.jobs.begin(Subject::Other, "Counting event types", None, &context.token);
        let send = |found: &Statistics| {
            let event_types = found.event_types.iter().map(|(name, count)| (name.as_str().into(), *count)).collect();
            let (first, last) = (found.first.clone(), found.last.clone());
            self.send(&context.token, StatisticsAnswer::EventTypes { event_types, first, last });
        };
        let mut shown = Instant::now();
        let found = Statistics::gather(source, &mut |found| {
            running.done(found.event_types.iter().map(|(_, count)| count).sum());
            if shown.elapsed() > SHOWN {
                send(found);
                shown = Instant::now();
            }
            ControlFlow::Continue(())
        })?;
        send(&found);
        Ok(())
    }

    fn tables(&self, source: &Source, context: &JobContext<'_>) -> Result<()> {
        let _note = self.jobs.begin(Subject::Other, "Counting rows of tables", None, &context.token);
        // The other tables are nobody's business before they are asked for.
        for table in source.tables().into_iter().filter(|table| table.role.is_some()) {
            match source.table_len(&table.name) {
                Ok(rows) => self.send(&context.token, StatisticsAnswer::Table(table.name.as_str().into(), rows)),
                // A view without an end has no number of rows; the others have.
                Err(_) if table.kind == TableKind::View => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn checkpoints(&self, source: &Source, context: &JobContext<'_>) -> Result<()> {
        let running = self.jobs.begin(Subject::Other, "Reading checkpoints", None, &context.token);
        let checkpoints = source.checkpoints()?;
        running.done(checkpoints.len() as u64);
        self.send(&context.token, StatisticsAnswer::Checkpoints(checkpoints));
        Ok(())
    }

    fn kinds(
        &self,
        source: &Source,
        histogram: &Histogram,
        types: &[Arc<str>],
        before: Option<&Histogram>,
        context: &JobContext<'_>,
    ) -> Result<()> {
        let _note = self.jobs.begin(Subject::Other, "Counting types over time", None, &context.token);
        if let Some(kinds) = histogram.kinds_by_index(source, types, before)? {
            let mut found = histogram.clone();
            found.kinds = kinds;
            self.send(&context.token, StatisticsAnswer::Histogram(Some(found)));
        }
        Ok(())
    }

    fn histogram(&self, source: &Source, matches: Option<&RoaringTreemap>, context: &JobContext<'_>) -> Result<()> {
        let running = self.jobs.begin(Subject::Other, "Counting over time", None, &context.token);
        let counted = matches.map(|set| move |from, to| set.range_cardinality(key(from)..=key(to)));
        let matching = counted.as_ref().map(|counted| counted as &dyn Fn(Position, Position) -> u64);
        let mut found = Histogram::gather(source, BUCKETS, matching, &mut |found| {
            running.done(found.buckets.iter().map(|bucket| bucket.all).sum());
            ControlFlow::Continue(())
        })?;
        if matches.is_none() {
            found.buckets.iter_mut().for_each(|bucket| bucket.matching = bucket.all);
        }
        self.send(&context.token, StatisticsAnswer::Histogram((!found.buckets.is_empty()).then_some(found)));
        Ok(())
    }
}
