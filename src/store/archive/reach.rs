//! Reaching across: which table a question is put to, so that events are found wherever they lie.
//!
//! Questions about a store without archives, and about streams of which nothing is archived, go to the table `events`
//! and touch no other file. All others go to a view over `events` and the archives, which are attached for reading only
//! when they are first needed. SQLite flattens the view and merges its parts by their indexes, so that a page of a
//! sorted answer reads a page's worth of each.

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::file;
use super::ledger::{self, Entry};
use crate::error::{Error, ErrorKind, Result};
use crate::event::StreamName;
use crate::store::row::COLUMNS;

/// The events of the store's own file.
const HERE: &str = "main.events";

/// The events of the store's own file and of its archives.
const EVERYWHERE: &str = "temp.eventscope_log";

/// How often a question is put again because another process has archived into a new file meanwhile.
const ATTEMPTS: usize = 5;

/// Puts a question to the table in which all events lie that it can be about: of one stream, or of all.
///
/// It is one read of the store: what `work` asks it asks of one moment. The moment of the store is fixed before those
/// of its archives, which are thus at least as far.
pub(in crate::store) fn reading<T>(
    connection: &Connection,
    about: Option<&StreamName>,
    work: impl FnOnce(&str) -> Result<T>,
) -> Result<T> {
    if !connection.is_autocommit() {
        return match table(connection, about)? {
            Some(table) => work(table),
            None => Err(out_of_reach(connection)),
        };
    }
    for _ in 0..ATTEMPTS {
        let moment = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
        if let Some(table) = table(connection, about)? {
            let answer = work(table)?;
            moment.commit()?;
            return Ok(answer);
        }
        drop(moment);
        attach(connection, None)?;
    }
    Err(out_of_reach(connection))
}

/// Begins to write, with the archives in reach where they can be: what is read in a transaction cannot attach them.
///
/// An archive that is out of reach is no reason not to append. Whoever reads what is in it is told.
pub(in crate::store) fn begin_writing(connection: &Connection) -> Result<Transaction<'_>> {
    let immediate = || Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
    for _ in 0..ATTEMPTS {
        match immediate() {
            Ok(begun) if table(connection, None).is_ok_and(|table| table.is_some()) => return Ok(begun),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => return Err(error.into()),
            // To begin is to begin in the archives, too: what is wrong may be wrong there.
            Ok(_) | Err(_) => {}
        }
        // While nothing is begun another process may archive into one more file: then it is not enough once.
        if attach(connection, None).is_err() {
            break;
        }
    }
    Ok(immediate()?)
}

/// Fails where an event that lies in an archive has one of these ids: the index of the store's own file does not see it.
pub(in crate::store) fn refuse_taken_ids<'a>(
    connection: &Connection,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Ok(());
    }
    reading(connection, None, |table| {
        if table == HERE {
            return Ok(());
        }
        let mut taken = connection.prepare_cached(&format!("SELECT 1 FROM {table} WHERE event_id = ?1"))?;
        for id in ids {
            if taken.exists([id])? {
                return Err(crate::store::insert::taken(id));
            }
        }
        Ok(())
    })
}

/// The table to ask; none where an archive is needed that is not attached, or no longer the one that is.
fn table(connection: &Connection, about: Option<&StreamName>) -> Result<Option<&'static str>> {
    let needed = ledger::needed(connection)?;
    if needed.is_empty() {
        return Ok(Some(HERE));
    }
    if let Some(stream) = about
        && !ledger::holds(connection, stream)?
    {
        return Ok(Some(HERE));
    }
    for entry in &needed {
        if !is_attached(connection, entry)? {
            return Ok(None);
        }
    }
    Ok(Some(EVERYWHERE))
}

