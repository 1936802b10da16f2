//! Faults of the system under the window: a full disk, files that may not grow, rights that are missing, a drive that is
//! taken away, a clock that jumps, a lock that lasts. The window says what happened, draws on, and goes on afterwards.
//!
//! Where this environment has no way to bring a fault about, the test says so and is passed over.
#![cfg(unix)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::app::Launch;
use eventscope::event::StreamName;
use eventscope::model::Name;
use eventscope::session::{FileStatus, Mode, Status};
use eventscope::store::EventStore;
use rusqlite::Connection;

use super::disks::{Drive, Quota, SmallDisk};
use super::window::{Shop, Window, names, opened_at, press_with, shop, step_until, until_label, window};

const LOCKED: &str = "EVENTSCOPE_TEST_LOCKED";
const WRITTEN: &str = "EVENTSCOPE_TEST_WRITTEN";
const SECONDS: &str = "EVENTSCOPE_TEST_SECONDS";

/// How long a frame may take on a slow machine without optimisation. One that waits for a lock takes as long as the lock.
const FRAME: Duration = Duration::from_secs(2);

/// The stream of the demo that the tests look at.
const STREAM: &str = "stock/sku-cup-blue";

/// Draws frames until it is so, each of them in time.
fn until(window: &mut Window, what: &str, limit: Duration, mut so: impl FnMut(&mut Window) -> bool) {
    let begin = Instant::now();
    loop {
        let frame = Instant::now();
        window.step();
        assert!(frame.elapsed() < FRAME, "a frame took {:?} before: {what}", frame.elapsed());
        if so(window) {
            return;
        }
        assert!(begin.elapsed() < limit, "never happened: {what}; {:?}\n{}", stands(window), names(window));
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn says(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

fn until_says(window: &mut Window, text: &str) {
    until(window, text, Duration::from_secs(30), |window| says(window, text));
}

fn stands(window: &Window) -> FileStatus {
    window.state().session().map(|session| session.file_status().clone()).unwrap_or_default()
}

/// The demo without a log: what is locked is locked for readers, too.
fn without_log() -> Shop {
    let shop = shop();
    Connection::open(&shop.path).unwrap().pragma_update(None, "journal_mode", "DELETE").unwrap();
    shop
}

fn events(path: &Path) -> usize {
    EventStore::open_read_only(path).unwrap().events(eventscope::store::Query::default()).count()
}

/// This test binary, started again to run one of its functions alone.
struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(mut command: Command, function: &str) -> Self {
        let args = ["--exact", &format!("faults::{function}"), "--ignored", "--nocapture"];
        let mut child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// An application that holds a file locked for so many seconds; it has it locked when this returns.
    fn locking(path: &Path, seconds: u64) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(LOCKED, path).env(SECONDS, seconds.to_string());
        let mut process = Self::start(command, "an_application_that_locks");
        assert_eq!(process.answer().as_deref(), Some("locked"));
        process
    }

    /// What it says next; nothing once it has ended.
    fn answer(&mut self) -> Option<String> {
        let told = |line: String| line.split_once("answer: ").map(|(_, answer)| answer.to_owned());
        self.lines.by_ref().map_while(Result::ok).find_map(told)
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Not a test: another application, which keeps the file to itself for a while.
#[test]
#[ignore = "started by the other tests"]
fn an_application_that_locks() {
    let Some(path) = std::env::var_os(LOCKED) else { return };
    let seconds = std::env::var(SECONDS).unwrap().parse().unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.busy_timeout(Duration::from_secs(20)).unwrap();
    conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
    println!("\nanswer: locked");
    std::thread::sleep(Duration::from_secs(seconds));
    conn.execute_batch("COMMIT").unwrap();
}

fn opened(path: &Path) -> Window {
    let window = opened_at(path, STREAM, 1);
    assert!(matches!(window.state().session().unwrap().status(), Status::Ready));
    window
}

/// The last row, as far as it was read.
fn has_last_row(window: &mut Window) -> bool {
    let rows = window.state().session().unwrap().rows();
    rows.get(rows.len().value.saturating_sub(1)).is_some()
}

fn a_lock_of(seconds: u64) {
    let shop = without_log();
    let mut window = opened(&shop.path);
    until(&mut window, "all is counted", Duration::from_secs(30), |window| {
        window.state().session().unwrap().overview().unwrap().events.complete
    });
    let mut application = Process::locking(&shop.path, seconds);
    assert!(!has_last_row(&mut window));
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    until_says(&mut window, "Another process holds shop.db locked.");
    assert!(!application.has_ended());
    assert!(!has_last_row(&mut window), "nothing can be read while it is locked");
    until(&mut window, "the lock goes", Duration::from_secs(seconds + 30), |_| application.has_ended());
    until(&mut window, "what was asked for", Duration::from_secs(30), has_last_row);
    until(&mut window, "the file is sound", Duration::from_secs(30), |window| stands(window) == FileStatus::Sound);
    assert!(!says(&window, "Another process"));
    assert!(!says(&window, "database is locked"), "what waited has not failed");
}

#[test]
fn a_lock_that_lasts_is_said_and_what_was_asked_meanwhile_is_read_afterwards() {
    a_lock_of(8);
}

#[test]
#[ignore = "takes more than a minute"]
fn a_lock_of_a_minute() {
    a_lock_of(60);
}

#[test]
fn a_file_that_is_locked_when_it_is_opened_is_opened_once_it_is_free() {
    let shop = without_log();
    let mut application = Process::locking(&shop.path, 5);
    let mut window = window(Launch { file: Some(shop.path.clone()), ..Launch::default() });
    until_says(&mut window, "has locked");
    assert!(says(&window, "It is opened as soon as that process is done."));
    assert!(!application.has_ended());
    until(&mut window, "the rows", Duration::from_mins(1), |window| {
        window.state().session().is_some_and(|session| session.rows().get(0).is_some())
    });
    assert!(application.has_ended());
    assert!(!says(&window, "has locked"));
}

/// Unlocks the file and fills in the form of a new event, up to the button that writes it.
fn begin_to_append(window: &mut Window) {
    until_label(window, "Actor");
    press_with(window, Modifiers::COMMAND | Modifiers::SHIFT, Key::U);
    until_label(window, "Unlock this file");
    window.get_by_label("Unlock this file").click();
    until_label(window, "Writing unlocked");
    press_with(window, Modifiers::COMMAND, Key::D);
    until_says(window, "the event becomes version");
}

fn append(window: &mut Window) {
    let mut places = Vec::new();
    step_until(window, "the button is still", |window| {
        places.push(window.get_by_label("Append event").rect());
        places.len() > 2 && places[places.len() - 2..].windows(2).all(|two| two[0] == two[1])
    });
    window.get_by_label("Append event").click();
    window.step();
}

#[test]
fn an_event_that_a_lock_keeps_out_is_said_and_can_be_written_afterwards() {
    let shop = without_log();
    let before = events(&shop.path);
    let mut window = opened(&shop.path);
    begin_to_append(&mut window);
    let mut application = Process::locking(&shop.path, 10);
    append(&mut window);
    until_says(&mut window, "Another process has locked");
    assert!(!application.has_ended(), "a person hears of it before it is over");
    until(&mut window, "the lock goes", Duration::from_mins(1), |_| application.has_ended());
    until(&mut window, "the file is sound", Duration::from_secs(30), |window| stands(window) == FileStatus::Sound);
    append(&mut window);
    until_says(&mut window, "was written");
    assert_eq!(events(&shop.path), before + 1);
}

#[test]
fn a_full_disk_is_said_and_room_is_used_once_there_is_some() {
    let Some(disk) = SmallDisk::mounted(24_000) else {
        eprintln!("passed over: no small file system can be mounted here");
        return;
    };
    let path = disk.path().join("shop.db");
    std::fs::copy(&shop().path, &path).unwrap();
    let before = events(&path);
    let mut window = opened(&path);
    begin_to_append(&mut window);
    let filling = disk.path().join("filling");
    fill(&filling);
    append(&mut window);
    until_says(&mut window, "full");
    assert!(says(&window, "Make room on the disk"));

    // What is written beside it finds no room either, and leaves nothing half done.
    press_with(&mut window, Modifiers::NONE, Key::Escape);
    window.get_by_label("Store").click();
    until_label(&mut window, "Back up to…");
    window.get_by_label("Back up to…").click();
    until_label(&mut window, "Where the copy goes");
    window.run_steps(3);
    window.get_by_role_and_label(egui::Role::Button, "Back up").click();
    until_says(&mut window, "Copying the store to ");
    assert!(says(&window, "disk is full"));
    let left = std::fs::read_dir(disk.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains("backup")), "half a copy is worse than none");

    std::fs::remove_file(&filling).unwrap();
    press_with(&mut window, Modifiers::NONE, Key::Escape);
    press_with(&mut window, Modifiers::COMMAND, Key::D);
    until_says(&mut window, "the event becomes version");
    append(&mut window);
    until_says(&mut window, "was written");
    assert_eq!(events(&path), before + 1);
}

/// Fills the disk that a file is on, to the last byte.
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    for size in [1 << 20, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

#[test]
fn a_file_that_goes_with_its_drive_is_said_and_read_on_when_it_is_back() {
    let shop = without_log();
    let folder = shop.path.parent().unwrap();
    let Some(drive) = Drive::mounted(folder) else {
        eprintln!("passed over: nothing can be mounted here");
        return;
    };
    let path = drive.path().join("shop.db");
    let mut window = opened(&path);
    drive.taken_away();
    until_says(&mut window, "shop.db is gone: deleted, moved or renamed.");
    // Whether more of it can be read is the system's affair: what was read stays, and the window draws on.
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    let begin = Instant::now();
    until(&mut window, "two more looks", Duration::from_secs(30), |_| begin.elapsed() > Duration::from_millis(2_500));
    assert!(matches!(window.state().session().unwrap().status(), Status::Ready));
    assert!(says(&window, "is gone"));
    assert!(drive.mount(folder));
    until(&mut window, "it is back", Duration::from_secs(30), |window| stands(window) == FileStatus::Sound);
    until(&mut window, "what was asked for", Duration::from_secs(30), has_last_row);
    assert!(!says(&window, "is gone"));
}

/// Not a test: a window whose user or whose process may not do everything, and what it says when it is asked to write.
#[test]
#[ignore = "started by the other tests"]
fn a_window_that_may_not_write() {
    let Some(path) = std::env::var_os(WRITTEN).map(PathBuf::from) else { return };
    let mut window = opened(&path);
    let answer = if let Err(reason) = window.state().resolve(Name::Unlock) {
        format!("refused: {reason}")
    } else {
        begin_to_append(&mut window);
        append(&mut window);
        let answers = ["was written", "the file may not grow", "the right to write"];
        let mut found = None;
        until(&mut window, "an answer", Duration::from_secs(30), |window| {
            found = answers.into_iter().find(|text| says(window, text));
            found.is_some()
        });
        found.unwrap_or_default().to_owned()
    };
    println!("\nanswer: {answer}");
    // It goes on: what comes next is read.
    press_with(&mut window, Modifiers::NONE, Key::Escape);
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    until(&mut window, "more rows", Duration::from_secs(30), has_last_row);
    println!("\nanswer: read on");
}

/// Starts that window, by words of a shell that come before it.
fn restricted(shell: &str, path: &Path) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{shell} \"$0\" \"$@\"")]).arg(std::env::current_exe().unwrap()).env(WRITTEN, path);
    Process::start(command, "a_window_that_may_not_write")
}

