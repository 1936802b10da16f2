//! What is known of the whole database: its profile, its counts, its tables.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::event::Timestamp;
use crate::model::ReducerCommand;
use crate::profile::Profile;

use crate::profile::Role;
use crate::session::{Checkpoint, Confidence, Count, Mode, Slice, TableColumn};

/// What a session is to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenRequest {
    /// The database.
    pub path: PathBuf,
    /// A built-in profile's name, or the path of a profile's TOML file; detected where there is none.
    pub profile: Option<String>,
    /// The reducers to replay with; looked for beside the database where there are none.
    pub reducers: Option<PathBuf>,
    /// The command of the application's own code, which folds in place of rules.
    pub command: Option<ReducerCommand>,
    /// The folder with the user's own profiles; without it there are only the built-in ones.
    pub profiles: Option<PathBuf>,
    /// A profile that was edited and is not in any file; it goes before `profile`.
    pub edited: Option<Arc<Profile>>,
    /// The way in which it is read.
    pub mode: Mode,
}

/// How far the opening of the database got.
#[derive(Clone, Debug, Default)]
pub enum Status {
    /// A worker opens the file.
    #[default]
    Opening,
    /// The file is open; it may hold plain tables only.
    Ready,
    /// The file could not be opened.
    Failed(Arc<Error>),
}

/// What is known of the whole database.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The file.
    pub path: PathBuf,
    /// The file's name without its folder.
    pub file_name: String,
    /// The profile's title for people, such as "Emmett for SQLite"; "Plain tables" where no profile fits.
    pub profile_title: String,
    /// The profile's name; empty where no profile fits.
    pub profile_name: String,
    /// How sure the detection is.
    pub confidence: Confidence,
    /// Why it is: a sentence.
    pub reason: String,
    /// How many events there are.
    pub events: Count,
    /// How many streams there are.
    pub streams: Count,
    /// Each event type that was seen with the number of its events, most frequent first.
    pub event_types: Vec<(Arc<str>, u64)>,
    /// The oldest recorded moment.
    pub first: Option<Timestamp>,
    /// The newest recorded moment.
    pub last: Option<Timestamp>,
    /// The tables and views of the file.
    pub tables: Vec<TableEntry>,
    /// How far the readers of the events have come, as the tables of checkpoints say.
    pub checkpoints: Arc<Vec<Checkpoint>>,
    /// Whether events have moments.
    pub timed: bool,
    /// Whether events can be appended by hand, or why not.
    pub can_append: Result<(), String>,
    /// The way in which it is read.
    pub mode: Mode,
    /// What this way leaves out or has mended, in sentences.
    pub notes: Vec<String>,
    /// When the copy was made that is read.
    pub taken: Option<DateTime<Utc>>,
    /// What it is a slice of, where it was gathered from a server.
    pub slice: Option<Slice>,
}

impl Overview {
    /// The overview after the file was opened again: what was counted stands until it is counted anew.
    pub(in crate::session) fn renewed(self, opened: Self) -> Self {
        if opened.profile_name != self.profile_name {
            return opened;
        }
        let so_far = |count: Count| Count { complete: false, ..count };
        Self {
            events: so_far(self.events),
            streams: so_far(self.streams),
            event_types: self.event_types,
            first: self.first,
            last: self.last,
            checkpoints: self.checkpoints,
            ..opened
        }
    }

    /// Whether a profile fits, so that there are events to show.
    #[must_use]
    pub fn has_events(&self) -> bool {
        !self.profile_name.is_empty()
    }
}

/// A table or view of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableEntry {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it is a view.
    pub is_view: bool,
    /// What it is to the profile; without a role it is no part of the event store.
    pub role: Option<Role>,
    /// The same in words: "snapshots", "read model of order".
    pub about: Option<Arc<str>>,
    /// Its columns.
    pub columns: Arc<[TableColumn]>,
    /// How many rows it has, once counted.
    pub rows: Option<u64>,
}
