//! The native schema: what names the format, its migrations up and down, and how a file is recognised unchanged.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use super::archive;
use crate::error::{Error, ErrorKind, Result};

/// The number in the header of every file of this format (`PRAGMA application_id`): `EvSc` in ASCII.
pub const APPLICATION_ID: i32 = 0x4576_5363;

macro_rules! step {
    ($name:literal) => {
        M::up(include_str!(concat!("../../migrations/", $name, ".up.sql"))).down(include_str!(concat!(
            "../../migrations/",
            $name,
            ".down.sql"
        )))
    };
}

const STEPS: &[M<'static>] = &[
    step!("0001_events"),
    step!("0002_commands"),
    step!("0003_snapshots"),
    step!("0004_checkpoints"),
    step!("0005_chain"),
    step!("0006_validation"),
    step!("0007_archive"),
    step!("0008_time"),
];

/// The tables that each step brings, with a space between them, and that its way back takes away with all that is in
/// them. What the store fills by itself is left out.
const TABLES: [&str; STEPS.len()] =
    ["events", "commands", "snapshots", "checkpoints", "chain", "event_schemas settings", "archived", ""];

/// The schema that this version of the program writes; `PRAGMA user_version` of an up-to-date file.
pub const SCHEMA_VERSION: usize = STEPS.len();

/// Offset, in a SQLite file's header, of the big-endian application id (<https://www.sqlite.org/fileformat2.html>).
const APPLICATION_ID_AT: std::ops::Range<usize> = 68..72;
const HEADER_LENGTH: usize = 72;

/// Says whether `path` is a file of this format, reading only its first bytes.
///
/// Not even a read-only connection would do: opening a foreign database in WAL mode creates files beside it, and
/// closing it may move its log into it. The id is always in the file itself, never only in its WAL, because
/// [`migrate`] gives it to a new file before WAL is switched on.
pub(super) fn recognise(path: &Path) -> Result<()> {
    let header = read_header(path).map_err(|error| unreadable(path, error))?;
    let shown = path.display();
    if header.is_empty() {
        return Err(Error::bad_input(format!("{shown} is empty, not an event store"))
            .with_hint("Delete it and create an event store in its place."));
    }
    if header.len() < HEADER_LENGTH || !header.starts_with(b"SQLite format 3\0") {
        return Err(Error::bad_input(format!("{shown} is not a SQLite database")).with_hint("It was left as it is."));
    }
    let id = header.get(APPLICATION_ID_AT).and_then(|bytes| bytes.try_into().ok()).map(i32::from_be_bytes);
    if id != Some(APPLICATION_ID) {
        return Err(Error::bad_input(format!("{shown} is a SQLite database, but not an event store of this format"))
            .with_hint("It was left as it is. It can be read through a profile, but not written by this store."));
    }
    Ok(())
}

fn read_header(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(HEADER_LENGTH);
    File::open(path)?.take(HEADER_LENGTH as u64).read_to_end(&mut header)?;
    Ok(header)
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::not_found(format!("there is no file {}", path.display()))
            .with_hint("Check the path, or create a new event store there."),
        _ => Error::from(error).context(path.display()),
    }
}

/// Brings the schema to `target`, all of the way or not at all.
///
/// The way back takes tables away; it is refused while one of them holds something.
pub(super) fn migrate(connection: &mut Connection, target: usize) -> Result<()> {
    let current = version(connection)?;
    refuse_newer(current)?;
    for table in TABLES.iter().take(current).skip(target).flat_map(|tables| tables.split_whitespace()) {
        refuse_loss(connection, table)?;
    }
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    let migrated = Migrations::from_slice(STEPS).to_version(connection, target);
    // Only for the migration: whoever reads later must not take the lock of a writer.
    connection.set_transaction_behavior(TransactionBehavior::Deferred);
    match migrated {
        Ok(()) => Ok(()),
        // Another process that opened the same file at the same moment was first: its work is as good as ours.
        Err(_) if version(connection)? == target => Ok(()),
        Err(error) => Err(migration_failed(error, current, target)),
    }
}

