//! What a store asks of its events: schemas of their data and names of their types, of every writer and in every way in.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output};

use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{self, Command, EventStore, Naming, Places};
use eventscope::{Error, ErrorKind, Result};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::store::answer_for;

fn order() -> StreamName {
    StreamName::new("order", "ord-1")
}

fn placed(data: Value) -> NewEvent {
    NewEvent::new("order.placed", data)
}

fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["lines", "at"],
        "properties": {
            "at": {"type": "string", "format": "date-time"},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
        },
        "$defs": {"line": {"type": "object", "properties": {"qty": {"type": "integer", "maximum": 100}}}},
    })
}

fn good() -> Value {
    json!({"at": "2026-03-14T12:00:00Z", "lines": [{"qty": 2}]})
}

fn made(folder: &Path) -> PathBuf {
    let path = folder.join("s.db");
    EventStore::create(&path).unwrap().register_schema("order.placed", 1, &schema()).unwrap();
    path
}

/// Every way in, each tried with one event.
fn every_way(path: &Path, event: &NewEvent) -> Vec<(&'static str, Result<()>)> {
    let events = std::slice::from_ref(event);
    let mut store = EventStore::open(path).unwrap();
    let id = format!("{}{}", event.event_type, event.data);
    let command = Command { id, command_type: "place".into(), stream: order(), ..Default::default() };
    let line = json!({"aggregate_type": "order", "aggregate_id": "ord-1", "event_type": event.event_type,
        "schema_version": event.schema_version, "data": event.data.value()})
    .to_string();
    let mut connection = Connection::open(path).unwrap();
    let transaction = connection.transaction().unwrap();
    let appended_in = store::append_in(&transaction, &order(), ExpectedVersion::Any, events).map(drop);
    transaction.commit().unwrap();
    vec![
        ("append_in", appended_in),
        ("append", store.append(&order(), ExpectedVersion::Any, events).map(drop)),
        ("append_command", store.append_command(&command, ExpectedVersion::Any, events).map(drop)),
        (
            "transaction",
            store.transaction(|transaction| transaction.append(&order(), ExpectedVersion::Any, events)).map(drop),
        ),
        ("import", store.import(&mut line.as_bytes(), Places::Anew, |_| {}).map(drop)),
    ]
}

fn count(path: &Path) -> usize {
    EventStore::open(path).unwrap().read_all(None, usize::MAX).unwrap().len()
}

#[test]
fn data_that_does_not_fit_its_schema_is_refused_in_every_way_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let wrong = json!({"at": "2026-03-14T12:00:00Z", "lines": [{"qty": 2}, {"qty": "two"}]});
    for (way, outcome) in every_way(&path, &placed(wrong)) {
        let error = outcome.unwrap_err();
        let said = error.to_string();
        assert_eq!(*error.kind(), ErrorKind::BadInput, "{way}");
        for words in ["order.placed, schema version 1", "at /lines/1/qty: ", r#""two" is not of type "integer""#] {
            assert!(said.contains(words) && error.hint().is_some(), "{way}: {said}");
        }
    }
    assert_eq!(count(&path), 0);
    for (way, outcome) in every_way(&path, &placed(good())) {
        outcome.unwrap_or_else(|error| panic!("{way}: {error}"));
    }
    assert_eq!(count(&path), 5);
}

#[test]
fn what_was_expected_is_said_wherever_it_is() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.register_schema("order.placed", 1, &schema()).unwrap();
    for (data, words) in [
        (json!([]), "at its root: [] is not of type \"object\""),
        (json!({"lines": []}), "at its root: \"at\" is a required property"),
        (json!({"at": "noon", "lines": []}), "at /at: \"noon\" is not a \"date-time\""),
        (json!({"at": "2026-03-14T12:00:00Z", "lines": [{"qty": 101}]}), "101 is greater than the maximum of 100"),
        (json!({"lines": 1}), "(and 1 more)"),
    ] {
        let error = store.append(&order(), ExpectedVersion::Any, &[placed(data)]).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    let long = placed(json!({"at": "x".repeat(100_000), "lines": []}));
    let error = store.append(&order(), ExpectedVersion::Any, &[long]).unwrap_err();
    assert!(error.to_string().len() < 600, "{} bytes", error.to_string().len());
}

