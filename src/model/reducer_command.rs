//! The command that runs an application's own code, which folds its streams.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A command line as a shell takes it, and the folder that it runs in. It is only ever run because a person said so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReducerCommand {
    /// The command line.
    pub line: String,
    /// The folder; that of this program where there is none.
    pub folder: Option<PathBuf>,
}
