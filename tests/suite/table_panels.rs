//! The other tables in the window, driven by accessible name on the demo and on files that real libraries wrote.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::{App, Launch};
use eventscope::model::Command;
use rusqlite::Connection;
use tempfile::TempDir;

use super::window::{Window, press, press_with, shop, shows, sized, step_until, until_label};

/// A copy of a fixture, changed before it is opened, and a window on it.
struct Copy {
    window: Window,
    _folder: TempDir,
}

fn opened(path: &Path) -> Window {
    let launch = Launch { file: Some(path.to_owned()), ..Launch::default() };
    let app = |creation: &mut eframe::CreationContext<'static>| App::new(&creation.egui_ctx, creation.storage, launch);
    let mut window = sized([1440.0, 900.0]).allow_missing_glyphs().build_eframe(app);
    step_until(&mut window, "an open file", |window| {
        window.state().session().is_some_and(|session| session.overview().is_some())
    });
    window
}

fn copy(name: &str, change: impl FnOnce(&Connection)) -> Copy {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join(name);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::copy(fixture, &path).unwrap();
    let conn = Connection::open(&path).unwrap();
    change(&conn);
    conn.close().unwrap();
    Copy { window: opened(&path), _folder: folder }
}

/// Presses an entry of the list of tables, which lies beneath the streams: they are put away first.
fn show_table(window: &mut Window, table: &str) {
    step_until(window, "the streams", |window| {
        window.state().session().is_some_and(|session| session.streams().total.complete)
    });
    for _ in 0..12 {
        if window.query_by_role_and_label(Role::TreeItem, table).is_some() {
            break;
        }
        let group = window
            .query_all_by_role(Role::TreeItem)
            .find(|node| node.accesskit_node().data().is_expanded() == Some(true));
        if let Some(group) = group {
            group.click();
        }
        window.step();
        window.step();
    }
    window.get_by_role_and_label(Role::TreeItem, table).click();
    window.step();
    window.step();
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.step();
    window.step();
}

fn rows(window: &Window) -> usize {
    window.query_all_by_role(Role::Row).count()
}

fn click_first_row(window: &mut Window) {
    step_until(window, "rows", |window| rows(window) > 0);
    let mut rows: Vec<_> = window.query_all_by_role(Role::Row).collect();
    rows.sort_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
    rows[0].click();
    window.step();
    window.step();
}

fn label_containing(window: &mut Window, text: &str) {
    step_until(window, text, |window| window.query_all_by_label_contains(text).next().is_some());
}

#[test]
fn a_table_outside_the_event_store_is_closed_until_its_rows_are_asked_for() {
    let mut copy = copy("node_opencode.db", |conn| {
        conn.execute_batch(
            "INSERT INTO credential (id, label, value, time_created, time_updated) VALUES ('c', 'l', 'TOKEN', 1, 1)",
        )
        .unwrap();
    });
    let window = &mut copy.window;
    show_table(window, "credential");
    until_label(window, "This table is not part of the event store. It may hold secrets.");
    assert!(window.query_by_label_contains("TOKEN").is_none() && rows(window) == 0);
    click(window, "Definition");
    label_containing(window, "CREATE TABLE `credential`");
    assert!(window.query_by_label_contains("TOKEN").is_none());
    click(window, "Rows");
    click(window, "Show its rows");
    label_containing(window, "TOKEN");
    // It stays open for as long as the file does.
    click(window, "Show the events");
    show_table(window, "credential");
    label_containing(window, "TOKEN");
    assert!(!shows(window, "Show its rows"));
}

