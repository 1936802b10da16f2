//! Databases that were damaged at random: whatever is asked of them ends in time, in an answer or in an error, without a
//! panic, without a changed byte, and in little memory.
//!
//! The questions are asked in a process of its own, which is this test binary again: one that hangs can be ended, and how
//! much memory it took is known.
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use eventscope::cli::{self, Next};
use eventscope::session::{Loading, OpenRequest, Session, Status};
use eventscope::source::{OpenOptions, Source};

use super::store_crashes::Dice;

const RANGE: &str = "EVENTSCOPE_TEST_MUTANTS";

/// How long one question may take, on a slow machine and without optimisation. What walks in a circle takes for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// How much memory may be taken, in kilobytes.
const MEMORY: u64 = 1 << 20;

/// The smaller fixtures: of each kind of store one, so that many mutants are read in little time.
const FIXTURES: [&str; 16] = [
    "ddl_beads",
    "ddl_durabletask_go",
    "ddl_temporal",
    "decoy_fossil",
    "dotnet_akka_latest",
    "go_hallgren",
    "live_wal",
    "node_opencode",
    "php_broadway_binary",
    "py_dagster_consolidated",
    "py_eventsourcing_follower",
    "py_eventsourcing_norowid",
    "py_eventsourcing_zlib",
    "py_homeassistant",
    "py_langgraph",
    "py_ouroboros",
];

/// The reading verbs, each with what comes after the file; `STREAM` stands for a stream that is there.
const VERBS: [&[&str]; 17] = [
    &["info"],
    &["info", "--infer"],
    &["streams"],
    &["events", "--json"],
    &["events", "--filter", "data.a>1 -version:2 sku"],
    &["events", "--infer", "--limit", "50"],
    &["events", "--filter", "changed:/status", "--limit", "5"],
    &["state", "STREAM"],
    &["changes", "STREAM"],
    &["blame", "STREAM"],
    &["watch", "STREAM", ".a > 1"],
    &["diff", "STREAM", "STREAM"],
    &["what-if", "STREAM", "--skip", "1"],
    &["check", "--rule", "*: .a != 1"],
    &["snapshots"],
    &["rules"],
    &["export"],
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The damaged file of a seed, in a folder of its own.
fn mutant(seed: u64, folder: &Path) -> PathBuf {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let at = usize::try_from(dice.throw(FIXTURES.len() as u64)).unwrap();
    let path = folder.join("mutant.db");
    let mut bytes = std::fs::read(fixture(&format!("{}.db", FIXTURES[at]))).unwrap();
    let log = fixture(&format!("{}.db-wal", FIXTURES[at]));
    if log.exists() {
        let mut log = std::fs::read(log).unwrap();
        if dice.throw(2) == 0 {
            damage(&mut log, &mut dice);
        }
        std::fs::write(folder.join("mutant.db-wal"), log).unwrap();
    }
    for _ in 0..=dice.throw(3) {
        damage(&mut bytes, &mut dice);
    }
    std::fs::write(&path, bytes).unwrap();
    path
}

/// One of the ways in which files are damaged.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let mut throw = |sides: usize| usize::try_from(dice.throw(sides.max(1) as u64)).unwrap();
    let size = bytes.get(16..18).map_or(4096, |size| usize::from(u16::from_be_bytes([size[0], size[1]])));
    let size = if size < 512 { 4096 } else { size };
    // A log may be empty, and what was cut before has no whole page.
    if bytes.len() < size {
        return;
    }
    let pages = bytes.len() / size;
    let page = throw(pages) * size;
    match throw(9) {
        // Flipped bits, anywhere and where pages say what is in them.
        0 | 1 => (0..=throw(8)).for_each(|_| flip(bytes, throw(usize::MAX >> 1), throw(8))),
        2 | 3 => (0..=throw(4)).for_each(|_| flip(bytes, page + throw(64), throw(8))),
        // The first bytes of a row near the end of a page: its key and the sizes of its values.
        4 => (0..=throw(6)).for_each(|_| flip(bytes, page + size - 1 - throw(200), throw(8))),
        // Two pages for each other, one in the place of another, one of zeros.
        5 => {
            let other = throw(pages) * size;
            let both = (bytes[page..page + size].to_vec(), bytes[other..other + size].to_vec());
            bytes[page..page + size].copy_from_slice(&both.1);
            bytes[other..other + size].copy_from_slice(&both.0);
        }
        6 => {
            let other = throw(pages) * size;
            let one = bytes[page..page + size].to_vec();
            bytes[other..other + size].copy_from_slice(&one);
        }
        7 => bytes[page..page + size].fill(0),
        _ => bytes.truncate(throw(bytes.len()).max(1)),
    }
}

fn flip(bytes: &mut [u8], at: usize, bit: usize) {
    let at = at % bytes.len();
    bytes[at] ^= 1 << bit;
}

/// What lies in a folder; of the `-shm`, which is SQLite's alone, nothing.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.path().is_file());
    files
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| !name.ends_with("-shm"))
        .collect()
}

