//! The track itself: a slider named `Version` whose rail carries a coloured tick for each event.

use egui::accesskit::{Action, ActionData};
use egui::{
    Align2, EventFilter, PointerButton, Rangef, Rect, Response, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

use super::super::numbers::grouped;
use super::super::{moment, theme};
use super::over::Over;
use super::ticks::{Layout, Tick};
use super::zoom;
use crate::codec::visible;
use crate::event::Version;
use crate::model::{Command, MarkKind, MarkKinds, TimeMode};
use crate::session::{History, Mark, Outcome};

/// The height of the track, in points.
const HEIGHT: f32 = 34.0;
/// The space between the track's ends and its first and last tick, in points.
const INSET: f32 = 16.0;
/// The height of a tick whose event changed the state, and of one whose event did not, in points.
const TALL: f32 = 14.0;
const SHORT: f32 = 6.0;

/// What the track shows, and how.
pub struct Track<'a> {
    /// The history, which has marks.
    pub history: &'a History,
    /// The version that is shown.
    pub shown: Version,
    /// What is marked over the events.
    pub over: Over<'a>,
    /// Where the events of the part in view stand.
    pub layout: Layout<'a>,
    /// Which marks are shown.
    pub marks: &'a MarkKinds,
    /// How times are written.
    pub mode: TimeMode,
}

impl Track<'_> {
    /// Paints the track, with its head at the version that is shown.
    pub fn show(&self, ui: &mut Ui, out: &mut Vec<Command>) {
        let Self { history, shown, layout, .. } = *self;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click_and_drag());
        rail(ui, rect);
        let inside = rect.shrink2(vec2(INSET, 0.0));
        for tick in layout.on(inside.width()) {
            self.tick(ui, inside, &tick);
        }
        let count = history.marks.len();
        let index = history.marks.partition_point(|mark| mark.version < shown).min(count.saturating_sub(1));
        self.over.paint(ui, (rect, inside), layout, history);
        let place = layout.place(index);
        if (-0.001..=1.001).contains(&place) {
            head(ui, rect, inside.left() + place * inside.width(), &response);
        }
        zoom::bar(ui, rect, layout.span(), count);
        declare(ui, &response, history, shown);
        out.extend(zoom::turned(ui, &response, inside, layout, count));
        let wanted = pointed(&response, inside, layout).or_else(|| requested(ui, &response, index, history));
        if let Some(version) = wanted.and_then(|index| history.marks.get(index)).map(|mark| mark.version)
            && version != shown
        {
            out.push(Command::SelectVersion(version));
        }
        self.hover(ui, &response, inside);
    }

    /// One tick in the colour of its first event's type. A failure is a cross as well as red; no change is short.
    fn tick(&self, ui: &Ui, inside: Rect, tick: &Tick) {
        let Some(first) = self.history.marks.get(tick.marks.start) else { return };
        let palette = theme::palette(ui);
        let center = pos2(inside.left() + tick.at * inside.width(), inside.center().y);
        if tick.kept {
            let line = Rect::from_center_size(pos2(center.x, inside.bottom() - 3.0), vec2(3.0, 2.0));
            ui.painter().rect_filled(line, 0, palette.accent);
        }
        if tick.failed {
            let stroke = Stroke::new(1.5, palette.del);
            for lean in [-4.0, 4.0] {
                ui.painter().line_segment([center - vec2(lean, 5.0), center + vec2(lean, 5.0)], stroke);
            }
            return;
        }
        // Only the first few are asked: a tick may stand for thousands.
        let changed = || self.history.marks.range(tick.marks.clone()).take(64).any(|mark| mark.changed > 0);
        let height = if !self.marks.shows(MarkKind::Changes) || changed() { TALL } else { SHORT };
        let width = if tick.marks.len() > 1 { 2.0 } else { 3.0 };
        let color = if self.marks.shows(MarkKind::Types) {
            theme::event_type_color(first.event_type, palette.dark)
        } else {
            palette.faint
        };
        ui.painter().rect_filled(Rect::from_center_size(center, vec2(width, height)), 1.0, color);
    }

    /// What is under the pointer: the version, what happened, when, and what that did.
    fn hover(&self, ui: &Ui, response: &Response, inside: Rect) {
        let Some(pointer) = response.hover_pos() else { return };
        let index = self.layout.nearest(egui::remap_clamp(pointer.x, inside.x_range(), 0.0..=1.0));
        let Some(mark) = self.history.marks.get(index) else { return };
        let x = inside.left() + self.layout.place(index) * inside.width();
        let palette = theme::palette(ui);
        let y = Rangef::new(inside.top() + 3.0, inside.bottom() - 3.0);
        ui.painter().vline(x, y, Stroke::new(1.0, palette.faint));
        response.clone().on_hover_ui_at_pointer(|ui| {
            describe(ui, mark, self.mode);
            for says in self.over.says(mark.version) {
                ui.label(RichText::new(&*says).color(palette.dim));
            }
        });
    }
}