#[test]
fn tables_are_listed_by_what_they_are_for_with_the_lag_of_readers() {
    let shop = shop();
    let conn = Connection::open(&shop.path).unwrap();
    let last: i64 = conn.query_row("SELECT max(position) FROM events", [], |row| row.get(0)).unwrap();
    conn.execute(
        "INSERT INTO checkpoints (name, position, updated_at) VALUES ('orders-view', ?1, '2026-04-01T00:00:00Z')",
        [last - 22],
    )
    .unwrap();
    conn.close().unwrap();
    let mut window = opened(&shop.path);
    show_table(&mut window, "checkpoints");
    for caption in ["Snapshots", "Checkpoints", "Events, as stored"] {
        assert!(shows(&window, caption), "{caption}");
    }
    label_containing(&mut window, "orders-view: at ");
    assert!(window.query_by_label_contains("22 behind").is_some());
    // The row links to the event that the reader saw last.
    click_first_row(&mut window);
    label_containing(&mut window, "Show event ");
    window.query_all_by_label_contains("Show event ").next().unwrap().click();
    step_until(&mut window, "the event", |window| window.state().view().place.event == Some(last - 22));
    assert!(window.state().view().place.table.is_none());
}

#[test]
fn a_row_is_shown_value_by_value_and_leads_to_its_stream_and_back() {
    let mut copy = copy("py_eventsourcing_zlib.db", |_| {});
    let window = &mut copy.window;
    show_table(window, "stored_snapshots");
    click_first_row(window);
    label_containing(window, "Decoded: zlib, json");
    // What it links to moves what is below it.
    label_containing(window, "Show stream ");
    assert!(window.query_by_role_and_label(Role::ColumnHeader, "originator_version").is_some());
    assert!(shows(window, "Row 1") && shows(window, "Copy state"));
    click(window, "Raw state");
    label_containing(window, "00000000  ");
    click(window, "Decoded state");
    window.query_all_by_label_contains("Show stream ").next().unwrap().click();
    window.step();
    window.step();
    assert!(window.state().view().place.table.is_none());
    // And back: from the stream's events to the snapshots that name it.
    press(window, Key::Home);
    click_until(window, "Causation", "originator_id");
    window.get_by_label_contains("stored_snapshots originator_id row 1").click();
    step_until(window, "the row", |window| {
        let place = &window.state().view().place;
        place.table.as_deref() == Some("stored_snapshots") && place.table_view.row == Some(0)
    });
    until_label(window, "Row 1");
}

/// Presses `name` once it is there, until something that contains `text` is.
fn click_until(window: &mut Window, name: &str, text: &str) {
    until_label(window, name);
    click(window, name);
    label_containing(window, text);
}

#[test]
fn keys_move_through_a_table_and_headings_sort_it() {
    let mut copy = copy("rust_sqlite_es.db", |_| {});
    let window = &mut copy.window;
    show_table(window, "order_view");
    click_first_row(window);
    let row = |window: &Window| window.state().view().place.table_view.row;
    assert_eq!(row(window), Some(0));
    press(window, Key::J);
    assert_eq!(row(window), Some(1));
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::End);
    window.step();
    window.step();
    assert_eq!(row(window), Some(59));
    until_label(window, "Row 60");
    step_until(window, "a sortable column", |window| {
        let sortable = window.state().session().map(|session| session.sortable("order_view"));
        sortable.and_then(|sortable| sortable.value().cloned()).is_some_and(|columns| columns.iter().all(|one| *one))
    });
    window.step();
    for descending in [false, true] {
        window.get_by_role_and_label(Role::ColumnHeader, "version").click();
        step_until(window, "the order", |window| {
            window.state().view().place.table_view.sort.is_some_and(|sort| sort.descending == descending)
        });
    }
    step_until(window, "the greatest first", |window| {
        let mut rows: Vec<_> = window.query_all_by_role(Role::Row).collect();
        rows.sort_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
        rows.first().and_then(|row| row.accesskit_node().label()).is_some_and(|name| name.contains(" 25 "))
    });
}

#[test]
fn a_file_without_events_opens_a_table_on_one_press() {
    let mut copy = copy("decoy_fossil.db", |_| {});
    let window = &mut copy.window;
    until_label(window, "No event store was recognised");
    window.get_by_role_and_label(Role::TreeItem, "reportfmt").click();
    step_until(window, "its row", |window| rows(window) == 1);
    click_first_row(window);
    until_label(window, "Row 1");
}

