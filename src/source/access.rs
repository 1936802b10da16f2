//! How a database is reached: which way of reading, which file is really read, what it leaves out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::beside::Beside;
use super::connect::OnLock;
use super::folder::{DataSet, Gathered};
use super::identity::FileStamp;
use super::mode::Mode;
use super::temporary::Temporary;
use super::{connect, copy, wal};
use crate::error::{Error, Result};

/// What is known of an open file besides its content.
#[derive(Debug)]
pub(super) struct Access {
    /// The file that a person named, with its full path.
    pub(super) path: PathBuf,
    pub(super) mode: Mode,
    /// What is left out or was mended, in sentences.
    pub(super) notes: Vec<String>,
    /// When the copy was made.
    pub(super) taken: Option<DateTime<Utc>>,
    /// What the file and its log were like when they were opened.
    pub(super) before: Surroundings,
    /// What is read in place of what was named.
    stand_in: StandIn,
    /// What goes when the last connection is closed, where connections are made to the file itself.
    beside: Option<Beside>,
}

/// What is read in place of what a person named.
#[derive(Debug)]
enum StandIn {
    /// Nothing: the file itself.
    None,
    Copy(Temporary),
    /// The files of a folder.
    Folder(Box<Gathered>),
}

/// A file and what SQLite keeps its newest content in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Surroundings {
    pub(super) file: FileStamp,
    log: Option<FileStamp>,
}

impl Surroundings {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        // An empty log says nothing, and comes and goes with every reader.
        let log = FileStamp::of(&wal::beside(path, "-wal")).ok().filter(|log| log.len > 0);
        Ok(Self { file: FileStamp::of(path)?, log })
    }

    /// Whether nothing was written for so long.
    pub(super) fn is_older_than(&self, age: Duration) -> bool {
        [Some(&self.file), self.log.as_ref()].into_iter().flatten().all(|state| state.is_older_than(age))
    }
}

impl Access {
    /// Reaches a file in a way, with the first connection to it.
    pub(super) fn open(path: PathBuf, mode: Mode, on: &mut copy::Report<'_>) -> Result<(Self, Connection)> {
        let mut access = Self::new(path, mode)?;
        match mode {
            Mode::Live => access.beside = Some(Beside::before(&access.path)),
            Mode::Frozen => access.notes = ignored(&access.path),
            Mode::Copy => {
                let copied = copy::take(&access.path, on)?;
                (access.notes, access.taken) = (copied.notes, Some(Utc::now()));
                access.stand_in = StandIn::Copy(copied.file);
            }
        }
        let conn = access.connect(None)?;
        Ok((access, conn))
    }

    /// Reaches the files of a folder, with the first connection to what they are gathered in.
    pub(super) fn open_folder(
        path: PathBuf,
        set: DataSet,
        mode: Mode,
        on: &mut copy::Report<'_>,
    ) -> Result<(Self, Connection)> {
        let mut access = Self::new(path, mode)?;
        access.taken = (mode == Mode::Copy).then(Utc::now);
        let (gathered, notes) = Gathered::new(set, mode, on)?;
        (access.notes, access.stand_in) = (notes, StandIn::Folder(Box::new(gathered)));
        let conn = access.connect(None)?;
        Ok((access, conn))
    }

    fn new(path: PathBuf, mode: Mode) -> Result<Self> {
        let before = Surroundings::of(&path).map_err(|error| Error::from(error).context(path.display()))?;
        Ok(Self { path, mode, notes: Vec::new(), taken: None, before, stand_in: StandIn::None, beside: None })
    }

    /// One more connection.
    pub(super) fn connect(&self, on_lock: Option<OnLock>) -> Result<Connection> {
        match (&self.stand_in, self.mode) {
            (StandIn::Folder(gathered), _) => connect::live(&gathered.database.file, on_lock),
            (StandIn::Copy(copy), _) => connect::frozen(&copy.file),
            (StandIn::None, Mode::Frozen) => connect::frozen(&self.path),
            (StandIn::None, _) => connect::live(&self.path, on_lock),
        }
    }

    /// The files that were gathered, where it is a folder.
    pub(super) fn gathered(&self) -> Option<&Gathered> {
        match &self.stand_in {
            StandIn::Folder(gathered) => Some(gathered),
            StandIn::None | StandIn::Copy(_) => None,
        }
    }

    /// Whether the path still names the file that was opened. What stands in for it is on its own.
    pub(super) fn check_same(&self) -> Result<()> {
        let replaced =
            || Error::not_found(format!("{} is another file than the one that was opened", self.path.display()));
        if !matches!(self.stand_in, StandIn::None) {
            return Ok(());
        }
        let now = FileStamp::of(&self.path).map_err(|error| Error::from(error).context(self.path.display()))?;
        if now.is_same_file(&self.before.file) { Ok(()) } else { Err(replaced().with_hint("Reopen it.")) }
    }

    /// The file was written to.
    pub(super) fn wrote(&self) {
        self.beside.iter().for_each(Beside::wrote);
    }

    /// Removes the temporary file, where there is one.
    pub(super) fn discard(&self) {
        match &self.stand_in {
            StandIn::None => {}
            StandIn::Copy(copy) => copy.remove(),
            StandIn::Folder(gathered) => gathered.database.remove(),
        }
    }
}

/// What a frozen file does not show, in sentences.
fn ignored(path: &Path) -> Vec<String> {
    let name = |suffix: &str| {
        let beside = wal::beside(path, suffix);
        beside.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let mut notes = Vec::new();
    match wal::unseen_pages(path) {
        Ok(0) => {}
        Ok(1) => notes.push(format!("1 page of {} is not shown.", name("-wal"))),
        Ok(pages) => notes.push(format!("{pages} pages of {} are not shown.", name("-wal"))),
        Err(error) => notes.push(format!("{} could not be read, and is not shown: {error}.", name("-wal"))),
    }
    if wal::has_journal(path) {
        notes.push(format!(
            "{} holds a transaction that was not finished: a part of it may be shown as if it was.",
            name("-journal")
        ));
    }
    notes
}
