//! The reducers that come with Eventscope give the states that the libraries themselves give, at every version.
//!
//! `NAME.truth.json` holds what the library answered when it was asked for its own replay; `NAME.reducers.toml` says in
//! its comments which differences from a plain fold are the library's own.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::ControlFlow;
use std::path::PathBuf;

use eventscope::event::{StreamName, Version};
use eventscope::replay::{Limits, Outcome, Reducers, Timeline, change};
use eventscope::source::{OpenOptions, Source};
use serde_json::Value;

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap()
}

fn open(name: &str) -> (Source, Reducers) {
    let source = Source::open(root(&format!("tests/fixtures/{name}.db")), &OpenOptions::default()).unwrap();
    let rules = text(&format!("assets/reducers/{name}.reducers.toml"));
    (source, Reducers::parse(&rules, name).unwrap())
}

fn timeline(source: &Source, stream: &StreamName, reducers: &Reducers, bytes: usize) -> Timeline {
    let events = source.read_stream(stream, Version::MIN, None).unwrap();
    Timeline::build(events, reducers, Limits { bytes }, |_| ControlFlow::Continue(())).unwrap()
}

/// Compares each state of the library, the final ones included, with the same version here. Returns how many streams and
/// how many states were compared.
fn compare(name: &str) -> (usize, usize) {
    let (source, reducers) = open(name);
    let truth: Value = serde_json::from_str(&text(&format!("tests/fixtures/{name}.truth.json"))).unwrap();
    let streams = truth["streams"].as_array().unwrap();
    let mut states = 0;
    for known in streams {
        let stream = source.stream_named(known["stream_id"].as_str().unwrap()).unwrap();
        let timeline = timeline(&source, &stream, &reducers, 20_000);
        for mark in timeline.marks() {
            assert_eq!(mark.outcome, Outcome::Applied, "{stream} at {}", mark.version);
        }
        assert_eq!(timeline.marks().last().unwrap().version, known["final_version"].as_i64().unwrap(), "{stream}");
        let versions = known["versions"].as_array().into_iter().flatten();
        let versions = versions.map(|known| (known["version"].as_i64().unwrap(), &known["state"]));
        for (version, expected) in versions.chain([(known["final_version"].as_i64().unwrap(), &known["final"])]) {
            let refetch = |from, to| source.read_stream(&stream, from, Some(to))?.collect();
            let here = timeline.state_at(version, refetch).unwrap();
            assert_eq!(here.version, version, "{stream}");
            let differences = change::diff(expected, &here.state);
            assert!(differences.is_empty(), "{stream} at version {version}: {differences:#?}");
            states += 1;
        }
    }
    (streams.len(), states)
}

#[test]
fn ouroboros() {
    assert_eq!(compare("py_ouroboros"), (18, 396));
}

#[test]
fn eventsourcing_for_python() {
    assert_eq!(compare("py_eventsourcing_json"), (115, 249));
}

#[test]
fn emmett() {
    assert_eq!(compare("node_emmett_0_42"), (115, 249));
}

#[test]
fn sqlite_es() {
    assert_eq!(compare("rust_sqlite_es"), (115, 254));
}