#[test]
fn other_types_and_versions_are_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let next = NewEvent { schema_version: Some("2".to_owned()), ..placed(json!(7)) };
    for event in [NewEvent::new("order.paid", json!(7)), next] {
        for (way, outcome) in every_way(&path, &event) {
            outcome.unwrap_or_else(|error| panic!("{way}: {error}"));
        }
    }
    assert_eq!(count(&path), 10);
}

#[test]
fn numbers_are_held_against_the_schema_to_the_digit() {
    let mut store = EventStore::open_in_memory().unwrap();
    let limit: Value = serde_json::from_str("123456789012345678901234567890").unwrap();
    store.register_schema("n", 1, &json!({"type": "number", "maximum": limit, "multipleOf": 0.01})).unwrap();
    let mut outcome = |text: &str| {
        let event = NewEvent::new("n", serde_json::from_str::<Value>(text).unwrap());
        store.append(&order(), ExpectedVersion::Any, &[event]).map(drop)
    };
    for fits in ["123456789012345678901234567890", "8.00", "0.07", "-1"] {
        assert!(outcome(fits).is_ok(), "{fits}");
    }
    for misfits in ["123456789012345678901234567891", "8.001", "\"8\""] {
        assert!(outcome(misfits).is_err(), "{misfits}");
    }
}

#[test]
fn a_change_of_the_rules_is_seen_by_every_connection_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let (mut store, mut other) = (EventStore::open(&path).unwrap(), EventStore::open(&path).unwrap());
    let mut fits = |data: Value| store.append(&order(), ExpectedVersion::Any, &[placed(data)]).is_ok();
    assert!(!fits(json!({"n": 1})));
    assert!(other.remove_schema("order.placed", 1).unwrap());
    assert!(fits(json!({"n": 1})), "removed by another connection");
    other.register_schema("order.placed", 1, &json!({"required": ["m"]})).unwrap();
    assert!(!fits(json!({"n": 1})), "registered by another connection");
    other.replace_schema("order.placed", 1, &json!({"required": ["n"]})).unwrap();
    assert!(fits(json!({"n": 1})), "replaced by another connection");
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE event_schemas SET schema = '{\"required\": [\"x\"]}'", [])
        .unwrap();
    assert!(!fits(json!({"n": 1})), "changed by another program");
    other.set_naming(&Naming { event_types: Some("[A-Z].*".into()), ..Naming::default() }).unwrap();
    assert!(!fits(json!({"x": 1})), "named otherwise by another connection");
}

#[test]
fn a_schema_under_which_events_were_stored_is_only_replaced_explicitly() {
    let mut store = EventStore::open_in_memory().unwrap();
    let (first, second) = (json!({"required": ["a"]}), json!({"required": ["b"]}));
    let registered = |store: &EventStore| store.schemas().unwrap().pop().map(|found| found.schema);
    store.register_schema("order.placed", 1, &first).unwrap();
    store.register_schema("order.placed", 1, &second).unwrap();
    assert_eq!(registered(&store), Some(second.clone()), "nothing was stored under the first");
    store.append(&order(), ExpectedVersion::Any, &[placed(json!({"b": 1}))]).unwrap();
    store.register_schema("order.placed", 1, &second).unwrap();
    let error = store.register_schema("order.placed", 1, &first).unwrap_err();
    assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::BadInput, true));
    assert_eq!(registered(&store), Some(second));
    store.register_schema("order.placed", 2, &first).unwrap();
    store.replace_schema("order.placed", 1, &first).unwrap();
    let listed: Vec<_> = store
        .schemas()
        .unwrap()
        .into_iter()
        .map(|found| (found.event_type, found.schema_version, found.schema))
        .collect();
    assert_eq!(listed, [("order.placed".to_owned(), 1, first.clone()), ("order.placed".to_owned(), 2, first)]);
    assert!(store.schemas().unwrap().iter().all(|found| found.registered_at.utc.is_some()));
    let misfits = store.misfits(9).unwrap();
    assert_eq!((misfits.len(), misfits[0].position), (1, 1));
    assert!(misfits[0].reason.contains("\"a\" is a required property"), "{}", misfits[0].reason);
    assert!(store.remove_schema("order.placed", 1).unwrap() && !store.remove_schema("order.placed", 1).unwrap());
    assert!(store.misfits(9).unwrap().is_empty());
}

