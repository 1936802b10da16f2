//! What a session tells the window when it is polled, and what its workers are busy with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Error;
use crate::event::{ExpectedVersion, Position, StreamName, Version};
use crate::insight::TypeRules;
use crate::model::ReducerCommand;
use crate::replay::{Reducers, WrittenRule};

use super::{Done, LibraryState, Task};

/// Something that happened since the last poll.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The file is open.
    Opened,
    /// The file could not be opened.
    Failed(Arc<Error>),
    /// An event of ours was written.
    Appended {
        /// The stream that it went to.
        stream: StreamName,
        /// The version that it got.
        version: Version,
        /// The position that it got.
        position: Position,
    },
    /// The stream was not at the expected version; nothing was written.
    Conflict {
        /// The stream that was to be written to.
        stream: StreamName,
        /// What was expected.
        expected: ExpectedVersion,
        /// The stream's last version; `None` where it has no event.
        actual: Option<Version>,
    },
    /// The event could not be written.
    AppendFailed(Arc<Error>),
    /// A piece of work on the whole store is done.
    Done(Done),
    /// A piece of work on the whole store failed, or was stopped.
    TaskFailed(Task, Arc<Error>),
    /// The file holds other events than before: somebody wrote to it, or it was read anew.
    Changed,
    /// The file is not what it was, or is so again: see [`super::Session::file_status`].
    FileStatus,
    /// The reducers could not be used; the guess stands in for them.
    ReducersFailed(Arc<Error>),
    /// Better rules were found than those that are used: see [`super::Session::offered_rules`].
    RulesFound,
    /// Rules were saved in this file, and are used from now on.
    RulesSaved(PathBuf),
    /// Rules could not be saved.
    RulesNotSaved(Arc<Error>),
    /// A profile of the user's own could not be read; it is as if it were not there.
    ProfileFailed(Arc<Error>),
    /// A worker failed at something that no panel asked for by name, such as the scan for a filter.
    WorkFailed(Arc<Error>),
}

/// Names one piece of long work, for stopping it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// A long piece of work that is going on.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// Its name for [`super::Session::stop`].
    pub id: JobId,
    /// What it does, such as "Filtering events".
    pub title: String,
    /// How far it is, from 0 to 1, where that is known.
    pub progress: Option<f32>,
    /// How many events it reads in a second, where that is known.
    pub rate: Option<f64>,
}

/// Which reducers fold the streams, and where they come from.
#[derive(Clone, Debug, Default)]
pub struct ReducersInfo {
    /// What to call them: "your rules", "library: ADK's `state_delta`", "guess: merge patch".
    pub label: String,
    /// What the library says that the state is, where the rules are its own.
    pub library: Option<LibraryState>,
    /// Whether they are a guess.
    pub guess: bool,
    /// The command whose process folds in their place.
    pub command: Option<ReducerCommand>,
    /// The file that they come from, or that failed.
    pub path: Option<PathBuf>,
    /// Why that file could not be used.
    pub error: Option<Arc<Error>>,
    /// The rules that were learnt or are suggested, where they are used.
    pub rules: Option<Arc<TypeRules>>,
    /// The rules as they are written; none where the application's own code folds.
    pub written: Option<Reducers>,
}

impl ReducersInfo {
    /// The rule that stands for an event type, as it is written.
    #[must_use]
    pub fn rule(&self, aggregate_type: &str, event_type: &str) -> Option<WrittenRule> {
        self.written.as_ref()?.written(aggregate_type, event_type)
    }
}
