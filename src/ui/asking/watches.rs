//! The window for watches: what is watched for in streams of the shown type, and the entry for another one.

use egui::{Id, Label, RichText, Ui};

use super::super::controls::{dim, faint, main_button, offer};
use super::super::dialogs::dialog;
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::{Entry, chip};
use crate::model::{Command, Condition, Inquiry, Watch};
use crate::session::check_condition;

/// The width of the window, in points.
const WIDTH: f32 = 520.0;

/// The condition that is being typed.
#[derive(Debug, Default)]
pub struct WatchDraft {
    text: String,
    is_type: bool,
}

impl WatchDraft {
    /// Begins with this text.
    pub fn begin(&mut self, text: String) {
        *self = Self { text, is_type: false };
    }

    fn condition(&self) -> Result<Condition, String> {
        let text = self.text.trim().to_owned();
        if text.is_empty() {
            return Err("Type a condition first.".to_owned());
        }
        let condition = if self.is_type { Condition::Type(text) } else { Condition::When(text) };
        check_condition(&condition).map(|()| condition).map_err(|error| error.to_string())
    }
}

/// Asks for a condition, and lists those that there are.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut WatchDraft, out: &mut Vec<Command>) {
    let Some(stream) = &scene.view.place.stream else { return };
    dialog(ui, "Watch", WIDTH, out, |ui, out| {
        let kind = &stream.aggregate_type;
        let of = if kind.is_empty() { "every stream".to_owned() } else { format!("streams of {kind}") };
        let text = dim(
            ui,
            format!(
                "A jq filter over the state, with the event in $event. Every version of {of} at which it begins or \
                 ceases to hold is found."
            ),
        );
        ui.add(Label::new(text).wrap());
        let id = Id::unique("watch condition");
        let hint = if draft.is_type { "stock.released" } else { ".on_hand < 0" };
        let entry = Entry { name: "Condition", hint, id, framed: true }.show(ui, &mut draft.text);
        // Asked before the focus is given back.
        let entered = entry.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if ui.memory(|memory| memory.focused().is_none()) {
            entry.request_focus();
        }
        ui.checkbox(&mut draft.is_type, "Every event of a type, rather than a condition");
        let condition = draft.condition();
        fault(ui, draft, condition.as_ref().err());
        add(ui, scene, kind, condition, entered, out);
        list(ui, scene, kind, out);
    });
}

/// What is wrong with what was typed; nothing while nothing was.
fn fault(ui: &mut Ui, draft: &WatchDraft, fault: Option<&String>) {
    if let Some(fault) = fault.filter(|_| !draft.text.trim().is_empty()) {
        let text = RichText::new(fault).font(theme::small()).color(theme::palette(ui).del);
        ui.add(Label::new(text).wrap());
    }
}

fn add(
    ui: &mut Ui,
    scene: &Scene<'_>,
    kind: &str,
    condition: Result<Condition, String>,
    entered: bool,
    out: &mut Vec<Command>,
) {
    let button = main_button(ui, "Add watch");
    match condition {
        Ok(condition) => {
            let add = Command::AddWatch(Watch { aggregate_type: kind.to_owned(), condition });
            offer(ui, scene.environment, add.clone(), button, "Add watch", out);
            if entered {
                out.push(add);
            }
        }
        Err(reason) => {
            ui.add_enabled(false, button).on_disabled_hover_text(reason);
        }
    }
}

/// The watches that there are: a press shows where each was met, the cross removes it.
fn list(ui: &mut Ui, scene: &Scene<'_>, kind: &str, out: &mut Vec<Command>) {
    let watches = scene.view.watches.iter().filter(|watch| watch.aggregate_type == kind);
    ui.horizontal_wrapped(|ui| {
        for (number, watch) in watches.enumerate() {
            let answer = chip(ui, number, watch.condition.text(), false);
            if answer.removed {
                out.push(Command::RemoveWatch(watch.clone()));
            } else if answer.pressed {
                out.push(Command::Inquire(Inquiry::Watch(watch.clone())));
                out.push(Command::CloseOverlay);
            }
        }
    });
    let others = scene.view.watches.iter().filter(|watch| watch.aggregate_type != kind).count();
    if others > 0 {
        let text = faint(ui, format!("{others} more for streams of other types"));
        ui.label(text);
    }
}
