//! Rules in the window, by accessible name: where a state comes from, the editor, explaining a step, and correcting a
//! state by example.

use std::path::PathBuf;

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::session::Loading;
use eventscope::store::EventStore;
use serde_json::{Value, json};

use crate::window::{Shop, Window, contains, opened_at, press, press_with, shop, shows, step_until, until_label};

/// Presses something once it is there and has its place: a window over the panels has it after a few frames.
fn click(window: &mut Window, name: &str) {
    until_label(window, name);
    window.run_steps(4);
    window.get_by_label(name).click();
    window.step();
    window.step();
}

/// The state that is shown.
fn state(window: &Window) -> Option<Value> {
    let view = window.state().view();
    let (stream, version) = view.place.stream.as_ref().zip(view.place.version)?;
    match window.state().session()?.state(stream, version) {
        Loading::Ready(state) => Some(state.state.clone()),
        _ => None,
    }
}

fn label(window: &Window) -> String {
    let stream = window.state().view().place.stream.clone();
    let session = window.state().session();
    let kind = stream.unwrap_or_default().aggregate_type;
    session.map(|session| session.reducers(&kind).label).unwrap_or_default()
}

/// The text of an entry that has this name.
fn text_of(window: &Window, name: &str) -> String {
    window.get_by_label(name).value().unwrap_or_default()
}

/// Puts a text in place of what an entry holds.
fn retype(window: &mut Window, name: &str, text: &str) {
    window.get_by_label(name).focus();
    window.step();
    press_with(window, Modifiers::COMMAND, Key::A);
    window.get_by_label(name).type_text(text);
    window.step();
    window.step();
}

/// A window on the demo's stock, where 60 are on hand.
fn at_sixty() -> (Shop, Window) {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    until_label(&mut window, "on_hand: 60");
    (shop, window)
}

/// The same with the editor over it, and the name of the field for the rule that is edited.
fn editing() -> (Shop, Window, String) {
    let (shop, mut window) = at_sixty();
    press(&mut window, Key::E);
    until_label(&mut window, "State before");
    let field = window.query_all_by_label_contains("Rule text for ").next().unwrap();
    let name = field.accesskit_node().label().unwrap();
    (shop, window, name)
}

/// The demo without its reducers: rules are to be found.
fn without_rules() -> Shop {
    let shop = shop();
    std::fs::remove_file(shop.path.with_extension("reducers.toml")).unwrap();
    shop
}

/// A small bank, which keeps a snapshot of each account.
fn bank() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.db");
    let mut store = EventStore::create(&path).unwrap();
    for number in 1..=12_i64 {
        let stream = StreamName::new("account", format!("a-{number}"));
        let (first, second) = (10 * number, 7 + number);
        let events = [
            NewEvent::new("account.opened", json!({"owner": format!("owner {number}"), "by": "desk"})),
            NewEvent::new("account.deposited", json!({"amount": first, "by": "desk"})),
            NewEvent::new("account.deposited", json!({"amount": second, "by": "app"})),
        ];
        store.append(&stream, ExpectedVersion::NoStream, &events).unwrap();
        let state = json!({"owner": format!("owner {number}"), "balance": first + second});
        store.save_snapshot(&stream, 3, 1, state).unwrap();
    }
    (folder, path)
}

/// The demo with these reducers.
fn with_rules(text: &str) -> Shop {
    let shop = shop();
    std::fs::write(shop.path.with_extension("reducers.toml"), text).unwrap();
    shop
}

/// Whether anything in the window is said to be guessed.
fn guessed(window: &Window) -> bool {
    let guessed =
        |node: egui_kittest::Node<'_>| node.accesskit_node().description().is_some_and(|text| text.contains("guessed"));
    window.root().children_recursive().any(guessed)
}

