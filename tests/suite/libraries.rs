//! Libraries of which no real file is at hand, and rows that hold several events: each event is taken out whole.

#[path = "../forms/libraries/mod.rs"]
pub mod forms;

use std::io::Read as _;

use eventscope::event::{Decoded, Event};
use eventscope::profile::{Level, Role};
use eventscope::source::{Choice, OpenOptions, Source};
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value, json};

/// A form in a folder of its own, recognised as the profile that it must be recognised as.
pub(crate) fn made(form: &str, profile: &str) -> (tempfile::TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::open(forms::create(form, folder.path()), &OpenOptions::default()).unwrap();
    let found = source.detection().unwrap_or_else(|| panic!("{form}"));
    assert_eq!(found.profile.name, profile, "{form}");
    // Two of Temporal's batches cannot be read.
    assert!(form == "temporal" || found.confidence.level() == Level::Certain, "{form}: {}", found.reason);
    (folder, source)
}

pub(crate) fn everything(source: &Source) -> Vec<Event> {
    source.page_at(0, usize::MAX).unwrap()
}

/// What there is of an event, in a line or two.
fn shown(event: &Event) -> Value {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            shown.insert(key.to_owned(), value);
        }
    };
    put("stream", json!(event.stream.to_string()));
    put("version", json!(event.version));
    put("id", json!(event.id));
    put("type", json!(event.event_type));
    put("schema", json!(event.schema_version));
    put("time", json!(event.timestamp.as_ref().and_then(|time| time.utc).map(|utc| utc.to_string())));
    put("actor", json!(event.actor));
    put("cause", json!(event.causation_id));
    put("correlation", json!(event.correlation_id));
    put("data", event.data.to_json());
    put("metadata", event.metadata.to_json());
    Value::Object(shown)
}

pub(crate) fn all_shown(source: &Source) -> Vec<Value> {
    everything(source).iter().map(shown).collect()
}

/// The role of each table that has one, and what the expressions of its checkpoints give.
fn roles(source: &Source) -> Vec<(String, Role)> {
    source.tables().into_iter().filter_map(|table| Some((table.name, table.role?))).collect()
}

