//! The window that compares two states: what is compared, what differs, and the events between two versions.

mod differences;
mod side;

use egui::{Align, Button, Label, Layout, ScrollArea, Ui};

use super::controls::{dim, failure, link, offer};
use super::dialogs::dialog;
use super::moment;
use super::numbers::{counted, grouped};
use super::scene::Scene;
use super::theme;
use super::understanding::export::{self, Form};
use crate::codec::visible;
use crate::event::{StreamName, Version};
use crate::filter::{Field, Filter, Term};
use crate::insight::DifferenceForm;
use crate::model::Command;
use crate::replay::branch::Branch;
use crate::session::{ComparedState, Comparison, Count, Loading};

use side::SideDraft;

/// The width of the window, and the height of what was found, in points.
const WIDTH: f32 = 1080.0;
const HEIGHT: f32 = 320.0;
/// The width of the list of events between two versions, in points.
const BETWEEN: f32 = 300.0;

/// What is compared.
#[derive(Debug, Default)]
pub struct CompareDraft {
    sides: [SideDraft; 2],
}

impl CompareDraft {
    /// Makes a stream at a version the first side.
    pub fn pin(&mut self, stream: &StreamName, version: Version) {
        self.sides[0] = SideDraft::of(stream, version);
    }

    /// Begins with a stream at a version as the second side; the first is what was pinned, else the version `before`.
    pub fn begin(&mut self, stream: &StreamName, version: Version, before: Version) {
        let [first, second] = &mut self.sides;
        if first.is_empty() {
            *first = SideDraft::of(stream, before);
        }
        *second = SideDraft::of(stream, version);
    }
}

/// Paints the window. `branch` is the what-if branch, where there is one.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut CompareDraft, branch: &Branch, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    dialog(ui, "Compare", WIDTH, out, |ui, out| {
        // It stays where it is while what is found grows and shrinks.
        ui.set_min_height((HEIGHT + 5.0 * theme::ENTRY).min(ui.ctx().content_rect().height() - 120.0));
        let [first, second] = &mut draft.sides;
        side::show(ui, "A", first, branch);
        side::show(ui, "B", second, branch);
        if ui.button("Swap A and B").clicked() {
            std::mem::swap(first, second);
        }
        let (a, b) = match (first.pinned(branch), second.pinned(branch)) {
            (Ok(a), Ok(b)) => (a, b),
            (Err(reason), _) | (_, Err(reason)) => {
                let text = dim(ui, reason);
                ui.add(Label::new(text).wrap());
                return;
            }
        };
        let loading = session.compare(&a, &b);
        match (&loading, loading.value()) {
            (Loading::Failed(error), _) => failure(ui, error),
            (_, Some(found)) => {
                // What was compared before stays while one types, and is seen to be that.
                ui.scope(|ui| {
                    if loading.is_loading() {
                        ui.multiply_opacity(0.5);
                    }
                    result(ui, scene, found, out);
                });
            }
            _ => drop(ui.label("Folding both…")),
        }
    });
}

fn result(ui: &mut Ui, scene: &Scene<'_>, found: &Comparison, out: &mut Vec<Command>) {
    ui.separator();
    let count = u64::try_from(found.differences.len()).unwrap_or(u64::MAX);
    ui.horizontal(|ui| {
        ui.label(match count {
            0 => "The states are the same.".to_owned(),
            _ => counted(Count::complete(count), "difference", "differences"),
        });
        // What is pressed keeps its place; the words have what is left.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            files(ui, scene, found, out);
            if count > 0 && ui.add(Button::new("Copy")).accessible_name("Copy the differences").clicked() {
                out.push(Command::CopyText(differences::as_text(&found.differences)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let about = format!("A: {}   B: {}", about(&found.a), about(&found.b));
                let about = dim(ui, visible(&about));
                ui.add(Label::new(about).truncate());
            });
        });
    });
    if found.between.is_empty() {
        differences::show(ui, &found.differences, HEIGHT);
        return;
    }
    ui.horizontal_top(|ui| {
        let width = ui.available_width() - BETWEEN - theme::MARGIN;
        ui.allocate_ui(egui::vec2(width, HEIGHT), |ui| {
            ui.set_width(width);
            ui.vertical(|ui| differences::show(ui, &found.differences, HEIGHT));
        });
        ui.vertical(|ui| between(ui, scene, found, out));
    });
}

/// The forms in which what differs is written, and the events between two versions.
fn files(ui: &mut Ui, scene: &Scene<'_>, found: &Comparison, out: &mut Vec<Command>) {
    let sides = [about(&found.a), about(&found.b)];
    let texts = DifferenceForm::ALL.map(|form| {
        let sides = &sides;
        move || form.write([&sides[0], &sides[1]], &found.differences)
    });
    let forms: Vec<Form<'_>> = DifferenceForm::ALL
        .into_iter()
        .zip(&texts)
        .map(|(form, text)| Form {
            title: form.title(),
            help: form.help(),
            ending: format!("differences.{}", form.name()),
            what: "What differs".to_owned(),
            text,
        })
        .collect();
    if let Some(filter) = between_as_filter(found) {
        let (command, button) = (Command::ExportSelection(filter), Button::new("Export the events between…"));
        offer(ui, scene.environment, command, button, "Export the events between…", out);
    }
    export::menu(ui, scene, &forms, out);
}

/// The filter that lets through the events between the two versions, the later one's own among them.
fn between_as_filter(found: &Comparison) -> Option<String> {
    let (a, b) = found.a.version.zip(found.b.version).filter(|_| !found.between.is_empty())?;
    let stream = Term::field(Field::Stream, found.a.stream.to_string());
    Some(format!("{} version>{} version<={}", Filter { terms: vec![stream] }, a.min(b), a.max(b)))
}

/// Which state it is: the stream, the version, and where it comes from.
fn about(side: &ComparedState) -> String {
    let version = side.version.map_or_else(|| "no event".to_owned(), |version| format!("v{}", grouped(version)));
    format!("{} {version}, {}", side.stream, side.from)
}

/// The events that lie between the two versions; a press goes there.
fn between(ui: &mut Ui, scene: &Scene<'_>, found: &Comparison, out: &mut Vec<Command>) {
    let listed = u64::try_from(found.between.len()).unwrap_or(u64::MAX);
    let count = Count::complete(listed.saturating_add(found.left_out));
    let title = format!("{} between", counted(count, "event", "events"));
    ui.label(egui::RichText::new(title).font(theme::section()).color(theme::palette(ui).dim));
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("events between")
        .max_height(HEIGHT - theme::ROW)
        .auto_shrink([false, true])
        .show_rows(ui, theme::TREE_ROW, found.between.len(), |ui, rows| {
            for event in found.between.get(rows).unwrap_or_default() {
                ui.horizontal(|ui| {
                    let text = format!("v{} {}", grouped(event.version), event.event_type);
                    if link(ui, &text, false).clicked() {
                        out.push(Command::SelectEvent(event.position));
                        out.push(Command::CloseOverlay);
                    }
                    if let Some(at) = &event.timestamp {
                        let at = dim(ui, moment::clock(at, scene.view.time_mode));
                        ui.add(Label::new(at).truncate());
                    }
                });
            }
        });
    if found.left_out > 0 {
        let more = dim(ui, format!("and {} more", grouped(i128::from(found.left_out))));
        ui.label(more);
    }
}
