//! The folder of a database is after reading what it was before: no `-wal` and no `-shm` that was not there, and nobody
//! who works with the file notices.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use eventscope::session::{OpenRequest, Session};
use eventscope::source::{Mode, OpenOptions, Source};
use rusqlite::Connection;
use tempfile::TempDir;

const FILE: &str = "EVENTSCOPE_TEST_WAL";

/// A real database in WAL mode, closed by the application that wrote it.
fn closed() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/py_eventsourcing_json.db");
    std::fs::copy(fixture, &path).unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
    assert_eq!(names(folder.path()), ["log.db"]);
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    contents(folder).into_keys().collect()
}

/// The files of a folder, each with what is in it; of the `-shm`, whose content is SQLite's alone, only the name.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let bytes = if name.ends_with("-shm") { Vec::new() } else { std::fs::read(entry.path()).unwrap() };
        (name, bytes)
    };
    std::fs::read_dir(folder).unwrap().map(file).collect()
}

fn eventscope(args: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn read(path: &Path, mode: Mode) -> u64 {
    let source = Source::open(path, &OpenOptions { mode, ..OpenOptions::default() }).unwrap();
    let other = source.reopen().unwrap();
    drop(source);
    other.count().unwrap()
}

#[test]
fn each_verb_leaves_the_folder_as_it_was() {
    let (folder, path) = closed();
    let before = contents(folder.path());
    let file = path.to_str().unwrap();
    let stream = "Account:00000000-0000-0000-0000-000000000000";
    for verb in [
        &["info", file][..],
        &["info", "--infer", file],
        &["streams", file],
        &["events", file, "--limit", "3"],
        &["export", file],
        &["snapshots", file],
    ] {
        for mode in ["live", "frozen", "copy"] {
            let args: Vec<&str> = verb.iter().copied().chain(["--mode", mode]).collect();
            eventscope(&args);
            assert_eq!(contents(folder.path()), before, "{args:?}");
        }
    }
    // A verb that fails leaves no more than one that does not.
    let failed = Command::new(env!("CARGO_BIN_EXE_eventscope")).args(["state", file, stream]).output().unwrap();
    assert!(!failed.status.success());
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_session_leaves_the_folder_as_it_was() {
    let (folder, path) = closed();
    let before = contents(folder.path());
    let mut session = Session::open(OpenRequest { path, ..OpenRequest::default() }, Arc::new(|| ()));
    let end = Instant::now() + Duration::from_secs(30);
    while session.overview().is_none() {
        session.poll();
        assert!(Instant::now() < end, "{:?}", session.status());
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(session);
    // The workers end on their own.
    while contents(folder.path()) != before {
        assert!(Instant::now() < end, "{:?}", names(folder.path()));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_log_without_an_index_stays_alone() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for name in ["live_wal.db", "live_wal.db-wal"] {
        std::fs::copy(fixtures.join(name), folder.path().join(name)).unwrap();
    }
    let before = contents(folder.path());
    for mode in [Mode::Live, Mode::Copy] {
        assert_eq!(read(&folder.path().join("live_wal.db"), mode), 260);
        assert_eq!(contents(folder.path()), before, "{mode}");
    }
}

#[test]
fn a_damaged_file_is_left_alone_too() {
    let (folder, path) = closed();
    let whole = std::fs::read(&path).unwrap();
    for damaged in [&whole[..whole.len() / 2], &whole[..5_000], &[&whole[..100], &[0; 300], &whole[400..]].concat()] {
        std::fs::write(&path, damaged).unwrap();
        for mode in Mode::ALL {
            let _ = Source::open(&path, &OpenOptions { mode, ..OpenOptions::default() }).map(|source| source.count());
            assert_eq!(names(folder.path()), ["log.db"], "{mode}");
        }
        assert!(std::fs::read(&path).unwrap() == damaged);
    }
}

#[test]
fn what_somebody_has_open_stays_until_that_is_closed() {
    let (folder, path) = closed();
    let application = Connection::open(&path).unwrap();
    application.query_row("SELECT count(*) FROM stored_events", [], |_| Ok(())).unwrap();
    let before = names(folder.path());
    assert_eq!(before, ["log.db", "log.db-shm", "log.db-wal"]);
    assert_eq!(read(&path, Mode::Live), 1501);
    assert_eq!(names(folder.path()), before);
    // The application closes while somebody reads, and cannot take its files with it: then the reader does.
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    drop(application);
    assert_eq!(names(folder.path()), before);
    drop(source);
    assert_eq!(names(folder.path()), ["log.db"]);
}

#[test]
fn what_an_application_left_is_left() {
    let (folder, path) = closed();
    let mut writer = Writer::start(&path);
    writer.answers(3);
    writer.kill();
    // Killed at the wrong moment it leaves nothing to look at.
    if names(folder.path()).len() == 3 {
        let before = contents(folder.path());
        read(&path, Mode::Live);
        assert_eq!(contents(folder.path()), before);
    }
}

/// This test binary, started again to run [`an_application_that_opens_writes_and_closes`] alone.
struct Writer {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Writer {
    fn start(path: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "leaving::an_application_that_opens_writes_and_closes", "--ignored", "--nocapture"])
            .env(FILE, path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// The next answers: the numbers of rows that were committed.
    fn answers(&mut self, count: usize) -> Vec<i64> {
        self.lines.by_ref().map_while(Result::ok).filter_map(|line| written(&line)).take(count).collect()
    }

    fn kill(mut self) -> Vec<i64> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.lines.map_while(Result::ok).filter_map(|line| written(&line)).collect()
    }
}

fn written(line: &str) -> Option<i64> {
    let answer = line.split_once("answer: ")?.1;
    Some(answer.parse().unwrap_or_else(|_| panic!("the application was told: {answer}")))
}

/// Not a test: the application that the tests start, which ends only when it is killed.
#[test]
#[ignore = "started by the other tests"]
fn an_application_that_opens_writes_and_closes() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let once = || -> rusqlite::Result<i64> {
        let conn = Connection::open(&path)?;
        conn.busy_timeout(Duration::from_secs(2))?;
        conn.execute_batch("CREATE TABLE IF NOT EXISTS noted (n INTEGER PRIMARY KEY, filling BLOB)")?;
        conn.execute("INSERT INTO noted (filling) VALUES (randomblob(9000))", [])?;
        let n = conn.last_insert_rowid();
        conn.close().map_err(|(_, error)| error)?;
        Ok(n)
    };
    loop {
        match once() {
            Ok(n) => println!("answer: {n}"),
            Err(error) => println!("answer: {error}"),
        }
    }
}

#[test]
fn an_application_is_never_in_trouble() {
    let (folder, path) = closed();
    let over = AtomicBool::new(false);
    let mut committed = Vec::new();
    let rounds = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut rounds = 0_u64;
            while !over.load(Ordering::Relaxed) {
                let source = Source::open(&path, &OpenOptions::default()).unwrap();
                // The events are always the same; the application writes beside them.
                assert_eq!(source.count().unwrap(), 1501);
                assert_eq!(source.page_at(700, 50).unwrap().len(), 50);
                rounds += 1;
            }
            rounds
        });
        for _ in 0..6 {
            let mut writer = Writer::start(&path);
            committed.extend(writer.answers(15));
            committed.extend(writer.kill());
        }
        over.store(true, Ordering::Relaxed);
        reading.join().unwrap()
    });
    assert!(rounds > 0);
    let conn = Connection::open(&path).unwrap();
    assert_eq!(conn.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
    let there: Vec<i64> = {
        let mut statement = conn.prepare("SELECT n FROM noted").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert!(committed.len() >= 90);
    assert!(committed.iter().all(|n| there.contains(n)), "something that was committed is lost");
    drop(conn);
    // The last one to close took its files with it, and reading brings none of them back.
    assert_eq!(names(folder.path()), ["log.db"]);
    read(&path, Mode::Live);
    assert_eq!(names(folder.path()), ["log.db"]);
}
