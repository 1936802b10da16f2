//! A list at the left and, beside it, what is chosen in it.

use egui::{Align, Layout, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, vec2};

use super::super::theme;
use super::super::widgets::{focus_ring, text_in};
use crate::codec::visible;

/// A line of the list.
pub(super) struct Entry<'a> {
    /// What a screen reader says.
    pub name: String,
    /// What is shown before the title, in its colour: a sign.
    pub sign: (&'a str, egui::Color32),
    /// The title.
    pub title: &'a str,
    /// What stands at the right.
    pub count: String,
}

/// Paints the list, `width` wide and `height` high, and answers with the line that was pressed.
pub(super) fn list<'a>(
    ui: &mut Ui,
    salt: &str,
    (width, height): (f32, f32),
    count: usize,
    chosen: usize,
    entry: impl Fn(usize) -> Option<Entry<'a>>,
) -> Option<usize> {
    let mut pressed = None;
    ui.allocate_ui_with_layout(vec2(width, height), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        let area = ScrollArea::vertical().id_salt(salt).max_height(height).auto_shrink(false);
        area.show_rows(ui, theme::ROW, count, |ui, rows| {
            for number in rows {
                if let Some(entry) = entry(number)
                    && line(ui, &entry, number == chosen)
                {
                    pressed = Some(number);
                }
            }
        });
    });
    pressed
}

fn line(ui: &mut Ui, entry: &Entry<'_>, chosen: bool) -> bool {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, chosen, visible(&entry.name)));
    if chosen || response.hovered() {
        let fill = if chosen { palette.accent_bg } else { palette.hover };
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), fill);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let inside = rect.shrink2(vec2(6.0, 0.0));
    let (sign, color) = entry.sign;
    text_in(ui.painter(), inside, Align::Min, sign, theme::text(), color);
    let count = text_in(ui.painter(), inside, Align::Max, &entry.count, theme::mono(), palette.dim);
    let title = inside.with_min_x(inside.left() + 16.0).with_max_x(inside.right() - count.size().x - theme::MARGIN);
    text_in(ui.painter(), title, Align::Min, &visible(entry.title), theme::text(), palette.text);
    response.on_hover_text(visible(entry.title)).clicked()
}

/// The part beside the list, with a hairline between them.
pub(super) fn beside<R>(ui: &mut Ui, height: f32, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    let rect = ui.available_rect_before_wrap();
    let rect = rect.with_max_y(rect.top() + height);
    let line = Stroke::new(1.0, theme::palette(ui).line);
    ui.painter().vline(rect.left() + theme::STEP, rect.y_range(), line);
    let inside = rect.with_min_x(rect.left() + theme::MARGIN + theme::STEP);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inside).layout(Layout::top_down(Align::Min)));
    child.set_clip_rect(child.clip_rect().intersect(inside.expand(2.0)));
    let shown = add_contents(&mut child);
    ui.advance_cursor_after_rect(rect);
    shown
}
