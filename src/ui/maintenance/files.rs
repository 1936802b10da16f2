//! The windows that ask for a file: for a new store, a copy.

use egui::{Button, Ui};

use super::super::controls::{main_button, offer};
use super::super::dialogs::dialog;
use super::super::scene::Scene;
use super::super::theme;
use super::{MaintenanceDraft, filled, note, path_row};
use crate::model::{Asked, Command, NewStore};

/// The width of these windows, in points.
pub(super) const WIDTH: f32 = 520.0;

/// Asks where a new store goes, and whether it keeps a hash chain.
pub fn new_store(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MaintenanceDraft, out: &mut Vec<Command>) {
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
pub fn back_up(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MaintenanceDraft, out: &mut Vec<Command>) {
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

/// The button that does it, once a path is there, and the one that does not.
fn buttons(ui: &mut Ui, scene: &Scene<'_>, text: &str, command: Option<Command>, out: &mut Vec<Command>) {
    let command = command.ok_or("Type or choose a path first.");
    choices(ui, scene, text, command, out);
}

/// The button that does it, which says why it cannot yet, and the one that does not.
pub(in crate::ui) fn choices(
    ui: &mut Ui,
    scene: &Scene<'_>,
    text: &str,
    command: Result<Command, &str>,
    out: &mut Vec<Command>,
) {
    ui.add_space(theme::STEP);
    ui.horizontal(|ui| {
        let button = main_button(ui, text);
        match command {
            Ok(command) => {
                offer(ui, scene.environment, command, button, text, out);
            }
            Err(reason) => {
                ui.add_enabled(false, Button::new(text)).on_disabled_hover_text(reason);
            }
        }
        if ui.button("Cancel").clicked() {
            out.push(Command::CloseOverlay);
        }
    });
}
