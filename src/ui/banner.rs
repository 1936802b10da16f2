//! The line under the title bar that says how the file stands: replaced, locked, gone; or what is not shown of it.

use egui::{Align, Color32, Frame, Layout, Margin, Panel, RichText, Stroke, Ui, UiBuilder};

use super::controls::command_button;
use super::scene::Scene;
use super::theme;
use crate::codec::{visible, visible_lines};
use crate::model::Command;
use crate::profile::{Level, Role};
use crate::session::{FileStatus, Mode, Overview, Session};

/// What a banner says, and what it offers.
struct Banner {
    text: String,
    /// Whether what is shown may no longer be what the file says.
    bad: bool,
    offers: Vec<(Command, &'static str)>,
}

/// Paints what there is to say of the open file; nothing where all is well.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    let Some(overview) = session.overview() else { return };
    let palette = theme::palette(ui);
    for (index, banner) in banners(session, overview).into_iter().enumerate() {
        let (ground, color): (Color32, Color32) =
            if banner.bad { (palette.del_bg, palette.del) } else { (palette.chg_bg, palette.chg) };
        #[expect(clippy::cast_possible_truncation, reason = "margins are small")]
        let margin = Margin::symmetric(theme::MARGIN as i8, theme::STEP as i8);
        let frame = Frame::new().fill(ground).inner_margin(margin).stroke(Stroke::NONE);
        Panel::top(egui::Id::unique(("banner", index))).frame(frame).show(ui, |ui| {
            let builder = UiBuilder::new().accessibility_role(egui::accesskit::Role::Alert);
            ui.scope_builder(builder, |ui| one(ui, scene, &banner, color, out));
        });
    }
}

fn one(ui: &mut Ui, scene: &Scene<'_>, banner: &Banner, color: Color32, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("!").font(theme::mono_bold()).color(color));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for (command, text) in banner.offers.iter().rev() {
                command_button(ui, scene.environment, command.clone(), Some(text), out);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(visible(&banner.text)).truncate()).on_hover_text(visible_lines(&banner.text));
            });
        });
    });
}

fn banners(session: &Session, overview: &Overview) -> Vec<Banner> {
    let mut banners = Vec::new();
    banners.extend(of_status(session.file_status(), overview));
    banners.extend(of_guess(overview));
    if !overview.notes.is_empty() {
        let text = format!("{}: {}", overview.mode.title(), overview.notes.join(" "));
        let offers = if overview.mode == Mode::Frozen { vec![(Command::ReadLive, "Read live")] } else { Vec::new() };
        banners.push(Banner { text, bad: false, offers });
    }
    banners
}

/// What is in doubt where the events are a guess, and the way to the table itself.
fn of_guess(overview: &Overview) -> Option<Banner> {
    if !overview.has_events() || overview.confidence.level() != Level::Guess {
        return None;
    }
    let table = overview.tables.iter().find(|table| table.role == Some(Role::Events));
    let mut offers: Vec<(Command, &'static str)> =
        table.map(|table| (Command::ShowTable(table.name.to_string()), "Show the plain table")).into_iter().collect();
    offers.push((Command::EditMapping, "Edit mapping…"));
    Some(Banner { text: overview.reason.clone(), bad: false, offers })
}

fn of_status(status: &FileStatus, overview: &Overview) -> Option<Banner> {
    let reopen = || vec![(Command::Reopen, "Reopen")];
    let file = &overview.file_name;
    let bad = |text: String| Some(Banner { text, bad: true, offers: reopen() });
    match status {
        FileStatus::Sound => None,
        FileStatus::Changed => Some(Banner {
            text: format!("{file} has changed since it was opened. What is shown is older."),
            bad: false,
            offers: if overview.mode == Mode::Copy { vec![(Command::ReadCopy, "Take a new copy")] } else { reopen() },
        }),
        FileStatus::Replaced => {
            bad(format!("{file} was replaced by another file. What is shown is the one from before."))
        }
        FileStatus::Truncated => bad(format!("{file} was cut short. What was read stays on the screen.")),
        FileStatus::Gone => {
            bad(format!("{file} is gone: deleted, moved or renamed. What was read stays on the screen."))
        }
        FileStatus::Locked => Some(Banner {
            text: format!("Another process holds {file} locked. It is followed again once it is free."),
            bad: false,
            offers: vec![(Command::ReadFrozen, "Read frozen")],
        }),
        FileStatus::Unreadable(reason) => bad(format!("{file} cannot be read any more: {reason}.")),
    }
}
