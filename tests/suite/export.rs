//! Events written out in every form, read back by who reads such a form, and with what is personal replaced.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a verb wrote that succeeded.
fn said(args: &[&str]) -> String {
    let output = eventscope(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn shop() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    (folder, path)
}

fn placed(shop: &Path, format: &str) -> String {
    said(&["export", text(shop), "--filter", "type:order.placed", "--format", format])
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The rows of a table as RFC 4180 has them.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            letter => cell.push(letter),
        }
    }
    rows
}

#[test]
fn each_form_says_what_the_lines_say() {
    let (folder, shop) = shop();
    let expected = lines(&placed(&shop, "ndjson"));
    assert_eq!(expected.len(), 345);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&placed(&shop, "json")).unwrap(), expected);
    // A table.
    let table = csv(&placed(&shop, "csv"));
    assert_eq!((table[0][0].as_str(), table.len()), ("position", 346));
    for (row, line) in table[1..].iter().zip(&expected) {
        assert_eq!(row.len(), 15);
        assert_eq!(
            (row[0].parse::<i64>().ok(), row[3].as_str()),
            (line["position"].as_i64(), line["aggregate_id"].as_str().unwrap())
        );
        assert_eq!(serde_json::from_str::<Value>(&row[13]).unwrap(), line["data"]);
    }
    let markdown = placed(&shop, "markdown");
    assert_eq!(markdown.lines().count(), 347);
    assert!(markdown.lines().skip(1).all(|line| line.matches(" | ").count() - line.matches("\\|").count() == 5));
    // Statements, as SQLite carries them out.
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&placed(&shop, "sql")).unwrap();
    let (count, data): (i64, String) = conn
        .query_row("SELECT count(*), (SELECT data FROM events ORDER BY position LIMIT 1) FROM events", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((count, serde_json::from_str::<Value>(&data).unwrap()), (345, expected[0]["data"].clone()));
    // CloudEvents.
    let events: Vec<Value> = serde_json::from_str(&placed(&shop, "cloudevents")).unwrap();
    for (event, line) in events.iter().zip(&expected) {
        assert_eq!((&event["specversion"], &event["type"]), (&json!("1.0"), &json!("order.placed")));
        assert_eq!((&event["id"], &event["data"]), (&line["event_id"], &line["data"]));
        assert!(event["source"].as_str().unwrap().starts_with('/') && event["time"].is_string());
        let is_name =
            |name: &String| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        assert!(event.as_object().unwrap().keys().all(is_name));
    }
    // A store of its own.
    let copy = folder.path().join("placed.db");
    let done =
        ["export", text(&shop), "--filter", "type:order.placed", "--format", "db", "--output", text(&copy), "--json"];
    assert_eq!(lines(&said(&done))[0]["events"], 345);
    let copied = lines(&said(&["export", text(&copy)]));
    let parts = |line: &Value| (line["aggregate_id"].clone(), line["event_type"].clone(), line["data"].clone());
    assert_eq!(copied.iter().map(parts).collect::<Vec<_>>(), expected.iter().map(parts).collect::<Vec<_>>());
    assert_eq!(eventscope(&done).status.code(), Some(2), "a file that is there stays");
}

#[test]
fn a_form_of_nothing_is_still_one_of_its_kind() {
    let (_folder, shop) = shop();
    let none = |format: &str| said(&["export", text(&shop), "--filter", "type:nothing", "--format", format]);
    for format in ["json", "cloudevents"] {
        assert_eq!(serde_json::from_str::<Value>(&none(format)).unwrap(), json!([]), "{format}");
    }
    assert_eq!(csv(&none("csv")).len(), 1);
    Connection::open_in_memory().unwrap().execute_batch(&none("sql")).unwrap();
    assert_eq!(none("ndjson"), "");
}

