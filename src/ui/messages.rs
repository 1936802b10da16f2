//! Messages over the lower right corner: what went well or wrong, what to do, and a way to put each away.

use egui::{Align, Align2, Button, Layout, RichText, Stroke, Ui, UiBuilder, vec2};

use super::controls::{command_button, dim};
use super::scene::{Message, Scene, Tone};
use super::theme;
use crate::codec::visible_lines;
use crate::model::Command;

/// The width of a message, in points.
const WIDTH: f32 = 380.0;

/// Paints the messages, newest at the bottom.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    if scene.messages.is_empty() {
        return;
    }
    // Navigation is never beneath a message.
    let timeline = if scene.view.timeline_shown && scene.session.is_some() { theme::TIMELINE } else { 0.0 };
    let offset = vec2(-theme::MARGIN, -theme::STATUS - timeline - theme::MARGIN);
    egui::Area::new(egui::Id::unique("messages"))
        .order(egui::Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, offset)
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            for message in scene.messages {
                one(ui, scene, message, out);
            }
        });
}

fn one(ui: &mut Ui, scene: &Scene<'_>, message: &Message, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let (sign, color) = match message.tone {
        Tone::Good => ("+", palette.add),
        Tone::Bad => ("!", palette.del),
    };
    let frame = egui::Frame::popup(ui.style()).fill(palette.raise).stroke(Stroke::new(1.0, color)).inner_margin(12);
    let builder = UiBuilder::new().accessibility_role(egui::accesskit::Role::Alert);
    ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(WIDTH - 26.0);
            ui.horizontal_top(|ui| {
                ui.label(RichText::new(sign).font(theme::mono_bold()).color(color));
                ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                    if ui.add(Button::new("×").frame(false)).accessible_name("Dismiss").clicked() {
                        out.push(Command::DismissNotice(message.id));
                    }
                    ui.with_layout(Layout::top_down(Align::Min), |ui| words(ui, scene, message, out));
                });
            });
        });
    });
}

fn words(ui: &mut Ui, scene: &Scene<'_>, message: &Message, out: &mut Vec<Command>) {
    ui.add(egui::Label::new(visible_lines(&message.text)).wrap());
    if let Some(hint) = &message.hint {
        let hint = dim(ui, hint);
        ui.add(egui::Label::new(hint).wrap());
    }
    if let Some(offer) = &message.offer {
        command_button(ui, scene.environment, offer.clone(), None, out);
    }
}
