//! Two states compared in the window, by accessible name: versions, streams, snapshots, branches, another file.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;
use serde_json::json;

use crate::window::{
    Window, contains, has_version, opened_at, press, press_with, shop, shows, step_until, until_label,
};

/// Puts a text into an entry in place of what is there.
fn retype(window: &mut Window, entry: &str, text: &str) {
    window.get_by_label(entry).focus();
    window.step();
    press_with(window, Modifiers::COMMAND, Key::A);
    window.get_by_label(entry).type_text(text);
    window.run_steps(2);
}

/// Chooses what kind of state a side is.
fn choose(window: &mut Window, side: &str, kind: &str) {
    window.run_steps(8);
    window.get_by_label(&format!("Kind of {side}")).click();
    until_label(window, kind);
    window.run_steps(2);
    window.get_by_label(kind).click();
    window.run_steps(3);
}

#[test]
fn a_pinned_version_is_compared_with_another_and_the_events_between_lead_on() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 153);
    step_until(&mut window, "version 153", |window| has_version(window, 153));
    press(&mut window, Key::A);
    step_until(&mut window, "that it is pinned", |window| contains(window, "at version 153 is pinned as A"));
    press(&mut window, Key::ArrowRight);
    press(&mut window, Key::ArrowRight);
    step_until(&mut window, "version 155", |window| has_version(window, 155));
    press(&mut window, Key::C);
    until_label(&mut window, "Compare");
    step_until(&mut window, "what differs", |window| contains(window, "~ /reserved: "));
    assert_eq!(
        window.get_by_label("Stream and version of A").value().as_deref(),
        Some("stock/sku-cup-blue@153"),
        "the first is the pinned one"
    );
    assert!(shows(&window, "2 events between"));
    window.run_steps(8);
    window.get_by_label("v154 stock.released").click();
    step_until(&mut window, "that event", |window| has_version(window, 154));
    assert!(!shows(&window, "Kind of A"), "the window has gone");
}

#[test]
fn without_a_pin_the_version_before_is_compared_and_any_two_streams_can_be() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 154);
    step_until(&mut window, "version 154", |window| has_version(window, 154));
    press(&mut window, Key::C);
    step_until(&mut window, "one event", |window| {
        contains(window, "1 event between") && contains(window, "~ /reserved: ")
    });
    retype(&mut window, "Stream and version of B", "stock/sku-cup-blue@153");
    step_until(&mut window, "no difference", |window| shows(window, "The states are the same."));
    retype(&mut window, "Stream and version of B", "stock/no-such-stream");
    step_until(&mut window, "that there is none", |window| contains(window, "here is no stream stock/no-such-stream"));
    retype(&mut window, "Stream and version of B", "sku-vase-tall");
    step_until(&mut window, "the other stream", |window| contains(window, "B: stock/sku-vase-tall v"));
    assert!(!contains(&window, "between"), "of two streams no events lie between");
    window.run_steps(8);
    window.get_by_label("Swap A and B").click();
    step_until(&mut window, "both turned round", |window| contains(window, "A: stock/sku-vase-tall v"));
}

#[test]
fn a_stored_snapshot_and_another_file_are_compared_with_what_the_events_give() {
    let (shop, other) = (shop(), shop());
    let stream = StreamName::new("stock", "sku-cup-blue");
    let mut store = EventStore::open(&shop.path).unwrap();
    let wrong = json!({"on_hand": 7, "reserved": 0, "available": 0, "reservations": {}});
    store.save_snapshot(&stream, 165, 1, wrong).unwrap();
    let counted = NewEvent::new("stock.counted", json!({"counted": 4242}));
    store.append(&stream, ExpectedVersion::Exactly(173), &[counted]).unwrap();
    drop(store);
    let bytes = std::fs::read(&other.path).unwrap();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 165);
    step_until(&mut window, "version 165", |window| has_version(window, 165));
    press(&mut window, Key::C);
    until_label(&mut window, "Kind of A");
    choose(&mut window, "A", "Stored snapshot");
    retype(&mut window, "Stream and version of A", "stock/sku-cup-blue@165");
    step_until(&mut window, "the drift", |window| shows(window, "~ /on_hand: 7 → 0"));
    assert!(contains(&window, "stored snapshot"));
    retype(&mut window, "Stream and version of A", "stock/sku-cup-blue@9");
    step_until(&mut window, "that there is none", |window| {
        contains(window, "o snapshot of stock/sku-cup-blue is stored")
    });

    choose(&mut window, "A", "Another file");
    retype(&mut window, "Stream and version of A", "stock/sku-cup-blue");
    retype(&mut window, "File of A", other.path.to_str().unwrap());
    retype(&mut window, "Stream and version of B", "stock/sku-cup-blue");
    step_until(&mut window, "what this file has more", |window| contains(window, "→ 4242"));
    assert!(contains(&window, "v173, your rules") && contains(&window, "v174, your rules"));
    assert_eq!(std::fs::read(&other.path).unwrap(), bytes, "the other file is only read");
}

#[test]
fn a_branch_is_compared_and_long_texts_are_word_by_word() {
    let shop = shop();
    let stream = StreamName::new("note", "n-1");
    let mut store = EventStore::open(&shop.path).unwrap();
    let says = |text: &str| NewEvent::new("note.written", json!({"text": text}));
    let texts =
        [says("the quick brown fox jumps over the lazy dog"), says("the quick red fox jumps over the lazy dog")];
    store.append(&stream, ExpectedVersion::NoStream, &texts).unwrap();
    drop(store);
    let rules = shop.path.with_file_name("shop.reducers.toml");
    let text = std::fs::read_to_string(&rules).unwrap() + "\n[aggregate.note.on]\n\"*\" = \"merge\"\n";
    std::fs::write(&rules, text).unwrap();
    let mut window = opened_at(&shop.path, "note/n-1", 2);
    step_until(&mut window, "version 2", |window| has_version(window, 2));
    press(&mut window, Key::C);
    step_until(&mut window, "the text", |window| contains(window, "~ /text: ") && contains(window, "red fox"));
    choose(&mut window, "A", "What-if branch");
    step_until(&mut window, "that there is no branch", |window| contains(window, "There is no branch yet."));
    press(&mut window, Key::Escape);
    window.run_steps(3);
    until_label(&mut window, "Recorded");
    press(&mut window, Key::B);
    until_label(&mut window, "Skip it");
    window.run_steps(8);
    window.get_by_label("Skip it").click();
    window.run_steps(3);
    press(&mut window, Key::Escape);
    window.run_steps(3);
    press(&mut window, Key::C);
    step_until(&mut window, "the branch", |window| contains(window, "brown fox") && contains(window, "1 difference"));
}
