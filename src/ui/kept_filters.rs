//! The filters that a person keeps: the list of them in a menu, and the window that asks for a name.

use egui::{Button, Id, Key, Label, RichText, Ui, vec2};

use super::controls::{self, faint, main_button};
use super::dialogs::dialog;
use super::scene::Scene;
use super::theme;
use super::widgets::Entry;
use crate::codec::visible;
use crate::model::{Command, SavedFilter};

/// The narrowest and the widest that the list gets, in points.
const WIDTH: f32 = 300.0;
const WIDEST: f32 = 420.0;

/// The kind of database that is open: filters are kept for it.
#[must_use]
pub fn kind<'a>(scene: &Scene<'a>) -> &'a str {
    scene.session.and_then(|session| session.overview()).map_or("", |overview| overview.profile_name.as_str())
}

/// Paints the list: to save the present one, those that were saved, the last ones.
pub fn menu(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    ui.set_min_width(WIDTH);
    ui.set_max_width(WIDEST);
    if controls::command_button(ui, scene.environment, Command::NameFilter, None, out).clicked() {
        ui.close();
    }
    let (kept, kind) = (&scene.settings.filters, kind(scene));
    if !kept.saved(kind).is_empty() {
        heading(ui, "Saved");
    }
    for saved in kept.saved(kind) {
        saved_row(ui, saved, out);
    }
    if !kept.recent(kind).is_empty() {
        heading(ui, "Last used");
    }
    for filter in kept.recent(kind) {
        let text = RichText::new(visible(filter)).font(theme::mono());
        if ui.add(Button::new(text).truncate()).clicked() {
            out.push(Command::SetFilter(filter.clone()));
            ui.close();
        }
    }
}

fn heading(ui: &mut Ui, text: &str) {
    ui.separator();
    let text = faint(ui, text);
    ui.label(text);
}

/// A filter by its name, and the cross that forgets it.
fn saved_row(ui: &mut Ui, saved: &SavedFilter, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let forget = vec2(20.0, ui.spacing().interact_size.y);
        let width = (ui.available_width() - forget.x - ui.spacing().item_spacing.x).max(60.0);
        let button = Button::new(visible(&saved.name)).truncate().min_size(vec2(width, 0.0));
        if ui.add(button).on_hover_text(visible(&saved.filter)).clicked() {
            out.push(Command::SetFilter(saved.filter.clone()));
            ui.close();
        }
        let cross = ui.add(Button::new("×").frame(false).min_size(forget));
        if cross.accessible_name(format!("Forget {}", saved.name)).clicked() {
            out.push(Command::ForgetFilter(saved.name.clone()));
        }
    });
}

/// Paints the window that asks for the name.
pub fn name_dialog(ui: &mut Ui, scene: &Scene<'_>, name: &mut String, out: &mut Vec<Command>) {
    let filter = &scene.view.place.filter;
    dialog(ui, "Save this filter", 460.0, out, |ui, out| {
        let palette = theme::palette(ui);
        let text = RichText::new(visible(filter)).font(theme::mono()).color(palette.dim);
        ui.add(Label::new(text).wrap());
        let entry = Entry { name: "Name of the filter", hint: "Name", id: Id::unique("filter name"), framed: true };
        let response = entry.show(ui, name);
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if ui.memory(|memory| memory.focused().is_none()) {
            response.request_focus();
        }
        let wanted = name.trim();
        let taken = scene.settings.filters.saved(kind(scene)).iter().any(|saved| saved.name == wanted);
        let button = main_button(ui, if taken { "Replace" } else { "Save" });
        let pressed = ui.add_enabled(!wanted.is_empty(), button).accessible_name("Save the filter").clicked();
        if (pressed || entered) && !wanted.is_empty() {
            out.push(Command::SaveFilter(SavedFilter { name: wanted.to_owned(), filter: filter.clone() }));
        }
        if taken {
            let note = faint(ui, "There is one of this name already; it is replaced.");
            ui.label(note);
        }
    });
}
