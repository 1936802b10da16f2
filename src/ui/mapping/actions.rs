//! What can be done with an edited mapping: apply it, save it, import and export it, go back to the guess.

use std::sync::Arc;

use egui::{Align, Button, Key, Label, Layout, RichText, Ui};

use super::draft::{MappingDraft, Outcome, Page};
use crate::model::Command;
use crate::session::{Guesses, MappingPreview, Session};
use crate::ui::controls::{dim, main_button};
use crate::ui::theme;
use crate::ui::widgets::Entry;

/// The height of one line above the buttons, in points.
const LINE: f32 = 34.0;

/// How high everything above the buttons is, in points.
pub(super) fn height(draft: &MappingDraft) -> f32 {
    let page = match draft.page {
        Page::None => 0.0,
        Page::Save if draft.name_fault().is_some() => 2.0 * LINE,
        _ => LINE,
    };
    let outcome = if draft.outcome.is_some() { LINE } else { 0.0 };
    let note = if draft.loses_append() { LINE } else { 0.0 };
    page + outcome + note
}

/// Paints what is open above the buttons, what became of the last thing that was done, and the buttons.
pub(super) fn show(
    ui: &mut Ui,
    session: &Session,
    guesses: &Guesses,
    draft: &mut MappingDraft,
    preview: Option<&Arc<MappingPreview>>,
    out: &mut Vec<Command>,
) {
    match draft.page {
        Page::None => {}
        Page::Save => save(ui, draft, preview, out),
        Page::Import => file(ui, draft, "Import", out),
        Page::Export => file(ui, draft, "Export", out),
    }
    outcome(ui, draft, out);
    if draft.loses_append() {
        let text = "Events cannot be appended through an edited mapping: what writes them would write otherwise.";
        let text = dim(ui, text);
        ui.label(text);
    }
    buttons(ui, session, guesses, draft, preview, out);
}

fn buttons(
    ui: &mut Ui,
    session: &Session,
    guesses: &Guesses,
    draft: &mut MappingDraft,
    preview: Option<&Arc<MappingPreview>>,
    out: &mut Vec<Command>,
) {
    let ready = MappingDraft::ready(preview.map(|preview| &**preview));
    ui.horizontal(|ui| {
        let apply = ui.add_enabled(ready.is_ok(), main_button(ui, "Apply")).accessible_name("Apply");
        if apply.on_hover_text("Read the file through this mapping, without saving it. Return").clicked() {
            out.push(Command::ApplyMapping);
        }
        for (page, title) in [(Page::Save, "Save as profile…"), (Page::Import, "Import…"), (Page::Export, "Export…")]
        {
            if ui.add(Button::new(title).selected(draft.page == page)).clicked() {
                turn(session, draft, page);
            }
        }
        if let Err(reason) = ready {
            ui.add(Label::new(RichText::new(reason).color(theme::palette(ui).dim)).truncate());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Cancel").on_hover_text("Close the dialog. What was edited stays in it. Escape").clicked() {
                out.push(Command::CloseOverlay);
            }
            reset(ui, guesses, draft);
        });
    });
}

/// Opens a page above the buttons, or closes it.
fn turn(session: &Session, draft: &mut MappingDraft, page: Page) {
    draft.outcome = None;
    draft.page = if draft.page == page { Page::None } else { page };
    draft.focus = Some(egui::Id::unique(("mapping page", draft.page as u8)));
    if draft.page == Page::Export {
        let file = format!("{}.toml", draft.profile.name);
        let place = session.request().path.with_file_name(file);
        draft.path = place.display().to_string();
    }
}

/// Goes back to what the program makes of the file by itself.
fn reset(ui: &mut Ui, guesses: &Guesses, draft: &mut MappingDraft) {
    let shown = draft.guess.clone();
    // Where nothing looks like events, what the dialog began with is the guess.
    let guess = guesses.automatic.as_ref().or(guesses.others.first()).or(shown.as_deref());
    let there = guess.is_some_and(|guess| shown.as_ref().is_some_and(|shown| **shown == *guess));
    let button = ui.add_enabled(guess.is_some() && (draft.is_edited() || !there), Button::new("Reset to the guess"));
    let button = button.on_hover_text("Go back to what the program makes of the file by itself.");
    if button.on_disabled_hover_text("This is the guess.").clicked()
        && let Some(guess) = guess
    {
        draft.take(guess);
    }
}