fn is_attached(connection: &Connection, entry: &Entry) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_database_list WHERE name = ?1)";
    let schema = entry.schema();
    let attached: bool = connection.prepare_cached(sql)?.query_row([&schema], |row| row.get(0))?;
    if !attached {
        return Ok(false);
    }
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {schema}.archive_of WHERE id = ?1 AND generation >= ?2)");
    let asked = || connection.prepare_cached(&sql)?.query_row((&entry.id, entry.generation), |row| row.get(0));
    match asked() {
        // What a crash left half done is taken back by attaching it anew: see [`file::mark`].
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) => Ok(false),
        asked => Ok(asked?),
    }
}

/// Attaches the archives that are needed, and `also` one that holds nothing yet.
pub(super) fn attach(connection: &Connection, also: Option<&Entry>) -> Result<()> {
    detach(connection)?;
    let mut entries = ledger::needed(connection)?;
    entries.extend(also.filter(|also| entries.iter().all(|entry| entry.number != also.number)).cloned());
    attach_all(connection, &entries).inspect_err(|_| {
        detach(connection).ok();
    })
}

fn attach_all(connection: &Connection, entries: &[Entry]) -> Result<()> {
    let mut parts = vec![format!("SELECT {COLUMNS} FROM main.events")];
    for entry in entries {
        let path = file::path_of(connection, &entry.file)?;
        file::examine(&path, entry)?;
        let (schema, number) = (entry.schema(), entry.number);
        connection
            .execute(&format!("ATTACH ?1 AS {schema}"), [file::read_only_uri(&path)?])
            .map_err(|error| Error::from(error).context(format_args!("reading the archive {}", path.display())))?;
        parts.push(format!(
            "SELECT {COLUMNS} FROM {schema}.events AS held WHERE EXISTS (SELECT 1 FROM main.archived \
             WHERE aggregate_type = held.aggregate_type AND aggregate_id = held.aggregate_id \
             AND held.version BETWEEN first_version AND last_version AND archive = {number})"
        ));
    }
    let view = format!("CREATE TEMP VIEW eventscope_log AS {}", parts.join(" UNION ALL "));
    Ok(connection.execute_batch(&view)?)
}

/// Lets go of all archives.
pub(super) fn detach(connection: &Connection) -> Result<()> {
    connection.execute_batch("DROP VIEW IF EXISTS temp.eventscope_log")?;
    for schema in attached(connection)? {
        connection.execute_batch(&format!("DETACH {schema}"))?;
    }
    Ok(())
}

fn attached(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_database_list WHERE substr(name, 1, length(?1)) = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_map([ledger::PREFIX], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Why the archives cannot be read, in a transaction in which they cannot be attached.
fn out_of_reach(connection: &Connection) -> Error {
    let examined = ledger::needed(connection).and_then(|entries| {
        entries.iter().try_for_each(|entry| file::examine(&file::path_of(connection, &entry.file)?, entry))
    });
    examined.err().unwrap_or_else(|| {
        Error::new(ErrorKind::Busy, "events were moved into a new archive at this moment")
            .with_hint("Nothing was written. Open the event store with `EventStore`, or try again.")
    })
}

/// What SQLite itself finds wrong with the store's file and its archives; empty where all is well.
pub(in crate::store) fn integrity_check(connection: &Connection) -> Result<Vec<String>> {
    let mut found = check(connection, "main")?;
    if found.is_empty() {
        attach(connection, None)?;
        for entry in ledger::needed(connection)? {
            let lines = check(connection, &entry.schema())?;
            found.extend(lines.into_iter().map(|line| format!("{}: {line}", entry.file)));
        }
    }
    Ok(found)
}

fn check(connection: &Connection, schema: &str) -> Result<Vec<String>> {
    let lines = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(&format!("PRAGMA {schema}.integrity_check"))?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    match lines() {
        Ok(found) => Ok(found.into_iter().filter(|line| line != "ok").collect()),
        // Damage of some kinds is not listed: it ends the check.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Ok(vec![error.to_string()]),
        Err(error) => Err(error.into()),
    }
}
