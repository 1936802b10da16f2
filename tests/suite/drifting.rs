//! The window for stored snapshots, by accessible name: those of the whole store that are not what the events fold to.

use std::path::{Path, PathBuf};

use egui_kittest::kittest::Queryable as _;
use eventscope::app::Launch;
use eventscope::model::Overlay;

use crate::window::{contains, has_version, press, press_with, step_until, until_label, window_of_any_script};

/// The database of `sqlite-es`, whose library applies the last command's events twice before it stores a snapshot.
fn wrong_snapshots() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rust_sqlite_es.db");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(root.join("tests/fixtures/rust_sqlite_es.db"), &path).unwrap();
    let rules = super::truth::rules_of("rust_sqlite_es");
    std::fs::copy(rules, folder.path().join("rust_sqlite_es.reducers.toml")).unwrap();
    (folder, path)
}

#[test]
fn every_snapshot_that_differs_is_listed_with_what_went_wrong_and_led_to() {
    let (_folder, path) = wrong_snapshots();
    let mut window = window_of_any_script(Launch { file: Some(path), ..Launch::default() });
    step_until(&mut window, "that it has snapshots", |window| {
        window.state().session().is_some_and(eventscope::session::Session::has_snapshots)
    });
    press_with(&mut window, egui::Modifiers::COMMAND, egui::Key::K);
    until_label(&mut window, "Search commands");
    window.get_by_label("Search commands").type_text("Stored snapshots");
    window.run_steps(2);
    press(&mut window, egui::Key::Enter);
    until_label(&mut window, "Compare again");
    step_until(&mut window, "the end", |window| {
        window.state().session().unwrap().drifts().is_some_and(|drifts| drifts.is_complete())
    });
    window.run_steps(2);
    let drifts = window.state().session().unwrap().drifts().unwrap();
    let found = drifts.findings.found.iter();
    let inventory: Vec<_> = found.filter(|it| it.stream.aggregate_type == "InventoryItem").collect();
    assert_eq!(inventory.len(), 24, "{drifts:?}");
    assert_eq!(drifts.findings.compared, drifts.findings.agree + drifts.findings.found.len() as u64);
    assert!(contains(&window, "are not what the events fold to."));
    let first = inventory[0];
    let (stream, version) = (first.stream.to_string(), first.version);
    let named = format!("{stream} v{version} ");
    assert!(contains(&window, &named), "{named}");
    window.query_all_by_label_contains(&named).next().unwrap().click();
    step_until(&mut window, "the version of the snapshot", |window| has_version(window, version));
    assert_eq!(window.state().view().overlay, Overlay::None);
    assert_eq!(window.state().view().place.stream.as_ref().map(ToString::to_string), Some(stream));
}
