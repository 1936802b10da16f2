//! Stores whose streams have their names in one column.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::super::*;
use super::ordinals::open_as;

const ROWS: &str = "CREATE TABLE log (n INTEGER PRIMARY KEY, stream TEXT, kind TEXT, version INTEGER, data TEXT);
    INSERT INTO log (stream, kind, version) VALUES ('order-1', 'a', 1), ('order-2', 'b', 1), ('order-1', 'b', 2),
        ('till', 'a', 1), (NULL, 'a', 4), ('account-1', 'a', 7);";

fn streams(index: &str, kind: &str, id: &str) -> (Vec<StreamSummary>, Option<String>, Option<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    Connection::open(&path).unwrap().execute_batch(&format!("{ROWS} {index}")).unwrap();
    let events = format!(
        "from = \"log\"\nposition = \"n\"\naggregate_type = \"{kind}\"\naggregate_id = \"{id}\"\nversion = \"version\"\n\
         event_type = \"kind\"\ndata = \"data\""
    );
    let source: Source = open_as(&path, &events);
    let mut streams = Vec::new();
    source
        .streams(&mut |stream| {
            streams.push(stream);
            ControlFlow::Continue(())
        })
        .unwrap();
    let key = source.stream_key(source.layout().unwrap()).unwrap();
    (streams, key, source.streams_by_index_alone().unwrap())
}

#[test]
fn streams_are_grouped_by_the_column_that_their_names_are_read_off() {
    let index = "CREATE INDEX by_stream ON log (stream, version);";
    let prefix = "substr(stream, 1, instr(stream, '-') - 1)";
    for (kind, id) in [(prefix, "stream"), (prefix, "substr(stream, instr(stream, '-') + 1)"), ("'it'", "stream")] {
        let (walked, none, uncounted) = streams("", kind, id);
        assert_eq!((none, uncounted), (None, None), "{kind} {id}");
        let (grouped, key, counted) = streams(index, kind, id);
        assert_eq!(key.as_deref(), Some("\"stream\""), "{kind} {id}");
        assert_eq!(grouped, walked, "{kind} {id}");
        assert_eq!(counted, Some(grouped.len() as u64), "{kind} {id}");
    }
}

#[test]
fn a_name_that_another_column_is_in_is_not_read_off_one() {
    let index = "CREATE INDEX by_stream ON log (stream, version);";
    assert_eq!(streams(index, "kind", "stream").1, None);
    assert_eq!(streams(index, "iif(n > 3, 'late', 'early')", "stream").1, None);
    assert_eq!(streams("CREATE INDEX part ON log (stream) WHERE version > 1;", "'it'", "stream").1, None);
}
