//! Invariants in the window, by accessible name: the whole store is held against what must be, and kept with the reducers.

use std::process::Command;

use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;

use crate::window::{Window, contains, has_version, opened_at, press, shop, shows, step_until, until_label};

/// Opens the window for invariants, types one for the shown type, and presses Return.
fn add(window: &mut Window, predicate: &str) {
    press(window, Key::I);
    until_label(window, "Invariant");
    window.get_by_label("Invariant").focus();
    window.step();
    window.get_by_label("Invariant").type_text(predicate);
    window.step();
    press(window, Key::Enter);
}

#[test]
fn every_stream_that_breaks_an_invariant_is_found_with_its_first_version_and_led_to() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    add(&mut window, ".on_hand >= 0");
    until_label(&mut window, "stock: .on_hand >= 0");
    window.get_by_label("Check the whole store").click();
    let broken = "stock/sku-cup-blue v160 stock.shipped stock: .on_hand >= 0";
    step_until(&mut window, "the stream that breaks it", |window| shows(window, broken));
    step_until(&mut window, "the end", |window| window.state().session().unwrap().checked().unwrap().is_complete());
    let checked = window.state().session().unwrap().checked().unwrap();
    assert_eq!(checked.findings.found.len(), 1, "{:?}", checked.findings.found);
    let stocks = window.state().session().unwrap().streams();
    let stocks = stocks.groups.iter().find(|group| &*group.aggregate_type == "stock").unwrap().streams.len();
    assert_eq!(checked.findings.streams, stocks as u64, "orders are not folded for it");
    window.run_steps(3);
    window.get_by_label(broken).click();
    step_until(&mut window, "the version that breaks it", |window| has_version(window, 160));
    assert!(!shows(&window, "Check the whole store"), "the window has gone");
    press(&mut window, Key::I);
    until_label(&mut window, broken);
}

#[test]
fn an_invariant_that_holds_is_said_to_and_one_that_cannot_be_read_is_not_added() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    add(&mut window, ".on_hand <");
    assert!(contains(&window, "character"));
    assert!(window.get_by_label("Add invariant").accesskit_node().is_disabled());
    assert!(window.get_by_label("Check the whole store").accesskit_node().is_disabled(), "there is nothing to check");
    window.get_by_label("Invariant").type_text(" 1000000");
    window.run_steps(2);
    window.get_by_label("Add invariant").click();
    until_label(&mut window, "stock: .on_hand < 1000000");
    window.get_by_label("Check the whole store").click();
    step_until(&mut window, "that all keep to it", |window| contains(window, "keep to 1 invariant at every version."));
    window.get_by_label("Remove stock: .on_hand < 1000000").click();
    window.run_steps(3);
    assert!(window.get_by_label("Check the whole store").accesskit_node().is_disabled());
}

#[test]
fn an_invariant_is_kept_with_the_reducers_where_the_command_line_finds_it() {
    let shop = shop();
    let file = shop.path.with_file_name("shop.reducers.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    add(&mut window, ".on_hand >= 0");
    until_label(&mut window, "Keep stock: .on_hand >= 0 with the reducers");
    window.get_by_label("Keep stock: .on_hand >= 0 with the reducers").click();
    step_until(&mut window, "that it is kept", |window| shows(window, "with the reducers"));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("invariants") && text.contains("\".on_hand >= 0\"") || text.contains("'.on_hand >= 0'"),
        "{text}"
    );
    let kept = |line: &&str| before.contains(*line);
    assert_eq!(text.lines().filter(kept).count(), before.lines().count(), "all else stays");
    let check = Command::new(env!("CARGO_BIN_EXE_eventscope")).arg("check").arg(&shop.path).output().unwrap();
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    assert!(String::from_utf8_lossy(&check.stdout).contains("stock/sku-cup-blue"), "{check:?}");
}

#[test]
fn checking_shows_what_it_finds_as_it_goes_and_can_be_stopped() {
    let shop = shop();
    let mut store = EventStore::open(&shop.path).unwrap();
    let counted = |number: i64| NewEvent::new("stock.counted", serde_json::json!({"counted": number}));
    for stream in 0..60 {
        let events: Vec<_> = (0..1500).map(|number| counted(if number == 700 { -stream } else { number })).collect();
        store
            .append(&StreamName::new("stock", format!("many-{stream:02}")), ExpectedVersion::NoStream, &events)
            .unwrap();
    }
    drop(store);
    let mut window = opened_at(&shop.path, "stock/many-03", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    add(&mut window, ".on_hand >= 0 and .reserved < 1000000");
    until_label(&mut window, "Check the whole store");
    window.get_by_label("Check the whole store").click();
    step_until(&mut window, "the first, before the end", |window| {
        let checked = window.state().session().unwrap().checked();
        checked.is_some_and(|checked| checked.is_running() && !checked.findings.found.is_empty())
    });
    window.step();
    window.get_by_label("Stop").click();
    step_until(&mut window, "that it was stopped", |window| contains(window, "It was stopped before the end."));
    let checked = window.state().session().unwrap().checked().unwrap();
    assert!(!checked.is_running() && !checked.is_complete() && !checked.findings.found.is_empty());
    let first = &checked.findings.found[0];
    assert_eq!((first.stream.aggregate_type.as_str(), first.moment.version), ("stock", 701));
}
