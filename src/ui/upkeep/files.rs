//! The windows that ask for a file: for a new store, a copy, an import, an export.

use egui::{Button, Ui};

use super::super::controls::{main_button, offer};
use super::super::dialogs::dialog;
use super::super::numbers::counted;
use super::super::scene::Scene;
use super::super::theme;
use super::{UpkeepDraft, field, file_name, filled, note, path_row};
use crate::model::{Asked, Command, Importing, NewStore};

/// The width of these windows, in points.
const WIDTH: f32 = 520.0;

/// The endings of files of lines of JSON.
const LINES: [&str; 3] = ["ndjson", "jsonl", "json"];

/// Asks where a new store goes, and whether it keeps a hash chain.
pub fn new_store(ui: &mut Ui, scene: &Scene<'_>, draft: &mut UpkeepDraft, out: &mut Vec<Command>) {
    dialog(ui, "New event store", WIDTH, out, |ui, out| {
        note(ui, "An empty file of Eventscope's own format, which this program and Rust applications write to.");
        path_row(ui, scene, "Where the store goes", &mut draft.path, Asked::NewStore, out);
        ui.checkbox(&mut draft.chained, "Keep a hash chain");
        note(
            ui,
            "Each event's hash then covers the one before it, so that verifying shows any change. It cannot be added \
             later.",
        );
        let path = filled(&draft.path);
        let chained = draft.chained;
        buttons(
            ui,
            scene,
            "Create",
            path.map(|path| Command::CreateStore(NewStore { path: path.into(), chained })),
            out,
        );
    });
}

/// Asks where a copy of the store goes.
pub fn back_up(ui: &mut Ui, scene: &Scene<'_>, draft: &mut UpkeepDraft, out: &mut Vec<Command>) {
    dialog(ui, "Back up", WIDTH, out, |ui, out| {
        note(
            ui,
            "The copy is the store at one moment. Others may go on writing to it meanwhile. Archives are copied along.",
        );
        path_row(ui, scene, "Where the copy goes", &mut draft.path, Asked::BackUp, out);
        let path = filled(&draft.path);
        buttons(ui, scene, "Back up", path.map(|path| Command::BackUpTo(path.into())), out);
    });
}

/// Asks for what is to be imported.
pub fn import(ui: &mut Ui, scene: &Scene<'_>, draft: &mut UpkeepDraft, out: &mut Vec<Command>) {
    dialog(ui, "Import events", WIDTH, out, |ui, out| {
        let file = file_name(scene);
        note(
            ui,
            format!(
                "From a database of any kind that is recognised, or from lines of JSON. They are appended to {file}."
            ),
        );
        path_row(ui, scene, "What to import", &mut draft.path, Asked::Import, out);
        if is_lines(&draft.path) {
            ui.checkbox(&mut draft.keep_places, "Keep the positions, versions and times of the lines");
            note(ui, "All lines are imported or, after an error, none.");
        } else {
            field(ui, "Aggregate type of events that have none", "the name of the profile", &mut draft.aggregate_type);
            ui.checkbox(&mut draft.carry_opaque, "Carry payloads along that cannot be read, as Base64");
            note(
                ui,
                "What was imported before is not imported again; an import that was stopped goes on. At the end both \
                 sides are compared.",
            );
        }
        let importing = filled(&draft.path).map(|path| Importing {
            path: path.into(),
            keep_places: draft.keep_places,
            aggregate_type: filled(&draft.aggregate_type),
            carry_opaque: draft.carry_opaque,
        });
        buttons(ui, scene, "Import", importing.map(|importing| Command::Import(Box::new(importing))), out);
    });
}

fn is_lines(path: &str) -> bool {
    let ending = path.trim().rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| LINES.contains(&ending.as_str()))
}

/// Asks where the events go that the filter lets through.
pub fn export(ui: &mut Ui, scene: &Scene<'_>, draft: &mut UpkeepDraft, out: &mut Vec<Command>) {
    dialog(ui, "Export events", WIDTH, out, |ui, out| {
        let filter = &scene.view.place.filter;
        let events = scene.session.map(|session| counted(session.rows().len(), "event", "events")).unwrap_or_default();
        let which = if filter.is_empty() {
            format!("All {events}")
        } else {
            format!("The {events} that the filter {filter} lets through")
        };
        note(ui, format!("{which}, oldest first, an object of JSON a line."));
        path_row(ui, scene, "Where the lines go", &mut draft.path, Asked::Export, out);
        let path = filled(&draft.path);
        buttons(ui, scene, "Export", path.map(|path| Command::ExportTo(path.into())), out);
    });
}

/// The button that does it, once a path is there, and the one that does not.
fn buttons(ui: &mut Ui, scene: &Scene<'_>, text: &str, command: Option<Command>, out: &mut Vec<Command>) {
    ui.add_space(theme::STEP);
    ui.horizontal(|ui| {
        let button = main_button(ui, text);
        match command {
            Some(command) => {
                offer(ui, scene.environment, command, button, text, out);
            }
            None => {
                ui.add_enabled(false, Button::new(text)).on_disabled_hover_text("Type or choose a path first.");
            }
        }
        if ui.button("Cancel").clicked() {
            out.push(Command::CloseOverlay);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_lines_are_known_by_their_ending() {
        assert!(is_lines("/a/b.ndjson") && is_lines(" c.JSONL "));
        assert!(!is_lines("/a.json/b.db") && !is_lines("") && !is_lines("json"));
    }
}
