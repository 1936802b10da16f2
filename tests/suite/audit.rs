//! The audit and the inferred schemas: silent on a sound store, and each planted fault is found.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eventscope::insight::audit::{self, Finding, Severity};
use eventscope::insight::schema::{Schemas, SchemasWanted};
use eventscope::source::{OpenOptions, Source};
use rusqlite::Connection;
use serde_json::{Value, json};

fn eventscope<const N: usize>(args: [&str; N]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

const STORE: &str = "
    CREATE TABLE events (
        position INTEGER PRIMARY KEY, event_id TEXT NOT NULL, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL,
        version INTEGER NOT NULL, event_type TEXT NOT NULL, data TEXT, timestamp TEXT NOT NULL, causation_id TEXT,
        correlation_id TEXT);
    CREATE TABLE streams (aggregate_type TEXT, aggregate_id TEXT, version INTEGER, PRIMARY KEY (aggregate_type, aggregate_id));
    CREATE TABLE snapshots (aggregate_type TEXT, aggregate_id TEXT, version INTEGER, state TEXT,
        PRIMARY KEY (aggregate_type, aggregate_id, version));
    CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position INTEGER NOT NULL);
";

const PROTECTED: &str = "
    CREATE UNIQUE INDEX one_version ON events (aggregate_type, aggregate_id, version);
    CREATE TRIGGER no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events stay'); END;
    CREATE TRIGGER no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events stay'); END;
";

const PROFILE: &str = r#"
name = "audited"
title = "Audited"

[events]
from = "events"
position = "position"
aggregate_type = "aggregate_type"
aggregate_id = "aggregate_id"
version = "version"
event_id = "event_id"
event_type = "event_type"
timestamp = "timestamp"
causation_id = "causation_id"
correlation_id = "correlation_id"
data = "data"

[snapshots]
from = "snapshots"
aggregate_type = "aggregate_type"
aggregate_id = "aggregate_id"
version = "version"
state = "state"

[tables]
streams = ["streams"]
checkpoints = [{ table = "checkpoints", name = "name", position = "position" }]
"#;

/// A sound store of accounts and orders, and the profile that reads it.
struct Planted {
    folder: tempfile::TempDir,
}

