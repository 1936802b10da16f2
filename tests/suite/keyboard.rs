//! The window by the keyboard alone, from the moment that a file is open: rows, trees, lists, menus.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::Launch;
use eventscope::session::EventPlace;

use super::window::{Window, has_version, opened, press, press_with, shop, shows, step_until, until_label, window};

/// The demo's newest event.
const NEWEST: i64 = 4_622;

fn event(window: &Window) -> Option<i64> {
    window.state().view().place.event
}

/// The name of what has the keyboard, with its role.
fn focused(window: &Window) -> Option<(Role, String)> {
    let node = window.root().children_recursive().find(egui_kittest::Node::is_focused)?;
    Some((node.accesskit_node().role(), node.accesskit_node().label().unwrap_or_default()))
}

fn until_focused(window: &mut Window, role: Role, name: &str) {
    step_until(window, &format!("{role:?} {name} has the keyboard"), |window| {
        focused(window).is_some_and(|(of, label)| of == role && label.contains(name))
    });
}

/// Waits until the selected event is a row that has the keyboard, and answers which.
fn selected_row(window: &mut Window) -> u64 {
    step_until(window, "the selected row", |window| {
        focused(window).is_some_and(|(role, _)| role == Role::Row) && place(window).is_some()
    });
    place(window).unwrap()
}

fn place(window: &Window) -> Option<u64> {
    match window.state().session()?.place_of(event(window)?) {
        EventPlace::Row(row) => Some(row),
        _ => None,
    }
}

fn opened_at_its_newest() -> (super::window::Shop, Window) {
    let shop = shop();
    let mut window = opened(&shop.path);
    until_focused(&mut window, Role::Row, "4,622");
    step_until(&mut window, "its state", |window| has_version(window, 4) && shows(window, "status: \"refunded\""));
    (shop, window)
}

/// Types a filter and leaves the keyboard in its entry.
fn filter(window: &mut Window, text: &str) {
    press(window, Key::Slash);
    window.get_by_label("Filter events").type_text(text);
    window.step();
    press(window, Key::Enter);
    step_until(window, "the filtered rows", |window| {
        let rows = window.state().session().unwrap().rows();
        rows.len().complete && !rows.is_stale() && rows.len().value < rows.total().value
    });
}

#[test]
fn a_file_opens_on_its_newest_event_which_has_the_keyboard_and_its_state() {
    let (_shop, mut window) = opened_at_its_newest();
    assert_eq!(event(&window), Some(NEWEST));
    step_until(&mut window, "its state", |window| window.query_by_label_contains("State at version").is_some());
    let last = window.state().view().place.version.unwrap();
    press(&mut window, Key::Home);
    step_until(&mut window, "the first version", |window| window.state().view().place.version == Some(1));
    press(&mut window, Key::End);
    step_until(&mut window, "the last version", |window| window.state().view().place.version == Some(last));
    press(&mut window, Key::ArrowUp);
    step_until(&mut window, "the event above", |window| event(window) == Some(NEWEST - 1));
}

#[test]
fn a_file_opens_where_it_was_left() {
    let (shop, mut window) = opened_at_its_newest();
    filter(&mut window, "type:order.placed");
    press(&mut window, Key::ArrowDown);
    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    step_until(&mut window, "the first of them", |window| place(window) == Some(0));
    let left = event(&window);
    press_with(&mut window, Modifiers::COMMAND, Key::W);
    until_label(&mut window, "Open the demo");
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text("open recent");
    window.run_steps(3);
    press(&mut window, Key::Enter);
    until_label(&mut window, "type: order.placed");
    step_until(&mut window, "the place", |window| place(window) == Some(0));
    assert_eq!(event(&window), left);
    assert!(window.state().view().place.stream.is_some());
    drop(shop);
}

