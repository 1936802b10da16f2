//! How the rows of the events and of the streams stand in the window: widths, dates, the order of names.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;

use super::window::{Window, opened, press, shop, step_until, until_label};

/// The widest letter of the data's face, in points.
const LETTER: f32 = 7.2;
/// The space beside the text of a cell, in points.
const BESIDE: f32 = 16.0;

fn header(window: &Window, name: &str) -> egui::Rect {
    window.get_by_role_and_label(Role::ColumnHeader, name).rect()
}

/// The names of the rows in view, from the top.
fn names(window: &Window) -> Vec<String> {
    let mut rows: Vec<_> = window.query_all_by_role(Role::Row).collect();
    rows.sort_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
    rows.iter().filter_map(|row| row.accesskit_node().label()).collect()
}

#[test]
fn in_a_small_window_twenty_letters_of_the_data_are_read_and_nothing_lies_on_a_row() {
    let shop = shop();
    let mut window = opened(&shop.path);
    until_label(&mut window, "Raw");
    for size in [egui::vec2(1280.0, 720.0), egui::vec2(1280.0, 800.0), egui::vec2(1440.0, 900.0)] {
        window.set_size(size);
        window.run_steps(4);
        let data = header(&window, "Data");
        assert!(data.width() - BESIDE >= 20.0 * LETTER, "{size}: {data}");
        let table = window.get_by_role_and_label(Role::Table, "events").rect();
        let details = window.get_by_role_and_label(Role::Tab, "Data").rect();
        assert!(data.right() <= table.right() + 0.5 && table.right() <= details.left(), "{size}: {data} {details}");
        for column in ["Position", "Time", "Stream", "Ver", "Type"] {
            assert!(header(&window, column).left() >= table.left(), "{column} is in view");
        }
    }
}

#[test]
fn where_columns_do_not_fit_the_bar_that_scrolls_them_lies_beneath_the_rows() {
    let shop = shop();
    let mut window = opened(&shop.path);
    window.set_size(egui::vec2(1280.0, 720.0));
    window.run_steps(4);
    let fits = window.get_by_role_and_label(Role::Table, "events").rect();
    let edge = header(&window, "Type").right_center() - egui::vec2(1.0, 0.0);
    window.drag_at(edge);
    window.step();
    window.hover_at(edge + egui::vec2(300.0, 0.0));
    window.step();
    window.drop_at(edge + egui::vec2(300.0, 0.0));
    window.run_steps(4);
    assert!(header(&window, "Type").width() > 300.0);
    let overflows = window.get_by_role_and_label(Role::Table, "events").rect();
    assert!(fits.bottom() - overflows.bottom() >= 10.0, "{fits} {overflows}");
}

/// The dates of the rows in view, which begin with their positions.
fn dates(window: &Window, names: &[String]) -> Vec<String> {
    let session = window.state().session().unwrap();
    let position = |name: &String| name.split(' ').next().unwrap().replace(',', "").parse::<u64>().unwrap();
    names.iter().map(|name| session.rows().get(position(name) - 1).unwrap().time_utc[..10].to_owned()).collect()
}

#[test]
fn the_date_stands_where_it_changes_and_in_full_on_hover() {
    let shop = shop();
    let mut window = opened(&shop.path);
    step_until(&mut window, "the newest event in view", |window| {
        names(window).iter().any(|name| name.starts_with("4,622 "))
    });
    // From the newest event upwards until two days are in view.
    let (names, dates) = loop {
        let names = names(&window);
        let dates = dates(&window, &names);
        if dates.windows(2).any(|two| two[0] != two[1]) {
            break (names, dates);
        }
        let before = window.state().view().place.event;
        press(&mut window, Key::PageUp);
        step_until(&mut window, "the page above", |window| window.state().view().place.event != before);
        window.run_steps(3);
    };
    let first_whole =
        names.iter().zip(&dates).position(|(name, date)| name.contains(date)).expect("a row with its day");
    assert!(first_whole <= 1, "the first row that is wholly in view says which day it is: {names:?}");
    for (row, name) in names.iter().enumerate().skip(first_whole + 1) {
        assert_eq!(name.contains(&dates[row]), dates[row] != dates[row - 1], "{name}");
    }
    let second = window.get_by_label(&names[1]).rect();
    window.hover_at(egui::pos2(header(&window, "Time").center().x, second.center().y));
    let full = format!("{} ", dates[1]);
    step_until(&mut window, "the whole time", |window| {
        window.query_all_by_label_contains("Stored as").any(|label| {
            let text = label.accesskit_node().label().or_else(|| label.accesskit_node().value()).unwrap_or_default();
            text.starts_with(&full) && text.contains("UTC")
        })
    });
}

#[test]
fn streams_stand_in_the_order_in_which_a_person_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let mut store = EventStore::create(&path).unwrap();
    let ids = ["acc-1", "acc-10", "acc-100", "acc-2", "acc-20", "acc-9"];
    for id in ids {
        let event = NewEvent::new("account.opened", serde_json::json!({"owner": id}));
        store.append(&StreamName::new("account", id), ExpectedVersion::Any, &[event]).unwrap();
    }
    drop(store);
    let mut window = opened(&path);
    until_label(&mut window, "acc-100");
    let mut shown: Vec<_> =
        ids.iter().map(|id| (window.get_by_role_and_label(Role::TreeItem, id).rect().top(), *id)).collect();
    shown.sort_by(|a, b| a.0.total_cmp(&b.0));
    let shown: Vec<_> = shown.into_iter().map(|(_, id)| id).collect();
    assert_eq!(shown, ["acc-1", "acc-2", "acc-9", "acc-10", "acc-20", "acc-100"]);
}

#[test]
fn the_panels_follow_the_window_until_their_edge_is_dragged() {
    let shop = shop();
    let mut window = opened(&shop.path);
    let width = |window: &Window| window.get_by_label("Find stream").rect().width();
    let wide = width(&window);
    window.set_size(egui::vec2(1280.0, 720.0));
    window.run_steps(3);
    let narrow = width(&window);
    assert!(narrow < wide, "{narrow} {wide}");
    let edge = egui::pos2(window.get_by_role_and_label(Role::Table, "events").rect().left() - 0.5, 400.0);
    window.drag_at(edge);
    window.step();
    window.hover_at(edge + egui::vec2(60.0, 0.0));
    window.step();
    window.drop_at(edge + egui::vec2(60.0, 0.0));
    window.run_steps(3);
    let chosen = width(&window);
    assert!((chosen - narrow - 60.0).abs() < 3.0, "{narrow} {chosen}");
    window.set_size(egui::vec2(1440.0, 900.0));
    window.run_steps(3);
    assert!((width(&window) - chosen).abs() < 1.0);
}
