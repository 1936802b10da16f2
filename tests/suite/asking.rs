//! Asking a stream's history in the window, by accessible name: every value of a place, watches, what-if branches.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::Launch;
use eventscope::event::StreamName;
use eventscope::model::{Condition, Inquiry, Watch};
use eventscope::store::EventStore;

use crate::window::{
    Window, contains, has_version, opened_at, press, press_with, shop, shows, step_until, until_label, window,
};

/// Types a condition into the window for watches, and presses Return.
fn watch(window: &mut Window, condition: &str) {
    press(window, Key::W);
    until_label(window, "Condition");
    window.step();
    window.get_by_label("Condition").focus();
    window.step();
    window.get_by_label("Condition").type_text(condition);
    window.step();
    press(window, Key::Enter);
}

/// The lines of the answer below the state that are in view, from top to bottom.
fn lines(window: &Window) -> Vec<String> {
    let mut lines: Vec<_> = window.query_all_by_role(Role::ListItem).collect();
    lines.sort_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
    lines.iter().filter_map(|line| line.accesskit_node().label()).collect()
}

/// Chooses a command by a part of its name.
fn command(window: &mut Window, part: &str) {
    press_with(window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text(part);
    window.run_steps(3);
    press(window, Key::Enter);
}

#[test]
fn who_set_a_value_leads_to_every_value_it_had() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 165);
    until_label(&mut window, "History of on_hand");
    window.get_by_label("History of on_hand").click();
    step_until(&mut window, "its values", |window| contains(window, "Plot of .on_hand"));
    step_until(&mut window, "the value of this version", |window| {
        lines(window).iter().any(|line| line.starts_with("v165 0 stock.counted"))
    });
    let before = lines(&window).into_iter().find(|line| line.contains(" -3 ")).unwrap();
    let version: i64 = before.split(' ').next().unwrap().trim_start_matches('v').parse().unwrap();
    window.get_by_label(&before).click();
    window.step();
    step_until(&mut window, "the version of that line", |window| has_version(window, version));
    assert!(contains(&window, "Plot of .on_hand"), "the list stays while one walks along it");
    window.get_by_label("Close the history").click();
    window.step();
    window.step();
    assert!(!contains(&window, "Plot of .on_hand"));
}

#[test]
fn the_menu_of_a_value_asks_for_its_history_and_gives_its_path_to_jq() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 165);
    until_label(&mut window, "on_hand: 0");
    window.get_by_label("on_hand: 0").click_secondary();
    until_label(&mut window, "Every value it had");
    assert!(shows(&window, "Copy jq path"));
    window.get_by_label("Every value it had").click();
    step_until(&mut window, "its values", |window| contains(window, "Plot of .on_hand"));
    assert_eq!(window.state().view().inquiry, Some(Inquiry::Value("/on_hand".into())));
    window.get_by_label("on_hand: 0").click_secondary();
    until_label(&mut window, "Watch this value…");
    window.get_by_label("Watch this value…").click();
    until_label(&mut window, "Condition");
    assert_eq!(window.get_by_label("Condition").value().as_deref(), Some(".on_hand "));
}

#[test]
fn a_watch_is_found_at_every_flip_and_walked_along_both_ways() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 159);
    step_until(&mut window, "version 159", |window| has_version(window, 159));
    watch(&mut window, ".on_hand < 0");
    step_until(&mut window, "the watch", |window| contains(window, "Watch .on_hand < 0 · "));
    press(&mut window, Key::F8);
    step_until(&mut window, "where it begins to hold", |window| has_version(window, 160));
    until_label(&mut window, "Watch .on_hand < 0 · true at v160");
    let begins = |window: &Window| lines(window).iter().any(|line| line.starts_with("v160 true  3 → -1"));
    step_until(&mut window, "the values around it", begins);
    press(&mut window, Key::ArrowRight);
    until_label(&mut window, "Watch .on_hand < 0 · true since v160");
    press(&mut window, Key::End);
    press(&mut window, Key::F8);
    step_until(&mut window, "that there is no more", |window| contains(window, "No watch is met after this version"));
    press_with(&mut window, Modifiers::SHIFT, Key::F8);
    step_until(&mut window, "where it began again", |window| has_version(window, 168));
    press_with(&mut window, Modifiers::SHIFT, Key::F8);
    step_until(&mut window, "where it ceased to", |window| has_version(window, 165));
    until_label(&mut window, "Watch .on_hand < 0 · false at v165");
}