/// Not a test: the process that reads the mutants of a range of seeds, and says what it is about to do.
#[test]
#[ignore = "started by the other tests"]
fn a_reading_process() {
    let Some(range) = std::env::var_os(RANGE) else { return };
    let numbers: Vec<u64> = range.to_str().unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
    let [from, to, verbs] = numbers[..] else { panic!("{numbers:?}") };
    // Also of a worker, whose panic the session would survive.
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("\nanswer: panic {}", panic.to_string().replace('\n', " "));
        std::process::abort();
    }));
    for seed in from..to {
        let folder = tempfile::tempdir().unwrap();
        let path = mutant(seed, folder.path());
        let before = contents(folder.path());
        let about = |what: &str| eprintln!("\nanswer: seed {seed} {what}");
        about("to open");
        let stream = first_stream(&path);
        let first = usize::try_from(Dice(seed).throw(VERBS.len() as u64)).unwrap();
        for number in 0..usize::try_from(verbs).unwrap() {
            let verb = VERBS[(first + number * 5) % VERBS.len()];
            about(&verb.join(" "));
            carry_out(verb, &path, &stream);
        }
        about("to open in a session");
        in_a_session(&path);
        about("to compare");
        let after = contents(folder.path());
        let names = || (before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        assert!(before == after, "something was changed: {:?}", names());
        assert!(memory() < MEMORY, "{} kB of memory were taken", memory());
    }
    eprintln!("\nanswer: end {}", memory());
}

fn first_stream(path: &Path) -> String {
    let mut first = "nobody".to_owned();
    if let Ok(source) = Source::open(path, &OpenOptions::default())
        && source.mapping().is_some()
    {
        let _ = source.streams(&mut |stream| {
            first = stream.name.to_string();
            ControlFlow::Break(())
        });
    }
    first
}

fn carry_out(verb: &[&str], path: &Path, stream: &str) {
    let mut rest = verb.iter().map(|word| if *word == "STREAM" { stream } else { word });
    let args = [Some("eventscope"), rest.next(), path.to_str()].into_iter().flatten().chain(rest);
    let next = cli::run(args.map(Into::into).collect::<Vec<std::ffi::OsString>>());
    // With 2 a verb may say that the file is no database; wrong arguments say so with 2, too, before they look at it.
    assert!(matches!(next, Next::Exit(_)));
}

fn in_a_session(path: &Path) {
    let mut session = Session::open(OpenRequest { path: path.to_owned(), ..OpenRequest::default() }, Arc::new(|| ()));
    let end = Instant::now() + Duration::from_secs(2);
    while matches!(session.status(), Status::Opening) {
        session.poll();
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut asked = false;
    while session.overview().is_some() && Instant::now() < end && !asked {
        session.want_rows(0..20);
        session.poll();
        if let Some(row) = session.rows().get(0) {
            asked = !matches!(session.history(&row.stream), Loading::Missing);
        }
        asked |= session.rows().len().complete && session.rows().len().value == 0;
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(session);
    assert!(eventscope::session::wait_until_closed(PATIENCE), "a worker does not end");
}

/// The most memory that this process has had at a time, in kilobytes; 0 where the system does not say.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// This test binary, started again to run [`a_reading_process`] alone.
struct Reading {
    process: Child,
    told: Receiver<String>,
}

impl Reading {
    fn start(from: u64, to: u64, verbs: usize) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "mutants::a_reading_process", "--ignored", "--nocapture"])
            .env(RANGE, format!("{from} {to} {verbs}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, told) = channel();
        let lines = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in lines.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                let _ = line.strip_prefix("answer: ").map(|answer| sender.send(answer.to_owned()));
            }
        });
        Self { process, told }
    }

    /// Waits for its end: the memory that it took, or what went wrong.
    fn end(mut self) -> Result<u64, String> {
        let mut last = "start".to_owned();
        loop {
            match self.told.recv_timeout(PATIENCE) {
                Ok(told) if told.starts_with("end ") => {
                    self.process.wait().unwrap();
                    return Ok(told.trim_start_matches("end ").parse().unwrap());
                }
                Ok(told) if told.starts_with("panic ") => {
                    self.process.wait().unwrap();
                    return Err(format!("{last}: {told}"));
                }
                Ok(told) => last = told,
                Err(RecvTimeoutError::Timeout) => {
                    self.process.kill().unwrap();
                    self.process.wait().unwrap();
                    return Err(format!("{last}: it does not end"));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!("{last}: the process ended with {}", self.process.wait().unwrap()));
                }
            }
        }
    }
}

/// Reads so many mutants from a seed on, each with so many verbs, in two processes at a time.
fn read(from: u64, count: u64, verbs: usize) {
    // A process that went wrong tells of one mutant; the next ones are read by another.
    let half = count.div_ceil(2);
    let both = [Reading::start(from, from + half, verbs), Reading::start(from + half, from + count, verbs)];
    let ended: Vec<_> = both.into_iter().map(Reading::end).collect();
    for end in ended {
        let memory = end.unwrap_or_else(|wrong| panic!("{wrong}"));
        assert!(memory < MEMORY, "{memory} kB");
    }
}

#[test]
fn what_is_damaged_is_read_or_refused() {
    // `.ci/run` reads more of them.
    let count = std::env::var("EVENTSCOPE_MUTANTS").map_or(100, |count| count.parse().unwrap());
    read(0, count, 3);
}

#[test]
#[ignore = "takes hours"]
fn a_hundred_thousand_mutants_are_read_or_refused() {
    read(1_000_000, 100_000, VERBS.len());
}
