use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::*;
use crate::event::StorageClass;
use crate::source::{OpenOptions, ValuePlace};

/// A database of plain tables.
fn database(fill: impl FnOnce(&Connection)) -> (TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    let conn = Connection::open(&path).unwrap();
    fill(&conn);
    conn.close().unwrap();
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    (folder, source)
}

fn by_key(table: &str) -> TableOrder {
    TableOrder { table: table.to_owned(), column: None }
}

fn index(source: &Source, order: &TableOrder) -> u64 {
    source.index_table(order, &mut |_| ControlFlow::Continue(())).unwrap();
    let known = source.table_rows(order);
    assert!(known.complete);
    known.rows
}

/// The first columns of some rows.
fn firsts(rows: &[GlancedRow]) -> Vec<String> {
    let text = |row: &GlancedRow| match &row.values[0] {
        Glimpse::Whole(value) => value.to_string(),
        Glimpse::Large { .. } => "large".to_owned(),
    };
    rows.iter().map(text).collect()
}

#[test]
fn any_row_of_a_long_table_is_found_by_number_in_every_order() {
    let (_folder, source) = database(|conn| {
        conn.execute_batch(
            "CREATE TABLE sparse (id INTEGER PRIMARY KEY, kind TEXT, rank INTEGER);
             CREATE INDEX by_kind ON sparse (kind);
             CREATE TABLE keyed (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
             CREATE VIEW seen AS SELECT id FROM sparse;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7777)
             INSERT INTO sparse SELECT i * 3, nullif('k' || (i % 7), 'k3'), (i * 7919) % 1000 FROM n;
             INSERT INTO keyed SELECT coalesce(kind, '-'), id FROM sparse;",
        )
        .unwrap();
    });
    let orders = [
        ("sparse", None),
        ("sparse", Some(1)),
        ("sparse", Some(2)),
        ("keyed", None),
        ("keyed", Some(1)),
        ("seen", None),
    ];
    for (table, column) in orders {
        let order = TableOrder { table: table.to_owned(), column };
        assert_eq!(index(&source, &order), 7777, "{order:?}");
        let sql = match (table, column) {
            ("sparse", None) => "SELECT id FROM sparse ORDER BY id",
            ("sparse", Some(1)) => "SELECT id FROM sparse ORDER BY kind, id",
            ("sparse", _) => "SELECT id FROM sparse ORDER BY rank, id",
            ("keyed", None) => "SELECT a FROM keyed ORDER BY a, b",
            ("keyed", _) => "SELECT a FROM keyed ORDER BY b, a",
            _ => "SELECT id FROM seen",
        };
        let mut statement = source.conn.prepare(sql).unwrap();
        let all: Vec<String> = statement
            .query_map([], |row| Ok(Stored::from(row.get_ref(0)?).to_string()))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        for row in [0_usize, 999, 1_000, 1_111, 5_000, 7_776] {
            let page = source.table_glance(&order, row as u64, 5, 1_000).unwrap();
            assert_eq!(firsts(&page), all[row..all.len().min(row + 5)], "{order:?} at {row}");
        }
    }
    assert_eq!(source.sortable("sparse").unwrap(), [true, true, true], "it is short");
    assert_eq!(source.sortable("seen").unwrap(), [false]);
}

#[test]
fn a_page_among_rows_without_a_value_is_found_as_any_other() {
    let (_folder, source) = database(|conn| {
        conn.execute_batch(
            "CREATE TABLE log (id INTEGER PRIMARY KEY, kind TEXT);
             CREATE INDEX by_kind ON log (kind);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
             INSERT INTO log SELECT i, CASE WHEN i % 2 THEN 'k' || (i % 5) END FROM n;",
        )
        .unwrap();
    });
    let order = TableOrder { table: "log".into(), column: Some(1) };
    assert_eq!(index(&source, &order), 60_000);
    let steps = |row: u64| {
        let steps = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&steps);
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        };
        source.conn.progress_handler(100, Some(count)).unwrap();
        let page = source.table_glance(&order, row, 50, 1_000).unwrap();
        source.conn.progress_handler(0, None::<fn() -> bool>).unwrap();
        assert_eq!(page.len(), 50, "at {row}");
        steps.load(Ordering::Relaxed)
    };
    // Half of the rows have no value, and come first; the page at 29,980 has some of both.
    for row in [500, 15_500, 28_999, 29_500, 29_980, 30_000, 45_500] {
        let steps = steps(row);
        assert!(steps < 400, "{steps} hundred steps for a page at {row}");
    }
}

#[test]
fn a_table_that_grows_is_numbered_on_and_one_that_shrinks_anew() {
    let (folder, source) = database(|conn| {
        conn.execute_batch("CREATE TABLE log (id INTEGER PRIMARY KEY); INSERT INTO log VALUES (1), (2), (5)").unwrap();
    });
    let order = by_key("log");
    assert_eq!(index(&source, &order), 3);
    let writer = Connection::open(folder.path().join("plain.db")).unwrap();
    writer.execute_batch("INSERT INTO log VALUES (9)").unwrap();
    assert_eq!(index(&source, &order), 4);
    writer.execute_batch("DELETE FROM log WHERE id < 5").unwrap();
    source.forget_table_rows(&order, false);
    assert_eq!(index(&source, &order), 2);
    assert_eq!(firsts(&source.table_glance(&order, 0, 9, 10).unwrap()), ["5", "9"]);
}

