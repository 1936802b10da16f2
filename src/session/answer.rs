//! What workers send back to the session.

use std::sync::Arc;

use super::asking::checking::Violations;
use super::asking::comparing::CompareAnswer;
use super::asking::drifting::DriftedSnapshots;
use super::asking::question::{AskKey, MoreFindings};
use super::asking::survey::SurveyAnswer;
use super::details::DetailAnswer;
use super::details::sought::SoughtAnswer;
use super::event_table::EventTableAnswer;
use super::maintenance::export_preview::ExportPreviewAnswer;
use super::maintenance::import_preview::ImportPreview;
use super::mapping::MappingAnswer;
use super::opening::Opened;
use super::opening::watcher::FileAnswer;
use super::replay::replayer::Replayed;
use super::replay::workshop::Worked;
use super::statistics::StatisticsAnswer;
use super::tables::TablesAnswer;
use super::understanding::auditing::AuditReport;
use super::understanding::causes::CausesAnswer;
use super::understanding::extent::StoreExtent;
use super::understanding::fitting::FitAnswer;
use super::understanding::schemas::InferredSchemas;
use super::{Agreement, BranchOutcome, Done, Draft, StreamRecords, Task};
use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::insight::{Corrections, Proposals, TypeRules};
use crate::replay::Apart;
use crate::replay::branch::Branch;

/// What a worker found. Where there is a generation, the answer is dropped unless its question still stands.
pub(super) enum Answer {
    /// The file is open, or not.
    Opened(u64, Result<Box<Opened>>),
    /// Something about the rows of the event table.
    EventTable(EventTableAnswer),
    /// Something about the whole database.
    Statistics(u64, StatisticsAnswer),
    /// One event, or what it is tied to.
    Detail(DetailAnswer),
    /// More events that a person looks for.
    Sought(SoughtAnswer),
    /// Something about a table of the file.
    Tables(TablesAnswer),
    /// Something for the mapping dialog.
    Mapping(MappingAnswer),
    /// How an export begins.
    ExportPreview(ExportPreviewAnswer),
    /// What an import would read.
    ImportPreview(u64, Result<Arc<ImportPreview>>),
    /// Something about the history of a stream.
    Replayed(u64, Replayed),
    /// How far the reducers agree with the snapshots of an aggregate type.
    Agreement(u64, String, Result<Option<Agreement>>),
    /// More findings to a question.
    Asked(u64, AskKey, Result<MoreFindings>),
    /// What a branch comes to.
    Branch(u64, Box<Branch>, Result<Arc<BranchOutcome>>),
    /// What differs between two states.
    Compared(CompareAnswer),
    /// More of what came of holding the store against invariants.
    Checked(SurveyAnswer<Violations>),
    /// More of what came of holding the snapshots against the replay.
    Drifted(SurveyAnswer<DriftedSnapshots>),
    /// More of how much of what there is.
    Counted(SurveyAnswer<StoreExtent>),
    /// More of what the data of each event type looks like.
    Inferred(SurveyAnswer<InferredSchemas>),
    /// How events caused one another.
    Causes(CausesAnswer),
    /// How a document fits what was seen.
    Fit(FitAnswer),
    /// More of what is wrong.
    Audited(SurveyAnswer<AuditReport>),
    /// The rules that were looked for.
    Known(u64, Result<Vec<TypeRules>>),
    /// Something about rules that are edited.
    Worked(Worked),
    /// The rules that a person means.
    Examples(u64, Box<Corrections>, Result<Arc<Proposals>>),
    /// What the events of a stream say for themselves, up to a version.
    Apart(u64, (StreamName, Version), Result<Arc<Apart>>),
    /// A draft was written, or not.
    Written(Box<Draft>, Result<Box<Event>>),
    /// What is kept of a stream beside its events.
    Records(u64, StreamName, Result<Arc<StreamRecords>>),
    /// A piece of work on the whole store is done, or not.
    Maintained(Box<Task>, Result<Box<Done>>),
    /// Something happened to the file.
    File(FileAnswer),
}
