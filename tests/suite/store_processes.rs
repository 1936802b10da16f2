//! Several processes write to one event store: one wins, the others are told, and nothing is lost or doubled.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use eventscope::ErrorKind;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;
use serde_json::json;

const FILE: &str = "EVENTSCOPE_TEST_STORE";
const NAME: &str = "EVENTSCOPE_TEST_WRITER";

fn shared() -> StreamName {
    StreamName::new("counter", "shared")
}

/// This test binary, started again to run [`a_writing_process`] alone.
pub(crate) struct Writer {
    process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    pub(crate) fn start(path: &Path, name: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store_processes::a_writing_process", "--ignored", "--nocapture"])
            .env(FILE, path)
            .env(NAME, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut writer = Self { process, orders, answers };
        assert_eq!(writer.answer(), "ready");
        writer
    }

    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        self.orders.flush().unwrap();
    }

    fn answer(&mut self) -> String {
        let mut answers = self.answers.by_ref().map(Result::unwrap);
        // The test harness says things of its own on the same stream, at times before ours on the same line.
        let marked = |line: String| line.split_once("answer: ").map(|(_, answer)| answer.to_owned());
        answers.find_map(marked).expect("the process ended without an answer")
    }

    /// Kills the process wherever it is, and gives what it had answered.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let marked = |line: String| line.split_once("answer: ").map(|(_, answer)| answer.to_owned());
        self.answers.map_while(Result::ok).filter_map(marked).collect()
    }

    fn end(mut self) {
        drop(self.orders);
        for line in self.answers {
            line.unwrap();
        }
        assert!(self.process.wait().unwrap().success());
    }
}

/// Not a test: the process that the tests start. It carries out one order a line, and answers each with a line.
#[test]
#[ignore = "started by the other tests"]
fn a_writing_process() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let name = std::env::var(NAME).unwrap();
    let mut store = EventStore::open(&path).unwrap();
    println!("answer: ready");
    for order in std::io::stdin().lines().map(Result::unwrap) {
        let answer = match order.split_once(' ').unwrap() {
            ("exactly", version) => once(&mut store, &name, version.parse().unwrap()),
            ("pour", size) => pour(&mut store, size.parse().unwrap()),
            ("race", count) => race(&mut store, &name, count.parse().unwrap()),
            ("churn", seed) => super::store_crashes::churn(&mut store, seed.parse().unwrap()),
            ("migrate", _) => super::store_crashes::migrate_up_and_down(&path),
            (other, _) => panic!("no such order: {other}"),
        };
        println!("answer: {answer}");
    }
}

/// Tries once to append behind a version.
fn once(store: &mut EventStore, name: &str, version: i64) -> String {
    let event = NewEvent::new("counter.raised", json!({"by": name, "round": version}));
    match store.append(&shared(), ExpectedVersion::Exactly(version), &[event]) {
        Ok(appended) => format!("wrote {}", appended.versions.start),
        Err(error) => match error.kind() {
            ErrorKind::Conflict { expected, actual, .. } => format!("conflict {expected} {actual:?}"),
            other => panic!("{other:?}: {error}"),
        },
    }
}

/// Appends batches, and says so after each, until the process is killed.
fn pour(store: &mut EventStore, size: usize) -> ! {
    loop {
        let batch: Vec<_> = (0..size).map(|n| NewEvent::new("counter.raised", json!({ "n": n }))).collect();
        let appended = store.append(&shared(), ExpectedVersion::Any, &batch).unwrap();
        println!("answer: {}", appended.last_version().unwrap());
    }
}

/// Appends batches to the shared stream, again after each conflict, and one event each to a stream of its own.
fn race(store: &mut EventStore, name: &str, count: usize) -> String {
    let own = StreamName::new("counter", name);
    let mut conflicts = 0;
    for round in 0..count {
        let batch: Vec<_> =
            (0..3).map(|n| NewEvent::new("counter.raised", json!({"by": name, "n": round * 3 + n}))).collect();
        loop {
            let seen =
                store.current_version(&shared()).unwrap().map_or(ExpectedVersion::NoStream, ExpectedVersion::Exactly);
            match store.append(&shared(), seen, &batch) {
                Ok(_) => break,
                Err(error) if matches!(error.kind(), ErrorKind::Conflict { .. }) => conflicts += 1,
                Err(error) => panic!("{error}"),
            }
        }
        store.append(&own, ExpectedVersion::Any, &[NewEvent::new("counter.raised", json!({"n": round}))]).unwrap();
    }
    format!("{conflicts} conflicts")
}

