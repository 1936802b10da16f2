//! Walks take as many steps of SQLite's machine as they read rows, not the square of it, in every form of store.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;

use super::super::layout::Columns;
use super::super::*;
use super::ordinals::open_as;
use crate::event::Event;
use crate::filter::{Filter, compile};

/// How many rows the shorter of two stores has; more than a chunk of any walk.
const ROWS: u64 = 3_000;

/// How finely steps are counted.
const GRAIN: u16 = 100;

/// A form of store: its tables and rows, `{rows}` standing for their number, and its `[events]`.
struct Form {
    name: &'static str,
    ddl: &'static str,
    events: &'static str,
}

const NUMBERS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})";

const FORMS: [Form; 10] = [
    Form {
        name: "an index on stream and version, positions of its own",
        ddl: "CREATE TABLE log (pos INTEGER PRIMARY KEY, kind TEXT, id TEXT, v INT, body TEXT, UNIQUE (kind, id, v));
              NUMBERS INSERT INTO log SELECT i, 'k', 's', i, '{}' FROM n;",
        events: "from = 'log'\nposition = 'pos'\naggregate_type = 'kind'\naggregate_id = 'id'\nversion = 'v'\ndata = 'body'",
    },
    Form {
        name: "a key of stream and version, no positions",
        ddl: "CREATE TABLE log (id TEXT, v INT, body TEXT, PRIMARY KEY (id, v)) WITHOUT ROWID;
              NUMBERS INSERT INTO log SELECT 's', i, '{}' FROM n;",
        events: "from = 'log'\naggregate_id = 'id'\nversion = 'v'\ndata = 'body'",
    },
    Form {
        name: "versions that are counted",
        ddl: "CREATE TABLE log (pos INTEGER PRIMARY KEY, id TEXT, body TEXT); CREATE INDEX by_id ON log (id);
              NUMBERS INSERT INTO log SELECT i, 's', '{}' FROM n;",
        events: "from = 'log'\nposition = 'pos'\naggregate_id = 'id'\ndata = 'body'",
    },
    Form {
        name: "a join",
        ddl: "CREATE TABLE log (pos INTEGER PRIMARY KEY, of INT, v INT, body TEXT, UNIQUE (of, v));
              CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
              INSERT INTO streams VALUES (7, 's');
              NUMBERS INSERT INTO log SELECT i, 7, i, '{}' FROM n;",
        events: "table = 'log'\nfrom = 'log JOIN streams ON streams.number = log.of'\nposition = 'log.pos'\n\
                 aggregate_id = 'streams.name'\nversion = 'log.v'\ndata = 'log.body'",
    },
    Form {
        name: "no index at all",
        ddl: "CREATE TABLE log (pos INTEGER PRIMARY KEY, id TEXT, v INT, body TEXT);
              NUMBERS INSERT INTO log SELECT i, 's', {rows} - i, '{}' FROM n;",
        events: "from = 'log'\nposition = 'pos'\naggregate_id = 'id'\nversion = 'v'\ndata = 'body'",
    },
    Form {
        name: "versions that are NULL",
        ddl: "CREATE TABLE log (pos INTEGER PRIMARY KEY, id TEXT, v INT, body TEXT); CREATE INDEX by_id ON log (id, v);
              NUMBERS INSERT INTO log SELECT i, 's', CASE WHEN i % 3 = 0 THEN i END, '{}' FROM n;",
        events: "from = 'log'\nposition = 'pos'\naggregate_id = 'id'\nversion = 'v'\ndata = 'body'",
    },
    Form {
        name: "a composite order that begins with a NULL",
        ddl: "CREATE TABLE log (kind TEXT, id TEXT, v INT, body TEXT); CREATE INDEX by_kind ON log (kind);
              CREATE INDEX by_id ON log (kind, id, v);
              NUMBERS INSERT INTO log SELECT NULL, 's', i, '{}' FROM n;",
        events: "from = 'log'\norder = ['kind', 'rowid']\naggregate_type = 'kind'\naggregate_id = 'id'\nversion = 'v'\n\
                 data = 'body'",
    },
    Form {
        name: "an order with a NULL in its midst",
        ddl: "CREATE TABLE log (page INT, line INT, id TEXT, body TEXT); CREATE INDEX by_key ON log (page, line);
              CREATE INDEX by_id ON log (id, page, line);
              NUMBERS INSERT INTO log SELECT i / 1500, CASE WHEN i % 2 THEN i END, 's', '{}' FROM n;",
        events: "from = 'log'\norder = ['page', 'line']\naggregate_id = 'id'\ndata = 'body'",
    },
    Form {
        name: "ordinals by a join",
        ddl: "CREATE TABLE log (of INT, v INT, body TEXT, PRIMARY KEY (of, v)) WITHOUT ROWID;
              CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
              INSERT INTO streams VALUES (7, 's');
              NUMBERS INSERT INTO log SELECT 7, i, '{}' FROM n;",
        events: "table = 'log'\nfrom = 'log JOIN streams ON streams.number = log.of'\norder = ['log.of', 'log.v']\n\
                 aggregate_id = 'streams.name'\nversion = 'log.v'\ndata = 'log.body'",
    },
    Form {
        name: "many streams",
        ddl: "CREATE TABLE log (pos INTEGER PRIMARY KEY, id TEXT, v INT, body TEXT, UNIQUE (id, v));
              NUMBERS INSERT INTO log SELECT i, CASE WHEN i % 2 THEN 's' ELSE 's-' || i END, i, '{}' FROM n;",
        events: "from = 'log'\nposition = 'pos'\naggregate_id = 'id'\nversion = 'v'\ndata = 'body'",
    },
];

