//! Archives of the built-in store: whoever reads does not notice that events were moved, and nothing is lost.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use eventscope::ErrorKind;
use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{
    Aggregate, ArchivePlan, ArchiveProgress, ArchiveSelection, Command, EventStore, Places, Projection, Query,
    Repository, SnapshotPolicy,
};
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

const ON: fn(ArchiveProgress) -> ControlFlow<()> = |_| ControlFlow::Continue(());

fn stream(number: usize) -> StreamName {
    StreamName::new(if number.is_multiple_of(2) { "order" } else { "account" }, format!("s-{number}"))
}

/// Events of several streams in turn; every third stream is closed by its last event.
fn filled(chained: bool, streams: usize, rounds: usize) -> (TempDir, PathBuf, EventStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let mut store =
        if chained { EventStore::create_chained(&path).unwrap() } else { EventStore::create(&path).unwrap() };
    for round in 0..rounds {
        for number in 0..streams {
            let closes = round + 1 == rounds && number % 3 == 0;
            let stream = stream(number);
            let event_type = format!("{}.{}", stream.aggregate_type, if closes { "closed" } else { "changed" });
            let event = NewEvent {
                id: Some(format!("e-{round}-{number}")),
                correlation_id: Some(format!("c-{}", round % 4)),
                causation_id: (round > 0).then(|| format!("e-{}-{number}", round - 1)),
                metadata: if round % 2 == 0 { json!({ "round": round }).into() } else { json!(null).into() },
                ..NewEvent::new(event_type, json!({"round": round, "amount": 8.5}))
            };
            store.append(&stream, ExpectedVersion::Any, &[event]).unwrap();
        }
    }
    (folder, path, store)
}

fn moment_of(event: &Event) -> DateTime<Utc> {
    event.timestamp.as_ref().unwrap().utc.unwrap()
}

/// Questions of every kind, some of which are about single streams.
fn questions(all: &[Event]) -> Vec<Query> {
    let middle = all.get(all.len() / 2).map(moment_of);
    let mut queries = vec![
        Query::default(),
        Query { aggregate_type: Some("order".into()), ..Query::default() },
        Query { aggregate_id: Some("s-3".into()), ..Query::default() },
        Query { event_type: Some("order.closed".into()), ..Query::default() },
        Query { correlation_id: Some("c-1".into()), ..Query::default() },
        Query { causation_id: Some("e-0-3".into()), ..Query::default() },
        Query { from: middle, ..Query::default() },
        Query { until: middle, ..Query::default() },
        Query { after: Some(7), before: Some(31), ..Query::default() },
        Query { offset: 11, limit: Some(13), ..Query::default() },
    ];
    queries.extend((0..4).map(|number| Query::stream(&stream(number))));
    queries.push(Query { from: middle, ..Query::stream(&stream(1)) });
    queries.push(Query { offset: 2, limit: Some(3), ..Query::stream(&stream(0)) });
    let backwards: Vec<_> = queries.iter().map(|query| Query { newest_first: true, ..query.clone() }).collect();
    queries.extend(backwards);
    queries
}

/// All that a store answers, so that it can be compared with what it answers later.
fn answers(store: &EventStore) -> Vec<String> {
    let all = store.read_all(None, usize::MAX).unwrap();
    let mut said = vec![format!("{all:?}")];
    for query in questions(&all) {
        let events = store.query(&query).unwrap();
        let walked: Vec<_> = store.events(query.clone()).map(Result::unwrap).collect();
        assert_eq!(events, walked, "{query:?}");
        assert_eq!(store.count(&query).unwrap(), events.len() as u64, "{query:?}");
        said.push(format!("{events:?}"));
    }
    for StreamVersions { stream, version } in streams(store) {
        said.push(format!("{:?}", store.read_stream(&stream, 2, Some(version)).unwrap()));
        said.push(format!("{:?}", store.read_stream_backwards(&stream, None, 3).unwrap()));
        let walked: Vec<_> = store.stream_events(&stream, 2).map(Result::unwrap).collect();
        assert_eq!(walked, store.read_stream(&stream, 2, None).unwrap());
        said.push(format!("{stream} {version} {:?}", store.current_version(&stream).unwrap()));
    }
    let mut pages = Vec::new();
    while let page = store.read_all(pages.last().map(|event: &Event| event.position), 7).unwrap()
        && !page.is_empty()
    {
        pages.extend(page);
    }
    assert_eq!(pages, all);
    for event in &all {
        assert_eq!(store.event(event.id.as_deref().unwrap()).unwrap().as_ref(), Some(event));
    }
    let mut exported = Vec::new();
    store.export(Query::default(), &mut exported, |_| {}).unwrap();
    said.push(String::from_utf8(exported).unwrap());
    let mut statistics = store.statistics().unwrap();
    (statistics.bytes, statistics.archived) = (0, 0);
    said.push(format!("{statistics:?} {:?} {:?}", store.last_position().unwrap(), store.last_hash().unwrap()));
    said.push(format!("{:?} {:?}", store.verify().unwrap(), store.integrity_check().unwrap()));
    said.push(format!("{:?}", store.commands(99).unwrap()));
    said
}

