//! A folder as one data set: Dagster's own events, spread over a file for each run as Dagster does by default.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eventscope::error::ErrorKind;
use eventscope::event::{Event, StreamName};
use eventscope::profile::{Library, Profile, Role, library};
use eventscope::session::{OpenRequest, Session};
use eventscope::source::{Choice, FileStatus, Mode, News, OpenOptions, Source, append};
use eventscope::store::EventStore;
use eventscope::transfer;
use hmac_sha256::Hash as Sha256;
use rusqlite::Connection;
use tempfile::TempDir;

const EVENTS: u64 = 288;
const RUNS: usize = 9;

fn consolidated() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/py_dagster_consolidated.db")
}

/// `history/runs` with a file for each run, whose rows are numbered from 1, and with `index.db`, which repeats the events
/// that are about assets and has the tables about these.
fn runs() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("history/runs");
    std::fs::create_dir_all(&runs).unwrap();
    let conn = Connection::open(consolidated()).unwrap();
    let mut ids = conn.prepare("SELECT DISTINCT run_id FROM event_logs").unwrap();
    for run in ids.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        let run = run.unwrap();
        let shard = shard(&runs, &format!("{run}.db"));
        shard
            .execute_batch(&format!(
                "DELETE FROM event_logs WHERE run_id <> '{run}';
                 UPDATE event_logs SET id = id - (SELECT min(id) - 1 FROM event_logs);
                 DELETE FROM asset_keys; DELETE FROM asset_event_tags;"
            ))
            .unwrap();
    }
    shard(&runs, "index.db").execute_batch("DELETE FROM event_logs WHERE asset_key IS NULL").unwrap();
    (folder, runs)
}

/// A copy of all events under a name, to take some away from.
fn shard(folder: &Path, name: &str) -> Connection {
    std::fs::copy(consolidated(), folder.join(name)).unwrap();
    let conn = Connection::open(folder.join(name)).unwrap();
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
    conn
}

/// The file of the run whose name comes first.
fn first_of(runs: &Path) -> PathBuf {
    std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path()).min().unwrap()
}

fn open(path: &Path, mode: Mode) -> Source {
    Source::open(path, &OpenOptions { mode, ..OpenOptions::default() })
        .unwrap_or_else(|error| panic!("{} {mode}: {error:?}", path.display()))
}

fn refused(path: &Path, options: &OpenOptions) -> (ErrorKind, String, String) {
    let error = Source::open(path, options).err().unwrap_or_else(|| panic!("{} opens", path.display()));
    (error.kind().clone(), error.to_string(), error.hint().unwrap_or_default().to_owned())
}

fn inventory(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, Sha256::hash(&std::fs::read(path).unwrap()).to_vec())
        })
        .collect()
}

/// One more event, as Dagster writes it.
fn write_one(file: &Path, run: &str, at: &str) {
    let sql =
        "INSERT INTO event_logs (run_id, event, dagster_event_type, timestamp) VALUES (?1, '{}', 'STEP_START', ?2)";
    Connection::open(file).unwrap().execute(sql, [run, at]).unwrap();
}

/// What an event says, without where it stands.
fn told(event: &Event) -> (StreamName, String, Arc<str>, Arc<[u8]>) {
    let timestamp = event.timestamp.as_ref().unwrap();
    (event.stream.clone(), event.event_type.clone(), Arc::clone(&timestamp.stored), Arc::clone(&event.data.raw))
}

#[test]
fn the_files_of_a_folder_are_read_as_the_one_file_that_they_could_be() {
    let whole = open(&consolidated(), Mode::Frozen);
    let expected = whole.page_at(0, 1_000).unwrap();
    for mode in Mode::ALL {
        let (home, runs) = runs();
        let before = inventory(&runs);
        for path in [home.path(), &home.path().join("history"), &runs] {
            let source = open(path, mode);
            assert_eq!(source.count().unwrap(), EVENTS, "what index.db repeats is not read twice");
            let events = source.page_at(0, 1_000).unwrap();
            assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expected.iter().map(told).collect::<Vec<_>>());
            assert!(events.iter().zip(1..).all(|(event, position)| event.position == position), "in the order of time");
            let found = source.detection().unwrap();
            assert!(
                found.reason.contains("9 files of ") && found.reason.contains("are read as one"),
                "{}",
                found.reason
            );
            assert!(source.notes().is_empty(), "{:?}", source.notes());
            assert_eq!(source.taken().is_some(), mode == Mode::Copy);
            let mut streams = 0;
            source
                .streams(&mut |stream| {
                    streams += 1;
                    assert_eq!(stream.events, if stream.name.aggregate_id.starts_with("19fab404") { 24 } else { 33 });
                    ControlFlow::Continue(())
                })
                .unwrap();
            assert_eq!(streams, RUNS);
        }
        assert_eq!(inventory(&runs), before, "{mode}");
    }
}

