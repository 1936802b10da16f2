//! The full path of a file or folder, as a person knows it.

use std::io;
use std::path::{Path, PathBuf};

/// The full path, behind every link.
///
/// # Errors
/// Those of the system, such as `NotFound`.
#[cfg(not(windows))]
pub fn full_path(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// The full path, behind every link: `C:\data\shop.db` rather than `\\?\C:\data\shop.db` wherever that is the same.
///
/// # Errors
/// Those of the system, such as `NotFound`.
#[cfg(windows)]
pub fn full_path(path: &Path) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}
