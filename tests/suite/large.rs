//! Values of many megabytes are read when somebody asks for them, and not to find out what a database is or to show a
//! page of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eventscope::event::Decoded;
use eventscope::profile::{Field, Mapping, Profile};
use eventscope::source::{Choice, OpenOptions, Source};
use rusqlite::Connection;
use tempfile::TempDir;

/// The size of a huge value.
#[cfg(target_os = "linux")]
const HUGE: usize = 64 << 20;

/// A log that nothing describes; every eighth event says something huge. The type also stands in the documents.
fn log(huge: usize) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA synchronous = OFF;
         CREATE TABLE log (n INTEGER PRIMARY KEY, box TEXT, rev INTEGER, op TEXT, made TEXT, body TEXT, UNIQUE (box, rev));",
    )
    .unwrap();
    let mut insert = conn
        .prepare(
            "INSERT INTO log (box, rev, op, made, body) VALUES (?1, ?2, ?3, ?4,
               format('{\"op\":\"%s\",\"by\":\"anna\",\"text\":\"%s\"}', ?3, printf('%.*c', ?5, 'x')))",
        )
        .unwrap();
    for number in 0..32_usize {
        let (stream, version) = (format!("box-{}", number % 4), number / 4 + 1);
        let op = ["BoxOpened", "BoxFilled", "BoxMoved"][number % 3];
        let time = format!("2026-03-01T10:00:{number:02}Z");
        let size = if number % 8 == 7 { huge } else { 20 };
        let (version, size) = (i64::try_from(version).unwrap(), i64::try_from(size).unwrap());
        insert.execute((stream, version, op, time, size)).unwrap();
    }
    drop(insert);
    (folder, path)
}

/// What the program says with no more than so many megabytes of memory to ask for; `None` where that was too little.
#[cfg(target_os = "linux")]
fn within(megabytes: usize, args: &[&str]) -> Option<String> {
    let script = format!("ulimit -v {}; exec \"$0\" \"$@\"", megabytes << 10);
    let output = std::process::Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_eventscope")])
        .args(args)
        .output()
        .unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_database_is_takes_no_memory_for_its_huge_values() {
    let (_small, small) = log(20);
    let (_folder, path) = log(HUGE);
    let args = |path: &Path| ["info", "--json", "--infer", path.to_str().unwrap()].map(str::to_owned);
    let said = |megabytes: usize, path: &Path| {
        let args = args(path);
        within(megabytes, &args.each_ref().map(String::as_str))
    };
    // What the program needs anyhow, and half of what one huge value takes.
    let enough = (1..40).map(|step| step * 16).find(|megabytes| said(*megabytes, &small).is_some()).unwrap();
    let info = said(enough + (HUGE >> 21), &path).expect("huge values were read");
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    for (field, source) in
        [("data", "body"), ("event_type", "op"), ("timestamp", "made"), ("aggregate_id", "box"), ("version", "rev")]
    {
        assert_eq!(info["mapping"][field]["source"], source, "{field}");
    }
    assert_eq!(info["mapping"]["data"]["encoding"], serde_json::json!(["json"]), "told by those that were read");
    assert_eq!(info["events"], 32);
}

/// The log through a profile that finds type and time in the documents.
fn inside(path: &Path) -> Source {
    let events = Mapping {
        from: "log".into(),
        table: "log".into(),
        position: Some(Field::new("n")),
        aggregate_id: Some(Field::new("box")),
        version: Some(Field::new("rev")),
        event_type: Some(Field::new("decoded(body) ->> '$.op'")),
        data: Field::new("body"),
        ..Mapping::default()
    };
    let profile = Profile { name: "inside".into(), title: "Inside".into(), events, ..Profile::default() };
    let options = OpenOptions { profile: Some(Choice::Profile(Arc::new(profile))), ..OpenOptions::default() };
    Source::open(path, &options).unwrap()
}

#[test]
fn a_page_does_not_look_into_huge_values_and_a_search_does() {
    let (_folder, path) = log(5 << 20);
    let source = inside(&path);
    assert!(
        source.detection().unwrap().reason.contains("All 64 events sampled bear it out."),
        "sampled from both ends"
    );
    source.leave_unread(Some(64 << 10));
    let page = source.page_at(0, 32).unwrap();
    for (number, event) in page.iter().enumerate() {
        let huge = number % 8 == 7;
        assert_eq!(matches!(event.data.decoded(), Decoded::Unread { .. }), huge, "{number}");
        assert_eq!(event.event_type.is_empty(), huge, "{number}");
        assert_eq!(event.version, i64::try_from(number).unwrap() / 4 + 1);
    }
    let preview = source.preview_mapping(source.mapping().unwrap(), None).unwrap();
    assert!(matches!(preview.rows[7].event.data.decoded(), Decoded::Unread { .. }));
    source.leave_unread(None);
    assert_eq!(source.event(8).unwrap().unwrap().event_type, "BoxFilled", "asked for, it is read");
}
