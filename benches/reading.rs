//! How fast a large store is read: the figures that the structures are built for.
//!
//! `cargo bench --bench reading`, or `EVENTS=10000000 cargo bench --bench reading`. The database is made with the store
//! and kept in `target/`, so that only the first run makes it. Every figure is the median of the rounds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod large_store;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use eventscope::event::{Column, StreamName};
use eventscope::filter::{Filter, compile};
use eventscope::source::{OpenOptions, ScanRange, Source};

const ROUNDS: usize = 5;

fn main() {
    let (path, events) = large_store::database();
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
    for key in [Column::Time, Column::Type, Column::EventId] {
        show(&format!("sort by {key:?}"), || {
            drop(source.sorted(&everything, key, &mut |_| ControlFlow::Continue(())).unwrap());
        });
    }
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