struct StreamVersions {
    stream: StreamName,
    version: i64,
}

fn streams(store: &EventStore) -> Vec<StreamVersions> {
    let streams = store.streams(None, usize::MAX).unwrap();
    streams.into_iter().map(|found| StreamVersions { stream: found.stream, version: found.version }).collect()
}

fn closed() -> ArchiveSelection {
    ArchiveSelection { closed: Some("*.closed".into()), ..ArchiveSelection::default() }
}

fn of(streams: &[StreamName]) -> ArchiveSelection {
    ArchiveSelection { streams: streams.to_vec(), ..ArchiveSelection::default() }
}

fn archive(store: &mut EventStore, selection: &ArchiveSelection) -> ArchivePlan {
    let plan = store.plan_archive(selection, None).unwrap();
    let done = store.archive(&plan, ON).unwrap();
    assert_eq!((done.events, done.streams, done.finished), (plan.events, plan.streams.len() as u64, true));
    plan
}

/// How many events are in the store's own file.
fn here(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap()
}

/// The events of a file, whatever it is.
fn held(path: &Path) -> i64 {
    here(path)
}

#[test]
fn whoever_reads_does_not_notice_what_is_archived() {
    for chained in [false, true] {
        let (_folder, path, mut store) = filled(chained, 9, 12);
        let before = answers(&store);
        let plan = archive(&mut store, &closed());
        assert_eq!((plan.streams.len(), plan.events, plan.new_archive), (3, 36, true));
        assert_eq!((here(&path), held(&plan.archive)), (72, 36));
        assert_eq!(answers(&store), before);
        assert_eq!(answers(&EventStore::open(&path).unwrap()), before);
        assert_eq!(store.statistics().unwrap().archived, 36);
        assert_eq!(store.archives().unwrap()[0].streams, 3);

        let restored = store.restore(&[stream(3)], ON).unwrap();
        assert_eq!((restored.events, restored.streams, restored.finished), (12, 1, true));
        assert_eq!((here(&path), answers(&store)), (84, before.clone()));
        let restored = store.restore(&[], ON).unwrap();
        assert_eq!((restored.events, restored.streams), (24, 2));
        assert_eq!((here(&path), answers(&store)), (108, before.clone()));
        assert!(store.archives().unwrap().is_empty());
        // Nothing lies in it any more.
        std::fs::remove_file(&plan.archive).unwrap();
        assert_eq!(answers(&EventStore::open(&path).unwrap()), before);
    }
}

#[test]
fn long_answers_cross_into_the_archive_page_by_page() {
    let (_folder, path, mut store) = filled(false, 3, 700);
    let all = store.read_all(None, usize::MAX).unwrap();
    archive(&mut store, &of(&[stream(1)]));
    archive(&mut store, &ArchiveSelection { before: Some(moment_of(&all[900])), ..of(&[stream(0)]) });
    assert!(here(&path) < 1_400);
    for newest_first in [false, true] {
        let mut walked: Vec<_> = store.events(Query { newest_first, ..Query::default() }).map(Result::unwrap).collect();
        if newest_first {
            walked.reverse();
        }
        assert!(walked == all, "newest first: {newest_first}");
    }
    assert_eq!(store.stream_events(&stream(0), 5).count(), 696);
    assert_eq!(store.verify().unwrap().fault, None);
}

