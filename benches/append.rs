//! How fast the store appends and loads, beside what was promised, and beside a bare `rusqlite` insert in the same run.
//!
//! `cargo bench --bench append`. The bare insert writes into the same table with the same indexes and pragmas, a row a
//! statement, and is handed its values ready as text; it keeps no versions, makes no ids, checks nothing, answers with
//! nothing, and its table lacks the trigger that refuses to replace events. Both take turns, transaction by transaction,
//! so that what else the machine does falls on both. Figures are medians of the rounds, ratios the medians of each
//! round's ratio.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_possible_wrap, clippy::cast_precision_loss)]

use std::path::Path;
use std::time::{Duration, Instant};

use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{Aggregate, Durability, Encoding, EventStore, Naming, Repository, SnapshotPolicy, from_event};
use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

const ROUNDS: usize = 15;

fn main() {
    println!("{:58} {:>16} {:>16}  ", "median of 15 rounds", "figure", "target");
    durable();
    batches();
    appended_and_queried();
    load();
    println!("\n1,000 events a transaction, 20 transactions");
    for (what, make) in VARIANTS {
        variant(what, make);
    }
}

/// Prints a row of the table of targets.
fn row(what: &str, figure: &str, target: &str, met: bool) {
    println!("{what:58} {figure:>16} {target:>16}  {}", if met { "met" } else { "missed" });
}

fn durable() {
    let both = Both::measured(100, 1, plain);
    row("durable append, one event a transaction, to a bare insert", &both.ratio(), "1.20 times", both.times <= 1.2);
    println!("{:58} {:>16}", "  a transaction, and a bare one", format!("{} / {}", both.each(100), both.bare(100)));
}

fn batches() {
    let both = Both::measured(20, 1_000, plain);
    let rate = 20_000.0 / both.store.as_secs_f64();
    row("batches of 1,000", &format!("{rate:.0} events/s"), "150000 events/s", rate >= 150_000.0);
    row("batches of 1,000, to a bare insert", &both.ratio(), "1.30 times", both.times <= 1.3);
    println!("{:58} {:>16}", "  a batch, and a bare one", format!("{} / {}", both.each(20), both.bare(20)));
    let unsynced = 20_000.0 / Both::measured(20, 1_000, unsynced).store.as_secs_f64();
    println!("{:58} {:>16}", "  with Durability::Normal", format!("{unsynced:.0} events/s"));
}

fn appended_and_queried() {
    let times = (0..ROUNDS).map(|_| {
        let folder = tempfile::tempdir().unwrap();
        let mut store = EventStore::create(folder.path().join("store.db")).unwrap();
        let batch = batch(0, 1_000);
        timed(|| {
            store.append(&stream(), ExpectedVersion::NoStream, &batch).unwrap();
            assert_eq!(store.read_stream(&stream(), 1, None).unwrap().len(), 1_000);
        })
    });
    within("1,000 events appended in one batch, then queried by stream", median(times.collect()), 20);
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
    store.save_snapshot(&StreamName::new("order", "long"), at, 1, json!({"lines": at})).unwrap();
    let time = loading::<Order>(&mut store, "short", |order| assert_eq!(order.lines, 10_000));
    within("an aggregate of 10,000 events loaded", time, 10);
    for (what, time) in [
        (
            "  that reads each into a type",
            loading::<Typed>(&mut store, "short", |order| assert_eq!(order.quantity, 20_000)),
        ),
        (
            "  that reads each as a document",
            loading::<Loose>(&mut store, "short", |order| assert_eq!(order.quantity, 20_000)),
        ),
    ] {
        println!("{what:58} {:>16}", millis(time));
    }
    let time = loading::<Order>(&mut store, "long", |order| assert_eq!(order.lines, LONG));
    within("an aggregate of 1,000,000 events loaded from a snapshot", time, 1);
}

fn loading<A: Aggregate>(store: &mut EventStore, id: &str, check: impl Fn(&A)) -> Duration {
    let orders = Repository::<A>::new(store, SnapshotPolicy::NEVER);
    median((0..ROUNDS).map(|_| timed(|| check(orders.load(id).unwrap().state()))).collect())
}

fn within(what: &str, time: Duration, target: u64) {
    row(what, &millis(time), &format!("{target}.00 ms"), time <= Duration::from_millis(target));
}

