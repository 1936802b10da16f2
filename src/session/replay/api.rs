//! What a session answers about the history of a stream, and which reducers it folds with.

use std::path::PathBuf;
use std::sync::Arc;

use super::sheet::SheetJob;
use crate::error::Result;
use crate::event::{StreamName, Version};
use crate::model::{ReducerCommand, RuleEdits};
use crate::replay::Apart;
use crate::session::{
    Corrections, History, Loading, Notice, Proposals, ReducersInfo, RuleSheet, Session, StateAt, Status, StreamRecords,
    Trial, TrialOutcome,
};

impl Session {
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

    /// Which reducers fold the streams of an aggregate type.
    #[must_use]
    pub fn reducers(&self, aggregate_type: &str) -> ReducersInfo {
        self.parts.as_ref().map(|parts| parts.histories.info(aggregate_type)).unwrap_or_default()
    }

    /// Where the state of an aggregate type would come from by better rules that were found: "learnt: agrees with 112 of
    /// 112 snapshots". `None` where there are none, or they are in use.
    #[must_use]
    pub fn offered_rules(&self, aggregate_type: &str) -> Option<String> {
        self.parts.as_ref()?.histories.offered(aggregate_type)
    }

    /// Whether better rules were found than those in use.
    #[must_use]
    pub fn offers_rules(&self) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.histories.offers())
    }

    /// Folds by the rules that were found.
    pub fn use_found_rules(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.histories.use_found();
        }
    }

    /// Whether the streams are folded with rules of the user's.
    #[must_use]
    pub fn has_own_reducers(&self) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.histories.has_own_reducers())
    }

    /// Replays with the reducers of this file, or with those found beside the database, with those of its library, or
    /// with the guess. The application's own code is ended.
    pub fn set_reducers(&mut self, path: Option<PathBuf>) {
        self.request.reducers = path;
        self.run_reducer(None);
    }

    /// The file that the reducers are in, or would be.
    #[must_use]
    pub fn reducers_file(&self) -> PathBuf {
        super::reducers::file_of(&self.request.path, self.request.reducers.as_deref())
    }

    /// Reads the reducers anew from where they come from.
    pub fn reread_reducers(&mut self) {
        if let (Some(parts), Status::Ready) = (&mut self.parts, &self.status) {
            parts.histories.read_reducers(&self.request);
        }
    }

    /// Runs a command whose process folds the streams in place of rules; `None` ends the one that runs.
    pub fn run_reducer(&mut self, command: Option<ReducerCommand>) {
        self.request.command = command;
        if let (Some(parts), Status::Ready) = (&mut self.parts, &self.status) {
            parts.histories.restart_application();
            parts.histories.read_reducers(&self.request);
        }
    }

    /// What the application's own code said on its standard error last.
    #[must_use]
    pub fn reducer_said(&self) -> Vec<Arc<str>> {
        self.parts.as_ref().map(|parts| parts.histories.said()).unwrap_or_default()
    }

    /// What there is to know for whoever edits the rules of an aggregate type.
    #[must_use]
    pub fn rule_sheet(&self, aggregate_type: &str, stream: Option<&StreamName>) -> Loading<Arc<RuleSheet>> {
        let Some(parts) = self.ready() else { return Loading::Missing };
        parts.workshop.sheet(SheetJob {
            aggregate_type: aggregate_type.to_owned(),
            stream: stream.filter(|stream| stream.aggregate_type == aggregate_type).cloned(),
            request: self.request.clone(),
            reducers: parts.histories.reducers().clone(),
        })
    }

    /// How a step of a stream comes out by edited rules; by those in use where nothing is edited.
    #[must_use]
    pub fn try_rules(&self, trial: &Trial, sheet: &RuleSheet) -> Loading<Arc<TrialOutcome>> {
        let Some(parts) = self.ready() else { return Loading::Missing };
        parts.workshop.trial(trial, sheet, parts.histories.reducers())
    }

    /// What the events of a stream up to a version say for themselves: what their rules do not read.
    #[must_use]
    pub fn apart(&self, stream: &StreamName, version: Version) -> Loading<Arc<Apart>> {
        let Some(parts) = self.ready() else { return Loading::Missing };
        parts.aparts.of(stream, version, &parts.histories.reducers().reducers)
    }

    /// The rules that make a state as a person says, the best first.
    #[must_use]
    pub fn by_example(&self, corrections: &Corrections, sheet: &RuleSheet) -> Loading<Arc<Proposals>> {
        let Some(parts) = self.ready() else { return Loading::Missing };
        parts.examples.of(corrections, &sheet.text, parts.histories.reducers())
    }

    /// Saves edited rules, and folds by them once they are: see [`Notice::RulesSaved`].
    pub fn save_rules(&mut self, edits: RuleEdits, sheet: &RuleSheet) {
        if let Some(parts) = self.ready() {
            parts.workshop.save(edits, sheet);
        }
    }

    /// Rules were saved, or not. They are a person's own: they are used from now on.
    pub(in crate::session) fn take_saved_rules(&mut self, saved: Result<PathBuf>) -> Notice {
        match saved {
            Ok(path) => {
                if let (Some(parts), Status::Ready) = (&mut self.parts, &self.status) {
                    parts.histories.read_reducers(&self.request);
                }
                Notice::RulesSaved(path)
            }
            Err(error) => Notice::RulesNotSaved(Arc::new(error)),
        }
    }
}
