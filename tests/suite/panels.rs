//! The panels that browse: events with their filter, streams, plain tables, driven by accessible name on the demo.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::model::{Column, Command, Menu};

use super::window::{Window, opened, opened_at, press, press_with, shop, shows, step_until, until_label};

/// Types into an entry, and presses Return.
fn enter(window: &mut Window, entry: &str, text: &str) {
    window.get_by_label(entry).focus();
    window.step();
    window.get_by_label(entry).type_text(text);
    window.step();
    press(window, Key::Enter);
}

/// Presses something with this name.
fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.step();
    window.step();
}

/// How many rows the event table has, once it is known.
fn rows(window: &mut Window) -> u64 {
    step_until(window, "the count of rows", |window| {
        window.state().session().is_some_and(|session| session.rows().len().complete && !session.rows().is_stale())
    });
    window.state().session().map_or(0, |session| session.rows().len().value)
}

/// The name of the first row of the table in view.
fn first_row(window: &Window) -> Option<String> {
    let mut rows: Vec<_> = window.query_all_by_role(Role::Row).collect();
    rows.sort_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
    rows.first().and_then(|row| row.accesskit_node().label())
}

#[test]
fn what_is_typed_becomes_chips_that_can_be_taken_away() {
    let shop = shop();
    let mut window = opened(&shop.path);
    let all = rows(&mut window);
    enter(&mut window, "Filter events", "type:order.placed version:1");
    until_label(&mut window, "type: order.placed");
    assert!(shows(&window, "version = 1"));
    let placed = rows(&mut window);
    assert!(placed > 0 && placed < all, "{placed} of {all}");
    assert!(window.query_all_by_label_contains(" of ").next().is_some());
    click(&mut window, "Remove version = 1");
    assert!(!shows(&window, "version = 1"));
    click(&mut window, "Clear filter");
    assert!(!shows(&window, "type: order.placed"));
    assert_eq!(rows(&mut window), all);
}

#[test]
fn a_chip_goes_back_into_the_entry_and_the_last_one_goes_by_backspace() {
    let shop = shop();
    let mut window = opened(&shop.path);
    enter(&mut window, "Filter events", "type:order.* -actor:nobody");
    until_label(&mut window, "not actor: nobody");
    press(&mut window, Key::Backspace);
    assert!(!shows(&window, "not actor: nobody"));
    click(&mut window, "type: order.*");
    assert!(!shows(&window, "type: order.*"));
    assert_eq!(window.get_by_label("Filter events").value().as_deref(), Some("type:order.*"));
}

#[test]
fn a_filter_that_cannot_be_read_says_where() {
    let shop = shop();
    let mut window = opened(&shop.path);
    let all = rows(&mut window);
    enter(&mut window, "Filter events", "type:order.placed data.total>");
    assert!(window.query_by_label_contains("missing").is_some());
    assert_eq!(window.get_by_label("Filter events").value().as_deref(), Some("type:order.placed data.total>"));
    assert_eq!(rows(&mut window), all);
}

#[test]
fn a_filter_that_finds_nothing_says_so_and_offers_the_way_back() {
    let shop = shop();
    let mut window = opened(&shop.path);
    enter(&mut window, "Filter events", "type:no.such.type");
    until_label(&mut window, "No event matches the filter.");
    click(&mut window, "Show every event");
    step_until(&mut window, "the rows", |window| first_row(window).is_some());
}

#[test]
fn a_cell_is_included_by_its_menu() {
    let shop = shop();
    let mut window = opened(&shop.path);
    step_until(&mut window, "the rows", |window| first_row(window).is_some());
    let name = first_row(&window).unwrap();
    window.get_by_label(&name).click_secondary();
    window.step();
    window.step();
    // The middle of a row lies in the column of the type.
    click(&mut window, "Include");
    let filter = &window.state().view().place.filter;
    assert!(filter.starts_with("type:"), "{filter}");
    assert!(name.contains(filter.trim_start_matches("type:")), "{name} {filter}");
}

