//! What comes to a server that is followed is in the file soon, also what is committed late, behind a higher number.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use eventscope::error::Result;
use eventscope::profile::Library;
use eventscope::server::{Last, News, Wanted, follow};
use eventscope::source::Interrupt;
use rusqlite::Connection;
use tempfile::TempDir;

use super::forms::FORMS;
use super::gathering::{again, connected, gathered, log, numbers, open};
use super::server::{Database, cluster, database};

/// A file that follows a server, until this is dropped.
struct Follower {
    _folder: TempDir,
    file: PathBuf,
    generation: Arc<AtomicU64>,
    news: std::sync::mpsc::Receiver<News>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Follower {
    fn start(database: &Database, wanted: &Wanted) -> Self {
        let (folder, file, _) = gathered(database, wanted);
        let generation = Arc::new(AtomicU64::new(0));
        let (sender, news) = std::sync::mpsc::channel();
        let (server, interrupt) = (connected(database), Interrupt::new(&generation));
        let (to, wanted) = (file.clone(), wanted.clone());
        let thread = std::thread::spawn(move || {
            follow(server, &Library::default(), &wanted, &to, &interrupt, &mut |told| {
                sender.send(told.clone()).ok();
                ControlFlow::Continue(())
            })
        });
        let follower = Self { _folder: folder, file, generation, news, thread: Some(thread) };
        let first = follower.news.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(first.fault.is_none(), "{first:?}");
        follower
    }

    /// How many rows the file has.
    fn rows(&self, table: &str) -> i64 {
        let conn = Connection::open(&self.file).unwrap();
        conn.busy_timeout(Duration::from_secs(10)).unwrap();
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    fn wait(&self, table: &str, rows: i64) -> Duration {
        let begun = Instant::now();
        while self.rows(table) != rows {
            assert!(begun.elapsed() < Duration::from_secs(30), "{} rows instead of {rows}", self.rows(table));
            std::thread::sleep(Duration::from_millis(20));
        }
        begun.elapsed()
    }

    /// Waits for something that is told.
    fn told(&self, what: &str, is_it: impl Fn(&News) -> bool) -> News {
        let until = Instant::now() + Duration::from_mins(1);
        while let Ok(news) = self.news.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if is_it(&news) {
                return news;
            }
        }
        panic!("it was never told: {what}")
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        let ended = self.thread.take().unwrap().join().unwrap();
        if !std::thread::panicking() {
            ended.unwrap();
        }
    }
}

fn insert(n: i64) -> String {
    format!(
        "INSERT INTO log (stream_id, version, event_type, data, recorded_at) VALUES ('late-{n}', 1, 'x', '{{\"n\": {n}}}', now())"
    )
}

#[test]
fn rows_that_are_committed_late_and_out_of_order_are_not_missed() {
    late(Duration::from_secs(3));
}

#[test]
#[ignore = "it takes more than a minute"]
fn a_row_that_is_committed_after_a_minute_is_not_missed() {
    late(Duration::from_secs(65));
}

/// A hundred transactions, of which one is committed this long after all others.
fn late(after: Duration) {
    let Some(database) = database("late") else { return };
    log(&database, 1_000);
    let follower = Follower::start(&database, &Wanted { last: Last::All, ..Wanted::default() });
    // One transaction takes the first number, and is committed after all others.
    let mut long = database.connect();
    long.batch_execute(&format!("BEGIN; {}", insert(1_001))).unwrap();
    let mut clients: Vec<_> = (0..50).map(|_| database.connect()).collect();
    for round in 0..2 {
        for (place, client) in (0..).zip(&mut clients) {
            client.batch_execute(&format!("BEGIN; {}", insert(1_002 + 50 * round + place))).unwrap();
        }
        // In another order than that of their numbers, with one that is never committed.
        for place in (0..50).map(|place| place * 17 % 50) {
            let end = if round == 0 && place == 25 { "ROLLBACK" } else { "COMMIT" };
            clients[place].batch_execute(end).unwrap();
            if place % 10 == 0 {
                std::thread::sleep(Duration::from_millis(60));
            }
        }
    }
    follower.wait("log", 1_099);
    // Long after, by the measure of the follower: it has looked many times meanwhile.
    std::thread::sleep(after);
    assert_eq!(follower.rows("log"), 1_099);
    long.batch_execute("COMMIT").unwrap();
    follower.wait("log", 1_100);
    let found = numbers(&open(&follower.file));
    let expected: Vec<i64> = (1..=1_101).filter(|n| *n != 1_027).collect();
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
}

#[test]
fn new_events_of_every_form_with_numbers_come_within_a_second() {
    let Some(database) = database("form_followed") else { return };
    let form = FORMS.iter().find(|form| form.profile == "elixir-eventstore").unwrap();
    database.run(form.sql);
    let follower = Follower::start(&database, &Wanted::default());
    database.run(
        "INSERT INTO events VALUES ('00000000-0000-4000-8000-000000000099', 'Elixir.Shop.Changed', NULL, NULL, '{\"n\": 13}', '{}', now());
         INSERT INTO streams (stream_uuid, stream_version) VALUES ('order-new', 1);
         INSERT INTO stream_events VALUES ('00000000-0000-4000-8000-000000000099', 0, 13, 4, 1), ('00000000-0000-4000-8000-000000000099', 4, 1, 4, 1);
         SELECT pg_notify('public.events', 'order-new,4,1,1');",
    );
    let took = follower.wait("stream_events", 13);
    assert!(took < Duration::from_secs(5), "{took:?}");
    let source = open(&follower.file);
    assert_eq!(numbers(&source), (1..=13).collect::<Vec<_>>());
    let news = follower.told("the new event", |news| news.events == 13);
    assert!(news.way.contains("tells of new events") && news.way.contains("transactions are over"), "{news:?}");
}

#[test]
fn a_table_without_a_number_is_followed_by_its_blocks() {
    let Some(database) = database("blocks") else { return };
    let form = FORMS.iter().find(|form| form.profile == "sqlite-es").unwrap();
    database.run(form.sql);
    let follower = Follower::start(&database, &Wanted::default());
    for n in 13..20 {
        database.run(&format!(
            "INSERT INTO events VALUES ('order', 'order-new', {n}, 'Changed', '1.0', '{{\"Changed\": {{\"n\": {n}}}}}', '{{}}')"
        ));
    }
    follower.wait("events", 19);
    assert_eq!(numbers(&open(&follower.file)), (1..20).collect::<Vec<_>>());
}

#[test]
fn a_connection_that_is_cut_is_made_again() {
    let Some(mut cluster) = cluster("cut", "") else { return };
    let database = cluster.database("shop");
    log(&database, 100);
    let follower = Follower::start(&database, &Wanted::default());
    database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eventscope'");
    follower.told("the cut", |news| news.fault.is_some());
    database.run(&insert(101));
    follower.wait("log", 101);
    cluster.stop();
    follower.told("the end of the server", |news| news.fault.is_some());
    cluster.run();
    database.run(&insert(102));
    follower.wait("log", 102);
}

/// A log on a server that says it is a CockroachDB, with a column of the name in which that says when rows were written.
fn log_with_times(database: &Database) {
    log(database, 100);
    database.run(&format!(
        "UPDATE log SET position = position + 1000;
         ALTER TABLE log ADD COLUMN crdb_internal_mvcc_timestamp decimal;
         UPDATE log SET crdb_internal_mvcc_timestamp = 1700000000000000000 + position;
         CREATE FUNCTION public.version() RETURNS text LANGUAGE sql AS $$SELECT 'CockroachDB CCL v23.1.11 (x86_64)'$$;
         ALTER DATABASE {} SET search_path = public, pg_catalog",
        database.name
    ));
}

fn insert_with_time(n: i64, time: &str) -> String {
    format!("INSERT INTO log VALUES ({n}, 'late-{n}', 1, 'x', '{{\"n\": {n}}}', now(), {time})")
}

/// The keys in the file, in their order.
fn keys(file: &Path) -> Vec<i64> {
    let conn = Connection::open(file).unwrap();
    let mut statement = conn.prepare("SELECT position FROM log ORDER BY position").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn rows_behind_all_that_was_read_are_found_by_when_they_were_written() {
    let Some(database) = database("by_time") else { return };
    log_with_times(&database);
    let follower = Follower::start(&database, &Wanted { last: Last::All, ..Wanted::default() });
    let after = "1700000000000002000.0000000001";
    // Below the first key, where no gap is looked into; one of them is no later than what was there.
    database.run(&insert_with_time(5, after));
    database.run(&insert_with_time(6, "1700000000000001100"));
    database.run(&insert_with_time(1_101, "1700000000000002000"));
    follower.wait("log", 102);
    let news = follower.told("the late row", |news| news.events == 102);
    assert!(news.way.contains("every 20 seconds by when they were written"), "{news:?}");
    let expected: Vec<i64> = std::iter::once(5).chain(1_001..=1_101).collect();
    assert_eq!(keys(&follower.file), expected);
}

#[test]
fn gathering_again_finds_rows_by_when_they_were_written_but_none_that_was_left_out() {
    let Some(database) = database("by_time_again") else { return };
    log_with_times(&database);
    for (last, expected) in [(Last::All, vec![5, 7]), (Last::Events(50), vec![])] {
        let wanted = Wanted { last, ..Wanted::default() };
        let (_folder, file, slice) = gathered(&database, &wanted);
        let before = keys(&file);
        assert_eq!(slice.events, before.len() as u64);
        database.run(&insert_with_time(5, "1700000000000002000.0000000001"));
        assert_eq!(again(&database, &wanted, &file).events, slice.events + expected.len().min(1) as u64);
        database.run(&insert_with_time(7, "1700000000000002000.0000000002"));
        // That it is asked for once more changes nothing.
        again(&database, &wanted, &file);
        again(&database, &wanted, &file);
        assert_eq!(keys(&file), [expected, before].concat());
        database.run("DELETE FROM log WHERE position < 1000");
    }
}

#[test]
fn a_server_is_told_to_end_a_statement_that_takes_long() {
    let Some(database) = database("stopped") else { return };
    // What stands before the server's own function of that name, and sleeps.
    database.run(&format!(
        "CREATE FUNCTION public.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS $$SELECT false FROM pg_sleep(25)$$;
         ALTER DATABASE {} SET search_path = public, pg_catalog",
        database.name
    ));
    let mut server = connected(&database);
    let stopper = server.stopper();
    let begun = Instant::now();
    let asking = std::thread::spawn(move || (server.is_standby(), server));
    let mut watching = database.connect();
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'eventscope' AND datname = current_database() AND wait_event = 'PgSleep'";
    let mut sleeping = || watching.query_one(sleeps, &[]).unwrap().get::<_, i64>(0);
    while sleeping() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never sleeps");
        std::thread::sleep(Duration::from_millis(20));
    }
    stopper.stop();
    let (ended, server) = asking.join().unwrap();
    assert!(ended.unwrap_err().is_cancelled());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    // The connection itself goes on.
    assert!(!server.is_closed());
    assert_eq!(sleeping(), 0);
}
