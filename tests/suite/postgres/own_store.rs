//! The store of this program on a server: what only a server can do or have done to it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::server::{Address, create_store, open_store, open_store_read_only};
use eventscope::store::postgres::{POSTGRES_SCHEMA_VERSION, PostgresProjection, PostgresStore, postgres::Client};
use eventscope::store::{Naming, Store};
use eventscope::{Error, ErrorKind, Result};
use serde_json::json;

use super::server::{Database, cluster, database};

fn stream(id: &str) -> StreamName {
    StreamName::new("order", id)
}

fn events(count: i64) -> Vec<NewEvent> {
    (0..count).map(|number| NewEvent::new("order.placed", json!({ "number": number }))).collect()
}

fn address(database: &Database) -> Address {
    Address::parse(&database.url()).unwrap()
}

fn created(database: &Database) -> PostgresStore {
    create_store(&address(database)).unwrap()
}

#[test]
fn events_are_never_changed_by_anybody() {
    let Some(database) = database("events_are_never_changed_by_anybody") else { return };
    let mut store = created(&database);
    store.append(&stream("1"), ExpectedVersion::Any, &events(3)).unwrap();
    let changes = [
        "UPDATE eventscope.events SET data = '{}'",
        "DELETE FROM eventscope.events",
        "TRUNCATE eventscope.events",
        "INSERT INTO eventscope.events SELECT 1, 'x', 'order', '9', 1, 'a', 1, now(), null, null, null, null, null, '{}', null",
    ];
    for change in changes {
        let refused = database.connect().batch_execute(change).unwrap_err();
        let said = refused.as_db_error().unwrap().message().to_owned();
        assert!(said.contains("never changed") || said.contains("events_at_one_position"), "{change}: {said}");
    }
    assert_eq!(store.read_all(None, 9).unwrap().len(), 3);
}

#[test]
fn a_role_has_the_rights_that_its_work_takes() {
    let Some(database) = database("a_role_has_the_rights_that_its_work_takes") else { return };
    let mut store = created(&database);
    let (writer, reader) = (format!("w_{}", database.name), format!("r_{}", database.name));
    for role in [&writer, &reader] {
        database.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'of the role'"));
    }
    store.grant(&writer, true).unwrap();
    store.grant(&reader, false).unwrap();
    let of = |role: &str| {
        let url = format!("postgres://{role}:of%20the%20role@127.0.0.1:{}/{}", database.port, database.name);
        Address::parse(&url).unwrap()
    };
    let mut writing = open_store(&of(&writer)).unwrap();
    writing.append(&stream("1"), ExpectedVersion::NoStream, &events(2)).unwrap();
    writing.save_snapshot(&stream("1"), 2, 1, json!({}).into()).unwrap();
    writing.set_checkpoint("mails", 1).unwrap();
    writing.put_schema("order.placed", 1, &json!({}), false).unwrap();
    // Also where the triggers are gone.
    database.run("ALTER TABLE eventscope.events DISABLE TRIGGER ALL");
    for change in
        ["UPDATE eventscope.events SET data = ''", "DELETE FROM eventscope.events", "TRUNCATE eventscope.events"]
    {
        let error = writing
            .transaction(|transaction| {
                transaction.with_tables(|tables| {
                    tables
                        .batch_execute(change)
                        .map_err(|error| Error::bad_input(error.as_db_error().unwrap().message()))
                })
            })
            .unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{error}");
    }
    let mut reading = open_store_read_only(&of(&reader)).unwrap();
    assert_eq!(reading.read_all(None, 9).unwrap().len(), 2);
    let error = reading.append(&stream("1"), ExpectedVersion::Any, &events(1)).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::ReadOnly, "{error}");
    assert!(error.hint().is_some());
    // Who may write and does not want to is held to it.
    let mut reading = open_store_read_only(&address(&database)).unwrap();
    let error = reading.append(&stream("1"), ExpectedVersion::Any, &events(1)).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::ReadOnly, "{error}");
    assert_eq!(*reading.set_checkpoint("mails", 2).unwrap_err().kind(), ErrorKind::ReadOnly);
    let nobody = of(&writer).with_password("wrong");
    assert_eq!(*open_store(&nobody).map(drop).unwrap_err().kind(), ErrorKind::BadInput);
}

