//! How fast a large store is read: the figures that the structures are built for.
//!
//! `cargo bench --bench reading`, or `EVENTS=10000000 cargo bench --bench reading`. The database is made with the store
//! and kept in `target/`, so that only the first run makes it. Every figure is the median of the rounds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::filter::{Filter, compile};
use eventscope::source::{OpenOptions, ScanRange, SortKey, Source};
use eventscope::store::EventStore;
use serde_json::json;

const ROUNDS: usize = 5;

fn main() {
    let events: u64 = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let path = made(events);
    let open = || Source::open(&path, &OpenOptions::default()).unwrap();
    println!("{events} events, {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
    show("open and recognise", || drop(open()));
    let source = open();
    show("the first page of 50", || drop(source.page_at(0, 50).unwrap()));
    show("count", || assert_eq!(source.count().unwrap(), events));
    show("index of keys", || {
        source.forget();
        source.key_index(&mut |_| ()).unwrap();
    });
    let rows: Vec<u64> = (0..20).map(|step| events / 21 * (step + 1)).collect();
    show("twenty pages of 50 anywhere", || rows.iter().for_each(|row| drop(source.page_at(*row, 50).unwrap())));
    show("fifty events by position", || {
        let positions: Vec<i64> = (1..=50).map(|step| step * i64::try_from(events).unwrap() / 51).collect();
        drop(source.events_at(&positions).unwrap());
    });
    show("list of streams", || source.streams(&mut |_| ControlFlow::Continue(())).unwrap());
    show("one stream", || {
        let stream = StreamName::new("order", "ord-000001");
        assert!(source.read_stream(&stream, 1, None).unwrap().count() > 0);
    });
    for text in [
        "stream:order/ord-000001",
        "type:order.placed",
        "type:order.*",
        "correlation:req-77",
        "data.total>900",
        "c-118",
        "-c-118",
        "after:2026-01-01",
        "data.note:*straße*",
        "naïve",
    ] {
        let filter = compile(&Filter::parse(text).unwrap(), source.mapping().unwrap());
        let mut found = 0;
        let took = median(|| {
            found = 0;
            source
                .scan(&filter, ScanRange::default(), &mut |batch| {
                    found += batch.positions.len();
                    ControlFlow::Continue(())
                })
                .unwrap();
        });
        println!("{:44} {:>10}   {found} found", format!("filter {text}"), millis(took));
    }
    let everything = compile(&Filter::default(), source.mapping().unwrap());
    for key in [SortKey::Time, SortKey::Type, SortKey::EventId] {
        show(&format!("sort by {key:?}"), || {
            drop(source.sorted(&everything, key, &mut |_| ControlFlow::Continue(())).unwrap());
        });
    }
}

/// The database of so many events, made if it is not there.
fn made(events: u64) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/reading-{events}.db"));
    if path.exists() {
        return path;
    }
    let unfinished = path.with_extension("unfinished");
    drop(std::fs::remove_file(&unfinished));
    let mut store = EventStore::create(&unfinished).unwrap();
    for batch in 0..events.div_ceil(100) {
        let stream = StreamName::new("order", format!("ord-{:06}", batch * 7919 % (events / 1_000).max(1)));
        let batch: Vec<NewEvent> = (0..100).map(|index| event(batch * 100 + index)).collect();
        store.append(&stream, ExpectedVersion::Any, &batch).unwrap();
    }
    drop(store);
    std::fs::rename(&unfinished, &path).unwrap();
    path
}

fn event(number: u64) -> NewEvent {
    const TYPES: [&str; 4] = ["order.placed", "order.line_added", "payment.taken", "stock.reserved"];
    let event_type = TYPES.get(usize::try_from(number % 4).unwrap()).unwrap();
    let data = json!({
        "customer": format!("c-{}", number % 997), "total": number % 1_000, "currency": "EUR",
        "lines": [{"sku": format!("sku-{}", number % 53), "qty": number % 7}], "note": "left at the door",
    });
    NewEvent { correlation_id: Some(format!("req-{}", number / 12)), ..NewEvent::new(*event_type, data) }
}

fn show(what: &str, work: impl FnMut()) {
    println!("{what:44} {:>10}", millis(median(work)));
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed()
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
