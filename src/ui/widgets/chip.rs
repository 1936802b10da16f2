//! A condition as a chip: its text, and a cross that takes it away.

use egui::{Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::paint;
use crate::ui::theme;

/// What was done with a chip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChipResponse {
    /// Its text was pressed: to change the condition.
    pub pressed: bool,
    /// Its cross was pressed.
    pub removed: bool,
}

/// Draws a chip. `negated` conditions have a colour of their own, beside the word that says so in `text`.
/// `number` tells it from others in the same place.
pub fn chip(ui: &mut Ui, number: usize, text: &str, negated: bool) -> ChipResponse {
    let palette = theme::palette(ui);
    let (ground, color) = if negated { (palette.del_bg, palette.del) } else { (palette.accent_bg, palette.accent) };
    let galley = paint::one_line(ui.painter(), text, egui::FontId::proportional(12.0), color, 320.0);
    let size = vec2(galley.size().x + 28.0, 20.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let (label, cross) = rect.split_left_right_at_x(rect.right() - 20.0);
    ui.painter().rect_filled(rect, 5.0, ground);
    let elided = galley.elided;
    let text_at = label.left_center() + vec2(7.0, -galley.size().y / 2.0);
    ui.painter().galley(text_at, galley, color);
    let id = ui.make_persistent_id(("chip", number));
    let press = ui.interact(label, id, Sense::click());
    press.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
    let remove = ui.interact(cross, id.with("remove"), Sense::click());
    remove.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Remove {text}")));
    let strength = if remove.hovered() { 1.0 } else { 0.7 };
    paint::cross(ui.painter(), cross.center() - vec2(2.0, 0.0), color.gamma_multiply(strength));
    for part in [&press, &remove] {
        ring(ui, part, color);
    }
    let response = ChipResponse { pressed: press.clicked(), removed: remove.clicked() };
    press.on_hover_text(if elided { text } else { "Change this condition" });
    remove.on_hover_text("Remove this condition");
    response
}

fn ring(ui: &Ui, part: &Response, color: egui::Color32) {
    if part.has_focus() {
        ui.painter().rect_stroke(part.rect, 5.0, Stroke::new(1.5, color), StrokeKind::Inside);
    }
}
