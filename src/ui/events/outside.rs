//! What is said when the selected event is not among the rows, because the filter leaves it out: that it is so, where it
//! would be, and the way there.

use egui::{Align, Button, Label, Layout, Panel, RichText, Ui};

use super::super::scene::Scene;
use super::super::{controls, numbers, theme};
use crate::model::Command;
use crate::session::{EventPlace, Session};

/// The height of the line, in points.
const HEIGHT: f32 = 34.0;

/// Paints the line beneath the rows, where the selected event is not among them.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, session: &Session, out: &mut Vec<Command>) {
    let place = &scene.view.place;
    let Some(position) = place.event.filter(|_| !place.filter.is_empty()) else { return };
    if !matches!(session.place_of(position), EventPlace::Hidden { .. }) {
        return;
    }
    let frame = egui::Frame::new().fill(theme::palette(ui).panel).inner_margin(egui::Margin::symmetric(12, 4));
    Panel::bottom("outside the filter").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = Button::new("Show it");
            controls::offer(ui, scene.environment, Command::ClearFilter, button, "Show it without the filter", out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let palette = theme::palette(ui);
                let text = format!("Event {} is outside the filter.", numbers::grouped(position));
                ui.add(Label::new(RichText::new(text).color(palette.dim)).truncate());
            });
        });
    });
}
