//! Taking a database of any kind over into an event store: whole, resumable, compared, and honest about what differs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use eventscope::event::{Decoded, Event, StreamName, Version};
use eventscope::filter::Filter;
use eventscope::source::{Interrupt, OpenOptions, Source};
use eventscope::store::{EventStore, Query};
use eventscope::transfer::{IMPORTED, Imported, Opaque, Options, Phase, import};
use eventscope::{ErrorKind, Result};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A store to import into, in a folder of its own.
struct Target {
    folder: TempDir,
    store: EventStore,
}

impl Target {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = EventStore::create_chained(folder.path().join("target.db")).unwrap();
        Self { folder, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn import(&mut self, source: &Source, options: &Options) -> Result<Imported> {
        let path = self.path("target.db");
        import(source, &mut self.store, &path, options, |_| {})
    }

    fn events(&self) -> Vec<Event> {
        self.store.query(&Query::default()).unwrap()
    }

    /// Whether the store itself, its chain included, is as it should be.
    fn assert_sound(&self) {
        let found = self.store.verify().unwrap();
        assert!(found.chained);
        assert_eq!(found.fault, None);
    }
}

fn fixture(name: &str) -> Source {
    let path = format!("{}/tests/fixtures/{name}.db", env!("CARGO_MANIFEST_DIR"));
    Source::open(path, &OpenOptions::default()).unwrap()
}

/// A database of one table of events, which no built-in profile knows, made of rows of SQL values.
fn log(folder: &Path, rows: &str) -> Source {
    let path = folder.join("log.db");
    let sql = "CREATE TABLE log (seq INTEGER PRIMARY KEY, uid TEXT, kind TEXT, entity TEXT, no INTEGER, body, meta, \
               at TEXT, shape TEXT, who TEXT, way TEXT);";
    Connection::open(&path).unwrap().execute_batch(&format!("{sql} INSERT INTO log VALUES {rows};")).unwrap();
    open_log(folder)
}

fn open_log(folder: &Path) -> Source {
    let toml = "name = \"diary\"\ntitle = \"Diary\"\n[detect]\nlog = [\"seq\"]\n[events]\nfrom = \"log\"\n\
        position = \"seq\"\nevent_id = \"uid\"\nevent_type = \"kind\"\naggregate_id = \"entity\"\nversion = \"no\"\n\
        data = \"body\"\nmetadata = \"meta\"\ntimestamp = { sql = \"at\", format = \"iso8601\" }\n\
        schema_version = \"shape\"\nactor_type = \"who\"\nsource = \"way\"\n";
    let profile = folder.join("diary.toml");
    std::fs::write(&profile, toml).unwrap();
    let options = OpenOptions { profile: Some(eventscope::source::Choice::Path(profile)), ..OpenOptions::default() };
    Source::open(folder.join("log.db"), &options).unwrap()
}

fn streams(source: &Source) -> Vec<StreamName> {
    let mut names = Vec::new();
    let on = &mut |stream: eventscope::source::StreamSummary| {
        names.push(stream.name);
        std::ops::ControlFlow::Continue(())
    };
    source.streams(on).unwrap();
    names
}

fn imported_of(event: &Event) -> Value {
    event.metadata.to_json()[IMPORTED].clone()
}

/// Imports a database of the fixtures and holds every stream of the store against the source's, read in its own order.
fn takes_over(name: &str, events: u64) {
    let source = fixture(name);
    let mut target = Target::new();
    let done = target.import(&source, &Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!((done.imported, done.before, done.compared), (events, 0, events), "{name}");
    assert_eq!(target.events().len() as u64, events, "{name}");
    let names = streams(&source);
    assert_eq!(done.streams, names.len() as u64, "{name}");
    let profile = source.detection().unwrap().profile.name.clone();
    for stream in names {
        let theirs: Vec<Event> = source.read_stream(&stream, Version::MIN, None).unwrap().map(Result::unwrap).collect();
        let kind = if stream.aggregate_type.is_empty() { &profile } else { &stream.aggregate_type };
        let stream = StreamName::new(kind.replace('/', "."), &stream.aggregate_id);
        let ours = target.store.read_stream(&stream, 1, None).unwrap();
        assert_eq!(ours.len(), theirs.len(), "{name}: {stream}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            same_event(name, ours, theirs);
        }
    }
    target.assert_sound();
    let again = target.import(&fixture(name), &Options::default()).unwrap();
    assert_eq!((again.imported, again.compared, &again.hash), (0, events, &done.hash), "{name}");
    assert_eq!(target.events().len() as u64, events, "{name}: nothing is there twice");
}

fn same_event(name: &str, ours: &Event, theirs: &Event) {
    let at = format!("{name}: position {}", theirs.position);
    assert_eq!(ours.event_type, theirs.event_type, "{at}");
    assert_eq!(ours.data.to_json(), theirs.data.to_stored_json(), "{at}");
    if let Decoded::Document { encodings, .. } = theirs.data.decoded()
        && encodings.as_slice() == ["json"]
    {
        assert_eq!(ours.data.raw.trim_ascii(), theirs.data.raw.trim_ascii(), "{at}: byte for byte");
    }
    assert_eq!(imported_of(ours)["timestamp"], json!(theirs.timestamp.as_ref().map(|at| &*at.stored)), "{at}");
    for (ours, theirs) in [
        (&ours.causation_id, &theirs.causation_id),
        (&ours.correlation_id, &theirs.correlation_id),
        (&ours.actor, &theirs.actor),
    ] {
        assert_eq!(ours, theirs, "{at}");
    }
}

#[test]
fn eventsourcing_for_python_is_taken_over() {
    takes_over("py_eventsourcing_json", 1501);
    takes_over("py_eventsourcing_zlib", 1501);
    takes_over("py_eventsourcing_norowid", 500);
}

#[test]
fn emmett_and_opencode_are_taken_over() {
    takes_over("node_emmett_0_42", 1501);
    takes_over("node_opencode", 287);
}

#[test]
fn sqlite_es_is_taken_over() {
    takes_over("rust_sqlite_es", 1502);
}

#[test]
fn hallgren_is_taken_over() {
    takes_over("go_hallgren", 938);
}

#[test]
fn broadway_and_spatie_are_taken_over() {
    takes_over("php_broadway", 1501);
    takes_over("php_broadway_binary", 1501);
    takes_over("php_spatie_ddl", 1516);
}

#[test]
fn rails_event_store_is_taken_over() {
    takes_over("ruby_res_json", 1501);
    takes_over("ruby_res_yaml", 1501);
}

#[test]
fn ouroboros_is_taken_over() {
    takes_over("py_ouroboros", 654);
}

#[test]
fn stores_of_dotnet_and_java_are_taken_over() {
    takes_over("ddl_eventflow", 1501);
    takes_over("ddl_axon", 1501);
}

#[test]
fn a_store_without_positions_is_taken_over_in_the_order_of_its_moments() {
    let source = fixture("py_eventsourcing_norowid");
    assert!(source.mapping().unwrap().position.is_none());
    let mut target = Target::new();
    target.import(&source, &Options::default()).unwrap();
    for event in target.events() {
        let stored = imported_of(&event)["timestamp"].as_str().unwrap().to_owned();
        let theirs: chrono::DateTime<chrono::Utc> = stored.parse().unwrap();
        let ours = event.timestamp.unwrap().utc.unwrap();
        assert_eq!(ours.timestamp_micros(), theirs.timestamp_micros(), "none of them had to be raised");
    }
}

#[test]
fn an_import_that_is_stopped_goes_on_where_it_was() {
    for name in ["py_eventsourcing_json", "rust_sqlite_es", "node_emmett_0_42"] {
        let mut target = Target::new();
        let path = target.path("target.db");
        let (source, generation) = (fixture(name), Arc::new(AtomicU64::new(0)));
        source.set_interrupt(Interrupt::new(&generation)).unwrap();
        let mut seen = 0;
        let stopped = import(&source, &mut target.store, &path, &Options::default(), |progress| {
            if progress.phase == Phase::Importing {
                seen = progress.imported;
                generation.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert!(stopped.unwrap_err().is_cancelled(), "{name}");
        assert_eq!((seen, target.events().len()), (1_000, 1_000), "{name}: the batch stays");
        let done = target.import(&fixture(name), &Options::default()).unwrap();
        assert_eq!(done.imported + 1_000, done.compared, "{name}");
        assert_eq!(target.events().len() as u64, done.compared, "{name}");
        target.assert_sound();
    }
}

/// A table without a rowid, in the order of its streams, whose moments go to and fro between them.
fn keyed(folder: &Path, streams: u32, versions: u32) -> Source {
    let path = folder.join("keyed.db");
    let conn = Connection::open(&path).unwrap();
    let sql = "CREATE TABLE IF NOT EXISTS facts (entity TEXT, no INTEGER, kind TEXT, body TEXT, at TEXT, \
               PRIMARY KEY (entity, no)) WITHOUT ROWID";
    conn.execute_batch(sql).unwrap();
    let sql = "INSERT OR IGNORE INTO facts VALUES (?1, ?2, 'noted', ?3, ?4)";
    let mut insert = conn.prepare(sql).unwrap();
    for (stream, version) in (0..streams).flat_map(|stream| (0..versions).map(move |version| (stream, version))) {
        let at = format!("2026-03-14T12:{:02}:{:02}Z", version % 60, stream % 60);
        insert.execute((format!("s{stream}"), version, format!("{{\"n\":{version}}}"), at)).unwrap();
    }
    let toml = "name = \"facts\"\ntitle = \"Facts\"\n[detect]\nfacts = [\"no\"]\n[events]\nfrom = \"facts\"\n\
        event_type = \"kind\"\naggregate_id = \"entity\"\nversion = \"no\"\ndata = \"body\"\n\
        timestamp = { sql = \"at\", format = \"iso8601\" }\n";
    let profile = folder.join("facts.toml");
    std::fs::write(&profile, toml).unwrap();
    let options = OpenOptions { profile: Some(eventscope::source::Choice::Path(profile)), ..OpenOptions::default() };
    Source::open(path, &options).unwrap()
}

#[test]
fn a_store_without_positions_goes_on_after_it_was_stopped_and_after_it_has_grown() {
    let mut target = Target::new();
    let (folder, path) = (target.folder.path().to_owned(), target.path("target.db"));
    let (source, generation) = (keyed(&folder, 40, 30), Arc::new(AtomicU64::new(0)));
    source.set_interrupt(Interrupt::new(&generation)).unwrap();
    let stopped = import(&source, &mut target.store, &path, &Options::default(), |progress| {
        generation.fetch_add(u64::from(progress.imported > 0), Ordering::Relaxed);
    });
    assert!(stopped.unwrap_err().is_cancelled());
    assert_eq!(target.events().len(), 1_000);
    let done = target.import(&keyed(&folder, 40, 30), &Options::default()).unwrap();
    assert_eq!((done.imported, done.before, done.compared), (200, 1_000, 1_200));
    // Rows that come in between the others move the numbers of all that follow.
    let done = target.import(&keyed(&folder, 41, 31), &Options::default()).unwrap();
    assert_eq!((done.imported, done.before, done.compared), (71, 1_200, 1_271));
    let stream = target.store.read_stream(&StreamName::new("facts", "s3"), 1, None).unwrap();
    let numbers: Vec<_> = stream.iter().map(|event| event.data.to_json()["n"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (0..31).collect::<Vec<_>>());
    target.assert_sound();
}

#[test]
fn what_was_added_since_is_added_and_nothing_else() {
    let mut target = Target::new();
    let folder = target.folder.path().to_owned();
    let row = |seq: u64| {
        format!("({seq}, 'e{seq}', 'noted', 'a', {seq}, '{{}}', NULL, '2026-03-14T12:00:0{seq}Z', NULL, NULL, NULL)")
    };
    let source = log(&folder, &format!("{}, {}", row(1), row(2)));
    assert_eq!(target.import(&source, &Options::default()).unwrap().imported, 2);
    let writer = Connection::open(folder.join("log.db")).unwrap();
    writer.execute_batch(&format!("INSERT INTO log VALUES {}", row(3))).unwrap();
    let done = target.import(&open_log(&folder), &Options::default()).unwrap();
    assert_eq!((done.imported, done.before, done.compared), (1, 0, 3));
    assert_eq!(target.store.checkpoints().unwrap().len(), 1);
    target.assert_sound();
}

#[test]
fn what_the_format_cannot_hold_is_kept_in_the_metadata() {
    let mut target = Target::new();
    let source = log(
        target.folder.path(),
        r#"(1, 'x', 'opened', 'a', 0, '{ "n": 8.00 }', '{"ip": "::1"}', '2026-03-14T12:00:02Z', 'v2', 'robot', 'fax'),
           (2, 'x', 'noted', 'a', 1, 'just text', '[1]', '2026-03-14T12:00:01Z', '1.0', 'user', 'api'),
           (3, NULL, 'noted', NULL, 7, NULL, NULL, NULL, 'odd', NULL, NULL)"#,
    );
    target.import(&source, &Options::default()).unwrap();
    let [first, second, third] = target.events().try_into().unwrap();
    assert_eq!(first.stream, StreamName::new("diary", "a"), "the profile's name stands for the type");
    assert_eq!(&*first.data.raw, br#"{ "n": 8.00 }"#);
    assert_eq!((first.id.as_deref(), first.version), (Some("x"), 1));
    assert_eq!(
        (first.schema_version.as_deref(), first.actor_type, first.source.as_deref()),
        (Some("2"), None, Some("import"))
    );
    let metadata = first.metadata.to_json();
    let noted = &metadata[IMPORTED];
    assert_eq!(metadata["ip"], "::1");
    assert_eq!((&noted["position"], &noted["version"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&noted["schema_version"], &noted["actor_type"], &noted["source"]),
        (&json!("v2"), &json!("robot"), &json!("fax"))
    );

    assert_eq!(second.data.to_json(), json!("just text"));
    assert_eq!(
        (second.version, second.source.as_deref(), second.actor_type.as_deref()),
        (2, Some("api"), Some("user"))
    );
    assert_ne!(second.id.as_deref(), Some("x"), "the id is the first one's");
    let noted = imported_of(&second);
    assert_eq!((&noted["event_id"], &noted["metadata"]), (&json!("x"), &json!([1])));
    assert_eq!(second.timestamp, first.timestamp, "time never goes back");
    assert_eq!(noted["timestamp"], "2026-03-14T12:00:01Z");

    assert_eq!(third.stream, StreamName::new("diary", "log"), "the table's name stands for the stream");
    assert_eq!((third.data.to_json(), third.version), (Value::Null, 1));
    assert_eq!((third.schema_version.as_deref(), &imported_of(&third)["schema_version"]), (Some("1"), &json!("odd")));
    assert_eq!(&*third.timestamp.unwrap().stored, "2026-03-14T12:00:01.000000Z".replace("01.", "02."));
    target.assert_sound();
    let again = target.import(&source, &Options::default()).unwrap();
    assert_eq!((again.imported, again.compared), (0, 3));
}

#[test]
fn a_type_can_be_chosen_and_a_filter_set() {
    let mut target = Target::new();
    let rows = "(1, 'e1', 'opened', 'a', 1, '{}', NULL, NULL, NULL, NULL, NULL), \
                (2, 'e2', 'noted', 'a', 2, '{}', NULL, NULL, NULL, NULL, NULL), \
                (3, 'e3', 'noted', 'b', 1, '{}', NULL, NULL, NULL, NULL, NULL)";
    let source = log(target.folder.path(), rows);
    let options = |filter: &str| Options {
        filter: Filter::parse(filter).unwrap(),
        aggregate_type: Some("page".to_owned()),
        ..Options::default()
    };
    let some = target.import(&source, &options("type:noted")).unwrap();
    assert_eq!((some.imported, some.compared, some.streams), (2, 2, 2));
    let events = target.events();
    assert_eq!((events[0].stream.to_string(), events[0].version), ("page/a".to_owned(), 1));
    assert_eq!(imported_of(&events[0])["version"], 2);
    // The rest overlaps with what is there.
    let all = options("stream:b");
    let done = target.import(&source, &all).unwrap();
    assert_eq!((done.imported, done.before), (0, 1));
    let otherwise = target.import(&source, &Options { filter: Filter::parse("id:e3").unwrap(), ..Options::default() });
    let error = otherwise.unwrap_err();
    assert!(error.to_string().contains("position 3 was imported before, as noted of page/b"), "{error}");
}

#[test]
fn payloads_that_nothing_can_read_are_an_error_or_carried_along() {
    let source = fixture("py_eventsourcing_aes");
    let mut target = Target::new();
    let error = target.import(&source, &Options::default()).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::BadInput);
    assert!(error.to_string().starts_with("position 1 of py_eventsourcing_aes.db: its payload"), "{error}");
    assert!(error.hint().unwrap().contains("--opaque base64"));
    assert!(target.events().is_empty());
    let options = Options { opaque: Opaque::Base64, ..Options::default() };
    let done = target.import(&source, &options).unwrap();
    let events = target.events();
    assert_eq!(done.imported, events.len() as u64);
    let carried = events[0].data.to_json();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, carried["base64"].as_str().unwrap());
    assert_eq!(bytes.unwrap(), *source.event(1).unwrap().unwrap().data.raw);
    target.assert_sound();
}

#[test]
fn a_difference_is_found_and_the_first_event_that_differs_named() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<_> = (1..=9)
        .map(|n| format!("({n}, 'e{n}', 'noted', 'a', {n}, '{{\"n\": {n}}}', NULL, NULL, NULL, NULL, NULL)"))
        .collect();
    let source = log(folder.path(), &rows.join(", "));
    for (sql, words) in [
        (
            "UPDATE events SET data = '{\"n\": 50}' WHERE position = 5",
            "position 5 (a at version 5, position 5 of the store): its data is another",
        ),
        (
            "UPDATE events SET event_type = 'x' WHERE position IN (7, 6)",
            "position 6 (a at version 6, position 6 of the store): its type is x",
        ),
        (
            "UPDATE events SET aggregate_id = 'z' WHERE position = 9",
            "position 9 (a at version 9, position 9 of the store): it is of the stream diary/z",
        ),
        ("DELETE FROM events WHERE position = 8", "position 8 (a at version 8): it is missing there"),
    ] {
        let mut target = Target::new();
        target.import(&source, &Options::default()).unwrap();
        let other = Connection::open(target.path("target.db")).unwrap();
        other.execute_batch("DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted").unwrap();
        other.execute_batch(sql).unwrap();
        let error = target.import(&source, &Options::default()).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Database);
        assert!(error.to_string().contains(words) && error.hint().is_some(), "{error}");
    }
}

#[test]
fn two_databases_come_together_in_one_store() {
    let mut target = Target::new();
    for name in ["py_eventsourcing_json", "py_eventsourcing_zlib", "node_emmett_0_42"] {
        assert_eq!(target.import(&fixture(name), &Options::default()).unwrap().imported, 1501, "{name}");
    }
    assert_eq!(target.events().len(), 3 * 1501);
    for name in ["node_emmett_0_42", "py_eventsourcing_zlib", "py_eventsourcing_json"] {
        let again = target.import(&fixture(name), &Options::default()).unwrap();
        assert_eq!((again.imported, again.compared), (0, 1501), "{name}");
    }
    target.assert_sound();
}

#[test]
fn a_store_is_not_imported_into_itself_but_into_another() {
    let mut target = Target::new();
    let shop = target.path("shop.db");
    eventscope::demo::create(&shop).unwrap();
    let source = Source::open(&shop, &OpenOptions::default()).unwrap();
    let done = target.import(&source, &Options::default()).unwrap();
    assert!(done.imported > 4_000);
    let own = Source::open(target.path("target.db"), &OpenOptions::default()).unwrap();
    let error = target.import(&own, &Options::default()).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Unsupported);
    // What was imported twice remembers both times.
    let mut third = Target::new();
    third.import(&own, &Options::default()).unwrap();
    assert_eq!(imported_of(&third.events()[0])["before"]["file"], "shop.db");
}

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_command_line_tells_databases_from_lines_and_shows_its_progress() {
    let target = Target::new();
    let (store, source) = (target.path("target.db"), fixture("node_emmett_0_42").path().to_owned());
    let done = eventscope(&["import", text(&store), text(&source), "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let lines: Vec<Value> =
        String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = json!({"progress": "importing", "looked_at": 1000, "total": 1501, "imported": 1000});
    let phases: Vec<_> = lines.iter().filter_map(|line| line["progress"].as_str()).collect();
    assert_eq!(phases, ["ordering", "importing", "importing", "verifying", "verifying"]);
    assert_eq!(lines[1], first);
    assert_eq!((&lines[5]["imported"], &lines[5]["compared"]), (&json!(1501), &json!(1501)));
    assert_eq!(lines[5]["hash"].as_str().unwrap().len(), 64);
    let again = eventscope(&["import", text(&store), text(&source)]);
    let answer = String::from_utf8(again.stdout).unwrap();
    assert!(answer.starts_with("imported 0 events; all 1501 from this database, in 115 streams"), "{answer}");
    let kept = eventscope(&["import", text(&store), text(&source), "--keep"]);
    assert_eq!(kept.status.code(), Some(2));
    let lines = target.path("in.ndjson");
    std::fs::write(&lines, r#"{"aggregate_type":"a","aggregate_id":"1","event_type":"x","data":1}"#).unwrap();
    let filtered = eventscope(&["import", text(&store), text(&lines), "--filter", "type:x"]);
    assert_eq!(filtered.status.code(), Some(2));
    assert!(String::from_utf8(filtered.stderr).unwrap().contains("--filter is for databases"));
    assert_eq!(eventscope(&["import", text(&store), text(&lines)]).status.code(), Some(0));
    let unknown = eventscope(&["import", text(&store), text(fixture("decoy_fossil").path())]);
    assert_eq!(unknown.status.code(), Some(1), "{}", String::from_utf8_lossy(&unknown.stderr));
}

#[test]
fn an_import_that_is_killed_again_and_again_comes_to_the_same_end() {
    let target = Target::new();
    let rows: Vec<_> = (1..=12_000)
        .map(|n| {
            format!("({n}, 'e{n}', 'noted', 's{}', {}, '{{\"n\": {n}}}', NULL, NULL, NULL, NULL, NULL)", n % 7, n / 7)
        })
        .collect();
    log(target.folder.path(), &rows.join(", "));
    let (store, source, profile) = (target.path("target.db"), target.path("log.db"), target.path("diary.toml"));
    let args = ["import", text(&store), text(&source), "--profile", text(&profile), "--json"];
    let mut there = 0;
    for round in 1..=5 {
        let mut process =
            Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).stdout(Stdio::piped()).spawn().unwrap();
        // In the midst of it: after some batches, and in one.
        let mut answers = BufReader::new(process.stdout.take().unwrap()).lines();
        let told = (0..=round % 3).map_while(|_| answers.next());
        let committed = told.filter(|line| line.as_ref().unwrap().contains("importing")).count();
        process.kill().unwrap();
        process.wait().unwrap();
        let found = EventStore::open(&store).unwrap().events(Query::default()).count();
        assert!(
            found >= there + committed * 1_000 && found.is_multiple_of(1_000),
            "round {round}: {found} after {there}"
        );
        there = found;
    }
    assert!(there < 12_000, "it was never killed in its midst");
    let done = eventscope(&args);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(target.events().len(), 12_000);
    let found = target.store.verify().unwrap();
    assert_eq!((found.events, found.fault), (12_000, None));
    let integrity = target.store.integrity_check().unwrap();
    assert!(integrity.is_empty(), "{integrity:?}");
}