fn migration_failed(error: rusqlite_migration::Error, from: usize, to: usize) -> Error {
    let failure = match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => Error::from(err),
        other => Error::new(ErrorKind::Database, other.to_string()).with_source(other),
    };
    failure.context(format_args!("migrating the event store from schema {from} to {to}"))
}

/// Brings the file at `path` to a schema, up or back, and answers with the schema that it was at.
///
/// Opening a store brings it up by itself: this is for the way back, before an older version of the program is to open
/// it again. All of the way is gone, or nothing is changed.
///
/// # Errors
/// Where the file is not an event store, `target` is below 1 or above [`SCHEMA_VERSION`], or the way back would take
/// away a table that holds something.
pub fn migrate_file(path: impl AsRef<Path>, target: usize) -> Result<usize> {
    let path = path.as_ref();
    recognise(path)?;
    if !(1..=SCHEMA_VERSION).contains(&target) {
        return Err(Error::bad_input(format!("there is no schema {target}: they go from 1 to {SCHEMA_VERSION}")));
    }
    let mut connection = super::connection::connect(path)?;
    archive::refuse_archive(&connection).map_err(|error| error.context(path.display()))?;
    let before = version(&connection)?;
    migrate(&mut connection, target).map_err(|error| error.context(path.display()))?;
    Ok(before)
}

/// The schema that the file at `path` is at, without bringing it up to date as opening it would.
///
/// # Errors
/// Where the file is not an event store.
pub fn schema_of_file(path: impl AsRef<Path>) -> Result<usize> {
    let path = path.as_ref();
    recognise(path)?;
    version(&super::connection::connect(path)?)
}

/// The schema that the file is at; 0 before its first migration.
pub(super) fn version(connection: &Connection) -> Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(0))
}

/// Fails unless the file is at exactly the schema that this version of the program writes.
pub(super) fn require_current(connection: &Connection) -> Result<()> {
    let current = version(connection)?;
    refuse_newer(current)?;
    if current < SCHEMA_VERSION {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("the event store has schema {current}, and schema {SCHEMA_VERSION} is needed to write to it"),
        )
        .with_hint("Open it once with the store, which migrates it."));
    }
    Ok(())
}

pub(super) fn refuse_newer(current: usize) -> Result<()> {
    if current <= SCHEMA_VERSION {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        format!("the event store has schema {current}, but this version of the program knows only {SCHEMA_VERSION}"),
    )
    .with_hint("It was left as it is. Use a newer version of the program."))
}

fn refuse_loss(connection: &Connection, table: &str) -> Result<()> {
    let holds = format!("SELECT EXISTS (SELECT 1 FROM {table})");
    if connection.query_row(&holds, [], |row| row.get(0))? {
        return Err(Error::bad_input(format!("the way back would take away what is in the table `{table}`"))
            .with_hint("Nothing was changed. Keep this schema, or export the events first."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").unwrap();
        let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
        rows.filter_map(|sql| sql.unwrap()).collect()
    }

    #[test]
    fn the_way_back_is_refused_while_it_would_take_something_away() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, SCHEMA_VERSION).unwrap();
        let before = objects(&connection);
        connection.execute("INSERT INTO checkpoints VALUES ('mails', 1, '2026-03-14T12:04:01.912345Z')", []).unwrap();
        let error = migrate(&mut connection, 2).unwrap_err();
        assert!(error.to_string().contains("`checkpoints`"), "{error}");
        assert_eq!(objects(&connection), before);
        migrate(&mut connection, 4).unwrap();
        assert_eq!(version(&connection).unwrap(), 4);
    }

    #[test]
    fn every_migration_goes_up_down_and_up_again() {
        let mut connection = Connection::open_in_memory().unwrap();
        let mut seen = vec![objects(&connection)];
        for target in 1..=SCHEMA_VERSION {
            migrate(&mut connection, target).unwrap();
            seen.push(objects(&connection));
        }
        for target in (0..SCHEMA_VERSION).rev() {
            migrate(&mut connection, target).unwrap();
            assert_eq!(objects(&connection), seen[target], "after going down to {target}");
        }
        migrate(&mut connection, SCHEMA_VERSION).unwrap();
        assert_eq!(Some(&objects(&connection)), seen.last());
    }
}
