//! An open database: workers, caches and jobs in flight.
//!
//! Everything here answers at once with what it has and asks a worker for what it lacks. Asks take `&self` and may be
//! repeated in every frame; changes take `&mut self`. A worker that has something new calls the `wake` it was given,
//! after which [`Session::poll`] takes it in.

mod agreement;
mod answer;
mod board;
mod cache;
mod desk;
mod detail_desk;
mod details;
mod draft;
mod facts;
mod facts_work;
mod histories;
mod history;
mod loading;
mod mapping_desk;
mod mapping_trial;
mod notice;
mod opening;
mod overview;
mod prospect;
mod reader;
mod records;
mod reducers;
mod replayer;
mod row_set;
mod rows;
mod shelf;
mod streams;
mod table;
mod table_work;
mod tables;
mod taking;
mod texts;
mod upkeep;
mod watch;
mod writing;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::error::Result;
use crate::event::{Event, ExpectedVersion, Position, StreamName, Version};
use crate::profile::{Detection, Mapping, SnapshotMapping};

pub use crate::filter::Filter;
pub use crate::insight::{Bucket, Histogram};
pub use crate::profile::Confidence;
pub use crate::replay::{Blame, Change, Mark, Outcome, StateAt};
pub use crate::source::{
    Checkpoint, ColumnSample, Definition, Fault, Link, Mention, Mode, Severity, Standing, StreamSummary, TableColumn,
    TableOrder, Target, ValuePlace,
};
pub use details::{EventRef, Related};
pub use draft::{Draft, Preview};
pub use history::{Agreement, History};
pub use loading::{Count, Loading};
pub use mapping_desk::Guesses;
pub use mapping_trial::{Inside, MappingTrial, PreviewRow};
pub use notice::{JobId, JobView, Notice, ReducersInfo};
pub use opening::NOTHING_FITS;
pub use overview::{OpenRequest, Overview, Status, TableEntry};
pub use prospect::{DatabaseProspect, ImportSource, Prospect};
pub use records::{CommandRecord, SnapshotRecord, StreamRecords};
pub use reducers::{FoundReducers, beside};
pub use rows::{EventRow, Query, Rows};
pub use streams::{StreamGroup, StreamList};
pub use tables::text as stored_text;
pub use tables::{LOADING, Large, LargeDocument, LargeValue, TableCell, TableField, TablePage, TableRecord};
pub use texts::{one_line, thousands};
pub use upkeep::{
    ArchivePlan, ArchiveSelection, Archived, Done, ImportRequest, Imported, PlannedStream, Task, Verification, Verified,
};

use answer::{Answer, Outbox};
use board::{Board, Subject};
use desk::Desk;
use detail_desk::Details;
use facts::Facts;
use histories::Histories;
use mapping_desk::Mappings;
use prospect::Prospects;
use reader::Origin;
use records::Records;
use replayer::Replayed;
use table::{Table, TableAnswer};
use tables::Tables;
use watch::Watch;
use writing::WriteJob;

/// Tells the window that there is something to take in. Called from any thread, once per batch.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// An open database.
pub struct Session {
    request: OpenRequest,
    status: Status,
    inbox: Receiver<Answer>,
    board: Board,
    outbox: Outbox,
    origin: Origin,
    /// The workers; none where the system gives us no threads, which [`Status::Failed`] says.
    parts: Option<Parts>,
    overview: Option<Overview>,
    standing: Standing,
    /// How many drafts were handed to the writer.
    written: u64,
}

/// The workers with what they found.
struct Parts {
    open: Desk<OpenRequest>,
    write: Desk<WriteJob>,
    table: Table,
    facts: Facts,
    details: Details,
    tables: Tables,
    histories: Histories,
    records: Records,
    upkeep: Desk<Task>,
    mappings: Mappings,
    prospects: Prospects,
    watch: Option<Watch>,
}

impl Parts {
    fn start(origin: &Origin, outbox: &Outbox, board: &Board) -> Result<Self> {
        Ok(Self {
            open: opening::start(origin, outbox, board)?,
            write: writing::start(origin, outbox)?,
            table: Table::start(origin, outbox, board)?,
            facts: Facts::start(origin, outbox, board)?,
            details: Details::start(origin, outbox)?,
            tables: Tables::start(origin, outbox, board)?,
            histories: Histories::start(origin, outbox, board)?,
            records: Records::start(origin, outbox)?,
            upkeep: upkeep::start(origin, outbox, board)?,
            mappings: Mappings::start(origin, outbox)?,
            prospects: Prospects::start(outbox)?,
            watch: None,
        })
    }
}

