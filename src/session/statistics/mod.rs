//! What is counted of the whole store: its rows, its event types, its streams, and how events spread over time.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `streams` | the list of streams |
//! | `work` | what the workers do that count |

mod natural;
pub(super) mod streams;
mod work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use roaring::RoaringTreemap;

use crate::error::{Error, Result};
use crate::event::{Event, Timestamp};
use crate::insight::FEW_TYPES;

use crate::session::workers::jobs::Jobs;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Origin;
use crate::session::workers::worker::Worker;
use crate::session::{Checkpoint, Count, Histogram, Notice, Overview, StreamList, StreamSummary};
use work::StatisticsJob;

/// How often the histogram is counted anew while events keep arriving.
const SETTLED: Duration = Duration::from_secs(5);

/// What was counted.
pub(super) enum StatisticsAnswer {
    /// How many events there are, as far as the index of rows reaches.
    Rows(Count),
    /// The event types with their counts, most frequent first, and the first and the last moment.
    EventTypes { event_types: Vec<(Arc<str>, u64)>, first: Option<Timestamp>, last: Option<Timestamp> },
    /// Some streams; the first of them begin the list anew.
    Streams { first: bool, streams: Vec<StreamSummary>, complete: bool },
    /// How the events spread over time.
    Histogram(Option<Histogram>),
    /// How many rows a table has.
    Table(Arc<str>, u64),
    /// How far the readers of the events have come.
    Checkpoints(Vec<Checkpoint>),
    /// One of these could not be counted.
    Failed(Error),
}

/// What is counted of the whole store.
pub(super) struct StoreStatistics {
    count: Worker<StatisticsJob>,
    spread: Worker<StatisticsJob>,
    streams: Arc<StreamList>,
    histogram: Option<Arc<Histogram>>,
    /// Whether the first histogram is still to come.
    awaited: bool,
    /// Whether the histogram is older than what is known.
    spread_due: bool,
    /// When the histogram was last asked for.
    spread_at: Option<Instant>,
}

impl StoreStatistics {
    /// Starts the workers.
    pub(super) fn start(origin: &Origin, outbox: &Outbox<(u64, StatisticsAnswer)>, jobs: &Jobs) -> Result<Self> {
        let count = work::start("count", origin, outbox, jobs)?;
        let spread = work::start("histogram", origin, outbox, jobs)?;
        let (streams, histogram) = (Arc::default(), None);
        Ok(Self { count, spread, streams, histogram, awaited: false, spread_due: false, spread_at: None })
    }

    /// The streams that were read so far.
    pub(super) fn streams(&self) -> Arc<StreamList> {
        Arc::clone(&self.streams)
    }

    /// How the events spread over time.
    pub(super) fn histogram(&self) -> Option<Arc<Histogram>> {
        self.histogram.clone()
    }

    /// Whether there is no histogram yet, and one may come.
    pub(super) fn awaits_histogram(&self) -> bool {
        self.awaited
    }

    /// Counts everything anew; `timed` says whether events have moments.
    pub(super) fn read_all(&mut self, timed: bool) {
        self.awaited = timed && self.histogram.is_none();
        self.count.cancel();
        self.count.submit(StatisticsJob::Rows { anew: true });
        self.ask_checkpoints();
        self.count.submit(StatisticsJob::Streams);
        self.count.submit(StatisticsJob::EventTypes);
        self.count.submit(StatisticsJob::Tables);
        self.spread.cancel();
        self.spread_at = None;
        self.spread_due = true;
    }

    /// Reads how far the readers of the events have come.
    pub(super) fn ask_checkpoints(&self) {
        // They may be read just now, as they were before.
        self.count.renew(StatisticsJob::Checkpoints);
    }

    /// Counts the events over time, and those that a filter lets through, where there is one.
    pub(super) fn ask_histogram(&mut self, matches: Option<Arc<RoaringTreemap>>) {
        self.spread.cancel();
        self.spread_due = false;
        self.spread_at = Some(Instant::now());
        self.spread.submit(StatisticsJob::Histogram(matches));
    }

