//! The archives of a backup: a copy of a store is whole only where its archives are copied along with it.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::ledger::{self, Entry};
use super::{file, reach};
use crate::error::{Error, ErrorKind, Result};
use crate::store::connection;

/// Copies the archives that a copy of the store needs to where the copy expects them.
///
/// One that lies there already is brought up to date where it is an older copy: an archive only ever grows. It is done
/// after the store itself was copied, so that the archives are at least as far.
pub(in crate::store) fn copy_along(connection: &Connection, copy: &Path) -> Result<()> {
    reach::attach(connection, None)?;
    for entry in ledger::needed(connection)? {
        let from = file::path_of(connection, &entry.file)?;
        let to = copy.with_file_name("").join(&entry.file);
        if !is_same(&from, &to) {
            copy_one(connection, &entry, &to)
                .map_err(|error| error.context(format_args!("copying the archive {}", from.display())))?;
        }
    }
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().is_some_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

fn copy_one(connection: &Connection, entry: &Entry, to: &Path) -> Result<()> {
    if to.exists() {
        let mark = file::mark(to)?;
        if mark.id != entry.id {
            return Err(Error::bad_input(format!("{} is the archive of another event store", to.display()))
                .with_hint("It was left as it is. Make the backup in another folder."));
        }
        if mark.generation >= entry.generation {
            return Ok(());
        }
        return fill(connection, entry, to);
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    connection::claim(to)?;
    fill(connection, entry, to).inspect_err(|_| {
        // Half a copy is worse than none.
        std::fs::remove_file(to).ok();
    })
}

fn fill(connection: &Connection, entry: &Entry, to: &Path) -> Result<()> {
    let mut copy = connection::connect(to)?;
    match Backup::new_with_names(connection, entry.schema().as_str(), &mut copy, "main")?.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(Error::new(ErrorKind::Busy, "it could not be finished")
            .with_hint("Another process is writing to this file. Try again in a moment.")),
    }
}