fn checkpoints(source: &Source) -> Vec<(String, Option<i64>)> {
    let conn = Connection::open_with_flags(source.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    eventscope::profile::functions::install(&conn).unwrap();
    let mut found = Vec::new();
    for checkpoints in &source.detection().unwrap().profile.tables.checkpoints {
        let (name, position) = (checkpoints.name.as_ref().unwrap(), checkpoints.position.as_ref().unwrap());
        let Ok(mut rows) = conn.prepare(&format!("SELECT {name}, {position} FROM {} ORDER BY 1, 2", checkpoints.table))
        else {
            continue;
        };
        let rows = rows.query_map([], |row| Ok((row.get::<_, Option<String>>(0)?, row.get(1)?))).unwrap();
        // A row without a name is no reader's.
        found.extend(rows.map(Result::unwrap).filter_map(|(name, position)| Some((name?, position))));
    }
    found
}

#[test]
fn message_db_has_its_category_in_the_stream_s_name() {
    let (_folder, source) = made("message_db", "message-db");
    assert_eq!(
        all_shown(&source)[..2],
        [
            json!({"stream": "account/account-123+456", "version": 0, "id": "00000000-0000-4000-8000-000000000001", "type": "Opened",
                "time": "2026-01-05 09:00:00.001 UTC", "cause": "41", "correlation": "web-7", "data": {"owner": "Zoë"},
                "metadata": {"correlationStreamName": "web-7", "causationMessageGlobalPosition": 41}}),
            json!({"stream": "account/account", "version": 0, "id": "00000000-0000-4000-8000-000000000002", "type": "Counted",
                "time": "2026-01-05 09:00:01.001 UTC", "data": {"accounts": 1}}),
        ]
    );
    assert_eq!(everything(&source)[2].data.value().unwrap()["amount"].to_string(), "10.10");
}

#[test]
fn eventsauce_has_everything_in_its_payload() {
    let (_folder, source) = made("eventsauce", "eventsauce");
    let first = &all_shown(&source)[0];
    assert_eq!(first["stream"], "order/22222222-2222-4222-8222-222222222222");
    assert_eq!((&first["type"], &first["data"]), (&json!("order.placed"), &json!({"total": "1.10"})));
    assert_eq!(
        (&first["id"], &first["time"]),
        (&json!("11111111-1111-4111-8111-111111111111"), &json!("2026-01-05 08:00:00.001 UTC"))
    );
    assert_eq!(first["metadata"]["__aggregate_root_version"], 1);
    let stream = source.stream_named("22222222-2222-4222-8222-222222222222").unwrap();
    assert_eq!(source.read_stream(&stream, 0, None).unwrap().count(), 2);
}

#[test]
fn phauthentic_writes_php() {
    let (_folder, source) = made("phauthentic", "phauthentic");
    assert_eq!(
        all_shown(&source),
        [
            json!({"stream": "Order/22222222-2222-4222-8222-222222222222", "version": 1, "type": "OrderPlaced",
                "time": "2026-01-05 08:15:00.001 UTC", "correlation": "req-1", "metadata": {"user": "ann"},
                "data": {"sku": "SKU-0000", "qty": 3,
                    "at": {"$type": "DateTimeImmutable", "date": "2026-01-05 08:15:00.001000", "timezone": "UTC"}}}),
            json!({"stream": "Order/22222222-2222-4222-8222-222222222222", "version": 2, "type": "OrderPaid",
                "time": "2026-01-05 08:16:00 UTC", "correlation": "req-1", "data": {"amount": 1.5}, "metadata": []}),
        ]
    );
}

#[test]
fn haskell_names_the_type_in_a_tag() {
    let (_folder, source) = made("eventium", "eventium");
    let stream = "22222222-2222-4222-8222-222222222222";
    assert_eq!(
        all_shown(&source),
        [
            json!({"stream": stream, "version": 0, "type": "AccountOpened", "time": "2026-01-05 08:00:00.001 UTC",
                "correlation": "33333333-3333-4333-8333-333333333333", "data": {"owner": "Zoë"},
                "metadata": {"eventType": "AccountOpened", "correlationId": "33333333-3333-4333-8333-333333333333",
                    "causationId": null, "createdAt": "2026-01-05T08:00:00.001Z"}}),
            json!({"stream": stream, "version": 1, "type": "AccountFrozen", "data": {"tag": "AccountFrozen"}}),
        ]
    );
    let snapshots = source.snapshots(&everything(&source)[0].stream).unwrap();
    assert_eq!((snapshots.len(), snapshots[0].version), (1, 1));
    assert_eq!(snapshots[0].state.to_json(), json!({"owner": "Zoë", "frozen": true}));

    let (_folder, source) = made("eventful", "eventful");
    assert_eq!(
        all_shown(&source),
        [
            json!({"stream": stream, "version": 0, "type": "CounterAmountAdded", "data": 3}),
            json!({"stream": stream, "version": 1, "type": "CounterFailedOutOfBounds", "data": []}),
        ]
    );
}

#[test]
fn patchlevel_s_stream_store_may_have_no_playhead() {
    let (_folder, source) = made("patchlevel_stream", "patchlevel-stream");
    let shown = all_shown(&source);
    assert_eq!(
        shown[..2],
        [
            json!({"stream": "order/order-22222222-2222-4222-8222-222222222222", "version": 1, "type": "order.placed",
                "time": "2026-01-05 08:00:00 UTC", "data": {"total": "1.10"}, "metadata": [{"name": "user", "payload": {"id": "ann"}}]}),
            json!({"stream": "mails", "version": 2, "type": "mail.sent", "time": "2026-01-05 08:00:01 UTC", "data": {"to": "ann"}, "metadata": []}),
        ]
    );
    assert_eq!(
        roles(&source),
        [("event_store".to_owned(), Role::Events), ("subscriptions".to_owned(), Role::Checkpoints)]
    );
    assert_eq!(checkpoints(&source), [("orders".to_owned(), Some(2))]);
}

#[test]
fn adk_has_three_layouts() {
    let (_folder, source) = made("adk_sqlite", "adk");
    let events = everything(&source);
    // In the order of their times, not of writing.
    let stream: Vec<Event> = source.read_stream(&events[0].stream, 0, None).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        shown(&stream[0]),
        json!({"stream": "shopbot/ann/s-1", "version": 1, "id": "e-1", "type": "user", "time": "2026-01-05 08:00:01.500 UTC",
            "actor": "user", "correlation": "inv-1", "data": {"author": "user", "actions": {"state_delta": {}}}})
    );
    assert_eq!((stream[1].version, stream[1].id.as_deref(), stream[1].position), (2, Some("e-2"), 1));

    let (_folder, source) = made("adk_pickled", "adk-pickled");
    let event = &everything(&source)[0];
    assert_eq!(event.data.to_json(), json!({"parts": [{"text": "hello"}], "role": "user"}));
    let Decoded::Opaque { tried } = event.metadata.decoded() else { panic!("{event:?}") };
    assert!(tried[0].contains("pickle"), "{tried:?}");
}

