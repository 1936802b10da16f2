//! What people and programs write, damaged at random: payloads, filters, profiles, reducers, lines of events. Each is read
//! or refused, without a panic, in time, and in little memory.
//!
//! What is damaged is real: payloads of the fixtures, filters that the README and the tests know, the files in `assets`.
//! The cases run in a process of its own, which is this test binary again: one that hangs or takes too much ends with a
//! word about the case.
#![cfg(unix)]
#![allow(clippy::print_stderr)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use eventscope::codec::{Codec, Encoding, decode_as, decode_auto, decode_within, outlined, visible};
use eventscope::event::{Event, Payload};
use eventscope::filter::{Filter, compile};
use eventscope::profile::Profile;
use eventscope::replay::{Fold, Reducers, RulesFile};
use eventscope::source::{Choice, OpenOptions, ScanRange, Source};
use eventscope::store::{EventStore, Places, ndjson_line};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How long one case may take, on a slow machine and without optimisation.
const PATIENCE: Duration = Duration::from_secs(20);

/// How large a damaged thing gets.
const LARGEST: usize = 1 << 20;

/// One of the ways in which something is damaged.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Put(Index, Vec<u8>),
    Cut(Index, Index),
    Repeat(Index, usize, usize),
    /// A part of another one, in the middle of this one.
    Splice(Index, Index, Index, Index),
}

/// What means something to one of the readers, and so is worth putting anywhere.
const WORDS: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    "-",
    "*",
    "|",
    "\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "9999999999999999999",
    "1e999999999",
    "\\ud800",
    "&a [*a,*a]",
    "!!binary ",
    "'''",
    "$event",
    "../",
];

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<Index>;
    prop_oneof![
        3 => (place(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => (place(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Damage::Put(at, bytes)),
        3 => (place(), prop::sample::select(WORDS.as_slice()))
            .prop_map(|(at, word)| Damage::Put(at, word.as_bytes().to_vec())),
        2 => (place(), place()).prop_map(|(from, to)| Damage::Cut(from, to)),
        2 => (place(), 1_usize..40, prop_oneof![4 => 2_usize..6, 1 => 100_usize..30_000])
            .prop_map(|(from, length, times)| Damage::Repeat(from, length, times)),
        2 => (place(), place(), place(), place()).prop_map(|(at, from, to, of)| Damage::Splice(at, from, to, of)),
    ]
}

impl Damage {
    fn done_to(&self, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
        let at = |place: &Index, bytes: &[u8]| place.index(bytes.len() + 1);
        match self {
            Self::Flip(place, bit) => {
                let at = place.index(bytes.len().max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Put(place, put) => {
                let at = at(place, bytes);
                bytes.splice(at..at, put.iter().copied());
            }
            Self::Cut(from, to) => {
                let (from, to) = (at(from, bytes), at(to, bytes));
                bytes.drain(from.min(to)..from.max(to));
            }
            Self::Repeat(from, length, times) => {
                let from = at(from, bytes);
                let part = bytes[from..bytes.len().min(from + length)].repeat(*times);
                bytes.splice(from..from, part);
            }
            Self::Splice(place, from, to, of) => {
                let other = &others[of.index(others.len())];
                let (from, to) = (at(from, other), at(to, other));
                let (part, at) = (other[from.min(to)..from.max(to)].to_vec(), at(place, bytes));
                bytes.splice(at..at, part);
            }
        }
        bytes.truncate(LARGEST);
    }
}

/// One of the seeds, damaged in one to a few ways.
fn damaged(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    assert!(seeds.len() > 3, "there is little to damage");
    let seeds = Arc::new(seeds);
    (any::<Index>(), prop::collection::vec(damage(), 1..5)).prop_map(move |(of, all)| {
        let mut bytes = seeds[of.index(seeds.len())].clone();
        for damage in &all {
            damage.done_to(&mut bytes, &seeds);
        }
        bytes
    })
}

fn texts(seeds: Vec<String>) -> impl Strategy<Value = String> {
    damaged(seeds.into_iter().map(String::into_bytes).collect())
        .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// How many cases there are of each kind. `.ci/run` has more of them.
fn cases() -> u32 {
    std::env::var("EVENTSCOPE_MUTANTS").map_or(200, |count| count.parse().unwrap())
}

/// Runs cases one by one, the same ones each time; one that does not end ends the process.
fn each<T: std::fmt::Debug>(cases: u32, strategy: impl Strategy<Value = T>, check: impl Fn(&T)) {
    let running: Arc<Mutex<Option<(Instant, String)>>> = Arc::default();
    let watched = Arc::clone(&running);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            if let Some((since, case)) = &*watched.lock().unwrap()
                && since.elapsed() > PATIENCE
            {
                eprintln!("it does not end: {}", case.chars().take(2_000).collect::<String>());
                std::process::abort();
            }
        }
    });
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    // What exhausts the stack ends the process without a word.
    let record = std::env::var_os(RECORD).map(PathBuf::from);
    let run = runner.run(&strategy, |case| {
        let text = format!("{case:?}");
        if let Some(record) = &record {
            std::fs::write(record, &text).unwrap();
        }
        *running.lock().unwrap() = Some((Instant::now(), text));
        check(&case);
        *running.lock().unwrap() = None;
        Ok(())
    });
    let text = run.err().map(|error| error.to_string().chars().take(4_000).collect::<String>());
    assert_eq!(text, None);
}

/// Where the process writes down what it is about to read.
const RECORD: &str = "EVENTSCOPE_TEST_RECORD";

/// Runs one of the functions below in a process that may have a gigabyte.
fn in_a_process(function: &str) {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("case");
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 1048576; ulimit -c 0; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("mutated::{function}"), "--ignored", "--nocapture", "--test-threads=1"])
        .env("EVENTSCOPE_TEST_MUTATED", "1")
        .env(RECORD, &record)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said_of = || {
        let case: String = std::fs::read_to_string(&record).unwrap_or_default().chars().take(4_000).collect();
        format!("{}: {}\nat {case}", output.status, String::from_utf8_lossy(&said))
    };
    assert!(output.status.success(), "{}", said_of());
    assert!(String::from_utf8_lossy(&said).contains("1 passed"), "{}", String::from_utf8_lossy(&said));
}

