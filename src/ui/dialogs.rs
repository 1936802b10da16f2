//! The small windows over the panels: unlocking, opening by path, what this program is.

use egui::{Button, RichText, Ui};

use super::controls::{dim, main_button, offer};
use super::scene::Scene;
use super::theme;
use super::welcome::{PathDraft, path_field};
use crate::model::Command;

/// A window over the panels with a title and a way to close it; Escape and a click beside it close it too.
pub fn dialog<R>(
    ui: &mut Ui,
    title: &str,
    width: f32,
    out: &mut Vec<Command>,
    add_contents: impl FnOnce(&mut Ui, &mut Vec<Command>) -> R,
) -> R {
    let frame = egui::Frame::window(ui.style()).inner_margin(16);
    let response = egui::Modal::new(egui::Id::unique(title)).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width.min(ui.ctx().content_rect().width() - 64.0));
        ui.spacing_mut().item_spacing.y = 2.0 * theme::STEP;
        ui.horizontal(|ui| {
            ui.label(RichText::new(title).font(theme::medium(16.0)).color(theme::palette(ui).text));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.add(Button::new("×").frame(false)).accessible_name("Close").clicked() {
                    out.push(Command::CloseOverlay);
                }
            });
        });
        add_contents(ui, out)
    });
    if response.should_close() {
        out.push(Command::CloseOverlay);
    }
    response.inner
}

/// Asks before writing is allowed; names the file.
pub fn unlock(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let file = scene.session.and_then(|session| session.overview());
    dialog(ui, "Unlock for writing", 440.0, out, |ui, out| {
        let palette = theme::palette(ui);
        if let Some(overview) = file {
            ui.label(RichText::new(&overview.file_name).font(theme::semibold()).color(palette.chg));
            let path = RichText::new(overview.path.display().to_string()).font(theme::mono()).color(palette.dim);
            ui.add(egui::Label::new(path).wrap());
        }
        let text = "Events that you append are written to this file and cannot be taken back: an event store only \
                    grows. Other programs that use the file will see them.";
        ui.add(egui::Label::new(text).wrap());
        let note = dim(ui, "Nothing is written until you append an event. Locking again is one command away.");
        ui.add(egui::Label::new(note).wrap());
        ui.add_space(theme::STEP);
        ui.horizontal(|ui| {
            let button = main_button(ui, "Unlock this file");
            offer(ui, scene.environment, Command::ConfirmUnlock, button, "Unlock this file", out);
            if ui.button("Stay read-only").clicked() {
                out.push(Command::CloseOverlay);
            }
        });
    });
}

/// The entry for a path to open.
pub fn open_path(ui: &mut Ui, draft: &mut PathDraft, out: &mut Vec<Command>) {
    dialog(ui, "Open by path", 520.0, out, |ui, out| {
        let entry = path_field(ui, draft, out);
        if ui.memory(|memory| memory.focused().is_none()) {
            entry.request_focus();
        }
    });
}

/// What this program is.
pub fn about(ui: &mut Ui, out: &mut Vec<Command>) {
    dialog(ui, "About Eventscope", 440.0, out, |ui, _| {
        ui.label(format!("Version {}", env!("CARGO_PKG_VERSION")));
        ui.add(egui::Label::new(env!("CARGO_PKG_DESCRIPTION")).wrap());
        let licence = dim(
            ui,
            format!(
                "Licence: {}. The fonts are Inter and JetBrains Mono, under the SIL Open Font Licence 1.1.",
                env!("CARGO_PKG_LICENSE")
            ),
        );
        ui.add(egui::Label::new(licence).wrap());
    });
}