#[test]
fn a_file_that_may_not_grow_is_said_in_the_window() {
    let shop = shop();
    let before = events(&shop.path);
    // Another connection keeps a log that is larger than a file may be, and may only be read.
    let other = Connection::open(&shop.path).unwrap();
    other.execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE filling AS SELECT zeroblob(100000)").unwrap();
    // In blocks of 512 bytes; without the signal writing fails instead of ending the process.
    let mut process = restricted("trap '' XFSZ; ulimit -f 100; exec", &shop.path);
    assert_eq!(process.answer().as_deref(), Some("the file may not grow"));
    assert_eq!(process.answer().as_deref(), Some("read on"));
    assert_eq!(events(&shop.path), before);
}

#[test]
fn a_quota_that_is_used_up_is_said_and_room_is_used_once_there_is_some() {
    let Some(quota) = Quota::mounted(12 << 20) else {
        eprintln!("passed over: no file system with a quota can be made and mounted here");
        return;
    };
    let path = quota.path().join("shop.db");
    // SQLite maps the index of a log into memory, for which btrfs has no error: it ends whatever process writes there.
    std::fs::copy(&without_log().path, &path).unwrap();
    let before = events(&path);
    let mut window = opened(&path);
    begin_to_append(&mut window);
    let filling = quota.path().join("filling");
    fill(&filling);
    append(&mut window);
    until_says(&mut window, "whether that has room");
    std::fs::remove_file(&filling).unwrap();
    quota.settle();
    append(&mut window);
    until_says(&mut window, "was written");
    assert_eq!(events(&path), before + 1);
}

