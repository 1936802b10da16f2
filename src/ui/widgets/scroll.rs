//! Rows of equal height that scroll exactly at any number of them.
//!
//! egui's own scroll areas keep their offset in an `f32`, in which one point no longer exists beyond a few million rows:
//! they stick and jump (<https://github.com/emilk/egui/issues/1391>). Here the place is a row's number and a fraction of
//! that row, only the rows in view are drawn, and the scrollbar is computed in `f64`.

use std::ops::Range;

use egui::accesskit::Role;
use egui::emath::GuiRounding as _;
use egui::{Id, Key, Modifiers, Rect, Response, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::ui::keyboard::Stop;
use crate::ui::theme;

/// Where a list stands: the row at its top, and how much of that row is scrolled out of view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Anchor {
    /// The number of the row at the top, from 0.
    pub top_row: u64,
    /// How much of it is above the view, in points; at least 0 and less than a row.
    pub offset: f32,
}

/// The extent of a list: how many rows of which height, seen through how high a view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// How many rows there are.
    pub rows: u64,
    /// The height of each, in points.
    pub row_height: f32,
    /// The height of the view, in points.
    pub view: f32,
}

impl Extent {
    /// How far the list can be scrolled, in points.
    fn travel(self) -> f64 {
        (as_f64(self.rows) * f64::from(self.row_height) - f64::from(self.view)).max(0.0)
    }

    /// The whole rows that fit into the view; at least one.
    #[must_use]
    pub fn page(self) -> u64 {
        whole(f64::from(self.view / self.row_height)).max(1)
    }
}

impl Anchor {
    /// The anchor after scrolling `points` further down, or up where negative; it stays within the list.
    #[must_use]
    pub fn scrolled(self, points: f64, extent: Extent) -> Self {
        Self::at(self.points(extent) + points, extent)
    }

    /// The anchor at which `row` is wholly in view: unchanged where it is already, in the middle where it was far away.
    #[must_use]
    pub fn revealing(self, row: u64, extent: Extent) -> Self {
        let height = f64::from(extent.row_height);
        let (top, here) = (as_f64(row) * height, self.points(extent));
        let lowest = top + height - f64::from(extent.view);
        if (lowest..=top).contains(&here) {
            return Self::at(here, extent);
        }
        let nearest = here.clamp(lowest.min(top), top);
        let far = (nearest - here).abs() > 3.0 * height;
        Self::at(if far { f64::midpoint(lowest, top) } else { nearest }, extent)
    }