#[test]
fn what_is_chosen_is_named_closed_of_a_type_or_old() {
    let (_folder, _path, store) = filled(false, 6, 4);
    let all = store.read_all(None, usize::MAX).unwrap();
    let planned = |selection: &ArchiveSelection| {
        let plan = store.plan_archive(selection, None).unwrap();
        let lengths = plan.streams.iter().map(|planned| planned.last - planned.first + 1);
        assert_eq!(lengths.sum::<i64>().unsigned_abs(), plan.events);
        let names: Vec<_> = plan.streams.iter().map(|planned| planned.stream.aggregate_id.clone()).collect();
        (names.join(" "), plan.events)
    };
    assert_eq!(planned(&of(&[stream(4), stream(1), stream(4)])), ("s-1 s-4".to_owned(), 8));
    assert_eq!(planned(&closed()), ("s-3 s-0".to_owned(), 8));
    let orders = ArchiveSelection { aggregate_type: Some("order".into()), ..ArchiveSelection::default() };
    assert_eq!(planned(&orders), ("s-0 s-2 s-4".to_owned(), 12));
    assert_eq!(planned(&ArchiveSelection { closed: Some("*.closed".into()), ..orders.clone() }), ("s-0".to_owned(), 4));
    let before = Some(moment_of(&all[6]));
    let old = ArchiveSelection { before, ..ArchiveSelection::default() };
    assert_eq!(planned(&old).1, 6);
    assert_eq!(planned(&ArchiveSelection { before, ..orders }).1, 3);
    assert_eq!(planned(&ArchiveSelection { closed: Some("*.CLOSED".into()), ..old }), (String::new(), 0));
    let bytes = store.plan_archive(&of(&[stream(1)]), None).unwrap().bytes;
    let theirs = store.read_stream(&stream(1), 1, None).unwrap();
    let counted: usize = theirs.iter().map(|event| event.data.raw.len() + event.metadata.raw.len()).sum();
    assert_eq!(bytes, counted as u64);

    let refused = |selection: &ArchiveSelection| store.plan_archive(selection, None).unwrap_err();
    assert_eq!(*refused(&ArchiveSelection::default()).kind(), ErrorKind::BadInput);
    assert_eq!(*refused(&of(&[StreamName::new("order", "nobody")])).kind(), ErrorKind::NotFound);
    let in_memory = EventStore::open_in_memory().unwrap();
    assert_eq!(*in_memory.plan_archive(&closed(), None).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn writing_goes_on_behind_what_is_archived() {
    let (_folder, path, mut store) = filled(true, 2, 5);
    let last = store.read_all(None, usize::MAX).unwrap().pop().unwrap();
    archive(&mut store, &of(&[stream(0), stream(1)]));
    assert_eq!(here(&path), 0);
    let event = NewEvent::new("order.reopened", json!({}));
    let late = store.append(&stream(0), ExpectedVersion::Exactly(4), std::slice::from_ref(&event)).unwrap_err();
    assert!(matches!(late.kind(), ErrorKind::Conflict { actual: Some(5), .. }));
    let appended = store.append(&stream(0), ExpectedVersion::Exactly(5), std::slice::from_ref(&event)).unwrap();
    assert_eq!((appended.versions, appended.positions), (6..7, 11..12));
    assert!(appended.timestamp.unwrap().utc.unwrap() >= moment_of(&last));

    let taken = NewEvent { id: Some("e-2-1".into()), ..event };
    let error = store.append(&stream(0), ExpectedVersion::Any, &[taken]).unwrap_err();
    assert!(error.to_string().contains("e-2-1 is taken"), "{error}");
    let line = r#"{"event_id":"e-3-0","aggregate_type":"order","aggregate_id":"new","event_type":"x","data":1}"#;
    let error = store.import(&mut line.as_bytes(), Places::Anew, |_| {}).unwrap_err();
    assert!(error.to_string().contains("e-3-0 is taken"), "{error}");

    // The stream goes on in the archive where it ended there.
    let before = answers(&store);
    assert_eq!(archive(&mut store, &of(&[stream(0)])).events, 1);
    assert_eq!(answers(&store), before);
    assert_eq!(store.verify().unwrap().fault, None);
    let mut exported = Vec::new();
    store.export(Query::default(), &mut exported, |_| {}).unwrap();
    let mut copy = EventStore::open_in_memory().unwrap();
    copy.import(&mut exported.as_slice(), Places::Kept, |_| {}).unwrap();
    assert_eq!(copy.read_all(None, 99).unwrap(), store.read_all(None, 99).unwrap());
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Rounds(i64);

impl Aggregate for Rounds {
    const TYPE: &'static str = "account";

    fn apply(&mut self, event: &Event) -> eventscope::Result<()> {
        self.0 += event.data.to_json()["round"].as_i64().unwrap_or(0);
        Ok(())
    }
}

struct Counted;

impl Projection for Counted {
    fn name(&self) -> &'static str {
        "counted"
    }
    fn create(&mut self, tables: &Connection) -> eventscope::Result<()> {
        Ok(tables.execute_batch("CREATE TABLE IF NOT EXISTS counted (position INTEGER PRIMARY KEY)")?)
    }
    fn clear(&mut self, tables: &Connection) -> eventscope::Result<()> {
        Ok(tables.execute_batch("DROP TABLE IF EXISTS counted")?)
    }
    fn apply(&mut self, tables: &Connection, event: &Event) -> eventscope::Result<()> {
        tables.execute("INSERT INTO counted VALUES (?1)", [event.position])?;
        Ok(())
    }
}

#[test]
fn aggregates_commands_subscriptions_and_projections_cross_into_the_archive() {
    let (_folder, path, mut store) = filled(false, 4, 6);
    let command = Command { id: "cmd-1".into(), command_type: "close".into(), stream: stream(1), ..Command::default() };
    let closing = [NewEvent::new("account.closed", json!({"round": 100}))];
    let first = store.append_command(&command, ExpectedVersion::Any, &closing).unwrap();
    let accounts = Repository::<Rounds>::new(&mut store, SnapshotPolicy::every(2));
    assert_eq!(accounts.load("s-1").unwrap().state().0, 115);
    store.save_snapshot(&stream(1), 4, 1, json!(6)).unwrap();
    archive(&mut store, &closed());
    assert_eq!(here(&path), 6, "all but one stream");

    let again = store.append_command(&command, ExpectedVersion::Any, &closing).unwrap();
    assert_eq!((again.repeated, &again.events), (true, &first.events));
    let mut other = EventStore::open(&path).unwrap();
    let loaded = Repository::<Rounds>::new(&mut other, SnapshotPolicy::NEVER).load("s-1").unwrap();
    assert_eq!((loaded.state().0, loaded.version(), loaded.snapshot_fault()), (115, Some(7), None));
    let mut caught_up = other.subscribe(None).with_batch(4);
    let mut seen = 0;
    while let events = caught_up.poll(&other).unwrap()
        && !events.is_empty()
    {
        seen += events.len();
    }
    assert_eq!(seen, 25);
    assert_eq!(EventStore::open(&path).unwrap().rebuild(&mut Counted).unwrap(), 25);
    let inside = other.transaction(|transaction| transaction.read_stream(&stream(1), 1, None)).unwrap();
    assert_eq!(inside.len(), 7);
}

#[test]
fn an_archive_that_is_missing_is_named_and_nothing_is_left_out() {
    let (folder, path, mut store) = filled(true, 4, 6);
    let before = answers(&store);
    let plan = archive(&mut store, &of(&[stream(0)]));
    let aside = folder.path().join("aside.db");
    std::fs::rename(&plan.archive, &aside).unwrap();

    let mut store = EventStore::open(&path).unwrap();
    let missing = |error: eventscope::Error| {
        let text = error.to_string();
        assert!(text.contains("shop.archive.db is missing, in which 6 events lie"), "{text}");
        assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::NotFound, true));
    };
    missing(store.read_all(None, 1).unwrap_err());
    missing(store.read_stream(&stream(0), 1, None).unwrap_err());
    missing(store.event("e-0-1").unwrap_err());
    missing(store.count(&Query::default()).unwrap_err());
    missing(store.events(Query::default()).next().unwrap().unwrap_err());
    missing(store.verify().unwrap_err());
    missing(store.integrity_check().unwrap_err());
    missing(store.statistics().unwrap_err());
    missing(store.restore(&[], ON).unwrap_err());
    missing(store.rebuild(&mut Counted).unwrap_err());
    missing(store.transaction(|transaction| transaction.read_stream(&stream(0), 1, None)).unwrap_err());
    let named = NewEvent { id: Some("e-9-9".into()), ..NewEvent::new("a", json!(1)) };
    missing(store.append(&stream(1), ExpectedVersion::Any, &[named]).unwrap_err());
    assert_eq!(store.archives().unwrap()[0].bytes, None);

    // Streams of which nothing is archived are read and written all the same.
    assert_eq!(store.read_stream(&stream(1), 1, None).unwrap().len(), 6);
    assert_eq!(store.query(&Query::stream(&stream(2))).unwrap().len(), 6);
    assert_eq!(store.stream_events(&stream(3), 1).count(), 6);
    assert_eq!(store.append(&stream(0), ExpectedVersion::Exactly(6), &[]).unwrap().len(), 0);

    std::fs::rename(&aside, &plan.archive).unwrap();
    assert_eq!(answers(&store), before);
}

