//! The built-in event store, from outside: what it promises to an application and to other processes.

use std::path::Path;

use eventscope::ErrorKind;
use eventscope::event::{Event, ExpectedVersion, Json, NewEvent, StreamName};
use eventscope::store::{self, Appended, Encoding, EventStore, Query};
use rusqlite::Connection;
use serde_json::{Value, json};

fn account() -> StreamName {
    StreamName::new("account", "acc-1")
}

fn deposit(amount: i64) -> NewEvent {
    NewEvent::new("account.deposited", json!({ "amount": amount }))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The answer to the append that these events of one stream came from.
pub(crate) fn answer_for(events: &[Event]) -> Appended {
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Appended::default() };
    Appended {
        positions: first.position..last.position + 1,
        versions: first.version..last.version + 1,
        ids: events.iter().map(|event| event.id.clone().unwrap()).collect(),
        timestamp: first.timestamp.clone(),
    }
}

#[test]
fn what_is_appended_is_read_back_with_its_places_and_its_moment() {
    let mut store = EventStore::open_in_memory().unwrap();
    let event = NewEvent {
        id: Some("e-1".to_owned()),
        event_type: "order.placed".to_owned(),
        schema_version: Some("2".to_owned()),
        actor: Some("ada".to_owned()),
        actor_type: Some("user".to_owned()),
        source: Some("api".to_owned()),
        causation_id: Some("cmd-1".to_owned()),
        correlation_id: Some("req-1".to_owned()),
        data: Json::text(r#"{"total": 8.00, "big": 123456789012345678901234567890}"#).unwrap(),
        metadata: json!({"ip": "::1"}).into(),
    };
    let order = StreamName::new("order", "ord-1");
    let appended = store.append(&order, ExpectedVersion::NoStream, std::slice::from_ref(&event)).unwrap();
    let read = store.read_stream(&order, 1, None).unwrap().remove(0);
    assert_eq!(store.event("e-1").unwrap().as_ref(), Some(&read));
    assert_eq!(appended, answer_for(std::slice::from_ref(&read)), "the answer is what is stored");
    assert_eq!((read.position, read.version), (1, 1));
    assert_eq!(read.data.json_text(), Some(r#"{"total": 8.00, "big": 123456789012345678901234567890}"#));
    assert_eq!(event.metadata, read.metadata.to_json());
    let seen = (read.schema_version, read.actor, read.actor_type, read.source, read.causation_id, read.correlation_id);
    let given =
        (event.schema_version, event.actor, event.actor_type, event.source, event.causation_id, event.correlation_id);
    assert_eq!(seen, given);
    assert!(read.timestamp.unwrap().utc.is_some());
}

#[test]
fn each_expectation_is_held_against_the_stream() {
    let expectations = [
        (ExpectedVersion::Any, true, true),
        (ExpectedVersion::NoStream, true, false),
        (ExpectedVersion::StreamExists, false, true),
        (ExpectedVersion::Exactly(1), false, true),
        (ExpectedVersion::Exactly(2), false, false),
    ];
    for (expected, on_none, on_one) in expectations {
        for (before, allowed) in [(0, on_none), (1, on_one)] {
            let mut store = EventStore::open_in_memory().unwrap();
            store.append(&account(), ExpectedVersion::Any, &vec![deposit(1); before]).unwrap();
            let outcome = store.append(&account(), expected, &[deposit(2)]);
            assert_eq!(outcome.is_ok(), allowed, "{expected} on a stream of {before}");
            let Err(error) = outcome else { continue };
            let actual = (before == 1).then_some(1);
            assert_eq!(*error.kind(), ErrorKind::Conflict { stream: account(), expected, actual });
            assert_eq!(store.read_all(None, 9).unwrap().len(), before, "a conflict writes nothing");
        }
    }
}

#[test]
fn a_batch_that_cannot_be_stored_whole_is_not_stored_at_all() {
    let mut store = EventStore::open_in_memory().unwrap();
    let with_id = |id: &str| NewEvent { id: Some(id.to_owned()), ..deposit(1) };
    store.append(&account(), ExpectedVersion::Any, &[with_id("a")]).unwrap();
    let error = store.append(&account(), ExpectedVersion::Any, &[with_id("b"), with_id("a")]).unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("event id a is taken")), (&ErrorKind::BadInput, true));
    assert_eq!(store.read_all(None, 9).unwrap().len(), 1);
    assert_eq!(store.current_version(&account()).unwrap(), Some(1));
    let next = store.append(&account(), ExpectedVersion::Exactly(1), &[deposit(2)]).unwrap();
    assert_eq!((next.positions, next.versions), (2..3, 2..3), "no hole is left behind");
}

#[test]
fn an_event_that_the_format_cannot_hold_is_refused_in_words() {
    let mut store = EventStore::open_in_memory().unwrap();
    let wrong = [
        (NewEvent::new("", Value::Null), "no type"),
        (NewEvent { actor_type: Some("robot".to_owned()), ..deposit(1) }, "actor type"),
        (NewEvent { source: Some("fax".to_owned()), ..deposit(1) }, "source"),
        (NewEvent { schema_version: Some("v2".to_owned()), ..deposit(1) }, "schema version"),
        (NewEvent { id: Some(String::new()), ..deposit(1) }, "event id"),
    ];
    for (event, word) in wrong {
        let error = store.append(&account(), ExpectedVersion::Any, &[event]).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::BadInput);
        assert!(error.to_string().contains(word) && error.hint().is_some(), "{error}");
    }
    for stream in [StreamName::new("", "a"), StreamName::new("a", ""), StreamName::new("a/b", "c")] {
        assert!(store.append(&stream, ExpectedVersion::Any, &[deposit(1)]).is_err(), "{stream:?}");
    }
}

