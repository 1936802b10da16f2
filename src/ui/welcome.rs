//! The pages for no file: the welcome, the waiting, and the failure to open.

use egui::{Align, Button, Key, Layout, RichText, TextEdit, Ui, vec2};

use super::controls::{command_button, dim, failure, link, main_button, offer, sentence};
use super::scene::Scene;
use super::theme;
use crate::model::Command;
use crate::session::Session;
use crate::{Error, ErrorKind};

/// The width of the page's column, in points.
const WIDTH: f32 = 460.0;

/// The path that is typed.
#[derive(Debug, Default)]
pub struct PathDraft {
    /// The text, as typed.
    pub text: String,
}

/// Paints the welcome page.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut PathDraft, out: &mut Vec<Command>) {
    page(ui, 420.0, |ui| {
        ui.label(RichText::new("Eventscope").font(theme::title()).color(theme::palette(ui).text));
        let text = dim(ui, "Drop a SQLite event store, or a folder of them, and walk through it.");
        ui.label(text);
        ui.add_space(theme::MARGIN);
        ui.horizontal(|ui| {
            let open = main_button(ui, "Open…");
            offer(ui, scene.environment, Command::Open, open, "Open…", out);
            #[cfg(feature = "postgres")]
            command_button(ui, scene.environment, Command::OpenServer, None, out);
            command_button(ui, scene.environment, Command::OpenDemo, None, out);
            command_button(ui, scene.environment, Command::NewStore, None, out);
        });
        ui.add_space(theme::STEP);
        path_field(ui, draft, out);
        recent(ui, scene, out);
        ui.add_space(theme::MARGIN);
        let note = dim(ui, "A file is opened read-only. Nothing is written to it before you unlock it.");
        ui.add(egui::Label::new(note).wrap());
    });
}

/// Paints the page of a file that is being opened, with how far its copy is where one is made.
pub fn opening(ui: &mut Ui, session: &Session, out: &mut Vec<Command>) {
    page(ui, 120.0, |ui| {
        ui.label(RichText::new("Opening…").font(theme::title()));
        let path = dim(ui, session.request().path.display().to_string());
        ui.add(egui::Label::new(path).wrap());
        for job in session.jobs() {
            ui.add_space(theme::STEP);
            ui.label(&job.title);
            let bar = egui::ProgressBar::new(job.progress.unwrap_or_default()).show_percentage();
            ui.add(bar).accessible_name(&job.title);
            if ui.button("Stop").clicked() {
                out.push(Command::StopJob(job.id.0));
            }
        }
    });
}

/// Paints the page of a file that could not be opened.
pub fn failed(ui: &mut Ui, scene: &Scene<'_>, error: &Error, out: &mut Vec<Command>) {
    page(ui, 260.0, |ui| {
        ui.label(RichText::new("This could not be opened").font(theme::title()));
        failure(ui, error);
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            let text = dim(ui, sentence(&cause.to_string()));
            ui.add(egui::Label::new(text).wrap());
            source = cause.source();
        }
        ui.add_space(theme::MARGIN);
        ui.horizontal(|ui| {
            let open = main_button(ui, "Open another file…");
            offer(ui, scene.environment, Command::Open, open, "Open another file…", out);
            offer(ui, scene.environment, Command::Refresh, Button::new("Try again"), "Try again", out);
            if matches!(error.kind(), ErrorKind::NotLive | ErrorKind::Busy) {
                command_button(ui, scene.environment, Command::ReadCopy, None, out);
                command_button(ui, scene.environment, Command::ReadFrozen, None, out);
            }
            command_button(ui, scene.environment, Command::Close, None, out);
        });
    });
}

/// The entry for a path, with its button.
pub fn path_field(ui: &mut Ui, draft: &mut PathDraft, out: &mut Vec<Command>) -> egui::Response {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let path = draft.text.trim().to_owned();
            let button = ui.add_enabled(!path.is_empty(), Button::new("Open path"));
            let button = button.on_disabled_hover_text("Type or paste a path first.");
            let entry = TextEdit::singleline(&mut draft.text).hint_text("/path/to/events.db").font(theme::mono());
            let entry = entry.desired_width(f32::INFINITY).margin(vec2(9.0, 5.0));
            let entry = ui.add(entry).accessible_name("Path of a file");
            let entered = entry.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if (button.clicked() || entered) && !path.is_empty() {
                out.push(Command::OpenPath(path.into()));
            }
            entry
        })
        .inner
    })
    .inner
}

fn recent(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let recent = scene.settings.recent();
    if recent.is_empty() {
        return;
    }
    ui.add_space(theme::MARGIN);
    ui.label(RichText::new("Recent files").font(theme::section()).color(theme::palette(ui).dim));
    for (index, path) in recent.iter().enumerate() {
        ui.horizontal(|ui| {
            let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.display().to_string());
            if link(ui, &name, false).on_hover_text(path.display().to_string()).clicked() {
                out.push(Command::OpenRecent(index));
            }
            let folder = path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
            let folder = super::controls::faint(ui, folder);
            ui.add(egui::Label::new(folder).truncate());
        });
    }
}

/// A column in the middle of the window, about `height` points high.
fn page(ui: &mut Ui, height: f32, add_contents: impl FnOnce(&mut Ui)) {
    let area = ui.available_rect_before_wrap();
    let width = WIDTH.min(area.width() - 2.0 * theme::MARGIN);
    let top = (area.height() - height).max(0.0) * 0.4;
    let left = (area.width() - width) / 2.0;
    let rect = egui::Rect::from_min_size(area.min + vec2(left, top + theme::MARGIN), vec2(width, area.height() - top));
    ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0 * theme::STEP;
        egui::ScrollArea::vertical().show(ui, |ui| ui.vertical(add_contents));
    });
}
