//! What folding costs: microseconds for each event by merge patch and by jq, and the time of a seek in a long stream.
//!
//! `cargo bench --bench replay`; `-- 100000` for a shorter stream. It prints medians; it asserts nothing.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use eventscope::event::{Event, Payload, StreamName, Version};
use eventscope::replay::{Fold, Limits, Reducers, Timeline};
use serde_json::json;

const RULES: &str = r#"
[aggregate."order"]
initial = '{"total": 0, "lines": {}, "notes": []}'
[aggregate."order".on]
"order.line_added"   = '.lines[$event.data.line] = $event.data | .total += $event.data.amount'
"order.line_removed" = '.total -= .lines[$event.data.line].amount | del(.lines[$event.data.line])'
"order.noted"        = '.notes = (.notes + [$event.data.note])[-5:]'
"order.*"            = '.status = $event.data.status'
"#;

/// Events of some 150 bytes each; the state stays at some 20 lines.
fn event(version: Version) -> Event {
    let line = format!("L{}", version % 20);
    let (event_type, data) = match version % 4 {
        0 => {
            ("order.line_removed", json!({"line": line, "reason": "out of stock", "by": "warehouse", "status": "open"}))
        }
        1 => ("order.noted", json!({"note": "leave at the door; call before", "status": "open", "amount": version})),
        2 => {
            ("order.confirmed", json!({"status": format!("confirmed {version}"), "method": "sepa", "ref": "3b307544"}))
        }
        _ => (
            "order.line_added",
            json!({"line": line, "item": "6b08909b-e124", "qty": 3, "amount": version, "currency": "EUR", "status": "open"}),
        ),
    };
    Event {
        position: version,
        version,
        stream: StreamName::new("order", "ord-1"),
        event_type: event_type.into(),
        data: Payload::json(data),
        metadata: Payload::json(json!({"ip": "::1"})),
        actor: Some("ann".into()),
        correlation_id: Some("req-1".into()),
        ..Event::default()
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn fold(name: &str, reducers: &Reducers, events: &[Event]) {
    let round = || {
        let mut fold = Fold::new(reducers, "order");
        let start = Instant::now();
        let changes: usize = events.iter().map(|event| fold.step(event).changes.len()).sum();
        let time = start.elapsed();
        black_box(changes);
        time / u32::try_from(events.len()).unwrap()
    };
    println!("{name:<34} {:>10.2?} an event, changes included", median((0..9).map(|_| round()).collect()));
}

fn seek(name: &str, reducers: &Reducers, count: Version) {
    let start = Instant::now();
    let events = (1..=count).map(|version| Ok(event(version)));
    let timeline = Timeline::build(events, reducers, Limits::default(), |_| ControlFlow::Continue(())).unwrap();
    let built = start.elapsed();
    let mut random = 88_172_645_463_325_252_u64;
    let seeks = (0..500).map(|_| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let version = Version::try_from(random % u64::try_from(count).unwrap()).unwrap() + 1;
        let start = Instant::now();
        let state = timeline.state_at(version, |from, to| Ok((from..=to).map(event).collect())).unwrap();
        let time = start.elapsed();
        black_box(state);
        time
    });
    let mut times: Vec<_> = seeks.collect();
    times.sort_unstable();
    let worst = times[times.len() - 1];
    println!("{name:<34} {:>10.2?} a seek, {worst:.2?} at worst, {built:.2?} to build, {count} events", median(times));
}

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let events: Vec<_> = (1..=20_000).map(event).collect();
    let rules = Reducers::parse(RULES, "bench").unwrap();
    let merge = Reducers::guess();
    fold("fold by merge patch", &merge, &events);
    fold("fold by jq", &rules, &events);
    seek("seek by merge patch", &merge, count);
    seek("seek by jq", &rules, count);
}