#[test]
fn deep_and_large_documents_are_survived_and_shown() {
    let deep = format!("{}{}", "{\"a\":".repeat(10_000) + "1", "}".repeat(10_000));
    let large = format!("{{\"items\":[{}0]}}", "{\"a\":1.50},".repeat(1 << 20));
    let mut copy = copy("node_emmett_0_42.db", |conn| {
        let sql = "UPDATE emt_messages SET message_data = ?1 WHERE global_position = ?2";
        conn.execute(sql, rusqlite::params![deep, 1]).unwrap();
        conn.execute(sql, rusqlite::params![large, 2]).unwrap();
    });
    let window = &mut copy.window;
    select(window, 1);
    until_label(window, "a: {1}");
    window.query_all_by_label("a: {1}").next().unwrap().click_secondary();
    window.step();
    window.step();
    click(window, "Expand all below");
    click_until(window, "Raw", "{\"a\":{\"a\":{\"a\":");
    window.get_by_role_and_label(Role::Tab, "Data").click();
    label_containing(window, "a: {1}");
    select(window, 2);
    let size = eventscope::session::thousands(i64::try_from(large.len()).unwrap());
    until_label(window, &format!("Data of {size} bytes."));
    click(window, "Load: data");
    until_label(window, "items: [1048577]");
    click(window, "items: [1048577]");
    until_label(window, "1000000 … 1048576: [48577]");
    click_until(window, "Raw", "{\"items\":[{\"a\":1.50}");
    until_label(window, "Next page");
}

fn select(window: &mut Window, position: i64) {
    step_until(window, "the row", |window| {
        window.state().session().is_some_and(|session| session.rows().get(0).is_some())
    });
    let shown = eventscope::session::thousands(position);
    let named = format!("{shown} ");
    press_with(window, egui::Modifiers::COMMAND, egui::Key::Home);
    step_until(window, "its row", |window| {
        window
            .query_all_by_role(Role::Row)
            .any(|row| row.accesskit_node().label().is_some_and(|name| name.starts_with(&named)))
    });
    let row = window
        .query_all_by_role(Role::Row)
        .find(|row| row.accesskit_node().label().is_some_and(|name| name.starts_with(&named)))
        .unwrap();
    row.click();
    step_until(window, "the event", |window| window.state().view().place.event == Some(position));
}

