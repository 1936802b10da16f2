//! What the program was started with.

use std::path::PathBuf;

use super::answers::Answer;
use super::{App, demo_copy};
use crate::model::{Command, LinkPlace, ReducerCommand, is_server};
use crate::session::{Mode, OpenRequest};

/// What the program was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// The database to open.
    pub file: Option<PathBuf>,
    /// The place to show first; where it was left the last time, or else its newest event, where none is given.
    pub at: Option<LinkPlace>,
    /// The reducers to replay with.
    pub reducers: Option<PathBuf>,
    /// The command of the application's own code, which folds in place of rules.
    pub command: Option<ReducerCommand>,
    /// A built-in profile's name, or the path of a profile's file.
    pub profile: Option<String>,
    /// The folder with the user's own profiles; without it there are only the built-in ones.
    pub profiles: Option<PathBuf>,
    /// The folder of what is gathered from servers; that of the user's cache where none is given.
    #[cfg(feature = "postgres")]
    pub cache: Option<PathBuf>,
    /// The way in which the database is read.
    pub mode: Mode,
    /// Make a fresh copy of the demo and open it.
    pub demo: bool,
}

impl App {
    /// Does what the program was started for.
    pub(super) fn launch(&mut self, launch: Launch) {
        self.in_background("sweep", || {
            demo_copy::sweep();
            Answer::Nothing
        });
        if launch.demo {
            self.carry_out(Command::OpenDemo);
        }
        #[cfg(feature = "postgres")]
        {
            let places = self.places.clone();
            self.in_background("old slices", move || {
                places.delete_old_slices();
                Answer::Nothing
            });
        }
        if let Some(url) = launch.file.as_deref().filter(|file| is_server(file)) {
            self.open_url(url);
        } else if let Some(path) = launch.file {
            let Launch { profile, reducers, command, mode, .. } = launch;
            self.open(OpenRequest { path, profile, reducers, command, mode, ..OpenRequest::default() });
            if let Some(at) = launch.at {
                self.begin_at(at);
            }
        }
    }
}