#[test]
fn what_is_no_schema_is_not_registered_and_nothing_is_fetched() {
    let mut store = EventStore::open_in_memory().unwrap();
    for wrong in
        [json!(7), json!({"type": "text"}), json!({"$ref": "https://example.com/order.json"}), json!({"pattern": "("})]
    {
        let error = store.register_schema("order.placed", 1, &wrong).unwrap_err();
        assert!(error.kind() == &ErrorKind::BadInput && error.to_string().contains("order.placed"), "{error}");
    }
    assert!(store.register_schema("", 1, &json!({})).is_err());
    assert!(store.register_schema("order.placed", 0, &json!({})).is_err());
    assert!(store.schemas().unwrap().is_empty());
}

#[test]
fn names_are_held_against_the_convention_in_every_way_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    assert_eq!(EventStore::open(&path).unwrap().naming().unwrap(), Naming::default());
    EventStore::open(&path).unwrap().set_naming(&Naming::dotted()).unwrap();
    assert_eq!(EventStore::open(&path).unwrap().naming().unwrap(), Naming::dotted(), "it is kept in the file");
    for (way, outcome) in every_way(&path, &NewEvent::new("OrderPlaced", json!({}))) {
        let error = outcome.unwrap_err();
        assert!(error.to_string().contains("the event type `OrderPlaced`"), "{way}: {error}");
    }
    for (way, outcome) in every_way(&path, &placed(good())) {
        outcome.unwrap_or_else(|error| panic!("{way}: {error}"));
    }
    let mut store = EventStore::open(&path).unwrap();
    let error = store.append(&StreamName::new("Order", "1"), ExpectedVersion::Any, &[placed(good())]).unwrap_err();
    assert!(error.to_string().contains("the aggregate type `Order`"), "{error}");
    let wrong = Naming { event_types: Some("(".to_owned()), aggregate_types: None };
    assert_eq!(*store.set_naming(&wrong).unwrap_err().kind(), ErrorKind::BadInput);
    assert_eq!(store.naming().unwrap(), Naming::dotted());
    store.set_naming(&Naming::default()).unwrap();
    store.append(&StreamName::new("Order", "1"), ExpectedVersion::Any, &[NewEvent::new("Placed", json!(1))]).unwrap();
}

#[test]
fn the_rules_go_back_with_the_schema_only_when_they_are_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    assert!(store::migrate_file(&path, 5).unwrap_err().to_string().contains("`event_schemas`"));
    let mut opened = EventStore::open(&path).unwrap();
    opened.remove_schema("order.placed", 1).unwrap();
    opened.set_naming(&Naming::dotted()).unwrap();
    assert!(store::migrate_file(&path, 5).unwrap_err().to_string().contains("`settings`"));
    opened.set_naming(&Naming::default()).unwrap();
    drop(opened);
    store::migrate_file(&path, 5).unwrap();
    assert!(EventStore::open(&path).unwrap().schemas().unwrap().is_empty());
}

#[test]
fn a_file_of_an_older_schema_is_brought_up_with_its_events() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let appended =
        EventStore::create(&path).unwrap().append(&order(), ExpectedVersion::Any, &[placed(good())]).unwrap();
    store::migrate_file(&path, 5).unwrap();
    let mut store = EventStore::open(&path).unwrap();
    assert_eq!(answer_for(&store.read_all(None, 9).unwrap()), appended);
    store.append(&order(), ExpectedVersion::Exactly(1), &[placed(good())]).unwrap();
    assert_eq!((store.integrity_check().unwrap().len(), store.verify().unwrap().fault), (0, None));
    let connection = Connection::open(&path).unwrap();
    let insert = |data: &dyn rusqlite::ToSql, metadata: &dyn rusqlite::ToSql| {
        let sql = "INSERT INTO events (event_id, aggregate_type, aggregate_id, version, event_type, recorded_at, data, metadata) \
                   VALUES ('x', 'a', 'b', 1, 'c', '2026-03-14T12:00:00.000000Z', ?1, ?2)";
        connection.execute(sql, [data, metadata])
    };
    for (data, metadata) in
        [(&7 as &dyn rusqlite::ToSql, &"{}" as &dyn rusqlite::ToSql), (&"{}", &7.5), (&None::<String>, &"{}")]
    {
        assert!(insert(data, metadata).is_err(), "only text and blobs are data and metadata");
    }
    assert_eq!(insert(&"", &None::<String>).unwrap(), 1);
}

