//! The window, driven by accessible name as a person or a screen reader drives it, on the demo's own database.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::app::{App, Launch};
use eventscope::model::{Command, LinkPlace, ThemeChoice};

pub type Window = Harness<'static, App>;

/// How long workers may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Draws frames until `done`; workers answer in their own time.
pub fn step_until(window: &mut Window, what: &str, mut done: impl FnMut(&Window) -> bool) {
    let begin = Instant::now();
    loop {
        window.step();
        if done(window) {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "never happened: {what}\n{}", names(window));
        std::thread::sleep(Duration::from_millis(3));
    }
}

pub fn until_label(window: &mut Window, name: &str) {
    step_until(window, name, |window| shows(window, name));
}

/// Whether something with this name is in the window.
pub fn shows(window: &Window, name: &str) -> bool {
    window.query_all_by_label(name).next().is_some()
}

/// Every accessible name, for a test that failed.
pub fn names(window: &Window) -> String {
    let name = |node: egui_kittest::Node<'_>| node.accesskit_node().label().or_else(|| node.accesskit_node().value());
    window.root().children_recursive().filter_map(name).take(2_000).collect::<Vec<_>>().join("\n")
}

pub fn window(launch: Launch) -> Window {
    let app = |creation: &mut eframe::CreationContext<'static>| App::new(&creation.egui_ctx, creation.storage, launch);
    sized([1440.0, 900.0]).build_eframe(app)
}

/// A window on a file that holds letters of any script, of which a machine has the faces or not.
pub fn window_of_any_script(launch: Launch) -> Window {
    let app = |creation: &mut eframe::CreationContext<'static>| App::new(&creation.egui_ctx, creation.storage, launch);
    sized([1440.0, 900.0]).allow_missing_glyphs().build_eframe(app)
}

/// The builder of a window of this size.
pub fn sized(points: [f32; 2]) -> egui_kittest::HarnessBuilder<App> {
    Harness::builder().with_size(points).with_max_steps(64)
}

/// A window without a file.
pub fn launched() -> Window {
    window(Launch::default())
}

pub struct Shop {
    _folder: tempfile::TempDir,
    pub path: PathBuf,
}

pub fn shop() -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    Shop { _folder: folder, path }
}

pub fn opened(path: &Path) -> Window {
    let mut window = window(Launch { file: Some(path.to_owned()), ..Launch::default() });
    until_label(&mut window, "shop.db");
    step_until(&mut window, "the rows", |window| {
        window.state().session().is_some_and(|session| session.rows().get(0).is_some())
    });
    window
}

/// A window on the demo at the version of a stream.
pub fn opened_at(path: &Path, stream: &str, version: i64) -> Window {
    let at = Some(LinkPlace::Stream(stream.to_owned(), Some(version)));
    let mut window = window(Launch { file: Some(path.to_owned()), at, ..Launch::default() });
    step_until(&mut window, stream, |window| window.state().view().place.event.is_some());
    // The event itself is read by a worker; its panel is there once it has answered.
    until_label(&mut window, "Raw");
    window
}

/// Whether something is there whose name has this in it.
pub fn contains(window: &Window, part: &str) -> bool {
    window.query_all_by_label_contains(part).next().is_some()
}

/// Waits for something whose name has this in it, and presses it.
pub fn click_part(window: &mut Window, part: &str) {
    step_until(window, part, |window| contains(window, part));
    window.run_steps(2);
    window.query_all_by_label_contains(part).next().unwrap().click();
    window.run_steps(2);
}

pub fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.step();
    window.step();
}

pub fn press_with(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.step();
    window.step();
}

pub fn has_version(window: &Window, shown: i64) -> bool {
    window.query_by_label_contains(&format!("Version {shown} of ")).is_some()
}

#[test]
fn the_welcome_page_offers_every_way_to_open_a_file() {
    let mut window = window(Launch::default());
    window.run();
    for name in ["Open…", "Open the demo", "New event store…", "Path of a file"] {
        assert!(shows(&window, name), "{name}");
    }
}