#[test]
fn a_condition_that_cannot_be_read_is_said_to_be_wrong_and_not_added() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 1);
    step_until(&mut window, "version 1", |window| has_version(window, 1));
    watch(&mut window, ".on_hand <");
    assert!(contains(&window, "character"));
    assert!(window.get_by_label("Add watch").accesskit_node().is_disabled());
    assert!(window.state().view().watches.is_empty());
}

#[test]
fn a_break_stops_at_every_event_of_a_type_and_watches_go_with_their_cross() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 153);
    step_until(&mut window, "version 153", |window| has_version(window, 153));
    until_label(&mut window, "Actor");
    command(&mut window, "break at this");
    until_label(&mut window, "Break at stock.released · at v153");
    press(&mut window, Key::F8);
    step_until(&mut window, "the next of the type", |window| has_version(window, 154));
    let condition = Condition::Type("stock.released".into());
    assert_eq!(window.state().view().watches, [Watch { aggregate_type: "stock".into(), condition }]);
    press(&mut window, Key::W);
    until_label(&mut window, "Remove stock.released");
    window.get_by_label("Remove stock.released").click();
    window.step();
    window.step();
    assert!(window.state().view().watches.is_empty());
    assert!(!contains(&window, "Break at stock.released"));
}

#[test]
fn the_tour_finds_the_bug_by_a_watch_by_blame_and_by_what_if() {
    let shop = shop();
    let bytes = std::fs::read(&shop.path).unwrap();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 165);
    step_until(&mut window, "the count", |window| has_version(window, 165));

    watch(&mut window, ".on_hand < 0");
    until_label(&mut window, "Watch .on_hand < 0 · false at v165");
    for _ in 0..10 {
        if has_version(&window, 160) {
            break;
        }
        press_with(&mut window, Modifiers::SHIFT, Key::F8);
        window.run_steps(3);
    }
    step_until(&mut window, "where it began", |window| has_version(window, 160));

    until_label(&mut window, "History of reserved");
    window.get_by_label("History of reserved").click();
    step_until(&mut window, "its values", |window| contains(window, "Plot of .reserved"));
    for version in (153..160).rev() {
        press(&mut window, Key::ArrowLeft);
        assert!(has_version(&window, version));
    }
    let released = |window: &Window, version: &str| {
        lines(window).into_iter().find(|line| line.starts_with(version) && line.contains("stock.released"))
    };
    step_until(&mut window, "the first release", |window| released(window, "v153 ").is_some());
    let second = released(&window, "v154 ").unwrap();
    window.get_by_label(&second).click();
    step_until(&mut window, "the second release", |window| has_version(window, 154));
    until_label(&mut window, "Actor");

    command(&mut window, "what if it had not");
    until_label(&mut window, "What-if branch of stock/sku-cup-blue");
    step_until(&mut window, "where they part", |window| shows(window, "version 154"));
    assert!(shows(&window, "skip v154 stock.released"));
    let other = |window: &Window| contains(window, "~ /reserved: ") && contains(window, "~ /available: ");
    step_until(&mut window, "what is other", other);
    window.get_by_label("Remove skip v154 stock.released").click();
    step_until(&mut window, "that nothing is", |window| shows(window, "The branch is as the stream is."));
    assert_eq!(std::fs::read(&shop.path).unwrap(), bytes, "nothing of this touches the file");
}

