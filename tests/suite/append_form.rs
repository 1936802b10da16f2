//! The form for a new event in the window, by accessible name: what its data could hold, and where it is unlike the events
//! of its type.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::{Value, json};

use crate::window::{Window, contains, opened_at, press, press_with, shop, shows, step_until, until_label};

/// The form for an event of this type, in the stream of an order.
fn form(path: &std::path::Path, event_type: &str) -> Window {
    let mut window = opened_at(path, "order/ord-000105", 3);
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::U);
    until_label(&mut window, "Unlock this file");
    window.get_by_label("Unlock this file").click();
    until_label(&mut window, "Writing unlocked");
    press_with(&mut window, Modifiers::COMMAND, Key::N);
    until_label(&mut window, "Event type");
    write(&mut window, Role::TextInput, "Event type", event_type);
    window
}

/// Puts a text in the place of what is in an entry.
fn write(window: &mut Window, role: Role, name: &str, text: &str) {
    window.get_by_role_and_label(role, name).focus();
    window.run_steps(2);
    press_with(window, Modifiers::COMMAND, Key::A);
    press(window, Key::Backspace);
    window.get_by_role_and_label(role, name).type_text(text);
    window.run_steps(2);
}

/// Waits until what is written was looked at, and may be appended.
fn may_be_appended(window: &mut Window) {
    step_until(window, "that it may be appended", |window| {
        !window.get_by_label("Append event").accesskit_node().is_disabled()
    });
}

fn data(window: &Window) -> Option<Value> {
    let text = window.get_by_role_and_label(Role::MultilineTextInput, "Data").value()?;
    serde_json::from_str(&text).ok()
}

#[test]
fn the_data_is_filled_in_as_events_of_its_type_have_it() {
    let shop = shop();
    let mut window = form(&shop.path, "order.placed");
    step_until(&mut window, "what its events have", |window| {
        window.query_by_label("Fill in").is_some_and(|button| !button.accesskit_node().is_disabled())
    });
    window.get_by_label("Fill in").click();
    step_until(&mut window, "a document", |window| data(window).is_some_and(|data| data["customer"].is_string()));
    let filled = data(&window).unwrap();
    let names: Vec<_> = filled.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["customer", "ship_to", "channel", "currency"], "as in the version of the newest events");
    let version = window.get_by_role_and_label(Role::TextInput, "Schema version").value();
    assert_eq!(version.as_deref(), Some("2"), "it is of the version that it was made after");
    step_until(&mut window, "that it is whole", |window| {
        let button = window.query_by_label("Add what is missing");
        button.is_some_and(|button| button.accesskit_node().is_disabled())
    });
    assert!(!contains(&window, "can be appended all the same"));
    write(&mut window, Role::TextInput, "Schema version", "1");
    until_label(&mut window, "~ ship_to was never seen");
    until_label(&mut window, "~ address is missing, which is always there");
}

#[test]
fn what_is_unlike_all_events_so_far_is_told_and_refuses_nothing() {
    let shop = shop();
    let mut window = form(&shop.path, "order.placed");
    let text = r#"{"customer": 4, "name": "Ann", "address": "here", "colour": "red"}"#;
    write(&mut window, Role::MultilineTextInput, "Data", text);
    for told in [
        "~ customer is integer, and was always string",
        "~ colour was never seen",
        "~ channel is missing, which is always there",
    ] {
        until_label(&mut window, told);
    }
    may_be_appended(&mut window);
    // One by one, or all at once.
    window.get_by_label("Add channel").click();
    step_until(&mut window, "the channel", |window| data(window).is_some_and(|data| data["channel"].is_string()));
    step_until(&mut window, "one warning less", |window| !contains(window, "channel is missing"));
    assert_eq!(data(&window).unwrap()["customer"], json!(4), "nothing else is touched");
    may_be_appended(&mut window);
    window.get_by_label("Append event").click();
    step_until(&mut window, "that it was written", |window| contains(window, "was written"));

    let mut window = form(&shop.path, "order.painted");
    until_label(&mut window, "No event of this type was seen: there is nothing to hold the data against.");
    write(&mut window, Role::TextInput, "Event type", "order.placed");
    write(&mut window, Role::TextInput, "Schema version", "77");
    step_until(&mut window, "the versions that there are", |window| {
        contains(window, "No event of this version was seen")
    });
}

#[test]
fn names_and_values_are_offered_as_one_types() {
    let shop = shop();
    let mut window = form(&shop.path, "order.placed");
    until_label(&mut window, "Fill in");
    write(&mut window, Role::MultilineTextInput, "Data", "{\"cha");
    until_label(&mut window, "Put in \"channel\": ");
    press(&mut window, Key::Enter);
    window.run_steps(2);
    let text = |window: &Window| window.get_by_role_and_label(Role::MultilineTextInput, "Data").value().unwrap();
    assert_eq!(text(&window), "{\"channel\": ");
    window.get_by_role_and_label(Role::MultilineTextInput, "Data").type_text("\"we");
    until_label(&mut window, "Put in \"web\"");
    press(&mut window, Key::Enter);
    window.run_steps(2);
    assert_eq!(text(&window), "{\"channel\": \"web\"");
    assert!(!shows(&window, "Put in \"web\""));
}
