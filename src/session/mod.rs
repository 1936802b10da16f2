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
//! | `understanding` | what is in the whole store, and what is wrong with it |
//! | `writing` | appending by hand |
//! | `mapping` | guesses, and the preview of an edited mapping |
//! | `maintenance` | work on a whole store: verify, back up, import, export, archive |
//! | `servers` | a PostgreSQL server whose events are gathered into a file, and followed |
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
#[cfg(feature = "postgres")]
pub mod servers;
mod statistics;
mod tables;
mod understanding;
mod workers;
mod writing;

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::error::Result;

pub use crate::codec::{one_line, visible};
pub use crate::filter::Filter;
pub use crate::insight::{
    Bucket, Corrections, Doubt, Finding, Histogram, Kind, Landmark, Proposal, Proposals, ProposedEffect, StreamChanges,
    Told,
};
pub use crate::profile::Confidence;
pub use crate::replay::probe::{Moment, Truth};
pub use crate::replay::{Blame, Change, Mark, Marks, Outcome, StateAt};
pub use crate::source::{
    Checkpoint, ColumnSample, Definition, Fault, FileStatus, Link, Mention, Mode, Severity, Slice, StreamSummary,
    TableColumn, TableOrder, Target, ValuePlace, wait_until_closed,
};
pub use crate::transfer::{Format as ExportFormat, Notes};
pub use asking::checking::{Checked, Violations};
pub use asking::comparing::{Comparison, Pinned};
pub use asking::drifting::{DriftedSnapshot, DriftedSnapshots, Drifts};
pub use asking::pinned::ComparedState;
pub use asking::question::{Findings, Found, Hit, Question, ValueStep, check_condition, standing};
pub use asking::survey::{Survey, SurveyEnd};
pub use asking::what_if::BranchOutcome;
pub use details::related::{EventRef, Related};
pub use details::seen::{Seen, SeenPath};
pub use details::sought::{Sought, SoughtBy, SoughtEvent};
pub use event_table::row_set::{FilterAnswer, FilterMatches};
pub use event_table::rows::{EventPlace, EventRow, Query, Rows};
pub use event_table::texts::thousands;
pub use maintenance::export_preview::ExportRequest;
pub use maintenance::import_preview::{DatabasePreview, ImportPreview, ImportSource};
pub use maintenance::{
    ArchivePlan, ArchiveSelection, Archived, Done, ImportRequest, Imported, PlannedStream, Task, Verification, Verified,
};
pub use mapping::Guesses;
pub use mapping::preview::{Inside, MappingPreview, PreviewRow};
pub use notice::{JobId, JobView, Notice, ReducersInfo};
pub use opening::NOTHING_FITS;
pub use opening::overview::{OpenRequest, Overview, Status, TableEntry};
pub use replay::examples::BY_EXAMPLE;
pub use replay::history::{Agreement, History};
pub use replay::records::{CommandRecord, SnapshotRecord, StreamRecords};
pub use replay::reducers::{FoundReducers, LibraryState, ReducersOrigin, beside};
pub use replay::sheet::{RuleSheet, SheetField, SheetType};
pub use replay::trial::{ExplainedStep, Trial, TrialOutcome};
pub use statistics::streams::{StreamGroup, StreamList};
pub use tables::text as stored_text;
pub use tables::{LOADING, Large, LargeDocument, LargeValue, TableCell, TableField, TablePage, TableRecord};
#[cfg(feature = "cli")]
pub(crate) use understanding::audit_together::audit_together;
pub use understanding::auditing::{AuditReport, Audited};
pub use understanding::causes::{CauseNode, CauseTree, CausesOf, Lane};
pub use understanding::extent::{Counted, StoreExtent};
pub use understanding::fitting::{Fit, FitOf};
pub use understanding::schemas::{Inferred, InferredSchemas};
pub use workers::count_together::count_together;
pub use workers::export_together::export_together;
#[cfg(feature = "cli")]
pub(crate) use workers::gather_together::gather_together;
pub use workers::loading::{Count, Loading};
pub use workers::read_ahead::{briefs_ahead, fold_ahead, read_ahead};
pub use workers::scan_together::scan_together;
pub use writing::draft::{Draft, Preview};

use answer::Answer;
use asking::Asking;
use asking::checking::Check;
use asking::comparing::Comparisons;
use asking::drifting::CompareSnapshots;
use asking::survey::Surveys;
use asking::what_if::Branches;
use details::Details;
use details::sought::Seeking;
use event_table::EventTable;
use maintenance::export_preview::ExportPreviews;
use maintenance::import_preview::ImportPreviews;
use mapping::Mappings;
use opening::watcher::Watcher;
use replay::aparts::Aparts;
use replay::examples::Examples;
use replay::histories::Histories;
use replay::records::Records;
use replay::workshop::Workshop;
use statistics::StoreStatistics;
use tables::Tables;
use understanding::auditing::AuditStore;
use understanding::causes::Causes;
use understanding::extent::CountExtent;
use understanding::fitting::Fitting;
use understanding::schemas::InferSchemas;
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
    seeking: Seeking,
    tables: Tables,
    histories: Histories,
    workshop: Workshop,
    examples: Examples,
    aparts: Aparts,
    records: Records,
    asking: Asking,
    branches: Branches,
    checking: Surveys<Check>,
    drifting: Surveys<CompareSnapshots>,
    counting: Surveys<CountExtent>,
    inferring: Surveys<InferSchemas>,
    auditing: Surveys<AuditStore>,
    causes: Causes,
    fitting: Fitting,
    comparisons: Comparisons,
    maintenance: Worker<Task>,
    mappings: Mappings,
    import_previews: ImportPreviews,
    export_previews: ExportPreviews,
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
            seeking: Seeking::start(origin, &outbox.of(Answer::Sought), jobs)?,
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
            workshop: Workshop::start(origin, &outbox.of(Answer::Worked), jobs)?,
            examples: Examples::start(
                origin,
                &outbox.of(|(generation, corrections, found)| Answer::Examples(generation, corrections, found)),
                jobs,
            )?,
            aparts: Aparts::start(
                origin,
                &outbox.of(|(generation, place, counted)| Answer::Apart(generation, place, counted)),
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
            comparisons: Comparisons::start(origin, &outbox.of(Answer::Compared), jobs)?,
            checking: Surveys::start(origin, &outbox.of(Answer::Checked), jobs)?,
            drifting: Surveys::start(origin, &outbox.of(Answer::Drifted), jobs)?,
            counting: Surveys::start(origin, &outbox.of(Answer::Counted), jobs)?,
            inferring: Surveys::start(origin, &outbox.of(Answer::Inferred), jobs)?,
            auditing: Surveys::start(origin, &outbox.of(Answer::Audited), jobs)?,
            causes: Causes::start(origin, &outbox.of(Answer::Causes), jobs)?,
            fitting: Fitting::start(origin, &outbox.of(Answer::Fit))?,
            maintenance: maintenance::start(origin, &outbox.of(|(task, done)| Answer::Maintained(task, done)), jobs)?,
            mappings: Mappings::start(origin, &outbox.of(Answer::Mapping))?,
            import_previews: ImportPreviews::start(
                &outbox.of(|(generation, answer)| Answer::ImportPreview(generation, answer)),
            )?,
            export_previews: ExportPreviews::start(origin, &outbox.of(Answer::ExportPreview))?,
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
