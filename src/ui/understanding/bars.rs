//! A plot of bars; a press or a drag over them chooses a run.

use egui::accesskit::Role;
use egui::{Align2, CursorIcon, Rect, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::super::theme;

/// The height of what stands below the bars, in points.
const FOOT: f32 = 18.0;
/// How far a bar is from the next at the most, in points.
const WIDEST: f32 = 72.0;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    /// What it stands for.
    pub label: String,
    /// How much that is.
    pub value: u64,
    /// What is said of it under the pointer.
    pub more: String,
}

/// Paints the bars `height` high and answers with the run that was chosen: the first and the last of it. Where nothing can
/// be chosen, they are only looked at.
pub(super) fn show(ui: &mut Ui, name: &str, bars: &[Bar], height: f32, choosable: bool) -> Option<(usize, usize)> {
    let sense = if choosable { Sense::CLICK | Sense::DRAG } else { Sense::hover() };
    let (outer, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let rect = outer.with_max_y(outer.bottom() - FOOT);
    let under = |x: f32| at(rect, bars.len(), x);
    let here = response.hover_pos().or_else(|| response.interact_pointer_pos()).and_then(|pos| under(pos.x));
    let from = response.interact_pointer_pos().and(ui.input(|input| input.pointer.press_origin()));
    let from = from.filter(|_| choosable && (response.dragged() || response.drag_stopped()));
    let held = from.and_then(|pos| under(pos.x)).zip(here).map(|(from, to)| (from.min(to), from.max(to)));
    paint(ui, rect, bars, held.or(here.map(|bar| (bar, bar))));
    let chosen = if response.drag_stopped() {
        held
    } else if response.clicked() {
        here.map(|bar| (bar, bar))
    } else {
        None
    };
    if let Some(bar) = here.and_then(|bar| bars.get(bar))
        && response.hovered()
    {
        let response = if choosable { response.on_hover_cursor(CursorIcon::PointingHand) } else { response };
        response.on_hover_text_at_pointer(&bar.more);
    }
    chosen
}

#[expect(clippy::cast_precision_loss, reason = "there are some hundred bars at most")]
fn place(rect: Rect, count: usize, bar: usize) -> Rect {
    // A few bars are no wider than many, and stand as near each other.
    let step = (rect.width() / count.max(1) as f32).min(WIDEST);
    let left = rect.left() + step * bar as f32;
    let gap = if step > 5.0 { 2.0 } else { step * 0.2 };
    Rect::from_x_y_ranges(left..=left + step - gap, rect.y_range())
}

fn at(rect: Rect, count: usize, x: f32) -> Option<usize> {
    (0..count).rfind(|bar| place(rect, count, *bar).left() <= x).or(Some(0).filter(|_| count > 0))
}

#[expect(clippy::cast_precision_loss, reason = "a height in points")]
fn paint(ui: &Ui, rect: Rect, bars: &[Bar], chosen: Option<(usize, usize)>) {
    let palette = theme::palette(ui);
    let highest = bars.iter().map(|bar| bar.value).max().unwrap_or_default().max(1);
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, palette.line));
    let mut free = rect.left();
    for (number, bar) in bars.iter().enumerate() {
        let full = place(rect, bars.len(), number);
        let is_chosen = chosen.is_some_and(|(first, last)| (first..=last).contains(&number));
        let top = if bar.value == 0 { 0.0 } else { (full.height() * (bar.value as f32 / highest as f32)).max(2.0) };
        let color = palette.accent.gamma_multiply(if is_chosen { 0.9 } else { 0.55 });
        let rounding = egui::CornerRadius { nw: 1, ne: 1, sw: 0, se: 0 };
        ui.painter().rect_filled(full.with_min_y(full.bottom() - top), rounding, color);
        // As many labels as there is room for.
        if full.left() >= free {
            let label = ui.painter().layout_no_wrap(bar.label.clone(), theme::small(), palette.faint);
            if full.left() + label.size().x <= rect.right() + 2.0 {
                free = full.left() + label.size().x + 2.0 * theme::STEP;
                let below = full.left_bottom() + vec2(0.0, 3.0);
                ui.painter().galley(
                    Align2::LEFT_TOP.align_size_within_rect(label.size(), Rect::from_min_size(below, label.size())).min,
                    label,
                    palette.faint,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn a_place_finds_its_bar() {
        let rect = Rect::from_min_size(pos2(10.0, 0.0), vec2(400.0, 60.0));
        assert_eq!([0.0, 10.0, 111.0, 380.0, 900.0].map(|x| at(rect, 4, x)), [0, 0, 1, 3, 3].map(Some));
        assert_eq!(at(rect, 0, 20.0), None);
    }
}