#[test]
fn an_archive_that_is_foreign_old_or_no_archive_is_refused() {
    let (folder, path, mut store) = filled(false, 4, 6);
    let plan = archive(&mut store, &of(&[stream(0)]));
    let old = folder.path().join("old.db");
    std::fs::copy(&plan.archive, &old).unwrap();
    archive(&mut store, &of(&[stream(1)]));
    let newest = folder.path().join("newest.db");
    std::fs::copy(&plan.archive, &newest).unwrap();

    let (_other_folder, _, mut other) = filled(false, 4, 6);
    let foreign = archive(&mut other, &closed()).archive;
    let unused = folder.path().join("plain.db");
    EventStore::create(&unused).unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, but it is long enough to have a header of one, as one would see it")
        .unwrap();
    for (file, word) in [
        (&old, "older copy"),
        (&foreign, "archive of another event store"),
        (&unused, "not an archive"),
        (&text, "not a SQLite database"),
    ] {
        std::fs::copy(file, &plan.archive).unwrap();
        let error = EventStore::open(&path).unwrap().read_all(None, 99).unwrap_err();
        assert!(error.to_string().contains(word) && error.to_string().contains("shop.archive.db"), "{error}");
        assert!(error.hint().is_some(), "{error}");
        // One that was open before is not fooled by a file that takes the place of the one that it reads.
        assert!(store.plan_archive(&closed(), None).is_err());
    }
    std::fs::copy(&newest, &plan.archive).unwrap();
    assert_eq!(EventStore::open(&path).unwrap().read_all(None, 99).unwrap().len(), 24);

    for to in [&foreign, &unused, &text, &path] {
        let bytes = std::fs::read(to).unwrap();
        let error = store.plan_archive(&of(&[stream(2)]), Some(to)).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::BadInput, "{error}");
        assert_eq!(std::fs::read(to).unwrap(), bytes);
    }
    let error = EventStore::open(&plan.archive).err().unwrap();
    assert!(error.to_string().contains("archive of an event store"), "{error}");
    assert!(eventscope::store::migrate_file(&plan.archive, 1).is_err());
}

