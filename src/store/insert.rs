//! Writing rows of `events`: one at a time, or, for long batches, many with one statement.
//!
//! Half of what an insert costs is the same whether it inserts one row or sixteen: the statement is begun and ended, the
//! cursors of the table and its indexes are opened, and each has to find its place. Rows that come together go in behind
//! each other.
//!
//! A trigger on INSERT would take most of that back, as SQLite then first puts all rows of the statement aside. That of
//! the store, `events_are_never_replaced`, is there for statements of other programs that say OR REPLACE. These say OR
//! FAIL: the table's own UNIQUE constraints refuse what the trigger would, and the trigger may be left out.

use std::ops::Range;
use std::sync::LazyLock;

use rusqlite::config::DbConfig;
use rusqlite::types::ToSqlOutput;
use rusqlite::{CachedStatement, Connection, Statement, ToSql};

use super::row::{COLUMNS, NewRow};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Position, StreamName};

/// How many rows one statement inserts. More do not make it faster: their values no longer fit into the memory that
/// SQLite keeps at hand for small things (<https://www.sqlite.org/malloc.html#lookaside>).
const ROWS: usize = 16;

/// From how many events on it is worth to prepare statements anew, which they are where triggers are switched off and on.
const MANY: usize = 4 * ROWS;

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
    pub(super) fn insert(&mut self, id: &str, row: &NewRow<'_>, position: Option<Position>) -> Result<Position> {
        bind(&mut self.statement, 0, id, row, position)?;
        self.statement.raw_execute().map_err(|error| refused(error, id, row.stream))?;
        Ok(self.connection.last_insert_rowid())
    }
}

/// Inserts exactly so many events of one stream and one moment at the next positions. Where it fails some may be
/// written, which the caller takes back.
pub(super) struct Batch<'store> {
    connection: &'store Connection,
    left: usize,
    ids: Vec<String>,
    first: Option<Position>,
    statement: Rows<'store>,
    /// Behind the statement: it is reset before triggers are on again.
    _triggers: Option<TriggersOff<'store>>,
}

/// What inserts the next row.
enum Rows<'store> {
    /// A statement of [`ROWS`], of which so many have their values.
    Many(CachedStatement<'store>, usize),
    One(Inserter<'store>),
}

/// Whose connection a batch is written on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// The store's own, on which no statement is running: switching triggers off would end it.
    OwnConnection,
    /// Any.
    ForeignConnection,
}

impl<'store> Batch<'store> {
    pub(super) fn new(connection: &'store Connection, on: On, count: usize) -> Result<Self> {
        let mut triggers = None;
        let statement = if on == On::OwnConnection && count >= MANY && !has_foreign_triggers(connection)? {
            triggers = Some(TriggersOff::on(connection)?);
            Rows::Many(connection.prepare_cached(&INSERT_ROWS)?, 0)
        } else {
            Rows::One(Inserter::new(connection)?)
        };
        let ids = Vec::with_capacity(count);
        Ok(Self { connection, left: count, ids, first: None, statement, _triggers: triggers })
    }

    /// Inserts the next event, or puts it with those that are inserted together.
    pub(super) fn push(&mut self, id: String, row: &NewRow<'_>) -> Result<()> {
        let last = match &mut self.statement {
            Rows::One(inserter) => Some(inserter.insert(&id, row, None)?),
            Rows::Many(statement, bound) => {
                bind(statement, *bound, &id, row, None)?;
                *bound += 1;
                if *bound == ROWS {
                    *bound = 0;
                    let before = self.ids.len() + 1 - ROWS;
                    statement.raw_execute().map_err(|error| {
                        // It has written the rows before the one that it failed at.
                        let written = usize::try_from(self.connection.changes()).unwrap_or(usize::MAX);
                        let refused_id = self.ids.get(before.saturating_add(written)).unwrap_or(&id);
                        refused(error, refused_id, row.stream)
                    })?;
                    Some(self.connection.last_insert_rowid())
                } else {
                    None
                }
            }
        };
        self.ids.push(id);
        self.left = self.left.saturating_sub(1);
        if let Some(last) = last {
            self.inserted(last, row.stream)?;
        }
        Ok(())
    }

    /// Notes at which position the last event so far lies, and goes on singly where a whole statement is too much.
    fn inserted(&mut self, last: Position, stream: &StreamName) -> Result<()> {
        let before = Position::try_from(self.ids.len()).unwrap_or(Position::MAX).saturating_sub(1);
        let first = last.saturating_sub(before);
        if *self.first.get_or_insert(first) != first {
            return Err(Error::new(
                ErrorKind::Database,
                format!("a trigger of another program writes to `events` while events are appended to {stream}"),
            )
            .with_hint("Nothing was written. Events that are appended together lie together: drop that trigger."));
        }
        if self.left < ROWS && matches!(self.statement, Rows::Many(..)) {
            self.statement = Rows::One(Inserter::new(self.connection)?);
        }
        Ok(())
    }