#[test]
fn a_row_says_which_file_it_is_from_and_the_tables_beside_are_there() {
    let (_home, runs) = runs();
    let source = open(&runs, Mode::Live);
    let tables = source.tables();
    let events = tables.iter().find(|table| table.name == "event_logs").unwrap();
    assert!(events.columns.iter().any(|column| column.name == "file"), "{:?}", events.columns);
    let assets = tables.iter().find(|table| table.name == "asset_keys").unwrap();
    assert_eq!((assets.role, source.table_len("asset_keys").unwrap()), (Some(Role::Projections), 4));
}

#[test]
fn nothing_is_appended_to_a_folder() {
    let (_home, runs) = runs();
    let error = append::check(&open(&runs, Mode::Live)).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unsupported);
}

#[test]
fn what_does_not_fit_is_left_out_and_said() {
    let (_home, runs) = runs();
    std::fs::write(runs.join("begun.db"), b"").unwrap();
    std::fs::write(runs.join("notes.db"), "Dear diary, today I was no database at all. ".repeat(40)).unwrap();
    let [note] = open(&runs, Mode::Live).notes().to_vec().try_into().unwrap_or_else(|notes| panic!("{notes:?}"));
    assert!(note.contains("notes.db is left out") && note.contains("is a text file"), "{note}");
    Connection::open(runs.join("other.db")).unwrap().execute_batch("CREATE TABLE event_logs (x)").unwrap();
    let [note] = open(&runs, Mode::Live).notes().to_vec().try_into().unwrap_or_else(|notes| panic!("{notes:?}"));
    assert!(note.contains("2 files are left out: notes.db, other.db"), "{note}");
}

#[test]
fn libraries_add_columns_from_version_to_version() {
    let (_home, runs) = runs();
    let newer = first_of(&runs);
    let sql = "ALTER TABLE event_logs ADD COLUMN tenant TEXT; UPDATE event_logs SET tenant = 'north'";
    Connection::open(&newer).unwrap().execute_batch(sql).unwrap();
    let options = OpenOptions { profile: Some(dagster_with("actor = \"tenant\"")), ..OpenOptions::default() };
    let source = Source::open(&runs, &options).unwrap();
    let north = source.page_at(0, 1_000).unwrap();
    let north = north.iter().filter(|event| event.actor.as_deref() == Some("north")).count();
    assert_eq!((north, source.count().unwrap()), (33, EVENTS));
}

/// The built-in profile with one more line under `[events]`.
fn dagster_with(line: &str) -> Choice {
    let text = eventscope::profile::text_of("dagster").unwrap().replace("[tables]", &format!("{line}\n[tables]"));
    Choice::Profile(Arc::new(Profile::parse(&text).unwrap()))
}

#[test]
fn events_and_files_that_come_are_followed() {
    let (_home, runs) = runs();
    let source = open(&runs, Mode::Live);
    let mut followed = source.follow().unwrap();
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Nothing));
    let first = first_of(&runs);
    let run = first.file_stem().unwrap().to_str().unwrap();
    write_one(&first, run, "2026-11-21 03:00:00.000000");
    let shard = shard(&runs, "new.db");
    shard.execute_batch("DELETE FROM event_logs").unwrap();
    write_one(&runs.join("new.db"), "new", "2026-11-21 02:00:00.000000");
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Rows));
    let new = source.events_after(Some(288), 10).unwrap();
    let new: Vec<_> = new.iter().map(|event| (event.position, event.stream.aggregate_id.as_str())).collect();
    assert_eq!(new, [(289, "new"), (290, run)], "among themselves they are in the order of time");
    // Two writes within a moment look the same from outside.
    write_one(&runs.join("new.db"), "new", "2026-11-21 04:00:00.000000");
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Rows));
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Nothing));
    let sql = "UPDATE asset_keys SET last_run_id = 'new'";
    Connection::open(runs.join("index.db")).unwrap().execute(sql, []).unwrap();
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Rows));
    assert_eq!(source.table_len("asset_keys").unwrap(), 4);
    assert_eq!(source.reopen().unwrap().count().unwrap(), EVENTS + 3);
}

