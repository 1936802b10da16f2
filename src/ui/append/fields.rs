//! The fields of the form.

use egui::{RichText, Ui};

use super::super::numbers::grouped;
use super::super::theme;
use super::super::widgets::{Entry, triangle};
use super::completion::offers;
use super::{AppendDraft, fit};
use crate::session::{Fit, Session};

/// How many known types or streams are offered at once.
const OFFERED: usize = 40;

/// Paints the fields.
pub(super) fn show(ui: &mut Ui, session: &Session, draft: &mut AppendDraft) {
    ui.spacing_mut().item_spacing = egui::vec2(theme::MARGIN, theme::STEP);
    let kind = draft.aggregate_type.trim().to_owned();
    let known = fit::ask(session, draft);
    let fit = known.value().map(|fit| &**fit);
    let (aggregate_type, aggregate_id) = (&mut draft.aggregate_type, &mut draft.aggregate_id);
    two(
        ui,
        |ui| entry(ui, "Aggregate type", "order", aggregate_type),
        |ui| with_offers(ui, "Aggregate id", "ord-000418", aggregate_id, |ui| known_ids(ui, session, &kind)),
    );
    two(
        ui,
        |ui| {
            with_offers(ui, "Event type", "order.placed", &mut draft.event_type, |ui| known_types(ui, session));
        },
        |ui| {
            let hint = "the store's default";
            with_offers(ui, "Schema version", hint, &mut draft.schema_version, |ui| known_versions(ui, fit));
        },
    );
    words(ui, "Data");
    let schema = fit.and_then(Fit::schema);
    let offers = |text: &str, at: usize, asked: bool| offers(schema?, text, at, asked);
    draft.data.show_completed(ui, "Data", 10, &mut draft.completion, &offers);
    let known = fit::ask(session, draft);
    fit::show(ui, draft, &known);
    words(ui, "Metadata");
    draft.metadata.show(ui, "Metadata", 4);
    entry(ui, "Actor", "", &mut draft.actor);
    two(
        ui,
        |ui| entry(ui, "Correlation id", "", &mut draft.correlation_id),
        |ui| entry(ui, "Causation id", "", &mut draft.causation_id),
    );
}

fn two(ui: &mut Ui, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    ui.columns(2, |columns| {
        if let [first, second] = columns {
            left(first);
            right(second);
        }
    });
}

fn words(ui: &mut Ui, title: &str) {
    ui.label(RichText::new(title).font(theme::small()).color(theme::palette(ui).dim));
}

fn entry(ui: &mut Ui, name: &str, hint: &str, text: &mut String) {
    words(ui, name);
    Entry { name, hint, id: egui::Id::unique(("append", name)), framed: true }.show(ui, text);
}

/// An entry with a list of what the database knows beside it.
fn with_offers(ui: &mut Ui, name: &str, hint: &str, text: &mut String, offers: impl FnOnce(&mut Ui) -> Option<String>) {
    words(ui, name);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP;
        let menu = ui.menu_button("   ", |ui| egui::ScrollArea::vertical().max_height(320.0).show(ui, offers).inner);
        triangle(ui.painter(), menu.response.rect.center(), true, theme::palette(ui).text);
        menu.response.accessible_name(format!("Known: {name}")).on_hover_text("Those that the database holds.");
        if let Some(chosen) = menu.inner.flatten() {
            *text = chosen;
        }
        Entry { name, hint, id: egui::Id::unique(("append", name)), framed: true }.show(ui, text);
    });
}

fn known_types(ui: &mut Ui, session: &Session) -> Option<String> {
    let overview = session.overview()?;
    let mut chosen = None;
    for (name, count) in overview.event_types.iter().take(OFFERED) {
        let count = grouped(i128::from(*count));
        if ui.add(egui::Button::new(&**name).shortcut_text(count)).clicked() {
            chosen = Some(name.to_string());
            ui.close();
        }
    }
    if overview.event_types.is_empty() {
        ui.label("No event type was seen yet.");
    }
    chosen
}

fn known_versions(ui: &mut Ui, fit: Option<&Fit>) -> Option<String> {
    let versions: Vec<&String> = fit.into_iter().flat_map(|fit| fit.versions.iter().flatten()).collect();
    if versions.is_empty() {
        ui.label("No event of this type was seen that says its version.");
    }
    let mut chosen = None;
    for version in versions.into_iter().take(OFFERED) {
        if ui.button(version).clicked() {
            chosen = Some(version.clone());
            ui.close();
        }
    }
    chosen
}

fn known_ids(ui: &mut Ui, session: &Session, kind: &str) -> Option<String> {
    let streams = session.streams();
    let group = streams.groups.iter().find(|group| &*group.aggregate_type == kind);
    let Some(group) = group.filter(|group| !group.streams.is_empty()) else {
        ui.label("No stream of this type was read yet.");
        return None;
    };
    let mut chosen = None;
    for stream in group.streams.iter().take(OFFERED) {
        if ui.button(&stream.name.aggregate_id).clicked() {
            chosen = Some(stream.name.aggregate_id.clone());
            ui.close();
        }
    }
    let more = group.streams.len().saturating_sub(OFFERED);
    if more > 0 {
        ui.label(format!("and {} more", grouped(i128::try_from(more).unwrap_or_default())));
    }
    chosen
}