#[test]
fn down_leads_from_the_filter_to_the_rows() {
    let (_shop, mut window) = opened_at_its_newest();
    filter(&mut window, "type:order.placed");
    assert_eq!(focused(&window).map(|(_, name)| name).as_deref(), Some("Filter events"));
    press(&mut window, Key::ArrowDown);
    until_focused(&mut window, Role::Row, "order.placed");
    assert_eq!(selected_row(&mut window), 0);
    press(&mut window, Key::ArrowDown);
    step_until(&mut window, "the second row", |window| place(window) == Some(1));
}

#[test]
fn the_only_event_that_a_filter_lets_through_is_selected() {
    let (_shop, mut window) = opened_at_its_newest();
    filter(&mut window, "position:1234");
    step_until(&mut window, "it", |window| event(window) == Some(1_234));
    assert_eq!(focused(&window).map(|(_, name)| name).as_deref(), Some("Filter events"), "one may go on typing");
}

#[test]
fn a_page_is_what_is_in_view() {
    for height in [720.0, 900.0] {
        let (_shop, mut window) = opened_at_its_newest();
        window.set_size(egui::vec2(1280.0, height));
        window.run_steps(3);
        let before = selected_row(&mut window);
        let view = window.get_by_role_and_label(Role::Table, "events").rect().expand(0.5);
        let whole = window.query_all_by_role(Role::Row).filter(|row| view.contains_rect(row.rect())).count();
        press(&mut window, Key::PageUp);
        step_until(&mut window, "the row a page above", |window| place(window).is_some_and(|row| row != before));
        assert_eq!(before - place(&window).unwrap(), whole as u64, "{height}");
        press(&mut window, Key::PageDown);
        step_until(&mut window, "the row before", |window| place(window) == Some(before));
    }
}

#[test]
fn return_gives_the_keyboard_to_what_the_event_says_and_escape_gives_it_back() {
    let (_shop, mut window) = opened_at_its_newest();
    until_label(&mut window, "Raw");
    press(&mut window, Key::Enter);
    until_focused(&mut window, Role::TreeItem, "price: {2}");
    press(&mut window, Key::ArrowDown);
    until_focused(&mut window, Role::TreeItem, "amount");
    assert_eq!(event(&window), Some(NEWEST), "the arrows are the tree's");
    press(&mut window, Key::ArrowLeft);
    until_focused(&mut window, Role::TreeItem, "price: {2}");
    let amounts = |window: &Window| window.query_all_by_label_contains("amount: ").count();
    let open = amounts(&window);
    press(&mut window, Key::ArrowLeft);
    step_until(&mut window, "it closed", |window| amounts(window) < open);
    press(&mut window, Key::Escape);
    until_focused(&mut window, Role::Row, "4,622");
}

#[test]
fn the_menu_of_a_row_is_opened_and_chosen_from_by_the_keyboard() {
    let (_shop, mut window) = opened_at_its_newest();
    press_with(&mut window, Modifiers::SHIFT, Key::F10);
    until_focused(&mut window, Role::Button, "Include");
    press(&mut window, Key::Enter);
    until_label(&mut window, "type: payment.refunded");
    step_until(&mut window, "the menu closed", |window| !shows(window, "Copy row as JSON"));
    until_label(&mut window, "14 of 4,622");
    until_focused(&mut window, Role::Row, "4,622");
    press(&mut window, Key::Menu);
    until_focused(&mut window, Role::Button, "Include");
    press(&mut window, Key::ArrowDown);
    until_focused(&mut window, Role::Button, "Exclude");
    press(&mut window, Key::Escape);
    step_until(&mut window, "the menu closed", |window| !shows(window, "Copy row as JSON"));
    until_focused(&mut window, Role::Row, "4,622");
}

