//! How a row of a document's tree is painted: its sign, its key, its value before and now, and who set it.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Color32, Rect, Response, Stroke, Ui, pos2};

use super::json_rows::{Mark, TreeRow};
use super::json_text::Kind;
use super::paint;
use crate::codec::visible;
use crate::ui::theme::{self, Palette};

/// Paints a row; answers where who set its value stands.
pub(super) fn paint_row(ui: &Ui, rect: Rect, row: &TreeRow, marks: bool, response: &Response) -> Option<Rect> {
    let palette = theme::palette(ui);
    let look = Look::of(row, palette);
    if let Some(ground) = look.ground {
        ui.painter().rect_filled(rect, 0, ground);
    }
    if response.hovered() || response.context_menu_opened() {
        ui.painter().rect_filled(rect, 0, palette.hover.gamma_multiply(0.5));
    }
    let mut left = rect.left() + theme::MARGIN;
    if marks {
        let (sign, color) = look.sign;
        let place = rect.with_min_x(left).with_max_x(left + theme::MARGIN);
        paint::text_in(ui.painter(), place, Align::Min, sign, theme::mono(), color);
        left += theme::MARGIN + theme::STEP;
    }
    #[expect(clippy::cast_precision_loss, reason = "a depth is small")]
    let indent = row.depth as f32 * theme::INDENT;
    left += indent;
    if let Some(open) = row.open {
        paint::triangle(ui.painter(), pos2(left + 4.0, rect.center().y), open, palette.dim);
        left += 3.5 * theme::STEP;
    }
    let right = paint_by(ui, rect, row, look.quiet);
    paint_value(ui, rect.with_min_x(left).with_max_x(right), row, &look, palette, response);
    let edge = rect.right() - theme::MARGIN;
    row.by.as_ref().map(|_| rect.with_max_x(edge).with_min_x(right + 2.0 * theme::STEP))
}

/// How a row is coloured.
struct Look {
    ground: Option<Color32>,
    sign: (&'static str, Color32),
    value: Color32,
    /// Text that accompanies; on a coloured ground it has to be stronger to be read.
    quiet: Color32,
}

impl Look {
    fn of(row: &TreeRow, palette: &Palette) -> Self {
        let (ground, sign) = match row.mark {
            Some(Mark::Added) => (Some(palette.add_bg), ("+", palette.add)),
            Some(Mark::Changed) => (Some(palette.chg_bg), ("~", palette.chg)),
            Some(Mark::Removed) => (Some(palette.del_bg), ("-", palette.del)),
            None => (None, ("", palette.faint)),
        };
        let quiet = if ground.is_some() { palette.dim } else { palette.faint };
        let value = match row.kind {
            Kind::Text => palette.string,
            Kind::Number => palette.number,
            Kind::Null | Kind::Container | Kind::LeftOut => quiet,
        };
        // Slanted letters alone are easily overlooked.
        let value = if row.guessed { palette.dim } else { value };
        Self { ground, sign, value, quiet }
    }
}

/// Paints who set the value at the right edge, and answers where the space for the value ends.
fn paint_by(ui: &Ui, rect: Rect, row: &TreeRow, color: Color32) -> f32 {
    let right = rect.right() - theme::MARGIN;
    let Some(by) = &row.by else { return right };
    let place = rect.with_max_x(right).with_min_x(rect.left() + rect.width() * 0.5);
    let galley = paint::text_in(ui.painter(), place, Align::Max, by, theme::small(), color);
    right - galley.size().x - 2.0 * theme::STEP
}

/// Paints the key, the value before where it changed, and the value.
fn paint_value(ui: &Ui, place: Rect, row: &TreeRow, look: &Look, palette: &Palette, response: &Response) {
    let mut job = LayoutJob::default();
    let italics = row.guessed;
    let format = |color| TextFormat { font_id: theme::mono(), color, italics, ..TextFormat::default() };
    let key = if row.guessed { palette.dim } else { palette.key };
    let gap = if row.key.is_empty() { 0.0 } else { 2.0 * theme::STEP };
    job.append(&visible(&row.key), 0.0, format(key));
    let before = row.before.as_ref().filter(|_| row.mark == Some(Mark::Changed));
    if let Some(before) = before {
        let strikethrough = Stroke::new(1.0, palette.dim);
        job.append(&visible(before), gap, TextFormat { strikethrough, ..format(palette.dim) });
    }
    let removed = row.mark == Some(Mark::Removed);
    let strikethrough = if removed { Stroke::new(1.0, palette.dim) } else { Stroke::NONE };
    let text = if row.preview.is_empty() { &row.text } else { &row.preview };
    let color = if removed { palette.dim } else { look.value };
    job.append(
        &visible(text),
        if before.is_some() { 2.0 * theme::STEP } else { gap },
        TextFormat { strikethrough, ..format(color) },
    );
    job.wrap =
        TextWrapping { max_width: place.width().max(0.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    job.break_on_newline = false;
    let galley = ui.painter().layout_job(job);
    let top = place.center().y - galley.size().y / 2.0;
    let elided = galley.elided;
    ui.painter().galley(pos2(place.left(), top.round()), galley, palette.text);
    if elided && response.hovered() {
        response.clone().on_hover_text_at_pointer(visible(&row.text));
    }
}
