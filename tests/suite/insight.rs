//! Questions about the whole store, asked of real databases.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::ControlFlow;
use std::path::PathBuf;

use eventscope::event::StreamName;
use eventscope::insight::{Difference, Drift, Finding, Histogram, Scope, Statistics, drift, faults};
use eventscope::replay::fault::Fault;
use eventscope::replay::{Fold, Reducers};
use eventscope::source::{OpenOptions, Source};

const LIBRARIES: [&str; 4] = ["py_ouroboros", "py_eventsourcing_json", "node_emmett_0_42", "rust_sqlite_es"];

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn open(name: &str) -> Source {
    Source::open(root(&format!("tests/fixtures/{name}.db")), &OpenOptions::default()).unwrap()
}

fn reducers(name: &str) -> Reducers {
    Reducers::parse(&std::fs::read_to_string(super::truth::rules_of(name)).unwrap(), name).unwrap()
}

fn agreement(name: &str, scope: Scope<'_>) -> Drift {
    drift(&open(name), &reducers(name), scope, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn cqrs_es_stores_snapshots_that_its_events_do_not_give() {
    let items = agreement("rust_sqlite_es", Scope::AggregateType("InventoryItem"));
    assert_eq!((items.matching, items.total, items.unreadable), (5, 29, 0));
    // What differs is what applying the last command's events twice explains: more is reserved than there should be.
    for Difference { stream, finding, .. } in &items.differences {
        let Finding::Differs(changes) = finding else { panic!("{stream}: {finding:?}") };
        assert!(changes.iter().all(|change| change.path.starts_with("/reserv")), "{stream}: {changes:?}");
    }
    let all = agreement("rust_sqlite_es", Scope::All);
    assert_eq!((all.matching, all.total, all.differences.len()), (49, 73, 24));
}

#[test]
fn what_went_wrong_with_a_snapshot_is_found_where_a_known_fault_explains_it() {
    let (source, reducers) = (open("rust_sqlite_es"), reducers("rust_sqlite_es"));
    let mut twice = 0;
    for Difference { stream, version, .. } in &agreement("rust_sqlite_es", Scope::All).differences {
        let stored = source.snapshots(stream).unwrap().into_iter().find(|stored| stored.version == *version).unwrap();
        let comparable = reducers.comparable(stream, *version, stored.state.value().unwrap()).unwrap();
        let drifted = [(*version, comparable)].into();
        let mut fold = Fold::new(&reducers, &stream.aggregate_type);
        let found = faults(&source, &mut fold, stream, &drifted).unwrap();
        twice += usize::from(matches!(found.get(version), Some(Fault::AppliedTwice(_) | Fault::EveryTwice(_))));
    }
    // An event before each tenth snapshot is in it twice, and in those that were made of it. The one that is not explained
    // released a second time what was released before, of which the application makes something else than the rules.
    assert_eq!(twice, 23);
}

#[test]
fn the_snapshots_of_eventsourcing_are_what_its_events_give() {
    let all = agreement("py_eventsourcing_json", Scope::All);
    assert_eq!((all.matching, all.total), (112, 112), "{:?}", all.differences.first());
    let accounts = agreement("py_eventsourcing_json", Scope::AggregateType("BankAccount"));
    assert_eq!((accounts.matching, accounts.total), (28, 28));
}

#[test]
fn the_snapshots_of_one_stream() {
    let stream = StreamName::new("InventoryItem", "02471368-7dc6-41a4-896e-a7c35e688394");
    let found = agreement("rust_sqlite_es", Scope::Stream(&stream));
    assert_eq!((found.matching, found.total, found.differences.len()), (0, 1, 1));
    assert_eq!(agreement("node_emmett_0_42", Scope::All), Drift::default());
}

#[test]
fn a_comparison_can_be_stopped() {
    let stopped = drift(&open("rust_sqlite_es"), &reducers("rust_sqlite_es"), Scope::All, &mut |drift| {
        if drift.total < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(stopped.unwrap_err().is_cancelled());
}

#[test]
fn statistics_count_everything_once() {
    for name in LIBRARIES {
        let statistics = Statistics::of(&open(name)).unwrap();
        let typed: u64 = statistics.event_types.iter().map(|(_, count)| count).sum();
        assert_eq!(typed, statistics.events, "{name}");
        assert!(statistics.event_types.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{name}");
        assert!(statistics.first.unwrap().utc <= statistics.last.unwrap().utc, "{name}");
    }
    let statistics = Statistics::of(&open("node_emmett_0_42")).unwrap();
    assert_eq!((statistics.events, statistics.streams), (1501, 115));
    assert_eq!(statistics.event_types.iter().find(|(name, _)| name == "OrderPlaced").unwrap().1, 60);
}

#[test]
fn a_histogram_holds_every_event() {
    for name in LIBRARIES {
        let source = open(name);
        let events = source.count().unwrap();
        let matching = |from: i64, to: i64| (from..=to).filter(|position| position % 3 == 0).count() as u64;
        let histogram = Histogram::gather(&source, 60, Some(&matching), &mut |_| ControlFlow::Continue(())).unwrap();
        assert!(!histogram.buckets.is_empty() && histogram.buckets.len() <= 60, "{name}");
        assert_eq!(
            histogram.buckets.iter().map(|bucket| bucket.all).sum::<u64>() + histogram.undated,
            events,
            "{name}"
        );
        assert!(histogram.buckets.iter().all(|bucket| bucket.matching <= bucket.all), "{name}");
        assert!(histogram.buckets.windows(2).all(|pair| pair[0].to == pair[1].from), "{name}");
    }
}

/// A log of 120,000 events, a second apart but for a long pause; `order` says in which order they were written.
fn log(order: &str) -> (tempfile::TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(&format!(
        "CREATE TABLE events (sequence INTEGER PRIMARY KEY AUTOINCREMENT, event_type TEXT NOT NULL, payload TEXT NOT NULL, stored_at TEXT NOT NULL);
         CREATE TABLE projection_counts (name TEXT PRIMARY KEY, count INTEGER);
         CREATE TABLE checkpoints (name TEXT PRIMARY KEY, sequence INTEGER);
         CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 119999)
         INSERT INTO events (event_type, payload, stored_at)
         SELECT 'counted', '{{}}', strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + i + (i >= 70000) * 100000, 'unixepoch')
         FROM n ORDER BY {order};"
    ))
    .unwrap();
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    (folder, source)
}

#[test]
fn a_long_log_and_the_same_events_out_of_order_spread_alike() {
    let spread = |order: &str| {
        let (_folder, source) = log(order);
        assert_eq!(source.count().unwrap(), 120_000);
        Histogram::gather(&source, 80, None, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let log = spread("i");
    let shuffled = spread("(i * 7919) % 120000");
    assert_eq!(log.buckets.iter().map(|bucket| bucket.all).sum::<u64>(), 120_000);
    let pause = log.buckets.iter().filter(|bucket| bucket.all == 0).count();
    assert!(pause > 20, "{pause} bars without events");
    // Reading through puts neighbouring moments together, so an edge may be off by one of them.
    assert_eq!(log.buckets.len(), shuffled.buckets.len());
    for (exact, near) in log.buckets.iter().zip(&shuffled.buckets) {
        assert_eq!(exact.from, near.from);
        assert!(exact.all.abs_diff(near.all) <= 8, "{exact:?} and {near:?}");
    }
}

#[test]
fn matches_in_a_long_log_are_counted_by_position() {
    let (_folder, source) = log("i");
    let even = |from: i64, to: i64| ((to / 2) - (from - 1) / 2).unsigned_abs();
    let mut heard = 0;
    let histogram = Histogram::gather(&source, 80, Some(&even), &mut |_| {
        heard += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(histogram.buckets.iter().map(|bucket| bucket.matching).sum::<u64>(), 60_000);
    assert_eq!(heard, histogram.buckets.len());
}
