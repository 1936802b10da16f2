//! The head of the state panel: where the state comes from, what is offered in its place, and which events no rule is for.

use egui::{Align, Button, Frame, Label, Layout, RichText, Ui};

use super::controls::{command_button, faint, link, offer};
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use super::whence::whence;
use crate::codec::{visible, visible_lines};
use crate::event::StreamName;
use crate::model::Command;
use crate::session::{Agreement, History, ReducersInfo, Session};

/// How many event types without a rule are named.
const NAMED: usize = 8;

/// Paints it, for the streams of the shown one's type.
pub(super) fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    stream: &StreamName,
    history: Option<&History>,
    out: &mut Vec<Command>,
) {
    let reducers = session.reducers(&stream.aggregate_type);
    comes_from(ui, scene, &reducers, out);
    if let Some(agreement) = history.and_then(|history| history.agreement) {
        agrees(ui, &reducers, agreement);
    }
    if let Some(label) = session.offered_rules(&stream.aggregate_type) {
        offered(ui, scene, &label, out);
    }
    if let Some(history) = history {
        unhandled(ui, history, out);
    }
}

/// "learnt: agrees with 112 of 112 snapshots", "your rules", "guess: merge patch".
fn comes_from(ui: &mut Ui, scene: &Scene<'_>, reducers: &ReducersInfo, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let text = if reducers.error.is_some() {
        RichText::new(visible(&format!("{} (your reducers could not be used)", reducers.label))).color(palette.del)
    } else {
        faint(ui, &reducers.label)
    };
    ui.horizontal(|ui| {
        ui.set_height(theme::TREE_ROW);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if reducers.command.is_none() {
                let button = Button::new(RichText::new("Rules…").font(theme::small())).small();
                offer(ui, scene.environment, Command::EditRules, button, "Edit rules…", out);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(text.font(theme::small())).truncate())
                    .on_hover_text(visible_lines(&whence(reducers)));
            });
        });
    });
}

/// How far the rules can be trusted. Rules that were learnt from the snapshots say it themselves.
fn agrees(ui: &mut Ui, reducers: &ReducersInfo, agreement: Agreement) {
    let palette = theme::palette(ui);
    let all = agreement.matching == agreement.total;
    let said = format!("agrees with {} of {} snapshots", agreement.matching, agreement.total);
    if reducers.label.contains(&said) {
        return;
    }
    let text = format!("matches {} of {} snapshots", grouped(agreement.matching), grouped(agreement.total));
    let color = if all { palette.add } else { palette.chg };
    ui.label(RichText::new(text).font(theme::small()).color(color))
        .on_hover_text("How many of the snapshots that the database holds the reducers reproduce exactly.");
}

/// Offers better rules that were found. What is on screen stays as it is until a person takes them.
fn offered(ui: &mut Ui, scene: &Scene<'_>, label: &str, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.accent_bg).corner_radius(theme::ROUNDING).inner_margin(8);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let text = RichText::new(visible(&format!("Better rules were found: {label}"))).color(palette.text);
        ui.add(Label::new(text).wrap());
        command_button(ui, scene.environment, Command::UseFoundRules, Some("Use these rules"), out);
    });
}

/// The types of this stream's events that no rule is for, each the way to writing one.
fn unhandled(ui: &mut Ui, history: &History, out: &mut Vec<Command>) {
    if history.unhandled.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("No rule is for:").font(theme::small()).color(palette.chg));
        for event_type in history.unhandled.iter().take(NAMED) {
            let way = link(ui, &visible(event_type), true).accessible_name(format!("Write a rule for {event_type}"));
            if way.on_hover_text("Write a rule for it").clicked() {
                out.push(Command::EditRuleOf(event_type.to_string()));
            }
        }
        if history.unhandled.len() > NAMED {
            let text = faint(ui, format!("and {} more", history.unhandled.len() - NAMED));
            ui.label(text);
        }
    });
}
