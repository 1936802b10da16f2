//! Opening and reading changes nothing, holds nobody up, and fails with a clear sentence.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::Connection;

use super::super::*;
use super::{Shelf, open};
use crate::event::Column;
use crate::filter::{Filter, compile};

fn digest(path: &Path) -> Option<u64> {
    let bytes = std::fs::read(path).ok()?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Some(hasher.finish())
}

/// Asks everything that can be asked.
fn read_everything(source: &Source) {
    let go_on = &mut |_| ControlFlow::Continue(());
    source.key_index(&mut |_| ()).unwrap();
    source.page_at(0, 100).unwrap();
    source.streams(go_on).unwrap();
    source.all_snapshots(&mut |_| ControlFlow::Continue(())).unwrap();
    let filter = compile(&Filter::parse("a version>1").unwrap(), source.mapping().unwrap());
    source.find(&filter).unwrap();
    source.sorted(&filter, Column::Time, &mut |_| ControlFlow::Continue(())).unwrap();
    let event = source.page_at(1, 1).unwrap().remove(0);
    source.related(&event).unwrap();
    for table in source.tables() {
        source.table_page(&table.name, TableStart::Row(0), 10).unwrap();
    }
}

#[test]
fn the_file_is_the_same_afterwards_byte_for_byte() {
    for path in Shelf::new().paths() {
        let before = digest(&path);
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let source = open(&path);
        read_everything(&source);
        drop(source);
        assert_eq!(digest(&path), before, "{}", path.display());
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), modified);
    }
}

#[test]
fn a_write_ahead_log_is_read_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, wal) = (folder.path().join("live.db"), folder.path().join("live.db-wal"));
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
         CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data TEXT,
                              UNIQUE (stream_id, version));
         INSERT INTO events SELECT value, 's-' || (value % 3), value / 3, 'a.b', '{}' FROM generate_series(1, 50);",
        )
        .or_else(|_| fill(&writer))
        .unwrap();
    let before = (digest(&path), digest(&wal));
    assert!(before.1.is_some());
    let profile = "name = 'x'\ntitle = 'X'\n[events]\nfrom = 'events'\nposition = 'id'\naggregate_id = 'stream_id'\n\
                   version = 'version'\nevent_type = 'event_type'\ndata = 'data'\n";
    let profile = crate::profile::Profile::parse(profile).unwrap();
    let source = Source::open(
        &path,
        &OpenOptions { profile: Some(Choice::Profile(Arc::new(profile))), ..OpenOptions::default() },
    )
    .unwrap();
    assert_eq!(source.count().unwrap(), 50);
    read_everything(&source);
    let reader = source.reopen().unwrap();
    drop((source, reader));
    assert_eq!((digest(&path), digest(&wal)), before);
}

/// For a SQLite without `generate_series`.
fn fill(writer: &Connection) -> rusqlite::Result<()> {
    writer.execute_batch(
        "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT,
                                            data TEXT, UNIQUE (stream_id, version));
         WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 50)
         INSERT INTO events SELECT value, 's-' || (value % 3), value / 3, 'a.b', '{}' FROM n;",
    )
}

/// An application that waits for nobody writes while everything is read, in both kinds of journal.
#[test]
fn a_writer_is_never_held_up() {
    for journal in ["DELETE", "WAL"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("busy.db");
        let writer = Connection::open(&path).unwrap();
        writer.pragma_update(None, "journal_mode", journal).unwrap();
        writer.execute_batch(super::forms::FORMS[4].1).unwrap();
        let source = open(&path);
        writer.busy_timeout(std::time::Duration::ZERO).unwrap();
        let mut written = 0;
        let mut write = || {
            // Between two steps of any question, no lock is left.
            writer
                .execute("INSERT INTO events (event_type, payload, stored_at) VALUES ('test.ran', '{}', '2026-03-14T00:00:00Z')", [])
                .unwrap();
            written += 1;
        };
        let mut reader = source.read_stream(&source.stream_named("events").unwrap(), 1, None).unwrap();
        reader.next();
        write();
        source.key_index(&mut |_| write()).unwrap();
        let filter = compile(&Filter::parse("e -version>3").unwrap(), source.mapping().unwrap());
        source
            .scan(&filter, ScanRange::default(), &mut |_| {
                write();
                ControlFlow::Continue(())
            })
            .unwrap();
        source
            .streams(&mut |_| {
                write();
                ControlFlow::Continue(())
            })
            .unwrap();
        drop(reader);
        let busy: i64 = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0, "a checkpoint was held up");
        assert!(written >= 4);
    }
}

