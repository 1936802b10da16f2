//! What the trees of documents have in common: an area of which only the rows in view are drawn, and rows that open and
//! close.

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Ui, WidgetInfo, vec2};

use super::json_rows::TreeRow;
use super::scroll::{RowArea, RowScroll};
use crate::ui::theme;

/// Draws those of `rows` that are in view, in an area that is at most `max_height` points high.
pub(super) fn show<R>(
    ui: &mut Ui,
    id: Id,
    name: &'static str,
    max_height: f32,
    rows: &[R],
    mut draw: impl FnMut(&mut Ui, Rect, &R),
) {
    #[expect(clippy::cast_precision_loss, reason = "clamped to the height of the view")]
    let height = (rows.len() as f32 * theme::TREE_ROW).min(max_height);
    let (outer, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let area = RowArea { id, rows: count, row_height: theme::TREE_ROW, name, keys: false };
    let mut scroll = RowScroll::load(ui.ctx(), id);
    area.scroll(ui, outer, &mut scroll);
    area.draw(ui, outer, scroll.anchor, |ui, number, rect| {
        if let Some(row) = usize::try_from(number).ok().and_then(|number| rows.get(number)) {
            draw(ui, rect, row);
        }
    });
    area.scrollbar(ui, outer, &mut scroll);
    scroll.store(ui.ctx(), id);
}

/// Says what a row is to those who do not see it: its name, how deep it lies, and whether it is open.
pub(super) fn describe(ui: &Ui, response: &Response, row: &TreeRow) {
    response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, row.name()));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_level(row.depth + 1);
        if let Some(open) = row.open {
            node.set_expanded(open);
        }
    });
}