/// Writers that take long between their first statement and their commit, and others that do not wait for them to begin.
#[test]
fn no_position_appears_behind_one_that_was_read() {
    let Some(database) = database("no_position_appears_behind_one_that_was_read") else { return };
    created(&database);
    let (address, done) = (address(&database), AtomicBool::new(false));
    let heard = std::thread::scope(|scope| {
        let follower = scope.spawn(|| {
            let (store, mut heard) = (open_store(&address).unwrap(), Vec::new());
            loop {
                let was_done = done.load(Ordering::Relaxed);
                let events = store.wait(heard.last().copied(), 50, Duration::from_millis(20)).unwrap();
                heard.extend(events.iter().map(|event| event.position));
                if was_done && events.is_empty() {
                    return heard;
                }
            }
        });
        let writers: Vec<_> = (0..6_u64)
            .map(|writer| {
                let address = &address;
                scope.spawn(move || {
                    let mut store = open_store(address).unwrap();
                    for round in 0..12_u64 {
                        let name = stream(&format!("{writer}"));
                        let done: Result<()> = store.transaction(|transaction| {
                            transaction.append(&name, ExpectedVersion::Any, &events(1))?;
                            // A third of them sleeps with its event written and not committed; some then fail.
                            if round % 3 == writer % 3 {
                                std::thread::sleep(Duration::from_millis(40));
                            }
                            if round % 5 == 4 { Err(Error::bad_input("changed its mind")) } else { Ok(()) }
                        });
                        assert_eq!(done.is_err(), round % 5 == 4);
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        follower.join().unwrap()
    });
    assert_eq!(heard, (1..=60).collect::<Vec<i64>>(), "in order, each once, without a gap");
}

#[test]
fn what_is_no_store_is_told_and_left_alone() {
    let Some(database) = database("what_is_no_store_is_told_and_left_alone") else { return };
    let error = open_store(&address(&database)).map(drop).unwrap_err();
    assert!(
        error.to_string().contains("no event store") && error.hint().unwrap().contains("eventscope new"),
        "{error}"
    );
    database.run("CREATE TABLE events (id int); INSERT INTO events VALUES (1)");
    created(&database);
    let error = create_store(&address(&database)).map(drop).unwrap_err();
    assert!(error.to_string().contains("holds an event store already"), "{error}");
    database.run(&format!("INSERT INTO eventscope.schema VALUES ({})", POSTGRES_SCHEMA_VERSION + 1));
    let error = open_store(&address(&database)).map(drop).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn the_schema_goes_up_and_down_and_never_takes_anything_along() {
    let Some(database) = database("the_schema_goes_up_and_down_and_never_takes_anything_along") else { return };
    let mut store = created(&database);
    for target in (1..POSTGRES_SCHEMA_VERSION).rev() {
        assert_eq!(store.migrate(target).unwrap(), target + 1);
    }
    assert_eq!(*open_store_read_only(&address(&database)).map(drop).unwrap_err().kind(), ErrorKind::Unsupported);
    let mut store = open_store(&address(&database)).unwrap();
    store.append(&stream("1"), ExpectedVersion::Any, &events(1)).unwrap();
    store.set_checkpoint("mails", 1).unwrap();
    let error = store.migrate(2).unwrap_err();
    assert!(error.to_string().contains("`checkpoints`"), "{error}");
    assert_eq!(store.migrate(4).unwrap(), POSTGRES_SCHEMA_VERSION);
    assert_eq!(store.migrate(POSTGRES_SCHEMA_VERSION).unwrap(), 4);
    assert_eq!(store.read_all(None, 9).unwrap().len(), 1);
    assert!(store.migrate(99).is_err());
}

#[test]
fn what_others_did_to_the_tables_is_found() {
    let Some(database) = database("what_others_did_to_the_tables_is_found") else { return };
    let mut store = created(&database);
    for id in ["1", "2"] {
        store.append(&stream(id), ExpectedVersion::Any, &events(3)).unwrap();
    }
    let row = |position: i64, version: i64| {
        format!(
            "INSERT INTO eventscope.events SELECT {position}, 'x', 'order', '1', {version}, 'a', 1, now(), null, null, null, \
             null, null, '{{}}', null"
        )
    };
    let cases = [
        ("UPDATE eventscope.events SET version = 7 WHERE position = 2".to_owned(), 2, "where 2 comes next"),
        ("DELETE FROM eventscope.events WHERE position = 4".to_owned(), 5, "where 1 comes next"),
        ("UPDATE eventscope.events SET data = '{' WHERE position = 3".to_owned(), 3, "its data is no JSON"),
        (
            "UPDATE eventscope.events SET recorded_at = '2001-01-01' WHERE position = 5".to_owned(),
            5,
            "before the event before it",
        ),
        (
            "UPDATE eventscope.streams SET version = 9 WHERE aggregate_id = '2'".to_owned(),
            6,
            "`streams` does not agree",
        ),
        ("DELETE FROM eventscope.streams WHERE aggregate_id = '2'".to_owned(), 6, "`streams` does not agree"),
        (row(7, 4), 7, "another program wrote it"),
        ("DELETE FROM eventscope.events WHERE position = 6".to_owned(), 6, "`log` ends at position 6"),
    ];
    assert_eq!(store.verify(&mut |_| {}).unwrap().events, 6);
    database.run("ALTER TABLE eventscope.events DISABLE TRIGGER ALL");
    for (change, position, reason) in cases {
        database.run("CREATE TABLE e AS TABLE eventscope.events; CREATE TABLE s AS TABLE eventscope.streams");
        database.run(&change);
        let fault = store.verify(&mut |_| {}).unwrap().fault.unwrap_or_else(|| panic!("not found: {change}"));
        assert!(fault.position == position && fault.reason.contains(reason), "{change}: {fault:?}");
        database.run("DELETE FROM eventscope.events; INSERT INTO eventscope.events TABLE e; DROP TABLE e");
        database.run("DELETE FROM eventscope.streams; INSERT INTO eventscope.streams TABLE s; DROP TABLE s");
        assert_eq!(store.verify(&mut |_| {}).unwrap().fault, None);
    }
    database.run(&row(7, 4));
    let error = store.append(&stream("1"), ExpectedVersion::Any, &events(1)).unwrap_err();
    assert!(error.to_string().contains("`streams` or `log` do not count"), "{error}");
}

#[test]
fn names_are_held_against_the_convention_of_the_store() {
    let Some(database) = database("names_are_held_against_the_convention_of_the_store") else { return };
    let (mut one, mut other) = (created(&database), open_store(&address(&database)).unwrap());
    let wrong = [NewEvent::new("OrderPlaced", json!({}))];
    other.append(&stream("1"), ExpectedVersion::Any, &wrong).unwrap();
    one.set_naming(&Naming::dotted()).unwrap();
    assert_eq!(other.naming().unwrap(), Naming::dotted());
    assert!(other.append(&stream("1"), ExpectedVersion::Any, &wrong).is_err());
    let error = other.append(&StreamName::new("Order", "1"), ExpectedVersion::Any, &events(1)).unwrap_err();
    assert!(error.to_string().contains("aggregate type `Order`"), "{error}");
    one.set_naming(&Naming::default()).unwrap();
    other.append(&stream("1"), ExpectedVersion::Any, &wrong).unwrap();
    let nul = [NewEvent::new("a\0b", json!({}))];
    let error = other.append(&stream("1"), ExpectedVersion::Any, &nul).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::BadInput, "{error}");
}

struct Totals;

impl PostgresProjection for Totals {
    fn name(&self) -> &'static str {
        "totals"
    }

    fn create(&mut self, tables: &mut Client) -> Result<()> {
        done(tables.batch_execute("CREATE TABLE IF NOT EXISTS totals (id text PRIMARY KEY, total bigint NOT NULL)"))
    }

    fn clear(&mut self, tables: &mut Client) -> Result<()> {
        done(tables.batch_execute("DROP TABLE IF EXISTS totals"))
    }

    fn apply(&mut self, tables: &mut Client, event: &Event) -> Result<()> {
        let number = event.data.to_json()["number"].as_i64().ok_or_else(|| Error::bad_input("it has no number"))?;
        let sql =
            "INSERT INTO totals VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET total = totals.total + excluded.total";
        done(tables.execute(sql, &[&event.stream.aggregate_id, &number]).map(drop))
    }
}

fn done(done: Result<(), postgres::Error>) -> Result<()> {
    done.map_err(|error| Error::new(ErrorKind::Database, error.to_string()))
}

#[test]
fn a_projection_is_written_with_its_checkpoint_or_not_at_all() {
    let Some(database) = database("a_projection_is_written_with_its_checkpoint_or_not_at_all") else { return };
    let mut store = created(&database);
    store.append(&stream("1"), ExpectedVersion::Any, &events(1_500)).unwrap();
    assert_eq!(store.project(&mut Totals).unwrap(), 1_500);
    assert_eq!(store.project(&mut Totals).unwrap(), 0);
    let total =
        || -> i64 { database.connect().query_one("SELECT sum(total)::bigint FROM totals", &[]).unwrap().get(0) };
    assert_eq!(total(), (0..1_500).sum::<i64>());
    store.append(&stream("1"), ExpectedVersion::Any, &events(3)).unwrap();
    store.append(&stream("2"), ExpectedVersion::Any, &[NewEvent::new("wrong", json!({}))]).unwrap();
    let error = store.project(&mut Totals).unwrap_err();
    assert!(error.to_string().contains("the projection totals at position 1504"), "{error}");
    assert_eq!((total(), store.checkpoint("totals").unwrap()), ((0..1_500).sum::<i64>(), Some(1_500)));
    assert!(store.rebuild(&mut Totals).is_err());
    assert_eq!(store.checkpoint("totals").unwrap(), Some(1_000));
}

#[test]
fn a_store_finds_its_server_again() {
    let Some(mut cluster) = cluster("a_store_finds_its_server_again", "") else { return };
    let database = cluster.database("shop");
    let mut store = created(&database);
    store.append(&stream("1"), ExpectedVersion::Any, &events(2)).unwrap();
    cluster.stop();
    let error = store.append(&stream("1"), ExpectedVersion::Any, &events(1)).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Busy, "{error}");
    assert!(error.hint().is_some());
    assert_eq!(*store.read_all(None, 9).unwrap_err().kind(), ErrorKind::Busy);
    cluster.run();
    assert_eq!(cluster.port, database.port, "it is where it was");
    assert_eq!(store.read_all(None, 9).unwrap().len(), 2);
    store.append(&stream("1"), ExpectedVersion::Exactly(2), &events(1)).unwrap();
}
