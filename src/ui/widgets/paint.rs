//! Text and small shapes as the widgets paint them.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Ui, vec2};

use crate::codec::visible;

/// The longest text that is laid out, in characters: laying out a line takes time for every one of them, seen or not.
const LONGEST: usize = 400;

/// One line of text, cut with an ellipsis where it is wider than `width` points.
#[must_use]
pub fn one_line(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let format = TextFormat { font_id: font, color, ..TextFormat::default() };
    let shown = visible(first_characters(text)).into_owned();
    let mut job = LayoutJob::single_section(shown, format);
    job.wrap = TextWrapping { max_width: width.max(0.0), max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
    job.break_on_newline = false;
    painter.layout_job(job)
}

/// The beginning and the end of `text`, of a face whose letters are all as wide, where it is wider than `width` points.
#[must_use]
pub fn cut_in_the_middle(painter: &Painter, text: &str, font: &FontId, width: f32) -> Option<String> {
    let letter = painter.fonts_mut(|fonts| fonts.glyph_width(font, '0'));
    if letter <= 0.0 || text.len() > LONGEST {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the letters that fit a column")]
    let room = (width.max(0.0) / letter) as usize;
    let text = &*visible(text);
    let letters = text.chars().count();
    if letters <= room || room < 5 {
        return None;
    }
    let head = (room - 1) / 2;
    let tail = text.chars().skip(letters - (room - 1 - head));
    Some(text.chars().take(head).chain(['…']).chain(tail).collect())
}

/// Paints one line of text in the middle of `rect`'s height, at its left or right edge, and answers what was painted.
#[allow(clippy::must_use_candidate, reason = "what was painted is rarely of interest")]
pub fn text_in(painter: &Painter, rect: Rect, align: Align, text: &str, font: FontId, color: Color32) -> Arc<Galley> {
    let galley = one_line(painter, text, font, color, rect.width());
    let side = if align == Align::Max { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
    let place = side.align_size_within_rect(galley.size(), rect).min;
    painter.galley(place.round_to_pixels(painter.pixels_per_point()), Arc::clone(&galley), color);
    galley
}

/// Paints the triangle of something that opens: pointing down where it is open, right where it is not.
pub fn triangle(painter: &Painter, center: Pos2, open: bool, color: Color32) {
    let points = if open {
        [vec2(-3.5, -2.0), vec2(3.5, -2.0), vec2(0.0, 3.0)]
    } else {
        [vec2(-2.0, -3.5), vec2(3.0, 0.0), vec2(-2.0, 3.5)]
    };
    let points = points.into_iter().map(|offset| center + offset).collect();
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}

/// Paints a small cross, for what can be removed.
pub fn cross(painter: &Painter, center: Pos2, color: Color32) {
    let arm = 2.5;
    let stroke = Stroke::new(1.1, color);
    painter.line_segment([center - vec2(arm, arm), center + vec2(arm, arm)], stroke);
    painter.line_segment([center + vec2(-arm, arm), center + vec2(arm, -arm)], stroke);
}

/// Paints a small flag whose pole begins at `top` and is `height` points high: the sign of a bookmark.
pub fn flag(painter: &Painter, top: Pos2, height: f32, color: Color32) {
    painter.vline(top.x, egui::Rangef::new(top.y, top.y + height), Stroke::new(1.0, color));
    let corners = vec![top, top + vec2(8.0, 3.5), top + vec2(0.0, 7.0)];
    painter.add(Shape::convex_polygon(corners, color, Stroke::NONE));
}

/// Paints the ring that shows what has the keyboard.
pub fn focus_ring(ui: &Ui, rect: Rect) {
    let palette = crate::ui::theme::palette(ui);
    let stroke = Stroke::new(1.5, palette.accent);
    ui.painter().rect_stroke(rect.shrink(1.0), crate::ui::theme::ROUNDING, stroke, egui::StrokeKind::Inside);
}

/// The beginning of `text`, at most [`LONGEST`] characters.
fn first_characters(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}