#[test]
fn the_path_field_opens_a_file_and_a_missing_one_is_said_to_be_missing() {
    let mut window = window(Launch::default());
    window.run();
    window.get_by_label("Path of a file").focus();
    window.run();
    window.get_by_label("Path of a file").type_text("/nowhere/at-all.db");
    window.run();
    window.get_by_label("Open path").click();
    until_label(&mut window, "This could not be opened");
    assert!(shows(&window, "Try again"));
    window.get_by_label("Close file").click();
    until_label(&mut window, "Open the demo");
}

#[test]
fn the_panels_have_their_names() {
    let shop = shop();
    let window = opened(&shop.path);
    for name in ["Streams", "Events", "Event", "State", "Timeline", "Filter events", "Find stream"] {
        assert!(shows(&window, name), "{name}");
    }
    for name in ["First version", "Step back", "Play", "Step forward", "Last version"] {
        assert!(shows(&window, name), "{name}");
    }
}

#[test]
fn keys_and_buttons_walk_through_the_versions() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    press(&mut window, Key::ArrowRight);
    assert!(has_version(&window, 4));
    window.get_by_label("Step back").click();
    window.step();
    window.step();
    assert!(has_version(&window, 3));
    press(&mut window, Key::Home);
    assert!(has_version(&window, 1));
    press(&mut window, Key::End);
    let last = window.state().view().place.version.unwrap();
    assert!(shows(&window, &format!("Version {last} of {last}")));
    assert!(window.get_by_label("Step forward").accesskit_node().is_disabled());
}

#[test]
fn the_slider_is_moved_by_a_screen_reader() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    window.get_by_role_and_label(egui::Role::Slider, "Version").increment_accesskit();
    window.step();
    window.step();
    assert!(has_version(&window, 4));
    window.get_by_role_and_label(egui::Role::Slider, "Version").set_value_accesskit(9.0);
    window.step();
    window.step();
    assert!(has_version(&window, 9));
}

#[test]
fn a_step_selects_its_event_and_marks_what_changed() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 1);
    step_until(&mut window, "version 1", |window| has_version(window, 1));
    let first = window.state().view().place.event;
    press(&mut window, Key::ArrowRight);
    assert_ne!(window.state().view().place.event, first);
    step_until(&mut window, "a change", |window| {
        let changed = |text: String| text.contains("this event");
        window.root().children_recursive().any(|node| node.accesskit_node().description().is_some_and(changed))
    });
}

#[test]
fn letters_are_text_while_something_is_typed() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    press(&mut window, Key::Slash);
    window.step();
    assert!(window.get_by_label("Filter events").is_focused());
    press(&mut window, Key::ArrowLeft);
    press(&mut window, Key::Home);
    assert!(has_version(&window, 3), "the cursor of the entry moved, not the version");
}

#[test]
fn the_palette_finds_a_command_and_says_why_another_one_cannot_be() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text("light theme");
    window.run_steps(3);
    press(&mut window, Key::Enter);
    assert_eq!(window.state().view().theme, ThemeChoice::Light);
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text("append");
    window.run_steps(3);
    press_with(&mut window, Modifiers::NONE, Key::Escape);
    window.run_steps(3);
    assert!(window.query_by_label("Search commands").is_none());
}

#[test]
fn every_key_of_the_table_is_listed() {
    let mut window = window(Launch::default());
    window.run();
    press(&mut window, Key::Questionmark);
    window.run_steps(3);
    assert!(shows(&window, "Keyboard shortcuts"));
    let first = Command::table().iter().find(|entry| !entry.keys.is_empty()).unwrap();
    assert!(shows(&window, first.help));
}

#[test]
fn playing_steps_by_itself_and_stops_at_the_end() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-vase-tall", 1);
    step_until(&mut window, "version 1", |window| has_version(window, 1));
    for _ in 0..8 {
        press(&mut window, Key::CloseBracket);
    }
    press(&mut window, Key::Space);
    assert!(window.state().view().playing);
    assert!(shows(&window, "Pause"));
    step_until(&mut window, "the end", |window| !window.state().view().playing);
    let last = window.state().view().place.version.unwrap();
    assert!(shows(&window, &format!("Version {last} of {last}")));
}