#[test]
fn a_fixture_is_one_stream_with_what_was_given_and_what_followed() {
    let (_folder, shop) = shop();
    let filter = "stream:stock/sku-cup-blue version:1..4";
    let fixture: Value =
        serde_json::from_str(&said(&["export", text(&shop), "--filter", filter, "--format", "fixture"])).unwrap();
    let (given, then) = (fixture["given"].as_array().unwrap(), fixture["then"].as_array().unwrap());
    assert_eq!((given.len() + then.len(), &fixture["stream"]), (4, &json!("stock/sku-cup-blue")));
    assert_eq!((&given[0]["version"], &then.last().unwrap()["version"]), (&json!(1), &json!(4)));
    assert!(then[0]["data"].is_object() && fixture["when"].is_object());
    let output = eventscope(&["export", text(&shop), "--format", "fixture"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a fixture is of one stream"));
    let output = eventscope(&["export", text(&shop), "--format", "db"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--output"));
}

#[test]
fn no_cell_of_a_spreadsheet_is_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE events (position INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data TEXT);
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
             INSERT INTO events SELECT i + 1, '=HYPERLINK(' || (i / 4) || ')', i % 4 + 1,
                 iif(i % 2 = 0, '@moved', '-1+2'), json_object('name', i) FROM n;",
        )
        .unwrap();
    let rows = csv(&said(&["export", text(&path), "--format", "csv"]));
    assert_eq!(rows[1][3], "'=HYPERLINK(0)");
    let is_formula = |cell: &String| cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    assert!(!rows.iter().flatten().any(is_formula));
}

#[test]
fn what_is_personal_is_replaced_by_the_same_pseudonym_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data TEXT);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
         INSERT INTO events SELECT i + 1, 'person-' || (i / 4), i % 4 + 1, 'person.moved',
             json_object('name', 'Ada Lovelace ' || (i / 4), 'mail', 'ada' || (i / 4) || '@example.org',
                         'note', 'wrote to ada' || (i / 4) || '@example.org', 'age', 36) FROM n;",
    )
    .unwrap();
    let export = |more: &[&str]| {
        said(&[&["export", text(&path), "--redact", "data.name", "--redact", "email"][..], more].concat())
    };
    let found = export(&["--redact-key", "k"]);
    assert!(!found.contains("Lovelace") && !found.contains("example.org") && found.contains("\"age\":36"));
    let events = lines(&found);
    let (first, second, other) = (&events[0]["data"], &events[1]["data"], &events[4]["data"]);
    assert_eq!((&first["name"], &first["mail"]), (&second["name"], &second["mail"]));
    assert_ne!(first["name"], other["name"]);
    assert_eq!(first["note"], format!("wrote to {}", first["mail"].as_str().unwrap()));
    assert_eq!(export(&["--redact-key", "k"]), found);
    assert_ne!(export(&[]), found, "without a key nobody can tell who it was");
    assert_ne!(export(&["--redact-key", "l"]), found);
    // In a database, too, nothing of it is left.
    let copy = folder.path().join("copy.db");
    export(&["--format", "db", "--output", text(&copy)]);
    let bytes = std::fs::read(&copy).unwrap();
    assert!(!bytes.windows(8).any(|some| some == b"Lovelace" || some == b"example."));
    let events = lines(&said(&["export", text(&copy)]));
    assert_eq!(events.len(), 40);
    assert!(events.iter().all(|event| event["data"]["name"].as_str().unwrap().starts_with("redacted-")));
    let output = eventscope(&["export", text(&path), "--redact", "nonsense"]);
    assert_eq!(output.status.code(), Some(2));
}

fn fixture(name: &str, folder: &Path) -> PathBuf {
    let path = folder.join(name);
    std::fs::copy(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR")), &path).unwrap();
    path
}

#[test]
fn a_part_of_a_librarys_database_is_one_of_its_format() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["node_emmett_0_42.db", "rust_sqlite_es.db", "ruby_res_json.db"] {
        let original = fixture(name, folder.path());
        let all = lines(&said(&["events", text(&original), "--json"]));
        let id = all[0]["aggregate_id"].as_str().unwrap();
        let filter = format!("stream:'{id}'");
        let part = folder.path().join(format!("part-{name}"));
        let options = ["--filter", &filter, "--format", "original", "--output", text(&part), "--json"];
        let told = said(&[&["export", text(&original)][..], &options].concat());
        let part_of = lines(&said(&["events", text(&part), "--json"]));
        let expected: Vec<&Value> = all.iter().filter(|line| line["aggregate_id"] == id).collect();
        assert_eq!(part_of.iter().collect::<Vec<_>>(), expected, "{name}");
        assert_eq!(lines(&told)[0]["events"], expected.len());
        let profile = |path: &Path| lines(&said(&["info", text(path), "--json"]))[0]["profile"].clone();
        assert_eq!(profile(&part), profile(&original), "{name}");
        // A second time nothing is replaced.
        let again = eventscope(&[&["export", text(&original)][..], &options].concat());
        assert!(String::from_utf8_lossy(&again.stderr).contains("exists already"));
    }
}

