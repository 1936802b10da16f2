//! Data that the store writes as MessagePack: read, verified, chained, exported, imported and inspected as JSON is.

use std::path::{Path, PathBuf};

use eventscope::ErrorKind;
use eventscope::event::{Event, ExpectedVersion, NewEvent, StorageClass, StreamName};
use eventscope::filter::compile;
use eventscope::source::{OpenOptions, Source, Stored, append};
use eventscope::store::{self, Encoding, EventStore, Naming, Places, Query};
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::store::answer_for;

fn cup() -> StreamName {
    StreamName::new("cup", "1")
}

fn sold(data: Value) -> NewEvent {
    NewEvent { metadata: json!({"till": 8.0}).into(), ..NewEvent::new("cup.sold", data) }
}

/// Data that JSON and MessagePack both hold, small and large.
fn data() -> Vec<Value> {
    vec![
        json!({}),
        json!([]),
        json!(null),
        json!({"cents": 800, "on": {"shelf": [1, -1, u64::MAX, i64::MIN, 0.1, 1e300, true, null, "é\u{0}"]}}),
        json!({"$binary": "00FF", "text": "x".repeat(70_000), "list": (0..70_000).collect::<Vec<_>>()}),
    ]
}

fn made(folder: &Path, chained: bool) -> (PathBuf, EventStore) {
    let path = folder.join("s.db");
    let create = if chained { EventStore::create_chained } else { EventStore::create };
    let mut store = create(path.clone()).unwrap();
    store.append(&cup(), ExpectedVersion::Any, &[sold(json!({"cents": 1}))]).unwrap();
    store.set_encoding(Encoding::MessagePack).unwrap();
    store.append(&cup(), ExpectedVersion::Any, &data().into_iter().map(sold).collect::<Vec<_>>()).unwrap();
    (path, store)
}

#[test]
fn what_is_stored_as_messagepack_is_read_as_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (path, store) = made(folder.path(), true);
    assert_eq!(store.encoding().unwrap(), Encoding::MessagePack);
    let store = EventStore::open(&path).unwrap();
    let events = store.read_stream(&cup(), 1, None).unwrap();
    assert_eq!(events[0].data.storage, StorageClass::Text, "what was stored before stays as it was");
    for (event, data) in events[1..].iter().zip(data()) {
        assert_eq!((event.data.storage, event.metadata.storage), (StorageClass::Blob, StorageClass::Text));
        assert_eq!(event.data.to_json(), data);
    }
    assert_eq!(&*events[1].data.raw, b"\x80");
    let found = store.verify().unwrap();
    assert_eq!((found.events, found.chained, found.fault), (6, true, None));
}

#[test]
fn the_answer_of_an_append_is_what_is_read_back() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.set_encoding(Encoding::MessagePack).unwrap();
    let events: Vec<_> = data().into_iter().map(sold).collect();
    let appended = store.append(&cup(), ExpectedVersion::Any, &events).unwrap();
    let stored = store.read_all(None, 99).unwrap();
    assert_eq!(appended, answer_for(&stored));
    assert!(
        stored.iter().map(|event| event.data.to_json()).eq(events.iter().map(|event| event.data.clone().into_value()))
    );
}

#[test]
fn every_writer_goes_by_the_encoding_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = made(folder.path(), true);
    let mut connection = Connection::open(&path).unwrap();
    let transaction = connection.transaction().unwrap();
    store::append_in(&transaction, &cup(), ExpectedVersion::Any, &[sold(json!(7))]).unwrap();
    transaction.commit().unwrap();
    let mut other = EventStore::open(&path).unwrap();
    other.transaction(|transaction| transaction.append(&cup(), ExpectedVersion::Any, &[sold(json!(7))])).unwrap();
    let raw =
        |store: &EventStore| store.query(&Query { newest_first: true, limit: Some(1), ..Query::default() }).unwrap();
    assert_eq!(&*raw(&other)[0].data.raw, b"\x07");
    EventStore::open(&path).unwrap().set_encoding(Encoding::Json).unwrap();
    other.append(&cup(), ExpectedVersion::Any, &[sold(json!(7))]).unwrap();
    assert_eq!(&*raw(&other)[0].data.raw, b"7", "and by its change");
    assert_eq!(other.verify().unwrap().fault, None);
}