#[test]
fn a_store_is_moved_together_with_its_archives() {
    let (folder, path, mut store) = filled(false, 6, 4);
    let before = answers(&store);
    std::fs::create_dir(folder.path().join("years")).unwrap();
    let inside = folder.path().join("years/2025 #1.db");
    for (streams, to) in [(vec![stream(0)], None), (vec![stream(1), stream(2)], Some(inside.as_path()))] {
        let plan = store.plan_archive(&of(&streams), to).unwrap();
        store.archive(&plan, ON).unwrap();
    }
    assert_eq!(store.archives().unwrap().len(), 2);
    assert_eq!(answers(&store), before);
    // The latest one is used again.
    assert_eq!(store.plan_archive(&of(&[stream(3)]), None).unwrap().archive, inside.canonicalize().unwrap());
    let backup = folder.path().join("backups/today");
    std::fs::create_dir_all(&backup).unwrap();
    store.backup(backup.join("copy.db")).unwrap();
    drop(store);

    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("shop");
    std::fs::rename(folder.path(), &moved).unwrap();
    let names = |folder: &Path| {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&moved), ["backups", "shop.archive.db", "shop.db", "years"], "at rest a file is one file");
    assert_eq!(answers(&EventStore::open(moved.join("shop.db")).unwrap()), before);
    assert_eq!(answers(&EventStore::open(moved.join("backups/today/copy.db")).unwrap()), before);
    std::fs::create_dir(folder.path()).unwrap();
    drop(path);
}

