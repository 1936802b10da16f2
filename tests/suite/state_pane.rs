//! The state panel, by accessible name: a text is looked for, what is unchanged is folded away, places are pinned on top.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::app::Launch;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;
use serde_json::json;

use crate::window::{Window, has_version, opened_at, press, press_with, shop, shows, step_until, until_label, window};

/// A window on a stock that has reservations.
fn on_stock(path: &std::path::Path, version: i64) -> Window {
    let mut window = opened_at(path, "stock/sku-cup-blue", version);
    step_until(&mut window, "the version", |window| has_version(window, version));
    step_until(&mut window, "its state", |window| {
        window.query_by_label_contains(&format!("State at version {version} of ")).is_some()
    });
    window
}

/// The name of the first thing with a part in it.
fn named(window: &Window, part: &str) -> Option<String> {
    use egui_kittest::kittest::NodeT as _;
    window.query_all_by_label_contains(part).find_map(|node| node.accesskit_node().label())
}

#[test]
fn a_text_is_found_in_what_is_closed_and_one_goes_from_each_place_to_the_next() {
    let shop = shop();
    let mut window = on_stock(&shop.path, 158);
    step_until(&mut window, "its reservations", |window| named(window, "reservations: {").is_some());
    let reservations = named(&window, "reservations: {").unwrap();
    until_label(&mut window, "ord-000341: 4");
    window.get_by_label(&reservations).click();
    step_until(&mut window, "that it is closed", |window| !shows(window, "ord-000341: 4"));
    press(&mut window, Key::S);
    window.step();
    window.get_by_label("Find in the state").type_text("RESERV");
    step_until(&mut window, "two keys", |window| shows(window, "1 of 2"));
    press(&mut window, Key::Enter);
    step_until(&mut window, "the second", |window| shows(window, "2 of 2"));
    press_with(&mut window, Modifiers::SHIFT, Key::Enter);
    step_until(&mut window, "the first again", |window| shows(window, "1 of 2"));
    for _ in 0..6 {
        press(&mut window, Key::Backspace);
    }
    window.get_by_label("Find in the state").type_text("ord-0");
    step_until(&mut window, "what was closed", |window| shows(window, "1 of 2") && shows(window, "ord-000341: 4"));
    window.get_by_label("Close the search").click();
    window.run_steps(3);
    assert!(!shows(&window, "Find in the state"));
}

#[test]
fn what_an_event_did_not_change_is_folded_away_on_request() {
    let shop = shop();
    let mut window = on_stock(&shop.path, 154);
    until_label(&mut window, "on_hand: 3");
    press(&mut window, Key::U);
    step_until(&mut window, "what is left out", |window| named(window, " unchanged").is_some());
    assert!(!shows(&window, "on_hand: 3"), "the release of a reservation leaves it as it is");
    assert!(named(&window, "reserved: ").is_some());
    press(&mut window, Key::U);
    until_label(&mut window, "on_hand: 3");
}

#[test]
fn a_pinned_place_is_on_top_at_every_version_until_it_is_let_go() {
    let shop = shop();
    let mut window = on_stock(&shop.path, 159);
    until_label(&mut window, "on_hand: 3");
    window.get_by_label("on_hand: 3").click_secondary();
    until_label(&mut window, "Pin on top, or let go");
    window.get_by_label("Pin on top, or let go").click();
    step_until(&mut window, "it on top", |window| shows(window, ".on_hand: 3"));
    let (pinned, below) = (window.get_by_label(".on_hand: 3").rect(), window.get_by_label("on_hand: 3").rect());
    assert!(pinned.bottom() <= below.top());
    press(&mut window, Key::ArrowRight);
    step_until(&mut window, "its next value", |window| shows(window, ".on_hand: -1"));
    assert_eq!(window.state().view().noted.pinned("stock").collect::<Vec<_>>(), ["/on_hand"]);
    window.get_by_label(".on_hand: -1").click_secondary();
    until_label(&mut window, "Pin on top, or let go");
    window.get_by_label("Pin on top, or let go").click();
    step_until(&mut window, "that it is gone", |window| !shows(window, ".on_hand: -1"));
}

#[test]
fn far_ahead_of_the_fold_a_stored_snapshot_stands_in_and_is_said_to() {
    const LAST: i64 = 60_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.db");
    let (mut store, stream) = (EventStore::create(&path).unwrap(), StreamName::new("counter", "c"));
    let events: Vec<_> = (1..=LAST).map(|n| NewEvent::new("counted", json!({"n": n, "half": n / 2}))).collect();
    store.append(&stream, ExpectedVersion::NoStream, &events).unwrap();
    store.save_snapshot(&stream, LAST - 10, 1, json!({"n": LAST - 10, "half": 0, "only": 7})).unwrap();
    drop(store);
    let at = Some(eventscope::model::LinkPlace::Stream(stream.to_string(), Some(LAST - 2)));
    let mut window = window(Launch { file: Some(path), at, ..Launch::default() });
    let says = "From the stored snapshot at version 59,990, until the events before it are folded.";
    // It is the state of that version, folded on from the snapshot, which alone has the last of these.
    step_until(&mut window, "what stands in", |window| {
        [says, "n: 59998", "only: 7"].iter().all(|name| shows(window, name))
    });
    step_until(&mut window, "the fold", |window| !shows(window, says));
    until_label(&mut window, "n: 59998");
    assert!(!shows(&window, "only: 7"), "the events do not say it");
}