#[test]
fn a_number_that_would_lose_digits_is_refused_and_stays_json() {
    let mut store = EventStore::open_in_memory().unwrap();
    let price: Value = serde_json::from_str(r#"{"price": 8.00}"#).unwrap();
    let big: Value = serde_json::from_str("123456789012345678901234567890").unwrap();
    store.append(&cup(), ExpectedVersion::Any, &[sold(price.clone()), sold(big.clone())]).unwrap();
    store.set_encoding(Encoding::MessagePack).unwrap();
    for (data, digits) in [(price, "8.00"), (big, "123456789012345678901234567890")] {
        let error = store.append(&cup(), ExpectedVersion::Any, &[sold(data)]).unwrap_err();
        assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::BadInput, true));
        assert!(error.to_string().contains(digits) && error.to_string().contains("cup.sold"), "{error}");
    }
    assert_eq!(store.last_position().unwrap(), Some(2));
}

#[test]
fn what_is_nested_too_deeply_to_be_read_is_refused() {
    let mut store = EventStore::open_in_memory().unwrap();
    let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!({ "in": inner }));
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        store.set_encoding(encoding).unwrap();
        let appended = store.append(&cup(), ExpectedVersion::Any, &[sold(nested(120))]).unwrap();
        let stored = store.event_at(appended.positions.start).unwrap().unwrap();
        assert_eq!(stored.data.value(), Some(&nested(120)));
        let error = store.append(&cup(), ExpectedVersion::Any, &[sold(nested(121))]).unwrap_err();
        assert!(error.to_string().contains("deep"), "{error}");
    }
    let line = format!(
        r#"{{"aggregate_type":"cup","aggregate_id":"1","event_type":"x","data":{}1{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    assert!(store.import(&mut line.as_bytes(), Places::Anew, |_| {}).unwrap_err().to_string().contains("deep"));
    assert_eq!(store.verify().unwrap().fault, None);
}

fn exported(store: &EventStore) -> String {
    let mut lines = Vec::new();
    store.export(Query::default(), &mut lines, |_| {}).unwrap();
    String::from_utf8(lines).unwrap()
}

