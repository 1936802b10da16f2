//! The whole story in the window: open, filter, select a stream, step, see the change, unlock, append, see it arrive.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{ExpectedVersion, NewEvent, StreamName, Version};
use eventscope::store::EventStore;

use crate::window::{
    Shop, Window, has_version, opened, opened_at, press, press_with, shop, shows, step_until, until_label,
};

/// Clicks a button once it can be pressed and stands still: the form moves to the middle again as it grows.
fn click_when_still(window: &mut Window, name: &str) {
    until_still(window, name);
    window.get_by_label(name).click();
}

fn until_still(window: &mut Window, name: &str) {
    let mut places = Vec::new();
    step_until(window, name, |window| {
        let button = window.get_by_label(name);
        places.push((button.rect(), button.accesskit_node().is_disabled()));
        matches!(places.as_slice(), [.., first, second, (place, false)] if first == second && second.0 == *place)
    });
}

#[test]
fn a_person_finds_a_stream_walks_through_it_and_appends_an_event() {
    let Shop { path, .. } = &shop();
    let mut window = opened(path);
    assert!(shows(&window, "Read-only"));

    press(&mut window, Key::Slash);
    window.step();
    window.get_by_label("Filter events").type_text("stream:stock/sku-cup-blue");
    window.step();
    press(&mut window, Key::Enter);
    step_until(&mut window, "only the stream's events", |window| {
        let session = window.state().session().unwrap();
        let rows = session.rows();
        rows.len().complete && rows.get(0).is_some_and(|row| row.stream.aggregate_id == "sku-cup-blue")
    });

    press(&mut window, Key::Escape);
    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    step_until(&mut window, "the first version", |window| has_version(window, 1));
    press(&mut window, Key::ArrowRight);
    step_until(&mut window, "the second version", |window| has_version(window, 2));
    step_until(&mut window, "its state", |window| {
        window.query_by_label_contains("State at version 2 of ").is_some() && shows(window, "your rules")
    });

    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::U);
    window.get_by_label("Unlock this file").click();
    until_label(&mut window, "Writing unlocked");
    until_label(&mut window, "Actor");
    press_with(&mut window, Modifiers::COMMAND, Key::D);
    until_label(&mut window, "Append event");
    step_until(&mut window, "the preview", |window| {
        window.query_by_label_contains("the event becomes version").is_some()
    });
    click_when_still(&mut window, "Append event");
    step_until(&mut window, "the message", |window| window.query_by_label_contains("was written").is_some());

    let version = window.state().view().place.version.unwrap();
    step_until(&mut window, "the new version", |window| shows(window, &format!("Version {version} of {version}")));
    step_until(&mut window, "the new row", |window| {
        let rows = window.state().session().unwrap().rows();
        i64::try_from(rows.len().value).unwrap() == version && rows.len().complete
    });

    let stream = window.state().view().place.stream.clone().unwrap();
    let written = EventStore::open(path).unwrap().read_stream(&stream, version, None).unwrap();
    assert_eq!(written.len(), 1);
}

/// A form for a new event of a stream to which another program has appended since, at which version.
fn overtaken(path: &std::path::Path) -> (Window, EventStore, StreamName, Version) {
    let mut window = opened_at(path, "stock/sku-cup-blue", 2);
    step_until(&mut window, "the second version", |window| has_version(window, 2));
    until_label(&mut window, "Actor");
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::U);
    window.get_by_label("Unlock this file").click();
    until_label(&mut window, "Writing unlocked");
    press_with(&mut window, Modifiers::COMMAND, Key::D);
    let becomes = |window: &Window| window.query_by_label_contains("the event becomes version").is_some();
    step_until(&mut window, "the preview", becomes);
    until_still(&mut window, "Append event");
    let stream = window.state().view().place.stream.clone().unwrap();
    let mut other = EventStore::open(path).unwrap();
    let event = NewEvent::new("stock.counted", serde_json::json!({"counted": 1}));
    let theirs = other.append(&stream, ExpectedVersion::Any, &[event]).unwrap().versions.start;
    (window, other, stream, theirs)
}

fn until_conflict(window: &mut Window, theirs: Version) {
    step_until(window, "the conflict", |window| {
        window.query_by_label_contains(&format!("expected to be at version {}", theirs - 1)).is_some()
            && window.query_by_label_contains(&format!("it is at version {theirs}")).is_some()
    });
}

#[test]
fn a_conflict_says_what_was_expected_and_what_is_there_and_offers_to_reload() {
    let Shop { path, .. } = &shop();
    let (mut window, other, stream, theirs) = overtaken(path);
    // At once: the window knows of the other event only after its next frame.
    window.get_by_label("Append event").click();
    until_conflict(&mut window, theirs);
    assert_eq!(other.current_version(&stream).unwrap(), Some(theirs));

    click_when_still(&mut window, "Reload");
    step_until(&mut window, "the new preview", |window| {
        window.query_by_label_contains(&format!("the event becomes version {}", theirs + 1)).is_some()
    });
    click_when_still(&mut window, "Append event");
    step_until(&mut window, "the message", |window| window.query_by_label_contains("was written").is_some());
    assert_eq!(other.current_version(&stream).unwrap(), Some(theirs + 1));
}

#[test]
fn a_form_whose_stream_is_appended_to_meanwhile_says_so_before_anything_is_written() {
    let Shop { path, .. } = &shop();
    let (mut window, other, stream, theirs) = overtaken(path);
    until_conflict(&mut window, theirs);
    assert!(window.get_by_label("Append event").accesskit_node().is_disabled());
    assert_eq!(other.current_version(&stream).unwrap(), Some(theirs));
}

#[test]
fn data_that_is_no_json_is_not_written_and_is_said_to_be_wrong() {
    let Shop { path, .. } = &shop();
    let mut window = opened_at(path, "stock/sku-cup-blue", 2);
    step_until(&mut window, "the second version", |window| has_version(window, 2));
    until_label(&mut window, "Actor");
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::U);
    window.get_by_label("Unlock this file").click();
    until_label(&mut window, "Writing unlocked");
    press_with(&mut window, Modifiers::COMMAND, Key::N);
    until_label(&mut window, "Append event");
    window.get_by_role_and_label(egui::Role::MultilineTextInput, "Data").focus();
    window.step();
    window.get_by_role_and_label(egui::Role::MultilineTextInput, "Data").type_text("oops");
    window.run_steps(3);
    assert!(window.query_by_label_contains("Line ").is_some());
    assert!(window.get_by_label("Append event").accesskit_node().is_disabled());
}
