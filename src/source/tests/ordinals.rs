//! Stores without positions or versions: both are counted, whatever the keys hold, and however the file grows.

use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;

use super::super::*;
use crate::event::Event;
use crate::filter::{Filter, compile};
use crate::profile::Profile;

/// Opens a database through the `[events]` section of a profile.
pub(super) fn open_as(path: &Path, events: &str) -> Source {
    let profile = Profile::parse(&format!("name = 'test'\ntitle = 'Test'\n[events]\n{events}")).unwrap();
    Source::open(path, &OpenOptions { profile: Some(Choice::Profile(Arc::new(profile))), ..OpenOptions::default() })
        .unwrap()
}

fn stream_events(source: &Source) -> Vec<Vec<Event>> {
    let mut streams = Vec::new();
    source
        .streams(&mut |stream| {
            streams.push(stream);
            ControlFlow::Continue(())
        })
        .unwrap();
    let read = |stream: &StreamSummary| {
        let events: Vec<Event> = source.read_stream(&stream.name, 0, None).unwrap().collect::<Result<_>>().unwrap();
        assert_eq!((events.len() as u64, events.last().unwrap().version), (stream.events, stream.last_version));
        events
    };
    streams.iter().map(read).collect()
}

/// Everything that can be asked of a source fits together.
fn check(source: &Source) {
    let count = source.count().unwrap();
    let events = source.page_at(0, usize::MAX).unwrap();
    assert_eq!(events.len() as u64, count);
    source.key_index(&mut |_| ()).unwrap();
    assert_eq!((source.rows().rows(), source.rows().is_complete()), (count, true));
    for (row, event) in (0..).zip(&events) {
        assert_eq!(source.page_at(row, 1).unwrap(), std::slice::from_ref(event));
        assert_eq!(source.row_of(event.position).unwrap(), Some(row));
    }
    let mut read: Vec<Event> = stream_events(source).into_iter().flatten().collect();
    read.sort_by_key(|event| event.position);
    assert_eq!(read, events);
    for text in ["", "version:1", "-stream:a", "position>2", "type:x"] {
        let filter = Filter::parse(text).unwrap();
        let expected: Vec<_> = events.iter().filter(|event| filter.keeps(event)).map(|event| event.position).collect();
        assert_eq!(source.find(&compile(&filter, source.mapping().unwrap())).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_table_without_rowid_is_ordered_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("norowid.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE stored (id TEXT, version INTEGER, state TEXT, PRIMARY KEY (id, version)) WITHOUT ROWID;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3499)
             INSERT INTO stored SELECT 's-' || (i * 7 % 50), i / 50 + 1, '{\"n\":' || i || '}' FROM n;",
        )
        .unwrap();
    let source = open_as(&path, "from = 'stored'\naggregate_id = 'id'\nversion = 'version'\ndata = 'state'");
    let events = source.page_at(0, usize::MAX).unwrap();
    assert_eq!((events[0].position, events[3499].position), (1, 3500));
    assert_eq!(source.last_position().unwrap(), Some(3500));
    check(&source);
    // A new event need not be the last: ordinals after it move on.
    writer.execute("INSERT INTO stored VALUES ('a-0', 1, '{}')", []).unwrap();
    source.key_index(&mut |_| ()).unwrap();
    assert_eq!(source.event(1).unwrap().unwrap().stream.aggregate_id, "a-0");
    assert_eq!(source.row_of(3501).unwrap(), Some(3500));
}

#[test]
fn positions_with_gaps_and_below_zero_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gaps.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE log (pos INTEGER PRIMARY KEY, s TEXT, body TEXT);
             WITH RECURSIVE n(i) AS (SELECT -20 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
             INSERT INTO log SELECT i * 3 + (i % 2), 's' || (i % 5), '{}' FROM n WHERE i % 11 <> 0;",
        )
        .unwrap();
    let source = open_as(&path, "from = 'log'\nposition = 'pos'\naggregate_id = 's'\ndata = 'body'");
    let events = source.page_at(0, usize::MAX).unwrap();
    assert!(events[0].position < 0);
    source.key_index(&mut |_| ()).unwrap();
    for row in (0..events.len()).step_by(333) {
        assert_eq!(source.page_at(row as u64, 2).unwrap(), events[row..row + 2]);
        assert_eq!(source.row_of(events[row].position).unwrap(), Some(row as u64));
    }
    assert_eq!(source.row_of(i64::MIN).unwrap(), None);
}

#[test]
fn counted_versions_follow_the_file_as_it_grows() {
    let folder = tempfile::tempdir().unwrap();
    for order in ["", "stream_order = ['at', 'id']\n"] {
        let path = folder.path().join(format!("growing{}.db", order.len()));
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("CREATE TABLE log (id INTEGER PRIMARY KEY, s TEXT, at TEXT, body TEXT)").unwrap();
        let insert = |stream: &str, at: &str| {
            writer.execute("INSERT INTO log (s, at, body) VALUES (?, ?, '{}')", [stream, at]).unwrap();
        };
        insert("a", "2026-01-02");
        insert("b", "2026-01-03");
        let events = format!("from = 'log'\nposition = 'id'\naggregate_id = 's'\ndata = 'body'\n{order}");
        let source = open_as(&path, &events);
        let again = source.reopen().unwrap();
        let version = |source: &Source, position| source.event(position).unwrap().unwrap().version;
        assert_eq!((version(&source, 1), version(&again, 2)), (1, 1));
        insert("a", "2026-01-01");
        let earlier = !order.is_empty();
        assert_eq!((version(&source, 1), version(&source, 3)), if earlier { (2, 1) } else { (1, 2) });
        assert_eq!((version(&again, 1), version(&again, 3)), if earlier { (2, 1) } else { (1, 2) });
        check(&source);
    }
}

/// What the count, a histogram and a page of versions do at the same moment, each in its own worker.
#[test]
fn the_index_is_whole_however_many_build_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE stored (id TEXT, version INTEGER, state TEXT, PRIMARY KEY (id, version)) WITHOUT ROWID;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59999)
             INSERT INTO stored SELECT printf('s-%05d', i / 10), i % 10 + 1, '{}' FROM n;",
        )
        .unwrap();
    let source = open_as(&path, "from = 'stored'\naggregate_id = 'id'\nversion = 'version'\ndata = 'state'");
    for round in 0..6 {
        let start = Arc::new(std::sync::Barrier::new(3));
        let workers = [0, 1, 2].map(|worker| {
            let (reader, start) = (source.reopen().unwrap(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                match (worker, round % 2) {
                    (0, 0) => reader.complete_rows(),
                    (2, 1) => {
                        reader.forget();
                        reader.key_index(&mut |_| ())
                    }
                    _ => reader.key_index(&mut |_| ()),
                }
            })
        });
        for worker in workers {
            worker.join().unwrap().unwrap();
        }
        let index = source.rows().clone();
        assert_eq!((index.rows(), index.is_complete()), (60_000, true));
        for row in (0..60_000).step_by(1_000) {
            let key = index.locate(row).unwrap();
            let id = Stored::text(format!("s-{:05}", row / 10));
            assert_eq!((key.row, key.values.as_slice()), (row, [id, Stored::Integer(1)].as_slice()));
        }
        assert_eq!(source.row_of(60_000).unwrap(), Some(59_999));
        assert_eq!(source.row_of(60_001).unwrap(), None);
    }
}