/// The name and the title to save under, and where that will be.
fn save(ui: &mut Ui, draft: &mut MappingDraft, preview: Option<&Arc<MappingPreview>>, out: &mut Vec<Command>) {
    let fault = draft.name_fault();
    let ready = MappingDraft::ready(preview.map(|preview| &**preview));
    let mut entered = false;
    ui.horizontal(|ui| {
        ui.set_height(theme::ENTRY);
        entered |= entry(ui, draft, "Name", "Name of the profile", 200.0, |draft| &mut draft.profile.name);
        entered |= entry(ui, draft, "Title", "Title of the profile", 300.0, |draft| &mut draft.profile.title);
        let button = ui.add_enabled(fault.is_none() && ready.is_ok(), Button::new("Save"));
        let pressed = button.on_hover_text("Write it to the folder of your own profiles.").clicked();
        if (pressed || entered) && fault.is_none() && ready.is_ok() {
            out.push(Command::SaveProfile(false));
        }
    });
    if let Some(fault) = fault {
        ui.label(RichText::new(format!("× {fault}")).color(theme::palette(ui).del));
    }
}

/// The path to import from or to export to.
fn file(ui: &mut Ui, draft: &mut MappingDraft, verb: &str, out: &mut Vec<Command>) {
    let importing = draft.page == Page::Import;
    ui.horizontal(|ui| {
        ui.set_height(theme::ENTRY);
        let entered = entry(ui, draft, "File", "Path of the profile's file", 520.0, |draft| &mut draft.path);
        let path = draft.path.trim().to_owned();
        let button = ui.add_enabled(!path.is_empty(), Button::new(verb));
        if (button.clicked() || entered) && !path.is_empty() {
            out.push(if importing {
                Command::ImportProfile(path.into())
            } else {
                Command::ExportProfile((path.into(), false))
            });
        }
        if ui.button("Choose a file…").on_hover_text("With the dialog of the desktop.").clicked() {
            out.push(if importing { Command::ChooseProfile } else { Command::ChooseExport });
        }
    });
}

/// A titled entry; whether Return was pressed in it. It gets the keyboard when its page opens.
fn entry(
    ui: &mut Ui,
    draft: &mut MappingDraft,
    title: &str,
    name: &str,
    width: f32,
    text: fn(&mut MappingDraft) -> &mut String,
) -> bool {
    let id = egui::Id::unique(("mapping page", name));
    ui.label(title);
    let response = ui.scope(|ui| {
        ui.set_width(width.min(ui.available_width() * 0.7));
        let mut typed = text(draft).clone();
        let response = Entry { name, hint: "", id, framed: true }.show(ui, &mut typed);
        if response.changed() {
            *text(draft) = typed;
            draft.outcome = None;
        }
        response
    });
    let first = matches!(name, "Name of the profile" | "Path of the profile's file");
    if first && draft.focus == Some(egui::Id::unique(("mapping page", draft.page as u8))) {
        draft.focus = None;
        response.inner.request_focus();
    }
    response.inner.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// What became of the last thing that was done with a file.
fn outcome(ui: &mut Ui, draft: &mut MappingDraft, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    match draft.outcome.clone() {
        None => {}
        Some(Outcome::Done(text)) => {
            ui.add(Label::new(RichText::new(format!("+ {text}")).color(palette.add)).wrap());
        }
        Some(Outcome::Failed { text, hint }) => {
            ui.add(Label::new(RichText::new(format!("× {text}")).color(palette.del)).wrap());
            if let Some(hint) = hint {
                let hint = dim(ui, hint);
                ui.add(Label::new(hint).wrap());
            }
        }
        Some(Outcome::Exists(path, exporting)) => {
            ui.horizontal(|ui| {
                let text = if exporting {
                    format!("! There is a file {} already.", path.display())
                } else {
                    format!("! There is a profile of this name in {}.", path.display())
                };
                ui.label(RichText::new(text).color(palette.chg));
                if ui.button("Replace it").clicked() {
                    let again = Command::ExportProfile((path, true));
                    out.push(if exporting { again } else { Command::SaveProfile(true) });
                }
                if ui.button("Keep it").clicked() {
                    draft.outcome = None;
                }
            });
        }
    }
}
