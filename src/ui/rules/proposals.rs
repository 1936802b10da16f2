//! The rules that were found for what a person says, each with what else it changes; and where two of them differ, which
//! only a person can decide.

use egui::{Button, CollapsingHeader, Frame, Label, RichText, Ui};

use super::correct_draft::{shortened, written};
use super::jq_text::lay_out;
use crate::codec::{visible, visible_lines};
use crate::event::StreamName;
use crate::model::{Command, RuleEdits};
use crate::session::{Change, Doubt, Proposal, Proposals, StreamChanges, Told};
use crate::ui::controls::{dim, main_button, offer};
use crate::ui::numbers::grouped;
use crate::ui::scene::Scene;
use crate::ui::theme;

/// How many rules of a proposal are shown before they are asked for.
const OPEN: usize = 2;

/// Paints them; what a person says is right where two differ.
pub(super) fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    proposals: &Proposals,
    stream: &StreamName,
    out: &mut Vec<Command>,
) -> Option<Told> {
    if proposals.list.is_empty() {
        let text = dim(ui, "No rule was found that makes it so. More corrections, at other versions, say more.");
        ui.add(Label::new(text).wrap());
        return None;
    }
    let answer = proposals.doubt.as_ref().and_then(|doubt| ask(ui, doubt));
    for (index, proposal) in proposals.list.iter().enumerate() {
        card(ui, scene, index, proposal, stream, out);
    }
    answer
}

/// Where two explanations remain: which value is right.
fn ask(ui: &mut Ui, doubt: &Doubt) -> Option<Told> {
    let palette = theme::palette(ui);
    let mut answer = None;
    let frame = Frame::new().fill(palette.chg_bg).corner_radius(theme::ROUNDING).inner_margin(8);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let place = written(&doubt.pointer);
        let text = format!(
            "Several rules explain it. They differ at version {} of {}: what is {place} there?",
            grouped(doubt.version),
            doubt.stream
        );
        ui.add(Label::new(RichText::new(visible(&text)).color(palette.text)).wrap());
        ui.horizontal_wrapped(|ui| {
            for (index, value) in &doubt.answers {
                let text = value.as_ref().map_or_else(|| "nothing".to_owned(), |value| shortened(&value.to_string()));
                let button = ui.button(RichText::new(visible(&text)).font(theme::mono()));
                let button = button.accessible_name(format!("{place} is {text}"));
                if button.on_hover_text(format!("As rule {} gives it", index + 1)).clicked() {
                    answer = Some(Told {
                        stream: doubt.stream.clone(),
                        version: doubt.version,
                        pointer: doubt.pointer.clone(),
                        value: value.clone(),
                    });
                }
            }
        });
    });
    answer
}

fn card(
    ui: &mut Ui,
    scene: &Scene<'_>,
    index: usize,
    proposal: &Proposal,
    stream: &StreamName,
    out: &mut Vec<Command>,
) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.bg).corner_radius(theme::ROUNDING).inner_margin(10);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = theme::STEP;
        ui.horizontal(|ui| {
            ui.label(RichText::new(format!("Rule {}", index + 1)).font(theme::semibold()).color(palette.text));
            let explained = proposal.explained;
            if explained.of > 0 {
                let text = format!("makes {} of {} so", explained.agree, explained.of);
                let color = if explained.is_whole() { palette.add } else { palette.chg };
                ui.label(RichText::new(text).font(theme::small()).color(color));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let save = Command::SaveRules(Box::new(edits(proposal, stream)));
                let name = format!("Keep rule {}", index + 1);
                let text = "Keep this rule";
                let button = if index == 0 { main_button(ui, text) } else { Button::new(text) };
                offer(ui, scene.environment, save, button, &name, out);
            });
        });
        for effect in &proposal.effects {
            let text = format!("{}: {} {}", effect.event_type, written(&effect.pointer), effect.effect);
            ui.add(Label::new(RichText::new(visible(&text)).font(theme::mono()).color(palette.text)).wrap());
        }
        rules(ui, index, proposal);
        for changes in &proposal.changes {
            changed(ui, changes, *stream == changes.stream);
        }
    });
}

/// The rules as they would be.
fn rules(ui: &mut Ui, index: usize, proposal: &Proposal) {
    let palette = theme::palette(ui);
    let title = format!("The rules as they would be ({})", proposal.rules.len());
    let header = CollapsingHeader::new(RichText::new(title).font(theme::small()).color(palette.dim));
    let open = index == 0 && proposal.rules.len() <= OPEN;
    header.id_salt(("proposed rules", index)).default_open(open).show(ui, |ui| {
        for (event_type, (_, rule)) in &proposal.rules {
            ui.label(RichText::new(visible(event_type)).font(theme::small()).color(palette.dim));
            ui.add(Label::new(lay_out(&visible_lines(rule), None, ui.available_width(), palette)).wrap());
        }
        if let Some(initial) = &proposal.initial {
            ui.label(RichText::new("Before the first event").font(theme::small()).color(palette.dim));
            ui.add(
                Label::new(lay_out(&visible_lines(&initial.to_string()), None, ui.available_width(), palette)).wrap(),
            );
        }
    });
}

/// What else it changes in a stream.
fn changed(ui: &mut Ui, changes: &StreamChanges, here: bool) {
    let of = if here { "This stream".to_owned() } else { changes.stream.to_string() };
    let text = if changes.changed == 0 {
        format!("{of}: nothing else changes in {} versions", grouped(changes.versions))
    } else {
        let places: Vec<String> = changes.places.iter().map(|place| written(place)).collect();
        format!(
            "{of}: {} of {} versions change, in {}",
            grouped(changes.changed),
            grouped(changes.versions),
            places.join(", ")
        )
    };
    let text = dim(ui, text).font(theme::small());
    let label = ui.add(Label::new(text).wrap());
    if !changes.first.is_empty() {
        let lines: Vec<String> =
            changes.first.iter().map(|(version, change)| format!("v{}: {}", grouped(*version), one(change))).collect();
        let first = lines.first().cloned().unwrap_or_default();
        label.on_hover_text(visible_lines(&lines.join("\n")));
        let text = dim(ui, first).font(theme::mono());
        ui.indent("change", |ui| ui.add(Label::new(text).truncate()));
    }
}

/// `.balance 50 → 150`.
fn one(change: &Change) -> String {
    let value = |value: &Option<serde_json::Value>| {
        value.as_ref().map_or_else(|| "nothing".to_owned(), |value| shortened(&value.to_string()))
    };
    format!("{} {} → {}", written(&change.path), value(&change.before), value(&change.after))
}

fn edits(proposal: &Proposal, stream: &StreamName) -> RuleEdits {
    let rules = proposal.rules.iter().map(|(event_type, (_, rule))| (event_type.clone(), Some(rule.clone())));
    RuleEdits {
        rules: rules.collect(),
        initial: proposal.initial.as_ref().map(ToString::to_string),
        ..RuleEdits::new(&stream.aggregate_type)
    }
}
