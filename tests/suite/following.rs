//! An open file that is replaced, cut short, deleted, locked or rebuilt is noticed and said; what was read stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eventscope::session::{FileStatus, Mode, Notice, OpenRequest, Session, Status};
use rusqlite::Connection;
use tempfile::TempDir;

struct Opened {
    session: Session,
    failures: Vec<String>,
    path: PathBuf,
    folder: TempDir,
}

impl Opened {
    /// Polls until it is so.
    fn until(&mut self, what: &str, mut so: impl FnMut(&Session) -> bool) {
        let started = Instant::now();
        loop {
            for notice in self.session.poll() {
                if let Notice::WorkFailed(error) | Notice::Failed(error) = notice {
                    self.failures.push(error.to_string());
                }
            }
            if so(&self.session) {
                return;
            }
            let standing = self.session.file_status();
            assert!(started.elapsed() < Duration::from_secs(20), "never: {what}; {standing:?} {:?}", self.failures);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn stands(&mut self, expected: &FileStatus) {
        self.until(&format!("{expected:?}"), |session| session.file_status() == expected);
    }

    fn counts(&mut self, events: u64) {
        self.until(&format!("{events} events"), |session| {
            session.overview().is_some_and(|overview| overview.events.complete && overview.events.value == events)
        });
    }

    /// What was read is still there to be shown.
    fn is_shown(&mut self, events: u64) {
        assert!(matches!(self.session.status(), Status::Ready));
        assert_eq!(self.session.overview().unwrap().events.value, events);
    }
}

/// A library's database in a folder of its own, without a log, and read whole.
fn opened(mode: Mode) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.db");
    std::fs::copy(fixture("py_ouroboros.db"), &path).unwrap();
    writer(&path).query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
    let request = OpenRequest { path: path.clone(), mode, ..OpenRequest::default() };
    let session = Session::open(request, Arc::new(|| ()));
    let mut opened = Opened { session, failures: Vec::new(), path, folder };
    opened.counts(654);
    // The follower takes its first look within this time.
    std::thread::sleep(Duration::from_millis(300));
    opened
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn writer(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

/// One more event, as the application writes it.
fn write_one(path: &Path) {
    let columns = "event_type, aggregate_type, aggregate_id, payload, timestamp";
    writer(path)
        .execute_batch(&format!(
            "INSERT INTO events (id, {columns}) SELECT hex(randomblob(16)), {columns} FROM events LIMIT 1"
        ))
        .unwrap();
}

#[test]
fn a_replaced_file_is_said_and_reopened() {
    let mut file = opened(Mode::Live);
    let other = file.folder.path().join("other.db");
    std::fs::copy(fixture("rust_sqlite_es.db"), &other).unwrap();
    std::fs::rename(&other, &file.path).unwrap();
    file.stands(&FileStatus::Replaced);
    file.is_shown(654);
    file.session.reopen(Mode::Live);
    file.until("the other file", |session| {
        session.overview().is_some_and(|overview| overview.profile_name == "sqlite-es")
    });
    file.stands(&FileStatus::Sound);
}

#[test]
fn a_deleted_file_is_said_once_and_found_again() {
    let mut file = opened(Mode::Live);
    let away = file.folder.path().join("away.db");
    std::fs::rename(&file.path, &away).unwrap();
    file.stands(&FileStatus::Gone);
    file.is_shown(654);
    // Opening it now fails, and takes nothing away.
    file.session.reopen(Mode::Live);
    let before = file.failures.len();
    let started = Instant::now();
    file.until("two more looks", |_| started.elapsed() > Duration::from_millis(2_500));
    assert!(file.failures.len() <= before + 1, "{:?}", file.failures);
    file.is_shown(654);
    std::fs::rename(&away, &file.path).unwrap();
    file.stands(&FileStatus::Sound);
}

#[test]
fn a_file_that_is_cut_short_is_said() {
    for left in [0, 20_000] {
        let mut file = opened(Mode::Live);
        std::fs::OpenOptions::new().write(true).open(&file.path).unwrap().set_len(left).unwrap();
        file.stands(&FileStatus::Truncated);
        file.is_shown(654);
    }
}

#[test]
fn a_lock_that_lasts_is_said_until_it_goes() {
    let mut file = opened(Mode::Live);
    let writer = writer(&file.path);
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    file.stands(&FileStatus::Locked);
    file.is_shown(654);
    writer.execute_batch("COMMIT").unwrap();
    file.stands(&FileStatus::Sound);
    write_one(&file.path);
    file.counts(655);
}

#[test]
fn tables_may_be_rebuilt_while_they_are_open() {
    let mut file = opened(Mode::Live);
    writer(&file.path).execute_batch("ALTER TABLE events ADD COLUMN more TEXT; CREATE TABLE further (x);").unwrap();
    file.until("the new table", |session| {
        session.overview().is_some_and(|overview| overview.tables.iter().any(|table| &*table.name == "further"))
    });
    writer(&file.path).execute_batch("VACUUM").unwrap();
    write_one(&file.path);
    file.counts(655);
    writer(&file.path).query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    write_one(&file.path);
    file.counts(656);
    file.stands(&FileStatus::Sound);
    assert!(file.failures.is_empty(), "{:?}", file.failures);
}

#[test]
fn a_copy_stands_still_and_says_that_there_is_more() {
    let mut file = opened(Mode::Copy);
    write_one(&file.path);
    file.stands(&FileStatus::Changed);
    file.is_shown(654);
    file.session.reopen(Mode::Copy);
    file.counts(655);
    file.stands(&FileStatus::Sound);
    assert!(file.session.overview().unwrap().taken.is_some());
}
