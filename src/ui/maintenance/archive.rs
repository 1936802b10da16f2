//! The window for archiving: what goes is chosen, counted and shown before anything is moved.

use egui::{Button, RichText, ScrollArea, Ui};

use super::super::controls::{failure, main_button, offer};
use super::super::dialogs::dialog;
use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::theme;
use super::{MaintenanceDraft, field, filled, note};
use crate::filter::Moment;
use crate::model::{Archiving, Command};
use crate::session::{ArchivePlan, Loading};

/// The width of the window, in points.
const WIDTH: f32 = 520.0;

/// How many streams of a plan are listed.
const LISTED: usize = 200;

/// The height of that list, in points.
const LIST: f32 = 132.0;

/// Asks what is to be archived, and shows what that would be.
pub fn archive(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MaintenanceDraft, out: &mut Vec<Command>) {
    dialog(ui, "Archive", WIDTH, out, |ui, out| {
        note(
            ui,
            "Events move into a second file beside the store. They are read as before, and can be brought back with \
             `eventscope restore`. Every condition that is filled in must hold.",
        );
        field(ui, "Streams that ended with", "*.closed", &mut draft.closed);
        field(ui, "Streams of the aggregate type", "account", &mut draft.aggregate_type);
        field(ui, "Events recorded before", "2026-01-01", &mut draft.before);
        let wanted = wanted(draft);
        let shown = draft.plan.as_ref().filter(|(planned, _)| wanted.as_ref() == Ok(planned)).map(|(_, plan)| plan);
        if let Some(plan) = shown {
            planned(ui, plan);
        }
        let ready = shown.and_then(Loading::value).map(|plan| plan.events);
        buttons(ui, scene, wanted, ready, out);
    });
}

/// What was typed, or what is wrong with it.
fn wanted(draft: &MaintenanceDraft) -> Result<Archiving, &'static str> {
    let before = match filled(&draft.before) {
        Some(text) => {
            Some(Moment::parse(&text).ok_or("Write a date such as 2026-01-01, or with a time, 2026-01-01T12:00.")?)
        }
        None => None,
    };
    let wanted = Archiving {
        closed: filled(&draft.closed),
        aggregate_type: filled(&draft.aggregate_type),
        before: before.map(|moment| moment.utc()),
    };
    if wanted == Archiving::default() { Err("Fill in at least one condition.") } else { Ok(wanted) }
}

fn planned(ui: &mut Ui, plan: &Loading<std::sync::Arc<ArchivePlan>>) {
    match (plan.value(), plan) {
        (Some(plan), _) => listed(ui, plan),
        (None, Loading::Failed(error)) => failure(ui, error),
        (None, _) => note(ui, "Looking for what can be archived…"),
    }
}

fn listed(ui: &mut Ui, plan: &ArchivePlan) {
    let palette = theme::palette(ui);
    if plan.events == 0 {
        note(ui, "Nothing in the store's own file fits.");
        return;
    }
    let streams = i128::try_from(plan.streams.len()).unwrap_or_default();
    let noun = if streams == 1 { "stream" } else { "streams" };
    let into = plan.archive.file_name().unwrap_or_default().to_string_lossy();
    let new = if plan.new_archive { ", which will be made" } else { "" };
    let text = format!("{} events of {} {noun} would move to {into}{new}.", grouped(plan.events), grouped(streams));
    ui.add(egui::Label::new(RichText::new(text).color(palette.text)).wrap())
        .on_hover_text(plan.archive.display().to_string());
    let area = ScrollArea::vertical().id_salt("planned streams").max_height(LIST).auto_shrink([false, true]);
    area.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP / 2.0;
        for planned in plan.streams.iter().take(LISTED) {
            let line = format!("{}  v{}–v{}", planned.stream, grouped(planned.first), grouped(planned.last));
            ui.label(RichText::new(line).font(theme::mono()).color(palette.dim));
        }
        if plan.streams.len() > LISTED {
            let more = i128::try_from(plan.streams.len() - LISTED).unwrap_or_default();
            note(ui, format!("and {} more streams", grouped(more)));
        }
    });
}

fn buttons(
    ui: &mut Ui,
    scene: &Scene<'_>,
    wanted: Result<Archiving, &'static str>,
    ready: Option<u64>,
    out: &mut Vec<Command>,
) {
    ui.add_space(theme::STEP);
    ui.horizontal(|ui| {
        match (wanted, ready) {
            (Ok(_), Some(events)) if events > 0 => {
                let text = format!("Archive {} events", grouped(events));
                let button = main_button(ui, &text);
                offer(ui, scene.environment, Command::Archive, button, &text, out);
            }
            (Ok(wanted), _) => {
                let button = main_button(ui, "Show what would go");
                let command = Command::PlanArchive(Box::new(wanted));
                offer(ui, scene.environment, command, button, "Show what would go", out);
            }
            (Err(reason), _) => {
                ui.add_enabled(false, Button::new("Show what would go")).on_disabled_hover_text(reason);
            }
        }
        if ui.button("Cancel").clicked() {
            out.push(Command::CloseOverlay);
        }
    });
}
