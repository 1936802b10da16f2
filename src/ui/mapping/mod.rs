//! The mapping dialog: the guess field by field at the left, what it makes of the first events at the right, and what
//! can be done with it below.
//!
//! Painting changes the [`MappingDraft`] alone. Every frame asks the session what the draft makes of the file; the
//! answer to another mapping than the present one is never waited for.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `draft` | the mapping as it is edited, and what of it is not said yet |
//! | `fields` | the list of the fields: their names, their help, how each can be written. A new field begins here |
//! | `field_row`, `parts` | one line of that list, and what its lines have in common |
//! | `choices`, `menus` | what a field can be filled from, and how its value is written |
//! | `tables` | what stands around the fields: tables, joins, conditions, orders |
//! | `preview`, `preview_event` | the first events as the mapping makes them, and one of them in full |
//! | `other_guesses` | what else in the file could be events |
//! | `actions` | what can be done with the mapping: apply, save, import, export |

mod actions;
mod choices;
mod draft;
mod field_row;
mod fields;
mod menus;
mod other_guesses;
mod parts;
mod preview;
mod preview_event;
mod tables;

use std::sync::Arc;

use egui::{Key, ScrollArea, Ui};

use super::controls::{failure, nothing_here};
use super::dialogs::dialog;
use super::scene::Scene;
use super::theme;
use crate::model::Command;
use crate::session::{Guesses, Loading, MappingPreview, Session};

pub use draft::MappingDraft;

/// The widest that the dialog gets, in points.
const WIDTH: f32 = 1360.0;
/// The width of the list of fields, in points.
const LIST: f32 = 580.0;
/// What lies above and below the two columns, in points.
const AROUND: f32 = 184.0;

/// Paints the dialog over the panels.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MappingDraft, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    dialog(ui, "Edit mapping", WIDTH, out, |ui, out| {
        let guesses = session.guesses();
        if let Some(error) = guesses.error() {
            return failure(ui, error);
        }
        let Some(guesses) = guesses.value() else { return nothing_here(ui, "Looking at the tables…") };
        if !draft.has_begun() && draft.wanted.is_none() {
            draft.begin(guesses);
        }
        take_table(session, draft);
        contents(ui, scene, session, guesses, draft, out);
    });
}

/// Takes the guess of the table that was chosen, once it is there.
fn take_table(session: &Session, draft: &mut MappingDraft) {
    let Some(table) = draft.wanted.clone() else { return };
    if let Loading::Ready(detection) = session.table_as_events(&table) {
        draft.take(&detection);
    }
}

fn contents(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    guesses: &Arc<Guesses>,
    draft: &mut MappingDraft,
    out: &mut Vec<Command>,
) {
    tables::show(ui, session, guesses, draft);
    let preview = session.preview_mapping(&draft.profile.events, draft.profile.snapshots.as_ref());
    let height = (ui.ctx().content_rect().height() - AROUND - actions::height(draft)).clamp(200.0, 720.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * theme::MARGIN;
        // Below 1280 points the list gives way: its widths are fixed, so it scrolls sideways.
        let list = LIST.min(ui.available_width() * 0.5);
        scrolled(ui, "fields", list, height, |ui| field_row::all(ui, session, draft, preview.value()));
        let rest = ui.available_width();
        scrolled(ui, "preview", rest, height, |ui| {
            preview::show(ui, scene, draft, &preview);
            other_guesses::show(ui, guesses, draft);
        });
    });
    let known = if preview.is_loading() { None } else { preview.value() };
    actions::show(ui, session, guesses, draft, known, out);
    apply_by_key(ui, draft, known, out);
}

/// A column that scrolls by itself, with room for its scrollbar.
fn scrolled(ui: &mut Ui, name: &str, width: f32, height: f32, add_contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(egui::vec2(width, height), egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.set_min_size(egui::vec2(width, height));
        let area = ScrollArea::vertical().id_salt(name).max_height(height).auto_shrink([false, false]);
        area.show(ui, |ui| {
            ui.set_max_width(ui.available_width() - theme::SCROLLBAR);
            add_contents(ui);
        });
    });
}

/// Return applies the mapping, from any entry; a button that has the keyboard keeps it for itself.
fn apply_by_key(ui: &Ui, draft: &mut MappingDraft, preview: Option<&Arc<MappingPreview>>, out: &mut Vec<Command>) {
    let entered = ui.input(|input| input.key_pressed(Key::Enter));
    let free = ui.memory(|memory| memory.focused().is_none()) && !egui::Popup::is_any_open(ui.ctx());
    if entered && free && draft.page == draft::Page::None {
        draft.impatient = true;
    }
    if !draft.impatient {
        return;
    }
    match MappingDraft::ready(preview.map(|preview| &**preview)) {
        Ok(()) => {
            draft.impatient = false;
            out.push(Command::ApplyMapping);
        }
        // What is wrong stands at its field; what is still being read is waited for.
        Err(_) => draft.impatient = preview.is_none(),
    }
}
