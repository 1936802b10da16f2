//! Below the state: what the events say for themselves, and no rule makes state of: the last of each kind, how many there
//! were, and what their numbers come to.

use std::sync::Arc;

use egui::{Label, RichText, ScrollArea, Stroke, Ui};

use super::controls::{faint, inset};
use super::numbers::grouped;
use super::theme;
use crate::codec::{visible, visible_lines};
use crate::insight::Basis;
use crate::replay::Apart;
use crate::session::ReducersInfo;

/// How many event types are in view at a time.
const IN_VIEW: usize = 4;

/// How many fields of an event stand in its line.
const FIELDS: usize = 4;

/// Whether rules leave to the events what is no state: those that are suggested do.
#[must_use]
pub fn is_told(reducers: &ReducersInfo) -> bool {
    reducers.rules.as_ref().is_some_and(|rules| rules.basis == Basis::Suggested)
}

/// How high it stands.
#[must_use]
pub fn height(apart: &Apart) -> f32 {
    let rows = apart.types().count().min(IN_VIEW);
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    let rows = rows as f32;
    if rows > 0.0 { theme::ROW + rows * theme::TREE_ROW + 3.0 * theme::STEP } else { 0.0 }
}

/// Paints it.
pub fn show(ui: &mut Ui, apart: &Apart) {
    if apart.types().next().is_none() {
        return;
    }
    let palette = theme::palette(ui);
    let top = ui.cursor().top() + theme::STEP;
    ui.painter().hline(ui.max_rect().x_range(), top, Stroke::new(1.0, palette.line));
    ui.add_space(2.0 * theme::STEP);
    inset(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.label(RichText::new("Of the events alone").font(theme::section()).color(palette.dim))
            .on_hover_text("What the events say, and no rule makes state of. Edit the rules where it is state.");
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let height = IN_VIEW as f32 * theme::TREE_ROW;
        let area = ScrollArea::vertical().id_salt("apart").max_height(height).auto_shrink([false, true]);
        area.show(ui, |ui| apart.types().for_each(|(name, seen)| row(ui, name, seen)));
    });
}

fn row(ui: &mut Ui, name: &Arc<str>, seen: &crate::replay::ApartType) {
    let palette = theme::palette(ui);
    let line = ui.horizontal(|ui| {
        ui.set_height(theme::TREE_ROW);
        ui.spacing_mut().item_spacing.x = 2.0 * theme::STEP;
        let name = visible(&format!("last {name}")).into_owned();
        ui.add(Label::new(RichText::new(name).font(theme::mono()).color(palette.text)));
        let count = faint(ui, format!("v{}, {}×", grouped(seen.last), grouped(seen.count)));
        ui.label(count);
        let said: Vec<String> = seen.fields.iter().take(FIELDS).map(|(path, field)| said(path, field)).collect();
        ui.add(Label::new(RichText::new(visible(&said.join("  "))).font(theme::mono()).color(palette.dim)).truncate());
    });
    let all: Vec<String> = seen.fields.iter().map(|(path, field)| said(path, field)).collect();
    line.response.on_hover_text(visible_lines(&all.join("\n")));
}

/// `amount 25, sum 75`.
fn said(path: &str, field: &crate::replay::ApartField) -> String {
    match (&field.sum, field.last.is_empty()) {
        (Some(sum), true) => format!("{path} sum {sum}"),
        (Some(sum), false) => format!("{path} {}, sum {sum}", field.last),
        (None, _) => format!("{path} {}", field.last),
    }
}
