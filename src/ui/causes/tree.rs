//! Causes as a tree: a row for each event, behind its cause.

use egui::{Align, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::super::moment;
use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::{focus_ring, text_in};
use super::mark_of;
use crate::codec::visible;
use crate::event::Position;
use crate::model::{Command, TimeMode};
use crate::session::{CauseNode, CauseTree};

/// How far effects are indented; of those that lie deeper the depth is said.
const DEEPEST: usize = 20;

/// Paints the rows, `height` high; the event asked for stands out.
pub(super) fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    tree: &CauseTree,
    (event, height): (Position, f32),
    out: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let asked = tree.nodes.iter().position(|node| node.position == event);
    // Where it is opened, the event asked for is in view.
    let id = ui.make_persistent_id(("causes in view", event));
    let mut area = ScrollArea::vertical().id_salt(("causes", event)).max_height(height).auto_shrink(false);
    let is_new = !ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default::<bool>(id), true));
    if let Some(asked) = asked.filter(|_| is_new) {
        #[expect(clippy::cast_precision_loss, reason = "there are ten thousand rows at most")]
        let offset = (asked as f32 * theme::ROW - height / 2.0).max(0.0);
        area = area.vertical_scroll_offset(offset);
    }
    area.show_rows(ui, theme::ROW, tree.nodes.len(), |ui, rows| {
        for node in tree.nodes.get(rows).unwrap_or_default() {
            if row(ui, tree, node, node.position == event, scene.view.time_mode) {
                out.extend([Command::SelectEvent(node.position), Command::CloseOverlay]);
            }
        }
    });
}

fn row(ui: &mut Ui, tree: &CauseTree, node: &CauseNode, asked: bool, mode: TimeMode) -> bool {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    let stream = tree.lanes.get(node.lane).map(|lane| lane.stream.to_string()).unwrap_or_default();
    let place = format!("{stream} · v{}", grouped(node.version));
    let position = grouped(node.position);
    let mark = mark_of(node, palette);
    let name = format!("{} {place} {position}", node.event_type);
    let name = mark.map_or(name.clone(), |(mark, _)| format!("{name} {mark}"));
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, asked, visible(&name)));
    if asked || response.hovered() {
        let fill = if asked { palette.accent_bg } else { palette.hover };
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), fill);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let inside = rect.shrink2(vec2(6.0, 0.0)).with_max_x(rect.right() - theme::SCROLLBAR - theme::STEP);
    let depth = node.depth.min(DEEPEST);
    #[expect(clippy::cast_precision_loss, reason = "at most twenty levels")]
    let indent = depth as f32 * theme::INDENT;
    if depth > 0 {
        // An angle leads from the cause above.
        let (x, y) = (inside.left() + indent - theme::INDENT / 2.0, rect.center().y);
        let stroke = Stroke::new(1.0, palette.line);
        ui.painter().line_segment([pos2(x, rect.top()), pos2(x, y)], stroke);
        ui.painter().line_segment([pos2(x, y), pos2(x + theme::INDENT / 2.0, y)], stroke);
    }
    let time = node.timestamp.as_ref().map(|time| moment::clock(time, mode)).unwrap_or_default();
    let at = text_in(ui.painter(), inside, Align::Max, &position, theme::mono(), palette.dim);
    let clock = inside.with_max_x(inside.right() - at.size().x.max(64.0) - theme::MARGIN);
    let time = text_in(ui.painter(), clock, Align::Max, &time, theme::mono(), palette.faint);
    let mut words = inside.with_min_x(inside.left() + indent).with_max_x(clock.right() - time.size().x - theme::MARGIN);
    let dot = words.left_center() + vec2(3.5, 0.0);
    ui.painter().circle_filled(dot, 3.5, theme::event_type_color(&node.event_type, palette.dark));
    words.min.x += 14.0;
    if node.depth > DEEPEST {
        let deeper = format!("({})", grouped(node.depth as i128));
        let deeper = text_in(ui.painter(), words, Align::Min, &deeper, theme::small(), palette.faint);
        words.min.x += deeper.size().x + theme::STEP;
    }
    let parts =
        [(visible(&node.event_type), theme::text(), palette.text), (visible(&place), theme::mono(), palette.dim)];
    for (text, font, color) in parts {
        let painted = text_in(ui.painter(), words, Align::Min, &text, font, color);
        words.min.x += painted.size().x + theme::MARGIN;
    }
    if let Some((text, color)) = mark {
        text_in(ui.painter(), words, Align::Min, text, theme::small(), color);
    }
    let full = node.timestamp.as_ref().map(|time| moment::full(time, mode)).unwrap_or_default();
    response.on_hover_text(format!("{}\n{full}", visible(&name))).clicked()
}
