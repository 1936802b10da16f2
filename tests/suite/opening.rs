//! The three ways to open a file, the files that are difficult to open, and that none of it changes a byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eventscope::error::ErrorKind;
use eventscope::source::{Mode, OpenOptions, Source};
use hmac_sha256::Hash as Sha256;
use rusqlite::Connection;
use tempfile::TempDir;

/// What lies in a folder: each name with the hash of its content.
type Inventory = BTreeMap<String, String>;

fn inventory(folder: &Path) -> Inventory {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), hash(&entry.path())))
        .collect()
}

fn hash(path: &Path) -> String {
    digits(&Sha256::hash(&std::fs::read(path).unwrap()))
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Files of the fixtures in a folder of their own.
fn folder_with(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::copy(fixture(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// Switches a database back to a rollback journal.
fn without_log(path: &Path) {
    Connection::open(path).unwrap().query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
}

/// A database whose last 160 events are only in its log.
fn with_log() -> (TempDir, PathBuf) {
    let folder = folder_with(&["live_wal.db", "live_wal.db-wal"]);
    let path = folder.path().join("live_wal.db");
    (folder, path)
}

fn open(path: &Path, mode: Mode) -> Source {
    try_open(path, mode).unwrap_or_else(|error| panic!("{} {mode}: {error:?}", path.display()))
}

fn try_open(path: &Path, mode: Mode) -> eventscope::Result<Source> {
    Source::open(path, &OpenOptions { mode, ..OpenOptions::default() })
}

/// Reads all there is.
fn read(source: &Source) -> u64 {
    let rows = source.count().unwrap();
    source.streams(&mut |_| ControlFlow::Continue(())).unwrap();
    assert!(!source.page_at(0, 1_000).unwrap().is_empty());
    for table in source.tables() {
        source.table_len(&table.name).unwrap();
    }
    rows
}

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

#[test]
fn each_way_shows_what_it_says_and_leaves_everything_as_it_was() {
    for (mode, events) in [(Mode::Live, 260), (Mode::Frozen, 100), (Mode::Copy, 260)] {
        let (folder, path) = with_log();
        let before = inventory(folder.path());
        let source = open(&path, mode);
        assert_eq!(source.mode(), mode);
        assert_eq!(read(&source), events, "{mode}");
        let second = source.reopen().unwrap();
        assert_eq!(read(&second), events, "{mode}");
        drop((source, second));
        let after = inventory(folder.path());
        assert_eq!(after, before, "{mode}");
    }
}

#[test]
fn a_file_without_a_log_is_alone_afterwards_in_every_way() {
    for mode in Mode::ALL {
        let folder = folder_with(&["py_ouroboros.db", "rust_sqlite_es.db", "node_emmett_0_42.db"]);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            without_log(&entry.unwrap().path());
        }
        let before = inventory(folder.path());
        for name in before.keys() {
            let source = open(&folder.path().join(name), mode);
            assert!(source.notes().is_empty(), "{:?}", source.notes());
            assert!(read(&source) > 600, "{name} {mode}");
        }
        assert_eq!(inventory(folder.path()), before, "{mode}");
    }
}

#[test]
fn frozen_says_what_it_does_not_show() {
    let (_folder, path) = with_log();
    let source = open(&path, Mode::Frozen);
    let [note] = source.notes() else { panic!("{:?}", source.notes()) };
    assert!(note.contains(" pages of live_wal.db-wal are not shown."), "{note}");
    // Once all of the log is in the file, nothing is left out.
    Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(())).unwrap();
    let source = open(&path, Mode::Frozen);
    assert!(source.notes().is_empty(), "{:?}", source.notes());
    assert_eq!(source.count().unwrap(), 260);
}

#[test]
fn a_copy_is_of_its_moment_and_goes_with_its_last_reader() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = folder_with(&["py_ouroboros.db"]);
    let path = folder.path().join("py_ouroboros.db");
    let source = open(&path, Mode::Copy);
    let events = source.count().unwrap();
    assert!(source.taken().is_some());
    Connection::open(&path).unwrap().execute("DELETE FROM events", []).unwrap();
    assert_eq!(source.reopen().unwrap().count().unwrap(), events);
    assert_eq!(open(&path, Mode::Copy).count().unwrap(), 0);
    // A process of its own has a folder for temporary files of its own.
    let output = Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(["events", path.to_str().unwrap(), "--count", "--mode", "copy"])
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "0");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "the copy is gone");
}

