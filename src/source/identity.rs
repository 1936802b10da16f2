//! What tells one file from another of the same name, without opening it.
//!
//! Only its metadata are asked for: closing a file drops every lock that this process holds on it, also those of
//! SQLite's own connections (<https://www.sqlite.org/howtocorrupt.html>, section 2.2).

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Which file it is, and what it was like when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStamp {
    id: FileId,
    /// Its length in bytes.
    pub len: u64,
    modified: Option<SystemTime>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FileId {
    #[cfg(unix)]
    Inode { device: u64, inode: u64 },
    /// Where the system tells no number of the file: when it was made.
    #[cfg(not(unix))]
    Made(Option<SystemTime>),
}

impl FileStamp {
    /// What the file at a path is like now.
    ///
    /// # Errors
    /// Those of the system, such as `NotFound`.
    pub fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self { id: FileId::of(&metadata), len: metadata.len(), modified: metadata.modified().ok() })
    }

    /// Whether it is the same file, however it has changed.
    #[must_use]
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Whether it was last written to so long ago; not where the system's clock says otherwise, or nothing.
    #[must_use]
    pub fn is_older_than(&self, age: Duration) -> bool {
        self.modified.and_then(|modified| modified.elapsed().ok()).is_some_and(|elapsed| elapsed > age)
    }
}

impl FileId {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self::Inode { device: metadata.dev(), inode: metadata.ino() }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        Self::Made(metadata.created().ok())
    }
}