#[test]
fn an_archival_that_is_stopped_goes_on_another_time() {
    let (_folder, path, mut store) = filled(true, 2, 2_600);
    let before = store.read_all(None, usize::MAX).unwrap();
    let plan = store.plan_archive(&of(&[stream(0), stream(1)]), None).unwrap();
    let stopped = store.archive(&plan, |progress| {
        assert_eq!(progress.total, 5_200);
        ControlFlow::Break(())
    });
    let stopped = stopped.unwrap();
    assert_eq!((stopped.finished, stopped.events), (false, 2_000));
    assert_eq!(here(&path), 3_200);
    assert!(store.read_all(None, usize::MAX).unwrap() == before);
    // The old plan still holds: what is archived already is passed over.
    let done = store.archive(&plan, ON).unwrap();
    assert_eq!((done.finished, done.events, here(&path)), (true, 3_200, 0));
    assert!(store.read_all(None, usize::MAX).unwrap() == before);

    let stopped = store.restore(&[stream(1)], |_| ControlFlow::Break(())).unwrap();
    assert_eq!((stopped.finished, stopped.events, here(&path)), (false, 2_000, 2_000));
    assert!(store.read_all(None, usize::MAX).unwrap() == before);
    assert_eq!(store.restore(&[], ON).unwrap().events, 3_200);
    assert_eq!(store.verify().unwrap().fault, None);
    assert!(store.read_all(None, usize::MAX).unwrap() == before);
}

#[test]
fn what_a_crash_left_in_the_archive_is_not_read_twice() {
    let (_folder, path, mut store) = filled(true, 6, 4);
    let before = answers(&store);
    let archive_path = archive(&mut store, &of(&[stream(0)])).archive;
    // As after a crash between the copy and its record, and with something that was never recorded at all.
    let archived = Connection::open(&archive_path).unwrap();
    archived.execute("ATTACH ?1 AS store", [path.to_str().unwrap()]).unwrap();
    archived.execute("INSERT INTO events SELECT * FROM store.events WHERE aggregate_id IN ('s-1', 's-2')", []).unwrap();
    archived.execute("UPDATE archive_of SET generation = generation + 1", []).unwrap();
    drop(archived);
    assert_eq!((answers(&store), held(&archive_path)), (before.clone(), 12));
    assert_eq!(archive(&mut store, &of(&[stream(1)])).events, 4);
    assert_eq!((answers(&store), held(&archive_path), here(&path)), (before, 12, 16));
}

#[test]
fn what_a_crash_left_half_done_in_the_archive_is_taken_back() {
    let (folder, _path, mut store) = filled(true, 6, 4);
    let archive_path = archive(&mut store, &of(&[stream(0)])).archive;
    let before = answers(&store);
    let archived = Connection::open(&archive_path).unwrap();
    archived.pragma_update(None, "synchronous", "off").unwrap();
    archived.execute_batch("BEGIN IMMEDIATE; UPDATE archive_of SET generation = 99").unwrap();
    // The files as they would be after a crash at this moment, for a store to be opened and one that is open.
    let journal = archive_path.with_file_name("shop.archive.db-journal");
    let crashed = |folder: &Path| {
        for file in [&archive_path, &journal] {
            std::fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
        }
    };
    let copies = tempfile::tempdir().unwrap();
    store.backup(copies.path().join("shop.db")).unwrap();
    for open in [false, true] {
        let opened = EventStore::open(copies.path().join("shop.db")).unwrap();
        if open {
            assert_eq!(opened.count(&Query::default()).unwrap(), 24);
        }
        crashed(copies.path());
        assert!(copies.path().join("shop.archive.db-journal").exists());
        let mut opened = if open { opened } else { EventStore::open(copies.path().join("shop.db")).unwrap() };
        opened.append(&stream(1), ExpectedVersion::Any, &[]).unwrap();
        crashed(copies.path());
        assert_eq!(answers(&opened), before);
    }
    drop(folder);
}

