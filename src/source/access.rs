//! How a database is reached: which way of reading, which file is really read, what it leaves out.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use tempfile::TempDir;

use super::identity::FileState;
use super::mode::Mode;
use super::{connect, copy, wal};
use crate::error::{Error, Result};

/// How far the copying of a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyProgress {
    /// How many pages are copied.
    pub done: u64,
    /// How many there are.
    pub of: u64,
}

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
    /// What is read in place of the file.
    copy: Option<Temporary>,
}

/// A file and what SQLite keeps its newest content in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Surroundings {
    pub(super) file: FileState,
    log: Option<FileState>,
}

impl Surroundings {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        // An empty log says nothing, and comes and goes with every reader.
        let log = FileState::of(&wal::beside(path, "-wal")).ok().filter(|log| log.len > 0);
        Ok(Self { file: FileState::of(path)?, log })
    }
}

/// A file in a folder of its own, which goes with it.
#[derive(Debug)]
pub(super) struct Temporary {
    pub(super) file: PathBuf,
    folder: Mutex<Option<TempDir>>,
}

impl Temporary {
    pub(super) fn new(file: PathBuf, folder: TempDir) -> Self {
        Self { file, folder: Mutex::new(Some(folder)) }
    }

    /// Removes it, although somebody may still hold it open.
    fn remove(&self) {
        // Where the system does not let go of an open file, it is left to the folder of temporary files.
        drop(self.folder.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Access {
    /// Reaches a file in a way, with the first connection to it.
    pub(super) fn open(path: PathBuf, mode: Mode, on: &mut copy::Report<'_>) -> Result<(Self, Connection)> {
        let before = Surroundings::of(&path).map_err(|error| Error::from(error).context(path.display()))?;
        let mut access = Self { path, mode, notes: Vec::new(), taken: None, before, copy: None };
        match mode {
            Mode::Live => {}
            Mode::Frozen => access.notes = ignored(&access.path),
            Mode::Copy => {
                let copied = copy::take(&access.path, on)?;
                (access.notes, access.taken, access.copy) = (copied.notes, Some(Utc::now()), Some(copied.file));
            }
        }
        let conn = access.connect()?;
        Ok((access, conn))
    }

    /// One more connection.
    pub(super) fn connect(&self) -> Result<Connection> {
        match (&self.copy, self.mode) {
            (Some(copy), _) => connect::frozen(&copy.file),
            (None, Mode::Frozen) => connect::frozen(&self.path),
            (None, _) => connect::live(&self.path),
        }
    }

    /// Whether the path still names the file that was opened. A copy is on its own.
    pub(super) fn check_same(&self) -> Result<()> {
        let replaced =
            || Error::not_found(format!("{} is another file than the one that was opened", self.path.display()));
        if self.copy.is_some() {
            return Ok(());
        }
        let now = FileState::of(&self.path).map_err(|error| Error::from(error).context(self.path.display()))?;
        if now.is_same_file(&self.before.file) { Ok(()) } else { Err(replaced().with_hint("Reopen it.")) }
    }

    /// Removes the temporary file, where there is one.
    pub(super) fn discard(&self) {
        if let Some(copy) = &self.copy {
            copy.remove();
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
