//! A store that another process appends to: the table goes on with the newest, or keeps its place and counts what is new,
//! also in a burst, and the other process is not held up.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;
use serde_json::json;

use super::window::{Window, opened, press, press_with, shows, step_until, until_label};

const FILE: &str = "EVENTSCOPE_TEST_TAIL";

/// How many events the other process appends: 5,000 a second.
const BATCHES: u64 = 300;
const BATCH: usize = 50;
const PACE: Duration = Duration::from_millis(10);

/// How many events there are at first.
const BEGIN: u64 = 2_000;

fn append(store: &mut EventStore, stream: &str, events: usize) {
    let batch: Vec<_> = (0..events).map(|number| NewEvent::new("it.counted", json!({"number": number}))).collect();
    store.append(&StreamName::new("it", stream), ExpectedVersion::Any, &batch).unwrap();
}

/// A store of its own, in which the window tests find their file.
fn store() -> (tempfile::TempDir, std::path::PathBuf, EventStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let mut store = EventStore::create(&path).unwrap();
    append(&mut store, "begin", usize::try_from(BEGIN).unwrap());
    (folder, path, store)
}

/// This test binary, started again to append to the store.
fn writer(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tailing::a_process_that_appends", "--ignored"])
        .env(FILE, path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "the other process of the tests here"]
fn a_process_that_appends() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let mut store = EventStore::open(path).unwrap();
    let begin = Instant::now();
    for number in 0..u32::try_from(BATCHES).unwrap() {
        append(&mut store, &format!("s{}", number % 20), BATCH);
        std::thread::sleep((begin + PACE * (number + 1)).saturating_duration_since(Instant::now()));
    }
}

fn rows(window: &Window) -> u64 {
    window.state().session().unwrap().rows().len().value
}

/// The names of the rows in view, from top to bottom.
fn in_view(window: &Window) -> Vec<String> {
    let mut rows: Vec<_> = window.query_all_by_role(egui::accesskit::Role::Row).collect();
    rows.sort_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
    rows.into_iter().filter_map(|row| row.accesskit_node().label()).collect()
}

/// The rows in view, once all are read and none moves any more.
fn settled(window: &mut Window) -> Vec<String> {
    let (mut last, mut same) = (Vec::new(), 0);
    step_until(window, "rows that stay", |window| {
        let now = in_view(window);
        same = if now == last && !now.is_empty() { same + 1 } else { 0 };
        last = now;
        same > 40
    });
    last
}

/// Whether the event at a position is in the last row in view.
fn ends_with(window: &Window, position: &str) -> bool {
    in_view(window).last().is_some_and(|row| row.starts_with(&format!("{position} ")))
}

#[test]
fn a_burst_from_another_process_is_followed_and_its_log_stays_short() {
    let (_folder, path, store) = store();
    drop(store);
    let mut window = opened(&path);
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    step_until(&mut window, "the end", |window| ends_with(window, "2,000"));
    let mut other = writer(&path);
    let all = BEGIN + BATCHES * BATCH as u64;
    let (mut followed, mut longest_log) = (false, 0);
    let log = path.with_file_name("shop.db-wal");
    step_until(&mut window, "all events", |window| {
        let rows = rows(window);
        followed |= rows > BEGIN && rows < all && !ends_with(window, "2,000");
        longest_log = longest_log.max(log.metadata().map_or(0, |log| log.len()));
        rows == all
    });
    assert!(other.wait().unwrap().success());
    step_until(&mut window, "the newest", |window| ends_with(window, "17,000"));
    assert!(followed, "it went on while events came");
    assert!(
        !window.query_all_by_label_contains(" new").any(|node| node.accesskit_node().label() == Some("0 new".into()))
    );
    // Somebody who reads all the time would keep all of it in the log, some forty megabytes.
    assert!(longest_log < 16 << 20, "{longest_log} bytes");
}

#[test]
fn away_from_the_newest_it_keeps_its_place_and_counts_what_is_new() {
    let (_folder, path, mut store) = store();
    let mut window = opened(&path);
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    step_until(&mut window, "the end", |window| ends_with(window, "2,000"));
    for _ in 0..4 {
        press(&mut window, Key::PageUp);
    }
    step_until(&mut window, "rows above", |window| in_view(window).len() > 5 && !ends_with(window, "2,000"));
    let before = settled(&mut window);
    append(&mut store, "more", 12);
    until_label(&mut window, "12 new");
    assert_eq!(settled(&mut window), before);
    window.get_by_label("12 new").click();
    step_until(&mut window, "the newest", |window| ends_with(window, "2,012"));
    assert!(!shows(&window, "12 new"));
    append(&mut store, "more", 3);
    step_until(&mut window, "it goes on", |window| ends_with(window, "2,015"));
    // Paused it keeps its place at the end, too.
    press(&mut window, Key::F);
    append(&mut store, "more", 5);
    until_label(&mut window, "Paused: 5 new");
    assert!(ends_with(&window, "2,015"));
    press(&mut window, Key::F);
    until_label(&mut window, "5 new");
}

#[test]
fn an_event_is_on_the_screen_soon_after_it_was_appended() {
    let (_folder, path, mut store) = store();
    let mut window = opened(&path);
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    step_until(&mut window, "the end", |window| ends_with(window, "2,000"));
    let mut times: Vec<Duration> = (1..=5)
        .map(|number| {
            append(&mut store, "more", 1);
            let begin = Instant::now();
            let position = format!("2,00{number}");
            step_until(&mut window, "the event", |window| ends_with(window, &position));
            begin.elapsed()
        })
        .collect();
    times.sort();
    // On an idle machine it takes 300 ms at most; others may be busy here.
    assert!(times[0] < Duration::from_millis(900), "{times:?}");
}