#[test]
fn a_part_of_a_librarys_database_has_pseudonyms_where_its_payloads_say_what_is_personal() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["node_emmett_0_42.db", "rust_sqlite_es.db", "ruby_res_json.db"] {
        let original = fixture(name, folder.path());
        let all = lines(&said(&["events", text(&original), "--json"]));
        // What names the stream stays there.
        let is_text = |line: &Value, member: &str| {
            let stream = line["aggregate_id"].as_str().unwrap();
            line["data"][member].as_str().is_some_and(|text| !stream.contains(text))
        };
        let has_text = |member: &str| all.iter().filter(|line| is_text(line, member)).count();
        let members = all.iter().filter_map(|line| line["data"].as_object()).flat_map(|data| data.keys());
        let member = members.max_by_key(|member| has_text(member)).unwrap();
        assert!(has_text(member) > 0, "{name}");
        let to = folder.path().join(format!("redacted-{name}"));
        let rule = format!("data.{member}");
        let options = ["--format", "original", "--redact", &rule, "--output", text(&to)];
        said(&[&["export", text(&original)][..], &options].concat());
        let found = lines(&said(&["events", text(&to), "--json"]));
        assert_eq!(found.len(), all.len(), "{name}");
        let mut all_else = all.clone();
        let objects = all_else.iter_mut().filter_map(|line| line["data"].as_object_mut());
        objects.for_each(|data| drop(data.remove(member)));
        let all_else = Value::Array(all_else).to_string();
        let bytes = std::fs::read(&to).unwrap();
        for (mut before, mut after) in all.iter().cloned().zip(found) {
            let taken = |line: &mut Value| line["data"].as_object_mut().and_then(|data| data.remove(member));
            let (old, new) = (taken(&mut before).unwrap_or_default(), taken(&mut after).unwrap_or_default());
            assert_eq!(before, after, "{name}: all else is as it was");
            let Some(old) = old.as_str() else { continue };
            assert!(new.as_str().unwrap().starts_with("redacted-"), "{name}: {new}");
            // What says something else, too, may still stand there.
            if old.len() > 8 && !all_else.contains(old) {
                assert!(memchr::memmem::find(&bytes, old.as_bytes()).is_none(), "{name}: {old}");
            }
        }
        let profile = |path: &Path| lines(&said(&["info", text(path), "--json"]))[0]["profile"].clone();
        assert_eq!(profile(&to), profile(&original), "{name}");
        // What names the rows stays, and so does what cannot be told apart from it.
        let id = all[0]["aggregate_id"].as_str().unwrap();
        let pattern = format!("/{}/", &id[id.len() - 12..]);
        for rule in ["stream", &pattern] {
            let to = folder.path().join(format!("refused-{name}"));
            let options = ["--format", "original", "--redact", rule, "--output", text(&to)];
            let refused = eventscope(&[&["export", text(&original)][..], &options].concat());
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(said.contains("is not within data or metadata"), "{name} {rule}: {said}");
            assert!(!to.exists());
        }
    }
}

