//! What the windows write to new files, by accessible name: pictures, the report of an audit, statistics, schemas.

use std::path::Path;
use std::sync::Arc;

use egui::{Color32, ColorImage, Key, Modifiers, Role, ViewportCommand};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::insight::schema::TypeSchema;
use eventscope::model::{Command, Overlay};
use eventscope::session::CausesOf;
use serde_json::Value;

use super::maintenance::type_entry;
use super::window::{Window, click_part, contains, opened, press, press_with, shop, step_until, until_label};

/// Types where it goes into the window that asks for it, presses *Save*, and waits until it is there.
pub fn save_to(window: &mut Window, file: &Path) {
    until_label(window, "Where it goes");
    type_entry(window, "Where it goes", file.to_str().unwrap());
    window.run_steps(2);
    window.get_by_label("Save").click();
    let written = format!("was written to {}", file.display());
    step_until(window, "that it was written", |window| contains(window, &written));
}

/// Draws frames until a picture of the window is asked for, and hands out one in which every pixel says where it is.
fn take_shot(window: &mut Window) {
    let mut shot = None;
    step_until(window, "a picture that is asked for", |window| {
        let commands = window.output().viewport_output.values().flat_map(|viewport| &viewport.commands);
        shot = commands.cloned().find_map(|command| match command {
            ViewportCommand::Screenshot(callback) => Some(callback),
            _ => None,
        });
        shot.is_some()
    });
    let [width, height] = [1440_usize, 900];
    let byte = |number: usize| u8::try_from(number % 251).unwrap();
    let pixels = (0..width * height).map(|at| Color32::from_rgb(byte(at % width), byte(at / width), 7)).collect();
    shot.unwrap().complete(Arc::new(ColorImage::new([width, height], pixels)));
}

/// The size of a picture in PNG, and its first pixel.
fn read(file: &Path) -> ((u32, u32), [u8; 3]) {
    let bytes = std::io::BufReader::new(std::fs::File::open(file).unwrap());
    let mut reader = png::Decoder::new(bytes).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    ((frame.width, frame.height), [pixels[0], pixels[1], pixels[2]])
}

fn folder(shop: &super::window::Shop) -> &Path {
    shop.path.parent().unwrap()
}

#[test]
fn the_whole_window_becomes_a_picture_by_its_key() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    take_shot(&mut window);
    until_label(&mut window, "The picture");
    let proposed = window.get_by_role_and_label(Role::TextInput, "Where it goes").value();
    assert_eq!(proposed.as_deref(), folder(&shop).join("shop-window.png").to_str());
    let file = folder(&shop).join("all.png");
    save_to(&mut window, &file);
    assert_eq!(window.state().view().overlay, Overlay::None);
    assert_eq!(read(&file), ((1440, 900), [0, 0, 7]));
}

#[test]
fn the_panel_that_was_last_pressed_becomes_a_picture_out_of_the_palette() {
    let shop = shop();
    let mut window = opened(&shop.path);
    let streams = window.get_by_label("Find stream").rect();
    window.get_by_label("Find stream").click();
    window.run_steps(2);
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    until_label(&mut window, "Search commands");
    window.get_by_label("Search commands").type_text("Picture of this panel");
    window.run_steps(2);
    press(&mut window, Key::Enter);
    take_shot(&mut window);
    let file = folder(&shop).join("panel.png");
    until_label(&mut window, "The picture");
    assert!(contains(&window, "A picture of Streams"));
    save_to(&mut window, &file);
    let ((width, height), [x, y, _]) = read(&file);
    assert!(f64::from(width) >= f64::from(streams.width()) && width < 400 && height > 400, "{width} {height}");
    assert!(f32::from(x) <= streams.left() && f32::from(y) <= streams.top() && y > 0, "{x} {y}");
}

#[test]
fn a_window_over_the_panels_becomes_a_picture_and_is_open_again_afterwards() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press(&mut window, Key::H);
    until_label(&mut window, "By actor");
    press_with(&mut window, Modifiers::ALT, Key::S);
    take_shot(&mut window);
    until_label(&mut window, "The picture");
    assert!(contains(&window, "A picture of Statistics"));
    let file = folder(&shop).join("statistics.png");
    save_to(&mut window, &file);
    assert_eq!(window.state().view().overlay, Overlay::Statistics);
    let ((width, height), _) = read(&file);
    assert!((1_000..1_440).contains(&width) && (300..900).contains(&height), "{width} {height}");
}

#[test]
fn every_picture_is_in_the_menu_and_says_what_it_is_of() {
    for name in ["Picture of the window…", "Picture of this panel…"] {
        let entry = Command::table().iter().find(|entry| entry.title == name).unwrap();
        assert!(entry.menu.is_some() && entry.key_text().is_some(), "{name}");
    }
}

