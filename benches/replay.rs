//! What asking history costs, on one stream of a million events: the whole state, the fold alone, the window, memory; and
//! Python's `eventsourcing` replaying as many events of the same size, where it is installed.
//!
//! `cargo bench --bench replay`; `EVENTS=100000` for a shorter stream. It prints figures beside their targets; it asserts
//! nothing. The database is kept in `target/`, so that only the first run makes it.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, missing_docs)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::DateTime;
use eventscope::error::Error;
use eventscope::event::{Event, ExpectedVersion, NewEvent, Payload, StreamName, Version};
use eventscope::replay::{Evolve, Fold, Reducers};
use eventscope::session::{Loading, OpenRequest, Session, Status};
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

/// The same in a form that is not run natively.
const IN_JQ: &str = r#"
[aggregate."account"]
initial = '{"balance": 0, "count": 0, "last": null}'
[aggregate."account".on]
"account.deposited" = '.balance += $event.data.amount | .count += 1 | .last = $event.data.note | .'
"account.withdrawn" = '.balance -= $event.data.amount | .count += 1 | .'
"*"                 = '.status = $event.data.status | .'
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/stream-{events}-timed.db"));
    if path.exists() {
        return path;
    }
    let unfinished = path.with_extension("unfinished");
    drop(std::fs::remove_file(&unfinished));
    // Each event has a time of its own, as those of an application have.
    let clock = Arc::new(AtomicI64::new(1_772_000_000_000));
    let told = Arc::clone(&clock);
    let mut store = EventStore::create(&unfinished)
        .unwrap()
        .with_clock(move || DateTime::from_timestamp_millis(told.fetch_add(137, Ordering::Relaxed)).unwrap());
    let numbers: Vec<Version> = (1..=events).collect();
    for together in numbers.chunks(10_000) {
        let new = |number: &Version| {
            let (event_type, data) = fact(*number);
            NewEvent::new(event_type, data)
        };
        let batch: Vec<NewEvent> = together.iter().map(new).collect();
        let stream = StreamName::new("account", "1");
        store
            .transaction(|transaction| {
                for event in &batch {
                    transaction.append(&stream, ExpectedVersion::Any, std::slice::from_ref(event))?;
                }
                Ok::<_, Error>(())
            })
            .unwrap();
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

/// The state at the end, by the verb itself: wall time, and the processor time that it took.
fn whole(path: &Path, rules: &[&str]) -> (Duration, Option<f64>) {
    let (start, before) = (Instant::now(), children());
    let output = Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(["state", path.to_str().unwrap(), "account/1", "--json"])
        .args(rules)
        .output()
        .unwrap();
    let time = start.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    black_box(output);
    (time, children().zip(before).map(|(after, before)| after - before))
}

/// The processor time of the processes that were waited for, in seconds, where the system tells.
fn children() -> Option<f64> {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / TICKS)
}

/// How long this thread has run, where the system tells: others may share the machine.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
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
    let (start, before) = (Instant::now(), processor_time());
    let (mut count, mut changes) = (0, Vec::new());
    for event in &events {
        fold.apply_into(event, &mut changes).unwrap();
        count += changes.len();
    }
    let time = processor_time().zip(before).map_or(start.elapsed(), |(after, before)| after.saturating_sub(before));
    black_box(count);
    rate(events.len(), time)
}

/// An open database, as the window has it.
struct Opened {
    session: Session,
    stream: StreamName,
}

impl Opened {
    fn new(path: &Path) -> Self {
        let request = OpenRequest { path: path.to_owned(), ..OpenRequest::default() };
        let session = Session::open(request, Arc::new(|| ()));
        let mut opened = Self { session, stream: StreamName::new("account", "1") };
        opened.until(|session, _| matches!(session.status(), Status::Ready));
        // The window shows the first rows and lists the streams meanwhile.
        opened.session.want_rows(0..50);
        opened
    }

