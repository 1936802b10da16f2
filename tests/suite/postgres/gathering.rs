//! What is gathered from a server is what is there: found by its form, with every value as the server writes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::DateTime;
use eventscope::error::ErrorKind;
use eventscope::profile::Library;
use eventscope::server::{Address, Last, Progress, Server, Wanted, find, gather};
use eventscope::source::{Interrupt, OpenOptions, Slice, Source};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::forms::{FORMS, Form};
use super::server::{Database, database};

pub fn connected(database: &Database) -> Server {
    Server::connect_as_known(&Address::parse(&database.url()).unwrap()).unwrap()
}

/// Gathers into a file of a new folder.
pub fn gathered(database: &Database, wanted: &Wanted) -> (TempDir, PathBuf, Slice) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gathered.db");
    let slice = again(database, wanted, &file);
    (folder, file, slice)
}

/// Gathers into a file that may be there.
pub fn again(database: &Database, wanted: &Wanted, file: &Path) -> Slice {
    let mut server = connected(database);
    gather(&mut server, &Library::default(), wanted, file, &Interrupt::default(), &mut |_| {}).unwrap()
}

pub fn open(file: &Path) -> Source {
    Source::open(file, &OpenOptions::default()).unwrap()
}

/// The number that each event's data has, in the store's order.
pub fn numbers(source: &Source) -> Vec<i64> {
    let events = source.page_at(0, 100_000).unwrap();
    let number = |event: &eventscope::event::Event| {
        let data = event.data.to_json();
        let data = data.get("Changed").unwrap_or(&data);
        data["n"].as_i64().unwrap()
    };
    events.iter().map(number).collect()
}

fn ddl(database: &Database, form: &Form) {
    database.run(form.sql);
}

