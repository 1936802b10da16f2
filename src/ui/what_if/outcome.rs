//! What a branch comes to: where it parts from the stream, both states side by side, and what is other in words.

use std::sync::Arc;

use egui::{Label, RichText, ScrollArea, Ui};
use serde_json::Value;

use super::super::controls::{dim, failure, link};
use super::super::numbers::grouped;
use super::super::theme;
use super::super::widgets::{JsonTree, Notes, TreeAction, TreeView};
use crate::codec::visible;
use crate::model::Command;
use crate::replay::branch::Branch;
use crate::replay::compare::{Difference, Kind};
use crate::session::{BranchOutcome, Loading, Session};

/// How high the states and the list of differences may stand, in points.
const STATES: f32 = 230.0;
const DIFFERENCES: f32 = 130.0;

/// How many differences are listed; more are only counted.
const LISTED: usize = 200;

/// Paints what the branch comes to, as far as it is folded.
pub(super) fn show(ui: &mut Ui, session: &Session, branch: &Branch, out: &mut Vec<Command>) {
    if branch.is_empty() {
        let text = dim(ui, "The branch is as the stream is.");
        ui.add(Label::new(text).wrap());
        return;
    }
    let loading = session.what_if(branch);
    let Some(outcome) = loading.value() else {
        match &loading {
            Loading::Failed(error) => failure(ui, error),
            _ => drop(ui.label("Folding the branch…")),
        }
        return;
    };
    parts(ui, outcome, loading.is_loading(), out);
    ui.columns(2, |columns| {
        let [left, right] = columns else { return };
        state(left, "As it is", ("real state", &outcome.real), outcome, false, out);
        state(right, "In the branch", ("branch state", &outcome.branch), outcome, true, out);
    });
    differences(ui, &outcome.differences);
}

/// Where the branch and the stream part.
fn parts(ui: &mut Ui, outcome: &BranchOutcome, folding: bool, out: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        match outcome.parts_at {
            Some(version) => {
                ui.label("The states part at");
                if link(ui, &format!("version {}", grouped(version)), false).clicked() {
                    out.push(Command::SelectVersion(version));
                    out.push(Command::CloseOverlay);
                }
            }
            None => drop(ui.label("The states are the same at every version.")),
        }
        if folding {
            let text = dim(ui, "folding…");
            ui.label(text);
        }
    });
    if !outcome.missing.is_empty() {
        let versions: Vec<String> = outcome.missing.iter().map(|version| grouped(*version)).collect();
        let text = format!("The stream has no version {}.", versions.join(", "));
        ui.add(Label::new(RichText::new(text).color(theme::palette(ui).chg)).wrap());
    }
}

fn state(
    ui: &mut Ui,
    title: &str,
    (salt, value): (&'static str, &Value),
    outcome: &Arc<BranchOutcome>,
    marked: bool,
    out: &mut Vec<Command>,
) {
    ui.label(RichText::new(title).font(theme::section()).color(theme::palette(ui).dim));
    let owner: Arc<BranchOutcome> = Arc::clone(outcome);
    let notes = marked.then_some(Notes { changes: &outcome.changes, by: &|_| None, asks: false, made: None });
    let tree = JsonTree {
        at: "",
        salt,
        name: salt,
        value,
        owner,
        notes,
        revision: 0,
        filterable: None,
        types: None,
        view: TreeView::default(),
    };
    for action in tree.show(ui, STATES) {
        if let TreeAction::Copy(text) = action {
            out.push(Command::CopyText(text));
        }
    }
}

/// What is other, a line for each place.
fn differences(ui: &mut Ui, differences: &[Difference]) {
    let area = ScrollArea::vertical().id_salt("differences").max_height(DIFFERENCES).auto_shrink([false, true]);
    area.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP / 2.0;
        for difference in differences.iter().take(LISTED) {
            ui.add(Label::new(RichText::new(visible(&words(difference))).font(theme::mono())).truncate());
        }
        if differences.len() > LISTED {
            ui.label(format!("and {} more", differences.len() - LISTED));
        }
    });
}

/// A difference in words: `~ /on_hand: 0 becomes 3`.
fn words(difference: &Difference) -> String {
    let value = |value: &Option<Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    let label = &difference.label;
    match difference.kind {
        Kind::Added => format!("+ {label}: {}", value(&difference.after)),
        Kind::Removed => format!("- {label}: {}", value(&difference.before)),
        Kind::Changed => format!("~ {label}: {} becomes {}", value(&difference.before), value(&difference.after)),
        Kind::Moved => format!("~ {label}: in another order"),
    }
}