#[test]
fn emmett_s_archived_and_other_messages_are_left_out() {
    let (_folder, source) = made("emmett_0_38", "emmett");
    let ids: Vec<_> = everything(&source).into_iter().map(|event| (event.id.unwrap(), event.version)).collect();
    assert_eq!(ids, [("m-2".to_owned(), 1), ("m-4".to_owned(), 3)]);
    assert_eq!(checkpoints(&source), [("carts".to_owned(), Some(3))]);
}

#[test]
fn a_run_of_dagster_has_a_file_of_its_own() {
    let (_folder, source) = made("dagster_run", "dagster");
    let shown = all_shown(&source);
    assert_eq!(shown[1]["stream"], "run/0708163a-0fd2-4c90-a63a-44406be38755");
    assert_eq!((&shown[1]["type"], &shown[1]["version"]), (&json!("LOG"), &json!(2)));
}

#[test]
fn eventsourcing_s_tables_may_have_any_name() {
    let (_folder, source) = made("eventsourcing_named", "eventsourcing");
    let shown = all_shown(&source);
    assert_eq!((&shown[0]["stream"], &shown[0]["type"]), (&json!("Dog/dog-1"), &json!("Registered")));
    assert_eq!(shown[1]["time"], "2026-01-05 08:00:01 UTC");
    let snapshots = source.snapshots(&everything(&source)[0].stream).unwrap();
    assert_eq!(snapshots[0].state.to_json(), json!({"name": "Rex", "tricks": ["roll over"]}));
    let role = |name: &str, role| (name.to_owned(), role);
    assert_eq!(
        roles(&source),
        [
            role("shop_events", Role::Events),
            role("shop_snapshots", Role::Snapshots),
            role("tracking", Role::Checkpoints)
        ]
    );
    let upstream = |position| ("upstream".to_owned(), position);
    assert_eq!(checkpoints(&source), [upstream(Some(1)), upstream(Some(2))]);
}

#[test]
fn of_several_stores_in_one_file_one_is_chosen_and_the_others_are_offered() {
    let (_folder, source) = made("eventuous_two", "eventuous");
    let table = |source: &Source| source.mapping().unwrap().table.clone();
    let other = &source.others()[0];
    let mut tables = [table(&source), other.profile.events.table.clone()];
    tables.sort();
    assert_eq!(tables, ["billing_messages", "shop_messages"]);
    let options = OpenOptions { profile: Some(Choice::Profile(other.profile.clone())), ..OpenOptions::default() };
    let second = Source::open(source.path(), &options).unwrap();
    let mut types: Vec<_> =
        everything(&source).into_iter().chain(everything(&second)).map(|event| event.event_type).collect();
    types.sort();
    assert_eq!(types, ["V1.InvoiceIssued", "V1.OrderPaid", "V1.OrderPlaced"]);
}

