//! A folder as one data set: where a library spreads its events over files, they are gathered in a temporary database
//! in the order that the profile gives, and that is read like any other. While the files grow, so does it.
//!
//! A view over attached files would need no second place on the disk, but SQLite attaches 125 files at most
//! (<https://www.sqlite.org/limits.html>), and libraries make one for each run of a job.
//!
//! The gathered table has the columns of the files' tables and one more, [`FILE`], which says where a row came from. Its
//! rowid is the place in the data set: the files number their rows each for itself.

mod find;
mod gather;
mod member;
mod poll;
mod shard;
mod table;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::profile::{Field, Profile};

use super::copy::{self, Report};
use super::mode::Mode;
use super::temporary::Temporary;

pub(super) use find::{DataSet, find};
pub(super) use gather::Caught;
use gather::Gathering;

/// The column that says from which file a row came.
pub(super) const FILE: &str = "file";

/// The gathered files.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The database that they are gathered in.
    pub(super) database: Temporary,
    gathering: Mutex<Gathering>,
}

impl Gathered {
    /// Reads all files of a data set, with what there is to say of them.
    pub(super) fn new(set: DataSet, mode: Mode, on: &mut Report<'_>) -> Result<(Self, Vec<String>)> {
        let folder = copy::folder()?;
        let file = folder.path().join("gathered.db");
        let mut gathering = Gathering::new(&file, set, mode)?;
        gathering.catch_up(on)?;
        gathering.settle()?;
        let notes = gathering.notes();
        Ok((Self { database: Temporary::new(file, folder), gathering: Mutex::new(gathering) }, notes))
    }

    /// Takes in what was added to the files.
    pub(super) fn catch_up(&self) -> Result<Caught> {
        self.gathering().catch_up(&mut |_| std::ops::ControlFlow::Continue(()))
    }

    /// Whether the files are others than when they were gathered.
    pub(super) fn is_changed(&self) -> bool {
        self.gathering().is_changed()
    }

    /// What was gathered, as a sentence.
    pub(super) fn in_words(&self) -> String {
        let gathering = self.gathering();
        let (title, folder) = (&gathering.profile().title, gathering.folder().display());
        match gathering.files() {
            1 => format!("1 file of {folder} fits {title}."),
            files => format!("{files} files of {folder} fit {title} and are read as one."),
        }
    }

    /// The profile as it holds for what was gathered.
    pub(super) fn profile(&self) -> Profile {
        let gathering = self.gathering();
        adapted(gathering.profile(), gathering.row_name())
    }

    fn gathering(&self) -> MutexGuard<'_, Gathering> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The positions of the files start anew in each of them, and nothing is written to what is only gathered.
fn adapted(profile: &Arc<Profile>, row_name: &str) -> Profile {
    let mut profile = Profile::clone(profile);
    profile.events.position = Some(Field::new(row_name));
    profile.events.order.clear();
    profile.append = None;
    profile
}
