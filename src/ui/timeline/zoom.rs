//! Looking at a part of the timeline: the wheel zooms at the pointer, a drag of another button or a sideways turn of the
//! wheel moves along, and a bar below the track shows which part it is.

use egui::{PointerButton, Rect, Response, Ui, pos2, vec2};

use super::super::theme;
use super::ticks::Layout;
use crate::model::{Command, Span};

/// How much a point of scrolling zooms.
const WHEEL: f32 = 0.005;

/// The share of the view that is moved along in a frame, while what is dragged is held beyond an end.
const BEYOND: f64 = 0.02;

/// What the pointer does with the part in view; nothing where it does nothing.
pub fn turned(ui: &Ui, response: &Response, inside: Rect, layout: Layout<'_>, count: usize) -> Option<Command> {
    let (span, width) = (layout.span(), f64::from(inside.width().max(1.0)));
    let shown = |span: Option<Span>| Some(Command::ShowSpan(span));
    if response.double_clicked() {
        return shown(None);
    }
    if [PointerButton::Secondary, PointerButton::Middle].into_iter().any(|button| response.dragged_by(button)) {
        let by = -f64::from(response.drag_delta().x) / width * span.length();
        return shown(span.moved(by, count)).filter(|_| by != 0.0);
    }
    if response.dragged_by(PointerButton::Primary)
        && let Some(pointer) = response.interact_pointer_pos()
        && !inside.x_range().contains(pointer.x)
        && span.within(count).is_some()
    {
        // What is held beyond an end goes on by itself.
        ui.ctx().request_repaint();
        let by = span.length() * if pointer.x < inside.left() { -BEYOND } else { BEYOND };
        return shown(span.moved(by, count));
    }
    let pointer = response.hover_pos()?;
    let (scrolled, pinched) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
    if scrolled.x != 0.0 && scrolled.x.abs() > scrolled.y.abs() {
        return shown(span.moved(-f64::from(scrolled.x) / width * span.length(), count));
    }
    let factor = f64::from((-scrolled.y * WHEEL).exp() / pinched);
    let at = layout.index_at(egui::remap_clamp(pointer.x, inside.x_range(), 0.0..=1.0));
    ((factor - 1.0).abs() > 1e-4).then(|| Command::ShowSpan(span.zoomed(factor, at, count)))
}

/// Paints which part of the whole is in view, where it is not all of it.
pub fn bar(ui: &Ui, rail: Rect, span: Span, count: usize) {
    let Some(span) = span.within(count) else { return };
    let (palette, whole) = (theme::palette(ui), Span::whole(count).length());
    #[expect(clippy::cast_possible_truncation, reason = "a place among some pixels")]
    let x = |place: f64| rail.left() + rail.width() * (place / whole) as f32;
    let y = rail.bottom() + 5.0;
    ui.painter().rect_filled(Rect::from_min_max(pos2(rail.left(), y), pos2(rail.right(), y + 3.0)), 1.5, palette.line);
    let part = Rect::from_min_max(pos2(x(span.start()), y), pos2(x(span.end()), y + 3.0));
    let part = Rect::from_center_size(part.center(), vec2(part.width().max(4.0), 3.0));
    ui.painter().rect_filled(part, 1.5, palette.dim);
}
