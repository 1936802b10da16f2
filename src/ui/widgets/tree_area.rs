//! What the trees of documents have in common: an area of which only the rows in view are drawn, rows that open and
//! close, and the keys that walk through them.

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Ui, WidgetInfo, vec2};

use super::json_rows::TreeRow;
use super::row_keys::parent;
use super::scroll::{RowArea, RowScroll};
use crate::ui::keyboard::Stop;
use crate::ui::theme;

/// The name of the tree that shows the state.
const STATE: &str = "state";

/// The name of the list of places that are pinned on top of it.
pub(super) const PINNED: &str = "pinned places";

/// The name of the states that are kept in view beside each other.
pub const KEPT: &str = "kept state";

/// A row in view: where it is drawn, and what the keyboard wants of it.
pub(super) struct Place<'a> {
    pub(super) area: &'a RowArea,
    pub(super) rect: Rect,
    /// Whether it is to be opened or closed.
    pub(super) turned: bool,
    /// Whether its menu is to be opened.
    pub(super) wants_menu: bool,
}

/// Draws those of `rows` that are in view, in an area that is at most `max_height` points high, with the row `reveal` among
/// them. `row_of` says what of a
/// row is the tree's.
pub(super) fn show<R>(
    ui: &mut Ui,
    id: Id,
    (name, max_height, reveal): (&'static str, f32, Option<u64>),
    rows: &[R],
    row_of: impl Fn(&R) -> &TreeRow,
    mut draw: impl FnMut(&mut Ui, &Place<'_>, &R) -> Response,
) {
    #[expect(clippy::cast_precision_loss, reason = "clamped to the height of the view")]
    let height = (rows.len() as f32 * theme::TREE_ROW).min(max_height);
    let (outer, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let stop = match name {
        STATE => Stop::State,
        PINNED => Stop::Pinned,
        KEPT => Stop::Kept,
        _ => Stop::Data,
    };
    let area = RowArea { id, rows: count, row_height: theme::TREE_ROW, name, stop, keys: false };
    let mut scroll = RowScroll::load(ui.ctx(), id);
    area.scroll(ui, outer, &mut scroll);
    if let Some(row) = reveal {
        scroll.anchor = scroll.anchor.revealing(row, area.extent(outer));
        scroll.cursor = row;
    }
    let keys = area.walk(ui, outer, &mut scroll, |_| true);
    let at = |number: u64| usize::try_from(number).ok().and_then(|number| rows.get(number));
    let current = at(keys.cursor).map(&row_of);
    let turns = |open: bool| current.is_some_and(|row| row.open == Some(!open));
    let turned = keys.taken || keys.turned.is_some_and(turns);
    if keys.turned == Some(false) && !turned {
        area.go_to(outer, &mut scroll, parent(keys.cursor, |row| Some(row_of(at(row)?).depth)));
    }
    area.draw(ui, outer, scroll.anchor, |ui, number, rect| {
        let Some(row) = at(number) else { return };
        let on = keys.on(number);
        let place = Place { area: &area, rect, turned: on && turned, wants_menu: on && keys.menu };
        let response = draw(ui, &place, row);
        if response.clicked() || response.secondary_clicked() {
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
