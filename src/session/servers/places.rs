//! Where the user's own profiles are, and where slices are kept.

use std::path::PathBuf;

use crate::error::Result;
use crate::profile::Library;
use crate::server::cache;

/// Where the user's own profiles are, and where slices are kept.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder of the user's own profiles; without it there are only the built-in ones.
    pub profiles: Option<PathBuf>,
    /// The folder of slices; that of the user's cache where none is given.
    pub cache: Option<PathBuf>,
}

impl Places {
    /// The user's own profiles, as they are now.
    pub(super) fn library(&self) -> Library {
        self.profiles.as_deref().map(Library::read).unwrap_or_default()
    }

    /// The folder of slices.
    pub(super) fn cache(&self) -> Result<PathBuf> {
        self.cache.clone().map_or_else(cache::folder, Ok)
    }

    /// Deletes the slices that nobody opened for as long as they are kept.
    pub fn delete_old_slices(&self) {
        // A system without a folder for caches has none.
        if let Ok(folder) = self.cache() {
            cache::clean(&folder);
        }
    }
}
