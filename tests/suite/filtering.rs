//! Filtering in the window: what a filter may go on with, filters that are kept, what cells and values do for it, and
//! looking around an event of it.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::session::EventPlace;

use super::window::{Window, opened, press, press_with, shop, shows, step_until, until_label};

fn text(window: &Window) -> String {
    window.get_by_label("Filter events").value().unwrap_or_default()
}

fn filter(window: &Window) -> String {
    window.state().view().place.filter.clone()
}

/// Types into the filter's entry, letter by letter as a person does.
fn type_filter(window: &mut Window, text: &str) {
    window.get_by_label("Filter events").focus();
    window.step();
    window.get_by_label("Filter events").type_text(text);
    window.step();
    window.step();
}

fn click(window: &mut Window, name: &str) {
    until_label(window, name);
    window.get_by_label(name).click();
    window.step();
    window.step();
}

/// Waits until the rows are those of the filter.
fn until_filtered(window: &mut Window) -> u64 {
    step_until(window, "the filtered rows", |window| {
        let rows = window.state().session().unwrap().rows();
        rows.len().complete && !rows.is_stale()
    });
    window.state().session().unwrap().rows().len().value
}

/// Waits until what events say is known.
fn until_seen(window: &mut Window) {
    step_until(window, "what events say", |window| window.state().session().unwrap().seen().value().is_some());
    step_until(window, "the streams", |window| window.state().session().unwrap().streams().total.complete);
    step_until(window, "the types", |window| {
        window.state().session().unwrap().overview().is_some_and(|overview| !overview.event_types.is_empty())
    });
}

#[test]
fn a_filter_is_completed_by_the_keyboard() {
    let shop = shop();
    let mut window = opened(&shop.path);
    until_seen(&mut window);
    type_filter(&mut window, "typ");
    until_label(&mut window, "Put in type:");
    press(&mut window, Key::Tab);
    assert_eq!(text(&window), "type:");
    window.get_by_label("Filter events").type_text("order.pl");
    window.step();
    until_label(&mut window, "Put in order.placed");
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::Enter);
    assert_eq!(text(&window), "type:order.placed", "Return takes what the arrows have chosen");
    assert!(window.get_by_label("Filter events").is_focused());
    press(&mut window, Key::Enter);
    assert_eq!(filter(&window), "type:order.placed");
    assert!(text(&window).is_empty());
}

#[test]
fn without_a_choice_return_takes_what_is_typed_and_escape_closes_the_list() {
    let shop = shop();
    let mut window = opened(&shop.path);
    until_seen(&mut window);
    type_filter(&mut window, "order");
    step_until(&mut window, "the list", |window| window.query_all_by_label_contains("Put in type:").next().is_some());
    press(&mut window, Key::Enter);
    assert_eq!(filter(&window), "order", "a word alone is text");
    window.get_by_label("Filter events").type_text("versi");
    window.step();
    until_label(&mut window, "Put in version:");
    press(&mut window, Key::Escape);
    assert!(!shows(&window, "Put in version:"));
    assert!(window.get_by_label("Filter events").is_focused(), "the first Escape is the list's");
    assert_eq!(text(&window), "versi");
}

/// What the list offers.
fn offered(window: &Window, begin: &str) -> Vec<String> {
    let names = window.query_all_by_label_contains(begin);
    names.filter_map(|offer| offer.accesskit_node().label()).collect()
}

#[test]
fn paths_streams_and_values_are_put_in_with_the_mouse() {
    let shop = shop();
    let mut window = opened(&shop.path);
    until_seen(&mut window);
    type_filter(&mut window, "data.");
    let offers = offered(&window, "Put in data.");
    assert!(!offers.is_empty());
    click(&mut window, &offers[0]);
    assert_eq!(text(&window), offers[0].trim_start_matches("Put in "));
    for _ in 0..text(&window).len() {
        press(&mut window, Key::Backspace);
    }
    window.get_by_label("Filter events").type_text("stream:");
    window.step();
    window.step();
    let streams = offered(&window, "Put in ");
    assert!(streams.iter().any(|name| name.contains('/')), "{streams:?}");
}

