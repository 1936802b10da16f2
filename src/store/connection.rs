//! Connections to a store: how they are set up, and how a file for one is made.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};

/// How long a writer waits, with SQLite's own growing pauses, for another one to finish.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Enough for every statement of the store, so that none is compiled twice.
const CACHED_STATEMENTS: usize = 64;

/// From how many pages on the log is taken over into the file, by the append that fills it: 16 MiB. With SQLite's own
/// 1,000 each eleventh batch of 1,000 events would wait for that, and pages at the ends of the table and of its indexes,
/// which nearly every batch changes, would be written anew each time.
const CHECKPOINT_PAGES: i64 = 4_000;

/// What the store asks for the time.
pub(super) type Clock = Box<dyn Fn() -> DateTime<Utc> + Send>;

/// Connects to a file that is there, for reading and writing.
pub(super) fn connect(path: &Path) -> Result<Connection> {
    // Archives are attached by URI; a path that only looks like one is still a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    configured(Connection::open_with_flags(std::path::absolute(path)?, flags)?)
}

/// A connection as the store wants it.
pub(super) fn configured(connection: Connection) -> Result<Connection> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

/// Switches the write-ahead log on, so that readers and the writer do not wait for each other. A backup comes without.
pub(super) fn write_ahead(connection: &Connection) -> Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    }
    Ok(())
}

/// Makes an empty file of that name, or fails where there is one: of two that try, one gets it.
pub(super) fn claim(path: &Path) -> Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| cannot_create(path, error))?;
    Ok(())
}

fn cannot_create(path: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return Error::bad_input(format!("{} exists already", path.display()))
            .with_hint("It was left as it is. Open it, or choose another name.");
    }
    let hint = "Look whether the folder is there, and whether this user may write to it.";
    Error::from(error).context(format_args!("creating {}", path.display())).with_hint(hint)
}
