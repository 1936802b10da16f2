//! How long rules are looked for: in a store of 100 aggregate types, 10,000 events and 1,000 snapshots.
//!
//! `cargo bench --bench learn`. It prints figures beside their targets; it asserts nothing.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

use eventscope::event::{Event, Payload, StreamName, Version};
use eventscope::learn::{Evidence, Learner, Learnt};
use serde_json::{Map, Value, json};

const TYPES: usize = 100;
const STREAMS: usize = 10;
const EVENTS: Version = 10;

/// The event of a stream at a version, and what it does to the state: an opening, a balance with a fee, lines by key, a
/// status, and who did the last thing.
fn event(kind: usize, stream: usize, version: Version, state: &mut Map<String, Value>) -> Event {
    let number = i64::try_from(kind * 7 + stream * 3).unwrap() + version * 11;
    let (event_type, data) = match (version, number % 5) {
        (1, _) => {
            state.insert("owner".into(), json!(format!("owner {stream}")));
            state.insert("balance".into(), json!(0));
            state.insert("lines".into(), json!({}));
            state.insert("status".into(), json!("open"));
            ("Opened", json!({"owner": format!("owner {stream}"), "channel": "web"}))
        }
        (_, 0 | 1) => {
            let now = state["balance"].as_i64().unwrap() + number;
            state.insert("balance".into(), json!(now));
            ("Deposited", json!({"amount": number, "fee": number % 3, "memo": "paid"}))
        }
        (_, 2) => {
            let now = state["balance"].as_i64().unwrap() - number;
            state.insert("balance".into(), json!(now));
            ("Withdrawn", json!({"amount": number, "fee": number % 4, "memo": "taken"}))
        }
        (_, 3) => {
            let line = json!({"qty": number, "price": number % 17});
            state["lines"].as_object_mut().unwrap().insert(format!("L{version}"), line);
            ("LineAdded", json!({"line_id": format!("L{version}"), "qty": number, "price": number % 17}))
        }
        _ => {
            let status = ["paused", "active", "closed"][usize::try_from(number % 3).unwrap()];
            state.insert("status".into(), json!(status));
            ("StatusChanged", json!({"status": status, "reason": "asked"}))
        }
    };
    Event {
        position: version,
        version,
        stream: StreamName::new(format!("type-{kind}"), format!("stream-{stream}")),
        event_type: event_type.into(),
        data: Payload::json(data),
        ..Event::default()
    }
}

fn store() -> Learner {
    let mut learner = Learner::new();
    for kind in 0..TYPES {
        for stream in 0..STREAMS {
            let mut state = Map::new();
            for version in 1..=EVENTS {
                let event = event(kind, stream, version, &mut state);
                learner.event(&event);
                if version == EVENTS {
                    learner.evidence(Evidence::snapshot(event.stream, version, Value::Object(state.clone())));
                }
            }
        }
    }
    learner
}

fn timed(what: &str, target: &str, find: impl Fn() -> Learnt) -> Learnt {
    let start = Instant::now();
    let found = black_box(find());
    println!("{what:<64} {:>10.2?}   {target}", start.elapsed());
    found
}

fn main() {
    let learner = store();
    println!("{:<64} {:>10}   target", format!("{TYPES} aggregate types, 10,000 events, 1,000 snapshots"), "found");
    let learnt =
        timed("rules learnt from the snapshots", "2 s", || learner.learn(&mut || ControlFlow::Continue(())).unwrap());
    let (agree, of) = learnt
        .aggregates
        .iter()
        .fold((0, 0), |(agree, of), aggregate| (agree + aggregate.held_out.agree, of + aggregate.held_out.of));
    println!("{:<64} {:>10}", "  states right of those held out", format!("{agree}/{of}"));
    timed("rules suggested by names", "", || learner.suggest(&mut || ControlFlow::Continue(())).unwrap());
}