#[test]
fn rights_that_are_missing_are_said_in_the_window() {
    use std::os::unix::fs::PermissionsExt as _;
    let shop = without_log();
    let (folder, before) = (shop.path.parent().unwrap(), std::fs::read(&shop.path).unwrap());
    let allow = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    let test = std::env::current_exe().unwrap();
    let probe = Command::new("sh").args(["-c", &format!("{nobody} \"$0\" --list >/dev/null")]).arg(test).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("passed over: this user cannot become one who owns nothing");
        return;
    }
    // Not the file; the file, but not the folder, where SQLite keeps its log.
    for (file, said) in [(0o444, "refused: "), (0o666, "the right to write")] {
        allow(&shop.path, file);
        allow(folder, 0o555);
        let mut process = restricted(&format!("exec {nobody}"), &shop.path);
        let answers = [process.answer(), process.answer()].map(Option::unwrap_or_default);
        allow(folder, 0o755);
        assert!(answers[0].starts_with(said) && answers[1] == "read on", "{answers:?}");
        assert!(std::fs::read(&shop.path).unwrap() == before);
    }
}

#[test]
fn a_clock_that_jumps_is_no_other_file_and_keeps_the_order() {
    let shop = shop();
    let far = "2099-01-01T00:00:00.000000Z";
    let stream = StreamName::new("stock", "sku-cup-blue");
    let last = EventStore::open_read_only(&shop.path).unwrap().current_version(&stream).unwrap().unwrap();
    // The clock was ahead when the newest event was written, and was set right since.
    let other = Connection::open(&shop.path).unwrap();
    other.execute_batch("DROP TRIGGER IF EXISTS events_are_never_changed").unwrap();
    let changed = other
        .execute("UPDATE events SET recorded_at = ?1 WHERE position = (SELECT max(position) FROM events)", [far])
        .unwrap();
    assert_eq!(changed, 1);
    drop(other);
    let file = std::fs::File::options().write(true).open(&shop.path).unwrap();
    for mode in [Mode::Live, Mode::Frozen] {
        file.set_modified(SystemTime::now()).unwrap();
        let mut window = window(Launch { file: Some(shop.path.clone()), mode, ..Launch::default() });
        until(&mut window, "all is counted", Duration::from_secs(30), |window| {
            window.state().session().and_then(|session| session.overview()).is_some_and(|known| known.events.complete)
        });
        for at in [SystemTime::now() + Duration::from_hours(400 * 24), SystemTime::UNIX_EPOCH] {
            file.set_modified(at).unwrap();
            let begin = Instant::now();
            until(&mut window, "two looks", Duration::from_secs(30), |_| {
                begin.elapsed() > Duration::from_millis(2_200)
            });
            let expected = if mode == Mode::Live { FileStatus::Sound } else { FileStatus::Changed };
            assert_eq!(stands(&window), expected);
        }
    }
    let mut window = opened(&shop.path);
    begin_to_append(&mut window);
    append(&mut window);
    until_says(&mut window, "was written");
    let store = EventStore::open_read_only(&shop.path).unwrap();
    let written = store.read_stream(&stream, last + 1, None).unwrap();
    assert_eq!(written.len(), 1);
    let other = Connection::open(&shop.path).unwrap();
    let newest: String = other.query_row("SELECT max(recorded_at) FROM events", [], |row| row.get(0)).unwrap();
    let new = "SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1";
    assert_eq!(other.query_row(new, [], |row| row.get::<_, String>(0)).unwrap(), newest, "time never goes back");
}
