//! Following the built-in store's log: subscriptions in and across connections, and projections beside the events.

use std::time::{Duration, Instant};

use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{EventStore, Projection};
use eventscope::{Error, Result};
use rusqlite::Connection;
use serde_json::json;

const LONG: Duration = Duration::from_secs(20);

fn raise(store: &mut EventStore, count: usize) {
    let events = vec![NewEvent::new("counter.raised", json!({})); count];
    store.append(&StreamName::new("counter", "1"), ExpectedVersion::Any, &events).unwrap();
}

fn positions(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.position).collect()
}

#[test]
fn a_subscription_catches_up_and_then_ends_its_waiting_empty_handed() {
    let mut store = EventStore::open_in_memory().unwrap();
    raise(&mut store, 5);
    let mut all = store.subscribe(None).with_batch(3);
    assert_eq!(positions(&all.poll(&store).unwrap()), [1, 2, 3]);
    assert_eq!(positions(&all.wait(&store, LONG).unwrap()), [4, 5]);
    assert_eq!(positions(&all.wait(&store, Duration::from_millis(20)).unwrap()), [0; 0]);
    raise(&mut store, 1);
    assert_eq!(positions(&all.wait(&store, LONG).unwrap()), [6]);
    assert_eq!(positions(&store.subscribe(Some(5)).poll(&store).unwrap()), [6]);
}

/// Waits in this thread while `write` writes from another one, and answers with how long the news took.
fn latency(store: &EventStore, write: impl FnOnce() -> Instant + Send) -> Duration {
    let mut live = store.subscribe(store.last_position().unwrap());
    std::thread::scope(|scope| {
        let writer = scope.spawn(write);
        let events = live.wait(store, LONG).unwrap();
        let heard = Instant::now();
        assert_eq!(events.len(), 1);
        heard.saturating_duration_since(writer.join().unwrap())
    })
}

#[test]
fn events_that_others_commit_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let store = EventStore::create(&path).unwrap();
    let pause = Duration::from_millis(120);
    let in_process = latency(&store, || {
        let mut writer = EventStore::open(&path).unwrap();
        std::thread::sleep(pause);
        raise(&mut writer, 1);
        Instant::now()
    });
    // A plain connection rings no bell, as another process would not.
    let across = latency(&store, || {
        std::thread::sleep(pause);
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let event = NewEvent::new("counter.raised", json!({}));
        let stream = StreamName::new("counter", "1");
        eventscope::store::append_in(&connection, &stream, ExpectedVersion::Any, &[event]).unwrap();
        connection.execute_batch("COMMIT").unwrap();
        Instant::now()
    });
    assert!(in_process < LONG / 4 && across < LONG / 4, "{in_process:?} {across:?}");
}

#[test]
fn a_named_subscription_goes_on_behind_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    raise(&mut store, 4);
    let mut mails = store.subscribe_named("mails").unwrap().with_batch(2);
    mails.poll(&store).unwrap();
    mails.acknowledge(&mut store).unwrap();
    mails.poll(&store).unwrap();
    drop(store);
    let store = EventStore::open(&path).unwrap();
    let mut mails = store.subscribe_named("mails").unwrap();
    assert_eq!(positions(&mails.poll(&store).unwrap()), [3, 4], "what was not acknowledged comes again");
    assert_eq!(store.checkpoints().unwrap(), [("mails".to_owned(), 2)]);
    assert_eq!(store.checkpoint("other").unwrap(), None);
}

#[test]
fn a_subscriber_that_holds_a_batch_blocks_no_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let (mut store, reader) = (EventStore::create(&path).unwrap(), EventStore::open(&path).unwrap());
    raise(&mut store, 2_000);
    let mut events = reader.events(eventscope::store::Query::default());
    assert_eq!(events.next().unwrap().unwrap().position, 1);
    raise(&mut store, 1);
    assert_eq!(events.last().unwrap().unwrap().position, 2_001);
}

/// Counts events by type in a table; stops at one type.
struct Counts {
    stops_at: &'static str,
}

impl Projection for Counts {
    fn name(&self) -> &'static str {
        "counts"
    }

    fn create(&mut self, tables: &Connection) -> Result<()> {
        Ok(tables.execute_batch("CREATE TABLE IF NOT EXISTS counts (type TEXT PRIMARY KEY, number INTEGER)")?)
    }

    fn clear(&mut self, tables: &Connection) -> Result<()> {
        Ok(tables.execute_batch("DROP TABLE IF EXISTS counts")?)
    }

    fn apply(&mut self, tables: &Connection, event: &Event) -> Result<()> {
        if event.event_type == self.stops_at {
            return Err(Error::bad_input("I stop here"));
        }
        let sql = "INSERT INTO counts VALUES (?1, 1) ON CONFLICT DO UPDATE SET number = number + 1";
        tables.execute(sql, [&event.event_type])?;
        Ok(())
    }
}

#[test]
fn a_projection_is_in_step_with_its_checkpoint_and_can_be_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    raise(&mut store, 1_200);
    let counted = || -> Option<i64> {
        let connection = Connection::open(&path).unwrap();
        connection.query_row("SELECT number FROM counts WHERE type = 'counter.raised'", [], |row| row.get(0)).ok()
    };
    let mut counts = Counts { stops_at: "counter.broken" };
    assert_eq!(store.project(&mut counts).unwrap(), 1_200);
    raise(&mut store, 3);
    assert_eq!((store.project(&mut counts).unwrap(), counted()), (3, Some(1_203)));

    raise(&mut store, 1);
    let broken = NewEvent::new("counter.broken", json!({}));
    store.append(&StreamName::new("counter", "1"), ExpectedVersion::Any, &[broken]).unwrap();
    let error = store.project(&mut counts).unwrap_err();
    assert!(error.to_string().contains("counts at position 1205"), "{error}");
    assert_eq!((store.checkpoint("counts").unwrap(), counted()), (Some(1_203), Some(1_203)), "the batch is taken back");

    counts.stops_at = "nothing";
    assert_eq!((store.rebuild(&mut counts).unwrap(), counted()), (1_205, Some(1_204)));
}
