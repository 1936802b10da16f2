//! Below the state: every value that a place in it had, or where a watch was met, each version one press away.

mod lines;
mod plot;
mod rows;
mod watches;

use egui::{Button, Label, RichText, Stroke, Ui};
use serde_json::Value;

use super::controls::{dim, failure, faint, inset, word};
use super::numbers::counted;
use super::scene::Scene;
use super::theme;
use super::widgets::jq_path;
use crate::codec::visible;
use crate::event::StreamName;
use crate::model::{Command, Inquiry, Watch};
use crate::session::{Count, Findings, Loading, Question, Session};

use lines::Lines;
pub use watches::WatchDraft;
pub use watches::show as watches_dialog;

/// How much of the state panel the answer takes.
const SHARE: f32 = 0.55;

/// A question that can be put to the shown stream: what is asked, in words and as the session takes it.
pub struct Put<'a> {
    inquiry: &'a Inquiry,
    question: Question,
    /// Which of the question's conditions it is about.
    condition: usize,
}

/// What a person asks of this stream, if it is to be asked: a watch only of the streams of its type.
#[must_use]
pub fn put<'a>(scene: &Scene<'a>, stream: &StreamName) -> Option<Put<'a>> {
    let inquiry = scene.view.inquiry.as_ref()?;
    match inquiry {
        Inquiry::Value(pointer) => Some(Put { inquiry, question: Question::Values(pointer.clone()), condition: 0 }),
        Inquiry::Watch(Watch { aggregate_type, condition }) => {
            let conditions = scene.view.conditions(&stream.aggregate_type);
            let of_type = *aggregate_type == stream.aggregate_type;
            let condition = conditions.iter().position(|other| other == condition).filter(|_| of_type)?;
            Some(Put { inquiry, question: Question::Hits(conditions), condition })
        }
    }
}

/// How high the state itself may be above the answer.
#[must_use]
pub fn height_above(ui: &Ui, put: Option<&Put<'_>>) -> f32 {
    let all = ui.available_height();
    if put.is_some() { (all * (1.0 - SHARE)).max(2.0 * theme::TREE_ROW) } else { all }
}

/// Paints the answer in what is left of the panel.
pub fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    (stream, state): (&StreamName, &Value),
    put: &Put<'_>,
    out: &mut Vec<Command>,
) {
    let loading = session.ask(stream, &put.question);
    let top = ui.cursor().top() + theme::STEP;
    ui.painter().hline(ui.max_rect().x_range(), top, Stroke::new(1.0, theme::palette(ui).line));
    ui.add_space(2.0 * theme::STEP);
    let findings = loading.value().cloned();
    let lines = findings.as_deref().map(|findings| Lines::of(findings, put.condition));
    let name = name(put.inquiry, state);
    let by_time = scene.view.plot_by_time;
    inset(ui, |ui| title(ui, (put.inquiry, &name, by_time), lines.as_ref(), findings.as_deref(), out));
    let Some((findings, lines)) = findings.as_deref().zip(lines) else {
        return inset(ui, |ui| match &loading {
            Loading::Failed(error) => failure(ui, error),
            _ => quiet(ui, "Folding the stream…"),
        });
    };
    if findings.limited {
        inset(ui, |ui| quiet(ui, "These are the first ones; there are too many to keep them all."));
    } else if findings.stopped && !findings.complete {
        inset(ui, |ui| quiet(ui, "It was stopped before the stream's end."));
    } else if lines.is_empty() && findings.complete {
        return inset(ui, |ui| quiet(ui, nothing(put.inquiry)));
    }
    let shown = scene.environment.versions;
    if let Some(versions) = shown {
        let history = session.history(stream);
        let axis = plot::Axis::of(history.value().map(|history| &**history), versions, scene.view.plot_by_time);
        inset(ui, |ui| plot::show(ui, &name, &lines, (axis, versions.shown), out));
        rows::show(ui, scene, &lines, versions.shown, out);
    }
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(Label::new(text).wrap());
}

const fn nothing(inquiry: &Inquiry) -> &'static str {
    match inquiry {
        Inquiry::Value(_) => "No event of this stream ever set it.",
        Inquiry::Watch(_) => "This stream never meets it.",
    }
}

/// What is asked about, as jq would write it.
fn name(inquiry: &Inquiry, state: &Value) -> String {
    match inquiry {
        Inquiry::Value(pointer) if pointer.is_empty() => "the whole state".to_owned(),
        Inquiry::Value(pointer) => jq_path(state, pointer),
        Inquiry::Watch(watch) => watch.condition.text().to_owned(),
    }
}

/// What it is about, how many findings there are, and a way to close it.
fn title(
    ui: &mut Ui,
    (inquiry, name, by_time): (&Inquiry, &str, bool),
    lines: Option<&Lines<'_>>,
    findings: Option<&Findings>,
    out: &mut Vec<Command>,
) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.set_height(theme::ROW);
        let words = match inquiry {
            Inquiry::Value(_) => ("History of", "value", "values"),
            Inquiry::Watch(_) => ("Watch", "time", "times"),
        };
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.add(Button::new("×").frame(false)).accessible_name("Close the history").clicked() {
                out.push(Command::CloseInquiry);
            }
            if let Some((lines, findings)) = lines.zip(findings) {
                let count = u64::try_from(lines.len()).unwrap_or(u64::MAX);
                let count = Count { value: count, complete: findings.complete };
                let text = faint(ui, counted(count, words.1, words.2));
                ui.label(text);
            }
            if lines.is_some_and(plot::is_plot) {
                let over = faint(ui, if by_time { "over time" } else { "over versions" });
                if word(ui, over).on_hover_text(Command::TogglePlotTime.entry().help).clicked() {
                    out.push(Command::TogglePlotTime);
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.label(RichText::new(words.0).font(theme::section()).color(palette.dim));
                ui.add(Label::new(RichText::new(visible(name)).font(theme::mono()).color(palette.key)).truncate());
            });
        });
    });
}