/// Opening, and what is known of the whole.
impl Session {
    /// Begins to open a database. The answer comes as [`Notice::Opened`] or [`Notice::Failed`].
    #[must_use]
    pub fn open(request: OpenRequest, wake: Wake) -> Self {
        let (origin, board) = (Origin::default(), Board::new(Arc::clone(&wake)));
        let (outbox, inbox) = Outbox::new(wake);
        let (parts, status) = match Parts::start(&origin, &outbox, &board) {
            Ok(parts) => (Some(parts), Status::Opening),
            Err(error) => (None, Status::Failed(Arc::new(error.context("starting the workers")))),
        };
        if let Some(parts) = &parts {
            parts.open.ask(request.clone());
        }
        Self {
            request,
            status,
            inbox,
            board,
            outbox,
            origin,
            parts,
            overview: None,
            standing: Standing::Sound,
            written: 0,
        }
    }

    /// Takes in what the workers found since the last time. Cheap when there is nothing.
    pub fn poll(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        while let Ok(answer) = self.inbox.try_recv() {
            self.take(answer, &mut notices);
        }
        notices
    }

    /// How far the opening got.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What is known of the whole database, once it is open.
    #[must_use]
    pub fn overview(&self) -> Option<&Overview> {
        self.overview.as_ref()
    }

    /// How the file stands compared with when it was opened.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What was asked to be opened.
    #[must_use]
    pub fn request(&self) -> &OpenRequest {
        &self.request
    }

    /// The streams that were read so far.
    #[must_use]
    pub fn streams(&self) -> Arc<StreamList> {
        self.parts.as_ref().map(|parts| parts.facts.streams()).unwrap_or_default()
    }

    /// How the events spread over time; `None` until it is known and where there are no moments.
    #[must_use]
    pub fn histogram(&self) -> Option<Arc<Histogram>> {
        self.parts.as_ref()?.facts.histogram()
    }

    /// Whether there is no histogram yet, and one may come: its place is kept, so that nothing moves when it does.
    #[must_use]
    pub fn awaits_histogram(&self) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.facts.awaits_histogram())
    }

    /// Reads everything anew: the file, its profile, and the reducers. What is on screen stays until it is read.
    pub fn refresh(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.open.withdraw();
            parts.open.ask(self.request.clone());
        }
    }

    /// Opens the file anew in a way, such as after it was replaced. What is on screen stays until it is read.
    pub fn reopen(&mut self, mode: Mode) {
        self.request.mode = mode;
        self.refresh();
    }

    /// The long work that is going on.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobView> {
        self.board.jobs()
    }

    /// Stops one piece of long work; what it found so far stays.
    pub fn stop(&mut self, job: JobId) {
        let (Some(subject), Some(parts)) = (self.board.stop(job), &mut self.parts) else { return };
        match subject {
            Subject::Rows => parts.table.stopped(),
            Subject::Replay(stream) => parts.histories.stopped(stream),
            Subject::Snapshots(aggregate_type) => parts.histories.stopped_comparing(aggregate_type),
            Subject::Large => parts.tables.stopped_loading(),
            Subject::Opening => self.opening_stopped(),
            Subject::Tables | Subject::Other => {}
        }
    }
}

/// The event table.
impl Session {
    /// Asks the event table's question anew; the previous answer is withdrawn.
    pub fn set_query(&mut self, query: Query) {
        if let Some(parts) = &mut self.parts {
            let cleared = query.filter.terms.is_empty() && !parts.table.query().filter.terms.is_empty();
            parts.table.set_query(query);
            // What a filter lets through is spread over time once it is found; see `take`.
            if cleared && matches!(self.status, Status::Ready) {
                parts.facts.ask_histogram(None);
            }
        }
    }

    /// The question that the event table answers.
    #[must_use]
    pub fn query(&self) -> Query {
        self.parts.as_ref().map(|parts| parts.table.query().clone()).unwrap_or_default()
    }

    /// The rows of the event table.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self.parts.as_ref().map(|parts| &parts.table))
    }

    /// Says which rows are in view, so that they are read, and a page around them.
    pub fn want_rows(&self, rows: Range<u64>) {
        if let Some(parts) = &self.parts {
            parts.table.want(rows);
        }
    }

    /// The row that shows the event at a position; `None` where the filter hides it, or until it is known.
    #[must_use]
    pub fn row_of(&self, position: Position) -> Option<u64> {
        self.parts.as_ref()?.table.row_of(position)
    }
}

/// Single things, asked for one by one.
impl Session {
    /// One event with its data.
    #[must_use]
    pub fn event(&self, position: Position) -> Loading<Arc<Event>> {
        self.ready().map(|parts| parts.details.event(position)).unwrap_or_default()
    }

    /// What one event is tied to.
    #[must_use]
    pub fn related(&self, position: Position) -> Loading<Arc<Related>> {
        self.ready().map(|parts| parts.details.related(position)).unwrap_or_default()
    }

