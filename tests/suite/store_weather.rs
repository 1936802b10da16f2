//! Bad weather: a full disk, a folder that cannot be written, a locked file, damaged pages. Each is a clear error, and
//! the store is whole afterwards.
//!
//! Where this environment has no way to bring a kind of weather about, the test says so and is passed over.
#![allow(clippy::print_stderr)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[cfg(unix)]
use super::disks::SmallDisk;
use eventscope::ErrorKind;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{ArchiveSelection, EventStore, Query};
use rusqlite::Connection;
use serde_json::json;

fn stream(number: usize) -> StreamName {
    StreamName::new("order", number.to_string())
}

fn large(count: usize) -> Vec<NewEvent> {
    (0..count).map(|n| NewEvent::new("order.noted", json!({"n": n, "text": "x".repeat(1_000)}))).collect()
}

/// A store of some hundred kilobytes.
fn filled(folder: &Path) -> (PathBuf, EventStore) {
    let path = folder.join("s.db");
    let mut store = EventStore::create_chained(&path).unwrap();
    for number in 0..4 {
        store.append(&stream(number), ExpectedVersion::NoStream, &large(60)).unwrap();
    }
    (path, store)
}

fn assert_whole(path: &Path, events: u64) {
    let store = EventStore::open(path).unwrap();
    assert_eq!(store.integrity_check().unwrap(), [""; 0]);
    let found = store.verify().unwrap();
    assert_eq!((found.fault, found.events), (None, events));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The program, started by a shell after some other words of it.
fn after(shell: &str, args: &[&str]) -> Output {
    Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_eventscope")])
        .args(args)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_said_and_leaves_the_store_whole() {
    let Some(disk) = SmallDisk::mounted(6_000) else {
        eprintln!("passed over: no small file system can be mounted here");
        return;
    };
    let (path, mut store) = filled(disk.path());
    let other = disk.path().join("other");
    std::fs::write(&other, vec![0_u8; 3_000_000]).unwrap();
    let error = store.append(&stream(9), ExpectedVersion::Any, &large(3_000)).unwrap_err();
    assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::Io, true), "{error}");
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(store.current_version(&stream(9)).unwrap(), None);
    assert_whole(&path, 240);

    // Not even an empty archive finds room.
    let selection = ArchiveSelection { aggregate_type: Some("order".into()), ..ArchiveSelection::default() };
    let plan = store.plan_archive(&selection, None).unwrap();
    let error = store.archive(&plan, |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::Io, true), "{error}");
    assert!(error.to_string().contains("archive"), "{error}");
    assert_whole(&path, 240);

    std::fs::remove_file(&other).unwrap();
    store.append(&stream(9), ExpectedVersion::NoStream, &large(60)).unwrap();
    store.archive(&plan, |_| ControlFlow::Continue(())).unwrap();
    assert_whole(&path, 300);
}

/// The same without a file system of its own: no file may grow beyond some size.
#[test]
#[cfg(unix)]
fn a_file_that_may_not_grow_is_said_and_leaves_the_store_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (path, store) = filled(folder.path());
    drop(store);
    let lines = folder.path().join("lines.ndjson");
    let line = format!(
        r#"{{"aggregate_type":"cup","aggregate_id":"1","event_type":"cup.sold","data":"{}"}}"#,
        "x".repeat(1_000)
    );
    std::fs::write(&lines, format!("{line}\n").repeat(4_000)).unwrap();
    // In blocks of 512 bytes; without the signal writing fails instead of ending the process.
    let output = after("trap '' XFSZ; ulimit -f 2000;", &["import", text(&path), text(&lines)]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).starts_with("error: ") && said(&output).contains("hint: "), "{}", said(&output));
    assert_whole(&path, 240);
    let output = after("trap '' XFSZ; ulimit -f 100;", &["archive", text(&path), "--type", "order"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("archive"), "{}", said(&output));
    assert_whole(&path, 240);
}

