//! What is watched for, at the right end of the timeline: whether each holds at the shown version, and marks on the
//! track where it begins and ceases to.

use std::sync::Arc;

use egui::{Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::one_line;
use crate::event::{StreamName, Version};
use crate::model::{Command, Condition, Inquiry, Watch};
use crate::session::{Findings, Loading, Question, Truth, standing};

/// How many watches are shown by name; the others are one press away.
const SHOWN: usize = 2;

/// What is watched for in a stream, and where that was met.
pub struct Watched<'a> {
    stream: &'a StreamName,
    conditions: Vec<Condition>,
    loading: Loading<Arc<Findings>>,
}

/// Looks up where the watches of the shown stream are met; nothing where there are none.
pub fn watched<'a>(scene: &Scene<'a>) -> Option<Watched<'a>> {
    let (stream, session) = scene.view.place.stream.as_ref().zip(scene.session)?;
    let conditions = scene.view.conditions(&stream.aggregate_type);
    if conditions.is_empty() {
        return None;
    }
    let loading = session.ask(stream, &Question::Hits(conditions.clone()));
    Some(Watched { stream, conditions, loading })
}

/// Paints a pill for each watch, from right to left: `Watch .total > 20 · true at v3`.
pub fn pills(ui: &mut Ui, watched: &Watched<'_>, shown: Version, out: &mut Vec<Command>) {
    let more = watched.conditions.len().saturating_sub(SHOWN);
    if more > 0 && pill(ui, &format!("+{more}"), "More watches", false).clicked() {
        out.push(Command::EditWatches);
    }
    for (index, condition) in watched.conditions.iter().enumerate().take(SHOWN).rev() {
        let (says, holds) = watched.says(index, shown);
        let text = format!("{} {} · {says}", word(condition), condition.text());
        let response = pill(ui, &text, &text, holds);
        let watch = || Watch { aggregate_type: watched.stream.aggregate_type.clone(), condition: condition.clone() };
        if response.clicked() {
            out.push(Command::Inquire(Inquiry::Watch(watch())));
        }
        response.context_menu(|ui| {
            for command in [Command::NextHit, Command::PreviousHit, Command::RemoveWatch(watch())] {
                if ui.button(command.entry().title).clicked() {
                    out.push(command);
                }
            }
        });
    }
}

const fn word(condition: &Condition) -> &'static str {
    match condition {
        Condition::When(_) => "Watch",
        Condition::Type(_) => "Break at",
    }
}

impl Watched<'_> {
    /// How a watch stands at a version, in words, and whether it holds.
    fn says(&self, condition: usize, shown: Version) -> (String, bool) {
        let Some(findings) = self.loading.value() else {
            let failed = self.loading.error().is_some();
            return (if failed { "cannot be asked" } else { "…" }.to_owned(), false);
        };
        let hit = standing(findings, condition, shown);
        if matches!(self.conditions.get(condition), Some(Condition::Type(_))) {
            let here = hit.is_some_and(|hit| hit.moment.version == shown);
            return (hit.map_or("not yet".to_owned(), |hit| format!("at v{}", grouped(hit.moment.version))), here);
        }
        let Some(hit) = hit else { return ("false".to_owned(), false) };
        let truth = match hit.truth {
            Truth::True => "true",
            Truth::False => "false",
            Truth::Failed(_) => "fails",
        };
        let since = if hit.moment.version == shown { "at" } else { "since" };
        (format!("{truth} {since} v{}", grouped(hit.moment.version)), hit.truth == Truth::True)
    }

    /// Paints where the watches are met above the rail: filled where one begins to hold, hollow where it ceases to.
    ///
    /// `place` says where a version stands, `version` which one stands at a place.
    pub fn mark(&self, ui: &Ui, rail: Rect, place: impl Fn(Version) -> f32, version: impl Fn(f32) -> Option<Version>) {
        let palette = theme::palette(ui);
        let Some(findings) = self.loading.value() else { return };
        let hits = findings.hits();
        let mut index = 0;
        while let Some(hit) = hits.get(index) {
            let x = place(hit.moment.version);
            // One per three pixels, as for the events beneath: those between are passed over unseen.
            let next = version(x + 3.0).unwrap_or(Version::MAX);
            index = hits.partition_point(|hit| hit.moment.version < next).max(index + 1);
            let top = rail.top() + 2.0;
            let corners = vec![pos2(x - 4.0, top), pos2(x + 4.0, top), pos2(x, top + 6.0)];
            let holds = hit.truth == Truth::True;
            let fill = if holds { palette.chg } else { palette.bg };
            ui.painter().add(Shape::convex_polygon(corners, fill, Stroke::new(1.0, palette.chg)));
        }
    }
}

fn pill(ui: &mut Ui, text: &str, name: &str, holds: bool) -> egui::Response {
    let palette = theme::palette(ui);
    let color = if holds { palette.chg } else { palette.dim };
    let galley = one_line(ui.painter(), text, theme::small(), color, 260.0);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 16.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let fill = if holds { palette.chg_bg } else { palette.raise };
    let line = if response.has_focus() { palette.accent } else { palette.line };
    ui.painter().rect(rect, 10.0, fill, Stroke::new(1.0, line), egui::StrokeKind::Inside);
    ui.painter().galley(rect.left_center() + vec2(8.0, -galley.size().y / 2.0), galley, color);
    response.on_hover_text("Every version at which it is met. F8 goes on to the next, Shift+F8 back.")
}
