//! The windows about the whole store, by accessible name: statistics, schemas and the audit.

use std::path::{Path, PathBuf};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::app::Launch;
use eventscope::insight::ExtentSummary;
use eventscope::insight::schema::Schemas;
use eventscope::model::Overlay;
use eventscope::source::{OpenOptions, Source};

use super::window::{
    Window, click_part, contains, opened, opened_at, press, press_with, shop, shows, step_until, until_label, window,
};

/// Takes a command from the palette.
fn command(window: &mut Window, title: &str) {
    press_with(window, Modifiers::COMMAND, Key::K);
    until_label(window, "Search commands");
    window.get_by_label("Search commands").type_text(title);
    window.run_steps(2);
    press(window, Key::Enter);
}

/// How many rows the event table has, once it is known.
fn rows(window: &mut Window) -> u64 {
    window.run_steps(3);
    step_until(window, "the count of rows", |window| {
        window.state().session().is_some_and(|session| session.rows().len().complete && !session.rows().is_stale())
    });
    window.state().session().map_or(0, |session| session.rows().len().value)
}

#[test]
fn what_is_counted_leads_to_what_it_counts() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press(&mut window, Key::H);
    step_until(&mut window, "the count", |window| contains(window, "4,622 events in 692 streams"));
    let counted = window.state().session().unwrap().counted().unwrap();
    let (name, amount) = counted.findings.summary.as_ref().unwrap().types[3].clone();
    click_part(&mut window, &format!("{name} {} events", amount.events));
    assert_eq!(window.state().view().overlay, Overlay::None);
    assert_eq!(window.state().view().place.filter, format!("type:{name}"));
    assert_eq!(rows(&mut window), amount.events);
    // By stream, and over time.
    press(&mut window, Key::H);
    click_part(&mut window, "By stream");
    let (stream, amount) = counted.findings.summary.as_ref().unwrap().streams[0].clone();
    click_part(&mut window, &format!("{stream} {} events", amount.events));
    assert_eq!(window.state().view().place.stream.as_ref(), Some(&stream));
    press(&mut window, Key::H);
    click_part(&mut window, "Over time");
    until_label(&mut window, "Events by hour of the day");
    window.get_by_label("Events by day").click();
    window.run_steps(3);
    let filter = window.state().view().place.filter.clone();
    assert!(filter.starts_with("after:2026-03-") && filter.contains(" before:2026-03-"), "{filter}");
    let day = filter[6..16].parse().unwrap();
    let days = &counted.findings.summary.as_ref().unwrap().days;
    let expected = days.iter().find(|(other, _)| *other == day).map(|(_, amount)| amount.events);
    assert_eq!(Some(rows(&mut window)), expected);
}

#[test]
fn the_largest_events_are_listed_and_led_to() {
    let shop = shop();
    let mut window = opened(&shop.path);
    command(&mut window, "Statistics");
    click_part(&mut window, "By size");
    // Among events of one size others may come first as long as not all are read.
    step_until(&mut window, "that all was counted", |window| {
        window.state().session().unwrap().counted().is_some_and(|counted| !counted.is_running())
    });
    let counted = window.state().session().unwrap().counted().unwrap();
    let large = counted.findings.summary.as_ref().unwrap().largest[0].clone();
    click_part(&mut window, &format!("{} {}", eventscope::ui::numbers::grouped(large.position), large.event_type));
    step_until(&mut window, "the event", |window| window.state().view().place.event == Some(large.position));
}

#[test]
fn a_schema_is_shown_path_by_path_and_written_to_a_file() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    press(&mut window, Key::D);
    click_part(&mut window, "order.placed@");
    step_until(&mut window, "the paths", |window| contains(window, "customer") && contains(window, "100 %"));
    // A path leads to the events that have it.
    let path = window.query_all_by_label_contains("100 %").next().unwrap();
    path.click();
    window.run_steps(3);
    click_part(&mut window, "Only events that have it");
    let filter = window.state().view().place.filter.clone();
    assert!(filter.starts_with("type:order.placed has:data."), "{filter}");
    assert!(rows(&mut window) > 0);
    press(&mut window, Key::D);
    let file = shop.path.with_file_name("placed.json");
    click_part(&mut window, "Export…");
    click_part(&mut window, "This schema");
    super::saving::save_to(&mut window, &file);
    let text = std::fs::read_to_string(&file).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["type"], "object");
}

