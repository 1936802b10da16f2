//! Takes a copy of a database at one moment, into a temporary file: with SQLite's online backup, in steps between which
//! no lock is held; or, where the file cannot be opened where it is, byte by byte with what lies beside it.

use std::fs::File;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::beside::Beside;
use super::interrupt::cancelled;
use super::temporary::Temporary;
use super::{connect, wal};
use crate::error::{Error, ErrorKind, Result};

/// How far the copying of a database, or the gathering of a folder, is: in pages, or in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyProgress {
    /// How many are done.
    pub done: u64,
    /// How many there are.
    pub of: u64,
}

/// Who is told how far it is, and may stop it.
pub(super) type Report<'a> = dyn FnMut(CopyProgress) -> ControlFlow<()> + 'a;

/// How many pages a step copies: some milliseconds.
const STEP: i32 = 1_000;
/// A writer makes the backup begin anew. After so many times the rest is copied in one go, with the lock held.
const PATIENCE: u32 = 4;
/// How often a step waits for a lock, each time for as long as the connection does.
const TRIES: u32 = 10;
/// The variable that names the folder for temporary files (<https://doc.rust-lang.org/std/env/fn.temp_dir.html>).
const TEMPORARY: &str = if cfg!(windows) { "TMP" } else { "TMPDIR" };
/// How many bytes are copied at once.
const CHUNK: u64 = 4 << 20;

/// A copy, and what there is to say of it.
pub(super) struct Copied {
    pub(super) file: Temporary,
    pub(super) notes: Vec<String>,
}

/// Copies a database.
pub(super) fn take(path: &Path, on: &mut Report<'_>) -> Result<Copied> {
    let context = |error: Error| error.context(format_args!("copying {}", path.display()));
    let folder = folder().map_err(context)?;
    let file = folder.path().join("copy.db");
    let _beside = Beside::before(path);
    let notes = match connect::live(path, None) {
        Ok(conn) => {
            back_up(&conn, &file, on).map_err(context)?;
            Vec::new()
        }
        Err(error) if *error.kind() == ErrorKind::NotLive => {
            let notes = copy_files(path, &file, on).map_err(context)?;
            settle(&file).map_err(context)?;
            notes
        }
        Err(error) => return Err(error),
    };
    Ok(Copied { file: Temporary::new(file, folder), notes })
}

/// A folder that only this user may enter.
pub(super) fn folder() -> Result<TempDir> {
    tempfile::Builder::new().prefix("eventscope-copy-").tempdir().map_err(|error| {
        Error::from(error)
            .context(format_args!("making a folder in {}", std::env::temp_dir().display()))
            .with_hint(format!("Name a folder with room in it in the environment variable {TEMPORARY}."))
    })
}

fn back_up(conn: &Connection, file: &Path, on: &mut Report<'_>) -> Result<()> {
    {
        let mut target = Connection::open(file)?;
        // Nobody needs what a crash leaves of it.
        target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        let backup = Backup::new(conn, &mut target)?;
        step_through(&backup, on)?;
    }
    settle(file)
}

fn step_through(backup: &Backup<'_, '_>, on: &mut Report<'_>) -> Result<()> {
    let (mut least, mut restarts, mut waited) = (i32::MAX, 0, 0);
    loop {
        let step = if restarts < PATIENCE { STEP } else { -1 };
        match backup.step(step).map_err(full)? {
            StepResult::Done => return Ok(()),
            StepResult::More => waited = 0,
            _ if waited < TRIES => waited += 1,
            _ => {
                return Err(Error::new(ErrorKind::Busy, "the file stays locked by another process")
                    .with_hint("Try again when it is done."));
            }
        }
        let progress = backup.progress();
        if progress.remaining > least {
            restarts += 1;
        }
        least = progress.remaining;
        let of = u64::try_from(progress.pagecount).unwrap_or_default();
        let done = of.saturating_sub(u64::try_from(progress.remaining).unwrap_or_default());
        if on(CopyProgress { done, of }).is_break() {
            return Err(cancelled());
        }
    }
}

/// Where there is no room, there may be some elsewhere.
fn full(error: rusqlite::Error) -> Error {
    let is_full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
    let error = Error::from(error);
    let hint = format!(
        "There is no room for the copy in {}. Name another folder in the environment variable {TEMPORARY}.",
        std::env::temp_dir().display()
    );
    if is_full { error.with_hint(hint) } else { error }
}

/// Copies a file together with its log and its journal, from which SQLite mends the copy.
fn copy_files(path: &Path, file: &Path, on: &mut Report<'_>) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    copy_bytes(path, file, on)?;
    for suffix in ["-wal", "-journal"] {
        let from = wal::beside(path, suffix);
        if from.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            copy_bytes(&from, &wal::beside(file, suffix), on)?;
        }
    }
    if wal::has_journal(path) {
        let journal = wal::beside(path, "-journal");
        let name = journal.file_name().unwrap_or_default().to_string_lossy().into_owned();
        notes.push(format!("The unfinished transaction that {name} holds was undone in the copy."));
    }
    Ok(notes)
}

fn copy_bytes(from: &Path, to: &Path, on: &mut Report<'_>) -> Result<()> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let (mut done, of) = (0, from.metadata()?.len());
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        Read::by_ref(&mut from).take(CHUNK).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(());
        }
        to.write_all(&chunk)?;
        done += chunk.len() as u64;
        if on(CopyProgress { done, of }).is_break() {
            return Err(cancelled());
        }
    }
}

/// Makes one file of a copy: takes in its log, undoes what its journal says, and needs neither from now on.
fn settle(file: &Path) -> Result<()> {
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(())
}
