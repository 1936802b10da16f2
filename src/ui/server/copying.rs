//! The window that asks where a copy of a slice goes, to which events can be appended.

use egui::Ui;

use super::super::dialogs::dialog;
use super::super::maintenance::{choices, path_row};
use super::super::scene::Scene;
use super::draft::ServerDraft;
use super::note;
use crate::model::{Asked, Command};

/// The width of the window, in points.
const WIDTH: f32 = 520.0;

/// Asks where the copy goes.
pub fn copy(ui: &mut Ui, scene: &Scene<'_>, draft: &mut ServerDraft, out: &mut Vec<Command>) {
    dialog(ui, "Append to a copy", WIDTH, out, |ui, out| {
        note(
            ui,
            "Nothing is appended to somebody else's server. The copy is a file of its own: events that you append are \
             in it alone, and it follows no server.",
        );
        path_row(ui, scene, "Where the copy goes", &mut draft.copy_to, Asked::SliceCopy, out);
        let path = draft.copy_to.trim();
        let command =
            if path.is_empty() { Err("Type or choose a path first.") } else { Ok(Command::CopySlice(path.into())) };
        choices(ui, scene, "Copy", command, out);
    });
}