#[test]
fn what_is_to_be_replaced_is_left_in_no_column_of_a_part_of_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accounts.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, payload TEXT,
             created_at TEXT, note TEXT);
         CREATE TABLE snapshots (stream_id TEXT, version INTEGER, state TEXT);
         CREATE TABLE readers (name TEXT);
         WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 30)
         INSERT INTO events SELECT n, 'account-' || n % 3, n / 3 + 1, 'EmailChanged',
             json_object('email', 'person' || n || '@example.org', 'count', n), '2026-01-02T03:04:05Z', NULL FROM numbers;
         INSERT INTO snapshots SELECT stream_id, version, payload FROM events WHERE version = 5;
         INSERT INTO readers VALUES ('reader@example.org');",
    )
    .unwrap();
    let exported = |to: &str| {
        let to = folder.path().join(to);
        let options = ["--format", "original", "--redact", "email", "--output", text(&to)];
        (eventscope(&[&["export", text(&path)][..], &options].concat()), to)
    };
    let (output, to) = exported("clean.db");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(memchr::memmem::find(&std::fs::read(&to).unwrap(), b"@example.org").is_none());
    let copy = Connection::open(&to).unwrap();
    let count = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let sql = "SELECT count(*) FROM events WHERE payload ->> 'email' LIKE 'redacted-%' AND payload ->> 'count' = id";
    assert_eq!(count(sql), 30);
    assert_eq!(count("SELECT count(*) FROM snapshots"), 0, "what says the same again is left out");
    conn.execute("UPDATE events SET note = 'told by bob@example.org' WHERE id = 7", []).unwrap();
    let (output, to) = exported("left.db");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the column \"note\" of events has what is to be replaced, too"), "{said}");
    assert!(!to.exists());
}

#[test]
fn parquet_is_written_or_the_feature_that_it_needs_is_named() {
    let (folder, shop) = shop();
    let to = folder.path().join("placed.parquet");
    let output = eventscope(&[
        "export",
        text(&shop),
        "--filter",
        "type:order.placed",
        "--format",
        "parquet",
        "--output",
        text(&to),
    ]);
    if cfg!(feature = "parquet") {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bytes = std::fs::read(&to).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    } else {
        assert!(!output.status.success() && !to.exists());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("the feature `parquet`") && said.contains("--features parquet"), "{said}");
    }
}

#[test]
fn a_correlation_is_exported_by_its_id() {
    let (_folder, shop) = shop();
    let first = lines(&placed(&shop, "ndjson"))[0]["correlation_id"].as_str().unwrap().to_owned();
    let all = lines(&said(&["export", text(&shop), "--correlation", &first]));
    assert!(all.len() > 1 && all.iter().all(|line| line["correlation_id"] == first));
    let some = lines(&said(&["export", text(&shop), "--correlation", &first, "--filter", "type:order.placed"]));
    assert_eq!(some.len(), all.iter().filter(|line| line["event_type"] == "order.placed").count());
}

#[test]
fn what_is_noted_in_the_window_stands_beside_its_event_in_markdown() {
    let (folder, shop) = shop();
    // As the window leaves it: values by name, each a text of the same notation.
    let settings = folder.path().join("eventscope");
    std::fs::create_dir(&settings).unwrap();
    let path = shop.canonicalize().unwrap();
    let noted = format!(
        "(noted:[({:?},(bookmarks:[(aggregate_type:\"stock\",aggregate_id:\"sku-cup-blue\",version:160,position:Some(1),\
         event_type:\"stock.shipped\",note:\"below | nothing\\nask ann@example.org\")]))],theme:Dark)",
        path.to_str().unwrap()
    );
    std::fs::write(settings.join("app.ron"), format!("{{\"egui\":\"()\",\"settings\":{noted:?}}}")).unwrap();
    let export = |more: &[&str]| {
        let args = [&["export", text(&shop), "--filter", "stream:stock/sku-cup-blue", "--notes"], more].concat();
        Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).env("XDG_DATA_HOME", folder.path()).output().unwrap()
    };
    let written = export(&["--format", "markdown", "--redact", "email"]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let written = String::from_utf8(written.stdout).unwrap();
    assert!(written.starts_with("| position | time | stream | version | type | data | note |\n"), "{written}");
    let with_notes: Vec<&str> = written.lines().skip(2).filter(|line| !line.ends_with(" |  |")).collect();
    assert_eq!(with_notes.len(), 1, "{with_notes:?}");
    assert!(with_notes[0].contains("| stock/sku-cup-blue | 160 |"), "{with_notes:?}");
    assert!(with_notes[0].contains(" | below \\| nothing<br>ask redacted-"), "{with_notes:?}");
    let refused = export(&["--format", "csv"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("only Markdown has room for notes"));
    std::fs::write(settings.join("app.ron"), "{broken").unwrap();
    let broken = export(&["--format", "markdown"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("app.ron"), "{broken:?}");
}
