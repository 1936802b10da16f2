//! An open database as the window has it: everything asked for without waiting, everything read by workers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::filter::Filter;
use eventscope::model::{Column, Sort};
use eventscope::session::{Draft, EventRow, Loading, Notice, OpenRequest, Query, Session, Status, TableOrder};
use eventscope::store::EventStore;
use serde_json::json;
use tempfile::TempDir;

/// Files that real libraries wrote, how many events they hold and how many of the library's own snapshots.
const FIXTURES: [(&str, u64, u64); 4] = [
    ("py_ouroboros", 654, 0),
    ("py_eventsourcing_json", 1501, 112),
    ("node_emmett_0_42", 1501, 0),
    ("rust_sqlite_es", 1502, 73),
];

/// A session on a database of its own, and what it told.
struct Opened {
    session: Session,
    notices: Vec<Notice>,
    wakes: Arc<AtomicU64>,
    path: PathBuf,
    _folder: TempDir,
}

impl Opened {
    /// Polls until `done` has an answer, as the window does.
    fn until<T>(&mut self, what: &str, mut done: impl FnMut(&Session) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            self.notices.extend(self.session.poll());
            if let Some(value) = done(&self.session) {
                return value;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "never: {what}; told {:?}", self.notices);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Polls until a notice fits.
    fn told(&mut self, what: &str, fits: impl Fn(&Notice) -> bool) -> Notice {
        let started = Instant::now();
        loop {
            self.notices.extend(self.session.poll());
            if let Some(place) = self.notices.iter().position(&fits) {
                return self.notices.remove(place);
            }
            assert!(started.elapsed() < Duration::from_secs(20), "never told: {what}; told {:?}", self.notices);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// A row, read if need be.
    fn row(&mut self, row: u64) -> Arc<EventRow> {
        self.until(&format!("row {row}"), |session| {
            session.want_rows(row..row + 1);
            session.rows().get(row).filter(|_| !session.rows().is_stale())
        })
    }

    /// How many rows the question has in the end.
    fn rows(&mut self) -> u64 {
        self.until("all rows", |session| {
            let len = session.rows().len();
            len.complete.then_some(len.value)
        })
    }

    fn ask(&mut self, filter: &str, column: Column, descending: bool) {
        let filter = Filter::parse(filter).unwrap();
        self.session.set_query(Query { filter, sort: Sort { column, descending } });
    }
}

fn open(path: PathBuf, folder: TempDir) -> Opened {
    let wakes = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&wakes);
    let wake = Arc::new(move || {
        told.fetch_add(1, Ordering::Relaxed);
    });
    let session = Session::open(OpenRequest { path: path.clone(), ..OpenRequest::default() }, wake);
    let mut opened = Opened { session, notices: Vec::new(), wakes, path, _folder: folder };
    opened.told("opened", |notice| matches!(notice, Notice::Opened));
    opened
}

fn demo() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    open(path, folder)
}

fn read_all(path: &Path) -> Vec<eventscope::event::Event> {
    EventStore::open(path).unwrap().read_all(None, usize::MAX).unwrap()
}

fn draft(stream: &StreamName, event_type: &str) -> Draft {
    Draft { stream: stream.clone(), event: NewEvent::new(event_type, json!({"qty": 5})) }
}

/// The name of some stream of a type that has several events.
fn some_stream(opened: &mut Opened, kind: &str) -> StreamName {
    opened.until("the streams", |session| {
        let streams = session.streams();
        let group = streams.groups.iter().find(|group| *group.aggregate_type == *kind)?;
        streams
            .total
            .complete
            .then(|| group.streams.iter().find(|stream| stream.events > 3))
            .flatten()?
            .name
            .clone()
            .into()
    })
}

#[test]
fn a_database_opens_and_tells_what_it_is() {
    let mut demo = demo();
    let events = read_all(&demo.path);
    assert_eq!(demo.rows(), events.len() as u64);
    let overview = demo.until("the statistics", |session| {
        session.overview().filter(|overview| !overview.event_types.is_empty() && overview.streams.complete).cloned()
    });
    assert_eq!(overview.events.value, events.len() as u64);
    assert_eq!(overview.event_types.iter().map(|(_, count)| count).sum::<u64>(), events.len() as u64);
    assert!(overview.can_append.is_ok());
    assert_eq!(overview.first.map(|at| at.stored), events[0].timestamp.clone().map(|at| at.stored));
    let streams: std::collections::HashSet<_> = events.iter().map(|event| &event.stream).collect();
    assert_eq!(overview.streams.value, streams.len() as u64);
}

#[test]
fn every_row_is_the_event_at_its_place_in_both_directions() {
    let mut demo = demo();
    let events = read_all(&demo.path);
    let last = demo.rows() - 1;
    for row in [0, 1, 99, 100, 101, last / 2, last - 1, last] {
        assert_eq!(demo.row(row).position, events[usize::try_from(row).unwrap()].position);
    }
    demo.ask("", Column::Position, true);
    for row in [0, 1, 250, last] {
        let event = &events[usize::try_from(last - row).unwrap()];
        assert_eq!(demo.row(row).position, event.position);
        let found = demo.until("its row", |session| session.row_of(event.position));
        assert_eq!(found, row);
    }
}

#[test]
fn a_filter_shows_its_matches_and_an_order_sorts_them() {
    let mut demo = demo();
    let events = read_all(&demo.path);
    let shipped: Vec<_> = events.iter().filter(|event| event.event_type == "order.shipped").collect();
    demo.ask("type:order.shipped", Column::Position, false);
    assert_eq!(demo.until("matches", |session| (!session.rows().is_stale()).then_some(())), ());
    assert_eq!(demo.rows(), shipped.len() as u64);
    assert_eq!(demo.row(3).position, shipped[3].position);
    assert_eq!(demo.session.row_of(shipped[3].position), Some(3));
    assert_eq!(demo.session.row_of(events[0].position).filter(|_| events[0].event_type != "order.shipped"), None);

    demo.ask("", Column::Type, false);
    assert_eq!(demo.rows(), events.len() as u64);
    let mut types: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    types.sort_unstable();
    assert_eq!(&*demo.row(0).event_type, types[0]);
    assert_eq!(&*demo.row(1000).event_type, types[1000]);
    demo.ask("", Column::Type, true);
    assert_eq!(&*demo.row(0).event_type, types[types.len() - 1]);

    demo.ask("type:nothing.like.this", Column::Position, false);
    let none = demo.until("no rows", |session| (!session.rows().is_stale()).then(|| session.rows().len()));
    assert_eq!((none.value, none.complete), (0, true));
}

#[test]
fn a_streams_history_and_states_are_read_step_by_step() {
    let mut demo = demo();
    let stream = some_stream(&mut demo, "order");
    let history = demo.until("the history", |session| match session.history(&stream) {
        Loading::Ready(history) if history.complete => Some(history),
        _ => None,
    });
    let events: Vec<_> = read_all(&demo.path).into_iter().filter(|event| event.stream == stream).collect();
    assert_eq!(history.marks.len(), events.len());
    assert!(!demo.session.reducers("order").guess, "the demo's reducers stand beside it");
    for mark in &history.marks {
        let state = demo.until("a state", |session| match session.state(&stream, mark.version) {
            Loading::Ready(state) => Some(state),
            _ => None,
        });
        assert_eq!((state.version, state.position), (mark.version, Some(mark.position)));
        assert_eq!(state.changes.len(), mark.changed);
    }
    let position = history.marks.get(1).unwrap().position;
    let event = demo.until("the event", |session| session.event(position).value().cloned());
    assert_eq!(*event, events[1]);
    let related = demo.until("what it is tied to", |session| session.related(position).value().cloned());
    assert!(related.correlation_total.value > 0);
}

#[test]
fn an_appended_event_arrives_and_a_stale_expectation_conflicts() {
    let mut demo = demo();
    let stream = some_stream(&mut demo, "stock");
    let draft = draft(&stream, "stock.received");
    let preview = demo.until("the preview", |session| match session.preview(&draft) {
        Loading::Ready(preview) => Some(preview),
        _ => None,
    });
    assert!(!preview.changes.is_empty());
    let before = demo.rows();
    demo.session.append(draft.clone(), preview.expected);
    let Notice::Appended { stream: written, version, position } =
        demo.told("appended", |notice| matches!(notice, Notice::Appended { .. }))
    else {
        unreachable!()
    };
    assert_eq!((&written, version), (&stream, preview.version));
    demo.until("the new row", |session| (session.rows().len().value == before + 1).then_some(()));
    assert_eq!(demo.row(before).position, position);
    let state = demo.until("the new state", |session| match session.state(&stream, version) {
        Loading::Ready(state) => Some(state),
        _ => None,
    });
    assert_eq!(state.state, preview.state_after);
    demo.session.append(draft, preview.expected);
    let conflict = demo.told("the conflict", |notice| matches!(notice, Notice::Conflict { .. }));
    let Notice::Conflict { expected, actual, .. } = conflict else { unreachable!() };
    assert_eq!((expected, actual), (preview.expected, Some(version)));
}

#[test]
fn what_another_writer_appends_arrives_by_itself() {
    let mut demo = demo();
    let stream = some_stream(&mut demo, "order");
    let before = demo.rows();
    demo.ask("type:order.noted", Column::Position, false);
    demo.until("no matches", |session| (!session.rows().is_stale()).then_some(()));
    assert_eq!(demo.rows(), 0);
    // The first look of the watch is what later looks compare with.
    std::thread::sleep(Duration::from_millis(300));
    let mut store = EventStore::open(&demo.path).unwrap();
    let event = NewEvent::new("order.noted", json!({"text": "hello"}));
    store.append(&stream, ExpectedVersion::StreamExists, &[event]).unwrap();
    demo.told("the change", |notice| matches!(notice, Notice::Changed));
    demo.until("the match", |session| (session.rows().len().value == 1).then_some(()));
    demo.until("the count", |session| (session.rows().total().value == before + 1).then_some(()));
    assert_eq!(&*demo.row(0).event_type, "order.noted");
    let history = demo.until("the mark", |session| match session.history(&stream) {
        Loading::Ready(history) if history.complete => Some(history),
        _ => None,
    });
    assert_eq!(history.marks.last().unwrap().event_type, "order.noted");
}

#[test]
fn with_nothing_happening_nobody_is_woken() {
    let mut demo = demo();
    let stream = some_stream(&mut demo, "order");
    demo.rows();
    demo.until("the history", |session| {
        session.history(&stream).value().filter(|history| history.complete).map(|_| ())
    });
    let mut wakes = demo.wakes.load(Ordering::Relaxed);
    let mut quiet = Instant::now();
    let started = Instant::now();
    while quiet.elapsed() < Duration::from_millis(2500) {
        assert!(started.elapsed() < Duration::from_secs(20), "it never settles");
        demo.session.poll();
        // What a window with everything on screen asks for in each frame.
        demo.session.want_rows(0..40);
        let _ = (demo.session.history(&stream), demo.session.state(&stream, 1), demo.session.event(1));
        let now = demo.wakes.load(Ordering::Relaxed);
        if now != wakes {
            (wakes, quiet) = (now, Instant::now());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_broken_reducers_file_is_told_and_the_guess_stands_in() {
    let mut demo = demo();
    let stream = some_stream(&mut demo, "order");
    let broken = demo.path.with_file_name("broken.toml");
    std::fs::write(&broken, "[aggregate.\"order\".on]\n\"order.placed\" = '.status = '").unwrap();
    demo.session.set_reducers(Some(broken.clone()));
    demo.told("the failure", |notice| matches!(notice, Notice::ReducersFailed(_)));
    let info = demo.session.reducers("order");
    assert!(info.guess && info.error.is_some());
    assert_eq!(info.path, Some(broken));
    demo.until("a state", |session| match session.state(&stream, 1) {
        Loading::Ready(state) => Some(state),
        _ => None,
    });
    demo.session.set_reducers(None);
    demo.until("the reducers beside the database", |session| (!session.reducers("order").guess).then_some(()));
}

#[test]
fn a_comparison_of_snapshots_goes_on_by_rules_that_come_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.db");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::copy(fixtures.join("rust_sqlite_es.db"), &path).unwrap();
    let mut opened = open(path, folder);
    for round in 0..10 {
        opened.session.compare_snapshots();
        opened.session.reread_reducers();
        let drifts =
            opened.until("the end of the comparison", |session| session.drifts().filter(|drifts| !drifts.is_running()));
        assert!(drifts.is_complete(), "round {round}: {:?}", drifts.ended);
        assert!(drifts.findings.compared > 0, "round {round}");
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    std::fs::write(&path, "this is no database at all").unwrap();
    let mut session = Session::open(OpenRequest { path, ..OpenRequest::default() }, Arc::new(|| ()));
    let started = Instant::now();
    while !matches!(session.status(), Status::Failed(_)) {
        assert!(started.elapsed() < Duration::from_secs(20));
        session.poll();
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_database_without_events_shows_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO note (text) VALUES ('a'), ('b')",
    )
    .unwrap();
    drop(conn);
    let mut opened = open(path, folder);
    let overview = opened.session.overview().unwrap().clone();
    assert!(!overview.has_events());
    assert!(overview.can_append.is_err());
    assert_eq!(overview.tables.len(), 1);
    let page = opened.until("the table", |session| {
        session.table_page(&TableOrder { table: "note".into(), column: None }, 0).value().cloned()
    });
    assert_eq!(page.rows.len(), 2);
    assert_eq!(opened.rows(), 0);
}

#[test]
fn snapshots_are_compared_with_the_replay() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rust_sqlite_es.db");
    std::fs::copy(root.join("tests/fixtures/rust_sqlite_es.db"), &path).unwrap();
    let rules = super::truth::rules_of("rust_sqlite_es");
    std::fs::copy(rules, folder.path().join("rust_sqlite_es.reducers.toml")).unwrap();
    let mut opened = open(path, folder);
    let stream = opened.until("a stream", |session| {
        let streams = session.streams();
        let group = streams.groups.iter().find(|group| &*group.aggregate_type == "InventoryItem")?;
        group.streams.first().map(|stream| stream.name.clone())
    });
    let agreement = opened.until("the agreement", |session| session.history(&stream).value()?.agreement);
    // The library applies the last command's events twice: 24 of its 29 snapshots are wrong.
    assert_eq!((agreement.matching, agreement.total), (5, 29));
}

#[test]
fn a_refresh_reads_the_file_and_the_reducers_anew() {
    let mut demo = demo();
    let before = demo.rows();
    let rules = demo.path.with_file_name("shop.reducers.toml");
    std::fs::remove_file(rules).unwrap();
    demo.session.refresh();
    demo.told("the change", |notice| matches!(notice, Notice::Changed));
    demo.until("the guess", |session| session.reducers("order").guess.then_some(()));
    assert_eq!(demo.rows(), before);
    assert_eq!(demo.row(0).position, 1);
}

#[test]
fn a_stopped_filter_keeps_what_it_found_and_says_that_it_is_not_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.db");
    let events: Vec<NewEvent> = (0..200_000)
        .map(|number| NewEvent::new("order.line_added", json!({"line": number, "note": "left at the door"})))
        .collect();
    let mut store = EventStore::create(&path).unwrap();
    store.append(&StreamName::new("order", "ord-1"), ExpectedVersion::NoStream, &events).unwrap();
    drop((store, events));
    let mut opened = open(path, folder);
    assert_eq!(opened.rows(), 200_000);
    // Each word is looked for in each event: long enough for a person to stop it.
    let words: Vec<String> = (0..60).map(|number| format!("-word{number}")).collect();
    opened.ask(&format!("door {}", words.join(" ")), Column::Position, false);
    let filtering = |session: &Session| session.jobs().into_iter().find(|job| job.title == "Filtering events");
    let job = opened.until("the first matches of the filter at work", |session| {
        let found = session.rows().len();
        assert!(!found.complete || found.value == 200_000 && session.rows().is_stale(), "it ended too soon: {found:?}");
        filtering(session).filter(|_| !session.rows().is_stale() && found.value > 0)
    });
    opened.session.stop(job.id);
    opened.until("the end of the job", |session| filtering(session).is_none().then_some(()));
    let found = opened.session.rows().len();
    assert!(found.value > 0 && found.value < 200_000 && !found.complete, "{found:?}");
    assert!(opened.row(found.value - 1).preview.contains("left at the door"));
    let later = opened.until("a while", |session| Some(session.rows().len()));
    assert_eq!((later, filtering(&opened.session).is_some()), (found, false), "nobody asks for it again");
    opened.ask("stream:order/ord-1 version:7", Column::Position, false);
    assert_eq!(opened.rows(), 1);
}

#[test]
fn what_real_libraries_wrote_is_counted_over_time_and_compared() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, events, snapshots) in FIXTURES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{name}.db"));
        std::fs::copy(root.join(format!("tests/fixtures/{name}.db")), &path).unwrap();
        let beside = folder.path().join(format!("{name}.reducers.toml"));
        std::fs::copy(super::truth::rules_of(name), beside).unwrap();
        let mut opened = open(path, folder);
        assert_eq!(opened.rows(), events, "{name}");
        let streams = opened.until(name, |session| {
            let streams = session.streams();
            streams.total.complete.then(|| Arc::clone(&streams))
        });
        for group in &streams.groups {
            let stream = &group.streams[0].name;
            let history =
                opened.until(name, |session| session.history(stream).value().cloned().filter(|it| it.complete));
            assert_eq!(history.marks.len() as u64, group.streams[0].events, "{name} {stream}");
        }
        let compared = |session: &Session| -> u64 {
            let first = streams.groups.iter().map(|group| session.history(&group.streams[0].name));
            first.filter_map(|history| Some(history.value()?.agreement?.total)).sum()
        };
        opened.until("every snapshot compared", |session| (compared(session) == snapshots).then_some(()));
        let histogram = opened.until("the events over time", Session::histogram);
        let counted: u64 = histogram.buckets.iter().map(|bucket| bucket.all).sum();
        assert_eq!(counted + histogram.undated, events, "{name}");
    }
}