    /// The positions and the ids of the events, all of which were pushed.
    pub(super) fn end(self) -> (Range<Position>, Vec<String>) {
        debug_assert_eq!(self.left, 0, "events that are never inserted");
        let (first, count) = (self.first.unwrap_or_default(), Position::try_from(self.ids.len()));
        (first..first.saturating_add(count.unwrap_or(Position::MAX)), self.ids)
    }
}

/// Whether a program has put triggers of its own on the table, which are to see every row.
fn has_foreign_triggers(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM (SELECT * FROM main.sqlite_schema UNION ALL SELECT * FROM temp.sqlite_schema) \
               WHERE type = 'trigger' AND tbl_name = 'events' COLLATE NOCASE AND name NOT IN \
               ('events_are_never_changed', 'events_are_never_deleted', 'events_are_never_replaced'))";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Keeps triggers switched off on a connection for as long as it lives.
struct TriggersOff<'store>(&'store Connection);

impl<'store> TriggersOff<'store> {
    fn on(connection: &'store Connection) -> Result<Self> {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        Ok(Self(connection))
    }
}

impl Drop for TriggersOff<'_> {
    fn drop(&mut self) {
        // Only refused where the connection is not one.
        self.0.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true).ok();
    }
}

/// Gives the parameters of one of a statement's rows the values of an event, in the order of [`COLUMNS`].
fn bind(
    statement: &mut Statement<'_>,
    row: usize,
    id: &str,
    values: &NewRow<'_>,
    position: Option<Position>,
) -> rusqlite::Result<()> {
    let NewRow { stream, version, recorded_at, schema_version, event, data, metadata } = values;
    let values: [&dyn ToSql; WIDTH] = [
        &position,
        &id,
        &stream.aggregate_type,
        &stream.aggregate_id,
        version,
        &event.event_type,
        schema_version,
        recorded_at,
        &event.actor,
        &event.actor_type,
        &event.source,
        &event.causation_id,
        &event.correlation_id,
        &ToSqlOutput::Borrowed(*data),
        &ToSqlOutput::Borrowed(*metadata),
    ];
    for (column, value) in values.into_iter().enumerate() {
        if row == 0 || !SHARED.contains(&column) {
            statement.raw_bind_parameter(parameter(row, column), value)?;
        }
    }
    Ok(())
}

/// The error for an event id that another event has.
pub(super) fn taken(id: &str) -> Error {
    Error::bad_input(format!("the event id {id} is taken: another event in this store has it"))
        .with_hint("Nothing was written. The event may have been appended before.")
}

/// Says in the store's words why SQLite refused a row: the trigger, or the constraint where there is none.
fn refused(error: rusqlite::Error, id: &str, stream: &StreamName) -> Error {
    let text = error.to_string();
    let is_about = |trigger, constraint| text.contains(trigger) || text.contains(constraint);
    if is_about("with this event_id", "failed: events.event_id") {
        return taken(id).with_source(error);
    }
    if is_about("at this version of the stream", "failed: events.aggregate_type") {
        return Error::new(
            ErrorKind::Database,
            format!("the stream {stream} has events that `streams` does not count"),
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
            let batch = cups(length);
            let appended = store.append(&stream(), ExpectedVersion::Any, &batch).unwrap();
            let places = appended.positions.zip(appended.versions).zip(appended.ids);
            expected.extend(places.zip(batch).map(|(place, event)| (place, event.data)));
            assert!(triggers_are_on(&store), "after {length}");
        }
        let stored = store.read_stream(&stream(), 1, None).unwrap();
        let stored =
            stored.into_iter().map(|event| (((event.position, event.version), event.id), event.data.to_json()));
        let expected = expected.into_iter().map(|((places, id), data)| ((places, Some(id)), data));
        assert!(stored.eq(expected));
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
    fn events_of_one_append_never_lie_apart() {
        let mut store = EventStore::open_in_memory().unwrap();
        let sql = "CREATE TRIGGER audits AFTER INSERT ON events WHEN NEW.event_type <> 'audited' BEGIN \
                   INSERT INTO events (event_id, aggregate_type, aggregate_id, version, event_type, recorded_at, data) \
                   VALUES ('of ' || NEW.event_id, 'audit', NEW.event_id, 1, 'audited', NEW.recorded_at, '{}'); END";
        store.connection.execute_batch(sql).unwrap();
        store.append(&stream(), ExpectedVersion::NoStream, &cups(1)).unwrap();
        for count in [2, MANY] {
            let error = store.append(&stream(), ExpectedVersion::Any, &cups(count)).unwrap_err();
            assert!(error.to_string().contains("a trigger of another program"), "{error}");
            assert_eq!(store.read_all(None, 10).unwrap().len(), 2, "nothing of it is there");
        }
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
