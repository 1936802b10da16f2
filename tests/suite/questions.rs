//! Questions to the history on the command line: which event, since when, what if, and which streams break a rule.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

fn demo() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    (folder, path)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The documents of an answer with this exit code.
fn answered(code: i32, args: &[&str]) -> Vec<Value> {
    let output = eventscope(args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(code), ""), "{args:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn documents(args: &[&str]) -> Vec<Value> {
    answered(0, args)
}

fn refused(args: &[&str]) -> (i32, String) {
    let output = eventscope(args);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn keys(document: &Value) -> Vec<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

const CUPS: &str = "stock/sku-cup-blue";

/// The changes of the demo's blue cups, event by event.
fn changes_of_cups(path: &Path) -> Vec<Value> {
    documents(&["changes", text(path), CUPS, "--json"])
}

/// The two events in a row that release the stock of one order twice.
fn doubled_release(path: &Path) -> (i64, i64) {
    let changes = changes_of_cups(path);
    let released = |step: &Value| step["event_type"] == "stock.released";
    let pair = changes.windows(2).find(|pair| released(&pair[0]) && released(&pair[1])).unwrap();
    (pair[0]["version"].as_i64().unwrap(), pair[1]["version"].as_i64().unwrap())
}

#[test]
fn a_watch_tells_when_a_condition_starts_and_stops_being_true() {
    let (_folder, path) = demo();
    let flips = documents(&["watch", text(&path), CUPS, ".on_hand < 0", "--json"]);
    assert_eq!(keys(&flips[0]), ["stream", "version", "position", "event_type", "truth", "value", "reducers"]);
    // Asked version by version the answer is the same.
    let (mut truth, mut expected) = (false, Vec::new());
    for step in changes_of_cups(&path) {
        let at = format!("{CUPS}@{}", step["version"]);
        let near =
            flips.iter().any(|flip| (flip["version"].as_i64().unwrap() - step["version"].as_i64().unwrap()).abs() < 2);
        if near {
            let state = &documents(&["state", text(&path), &at, "--json"])[0]["state"];
            let now = state["on_hand"].as_i64().is_some_and(|on_hand| on_hand < 0);
            if now != truth {
                expected.push((step["version"].clone(), json!(now)));
            }
            truth = now;
        }
    }
    let told: Vec<_> = flips.iter().map(|flip| (flip["version"].clone(), flip["truth"].clone())).collect();
    assert_eq!(told, expected);
    assert_eq!(flips[0]["truth"], true);

    let condition = ".on_hand != null and .on_hand < 0";
    let everywhere = documents(&["watch", text(&path), "--all", condition, "--json"]);
    assert_eq!(everywhere, flips, "only the blue cups go negative");
    assert_eq!(refused(&["watch", text(&path), CUPS, ".on_hand <"]).0, 2);
    assert_eq!(refused(&["watch", text(&path), CUPS]).0, 2);
    assert_eq!(refused(&["watch", text(&path), "--all", CUPS, ".on_hand < 0"]).0, 2);
}

#[test]
fn blame_names_the_event_of_each_leaf() {
    let (_folder, path) = demo();
    let leaves = documents(&["blame", text(&path), CUPS, "--json"]);
    assert_eq!(keys(&leaves[0]), ["pointer", "version", "position", "event_type", "timestamp", "value", "reducers"]);
    let state = &documents(&["state", text(&path), CUPS, "--json"])[0]["state"];
    for leaf in &leaves {
        assert_eq!(state.pointer(leaf["pointer"].as_str().unwrap()), Some(&leaf["value"]));
    }
    let history = documents(&["blame", text(&path), CUPS, "/on_hand", "--history", "--json"]);
    let last = history.last().unwrap();
    let leaf = documents(&["blame", text(&path), CUPS, "/on_hand", "--json"]);
    assert_eq!(leaf, std::slice::from_ref(last), "what it is, is what it became last");
    let set: Vec<_> = changes_of_cups(&path)
        .into_iter()
        .filter(|step| step["changes"].as_array().unwrap().iter().any(|change| change["path"] == "/on_hand"))
        .map(|step| step["version"].clone())
        .collect();
    let versions: Vec<_> = history.iter().map(|value| value["version"].clone()).filter(|at| !at.is_null()).collect();
    assert_eq!(versions, set);
    assert_eq!(refused(&["blame", text(&path), CUPS, "/nothing"]).0, 1);
    assert_eq!(refused(&["blame", text(&path), CUPS, "on_hand"]).0, 2);
}

#[test]
fn a_branch_without_one_of_two_releases_never_goes_negative() {
    let (_folder, path) = demo();
    let (_, second) = doubled_release(&path);
    let skip = second.to_string();
    let found = &documents(&["what-if", text(&path), CUPS, "--skip", &skip, "--json"])[0];
    assert_eq!(&keys(found)[..3], ["state", "parts_at", "changes"]);
    assert_eq!(found["parts_at"], second);
    let real = &documents(&["state", text(&path), CUPS, "--json"])[0]["state"];
    for change in found["changes"].as_array().unwrap() {
        let place = change["path"].as_str().unwrap();
        assert_eq!(real.pointer(place).unwrap_or(&Value::Null), &change["before"]);
        assert_eq!(found["state"].pointer(place).unwrap_or(&Value::Null), &change["after"]);
    }
    assert!(!found["changes"].as_array().unwrap().is_empty());
    let before = (second - 1).to_string();
    let still = &documents(&["what-if", text(&path), CUPS, "--skip", &skip, "--at", &before, "--json"])[0];
    assert_eq!((&still["parts_at"], &still["changes"]), (&Value::Null, &json!([])));
}

#[test]
fn events_are_edited_and_inserted_in_memory_only() {
    let (_folder, path) = demo();
    let bytes = std::fs::read(&path).unwrap();
    let last = documents(&["state", text(&path), CUPS, "--json"])[0]["version"].as_i64().unwrap();
    let insert = format!("{last}=nobody.knows:{{}}");
    let found = &documents(&["what-if", text(&path), CUPS, "--insert", &insert, "--json"])[0];
    assert_eq!((&found["version"], &found["unhandled"]), (&json!(last + 1), &json!(["nobody.knows"])));
    assert_eq!(found["parts_at"], Value::Null, "an event without a rule changes nothing");
    let next = (last + 1).to_string();
    let twice = ["what-if", text(&path), CUPS, "--insert", &insert, "--insert", &insert, "--at", &next, "--json"];
    assert_eq!(
        documents(&twice)[0]["version"],
        last + 1,
        "of two behind the end only the first is at its next version"
    );
    let edit = format!("{}={{\"order\":\"x\",\"qty\":0}}", doubled_release(&path).1);
    let found = &documents(&["what-if", text(&path), CUPS, "--set", &edit, "--json"])[0];
    assert_eq!(found["parts_at"], doubled_release(&path).1);
    let (code, message) = refused(&["what-if", text(&path), CUPS, "--skip", "99999"]);
    assert!(code == 1 && message.contains("no version 99999"), "{message}");
    assert_eq!(refused(&["what-if", text(&path), CUPS, "--set", "1={"]).0, 2);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn two_states_differ_as_their_changes_say() {
    let (_folder, path) = demo();
    let (first, second) = doubled_release(&path);
    let (a, b) = (format!("{CUPS}@{first}"), format!("{CUPS}@{second}"));
    let found = documents(&["diff", text(&path), &a, &b, "--json"]);
    assert_eq!(keys(&found[0]), ["path", "before", "after", "kind", "reducers"]);
    let step = changes_of_cups(&path).into_iter().find(|step| step["version"] == second).unwrap();
    let paths = |changes: &[Value]| {
        let mut paths: Vec<_> = changes.iter().map(|change| change["path"].to_string()).collect();
        paths.sort();
        paths
    };
    assert_eq!(paths(&found), paths(step["changes"].as_array().unwrap()));
    assert_eq!(documents(&["diff", text(&path), &a, &a, "--json"]), Vec::<Value>::new());
    let (_other_folder, other) = demo();
    let same = documents(&["diff", text(&path), CUPS, CUPS, "--other", text(&other), "--json"]);
    assert_eq!(same, Vec::<Value>::new(), "the demo is the same each time");
    let table = eventscope(&["diff", text(&path), &a, &b, "--format", "csv"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.starts_with("path,kind,before,after,from\r\n"), "{table}");
    assert_eq!(table.lines().count(), found.len() + 1);
    let whole = eventscope(&["diff", text(&path), &a, &b, "--format", "json"]);
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!((&whole["a"], whole["differences"].as_array().unwrap().len()), (&json!(a), found.len()));
    assert_eq!(refused(&["diff", text(&path), CUPS, "stock/nothing"]).0, 1);
}

#[test]
fn a_broken_rule_is_a_plain_no_that_names_the_stream() {
    let (folder, path) = demo();
    let broken = answered(1, &["check", text(&path), "--rule", "stock: .on_hand >= 0", "--json"]);
    assert_eq!(broken.len(), 1);
    let flips = documents(&["watch", text(&path), CUPS, ".on_hand < 0", "--json"]);
    assert_eq!((&broken[0]["stream"], &broken[0]["version"]), (&json!(CUPS), &flips[0]["version"]));
    assert!(documents(&["check", text(&path), "--rule", "order: true", "--json"]).is_empty());
    assert_eq!(refused(&["check", text(&path), "--rule", "no colon"]).0, 2);

    let rules = folder.path().join("rules.toml");
    std::fs::write(
        &rules,
        "[aggregate.\"stock\"]\ninvariants = ['.on_hand == null']\n[aggregate.\"stock\".on]\n\"*\" = \"ignore\"\n",
    )
    .unwrap();
    assert!(documents(&["check", text(&path), "--reducers", text(&rules), "--json"]).is_empty());
    std::fs::write(&rules, "[aggregate.\"stock\"]\ninvariants = ['.on_hand ==']\n").unwrap();
    let (code, message) = refused(&["check", text(&path), "--reducers", text(&rules)]);
    assert!(code == 2 && message.contains("line 2"), "{message}");
}

#[test]
fn snapshots_that_hold_an_event_twice_are_found() {
    let (file, rules) = (fixture("rust_sqlite_es.db"), fixture("reducers/sqlite-es.reducers.toml"));
    let snapshots = documents(&["snapshots", &file, "--reducers", &rules, "--json"]);
    let inventory: Vec<_> =
        snapshots.iter().filter(|of| of["stream"].as_str().unwrap().starts_with("InventoryItem/")).collect();
    assert_eq!(inventory.len(), 29);
    let drifting: Vec<_> = inventory.iter().filter(|of| of["agrees"] == false).collect();
    assert_eq!(drifting.len(), 24);
    for snapshot in &inventory {
        assert_eq!(keys(snapshot)[..4], ["stream", "version", "agrees", "drift"]);
        assert_eq!(snapshot["agrees"] == true, snapshot["drift"].as_array().unwrap().is_empty());
    }
    let twice = |of: &Value| of["fault"].as_str().is_some_and(|fault| fault.ends_with("had been applied twice"));
    assert_eq!(drifting.iter().filter(|of| twice(of)).count(), 23);
    for drift in drifting.iter().flat_map(|of| of["drift"].as_array().unwrap()) {
        assert_eq!(keys(drift), ["path", "stored", "replayed"]);
    }
}

/// The positions that a filter keeps.
fn kept(path: &Path, filter: &str) -> Vec<i64> {
    let events = documents(&["events", text(path), "--filter", filter, "--json"]);
    events.iter().map(|event| event["position"].as_i64().unwrap()).collect()
}

#[test]
fn events_are_filtered_by_what_they_did() {
    let (folder, path) = demo();
    let changed = kept(&path, &format!("changed:/on_hand stream:{CUPS}"));
    let expected: Vec<i64> = changes_of_cups(&path)
        .iter()
        .filter(|step| step["changes"].as_array().unwrap().iter().any(|change| change["path"] == "/on_hand"))
        .map(|step| step["position"].as_i64().unwrap())
        .collect();
    assert_eq!(changed, expected);
    let (all, with, without) = (kept(&path, ""), kept(&path, "changed:/on_hand"), kept(&path, "-changed:/on_hand"));
    assert!(with.is_sorted() && without.is_sorted() && !with.is_empty());
    assert_eq!(with.len() + without.len(), all.len());
    let count = eventscope(&["events", text(&path), "--filter", "changed:/on_hand", "--count"]);
    assert_eq!(String::from_utf8(count.stdout).unwrap().trim(), with.len().to_string());

    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[aggregate.\"*\".on]\n\"stock.*\" = 'error(\"no\")'\n").unwrap();
    let by_rules = |filter: &str| {
        documents(&["events", text(&path), "--filter", filter, "--reducers", text(&rules), "--json"]).len()
    };
    let stock = kept(&path, "type:stock.*").len();
    assert_eq!(by_rules("failed:*no*"), stock);
    assert_eq!(by_rules("unhandled:*"), all.len() - stock);
    assert_eq!(by_rules("changed:none"), all.len());
    let (code, message) = refused(&["export", text(&path), "--filter", "changed:none"]);
    assert!(code == 1 && message.contains("no state is folded here"), "{message}");
    assert_eq!(refused(&["events", text(&path), "--filter", "changed:status"]).0, 2);
}
