//! The command line as a script sees it: what goes to which stream, the JSON, and the exit codes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{EventStore, SCHEMA_VERSION};
use serde_json::{Value, json};
use tempfile::TempDir;

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

/// The demo in a folder of its own.
fn demo() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    (folder, path)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The lines of a fine answer.
fn lines(output: &Output) -> Vec<String> {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(str::to_owned).collect()
}

/// The documents of a fine answer, one a line.
fn documents(args: &[&str]) -> Vec<Value> {
    lines(&eventscope(args)).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The exit code and the message of an answer that is not fine.
fn refused(args: &[&str]) -> (i32, String) {
    let output = eventscope(args);
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
#[cfg(not(feature = "window"))]
fn what_needs_a_window_says_that_this_build_has_none() {
    let (_folder, path) = demo();
    for args in [&[][..], &["demo"], &[text(&path)]] {
        let (code, message) = refused(args);
        assert_eq!(code, 1, "{message}");
        assert!(message.contains("this build has none") && message.contains("hint: Name a verb"), "{message}");
    }
}

#[test]
fn info_says_what_a_database_is() {
    let (_folder, path) = demo();
    let info = &documents(&["info", text(&path), "--json"])[0];
    let events = documents(&["events", text(&path), "--json"]);
    assert_eq!(info["profile"], "native");
    assert_eq!(info["confidence"], "certain");
    assert_eq!(info["events"], json!(events.len()));
    let counts = info["event_types"].as_object().unwrap();
    assert_eq!(counts.values().filter_map(Value::as_u64).sum::<u64>(), events.len() as u64);
    assert_eq!(info["first_timestamp"], events[0]["timestamp"]);
    assert!(info["title"].is_string() && info["reason"].is_string() && info["streams"].as_u64() > Some(10));
    let human = lines(&eventscope(&["info", text(&path)])).join("\n");
    assert!(human.contains("order.placed"), "{human}");
}

#[test]
fn a_database_without_events_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE note (text)").unwrap();
    let info = &documents(&["info", text(&path), "--json"])[0];
    assert_eq!((&info["profile"], &info["confidence"]), (&Value::Null, &json!("none")));
    assert_eq!(info["tables"][0]["name"], "note");
    let (code, message) = refused(&["streams", text(&path)]);
    assert_eq!(code, 1);
    assert!(message.starts_with("error: ") && message.contains("hint: "), "{message}");
}

#[test]
fn streams_and_events_are_listed() {
    let (_folder, path) = demo();
    let streams = documents(&["streams", text(&path), "--json"]);
    let order = streams.iter().find(|stream| stream["aggregate_type"] == "order").unwrap();
    let name = format!("order/{}", order["aggregate_id"].as_str().unwrap());
    let filter = format!("stream:{name}");
    let events = documents(&["events", text(&path), "--json", "--filter", &filter]);
    assert_eq!(json!(events.len()), order["events"]);
    assert_eq!(events.last().unwrap()["version"], order["last_version"]);
    assert_eq!(events[0]["event_type"], "order.placed");
    assert!(events[0]["data"].is_object());
    let keys: Vec<&str> = events[0].as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["position", "event_id", "aggregate_type", "aggregate_id", "schema_version", "timestamp", "actor"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    for key in ["actor_type", "source", "causation_id", "correlation_id", "metadata"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    let count = lines(&eventscope(&["events", text(&path), "--filter", &filter, "--count"]));
    assert_eq!(count, [events.len().to_string()]);
    let some = documents(&["events", text(&path), "--json", "--offset", "10", "--limit", "3"]);
    assert_eq!(some.iter().map(|event| event["position"].as_i64().unwrap()).collect::<Vec<_>>(), [11, 12, 13]);
}

#[test]
fn columns_are_aligned_for_people() {
    let (_folder, path) = demo();
    let table = lines(&eventscope(&["events", text(&path), "--limit", "12"]));
    assert_eq!(table.len(), 13);
    let place = table[0].find("TYPE").unwrap();
    assert!(table[1..].iter().all(|line| line.is_char_boundary(place) && line[..place].ends_with(' ')));
}

#[test]
fn state_and_changes_replay_a_stream() {
    let (_folder, path) = demo();
    let streams = documents(&["streams", text(&path), "--json"]);
    let id =
        streams.iter().find(|stream| stream["aggregate_type"] == "order").unwrap()["aggregate_id"].as_str().unwrap();
    let (whole, first) = (format!("order/{id}"), format!("{id}@1"));
    let state = &documents(&["state", text(&path), &whole, "--json"])[0];
    assert_eq!(state["stream"], whole.as_str());
    assert_eq!((&state["unhandled"], &state["errors"]), (&json!([]), &json!([])));
    let changes = documents(&["changes", text(&path), id, "--json"]);
    assert_eq!(changes.last().unwrap()["version"], state["version"]);
    let placed = &documents(&["state", text(&path), &first, "--json"])[0];
    assert_eq!((&placed["version"], &placed["state"]["status"]), (&json!(1), &json!("open")));
    let status = changes[0]["changes"].as_array().unwrap().iter().find(|change| change["path"] == "/status").unwrap();
    assert_eq!((&status["before"], &status["after"]), (&Value::Null, &json!("open")));
    assert_eq!(refused(&["state", text(&path), &format!("{whole}@9999")]).0, 1);
    assert_eq!(refused(&["state", text(&path), "order/nobody"]).0, 1);
}

#[test]
fn numbers_keep_their_digits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("numbers.db");
    lines(&eventscope(&["new", text(&path)]));
    let data = r#"{"big":12345678901234567890123,"price":1.10,"tiny":1e-30}"#;
    let append = ["append", text(&path), "--stream", "n/1", "--type", "n.set", "--data", data, "--json"];
    let written = lines(&eventscope(&append));
    assert!(written[0].contains(r#""big":12345678901234567890123,"price":1.10,"tiny":1e-30"#), "{written:?}");
    let state = lines(&eventscope(&["state", text(&path), "n/1", "--json"]));
    assert!(state[0].contains(r#""big":12345678901234567890123,"price":1.10,"tiny":1e-30"#), "{state:?}");
}

#[test]
fn appending_expects_a_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.db");
    let append = |more: &[&str]| {
        let mut args = vec!["append", text(&path), "--stream", "order/1", "--type", "order.noted", "--json"];
        args.extend(more);
        eventscope(&args)
    };
    lines(&eventscope(&["new", text(&path)]));
    assert_eq!(eventscope(&["new", text(&path)]).status.code(), Some(2), "a file is there already");
    let planned = lines(&append(&["--data", "{\"a\":1}", "--expect", "none", "--dry-run"]));
    assert_eq!(serde_json::from_str::<Value>(&planned[0]).unwrap()["version"], 1);
    assert_eq!(documents(&["events", text(&path), "--json"]).len(), 0, "nothing was written");
    let first: Value = serde_json::from_str(&lines(&append(&["--data", "{\"a\":1}", "--expect", "none"]))[0]).unwrap();
    assert_eq!((&first["version"], &first["data"]), (&json!(1), &json!({"a": 1})));
    assert_eq!(append(&["--data", "{}", "--expect", "none"]).status.code(), Some(3));
    assert_eq!(append(&["--data", "{}", "--expect", "7"]).status.code(), Some(3));
    lines(&append(&["--data", "{}", "--expect", "1", "--metadata", "{\"by\":\"hand\"}"]));
    assert_eq!(append(&["--data", "{not json}"]).status.code(), Some(2));
    let events = documents(&["events", text(&path), "--json"]);
    assert_eq!(events.iter().map(|event| event["version"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(events[1]["metadata"], json!({"by": "hand"}));
}

#[test]
fn a_store_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create_chained(&path).unwrap();
    let event = NewEvent::new("cup.sold", json!({"price": 8}));
    store.append(&StreamName::new("cup", "1"), ExpectedVersion::NoStream, &[event.clone(), event]).unwrap();
    let fine = &documents(&["verify", text(&path), "--json"])[0];
    assert_eq!((&fine["ok"], &fine["events"], &fine["chained"]), (&json!(true), &json!(2), &json!(true)));
    assert_eq!(fine["last_hash"], json!(store.last_hash().unwrap()));
    let human = lines(&eventscope(&["verify", text(&path)]));
    assert!(human[0].starts_with("2 events are in order, and their hash chain holds"), "{human:?}");
    let meddle = "DROP TRIGGER events_are_never_changed; UPDATE events SET data = '{}' WHERE position = 2";
    rusqlite::Connection::open(&path).unwrap().execute_batch(meddle).unwrap();
    let (code, message) = refused(&["verify", text(&path)]);
    assert_eq!((code, message.contains("broken at position 2: ")), (1, true), "{message}");
    let output = eventscope(&["verify", text(&path), "--json"]);
    let broken: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((&broken["ok"], &broken["events"], &broken["fault"]["position"]), (&json!(false), &json!(1), &json!(2)));
    assert_eq!(refused(&["verify", "/nowhere/at/all.db"]).0, 2);
}

/// The words of a verb about a file.
fn words<'a>(verb: &'a str, path: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    [&[verb, text(path)], more].concat()
}

#[test]
fn events_are_archived_and_restored() {
    let (_folder, path) = demo();
    let export = || eventscope(&["export", text(&path)]).stdout;
    let store = || EventStore::open(&path).unwrap();
    let (before, exported) = (store().read_all(None, usize::MAX).unwrap(), export());
    let last = before.last().unwrap();
    let name = last.stream.to_string();
    let archive = |more: &[&str]| eventscope(&words("archive", &path, more));
    let planned = &documents(&words("archive", &path, &["--stream", &name, "--dry-run", "--json"]))[0];
    assert_eq!((&planned["events"], &planned["streams"]), (&json!(last.version), &json!(1)));
    assert!(planned["new_archive"].as_bool().unwrap() && planned["bytes"].as_u64() > Some(10));
    assert!(store().archives().unwrap().is_empty(), "nothing was moved");
    let human = lines(&archive(&["--stream", &name]));
    assert!(human[0].starts_with(&format!("archived {} events of 1 streams into ", last.version)), "{human:?}");
    assert_eq!(lines(&archive(&["--stream", &name])), ["there is nothing to archive"]);
    let year = &documents(&words("archive", &path, &["--type", "order", "--before", "2099-01-01", "--json"]))[0];
    assert!(year["events"].as_u64() > Some(0), "{year}");
    assert!(year["archive"].as_str().unwrap().ends_with("shop.archive.db"), "{year}");
    assert_eq!(store().read_all(None, usize::MAX).unwrap(), before);
    assert_eq!(lines(&eventscope(&["verify", text(&path)])).len(), 1);

    // What reads any database says that it does not reach them; an export is whole or refused.
    let archived = store().statistics().unwrap().archived;
    let info = eventscope(&["info", text(&path), "--json"]);
    let said: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!((&said["archived_events"], &said["events"]), (&json!(archived), &json!(before.len() as u64 - archived)));
    let note = String::from_utf8(eventscope(&["events", text(&path), "--count"]).stderr).unwrap();
    assert_eq!(note, format!("note: {archived} more events lie in shop.archive.db and are not shown.\n"));
    assert_eq!(export(), exported);
    let (code, message) = refused(&["export", text(&path), "--filter", "type:order.*"]);
    assert!(code == 1 && message.contains("eventscope restore"), "{message}");
    let next = last.version.to_string();
    let append = ["--stream", &name, "--type", "x", "--data", "{}", "--expect", &next, "--dry-run", "--json"];
    let plan: Value = serde_json::from_slice(&eventscope(&words("append", &path, &append)).stdout).unwrap();
    assert_eq!(plan["version"], json!(last.version + 1));

    let restored = &documents(&words("restore", &path, &["--stream", &name, "--json"]))[0];
    assert_eq!((&restored["events"], &restored["streams"]), (&json!(last.version), &json!(1)));
    lines(&eventscope(&["restore", text(&path)]));
    assert_eq!(lines(&eventscope(&["restore", text(&path)])), ["there is nothing to restore"]);
    assert!(store().archives().unwrap().is_empty());
    assert_eq!((store().read_all(None, usize::MAX).unwrap(), export()), (before, exported));

    let refused = |verb, more: &[&str]| refused(&words(verb, &path, more)).0;
    assert_eq!(refused("archive", &[]), 2, "nothing says what");
    assert_eq!(refused("archive", &["--stream", "no-type"]), 2);
    assert_eq!(refused("archive", &["--before", "soon"]), 2);
    assert_eq!(refused("archive", &["--stream", "order/nobody"]), 1);
    assert_eq!(refused("restore", &["--stream", "order/nobody"]), 1);
    assert_eq!(refused("archive", &["--type", "order", "--to", text(&path)]), 2);
}

#[test]
fn a_store_is_copied() {
    let (_folder, path) = demo();
    let copy = path.with_file_name("copy.db");
    let answer = &documents(&["backup", text(&path), text(&copy), "--json"])[0];
    assert_eq!(answer["file"], text(&copy));
    assert_eq!(eventscope(&["export", text(&copy)]).stdout, eventscope(&["export", text(&path)]).stdout);
    assert_eq!(refused(&["backup", text(&path), text(&copy)]).0, 2, "a file is there already");
}

#[test]
fn a_store_goes_one_schema_back_and_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    lines(&eventscope(&["new", text(&path)]));
    let newest = SCHEMA_VERSION;
    let migrate = |more: &[&str]| eventscope(&[&["migrate", text(&path)], more].concat());
    assert!(lines(&migrate(&[]))[0].ends_with("already"));
    for from in (2..=newest).rev() {
        let answer: Value = serde_json::from_str(&lines(&migrate(&["--down", "--json"]))[0]).unwrap();
        assert_eq!(answer, json!({"from": from, "to": from - 1}));
    }
    assert_eq!(refused(&["migrate", text(&path), "--down"]).0, 2);
    assert_eq!(lines(&migrate(&[])), [format!("the event store went from schema 1 to {newest}")]);
    let chained = folder.path().join("chained.db");
    EventStore::create_chained(&chained).unwrap();
    while eventscope::store::schema_of_file(&chained).unwrap() > 5 {
        lines(&eventscope(&["migrate", text(&chained), "--down"]));
    }
    let (code, message) = refused(&["migrate", text(&chained), "--down"]);
    assert_eq!((code, message.contains("`chain`")), (2, true), "{message}");
}

#[test]
fn bad_input_is_pointed_at() {
    let (_folder, path) = demo();
    assert_eq!(refused(&["info", "/nowhere/at/all.db"]).0, 2);
    assert_eq!(refused(&["frobnicate", "--now"]).0, 2);
    let (code, message) = refused(&["events", text(&path), "--filter", "type:\"open"]);
    assert_eq!(code, 2);
    assert!(message.contains('^'), "{message}");
    assert_eq!(refused(&["events", text(&path), "--profile", "nothing-like-this"]).0, 2);
    let no_database = path.with_file_name("text.db");
    std::fs::write(&no_database, "this is a text and not a database").unwrap();
    assert_eq!(refused(&["info", text(&no_database)]).0, 2);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (_folder, path) = demo();
    let mut child = Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(["events", text(&path), "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_a_database_means_is_told_field_by_field_and_inferred_without_profiles() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/go_hallgren.db");
    let info = |more: &[&str]| -> Value {
        serde_json::from_str(&lines(&eventscope(&[&["info", path, "--json"], more].concat()))[0]).unwrap()
    };
    let known = info(&[]);
    assert_eq!(known["profile"], "hallgren");
    assert_eq!(known["mapping"]["event_type"]["source"], "reason");
    let guessed = info(&["--infer"]);
    assert_eq!(guessed["profile"], "inferred");
    let mapping = &guessed["mapping"];
    for (field, column) in [
        ("table", "events"),
        ("aggregate_id", "id"),
        ("version", "version"),
        ("event_type", "reason"),
        ("timestamp", "timestamp"),
        ("data", "data"),
    ] {
        assert_eq!(mapping[field]["source"], column, "{field}");
        assert!(
            mapping[field]["confidence"].as_f64().unwrap() > 0.5 && mapping[field]["reason"].is_string(),
            "{field}"
        );
    }
    let exported = lines(&eventscope(&["export", path, "--infer"]));
    let counted = lines(&eventscope(&["events", path, "--infer", "--count"]));
    assert_eq!(exported.len().to_string(), counted[0], "whatever reads a database can infer what it means");
    let decoy = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/decoy_fossil.db");
    let decoy: Value = serde_json::from_str(&lines(&eventscope(&["info", decoy, "--json", "--infer"]))[0]).unwrap();
    assert_eq!((&decoy["profile"], &decoy["mapping"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_demo_of_any_size_is_written_and_is_whole_whenever_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (small, large, stopped) = (folder.path().join("s.db"), folder.path().join("l.db"), folder.path().join("x.db"));
    lines(&eventscope(&["demo", text(&small)]));
    assert_eq!(documents(&["events", text(&small), "--filter", "data.order:ord-000297", "--count", "--json"]).len(), 1);

    let args = ["demo", text(&large), "--events", "3000", "--streams", "80", "--seed", "5", "--json"];
    let made = documents(&args).remove(0);
    assert_eq!((&made["events"], &made["streams"], &made["seed"]), (&json!(3000), &json!(80), &json!(5)));
    let info = documents(&["info", text(&large), "--json"]).remove(0);
    assert_eq!((&info["events"], &info["streams"], &info["profile"]), (&json!(3000), &json!(80), &json!("native")));
    let (code, message) = refused(&args);
    assert!(code == 2 && message.contains("exists already"), "{message}");

    let mut running = Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(["demo", text(&stopped), "--events", "10000000"])
        .spawn()
        .unwrap();
    let events = |path: &Path| EventStore::open_read_only(path).and_then(|store| store.last_position());
    while !events(&stopped).is_ok_and(|last| last > Some(0)) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let store = EventStore::open(&stopped).unwrap();
    assert_eq!(store.verify().unwrap().fault, None);
    assert!((1..10_000_000).contains(&store.last_position().unwrap().unwrap()));
}