#[test]
fn a_fault_keeps_the_last_good_result_and_a_group_is_one_chip() {
    let shop = shop();
    let mut window = opened(&shop.path);
    type_filter(&mut window, "(type:order.placed or version:1) -actor:nobody");
    press(&mut window, Key::Enter);
    until_label(&mut window, "type: order.placed or version = 1");
    let found = until_filtered(&mut window);
    type_filter(&mut window, "(version:1 or");
    press(&mut window, Key::Enter);
    assert!(window.query_by_label_contains("missing").is_some());
    assert_eq!(until_filtered(&mut window), found);
    assert_eq!(text(&window), "(version:1 or");
    for _ in 0.."(version:1 or".len() {
        press(&mut window, Key::Backspace);
    }
    click(&mut window, "type: order.placed or version = 1");
    assert_eq!(text(&window), "(type:order.placed or version:1)", "it is printed as it is read");
}

#[test]
fn a_filter_is_saved_by_name_and_used_again() {
    let shop = shop();
    let mut window = opened(&shop.path);
    type_filter(&mut window, "type:order.placed version:1");
    press(&mut window, Key::Enter);
    click(&mut window, "Kept filters");
    click(&mut window, "Save this filter…");
    until_label(&mut window, "Name of the filter");
    window.get_by_label("Name of the filter").focus();
    window.step();
    window.get_by_label("Name of the filter").type_text("First orders");
    window.step();
    click(&mut window, "Save the filter");
    click(&mut window, "Clear filter");
    assert!(filter(&window).is_empty());
    click(&mut window, "Kept filters");
    click(&mut window, "First orders");
    assert_eq!(filter(&window), "type:order.placed version:1");
    // The palette knows it, and what was used last.
    click(&mut window, "Clear filter");
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    until_label(&mut window, "Search commands");
    window.get_by_label("Search commands").type_text("filter first");
    window.step();
    window.step();
    assert!(shows(&window, "Filter First orders") && shows(&window, "Forget the filter First orders"));
    press(&mut window, Key::Enter);
    assert_eq!(filter(&window), "type:order.placed version:1");
    click(&mut window, "Kept filters");
    click(&mut window, "Forget First orders");
    click(&mut window, "Kept filters");
    until_label(&mut window, "type:order.placed version:1");
    assert!(!shows(&window, "First orders"), "it is forgotten, and still among the last ones");
}

/// Opens the menu of the first row that is selected.
fn row_menu(window: &mut Window) {
    until_filtered(window);
    press_with(window, Modifiers::COMMAND, Key::Home);
    // The menu is that of a row which is there: of the first one of this filter, once its event is selected and read.
    step_until(window, "the first event", |window| {
        let session = window.state().session().unwrap();
        let first = session.rows().get(0).map(|row| row.position);
        let event = window.state().view().place.event.filter(|event| Some(*event) == first);
        event.is_some_and(|event| session.event(event).value().is_some())
    });
    press_with(window, Modifiers::SHIFT, Key::F10);
    until_label(window, "Copy row as JSON");
}

#[test]
fn a_cell_leaves_only_its_stream_its_type_or_its_correlation() {
    let shop = shop();
    let mut window = opened(&shop.path);
    type_filter(&mut window, "type:order.*");
    press(&mut window, Key::Enter);
    until_filtered(&mut window);
    press(&mut window, Key::ArrowDown);
    row_menu(&mut window);
    click(&mut window, "Only this type");
    assert!(filter(&window).starts_with("type:order.") && !filter(&window).contains('*'), "{}", filter(&window));
    row_menu(&mut window);
    click(&mut window, "Only this stream");
    assert!(filter(&window).contains(" stream:order/"), "{}", filter(&window));
    assert!(until_filtered(&mut window) > 0);
}

