//! Rules in jq give the states that the libraries themselves give, at every version.
//!
//! `NAME.truth.json` holds what the library answered when it was asked for its own replay. Where the library says itself
//! what a state is, the rules are those that its profile brings along; where that is the application's to say, they are
//! the example application's, in `tests/fixtures/reducers`. Each file says in its comments which differences from a plain
//! fold are the library's own.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use eventscope::codec::{Encoding, decode};
use eventscope::event::{Decoded, Event, StreamName, Version};
use eventscope::insight::{Scope, drift};
use eventscope::replay::{Limits, Outcome, Reducers, Timeline, change};
use eventscope::source::{Choice, OpenOptions, Source, StreamSummary};
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

/// Which reducers file holds for a fixture: the one of the library that wrote it.
const RULES: [(&str, &str); 11] = [
    ("py_ouroboros", "ouroboros"),
    ("py_eventsourcing", "eventsourcing"),
    ("live_wal", "eventsourcing"),
    ("node_emmett", "emmett"),
    ("rust_sqlite_es", "sqlite-es"),
    ("go_hallgren", "hallgren"),
    ("php_broadway", "broadway"),
    ("ruby_res", "rails-event-store"),
    ("node_opencode", "opencode"),
    ("py_adk", "adk"),
    ("py_dagster", "dagster"),
];

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap()
}

/// The reducers file for a fixture.
pub(crate) fn rules_of(fixture: &str) -> PathBuf {
    let (_, library) = RULES.into_iter().find(|(prefix, _)| fixture.starts_with(prefix)).unwrap();
    let application = root(&format!("tests/fixtures/reducers/{library}.reducers.toml"));
    if application.exists() { application } else { root(&format!("assets/reducers/{library}.reducers.toml")) }
}

fn reducers(fixture: &str) -> Reducers {
    Reducers::parse(&std::fs::read_to_string(rules_of(fixture)).unwrap(), fixture).unwrap()
}

fn open(fixture: &str) -> Source {
    Source::open(root(&format!("tests/fixtures/{fixture}.db")), &OpenOptions::default()).unwrap()
}

/// The streams that the library was asked for.
fn truth(fixture: &str) -> Vec<Value> {
    let truth: Value = serde_json::from_str(&text(&format!("tests/fixtures/{fixture}.truth.json"))).unwrap();
    truth["streams"].as_array().unwrap().clone()
}

fn named(source: &Source, known: &Value) -> StreamName {
    source.stream_named(known["stream_id"].as_str().unwrap()).unwrap()
}

fn timeline(source: &Source, stream: &StreamName, reducers: &Reducers) -> Timeline {
    let events = source.read_stream(stream, Version::MIN, None).unwrap();
    let timeline = Timeline::build(events, reducers, Limits { bytes: 20_000 }, |_| ControlFlow::Continue(())).unwrap();
    for mark in timeline.marks() {
        assert!(matches!(mark.outcome, Outcome::Applied | Outcome::Ignored), "{stream} at {}: {mark:?}", mark.version);
    }
    timeline
}

fn state_at(source: &Source, stream: &StreamName, timeline: &Timeline, version: Version) -> Value {
    let refetch = |from, to| source.read_stream(stream, from, Some(to))?.collect();
    let here = timeline.state_at(version, refetch).unwrap();
    assert_eq!(here.version, version, "{stream}");
    here.state
}

fn last_state(source: &Source, stream: &StreamName, reducers: &Reducers) -> Value {
    let timeline = timeline(source, stream, reducers);
    state_at(source, stream, &timeline, timeline.marks().last().unwrap().version)
}

fn event_at(source: &Source, stream: &StreamName, version: Version) -> Event {
    source.read_stream(stream, version, Some(version)).unwrap().next().unwrap().unwrap()
}

fn assert_same(stream: &StreamName, version: Version, expected: &Value, here: &Value) {
    let differences = change::diff(expected, here);
    assert!(differences.is_empty(), "{stream} at version {version}: {differences:#?}");
}

/// Compares each state of the library, the final ones included, with the same version here. Returns how many streams and
/// how many states were compared.
fn compare(fixture: &str) -> (usize, usize) {
    compare_by(fixture, &truth(fixture), named)
}

fn compare_by(fixture: &str, truth: &[Value], name: fn(&Source, &Value) -> StreamName) -> (usize, usize) {
    let (source, reducers) = (open(fixture), reducers(fixture));
    let mut states = 0;
    for known in truth {
        let stream = name(&source, known);
        let timeline = timeline(&source, &stream, &reducers);
        let last = known["final_version"].as_i64().unwrap();
        assert_eq!(timeline.marks().last().unwrap().version, last, "{stream}");
        for known in known["versions"].as_array().into_iter().flatten() {
            let version = known["version"].as_i64().unwrap();
            assert_same(&stream, version, &known["state"], &state_at(&source, &stream, &timeline, version));
            if let Some(id) = known["event_id"].as_str() {
                assert_eq!(event_at(&source, &stream, version).id.as_deref(), Some(id), "{stream} at {version}");
            }
            states += 1;
        }
        assert_same(&stream, last, &known["final"], &state_at(&source, &stream, &timeline, last));
        states += 1;
    }
    (truth.len(), states)
}