#[test]
fn what_is_no_database_is_refused_with_a_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, content: Option<&[u8]>| {
        let path = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let error = Source::open(&path, &OpenOptions::default()).err().unwrap();
        (error.kind().clone(), error.to_string())
    };
    assert!(
        matches!(refused("missing.db", None), (ErrorKind::NotFound, message) if message.starts_with("there is no file"))
    );
    assert!(
        matches!(refused("", None), (ErrorKind::BadInput, message) if message.contains("is a folder, and no profile"))
    );
    assert!(matches!(refused("empty.db", Some(b"")), (ErrorKind::BadInput, message) if message.ends_with("is empty")));
    let text = b"just some text that is no database at all";
    assert!(
        matches!(refused("text.db", Some(text)), (ErrorKind::BadInput, message) if message.contains("not a SQLite"))
    );
    let torn = [b"SQLite format 3\0".as_slice(), &[7; 4000]].concat();
    let (kind, message) = refused("torn.db", Some(&torn));
    assert!(matches!(kind, ErrorKind::BadInput | ErrorKind::Database), "{message}");
    let unknown = OpenOptions { profile: Some(Choice::Name("nobody".into())), ..OpenOptions::default() };
    let database = folder.path().join("plain.db");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert_eq!(Source::open(&database, &unknown).err().unwrap().kind(), &ErrorKind::NotFound);
}

#[test]
fn a_name_that_looks_like_a_uri_is_a_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["log@6.db?mode=rw&x=1#frag", "100%25 ünïcode.db", "file:x.db"] {
        let path = folder.path().join(name);
        std::fs::copy(&Shelf::new().paths()[0], &path).unwrap();
        assert!(open(&path).count().unwrap() > 0, "{name}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{name}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_database_that_nothing_recognises_opens_as_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE \"odd \"\"name\" (rowid TEXT, \"order\" BLOB);
             INSERT INTO \"odd \"\"name\" VALUES ('a', x'ff00'), ('b', 1.5), (NULL, CAST(x'61ff' AS TEXT));
             CREATE TABLE keyed (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
             INSERT INTO keyed VALUES ('x', 2), ('x', 1), ('w', 9);
             CREATE VIEW seen AS SELECT a FROM keyed;",
        )
        .unwrap();
    let source = open(&path);
    assert!(source.detection().is_none() && source.mapping().is_none());
    assert_eq!(source.count().unwrap_err().kind(), &ErrorKind::Unsupported);
    let names: Vec<_> = source.tables().into_iter().map(|table| table.name).collect();
    assert_eq!(names, ["keyed", "odd \"name", "seen"]);
    assert_eq!(source.table_len("odd \"name").unwrap(), 3);
    let rows = source.table_page("odd \"name", TableStart::Row(1), 9).unwrap();
    assert_eq!(rows[0].values, [Stored::text("b"), Stored::Real(1.5)]);
    assert_eq!(rows[1].values[1], Stored::Text([0x61, 0xff].into()));
    let rows = source.table_page("odd \"name", TableStart::After(&rows[0].key), 9).unwrap();
    assert_eq!(rows.len(), 1);
    let first = source.table_page("keyed", TableStart::Row(0), 1).unwrap().remove(0);
    let rest = source.table_page("keyed", TableStart::After(&first.key), 9).unwrap();
    assert_eq!(rest.iter().map(|row| row.values[1].clone()).collect::<Vec<_>>(), [1.into(), 2.into()]);
    assert_eq!(source.table_page("seen", TableStart::Row(2), 9).unwrap().len(), 1);
    assert_eq!(source.table_len("nowhere").unwrap_err().kind(), &ErrorKind::NotFound);
}
