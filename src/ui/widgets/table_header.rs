//! The header of a table: where its columns lie, how they are sorted by a press and widened by a drag.

use egui::accesskit::{Role, SortDirection};
use egui::{Align, CursorIcon, Id, Popup, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use super::table_rows::{TableColumn, TableRows};
use crate::ui::theme;

/// Where the columns of a table lie, in points from its left edge.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Places {
    edges: Vec<f32>,
}

impl Places {
    /// Lays the columns out side by side. The one that fills takes what is left of `width`; where nothing is left, the
    /// others give way, each as far as it may get narrower.
    pub(super) fn new(columns: &[TableColumn<'_>], width: f32) -> Self {
        let fills = columns.iter().rposition(|column| column.fills);
        let full = |column: &TableColumn<'_>| column.width.max(column.least);
        let can_give = |(index, column): (usize, &TableColumn<'_>)| {
            if fills == Some(index) { 0.0 } else { full(column) - column.least }
        };
        let wanted: f32 = columns.iter().map(full).sum();
        let most: f32 = columns.iter().enumerate().map(can_give).sum();
        let share = if most > 0.0 { ((wanted - width) / most).clamp(0.0, 1.0) } else { 0.0 };
        let mut edges = vec![0.0];
        let mut edge = 0.0;
        for (index, column) in columns.iter().enumerate() {
            let left = if fills == Some(index) { (width - wanted).max(0.0) } else { 0.0 };
            edge += full(column) - share * can_give((index, column)) + left;
            edges.push(edge);
        }
        Self { edges }
    }

    /// The width of all columns together.
    pub(super) fn total(&self) -> f32 {
        self.edges.last().copied().unwrap_or_default()
    }

    /// The part of `row` that lies in a column.
    pub(super) fn cell(&self, row: Rect, column: usize) -> Rect {
        let edge = |index: usize| self.edges.get(index).copied().unwrap_or_else(|| self.total());
        Rect::from_x_y_ranges(row.left() + edge(column)..=row.left() + edge(column + 1), row.y_range())
    }

    /// The column at `x`, where `row` lies.
    pub(super) fn at(&self, row: Rect, x: f32) -> Option<usize> {
        (0..self.edges.len().saturating_sub(1)).find(|column| self.cell(row, *column).x_range().contains(x))
    }
}

/// Draws the header into `rect`.
pub(super) fn show(
    ui: &mut Ui,
    id: Id,
    rect: Rect,
    columns: &[TableColumn<'_>],
    places: &Places,
    rows: &mut impl TableRows,
) {
    let palette = theme::palette(ui);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, palette.line));
    for (index, column) in columns.iter().enumerate() {
        let place = places.cell(rect, index);
        heading(ui, id.with(("heading", index)), place, column, || rows.sort(index));
        if let Some(width) = dragged_width(ui, id.with(("edge", index)), place) {
            rows.resize(index, width);
        }
    }
}

fn heading(ui: &Ui, id: Id, place: Rect, column: &TableColumn<'_>, sort: impl FnOnce()) {
    let palette = theme::palette(ui);
    let response = ui.interact(place, id, if column.sortable { Sense::click() } else { Sense::hover() });
    let color = if column.sorted.is_some() || response.hovered() { palette.text } else { palette.dim };
    let mut inner = place.shrink2(vec2(2.0 * theme::STEP, 0.0));
    if let Some(descending) = column.sorted {
        arrow(ui, pos2(inner.right() - 3.0, inner.center().y), descending);
        inner = inner.with_max_x(inner.right() - 3.0 * theme::STEP);
    }
    let align = if column.right { Align::Max } else { Align::Min };
    let painter = ui.painter_at(place.intersect(ui.clip_rect()));
    titles(ui, &painter, inner, align, column, color);
    if response.has_focus() {
        paint::focus_ring(ui, place);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, column.sortable, column.title));
    if !column.caption.is_empty() {
        ui.ctx().accesskit_node_builder(id, |node| node.set_description(column.caption));
    }
    let direction = column.sorted.map(|down| if down { SortDirection::Descending } else { SortDirection::Ascending });
    if let Some(direction) = direction {
        ui.ctx().accesskit_node_builder(id, |node| node.set_sort_direction(direction));
    }
    if response.clicked() {
        sort();
    }
}

