//! Copies of the demo: each in a folder of its own, so that what somebody appended to another one stays as it is. They
//! go when the program does; what a program left behind that was ended by force, the next one takes away.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Result;

/// How the names of the folders begin.
const PREFIX: &str = "eventscope-demo-";
/// The file that is locked for as long as its folder is in use.
const LOCK: &str = "in-use";
/// The demo's database.
const FILE: &str = "shop.db";

/// A copy of the demo. Its folder goes with it.
#[derive(Debug)]
pub(super) struct DemoCopy {
    // Let go of before the folder is removed, which on some systems it would hold.
    _lock: File,
    folder: TempDir,
}

impl DemoCopy {
    /// Makes a copy.
    pub(super) fn make() -> Result<Self> {
        let copy = Self::place(&std::env::temp_dir())?;
        crate::demo::create(&copy.file())?;
        Ok(copy)
    }

    /// The copy's database.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    /// A locked folder within `parent`.
    fn place(parent: &Path) -> Result<Self> {
        loop {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
            let path = folder.path().join(LOCK);
            let lock = File::create(&path)?;
            lock.lock()?;
            // Somebody who took it for left behind had a moment for that before it was locked.
            if path.exists() {
                return Ok(Self { _lock: lock, folder });
            }
        }
    }
}

/// Removes the copies in the temporary folder that no program uses any more.
pub(super) fn sweep() {
    // What cannot be removed is looked at again by the next program.
    let _ = sweep_in(&std::env::temp_dir());
}

fn sweep_in(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) || !entry.file_type()?.is_dir() {
            continue;
        }
        // Other people's folders are theirs, and in this one a program may still be at work.
        let Ok(lock) = File::options().write(true).open(entry.path().join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(parent: &Path) -> usize {
        fs::read_dir(parent).unwrap().count()
    }

    #[test]
    fn a_copy_takes_its_folder_with_it() {
        let parent = tempfile::tempdir().unwrap();
        let copy = DemoCopy::place(parent.path()).unwrap();
        fs::write(copy.file(), "a shop").unwrap();
        drop(copy);
        assert_eq!(folders(parent.path()), 0);
    }

    #[test]
    fn what_is_in_use_stays_and_what_was_left_behind_goes() {
        let parent = tempfile::tempdir().unwrap();
        let used = DemoCopy::place(parent.path()).unwrap();
        let left = parent.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(left.join(FILE), "a shop").unwrap();
        fs::create_dir(parent.path().join("of-somebody-else")).unwrap();
        sweep_in(parent.path()).unwrap();
        assert!(!left.exists());
        assert!(used.folder.path().join(LOCK).exists());
        assert_eq!(folders(parent.path()), 2);
    }
}