#[test]
fn rows_that_went_from_the_midst_of_a_long_table_are_noticed() {
    let (folder, source) = database(|conn| {
        conn.execute_batch(
            "CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT, UNIQUE (name));
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
             INSERT INTO log SELECT i, printf('%07d', i) FROM n",
        )
        .unwrap();
    });
    let writer = Connection::open(folder.path().join("plain.db")).unwrap();
    let by_name = TableOrder { table: "log".into(), column: Some(1) };
    for order in [by_key("log"), by_name] {
        writer
            .execute_batch("DELETE FROM log WHERE id > 60000; INSERT OR IGNORE INTO log VALUES (500, '0000500')")
            .unwrap();
        source.forget_table_rows(&order, true);
        assert_eq!(index(&source, &order), 60_000);
        assert!(source.table_rows_hold(&order, Some(30_000)).unwrap());
        writer.execute_batch("INSERT INTO log VALUES (60001, '0060001')").unwrap();
        assert_eq!(index(&source, &order), 60_001, "what was appended is numbered on");
        assert!(source.table_rows_hold(&order, Some(60_000)).unwrap());
        // One goes and one comes: by its length alone the table is the same.
        writer.execute_batch("DELETE FROM log WHERE id = 500; INSERT INTO log VALUES (60002, '0060002')").unwrap();
        assert!(!source.table_rows_hold(&order, Some(700)).unwrap(), "around the row that is looked at");
        assert_eq!(index(&source, &order), 60_002);
        assert!(!source.table_rows_hold(&order, Some(40_000)).unwrap(), "one too many is numbered");
        source.forget_table_rows(&order, false);
        assert_eq!(source.table_rows(&order).rows, 60_002, "a long table keeps its numbers unless it is said");
        source.forget_table_rows(&order, true);
        assert_eq!(index(&source, &order), 60_001);
        assert_eq!(firsts(&source.table_glance(&order, 499, 1, 10).unwrap()), ["501"]);
    }
}

#[test]
fn a_large_value_is_left_unread_until_it_is_asked_for() {
    let text = "ü".repeat(3 << 20);
    let blob = vec![7_u8; 5 << 20];
    let (_folder, source) = database(|conn| {
        conn.execute_batch(
            "CREATE TABLE file (name TEXT, body, more BLOB);
             CREATE TABLE keyed (name TEXT PRIMARY KEY, body) WITHOUT ROWID",
        )
        .unwrap();
        conn.execute("INSERT INTO file VALUES ('a', ?1, ?2)", params![text, blob]).unwrap();
        conn.execute("INSERT INTO keyed VALUES ('a', ?1)", params![text]).unwrap();
    });
    let row = source.table_glance(&by_key("file"), 0, 1, 1 << 20).unwrap().remove(0);
    assert_eq!(row.values[0], Glimpse::Whole(Stored::text("a")));
    let Glimpse::Large { storage: StorageClass::Text, bytes, beginning } = &row.values[1] else { panic!("{row:?}") };
    assert_eq!((*bytes, beginning.len()), (6 << 20, 1_024));
    assert!(text.as_bytes().starts_with(beginning));
    let Glimpse::Large { storage: StorageClass::Blob, bytes, .. } = &row.values[2] else { panic!("{row:?}") };
    assert_eq!(*bytes, 5 << 20);
    let place = |table: &str, column, key| ValuePlace::Table { table: table.to_owned(), column, key };
    let mut steps = Vec::new();
    let loaded = source.load_value(&place("file", 1, row.key.clone()), &mut |read, of| steps.push((read, of))).unwrap();
    assert_eq!((loaded.storage, &*loaded.raw), (StorageClass::Text, text.as_bytes()));
    assert_eq!((steps.len(), steps.last()), (6, Some(&(6 << 20, 6 << 20))));
    let loaded = source.load_value(&place("file", 2, row.key), &mut |_, _| {}).unwrap();
    assert_eq!((loaded.storage, &*loaded.raw), (StorageClass::Blob, blob.as_slice()));
    let keyed = source.table_glance(&by_key("keyed"), 0, 1, 1 << 20).unwrap().remove(0);
    let loaded = source.load_value(&place("keyed", 1, keyed.key), &mut |_, _| {}).unwrap();
    assert_eq!(&*loaded.raw, text.as_bytes());
}

#[test]
fn a_definition_has_indexes_and_triggers_and_reads_no_row() {
    let (_folder, source) = database(|conn| {
        conn.execute_batch(
            "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE);
             CREATE INDEX by_text ON note (text);
             CREATE TRIGGER told AFTER INSERT ON note BEGIN SELECT 1; END;",
        )
        .unwrap();
    });
    let definition = source.definition("NOTE").unwrap();
    assert_eq!(definition.indexes, ["CREATE INDEX by_text ON note (text)"]);
    assert_eq!(definition.triggers.len(), 1);
    assert!(
        definition.text().starts_with("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE);\nCREATE INDEX")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_row_is_what_offset_says(
        ranks in prop::collection::vec(prop::option::of(0_i64..4), 1..60),
        at in 0_usize..60,
        sorted: bool,
    ) {
        let (_folder, source) = database(|conn| {
            conn.execute_batch("CREATE TABLE t (rank INTEGER); CREATE INDEX by_rank ON t (rank)").unwrap();
            for rank in &ranks {
                conn.execute("INSERT INTO t VALUES (?1)", [rank]).unwrap();
            }
        });
        let order = TableOrder { table: "t".to_owned(), column: sorted.then_some(0) };
        prop_assert_eq!(index(&source, &order), ranks.len() as u64);
        let mut wanted = ranks.clone();
        if sorted {
            wanted.sort();
        }
        let text = |rank: &Option<i64>| rank.map_or_else(|| "NULL".to_owned(), |rank| rank.to_string());
        let wanted: Vec<_> = wanted.iter().skip(at).take(3).map(text).collect();
        prop_assert_eq!(firsts(&source.table_glance(&order, at as u64, 3, 100).unwrap()), wanted);
    }
}