    /// How far down the list it is, from 0 to 1.
    #[must_use]
    pub fn fraction(self, extent: Extent) -> f64 {
        let travel = extent.travel();
        if travel > 0.0 { (self.points(extent) / travel).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The anchor at a fraction of the way down, from 0 to 1.
    #[must_use]
    pub fn at_fraction(fraction: f64, extent: Extent) -> Self {
        Self::at(fraction.clamp(0.0, 1.0) * extent.travel(), extent)
    }

    /// The rows that are at least partly in view.
    #[must_use]
    pub fn visible(self, extent: Extent) -> Range<u64> {
        let seen = f64::from((self.offset + extent.view) / extent.row_height).ceil();
        self.top_row..self.top_row.saturating_add(whole(seen)).min(extent.rows)
    }

    fn points(self, extent: Extent) -> f64 {
        as_f64(self.top_row) * f64::from(extent.row_height) + f64::from(self.offset)
    }

    fn at(points: f64, extent: Extent) -> Self {
        let points = points.clamp(0.0, extent.travel());
        let height = f64::from(extent.row_height);
        let top_row = whole(points / height);
        #[expect(clippy::cast_possible_truncation, reason = "less than the height of a row")]
        let offset = (points - as_f64(top_row) * height).clamp(0.0, height) as f32;
        Self { top_row, offset }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 rows, which no file holds")]
fn as_f64(rows: u64) -> f64 {
    rows as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the casts saturate, and rows count from 0"
)]
fn whole(value: f64) -> u64 {
    value.floor() as u64
}

/// What is remembered of a list between frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowScroll {
    /// Where it stands.
    pub anchor: Anchor,
    /// What was last brought into view on request.
    revealed: u64,
    /// The row that the keys are about, where they walk through the rows.
    pub cursor: u64,
    /// How high the view was, in points.
    view: f32,
}

impl RowScroll {
    /// What is remembered under `id`.
    #[must_use]
    pub fn load(ctx: &egui::Context, id: Id) -> Self {
        ctx.data(|data| data.get_temp(id)).unwrap_or_default()
    }

    /// Remembers it under `id`.
    pub fn store(self, ctx: &egui::Context, id: Id) {
        ctx.data_mut(|data| data.insert_temp(id, self));
    }

    /// Brings `row` into view once for each `key`: what a person scrolls away from afterwards stays away. A row that is
    /// in view stays there when the view gets less high.
    ///
    /// `row` is `None` as long as it is not known; the request then stands.
    pub fn reveal(&mut self, key: u64, row: Option<u64>, extent: Extent) {
        let before = Extent { view: std::mem::replace(&mut self.view, extent.view), ..extent };
        let Some(row) = row else { return };
        let stays = before.view > extent.view && self.anchor.visible(before).contains(&row);
        if self.revealed != key || stays {
            self.revealed = key;
            self.anchor = self.anchor.revealing(row, extent);
        }
    }

    /// Goes back to the first row, because the list is another one now.
    pub fn restart(&mut self) {
        *self = Self::default();
    }
}

/// A view of rows: what scrolls it, and where its rows are drawn.
#[derive(Clone, Copy, Debug)]
pub struct RowArea {
    /// Names the list and what is remembered of it.
    pub id: Id,
    /// How many rows there are.
    pub rows: u64,
    /// The height of each, in points.
    pub row_height: f32,
    /// What the rows are, for the name of the list and of its scrollbar: "events".
    pub name: &'static str,
    /// Which of the lists it is for the keyboard.
    pub stop: Stop,
    /// Whether Page Up and Page Down, and Ctrl with Home and End, move it while nothing else listens to the keyboard.
    pub keys: bool,
}

impl RowArea {
    /// The extent of the list when seen through `view`.
    #[must_use]
    pub fn extent(&self, view: Rect) -> Extent {
        Extent { rows: self.rows, row_height: self.row_height, view: view.height() }
    }

    /// Takes in the wheel and the keys, before the rows in `outer` are drawn.
    pub fn scroll(&self, ui: &Ui, outer: Rect, scroll: &mut RowScroll) {
        let extent = self.extent(outer);
        let turned = if extent.travel() > 0.0 { wheel(ui, outer) } else { 0.0 };
        scroll.anchor = scroll.anchor.scrolled(turned, extent);
        if self.keys {
            scroll.anchor = paged(ui, scroll.anchor, extent);
        }
    }

    /// Draws the rows in view within `view`, each with its number and its place, and answers which they are.
    pub fn draw(&self, ui: &mut Ui, view: Rect, anchor: Anchor, mut row: impl FnMut(&mut Ui, u64, Rect)) -> Range<u64> {
        let visible = anchor.visible(self.extent(view));
        let builder = UiBuilder::new().max_rect(view).id_salt(("rows", self.id));
        let mut rows = ui.new_child(builder.accessibility_parent(self.keyboard()));
        rows.shrink_clip_rect(view);
        // On a whole pixel, so that text and hairlines stay sharp while scrolling.
        let mut top = (view.top() - anchor.offset).round_to_pixels(ui.pixels_per_point());
        for number in visible.clone() {
            row(&mut rows, number, Rect::from_min_size(pos2(view.left(), top), vec2(view.width(), self.row_height)));
            top += self.row_height;
        }
        visible
    }

    /// Draws the scrollbar over the right edge of `outer`, after the rows, so that a press on it is not theirs.
    pub fn scrollbar(&self, ui: &Ui, outer: Rect, scroll: &mut RowScroll) {
        let extent = self.extent(outer);
        if extent.travel() <= 0.0 {
            return;
        }
        let track = outer.with_min_x(outer.right() - theme::SCROLLBAR);
        let response = ui.interact(track, self.id.with("scrollbar"), Sense::CLICK | Sense::DRAG);
        let handle = handle_height(track, extent);
        if let Some(pointer) = response.interact_pointer_pos() {
            let held = held_at(ui, &response, handle_rect(track, handle, scroll.anchor.fraction(extent)), pointer.y);
            let way = f64::from(track.height() - handle).max(1.0);
            scroll.anchor = Anchor::at_fraction(f64::from(pointer.y - held - track.top()) / way, extent);
        }
        let fraction = scroll.anchor.fraction(extent);
        paint_handle(ui, &response, handle_rect(track, handle, fraction));
        response.widget_info(|| WidgetInfo {
            value: Some(fraction),
            ..WidgetInfo::labeled(Role::ScrollBar, true, format!("Scroll {}", self.name))
        });
    }
}

/// How far down its handle a scrollbar is held, in points: where it was taken, or in the middle after a press beside it.
fn held_at(ui: &Ui, response: &Response, handle: Rect, pointer: f32) -> f32 {
    let id = response.id.with("held");
    let fresh = response.drag_started() || response.clicked() || ui.input(|input| input.pointer.any_pressed());
    let known = if fresh { None } else { ui.data(|data| data.get_temp::<f32>(id)) };
    known.unwrap_or_else(|| {
        let inside = handle.y_range().contains(pointer);
        let held = if inside { pointer - handle.top() } else { handle.height() / 2.0 };
        ui.data_mut(|data| data.insert_temp(id, held));
        held
    })
}

fn handle_height(track: Rect, extent: Extent) -> f32 {
    let all = as_f64(extent.rows) * f64::from(extent.row_height);
    #[expect(clippy::cast_possible_truncation, reason = "a share of the view's height")]
    let share = (f64::from(track.height()) * f64::from(extent.view) / all) as f32;
    share.clamp(24.0_f32.min(track.height()), track.height())
}

fn handle_rect(track: Rect, height: f32, fraction: f64) -> Rect {
    #[expect(clippy::cast_possible_truncation, reason = "a fraction from 0 to 1")]
    let top = track.top() + (track.height() - height) * fraction as f32;
    Rect::from_min_size(pos2(track.left(), top), vec2(track.width(), height))
}

fn paint_handle(ui: &Ui, response: &Response, handle: Rect) {
    let palette = theme::palette(ui);
    let held = response.hovered() || response.dragged();
    let color = if held { palette.dim } else { palette.faint.gamma_multiply(0.55) };
    let thin = handle.shrink2(vec2(if held { 2.0 } else { 3.0 }, 2.0));
    ui.painter().rect_filled(thin, thin.width() / 2.0, color);
}

/// How far the wheel turned over `area`, in points downwards; nothing else gets it then.
fn wheel(ui: &Ui, area: Rect) -> f64 {
    if !ui.is_enabled() || !ui.rect_contains_pointer(area) {
        return 0.0;
    }
    f64::from(-ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y)))
}

