//! How fast the store appends and reads, beside a bare `rusqlite` insert into the same tables in the same run.
//!
//! `cargo bench --bench append`. The bare insert has the same indexes, triggers and pragmas, and is handed its
//! values ready as text; it keeps no versions, makes no ids and answers with nothing. Both take turns, so that what
//! else the machine does falls on both. Figures are medians of the rounds.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_possible_wrap, clippy::cast_precision_loss)]

use std::path::Path;
use std::time::{Duration, Instant};

use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{Aggregate, EventStore, Repository, SnapshotPolicy};
use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

const ROUNDS: usize = 15;

fn main() {
    println!("median of {ROUNDS} rounds              store          bare     ratio");
    for (what, transactions, events) in [
        ("1,000 events, 100 a transaction", 10, 100),
        ("1,000 events, one transaction", 1, 1_000),
        ("100 durable one-event transactions", 100, 1),
        ("20,000 events, 1,000 a transaction", 20, 1_000),
    ] {
        compare(what, transactions, events);
    }
    load();
}

/// How long loading an aggregate takes: folded from its events, and from a snapshot near the end of a long stream.
fn load() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = EventStore::create(folder.path().join("store.db")).unwrap();
    store.append(&StreamName::new("order", "short"), ExpectedVersion::Any, &batch(0, 10_000)).unwrap();
    for part in 0..LONG / 10_000 {
        store.append(&StreamName::new("order", "long"), ExpectedVersion::Any, &batch(part * 10_000, 10_000)).unwrap();
    }
    let at = LONG as i64 - 50;
    store.save_snapshot(&StreamName::new("order", "long"), at, 1, &json!({"lines": at})).unwrap();
    let orders = Repository::<Order>::new(&mut store, SnapshotPolicy::NEVER);
    for (id, events) in [("short", 10_000), ("long", LONG)] {
        let times = (0..ROUNDS).map(|_| timed(|| assert_eq!(orders.load(id).unwrap().state().lines, events)));
        println!("an aggregate of {events:>9} events loaded in {}", millis(median(times.collect())));
    }
}

const LONG: usize = 1_000_000;

#[derive(Default, Serialize, Deserialize)]
struct Order {
    lines: usize,
}

impl Aggregate for Order {
    const TYPE: &'static str = "order";

    fn apply(&mut self, _: &Event) -> eventscope::Result<()> {
        self.lines += 1;
        Ok(())
    }
}

/// Times both in turn, each round on two fresh files.
fn compare(what: &str, transactions: usize, events: usize) {
    let (mut ours, mut bare, mut queries) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let mut store = EventStore::create(folder.path().join("store.db")).unwrap();
        let mut inserter = Bare::create(&folder.path().join("bare.db"));
        let (mut append, mut insert) = (Duration::ZERO, Duration::ZERO);
        for transaction in 0..transactions {
            let batch = batch(transaction * events, events);
            append += timed(|| drop(store.append(&stream(), ExpectedVersion::Any, &batch).unwrap()));
            insert += timed(|| inserter.insert(transaction * events, &batch));
        }
        ours.push(append);
        bare.push(insert);
        queries.push(timed(|| {
            assert_eq!(store.read_stream(&stream(), 1, None).unwrap().len(), transactions * events);
        }));
    }
    let (ours, bare, query) = (median(ours), median(bare), median(queries));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    println!("{what:36} {:>9} {:>13} {ratio:>8.2}x", millis(ours), millis(bare));
    let rate = (transactions * events) as f64 / ours.as_secs_f64();
    println!("{:36} {rate:>9.0} events/s; queried back in {}", "", millis(query));
}

fn stream() -> StreamName {
    StreamName::new("order", "ord-000001")
}

fn batch(first: usize, count: usize) -> Vec<NewEvent> {
    let event = |number: usize| NewEvent {
        actor: Some("anna".to_owned()),
        actor_type: Some("user".to_owned()),
        source: Some("api".to_owned()),
        correlation_id: Some(format!("req-{:06}", number / 8)),
        ..NewEvent::new("order.line_added", json!({"line": number, "sku": "sku-cup-blue", "qty": 2, "price": "8.00"}))
    };
    (first..first + count).map(event).collect()
}

/// A plain insert of rows, as an application without this store would write it.
struct Bare(Connection);

impl Bare {
    fn create(path: &Path) -> Self {
        drop(EventStore::create(path).unwrap());
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        Self(connection)
    }

    fn insert(&mut self, first: usize, events: &[NewEvent]) {
        let texts: Vec<_> = events.iter().map(|event| event.data.to_string()).collect();
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        {
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO events (event_id, aggregate_type, aggregate_id, version, event_type, recorded_at, \
                     actor, actor_type, source, correlation_id, data) VALUES (?1, 'order', 'ord-000001', ?2, ?3, ?4, \
                     ?5, ?6, ?7, ?8, ?9)",
                )
                .unwrap();
            for ((number, event), data) in (first + 1..).zip(events).zip(&texts) {
                let id = format!("019d0000-0000-7000-8000-{number:012}");
                let moment = "2026-03-14T12:04:01.912345Z";
                let (kind, by, of, through) = (&event.event_type, &event.actor, &event.actor_type, &event.source);
                insert
                    .execute(params![id, number as i64, kind, moment, by, of, through, event.correlation_id, data])
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
