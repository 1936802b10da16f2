//! Reading holds on every kind of database at hand: four that real libraries wrote, and the five plain forms.

mod appending;
mod encodings;
mod filtering;
mod linear;
mod ordinals;
mod reading;
mod safety;
mod stream_key;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

#[path = "../../../tests/forms/mod.rs"]
mod forms;

/// Copies of every database, in a folder of their own.
pub(super) struct Shelf {
    folder: TempDir,
}

impl Shelf {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        forms::create_all(folder.path());
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        for name in ["py_ouroboros", "py_eventsourcing_json", "node_emmett_0_42", "rust_sqlite_es"] {
            let name = format!("{name}.db");
            std::fs::copy(fixtures.join(&name), folder.path().join(&name)).unwrap();
        }
        Self { folder }
    }

    /// Every database, by path.
    pub fn paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "db"));
        paths.sort();
        assert_eq!(paths.len(), 9);
        paths
    }

    /// Those whose profile says how to append.
    pub fn writable(&self) -> Vec<PathBuf> {
        let says_how = |path: &PathBuf| open(path).detection().is_some_and(|found| found.profile.append.is_some());
        let paths: Vec<_> = self.paths().into_iter().filter(says_how).collect();
        assert!(paths.len() >= 8);
        paths
    }

    pub fn sources(&self) -> Vec<Source> {
        self.paths().iter().map(|path| open(path)).collect()
    }
}

pub(super) fn open(path: &Path) -> Source {
    Source::open(path, &OpenOptions::default()).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}
