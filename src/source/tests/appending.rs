//! Appending through each profile: the row is as planned, is read back as the event, and conflicts write nothing.

use serde_json::json;

use super::super::*;
use super::{Shelf, open};
use crate::event::{Event, ExpectedVersion, NewEvent, StreamName};
use crate::store::{EventStore, SCHEMA_VERSION, migrate_file};

fn all(source: &Source) -> Vec<Event> {
    source.page_at(0, usize::MAX).unwrap()
}

fn new_event(like: &Event) -> NewEvent {
    NewEvent { actor: Some("tester".into()), ..NewEvent::new(&like.event_type, json!({"amount": 7.10, "note": "é"})) }
}

/// An event of the stream that has the most.
fn busiest(source: &Source) -> Event {
    let events = all(source);
    events.into_iter().max_by_key(|event| event.version).unwrap()
}

#[test]
fn an_appended_event_is_read_back_as_planned() {
    for path in Shelf::new().writable() {
        let source = open(&path);
        let name = &source.detection().unwrap().profile.name;
        append::check(&source).unwrap();
        let before = all(&source);
        let last = busiest(&source);
        let event = new_event(&last);
        let plan = append::plan(&source, &last.stream, &event, ExpectedVersion::Exactly(last.version)).unwrap();
        assert_eq!(all(&source), before, "planning {name} wrote something");
        assert_eq!((plan.version, plan.actual), (last.version + 1, Some(last.version)), "{name}");
        let written = append::execute(&source, &plan).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((&written.stream, written.version), (&last.stream, plan.version), "{name}");
        assert_eq!(written.event_type, last.event_type, "{name}");
        assert_eq!(written.data.value().unwrap()["note"], json!("é"), "{name}");
        let after = all(&source);
        assert_eq!(after.len(), before.len() + 1, "{name}");
        assert_eq!(after.last(), Some(&written), "{name}");
        let read: Vec<_> =
            source.read_stream(&last.stream, plan.version, None).unwrap().collect::<Result<_>>().unwrap();
        assert_eq!(read, [written], "{name}");
        assert_row_as_planned(&source, &plan);
    }
}

/// Every planned column is in the file as it was shown, the time apart.
fn assert_row_as_planned(source: &Source, plan: &append::AppendPlan) {
    let page = source.table_page(&plan.table, TableStart::Row(source.table_len(&plan.table).unwrap() - 1), 1).unwrap();
    let table = source.tables().into_iter().find(|table| table.name == plan.table).unwrap();
    let stored = |name: &str| {
        let index = table.columns.iter().position(|column| column == name).unwrap();
        page[0].values[index].to_string()
    };
    let differing: Vec<_> = plan.row.iter().filter(|(name, value)| stored(name) != value.to_string()).collect();
    assert!(differing.len() <= 2, "{differing:?} in {}", source.path().display());
    for (name, _) in differing {
        let time =
            ["metadata", "time", "created", "stored_at", "recorded_at", "state"].iter().any(|word| name.contains(word));
        assert!(time, "{name} differs in {}", source.path().display());
    }
}

#[test]
fn a_new_stream_begins_at_the_first_version() {
    for path in Shelf::new().writable() {
        let source = open(&path);
        let name = source.detection().unwrap().profile.name.clone();
        let like = all(&source).swap_remove(0);
        let id = match name.as_str() {
            "emmett" | "stream" => format!("{}-new", like.stream.aggregate_type),
            _ => "00000000-0000-4000-8000-000000000001".to_owned(),
        };
        let stream = StreamName::new(&like.stream.aggregate_type, id);
        let plan = append::plan(&source, &stream, &new_event(&like), ExpectedVersion::NoStream);
        let plan = plan.unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = append::execute(&source, &plan).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((written.stream, written.version), (stream.clone(), plan.version), "{name}");
        assert_eq!(plan.actual, None);
        let again = append::execute(&source, &plan).unwrap_err();
        let expected = ErrorKind::Conflict { stream, expected: ExpectedVersion::NoStream, actual: Some(plan.version) };
        assert_eq!(again.kind(), &expected, "{name}");
    }
}