/// Ordinals need no index to be right, only to be quick.
#[test]
fn an_event_newer_than_the_index_has_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE stored (id TEXT, version INTEGER, state TEXT, PRIMARY KEY (id, version)) WITHOUT ROWID;
             INSERT INTO stored VALUES ('a', 1, '{}');",
        )
        .unwrap();
    let source = open_as(&path, "from = 'stored'\naggregate_id = 'id'\nversion = 'version'\ndata = 'state'");
    source.key_index(&mut |_| ()).unwrap();
    writer.execute("INSERT INTO stored VALUES ('b', 1, '{}')", []).unwrap();
    assert_eq!(source.row_of(2).unwrap(), Some(1));
    assert_eq!(source.row_of(3).unwrap(), None);
}

fn cells() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["NULL", "1", "2", "1.5", "'a'", "'b'", "'B'", "x'00'", "''"]).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_give_every_row_its_place(rows in prop::collection::vec((cells(), cells(), cells()), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("any.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("CREATE TABLE log (a, b, s, body); CREATE INDEX by_a ON log (a, b)").unwrap();
        for (a, b, s) in rows {
            writer.execute_batch(&format!("INSERT INTO log VALUES ({a}, {b}, {s}, '{{}}')")).unwrap();
        }
        check(&open_as(&path, "from = 'log'\norder = ['a', 'b']\naggregate_id = \"CASE WHEN typeof(s) = 'text' THEN s END\"\ndata = 'body'"));
        check(&open_as(&path, "from = 'log'\norder = ['a']\nstream_order = ['b']\ndata = 'body'"));
    }
}

/// What was there is not counted again for each event that is appended; a gap behind it is seen all the same.
#[test]
fn a_long_store_without_gaps_is_extended_by_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.db");
    let conn = Connection::open(&path).unwrap();
    let fill = |from: i64, to: i64| {
        let sql = "INSERT INTO events (position, stream_id, version, event_type, data, created_at)
                   WITH RECURSIVE n(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)
                   SELECT n, 'a', n, 'it.happened', '{}', '2026-03-14T12:04:01Z' FROM n";
        conn.execute(sql, [from, to]).unwrap();
    };
    conn.execute_batch(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data TEXT,
             created_at TEXT)",
    )
    .unwrap();
    fill(11, 150_010);
    let source = open_as(
        &path,
        "from = 'events'\nposition = 'position'\naggregate_id = 'stream_id'\nversion = 'version'\n\
         event_type = 'event_type'\ndata = 'data'",
    );
    let rows = || {
        source.key_index(&mut |_| ()).unwrap();
        (source.rows().rows(), source.rows().unbroken_ends())
    };
    assert_eq!(rows(), (150_000, Some((11, 150_010))));
    assert_eq!(rows(), (150_000, Some((11, 150_010))), "nothing new");
    fill(150_011, 150_015);
    assert_eq!(rows(), (150_005, Some((11, 150_015))));
    assert_eq!(source.page_at(150_004, 9).unwrap().first().map(|event| event.position), Some(150_015));
    fill(150_017, 150_018);
    assert_eq!(rows(), (150_007, None), "a gap");
    conn.execute("DELETE FROM events WHERE position > 150015", []).unwrap();
    source.forget();
    assert_eq!(rows(), (150_005, Some((11, 150_015))));
    conn.execute("DELETE FROM events WHERE position = 11", []).unwrap();
    fill(150_016, 150_016);
    assert_eq!(rows(), (150_005, Some((12, 150_016))), "the first one is gone");
}
