//! How far publishing has come: in the store itself, or, for a database that is only read, in a file of its own.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::event::Position;
use crate::serve::writer::Writer;

/// The name of the reader in the store's list of readers.
const NAME: &str = "redis";

/// Behind this all events of a store lie.
const BEGINNING: Position = 0;

/// Where it is remembered.
pub(super) trait Checkpoint: Send {
    /// The position of the last event that was published, as it was remembered last.
    fn position(&self) -> Option<Position>;

    /// Remembers it.
    fn remember(&mut self, position: Position) -> Result<()>;
}

/// In the store, where whoever looks at its readers sees it.
pub(super) struct InStore {
    writer: Writer,
    position: Option<Position>,
}

impl InStore {
    pub(super) fn open(writer: Writer) -> Result<Self> {
        let position = writer.carry_out_blocking(|store| {
            let position = store.checkpoint(NAME)?;
            if position.is_none() {
                // So that it stands in the list of readers, and how far it is behind, before Redis was ever reached.
                store.set_checkpoint(NAME, BEGINNING)?;
            }
            Ok(position.or(Some(BEGINNING)))
        })?;
        Ok(Self { writer, position })
    }
}

impl Checkpoint for InStore {
    fn position(&self) -> Option<Position> {
        self.position
    }

    fn remember(&mut self, position: Position) -> Result<()> {
        self.writer.carry_out_blocking(move |store| store.set_checkpoint(NAME, position))?;
        self.position = Some(position);
        Ok(())
    }
}

/// In a file.
pub(super) struct InFile {
    path: PathBuf,
    position: Option<Position>,
}

impl InFile {
    /// Reads the file, where there is one.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let position = match std::fs::read_to_string(path) {
            Ok(text) => Some(parsed(&text).ok_or_else(|| not_one(path))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::from(error).context(path.display())),
        };
        Ok(Self { path: std::path::absolute(path)?, position })
    }
}

impl Checkpoint for InFile {
    fn position(&self) -> Option<Position> {
        self.position
    }

    /// The file is replaced whole, so that a crash leaves the one from before.
    fn remember(&mut self, position: Position) -> Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        writeln!(file, "{}", json!({ "published": position }))?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| Error::from(error.error).context(self.path.display()))?;
        self.position = Some(position);
        Ok(())
    }
}

fn parsed(text: &str) -> Option<Position> {
    serde_json::from_str::<Value>(text).ok()?.get("published")?.as_i64()
}

fn not_one(path: &Path) -> Error {
    Error::bad_input(format!("{} is no checkpoint of publishing", path.display()))
        .with_hint("It was left as it is. Name another file with --checkpoint.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_remembers_and_another_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.redis");
        let mut file = InFile::open(&path).unwrap();
        assert_eq!(file.position(), None);
        file.remember(7).unwrap();
        file.remember(-3).unwrap();
        assert_eq!(InFile::open(&path).unwrap().position(), Some(-3));
        std::fs::write(&path, "hello").unwrap();
        assert!(InFile::open(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello");
    }
}