/// Words for a shell that make the program somebody who owns nothing, where it would otherwise be allowed everything.
#[cfg(unix)]
fn as_nobody(folder: &Path) -> Option<String> {
    let probe = folder.join("probe");
    if std::fs::write(&probe, "").is_err() {
        return Some(String::new());
    }
    std::fs::remove_file(&probe).unwrap();
    let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    let shell = format!("if [ -z \"$AGAIN\" ]; then AGAIN=1 exec {nobody} \"$0\" \"$@\"; fi;");
    after(&shell, &["--version"]).status.success().then_some(shell)
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    let (path, store) = filled(&inside);
    drop(store);
    let lines = folder.path().join("lines.ndjson");
    let line = r#"{"aggregate_type":"cup","aggregate_id":"1","event_type":"cup.sold","data":1}"#;
    std::fs::write(&lines, line).unwrap();
    let allow = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    allow(folder.path(), 0o755);
    allow(&path, 0o644);
    allow(&inside, 0o555);
    let before = std::fs::read(&path).unwrap();
    let Some(shell) = as_nobody(&inside) else {
        allow(&inside, 0o755);
        eprintln!("passed over: this user may write everywhere, and cannot become another one");
        return;
    };
    let made = inside.join("new.db");
    for args in [
        &["import", text(&path), text(&lines)][..],
        &["archive", text(&path), "--type", "order"],
        &["new", text(&made)],
    ] {
        let output = after(&shell, args);
        assert_ne!(output.status.code(), Some(0), "{args:?}");
        assert!(
            said(&output).starts_with("error: ") && said(&output).contains("hint: "),
            "{args:?}: {}",
            said(&output)
        );
        assert!(said(&output).contains("s.db") || said(&output).contains("new.db"), "{args:?}: {}", said(&output));
    }
    allow(&inside, 0o755);
    assert!(!made.exists());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_whole(&path, 240);
}

#[test]
fn a_file_that_another_process_keeps_to_itself_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let (path, store) = filled(folder.path());
    drop(store);
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "locking_mode", "exclusive").unwrap();
    other.execute_batch("BEGIN IMMEDIATE; COMMIT").unwrap();
    let started = std::time::Instant::now();
    let error = EventStore::open(&path).err().unwrap();
    assert!(started.elapsed().as_secs() >= 4, "it waits for its turn");
    assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::Busy, true), "{error}");
    assert!(error.to_string().contains("s.db"), "{error}");
    drop(other);
    assert_whole(&path, 240);
}

/// Overwrites pages in the middle of a file.
fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    for byte in bytes.iter_mut().skip(middle).take(4096 * 6) {
        *byte = 0x5A;
    }
    std::fs::write(path, bytes).unwrap();
}

/// What is said of a store in which pages are damaged, its own or those of its archive.
fn assert_named(path: &Path, named: &str) {
    let store = EventStore::open(path).unwrap();
    let found = store.integrity_check().unwrap();
    assert!(!found.is_empty() && found[0].starts_with(named), "{found:?}");
    let error = store.events(Query::default()).find_map(Result::err).unwrap();
    assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::Database, true), "{error}");
    let output = after("", &["verify", text(path)]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("damaged") && said(&output).contains(named), "{}", said(&output));
}

#[test]
fn damaged_pages_are_named_in_the_store_and_in_its_archive() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store) = filled(folder.path());
    let whole = folder.path().join("whole.db");
    store.backup(&whole).unwrap();
    std::fs::copy(&whole, folder.path().join("damaged.db")).unwrap();
    damage(&folder.path().join("damaged.db"));
    assert_named(&folder.path().join("damaged.db"), "");

    let streams = vec![stream(0), stream(1), stream(2)];
    let plan = store.plan_archive(&ArchiveSelection { streams, ..ArchiveSelection::default() }, None).unwrap();
    store.archive(&plan, |_| ControlFlow::Continue(())).unwrap();
    drop(store);
    let aside = std::fs::read(&plan.archive).unwrap();
    damage(&plan.archive);
    assert_named(&path, "s.archive.db");
    let store = EventStore::open(&path).unwrap();
    assert_eq!(store.read_stream(&stream(3), 1, None).unwrap().len(), 60, "what lies elsewhere is read");
    drop(store);
    std::fs::write(&plan.archive, aside).unwrap();
    assert_whole(&path, 240);
    assert_whole(&whole, 240);
}
