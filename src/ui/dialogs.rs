//! The small windows over the panels: unlocking, opening by path, what this program is.

use egui::{Button, RichText, Ui};

use super::controls::{dim, main_button, offer};
use super::scene::Scene;
use super::theme;
use super::welcome::{PathDraft, path_field};
use super::widgets::Entry;
use crate::event::StreamName;
use crate::filter::Moment;
use crate::model::{Command, DeepLink, LinkPlace};

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
    super::panels::join_over(ui.ctx(), title, response.response.rect);
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

/// The entry for a place in the store: a position, or a moment.
pub fn go_to(ui: &mut Ui, text: &mut String, out: &mut Vec<Command>) {
    dialog(ui, "Go to position or time", 460.0, out, |ui, out| {
        let (id, hint) = (egui::Id::unique("place to go to"), "4,812, 2026-03-14T12:04 or now-2h");
        let entry = Entry { name: "Position or time", hint, id, framed: true }.show(ui, text);
        let entered = entry.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if ui.memory(|memory| memory.focused().is_none()) {
            entry.request_focus();
        }
        let command = place(text.trim());
        let pressed = ui.add_enabled(command.is_some(), main_button(ui, "Go")).accessible_name("Go there").clicked();
        out.extend(command.filter(|_| pressed || entered));
        let note = dim(
            ui,
            "The first event from there on is selected. A moment is in UTC unless it says otherwise. A stream at a version, such as order/71ff@3, or a link is shown.",
        );
        ui.add(egui::Label::new(note).wrap());
    });
}

/// What a person means by a place: digits, grouped or not, are a position, also behind the `@` of a link.
fn place(text: &str) -> Option<Command> {
    let digits = text.strip_prefix('@').unwrap_or(text).replace(',', "");
    // A year alone is four digits, too; a position is what is looked for by a bare number.
    match digits.parse() {
        Ok(position) => Some(Command::GoToPosition(position)),
        Err(_) => Moment::parse(text).map(|moment| Command::GoToMoment(moment.utc())).or_else(|| linked(text)),
    }
}

/// The stream that a link names, or that is named as a link would.
fn linked(text: &str) -> Option<Command> {
    let link = DeepLink::parse(text).or_else(|| {
        let (stream, version) = StreamName::split_version(text);
        let is_name = !stream.is_empty() && (version.is_some() || stream.contains('/'));
        is_name.then(|| DeepLink { file: None, at: Some(LinkPlace::Stream(stream.to_owned(), version)) })
    });
    link.map(Command::GoToLink)
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