#[test]
fn events_and_files_that_go_have_all_gathered_anew() {
    for what in ["a row", "a file", "what a file was"] {
        let (_home, runs) = runs();
        let source = open(&runs, Mode::Live);
        let mut followed = source.follow().unwrap();
        assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Nothing), "{what}");
        let first = first_of(&runs);
        match what {
            "a row" => {
                Connection::open(&first).unwrap().execute("DELETE FROM event_logs WHERE id = 5", []).unwrap();
            }
            "a file" => std::fs::remove_file(&first).unwrap(),
            _ => {
                std::fs::copy(&first, first.with_extension("new")).unwrap();
                std::fs::rename(first.with_extension("new"), &first).unwrap();
            }
        }
        assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Tables), "{what}");
        assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Nothing), "{what} is said once");
        assert_eq!(source.count().unwrap(), EVENTS, "what was read stays");
    }
}

#[test]
fn a_row_may_have_any_number() {
    let (_home, runs) = runs();
    let first = first_of(&runs);
    let number = |sql: &str| {
        Connection::open(&first).unwrap().execute(sql, []).unwrap();
    };
    number("UPDATE event_logs SET id = -9223372036854775808 WHERE id = 1");
    let source = open(&runs, Mode::Live);
    assert_eq!(source.count().unwrap(), EVENTS);
    let mut followed = source.follow().unwrap();
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Nothing));
    number("UPDATE event_logs SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM event_logs)");
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Tables), "a row went from its place");
    let source = open(&runs, Mode::Live);
    assert_eq!(source.count().unwrap(), EVENTS);
    let mut followed = source.follow().unwrap();
    assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Nothing));
}

#[test]
fn what_is_not_followed_is_said_to_have_changed() {
    for mode in [Mode::Frozen, Mode::Copy] {
        let (home, runs) = runs();
        let source = open(&runs, mode);
        let mut followed = source.follow().unwrap();
        assert_eq!(source.look(&mut followed), (FileStatus::Sound, News::Nothing), "{mode}");
        std::fs::copy(consolidated(), runs.join("more.db")).unwrap();
        assert_eq!(source.look(&mut followed), (FileStatus::Changed, News::Nothing), "{mode}");
        drop(home);
        assert_eq!(source.look(&mut followed), (FileStatus::Gone, News::Nothing), "{mode}");
        assert_eq!(source.count().unwrap(), EVENTS);
    }
}

#[test]
fn a_folder_that_is_no_data_set_names_what_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (kind, message, hint) = refused(folder.path(), &OpenOptions::default());
    assert_eq!(kind, ErrorKind::BadInput);
    assert!(message.contains("is a folder, and no profile knows its files as one data set"), "{message}");
    assert!(hint.contains("no database in it"), "{hint}");
    for name in ["a.db", "b.sqlite", "c.DB3", "d.db", "e.txt"] {
        eventscope::demo::create(&folder.path().join(name)).unwrap();
    }
    let (_, _, hint) = refused(folder.path(), &OpenOptions::default());
    assert_eq!(hint, "Open one of its databases: a.db, b.sqlite, c.DB3 and 1 more.");
    let choose = |name: &str| OpenOptions { profile: Some(Choice::Name(name.into())), ..OpenOptions::default() };
    let (kind, message, _) = refused(folder.path(), &choose("native"));
    assert!(kind == ErrorKind::Unsupported && message.contains("native reads single files"), "{message}");
    let (kind, message, _) = refused(folder.path(), &choose("dagster"));
    assert!(
        kind == ErrorKind::BadInput && message.contains("has no files *.db that the profile dagster fits"),
        "{message}"
    );
    let (_home, runs) = runs();
    assert_eq!(refused(&runs, &OpenOptions { infer: true, ..OpenOptions::default() }).0, ErrorKind::BadInput);
}

