//! The window for a branch: at the left what is other than in the stream, at the right what that comes to, beside the
//! real state.

mod draft;
mod edits;
mod outcome;

use egui::{Id, Label, Ui};

use super::controls::{dim, offer};
use super::dialogs::dialog;
use super::scene::Scene;
use super::theme;
use super::widgets::Entry;
use crate::model::Command;
use crate::replay::branch::Branch;

pub use draft::BranchDraft;

/// The width of the window, in points.
const WIDTH: f32 = 1080.0;

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut BranchDraft, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    let stream = draft.stream().clone();
    let history = session.history(&stream).value().cloned();
    draft.take_in(session, history.as_deref());
    let title = format!("What-if branch of {stream}");
    dialog(ui, &title, WIDTH, out, |ui, out| {
        let text = dim(ui, "Nothing of this touches the file: the events are other in memory only.");
        ui.add(Label::new(text).wrap());
        ui.columns(2, |columns| {
            let [left, right] = columns else { return };
            edits::show(left, session, history.as_deref(), draft);
            let branch = draft.branch();
            outcome::show(right, session, &branch, out);
        });
        let branch = draft.branch();
        ui.horizontal(|ui| {
            file(ui, scene, draft, &branch, out);
            let last = history.as_ref().and_then(|history| history.marks.last()).map(|mark| mark.version);
            tail(ui, scene, &branch, last.unwrap_or_default(), out);
        });
    });
}

/// The file that the branch is kept in.
fn file(ui: &mut Ui, scene: &Scene<'_>, draft: &mut BranchDraft, branch: &Branch, out: &mut Vec<Command>) {
    ui.scope(|ui| {
        ui.set_max_width(360.0);
        let id = Id::unique("branch file");
        Entry { name: "File of the branch", hint: "~/branch.json", id, framed: true }.show(ui, &mut draft.file);
    });
    let path = std::path::PathBuf::from(draft.file.trim());
    let named = !draft.file.trim().is_empty();
    let save = egui::Button::new("Save");
    let reason = if named { "There is nothing in the branch yet." } else { "Type the path of a file first." };
    if named && !branch.is_empty() {
        offer(ui, scene.environment, Command::SaveBranch(path.clone()), save, "Save the branch", out);
    } else {
        ui.add_enabled(false, save).accessible_name("Save the branch").on_disabled_hover_text(reason);
    }
    let load = egui::Button::new("Load");
    if named {
        offer(ui, scene.environment, Command::LoadBranch(path), load, "Load a branch", out);
    } else {
        ui.add_enabled(false, load).accessible_name("Load a branch").on_disabled_hover_text(reason);
    }
}

/// The first event that stands behind the stream's last one can be appended for real, through the form for it.
fn tail(ui: &mut Ui, scene: &Scene<'_>, branch: &Branch, last: crate::event::Version, out: &mut Vec<Command>) {
    let Some(insertion) = branch.tail(last).next() else { return };
    ui.add_space(2.0 * theme::STEP);
    let append = Command::AppendInserted(Box::new(insertion.to_new_event()));
    let button = egui::Button::new("Append for real…");
    offer(ui, scene.environment, append, button, "Append for real…", out);
}