fn is_started() -> bool {
    std::env::var_os("EVENTSCOPE_TEST_MUTATED").is_some()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The texts of the files in a folder whose names end so.
fn files(name: &str, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The first events of each fixture that has some.
fn events() -> Vec<Event> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder("tests/fixtures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let databases = paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "db"));
    let read = |path: PathBuf| {
        let source = Source::open(path, &OpenOptions::default()).ok()?;
        source.mapping()?;
        source.page_at(0, 12).ok()
    };
    databases.filter_map(read).flatten().collect()
}

#[test]
fn damaged_payloads_are_read_or_refused() {
    in_a_process("payloads");
}

#[test]
#[ignore = "started by the other tests"]
fn payloads() {
    if !is_started() {
        return;
    }
    let stored = |payload: &Payload| payload.raw.to_vec();
    let mut seeds: Vec<_> = events().iter().flat_map(|event| [stored(&event.data), stored(&event.metadata)]).collect();
    // Kinds that no fixture has.
    seeds.extend(PAYLOADS.iter().map(|bytes| bytes.to_vec()));
    seeds.retain(|seed| !seed.is_empty() && seed.len() < 100_000);
    let codecs =
        (damaged(seeds), prop::collection::vec(prop::sample::select(Codec::ALL.as_slice()), 1..4), any::<bool>());
    each(8 * cases(), codecs, |(bytes, chain, is_text)| {
        let _ = decode_auto(bytes, *is_text);
        let _ = decode_as(chain, bytes, *is_text);
        let _ = decode_within(bytes, *is_text, 10_000);
        if let Some((outline, _)) = outlined(&Arc::from(bytes.as_slice())) {
            let _ = outline.children(outline.root(), 0..50);
        }
        let _ = visible(&String::from_utf8_lossy(bytes));
        let value = rusqlite::types::ValueRef::Blob(bytes);
        let payload = eventscope::codec::decode::payload(value, &Encoding::default());
        let _ = eventscope::codec::decode::plain(payload);
    });
}

const PAYLOADS: [&[u8]; 12] = [
    b"\x82\xa1a\x93\x01\xcb\x3f\xf8\0\0\0\0\0\0\xc0\xa1b\xc4\x03abc",
    b"\xa2\x61\x61\x83\x01\xfb\x3f\xf8\0\0\0\0\0\0\xf6\x61\x62\xc2\x49\x01\0\0\0\0\0\0\0\0",
    b"---\na: &x [1, 2]\nb: *x\n:c: !ruby/object:Time 2026-01-01 00:00:00 Z\n",
    b"O:8:\"stdClass\":2:{s:1:\"a\";i:1;s:1:\"b\";a:2:{i:0;d:1.5;i:1;N;}}",
    b"<?xml version='1.0'?><a b='1'><c>text &amp; more</c><!-- no --><d/></a>",
    b"\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01",
    b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xabV\xcaH\xcd\xc9\xc9W\xb2R*\xcf/\xcaIQ\xaa\x05\0\xd1\xe1\xb5\x8a\x12\0\0\0",
    b"x\x9c\xabV\xcaH\xcd\xc9\xc9W\xb2R*\xcf/\xcaIQ\xaa\x05\0>\x07\x06\x80",
    b"\x28\xb5\x2f\xfd\x04\x58\x59\0\0{\"a\":1}\x01\x02\x03\x04",
    b"k8s\0\x0a\x10\x0a\x02v1\x12\x0aDeployment",
    b"\x5c\x17a\x13\x31\x17b\x4b\x13\x31\x13\x32\x13\x33",
    b"{\"_bencode\":\"d1:ai1ee\",\"n\":123456789012345678901234567890,\"at\":\"2026-01-01T00:00:00Z\"}",
];

#[test]
fn damaged_filters_are_read_or_refused() {
    in_a_process("filters");
}

const FILTERS: [&str; 16] = [
    "type:order.* data.total>100 -actor:import",
    "data.a>1 -version:2 sku",
    "stream:stock/sku-cup-blue",
    "(type:a or type:b) time>=2026-01-01 time<2026-02-01T12:00Z",
    "changed:/lines/*/qty failed:*",
    "unhandled:* changed:none",
    "\"two words\" -\"not these\"",
    "data.lines.*.qty>=3 data.\"a key\"[0]:x",
    "type:/^order\\.(placed|paid)$/",
    "position>100 position<=200 version:1",
    "actor:* -correlation:abc causation:x*",
    "meta.tenant:acme id:0191",
    "data.when<=2026-03-01 data.n:null data.b:true",
    "(a or (b -(c or d))) -e",
    "schema:2 data.text:/[a-z]{1,3}x*/",
    "time:2026-01-01..2026-01-31",
];

#[test]
#[ignore = "started by the other tests"]
fn filters() {
    if !is_started() {
        return;
    }
    let source = Source::open(folder("tests/fixtures/rust_evento.db"), &OpenOptions::default()).unwrap();
    let mapping = source.mapping().unwrap();
    let readme = std::fs::read_to_string(folder("README.md")).unwrap();
    let quoted = readme.split('`').skip(1).step_by(2).filter(|text| text.contains(':') && text.len() < 80);
    let seeds = FILTERS.iter().map(|text| (*text).to_owned()).chain(quoted.map(str::to_owned)).collect();
    each(8 * cases(), texts(seeds), |text| {
        let Ok(filter) = Filter::parse(text) else { return };
        let printed = filter.to_string();
        assert_eq!(Filter::parse(&printed).as_ref(), Ok(&filter), "printed as {printed:?}");
        let compiled = compile(&filter, mapping);
        let _ = source.scan(&compiled, ScanRange::default(), &mut |_| ControlFlow::Continue(()));
    });
}

#[test]
fn damaged_profiles_are_read_or_refused() {
    in_a_process("profiles");
}

#[test]
#[ignore = "started by the other tests"]
fn profiles() {
    if !is_started() {
        return;
    }
    let databases = ["rust_evento.db", "py_eventsourcing_norowid.db", "node_opencode.db", "py_langgraph.db"];
    let opened = |profile: Profile| {
        for database in databases {
            let profile = Some(Choice::Profile(Arc::new(profile.clone())));
            let options = OpenOptions { profile, ..OpenOptions::default() };
            let Ok(source) = Source::open(folder("tests/fixtures").join(database), &options) else { continue };
            if source.mapping().is_some() {
                let _ = source.page_at(0, 5);
                let _ = source.count();
                let mut first = None;
                let _ = source.streams(&mut |stream| {
                    first = Some(stream.name);
                    ControlFlow::Break(())
                });
                let _ = first.map(|stream| source.read_stream(&stream, 1, Some(3)).map(Iterator::count));
            }
        }
    };
    each(cases(), texts(files("assets/profiles", ".toml")), |text| {
        let Ok(profile) = Profile::parse(text) else { return };
        if let Ok(written) = profile.to_toml() {
            assert_eq!(Profile::parse(&written).unwrap().to_toml().unwrap(), written);
        }
        opened(profile);
    });
}

#[test]
fn damaged_reducers_are_read_or_refused() {
    in_a_process("reducers");
}

#[test]
#[ignore = "started by the other tests"]
fn reducers() {
    if !is_started() {
        return;
    }
    let seeds = ["assets/reducers", "assets/demo", "tests/fixtures/reducers"].map(|name| files(name, ".toml")).concat();
    let events = events();
    each(2 * cases(), texts(seeds), |text| {
        if let Ok(rules) = RulesFile::parse(text) {
            assert!(RulesFile::parse(&rules.text()).is_ok());
        }
        let Ok(reducers) = Reducers::parse(text, "damaged") else { return };
        let mut aggregate_types: Vec<&str> = events.iter().map(|event| event.stream.aggregate_type.as_str()).collect();
        aggregate_types.dedup();
        for aggregate_type in aggregate_types {
            let mut fold = Fold::new(&reducers, aggregate_type);
            for event in events.iter().filter(|event| event.stream.aggregate_type == aggregate_type).take(3) {
                let _ = fold.step(event);
            }
        }
    });
}

#[test]
fn damaged_lines_of_events_are_imported_or_refused() {
    in_a_process("lines");
}

#[test]
#[ignore = "started by the other tests"]
fn lines() {
    if !is_started() {
        return;
    }
    let lines: Vec<String> = events().iter().filter_map(|event| ndjson_line(event).ok()).collect();
    let seeds: Vec<Vec<u8>> = lines.chunks(6).map(|some| some.join("\n").into_bytes()).collect();
    let places = prop::sample::select(vec![Places::Anew, Places::Kept, Places::Moments]);
    each(2 * cases(), (damaged(seeds), places), |(bytes, places)| {
        let mut store = EventStore::open_in_memory().unwrap();
        let mut text = bytes.as_slice();
        let imported = store.import(&mut text, *places, |_| {});
        let there = store.events(eventscope::store::Query::default()).count();
        // All of them or none.
        assert_eq!(there as u64, imported.unwrap_or(0));
        let mut exported = Vec::new();
        if store.export(eventscope::store::Query::default(), &mut exported, |_| {}).is_ok() && there > 0 {
            let mut copy = EventStore::open_in_memory().unwrap();
            copy.import(&mut exported.as_slice(), Places::Kept, |_| {}).unwrap();
        }
    });
}