#[test]
fn the_menus_of_trees_and_streams_are_opened_by_the_keyboard() {
    let (_shop, mut window) = opened_at_its_newest();
    until_label(&mut window, "Raw");
    press(&mut window, Key::F6);
    until_focused(&mut window, Role::TreeItem, "price");
    press(&mut window, Key::Menu);
    until_focused(&mut window, Role::Button, "Copy value");
    press(&mut window, Key::Escape);
    until_focused(&mut window, Role::TreeItem, "price");
    press(&mut window, Key::F6);
    step_until(&mut window, "the state has the keyboard", |window| {
        focused(window).is_some_and(|(role, name)| role == Role::TreeItem && !name.starts_with("price"))
    });
    press(&mut window, Key::F6);
    until_focused(&mut window, Role::TreeItem, "pay-");
    let stream = window.state().view().place.stream.clone();
    press(&mut window, Key::ArrowUp);
    press(&mut window, Key::Enter);
    step_until(&mut window, "another stream", |window| window.state().view().place.stream != stream);
    press_with(&mut window, Modifiers::SHIFT, Key::F10);
    until_focused(&mut window, Role::Button, "Show history");
    press(&mut window, Key::Escape);
    press(&mut window, Key::ArrowLeft);
    until_focused(&mut window, Role::TreeItem, "payment");
    press(&mut window, Key::F6);
    until_focused(&mut window, Role::Row, "");
}

#[test]
fn every_menu_of_the_title_bar_is_reached_by_the_keyboard() {
    let (_shop, mut window) = opened_at_its_newest();
    press(&mut window, Key::F10);
    until_focused(&mut window, Role::Button, "Open…");
    for first in ["New event…", "Search commands…", "Back"] {
        press(&mut window, Key::ArrowRight);
        until_label(&mut window, first);
    }
    press(&mut window, Key::ArrowLeft);
    until_focused(&mut window, Role::Button, "Search commands…");
    assert_eq!(event(&window), Some(NEWEST), "the arrows are the menu's");
    press(&mut window, Key::Escape);
    until_focused(&mut window, Role::Row, "4,622");
}

#[test]
fn stepping_out_of_the_filter_marks_where_one_is_and_offers_the_way_there() {
    let (_shop, mut window) = opened_at_its_newest();
    filter(&mut window, "type:payment.refunded");
    press(&mut window, Key::ArrowDown);
    selected_row(&mut window);
    press(&mut window, Key::ArrowLeft);
    step_until(&mut window, "the line that says so", |window| {
        window.query_by_label_contains(" is outside the filter.").is_some()
    });
    let outside = event(&window).unwrap();
    let hidden = window.state().session().unwrap().place_of(outside);
    let EventPlace::Hidden { before: Some(before) } = hidden else { panic!("{hidden:?}") };
    press(&mut window, Key::ArrowUp);
    step_until(&mut window, "the row before it", |window| place(window) == before.checked_sub(1));
    assert!(window.query_by_label_contains(" is outside the filter.").is_none());
    step_until(&mut window, "its history", |window| has_version(window, 4));

    press(&mut window, Key::ArrowLeft);
    until_label(&mut window, "Show it without the filter");
    let outside = event(&window);
    window.get_by_label("Show it without the filter").click();
    step_until(&mut window, "it among all", |window| place(window).is_some());
    assert_eq!(event(&window), outside);
    assert!(window.state().view().place.filter.is_empty());
}

#[test]
fn the_palette_offers_the_themes_before_what_only_has_their_letters() {
    let (_shop, mut window) = opened_at_its_newest();
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text("theme");
    window.run_steps(3);
    let top = |name: &str| window.get_by_role_and_label(Role::Button, name).rect().top();
    for theme in ["Dark theme", "Light theme", "Theme of the desktop"] {
        assert!(top(theme) < top("Load the metadata"), "{theme}");
    }
}

#[test]
fn a_copy_of_the_demo_goes_with_the_window() {
    let mut window = window(Launch { demo: true, ..Launch::default() });
    step_until(&mut window, "the demo", |window| {
        window.state().session().is_some_and(|session| session.overview().is_some())
    });
    let path = window.state().session().unwrap().overview().unwrap().path.clone();
    assert!(path.exists());
    drop(window);
    assert!(!path.parent().unwrap().exists());
}