/// An application of somebody's own: a file for each aggregate, which nothing but the file's name tells.
#[test]
fn a_profile_of_ones_own_makes_a_stream_of_each_file() {
    let profile = "name = 'carts'\ntitle = 'Carts'\n[detect]\nlog = ['n', 'kind', 'body']\n[events]\nfrom = 'log'\n\
                   position = 'n'\naggregate_id = \"replace(file, '.events', '')\"\nversion = 'n'\nevent_type = 'kind'\n\
                   data = 'body'\n[folder]\nin = ['data']\nfiles = 'cart-*.events'\n";
    let profile = Profile::parse(profile).unwrap();
    let (own, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    library::save(own.path(), &profile, false).unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for cart in ["cart-a", "cart-b"] {
        Connection::open(folder.path().join("data").join(format!("{cart}.events")))
            .unwrap()
            .execute_batch(
                "CREATE TABLE log (n INTEGER PRIMARY KEY, kind TEXT UNIQUE, body TEXT);
                 INSERT INTO log VALUES (1, 'made', '{}'), (2, 'filled', '{\"apples\": 3}');",
            )
            .unwrap();
    }
    let options = OpenOptions { library: Arc::new(Library::read(own.path())), ..OpenOptions::default() };
    let source = Source::open(folder.path(), &options).unwrap();
    let events = source.page_at(0, 10).unwrap();
    let events: Vec<_> =
        events.iter().map(|event| (event.position, event.stream.aggregate_id.as_str(), event.version)).collect();
    assert_eq!(events, [(1, "cart-a", 1), (2, "cart-a", 2), (3, "cart-b", 1), (4, "cart-b", 2)]);
}

#[test]
fn a_folder_is_imported_and_later_what_came_to_it() {
    let (_home, runs) = runs();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = EventStore::create(&path).unwrap();
    let mut import = || {
        let source = open(&runs, Mode::Live);
        let done = transfer::import(&source, &mut store, &path, &transfer::Options::default(), |_| ()).unwrap();
        (done.imported, done.before)
    };
    assert_eq!(import(), (EVENTS, 0));
    assert_eq!(import(), (0, EVENTS));
    // It goes before all that were there, and so moves each of them.
    shard(&runs, "older.db").execute_batch("DELETE FROM event_logs").unwrap();
    write_one(&runs.join("older.db"), "older", "2020-01-01 00:00:00.000000");
    assert_eq!(import(), (1, EVENTS));
}

#[test]
fn gathering_tells_how_far_it_is_and_can_be_stopped() {
    let (_home, runs) = runs();
    let mut told = Vec::new();
    Source::open_reporting(&runs, &OpenOptions::default(), &mut |progress| {
        told.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(told.len() >= 2 * RUNS && told.is_sorted_by_key(|progress| progress.done), "{told:?}");
    assert!(told.last().is_some_and(|progress| progress.done == progress.of), "{told:?}");
    let stopped = Source::open_reporting(&runs, &OpenOptions::default(), &mut |_| ControlFlow::Break(()));
    assert!(stopped.err().unwrap().is_cancelled());
}

#[test]
fn an_open_folder_grows_and_shrinks_with_its_files() {
    let (_home, runs) = runs();
    let request = OpenRequest { path: runs.clone(), ..OpenRequest::default() };
    let mut session = Session::open(request, Arc::new(|| ()));
    let mut counts = |events: u64| {
        let started = Instant::now();
        loop {
            session.poll();
            let overview = session.overview();
            if overview.is_some_and(|overview| overview.events.complete && overview.events.value == events) {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "never {events}: {overview:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    counts(EVENTS);
    let first = first_of(&runs);
    write_one(&first, first.file_stem().unwrap().to_str().unwrap(), "2026-11-21 03:00:00.000000");
    counts(EVENTS + 1);
    std::fs::remove_file(first).unwrap();
    counts(EVENTS - 33);
}

#[test]
fn the_command_line_takes_a_folder_and_leaves_nothing_behind() {
    let (home, _) = runs();
    let temporary = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_eventscope"))
            .args(args)
            .arg(home.path())
            .env("TMPDIR", temporary.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run(&["events", "--count"]).trim(), "288");
    let info: serde_json::Value = serde_json::from_str(&run(&["info", "--json"])).unwrap();
    assert_eq!((&info["profile"], &info["events"]), (&"dagster".into(), &288.into()));
    assert_eq!(run(&["streams", "--json"]).lines().count(), RUNS);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}