#[test]
fn the_rules_that_are_found_are_used_or_offered_and_nothing_changes_unasked() {
    let (_folder, path) = bank();
    let mut window = opened_at(&path, "account/a-3", 3);
    // Those that come before anybody can have read a state take its place; later ones are offered.
    let found = |window: &Window| shows(window, "Use these rules") || label(window).starts_with("learnt");
    step_until(&mut window, "the rules", found);
    if shows(&window, "Use these rules") {
        step_until(&mut window, "the guess", guessed);
        let before = state(&window);
        window.run_steps(10);
        assert_eq!(state(&window), before, "nothing changes unasked");
        assert!(contains(&window, "Better rules were found: learnt: agrees with"));
        click(&mut window, "Use these rules");
    }
    step_until(&mut window, "the learnt rules", |window| label(window).starts_with("learnt: agrees with"));
    let said = label(&window);
    until_label(&mut window, &said);
    assert!(!shows(&window, "Use these rules"));
    step_until(&mut window, "the learnt state", |window| {
        state(window).is_some_and(|state| state == json!({"owner": "owner 3", "balance": 40}))
    });
}

#[test]
fn a_guess_looks_guessed_and_what_rules_say_does_not() {
    let shop = shop();
    let mut by_rules = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    until_label(&mut by_rules, "your rules");
    until_label(&mut by_rules, "on_hand: 60");
    assert!(!guessed(&by_rules));
    drop(by_rules);
    let shop = without_rules();
    let mut window = opened_at(&shop.path, "order/ord-000101", 3);
    step_until(&mut window, "a guess", guessed);
}

#[test]
fn an_event_type_without_a_rule_leads_into_the_editor() {
    let shop = with_rules("[aggregate.stock.on]\n\"stock.received\" = '.on_hand += $event.data.qty'\n");
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    click(&mut window, "Write a rule for stock.reserved");
    until_label(&mut window, "Rule text for stock.reserved");
    assert_eq!(text_of(&window, "Rule text for stock.reserved"), "");
    assert!(contains(&window, "$event.data.qty"), "what its events say is there to look at");
}

#[test]
fn the_state_follows_as_a_rule_is_typed_and_the_rule_is_saved_beside_the_database() {
    let (shop, mut window) = at_sixty();
    press(&mut window, Key::E);
    let event = window.state().session().unwrap().event(window.state().view().place.event.unwrap());
    let kind = event.value().unwrap().event_type.clone();
    let name = format!("Rule text for {kind}");
    until_label(&mut window, &name);
    until_label(&mut window, "State before");
    assert!(window.get_by_label("Save these rules").accesskit_node().is_disabled(), "nothing was changed");
    let rule = text_of(&window, &name);
    retype(&mut window, &name, &format!("{rule} | .tried = $event.version"));
    step_until(&mut window, "the state after it", |window| shows(window, "tried: 3"));
    assert!(state(&window).is_none_or(|state| state.get("tried").is_none()), "the panels stay as they are");
    click(&mut window, "Save these rules");
    step_until(&mut window, "the new rule in use", |window| {
        state(window).is_some_and(|state| state.get("tried") == Some(&json!(3)))
    });
    let saved = std::fs::read_to_string(shop.path.with_extension("reducers.toml")).unwrap();
    assert!(saved.contains(".tried = $event.version"), "{saved}");
    step_until(&mut window, "what was said", |window| contains(window, "The rules were saved in"));
    step_until(&mut window, "nothing left to save", |window| {
        window.get_by_label("Save these rules").accesskit_node().is_disabled()
    });
}

#[test]
fn what_is_wrong_with_a_rule_is_told_at_its_place_and_it_is_not_saved() {
    let (_shop, mut window, name) = editing();
    retype(&mut window, &name, ".on_hand += foo");
    step_until(&mut window, "the fault", |window| contains(window, "Line 1, column 13: there is no filter `foo`"));
    assert!(window.get_by_label("Save these rules").accesskit_node().is_disabled());
    assert!(shows(&window, "State after"), "the step as it was stays in view");
    click(&mut window, "Put back");
    step_until(&mut window, "no fault", |window| !contains(window, "Line 1, column 13"));
}