    fn until(&mut self, done: impl Fn(&Session, &StreamName) -> bool) {
        loop {
            drop(self.session.poll());
            if done(&self.session, &self.stream) {
                return;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    fn state(&mut self, version: Version) {
        self.until(|session, stream| matches!(session.state(stream, version), Loading::Ready(_)));
    }
}

fn window(path: &Path, events: Version) {
    let mut opened = Opened::new(path);
    let start = Instant::now();
    // A panel that shows the stream asks for its history in each frame.
    opened.until(|session, stream| {
        let _ = session.history(stream);
        matches!(session.state(stream, 1), Loading::Ready(_))
    });
    say("  in the window: the state at version 1", format!("{:.0?}", start.elapsed()), "100 ms");
    opened.until(|session, stream| session.history(stream).value().is_some_and(|history| history.complete));
    opened.state(events);
    say("  in the window: the state at the end", format!("{:.2?}", start.elapsed()), "2 s");
    let mut random = 88_172_645_463_325_252_u64;
    let mut times: Vec<Duration> = (0..500)
        .map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let version = Version::try_from(random % u64::try_from(events).unwrap()).unwrap() + 1;
            let start = Instant::now();
            opened.state(version);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    say("  any version: median", format!("{:.2?}", times[times.len() / 2]), "");
    say("  any version: 99 of 100 within", format!("{:.2?}", times[times.len() * 99 / 100]), "16 ms");
    let first = events / 2;
    let start = Instant::now();
    (first..first + 600).for_each(|version| opened.state(version));
    let steps = 600.0 / start.elapsed().as_secs_f64();
    say("  stepping and playing", format!("{steps:.0} steps/s"), "60 steps/s");
}

/// The most memory that the process has held, in megabytes, where the system tells.
fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
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
    // Where `tests/adapters/install` puts it.
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/adapters/venv/bin/python");
    let python = if own.exists() { own } else { PathBuf::from("python3") };
    let output = Command::new(python).args(["-c", PYTHON, "50000"]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Measures what one kind of rules takes; gives the time of the whole state.
fn measure(kind: &Kind, (short, long): (&Path, &Path)) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let file = kind.rules.map(|rules| {
        let file = folder.path().join("bench.reducers.toml");
        std::fs::write(&file, rules).unwrap();
        file
    });
    let arguments = match &file {
        Some(file) => vec!["--reducers", file.to_str().unwrap()],
        None => vec!["--merge"],
    };
    let (time, used) = whole(long, &arguments);
    let (time_short, used_short) = whole(short, &arguments);
    let name = kind.name;
    say(&format!("{name}: `state` at the end"), format!("{time:.2?}"), kind.whole);
    if let Some(used) = used {
        say("  processor time of both threads", format!("{used:.2} s"), "");
    }
    let times = match used.zip(used_short) {
        // Processor time says it better where others share the machine.
        Some((long, short)) if short > 0.05 => long / short,
        _ => time.as_secs_f64() / time_short.as_secs_f64(),
    };
    say("  eight times the events take", format!("{times:.1} times"), "9 times");
    let reducers = kind.rules.map_or_else(Reducers::guess, |rules| Reducers::parse(rules, "bench").unwrap());
    say("  fold alone", alone(&reducers, 0), kind.alone);
    say("  fold alone beside 100,000 untouched values", alone(&reducers, 100_000), kind.alone);
    time
}

/// One kind of rules, and what is hoped for.
struct Kind {
    name: &'static str,
    rules: Option<&'static str>,
    whole: &'static str,
    alone: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind { name: "merge", rules: None, whole: "1.5 s", alone: "1,000,000/s" },
    Kind { name: "jq rules", rules: Some(RULES), whole: "3 s", alone: "200,000/s" },
    Kind { name: "jq rules that jaq runs", rules: Some(IN_JQ), whole: "", alone: "200,000/s" },
];

fn main() {
    let events = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (long, short) = (store(events), store(events / 8));
    println!("{:<52} {:>16}   target", format!("one stream of {events} events"), "found");
    // First of all, while the process is small: what it held before counts as well.
    window(&long, events);
    if let Some(memory) = memory() {
        say("  memory, states, marks and blame included", format!("{memory:.0} MB"), "250 MB");
    }
    let mut fastest = Duration::MAX;
    for kind in &KINDS {
        fastest = fastest.min(measure(kind, (&short, &long)));
    }
    match python() {
        Some(python) => {
            let ours = events as f64 / fastest.as_secs_f64();
            say("Python `eventsourcing`", format!("{python:.0} events/s"), "");
            say("  Eventscope is faster by", format!("{:.0} times", ours / python), "15 times");
        }
        None => println!("Python's `eventsourcing` is not installed: run tests/adapters/install"),
    }
}
