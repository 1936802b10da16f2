//! Bookmarks with their notes in the window, by accessible name: set, walked along, written on, found, shared, taken away.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::StreamName;
use eventscope::model::MarkKind;

use crate::window::{
    Window, contains, has_version, opened_at, press, press_with, shop, shows, step_until, until_label,
};

fn cup() -> StreamName {
    StreamName::new("stock", "sku-cup-blue")
}

/// The versions that are marked, and the notes on them.
fn noted(window: &Window) -> Vec<(i64, String)> {
    let noted = &window.state().view().noted;
    noted.bookmarks_of(&cup()).map(|bookmark| (bookmark.version(), bookmark.note.clone())).collect()
}

fn copied(window: &Window) -> Option<String> {
    window.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

/// What the flag of a row says.
fn flags(window: &Window) -> Vec<String> {
    let rows = window.query_all_by_role(Role::Row);
    rows.filter_map(|row| row.accesskit_node().description()).filter(|says| says.contains("ookmark")).collect()
}

#[test]
fn bookmarks_are_set_walked_along_and_taken_away() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 40);
    step_until(&mut window, "version 40", |window| has_version(window, 40));
    press(&mut window, Key::M);
    press(&mut window, Key::End);
    step_until(&mut window, "the last version", |window| has_version(window, 173));
    press(&mut window, Key::M);
    press_with(&mut window, Modifiers::SHIFT, Key::F2);
    step_until(&mut window, "the bookmark before", |window| has_version(window, 40));
    press(&mut window, Key::F2);
    step_until(&mut window, "the next bookmark", |window| has_version(window, 173));
    assert_eq!(noted(&window), [(40, String::new()), (173, String::new())]);
    press(&mut window, Key::M);
    assert_eq!(noted(&window), [(40, String::new())]);
}

#[test]
fn a_note_is_written_is_seen_everywhere_and_comes_back_when_it_was_taken_away_by_mistake() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 154);
    step_until(&mut window, "version 154", |window| has_version(window, 154));
    press_with(&mut window, Modifiers::SHIFT, Key::M);
    until_label(&mut window, "Note");
    window.run_steps(2);
    let note = |window: &Window| window.get_by_role_and_label(Role::MultilineTextInput, "Note").is_focused();
    assert!(note(&window), "one can write at once");
    window.get_by_role_and_label(Role::MultilineTextInput, "Note").type_text("below zero\nwho counted?");
    window.run_steps(3);
    assert_eq!(noted(&window), [(154, "below zero\nwho counted?".to_owned())]);
    press_with(&mut window, Modifiers::COMMAND, Key::Enter);
    window.run_steps(3);
    assert!(!shows(&window, "Find bookmark"));
    // In the panel of the event, and in the table.
    until_label(&mut window, "below zero");
    step_until(&mut window, "the flag of the row", |window| {
        flags(window).iter().any(|says| says.contains("below zero"))
    });
    // Switched off together with the flags on the timeline.
    window.get_by_label("Marks on the timeline").click();
    until_label(&mut window, "Bookmarks");
    window.get_by_label("Bookmarks").click();
    window.run_steps(3);
    assert!(!window.state().view().marks.shows(MarkKind::Bookmarks) && flags(&window).is_empty());
    press(&mut window, Key::Escape);
    window.run_steps(2);
    press(&mut window, Key::M);
    assert!(noted(&window).is_empty());
    until_label(&mut window, "Keep this bookmark");
    window.get_by_label("Keep this bookmark").click();
    window.run_steps(3);
    assert_eq!(noted(&window), [(154, "below zero\nwho counted?".to_owned())]);
}

#[test]
fn the_list_leads_there_is_copied_with_links_and_takes_away() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    for version in [3, 40] {
        step_until(&mut window, "the version", |window| has_version(window, version));
        press(&mut window, Key::M);
        if version == 3 {
            press(&mut window, Key::End);
            step_until(&mut window, "the last version", |window| has_version(window, 173));
            window.get_by_role_and_label(Role::Slider, "Version").set_value_accesskit(40.0);
        }
    }
    press_with(&mut window, Modifiers::COMMAND, Key::M);
    until_label(&mut window, "Find bookmark");
    window.get_by_label("Note on stock/sku-cup-blue@40").click();
    until_label(&mut window, "Note");
    window.get_by_role_and_label(Role::MultilineTextInput, "Note").type_text("counted twice");
    window.run_steps(3);
    window.get_by_label("Copy as Markdown").click();
    step_until(&mut window, "the text on the clipboard", |window| copied(window).is_some());
    let text = copied(&window).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("- [`stock/sku-cup-blue@3`](<eventscope:/") && lines[0].contains("#stock/"));
    assert!(lines[1].contains("`stock.") && lines[1].ends_with(": counted twice"), "{text}");

    window.get_by_label("Find bookmark").focus();
    window.run_steps(2);
    window.get_by_label("Find bookmark").type_text("counted twice");
    window.run_steps(3);
    assert!(!shows(&window, "Remove stock/sku-cup-blue@3") && shows(&window, "Remove stock/sku-cup-blue@40"));
    let row = window.query_all_by_label_contains("stock/sku-cup-blue v40 ").next().unwrap();
    row.click();
    step_until(&mut window, "version 40", |window| has_version(window, 40) && !shows(window, "Find bookmark"));

    // From anywhere by the palette.
    press(&mut window, Key::Home);
    step_until(&mut window, "version 1", |window| has_version(window, 1));
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    until_label(&mut window, "Search commands");
    window.get_by_label("Search commands").type_text("counted twice");
    until_label(&mut window, "Bookmark stock/sku-cup-blue@40 counted twice");
    press(&mut window, Key::Enter);
    step_until(&mut window, "version 40 again", |window| has_version(window, 40));

    press_with(&mut window, Modifiers::COMMAND, Key::M);
    until_label(&mut window, "Remove stock/sku-cup-blue@40");
    for version in [40, 3] {
        window.get_by_label(&format!("Remove stock/sku-cup-blue@{version}")).click();
        window.run_steps(3);
    }
    assert!(noted(&window).is_empty() && contains(&window, "There is none yet"));
}

#[test]
fn the_menu_of_a_row_sets_a_bookmark_on_its_event() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    step_until(&mut window, "the rows", |window| contains(window, "order.placed"));
    window.run_steps(3);
    let label = window
        .query_all_by_role(Role::Row)
        .filter_map(|node| node.accesskit_node().label())
        .find(|label| !label.contains("cup-blue"))
        .unwrap();
    window.get_by_role_and_label(Role::Row, &label).click_secondary();
    until_label(&mut window, "Set a bookmark");
    window.get_by_label("Set a bookmark").click();
    window.run_steps(3);
    let set = window.state().view().noted.all_bookmarks().to_vec();
    assert_eq!(set.len(), 1);
    let position = set[0].position.unwrap();
    let shown = label.split(' ').next().unwrap().replace(',', "");
    assert_eq!(shown, position.to_string(), "{label}");
    assert!(label.contains(&set[0].event_type) && !set[0].event_type.is_empty());
}