    /// The stream that a text names: `TYPE/ID`, or `ID` where that is unique.
    #[must_use]
    pub fn stream_named(&self, text: &str) -> Loading<StreamName> {
        self.ready().map(|parts| parts.details.named(text)).unwrap_or_default()
    }

    /// The history of a stream.
    #[must_use]
    pub fn history(&self, stream: &StreamName) -> Loading<Arc<History>> {
        self.ready().map(|parts| parts.histories.history(stream)).unwrap_or_default()
    }

    /// The state of a stream at a version. The one that was shown before it stands in until it is folded.
    #[must_use]
    pub fn state(&self, stream: &StreamName, version: Version) -> Loading<Arc<StateAt>> {
        self.ready().map(|parts| parts.histories.state(stream, version)).unwrap_or_default()
    }

    /// The snapshots and commands of a stream.
    #[must_use]
    pub fn records(&self, stream: &StreamName) -> Loading<Arc<StreamRecords>> {
        self.ready().map(|parts| parts.records.of(stream, parts.histories.reducers())).unwrap_or_default()
    }

    /// The parts, once there is a file to ask.
    fn ready(&self) -> Option<&Parts> {
        self.parts.as_ref().filter(|_| matches!(self.status, Status::Ready))
    }
}

/// The tables of the file as they are. Nothing is read of a table outside the event store before it is asked for: see
/// [`Session::may_read`].
impl Session {
    /// Whether the rows of a table may be read: those of the event store, those that a person asked for with
    /// [`Session::show_table`], and all of a file that is no event store.
    #[must_use]
    pub fn may_read(&self, table: &str) -> bool {
        let Some(overview) = &self.overview else { return false };
        let known = overview.tables.iter().any(|entry| *entry.name == *table && entry.role.is_some());
        known || !overview.has_events() || self.parts.as_ref().is_some_and(|parts| parts.tables.is_shown(table))
    }

    /// Lets the rows of a table be read that is no part of the event store, for as long as the file is open.
    pub fn show_table(&mut self, table: &str) {
        if let Some(parts) = &mut self.parts {
            parts.tables.show(table);
        }
    }

    /// How many rows a table has, as far as they are counted.
    #[must_use]
    pub fn table_rows(&self, order: &TableOrder) -> Loading<Count> {
        self.readable(order).map(|tables| tables.count(order)).unwrap_or_default()
    }

    /// The page of a table that holds a row.
    #[must_use]
    pub fn table_page(&self, order: &TableOrder, row: u64) -> Loading<Arc<TablePage>> {
        self.readable(order).map(|tables| tables.page(order, row)).unwrap_or_default()
    }

    /// One row of a table with its values.
    #[must_use]
    pub fn table_row(&self, order: &TableOrder, row: u64) -> Loading<Arc<TableRecord>> {
        self.readable(order).map(|tables| tables.row(order, row)).unwrap_or_default()
    }

    /// The streams and events that a row names.
    #[must_use]
    pub fn table_links(&self, order: &TableOrder, row: u64) -> Loading<Arc<Vec<Link>>> {
        self.readable(order).map(|tables| tables.links(order, row)).unwrap_or_default()
    }

    /// Which columns a table can be sorted by.
    #[must_use]
    pub fn sortable(&self, table: &str) -> Loading<Arc<Vec<bool>>> {
        let parts = self.ready().filter(|_| self.may_read(table));
        parts.map(|parts| parts.tables.sortable(table)).unwrap_or_default()
    }

    /// The statements that made a table. They are no rows, and need no asking.
    #[must_use]
    pub fn definition(&self, table: &str) -> Loading<Arc<Definition>> {
        self.ready().map(|parts| parts.tables.definition(table)).unwrap_or_default()
    }

    /// The rows of other tables that name a stream.
    #[must_use]
    pub fn mentions(&self, stream: &StreamName) -> Loading<Arc<Vec<Mention>>> {
        self.ready().map(|parts| parts.tables.mentions(stream)).unwrap_or_default()
    }

    /// A value that was left unread because it is large, as far as it was asked for.
    #[must_use]
    pub fn large(&self, place: &ValuePlace) -> Large {
        self.ready().map(|parts| parts.tables.large(place)).unwrap_or_default()
    }

    /// Has a large value read. One is kept at a time.
    pub fn load(&mut self, place: ValuePlace) {
        if let Some(parts) = self.ready() {
            parts.tables.load(place);
        }
    }

    fn readable(&self, order: &TableOrder) -> Option<&Tables> {
        self.ready().filter(|_| self.may_read(&order.table)).map(|parts| &parts.tables)
    }
}

