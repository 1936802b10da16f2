//! How the selected step comes about: the state before, the event, the rule, the state after.

use std::sync::Arc;

use egui::{Label, RichText, ScrollArea, Ui};
use serde_json::Value;

use super::jq_text::lay_out;
use crate::codec::{visible, visible_lines};
use crate::model::Command;
use crate::replay::WrittenRule;
use crate::session::{Change, ExplainedStep, Outcome};
use crate::ui::controls::{dim, failure, faint};
use crate::ui::theme;
use crate::ui::widgets::{JsonTree, Notes, TreeAction, TreeView};

/// How high the rule may stand.
const RULE: f32 = 84.0;

/// Paints a step. `stale` says that it is by the rules as they were before what was typed last.
pub(super) fn show(ui: &mut Ui, step: &ExplainedStep, stale: bool, height: f32, out: &mut Vec<Command>) {
    let bottom = ui.cursor().top() + height;
    let tree = ((height - RULE - 6.0 * theme::ROW) / 3.0).max(3.0 * theme::TREE_ROW);
    if stale {
        ui.disable();
    }
    title(ui, "State before");
    part(ui, ("before", "state before"), &step.before, &[], tree, out);
    title(ui, &format!("Event: {}", step.event.event_type));
    match step.event.data.value() {
        Some(data) => part(ui, ("event", "event"), &Arc::new(data.clone()), &[], tree, out),
        None => quiet(ui, "Its data is no document."),
    }
    rule(ui, step.rule.as_ref());
    title(ui, "State after");
    outcome(ui, step);
    let rest = (bottom - ui.cursor().top()).max(tree);
    part(ui, ("after", "state after"), &step.after, &step.changes, rest, out);
}

fn title(ui: &mut Ui, text: &str) {
    let palette = theme::palette(ui);
    ui.add(Label::new(RichText::new(visible(text)).font(theme::section()).color(palette.dim)).truncate());
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(Label::new(text).wrap());
}

/// A document in a tree of its own. It is another one with each step, so what was opened stays with the part.
fn part(
    ui: &mut Ui,
    (salt, name): (&'static str, &'static str),
    value: &Arc<Value>,
    changes: &[Change],
    height: f32,
    out: &mut Vec<Command>,
) {
    let owner: Arc<Value> = Arc::clone(value);
    let tree = JsonTree {
        at: "",
        salt,
        name,
        value,
        owner,
        notes: Some(Notes { changes, by: &|_| None, asks: false, made: None }),
        revision: 0,
        filterable: None,
        types: None,
        view: TreeView::default(),
    };
    for action in tree.show(ui, height) {
        if let TreeAction::Copy(text) = action {
            out.push(Command::CopyText(text));
        }
    }
}

fn rule(ui: &mut Ui, rule: Option<&WrittenRule>) {
    let palette = theme::palette(ui);
    let Some(rule) = rule else {
        title(ui, "Rule: none");
        return;
    };
    title(ui, &format!("Rule for {}", rule.event_type));
    let says = match &*rule.text {
        "merge" => "Its data is merged into the state.",
        "guess" => "A guess: its data is merged into the state.",
        "replace" => "Its data is the state.",
        "ignore" => "It changes nothing.",
        text => {
            ScrollArea::vertical().id_salt("rule").max_height(RULE).show(ui, |ui| {
                let job = lay_out(&visible_lines(text.trim()), None, ui.available_width(), palette);
                ui.add(Label::new(job).wrap());
            });
            return;
        }
    };
    quiet(ui, says);
}

fn outcome(ui: &mut Ui, step: &ExplainedStep) {
    let text = match &step.outcome {
        Outcome::Failed(error) => {
            let error = crate::Error::bad_input(error.to_string());
            return failure(ui, &error);
        }
        Outcome::Unhandled => "No rule is for it: it changes nothing.",
        Outcome::Ignored => "The rule says that it changes nothing.",
        Outcome::Applied if step.changes.is_empty() => "It changed nothing.",
        Outcome::Applied => return,
    };
    let text = faint(ui, text);
    ui.label(text);
}