#[test]
fn a_conflict_writes_nothing() {
    for path in Shelf::new().writable() {
        let source = open(&path);
        let last = busiest(&source);
        let wrong = ExpectedVersion::Exactly(last.version - 1);
        let conflict = append::plan(&source, &last.stream, &new_event(&last), wrong).unwrap_err();
        assert!(matches!(conflict.kind(), ErrorKind::Conflict { .. }));
        let right = ExpectedVersion::Exactly(last.version);
        let first = append::plan(&source, &last.stream, &new_event(&last), right).unwrap();
        let second = append::plan(&source, &last.stream, &new_event(&last), right).unwrap();
        append::execute(&source, &first).unwrap();
        let count = source.count().unwrap();
        let conflict = append::execute(&source, &second).unwrap_err();
        assert!(
            matches!(conflict.kind(), ErrorKind::Conflict { actual: Some(actual), .. } if *actual == last.version + 1)
        );
        assert_eq!(source.count().unwrap(), count);
    }
}

#[test]
fn the_native_format_is_written_by_its_own_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("native.db");
    let stream = StreamName::new("order", "ord-1");
    let mut store = EventStore::create(&path).unwrap();
    let placed = NewEvent::new("order.placed", json!({"total": 10}));
    store.append(&stream, ExpectedVersion::NoStream, &[placed.clone(), placed.clone()]).unwrap();
    let source = open(&path);
    assert_eq!(source.detection().unwrap().profile.name, "native");
    let plan = append::plan(&source, &stream, &placed, ExpectedVersion::Exactly(2)).unwrap();
    let written = append::execute(&source, &plan).unwrap();
    assert_eq!((written.version, written.position), (3, 3));
    assert_eq!(written.id, plan.event.id);
    assert_eq!(store.read_stream(&stream, 3, None).unwrap(), std::slice::from_ref(&written));
    assert_eq!(source.event(3).unwrap(), Some(written));
    assert!(matches!(append::execute(&source, &plan).unwrap_err().kind(), ErrorKind::Conflict { .. }));
    let unheard_of = NewEvent { actor_type: Some("ghost".into()), ..placed };
    let plan = append::plan(&source, &stream, &unheard_of, ExpectedVersion::Any).unwrap();
    assert_eq!(append::execute(&source, &plan).unwrap_err().kind(), &ErrorKind::BadInput);
    assert_eq!(source.count().unwrap(), 3);
}

#[test]
fn a_native_file_of_an_older_schema_is_brought_up_to_date_by_the_write_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("older.db");
    let stream = StreamName::new("order", "ord-1");
    let placed = NewEvent::new("order.placed", json!({"total": 10}));
    let mut store = EventStore::create(&path).unwrap();
    store.append(&stream, ExpectedVersion::NoStream, std::slice::from_ref(&placed)).unwrap();
    drop(store);
    migrate_file(&path, 1).unwrap();
    let schema = || {
        let conn = rusqlite::Connection::open(&path).unwrap();
        let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        usize::try_from(version).unwrap()
    };
    let source = open(&path);
    assert_eq!(source.detection().unwrap().profile.name, "native");
    assert_eq!(all(&source).len(), 1);
    assert!(source.snapshots(&stream).unwrap().is_empty());
    let wrong = append::plan(&source, &stream, &placed, ExpectedVersion::NoStream).unwrap_err();
    assert!(matches!(wrong.kind(), ErrorKind::Conflict { .. }));
    let plan = append::plan(&source, &stream, &placed, ExpectedVersion::Exactly(1)).unwrap();
    assert_eq!(schema(), 1, "reading and planning leave the schema alone");
    let written = append::execute(&source, &plan).unwrap();
    assert_eq!((schema(), written.version), (SCHEMA_VERSION, 2));
    assert_eq!(all(&source), EventStore::open(&path).unwrap().read_all(None, 9).unwrap());
}

#[test]
fn a_profile_that_says_not_how_refuses_with_the_reason() {
    let shelf = Shelf::new();
    let path = &shelf.paths()[0];
    let mut profile = (*open(path).detection().unwrap().profile).clone();
    profile.append = None;
    let options = OpenOptions { profile: Some(Choice::Profile(Arc::new(profile))), ..OpenOptions::default() };
    let source = Source::open(path, &options).unwrap();
    let refused = append::check(&source).unwrap_err();
    assert_eq!(refused.kind(), &ErrorKind::Unsupported);
    assert!(refused.to_string().contains("can only be read") && refused.hint().is_some());
}
