//! What lines of the list have in common: the name before it, what is indented below it, and what is wrong with it.

use egui::{Label, RichText, Sense, Ui, WidgetInfo, vec2};

use crate::session::{Fault, Severity};
use crate::ui::controls::sentence;
use crate::ui::theme;

/// The widths of a line's parts, in points: the name, the source, the format. How sure it is takes the rest.
pub(super) const NAME: f32 = 116.0;

/// A field's name, as wide as every other.
pub(super) fn named(ui: &mut Ui, title: &str, help: &str) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(NAME, theme::ENTRY), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, title));
    crate::ui::widgets::text_in(ui.painter(), rect, egui::Align::Min, title, theme::text(), palette.text);
    response.on_hover_text(help);
}

/// Contents below a field's source rather than below its name, no higher than they are.
pub(super) fn indented<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) {
    let height = ui.spacing().interact_size.y;
    ui.spacing_mut().interact_size.y = 0.0;
    ui.horizontal(|ui| {
        gap(ui, NAME);
        ui.vertical(|ui| {
            ui.spacing_mut().interact_size.y = height;
            add_contents(ui);
        });
    });
    ui.spacing_mut().interact_size.y = height;
}

/// Room where there is nothing.
pub(super) fn gap(ui: &mut Ui, width: f32) {
    ui.allocate_exact_size(vec2(width, 1.0), Sense::hover());
}

/// Paints what is wrong with a field; false where nothing is.
pub(super) fn faults_of(ui: &mut Ui, name: &str, faults: &[Fault]) -> bool {
    let palette = theme::palette(ui);
    let mut any = false;
    for fault in faults.iter().filter(|fault| fault.field == name) {
        let (sign, color) = match fault.severity {
            Severity::Error => ("×", palette.del),
            Severity::Doubt => ("!", palette.chg),
        };
        let text = format!("{sign} {}", sentence(&fault.message));
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(color)).wrap());
        any = true;
    }
    any
}