impl Planted {
    fn new() -> Self {
        let planted = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(planted.profile(), PROFILE).unwrap();
        let conn = Connection::open(planted.file()).unwrap();
        conn.execute_batch(STORE).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        let mut position = 0;
        for stream in 0..20 {
            let (kind, begun, went_on) = if stream % 2 == 0 {
                ("account", "account.opened", "funds.deposited")
            } else {
                ("order", "order.placed", "line.added")
            };
            for version in 1..=8 {
                position += 1;
                let event_type = if version == 1 { begun } else { went_on };
                let data = json!({"amount": version * 100, "note": format!("number {position}")}).to_string();
                let correlation = format!("request-{stream}");
                let causation = (version > 1).then(|| format!("event-{}", position - 1));
                conn.execute(
                    "INSERT INTO events VALUES (?1, 'event-' || ?1, ?2, 's-' || ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    rusqlite::params![
                        position,
                        kind,
                        stream,
                        version,
                        event_type,
                        data,
                        format!("2026-03-{:02}T08:{version:02}:00Z", stream + 1),
                        causation,
                        correlation
                    ],
                )
                .unwrap();
            }
            conn.execute("INSERT INTO streams VALUES (?1, 's-' || ?2, 8)", rusqlite::params![kind, stream]).unwrap();
        }
        conn.execute("INSERT INTO checkpoints VALUES ('reader', 160)", []).unwrap();
        conn.execute(r#"INSERT INTO snapshots VALUES ('account', 's-0', 4, '{"amount": 400}')"#, []).unwrap();
        conn.execute_batch("COMMIT").unwrap();
        planted
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn profile(&self) -> PathBuf {
        self.folder.path().join("audited.toml")
    }

    fn run(&self, sql: &str) {
        Connection::open(self.file()).unwrap().execute_batch(sql).unwrap();
    }

    fn audit(&self) -> BTreeMap<String, Value> {
        let (file, profile) = (self.file(), self.profile());
        let output = eventscope(["audit", file.to_str().unwrap(), "--json", "--profile", profile.to_str().unwrap()]);
        let text = String::from_utf8(output.stdout).unwrap();
        let findings: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let has_errors = findings.iter().any(|finding| finding["severity"] == "error");
        assert_eq!(output.status.code(), Some(i32::from(has_errors)), "{}", String::from_utf8_lossy(&output.stderr));
        findings.into_iter().map(|finding| (finding["kind"].as_str().unwrap().to_owned(), finding)).collect()
    }
}

#[test]
fn a_sound_store_is_passed_in_silence() {
    let planted = Planted::new();
    planted.run(PROTECTED);
    assert_eq!(planted.audit(), BTreeMap::new());
}

#[test]
fn each_planted_fault_is_found_where_it_is() {
    // The kind, what is done to the store, the severity and the positions that are named.
    let cases: &[(&str, &str, &str, &[i64])] = &[
        ("version_gap", "DELETE FROM events WHERE position = 5", "error", &[6]),
        ("version_duplicate", "UPDATE events SET version = 3 WHERE position = 4", "error", &[4]),
        ("version_start", "DELETE FROM events WHERE position IN (9, 10)", "note", &[11]),
        (
            "position_gap",
            "DELETE FROM events WHERE position = 8; UPDATE streams SET version = 7 WHERE aggregate_id = 's-0'",
            "note",
            &[9],
        ),
        (
            "time_backwards",
            "UPDATE events SET timestamp = '2026-01-01T00:00:00Z' WHERE position = 12",
            "warning",
            &[12],
        ),
        ("unreadable_time", "UPDATE events SET timestamp = 'yesterday' WHERE position = 12", "warning", &[12]),
        ("stream_version", "UPDATE streams SET version = 9 WHERE aggregate_id = 's-3'", "error", &[]),
        ("invalid_data", "UPDATE events SET data = '{\"amount\": ' WHERE position = 20", "error", &[20]),
        ("empty_data", "UPDATE events SET data = NULL WHERE position = 20", "warning", &[20]),
        (
            "undecodable_data",
            "UPDATE events SET data = x'f3a1c29b07e84d55aa10ffd2918e6c3b' WHERE position = 20",
            "error",
            &[20],
        ),
        (
            "stringified_object",
            "UPDATE events SET data = '{\"amount\": 1, \"note\": \"[object Object]\"}' WHERE position = 20",
            "warning",
            &[20],
        ),
        (
            "silent_shape_change",
            "UPDATE events SET data = json_set(data, '$.currency', 'EUR') WHERE event_type = 'line.added' AND position > 90",
            "warning",
            &[91],
        ),
        ("orphan_causation", "UPDATE events SET causation_id = 'nobody' WHERE position = 30", "warning", &[30]),
        (
            "correlation_without_root",
            "UPDATE events SET causation_id = 'event-1' WHERE position = 25",
            "warning",
            &[25],
        ),
        (
            "duplicate_event_id",
            "UPDATE events SET event_id = 'event-29' WHERE position = 31; UPDATE events SET causation_id = 'event-30' WHERE position = 32",
            "warning",
            &[31],
        ),
        ("type_convention", "UPDATE events SET event_type = 'LineAdded' WHERE position = 32", "note", &[32]),
        ("near_duplicate_type", "UPDATE events SET event_type = 'line.aded' WHERE position = 32", "warning", &[32]),
        ("snapshot_ahead", "UPDATE snapshots SET version = 12", "error", &[]),
        (
            "snapshot_undecodable",
            "INSERT INTO snapshots VALUES ('account', 's-2', 4, x'f3a1c29b07e84d55aa10ffd2918e6c3b')",
            "warning",
            &[],
        ),
        ("checkpoint_behind", "UPDATE checkpoints SET position = 100", "note", &[100]),
        ("checkpoint_ahead", "UPDATE checkpoints SET position = 1000", "warning", &[]),
        (
            "personal_data",
            "UPDATE events SET data = '{\"amount\": 1, \"note\": \"ada@example.org\"}' WHERE position = 20",
            "note",
            &[20],
        ),
        (
            "foreign_key",
            "CREATE TABLE notes (stream TEXT REFERENCES streams (aggregate_id)); CREATE UNIQUE INDEX ids ON streams (aggregate_id); INSERT INTO notes VALUES ('nowhere')",
            "error",
            &[],
        ),
    ];
    for (kind, sql, severity, positions) in cases {
        let planted = Planted::new();
        planted.run(&format!("PRAGMA foreign_keys = OFF; {sql}"));
        let mut found = planted.audit();
        for unprotected in ["missing_unique_version", "missing_index", "unprotected_events"] {
            assert!(found.remove(unprotected).is_some(), "{kind}: {unprotected}");
        }
        let finding = found.get(*kind).unwrap_or_else(|| panic!("{kind}: {found:?}"));
        assert_eq!(finding["severity"], *severity, "{kind}: {finding}");
        assert_eq!(finding["positions"], json!(positions), "{kind}: {finding}");
        assert!(
            finding["count"].as_u64() >= Some(1) && finding["advice"].as_str().is_some_and(|advice| advice.len() > 10)
        );
    }
}

#[test]
fn damage_is_found_and_the_report_is_sarif_where_that_is_wanted() {
    let planted = Planted::new();
    planted.run(PROTECTED);
    let file = planted.file();
    let root: u32 = Connection::open(&file)
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'one_version'", [], |row| row.get(0))
        .unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let start = page * (root as usize - 1);
    // Two entries of the index change places: the table is sound, and the index no longer is.
    bytes.swap(start + 9, start + 11);
    bytes.swap(start + 8, start + 10);
    std::fs::write(&file, bytes).unwrap();
    let found = planted.audit();
    assert_eq!(found["integrity"]["severity"], "error", "{found:?}");

    let profile = planted.profile();
    let output =
        eventscope(["audit", file.to_str().unwrap(), "--format", "sarif", "--profile", profile.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["version"], &report["runs"][0]["results"][0]["ruleId"]),
        (&json!("2.1.0"), &json!("integrity"))
    );
}

fn open(path: &Path) -> Source {
    Source::open(path, &OpenOptions::default()).unwrap()
}

#[test]
fn what_is_normal_in_a_library_is_a_note_at_most() {
    for name in
        ["php_spatie_ddl.db", "ddl_neventstore.db", "ddl_sqlstreamstore.db", "ruby_res_json.db", "py_ouroboros.db"]
    {
        let source = open(&fixture(name));
        let found = audit::audit(&source, None, &mut |_| ControlFlow::Continue(())).unwrap();
        let bad: Vec<&Finding> = found.iter().filter(|finding| finding.severity > Severity::Note).collect();
        assert!(bad.is_empty(), "{name}: {bad:?}");
    }
    let broadway = open(&fixture("php_broadway_binary.db"));
    let found = audit::audit(&broadway, None, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(found.iter().any(|finding| finding.kind == "invalid_text_column" && finding.count == 1501), "{found:?}");
}

#[test]
fn an_audit_can_be_stopped() {
    let planted = Planted::new();
    let error = audit::audit(&open(&planted.file()), None, &mut |_| ControlFlow::Break(())).unwrap_err();
    assert_eq!(*error.kind(), eventscope::ErrorKind::Cancelled);
}

#[test]
fn every_event_fulfils_the_schema_that_was_inferred_from_it() {
    for name in
        ["php_spatie_ddl.db", "rust_sqlite_es.db", "node_emmett_0_42.db", "py_adk_database.db", "node_opencode.db"]
    {
        let source = open(&fixture(name));
        let schemas = Schemas::infer(&source, &SchemasWanted::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        let mut validators = BTreeMap::new();
        for schema in schemas.types() {
            let validator = jsonschema::draft202012::new(&schema.json_schema()).unwrap();
            validators.insert((schema.event_type.clone(), schema.schema_version.clone()), validator);
        }
        let (mut checked, mut last) = (0, None);
        loop {
            let events = source.events_after(last, 500).unwrap();
            let Some(end) = events.last() else { break };
            last = Some(end.position);
            for event in &events {
                let Some(value) = event.data.value() else { continue };
                let validator = &validators[&(event.event_type.clone(), event.schema_version.clone())];
                assert!(validator.is_valid(value), "{name}: {} {value}", event.event_type);
                checked += 1;
            }
        }
        assert!(checked > 100, "{name}: {checked}");
    }
}

#[test]
fn a_schema_is_shown_path_by_path() {
    let planted = Planted::new();
    planted.run("UPDATE events SET data = json_set(data, '$.currency', 'EUR') WHERE event_type = 'line.added' AND position > 90");
    let file = planted.file();
    let output = eventscope(["schema", file.to_str().unwrap(), "line.added", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&document["event_type"], &document["events"]), (&json!("line.added"), &json!(70)));
    let paths = document["paths"].as_array().unwrap();
    let path = |name: &str| paths.iter().find(|path| path["path"] == name).unwrap();
    assert_eq!(path("amount")["types"], json!({"integer": 70}));
    assert_eq!((&path("amount")["min"], &path("amount")["max"]), (&json!(200), &json!(800)));
    assert_eq!((&path("currency")["enum"], &path("currency")["first_position"]), (&json!(["EUR"]), &json!(91)));
    assert_eq!(document["changes"][0]["path"], "currency");
    let none = eventscope(["schema", file.to_str().unwrap(), "line.nothing"]);
    assert_eq!(none.status.code(), Some(1));
}
