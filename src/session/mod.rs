//! An open database: workers, caches and jobs in flight.
//!
//! Everything here answers at once with what it has and asks a worker for what it lacks. Asks take `&self` and may be
//! repeated in every frame; changes take `&mut self`. A worker that has something new calls the `wake` it was given,
//! after which [`Session::poll`] takes it in.
//!
//! | folder | what it serves |
//! | --- | --- |
//! | `opening` | the file: opening it, what is known of the whole, following it, taking in what changed |
//! | `event_table` | the rows of the event table, under its filter and in its order |
//! | `statistics` | what is counted: events, streams, types, events over time |
//! | `details` | single events, and what they are tied to |
//! | `tables` | the tables of the file as they are |
//! | `asking` | questions to the history of a stream: every value of a place, where watches are met |
//! | `replay` | histories, states, what drafts would do, reducers, stored snapshots |
//! | `writing` | appending by hand |
//! | `mapping` | guesses, and the preview of an edited mapping |
//! | `maintenance` | work on a whole store: verify, back up, import, export, archive |
//! | `workers` | what all of these are made of: worker threads, running jobs, kept answers |
//!
//! What a session answers about each is in its `api`; what workers send back is an `answer`, and `dispatch` hands it to
//! the part that asked.

mod answer;
mod asking;
mod details;
mod dispatch;
mod event_table;
mod maintenance;
mod mapping;
mod notice;
mod opening;
mod replay;
mod statistics;
mod tables;
mod workers;
mod writing;

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::error::Result;

pub use crate::filter::Filter;
pub use crate::insight::{Bucket, Finding, Histogram};
pub use crate::profile::Confidence;
pub use crate::replay::probe::{Moment, Truth};
pub use crate::replay::{Blame, Change, Mark, Marks, Outcome, StateAt};
pub use crate::source::{
    Checkpoint, ColumnSample, Definition, Fault, FileStatus, Link, Mention, Mode, Severity, StreamSummary, TableColumn,
    TableOrder, Target, ValuePlace,
};
pub use asking::question::{Findings, Found, Hit, Question, ValueStep, check_condition, standing};
pub use asking::what_if::BranchOutcome;
pub use details::related::{EventRef, Related};
pub use event_table::rows::{EventPlace, EventRow, Query, Rows};
pub use event_table::texts::{one_line, thousands};
pub use maintenance::import_preview::{DatabasePreview, ImportPreview, ImportSource};
pub use maintenance::{
    ArchivePlan, ArchiveSelection, Archived, Done, ImportRequest, Imported, PlannedStream, Task, Verification, Verified,
};
pub use mapping::Guesses;
pub use mapping::preview::{Inside, MappingPreview, PreviewRow};
pub use notice::{JobId, JobView, Notice, ReducersInfo};
pub use opening::NOTHING_FITS;
pub use opening::overview::{OpenRequest, Overview, Status, TableEntry};
pub use replay::history::{Agreement, History};
pub use replay::records::{CommandRecord, SnapshotRecord, StreamRecords};
pub use replay::reducers::{FoundReducers, LibraryState, ReducersOrigin, beside};
pub use statistics::streams::{StreamGroup, StreamList};
pub use tables::text as stored_text;
pub use tables::{LOADING, Large, LargeDocument, LargeValue, TableCell, TableField, TablePage, TableRecord};
pub use workers::loading::{Count, Loading};
pub use workers::read_ahead::read_ahead;
pub use writing::draft::{Draft, Preview};

use answer::Answer;
use asking::Asking;
use asking::what_if::Branches;
use details::Details;
use event_table::EventTable;
use maintenance::import_preview::ImportPreviews;
use mapping::Mappings;
use opening::watcher::Watcher;
use replay::histories::Histories;
use replay::records::Records;
use statistics::StoreStatistics;
use tables::Tables;
use workers::jobs::Jobs;
use workers::outbox::Outbox;
use workers::reader::Origin;
use workers::worker::Worker;
use writing::WriteJob;

/// Tells the window that there is something to take in. Called from any thread, once per batch.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// An open database.
pub struct Session {
    request: OpenRequest,
    status: Status,
    inbox: Receiver<Answer>,
    jobs: Jobs,
    outbox: Outbox<Answer>,
    origin: Origin,
    /// The workers; none where the system gives us no threads, which [`Status::Failed`] says.
    parts: Option<Parts>,
    overview: Option<Overview>,
    file_status: FileStatus,
    /// How many drafts were handed to the writer.
    written: u64,
}

/// The workers with what they found.
struct Parts {
    open: Worker<OpenRequest>,
    write: Worker<WriteJob>,
    event_table: EventTable,
    statistics: StoreStatistics,
    details: Details,
    tables: Tables,
    histories: Histories,
    records: Records,
    asking: Asking,
    branches: Branches,
    maintenance: Worker<Task>,
    mappings: Mappings,
    import_previews: ImportPreviews,
    watcher: Option<Watcher>,
}

impl Parts {
    fn start(origin: &Origin, outbox: &Outbox<Answer>, jobs: &Jobs) -> Result<Self> {
        Ok(Self {
            open: opening::start(origin, &outbox.of(|(generation, answer)| Answer::Opened(generation, answer)), jobs)?,
            write: writing::start(origin, &outbox.of(|(draft, written)| Answer::Written(draft, written)))?,
            event_table: EventTable::start(origin, &outbox.of(Answer::EventTable), jobs)?,
            statistics: StoreStatistics::start(
                origin,
                &outbox.of(|(generation, answer)| Answer::Statistics(generation, answer)),
                jobs,
            )?,
            details: Details::start(origin, &outbox.of(Answer::Detail))?,
            tables: Tables::start(origin, &outbox.of(Answer::Tables), jobs)?,
            histories: Histories::start(
                origin,
                &outbox.of(|(generation, answer)| Answer::Replayed(generation, answer)),
                &outbox.of(|(generation, aggregate_type, agreement)| {
                    Answer::Agreement(generation, aggregate_type, agreement)
                }),
                &outbox.of(|(generation, found)| Answer::Known(generation, found)),
                jobs,
            )?,
            records: Records::start(
                origin,
                &outbox.of(|(generation, stream, records)| Answer::Records(generation, stream, records)),
            )?,
            asking: Asking::start(
                origin,
                &outbox.of(|(generation, key, more)| Answer::Asked(generation, key, more)),
                jobs,
            )?,
            branches: Branches::start(
                origin,
                &outbox.of(|(generation, branch, outcome)| Answer::Branch(generation, Box::new(branch), outcome)),
                jobs,
            )?,
            maintenance: maintenance::start(origin, &outbox.of(|(task, done)| Answer::Maintained(task, done)), jobs)?,
            mappings: Mappings::start(origin, &outbox.of(Answer::Mapping))?,
            import_previews: ImportPreviews::start(
                &outbox.of(|(generation, answer)| Answer::ImportPreview(generation, answer)),
            )?,
            watcher: None,
        })
    }
}

impl Session {
    /// The parts, once there is a file to ask.
    fn ready(&self) -> Option<&Parts> {
        self.parts.as_ref().filter(|_| matches!(self.status, Status::Ready))
    }
}