const LONG: usize = 1_000_000;

/// An order that counts its events.
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

/// An order that reads its events into a type of the application.
#[derive(Default, Serialize, Deserialize)]
struct Typed {
    quantity: i64,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "data")]
enum OrderEvent {
    #[serde(rename = "order.line_added")]
    LineAdded { qty: i64 },
}

impl Aggregate for Typed {
    const TYPE: &'static str = "order";

    fn apply(&mut self, event: &Event) -> eventscope::Result<()> {
        let OrderEvent::LineAdded { qty } = from_event(event)?;
        self.quantity += qty;
        Ok(())
    }
}

/// An order that looks into the documents of its events.
#[derive(Default, Serialize, Deserialize)]
struct Loose {
    quantity: i64,
}

impl Aggregate for Loose {
    const TYPE: &'static str = "order";

    fn apply(&mut self, event: &Event) -> eventscope::Result<()> {
        self.quantity += event.data.value().and_then(|data| data["qty"].as_i64()).unwrap_or(0);
        Ok(())
    }
}

type Make = fn(&Path) -> EventStore;

fn plain(path: &Path) -> EventStore {
    EventStore::create(path).unwrap()
}

/// Waits for the disk when the log is taken over into the file, and not at each commit.
fn unsynced(path: &Path) -> EventStore {
    let mut store = EventStore::create(path).unwrap();
    store.set_durability(Durability::Normal).unwrap();
    store
}

/// What else a store can do, beside the plain one.
const VARIANTS: [(&str, Make); 4] = [
    ("MessagePack", |path| {
        let mut store = EventStore::create(path).unwrap();
        store.set_encoding(Encoding::MessagePack).unwrap();
        store
    }),
    ("with a naming convention", |path| {
        let mut store = EventStore::create(path).unwrap();
        store.set_naming(&Naming::dotted()).unwrap();
        store
    }),
    ("with a schema", |path| {
        let mut store = EventStore::create(path).unwrap();
        let properties = json!({
            "line": {"type": "integer", "minimum": 0}, "sku": {"type": "string", "pattern": "^sku-"},
            "qty": {"type": "integer", "minimum": 1}, "price": {"type": "string"},
        });
        let schema = json!({"type": "object", "properties": properties, "required": ["line", "sku"]});
        store.register_schema("order.line_added", 1, &schema).unwrap();
        store
    }),
    ("with a hash chain", |path| EventStore::create_chained(path).unwrap()),
];

fn variant(what: &str, make: Make) {
    let both = Both::measured(20, 1_000, make);
    let rate = 20_000.0 / both.store.as_secs_f64();
    println!("{what:58} {:>16} {:>16}", format!("{rate:.0} events/s"), both.ratio());
}

/// How long the store and the bare insert took for the same.
struct Both {
    store: Duration,
    bare: Duration,
    times: f64,
}

impl Both {
    /// Times both in turn, each round on two fresh files.
    fn measured(transactions: usize, events: usize, make: Make) -> Self {
        let (mut ours, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let folder = tempfile::tempdir().unwrap();
            let mut store = make(&folder.path().join("store.db"));
            let mut inserter = Bare::create(&folder.path().join("bare.db"));
            let (mut append, mut insert) = (Duration::ZERO, Duration::ZERO);
            for transaction in 0..transactions {
                let batch = batch(transaction * events, events);
                append += timed(|| drop(store.append(&stream(), ExpectedVersion::Any, &batch).unwrap()));
                insert += timed(|| inserter.insert(transaction * events, &batch));
            }
            ratios.push(append.as_secs_f64() / insert.as_secs_f64());
            ours.push(append);
            bare.push(insert);
        }
        ratios.sort_by(f64::total_cmp);
        Self { store: median(ours), bare: median(bare), times: ratios[ratios.len() / 2] }
    }

    fn ratio(&self) -> String {
        format!("{:.2} times", self.times)
    }

    fn each(&self, transactions: u32) -> String {
        millis(self.store / transactions)
    }

    fn bare(&self, transactions: u32) -> String {
        millis(self.bare / transactions)
    }
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
        connection.pragma_update(None, "wal_autocheckpoint", 4_000).unwrap();
        connection.execute_batch("DROP TRIGGER events_are_never_replaced").unwrap();
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
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}