/// The anchor after the keys that turn pages.
fn paged(ui: &Ui, anchor: Anchor, extent: Extent) -> Anchor {
    if !ui.is_enabled() || ui.ctx().text_edit_focused() {
        return anchor;
    }
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let page = as_f64(extent.page()) * f64::from(extent.row_height);
    let mut anchor = anchor;
    if pressed(Modifiers::NONE, Key::PageDown) {
        anchor = anchor.scrolled(page, extent);
    }
    if pressed(Modifiers::NONE, Key::PageUp) {
        anchor = anchor.scrolled(-page, extent);
    }
    if pressed(Modifiers::COMMAND, Key::Home) {
        anchor = Anchor::default();
    }
    if pressed(Modifiers::COMMAND, Key::End) {
        anchor = Anchor::at_fraction(1.0, extent);
    }
    anchor
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEN_MILLION: Extent = Extent { rows: 10_000_000, row_height: 24.0, view: 700.0 };

    #[test]
    fn the_last_of_ten_million_rows_is_reached_exactly() {
        let end = Anchor::default().scrolled(f64::MAX, TEN_MILLION);
        assert_eq!(end.visible(TEN_MILLION).end, 10_000_000);
        assert_eq!(end.top_row, 10_000_000 - 30);
        assert!((end.offset - 20.0).abs() < f32::EPSILON, "{end:?}");
        assert_eq!(end, Anchor::at_fraction(1.0, TEN_MILLION));
    }

    #[test]
    fn a_small_step_moves_at_any_depth() {
        let mut anchor = Anchor::default().revealing(9_999_000, TEN_MILLION);
        for _ in 0..240 {
            let next = anchor.scrolled(0.1, TEN_MILLION);
            assert_ne!(next, anchor);
            anchor = next;
        }
        let one_row = Anchor::default().revealing(9_999_000, TEN_MILLION).scrolled(24.0, TEN_MILLION);
        assert_eq!(anchor.top_row, one_row.top_row);
        assert!((anchor.offset - one_row.offset).abs() < 0.01);
    }

    #[test]
    fn a_row_in_view_does_not_move_the_list() {
        let anchor = Anchor { top_row: 100, offset: 3.0 };
        assert_eq!(anchor.revealing(110, TEN_MILLION), anchor);
        assert_eq!(anchor.revealing(100, TEN_MILLION), Anchor { top_row: 100, offset: 0.0 });
    }

    #[test]
    fn a_row_in_view_stays_there_when_the_view_shrinks() {
        let mut scroll = RowScroll::default();
        scroll.reveal(1, Some(5_000), TEN_MILLION);
        let low = Extent { view: 100.0, ..TEN_MILLION };
        scroll.reveal(1, Some(5_000), low);
        assert!(scroll.anchor.visible(low).contains(&5_000));
        scroll.anchor = Anchor::default();
        scroll.reveal(1, Some(5_000), Extent { view: 50.0, ..TEN_MILLION });
        assert_eq!(scroll.anchor, Anchor::default(), "somebody scrolled away from it");
    }

    proptest! {
        #[test]
        fn scrolling_stays_within_the_list(
            rows in 0u64..20_000_000, view in 10.0f32..2000.0, steps in prop::collection::vec(-1e9f64..1e9, 1..20),
        ) {
            let extent = Extent { rows, row_height: 24.0, view };
            let mut anchor = Anchor::default();
            for step in steps {
                anchor = anchor.scrolled(step, extent);
                let visible = anchor.visible(extent);
                prop_assert!(visible.start <= visible.end && visible.end <= rows);
                prop_assert!((0.0..=24.0).contains(&anchor.offset));
                prop_assert!((0.0..=1.0).contains(&anchor.fraction(extent)));
            }
        }

        #[test]
        fn a_revealed_row_is_wholly_in_view(rows in 1u64..20_000_000, from in 0.0f64..1.0, at in 0.0f64..1.0) {
            let extent = Extent { rows, row_height: 24.0, view: 300.0 };
            let row = whole(as_f64(rows - 1) * at);
            let anchor = Anchor::at_fraction(from, extent).revealing(row, extent);
            let top = as_f64(row) * 24.0 - anchor.points(extent);
            prop_assert!(top >= -0.001 && top + 24.0 <= 300.001, "{top}");
        }
    }
}
