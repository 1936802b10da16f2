//! Causes as swimlanes: a lane for each stream, its events over time, a line from each to what it caused.

use egui::{Align, Pos2, Rangef, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::super::numbers::counted;
use super::super::scene::Scene;
use super::super::theme::{self, Palette};
use super::super::widgets::text_in;
use crate::codec::visible;
use crate::event::Position;
use crate::insight::TraceMark;
use crate::model::Command;
use crate::session::{CauseNode, CauseTree, Count, Lane};

/// The width of the names of the lanes, and the height of a lane, in points.
const NAMES: f32 = 240.0;
pub(super) const LANE: f32 = 26.0;
/// How far the mark of an event at the end reaches beyond it, in points.
const BEYOND: f32 = theme::MARGIN;
/// How near the pointer has to be to an event, in points.
const NEAR: f32 = 8.0;
/// How many lines are painted at once: more of them say nothing.
const LINES: usize = 3_000;

/// Which part is in view, and how it is laid out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    /// From where to where, as shares of the whole.
    span: Rangef,
    /// Whether events stand in their order rather than by their times; `None` until somebody chooses.
    by_order: Option<bool>,
}

impl Default for View {
    fn default() -> Self {
        Self { span: Rangef::new(0.0, 1.0), by_order: None }
    }
}

impl View {
    /// Whether events stand in their order: also where they have no times that tell them apart.
    pub(super) fn is_by_order(&self, tree: &CauseTree) -> bool {
        self.by_order.unwrap_or_else(|| tree.nodes.iter().all(|node| node.by_time == 0.0))
    }

    fn zoomed(self, factor: f32, around: f32) -> Self {
        let length = (self.span.span() * factor).clamp(1e-4, 1.0);
        let share = (around - self.span.min) / self.span.span();
        Self { span: Rangef::new(around - share * length, around + (1.0 - share) * length), ..self }.within()
    }

    fn moved(self, by: f32) -> Self {
        Self { span: Rangef::new(self.span.min + by, self.span.max + by), ..self }.within()
    }

    fn within(self) -> Self {
        let length = self.span.span().min(1.0);
        let from = self.span.min.clamp(0.0, 1.0 - length);
        Self { span: Rangef::new(from, from + length), ..self }
    }
}

/// Paints the lanes, `height` high.
pub(super) fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    tree: &CauseTree,
    (event, height): (Position, f32),
    view: &mut View,
    out: &mut Vec<Command>,
) {
    buttons(ui, tree, view);
    #[expect(clippy::cast_precision_loss, reason = "there are ten thousand lanes at most")]
    let whole = tree.lanes.len() as f32 * LANE;
    let area = ScrollArea::vertical().id_salt(("lanes", event)).max_height(height - theme::ROW).auto_shrink(false);
    area.show_viewport(ui, |ui, shown| {
        let size = vec2(ui.available_width(), whole.max(shown.height()));
        let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK | Sense::DRAG);
        let streams = counted(Count::complete(tree.lanes.len() as u64), "stream", "streams");
        let events = counted(Count::complete(tree.nodes.len() as u64), "event", "events");
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{events} in the lanes of {streams}")));
        let picture = Lanes {
            tree,
            event,
            by_order: view.is_by_order(tree),
            span: view.span,
            rect,
            seen: shown.translate(rect.min.to_vec2()),
        };
        picture.paint(ui);
        turned(ui, &response, &picture, view);
        let under = response.hover_pos().and_then(|at| picture.under(at));
        match (under, response.hover_pos()) {
            (Some(node), _) => picture.point_out(ui, scene, &response, node),
            (None, Some(at)) => picture.point_at(ui, scene, &response, at),
            (None, None) => {}
        }
        if let Some(node) = under.filter(|_| response.clicked()) {
            out.extend([Command::SelectEvent(node.position), Command::CloseOverlay]);
        }
    });
}

fn buttons(ui: &mut Ui, tree: &CauseTree, view: &mut View) {
    ui.horizontal(|ui| {
        let mut by_order = view.is_by_order(tree);
        if ui.checkbox(&mut by_order, "In order, each as far from the next").changed() {
            view.by_order = Some(by_order);
        }
        ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
            let middle = view.span.center();
            if ui.button("All").on_hover_text("Show all of it").clicked() {
                *view = View { by_order: view.by_order, ..View::default() };
            }
            if ui.button("+").on_hover_text("Zoom in; Ctrl and the wheel do so at the pointer").clicked() {
                *view = view.zoomed(0.5, middle);
            }
            if ui.button("−").on_hover_text("Zoom out").clicked() {
                *view = view.zoomed(2.0, middle);
            }
        });
    });
}

/// What the pointer does with the part in view.
fn turned(ui: &Ui, response: &Response, picture: &Lanes<'_>, view: &mut View) {
    let field = picture.field();
    if response.dragged() {
        *view = view.moved(-response.drag_delta().x / field.width().max(1.0) * view.span.span());
    }
    let Some(pointer) = response.hover_pos() else { return };
    let zoom = ui.input(egui::InputState::zoom_delta);
    if (zoom - 1.0).abs() > 1e-3 {
        let at = view.span.min + view.span.span() * egui::remap_clamp(pointer.x, field.x_range(), 0.0..=1.0);
        *view = view.zoomed(1.0 / zoom, at);
    }
}

/// The lanes as they are painted.
pub(super) struct Lanes<'a> {
    /// What is in them.
    pub tree: &'a CauseTree,
    event: Position,
    by_order: bool,
    span: Rangef,
    /// All the lanes.
    rect: Rect,
    /// The part of it that is in view.
    pub seen: Rect,
}

