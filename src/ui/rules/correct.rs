//! The window in which a person says what is right in the state, and chooses the rule that makes it so.

use egui::{Button, Id, Label, RichText, ScrollArea, Ui};

use super::correct_draft::{CorrectDraft, read_value, shortened, written};
use super::proposals;
use crate::codec::visible;
use crate::model::Command;
use crate::session::{self, Loading, RuleSheet, Session, Told};
use crate::ui::controls::{command_button, dim, failure, main_button, nothing_here};
use crate::ui::dialogs::dialog;
use crate::ui::numbers::grouped;
use crate::ui::scene::Scene;
use crate::ui::theme;
use crate::ui::widgets::Entry;

/// The width of the window, in points.
const WIDTH: f32 = 760.0;

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut CorrectDraft, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    let title = draft.title();
    let height = (ui.ctx().content_rect().height() - 150.0).max(260.0);
    dialog(ui, &title, WIDTH, out, |ui, out| {
        // A window over the panels is as high as it was before; what it holds may need more.
        let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]);
        area.show(ui, |ui| contents(ui, scene, session, draft, out));
    });
}

fn contents(ui: &mut Ui, scene: &Scene<'_>, session: &Session, draft: &mut CorrectDraft, out: &mut Vec<Command>) {
    let stream = draft.corrections().stream.clone();
    if draft.is_no_state() {
        let text = dim(ui, "It belongs to the events alone. The rules below leave it out of the state.");
        ui.add(Label::new(text).wrap());
    } else {
        form(ui, draft, &stream.to_string());
        told(ui, draft);
    }
    let loading = session.rule_sheet(&stream.aggregate_type, Some(&stream));
    let sheet = match (loading.value().cloned(), &loading) {
        (Some(sheet), _) => sheet,
        (None, Loading::Failed(error)) => return failure(ui, error),
        (None, _) => return nothing_here(ui, "Reading the events…"),
    };
    if draft.corrections().told.is_empty() && !draft.is_no_state() {
        return;
    }
    ui.separator();
    found(ui, scene, session, draft, &sheet, out);
}

/// What stands where, what is right, and at which versions.
fn form(ui: &mut Ui, draft: &mut CorrectDraft, stream: &str) {
    let palette = theme::palette(ui);
    let now = if draft.missing {
        format!("What is missing in the state of {stream}, and where?")
    } else {
        format!("{} of {stream} is {} now.", written(&draft.place), shortened(&draft.now))
    };
    let now = dim(ui, now);
    ui.add(Label::new(now).wrap());
    let mut entered = false;
    ui.horizontal(|ui| {
        let mut field = |ui: &mut Ui, name: &str, hint: &str, width: f32, text: &mut String| {
            ui.allocate_ui(egui::vec2(width, theme::ENTRY), |ui| {
                ui.set_width(width);
                let entry = Entry { name, hint, id: Id::unique(("correct", name)), framed: true }.show(ui, text);
                entered |= entry.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
                entry
            })
            .inner
        };
        if draft.missing {
            ui.label("Place");
            field(ui, "Place in the state", ".balance", 150.0, &mut draft.place);
        }
        ui.label("is");
        let value = field(ui, "The right value", "3147, open, {\"a\": 1}", 220.0, &mut draft.value);
        if ui.memory(|memory| memory.focused().is_none()) {
            value.request_focus();
        }
        ui.label("at version");
        field(ui, "At versions", "3, 7-9", 90.0, &mut draft.versions);
        let reason = draft.pointer().err().or_else(|| draft.typed_versions().err());
        let button = main_button(ui, "This is right");
        match reason {
            Some(reason) => {
                ui.add_enabled(false, button).on_disabled_hover_text(reason);
            }
            None if ui.add(button).clicked() || entered => draft.tell(),
            None => {}
        }
    });
    let read = read_value(&draft.value);
    let kind = match &read {
        serde_json::Value::String(_) => "Read as text.",
        serde_json::Value::Number(_) => "Read as a number.",
        _ => "Read as JSON.",
    };
    ui.label(RichText::new(kind).font(theme::small()).color(palette.faint));
}

/// What was said so far.
fn told(ui: &mut Ui, draft: &mut CorrectDraft) {
    let mut gone = None;
    ui.horizontal_wrapped(|ui| {
        for (index, told) in draft.corrections().told.iter().enumerate() {
            let text = said(told, draft.corrections().stream == told.stream);
            ui.label(RichText::new(visible(&text)).font(theme::mono()).color(theme::palette(ui).accent));
            let cross = ui.add(Button::new("×").frame(false)).accessible_name(format!("Take back {text}"));
            if cross.on_hover_text("Take this back").clicked() {
                gone = Some(index);
            }
        }
    });
    if let Some(index) = gone {
        draft.take_back(index);
    }
}

/// `v5: .balance is 3147`.
fn said(told: &Told, here: bool) -> String {
    let value = told.value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let stream = if here { String::new() } else { format!("{} ", told.stream) };
    format!("{stream}v{}: {} is {}", grouped(told.version), written(&told.pointer), shortened(&value))
}

/// The rules that were found, or how far the search is.
fn found(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    draft: &mut CorrectDraft,
    sheet: &RuleSheet,
    out: &mut Vec<Command>,
) {
    let loading = session.by_example(draft.corrections(), sheet);
    if loading.is_loading() {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label("Looking for the rules that make it so…");
            let job = session.jobs().into_iter().find(|job| job.title == session::BY_EXAMPLE);
            if let Some(job) = job {
                command_button(ui, scene.environment, Command::StopJob(job.id.0), Some("Stop"), out);
            }
        });
    }
    match (&loading, loading.value()) {
        (Loading::Failed(error), _) => failure(ui, error),
        (_, Some(proposals)) => {
            let stale = loading.is_loading();
            ui.add_enabled_ui(!stale, |ui| {
                let answer = proposals::show(ui, scene, proposals, &draft.corrections().stream, out);
                if let Some(told) = answer {
                    draft.say(told);
                }
            });
        }
        _ => {}
    }
}
