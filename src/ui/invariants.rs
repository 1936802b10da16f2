//! The window for invariants: what must hold, and which streams of the whole store break it, each at its first version.

use egui::{Color32, Id, Label, ScrollArea, Ui};

use super::controls::{dim, faint, offer, sentence};
use super::dialogs::dialog;
use super::numbers::{counted, grouped};
use super::scene::Scene;
use super::survey::{self, Buttons, WIDTH, reservation};
use super::theme;
use super::widgets::{Entry, chip};
use crate::codec::visible;
use crate::model::{Command, Condition, InvariantRule};
use crate::replay::probe::Violation;
use crate::session::{Checked, Count, Session, Violations, check_condition};

/// The height of the list of what breaks them, in points.
const HEIGHT: f32 = 320.0;

/// The invariant that is being typed.
#[derive(Debug, Default)]
pub struct InvariantDraft {
    rule: InvariantRule,
}

impl InvariantDraft {
    /// Begins with the aggregate type that is shown, unless something is being typed.
    pub fn begin(&mut self, aggregate_type: Option<&str>) {
        if self.rule.predicate.is_empty() {
            let kind = aggregate_type.filter(|kind| !kind.is_empty()).unwrap_or("*");
            kind.clone_into(&mut self.rule.aggregate);
        }
    }

    /// Empties the entry for the condition: it was taken.
    pub fn taken(&mut self) {
        self.rule.predicate.clear();
    }

    fn checked(&self) -> Result<InvariantRule, String> {
        let InvariantRule { aggregate, predicate } = &self.rule;
        let rule = InvariantRule { aggregate: aggregate.trim().to_owned(), predicate: predicate.trim().to_owned() };
        if rule.predicate.is_empty() {
            return Err("Type a condition first.".to_owned());
        }
        check_condition(&Condition::When(rule.predicate.clone())).map(|()| rule).map_err(|error| error.to_string())
    }
}

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut InvariantDraft, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    dialog(ui, "Invariants", WIDTH, out, |ui, out| {
        let text = "What must hold at every version of every stream of a type: a jq filter over the state, with the \
                    event in $event. The whole store is held against it.";
        let text = dim(ui, text);
        ui.add(Label::new(text).wrap());
        typed(ui, scene, draft, out);
        rules(ui, scene, session, out);
        let checked = session.checked();
        let begin = (Command::CheckInvariants, "Check the whole store");
        Buttons { begin, stop: Command::StopChecking }.show(ui, scene, checked.as_deref(), summary, out);
        if let Some(checked) = checked {
            let Violations { rules, found, .. } = &checked.findings;
            let row = |ui: &mut Ui, violation: &Violation, out: &mut Vec<Command>| row(ui, rules, violation, out);
            survey::list(ui, "violations", HEIGHT, found, row, out);
        }
    });
}

/// The entry for another one.
fn typed(ui: &mut Ui, scene: &Scene<'_>, draft: &mut InvariantDraft, out: &mut Vec<Command>) {
    let mut entered = false;
    ui.horizontal(|ui| {
        ui.scope(|ui| {
            ui.set_max_width(190.0);
            let (name, id) = ("Aggregate type of the invariant", Id::unique("invariant type"));
            Entry { name, hint: "order, or or*", id, framed: true }.show(ui, &mut draft.rule.aggregate);
        });
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - 120.0);
            let (name, id) = ("Invariant", Id::unique("invariant"));
            let entry = Entry { name, hint: ".on_hand >= 0", id, framed: true }.show(ui, &mut draft.rule.predicate);
            // Asked before the focus is given back.
            entered = entry.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            if ui.memory(|memory| memory.focused().is_none()) {
                entry.request_focus();
            }
        });
        let button = egui::Button::new("Add");
        match draft.checked() {
            Ok(rule) => {
                let add = Command::AddInvariant(rule);
                offer(ui, scene.environment, add.clone(), button, "Add invariant", out);
                if entered {
                    out.push(add);
                }
            }
            Err(reason) => {
                ui.add_enabled(false, button).accessible_name("Add invariant").on_disabled_hover_text(reason);
            }
        }
    });
    if let Err(reason) = draft.checked()
        && !draft.rule.predicate.trim().is_empty()
    {
        let text = egui::RichText::new(sentence(&reason)).font(theme::small()).color(theme::palette(ui).del);
        ui.add(Label::new(text).wrap());
    }
}

/// Those that there are: those of the reducers, and those of this file, which a press keeps with the reducers.
fn rules(ui: &mut Ui, scene: &Scene<'_>, session: &Session, out: &mut Vec<Command>) {
    let kept = session.kept_invariants();
    ScrollArea::vertical().id_salt("invariant rules").max_height(120.0).auto_shrink([false, true]).show(ui, |ui| {
        for rule in &kept {
            ui.horizontal(|ui| {
                let text = egui::RichText::new(rule.text()).font(theme::mono()).color(theme::palette(ui).text);
                ui.add(Label::new(text).truncate());
                let text = faint(ui, "with the reducers");
                ui.label(text);
            });
        }
        for (number, rule) in scene.view.noted.invariants().iter().filter(|rule| !kept.contains(rule)).enumerate() {
            ui.horizontal(|ui| {
                if chip(ui, number, &rule.text(), false).removed {
                    out.push(Command::RemoveInvariant(rule.clone()));
                }
                let keep = Command::KeepInvariant(rule.clone());
                let name = format!("Keep {} with the reducers", rule.text());
                let button = egui::Button::new("Keep with the reducers").small();
                offer(ui, scene.environment, keep, button, &name, out);
            });
        }
    });
}

/// How far it is, and what came of it, in a sentence.
fn summary(checked: &Checked, ui: &Ui) -> (String, Color32) {
    let Violations { rules, found, broken, streams, .. } = &checked.findings;
    let streams = counted(Count::complete(*streams), "stream", "streams");
    let rules = counted(Count::complete(rules.len() as u64), "invariant", "invariants");
    let so_far = if checked.is_running() { " so far" } else { "" };
    let told = match (*broken, checked.is_complete()) {
        (0, true) => format!("{streams} keep to {rules} at every version."),
        (0, false) => format!("No violation in {streams}{so_far}."),
        (1, _) => format!("1 of {streams}{so_far} breaks an invariant."),
        (many, _) => format!("{} of {streams}{so_far} break an invariant.", grouped(many)),
    };
    let palette = theme::palette(ui);
    let color = if found.is_empty() { palette.dim } else { palette.del };
    (told + &reservation(checked, "check again"), color)
}

/// One stream and the version at which it breaks an invariant first; a press goes there.
fn row(ui: &mut Ui, rules: &[InvariantRule], violation: &Violation, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let rule = rules.get(violation.invariant).map(InvariantRule::text).unwrap_or_default();
    let (stream, moment) = (violation.stream.to_string(), &violation.moment);
    let version = format!("v{}", grouped(moment.version));
    let name = format!("{stream} {version} {} {rule}", moment.event_type);
    let (says, color) = match &violation.failure {
        Some(failure) => (format!("{rule} fails: {failure}"), palette.del),
        None => (rule, palette.dim),
    };
    let cells = [
        (0.0, stream.as_str(), theme::mono(), palette.text),
        (0.30, version.as_str(), theme::mono(), palette.accent),
        (0.40, moment.event_type.as_str(), theme::text(), palette.dim),
        (0.60, says.as_str(), theme::mono(), color),
    ];
    if survey::row(ui, &name, &cells, visible(&says).into_owned()) {
        out.push(Command::SelectEvent(moment.position));
        out.push(Command::CloseOverlay);
    }
}