#[test]
fn the_report_of_an_audit_is_saved_as_the_command_line_writes_it() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press(&mut window, Key::V);
    step_until(&mut window, "the whole report", |window| {
        window.state().session().unwrap().audited().is_some_and(|audited| !audited.is_running())
    });
    for (form, ending) in [("NDJSON", "ndjson"), ("SARIF", "sarif")] {
        click_part(&mut window, "Export…");
        click_part(&mut window, form);
        let file = folder(&shop).join(format!("report.{ending}"));
        save_to(&mut window, &file);
        assert_eq!(window.state().view().overlay, Overlay::Audit, "it is open again");
        let text = std::fs::read_to_string(&file).unwrap();
        let audited = window.state().session().unwrap().audited().unwrap();
        let found = audited.findings.found.clone().unwrap();
        if ending == "ndjson" {
            let kinds: Vec<Value> =
                text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].clone()).collect();
            assert_eq!(kinds, found.iter().map(|finding| finding.kind).collect::<Vec<_>>());
        } else {
            let report: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(report["version"], "2.1.0");
            assert_eq!(report["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), found.len());
        }
    }
}

#[test]
fn statistics_are_saved_as_a_table() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press(&mut window, Key::H);
    step_until(&mut window, "that all was counted", |window| {
        window.state().session().unwrap().counted().is_some_and(|counted| !counted.is_running())
    });
    click_part(&mut window, "Export as CSV…");
    let file = folder(&shop).join("statistics.csv");
    save_to(&mut window, &file);
    let text = std::fs::read_to_string(&file).unwrap();
    let events = window.state().session().unwrap().rows().len().value;
    assert!(text.starts_with("by,name,events,bytes\r\n") && text.contains(&format!("total,,{events},")), "{text}");
    assert!(text.contains("\r\ntype,order.placed,") && text.contains("\r\nactor,") && text.contains("\r\nday,2026-"));
}

#[test]
fn all_schemas_are_saved_as_one_document() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press(&mut window, Key::D);
    step_until(&mut window, "the schemas", |window| {
        window.state().session().unwrap().inferred().is_some_and(|inferred| !inferred.is_running())
    });
    click_part(&mut window, "Export…");
    click_part(&mut window, "All schemas");
    let file = folder(&shop).join("schemas.json");
    save_to(&mut window, &file);
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let all = window.state().session().unwrap().inferred().unwrap();
    let names: Vec<String> = all.findings.schemas.as_ref().unwrap().types().map(TypeSchema::name).collect();
    let defined: Vec<&String> = document["$defs"].as_object().unwrap().keys().collect();
    assert_eq!(defined, names.iter().collect::<Vec<_>>());
    assert!(document["$defs"][&names[0]].get("$schema").is_none());
}

/// Where the events go that the export window is open for, and what was written there.
fn exported(window: &mut Window, file: &Path) -> Vec<Value> {
    until_label(window, "Where the events go");
    type_entry(window, "Where the events go", file.to_str().unwrap());
    step_until(window, "that it can be exported", |window| {
        window.query_all_by_role_and_label(Role::Button, "Export").any(|button| !button.accesskit_node().is_disabled())
    });
    window.get_by_role_and_label(Role::Button, "Export").click();
    let written = format!("were written to {}", file.display());
    step_until(window, "that it was written", |window| contains(window, &written));
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_events_of_a_correlation_are_exported_from_its_window() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press_with(&mut window, Modifiers::COMMAND, Key::G);
    until_label(&mut window, "Position or time");
    window.get_by_label("Position or time").type_text("53");
    window.run_steps(2);
    press(&mut window, Key::Enter);
    until_label(&mut window, "Event 53");
    until_label(&mut window, "Raw");
    for whole in [false, true] {
        press(&mut window, Key::T);
        if whole {
            click_part(&mut window, "Whole correlation");
        }
        let of = CausesOf { event: 53, whole };
        step_until(&mut window, "the causes", |window| window.state().session().unwrap().causes(of).value().is_some());
        let tree = window.state().session().unwrap().causes(of).value().cloned().unwrap();
        let mut positions: Vec<i64> = tree.nodes.iter().map(|node| node.position).collect();
        positions.sort_unstable();
        click_part(&mut window, "Export events…");
        let lines = exported(&mut window, &folder(&shop).join(format!("correlation-{whole}.ndjson")));
        let written: Vec<i64> = lines.iter().map(|line| line["position"].as_i64().unwrap()).collect();
        assert_eq!(written, positions, "{whole}");
    }
}

#[test]
fn a_comparison_is_saved_and_the_events_between_its_versions_exported() {
    let shop = shop();
    let mut window = super::window::opened_at(&shop.path, "stock/sku-cup-blue", 153);
    step_until(&mut window, "version 153", |window| super::window::has_version(window, 153));
    press(&mut window, Key::A);
    press(&mut window, Key::ArrowRight);
    press(&mut window, Key::ArrowRight);
    step_until(&mut window, "version 155", |window| super::window::has_version(window, 155));
    press(&mut window, Key::C);
    step_until(&mut window, "what differs", |window| contains(window, "~ /reserved: "));
    for (form, ending) in [("CSV", "csv"), ("Markdown", "md")] {
        click_part(&mut window, "Export…");
        window.get_by_role_and_label(Role::Button, form).click();
        let file = folder(&shop).join(format!("differences.{ending}"));
        save_to(&mut window, &file);
        assert_eq!(window.state().view().overlay, Overlay::Compare, "it is open again");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("/reserved") && text.contains("changed"), "{text}");
    }
    click_part(&mut window, "Export the events between…");
    let lines = exported(&mut window, &folder(&shop).join("between.ndjson"));
    let versions: Vec<i64> = lines.iter().map(|line| line["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, [154, 155]);
    assert!(lines.iter().all(|line| line["aggregate_id"] == "sku-cup-blue"));
}