type Walk = fn(&Source) -> u64;

const WALKS: [(&str, Walk); 8] = [
    ("a stream", |source| read(source, i64::MIN, None)),
    ("a stream from its second version on", |source| read(source, 2, None)),
    ("a stream up to a version", |source| read(source, 1, Some(i64::MAX - 1))),
    ("the streams", |source| {
        let mut count = 0;
        let on = &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        };
        source.streams(on).unwrap();
        count
    }),
    ("the keys", |source| {
        source.key_index(&mut |_| ()).unwrap();
        source.rows().rows()
    }),
    ("the types and the ends of time", |source| {
        let wanted = Columns::EVENT_TYPE.with(Columns::TIMESTAMP);
        let census = source.census(wanted, ScanRange::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        census.types().iter().map(|(_, events)| events).sum()
    }),
    ("positions and times", |source| {
        let mut count = 0;
        let on = &mut |events: &[Event]| {
            count += events.len() as u64;
            ControlFlow::Continue(())
        };
        let _ = source.skim(Columns::TIMESTAMP, on).unwrap();
        count
    }),
    ("a filter", |source| {
        let filter = Filter::parse("position>2 version>=1").unwrap();
        source.find(&compile(&filter, source.mapping().unwrap())).unwrap().len() as u64
    }),
];

fn read(source: &Source, from: i64, to: Option<i64>) -> u64 {
    let stream = source.stream_named("s").unwrap();
    let events = source.read_stream(&stream, from, to).unwrap();
    let versions: Vec<_> = events.map(|event| event.unwrap().version).collect();
    assert!(versions.is_sorted());
    versions.len() as u64
}

fn store(folder: &Path, form: &Form, rows: u64) -> Source {
    let path = folder.join(format!("{rows}.db"));
    let ddl = form.ddl.replace("NUMBERS", NUMBERS).replace("{rows}", &rows.to_string());
    Connection::open(&path).unwrap().execute_batch(&ddl).unwrap();
    open_as(&path, form.events)
}

/// How many steps of SQLite's machine a walk takes, in units of [`GRAIN`], and how many rows it gives.
fn steps(source: &Source, walk: Walk) -> (u64, u64) {
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    source.conn.progress_handler(i32::from(GRAIN), Some(count)).unwrap();
    let rows = walk(source);
    source.conn.progress_handler(0, None::<fn() -> bool>).unwrap();
    (steps.load(Ordering::Relaxed), rows)
}

#[test]
fn four_times_the_rows_take_four_times_the_steps() {
    for form in &FORMS {
        for (walk_name, walk) in WALKS {
            let folder = tempfile::tempdir().unwrap();
            let (short, rows) = steps(&store(folder.path(), form, ROWS), walk);
            let (long, more_rows) = steps(&store(folder.path(), form, 4 * ROWS), walk);
            let about = format!("{walk_name} in a store with {}: {short} and {long} steps", form.name);
            assert!(more_rows >= rows, "{about}");
            // A sort takes a little more than four times as long.
            assert!(long <= 5 * short + 100, "{about}");
        }
    }
}