/// The longest frame until `done`, and how long it all took.
fn longest_frame(window: &mut Window, what: &str, mut done: impl FnMut(&Window) -> bool) -> (Duration, Duration) {
    let (begin, mut longest) = (Instant::now(), Duration::ZERO);
    loop {
        let frame = Instant::now();
        window.step();
        longest = longest.max(frame.elapsed());
        if done(window) {
            return (longest, begin.elapsed());
        }
        assert!(begin.elapsed() < Duration::from_mins(2), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The memory of this program in MiB: now, and at its most.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or_default() / 1024
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// `cargo test --test suite -- --ignored large_document --nocapture` on a machine with nothing else to do.
#[test]
#[ignore = "makes a file of 100 MiB and measures"]
fn a_large_document_holds_up_no_frame_and_takes_little_more_than_its_size() {
    let items = "{\"a\":1.50,\"name\":\"a cup\"},".repeat(100 * (1 << 20) / 26);
    let large = format!("{{\"items\":[{items}0]}}");
    let size = large.len();
    let mut copy = copy("node_emmett_0_42.db", |conn| {
        let sql = "UPDATE emt_messages SET message_data = ?1 WHERE global_position = 2";
        conn.execute(sql, [&large]).unwrap();
    });
    drop((items, large));
    let window = &mut copy.window;
    let (before, _) = memory();
    select(window, 2);
    until_label(window, "Load: data");
    let (selected, _) = memory();
    window.get_by_label("Load: data").click();
    let (longest, took) =
        longest_frame(window, "the tree", |window| window.query_all_by_label_contains("items: [").next().is_some());
    let (loaded, most) = memory();
    let opening = Instant::now();
    let name = window.get_by_label_contains("items: [").accesskit_node().label().unwrap();
    click(window, &name);
    click(window, "0 … 999999: [1000000]");
    click(window, "0 … 999: [1000]");
    let opened = opening.elapsed();
    let raw = Instant::now();
    click(window, "Raw");
    click(window, "Next page");
    let leafed = raw.elapsed();
    say(&format!(
        "{size} bytes: loaded in {took:?}, longest frame {longest:?}; six frames of opening {opened:?}, four of raw {leafed:?}; \
         MiB before {before}, selected {selected}, loaded {loaded}, at most {most}"
    ));
    assert!(longest < Duration::from_millis(100), "{longest:?}");
    assert!(selected < before + 64, "selecting reads it");
    assert!(loaded < before + 300, "{before} to {loaded} MiB");
}

/// `cargo test --test suite -- --ignored five_million --nocapture`.
#[test]
#[ignore = "makes a table of five million rows and measures"]
fn the_end_of_five_million_rows_is_reached_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
         CREATE TABLE reading (id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, value REAL, note TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000)
         INSERT INTO reading SELECT i * 2, 's-' || (i % 100), i / 7.0, 'a note of some length, number ' || i FROM n;",
    )
    .unwrap();
    conn.close().unwrap();
    let mut window = opened(&path);
    until_label(&mut window, "No event store was recognised");
    window.get_by_role_and_label(Role::TreeItem, "reading").click();
    let (first_frame, first) = longest_frame(&mut window, "the first rows", |window| rows(window) > 10);
    let (count_frame, counted) = longest_frame(&mut window, "the count", |window| shows(window, "5,000,000 rows"));
    let order = eventscope::session::TableOrder { table: "reading".into(), column: None };
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::End);
    let (end_frame, end) = longest_frame(&mut window, "the last row", |window| {
        let last = window.state().session().map(|session| session.table_page(&order, 4_999_999));
        last.is_some_and(|page| page.value().is_some())
            && window.query_all_by_label_contains("number 5000000").next().is_some()
    });
    say(&format!(
        "first rows after {first:?} (frame {first_frame:?}), counted after {counted:?} more (frame {count_frame:?}), \
         the last row after {end:?} (frame {end_frame:?})"
    ));
    assert!(end < Duration::from_secs(1), "{end:?}");
    assert!(first_frame.max(count_frame).max(end_frame) < Duration::from_millis(150));
    assert_eq!(Command::NewestEvent.entry().title, "Last row");
}

#[test]
fn a_guess_says_what_is_in_doubt_and_leads_to_the_plain_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE \"order\" (\"index\" INTEGER PRIMARY KEY, \"group\" TEXT, \"select\" TEXT, \"values\" TEXT, \"when\" TEXT);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
         INSERT INTO \"order\" SELECT (1 << 60) + i, 'cup-' || (i * 7919 % 101 % 9),
             iif(i * 104729 % 97 % 2, 'placed', 'paid'),
             json_object('n', i), strftime('%Y-%m-%dT%H:%M:%SZ', 1772000000 + i * 60, 'unixepoch') FROM n;",
    )
    .unwrap();
    conn.close().unwrap();
    let launch = Launch { file: Some(path), ..Launch::default() };
    let app = |creation: &mut eframe::CreationContext<'static>| App::new(&creation.egui_ctx, creation.storage, launch);
    let mut window = sized([1280.0, 720.0]).build_eframe(app);
    step_until(&mut window, "the rows", |window| {
        window.state().session().is_some_and(|session| session.rows().get(0).is_some())
    });
    let banner = window.get_by_role(Role::Alert);
    let doubts = banner.query_by_label_contains("This is a guess: nothing counts the events of a stream").unwrap();
    assert!(banner.query_by_label("Edit mapping…").is_some());
    let button = banner.get_by_label("Show the plain table");
    assert!(doubts.rect().right() < button.rect().left(), "neither hides the other");
    button.click();
    step_until(&mut window, "the table", |window| window.state().view().place.table.as_deref() == Some("order"));
    // Its rows are there as they are, and the way back is the list of streams.
    step_until(&mut window, "its first row", |window| {
        let names = super::window::names(window);
        names.contains("1152921504606846977") || names.contains("1,152,921,504,606,846,977")
    });
}
