//! The window for causes, by accessible name: the tree of an event, its swimlanes, and a guess where no ids are known.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::app::Launch;
use eventscope::model::Overlay;
use eventscope::session::CausesOf;

use super::window::{Window, click_part, contains, opened, press, press_with, shop, step_until, until_label, window};

fn go_to(window: &mut Window, position: &str) {
    press_with(window, Modifiers::COMMAND, Key::G);
    until_label(window, "Position or time");
    window.get_by_label("Position or time").type_text(position);
    window.run_steps(2);
    press(window, Key::Enter);
    until_label(window, &format!("Event {position}"));
    until_label(window, "Raw");
}

#[test]
fn what_led_to_an_event_and_what_followed_is_a_tree_that_leads_there() {
    let shop = shop();
    let mut window = opened(&shop.path);
    go_to(&mut window, "53");
    press(&mut window, Key::T);
    until_label(&mut window, "Causes of event 53");
    step_until(&mut window, "its beginning", |window| contains(window, "order.placed order/"));
    let of = CausesOf { event: 53, whole: false };
    let tree = window.state().session().unwrap().causes(of).value().cloned().unwrap();
    assert!(tree.lanes.len() > 1 && !tree.is_guess && tree.has_correlation);
    assert_eq!(tree.nodes[0].position, 49);
    for node in &tree.nodes {
        assert_eq!(node.depth, node.cause.map_or(0, |cause| tree.nodes[cause].depth + 1));
    }
    click_part(&mut window, " 49");
    step_until(&mut window, "the beginning", |window| window.state().view().place.event == Some(49));
    assert_eq!(window.state().view().overlay, Overlay::None);
    // All that shares its correlation is at least that.
    until_label(&mut window, "Event 49");
    until_label(&mut window, "Raw");
    press(&mut window, Key::T);
    click_part(&mut window, "Whole correlation");
    let whole = CausesOf { event: 49, whole: true };
    step_until(&mut window, "the correlation", |window| {
        window.state().session().unwrap().causes(whole).value().is_some_and(|whole| whole.nodes.len() >= 2)
    });
}

#[test]
fn swimlanes_have_a_lane_for_each_stream_and_become_a_picture() {
    let shop = shop();
    let mut window = opened(&shop.path);
    go_to(&mut window, "53");
    press(&mut window, Key::T);
    click_part(&mut window, "Swimlanes");
    step_until(&mut window, "the lanes", |window| contains(window, " in the lanes of "));
    for button in ["+", "−", "All"] {
        window.get_by_label(button).click();
        window.run_steps(2);
    }
    let file = shop.path.with_file_name("causes.svg");
    click_part(&mut window, "Save as SVG…");
    super::saving::save_to(&mut window, &file);
    assert_eq!(window.state().view().overlay, Overlay::Causes, "it is open again");
    let tree = window.state().session().unwrap().causes(CausesOf { event: 53, whole: false });
    let events = tree.value().unwrap().nodes.len();
    assert_eq!(std::fs::read_to_string(&file).unwrap().matches("<circle").count(), events);
}

#[test]
fn where_no_causes_are_known_the_neighbours_are_called_a_guess() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type TEXT, data TEXT,
             created_at TEXT);
         WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 39)
         INSERT INTO events SELECT i + 1, 's' || (i / 4), i % 4 + 1, 'thing.happened', '{}',
            printf('2026-03-01T08:%02d:00Z', i / 3) FROM n",
    )
    .unwrap();
    let mut window = window(Launch { file: Some(path), ..Launch::default() });
    step_until(&mut window, "the rows", |window| {
        window.state().session().is_some_and(|session| session.rows().get(0).is_some())
    });
    go_to(&mut window, "5");
    press(&mut window, Key::T);
    step_until(&mut window, "a guess", |window| contains(window, "A guess: this store knows no causes. 3 events"));
}

/// Where the lanes are.
fn lanes_at(window: &Window) -> egui::Rect {
    window.query_all_by_label_contains(" in the lanes of ").next().unwrap().rect()
}

#[test]
fn pointing_at_a_lane_says_what_its_stream_had_come_to_by_then() {
    let shop = shop();
    let mut window = opened(&shop.path);
    go_to(&mut window, "53");
    press(&mut window, Key::T);
    click_part(&mut window, "Swimlanes");
    step_until(&mut window, "the lanes", |window| contains(window, " in the lanes of "));
    click_part(&mut window, "In order");
    let of = CausesOf { event: 53, whole: false };
    let tree = window.state().session().unwrap().causes(of).value().cloned().unwrap();
    assert!(tree.lanes.len() > 1);
    // Between the last two events, on each lane: neither is pointed at.
    let mut order: Vec<_> = tree.nodes.iter().collect();
    order.sort_by_key(|node| node.position);
    let (before, last) = (order[order.len() - 2], order[order.len() - 1]);
    let rect = lanes_at(&window);
    let field = rect.left() + 240.0..=rect.right() - 24.0;
    let share = f32::midpoint(before.by_order, last.by_order);
    let x = field.start() + (field.end() - field.start()) * share;
    for (number, lane) in tree.lanes.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
        let y = rect.top() + (number as f32 + 0.5) * 26.0;
        window.hover_at(egui::pos2(x, y));
        step_until(&mut window, &format!("the state of {}", lane.stream), |window| {
            let session = window.state().session().unwrap();
            let history = session.history(&lane.stream);
            let Some(history) = history.value() else { return false };
            let until = history.marks.partition_point(|mark| mark.position <= before.position);
            match until.checked_sub(1).and_then(|at| history.marks.get(at)) {
                Some(mark) => contains(window, &format!("v{} at position {}", mark.version, before.position)),
                None => contains(window, "It has no event up to position"),
            }
        });
    }
}
