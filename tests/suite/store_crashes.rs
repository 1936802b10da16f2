//! Processes that are killed in the midst of archiving, restoring and migrating: nothing is lost, halved or doubled.
#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{self, ArchiveSelection, EventStore, SCHEMA_VERSION};
use rusqlite::Connection;
use serde_json::json;

use super::store_processes::Writer;

/// How many events are appended together: as many as make the store write several rows with one statement.
const BATCH: i64 = 120;
const STREAMS: u64 = 6;

fn stream(number: u64) -> StreamName {
    StreamName::new(if number.is_multiple_of(2) { "order" } else { "account" }, number.to_string())
}

/// Numbers that are the same for the same seed, and otherwise in no order.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn throw(&mut self, sides: u64) -> u64 {
        // The constants of Knuth's MMIX: good enough to choose what to do next.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Appends, archives and restores at random, and says so after each append, until the process is killed.
pub(crate) fn churn(store: &mut EventStore, seed: u64) -> ! {
    let mut dice = Dice(seed);
    loop {
        let name = stream(dice.throw(STREAMS));
        match dice.throw(4) {
            0 | 1 => {
                let batch: Vec<_> = (0..BATCH).map(|n| NewEvent::new("counter.raised", json!({ "n": n }))).collect();
                let appended = store.append(&name, ExpectedVersion::Any, &batch).unwrap();
                println!("answer: {name} {}", appended.last_version().unwrap());
            }
            2 if store.current_version(&name).unwrap().is_some() => {
                let (mut to, folder) =
                    (None, Path::new(&std::env::var_os("EVENTSCOPE_TEST_STORE").unwrap()).to_owned());
                if dice.throw(3) == 0 {
                    to = Some(folder.with_file_name("second.db"));
                }
                let selection = match dice.throw(3) {
                    0 => ArchiveSelection { aggregate_type: Some(name.aggregate_type), ..ArchiveSelection::default() },
                    _ => ArchiveSelection { streams: vec![name], ..ArchiveSelection::default() },
                };
                let plan = store.plan_archive(&selection, to.as_deref()).unwrap();
                store.archive(&plan, |_| ControlFlow::Continue(())).unwrap();
            }
            3 => {
                let all = dice.throw(3) == 0 || store.current_version(&name).unwrap().is_none();
                let streams = if all { vec![] } else { vec![name] };
                store.restore(&streams, |_| ControlFlow::Continue(())).unwrap();
            }
            _ => {}
        }
    }
}

/// What was acknowledged of each stream so far: its last version.
type Acknowledged = BTreeMap<String, i64>;

fn kill_churning(times: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(EventStore::create_chained(&path).unwrap());
    let mut acknowledged = Acknowledged::new();
    let (mut archived, mut leftovers) = (0, 0);
    let mut round = 0;
    // On a slow machine it takes longer until something is archived.
    while round < times || archived == 0 {
        assert!(round < 20 * times, "nothing was archived when the process was killed");
        let mut writer = Writer::start(&path, "churning");
        writer.order(&format!("churn {}", round * 31 + 7));
        let longest = 61_000 * (1 + round / times);
        std::thread::sleep(Duration::from_micros(2_000 + round * 7_919 % longest));
        for answer in writer.kill() {
            let (name, version) = answer.split_once(' ').unwrap();
            acknowledged.insert(name.to_owned(), version.parse().unwrap());
        }
        let found = look_at(&path, &acknowledged);
        archived += u64::from(found.archived > 0);
        leftovers += u64::from(found.leftovers > 0);
        round += 1;
    }
    let store = EventStore::open(&path).unwrap();
    println!(
        "killed {round} times: {} events, archives in use after {archived} of them, copies that do not count after \
         {leftovers}",
        store.statistics().unwrap().events
    );
}

struct Found {
    archived: i64,
    leftovers: i64,
}

