//! What workers send back to the session.

use std::sync::Arc;

use super::asking::question::{AskKey, MoreFindings};
use super::details::DetailAnswer;
use super::event_table::EventTableAnswer;
use super::maintenance::import_preview::ImportPreview;
use super::mapping::MappingAnswer;
use super::opening::Opened;
use super::opening::watcher::FileAnswer;
use super::replay::replayer::Replayed;
use super::statistics::StatisticsAnswer;
use super::tables::TablesAnswer;
use super::{Agreement, BranchOutcome, Done, Draft, StreamRecords, Task};
use crate::error::Result;
use crate::event::{Event, StreamName};
use crate::insight::TypeRules;
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
    /// Something about a table of the file.
    Tables(TablesAnswer),
    /// Something for the mapping dialog.
    Mapping(MappingAnswer),
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
    /// The rules that were looked for.
    Known(u64, Result<Vec<TypeRules>>),
    /// A draft was written, or not.
    Written(Box<Draft>, Result<Box<Event>>),
    /// What is kept of a stream beside its events.
    Records(u64, StreamName, Result<Arc<StreamRecords>>),
    /// A piece of work on the whole store is done, or not.
    Maintained(Box<Task>, Result<Box<Done>>),
    /// Something happened to the file.
    File(FileAnswer),
}