#[test]
fn what_goes_out_as_json_comes_in_as_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (_, store) = made(folder.path(), true);
    let lines = exported(&store);
    let second = lines.lines().nth(1).unwrap();
    assert!(second.contains(r#""data":{}"#), "{second}");
    let mut copy = EventStore::open_in_memory().unwrap();
    copy.set_encoding(Encoding::MessagePack).unwrap();
    copy.import(&mut lines.as_bytes(), Places::Kept, |_| {}).unwrap();
    assert_eq!(exported(&copy), lines);
    let bytes = |store: &EventStore| -> Vec<_> {
        store.read_all(None, 99).unwrap().into_iter().skip(1).map(|event| event.data.raw).collect()
    };
    assert_eq!(bytes(&copy), bytes(&store), "the first was JSON, and is MessagePack now");
    let mut plain = EventStore::open_in_memory().unwrap();
    plain.import(&mut lines.as_bytes(), Places::Kept, |_| {}).unwrap();
    assert_eq!(exported(&plain), lines);
}

#[test]
fn an_import_that_would_change_data_is_refused() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.set_encoding(Encoding::MessagePack).unwrap();
    for (data, word) in [(r#"{"a":1,"a":2}"#, "twice"), (r#"{"price":8.00}"#, "8.00")] {
        let line = format!(r#"{{"aggregate_type":"cup","aggregate_id":"1","event_type":"x","data":{data}}}"#);
        let error = store.import(&mut line.as_bytes(), Places::Anew, |_| {}).unwrap_err();
        assert!(error.to_string().starts_with("line 1: ") && error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_blob_that_is_no_messagepack_is_found_by_verify() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = made(folder.path(), false);
    let connection = Connection::open(&path).unwrap();
    let sql = "DROP TRIGGER events_are_never_changed; UPDATE events SET data = X'81' WHERE position = 3";
    connection.execute_batch(sql).unwrap();
    let fault = EventStore::open(&path).unwrap().verify().unwrap().fault.unwrap();
    assert_eq!((fault.position, fault.reason.as_str()), (3, "its data is no MessagePack"));
}

#[test]
fn the_inspector_reads_and_filters_both() {
    let folder = tempfile::tempdir().unwrap();
    let (path, store) = made(folder.path(), false);
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    let read: Vec<Event> = source.read_stream(&cup(), 1, None).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, store.read_stream(&cup(), 1, None).unwrap(), "to the byte");
    let mapping = source.mapping().unwrap();
    for (text, positions) in [
        ("data.cents>100", vec![5]),
        ("data.cents:*", vec![1, 5]),
        ("data.on.shelf:*", vec![5]),
        ("xxxxxxxxxx", vec![6]),
        ("metadata.till:*", vec![1, 2, 3, 4, 5, 6]),
    ] {
        let compiled = compile(&text.parse().unwrap(), mapping);
        let found = source.find(&compiled).unwrap();
        assert_eq!(found, positions, "{text}");
    }
}

#[test]
fn the_inspector_shows_what_it_will_write_and_what_will_be_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store) = made(folder.path(), true);
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    let plan = append::plan(&source, &cup(), &sold(json!({"cents": 5})), ExpectedVersion::Exactly(6)).unwrap();
    let data = |row: &[(String, Stored)]| row.iter().find(|(name, _)| name == "data").unwrap().1.clone();
    assert_eq!(data(&plan.row), Stored::Blob(b"\x81\xa5cents\x05".as_slice().into()));
    let written = append::execute(&source, &plan).unwrap();
    assert_eq!((&*written.data.raw, store.verify().unwrap().fault), (b"\x81\xa5cents\x05".as_slice(), None));
    let refused = |event: &NewEvent| {
        append::plan(&source, &cup(), event, ExpectedVersion::Any).map(drop).unwrap_err().to_string()
    };
    let price: Value = serde_json::from_str("8.00").unwrap();
    assert!(refused(&sold(price)).contains("8.00"));
    store.register_schema("cup.sold", 1, &json!({"required": ["cents"]})).unwrap();
    store.set_naming(&Naming::dotted()).unwrap();
    assert!(refused(&sold(json!({}))).contains("\"cents\" is a required property"));
    assert!(refused(&NewEvent::new("Sold", json!({}))).contains("the event type `Sold`"));
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,6})?".prop_map(|text| serde_json::from_str(&text).unwrap()),
        "\\PC{0,20}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("[a-z$]{0,9}", inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn data_is_stored_to_the_digit_or_refused(documents in prop::collection::vec(documents(), 1..6)) {
        let mut store = EventStore::open_in_memory().unwrap();
        for encoding in [Encoding::Json, Encoding::MessagePack] {
            store.set_encoding(encoding).unwrap();
            for document in &documents {
                let before = store.last_position().unwrap();
                match store.append(&cup(), ExpectedVersion::Any, &[NewEvent::new("x", document.clone())]) {
                    Ok(appended) => {
                        let read = store.event_at(appended.positions.start).unwrap().unwrap();
                        prop_assert_eq!(read.data.to_json().to_string(), document.to_string());
                        prop_assert_eq!(answer_for(&[read]), appended);
                    }
                    Err(error) => {
                        prop_assert_eq!(encoding, Encoding::MessagePack, "{}", error);
                        prop_assert!(error.to_string().contains("number"), "{}", error);
                        prop_assert_eq!(store.last_position().unwrap(), before);
                    }
                }
            }
        }
        prop_assert_eq!(store.verify().unwrap().fault, None);
    }
}
