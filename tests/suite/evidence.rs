//! Whether snapshots and read models are seen for what they are: beside every real database's log, whether a profile
//! knows them or not, on forms made for it, and beside tables that only look like them.
#![allow(clippy::print_stdout, reason = "it prints each miss")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use eventscope::profile::{self, Profile, Role};
use eventscope::source::{OpenOptions, Source};
use rusqlite::{Connection, OpenFlags};

/// For each real database that has some: its snapshots, and its read models.
const REAL: [(&str, &[&str], &[&str]); 15] = [
    ("py_eventsourcing_json", &["stored_snapshots"], &[]),
    ("py_eventsourcing_zlib", &["stored_snapshots"], &[]),
    ("go_hallgren", &["snapshots"], &[]),
    ("php_spatie_ddl", &["snapshots"], &[]),
    ("dotnet_akka_latest", &["snapshot"], &[]),
    ("dotnet_akka_1.4.43", &["snapshot"], &[]),
    ("rust_sqlite_es", &["snapshots"], &["order_view"]),
    ("ddl_t3code", &[], &["projection_projects", "projection_threads"]),
    ("node_emmett_0_42", &[], &["account_balances"]),
    ("ddl_beads", &[], &["issues"]),
    ("node_opencode", &[], &["session"]),
    ("ruby_res_json", &[], &[]),
    ("ddl_temporal", &[], &[]),
    ("py_dagster_consolidated", &[], &[]),
    ("py_homeassistant", &[], &[]),
];

use crate::inference::story;

fn tests() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// How many tables were seen for what they are, missed, and taken for what they are not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    recognised: usize,
    missed: usize,
    wrong: usize,
}

impl Figures {
    fn compare(&mut self, place: &str, expected: &BTreeSet<String>, found: &BTreeSet<String>) {
        for table in expected.difference(found) {
            println!("{place}: {table} is missed");
        }
        for table in found.difference(expected) {
            println!("{place}: {table} is taken for it");
        }
        self.recognised += expected.intersection(found).count();
        self.missed += expected.difference(found).count();
        self.wrong += found.difference(expected).count();
    }
}

