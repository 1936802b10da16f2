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
use crate::event::{NewEvent, Position, StreamName};

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
    let row = format!("({})", ["?"; WIDTH].join(", "));
    format!("INSERT OR FAIL INTO events ({COLUMNS}) VALUES {}", vec![row; rows].join(", "))
}

/// How many columns [`COLUMNS`] are.
const WIDTH: usize = 15;

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
    pub(super) fn insert(&mut self, id: &str, row: &NewRow<'_, '_>, position: Option<Position>) -> Result<Position> {
        bind(&mut self.statement, 0, id, row, position, None)?;
        self.statement.raw_execute().map_err(|error| refused(error, id, row.stream))?;
        Ok(self.connection.last_insert_rowid())
    }
}

/// Inserts exactly so many events of one stream and one moment at the next positions. Where it fails some may be
/// written, which the caller takes back.
pub(super) struct Batch<'store, 'events> {
    connection: &'store Connection,
    left: usize,
    ids: Vec<String>,
    first: Option<Position>,
    rows: Rows<'store, 'events>,
    /// Behind the statement: it is reset before triggers are on again.
    _triggers: Option<TriggersOff<'store>>,
}

/// A statement that inserts rows together.
struct Rows<'store, 'events> {
    statement: CachedStatement<'store>,
    /// The event that each row of the statement had last.
    before: Vec<Option<&'events NewEvent>>,
    /// How many rows have their values.
    bound: usize,
}

impl<'store, 'events> Rows<'store, 'events> {
    /// A statement that inserts one row, or [`ROWS`].
    fn new(connection: &'store Connection, many: bool) -> Result<Self> {
        let (sql, count) = if many { (&INSERT_ROWS, ROWS) } else { (&INSERT, 1) };
        Ok(Self { statement: connection.prepare_cached(sql)?, before: vec![None; count], bound: 0 })
    }

    /// Gives the next row the values of an event. Answers whether now all rows have theirs.
    fn bind(&mut self, id: &str, row: &NewRow<'events, '_>) -> Result<bool> {
        if let Some(before) = self.before.get_mut(self.bound) {
            bind(&mut self.statement, self.bound, id, row, None, *before)?;
            *before = Some(row.event);
        }
        self.bound += 1;
        Ok(self.bound == self.count())
    }

    fn insert(&mut self) -> rusqlite::Result<()> {
        self.bound = 0;
        self.statement.raw_execute().map(drop)
    }

    fn count(&self) -> usize {
        self.before.len()
    }
}

/// Whose connection a batch is written on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// The store's own, on which no statement is running: switching triggers off would end it.
    OwnConnection,
    /// Any.
    ForeignConnection,
}

impl<'store, 'events> Batch<'store, 'events> {
    pub(super) fn new(connection: &'store Connection, on: On, count: usize) -> Result<Self> {
        let many = on == On::OwnConnection && count >= MANY && !has_foreign_triggers(connection)?;
        let triggers = if many { Some(TriggersOff::on(connection)?) } else { None };
        let rows = Rows::new(connection, many)?;
        let ids = Vec::with_capacity(count);
        Ok(Self { connection, left: count, ids, first: None, rows, _triggers: triggers })
    }

    /// Inserts the next event, or puts it with those that are inserted together.
    pub(super) fn push(&mut self, id: String, row: &NewRow<'events, '_>) -> Result<()> {
        let rows = &mut self.rows;
        let is_full = rows.bind(&id, row)?;
        if is_full {
            let before = (self.ids.len() + 1).saturating_sub(rows.count());
            rows.insert().map_err(|error| {
                // It has written the rows before the one that it failed at.
                let written = usize::try_from(self.connection.changes()).unwrap_or(usize::MAX);
                let refused_id = self.ids.get(before.saturating_add(written)).unwrap_or(&id);
                refused(error, refused_id, row.stream)
            })?;
        }
        self.ids.push(id);
        self.left = self.left.saturating_sub(1);
        if is_full {
            self.inserted(row.stream)?;
        }
        Ok(())
    }

