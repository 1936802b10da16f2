//! What asking history costs, on one stream of a million events: the whole state, the fold alone, the window, memory; and
//! Python's `eventsourcing` replaying as many events of the same size, where it is installed.
//!
//! `cargo bench --bench replay`; `EVENTS=100000` for a shorter stream. It prints figures beside their targets; it asserts
//! nothing. The database is kept in `target/`, so that only the first run makes it.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, missing_docs)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use eventscope::event::{Event, ExpectedVersion, NewEvent, Payload, StreamName, Version};
use eventscope::replay::{Evolve, Fold, Limits, Reducers, Timeline};
use eventscope::source::{OpenOptions, Source};
use eventscope::store::EventStore;
use serde_json::{Value, json};

const RULES: &str = r#"
[aggregate."account"]
initial = '{"balance": 0, "count": 0, "last": null}'
[aggregate."account".on]
"account.deposited" = '.balance += $event.data.amount | .count += 1 | .last = $event.data.note'
"account.withdrawn" = '.balance -= $event.data.amount | .count += 1'
"*"                 = '.status = $event.data.status'
"#;

/// Events of some 150 bytes each.
fn fact(number: Version) -> (&'static str, Value) {
    let amount = number % 97;
    let (event_type, note) = match number % 3 {
        0 => ("account.withdrawn", "paid at the counter"),
        1 => ("account.deposited", "brought to the counter"),
        _ => ("account.checked", "looked at by the auditor"),
    };
    let data = json!({
        "amount": amount, "currency": "EUR", "note": note, "status": format!("open {}", number % 11),
        "reference": format!("3b307544-6b08909b-{number:08}"), "by": "ann", "branch": {"city": "Bern", "desk": number % 7},
    });
    (event_type, data)
}

fn event(number: Version) -> Event {
    let (event_type, data) = fact(number);
    Event {
        position: number,
        version: number,
        stream: StreamName::new("account", "1"),
        event_type: event_type.into(),
        data: Payload::json(data),
        ..Event::default()
    }
}

/// A store with one stream, made if it is not there.
fn store(events: Version) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/stream-{events}.db"));
    if path.exists() {
        return path;
    }
    let unfinished = path.with_extension("unfinished");
    drop(std::fs::remove_file(&unfinished));
    let mut store = EventStore::create(&unfinished).unwrap();
    let numbers: Vec<Version> = (1..=events).collect();
    for together in numbers.chunks(10_000) {
        let new = |number: &Version| {
            let (event_type, data) = fact(*number);
            NewEvent::new(event_type, data)
        };
        let batch: Vec<NewEvent> = together.iter().map(new).collect();
        store.append(&StreamName::new("account", "1"), ExpectedVersion::Any, &batch).unwrap();
    }
    drop(store);
    std::fs::rename(&unfinished, &path).unwrap();
    path
}

fn say(what: &str, found: impl std::fmt::Display, target: &str) {
    println!("{what:<52} {found:>16}   {target}");
}

fn rate(events: usize, time: Duration) -> String {
    format!("{:.0} events/s", events as f64 / time.as_secs_f64())
}

/// The state at the end, as `eventscope state` gives it.
fn whole(path: &Path, reducers: &Reducers) -> Duration {
    let start = Instant::now();
    let source = Source::open(path, &OpenOptions::default()).unwrap();
    let stream = StreamName::new("account", "1");
    let mut fold = Fold::new(reducers, "account");
    for event in source.read_stream(&stream, Version::MIN, None).unwrap() {
        fold.step(&event.unwrap());
    }
    black_box(fold.state());
    start.elapsed()
}

/// The fold of events at hand, beside a part of the state that none of them touches.
fn alone(reducers: &Reducers, untouched: usize) -> String {
    let events: Vec<Event> = (1..=50_000).map(event).collect();
    let mut fold = Fold::new(reducers, "account");
    let others: serde_json::Map<String, Value> =
        (0..untouched).map(|number| (format!("line {number}"), json!({"qty": number}))).collect();
    let mut state = fold.state();
    state.as_object_mut().unwrap().insert("untouched".to_owned(), Value::Object(others));
    fold.begin(&StreamName::new("account", "1"), Some(&state.into())).unwrap();
    let start = Instant::now();
    let changes: usize = events.iter().map(|event| fold.step(event).changes.len()).sum();
    let time = start.elapsed();
    black_box(changes);
    rate(events.len(), time)
}

