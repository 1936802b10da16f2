//! Payloads whose encoding a column names row by row: each is read as its own row says, shown, searched and snapshotted.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::super::*;
use super::open;
use crate::filter::{Filter, compile};

/// What Akka.NET writes: JSON, protobuf, integers of four bytes and their digits as text, and a serializer of one's own.
const AKKA: &str = r#"
CREATE TABLE event_journal (ordering INTEGER PRIMARY KEY NOT NULL, persistence_id VARCHAR(255) NOT NULL,
  sequence_nr INTEGER(8) NOT NULL, is_deleted INTEGER(1) NOT NULL, manifest VARCHAR(255) NULL, timestamp INTEGER NOT NULL,
  payload BLOB NOT NULL, tags VARCHAR(2000) NULL, serializer_id INTEGER(4), UNIQUE (persistence_id, sequence_nr));
INSERT INTO event_journal (persistence_id, sequence_nr, is_deleted, manifest, timestamp, payload, serializer_id) VALUES
  ('a', 1, 0, '', 638031836488595513, CAST('{"$type":"Opened","name":"first"}' AS BLOB), 1),
  ('a', 2, 0, 'AG', 638031836488595514, X'0A023134', 13),
  ('a', 3, 0, 'System.Int32, System.Private.CoreLib', 638031836488595515, X'06000000', 17),
  ('a', 4, 0, 'System.String, System.Private.CoreLib', 638031836488595516, CAST('105' AS BLOB), 17),
  ('a', 5, 0, 'CSM', 638031836488595517, X'06000000', 999);
CREATE TABLE snapshot (persistence_id VARCHAR(255) NOT NULL, sequence_nr INTEGER(8) NOT NULL, created_at INTEGER(8) NOT NULL,
  manifest VARCHAR(255) NOT NULL, payload BLOB NOT NULL, serializer_id INTEGER(4), PRIMARY KEY (persistence_id, sequence_nr));
INSERT INTO snapshot VALUES ('a', 2, 638031836488595514, 'AA', X'0A023134', 13);
"#;

fn akka(folder: &Path) -> Source {
    let path = folder.join("akka.db");
    Connection::open(&path).unwrap().execute_batch(AKKA).unwrap();
    open(&path)
}

#[test]
fn each_row_is_read_as_its_serializer_wrote_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = akka(folder.path());
    assert_eq!(source.detection().unwrap().profile.name, "akka");
    let events = source.page_at(0, 10).unwrap();
    let shown: Vec<Value> = events.iter().map(|event| event.data.to_json()).collect();
    let first = json!({"$type": "Opened", "name": "first"});
    assert_eq!(shown, [first, json!({"1": "14"}), json!(6), json!("105"), Value::Null]);
    assert_eq!(&*events[2].data.raw, b"\x06\0\0\0");
    let one_by_one: Vec<_> = events.iter().map(|event| source.event(event.position).unwrap().unwrap()).collect();
    assert_eq!(one_by_one, events);
}

#[test]
fn a_search_reads_what_the_window_shows() {
    let folder = tempfile::tempdir().unwrap();
    let source = akka(folder.path());
    let events = source.page_at(0, 10).unwrap();
    for text in ["first", "14", "105", "6", "data.name:first", "\"Opened\""] {
        let filter = Filter::parse(text).unwrap();
        let expected: Vec<_> = events.iter().filter(|event| filter.keeps(event)).map(|event| event.position).collect();
        assert!(!expected.is_empty(), "{text}");
        assert_eq!(source.find(&compile(&filter, source.mapping().unwrap())).unwrap(), expected, "{text}");
    }
}

#[test]
fn snapshots_name_their_serializer_too() {
    let folder = tempfile::tempdir().unwrap();
    let source = akka(folder.path());
    let mut streams = Vec::new();
    source
        .streams(&mut |stream| {
            streams.push(stream.name);
            ControlFlow::Continue(())
        })
        .unwrap();
    let snapshots = source.snapshots(&streams[0]).unwrap();
    assert_eq!(snapshots[0].state.to_json(), json!({"1": "14"}));
}

#[test]
fn without_the_column_the_bytes_decide() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.db");
    let sql = "CREATE TABLE log (id INTEGER PRIMARY KEY, body); INSERT INTO log (body) VALUES ('{\"a\":1}');";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let text = "name = 'own'\ntitle = 'Own'\n[events]\nfrom = 'log'\nposition = 'id'\n\
                data = { sql = 'body', codec = 'serializer' }";
    let profile = Arc::new(crate::profile::Profile::parse(text).unwrap());
    assert!(profile.to_toml().unwrap().contains("codec"));
    let source =
        Source::open(&path, &OpenOptions { profile: Some(Choice::Profile(profile)), ..OpenOptions::default() })
            .unwrap();
    assert_eq!(source.page_at(0, 10).unwrap()[0].data.to_json(), json!({"a": 1}));
}
