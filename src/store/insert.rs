//! Writing rows of `events`: one at a time, or, for long batches, many with one statement.
//!
//! Half of what an insert costs is the same whether it inserts one row or fifty: the statement is begun and ended, the
//! cursors of the table and its indexes are opened, and each has to find its place. Rows that come together go in behind
//! each other.
//!
//! A trigger on INSERT would take most of that back, as SQLite then first puts all rows of the statement aside. That of
//! the store, `events_are_never_replaced`, is there for statements of other programs that say OR REPLACE. These say OR
//! FAIL: the table's own UNIQUE constraints refuse what the trigger would, and the trigger may be left out.

use std::sync::LazyLock;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Statement, ToSql};

use super::row::COLUMNS;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Payload, Position, StorageClass};

/// How many rows one statement inserts. More make it longer to prepare, and not much faster.
const ROWS: usize = 50;

/// From how many events on it is worth to prepare statements anew, which they are where triggers are switched off and on.
const MANY: usize = 2 * ROWS;

/// What is wrong with a row is found before any of it is written, so that it may FAIL instead of ABORT: that spares a
/// journal of each statement (see `migrations/0006_validation.up.sql`).
static INSERT: LazyLock<String> = LazyLock::new(|| insert_of(1));

static INSERT_ROWS: LazyLock<String> = LazyLock::new(|| insert_of(ROWS));

fn insert_of(rows: usize) -> String {
    let row = |row| {
        let parameters: Vec<_> = (0..WIDTH).map(|column| format!("?{}", parameter(row, column))).collect();
        format!("({})", parameters.join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    format!("INSERT OR FAIL INTO events ({COLUMNS}) VALUES {}", rows.join(", "))
}

/// How many columns [`COLUMNS`] are.
const WIDTH: usize = 15;

/// Those in which all events of one append are the same: they have no position yet, and have one stream and one moment.
const SHARED: [usize; 4] = [0, 2, 3, 7];

/// The number of the parameter that stands for a column of a row: all rows of a statement share some.
fn parameter(row: usize, column: usize) -> usize {
    let shared = SHARED.iter().filter(|shared| **shared < column).count();
    if SHARED.contains(&column) {
        return shared + 1;
    }
    SHARED.len() + row * (WIDTH - SHARED.len()) + (column - shared) + 1
}

/// Inserts one event after the other, each at a position of its own choice.
pub(super) struct Inserter<'store> {
    connection: &'store Connection,
    statement: CachedStatement<'store>,
}

impl<'store> Inserter<'store> {
    pub(super) fn new(connection: &'store Connection) -> Result<Self> {
        Ok(Self { connection, statement: connection.prepare_cached(&INSERT)? })
    }

    /// Inserts an event at a position, or at the next one where there is none, and answers with its position.
    pub(super) fn insert(&mut self, event: &Event, position: Option<Position>) -> Result<Position> {
        bind(&mut self.statement, 0, event, position)?;
        self.statement.raw_execute().map_err(|error| refused(error, event))?;
        Ok(self.connection.last_insert_rowid())
    }
}

/// A way to insert events of one stream and one moment at the next positions, which tells them which those are. Where it
/// fails some may be written, which the caller takes back.
pub(super) type Insert = fn(&Connection, &mut [Event]) -> Result<()>;

/// [Inserts](Insert) in the way that is quickest for so many. On a connection of the store's own, on which no statement
/// is running: switching triggers off would end it.
pub(super) fn quickly(connection: &Connection, events: &mut [Event]) -> Result<()> {
    if events.len() >= MANY && !has_foreign_triggers(connection)? {
        return without_triggers(connection, || many_at_once(connection, events));
    }
    one_by_one(connection, events)
}

/// [Inserts](Insert) on any connection.
pub(super) fn one_by_one(connection: &Connection, events: &mut [Event]) -> Result<()> {
    let mut inserter = Inserter::new(connection)?;
    for event in events {
        event.position = inserter.insert(event, None)?;
    }
    Ok(())
}

fn many_at_once(connection: &Connection, events: &mut [Event]) -> Result<()> {
    let mut statement = connection.prepare_cached(&INSERT_ROWS)?;
    let mut chunks = events.chunks_exact_mut(ROWS);
    for chunk in &mut chunks {
        for (row, event) in chunk.iter().enumerate() {
            bind(&mut statement, row, event, None)?;
        }
        if let Err(error) = statement.raw_execute() {
            // It has written the rows before the one that it failed at.
            let row = usize::try_from(connection.changes()).ok().and_then(|row| chunk.get(row));
            return Err(match row {
                Some(event) => refused(error, event),
                None => error.into(),
            });
        }
        let last = connection.last_insert_rowid();
        for (event, back) in chunk.iter_mut().rev().zip(0..) {
            event.position = last - back;
        }
    }
    one_by_one(connection, chunks.into_remainder())
}

/// Whether a program has put triggers of its own on the table, which are to see every row.
fn has_foreign_triggers(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM (SELECT * FROM main.sqlite_schema UNION ALL SELECT * FROM temp.sqlite_schema) \
               WHERE type = 'trigger' AND tbl_name = 'events' COLLATE NOCASE AND name NOT IN \
               ('events_are_never_changed', 'events_are_never_deleted', 'events_are_never_replaced'))";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Does `work` with triggers switched off on this connection.
fn without_triggers<T>(connection: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    /// Switches them on again, whichever way `work` ends.
    struct Off<'store>(&'store Connection);
    impl Drop for Off<'_> {
        fn drop(&mut self) {
            // Only refused where the connection is not one.
            self.0.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true).ok();
        }
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    let _off = Off(connection);
    work()
}

