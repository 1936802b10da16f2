//! An open database: workers, caches and jobs in flight.
//!
//! Everything here answers at once with what it has and asks a worker for what it lacks. Asks take `&self` and may be
//! repeated in every frame; changes take `&mut self`. A worker that has something new calls the `wake` it was given,
//! after which [`Session::poll`] takes it in.

mod details;
mod draft;
mod history;
mod loading;
mod notice;
mod overview;
mod rows;
mod seam;
mod streams;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::event::{Event, ExpectedVersion, Position, StreamName, Version};

pub use details::{EventRef, Related};
pub use draft::{Draft, Preview};
pub use history::{Agreement, History};
pub use loading::{Count, Loading};
pub use notice::{JobId, JobView, Notice, ReducersInfo};
pub use overview::{OpenRequest, Overview, Status, TableEntry, TablePage};
pub use rows::{EventRow, Query};
pub use seam::{Blame, Change, Confidence, Filter, Mark, Outcome, StateAt};
pub use streams::{StreamGroup, StreamList, StreamSummary};

/// Tells the window that there is something to take in. Called from any thread, once per batch.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// One bar of the histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The first moment in it, in milliseconds since 1970 (UTC).
    pub from: i64,
    /// The first moment after it.
    pub to: i64,
    /// How many events there are.
    pub all: u64,
    /// How many of them the filter lets through.
    pub matching: u64,
}

/// How the events spread over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Buckets of equal width without gaps, oldest first.
    pub buckets: Vec<Bucket>,
}

/// An open database.
pub struct Session {
    status: Status,
    query: Query,
}

/// The rows of the event table at this moment.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    _session: &'a Session,
}

impl Rows<'_> {
    /// How many rows the answer has, or has so far.
    #[must_use]
    pub fn len(&self) -> Count {
        Count::default()
    }

    /// Whether there is no row, so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len().value == 0
    }

    /// How many events there are without the filter.
    #[must_use]
    pub fn total(&self) -> Count {
        Count::default()
    }

    /// A row by its number, from 0, where it was read already. [`Session::want_rows`] has it read.
    #[must_use]
    pub fn get(&self, _row: u64) -> Option<Arc<EventRow>> {
        None
    }

    /// Whether these are the rows of the previous question, shown until the present one has its first.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        false
    }

    /// Why the question could not be answered, where it could not.
    #[must_use]
    pub fn error(&self) -> Option<Arc<crate::Error>> {
        None
    }
}

impl Session {
    /// Begins to open a database. The answer comes as [`Notice::Opened`] or [`Notice::Failed`].
    #[must_use]
    pub fn open(_request: OpenRequest, _wake: Wake) -> Self {
        Self { status: Status::Opening, query: Query::default() }
    }

    /// Takes in what the workers found since the last time. Cheap when there is nothing.
    pub fn poll(&mut self) -> Vec<Notice> {
        Vec::new()
    }

    /// How far the opening got.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What is known of the whole database, once it is open.
    #[must_use]
    pub fn overview(&self) -> Option<&Overview> {
        None
    }

    /// Asks the event table's question anew; the previous answer is withdrawn.
    pub fn set_query(&mut self, query: Query) {
        self.query = query;
    }

    /// The question that the event table answers.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The rows of the event table.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows { _session: self }
    }

    /// Says which rows are in view, so that they are read, and a page around them.
    pub fn want_rows(&self, _rows: Range<u64>) {}

    /// The row that shows the event at a position; `None` where the filter hides it, or until it is known.
    #[must_use]
    pub fn row_of(&self, _position: Position) -> Option<u64> {
        None
    }

    /// How the events spread over time; `None` until it is known and where there are no moments.
    #[must_use]
    pub fn histogram(&self) -> Option<Arc<Histogram>> {
        None
    }

    /// The streams that were read so far.
    #[must_use]
    pub fn streams(&self) -> Arc<StreamList> {
        Arc::default()
    }

    /// One event with its data.
    #[must_use]
    pub fn event(&self, _position: Position) -> Loading<Arc<Event>> {
        Loading::Missing
    }

    /// What one event is tied to.
    #[must_use]
    pub fn related(&self, _position: Position) -> Loading<Arc<Related>> {
        Loading::Missing
    }

    /// The history of a stream.
    #[must_use]
    pub fn history(&self, _stream: &StreamName) -> Loading<Arc<History>> {
        Loading::Missing
    }

    /// The state of a stream at a version.
    #[must_use]
    pub fn state(&self, _stream: &StreamName, _version: Version) -> Loading<Arc<StateAt>> {
        Loading::Missing
    }

    /// Which reducers fold the streams.
    #[must_use]
    pub fn reducers(&self) -> ReducersInfo {
        ReducersInfo::default()
    }

    /// Replays with the reducers of this file, or with those found beside the database, or with the guess.
    pub fn set_reducers(&mut self, _path: Option<PathBuf>) {}

    /// What writing a draft would do.
    #[must_use]
    pub fn preview(&self, _draft: &Draft) -> Loading<Arc<Preview>> {
        Loading::Missing
    }

    /// Writes a draft, where the stream is as expected. The answer comes as a [`Notice`].
    pub fn append(&mut self, _draft: Draft, _expected: ExpectedVersion) {}

    /// Rows `range` of a table, or as many of them as one page holds.
    #[must_use]
    pub fn table_page(&self, _table: &str, _range: Range<u64>) -> Loading<Arc<TablePage>> {
        Loading::Missing
    }

    /// The long work that is going on.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobView> {
        Vec::new()
    }

    /// Stops one piece of long work; what it found so far stays.
    pub fn stop(&mut self, _job: JobId) {}

    /// Reads everything anew: the file, and the reducers.
    pub fn refresh(&mut self) {}
}
