//! The window for causes: what led to an event and what followed from it, as a tree and as swimlanes.

mod lanes;
mod picture;
mod pointer;
mod tree;

use egui::{Align, Color32, Label, RichText, Ui};

use super::controls::{dim, failure, offer, tab};
use super::dialogs::dialog;
use super::numbers::{counted, grouped};
use super::scene::Scene;
use super::theme::{self, Palette};
use super::understanding::export::{self, Form};
use crate::event::Position;
use crate::filter::{Field, Filter, Term};
use crate::insight::TraceMark;
use crate::model::Command;
use crate::session::{CauseNode, CauseTree, CausesOf, Count};

/// The width of the window, and the most height of what it shows, in points.
const WIDTH: f32 = 1080.0;
const HEIGHT: f32 = 420.0;
/// How many events are exported by their positions.
const NAMED: usize = 200;

/// What is chosen in the window.
#[derive(Debug, Default)]
pub struct CausesDraft {
    /// The event that it was opened for.
    event: Option<Position>,
    /// Whether the whole correlation is shown.
    whole: bool,
    /// Whether lanes are shown rather than the tree.
    lanes: bool,
    view: lanes::View,
}

impl CausesDraft {
    /// Begins with an event.
    pub fn begin(&mut self, event: Position) {
        *self = Self { event: Some(event), whole: self.whole, lanes: self.lanes, ..Self::default() };
    }
}

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut CausesDraft, out: &mut Vec<Command>) {
    let (Some(session), Some(event)) = (scene.session, draft.event) else { return };
    dialog(ui, &format!("Causes of event {}", grouped(event)), WIDTH, out, |ui, out| {
        let height = (ui.ctx().content_rect().height() - 280.0).clamp(160.0, HEIGHT);
        let loading = session.causes(CausesOf { event, whole: draft.whole });
        let tree = loading.value().cloned();
        choices(ui, draft, tree.as_deref());
        let Some(tree) = tree else {
            match loading.error() {
                Some(error) => failure(ui, error),
                None => note(ui, "Looking for what is tied to it…"),
            }
            // It is as high as with what is found: nothing moves away from under the pointer.
            ui.add_space(height + theme::ROW + 6.0 * theme::STEP);
            return;
        };
        summary(ui, &tree);
        if draft.lanes {
            lanes::show(ui, scene, &tree, (event, height), &mut draft.view, out);
        } else {
            tree::show(ui, scene, &tree, (event, height), out);
        }
        save(ui, scene, &tree, event, draft, out);
    });
}

fn note(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(Label::new(text).wrap());
}

/// How it is shown, and how much of it.
fn choices(ui: &mut Ui, draft: &mut CausesDraft, tree: Option<&CauseTree>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for (title, lanes) in [("Tree", false), ("Swimlanes", true)] {
            if tab(ui, title, draft.lanes == lanes).clicked() {
                draft.lanes = lanes;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
            let is_there = draft.whole || tree.is_none_or(|tree| tree.has_correlation);
            let choice = egui::Checkbox::new(&mut draft.whole, "Whole correlation");
            ui.add_enabled(is_there, choice)
                .on_hover_text(
                    "Everything that shares its correlation id, rather than what led to it and followed from it.",
                )
                .on_disabled_hover_text("This event has no correlation id.");
        });
    });
}

fn summary(ui: &mut Ui, tree: &CauseTree) {
    let count = |number: usize, one, many| counted(Count::complete(number as u64), one, many);
    let (events, streams) = (count(tree.nodes.len(), "event", "events"), count(tree.lanes.len(), "stream", "streams"));
    if tree.is_guess {
        let text = format!("A guess: this store knows no causes. {events} in {streams} have the same time.");
        let text = RichText::new(text).color(theme::palette(ui).chg);
        ui.add(Label::new(text).wrap());
        return;
    }
    let marked = |wanted| tree.nodes.iter().filter(|node| node.mark == Some(wanted)).count();
    let mut text = format!("{events} in {streams}.");
    let missing = marked(TraceMark::Missing);
    if missing == 1 {
        text.push_str(" 1 names a cause that is no event here; it may be a command.");
    } else if missing > 1 {
        let many = grouped(missing as i128);
        text = format!("{text} {many} name causes that are no events here; they may be commands.");
    }
    if marked(TraceMark::Loop) > 0 {
        text += " There are loops: an event that is caused by its own effect.";
    }
    if tree.is_truncated {
        text += " There are more than these.";
    }
    note(ui, &text);
}

/// What is wrong with an event's cause, as it is marked, and its colour.
fn mark_of(node: &CauseNode, palette: &Palette) -> Option<(&'static str, Color32)> {
    match node.mark? {
        TraceMark::Missing => Some(("? its cause is no event here", palette.chg)),
        TraceMark::Loop => Some(("∞ caused by its own effect", palette.del)),
    }
}

/// The button that writes the lanes as a picture.
fn save(
    ui: &mut Ui,
    scene: &Scene<'_>,
    tree: &CauseTree,
    event: Position,
    draft: &CausesDraft,
    out: &mut Vec<Command>,
) {
    let palette = theme::palette(ui);
    let form = Form {
        title: "SVG",
        help: "A picture of the swimlanes, for a report or a page.",
        ending: format!("causes-{event}.svg"),
        what: "The picture of the causes".to_owned(),
        text: &|| picture::svg(tree, event, draft.view.is_by_order(tree), palette),
    };
    ui.add_space(2.0 * theme::STEP);
    ui.horizontal(|ui| {
        export::button(ui, scene, "Save as SVG…", &form, out);
        let Some(filter) = selection(scene, tree, event, draft.whole) else {
            let button = egui::Button::new("Export events…");
            ui.add_enabled(false, button).on_disabled_hover_text("These are too many to be named one by one.");
            return;
        };
        let (command, button) = (Command::ExportSelection(filter), egui::Button::new("Export events…"));
        offer(ui, scene.environment, command, button, "Export events…", out);
    });
}

/// The filter that lets through what is shown: the whole correlation by its id, else each event by its position.
fn selection(scene: &Scene<'_>, tree: &CauseTree, event: Position, whole: bool) -> Option<String> {
    if whole && tree.has_correlation {
        let loading = scene.session?.event(event);
        let id = loading.value()?.correlation_id.clone()?;
        return Some(Filter { terms: vec![Term::field(Field::Correlation, &id)] }.to_string());
    }
    let mut positions: Vec<Position> = tree.nodes.iter().map(|node| node.position).collect();
    positions.sort_unstable();
    let one = |position: &Position| format!("position={position}");
    (positions.len() <= NAMED).then(|| positions.iter().map(one).collect::<Vec<_>>().join(" or "))
}
