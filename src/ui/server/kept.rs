//! What was gathered before: to be opened without its server, gone on with, or deleted.

use egui::{Align, DragValue, Layout, RichText, ScrollArea, Ui};

use super::super::controls::{command_button, dim, link};
use super::super::numbers::{grouped, size};
use super::super::scene::Scene;
use super::super::theme;
use super::draft::ServerDraft;
use crate::model::Command;
use crate::session::servers::{KEPT_DAYS, KeptSlice, ServerView, go_on};

/// How high the list may get, in points.
const HEIGHT: f32 = 120.0;

/// For how many days slices can be kept.
const DAYS: std::ops::RangeInclusive<u32> = 1..=3_650;

/// Paints the list, where there is something in it.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, view: &ServerView, draft: &mut ServerDraft, out: &mut Vec<Command>) {
    if view.kept.is_empty() {
        return;
    }
    ui.separator();
    ui.horizontal(|ui| {
        ui.label(RichText::new("Gathered before").font(theme::section()).color(theme::palette(ui).dim));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| days(ui, view, draft, out));
    });
    ScrollArea::vertical().id_salt("kept").max_height(HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        for kept in view.kept.iter() {
            row(ui, scene, view, kept, out);
        }
    });
}

/// For how long they are kept.
fn days(ui: &mut Ui, view: &ServerView, draft: &mut ServerDraft, out: &mut Vec<Command>) {
    let mut days = draft.days.or(view.kept_days).unwrap_or(KEPT_DAYS);
    ui.label(dim(ui, "days"));
    let value = ui.add(DragValue::new(&mut days).range(DAYS)).accessible_name("Days that slices are kept");
    if value.changed() {
        draft.days = Some(days);
    }
    if (value.drag_stopped() || value.lost_focus() || value.changed() && !value.dragged())
        && let Some(days) = draft.days.take()
    {
        out.push(Command::KeepSlices(days));
    }
    ui.label(dim(ui, "Deleted once nobody opened them for"));
}

/// Of when a slice is, to the minute.
fn as_of(stored: &str) -> String {
    let moment = chrono::DateTime::parse_from_rfc3339(stored).map(|moment| moment.to_utc());
    moment.map_or_else(|_| stored.to_owned(), |moment| moment.format("of %Y-%m-%d %H:%M UTC").to_string())
}

fn row(ui: &mut Ui, scene: &Scene<'_>, view: &ServerView, kept: &KeptSlice, out: &mut Vec<Command>) {
    let slice = &kept.slice;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = format!("{} of {}", slice.what, slice.table);
            let forget = link(ui, "Forget", false).accessible_name(format!("Forget {name}"));
            if forget.on_hover_text(Command::ForgetKept(kept.file.clone()).entry().help).clicked() {
                out.push(Command::ForgetKept(kept.file.clone()));
            }
            if link(ui, "Open", false).accessible_name(format!("Open {name}")).clicked() {
                out.push(Command::OpenPath(kept.file.clone()));
            }
            if let Some(asked) = go_on(view, kept) {
                command_button(ui, scene.environment, Command::GatherSlice(Box::new(asked)), Some("Go on"), out);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let state = if slice.whole {
                    as_of(&slice.as_of)
                } else {
                    format!("unfinished, {} events", grouped(slice.events))
                };
                // Where a server is connected to, only what is of another one has to say of which.
                let is_here = view.server.as_ref() == Some(&slice.server);
                let place = if is_here { String::new() } else { format!(" on {}", slice.server) };
                let text = format!("{name}{place} · {state} · {}", size(kept.bytes));
                let hover = kept.file.display().to_string();
                ui.add(egui::Label::new(text).truncate()).on_hover_text(hover);
            });
        });
    });
}