/// How many of the application's own snapshots are what the events fold to, and how many there are.
fn snapshots(fixture: &str) -> (u64, u64) {
    let found = drift(&open(fixture), &reducers(fixture), Scope::All, &mut |_| ControlFlow::Continue(())).unwrap();
    (found.matching, found.total)
}

fn streams(source: &Source) -> Vec<StreamSummary> {
    let mut streams = Vec::new();
    source
        .streams(&mut |stream| {
            streams.push(stream);
            ControlFlow::Continue(())
        })
        .unwrap();
    streams
}

#[test]
fn ouroboros() {
    assert_eq!(compare("py_ouroboros"), (18, 396));
}

#[test]
fn eventsourcing_for_python() {
    assert_eq!(compare("py_eventsourcing_json"), (115, 249));
    assert_eq!(snapshots("py_eventsourcing_json"), (112, 112));
}

#[test]
fn eventsourcing_for_python_compressed() {
    assert_eq!(compare("py_eventsourcing_zlib"), (115, 249));
    assert_eq!(snapshots("py_eventsourcing_zlib"), (112, 112));
}

#[test]
fn an_eventsourcing_application_that_follows_another() {
    assert_eq!(compare("py_eventsourcing_follower"), (2, 86));
}

#[test]
fn emmett() {
    assert_eq!(compare("node_emmett_0_42"), (115, 249));
}

#[test]
fn sqlite_es() {
    assert_eq!(compare("rust_sqlite_es"), (115, 254));
}

#[test]
fn hallgren() {
    assert_eq!(compare("go_hallgren"), (55, 55));
    assert_eq!(snapshots("go_hallgren"), (24, 24));
}

#[test]
fn rails_event_store() {
    assert_eq!(compare("ruby_res_json"), (115, 249));
    assert_eq!(compare("ruby_res_yaml"), (115, 249));
}

/// Broadway's own answer was kept without its states: its `final` is null. But the same history stands behind the files of
/// Rails Event Store, under the same ids and from the same version 0, and its aggregates have the same fields.
#[test]
fn broadway() {
    let states: BTreeMap<String, Value> = truth("ruby_res_json")
        .into_iter()
        .map(|mut known| {
            let id = known["stream_id"].as_str().unwrap().split_once('$').unwrap().1.to_owned();
            // Each library gives the events ids of its own.
            for version in known["versions"].as_array_mut().into_iter().flatten() {
                version["event_id"] = Value::Null;
            }
            (id, known)
        })
        .collect();
    for fixture in ["php_broadway", "php_broadway_binary"] {
        let mut truth = truth(fixture);
        for known in &mut truth {
            let same = &states[known["stream_id"].as_str().unwrap()];
            assert_eq!(
                (&known["final"], &known["kind"], &known["final_version"]),
                (&Value::Null, &same["kind"], &same["final_version"])
            );
            known["final"] = same["final"].clone();
            known["versions"] = same["versions"].clone();
        }
        assert_eq!(compare_by(fixture, &truth, named), (115, 249));
    }
}

#[test]
fn opencode() {
    let (source, reducers) = (open("node_opencode"), reducers("node_opencode"));
    let truth = truth("node_opencode");
    for known in &truth {
        let stream = named(&source, known);
        assert_eq!(stream.aggregate_type, known["kind"].as_str().unwrap());
        assert_same(&stream, 0, &known["final"], &last_state(&source, &stream, &reducers));
    }
    assert_eq!((truth.len(), streams(&source).len()), (7, 7));
}

/// What a session shares with others, the keys that begin with "app:" and "user:", the library keeps once for all of them.
/// The fold of a session alone gives those that its own events set; here the rest is added from the events before it.
#[test]
fn adk() {
    let (source, reducers) = (open("py_adk_database"), reducers("py_adk_database"));
    let shared = shared_state(&source);
    let truth = truth("py_adk_database");
    let mut states = 0;
    for known in &truth {
        let text = |key: &str| known[key].as_str().unwrap().to_owned();
        let stream = StreamName::new(text("kind"), format!("{}/{}", text("user"), text("stream_id")));
        assert_eq!(source.stream_named(&stream.to_string()).unwrap(), stream);
        let timeline = timeline(&source, &stream, &reducers);
        let last = json!({"version": known["final_version"], "state": known["final"]});
        assert_eq!(json!(timeline.marks().last().unwrap().version), last["version"], "{stream}");
        for known in known["versions"].as_array().into_iter().flatten().chain([&last]) {
            let version = known["version"].as_i64().unwrap();
            let event = event_at(&source, &stream, version);
            let mut state = state_at(&source, &stream, &timeline, version);
            state.as_object_mut().unwrap().extend(shared[&event.position].clone());
            assert_same(&stream, version, &known["state"], &state);
            assert!(known["event_id"].is_null() || known["event_id"] == json!(event.id), "{stream} at {version}");
            states += 1;
        }
    }
    assert_eq!((truth.len(), states), (40, 111));
}