#[test]
fn temporal_s_batches_are_taken_apart() {
    let (_folder, source) = made("temporal", "temporal");
    let stream = "workflow/checkout-1/966ef3ce81d6398232c6529d5118aa20";
    let told = |version: i64, kind: &str, time: &str| (json!(stream), json!(version), json!(kind), json!(time));
    let shown = all_shown(&source);
    let found: Vec<_> = shown[..3]
        .iter()
        .map(|event| (event["stream"].clone(), event["version"].clone(), event["type"].clone(), event["time"].clone()))
        .collect();
    assert_eq!(
        found,
        [
            told(1, "WorkflowExecutionStarted", "2026-01-05 08:00:01 UTC"),
            told(2, "WorkflowTaskScheduled", "2026-01-05 08:00:02.000001 UTC"),
            // The later transaction's.
            told(3, "WorkflowTaskCompleted", "2026-01-05 08:00:03 UTC"),
        ]
    );
    // What is no protobuf is there all the same, with its bytes.
    assert_eq!((&shown[3]["version"], &shown[3]["data"]), (&json!(4), &json!({"events": [{"eventId": "4"}]})));
    let last = &everything(&source)[4];
    assert_eq!((last.version, &*last.data.raw), (5, [0xff; 3].as_slice()));
    assert!(matches!(last.data.decoded(), Decoded::Opaque { .. }));
}

fn fixture(name: &str) -> (Connection, Vec<Event>) {
    let path = format!("{}/tests/fixtures/{name}.db", env!("CARGO_MANIFEST_DIR"));
    let events = everything(&Source::open(&path, &OpenOptions::default()).unwrap());
    (Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap(), events)
}

fn rows(conn: &Connection, sql: &str) -> Vec<Vec<Stored>> {
    let mut statement = conn.prepare(sql).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|place| row.get(place)).collect()).unwrap();
    rows.map(Result::unwrap).collect()
}