#[test]
fn an_event_is_edited_as_one_types_and_a_branch_is_saved_and_loaded() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 154);
    step_until(&mut window, "version 154", |window| has_version(window, 154));
    until_label(&mut window, "Actor");
    press(&mut window, Key::B);
    until_label(&mut window, "Edit it");
    window.get_by_label("Edit it").click();
    let editor = "Data of edit v154 stock.released";
    step_until(&mut window, "its data", |window| {
        let editor = window.query_by_role_and_label(Role::MultilineTextInput, editor);
        editor.is_some_and(|editor| editor.value().is_some_and(|text| text.contains("ord-000297")))
    });
    step_until(&mut window, "the same states", |window| shows(window, "The states are the same at every version."));
    window.get_by_role_and_label(Role::MultilineTextInput, editor).focus();
    window.step();
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    let data = r#"{"order": "ord-000297", "qty": 0}"#;
    window.get_by_role_and_label(Role::MultilineTextInput, editor).type_text(data);
    step_until(&mut window, "where they part", |window| shows(window, "version 154"));
    let file = shop.path.with_file_name("branch.json");
    window.get_by_label("File of the branch").focus();
    window.step();
    window.get_by_label("File of the branch").type_text(file.to_str().unwrap());
    window.run_steps(3);
    window.get_by_label("Save the branch").click();
    step_until(&mut window, "the file", |_| file.exists());
    window.get_by_label("Remove edit v154 stock.released").click();
    step_until(&mut window, "nothing", |window| shows(window, "The branch is as the stream is."));
    // The window moves to the middle again as it gets less high.
    window.run_steps(8);
    window.get_by_label("Load a branch").click();
    step_until(&mut window, "the branch again", |window| shows(window, "Remove edit v154 stock.released"));
}

#[test]
fn what_is_inserted_at_the_end_goes_into_the_ordinary_form_once_the_file_is_unlocked() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 173);
    step_until(&mut window, "the last version", |window| has_version(window, 173));
    until_label(&mut window, "Actor");
    press(&mut window, Key::B);
    until_label(&mut window, "Insert after it");
    window.get_by_label("Insert after it").click();
    until_label(&mut window, "Type of the inserted event");
    window.get_by_label("Type of the inserted event").focus();
    window.step();
    window.get_by_label("Type of the inserted event").type_text("stock.received");
    until_label(&mut window, "Append for real…");
    assert!(window.get_by_label("Append for real…").accesskit_node().is_disabled());
    press(&mut window, Key::Escape);
    window.run_steps(3);
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::U);
    until_label(&mut window, "Unlock this file");
    window.get_by_label("Unlock this file").click();
    until_label(&mut window, "Writing unlocked");
    press(&mut window, Key::B);
    until_label(&mut window, "Append for real…");
    window.get_by_label("Append for real…").click();
    step_until(&mut window, "the form", |window| contains(window, "the event becomes version 174"));
}

#[test]
fn a_snapshot_that_drifts_says_in_words_where() {
    let shop = shop();
    let stream = StreamName::new("stock", "sku-cup-blue");
    let mut store = EventStore::open(&shop.path).unwrap();
    let wrong = serde_json::json!({"on_hand": 7, "reserved": 0, "available": 0, "reservations": {}});
    store.save_snapshot(&stream, 165, 1, wrong).unwrap();
    drop(store);
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 165);
    step_until(&mut window, "version 165", |window| has_version(window, 165));
    window.get_by_role_and_label(Role::Tab, "Stream").click();
    step_until(&mut window, "the snapshot", |window| contains(window, "~ differs"));
    let line = lines_with(&window, "~ differs");
    window.get_by_label(&line).click();
    step_until(&mut window, "the drift", |window| contains(window, "~ /on_hand: stored 7, the events give 0"));
}

fn lines_with(window: &Window, part: &str) -> String {
    window.query_all_by_label_contains(part).find_map(|node| node.accesskit_node().label()).unwrap()
}

#[test]
fn a_step_that_is_pressed_before_the_history_is_read_is_taken_once_it_is() {
    let shop = shop();
    let at = Some(eventscope::model::LinkPlace::Stream("stock/sku-cup-blue".to_owned(), Some(160)));
    let mut window = window(Launch { file: Some(shop.path.clone()), at, ..Launch::default() });
    // Nothing is read yet: not even which streams there are.
    for key in [Key::ArrowLeft, Key::ArrowLeft, Key::ArrowRight] {
        window.key_press(key);
        window.step();
    }
    step_until(&mut window, "the version that the steps lead to", |window| has_version(window, 159));
    // The first event of the store, and at once on along its stream.
    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    window.key_press(Key::ArrowRight);
    window.step();
    step_until(&mut window, "the second version", |window| has_version(window, 2));
}
