//! The list of an answer: a row for each version, with its value, what happened, when, and through whom.

use egui::{Align, Color32, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

use super::super::keyboard::Stop;
use super::super::moment;
use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::{RowArea, RowScroll, focus_ring, text_in};
use super::lines::{Line, Lines};
use crate::codec::{visible, visible_lines};
use crate::event::Version;
use crate::model::{Command, TimeMode};

/// The least width at which the actor has a column of its own, in points.
const WIDE: f32 = 470.0;

/// Paints the list; the row of the version that is shown stands out, and the last one before it where there is none.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, lines: &Lines<'_>, shown: Version, out: &mut Vec<Command>) {
    let (outer, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let id = ui.make_persistent_id("history rows");
    let count = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    let area =
        RowArea { id, rows: count, row_height: theme::TREE_ROW, name: "history", stop: Stop::History, keys: false };
    let mut scroll = RowScroll::load(ui.ctx(), id);
    let current = lines.until(shown).and_then(|index| u64::try_from(index).ok());
    // A version, and how many rows there are by then: the list follows what is shown.
    let key = shown.cast_unsigned().wrapping_mul(31).wrapping_add(current.map_or(0, |row| row + 1));
    area.scroll(ui, outer, &mut scroll);
    scroll.reveal(key, current, area.extent(outer));
    let keys = area.walk(ui, outer, &mut scroll, |_| true);
    let mode = scene.view.time_mode;
    area.draw(ui, outer, scroll.anchor, |ui, number, rect| {
        let Some(line) = usize::try_from(number).ok().and_then(|index| lines.get(index)) else { return };
        let on = current == Some(number);
        let response = row(ui, &area, rect, (number, line), on, mode);
        if response.clicked() || (keys.on(number) && keys.taken) {
            out.push(Command::SelectVersion(line.moment().version));
        }
        if response.clicked() {
            area.take_keyboard(ui);
            scroll.cursor = number;
        }
        if keys.focused && scroll.cursor == number {
            area.point_at(ui, &response);
        }
    });
    area.scrollbar(ui, outer, &mut scroll);
    scroll.store(ui.ctx(), id);
}

fn row(ui: &Ui, area: &RowArea, rect: Rect, (number, line): (u64, Line<'_>), on: bool, mode: TimeMode) -> Response {
    let palette = theme::palette(ui);
    let response = ui.interact(rect, area.id.with(number), Sense::CLICK);
    let event = line.moment();
    let time = event.timestamp.as_ref().map(|timestamp| moment::clock(timestamp, mode)).unwrap_or_default();
    // Seconds are enough to tell lines apart; the rest is one hover away.
    let short = time.split_once('.').map_or(time.as_str(), |(seconds, _)| seconds);
    let actor = event.actor.as_deref().unwrap_or_default();
    let (version, text) = (format!("v{}", grouped(event.version)), line.text());
    let name = [version.as_str(), &text, &event.event_type, &time, actor].join(" ");
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, on, name.trim()));
    if on || response.hovered() {
        ui.painter().rect_filled(rect, 0, if on { palette.accent_bg } else { palette.hover });
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let quiet = if on { palette.dim } else { palette.faint };
    let mut inside = rect.shrink2(vec2(theme::MARGIN, 0.0));
    if inside.width() > WIDE {
        inside = right_column(ui, inside, actor, 90.0, quiet);
    }
    inside = right_column(ui, inside, short, 62.0, quiet);
    let kind = theme::event_type_color(&event.event_type, palette.dark);
    inside = right_column(ui, inside, &event.event_type, 104.0, palette.dim);
    ui.painter().circle_filled(inside.right_center() + vec2(2.0, 0.0), 2.5, kind);
    let (version_at, value_at) = inside.split_left_right_at_x(inside.left() + 10.0 * theme::STEP);
    text_in(ui.painter(), version_at, Align::Min, &version, theme::small(), quiet);
    let value_at = value_at.with_max_x(value_at.right() - 2.0 * theme::STEP);
    let color = if line.is_end() { palette.dim } else { value_color(&text, palette) };
    text_in(ui.painter(), value_at, Align::Min, &text, theme::mono(), color);
    response.on_hover_ui_at_pointer(|ui| describe(ui, line, mode))
}

/// Text in a column of this width at the right; answers with what is left for others.
fn right_column(ui: &Ui, rect: Rect, text: &str, width: f32, color: Color32) -> Rect {
    let (left, column) = rect.split_left_right_at_x(rect.right() - width);
    text_in(
        ui.painter(),
        column.with_min_x(column.left() + 2.0 * theme::STEP),
        Align::Min,
        text,
        theme::small(),
        color,
    );
    left
}

fn value_color(text: &str, palette: &theme::Palette) -> Color32 {
    if text.starts_with('"') { palette.string } else { palette.number }
}

/// The whole of it, for the pointer.
fn describe(ui: &mut Ui, line: Line<'_>, mode: TimeMode) {
    let palette = theme::palette(ui);
    let event = line.moment();
    ui.label(egui::RichText::new(format!("Version {}", grouped(event.version))).font(theme::semibold()));
    ui.label(egui::RichText::new(visible(&line.text())).font(theme::mono()));
    if let Some(failure) = line.failure() {
        ui.label(egui::RichText::new(visible_lines(failure)).color(palette.del));
    }
    let time = event.timestamp.as_ref().map(|timestamp| moment::full(timestamp, mode));
    for text in [Some(event.event_type.clone()), time, event.actor.clone()].into_iter().flatten() {
        ui.label(egui::RichText::new(visible(&text)).color(palette.dim));
    }
}
