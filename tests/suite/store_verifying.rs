//! Verifying the built-in store: every kind of meddling with the file is found, and its first position named.

use std::path::{Path, PathBuf};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{self, EventStore};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

/// A store of two streams with ten events each, in turn.
fn made(chained: bool) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store =
        if chained { EventStore::create_chained(&path).unwrap() } else { EventStore::create(&path).unwrap() };
    for number in 0..20 {
        let event = NewEvent { actor: Some("ada".into()), ..NewEvent::new("raised", json!({ "by": number })) };
        let stream = StreamName::new("counter", (number % 2).to_string());
        store.append(&stream, ExpectedVersion::Any, &[event]).unwrap();
    }
    (folder, path)
}

/// Changes the file behind the store's back, without its triggers.
fn meddle(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    let drop = "DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted; \
                DROP TRIGGER events_are_never_replaced; DROP TRIGGER links_are_never_deleted;";
    connection.execute_batch(drop).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn fault(path: &Path) -> Option<(i64, String)> {
    let found = EventStore::open(path).unwrap().verify().unwrap();
    found.fault.map(|fault| (fault.position, fault.reason))
}

#[test]
fn an_untouched_store_is_in_order() {
    for chained in [false, true] {
        let (_folder, path) = made(chained);
        let store = EventStore::open(&path).unwrap();
        let found = store.verify().unwrap();
        assert_eq!((found.events, found.chained, found.fault), (20, chained, None));
        assert_eq!(store.last_hash().unwrap().map(|hash| hash.len()), chained.then_some(64));
        assert_eq!(store.integrity_check().unwrap(), [""; 0]);
    }
}

#[test]
fn what_breaks_the_order_is_found_without_a_chain() {
    for (sql, position, word) in [
        ("UPDATE events SET version = 40 WHERE position = 7", 7, "version 40 where 4 comes next"),
        ("DELETE FROM events WHERE position = 5", 7, "version 4 where 3 comes next"),
        ("UPDATE events SET recorded_at = '2001-01-01T00:00:00.000000Z' WHERE position = 9", 9, "before the event"),
        ("UPDATE events SET recorded_at = 'soon' WHERE position = 9", 9, "no moment"),
        ("UPDATE events SET data = '{torn' WHERE position = 11", 11, "data is no JSON"),
        ("UPDATE streams SET version = 3", 20, "streams"),
        ("DELETE FROM events WHERE position = 20", 19, "streams"),
    ] {
        let (_folder, path) = made(false);
        meddle(&path, sql);
        let (found, reason) = fault(&path).unwrap();
        assert_eq!((found, reason.contains(word)), (position, true), "{sql}: {reason}");
    }
}

#[test]
fn a_change_that_leaves_the_order_is_found_by_the_chain() {
    for (sql, position) in [
        ("UPDATE events SET data = '{\"by\":999}' WHERE position = 6", 6),
        ("UPDATE events SET actor = NULL WHERE position = 8", 8),
        ("UPDATE events SET actor = '' WHERE position = 8", 8),
        ("UPDATE events SET metadata = '{}' WHERE position = 12", 12),
        ("UPDATE events SET event_type = 'lowered' WHERE position = 1", 1),
        ("DELETE FROM events WHERE position = 20; UPDATE streams SET version = 9 WHERE aggregate_id = '1'", 20),
        ("DELETE FROM chain WHERE position = 14", 14),
        ("DELETE FROM chain WHERE position = 0", 0),
    ] {
        let (_folder, path) = made(true);
        meddle(&path, sql);
        assert_eq!(fault(&path).map(|(found, _)| found), Some(position), "{sql}");
        let (_folder, path) = made(false);
        meddle(&path, sql);
        assert_eq!(fault(&path), None, "without a chain {sql} is not seen");
    }
}

#[test]
fn an_event_that_was_replaced_is_found_by_the_chain() {
    let replaced = |column: &str, value: &str| {
        let all = "position, event_id, aggregate_type, aggregate_id, version, event_type, schema_version, recorded_at, \
                   actor, actor_type, source, causation_id, correlation_id, data, metadata";
        let selected = all.replacen(column, value, 1);
        format!("INSERT OR REPLACE INTO events ({all}) SELECT {selected} FROM events WHERE position = 6")
    };
    for (column, value, position) in [
        ("data", "'{\"by\":999}'", 6),
        ("event_type", "'lowered'", 6),
        ("event_id", "'another'", 6),
        // A new place for the same event leaves a hole in the chain.
        ("position", "NULL", 7),
    ] {
        let (_folder, path) = made(true);
        meddle(&path, &replaced(column, value));
        assert_eq!(fault(&path).map(|(found, _)| found), Some(position), "{column}");
    }
    let (_folder, path) = made(true);
    let refused = Connection::open(&path).unwrap().execute(&replaced("data", "'{}'"), []).unwrap_err();
    assert!(refused.to_string().contains("never replaced"), "{refused}");
}

#[test]
fn every_way_of_appending_extends_the_chain() {
    let (_folder, path) = made(true);
    let mut store = EventStore::open(&path).unwrap();
    let (stream, event) = (StreamName::new("counter", "0"), [NewEvent::new("raised", json!({"price": 8}))]);
    store.transaction(|transaction| transaction.append(&stream, ExpectedVersion::Any, &event)).unwrap();
    let command =
        store::Command { id: "c".into(), command_type: "raise".into(), stream: stream.clone(), ..Default::default() };
    store.append_command(&command, ExpectedVersion::Any, &event).unwrap();
    let mut connection = Connection::open(&path).unwrap();
    let transaction = connection.transaction().unwrap();
    store::append_in(&transaction, &stream, ExpectedVersion::Any, &event).unwrap();
    transaction.commit().unwrap();
    let found = store.verify().unwrap();
    assert_eq!((found.events, found.fault), (23, None));
    connection
        .execute(
            "INSERT INTO events SELECT NULL, 'x', aggregate_type, aggregate_id, 14, event_type, \
        schema_version, recorded_at, actor, actor_type, source, causation_id, correlation_id, data, metadata \
        FROM events WHERE position = 23",
            [],
        )
        .unwrap();
    let (position, reason) = fault(&path).unwrap();
    assert_eq!((position, reason.contains("another program")), (24, true), "{reason}");
}

#[test]
fn a_backup_is_the_store_at_one_moment_and_a_store_itself() {
    let (folder, path) = made(true);
    let store = EventStore::open(&path).unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).unwrap();
    assert!(store.backup(&copy).unwrap_err().to_string().contains("exists already"));
    let mut copied = EventStore::open(&copy).unwrap();
    assert_eq!(copied.read_all(None, 99).unwrap(), store.read_all(None, 99).unwrap());
    assert_eq!(copied.last_hash().unwrap(), store.last_hash().unwrap());
    let event = [NewEvent::new("raised", json!({}))];
    copied.append(&StreamName::new("counter", "0"), ExpectedVersion::Exactly(10), &event).unwrap();
    assert_eq!((copied.verify().unwrap().events, store.verify().unwrap().events), (21, 20));
    let mode: String =
        Connection::open(&copy).unwrap().pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_vacuum_gives_space_back_and_changes_nothing_else() {
    let (_folder, path) = made(true);
    let mut store = EventStore::open(&path).unwrap();
    let stream = StreamName::new("counter", "0");
    for version in 1..=10 {
        store.save_snapshot(&stream, version, 1, json!({"text": "x".repeat(50_000)})).unwrap();
    }
    let (before, bytes) = (store.read_all(None, 99).unwrap(), store.statistics().unwrap().bytes);
    assert_eq!(store.prune_snapshots(&stream, 1).unwrap(), 9);
    assert_eq!(store.statistics().unwrap().bytes, bytes, "deleting alone gives nothing back");
    store.vacuum().unwrap();
    assert!(store.statistics().unwrap().bytes < bytes / 2);
    assert_eq!(store.read_all(None, 99).unwrap(), before);
    let next = store.append(&stream, ExpectedVersion::Exactly(10), &[NewEvent::new("raised", json!(1))]).unwrap();
    assert_eq!((next.positions.start, store.verify().unwrap().fault), (21, None));
}

#[test]
fn a_backup_goes_on_while_others_write() {
    let (folder, path) = made(true);
    let writer = std::thread::spawn({
        let path = path.clone();
        move || {
            let mut store = EventStore::open(path).unwrap();
            for number in 0..200 {
                let event = [NewEvent::new("raised", json!({ "by": number }))];
                store.append(&StreamName::new("counter", "busy"), ExpectedVersion::Any, &event).unwrap();
            }
        }
    });
    let store = EventStore::open(&path).unwrap();
    for number in 0..10 {
        let copy = folder.path().join(format!("copy-{number}.db"));
        store.backup(&copy).unwrap();
        let copied = EventStore::open(&copy).unwrap();
        let found = copied.verify().unwrap();
        assert_eq!((found.fault, copied.integrity_check().unwrap().len()), (None, 0));
        assert!((20..=220).contains(&found.events), "{}", found.events);
    }
    writer.join().unwrap();
    assert_eq!(store.verify().unwrap().events, 220);
}

#[test]
fn the_figures_of_a_store_are_those_of_its_events() {
    let (_folder, path) = made(false);
    let mut store = EventStore::open(&path).unwrap();
    let lowered = [NewEvent::new("lowered", json!({}))];
    store.append(&StreamName::new("counter", "9"), ExpectedVersion::Any, &lowered).unwrap();
    store.vacuum().unwrap();
    let figures = store.statistics().unwrap();
    assert_eq!((figures.events, figures.streams), (21, 3));
    assert_eq!(figures.event_types, [("raised".to_owned(), 20), ("lowered".to_owned(), 1)]);
    let events = store.read_all(None, 99).unwrap();
    assert_eq!((&figures.first, &figures.last), (&events[0].timestamp, &events[20].timestamp));
    assert!(figures.bytes > 4096);
}

#[test]
fn a_file_goes_back_to_an_older_schema_and_up_again() {
    let (_folder, path) = made(false);
    assert_eq!(store::migrate_file(&path, 1).unwrap(), store::SCHEMA_VERSION);
    let mut connection = Connection::open(&path).unwrap();
    let transaction = connection.transaction().unwrap();
    let refused = store::append_in(&transaction, &StreamName::new("a", "b"), ExpectedVersion::Any, &[]).unwrap_err();
    assert!(refused.to_string().contains("schema 1"), "{refused}");
    drop(transaction);
    assert_eq!(EventStore::open(&path).unwrap().read_all(None, 99).unwrap().len(), 20);
    assert!(store::migrate_file(&path, 0).is_err());
    let (_folder, path) = made(true);
    assert!(store::migrate_file(&path, 1).unwrap_err().to_string().contains("chain"));
}

#[test]
fn a_verified_file_of_an_older_schema_is_as_it_was_when_it_comes_up() {
    let (_folder, path) = made(true);
    let hash = EventStore::open(&path).unwrap().last_hash().unwrap();
    assert_eq!(store::migrate_file(&path, 5).unwrap(), store::SCHEMA_VERSION);
    let store = EventStore::open(&path).unwrap();
    assert_eq!((store.last_hash().unwrap(), store.verify().unwrap().fault), (hash, None));
    assert_eq!(store.integrity_check().unwrap(), [""; 0]);
}
