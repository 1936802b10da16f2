//! What the pointer says over the swimlanes: an event with what it is tied to and the state that it led to; beside the
//! events, the state of a lane's stream at that moment of the store.

use egui::{Align, Pos2, Rect, Response, RichText, Stroke, Ui, pos2};
use serde_json::Value;

use super::super::moment;
use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::text_in;
use super::lanes::{LANE, Lanes};
use super::mark_of;
use crate::codec::visible;
use crate::event::{Position, StreamName, Version};
use crate::model::TimeMode;
use crate::session::{CauseNode, Loading, Session};

/// How many members of a state are shown.
const MEMBERS: usize = 8;

impl Lanes<'_> {
    /// Says what an event under the pointer is, what it is tied to, and how far each lane is by then.
    pub(super) fn point_out(&self, ui: &Ui, scene: &Scene<'_>, response: &Response, node: &CauseNode) {
        let Some(session) = scene.session else { return };
        let palette = theme::palette(ui);
        let painter = ui.painter().with_clip_rect(self.seen.intersect(ui.clip_rect()));
        let at = self.at(node);
        self.moment(ui, at.x, node.position);
        painter.circle_stroke(at, 6.0, Stroke::new(1.5, palette.text));
        for other in &self.tree.nodes {
            let is_tied = std::ptr::eq(other, node)
                || other
                    .cause
                    .and_then(|cause| self.tree.nodes.get(cause))
                    .is_some_and(|cause| std::ptr::eq(cause, node));
            if let Some(cause) = other.cause.and_then(|cause| self.tree.nodes.get(cause)).filter(|_| is_tied) {
                painter.line_segment([self.at(cause), self.at(other)], Stroke::new(1.5, palette.accent));
            }
        }
        let text = self.describe(node, scene.view.time_mode);
        let state = match self.tree.lanes.get(node.lane) {
            Some(lane) => state(session, &lane.stream, node.version),
            None => Vec::new(),
        };
        response.clone().on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_ui_at_pointer(|ui| {
            ui.label(RichText::new(visible(&node.event_type)).font(theme::semibold()));
            ui.label(RichText::new(text).color(palette.dim));
            if let Some((mark, color)) = mark_of(node, palette) {
                ui.label(RichText::new(mark).color(color));
            }
            lines(ui, state);
        });
    }

    /// Says, beside the events, what the stream of the lane under the pointer had come to at that moment.
    pub(super) fn point_at(&self, ui: &Ui, scene: &Scene<'_>, response: &Response, at: Pos2) {
        let (Some(session), Some(lane)) = (scene.session, self.lane_at(at)) else { return };
        let Some(position) = self.position_at(at.x).filter(|_| self.field().x_range().contains(at.x)) else { return };
        let palette = theme::palette(ui);
        self.moment(ui, at.x, position);
        let (text, state) = by_then(session, &lane.stream, position);
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.label(RichText::new(visible(&lane.stream.to_string())).font(theme::semibold()));
            ui.label(RichText::new(text).color(palette.dim));
            lines(ui, state);
        });
    }

    /// The place in the store that the pointer stands for: that of the last event that is not to the right of it.
    fn position_at(&self, x: f32) -> Option<Position> {
        self.tree.nodes.iter().filter(|node| self.x(node) <= x).map(|node| node.position).max()
    }

    /// A line at a moment, and before each lane the version that its stream has come to by then.
    fn moment(&self, ui: &Ui, x: f32, position: Position) {
        let palette = theme::palette(ui);
        let painter = ui.painter().with_clip_rect(self.seen.intersect(ui.clip_rect()));
        let left = self.field().left();
        painter.vline(x, self.seen.y_range(), Stroke::new(1.0, palette.faint));
        for (number, lane) in self.lanes() {
            let nodes = lane.nodes.iter().filter_map(|node| self.tree.nodes.get(*node));
            if let Some(last) = nodes.take_while(|other| other.position <= position).last() {
                let (top, bottom) = (self.y(number) - LANE / 2.0, self.y(number) + LANE / 2.0);
                let end = Rect::from_min_max(pos2(left - 60.0, top), pos2(left - theme::STEP, bottom));
                painter.rect_filled(end, 0, palette.panel);
                let text = format!("v{}", grouped(last.version));
                text_in(&painter, end, Align::Max, &text, theme::mono(), palette.accent);
            }
        }
    }

    fn describe(&self, node: &CauseNode, mode: TimeMode) -> String {
        let stream = self.tree.lanes.get(node.lane).map(|lane| lane.stream.to_string()).unwrap_or_default();
        let time = node.timestamp.as_ref().map(|time| moment::full(time, mode)).unwrap_or_default();
        let (version, position) = (grouped(node.version), grouped(node.position));
        format!("{} v{version}, position {position}\n{time}", visible(&stream))
    }
}

fn lines(ui: &mut Ui, lines: Vec<String>) {
    for line in lines {
        ui.label(RichText::new(line).font(theme::mono()));
    }
}

/// What a stream had come to at a place in the store, and its state there. What is between the events of the trace counts.
fn by_then(session: &Session, stream: &StreamName, position: Position) -> (String, Vec<String>) {
    let at = grouped(position);
    let history = session.history(stream);
    let marks = history.value().filter(|history| history.stream == *stream);
    let mark = marks.and_then(|history| {
        let until = history.marks.partition_point(|mark| mark.position <= position);
        history.marks.get(until.checked_sub(1)?)
    });
    match (mark, &history) {
        (Some(mark), _) => {
            let after = visible(mark.event_type);
            let text = format!("v{} at position {at}, after {after}", grouped(mark.version));
            (text, state(session, stream, mark.version))
        }
        (None, Loading::Failed(error)) => (error.to_string(), Vec::new()),
        (None, Loading::Ready(history)) if history.complete || history.marks.first().is_some() => {
            (format!("It has no event up to position {at}."), Vec::new())
        }
        _ => ("Reading the stream…".to_owned(), Vec::new()),
    }
}

/// The state of a stream at a version, a line for each member.
fn state(session: &Session, stream: &StreamName, version: Version) -> Vec<String> {
    let loading = session.state(stream, version);
    let Some(held) = loading.value().filter(|held| held.version == version && !loading.is_loading()) else {
        return match loading.error() {
            Some(error) => vec![error.to_string()],
            None => vec!["folding its state…".to_owned()],
        };
    };
    let Value::Object(members) = &held.state else { return vec![short(&held.state)] };
    let line = |(key, value): (&String, &Value)| visible(&format!("{key}: {}", short(value))).into_owned();
    let mut lines: Vec<String> = members.iter().take(MEMBERS).map(line).collect();
    if members.len() > MEMBERS {
        lines.push(format!("and {} more", members.len() - MEMBERS));
    }
    lines
}

fn short(value: &Value) -> String {
    match value {
        Value::Object(members) => format!("{{{}}}", members.len()),
        Value::Array(items) => format!("[{}]", items.len()),
        other => other.to_string().chars().take(60).collect(),
    }
}
