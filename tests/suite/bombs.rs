//! Small files that would unfold without end: each verb ends soon, in an answer or with a clear word, and never takes more
//! than a gigabyte.
#![cfg(unix)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::{Connection, params};
use tempfile::TempDir;

/// A verb takes a second or two; a slow machine that does other things, without optimisation, takes longer.
const PATIENCE: Duration = Duration::from_secs(40);

const VERBS: [&[&str]; 7] = [
    &["info"],
    &["info", "--infer"],
    &["streams"],
    &["events", "--limit", "50"],
    &["events", "--filter", "data.a:x", "--limit", "5"],
    &["state", "s-1"],
    &["export"],
];

fn made(make: impl FnOnce(&Connection)) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF; BEGIN").unwrap();
    make(&conn);
    conn.execute_batch("COMMIT").unwrap();
    (folder, path)
}

/// An event table as by the book, with these payloads.
fn events(conn: &Connection, payloads: &[&[u8]]) {
    conn.execute_batch(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data BLOB,
                              created_at TEXT, UNIQUE (stream_id, version))",
    )
    .unwrap();
    let mut insert = conn.prepare("INSERT INTO events VALUES (?1, ?2, ?3, 'a.b', ?4, '2026-01-01T00:00:00Z')").unwrap();
    for (number, payload) in (0_i64..).zip(payloads) {
        insert.execute(params![number + 1, format!("s-{}", number % 4), number / 4 + 1, payload]).unwrap();
    }
}

/// The same for what is reckoned with the processor's time of a test machine that does other things, too.
fn end_after_a_while(path: &Path, verbs: &[&[&str]]) {
    for verb in verbs {
        carried_out_within(path, verb, 3 * PATIENCE);
    }
}

/// Carries out a verb in a process that may have a gigabyte of addresses, and says how it ended.
fn carried_out(path: &Path, verb: &[&str]) -> Output {
    carried_out_within(path, verb, PATIENCE)
}

fn carried_out_within(path: &Path, verb: &[&str], patience: Duration) -> Output {
    let output = ended(path, verb, patience);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(0) || errors.contains("error: "), "{verb:?}: {errors}");
    output
}

/// Carries out a verb that may also say a plain no, as one that holds streams against a rule does.
fn ended(path: &Path, verb: &[&str], patience: Duration) -> Output {
    let (name, rest) = verb.split_first().unwrap();
    let begin = Instant::now();
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 1048576 && exec timeout \"$@\"", "sh", &patience.as_secs().to_string()])
        .args([env!("CARGO_BIN_EXE_eventscope"), name])
        .arg(path)
        .args(rest)
        .output()
        .unwrap();
    assert!(begin.elapsed() < patience, "{verb:?} does not end");
    let errors = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    // A panic has 101, what ran out of memory or time was ended by a signal or has 124.
    assert!(matches!(code, Some(0..=2)), "{verb:?}: {code:?} {errors}");
    output
}