    /// Notes at which position the last event so far lies, and goes on singly where a whole statement is too much.
    fn inserted(&mut self, stream: &StreamName) -> Result<()> {
        let last = self.connection.last_insert_rowid();
        let before = Position::try_from(self.ids.len()).unwrap_or(Position::MAX).saturating_sub(1);
        let first = last.saturating_sub(before);
        if *self.first.get_or_insert(first) != first {
            return Err(Error::new(
                ErrorKind::Database,
                format!("a trigger of another program writes to `events` while events are appended to {stream}"),
            )
            .with_hint("Nothing was written. Events that are appended together lie together: drop that trigger."));
        }
        if self.left < self.rows.count() && self.left > 0 {
            self.rows = Rows::new(self.connection, false)?;
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

/// Gives the parameters of one of a statement's rows the values of an event, in the order of [`COLUMNS`]. A statement
/// keeps its values: where the row had an event of the same append `before`, only those are given that differ, which are
/// few where one thing happened many times.
fn bind(
    statement: &mut Statement<'_>,
    row: usize,
    id: &str,
    values: &NewRow<'_, '_>,
    position: Option<Position>,
    before: Option<&NewEvent>,
) -> rusqlite::Result<()> {
    let NewRow { stream, version, recorded_at, schema_version, event, data, metadata } = values;
    let same_append = before.is_some();
    let same = |of: fn(&NewEvent) -> &Option<String>| before.is_some_and(|before| of(before) == of(event));
    let values: [(&dyn ToSql, bool); WIDTH] = [
        (&position, same_append),
        (&id, false),
        (&stream.aggregate_type, same_append),
        (&stream.aggregate_id, same_append),
        (version, false),
        (&event.event_type, before.is_some_and(|before| before.event_type == event.event_type)),
        (schema_version, same(|event| &event.schema_version)),
        (recorded_at, same_append),
        (&event.actor, same(|event| &event.actor)),
        (&event.actor_type, same(|event| &event.actor_type)),
        (&event.source, same(|event| &event.source)),
        (&event.causation_id, same(|event| &event.causation_id)),
        (&event.correlation_id, same(|event| &event.correlation_id)),
        (&ToSqlOutput::Borrowed(*data), false),
        (
            &ToSqlOutput::Borrowed(*metadata),
            before.is_some_and(|before| before.metadata.is_null() && event.metadata.is_null()),
        ),
    ];
    for ((value, is_there), column) in values.into_iter().zip(1..) {
        if !is_there {
            statement.raw_bind_parameter(row * WIDTH + column, value)?;
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
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::event::{Event, ExpectedVersion};
    use crate::store::{EventStore, read};

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
            expected.extend(places.zip(batch).map(|(place, event)| (place, event.data.into_value())));
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

    /// One of few texts, or none: so that neighbours often have the same.
    fn few() -> impl Strategy<Value = Option<String>> {
        prop_oneof![3 => Just(None), 3 => Just(Some("one".to_owned())), 1 => "[a-z]{0,40}".prop_map(Some)]
    }

    fn events() -> impl Strategy<Value = NewEvent> {
        let types = prop_oneof![3 => Just("cup.sold".to_owned()), 1 => "[a-z]{1,30}"];
        let schema_versions = prop_oneof![Just(None), Just(Some("1".to_owned())), Just(Some("12".to_owned()))];
        let sources = prop_oneof![Just(None), Just(Some("api".to_owned())), Just(Some("ui".to_owned()))];
        let metadata = prop_oneof![3 => Just(Value::Null), 1 => Just(json!({"by": "ann"})), 1 => Just(json!({}))];
        let around = (types, schema_versions, few(), sources, few(), few(), metadata, any::<u8>());
        around.prop_map(
            |(event_type, schema_version, actor, source, causation_id, correlation_id, metadata, number)| {
                let event = NewEvent::new(event_type, json!({ "number": number }));
                NewEvent {
                    schema_version,
                    actor,
                    source,
                    causation_id,
                    correlation_id,
                    metadata: metadata.into(),
                    ..event
                }
            },
        )
    }

    /// What of an event was given to the store.
    fn given(event: &Event) -> NewEvent {
        NewEvent {
            id: None,
            event_type: event.event_type.clone(),
            schema_version: event.schema_version.clone(),
            actor: event.actor.clone(),
            actor_type: event.actor_type.clone(),
            source: event.source.clone(),
            causation_id: event.causation_id.clone(),
            correlation_id: event.correlation_id.clone(),
            data: event.data.to_json().into(),
            metadata: event.metadata.to_json().into(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn what_surrounds_an_event_is_never_that_of_another(
            batches in prop::collection::vec(prop::collection::vec(events(), 1..MANY + 3 * ROWS), 1..4)
        ) {
            let mut store = EventStore::open_in_memory().unwrap();
            for batch in &batches {
                store.append(&stream(), ExpectedVersion::Any, batch).unwrap();
            }
            let mut expected = batches.concat();
            for event in &mut expected {
                event.schema_version.get_or_insert_with(|| "1".to_owned());
            }
            let stored: Vec<_> = store.read_stream(&stream(), 1, None).unwrap().iter().map(given).collect();
            prop_assert_eq!(&stored, &expected);
            let mut folded = Vec::new();
            read::fold_stream(&store.connection, &stream(), 1, |event| {
                folded.push(given(event));
                Ok(())
            })
            .unwrap();
            prop_assert_eq!(&folded, &expected);
        }
    }
}
