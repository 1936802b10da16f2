//! The rules that are found where nobody wrote any: learnt from what a database keeps, corrected by what a person
//! expects, and used for its states.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

fn fixture(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).to_string_lossy().into_owned()
}

fn eventscope(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_eventscope")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&eventscope(arguments)).unwrap()
}

/// The first stream whose name holds a text.
fn stream(path: &str, wanted: &str) -> String {
    let streams = eventscope(&["streams", path, "--json"]);
    let name = |line: &str| {
        let stream: Value = serde_json::from_str(line).unwrap();
        let part = |name: &str| stream[name].as_str().unwrap().to_owned();
        format!("{}/{}", part("aggregate_type"), part("aggregate_id")).trim_start_matches('/').to_owned()
    };
    streams.lines().map(name).find(|name| name.contains(wanted)).unwrap()
}

/// The aggregates that were learnt, by type.
fn learnt(rules: &Value) -> Vec<&Value> {
    rules["aggregates"].as_array().unwrap().iter().filter(|aggregate| aggregate["from"] == "learnt").collect()
}

fn share(agreement: &Value) -> f64 {
    agreement["agree"].as_f64().unwrap() / agreement["of"].as_f64().unwrap()
}

#[test]
fn rules_learnt_from_real_snapshots_hold_on_the_streams_held_out() {
    for name in ["py_eventsourcing_json.db", "py_eventsourcing_zlib.db", "go_hallgren.db", "php_spatie_ddl.db"] {
        let rules = document(&["rules", &fixture(name), "--json"]);
        assert!(!learnt(&rules).is_empty(), "{name}: {rules:#}");
        for aggregate in learnt(&rules) {
            assert!(aggregate["label"].as_str().unwrap().starts_with("learnt: agrees with"), "{name}");
            assert!(!aggregate["reducers"].as_str().unwrap().is_empty(), "{name}");
        }
        assert!(share(&rules["held_out"]["leaves"]) >= 0.9, "{name}: {}", rules["held_out"]);
    }
}

#[test]
fn a_read_model_is_learnt_from_where_there_are_no_snapshots() {
    let rules = document(&["rules", &fixture("node_emmett_0_42.db"), "--from", "tables", "--json"]);
    let text = rules["reducers"].as_str().unwrap();
    assert!(learnt(&rules).iter().any(|it| it["label"].as_str().unwrap().contains("`account_balances`")), "{text}");
}

#[test]
fn the_state_is_what_the_rules_that_were_found_make_of_it_and_the_merge_is_there_on_demand() {
    let path = fixture("go_hallgren.db");
    let account = stream(&path, "BankAccount");
    let state = document(&["state", &path, &account, "--json"]);
    assert!(state["reducers"].as_str().unwrap().starts_with("learnt"), "{state:#}");
    let merged = document(&["state", &path, &account, "--merge", "--json"]);
    assert_eq!(merged["reducers"], "guess: merge patch");
    assert_ne!(state["state"], merged["state"]);
}

#[test]
fn what_a_person_expects_is_learnt_too() {
    let path = fixture("node_emmett_0_42.db");
    let order = stream(&path, "order");
    let expected = format!("{order}@1:/status=\"fresh\"");
    let rules = document(&["rules", &path, "--expect", &expected, "--from", "names", "--json"]);
    let text = rules["reducers"].as_str().unwrap();
    assert!(text.contains("fresh"), "{text}");
    let label = |it: &&Value| it["label"].as_str().unwrap().contains("examples");
    assert!(learnt(&rules).iter().any(label), "{text}");
}

#[test]
fn nothing_is_found_where_nothing_is_to_be_looked_for() {
    let rules = document(&["rules", &fixture("node_emmett_0_42.db"), "--from", "snapshots", "--json"]);
    assert_eq!(rules["aggregates"], json!([]));
}
