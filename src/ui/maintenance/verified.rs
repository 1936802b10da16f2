//! The window with what verifying found, and the way to the first event that is not as it was written.

use egui::{Button, Color32, RichText, Ui};

use super::super::controls::{main_button, offer, sentence};
use super::super::dialogs::dialog;
use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::theme;
use super::{MaintenanceDraft, file_name, note};
use crate::model::Command;
use crate::session::Verified;

/// The width of the window, in points.
const WIDTH: f32 = 520.0;

/// Shows what verifying found.
pub fn verified(ui: &mut Ui, scene: &Scene<'_>, draft: &MaintenanceDraft, out: &mut Vec<Command>) {
    let Some(found) = &draft.verified else {
        out.push(Command::CloseOverlay);
        return;
    };
    dialog(ui, "Verification", WIDTH, out, |ui, out| {
        let palette = theme::palette(ui);
        let (how, color) = if found.is_sound() { ("is", palette.add) } else { ("is not", palette.del) };
        let text = format!("{} {how} as it was written", file_name(scene));
        ui.add(egui::Label::new(RichText::new(text).font(theme::semibold()).color(color)).wrap());
        file(ui, found);
        if found.damage.is_empty() {
            events(ui, found);
            chain(ui, found, out);
        }
        ui.add_space(theme::STEP);
        ui.horizontal(|ui| {
            let fault = found.found.fault.as_ref().filter(|fault| fault.position > 0);
            if let Some(fault) = fault {
                let text = format!("Go to position {}", grouped(fault.position));
                let button = main_button(ui, &text);
                if offer(ui, scene.environment, Command::SelectEvent(fault.position), button, &text, out).clicked() {
                    out.push(Command::CloseOverlay);
                }
            }
            offer(ui, scene.environment, Command::VerifyStore, Button::new("Verify again"), "Verify again", out);
        });
    });
}

/// A finding with its sign, so that colour is not alone in saying how good it is.
fn finding(ui: &mut Ui, well: bool, text: impl Into<String>) {
    let palette = theme::palette(ui);
    let (sign, color): (&str, Color32) = if well { ("+", palette.add) } else { ("!", palette.del) };
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(sign).font(theme::mono_bold()).color(color));
        ui.add(egui::Label::new(text.into()).wrap());
    });
}

fn file(ui: &mut Ui, found: &Verified) {
    match found.damage.as_slice() {
        [] => finding(ui, true, "SQLite finds nothing wrong with the file."),
        damage => {
            finding(ui, false, "SQLite finds the file damaged; its events were not read.");
            for line in damage.iter().take(12) {
                ui.add(egui::Label::new(RichText::new(line).font(theme::mono())).wrap());
            }
            note(ui, "Work on a copy. Compare it with a backup, and try SQLite's own recovery.");
        }
    }
}

fn events(ui: &mut Ui, found: &Verified) {
    let events = grouped(found.found.events);
    match &found.found.fault {
        None => {
            finding(ui, true, format!("{events} events are in order: versions, times, data, and the list of streams."));
        }
        Some(fault) => {
            finding(ui, false, format!("Position {}: {}", grouped(fault.position), sentence(&fault.reason)));
            note(ui, format!("The {events} events before it are in order. Compare the store with a backup."));
        }
    }
}

fn chain(ui: &mut Ui, found: &Verified, out: &mut Vec<Command>) {
    if !found.found.chained {
        note(ui, "The store keeps no hash chain: a change that leaves an event well-formed would not be seen.");
        return;
    }
    if found.found.fault.is_some() {
        return;
    }
    finding(ui, true, "The hash chain holds over all of them.");
    let Some(hash) = &found.last_hash else { return };
    note(ui, "Its last hash. Kept elsewhere, it also shows whether the newest events were taken away.");
    ui.horizontal(|ui| {
        let copy = ui.button("Copy").on_hover_text("Copy the last hash.");
        if copy.clicked() {
            out.push(Command::CopyText(hash.clone()));
        }
        ui.add(egui::Label::new(RichText::new(hash).font(theme::mono())).truncate());
    });
}
