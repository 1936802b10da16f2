//! The line that says around which event of a filter one looks, with its other neighbours and the way back.

use egui::{Align, Button, Frame, Label, Layout, Margin, RichText, Ui, vec2};

use super::super::scene::Scene;
use super::super::{controls, numbers, theme};
use crate::model::{Command, Neighbours};

/// Paints the line, while one looks around.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let Some(around) = &scene.view.place.around else { return };
    let palette = theme::palette(ui);
    let frame = Frame::new().outer_margin(Margin { left: 20, right: 12, top: 0, bottom: 6 });
    frame.show(ui, |ui| {
        // As high as its buttons: a layout that centres would else take all the height there is.
        let line = vec2(ui.available_width(), theme::ROW);
        ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * theme::STEP;
            let back = Command::BackToFilter;
            controls::command_button(ui, scene.environment, back, None, out).on_hover_text(&around.from.filter);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = format!("Around event {}", numbers::grouped(around.event));
                ui.add(Label::new(RichText::new(text).color(palette.dim)));
                for (title, neighbours, command) in [
                    ("In time", Neighbours::Time, Command::LookAroundTime),
                    ("Stream", Neighbours::Stream, Command::LookAroundStream),
                    ("Correlation", Neighbours::Correlation, Command::LookAroundCorrelation),
                ] {
                    let name = command.entry().title;
                    let button = Button::new(title).selected(around.neighbours == neighbours);
                    controls::offer(ui, scene.environment, command, button, name, out);
                }
            });
        });
    });
}
