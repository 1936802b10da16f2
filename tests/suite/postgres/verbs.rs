//! The verbs on a store on a server.

use std::process::Command;

use super::server::database;

/// What a verb answers with, and its exit code.
fn verb(arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_eventscope")).args(arguments).output().unwrap();
    let text = if output.status.success() { &output.stdout } else { &output.stderr };
    (String::from_utf8(text.clone()).unwrap(), output.status.code().unwrap())
}

#[test]
fn the_verbs_of_a_store_take_a_server() {
    let Some(database) = database("the_verbs_of_a_store_take_a_server") else { return };
    let url = database.url();
    let done = |arguments: &[&str]| {
        let (text, code) = verb(arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        assert!(!text.contains("of%20the%20owner") && !text.contains("of the owner"), "{text}");
        text
    };
    let refused = |arguments: &[&str], code: i32| {
        let (text, found) = verb(arguments);
        assert_eq!(found, code, "{arguments:?}: {text}");
        assert!(!text.contains("of%20the%20owner") && !text.contains("of the owner"), "{text}");
        text
    };
    assert!(refused(&["verify", &url], 2).contains("eventscope new"));
    database.run(&format!("CREATE ROLE of_{}", database.name));
    let role = format!("of_{}", database.name);
    assert!(done(&["new", &url, "--writer", &role]).starts_with("made an empty event store: postgres://owner@"));
    assert!(refused(&["new", &url], 2).contains("holds an event store already"));
    let append = |more: &[&str]| {
        let all = ["append", &url, "--stream", "order/ord-1", "--type", "order.placed", "--data", r#"{"total": 8.00}"#];
        [&all[..], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |arguments: Vec<String>| verb(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run(append(&["--dry-run"])).0.trim(), "would write version 1 of order/ord-1; nothing was written");
    assert_eq!(run(append(&["--expect", "none"])).0.trim(), "order/ord-1 is at version 1 (position 1)");
    assert_eq!(run(append(&["--expect", "none"])).1, 3);
    let written = run(append(&["--json", "--actor", "ann"])).0;
    assert!(written.contains("8.00") && written.contains("ann"), "{written}");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lines = done(&["export", &url]);
    assert_eq!(lines.lines().count(), 2);
    std::fs::write(path("lines"), &lines).unwrap();
    assert!(refused(&["import", &url, &path("lines")], 2).contains("is taken"));
    let other = lines.replace("\"event_id\"", "\"correlation_id\"");
    std::fs::write(path("lines"), other).unwrap();
    assert_eq!(done(&["import", &url, &path("lines")]).trim(), "imported 2 events");
    // Another database comes over with its moments, and is compared on the way.
    let shop = path("shop.db");
    done(&["demo", &shop]);
    let carried = done(&["import", &url, &shop]);
    assert!(carried.starts_with("imported "), "{carried}");
    let count = done(&["export", &shop]).lines().count();
    assert_eq!(done(&["export", &url]).lines().count(), 4 + count);
    assert_eq!(
        done(&["verify", &url]).trim(),
        format!("{} events are in order; the store keeps no hash chain", 4 + count)
    );
    // What is exported is a store again.
    std::fs::write(path("all"), done(&["export", &url])).unwrap();
    done(&["new", &path("copy.db")]);
    done(&["import", &path("copy.db"), &path("all"), "--keep"]);
    assert_eq!(done(&["export", &path("copy.db")]), done(&["export", &url]));
    std::fs::write(path("schema.json"), r#"{"properties": {"total": {"maximum": 7}}}"#).unwrap();
    let added = format!("order.placed={}", path("schema.json"));
    assert!(done(&["schemas", &url, "--add", &added]).contains("order.placed"));
    assert!(refused(&["schemas", &url, "--check"], 1).contains("not fit"));
    assert_eq!(run(append(&[])).1, 2, "it does not fit");
    assert!(done(&["schemas", &url, "--remove", "order.placed"]).contains("no schemas"));
    assert!(done(&["settings", &url, "--event-types", "dotted"]).contains("encoding         json"));
    assert!(refused(&["settings", &url, "--encoding", "messagepack"], 1).contains("as JSON"));
    done(&["settings", &url, "--event-types", "any"]);
    assert!(done(&["migrate", &url, "--down"]).contains("from schema 6 to 5"));
    assert!(done(&["migrate", &url]).contains("6 already"), "opening it brings it up");
    assert!(refused(&["backup", &url, &path("backup.db")], 1).contains("for event stores in files"));
    database.run("ALTER TABLE eventscope.events DISABLE TRIGGER ALL; DELETE FROM eventscope.events WHERE position = 3");
    assert!(refused(&["verify", &url], 1).contains("is broken at position 4"));
    assert!(refused(&["new", &path("new.db"), "--writer", "me"], 2).contains("for stores on a server"));
}