fn eventscope(args: &[&str]) -> Output {
    Process::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_line_registers_checks_lists_and_removes_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let [path, strict, lax] = ["s.db", "strict.json", "lax.json"].map(|name| folder.path().join(name));
    let [file, strict_file] = [&path, &strict].map(|path| path.to_str().unwrap());
    std::fs::write(&strict, schema().to_string()).unwrap();
    std::fs::write(&lax, "{}").unwrap();
    EventStore::create(&path).unwrap().append(&order(), ExpectedVersion::Any, &[placed(json!(7))]).unwrap();
    assert_eq!(said(&eventscope(&["schemas", file])).1, "the event store has no schemas\n");
    let (code, listed, _) = said(&eventscope(&["schemas", file, "--add", &format!("order.placed={strict_file}")]));
    assert!(code == Some(0) && listed.contains("order.placed        1  20"), "{listed}");
    let (code, found, why) = said(&eventscope(&["schemas", file, "--check"]));
    assert_eq!(code, Some(1));
    assert!(
        found.starts_with("1  the data of order.placed") && why.contains("a stored event does not fit"),
        "{found}{why}"
    );
    let refused = eventscope(&["append", file, "--stream", "order/ord-1", "--type", "order.placed", "--data", "{}"]);
    let (code, _, why) = said(&refused);
    assert!(code == Some(2) && why.contains("\"lines\" is a required property"), "{why}");
    let lax = format!("order.placed@1={}", lax.display());
    let (code, _, why) = said(&eventscope(&["schemas", file, "--add", &lax]));
    assert!(code == Some(2) && why.contains("replace"), "{why}");
    let (code, listed, _) = said(&eventscope(&["schemas", file, "--add", &lax, "--replace", "--json"]));
    let document: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((code, &document["schema"], &document["schema_version"]), (Some(0), &json!({}), &json!(1)));
    assert_eq!(said(&eventscope(&["schemas", file, "--check"])).0, Some(0));
    assert_eq!(said(&eventscope(&["schemas", file, "--remove", "order.placed@2"])).0, Some(1));
    assert_eq!(said(&eventscope(&["schemas", file, "--remove", "order.placed"])).1, "the event store has no schemas\n");
    assert_eq!(said(&eventscope(&["schemas", file, "--add", "order.placed=none.json"])).0, Some(2));
}

#[test]
fn the_command_line_shows_and_changes_settings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let file = path.to_str().unwrap();
    EventStore::create(&path).unwrap();
    let (code, shown, _) = said(&eventscope(&["settings", file]));
    assert_eq!(
        (code, shown.as_str()),
        (Some(0), "event types      any\naggregate types  any\nencoding         json\n")
    );
    let changed = eventscope(&["settings", file, "--event-types", "dotted", "--encoding", "messagepack", "--json"]);
    let document: Value = serde_json::from_slice(&changed.stdout).unwrap();
    assert_eq!(
        document,
        json!({"event_types": Naming::EVENT_TYPES, "aggregate_types": null, "encoding": "messagepack"})
    );
    let refused = eventscope(&["append", file, "--stream", "order/ord-1", "--type", "Placed", "--data", "{}"]);
    assert!(said(&refused).0 == Some(2) && said(&refused).2.contains("order.placed"), "{}", said(&refused).2);
    assert_eq!(said(&eventscope(&["settings", file, "--event-types", "any"])).0, Some(0));
    assert_eq!(said(&eventscope(&["settings", file, "--event-types", "("])).0, Some(2));
    assert_eq!(said(&eventscope(&["settings", file, "--encoding", "xml"])).0, Some(2));
    let written = eventscope(&["append", file, "--stream", "order/ord-1", "--type", "Placed", "--data", "{\"n\": 1}"]);
    assert_eq!(said(&written).0, Some(0), "{}", said(&written).2);
    let events: Vec<Event> = EventStore::open(&path).unwrap().read_all(None, 9).unwrap();
    assert_eq!(&*events[0].data.raw, b"\x81\xa1n\x01");
}

#[test]
fn a_refusal_is_the_callers_error_and_leaves_its_transaction() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.register_schema("order.placed", 1, &schema()).unwrap();
    let kept = store.transaction(|transaction| {
        assert!(transaction.append(&order(), ExpectedVersion::Any, &[placed(good()), placed(json!(1))]).is_err());
        transaction.append(&order(), ExpectedVersion::NoStream, &[placed(good())])?;
        Ok::<_, Error>(())
    });
    assert!(kept.is_ok());
    assert_eq!(store.read_all(None, 9).unwrap().len(), 1);
}