fn blob(value: &Stored) -> &[u8] {
    match value {
        Stored::Blob(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_event_of_neventstore_s_commits_is_there() {
    let (conn, events) = fixture("ddl_neventstore");
    let mut expected = Vec::new();
    for row in rows(
        &conn,
        "SELECT StreamIdOriginal, StreamRevision, CommitStamp, Payload FROM Commits ORDER BY CheckpointNumber",
    ) {
        let [Stored::Text(stream), Stored::Integer(revision), Stored::Text(stamp), payload] = row.as_slice() else {
            panic!("{row:?}")
        };
        let mut text = String::new();
        match blob(payload) {
            packed @ [0x1f, 0x8b, ..] => flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap(),
            mut plain => plain.read_to_string(&mut text).unwrap(),
        };
        let items: Vec<Value> = serde_json::from_str(&text).unwrap();
        for (version, item) in (revision + 1 - i64::try_from(items.len()).unwrap()..).zip(items) {
            let kind = item["Body"]["$type"].as_str().unwrap().split(',').next().unwrap().to_owned();
            expected.push((stream.clone(), version, stamp.clone(), kind, item["Body"].clone()));
        }
    }
    let found: Vec<_> = events
        .into_iter()
        .map(|event| {
            let (stamp, data) = (event.timestamp.unwrap().stored.to_string(), event.data.to_stored_json());
            (event.stream.aggregate_id, event.version, stamp, event.event_type, data)
        })
        .collect();
    assert_eq!(found.len(), 1501);
    assert_eq!(found, expected);
}

#[test]
fn each_event_of_temporal_s_batches_is_there() {
    let (conn, events) = fixture("ddl_temporal");
    // In this file a message is always two bytes of key and length, and twelve more.
    let expected: Vec<_> = rows(&conn, "SELECT lower(hex(branch_id)), node_id, data FROM history_node ORDER BY rowid")
        .iter()
        .flat_map(|row| {
            let [Stored::Text(branch), Stored::Integer(node), data] = row.as_slice() else { panic!("{row:?}") };
            let messages = blob(data).chunks(14).map(|message| message[2..].to_vec());
            (*node..).zip(messages).map(|(version, message)| (branch.clone(), version, message)).collect::<Vec<_>>()
        })
        .collect();
    let found: Vec<_> = events
        .iter()
        .map(|event| {
            let (_, branch) = event.stream.aggregate_id.split_once('/').unwrap();
            (branch.to_owned(), event.version, event.data.raw.to_vec())
        })
        .collect();
    assert_eq!(found, expected);
    for event in &events {
        assert_eq!(event.data.value().unwrap()["1"], json!(event.version), "{event:?}");
        let Decoded::Document { encodings, .. } = event.data.decoded() else { panic!("{event:?}") };
        assert_eq!(encodings, &["protobuf"]);
    }
    assert_eq!(events[4].event_type, "WorkflowTaskStarted");
}

#[test]
fn durabletask_s_type_is_the_field_that_is_there() {
    let (_, events) = fixture("ddl_durabletask_go");
    for event in &events {
        // Field 1 takes two bytes, field 2 eight, and then comes the one of the event's type.
        let (time, key) = (&event.data.raw[5..10], event.data.raw[10]);
        let kind = ["executionStarted", "executionCompleted", "executionTerminated"][usize::from(key >> 3) - 3];
        let seconds = time.iter().rev().fold(0_i64, |seconds, byte| seconds << 7 | i64::from(byte & 0x7f));
        assert_eq!(event.event_type, kind, "{event:?}");
        assert_eq!(event.timestamp.as_ref().unwrap().utc.unwrap().timestamp(), seconds, "{event:?}");
    }
}

#[test]
fn durabletask_s_type_is_another_field_than_the_app_that_an_event_goes_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tasks.db");
    std::fs::copy(format!("{}/tests/fixtures/ddl_durabletask_go.db", env!("CARGO_MANIFEST_DIR")), &path).unwrap();
    let conn = Connection::open(&path).unwrap();
    let types = [
        ("EA0100", "entityUnlockSent"),
        ("F20100", "executionRewound"),
        ("7A00F201030A0161", "orchestratorCompleted"),
        ("F201030A0161FA0100", "executionStalled"),
        ("C20200", "field 40"),
    ];
    for (fields, event_type) in types {
        // Event 1, at second 100.
        let sql = format!("INSERT INTO History SELECT ?1, 1, X'080112020864{fields}'");
        conn.execute(&sql, [event_type]).unwrap();
    }
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    for (fields, event_type) in types {
        let events: Vec<_> =
            everything(&source).into_iter().filter(|event| event.stream.aggregate_id == event_type).collect();
        assert_eq!(events.len(), 1, "{fields}");
        assert_eq!(events[0].event_type, event_type, "{fields}");
        assert_eq!(events[0].timestamp.as_ref().unwrap().utc.unwrap().timestamp(), 100);
    }
}

#[test]
fn a_link_of_rails_event_store_is_in_every_stream_that_it_is_in() {
    let path = format!("{}/tests/fixtures/ruby_res_yaml.db", env!("CARGO_MANIFEST_DIR"));
    let options =
        OpenOptions { profile: Some(Choice::Name("rails-event-store-streams".to_owned())), ..OpenOptions::default() };
    let source = Source::open(&path, &options).unwrap();
    assert_eq!(source.count().unwrap(), 1534);
    let conn = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let links = "SELECT stream, group_concat(event_id) FROM (SELECT * FROM event_store_events_in_streams \
        WHERE position IS NULL ORDER BY id) GROUP BY stream";
    for row in rows(&conn, links) {
        let [Stored::Text(stream), Stored::Text(ids)] = row.as_slice() else { panic!("{row:?}") };
        let name = source.stream_named(stream).unwrap();
        let found: Vec<Event> = source.read_stream(&name, 0, None).unwrap().map(Result::unwrap).collect();
        let found_ids: Vec<_> = found.iter().map(|event| event.id.clone().unwrap()).collect();
        assert_eq!(found_ids.join(","), *ids, "{stream}");
        assert_eq!(found.last().unwrap().version, i64::try_from(found.len()).unwrap());
    }
}