#[test]
fn of_two_processes_at_one_version_one_wins_and_the_other_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    store.append(&shared(), ExpectedVersion::NoStream, &[NewEvent::new("counter.made", json!({}))]).unwrap();
    let mut writers = ["a", "b"].map(|name| Writer::start(&path, name));
    for version in 1..=30 {
        for writer in &mut writers {
            writer.order(&format!("exactly {version}"));
        }
        let mut answers = writers.each_mut().map(Writer::answer);
        answers.sort();
        let (written, actual) = (version + 1, Some(version + 1));
        assert_eq!(answers, [format!("conflict version {version} {actual:?}"), format!("wrote {written}")]);
    }
    writers.into_iter().for_each(Writer::end);
    let versions: Vec<_> = store.read_stream(&shared(), 1, None).unwrap().iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..=31).collect::<Vec<_>>());
}

#[test]
fn eight_processes_lose_double_and_tear_nothing() {
    const ROUNDS: usize = 15;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let store = EventStore::create(&path).unwrap();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut writers = names.map(|name| Writer::start(&path, name));
    for writer in &mut writers {
        writer.order(&format!("race {ROUNDS}"));
    }
    for writer in &mut writers {
        assert!(writer.answer().ends_with("conflicts"));
    }
    writers.into_iter().for_each(Writer::end);
    assert_nothing_lost(&store, &names, ROUNDS);
}

/// How many events a second eight processes write, with every event durable and every lost race run again.
#[test]
#[ignore = "a measurement: run it with --release"]
fn throughput_of_eight_processes() {
    const ROUNDS: usize = 500;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let store = EventStore::create(&path).unwrap();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut writers = names.map(|name| Writer::start(&path, name));
    let started = std::time::Instant::now();
    for writer in &mut writers {
        writer.order(&format!("race {ROUNDS}"));
    }
    let conflicts = writers.each_mut().map(Writer::answer).join(", ");
    let elapsed = started.elapsed().as_secs_f64();
    writers.into_iter().for_each(Writer::end);
    assert_nothing_lost(&store, &names, ROUNDS);
    let (events, commits) = (names.len() * ROUNDS * 4, names.len() * ROUNDS * 2);
    let a_second = |count: usize| f64::from(u32::try_from(count).unwrap()) / elapsed;
    println!(
        "8 processes: {events} events in {commits} commits, {elapsed:.2} s: {:.0} events/s, {:.0} commits/s; {conflicts}",
        a_second(events),
        a_second(commits),
    );
}

/// What each of the racing processes wrote is there once, in its order, and each batch in one piece.
fn assert_nothing_lost(store: &EventStore, names: &[&str], rounds: usize) {
    let all = store.read_all(None, usize::MAX).unwrap();
    assert_eq!(all.len(), names.len() * rounds * 4);
    assert!(all.is_sorted_by_key(|event| event.timestamp.as_ref().map(|timestamp| timestamp.stored.clone())));
    let events = store.read_stream(&shared(), 1, None).unwrap();
    let versions: Vec<_> = events.iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..=(names.len() * rounds * 3) as i64).collect::<Vec<_>>());
    // Each batch lies together, with positions that follow each other.
    for batch in events.chunks(3) {
        let by = &batch[0].data.value().unwrap()["by"];
        assert!(batch.iter().all(|event| &event.data.value().unwrap()["by"] == by));
        assert_eq!(batch[2].position, batch[0].position + 2);
    }
    for name in names {
        let theirs = events.iter().map(|event| event.data.value().unwrap()).filter(|data| data["by"] == *name);
        let numbers: Vec<_> = theirs.map(|data| data["n"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (0..rounds as u64 * 3).collect::<Vec<_>>(), "what {name} wrote, in its order");
        assert_eq!(store.current_version(&StreamName::new("counter", *name)).unwrap(), Some(rounds as i64));
    }
    assert_eq!(store.verify().unwrap().fault, None);
}

/// Kills a writing process `times` times in the midst of its batches, and looks at what it left each time.
fn kill(times: u64) {
    const BATCH: i64 = 25;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(EventStore::create_chained(&path).unwrap());
    for round in 0..times {
        let mut writer = Writer::start(&path, "poured");
        writer.order(&format!("pour {BATCH}"));
        // Between none and some dozens of batches, at no particular moment of any.
        std::thread::sleep(std::time::Duration::from_micros(round * 7_919 % 23_000));
        let acknowledged = writer.kill().last().map_or(0, |version| version.parse().unwrap());
        let store = EventStore::open(&path).unwrap();
        let last = store.current_version(&shared()).unwrap().unwrap_or(0);
        assert!(last >= acknowledged, "{last} events are there, {acknowledged} were acknowledged");
        assert_eq!(last % BATCH, 0, "half a batch is there");
        let found = store.verify().unwrap();
        assert_eq!((found.fault, found.events), (None, last.unsigned_abs()));
    }
    assert_eq!(EventStore::open(&path).unwrap().integrity_check().unwrap(), [""; 0]);
}

#[test]
fn a_killed_process_leaves_all_that_it_acknowledged_and_no_half_batch() {
    kill(12);
}

#[test]
#[ignore = "takes long: two hundred times"]
fn a_process_killed_two_hundred_times_leaves_all_that_it_acknowledged() {
    kill(200);
}