fn all_end(path: &Path) {
    for verb in VERBS {
        carried_out(path, verb);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn payloads_that_unfold_to_gigabytes() {
    let zeros = vec![b'0'; 1 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    (0..300).for_each(|_| encoder.write_all(&zeros).unwrap());
    let large = encoder.finish().unwrap();
    // In every other row, so that what is read for a page or a guess meets many of them.
    let (_folder, path) = made(|conn| events(conn, &[large.as_slice(), br#"{"a":"x"}"#].repeat(20)));
    all_end(&path);
    // Ten layers, each of which unfolds to a thousand times its size.
    let nested = (0..9).fold(large, |inner, _| gzip(&inner));
    let (_folder, path) = made(|conn| events(conn, &[nested.as_slice(), br#"{"a":"x"}"#].repeat(20)));
    all_end(&path);
}

#[test]
fn documents_of_a_hundred_thousand_levels() {
    let (lists, objects) = ("[".repeat(100_000), "{\"a\":".repeat(100_000));
    let lists = format!("{lists}{}", "]".repeat(100_000));
    let objects = format!("{objects}1{}", "}".repeat(100_000));
    let open = "[".repeat(100_000);
    let yaml = format!("--- {}", "- ".repeat(100_000));
    let xml = "<a>".repeat(100_000);
    let binary = vec![0x81; 100_000];
    let payloads = [lists.as_bytes(), objects.as_bytes(), open.as_bytes(), yaml.as_bytes(), xml.as_bytes(), &binary];
    let (_folder, path) = made(|conn| events(conn, &payloads.repeat(2)));
    all_end(&path);
}

#[test]
fn a_table_of_two_thousand_columns() {
    let (_folder, path) = made(|conn| {
        let columns = (0..1_990).map(|number| format!(", c{number} TEXT")).collect::<Vec<_>>().concat();
        conn.execute_batch(&format!(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data TEXT
             {columns});
             INSERT INTO events (stream_id, version, event_type, data) VALUES ('s-1', 1, 'a.b', '{{}}');"
        ))
        .unwrap();
    });
    all_end(&path);
}

#[test]
fn a_view_that_never_ends() {
    let (_folder, path) = made(|conn| {
        conn.execute_batch(
            "CREATE TABLE other (x);
             CREATE VIEW events AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
             SELECT id, 's-1' AS stream_id, id AS version, 'a.b' AS event_type, '{}' AS data FROM n;",
        )
        .unwrap();
    });
    all_end(&path);
    let said = String::from_utf8(carried_out(&path, &["info", "--json"]).stdout).unwrap();
    assert!(said.contains(r#"{"name":"events","rows":null"#), "{said}");
}

#[test]
fn schemas_of_many_megabytes() {
    let (_folder, path) = made(|conn| {
        events(conn, &[br#"{"a":1}"#.as_slice(); 40]);
        for table in 0..3 {
            let (comment, value) = ("x".repeat(2_000_000), "y".repeat(1_000_000));
            conn.execute_batch(&format!("CREATE TABLE t{table} (a TEXT /* {comment} */, b TEXT DEFAULT '{value}')"))
                .unwrap();
        }
    });
    all_end(&path);
}

#[test]
fn five_thousand_tables() {
    let (_folder, path) = made(|conn| {
        events(conn, &[br#"{"a":1}"#.as_slice(); 40]);
        for table in 0..5_000 {
            conn.execute_batch(&format!(
                "CREATE TABLE t{table} (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, data TEXT, at TEXT);
                 INSERT INTO t{table} VALUES (1, 'n', 'k', '{{}}', '2026-01-01');"
            ))
            .unwrap();
        }
    });
    end_after_a_while(&path, &[&["info"], &["info", "--infer"], &["state", "s-1"]]);
}

/// Rules that no common form has, and such that are run without jq.
#[test]
fn rules_and_watches_that_grow_without_bound() {
    let large = format!(r#"{{"a":"{}","n":7,"l":[1,2,3]}}"#, "x".repeat(200_000));
    let (folder, path) = made(|conn| events(conn, &[large.as_bytes()].repeat(12)));
    let many = (0..400).map(|n| format!(".a{n} = $event.data.a")).collect::<Vec<_>>().join(" | ");
    for (rule, stopped) in [
        (".a += .a + $event.data.a", false),
        (".l += .l + $event.data.l", false),
        (".a = (.a // \"x\") * 1000", true),
        ("reduce range(60) as $i (.a; [., .]) | {a: tojson}", true),
        (".l += [$event.data]", false),
        ("def grow: . + . | grow; .a = ($event.data.a | grow)", true),
        (".n = (.n // 10) | .n = reduce range(60) as $i (.n; . * .)", true),
        (many.as_str(), true),
    ] {
        let rules = folder.path().join("rules.toml");
        let text = format!("[aggregate.\"*\"]\ninitial = '{{}}'\n[aggregate.\"*\".on]\n\"*\" = '''{rule}'''\n");
        std::fs::write(&rules, text).unwrap();
        let output = carried_out(&path, &["state", "s-1", "--reducers", rules.to_str().unwrap(), "--json"]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if stopped {
            assert!(
                ["memory", "larger", "more than", "too long"].iter().any(|word| said.contains(word)),
                "{rule}: {said}"
            );
        }
        carried_out(&path, &["changes", "s-1", "--reducers", rules.to_str().unwrap()]);
    }
    for condition in [
        "reduce range(60) as $i (\"x\"; . + .) | length > 3",
        "[range(1e9)] | length > 3",
        "def f: f; f",
        "reduce range(60) as $i ([1]; [., .]) | tojson | length > 3",
    ] {
        carried_out(&path, &["watch", "s-1", condition, "--json"]);
        let checked = ended(&path, &["check", "--rule", &format!("*: {condition}")], PATIENCE);
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.code() == Some(0) || said.contains("the rule fails: "), "{condition}: {said}");
    }
}