#[test]
fn the_state_before_the_first_event_and_upcasters_are_edited_and_saved_like_rules() {
    let (shop, mut window) = at_sixty();
    press(&mut window, Key::E);
    click(&mut window, "Initial state");
    let initial = "Initial state as JSON";
    retype(&mut window, initial, "{\"begun\": tru}");
    step_until(&mut window, "the fault", |window| contains(window, "Line 1, column 14: this is no JSON"));
    assert!(window.get_by_label("Save these rules").accesskit_node().is_disabled());
    retype(&mut window, initial, "{\"begun\": true}");
    step_until(&mut window, "the state with it", |window| shows(window, "begun: true"));
    let event = window.state().session().unwrap().event(window.state().view().place.event.unwrap());
    let kind = event.value().unwrap().event_type.clone();
    let row = format!("Rule for {kind}");
    let button = |node: &egui_kittest::Node<'_>| node.accesskit_node().role() == egui::accesskit::Role::Button;
    window.get_all_by_label(&row).find(button).unwrap().click();
    window.step();
    click(&mut window, "Add an upcaster");
    let upcaster = format!("Upcaster text for {kind} from version 1");
    until_label(&mut window, &upcaster);
    retype(&mut window, &upcaster, ".cast = nothing");
    step_until(&mut window, "the fault", |window| contains(window, "there is no filter `nothing`"));
    retype(&mut window, &upcaster, ".cast = 1");
    step_until(&mut window, "no fault", |window| {
        !window.get_by_label("Save these rules").accesskit_node().is_disabled()
    });
    click(&mut window, "Save these rules");
    step_until(&mut window, "what was said", |window| contains(window, "The rules were saved in"));
    step_until(&mut window, "the new beginning in use", |window| {
        state(window).is_some_and(|state| state.get("begun") == Some(&json!(true)))
    });
    let saved = std::fs::read_to_string(shop.path.with_extension("reducers.toml")).unwrap();
    assert!(saved.contains("begun") && saved.contains(".cast = 1") && saved.contains("[upcast"), "{saved}");
}

#[test]
fn a_rule_is_completed_by_the_keyboard() {
    let (_shop, mut window, name) = editing();
    retype(&mut window, &name, ".on_h");
    until_label(&mut window, "Put in .on_hand");
    press(&mut window, Key::Tab);
    assert_eq!(text_of(&window, &name), ".on_hand");
    window.get_by_label(&name).type_text(" += $event.data.");
    window.step();
    window.step();
    until_label(&mut window, "Put in $event.data.qty");
    press(&mut window, Key::Escape);
    window.step();
    assert!(!shows(&window, "Put in $event.data.qty"));
    assert!(shows(&window, &name), "the list closes, and the window stays");
    press_with(&mut window, Modifiers::CTRL, Key::Space);
    until_label(&mut window, "Put in $event.data.qty");
    while text_of(&window, &name) == ".on_hand += $event.data." {
        press(&mut window, Key::ArrowDown);
        press(&mut window, Key::Enter);
    }
    assert!(text_of(&window, &name).starts_with(".on_hand += $event.data."));
}

#[test]
fn a_step_is_explained_and_another_one_is_stepped_to() {
    let (_shop, mut window) = at_sixty();
    press(&mut window, Key::X);
    for part in ["State before", "State after"] {
        until_label(&mut window, part);
    }
    assert!(contains(&window, "Event: stock."));
    until_label(&mut window, "Version 3 of 173");
    window.run_steps(4);
    // The timeline has one too; that of the window over it is above.
    let back = window.query_all_by_label("Step back");
    back.min_by(|a, b| a.rect().top().total_cmp(&b.rect().top())).unwrap().click();
    window.step();
    step_until(&mut window, "version 2", |window| window.state().view().place.version == Some(2));
    until_label(&mut window, "Version 2 of 173");
}

#[test]
fn a_value_is_corrected_and_one_click_keeps_the_rule_that_makes_it_so() {
    let text = "[aggregate.stock]\ninitial = '{\"on_hand\": 0}'\n[aggregate.stock.on]\n\
                \"stock.counted\" = '.by = $event.data.by'\n\"stock.received\" = '.on_hand += $event.data.qty'\n\
                \"stock.shipped\" = '.on_hand -= $event.data.qty'\n\"*\" = 'ignore'\n";
    let shop = with_rules(text);
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 1);
    until_label(&mut window, "on_hand: 0");
    window.get_by_label("on_hand: 0").click_secondary();
    click(&mut window, "Correct value…");
    until_label(&mut window, "The right value");
    retype(&mut window, "The right value", "60");
    click(&mut window, "This is right");
    until_label(&mut window, "Keep rule 1");
    assert!(contains(&window, "makes 1 of 1 so"));
    assert!(contains(&window, "This stream: "), "what else it changes is said");
    click(&mut window, "Keep rule 1");
    step_until(&mut window, "the state by the new rule", |window| {
        state(window).is_some_and(|state| state["on_hand"] == json!(60) && state["by"] == json!("mira"))
    });
    let saved = std::fs::read_to_string(shop.path.with_extension("reducers.toml")).unwrap();
    assert!(saved.contains("$event.data.counted") && saved.contains(".by = $event.data.by"), "{saved}");
    assert!(!shows(&window, "Keep rule 1"), "the window is closed");
}