#[test]
fn each_librarys_tables_are_found_and_gathered_whole() {
    for form in &FORMS {
        let Some(database) = database("form") else { return };
        ddl(&database, form);
        let found = find(&mut connected(&database), &Library::default(), &Interrupt::default()).unwrap();
        let first = found.first().unwrap_or_else(|| panic!("{} is not found", form.profile));
        assert!(first.known && first.readable && first.table == form.table, "{}: {found:?}", form.profile);
        assert!(first.bytes > 0, "{}: {first:?}", form.profile);

        let (_folder, file, slice) = gathered(&database, &Wanted::default());
        assert!(slice.whole && slice.events == 12, "{}: {slice:?}", form.profile);
        let source = open(&file);
        let detection = source.detection().unwrap_or_else(|| panic!("{}: nothing", form.profile));
        assert_eq!(detection.profile.name, form.profile, "{}", detection.reason);
        assert_eq!(numbers(&source), (1..=12).collect::<Vec<_>>(), "{}", form.profile);
        let mut streams = Vec::new();
        source
            .streams(&mut |stream| {
                streams.push((stream.name.aggregate_id.clone(), stream.events, stream.last_version));
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        let expected = if form.profile == "disintegrate" { 12 } else { 4 };
        let stream = streams.iter().find(|(id, ..)| id == form.stream);
        assert_eq!(stream, Some(&(form.stream.to_owned(), expected, form.last)), "{}: {streams:?}", form.profile);
        assert!(
            source.notes().iter().any(|note| note.contains(form.table) && note.contains("100,000")),
            "{form_notes:?}",
            form_notes = source.notes()
        );
    }
}

#[test]
fn every_value_is_as_the_server_writes_it() {
    let Some(database) = database("types") else { return };
    database.run(
        "CREATE TYPE mood AS ENUM ('fine', 'so so');
         CREATE DOMAIN cents AS bigint; CREATE DOMAIN doc AS jsonb;
         CREATE TABLE of_all (position bigserial PRIMARY KEY, data jsonb, j json, b bytea, u uuid, t timestamptz, w timestamp, d date,
           n numeric, whole numeric(20,0), a int[], texts text[], x xid8, m mood, c cents, o doc, f double precision, r real, bool boolean,
           i interval, s text, small smallint, \"Odd Name\"\"s\" text);
         INSERT INTO of_all VALUES
         (1, '{\"n\": 1.10, \"big\": 12345678901234567890}', '{\"b\":1,  \"a\":2}', '\\x00ff5c', '0b8f1c1e-5b5a-4f7e-9a3c-1d2e3f405162',
          '2026-03-14 12:04:01.912345+02', '2026-03-14 12:04:01.000001', '2026-03-14', 1.50, 12345678901234567890, '{1,NULL,3}',
          ARRAY['a,b', E'q\"\\\\'], '18446744073709551615', 'so so', 250, '{\"k\": [1]}', 0.1, 0.25, true, '1 day 02:03:04.5',
          E'tab\\tline\\nback\\\\slash \\\\N', -7, 'odd'),
         (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'NaN', NULL, NULL, NULL, '', NULL, NULL);",
    );
    let wanted = Wanted { table: Some("public.of_all".to_owned()), ..Wanted::default() };
    let (_folder, file, _) = gathered(&database, &wanted);
    let conn = Connection::open(&file).unwrap();
    let row = |position: i64| -> Vec<Value> {
        let sql = "SELECT * FROM of_all WHERE position = ?1";
        conn.query_row(sql, [position], |row| (0..23).map(|place| row.get(place)).collect()).unwrap()
    };
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(
        row(1),
        [
            Value::Integer(1),
            text(r#"{"n": 1.10, "big": 12345678901234567890}"#),
            text(r#"{"b":1,  "a":2}"#),
            Value::Blob(vec![0, 255, 92]),
            text("0b8f1c1e-5b5a-4f7e-9a3c-1d2e3f405162"),
            text("2026-03-14 10:04:01.912345+00"),
            text("2026-03-14 12:04:01.000001"),
            text("2026-03-14"),
            text("1.50"),
            text("12345678901234567890"),
            text("{1,NULL,3}"),
            text(r#"{"a,b","q\"\\"}"#),
            text("18446744073709551615"),
            text("so so"),
            Value::Integer(250),
            text(r#"{"k": [1]}"#),
            Value::Real(0.1),
            Value::Real(0.25),
            Value::Integer(1),
            text("P1DT2H3M4.5S"),
            text("tab\tline\nback\\slash \\N"),
            Value::Integer(-7),
            text("odd"),
        ]
    );
    let mut nulls = vec![Value::Null; 23];
    (nulls[0], nulls[16], nulls[20]) = (Value::Integer(2), text("NaN"), text(""));
    assert_eq!(row(2), nulls);
}

/// A log of so many events in a hundred streams, of two types, a second apart.
pub fn log(database: &Database, events: u32) {
    database.run(&format!(
        "CREATE TABLE log (position bigserial PRIMARY KEY, stream_id text NOT NULL, version bigint NOT NULL, event_type text NOT NULL,
           data jsonb NOT NULL, recorded_at timestamptz NOT NULL, UNIQUE (stream_id, version));
         INSERT INTO log (stream_id, version, event_type, data, recorded_at)
         SELECT 'order-' || (n - 1) % 100, 1 + (n - 1) / 100, CASE WHEN n % 4 = 0 THEN 'order.paid' ELSE 'order.changed' END,
           jsonb_build_object('n', n), timestamptz '2026-01-05 08:00Z' + n * interval '1 second' FROM generate_series(1, {events}) n;
         ANALYZE log;"
    ));
}

#[test]
fn a_log_that_no_profile_knows_is_inferred_and_its_size_is_estimated() {
    let Some(database) = database("inferred") else { return };
    log(&database, 5_000);
    database.run("CREATE TABLE customer (id bigserial PRIMARY KEY, name text, street text, updated_at timestamptz)");
    let found = find(&mut connected(&database), &Library::default(), &Interrupt::default()).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(!found[0].known && found[0].table == "public.log" && found[0].rows == 5_000, "{found:?}");
    let (_folder, file, _) = gathered(&database, &Wanted::default());
    let source = open(&file);
    assert_eq!(numbers(&source), (1..=5_000).collect::<Vec<_>>());
    assert_eq!(source.mapping().unwrap().aggregate_id.as_ref().unwrap().sql, "stream_id");
}

#[test]
fn a_slice_is_what_was_asked_for() {
    let Some(database) = database("slices") else { return };
    log(&database, 1_000);
    let of = |wanted: Wanted| numbers(&open(&gathered(&database, &wanted).1));
    let text = |text: &str| vec![text.to_owned()];
    let moment = |text: &str| Some(DateTime::parse_from_rfc3339(text).unwrap().to_utc());
    assert_eq!(of(Wanted { last: Last::Events(10), ..Wanted::default() }), (991..=1_000).collect::<Vec<_>>());
    // A type and a stream's name only mean something through a profile.
    let error = Wanted { streams: text("order-7"), ..Wanted::default() };
    let mut server = connected(&database);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let gathering = gather(&mut server, &Library::default(), &error, &file, &Interrupt::default(), &mut |_| {});
    let streams = gathering.map(|_| numbers(&open(&file))).unwrap();
    assert_eq!(streams, (0..10).map(|version| 8 + 100 * version).collect::<Vec<_>>());
    let paid = of(Wanted { types: text("*.paid"), last: Last::Events(3), ..Wanted::default() });
    assert_eq!(paid, [992, 996, 1_000]);
    let span =
        Wanted { after: moment("2026-01-05T08:00:05Z"), before: moment("2026-01-05T08:00:08Z"), ..Wanted::default() };
    assert_eq!(of(span), [5, 6, 7]);
}

#[test]
fn a_gathering_that_was_cut_off_is_never_whole_and_goes_on() {
    let Some(database) = database("cut_off") else { return };
    log(&database, 100_000);
    let wanted = Wanted { last: Last::All, ..Wanted::default() };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gathered.db");
    let generation = Arc::new(AtomicU64::new(0));
    let stop = |progress: &Progress| {
        if progress.events > 0 {
            generation.fetch_add(1, Ordering::Relaxed);
        }
    };
    let mut server = connected(&database);
    let interrupt = Interrupt::new(&generation);
    let stopped = gather(&mut server, &Library::default(), &wanted, &file, &interrupt, &mut { stop }).unwrap_err();
    assert!(stopped.is_cancelled());
    let source = open(&file);
    let first = numbers(&source);
    assert!(!first.is_empty() && first.len() < 100_000);
    assert!(
        source.notes().iter().any(|note| note.contains("unfinished") && note.contains("cut off")),
        "{:?}",
        source.notes()
    );
    drop(source);
    let slice = again(&database, &wanted, &file);
    assert!(slice.whole && slice.events == 100_000);
    assert!(numbers(&open(&file)).into_iter().eq(1..=100_000));
    // What has come since is added, and another slice is not mixed in.
    database.run("INSERT INTO log (stream_id, version, event_type, data, recorded_at) VALUES ('new', 1, 'x', '{\"n\": 100001}', now())");
    assert_eq!(again(&database, &wanted, &file).events, 100_001);
    let other = Wanted { last: Last::Events(5), ..Wanted::default() };
    let error =
        gather(&mut server, &Library::default(), &other, &file, &Interrupt::default(), &mut |_| {}).unwrap_err();
    assert!(*error.kind() == ErrorKind::BadInput && error.to_string().contains("another slice"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone_and_nothing_is_made_on_the_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(database) = database("traces") else { return };
    log(&database, 1_000);
    let known = || {
        let sql = "SELECT count(*) + (SELECT count(*) FROM pg_proc) + (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables) FROM pg_class";
        database.connect().query_one(&format!("SELECT ({sql})::text"), &[]).unwrap().get::<_, String>(0)
    };
    let before = known();
    let (_folder, file, _) = gathered(&database, &Wanted::default());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(known(), before);
    // And a file of somebody's own stays what it is.
    let own = file.with_file_name("own.db");
    Connection::open(&own).unwrap().execute_batch("CREATE TABLE mine (x)").unwrap();
    let bytes = std::fs::read(&own).unwrap();
    let mut server = connected(&database);
    let error = gather(&mut server, &Library::default(), &Wanted::default(), &own, &Interrupt::default(), &mut |_| {});
    assert!(error.unwrap_err().to_string().contains("a database of its own"));
    assert_eq!(std::fs::read(&own).unwrap(), bytes);
}
