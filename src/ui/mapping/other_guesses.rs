//! What else the file could be: other profiles that fit, and other tables that look like events.

use egui::{Label, RichText, Ui};

use super::draft::MappingDraft;
use crate::profile::Detection;
use crate::session::Guesses;
use crate::ui::controls::{faint, heading, link, sentence};
use crate::ui::theme;

/// Paints what else fits, each with how sure it is and why.
pub(super) fn show(ui: &mut Ui, guesses: &Guesses, draft: &mut MappingDraft) {
    let shown = draft.guess.clone();
    let is_shown = |found: &Detection| shown.as_ref().is_some_and(|shown| **shown == *found);
    let others: Vec<&Detection> =
        guesses.current.iter().chain(&guesses.others).filter(|found| !is_shown(found)).collect();
    if others.is_empty() {
        return;
    }
    heading(ui, "What else fits", |_| {});
    for found in others {
        ui.horizontal(|ui| {
            let name = format!("Use {}", found.profile.title);
            if link(ui, &found.profile.title, false).accessible_name(name).clicked() {
                draft.take(found);
            }
            let events = &found.profile.events;
            ui.label(RichText::new(&events.table).font(theme::mono()).color(theme::palette(ui).dim));
            let sure = faint(ui, found.confidence.to_string());
            ui.label(sure);
        });
        let reason = faint(ui, sentence(&found.reason));
        ui.add(Label::new(reason).wrap());
    }
}