/// The heading, and what is said beside it where there is room: always behind it, also at the right edge.
fn titles(ui: &Ui, painter: &egui::Painter, place: Rect, align: Align, column: &TableColumn<'_>, color: egui::Color32) {
    let faint = theme::palette(ui).faint;
    if align == Align::Max && !column.caption.is_empty() {
        let caption = paint::text_in(painter, place, align, column.caption, theme::small(), faint);
        let rest = place.with_max_x(place.right() - caption.size().x - 1.5 * theme::STEP);
        paint::text_in(painter, rest, align, column.title, theme::medium(11.0), color);
        return;
    }
    let title = paint::text_in(painter, place, align, column.title, theme::medium(11.0), color);
    let rest = place.with_min_x(place.left() + title.size().x + 1.5 * theme::STEP);
    if !column.caption.is_empty() && rest.width() > 2.0 * theme::MARGIN {
        paint::text_in(painter, rest, Align::Min, column.caption, theme::small(), faint);
    }
}

fn arrow(ui: &Ui, center: egui::Pos2, descending: bool) {
    let tip = if descending { 2.5 } else { -2.5 };
    let points = vec![center + vec2(-3.0, -tip), center + vec2(0.0, tip), center + vec2(3.0, -tip)];
    ui.painter().line(points, egui::Stroke::new(1.3, theme::palette(ui).accent));
}

/// The width that the column gets while its right edge is dragged.
fn dragged_width(ui: &Ui, id: Id, place: Rect) -> Option<f32> {
    let grip = Rect::from_x_y_ranges(place.right() - 4.0..=place.right() + 3.0, place.y_range());
    let response = ui.interact(grip, id, Sense::DRAG).on_hover_and_drag_cursor(CursorIcon::ResizeColumn);
    if response.hovered() || response.dragged() {
        let line = (1.0, theme::palette(ui).accent);
        ui.painter().vline(place.right() - 0.5, place.shrink2(vec2(0.0, 6.0)).y_range(), line);
    }
    let pointer = response.dragged().then(|| response.interact_pointer_pos()).flatten()?;
    Some(pointer.x - place.left())
}

/// The button at the end of the header that opens the list of columns.
pub(super) fn columns_button(ui: &mut Ui, corner: Rect, salt: &str, menu: impl FnOnce(&mut Ui)) {
    let rect = Rect::from_center_size(pos2(corner.right() - 12.0, corner.center().y), vec2(22.0, 22.0));
    let response = ui.interact(rect, ui.make_persistent_id((salt, "columns")), Sense::click());
    let palette = theme::palette(ui);
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::ROUNDING, palette.hover);
    }
    for (index, x) in [-4.0, 0.0, 4.0].into_iter().enumerate() {
        let height = if index == 1 { 5.0 } else { 3.5 };
        let center = rect.center() + vec2(x, 0.0);
        ui.painter().vline(center.x, center.y - height..=center.y + height, (1.2, palette.dim));
    }
    if response.has_focus() {
        paint::focus_ring(ui, rect);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Columns"));
    Popup::menu(&response).show(menu);
    response.on_hover_text("Choose columns");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(width: f32, fills: bool) -> TableColumn<'static> {
        TableColumn { title: "A", caption: "", width, least: width, right: false, sorted: None, sortable: false, fills }
    }

    #[test]
    fn the_others_give_way_before_the_filling_column_does() {
        let flexible = |width, least| TableColumn { least, ..column(width, false) };
        let columns = [flexible(100.0, 60.0), flexible(100.0, 80.0), column(100.0, true)];
        assert_eq!(Places::new(&columns, 270.0).edges, [0.0, 80.0, 170.0, 270.0]);
        assert_eq!(Places::new(&columns, 100.0).edges, [0.0, 60.0, 140.0, 240.0]);
    }

    #[test]
    fn the_filling_column_takes_what_is_left_and_never_shrinks() {
        let columns = [column(50.0, false), column(100.0, true), column(30.0, false)];
        assert_eq!(Places::new(&columns, 300.0).edges, [0.0, 50.0, 270.0, 300.0]);
        assert_eq!(Places::new(&columns, 100.0).edges, [0.0, 50.0, 150.0, 180.0]);
    }

    #[test]
    fn a_place_finds_its_column() {
        let columns = [column(50.0, false), column(100.0, false)];
        let places = Places::new(&columns, 150.0);
        let row = Rect::from_min_size(pos2(10.0, 0.0), vec2(150.0, 24.0));
        assert_eq!(places.at(row, 12.0), Some(0));
        assert_eq!(places.at(row, 61.0), Some(1));
        assert_eq!(places.at(row, 500.0), None);
    }
}
