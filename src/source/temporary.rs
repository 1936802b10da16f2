//! A file in a folder of its own that goes with it: a copy of a database, or what a folder was gathered in.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

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
    pub(super) fn remove(&self) {
        // Where the system does not let go of an open file, it is left to the folder of temporary files.
        drop(self.folder.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