#[test]
fn back_returns_to_the_place_before() {
    let shop = shop();
    let mut window = opened(&shop.path);
    step_until(&mut window, "the newest event", |window| window.state().view().place.stream.is_some());
    let newest = window.state().view().place.stream.clone();
    window.get_by_label("Find stream").focus();
    window.step();
    window.get_by_label("Find stream").type_text("sku-cup-blue");
    until_label(&mut window, "sku-cup-blue");
    window.get_all_by_label("sku-cup-blue").next().unwrap().click();
    let is_there = |window: &Window| {
        let place = &window.state().view().place;
        place.event.is_some() && place.stream.as_ref().is_some_and(|stream| stream.aggregate_id == "sku-cup-blue")
    };
    step_until(&mut window, "the stream", is_there);
    let there = window.state().view().place.stream.clone();
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(window.state().view().place.stream, newest);
    press_with(&mut window, Modifiers::ALT, Key::ArrowRight);
    assert_eq!(window.state().view().place.stream, there);
}

#[test]
fn an_idle_window_does_not_repaint() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 3);
    step_until(&mut window, "version 3", |window| has_version(window, 3));
    std::thread::sleep(Duration::from_millis(300));
    window.run();
    let wait = window.output().viewport_output.values().map(|viewport| viewport.repaint_delay).min().unwrap();
    assert!(wait > Duration::from_millis(500), "repaints after {wait:?}");
}

#[test]
fn a_rule_that_fails_is_named_and_the_state_before_it_stands() {
    let shop = shop();
    let reducers = shop.path.with_file_name("broken.toml");
    let rules = r#"
        [aggregate.stock]
        initial = '{"counted": 7}'
        [aggregate.stock.on]
        "stock.counted" = 'error("no such shelf")'
        "*" = "ignore"
    "#;
    std::fs::write(&reducers, rules).unwrap();
    let at = Some(LinkPlace::Stream("stock/sku-cup-blue".to_owned(), Some(1)));
    let mut window =
        window(Launch { file: Some(shop.path.clone()), at, reducers: Some(reducers), ..Launch::default() });
    step_until(&mut window, "the failure", |window| window.query_by_label_contains("no such shelf").is_some());
    until_label(&mut window, "counted: 7");
    assert!(shows(&window, "× rule failed"));
    press(&mut window, Key::ArrowRight);
    step_until(&mut window, "the rule that changes nothing", |window| {
        window.query_by_label_contains("changes nothing").is_some()
    });
}

#[test]
fn copying_puts_the_event_on_the_clipboard() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 1);
    step_until(&mut window, "version 1", |window| has_version(window, 1));
    let modifiers = Modifiers::COMMAND | Modifiers::SHIFT;
    window.event(egui::Event::Key { key: Key::C, physical_key: None, pressed: true, repeat: false, modifiers });
    window.step();
    let copied = window.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let event: serde_json::Value = serde_json::from_str(&copied.unwrap()).unwrap();
    assert_eq!(event["aggregate_id"], "sku-cup-blue");
    assert_eq!(event["version"], 1);
}

#[test]
fn the_raw_tab_shows_the_stored_text() {
    let shop = shop();
    let mut window = opened_at(&shop.path, "stock/sku-cup-blue", 1);
    step_until(&mut window, "version 1", |window| has_version(window, 1));
    window.get_by_label("Raw").click();
    step_until(&mut window, "the stored text", |window| {
        window
            .query_all_by_label_contains("{\"counted\":")
            .any(|node| node.value().is_some_and(|text| text.starts_with('{')))
    });
    window.get_by_label("Causation").click();
    step_until(&mut window, "the list", |window| window.query_by_label_contains("Same correlation").is_some());
}

#[test]
fn the_first_and_the_last_row_are_reached() {
    let shop = shop();
    let mut window = opened(&shop.path);
    step_until(&mut window, "every row counted", |window| {
        window.state().session().is_some_and(|session| session.rows().len().complete)
    });
    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    step_until(&mut window, "the first event", |window| window.state().view().place.event == Some(1));
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    let last = |window: &Window| window.state().view().place.event == Some(4_622);
    step_until(&mut window, "the last event", last);
}