/// The tables that are snapshots, and those that are read models, of a log that is read through a profile.
fn found(conn: &Connection, profile: &Profile) -> (BTreeSet<String>, BTreeSet<String>) {
    let tables = profile::schema::read(conn).unwrap();
    let found = profile::evidence(conn, &tables, profile).unwrap();
    let bare = |from: &str| from.trim_matches('"').to_owned();
    let snapshots = found.snapshots.iter().chain(&found.further).map(|it| bare(&it.from)).collect();
    (snapshots, found.read_models.into_iter().map(|model| model.table).collect())
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn real(name: &str) -> Connection {
    let path = tests().join(format!("fixtures/{name}.db"));
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

#[test]
fn what_real_databases_keep_beside_their_events_is_seen_with_and_without_their_profile() {
    let (mut known, mut guessed) = (Figures::default(), Figures::default());
    for (name, snapshots, models) in REAL {
        let conn = real(name);
        let mut profile = (*profile::detect(&conn).unwrap().remove(0).profile).clone();
        profile.snapshots = None;
        let guess = profile::infer(&conn).unwrap().into_iter().next();
        let profiles = [(Some(profile), &mut known), (guess.map(|it| (*it.profile).clone()), &mut guessed)];
        for (profile, figures) in profiles {
            let Some(profile) = profile else { continue };
            let seen = found(&conn, &profile);
            figures.compare(&format!("{name}, snapshots"), &set(snapshots), &seen.0);
            figures.compare(&format!("{name}, read models"), &set(models), &seen.1);
        }
    }
    println!("real: {known:?}; guessed: {guessed:?}");
    let all = REAL.iter().map(|(_, snapshots, models)| snapshots.len() + models.len()).sum::<usize>();
    assert_eq!(known, Figures { recognised: all, missed: 0, wrong: 0 });
    assert_eq!(guessed, Figures { recognised: all, missed: 0, wrong: 0 });
}

/// A form: the script that makes it, and what it keeps.
struct Form {
    name: String,
    notes: Vec<(String, String)>,
    script: String,
}

impl Form {
    fn all() -> Vec<Self> {
        let read = |path: PathBuf| {
            let script = fs::read_to_string(&path).unwrap();
            let notes = script.lines().filter_map(|line| line.strip_prefix("-- ")?.split_once(" = "));
            let notes = notes.map(|(what, tables)| (what.to_owned(), tables.to_owned())).collect();
            Self { name: path.file_stem().unwrap().to_string_lossy().into_owned(), notes, script }
        };
        let mut paths: Vec<PathBuf> =
            fs::read_dir(tests().join("forms/evidence")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(read).collect()
    }

    fn tables(&self, what: &str) -> BTreeSet<String> {
        let tables = self.notes.iter().filter(|(name, _)| name == what).flat_map(|(_, tables)| tables.split(", "));
        tables.map(str::to_owned).collect()
    }

    fn connection(&self) -> Connection {
        let conn = story::connection();
        conn.execute_batch(CAME).unwrap();
        conn.execute_batch(&self.script).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        conn
    }
}

/// What the streams of the story came to, at each version and at the end.
const CAME: &str = "
    CREATE TEMP VIEW came AS
    SELECT n, kind, sno, sid, v, iso, type, eid, name, owner, total,
      json_object('title', name, 'held_by', owner, 'total', total, 'notes', notes) AS state
    FROM (SELECT s.*, f.data ->> 'name' AS name, f.data ->> 'owner' AS owner,
        (SELECT coalesce(sum(CASE WHEN p.dotted LIKE '%withdrawn' THEN -(p.data ->> 'amount') ELSE p.data ->> 'amount' END), 0)
         FROM story AS p WHERE p.sid = s.sid AND p.v <= s.v) AS total,
        (SELECT count(*) FROM story AS p WHERE p.sid = s.sid AND p.v <= s.v AND p.data ->> 'reason' IS NOT NULL) AS notes
      FROM story AS s JOIN story AS f ON f.sid = s.sid AND f.v = 1);
    CREATE TEMP VIEW last AS SELECT * FROM came WHERE v = (SELECT max(v) FROM story AS s WHERE s.sid = came.sid);
";

#[test]
fn forms_with_names_that_say_nothing_are_seen_and_decoys_are_not_taken() {
    let mut figures = Figures::default();
    for form in Form::all() {
        let conn = form.connection();
        let guess = profile::infer(&conn).unwrap().remove(0);
        let seen = found(&conn, &guess.profile);
        figures.compare(&format!("{}, snapshots", form.name), &form.tables("snapshots"), &seen.0);
        figures.compare(&format!("{}, read models", form.name), &form.tables("models"), &seen.1);
        let tables = profile::schema::read(&conn).unwrap();
        let evidence = profile::evidence(&conn, &tables, &guess.profile).unwrap();
        assert_eq!(evidence.streams.into_iter().collect::<BTreeSet<_>>(), form.tables("streams"), "{}", form.name);
        let readers = evidence.checkpoints.into_iter().map(|it| it.table).collect::<BTreeSet<_>>();
        assert_eq!(readers, form.tables("checkpoints"), "{}", form.name);
    }
    println!("forms: {figures:?}");
    assert!(figures.recognised > 10);
    assert_eq!((figures.missed, figures.wrong), (0, 0));
}

#[test]
fn other_forms_have_read_models_only_where_the_events_speak_of_them() {
    // None of these was made with read models in mind; those that have one are named.
    let expected = [("document_history", "documents"), ("history_rows", "documents"), ("field_history", "ticket")];
    let mut paths: Vec<PathBuf> =
        fs::read_dir(tests().join("forms/unseen")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut taken = Vec::new();
    for path in paths {
        let script = fs::read_to_string(&path).unwrap();
        let conn = story::connection();
        let script = script.split("-- repeat").next().unwrap_or_default().to_owned();
        conn.execute_batch(&script).unwrap();
        let Some(guess) = profile::infer(&conn).unwrap().into_iter().next() else { continue };
        let (snapshots, models) = found(&conn, &guess.profile);
        let form = path.file_stem().unwrap().to_string_lossy().into_owned();
        taken.extend(snapshots.into_iter().chain(models).map(|table| (form.clone(), table)));
    }
    taken.retain(|(form, table)| !expected.contains(&(form.as_str(), table.as_str())));
    assert!(taken.is_empty(), "{taken:?}");
}

/// A form as a file, opened as a person would.
fn opened(name: &str) -> (tempfile::TempDir, Source) {
    let form = Form::all().into_iter().find(|form| form.name == name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("form.db");
    let conn = form.connection();
    conn.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
    (folder, Source::open(path, &OpenOptions::default()).unwrap())
}

#[test]
fn tables_are_shown_as_what_they_are() {
    let (_folder, source) = opened("several_models");
    let about = |name: &str| source.tables().into_iter().find(|table| table.name == name).unwrap();
    assert_eq!(about("board").about.as_deref(), Some("read model of task"));
    assert_eq!(about("stream_heads").role, Some(Role::Streams));
    assert_eq!(about("msgs").role, Some(Role::Events));
    let (_folder, source) = opened("german_memory");
    let about = |name: &str| source.tables().into_iter().find(|table| table.name == name).unwrap();
    assert_eq!(about("gedaechtnis").about.as_deref(), Some("snapshots"));
    assert_eq!(about("einstellungen").about, None);
    let (_folder, source) = opened("decoys");
    let roles: Vec<_> = source.tables().into_iter().filter_map(|table| Some((table.name, table.role?))).collect();
    assert_eq!(roles, [("events".to_owned(), Role::Events), ("streams".to_owned(), Role::Streams)]);
}

#[test]
fn snapshots_that_were_recognised_are_read_as_any_others() {
    for (form, kept) in [("german_memory", 4), ("bare_uuids", 2), ("by_position", 3), ("plain_snapshots", 3)] {
        let (_folder, source) = opened(form);
        let mut count = 0;
        source
            .all_snapshots(&mut |snapshot| {
                count += 1;
                let stream = source.stream_named(&snapshot.stream.to_string()).unwrap();
                let at = snapshot.version;
                assert_eq!(at % kept, if form == "by_position" { 2 } else { 0 }, "{form}: {stream} {at}");
                assert!(snapshot.state.value().is_some_and(|state| state["title"].is_string()), "{form}");
                assert!(source.snapshots(&stream).unwrap().iter().any(|own| own.version == at), "{form}");
                ControlFlow::Continue(())
            })
            .unwrap();
        assert!(count > 8, "{form}: {count}");
    }
}

#[test]
fn the_rows_of_a_read_model_are_read_with_the_streams_that_they_are_of() {
    let (_folder, source) = opened("numbered_orders");
    let [model] = source.read_models() else { panic!("{:?}", source.read_models()) };
    assert_eq!((model.table.as_str(), model.words().as_str()), ("bestellungen", "read model of order"));
    let mut rows = Vec::new();
    source
        .model_rows(model, &mut |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(rows.len(), 4);
    for row in &rows {
        let stream = source.stream_named(&row.stream.to_string()).unwrap();
        assert!(stream.to_string().starts_with("order"), "{stream}");
        assert!(row.state.value().is_some_and(|state| state["kunde"].is_string() && state["summe"].is_number()));
    }
    assert_eq!(source.model_position(model).unwrap(), Some(130));
}