#[test]
fn an_archive_that_holds_something_else_takes_nothing() {
    let (folder, path, mut store) = filled(false, 4, 3);
    let archive_path = archive(&mut store, &of(&[stream(0)])).archive;
    // A copy of the store goes another way, and shares the archive.
    let copy = folder.path().join("copy.db");
    store.backup(&copy).unwrap();
    let mut copy = EventStore::open(&copy).unwrap();
    for (store, what) in [(&mut store, "this"), (&mut copy, "that")] {
        store.append(&stream(1), ExpectedVersion::Exactly(3), &[NewEvent::new("account.said", json!(what))]).unwrap();
    }
    archive(&mut store, &of(&[stream(1)]));
    let before = answers(&copy);
    let plan = copy.plan_archive(&of(&[stream(1)]), None).unwrap();
    assert_eq!(plan.archive, archive_path.canonicalize().unwrap());
    let error = copy.archive(&plan, ON).unwrap_err();
    assert_eq!((error.kind(), error.hint().is_some()), (&ErrorKind::Database, true), "{error}");
    assert_eq!(answers(&copy), before);
    let other = folder.path().join("other.db");
    let plan = copy.plan_archive(&of(&[stream(1)]), Some(&other)).unwrap();
    copy.archive(&plan, ON).unwrap();
    assert_eq!(answers(&copy), before);
    assert_eq!(here(&path), 6);
}

#[test]
fn the_file_itself_refuses_what_would_lose_events() {
    let (_folder, path, mut store) = filled(false, 4, 3);
    archive(&mut store, &of(&[stream(0)]));
    let before = answers(&store);
    let connection = Connection::open(&path).unwrap();
    for sql in [
        "DELETE FROM events",
        "DELETE FROM events WHERE aggregate_id = 's-1'",
        "UPDATE events SET data = '{}'",
        "DELETE FROM archived",
        "UPDATE archived SET last_version = 1",
        "UPDATE archived SET last_version = 9",
        "UPDATE archived SET aggregate_id = 's-2'",
        "INSERT INTO archived VALUES ('account', 's-1', 1, 4, 1)",
        "INSERT INTO archived VALUES ('order', 's-0', 4, 4, 1)",
    ] {
        let error = connection.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("events"), "{sql}: {error}");
    }
    assert_eq!(answers(&store), before);
    let archived = Connection::open(&store.archives().unwrap()[0].path).unwrap();
    assert!(archived.execute("DELETE FROM events", []).is_err());
    assert!(archived.execute("UPDATE events SET data = '{}'", []).is_err());
}

#[test]
fn a_change_in_the_archive_is_found() {
    let (_folder, _path, mut store) = filled(true, 4, 3);
    let archive_path = archive(&mut store, &of(&[stream(2)])).archive;
    let meddle = |sql: &str| {
        let archived = Connection::open(&archive_path).unwrap();
        let drop = "DROP TRIGGER IF EXISTS events_are_never_changed; DROP TRIGGER IF EXISTS events_are_never_deleted;";
        archived.execute_batch(&format!("{drop}{sql}")).unwrap();
    };
    meddle("UPDATE events SET data = '{\"round\":7}' WHERE version = 2");
    let fault = store.verify().unwrap().fault.unwrap();
    assert_eq!((fault.position, fault.reason.contains("hash")), (7, true), "{}", fault.reason);
    meddle("DELETE FROM events WHERE version = 2");
    let fault = store.verify().unwrap().fault.unwrap();
    assert!(fault.position >= 7 && fault.position <= 11, "{fault:?}");
    let error = store.restore(&[], ON).unwrap_err();
    assert!(error.to_string().contains("does not hold all of the versions 1 to 3 of order/s-2"), "{error}");
}

