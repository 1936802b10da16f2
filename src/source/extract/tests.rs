use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::filter::{Filter, compile};
use crate::source::OpenOptions;

/// Databases that real libraries wrote, of one table, of joins, with rowids and without.
const FIXTURES: [&str; 12] = [
    "node_emmett_0_42",
    "node_opencode",
    "php_broadway",
    "py_adk_database",
    "py_eventsourcing_json",
    "py_eventsourcing_norowid",
    "py_eventsourcing_zlib",
    "py_homeassistant",
    "py_ouroboros",
    "ruby_res_json",
    "rust_evento",
    "rust_sqlite_es",
];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{name}.db"))
}

/// A copy of a fixture in a folder of its own.
fn opened(name: &str) -> (TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("original.db");
    std::fs::copy(fixture(name), &path).unwrap();
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    (folder, source)
}

fn extracted(source: &Source, filter: &str, to: &Path) -> Result<u64> {
    let filter = compile(&Filter::parse(filter).unwrap(), source.mapping().unwrap());
    source.extract(&filter, None, to, &mut |_| {})
}

/// What makes the schema.
fn schema(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY sql";
    let mut statement = conn.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn a_part_of_a_librarys_database_is_recognised_as_the_whole_is() {
    for name in FIXTURES {
        let (folder, source) = opened(name);
        let stream = source.events_at(&[source.last_position().unwrap().unwrap()]).unwrap().remove(0).stream;
        for (number, filter) in [String::new(), format!("stream:'{stream}'")].iter().enumerate() {
            let to = folder.path().join(format!("part-{number}.db"));
            let count = extracted(&source, filter, &to).unwrap_or_else(|error| panic!("{name} {filter}: {error:?}"));
            assert!(count > 0, "{name} {filter}");
            assert_eq!(schema(source.path()), schema(&to), "{name}");
            // Without being told how to read it.
            let part = Source::open(&to, &OpenOptions::default()).unwrap();
            let profile = |source: &Source| source.detection().unwrap().profile.name.clone();
            assert_eq!((profile(&part), part.count().unwrap()), (profile(&source), count), "{name} {filter}");
            let conn = Connection::open(&to).unwrap();
            let broken: i64 =
                conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
            assert_eq!(broken, 0, "{name} {filter}: what is referred to is there");
            assert!(conn.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok");
        }
    }
}

#[test]
fn what_belongs_to_the_events_comes_along_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA user_version = 7; PRAGMA application_id = 99;
         CREATE TABLE kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE streams (stream_id TEXT PRIMARY KEY, owner TEXT) WITHOUT ROWID;
         CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT, stream_id TEXT NOT NULL,
             version INTEGER NOT NULL, kind INTEGER NOT NULL REFERENCES kinds (id), data TEXT NOT NULL,
             UNIQUE (stream_id, version));
         CREATE TABLE log (said TEXT);
         CREATE TABLE secrets (word TEXT);
         CREATE TABLE app_migrations (name TEXT);
         CREATE INDEX events_by_kind ON events (kind);
         CREATE TRIGGER events_said AFTER INSERT ON events BEGIN INSERT INTO log VALUES (new.data); END;
         INSERT INTO kinds VALUES (1, 'began'), (2, 'ended'), (3, 'never');
         INSERT INTO streams VALUES ('a', 'ann'), ('b', 'bob');
         INSERT INTO events (stream_id, version, kind, data) VALUES ('a', 1, 1, '{}'), ('b', 1, 1, '{}'), ('a', 2, 2, '{}');
         INSERT INTO secrets VALUES ('hush');
         INSERT INTO app_migrations VALUES ('one');",
    )
    .unwrap();
    let profile = "name = 'mine'\ntitle = 'Mine'\n[detect]\nevents = ['position', 'kind']\n[events]\n\
                   from = 'events'\nposition = 'position'\naggregate_id = 'stream_id'\nversion = 'version'\n\
                   event_type = '(SELECT name FROM kinds k WHERE k.id = kind)'\ndata = 'data'\n\
                   [tables]\nstreams = ['streams']\n";
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, profile).unwrap();
    let options = OpenOptions { profile: Some(crate::source::Choice::Path(file)), ..OpenOptions::default() };
    let source = Source::open(&path, &options).unwrap();
    let to = folder.path().join("part.db");
    assert_eq!(extracted(&source, "stream:b", &to).unwrap(), 1);
    let part = Connection::open(&to).unwrap();
    let count = |table: &str| -> i64 {
        part.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    let counts = ["events", "streams", "app_migrations", "log", "secrets"].map(count);
    assert_eq!(counts, [1, 1, 1, 0, 0], "the trigger is there, and was not fired");
    let owner: String = part.query_row("SELECT owner FROM streams", [], |row| row.get(0)).unwrap();
    assert_eq!(owner, "bob");
    assert!(count("kinds") >= 1);
    let number = |pragma: &str| -> i64 { part.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap() };
    assert_eq!([number("user_version"), number("application_id")], [7, 99]);
    // What is appended goes on behind the original's last event, and fires the trigger.
    part.execute("INSERT INTO events (stream_id, version, kind, data) VALUES ('b', 2, 2, '{}')", []).unwrap();
    let last: i64 = part.query_row("SELECT max(position) FROM events", [], |row| row.get(0)).unwrap();
    assert_eq!((last, count("log")), (4, 1));
}

#[test]
fn what_cannot_be_taken_apart_says_why_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("viewed.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE log (id INTEGER PRIMARY KEY, kind TEXT, body TEXT);
         INSERT INTO log VALUES (1, 'began', '{}');
         CREATE VIEW events AS SELECT id AS position, kind, body FROM log;",
    )
    .unwrap();
    let profile = "name = 'viewed'\ntitle = 'Viewed'\n[events]\nfrom = 'events'\nposition = 'position'\n\
                   event_type = 'kind'\ndata = 'body'\n";
    let file = folder.path().join("viewed.toml");
    std::fs::write(&file, profile).unwrap();
    let options = OpenOptions { profile: Some(crate::source::Choice::Path(file)), ..OpenOptions::default() };
    let source = Source::open(&path, &options).unwrap();
    let to = folder.path().join("part.db");
    let error = extracted(&source, "", &to).unwrap_err();
    assert!(error.to_string().contains("its events come from the view events"), "{error}");
    assert!(!to.exists());
    let shop = folder.path().join("native.db");
    crate::store::EventStore::create(&shop).unwrap();
    let source = Source::open(&shop, &OpenOptions::default()).unwrap();
    let error = extracted(&source, "", &to).unwrap_err();
    assert!(error.to_string().contains("which the form for event stores (`db`) writes"), "{error}");
    std::fs::write(&to, b"mine").unwrap();
    let (_folder, source) = opened("rust_sqlite_es");
    assert!(extracted(&source, "", &to).is_err());
    assert_eq!(std::fs::read(&to).unwrap(), b"mine");
}
