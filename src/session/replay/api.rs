//! What a session answers about the history of a stream, and which reducers it folds with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::event::{StreamName, Version};
use crate::model::ReducerCommand;
use crate::session::{History, Loading, ReducersInfo, Session, StateAt, Status, StreamRecords};

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
}