#[test]
fn what_is_no_state_is_taken_out_of_it_and_the_rest_stays() {
    let shop = with_rules("[aggregate.stock.on]\n\"*\" = \"merge\"\n");
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 1);
    until_label(&mut window, "History of by");
    // The event says it too; its tree is above.
    let rows = window.query_all_by_label("by: \"mira\"");
    rows.max_by(|a, b| a.rect().top().total_cmp(&b.rect().top())).unwrap().click_secondary();
    click(&mut window, "This is no state");
    click(&mut window, "Keep rule 1");
    step_until(&mut window, "the state without it", |window| {
        state(window).is_some_and(|state| state == json!({"counted": 60, "expected": 0}))
    });
}

#[test]
fn something_that_is_missing_is_said_with_its_place_and_several_corrections_are_taken_back() {
    let shop = with_rules("[aggregate.stock.on]\n\"*\" = \"ignore\"\n\"stock.counted\" = '.by = $event.data.by'\n");
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    until_label(&mut window, "History of by");
    window.get_by_label("by: \"mira\"").click_secondary();
    click(&mut window, "Something is missing…");
    until_label(&mut window, "Place in the state");
    assert!(window.get_by_label("This is right").accesskit_node().is_disabled(), "there is no place yet");
    retype(&mut window, "Place in the state", ".reserved");
    retype(&mut window, "The right value", "4");
    click(&mut window, "This is right");
    until_label(&mut window, "Keep rule 1");
    retype(&mut window, "At versions", "2, 1");
    retype(&mut window, "The right value", "2");
    click(&mut window, "This is right");
    until_label(&mut window, "Take back v1: .reserved is 2");
    click(&mut window, "Take back v1: .reserved is 2");
    assert!(shows(&window, "Take back v2: .reserved is 2"));
    step_until(&mut window, "the rules for both", |window| contains(window, "makes 2 of 2 so"));
    click(&mut window, "Keep rule 1");
    step_until(&mut window, "the state by the new rule", |window| {
        state(window).is_some_and(|state| state["reserved"] == json!(4) && state["by"] == json!("mira"))
    });
}

#[test]
fn what_belongs_to_the_events_alone_is_shown_apart_from_suggested_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emmett.db");
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/node_emmett_0_42.db");
    std::fs::copy(fixture, &path).unwrap();
    // The tests draw with the fonts of the program alone.
    let conn = rusqlite::Connection::open(&path).unwrap();
    for (name, plain) in [("東京", "Tokyo"), ("日本語ユーザー", "user"), ("🎉", "!")] {
        let sql = "UPDATE emt_messages SET message_data = replace(message_data, ?1, ?2),
                   message_metadata = replace(message_metadata, ?1, ?2)";
        conn.execute(sql, [name, plain]).unwrap();
    }
    drop(conn);
    let mut window = opened_at(&path, "shopping_order/shopping_order-edd955ba-0a7c-4c08-875f-ae4a2e8ab752", 4);
    let found = |window: &Window| shows(window, "Use these rules") || label(window).starts_with("suggested");
    step_until(&mut window, "the rules", found);
    if shows(&window, "Use these rules") {
        click(&mut window, "Use these rules");
    }
    until_label(&mut window, "suggested by names and values");
    until_label(&mut window, "Of the events alone");
    // Why a line was removed is said by the event, and by nothing of the order.
    assert!(contains(&window, "last LineRemoved"));
    step_until(&mut window, "what is suggested looks guessed", guessed);
}
