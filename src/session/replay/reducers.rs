//! Finds the reducers of a database: a file that was named, one beside it, or the guess.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::replay::Reducers;

/// What the name of a reducers file ends with.
const ENDING: &str = ".reducers.toml";

/// Reducers, and the file that they come from; none for the guess.
#[derive(Clone)]
pub struct FoundReducers {
    /// The reducers.
    pub reducers: Reducers,
    /// Their file.
    pub path: Option<PathBuf>,
}

impl FoundReducers {
    /// The reducers of the file `named`, else those beside the database, else the guess.
    ///
    /// Fails where a file is there and cannot be used.
    pub fn find(database: &Path, named: Option<&Path>) -> Result<Self> {
        let path = named.map(Path::to_owned).or_else(|| beside(database));
        let Some(path) = path else { return Ok(Self::guess()) };
        Ok(Self { reducers: read(&path)?, path: Some(path) })
    }

    /// The guess.
    #[must_use]
    pub fn guess() -> Self {
        Self { reducers: Reducers::guess(), path: None }
    }
}

/// The reducers file beside a database: `orders.reducers.toml` or `orders.db.reducers.toml` for `orders.db`.
#[must_use]
pub fn beside(database: &Path) -> Option<PathBuf> {
    let names = [database.file_stem()?, database.file_name()?];
    let paths = names.map(|name| {
        let mut name = OsString::from(name);
        name.push(ENDING);
        database.with_file_name(name)
    });
    paths.into_iter().find(|path| path.is_file())
}

fn read(path: &Path) -> Result<Reducers> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("the reducers in {} cannot be read: {error}", path.display());
        Error::bad_input(message).with_source(error)
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Reducers::parse(&text, &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reducers_file_is_found_by_either_name() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("orders.db");
        assert_eq!(beside(&database), None);
        let whole = folder.path().join("orders.db.reducers.toml");
        std::fs::write(&whole, "").unwrap();
        assert_eq!(beside(&database), Some(whole));
        let stem = folder.path().join("orders.reducers.toml");
        std::fs::write(&stem, "").unwrap();
        assert_eq!(beside(&database), Some(stem));
    }
}