#[test]
fn events_can_be_neither_changed_nor_deleted() {
    let folder = folder();
    let path = folder.path().join("s.db");
    EventStore::create(&path).unwrap().append(&account(), ExpectedVersion::Any, &[deposit(1)]).unwrap();
    let connection = Connection::open(&path).unwrap();
    for sql in ["UPDATE events SET data = '{}'", "DELETE FROM events"] {
        let error = connection.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("append a correcting event"), "{error}");
    }
}

#[test]
fn events_cannot_be_replaced_by_whatever_kind_of_insert() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    store.append(&account(), ExpectedVersion::Any, &[deposit(1), deposit(2)]).unwrap();
    let stored = store.read_all(None, 9).unwrap();
    let connection = Connection::open(&path).unwrap();
    let insert = |how: &str, position: Option<i64>, id: &str, version: i64| {
        let sql = format!(
            "INSERT {how} INTO events (position, event_id, aggregate_type, aggregate_id, version, event_type, \
             recorded_at, data) VALUES (?1, ?2, 'account', 'acc-1', ?3, 'account.emptied', ?4, '{{}}')"
        );
        connection.execute(&sql, (position, id, version, "2026-03-14T12:00:00.000000Z"))
    };
    let taken = stored[0].id.as_deref().unwrap();
    for how in ["", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ABORT", "OR ROLLBACK"] {
        for (position, id, version) in [(Some(1), "new", 9), (None, taken, 9), (None, "new", 1)] {
            let error = insert(how, position, id, version).unwrap_err().to_string();
            assert!(error.contains("events are never replaced"), "INSERT {how}: {error}");
        }
    }
    let upsert = "INSERT INTO events SELECT * FROM events WHERE true ON CONFLICT DO UPDATE SET data = '{}'";
    assert!(connection.execute(upsert, []).unwrap_err().to_string().contains("never replaced"));
    assert!(connection.execute("REPLACE INTO events SELECT * FROM events", []).is_err());
    assert!(connection.execute("UPDATE OR REPLACE events SET position = 2 WHERE position = 1", []).is_err());
    assert_eq!(store.read_all(None, 9).unwrap(), stored);
    assert_eq!(insert("OR REPLACE", None, "new", 3).unwrap(), 1, "what replaces nothing goes in");
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let appended = EventStore::create(&path).unwrap().append(&account(), ExpectedVersion::Any, &[deposit(1)]).unwrap();
    assert_eq!(answer_for(&EventStore::open(&path).unwrap().read_all(None, 9).unwrap()), appended);
}

