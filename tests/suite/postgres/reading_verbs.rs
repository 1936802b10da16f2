//! The verbs of the command line take the URL of a server wherever they take a file.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::gathering::log;
use super::server::{Database, PASSWORD, database};

fn run(cache: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eventscope"));
    command.args(arguments).env("EVENTSCOPE_CACHE", cache).env("HOME", cache).output().unwrap()
}

fn said(cache: &Path, arguments: &[&str]) -> String {
    let output = run(cache, arguments);
    let (text, error) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{arguments:?}: {error}");
    let secret = PASSWORD.replace(' ', "%20");
    assert!(!text.contains(&secret) && !error.contains(&secret), "{text}{error}");
    text
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn shop() -> Option<Database> {
    let database = database("verbs")?;
    log(&database, 1_000);
    Some(database)
}

#[test]
fn a_url_stands_wherever_a_file_does() {
    let Some(database) = shop() else { return };
    let cache = tempfile::tempdir().unwrap();
    let (cache, url) = (cache.path(), database.url());
    let info = said(cache, &["info", &url, "--json"]);
    let info: Value = serde_json::from_str(&info).unwrap();
    assert_eq!((&info["events"], &info["streams"]), (&Value::from(1_000), &Value::from(100)));
    let note = info["notes"][0].as_str().unwrap();
    assert!(note.contains("a slice of public.log") && note.contains(&database.name), "{note}");
    assert!(said(cache, &["info", &url]).contains(&format!("/{}", database.name)));
    assert_eq!(lines(&said(cache, &["streams", &url, "--json"])).len(), 100);
    let some = lines(&said(cache, &["events", &url, "--json", "--stream", "order-7", "--type", "order.paid"]));
    assert_eq!(
        some.iter().map(|event| event["data"]["n"].as_i64().unwrap()).collect::<Vec<_>>(),
        [8, 108, 208, 308, 408, 508, 608, 708, 808, 908]
    );
    let last = lines(&said(cache, &["export", &url, "--last", "3"]));
    assert_eq!(last.iter().map(|event| event["data"]["n"].as_i64().unwrap()).collect::<Vec<_>>(), [998, 999, 1_000]);
    let state = said(cache, &["state", &url, "order-7", "--merge"]);
    assert!(state.contains("908"), "{state}");
    // The next time what is new is there, too.
    database.run("INSERT INTO log (stream_id, version, event_type, data, recorded_at) VALUES ('new', 1, 'x', '{\"n\": 1001}', now())");
    assert_eq!(said(cache, &["events", &url, "--count"]).trim(), "1001");
    // Everything that was gathered is its owner's alone, and nothing is left beside it.
    for entry in std::fs::read_dir(cache).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name.ends_with(".gathered.db"), "{name}");
    }
}

#[test]
fn gather_makes_a_file_that_says_what_it_is() {
    let Some(database) = shop() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("slice.db");
    let name = file.to_str().unwrap();
    let told = said(folder.path(), &["gather", &database.url(), name, "--last", "250", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["events"], &told["whole"], &told["slice"]),
        (&Value::from(250), &Value::from(true), &Value::from("the last 250 events"))
    );
    assert!(said(folder.path(), &["info", name]).contains("250"));
    let again = said(folder.path(), &["gather", &database.url(), name, "--last", "250"]);
    assert!(again.contains("gathered 250 events") && again.contains("It is a slice of public.log"), "{again}");
}

#[test]
fn what_cannot_be_is_refused_with_a_word() {
    let Some(database) = shop() else { return };
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/py_eventsourcing_json.db");
    assert!(refused(&["events", fixture, "--last", "5"]).contains("for a server's events"));
    let without = format!("postgres://owner@127.0.0.1:{}/{}", database.port, database.name);
    assert!(refused(&["info", &without]).contains("asks for a password"));
    let wrong = database.url().replace("of%20the", "no%20such");
    let said = refused(&["info", &wrong]);
    assert!(said.contains("password") && !said.contains("no%20such"), "{said}");
    assert!(refused(&["events", &database.url(), "--table", "nowhere"]).contains("there is no table nowhere"));
}
