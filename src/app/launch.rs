//! What the program was started with.

use std::path::PathBuf;

use super::App;
use crate::event::Version;
use crate::model::Command;
use crate::session::{Mode, OpenRequest};

/// What the program was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// The database to open.
    pub file: Option<PathBuf>,
    /// The stream to show first, as `TYPE/ID` or `ID`, and its version; the last one where there is none.
    pub at: Option<(String, Option<Version>)>,
    /// The reducers to replay with.
    pub reducers: Option<PathBuf>,
    /// A built-in profile's name, or the path of a profile's file.
    pub profile: Option<String>,
    /// The way in which the database is read.
    pub mode: Mode,
    /// Make a fresh copy of the demo and open it.
    pub demo: bool,
}

impl App {
    /// Does what the program was started for.
    pub(super) fn launch(&mut self, launch: Launch) {
        if launch.demo {
            self.carry_out(Command::OpenDemo);
        }
        if let Some(path) = launch.file {
            self.open(OpenRequest { path, profile: launch.profile, reducers: launch.reducers, mode: launch.mode });
            self.sought.stream = launch.at;
        }
    }
}