/// One thread archives and restores, and another one reads the whole all the while.
#[test]
fn an_open_store_reads_the_same_while_another_one_archives() {
    let (folder, path, mut store) = filled(false, 6, 20);
    let all = store.read_all(None, usize::MAX).unwrap();
    let (done, ended) = std::sync::mpsc::channel::<()>();
    let reading = std::thread::spawn({
        let (path, all) = (path.clone(), all.clone());
        move || {
            let mut reads = 0;
            let mut reader = EventStore::open(&path).unwrap();
            while ended.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) || reads == 0 {
                assert!(reader.read_all(None, usize::MAX).unwrap() == all);
                assert_eq!(reader.count(&Query::default()).unwrap(), all.len() as u64);
                assert_eq!(reader.read_stream(&stream(1), 1, None).unwrap().len(), 20);
                let inside = reader.transaction(|transaction| transaction.read_stream(&stream(0), 1, None));
                assert_eq!(inside.unwrap().len(), 20);
                reads += 1;
            }
            reads
        }
    });
    for round in 0..12 {
        let to = folder.path().join(format!("{}.db", round % 3));
        for number in [0, 1, 4] {
            let plan = store.plan_archive(&of(&[stream(number)]), Some(&to)).unwrap();
            store.archive(&plan, ON).unwrap();
        }
        store.restore(&[stream(1)], ON).unwrap();
        store.restore(&[], ON).unwrap();
    }
    drop(done);
    assert!(reading.join().unwrap() > 0);
    assert_eq!(store.verify().unwrap().fault, None);
}

/// What is done to a store in a random history.
#[derive(Clone, Debug)]
enum Step {
    Append(usize, usize),
    Archive(usize, bool),
    Before(usize),
    Restore(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..5_usize, 1..6_usize).prop_map(|(stream, count)| Step::Append(stream, count)),
        (0..5_usize, any::<bool>()).prop_map(|(stream, second)| Step::Archive(stream, second)),
        (0..60_usize).prop_map(Step::Before),
        (0..5_usize).prop_map(Step::Restore),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is archived and restored in between, a store is as one in which nothing ever was.
    #[test]
    fn a_store_with_archives_is_as_one_without(steps in prop::collection::vec(step(), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let second = folder.path().join("second.db");
        let mut store = EventStore::create_chained(&path).unwrap();
        let mut written: Vec<Event> = Vec::new();
        for step in steps {
            match step {
                Step::Append(number, count) => {
                    let events = vec![NewEvent::new("order.changed", json!({ "n": written.len() })); count];
                    let appended = store.append(&stream(number), ExpectedVersion::Any, &events).unwrap();
                    let (from, to) = (appended.versions.start, appended.last_version());
                    written.extend(store.read_stream(&stream(number), from, to).unwrap());
                }
                Step::Archive(number, to_second) if store.current_version(&stream(number)).unwrap().is_some() => {
                    let to = to_second.then_some(second.as_path());
                    let plan = store.plan_archive(&of(&[stream(number)]), to).unwrap();
                    store.archive(&plan, ON).unwrap();
                }
                Step::Before(at) if at < written.len() => {
                    let before = Some(moment_of(&written[at]));
                    let plan =
                        store.plan_archive(&ArchiveSelection { before, ..ArchiveSelection::default() }, None).unwrap();
                    store.archive(&plan, ON).unwrap();
                }
                Step::Restore(number) if store.current_version(&stream(number)).unwrap().is_some() => {
                    store.restore(&[stream(number)], ON).unwrap();
                }
                _ => {}
            }
            let ids: Vec<_> = written.iter().map(|event| (event.position, event.id.clone(), event.version)).collect();
            let read = store.read_all(None, usize::MAX).unwrap();
            prop_assert_eq!(read.iter().map(|event| (event.position, event.id.clone(), event.version)).collect::<Vec<_>>(), ids);
            prop_assert_eq!(store.verify().unwrap().fault, None);
        }
        answers(&store);
    }
}
