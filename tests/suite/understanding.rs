//! What caused what, and how much there is of it, on the demo.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

fn shop() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    (folder, path)
}

fn documents(args: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_event_is_traced_to_its_beginning_and_to_its_effects() {
    let (_folder, shop) = shop();
    let file = shop.to_str().unwrap();
    let nodes = documents(&["trace", file, "53", "--json"]);
    let position = |node: &Value| node["position"].as_i64().unwrap();
    assert_eq!(
        (position(&nodes[0]), &nodes[0]["depth"], &nodes[0]["event_type"]),
        (49, &json!(0), &json!("order.placed"))
    );
    let effects: Vec<_> = nodes.iter().filter(|node| position(node) >= 70).map(|node| &node["event_type"]).collect();
    assert_eq!(effects, ["stock.released", "stock.released", "stock.released", "payment.refunded"]);
    for node in &nodes[1..] {
        let cause = nodes.iter().find(|other| other["position"] == node["cause"]).unwrap();
        assert_eq!(cause["event_id"], node["causation_id"]);
        assert_eq!(cause["depth"].as_u64().unwrap() + 1, node["depth"].as_u64().unwrap());
    }
    // By its id the same is found, and the correlation holds all of it.
    let id = nodes.iter().find(|node| position(node) == 53).unwrap()["event_id"].as_str().unwrap();
    assert_eq!(documents(&["trace", file, id, "--json"]), nodes);
    let correlation = nodes[0]["correlation_id"].as_str().unwrap();
    let whole = documents(&["trace", file, "--correlation", correlation, "--json"]);
    assert!(
        nodes
            .iter()
            .filter(|node| node["correlation_id"] == correlation)
            .all(|node| { whole.iter().any(|other| other["position"] == node["position"]) })
    );
}

#[test]
fn what_is_not_there_cannot_be_traced() {
    let (_folder, shop) = shop();
    for asked in [&["trace", "", "no-such-id"][..], &["trace", "", "--correlation", "no-such-id"]] {
        let mut args = asked.to_vec();
        args[1] = shop.to_str().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_eventscope")).args(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-id"));
    }
}

#[test]
fn where_no_causes_are_known_the_same_time_is_a_guess() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plain.db");
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data TEXT, created_at TEXT);
         WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 39)
         INSERT INTO events SELECT i + 1, 's' || (i / 4), i % 4 + 1, 'thing.happened', '{}',
            printf('2026-03-01T08:%02d:00Z', i / 3) FROM n",
    )
    .unwrap();
    let nodes = documents(&["trace", file.to_str().unwrap(), "5", "--json"]);
    let positions: Vec<_> = nodes.iter().map(|node| node["position"].as_i64().unwrap()).collect();
    assert_eq!(positions, [4, 5, 6]);
    assert!(nodes.iter().all(|node| node["guess"] == true));
}

#[test]
fn the_parts_of_what_is_counted_add_up() {
    let (_folder, shop) = shop();
    let found = documents(&["stats", shop.to_str().unwrap(), "--json", "--top", "1000"]).remove(0);
    assert_eq!((&found["events"], &found["streams_count"]), (&json!(4622), &json!(692)));
    for part in ["types", "streams", "days", "hours"] {
        let parts = found[part].as_array().unwrap();
        let sum = |what: &str| parts.iter().map(|part| part[what].as_u64().unwrap()).sum::<u64>();
        assert_eq!(
            (Some(sum("events")), Some(sum("bytes"))),
            (found["events"].as_u64(), found["bytes"].as_u64()),
            "{part}"
        );
    }
    let sizes = found["payload_sizes"].as_array().unwrap();
    assert_eq!(sizes.iter().map(|size| size["count"].as_u64().unwrap()).sum::<u64>(), 4622);
    let largest = found["largest"].as_array().unwrap();
    assert!(largest.windows(2).all(|two| two[0]["bytes"].as_u64() >= two[1]["bytes"].as_u64()));
}