fn window(path: &Path, reducers: &Reducers, events: Version) {
    let stream = StreamName::new("account", "1");
    let start = Instant::now();
    let source = Source::open(path, &OpenOptions::default()).unwrap();
    let refetch = |from, to| source.read_stream(&stream, from, Some(to))?.collect();
    let fold = Fold::new(reducers, "account");
    let mut timeline = Timeline::new(&stream, Box::new(fold), Limits::default()).unwrap();
    let mut stored = source.read_stream(&stream, Version::MIN, None).unwrap();
    timeline.extend(stored.by_ref().take(2048)).unwrap();
    black_box(timeline.state_at(1, refetch).unwrap());
    say("  in the window: the state at version 1", format!("{:.0?}", start.elapsed()), "100 ms");
    timeline.extend(stored).unwrap();
    black_box(timeline.state_at(events, refetch).unwrap());
    say("  in the window: the state at the end", format!("{:.2?}", start.elapsed()), "2 s");
    let mut random = 88_172_645_463_325_252_u64;
    let mut times: Vec<Duration> = (0..1_000)
        .map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let version = Version::try_from(random % u64::try_from(events).unwrap()).unwrap() + 1;
            let start = Instant::now();
            black_box(timeline.state_at(version, refetch).unwrap());
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    say("  any version: median", format!("{:.2?}", times[times.len() / 2]), "");
    say("  any version: 99 of 100 within", format!("{:.2?}", times[times.len() * 99 / 100]), "16 ms");
}

/// The most memory that the process has held, where the system tells.
fn memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(format!("{:.0} MB", kilobytes / 1024.0))
}

const PYTHON: &str = r#"
import sys, tempfile, time, os
try:
    from eventsourcing.domain import Aggregate, event
    from eventsourcing.application import Application
except ImportError:
    sys.exit(3)
class Account(Aggregate):
    @event("Opened")
    def __init__(self): self.balance = 0; self.count = 0
    @event("Deposited")
    def deposit(self, amount, currency, note, status, reference, by, city, desk):
        self.balance += amount; self.count += 1; self.status = status
count = int(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    app = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": os.path.join(folder, "a.db")})
    account = Account()
    for n in range(count):
        account.deposit(n % 97, "EUR", "brought to the counter", f"open {n % 11}", f"3b307544-6b08909b-{n:08}", "ann", "Bern", n % 7)
        if n % 5000 == 4999: app.save(account)
    app.save(account)
    start = time.perf_counter()
    app.repository.get(account.id)
    print(count / (time.perf_counter() - start))
"#;

/// How many events a second Python's library replays; `None` where it is not installed.
fn python() -> Option<f64> {
    let output = Command::new("python3").args(["-c", PYTHON, "50000"]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn main() {
    let events = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (long, short) = (store(events), store(events / 8));
    let kinds = [
        ("merge", Reducers::guess(), "1.5 s", "1,000,000/s"),
        ("jq", Reducers::parse(RULES, "bench").unwrap(), "3 s", "200,000/s"),
    ];
    println!("{:<52} {:>16}   target", format!("one stream of {events} events"), "found");
    let mut fastest = Duration::MAX;
    for (name, reducers, target, alone_target) in &kinds {
        let (whole_short, whole_long) = (whole(&short, reducers), whole(&long, reducers));
        fastest = fastest.min(whole_long);
        say(&format!("{name}: the state at the end"), format!("{whole_long:.2?}"), target);
        let times = whole_long.as_secs_f64() / whole_short.as_secs_f64();
        say("  eight times the events take", format!("{times:.1} times"), "9 times");
        say("  fold alone", alone(reducers, 0), alone_target);
        say("  fold alone beside 100,000 untouched values", alone(reducers, 100_000), alone_target);
        window(&long, reducers, events);
        if let Some(memory) = memory() {
            say("  memory at most so far", memory, "250 MB");
        }
    }
    match python() {
        Some(python) => {
            let ours = events as f64 / fastest.as_secs_f64();
            say("Python `eventsourcing`", format!("{python:.0} events/s"), "");
            say("  Eventscope is faster by", format!("{:.0} times", ours / python), "15 times");
        }
        None => println!("Python's `eventsourcing` is not installed: pip install eventsourcing"),
    }
}