#[test]
fn columns_are_chosen_and_sorted_by() {
    let shop = shop();
    let mut window = opened(&shop.path);
    let header = |window: &Window, name: &str| window.query_by_role_and_label(Role::ColumnHeader, name).is_some();
    // What is read moves what is below it: a click before would miss.
    step_until(&mut window, "the rows", |window| first_row(window).is_some());
    assert!(!header(&window, "Source"));
    click(&mut window, "Columns");
    step_until(&mut window, "the list of columns", |window| {
        window.query_by_role_and_label(Role::CheckBox, "Source").is_some()
    });
    window.get_by_role_and_label(Role::CheckBox, "Source").click();
    window.step();
    step_until(&mut window, "the column", |window| header(window, "Source"));
    press(&mut window, Key::Escape);
    window.get_by_role_and_label(Role::ColumnHeader, "Type").click();
    step_until(&mut window, "the new order", |window| window.state().view().place.sort.column == Column::Type);
    // The selected event stays in view; the first row is above it.
    rows(&mut window);
    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    step_until(&mut window, "the sorted rows", |window| {
        first_row(window).is_some_and(|name| name.contains("order.cancelled"))
    });
}

#[test]
fn a_stream_is_found_by_part_of_its_name() {
    let shop = shop();
    let mut window = opened(&shop.path);
    step_until(&mut window, "the streams", |window| {
        window.state().session().is_some_and(|session| session.streams().total.complete)
    });
    let id = {
        let streams = window.state().session().unwrap().streams();
        let group = streams.groups.iter().find(|group| &*group.aggregate_type == "payment").unwrap();
        group.streams[0].name.aggregate_id.clone()
    };
    enter(&mut window, "Find stream", &id.to_uppercase());
    assert_eq!(window.state().view().place.stream.as_ref().map(|stream| stream.aggregate_id.clone()), Some(id.clone()));
    assert!(window.query_by_role_and_label(Role::TreeItem, &id).is_some());
    click(&mut window, "payment");
    assert!(window.query_by_role_and_label(Role::TreeItem, &id).is_some(), "what is looked for stays in view");
}

#[test]
fn a_group_of_streams_is_closed_and_opened() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "order/ord-000101", 1);
    let group = |window: &Window| window.query_by_role_and_label(Role::TreeItem, "order").is_some();
    step_until(&mut window, "the groups", group);
    let count = |window: &Window| window.query_all_by_role(Role::TreeItem).count();
    window.get_by_role_and_label(Role::TreeItem, "order").click();
    window.step();
    step_until(&mut window, "the next group", |window| {
        window.query_by_role_and_label(Role::TreeItem, "payment").is_some()
    });
    assert!(count(&window) > 2);
}

#[test]
fn another_table_is_shown_in_place_of_the_events_and_left_again() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "order/ord-000101", 1);
    for group in ["order", "payment", "stock"] {
        step_until(&mut window, group, |window| window.query_by_role_and_label(Role::TreeItem, group).is_some());
        window.get_by_role_and_label(Role::TreeItem, group).click();
        window.step();
    }
    until_label(&mut window, "Other tables");
    window.get_by_role_and_label(Role::TreeItem, "streams").click();
    window.step();
    until_label(&mut window, "Table");
    step_until(&mut window, "its rows", |window| first_row(window).is_some());
    assert!(window.query_by_role_and_label(Role::ColumnHeader, "aggregate_id").is_some());
    click(&mut window, "Show the events");
    until_label(&mut window, "Events");
}

#[test]
fn every_menu_fits_a_small_window() {
    const SMALL: egui::Vec2 = egui::Vec2::new(1280.0, 700.0);
    let shop = shop();
    for menu in Menu::ALL {
        let mut window = opened(&shop.path);
        window.set_size(SMALL);
        window.step();
        click(&mut window, menu.title());
        for entry in Command::table().iter().filter(|entry| entry.menu.is_some_and(|(of, _)| of == menu)) {
            until_label(&mut window, entry.title);
            let ends = window
                .query_all_by_label(entry.title)
                .filter_map(|item| item.accesskit_node().bounding_box())
                .map(|place| place.y1)
                .fold(0.0, f64::max);
            assert!(ends > 0.0 && ends <= f64::from(SMALL.y), "{} > {} ends at {ends}", menu.title(), entry.title);
        }
    }
}