/// The mapping, for a person who edits it.
impl Session {
    /// What the file could be.
    #[must_use]
    pub fn guesses(&self) -> Loading<Arc<Guesses>> {
        let chosen = self.request.edited.is_some() || self.request.profile.is_some();
        self.ready().map(|parts| parts.mappings.guesses(chosen)).unwrap_or_default()
    }

    /// One table read as events, however little it looks like them.
    #[must_use]
    pub fn table_as_events(&self, table: &str) -> Loading<Arc<Detection>> {
        self.ready().map(|parts| parts.mappings.table(table)).unwrap_or_default()
    }

    /// The columns of a table or a join, each with a value that stands in it.
    #[must_use]
    pub fn columns_of(&self, from: &str) -> Loading<Arc<[ColumnSample]>> {
        self.ready().map(|parts| parts.mappings.columns(from)).unwrap_or_default()
    }

    /// What a mapping would make of the file. The previous mapping's answer stands in until it is known.
    #[must_use]
    pub fn try_mapping(&self, events: &Mapping, snapshots: Option<&SnapshotMapping>) -> Loading<Arc<MappingTrial>> {
        self.ready().map(|parts| parts.mappings.trial(events, snapshots)).unwrap_or_default()
    }
}

/// Reducers and writing.
impl Session {
    /// Which reducers fold the streams.
    #[must_use]
    pub fn reducers(&self) -> ReducersInfo {
        self.parts.as_ref().map(|parts| parts.histories.info()).unwrap_or_default()
    }

    /// Replays with the reducers of this file, or with those found beside the database, or with the guess.
    pub fn set_reducers(&mut self, path: Option<PathBuf>) {
        self.request.reducers = path;
        if let (Some(parts), Status::Ready) = (&mut self.parts, &self.status) {
            parts.histories.read_reducers(&self.request.path, self.request.reducers.clone());
        }
    }

    /// What writing a draft would do.
    #[must_use]
    pub fn preview(&self, draft: &Draft) -> Loading<Arc<Preview>> {
        self.ready().map(|parts| parts.histories.preview(draft)).unwrap_or_default()
    }

    /// Writes a draft, where the stream is as expected. The answer comes as a [`Notice`].
    pub fn append(&mut self, draft: Draft, expected: ExpectedVersion) {
        self.written += 1;
        if let Some(parts) = &self.parts {
            parts.write.ask(WriteJob { number: self.written, draft, expected });
        }
    }
}

/// Looking after the whole store.
impl Session {
    /// Begins a piece of work on the whole store. The answer comes as [`Notice::Done`] or [`Notice::TaskFailed`].
    pub fn begin(&mut self, task: Task) {
        if let Some(parts) = self.ready() {
            parts.upkeep.ask(task);
        }
    }
}

/// The files that a session made go with it.
impl Drop for Session {
    fn drop(&mut self) {
        self.origin.close();
    }
}

/// Taking in answers.
impl Session {
    fn take(&mut self, answer: Answer, notices: &mut Vec<Notice>) {
        let Some(parts) = &mut self.parts else { return };
        match answer {
            Answer::Opened(generation, opened) => {
                if generation == parts.open.generation() {
                    notices.extend(opened.iter().flat_map(|opened| opened.broken.clone()).map(Notice::ProfileFailed));
                    notices.extend(self.take_opened(opened));
                }
            }
            Answer::Table(answer) => {
                let complete = matches!(answer, TableAnswer::Complete { .. });
                parts.table.take(answer);
                if let Some(matches) = parts.table.matches().filter(|_| complete) {
                    parts.facts.ask_histogram(Some(matches));
                }
            }
            Answer::Fact(generation, answer) => self.take_fact(generation, answer, notices),
            Answer::Detail(answer) => parts.details.take(answer),
            Answer::Tables(answer) => self.take_table(answer),
            Answer::Mapping(answer) => parts.mappings.take(answer),
            Answer::Prospect(generation, prospect) => parts.prospects.take(generation, prospect),
            Answer::Replayed(generation, answer) => {
                let other_reducers = matches!(answer, Replayed::Reducers(..));
                notices.extend(parts.histories.take(generation, answer));
                if other_reducers {
                    parts.records.age();
                }
            }
            Answer::Records(generation, stream, records) => parts.records.take(generation, stream, records),
            Answer::Kept(task, done) => notices.push(self.take_kept(*task, done)),
            Answer::Agreement(generation, kind, agreement) => {
                notices.extend(parts.histories.take_agreement(generation, kind, agreement));
            }
            Answer::Written(draft, written) => notices.push(self.take_written(*draft, written)),
            Answer::Grown(Ok(growth)) => notices.extend(self.take_growth(growth)),
            Answer::Stands(standing) => {
                self.standing = standing;
                notices.push(Notice::Stands);
            }
            Answer::Grown(Err(error)) => notices.push(Notice::WorkFailed(Arc::new(error))),
        }
    }
}