impl Lanes<'_> {
    /// Where the events are.
    pub(super) fn field(&self) -> Rect {
        self.rect.with_min_x(self.rect.left() + NAMES).with_max_x(self.rect.right() - 2.0 * theme::MARGIN)
    }

    /// How far to the right an event stands.
    pub(super) fn x(&self, node: &CauseNode) -> f32 {
        let place = if self.by_order { node.by_order } else { node.by_time };
        egui::remap(place, self.span, self.field().x_range())
    }

    /// How far down a lane is.
    #[expect(clippy::cast_precision_loss, reason = "there are ten thousand lanes at most")]
    pub(super) fn y(&self, lane: usize) -> f32 {
        self.rect.top() + (lane as f32 + 0.5) * LANE
    }

    /// Where an event stands.
    pub(super) fn at(&self, node: &CauseNode) -> Pos2 {
        pos2(self.x(node), self.y(node.lane))
    }

    /// The lanes in view.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rows count from 0, and casts saturate"
    )]
    pub(super) fn lanes(&self) -> impl Iterator<Item = (usize, &Lane)> {
        let from = ((self.seen.top() - self.rect.top()) / LANE).floor().max(0.0) as usize;
        let to = ((self.seen.bottom() - self.rect.top()) / LANE).ceil().max(0.0) as usize;
        self.tree.lanes.iter().enumerate().skip(from).take(to.saturating_sub(from))
    }

    fn paint(&self, ui: &Ui) {
        let palette = theme::palette(ui);
        let field = self.field();
        let painter = ui.painter().with_clip_rect(self.seen.intersect(ui.clip_rect()));
        let inside = painter.with_clip_rect(field.expand2(vec2(BEYOND, 0.0)).intersect(painter.clip_rect()));
        for (number, lane) in self.lanes() {
            let y = self.y(number);
            painter.hline(field.x_range(), y, Stroke::new(1.0, palette.line));
            let name = Rect::from_x_y_ranges(
                self.rect.left() + 6.0..=field.left() - theme::MARGIN,
                y - LANE / 2.0..=y + LANE / 2.0,
            );
            text_in(&painter, name, Align::Min, &visible(&lane.stream.to_string()), theme::mono(), palette.dim);
        }
        self.lines(&inside, palette);
        for (_, lane) in self.lanes() {
            let mut last = f32::NEG_INFINITY;
            for node in lane.nodes.iter().filter_map(|node| self.tree.nodes.get(*node)) {
                let at = self.at(node);
                // Under one pixel only the first is seen, unless it is the one asked for, or marked.
                let stands_out = node.position == self.event || node.mark.is_some();
                if !field.expand(BEYOND).x_range().contains(at.x) || at.x - last < 1.0 && !stands_out {
                    continue;
                }
                last = at.x;
                self.dot(&inside, palette, node, at);
            }
        }
    }

    fn dot(&self, painter: &egui::Painter, palette: &Palette, node: &CauseNode, at: Pos2) {
        painter.circle_filled(at, 4.0, theme::event_type_color(&node.event_type, palette.dark));
        if node.position == self.event {
            painter.circle_stroke(at, 7.0, Stroke::new(2.0, palette.accent));
        }
        match node.mark {
            Some(TraceMark::Missing) => {
                let text = at + vec2(-9.0, -7.0);
                painter.text(text, egui::Align2::CENTER_CENTER, "?", theme::small(), palette.chg);
            }
            Some(TraceMark::Loop) => drop(painter.circle_stroke(at, 7.0, Stroke::new(1.5, palette.del))),
            None => {}
        }
    }

    /// A line from each cause in view, or each effect in view.
    fn lines(&self, painter: &egui::Painter, palette: &Palette) {
        let field = self.field();
        let stroke = Stroke::new(1.0, palette.faint.gamma_multiply(0.6));
        let between = Rangef::new(self.seen.top(), self.seen.bottom());
        let mut drawn = 0;
        for node in &self.tree.nodes {
            let Some(cause) = node.cause.and_then(|cause| self.tree.nodes.get(cause)) else { continue };
            let (from, to) = (self.at(cause), self.at(node));
            let is_beside = from.x.max(to.x) < field.left() || from.x.min(to.x) > field.right();
            let is_above = from.y.max(to.y) < between.min || from.y.min(to.y) > between.max;
            if is_beside || is_above || drawn >= LINES || from.distance(to) < 2.0 {
                continue;
            }
            drawn += 1;
            painter.line_segment([from, to], stroke);
        }
    }

    /// The lane at a place.
    pub(super) fn lane_at(&self, at: Pos2) -> Option<&Lane> {
        self.lanes().find(|(number, _)| (self.y(*number) - at.y).abs() <= LANE / 2.0).map(|(_, lane)| lane)
    }

    /// The event at a place.
    fn under(&self, at: Pos2) -> Option<&CauseNode> {
        let lane = self.lane_at(at)?;
        let nodes = lane.nodes.iter().filter_map(|node| self.tree.nodes.get(*node));
        let near = nodes.map(|node| ((self.x(node) - at.x).abs(), node)).filter(|(distance, _)| *distance <= NEAR);
        near.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, node)| node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_in_view_stays_within_the_whole() {
        let view = View::default().zoomed(0.5, 0.5);
        assert!((view.span.min - 0.25).abs() < 1e-6 && (view.span.max - 0.75).abs() < 1e-6);
        let moved = view.moved(0.9);
        assert!((moved.span.min - 0.5).abs() < 1e-6 && (moved.span.max - 1.0).abs() < 1e-6);
        let whole = moved.zoomed(10.0, 0.9);
        assert!((whole.span.min).abs() < 1e-6 && (whole.span.max - 1.0).abs() < 1e-6);
    }
}