#[test]
fn a_value_of_a_tree_is_included_and_leaves_only_its_stream() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    until_label(&mut window, "Raw");
    let menu = |window: &mut Window| {
        step_until(window, "a value", |window| first_value(window).is_some());
        let name = first_value(window).unwrap();
        window.get_by_label(&name).click_secondary();
        window.step();
        until_label(window, "Copy path");
    };
    menu(&mut window);
    click(&mut window, "Only events that have it");
    assert!(filter(&window).starts_with("has:data."), "{}", filter(&window));
    menu(&mut window);
    click(&mut window, "Only this stream");
    assert!(filter(&window).contains("stream:"), "{}", filter(&window));
}

/// The first value of what the event says.
fn first_value(window: &Window) -> Option<String> {
    let data = window.query_all_by_role(egui::accesskit::Role::TreeItem).find(|row| {
        let node = row.accesskit_node();
        node.label().is_some_and(|name| name.contains(": \"") || name.contains(": 1") || name.contains(": 2"))
    });
    data.and_then(|row| row.accesskit_node().label())
}

#[test]
fn one_looks_around_an_event_of_a_filter_and_comes_back() {
    let shop = shop();
    let mut window = opened(&shop.path);
    type_filter(&mut window, "type:payment.refunded");
    press(&mut window, Key::Enter);
    let found = until_filtered(&mut window);
    press(&mut window, Key::ArrowDown);
    row_menu(&mut window);
    press(&mut window, Key::Escape);
    let hit = window.state().view().place.event.unwrap();

    press_with(&mut window, Modifiers::SHIFT, Key::L);
    assert!(filter(&window).starts_with("stream:"), "{}", filter(&window));
    let neighbours = until_filtered(&mut window);
    assert!(neighbours > 1);
    assert_eq!(window.state().view().place.event, Some(hit));
    press(&mut window, Key::L);
    assert!(filter(&window).is_empty());
    assert!(until_filtered(&mut window) > found.max(neighbours));
    step_until(
        &mut window,
        "the event among all",
        |window| matches!(window.state().session().unwrap().place_of(hit), EventPlace::Row(row) if row > 0),
    );
    // Where the hits lie among all is marked beside the scrollbar.
    until_label(&mut window, "Hits of type:payment.refunded");
    press(&mut window, Key::J);
    step_until(&mut window, "its neighbour", |window| window.state().view().place.event != Some(hit));
    // Back to the filter and its event, whatever was looked at.
    click(&mut window, "Back to the filter");
    assert_eq!(filter(&window), "type:payment.refunded");
    assert_eq!(until_filtered(&mut window), found);
    assert_eq!(window.state().view().place.event, Some(hit));
    assert!(!shows(&window, "Back to the filter"));
    // As by the menu of the row, so by the key of the whole way back.
    row_menu(&mut window);
    click(&mut window, "Look around in time");
    assert!(filter(&window).is_empty());
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(filter(&window), "type:payment.refunded");
}

#[test]
fn one_goes_to_a_position_and_to_a_moment() {
    let shop = shop();
    let mut window = opened(&shop.path);
    let go = |window: &mut Window, text: &str| {
        press_with(window, Modifiers::COMMAND, Key::G);
        until_label(window, "Position or time");
        window.get_by_label("Position or time").focus();
        window.step();
        window.get_by_label("Position or time").type_text(text);
        window.step();
        press(window, Key::Enter);
    };
    go(&mut window, "1,234");
    step_until(&mut window, "the event", |window| window.state().view().place.event == Some(1234));
    assert!(!shows(&window, "Position or time"));
    go(&mut window, "2000-01-01");
    step_until(&mut window, "the first event", |window| window.state().view().place.event == Some(1));
    go(&mut window, "2999-01-01");
    step_until(&mut window, "that there is none", |window| {
        window.query_by_label_contains("There is no event from there on").is_some()
    });
    assert_eq!(window.state().view().place.event, Some(1));
}