/// Holds a store against what was acknowledged, and its files against each other.
fn look_at(path: &Path, acknowledged: &Acknowledged) -> Found {
    let store = EventStore::open(path).unwrap();
    assert_eq!(store.integrity_check().unwrap(), [""; 0]);
    let all = store.read_all(None, usize::MAX).unwrap();
    let (ids, positions): (BTreeSet<_>, BTreeSet<_>) = all.iter().map(|event| (&event.id, event.position)).unzip();
    assert_eq!((ids.len(), positions.len()), (all.len(), all.len()), "something is there twice");
    let mut streams = 0;
    for found in store.streams(None, 99).unwrap() {
        let last = acknowledged.get(&found.stream.to_string()).copied().unwrap_or(0);
        let (name, version) = (&found.stream, found.version);
        assert!(version >= last, "{name} is at {version}, and {last} was acknowledged");
        assert_eq!(version % BATCH, 0, "half a batch of {name} is there");
        let versions: Vec<_> = store.read_stream(name, 1, None).unwrap().iter().map(|event| event.version).collect();
        assert_eq!(versions, (1..=version).collect::<Vec<_>>(), "{name}");
        streams += version;
    }
    assert!(acknowledged.len() <= store.streams(None, 99).unwrap().len());
    assert_eq!(streams, all.len() as i64);
    let found = store.verify().unwrap();
    assert_eq!((found.fault, found.events), (None, all.len() as u64));

    let count = |path: &Path, sql: &str| -> i64 {
        Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let here = count(path, "SELECT count(*) FROM events");
    let archived = count(path, "SELECT coalesce(sum(last_version - first_version + 1), 0) FROM archived");
    assert_eq!(count(path, "SELECT coalesce(sum(events), 0) FROM archives"), archived);
    assert_eq!(here + archived, all.len() as i64, "what lies here and there is not the whole");
    let held: i64 = ["s.archive.db", "second.db"]
        .map(|name| path.with_file_name(name))
        .iter()
        .filter(|path| path.exists())
        .map(|path| count(path, "SELECT count(*) FROM events"))
        .sum();
    assert!(held >= archived);
    Found { archived, leftovers: held - archived }
}

#[test]
fn a_process_killed_while_archiving_loses_and_doubles_nothing() {
    kill_churning(16);
}

#[test]
#[ignore = "takes long: two hundred times"]
fn a_process_killed_two_hundred_times_while_archiving_loses_and_doubles_nothing() {
    kill_churning(200);
}

/// Takes a store back to its first schema and up again, and says so, until the process is killed.
pub(crate) fn migrate_up_and_down(path: impl AsRef<Path>) -> ! {
    loop {
        for target in [1, SCHEMA_VERSION] {
            store::migrate_file(&path, target).unwrap();
            println!("answer: {target}");
        }
    }
}

fn kill_migrating(times: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    let batch: Vec<_> = (0..300).map(|n| NewEvent::new("counter.raised", json!({ "n": n }))).collect();
    store.append(&stream(0), ExpectedVersion::NoStream, &batch).unwrap();
    let before = store.read_all(None, usize::MAX).unwrap();
    drop(store);
    let mut schemas = BTreeSet::new();
    for round in 0..times {
        let mut writer = Writer::start(&path, "migrating");
        writer.order("migrate now");
        std::thread::sleep(Duration::from_micros(round * 7_919 % 17_000));
        writer.kill();
        let schema = store::schema_of_file(&path).unwrap();
        assert!(schema == 1 || schema == SCHEMA_VERSION, "it stopped half-way, at {schema}");
        schemas.insert(schema);
        let store = EventStore::open(&path).unwrap();
        assert_eq!(store.read_all(None, usize::MAX).unwrap(), before);
        assert_eq!(store.integrity_check().unwrap(), [""; 0]);
        assert_eq!(store.verify().unwrap().fault, None);
        assert_eq!(store::schema_of_file(&path).unwrap(), SCHEMA_VERSION);
    }
    println!("killed {times} times, found at the schemas {schemas:?}");
}

#[test]
fn a_process_killed_while_migrating_leaves_no_half_schema() {
    kill_migrating(12);
}

#[test]
#[ignore = "takes long: two hundred times"]
fn a_process_killed_two_hundred_times_while_migrating_leaves_no_half_schema() {
    kill_migrating(200);
}