#[test]
fn copying_tells_how_far_it_is_and_can_be_stopped() {
    let folder = folder_with(&["node_emmett_0_42.db"]);
    let path = folder.path().join("node_emmett_0_42.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE ballast (x); INSERT INTO ballast VALUES (randomblob(9000000))")
        .unwrap();
    let options = OpenOptions { mode: Mode::Copy, ..OpenOptions::default() };
    let mut told = Vec::new();
    Source::open_reporting(&path, &options, &mut |progress| {
        told.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(told.len() >= 2 && told.is_sorted_by_key(|progress| progress.done), "{told:?}");
    assert!(told.iter().all(|progress| progress.done <= progress.of));
    let stopped = Source::open_reporting(&path, &options, &mut |_| ControlFlow::Break(()));
    assert!(stopped.err().unwrap().is_cancelled());
}

/// Somebody who writes all the time makes a backup begin anew each time; it ends all the same.
#[test]
fn a_copy_of_a_file_that_is_written_to_is_whole() {
    let folder = folder_with(&["rust_sqlite_es.db"]);
    let path = folder.path().join("rust_sqlite_es.db");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("CREATE TABLE ballast (x); INSERT INTO ballast VALUES (randomblob(9000000))").unwrap();
    let options = OpenOptions { mode: Mode::Copy, ..OpenOptions::default() };
    let source = Source::open_reporting(&path, &options, &mut |_| {
        writer.execute("INSERT INTO ballast VALUES (1)", []).unwrap();
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(source.count().unwrap() > 1_000);
}

#[test]
fn the_command_line_has_every_way() {
    let (_folder, path) = with_log();
    let path = path.to_str().unwrap();
    for (mode, events) in [("frozen", "100"), ("copy", "260"), ("live", "260")] {
        let output = eventscope(&["events", path, "--count", "--mode", mode]);
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), events, "{mode}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.contains("note: ") && said.contains("live_wal.db-wal"), mode == "frozen", "{said}");
    }
    let info = eventscope(&["info", path, "--json", "--mode", "frozen"]);
    let info: serde_json::Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info["mode"], "frozen");
    assert_eq!(info["notes"].as_array().unwrap().len(), 1);
    assert_eq!(eventscope(&["info", path, "--mode", "molten"]).status.code(), Some(2));
}

#[test]
fn only_a_live_file_is_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    let before = inventory(folder.path());
    for mode in [Mode::Frozen, Mode::Copy] {
        let error = eventscope::source::append::check(&open(&path, mode)).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::ReadOnly);
        let append = ["append", path.to_str().unwrap(), "--stream", "order/o-1", "--type", "t", "--data", "{}"];
        let output = eventscope(&[&append[..], &["--mode", mode.name()]].concat());
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(inventory(folder.path()), before);
}

#[test]
fn a_name_is_only_a_name_in_every_way() {
    let folder = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    let no_text = Some(std::os::unix::ffi::OsStringExt::from_vec(b"no\xfftext?.db".to_vec()));
    #[cfg(not(unix))]
    let no_text = None;
    let names: Vec<std::ffi::OsString> = [
        "a?b#c%20d.db",
        "file:x?mode=rw.db",
        "two  words.db",
        "it's \"quoted\".db",
        "ünï/../x.db",
        "%.db",
        "-.db",
        ":memory:",
    ]
    .iter()
    .map(|name| name.replace('/', "_").into())
    .chain(no_text)
    .collect();
    for name in names {
        let path = folder.path().join(&name);
        std::fs::copy(fixture("py_ouroboros.db"), &path).unwrap();
        for mode in Mode::ALL {
            assert_eq!(open(&path, mode).count().unwrap(), 654, "{} {mode}", name.display());
        }
        let output = Command::new(env!("CARGO_BIN_EXE_eventscope"))
            .current_dir(folder.path())
            .args(["events", "--count", "--mode", "frozen", "--"])
            .arg(&name)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "654", "{}", name.display());
        let mut stray = inventory(folder.path());
        stray.retain(|any, _| !any.starts_with(&*name.to_string_lossy()));
        assert!(stray.is_empty(), "{} {stray:?}", name.display());
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

/// The kind, the message and the hint of a refusal.
fn refused(path: &Path, mode: Mode) -> (ErrorKind, String, String) {
    let error = try_open(path, mode).err().unwrap_or_else(|| panic!("{} opens {mode}", path.display()));
    let hint = error.hint().unwrap_or_else(|| panic!("{error} gives no advice")).to_owned();
    (error.kind().clone(), error.to_string(), hint)
}

#[test]
fn what_is_no_database_is_said_to_be_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("empty.db"), b"").unwrap();
    std::fs::write(path("notes.db"), "Dear diary, today I was no database at all. ".repeat(40)).unwrap();
    let noise: Vec<u8> = (0..9_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    std::fs::write(path("secret.db"), noise).unwrap();
    let whole = std::fs::read(fixture("py_ouroboros.db")).unwrap();
    std::fs::write(path("cut.db"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(path("head.db"), &whole[..60]).unwrap();
    let mut newer = whole.clone();
    newer[18..20].copy_from_slice(&[3, 3]);
    std::fs::write(path("newer.db"), newer).unwrap();
    for mode in Mode::ALL {
        let says = |name: &str, text: &str| {
            let (kind, message, _) = refused(&path(name), mode);
            assert!(message.contains(text) && message.contains(name), "{mode}: {message}");
            kind
        };
        assert_eq!(says("empty.db", "is empty"), ErrorKind::BadInput);
        assert_eq!(says("notes.db", "is a text file"), ErrorKind::BadInput);
        assert_eq!(says("secret.db", "is not a SQLite database"), ErrorKind::BadInput);
        assert_eq!(says("newer.db", "newer format (read version 3)"), ErrorKind::BadInput);
        assert_eq!(says("cut.db", "is cut short"), ErrorKind::Database);
        assert!(try_open(&path("head.db"), mode).is_err());
    }
    assert!(refused(&path("secret.db"), Mode::Live).2.contains("encrypted"));
    assert_eq!(refused(folder.path(), Mode::Live).0, ErrorKind::BadInput);
}

/// A format that may only be read is read; writing says why it is not possible.
#[test]
fn a_newer_way_of_writing_is_no_obstacle_to_reading() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[18] = 3;
    std::fs::write(&path, bytes).unwrap();
    let before = inventory(folder.path());
    assert!(open(&path, Mode::Frozen).count().unwrap() > 4_000);
    assert_eq!(inventory(folder.path()), before);
}

#[cfg(unix)]
#[test]
fn links_and_things_that_are_no_files_are_told_apart_and_nothing_hangs() {
    use std::os::unix::fs::symlink;
    let folder = folder_with(&["py_ouroboros.db"]);
    let path = |name: &str| folder.path().join(name);
    symlink("py_ouroboros.db", path("good.db")).unwrap();
    symlink("nowhere.db", path("dangling.db")).unwrap();
    symlink("loop.db", path("loop.db")).unwrap();
    assert!(Command::new("mkfifo").arg(path("pipe.db")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(path("socket.db")).unwrap();
    for mode in Mode::ALL {
        assert_eq!(open(&path("good.db"), mode).count().unwrap(), 654);
        let (kind, message, _) = refused(&path("dangling.db"), mode);
        assert_eq!(kind, ErrorKind::NotFound);
        assert!(message.contains("is a link to nowhere.db, where there is no file"), "{message}");
        let (_, message, _) = refused(&path("loop.db"), mode);
        assert!(message.contains("leads to no file"), "{message}");
        let (_, message, _) = refused(&path("pipe.db"), mode);
        assert!(message.ends_with("is a named pipe, not a file"), "{message}");
        let (_, message, _) = refused(&path("socket.db"), mode);
        assert!(message.ends_with("is a socket, not a file"), "{message}");
        let (_, message, _) = refused(Path::new("/dev/null"), mode);
        assert!(message.ends_with("is a device, not a file"), "{message}");
    }
}

/// An application that ended in the middle of a transaction left its journal; undoing it would write to the file.
#[test]
fn a_hot_journal_is_undone_in_a_copy_and_nowhere_else() {
    let folder = folder_with(&["py_ouroboros.db"]);
    let path = folder.path().join("py_ouroboros.db");
    without_log(&path);
    let torn = tempfile::tempdir().unwrap();
    {
        let writer = Connection::open(&path).unwrap();
        // Without room in its cache it writes to the file before it is done.
        writer.execute_batch("PRAGMA cache_size = 2; PRAGMA synchronous = FULL; BEGIN; DELETE FROM events;").unwrap();
        for name in ["py_ouroboros.db", "py_ouroboros.db-journal"] {
            std::fs::copy(folder.path().join(name), torn.path().join(name)).unwrap();
        }
    }
    let path = torn.path().join("py_ouroboros.db");
    let before = inventory(torn.path());
    let (kind, message, hint) = refused(&path, Mode::Live);
    assert_eq!(kind, ErrorKind::NotLive, "{message}");
    assert!(message.contains("py_ouroboros.db-journal") && hint.contains("copy"), "{message} {hint}");
    let copy = open(&path, Mode::Copy);
    assert_eq!(copy.count().unwrap(), 654);
    assert!(copy.notes()[0].contains("was undone in the copy"), "{:?}", copy.notes());
    assert!(open(&path, Mode::Frozen).notes()[0].contains("was not finished"));
    assert_eq!(inventory(torn.path()), before);
}

#[test]
fn a_file_that_is_locked_for_long_opens_frozen() {
    let folder = folder_with(&["py_ouroboros.db"]);
    let path = folder.path().join("py_ouroboros.db");
    without_log(&path);
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (kind, message, hint) = refused(&path, Mode::Live);
    assert_eq!(kind, ErrorKind::Busy);
    assert!(message.contains("has locked") && hint.contains("frozen"), "{message} {hint}");
    assert_eq!(refused(&path, Mode::Copy).0, ErrorKind::Busy);
    assert_eq!(open(&path, Mode::Frozen).count().unwrap(), 654);
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(open(&path, Mode::Live).count().unwrap(), 654);
}

/// A profile can come from anywhere. Whatever its expressions say, they read the one database that is open.
#[test]
fn a_hostile_profile_reaches_nothing_but_the_open_database() {
    let folder = folder_with(&["py_ouroboros.db"]);
    let path = folder.path().join("py_ouroboros.db");
    without_log(&path);
    let before = inventory(folder.path());
    let profile = |data: &str, rest: &str| {
        let text = format!(
            "name = 'x'\ntitle = 'X'\n[events]\nfrom = 'events'\naggregate_id = \"'all'\"\nevent_type = 'event_type'\n\
             data = \"{data}\"\n{rest}"
        );
        eventscope::profile::Profile::parse(&text).map(|profile| {
            let profile = Some(eventscope::source::Choice::Profile(std::sync::Arc::new(profile)));
            Source::open(&path, &OpenOptions { profile, ..OpenOptions::default() })
        })
    };
    let fine = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) \
                SELECT json_group_array(i || decoded(payload)) FROM n, json_each('[1]'))";
    let source = profile(fine, "").unwrap().unwrap();
    assert!(source.count().unwrap() > 600 && !source.page_at(0, 10).unwrap().is_empty());
    for hostile in [
        "load_extension('/tmp/x.so')",
        "(SELECT load_extension('/tmp/x.so'))",
        "fts3_tokenizer('simple')",
        "(SELECT name FROM temp.sqlite_master)",
        "(SELECT * FROM pragma_journal_mode('delete'))",
        "(SELECT * FROM pragma_query_only(0))",
        "(SELECT * FROM pragma_mmap_size(99999999))",
        "no_such_function(payload)",
    ] {
        let opened = profile(hostile, "").unwrap();
        let error = opened.err().unwrap_or_else(|| panic!("{hostile} is accepted"));
        // Most are refused when they are prepared, and the names of databases that there are not at the first row.
        assert!(matches!(error.kind(), ErrorKind::BadInput | ErrorKind::Database), "{hostile}: {error:?}");
    }
    let append = |also: &str| {
        format!("[append]\ntable = 'events'\nalso = [\"{also}\"]\n[append.columns]\nevent_type = ':event_type'\n")
    };
    for hostile in [
        "ATTACH '/tmp/other.db' AS other",
        "PRAGMA writable_schema = 1",
        "DROP TABLE events",
        "CREATE TABLE more (x)",
        "CREATE TEMP TABLE more (x)",
        "UPDATE sqlite_sequence SET seq = 1",
        "SELECT load_extension('/tmp/x.so')",
        "VACUUM INTO '/tmp/other.db'",
    ] {
        // What cannot be prepared is no part of the append; what the file's reader refuses is no profile.
        if let Ok(Ok(source)) = profile("payload", &append(hostile)) {
            let also =
                source.detection().and_then(|found| found.profile.append.as_ref()).map(|append| append.also.clone());
            assert!(also.is_none_or(|also| also.is_empty()), "{hostile} is accepted");
        }
    }
    assert_eq!(inventory(folder.path()), before);
}

/// Runs the program as a user whom permissions bind: root is bound by none.
#[cfg(unix)]
fn as_nobody(args: &[&str]) -> Option<Output> {
    use std::os::unix::fs::MetadataExt as _;
    let program = env!("CARGO_BIN_EXE_eventscope");
    let own = std::fs::metadata("/proc/self").map_or(1, |metadata| metadata.uid());
    if own != 0 {
        return Some(eventscope(args));
    }
    let switch = ["--reuid=65534", "--regid=65534", "--clear-groups", program];
    let output = Command::new("setpriv").args(switch).args(args).output();
    // 126 and 127 are setpriv's own: the program cannot be reached by that user.
    match output {
        Ok(output) if !matches!(output.status.code(), Some(126 | 127)) => Some(output),
        other => {
            #[expect(clippy::print_stderr, reason = "a test that shows nothing says so")]
            {
                eprintln!("skipped: permissions do not bind root, and no other user can be had: {other:?}");
            }
            None
        }
    }
}

#[cfg(unix)]
#[test]
fn rights_that_are_missing_are_named_with_the_ways_that_remain() {
    use std::os::unix::fs::PermissionsExt;
    let allow = |path: &Path, mode: u32| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let (folder, path) = with_log();
    let text = path.to_str().unwrap();
    allow(&path, 0o444);
    allow(&folder.path().join("live_wal.db-wal"), 0o444);
    allow(folder.path(), 0o555);
    let before = inventory(folder.path());
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let Some(live) = as_nobody(&["events", text, "--count"]) else { return };
    assert_eq!(live.status.code(), Some(2), "{}", said(&live));
    assert!(said(&live).contains("live_wal.db-shm") && said(&live).contains("frozen"), "{}", said(&live));
    for (mode, events) in [("frozen", "100"), ("copy", "260")] {
        let output = as_nobody(&["events", text, "--count", "--mode", mode]).unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), events, "{mode}: {}", said(&output));
    }
    allow(folder.path(), 0o755);
    assert_eq!(inventory(folder.path()), before);
    allow(&path, 0o000);
    for mode in ["live", "frozen", "copy"] {
        let output = as_nobody(&["events", text, "--count", "--mode", mode]).unwrap();
        assert!(said(&output).contains("may not be read by this user"), "{mode}: {}", said(&output));
    }
    allow(folder.path(), 0o000);
    let output = as_nobody(&["events", text, "--count"]).unwrap();
    assert!(said(&output).contains("cannot be reached"), "{}", said(&output));
    allow(folder.path(), 0o755);
}