/// Orders of which one has lost an event, and whose shape changed with a new schema version.
fn faulty() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faulty.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL,
             version INTEGER NOT NULL, event_type TEXT NOT NULL, schema_version INTEGER NOT NULL, data TEXT NOT NULL,
             timestamp TEXT NOT NULL, UNIQUE (aggregate_type, aggregate_id, version));
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
         INSERT INTO events SELECT i + 1, 'order', 'o-' || (i / 5), i % 5 + 1,
             iif(i % 5 = 0, 'order.placed', 'order.paid'), iif(i < 100, 1, 2),
             iif(i < 100, json_object('total', i, 'mail', 'ada' || i || '@example.org'), json_object('total', i * 1.5)),
             strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + i, 'unixepoch') FROM n;
         DELETE FROM events WHERE position = 13;",
    )
    .unwrap();
    (folder, path)
}

fn opened_faulty(path: &Path) -> Window {
    let mut window = window(Launch { file: Some(path.to_owned()), ..Launch::default() });
    step_until(&mut window, "the rows", |window| {
        window.state().session().is_some_and(|session| session.rows().get(0).is_some())
    });
    window
}

#[test]
fn two_versions_of_a_schema_are_compared() {
    let (_folder, path) = faulty();
    let mut window = opened_faulty(&path);
    command(&mut window, "Schemas");
    click_part(&mut window, "order.paid@2 ");
    step_until(&mut window, "the other version", |window| shows(window, "order.paid@1"));
    window.get_by_label("order.paid@1").click();
    step_until(&mut window, "what differs", |window| {
        contains(window, "- mail: string in 100 % in order.paid@1, nothing")
    });
}

#[test]
fn what_is_wrong_is_listed_with_what_to_do_and_led_to() {
    let (_folder, path) = faulty();
    let mut window = opened_faulty(&path);
    press(&mut window, Key::V);
    step_until(&mut window, "the end of the audit", |window| {
        window.state().session().unwrap().audited().is_some_and(|audited| audited.is_complete())
    });
    let audited = window.state().session().unwrap().audited().unwrap();
    let found = audited.findings.found.clone().unwrap();
    // Each below the one before it, and as far to the left.
    window.run_steps(2);
    let lines: Vec<_> = window.query_all_by_role(egui::accesskit::Role::ListItem).map(|line| line.rect()).collect();
    assert!(lines.len() >= 2, "{found:?}");
    let is_beneath =
        |pair: &[egui::Rect]| pair[1].top() >= pair[0].bottom() - 1.0 && (pair[1].left() - pair[0].left()).abs() < 0.5;
    assert!(lines.windows(2).all(is_beneath), "{lines:?}");
    let gap = found.iter().find(|finding| finding.kind == "version_gap").unwrap();
    click_part(&mut window, &format!("{}: Version gap 1", gap.severity.name()));
    assert!(contains(&window, &gap.explanation) && contains(&window, gap.advice));
    let place = gap.instances[0].clone();
    click_part(&mut window, &place.to_string());
    step_until(&mut window, "the event", |window| window.state().view().place.event == place.position);
    assert_eq!(window.state().view().overlay, Overlay::None);
}

#[test]
fn a_sample_of_a_long_store_says_about_what_is_in_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.db");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(["demo", path.to_str().unwrap(), "--events", "20000"])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let source = Source::open(&path, &OpenOptions::default()).unwrap();
    assert!(ExtentSummary::sampled(&source, 10).unwrap().is_none(), "nobody knows how long it is");
    source.key_index(&mut |_| {}).unwrap();
    let (told, sampled) = ExtentSummary::sampled(&source, 10).unwrap().unwrap();
    assert_eq!((sampled.events, sampled.of, told.total.events), (4_000, 20_000, 20_000));
    let (schemas, _) = Schemas::sampled(&source).unwrap().unwrap();
    let counted: u64 = schemas.types().map(|schema| schema.events.count).sum();
    assert_eq!(counted, 4_000);
}
