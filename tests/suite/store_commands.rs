//! Commands that are processed once, and snapshots, in the built-in store.

use eventscope::ErrorKind;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::source::{OpenOptions, Source};
use eventscope::store::{Command, EventStore};
use serde_json::json;

fn account() -> StreamName {
    StreamName::new("account", "acc-1")
}

fn command(id: &str) -> Command {
    Command {
        id: id.to_owned(),
        command_type: "deposit".to_owned(),
        stream: account(),
        actor: Some("ada".to_owned()),
        source: Some("api".to_owned()),
        data: json!({"amount": 8}).into(),
    }
}

fn deposited() -> NewEvent {
    NewEvent::new("account.deposited", json!({"amount": 8}))
}

#[test]
fn a_command_that_comes_again_appends_nothing_and_is_answered_as_before() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.append(&StreamName::new("other", "1"), ExpectedVersion::Any, &[deposited()]).unwrap();
    let events = [deposited(), deposited()];
    let first = store.append_command(&command("c-1"), ExpectedVersion::NoStream, &events).unwrap();
    assert_eq!(first.events.len(), 2);
    assert_eq!(first.events[0].causation_id.as_deref(), Some("c-1"));
    assert_eq!((first.events[0].actor.as_deref(), first.events[0].source.as_deref()), (Some("ada"), Some("api")));
    store.append(&account(), ExpectedVersion::Any, &[deposited()]).unwrap();
    let again = store.append_command(&command("c-1"), ExpectedVersion::NoStream, &[deposited()]).unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!((&again.events, &again.command), (&first.events, &command("c-1")));
    assert_eq!(store.current_version(&account()).unwrap(), Some(3));
    assert_eq!(store.command("c-1").unwrap().unwrap().events, first.events);
    assert_eq!(store.command("c-2").unwrap(), None);
}

#[test]
fn a_command_that_fails_can_be_tried_again_under_its_id() {
    let mut store = EventStore::open_in_memory().unwrap();
    let failed = store.append_command(&command("c-1"), ExpectedVersion::StreamExists, &[deposited()]);
    assert!(matches!(failed.unwrap_err().kind(), ErrorKind::Conflict { .. }));
    assert!(store.commands(9).unwrap().is_empty());
    assert!(!store.append_command(&command("c-1"), ExpectedVersion::NoStream, &[deposited()]).unwrap().repeated);
}

#[test]
fn a_command_may_produce_nothing_and_its_id_is_its_own() {
    let mut store = EventStore::open_in_memory().unwrap();
    assert!(store.append_command(&command("c-1"), ExpectedVersion::Any, &[]).unwrap().events.is_empty());
    assert!(store.append_command(&command("c-1"), ExpectedVersion::Any, &[deposited()]).unwrap().events.is_empty());
    let other = Command { stream: StreamName::new("account", "acc-2"), ..command("c-1") };
    let error = store.append_command(&other, ExpectedVersion::Any, &[]).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::BadInput);
    for wrong in [Command { id: String::new(), ..command("") }, Command { source: Some("fax".into()), ..command("x") }]
    {
        assert!(store.append_command(&wrong, ExpectedVersion::Any, &[]).is_err());
    }
    assert_eq!(store.commands(9).unwrap().len(), 1);
}

#[test]
fn a_command_whose_place_is_damaged_is_answered_without_a_guess() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    store.append_command(&command("c-1"), ExpectedVersion::Any, &[deposited()]).unwrap();
    let meddling = rusqlite::Connection::open(&path).unwrap();
    meddling.execute("UPDATE commands SET first_position = NULL", []).unwrap();
    assert!(store.command("c-1").unwrap().unwrap().events.is_empty());
    meddling.execute("UPDATE commands SET first_position = ?1, event_count = ?2", [i64::MIN, i64::MAX]).unwrap();
    assert!(store.command("c-1").is_ok());
}

#[test]
fn snapshots_are_found_at_or_before_a_version_and_the_newest_are_kept() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.append(&account(), ExpectedVersion::Any, &vec![deposited(); 9]).unwrap();
    for version in [2, 4, 6, 8] {
        store.save_snapshot(&account(), version, 1, json!({ "at": version })).unwrap();
    }
    store.save_snapshot(&account(), 4, 2, json!({"at": "again"})).unwrap();
    let found = |store: &EventStore, version| {
        store.snapshot(&account(), version).unwrap().map(|snapshot| (snapshot.version, snapshot.state))
    };
    assert_eq!(found(&store, None), Some((8, r#"{"at":8}"#.to_owned())));
    assert_eq!(found(&store, Some(5)), Some((4, r#"{"at":"again"}"#.to_owned())));
    assert_eq!(found(&store, Some(1)), None);
    assert_eq!(store.prune_snapshots(&account(), 2).unwrap(), 2);
    let versions: Vec<_> = store.snapshots(&account()).unwrap().iter().map(|snapshot| snapshot.version).collect();
    assert_eq!(versions, [6, 8]);
    store.save_snapshot(&account(), 9, 1, json!({})).unwrap();
    assert_eq!(store.delete_snapshots_before(&account(), 8).unwrap(), 1);
    let versions: Vec<_> = store.snapshots(&account()).unwrap().iter().map(|snapshot| snapshot.version).collect();
    assert_eq!(versions, [8, 9]);
    let ahead = store.save_snapshot(&account(), 10, 1, json!({})).unwrap_err();
    assert_eq!(*ahead.kind(), ErrorKind::BadInput);
}

#[test]
fn what_the_store_keeps_is_seen_through_its_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    store.append(&account(), ExpectedVersion::Any, &[deposited(), deposited()]).unwrap();
    let stored = store.read_stream(&account(), 1, None).unwrap();
    store.save_snapshot(&account(), 2, 1, json!({"cents": 16})).unwrap();
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    let read: Vec<_> = source.read_stream(&account(), 1, None).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, stored, "the inspector reads what the store wrote, to the byte");
    let snapshots = source.snapshots(&account()).unwrap();
    assert_eq!(snapshots.len(), 1);
    assert_eq!((snapshots[0].version, snapshots[0].state.to_json()), (2, json!({"cents": 16})));
}