/// What the application and the user of each event share after it, by the event's position.
fn shared_state(source: &Source) -> BTreeMap<i64, Map<String, Value>> {
    let mut kept: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut states = BTreeMap::new();
    for event in source.page_at(0, usize::MAX).unwrap() {
        let application = event.stream.aggregate_type.clone();
        let user = format!("{application}/{}", event.stream.aggregate_id.split('/').next().unwrap());
        for (key, value) in event.data.value().unwrap()["actions"]["state_delta"].as_object().into_iter().flatten() {
            let owner = [("app:", &application), ("user:", &user)].into_iter().find(|(mark, _)| key.starts_with(mark));
            if let Some((_, owner)) = owner {
                kept.entry(owner.clone()).or_default().insert(key.clone(), value.clone());
            }
        }
        let both = [&application, &user].into_iter().filter_map(|owner| kept.get(owner)).flatten();
        states.insert(event.position, both.map(|(key, value)| (key.clone(), value.clone())).collect());
    }
    states
}

/// The library's statistics of a run were kept as an empty object, so that only the status can be held against it. The
/// numbers are held against the rows.
#[test]
fn dagster() {
    let (source, reducers) = (open("py_dagster_consolidated"), reducers("py_dagster_consolidated"));
    let conn = rusqlite::Connection::open(source.path()).unwrap();
    let truth = truth("py_dagster_consolidated");
    for known in &truth {
        let stream = named(&source, known);
        let state = last_state(&source, &stream, &reducers);
        assert_eq!((&state["status"], &known["final"]["stats"]), (&known["final"]["status"], &json!({})), "{stream}");
        for (field, kind) in [("steps_succeeded", "STEP_SUCCESS"), ("materializations", "ASSET_MATERIALIZATION")] {
            let sql = "SELECT count(*) FROM event_logs WHERE run_id = ?1 AND dagster_event_type = ?2";
            let count: i64 = conn.query_row(sql, [&stream.aggregate_id, kind], |row| row.get(0)).unwrap();
            assert_eq!(state["stats"][field], json!(count), "{stream} {field}");
        }
        let sql = "SELECT step_key, count(*) FROM event_logs WHERE run_id = ?1 AND dagster_event_type IN ('STEP_START', \
                   'STEP_RESTARTED') GROUP BY 1";
        let mut statement = conn.prepare(sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
        for (step, attempts) in statement.query_map([&stream.aggregate_id], row).unwrap().map(Result::unwrap) {
            let found = &state["steps"][&step];
            assert_eq!(
                (&found["status"], &found["attempts"]),
                (&json!("SUCCESS"), &json!(attempts)),
                "{stream} {step}"
            );
            assert!(found["end_time"].as_f64() >= found["start_time"].as_f64(), "{stream} {step}");
        }
        assert!(state["stats"]["end_time"].as_f64() > state["stats"]["start_time"].as_f64(), "{stream}");
    }
    assert_eq!((truth.len(), streams(&source).len()), (9, 9));
}

#[test]
fn home_assistant() {
    let path = root("tests/fixtures/py_homeassistant.db");
    let options =
        OpenOptions { profile: Some(Choice::Name("home-assistant-states".to_owned())), ..OpenOptions::default() };
    let source = Source::open(path, &options).unwrap();
    let rules = "assets/reducers/home-assistant-states.reducers.toml";
    let reducers = Reducers::parse(&text(rules), rules).unwrap();
    let truth = truth("py_homeassistant");
    for known in &truth {
        let stream = named(&source, known);
        assert_same(&stream, 0, &known["final"], &last_state(&source, &stream, &reducers));
    }
    assert_eq!((truth.len(), streams(&source).len()), (4, 4));
}

/// A database whose writer has not yet moved its log into it: what an ordinary reader sees, the log included, and what is
/// seen where the log is not looked at. The states are those that the same shop has in the other files.
#[test]
fn a_write_ahead_log_is_read_with_its_database() {
    let truth: Value = serde_json::from_str(&text("tests/fixtures/live_wal.truth.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live_wal.db");
    std::fs::copy(root("tests/fixtures/live_wal.db"), &path).unwrap();
    let without = Source::open(&path, &OpenOptions::default()).unwrap().count().unwrap();
    assert_eq!(json!(without), truth["immutable_open_sees"]);
    std::fs::copy(root("tests/fixtures/live_wal.db-wal"), folder.path().join("live_wal.db-wal")).unwrap();
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    assert_eq!(json!(source.count().unwrap()), truth["wal_aware_open_sees"]);

    let reducers = reducers("live_wal");
    let known: BTreeMap<String, Value> = self::truth("py_eventsourcing_json")
        .into_iter()
        .flat_map(|known| known["versions"].as_array().cloned().unwrap_or_default())
        .map(|known| (same_in_both(&known["state"]), known["state"].clone()))
        .collect();
    let mut compared = 0;
    for stream in streams(&source) {
        let timeline = timeline(&source, &stream.name, &reducers);
        for mark in timeline.marks() {
            let state = state_at(&source, &stream.name, &timeline, mark.version);
            if let Some(expected) = known.get(&same_in_both(&state)) {
                let (mut state, mut expected) = (state, expected.clone());
                (state["id"], expected["id"]) = (Value::Null, Value::Null);
                // Lines name items by their ids, which are random too.
                if let Some(lines) = state.get("lines") {
                    expected["lines"] = lines.clone();
                }
                assert_same(&stream.name, mark.version, &expected, &state);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 22);
}

/// What tells a state of one file in another: ids are random, times and versions are not.
fn same_in_both(state: &Value) -> String {
    format!("{} {} {}", state["created_on"], state["modified_on"], state["version"])
}

/// The key of this file is not asked for: an encrypted payload is opaque, and everything beside it is as readable as ever.
#[test]
fn encrypted_states_are_opaque_and_the_rest_is_there() {
    let source = open("py_eventsourcing_aes");
    let all = streams(&source);
    let truth = truth("py_eventsourcing_aes");
    assert_eq!((all.len(), truth.len()), (115, 115));
    for known in &truth {
        let stream = named(&source, known);
        let last = known["final_version"].as_i64().unwrap();
        let summary = all.iter().find(|summary| summary.name == stream).unwrap();
        assert_eq!((summary.last_version, i64::try_from(summary.events).unwrap()), (last, last), "{stream}");
        assert_eq!(stream.aggregate_type, known["kind"].as_str().unwrap());
    }
    let events = source.page_at(0, usize::MAX).unwrap();
    assert_eq!(events.len(), 1501);
    for event in &events {
        let Decoded::Opaque { tried } = event.data.decoded() else { panic!("{event:?}") };
        assert!(tried.iter().any(|line| line.starts_with("json: ")), "{tried:?}");
        assert!(tried.iter().any(|line| line.contains("look encrypted")), "{tried:?}");
        assert!(event.timestamp.is_none() || event.timestamp.as_ref().is_some_and(|time| time.utc.is_none()));
    }
    // Nothing can be folded out of it, and that is an answer, not an error.
    for summary in all.iter().step_by(20) {
        let events = source.read_stream(&summary.name, Version::MIN, None).unwrap();
        let limits = Limits { bytes: 20_000 };
        let timeline = Timeline::build(events, &Reducers::guess(), limits, |_| ControlFlow::Continue(())).unwrap();
        assert!(timeline.marks().iter().all(|mark| *mark.outcome == Outcome::Unhandled), "{}", summary.name);
    }
}

/// bitcode says nothing of itself: without the application's types nobody can read it.
#[test]
fn bitcode_is_opaque_and_the_rest_is_there() {
    let source = open("rust_evento");
    let all = streams(&source);
    let truth = truth("rust_evento");
    for known in &truth {
        let stream = named(&source, known);
        let summary = all.iter().find(|summary| summary.name == stream).unwrap();
        assert_eq!(stream.aggregate_type, known["kind"].as_str().unwrap());
        // The view counts the events that it has seen.
        assert_eq!(known["final"]["n"], json!(summary.last_version), "{stream}");
        assert_eq!(i64::try_from(summary.events).unwrap(), summary.last_version, "{stream}");
    }
    assert_eq!(all.iter().filter(|stream| stream.name.aggregate_type == "bank/BankAccount").count(), truth.len());
    for event in source.page_at(0, usize::MAX).unwrap() {
        for payload in [&event.data, &event.metadata] {
            let Decoded::Opaque { tried } = payload.decoded() else { panic!("{event:?}") };
            assert_eq!(tried.len(), 1, "{tried:?}");
            // Left to its looks it is never taken for a document either.
            let guessed = decode::payload(ValueRef::Blob(&payload.raw), &Encoding::default()).into_decoded();
            assert!(!matches!(guessed, Decoded::Document { .. }), "{guessed:?} {:?}", payload.raw);
        }
    }
}