/// Gives the parameters of one of a statement's rows the values of an event, in the order of [`COLUMNS`].
fn bind(statement: &mut Statement<'_>, row: usize, event: &Event, position: Option<Position>) -> rusqlite::Result<()> {
    let moment = event.timestamp.as_ref().map(|timestamp| &*timestamp.stored);
    let values: [&dyn ToSql; WIDTH] = [
        &position,
        &event.id,
        &event.stream.aggregate_type,
        &event.stream.aggregate_id,
        &event.version,
        &event.event_type,
        // The column makes the number of it that it is.
        &event.schema_version,
        &moment,
        &event.actor,
        &event.actor_type,
        &event.source,
        &event.causation_id,
        &event.correlation_id,
        &column(&event.data),
        &column(&event.metadata),
    ];
    for (column, value) in values.into_iter().enumerate() {
        if row == 0 || !SHARED.contains(&column) {
            statement.raw_bind_parameter(parameter(row, column), value)?;
        }
    }
    Ok(())
}

/// A payload as its column holds it.
fn column(payload: &Payload) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match payload.storage {
        StorageClass::Null => ValueRef::Null,
        StorageClass::Blob => ValueRef::Blob(&payload.raw),
        // The store makes no numbers.
        StorageClass::Text | StorageClass::Integer | StorageClass::Real => ValueRef::Text(&payload.raw),
    })
}

/// The error for an event id that another event has.
pub(super) fn taken(id: &str) -> Error {
    Error::bad_input(format!("the event id {id} is taken: another event in this store has it"))
        .with_hint("Nothing was written. The event may have been appended before.")
}