/// The track with nothing on it but the reason.
pub fn empty(ui: &mut Ui, text: &str) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    rail(ui, rect);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, theme::text(), palette.faint);
}

fn rail(ui: &Ui, rect: Rect) {
    let palette = theme::palette(ui);
    let stroke = Stroke::new(1.0, palette.line);
    ui.painter().rect(rect, f32::from(theme::ROUNDING), palette.bg, stroke, egui::StrokeKind::Inside);
}

fn head(ui: &Ui, rect: Rect, x: f32, response: &Response) {
    let palette = theme::palette(ui);
    let y = Rangef::new(rect.top() - 3.0, rect.bottom() + 3.0);
    ui.painter().vline(x, y, Stroke::new(2.0, palette.accent));
    let knob = Rect::from_center_size(pos2(x, rect.top() - 2.0), vec2(12.0, 8.0));
    let ring = if response.has_focus() { Stroke::new(1.5, palette.text) } else { Stroke::NONE };
    ui.painter().rect(knob, 3.0, palette.accent, ring, egui::StrokeKind::Outside);
}

/// The mark under a click or a drag.
fn pointed(response: &Response, inside: Rect, layout: Layout<'_>) -> Option<usize> {
    let primary = response.clicked() || response.dragged_by(PointerButton::Primary);
    let pointer = response.interact_pointer_pos().filter(|_| primary)?;
    Some(layout.nearest(egui::remap_clamp(pointer.x, inside.x_range(), 0.0..=1.0)))
}

/// The mark that a screen reader asks for. Arrow keys are the commands' own: see the table of commands.
fn requested(ui: &Ui, response: &Response, index: usize, history: &History) -> Option<usize> {
    if response.has_focus() {
        let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    }
    if let Some(value) = set_value_request(ui, response) {
        #[expect(clippy::cast_possible_truncation, reason = "versions are small")]
        let version = value.round() as Version;
        return history.marks.index_of(version);
    }
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action));
    let (up, down) = (asked(Action::Increment), asked(Action::Decrement));
    (up + down > 0).then(|| (index + up).saturating_sub(down))
}

/// The number that a screen reader asks for; the last one of the frame wins.
fn set_value_request(ui: &Ui, response: &Response) -> Option<f64> {
    ui.input(|input| {
        let requests = input.accesskit_action_requests(response.id, Action::SetValue);
        let numbers = requests.filter_map(|request| match request.data {
            Some(ActionData::NumericValue(value)) => Some(value),
            _ => None,
        });
        numbers.last()
    })
}

#[expect(clippy::cast_precision_loss, reason = "versions are far below 2^52")]
fn declare(ui: &Ui, response: &Response, history: &History, shown: Version) {
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), shown as f64, "Version"));
    let (Some(first), Some(last)) = (history.marks.first(), history.marks.last()) else { return };
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Slider);
        node.set_min_numeric_value(first.version as f64);
        node.set_max_numeric_value(last.version as f64);
        node.set_numeric_value_step(1.0);
        for action in [Action::SetValue, Action::Increment, Action::Decrement] {
            node.add_action(action);
        }
    });
}

fn describe(ui: &mut Ui, mark: Mark<'_>, mode: TimeMode) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(format!("Version {}", grouped(mark.version))).font(theme::semibold()));
        ui.label(visible(mark.event_type));
    });
    if let Some(timestamp) = mark.timestamp {
        ui.label(RichText::new(visible(&moment::full(timestamp, mode))).font(theme::mono()).color(palette.dim));
    }
    let (text, color) = outcome_text(mark, palette);
    ui.label(RichText::new(text).color(color));
}

/// What an event did, in words.
fn outcome_text(mark: Mark<'_>, palette: &theme::Palette) -> (String, egui::Color32) {
    match mark.outcome {
        Outcome::Failed(error) => (format!("× its rule failed: {error}"), palette.del),
        Outcome::Unhandled => ("no rule is for it".to_owned(), palette.dim),
        Outcome::Ignored => ("a rule says that it changes nothing".to_owned(), palette.dim),
        Outcome::Applied => (format!("{} changed", plural(mark.changed, "value", "values")), palette.dim),
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
