//! The manual in the window, by accessible name: opened from its menu, searched, read from page to page, and left for
//! the command that a page names.

use egui::{Key, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::model::Overlay;
use eventscope::model::manual::Page;

use crate::window::{Window, launched, names, opened, press, shop, shows, step_until, until_label};

const FIND: &str = "Find in the manual";

/// Opens the manual as a person does.
fn from_the_menu(window: &mut Window) {
    window.step();
    window.get_by_role_and_label(Role::Button, "Help").click();
    until_label(window, "Manual…");
    window.get_by_label("Manual…").click();
    until_label(window, FIND);
    window.run_steps(2);
}

/// Presses an entry of the list at the left.
fn choose(window: &mut Window, name: &str) {
    until_label(window, name);
    window.get_by_role_and_label(Role::Button, name).click();
    window.run_steps(3);
}

fn title(page: &str) -> &'static str {
    Page::by_name(page).unwrap().title()
}

/// Whether the heading of a page is there beside its entry in the list.
fn reads(window: &Window, page: &str) -> bool {
    window.query_all_by_label(title(page)).count() == 2
}

/// A piece of a page's text, and where it stands.
fn top(window: &Window, text: &str) -> f64 {
    let nodes = window.query_all_by_label(text);
    nodes.filter_map(|node| node.accesskit_node().bounding_box()).map(|place| place.y0).fold(f64::MAX, f64::min)
}

#[test]
fn it_opens_from_its_menu_on_its_first_page_and_shows_every_other() {
    let mut window = launched();
    from_the_menu(&mut window);
    assert_eq!(window.state().view().overlay, Overlay::Manual);
    assert!(window.get_by_role_and_label(Role::TextInput, FIND).is_focused(), "one can look something up at once");
    assert!(reads(&window, "tour"));
    for page in Page::all() {
        choose(&mut window, page.title());
        assert!(reads(&window, page.name), "{}: {}", page.name, names(&window));
    }
    assert!(!reads(&window, "tour"), "one page at a time");
    press(&mut window, Key::Escape);
    assert_eq!(window.state().view().overlay, Overlay::None);
}

#[test]
fn what_is_looked_for_is_found_and_shown_where_it_stands() {
    let mut window = launched();
    from_the_menu(&mut window);
    window.get_by_role_and_label(Role::TextInput, FIND).type_text("checkpoints");
    window.run_steps(3);
    let found = format!("{}: The other tables", title("opening"));
    until_label(&mut window, &found);
    assert!(!shows(&window, title("keys")), "a page without the word is no answer");
    choose(&mut window, &found);
    assert!(reads(&window, "opening"));
    // The part that was chosen has come into view, far down its page.
    step_until(&mut window, "the part", |window| top(window, "The other tables") < 400.0);
    window.get_by_role_and_label(Role::TextInput, FIND).type_text(" nosuchword");
    until_label(&mut window, "Nothing in the manual has these words.");
    assert!(reads_still(&window), "the page stays");
}

/// Whether the page that was found is shown, with no entry in the list beside it.
fn reads_still(window: &Window) -> bool {
    window.query_all_by_label(title("opening")).count() == 1
}

#[test]
fn a_link_leads_to_another_page() {
    let mut window = launched();
    from_the_menu(&mut window);
    choose(&mut window, title("history"));
    until_label(&mut window, "the filter");
    window.get_by_role_and_label(Role::Link, "the filter").click();
    step_until(&mut window, "the page", |window| reads(window, "filtering"));
    assert!(!reads(&window, "history"));
}

#[test]
fn a_command_that_a_page_names_is_carried_out_from_it() {
    let shop = shop();
    let mut window = opened(&shop.path);
    from_the_menu(&mut window);
    choose(&mut window, title("history"));
    let named = "Ask > Stored snapshots…";
    until_label(&mut window, named);
    window.get_by_role_and_label(Role::Button, named).click();
    until_label(&mut window, "Stored snapshots");
    assert!(!shows(&window, FIND));
}

#[test]
fn a_command_that_cannot_be_carried_out_is_named_and_cannot_be_pressed() {
    let mut window = launched();
    from_the_menu(&mut window);
    choose(&mut window, title("history"));
    let named = "Ask > Stored snapshots…";
    until_label(&mut window, named);
    assert!(window.get_by_role_and_label(Role::Button, named).accesskit_node().is_disabled());
    window.get_by_role_and_label(Role::Button, named).click();
    window.run_steps(3);
    assert_eq!(window.state().view().overlay, Overlay::Manual, "it stays open");
}