#[test]
fn create_leaves_a_file_that_exists_as_it_is() {
    let folder = folder();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "mine").unwrap();
    let error = EventStore::create(&path).err().unwrap();
    assert!(error.to_string().contains("exists already"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}

/// What lies in a folder: names and contents.
fn contents(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries.map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn open_refuses_what_is_not_its_own_and_leaves_it_alone() {
    let folder = folder();
    let foreign = folder.path().join("foreign.db");
    let application = Connection::open(&foreign).unwrap();
    application.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).unwrap();
    application.execute_batch("CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT)").unwrap();
    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    std::fs::write(folder.path().join("text.db"), "x".repeat(4096)).unwrap();
    let before = contents(folder.path());
    for (name, word) in [("foreign.db", "not an event store"), ("empty.db", "empty"), ("text.db", "not a SQLite")] {
        let error = EventStore::open(folder.path().join(name)).err().unwrap();
        assert_eq!(*error.kind(), ErrorKind::BadInput);
        assert!(error.to_string().contains(word) && error.hint().is_some(), "{error}");
    }
    assert_eq!(*EventStore::open(folder.path().join("none.db")).err().unwrap().kind(), ErrorKind::NotFound);
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn open_refuses_a_newer_schema() {
    let folder = folder();
    let path = folder.path().join("s.db");
    EventStore::create(&path).unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 4000).unwrap();
    let error = EventStore::open(&path).err().unwrap();
    assert_eq!(*error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("schema 4000"), "{error}");
}

#[test]
fn a_transaction_over_several_streams_is_committed_or_taken_back_as_one() {
    let mut store = EventStore::open_in_memory().unwrap();
    let other = StreamName::new("account", "acc-2");
    let failed = store.transaction(|transaction| {
        transaction.append(&account(), ExpectedVersion::Any, &[deposit(1)])?;
        assert_eq!(transaction.current_version(&account())?, Some(1), "it sees what it has written");
        transaction.append(&other, ExpectedVersion::StreamExists, &[deposit(2)])
    });
    assert!(matches!(failed.unwrap_err().kind(), ErrorKind::Conflict { .. }));
    assert!(store.read_all(None, 9).unwrap().is_empty());
    store
        .transaction(|transaction| {
            transaction.append(&account(), ExpectedVersion::Any, &[deposit(1)])?;
            let refused = transaction.append(&other, ExpectedVersion::Any, &[deposit(2), NewEvent::default()]);
            assert!(refused.is_err());
            transaction.append(&other, ExpectedVersion::NoStream, &[deposit(3)])
        })
        .unwrap();
    let streams: Vec<_> = store.read_all(None, 9).unwrap().into_iter().map(|event| event.stream).collect();
    assert_eq!(streams, [account(), other], "a refused append leaves nothing behind in it");
}

#[test]
fn appending_in_a_callers_transaction_is_the_callers_to_commit() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let store = EventStore::create(&path).unwrap();
    let mut connection = Connection::open(&path).unwrap();
    let append =
        |connection: &Connection| store::append_in(connection, &account(), ExpectedVersion::Any, &[deposit(1)]);
    assert_eq!(*append(&connection).unwrap_err().kind(), ErrorKind::BadInput, "no transaction was begun");
    let transaction = connection.transaction().unwrap();
    append(&transaction).unwrap();
    transaction.rollback().unwrap();
    assert!(store.read_all(None, 9).unwrap().is_empty());
    let transaction = connection.transaction().unwrap();
    let appended = append(&transaction).unwrap();
    transaction.commit().unwrap();
    assert_eq!(answer_for(&store.read_all(None, 9).unwrap()), appended);
}

#[test]
fn reading_takes_parts_of_a_stream_and_pages_of_the_whole() {
    let mut store = EventStore::open_in_memory().unwrap();
    let amounts: Vec<_> = (1..=5).map(deposit).collect();
    store.append(&account(), ExpectedVersion::Any, &amounts).unwrap();
    store.append(&StreamName::new("account", "acc-2"), ExpectedVersion::Any, &amounts).unwrap();
    let versions = |from, to| -> Vec<i64> {
        store.read_stream(&account(), from, to).unwrap().iter().map(|event| event.version).collect()
    };
    assert_eq!(versions(2, Some(4)), [2, 3, 4]);
    assert_eq!(versions(4, None), [4, 5]);
    assert_eq!(versions(9, None), [0; 0]);
    let positions = |after, limit| -> Vec<i64> {
        store.read_all(after, limit).unwrap().iter().map(|event| event.position).collect()
    };
    assert_eq!(positions(None, 3), [1, 2, 3]);
    assert_eq!(positions(Some(3), 4), [4, 5, 6, 7]);
    assert_eq!(positions(Some(10), 4), [0; 0]);
}

/// Also where `serde_json` has no feature of ours.
#[test]
fn text_that_goes_in_comes_out_to_the_digit() {
    let text = r#"{"z": 8.00, "a": [123456789012345678901234567890, 1E+2, -0], "z2": {"b": 1, "a": 2}}"#;
    let mut store = EventStore::open_in_memory().unwrap();
    let sold =
        || NewEvent { metadata: Json::text("[0.10]").unwrap(), ..NewEvent::new("cup.sold", Json::text(text).unwrap()) };
    store.append(&account(), ExpectedVersion::Any, &[sold()]).unwrap();
    let stored = store.read_stream(&account(), 1, None).unwrap();
    assert_eq!((stored[0].data.json_text(), stored[0].metadata.json_text()), (Some(text), Some("[0.10]")));
    let mut lines = Vec::new();
    store.export(Query::default(), &mut lines, |_| {}).unwrap();
    assert!(String::from_utf8(lines).unwrap().contains(text));

    store.set_encoding(Encoding::MessagePack).unwrap();
    let error = store.append(&account(), ExpectedVersion::Any, &[sold()]).unwrap_err();
    assert!(error.to_string().contains("8.00 to the digit"), "{error}");
    let plain = NewEvent::new("cup.sold", Json::text(r#"{"b": 1.5, "a": [18446744073709551615]}"#).unwrap());
    store.append(&account(), ExpectedVersion::Any, std::slice::from_ref(&plain)).unwrap();
    assert_eq!(store.read_stream(&account(), 2, None).unwrap()[0].data.to_json(), plain.data.into_value());
}