/// Says in the store's words why SQLite refused a row: the trigger, or the constraint where there is none.
fn refused(error: rusqlite::Error, event: &Event) -> Error {
    let text = error.to_string();
    let is_about = |trigger, constraint| text.contains(trigger) || text.contains(constraint);
    if is_about("with this event_id", "failed: events.event_id") {
        return taken(event.id.as_deref().unwrap_or_default()).with_source(error);
    }
    if is_about("at this version of the stream", "failed: events.aggregate_type") {
        return Error::new(
            ErrorKind::Database,
            format!("the stream {} has events that `streams` does not count", event.stream),
        )
        .with_hint("Another program wrote to `events` and left `streams` behind.")
        .with_source(error);
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{ExpectedVersion, NewEvent, StreamName};
    use crate::store::EventStore;

    fn stream() -> StreamName {
        StreamName::new("cup", "1")
    }

    fn cups(count: usize) -> Vec<NewEvent> {
        (0..count).map(|number| NewEvent::new("cup.sold", json!({"number": number}))).collect()
    }

    fn triggers_are_on(store: &EventStore) -> bool {
        store.connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER).unwrap()
            && store.connection.execute("DELETE FROM events", []).is_err()
    }

    #[test]
    fn batches_of_all_lengths_are_stored_as_they_are_answered_with() {
        let mut store = EventStore::open_in_memory().unwrap();
        let mut expected = Vec::new();
        for length in [1, ROWS, MANY - 1, MANY, MANY + 1, 7 * ROWS + 3] {
            expected.extend(store.append(&stream(), ExpectedVersion::Any, &cups(length)).unwrap());
            assert!(triggers_are_on(&store), "after {length}");
        }
        assert!(expected.iter().zip(1..).all(|(event, place)| (event.position, event.version) == (place, place)));
        assert_eq!(store.read_stream(&stream(), 1, None).unwrap(), expected);
        assert_eq!(store.verify().unwrap().fault, None);
    }

    #[test]
    fn a_row_that_is_refused_among_many_is_named() {
        let mut store = EventStore::open_in_memory().unwrap();
        let one = NewEvent { id: Some("taken".to_owned()), ..NewEvent::new("cup.sold", json!({})) };
        store.append(&stream(), ExpectedVersion::NoStream, std::slice::from_ref(&one)).unwrap();
        for place in [0, 1, ROWS - 1, ROWS, MANY + 2] {
            let mut batch = cups(MANY + ROWS / 2);
            batch.iter_mut().zip(0..).for_each(|(event, number)| event.id = Some(format!("{place}-{number}")));
            batch[place] = one.clone();
            let error = store.append(&stream(), ExpectedVersion::Any, &batch).unwrap_err();
            assert_eq!(*error.kind(), ErrorKind::BadInput);
            assert!(error.to_string().contains("the event id taken is taken"), "{error}");
            assert_eq!(store.read_all(None, 10).unwrap().len(), 1, "nothing of the batch is there");
            assert!(triggers_are_on(&store));
        }
        let mut twice = cups(MANY);
        (twice[3].id, twice[ROWS + 3].id) = (Some("twice".to_owned()), Some("twice".to_owned()));
        let error = store.append(&stream(), ExpectedVersion::Any, &twice).unwrap_err();
        assert!(error.to_string().contains("the event id twice is taken"), "{error}");
    }

    #[test]
    fn events_that_streams_does_not_count_are_found_among_many() {
        let mut store = EventStore::open_in_memory().unwrap();
        store.append(&stream(), ExpectedVersion::NoStream, &cups(MANY)).unwrap();
        store.connection.execute("UPDATE streams SET version = 20", []).unwrap();
        let error = store.append(&stream(), ExpectedVersion::Any, &cups(MANY)).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Database);
        assert!(error.to_string().contains("`streams` does not count"), "{error}");
    }

    #[test]
    fn triggers_of_other_programs_see_every_row_of_a_long_batch() {
        let mut store = EventStore::open_in_memory().unwrap();
        for (temp, table) in [("", "events"), ("TEMP", "main.events")] {
            let sql = format!(
                "CREATE {temp} TABLE seen (position); CREATE {temp} TRIGGER sees AFTER INSERT ON {table} \
                 BEGIN INSERT INTO seen VALUES (NEW.position); END"
            );
            store.connection.execute_batch(&sql).unwrap();
            store.append(&stream(), ExpectedVersion::Any, &cups(MANY)).unwrap();
            let seen: i64 = store.connection.query_row("SELECT count(*) FROM seen", [], |row| row.get(0)).unwrap();
            assert_eq!(usize::try_from(seen), Ok(MANY));
            store.connection.execute_batch("DROP TABLE seen; DROP TRIGGER sees").unwrap();
        }
    }
}