    /// Has the bars counted by type, where that is not done, and there are few types.
    fn ask_kinds(&self, before: Option<Arc<Histogram>>, overview: &Overview) {
        let Some(histogram) = self.histogram.as_ref().filter(|histogram| histogram.kinds.is_empty()) else { return };
        let types: Vec<Arc<str>> = overview.event_types.iter().map(|(name, _)| Arc::clone(name)).collect();
        if (1..=FEW_TYPES).contains(&types.len()) {
            self.spread.submit(StatisticsJob::Kinds(Arc::clone(histogram), types, before));
        }
    }

    /// Whether it is time to count over time anew, now that all rows are found.
    pub(super) fn is_histogram_due(&self) -> bool {
        self.spread_due && self.spread_at.is_none_or(|at| at.elapsed() > SETTLED)
    }

    /// Takes in events that were appended.
    pub(super) fn grown(&mut self, events: &[Event], overview: &mut Overview) {
        // A count that goes on may have begun before them.
        self.count.renew(StatisticsJob::Rows { anew: false });
        self.ask_checkpoints();
        if events.is_empty() {
            return;
        }
        let list = Arc::make_mut(&mut self.streams);
        for event in events {
            list.grow(event);
            count_type(&mut overview.event_types, &event.event_type);
            if let Some(at) = &event.timestamp {
                take_moment(overview, at);
            }
        }
        overview.streams = list.total;
        overview.event_types.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
        self.spread_due = true;
    }

    /// Takes in what was counted.
    pub(super) fn take(
        &mut self,
        generation: u64,
        answer: StatisticsAnswer,
        overview: &mut Overview,
    ) -> Option<Notice> {
        let worker = if matches!(answer, StatisticsAnswer::Histogram(_)) { &self.spread } else { &self.count };
        if generation != worker.generation() {
            return None;
        }
        match answer {
            StatisticsAnswer::Rows(total) => overview.events = total,
            StatisticsAnswer::EventTypes { event_types, first, last } => {
                (overview.event_types, overview.first, overview.last) = (event_types, first, last);
                self.ask_kinds(None, overview);
            }
            StatisticsAnswer::Streams { first, streams, complete } => {
                let list = Arc::make_mut(&mut self.streams);
                if first {
                    *list = StreamList::default();
                }
                list.extend(streams);
                list.total.complete = complete;
                overview.streams = list.total;
            }
            StatisticsAnswer::Checkpoints(checkpoints) => overview.checkpoints = Arc::new(checkpoints),
            StatisticsAnswer::Histogram(histogram) => {
                let before = std::mem::replace(&mut self.histogram, histogram.map(Arc::new));
                self.awaited = false;
                self.ask_kinds(before.filter(|before| !before.kinds.is_empty()), overview);
            }
            StatisticsAnswer::Table(name, rows) => {
                if let Some(table) = overview.tables.iter_mut().find(|table| table.name == name) {
                    table.rows = Some(rows);
                }
            }
            StatisticsAnswer::Failed(error) if error.is_cancelled() => {}
            StatisticsAnswer::Failed(error) => {
                return Some(Notice::WorkFailed(Arc::new(error)));
            }
        }
        None
    }
}

fn count_type(types: &mut Vec<(Arc<str>, u64)>, event_type: &str) {
    match types.iter_mut().find(|(known, _)| **known == *event_type) {
        Some((_, count)) => *count += 1,
        None => types.push((event_type.into(), 1)),
    }
}

/// Widens the time that the overview spans.
fn take_moment(overview: &mut Overview, at: &Timestamp) {
    let Some(utc) = at.utc else { return };
    let outside = |known: &Option<Timestamp>, beyond: fn(&_, &_) -> bool| {
        known.as_ref().and_then(|known| known.utc).is_none_or(|known| beyond(&utc, &known))
    };
    if outside(&overview.first, |new, known| new < known) {
        overview.first = Some(at.clone());
    }
    if outside(&overview.last, |new, known| new > known) {
        overview.last = Some(at.clone());
    }
}
