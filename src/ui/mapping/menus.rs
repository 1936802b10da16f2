//! The menus of a field: where it comes from, how an id or a moment is written, how a payload is written.

use egui::{Button, RichText, ScrollArea, Ui};

use super::choices::{Choices, column_of, is_typed};
use super::draft::MappingDraft;
use super::fields::{self, Listed};
use crate::codec::{Codec, Unwrap};
use crate::profile::Field;
use crate::ui::controls::faint;
use crate::ui::theme;
use crate::ui::widgets::{Entry, MENU_HEIGHT, MENU_WIDTH, drop_down, highest};

/// How much of a sample stands beside a column, in characters.
const SAMPLE: usize = 28;

/// Where a field comes from: a column, a member of the documents, an expression, or nothing.
pub(super) fn source(ui: &mut Ui, listed: &Listed, width: f32, draft: &mut MappingDraft, choices: &Choices<'_>) {
    let palette = theme::palette(ui);
    let field = fields::get(&draft.profile, listed.name);
    let text = match field {
        _ if is_typed(listed, draft, choices) => RichText::new("Expression"),
        Some(field) => RichText::new(&field.sql).font(theme::mono()),
        None if listed.needed => RichText::new("Choose…").color(palette.del),
        None => RichText::new("Nothing").color(palette.dim),
    };
    let name = format!("Source of {}", listed.title);
    let guess = draft.guess.as_ref().and_then(|guess| fields::get(&guess.profile, listed.name)).cloned();
    let guess = guess.filter(|_| draft.is_changed(listed.name));
    let highest = highest(ui);
    let chosen = drop_down(ui, &name, text, width, |ui| {
        ScrollArea::vertical().max_height(highest).show(ui, |ui| offered(ui, listed, guess, choices)).inner
    });
    match chosen.flatten() {
        Some(Chosen::Nothing) => {
            draft.typed.remove(listed.name);
            draft.set(listed.name, None);
        }
        Some(Chosen::Typed) => {
            draft.typed.insert(listed.name);
            draft.focus = Some(egui::Id::unique(("mapping expression", listed.name)));
            draft.set(listed.name, Some(fields::get(&draft.profile, listed.name).cloned().unwrap_or_default()));
        }
        Some(Chosen::Sql(sql)) => {
            draft.typed.remove(listed.name);
            let field = fields::get(&draft.profile, listed.name).cloned().unwrap_or_default();
            // How the value is written belongs to the column that it came from.
            let same = field.sql == sql;
            draft.set(listed.name, Some(if same { field } else { Field::new(sql) }));
        }
        Some(Chosen::Guess(field)) => {
            draft.typed.remove(listed.name);
            draft.set(listed.name, Some(field));
        }
        None => {}
    }
}

/// What was chosen in a menu of sources.
enum Chosen {
    Nothing,
    Typed,
    Sql(String),
    Guess(Field),
}

fn offered(ui: &mut Ui, listed: &Listed, guess: Option<Field>, choices: &Choices<'_>) -> Option<Chosen> {
    let mut chosen = None;
    if let Some(guess) = guess
        && ui.add(Button::new("The guess").shortcut_text(cut(&guess.sql))).clicked()
    {
        chosen = Some(Chosen::Guess(guess));
    }
    if !listed.needed && ui.button("Nothing").clicked() {
        chosen = Some(Chosen::Nothing);
    }
    if ui.button("Expression…").clicked() {
        chosen = Some(Chosen::Typed);
    }
    ui.separator();
    for column in choices.columns {
        let sample = if column.sample.is_null() {
            column.declared_type.clone()
        } else {
            cut(&crate::session::stored_text(&column.sample))
        };
        if item(ui, &column.sql, sample) {
            chosen = Some(Chosen::Sql(column.sql.clone()));
        }
    }
    let inside = choices.inside.iter().filter(|inside| column_of(&inside.sql, choices.columns).is_none());
    for (number, inside) in inside.enumerate() {
        if number == 0 {
            ui.separator();
            let title = faint(ui, "Inside the documents");
            ui.label(title);
        }
        if item(ui, &inside.path, cut(&inside.sample)) {
            chosen = Some(Chosen::Sql(inside.sql.clone()));
        }
    }
    if chosen.is_some() {
        ui.close();
    }
    chosen
}

/// One column of a menu with its sample; whether it was chosen.
fn item(ui: &mut Ui, name: &str, sample: String) -> bool {
    let button = Button::new(RichText::new(name).font(theme::mono())).shortcut_text(sample);
    ui.add(button).accessible_name(name).clicked()
}

/// The beginning of a text in one line.
fn cut(text: &str) -> String {
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut letters = line.chars();
    let beginning: String = letters.by_ref().take(SAMPLE).collect();
    if letters.next().is_some() { format!("{beginning}…") } else { beginning }
}

/// How an id or a moment is written.
pub(super) fn format(ui: &mut Ui, listed: &Listed, width: f32, draft: &mut MappingDraft) {
    let Some(field) = fields::get(&draft.profile, listed.name).cloned() else { return };
    let name = format!("Format of {}", listed.title);
    let chosen = drop_down(ui, &name, RichText::new(fields::format_title(field.format)), width, |ui| {
        let mut chosen = None;
        for format in fields::formats(listed.kind) {
            let button = Button::new(fields::format_title(*format)).selected(*format == field.format);
            if ui.add(button).clicked() {
                chosen = Some(*format);
                ui.close();
            }
        }
        chosen
    });
    if let Some(format) = chosen.flatten() {
        draft.set(listed.name, Some(Field { format, ..field }));
    }
}

/// How a payload is written: its layers, the part of the document that counts, and the expression that names the layers
/// row by row.
pub(super) fn encoding(ui: &mut Ui, listed: &Listed, width: f32, draft: &mut MappingDraft) {
    let Some(field) = fields::get(&draft.profile, listed.name).cloned() else { return };
    let mut text = fields::layers_title(&field.encoding.layers);
    match &field.encoding.unwrap {
        Unwrap::None => {}
        Unwrap::Tagged => text += " · tagged",
        Unwrap::Pointer(pointer) => text = format!("{text} · {pointer}"),
    }
    let name = format!("Encoding of {}", listed.title);
    let highest = highest(ui);
    let changed = drop_down(ui, &name, RichText::new(text), width, |ui| {
        ScrollArea::vertical().max_height(highest).show(ui, |ui| payload(ui, listed, field.clone())).inner
    });
    if let Some(field) = changed.flatten() {
        draft.set(listed.name, Some(field));
    }
}

/// What is in the menu of a payload; the field where it was changed. It stays open: several layers are several choices.
fn payload(ui: &mut Ui, listed: &Listed, mut field: Field) -> Option<Field> {
    let before = field.clone();
    let layers = &mut field.encoding.layers;
    let title = faint(ui, "Layers, outermost first");
    ui.label(title);
    ui.horizontal_wrapped(|ui| {
        ui.set_max_width(MENU_WIDTH);
        let mut removed = None;
        for (number, layer) in layers.iter().enumerate() {
            if crate::ui::widgets::chip(ui, number, layer.name(), false).removed {
                removed = Some(number);
            }
        }
        if let Some(number) = removed {
            layers.remove(number);
        }
        if layers.is_empty() {
            ui.label("automatic: found out value by value");
        }
    });
    ui.menu_button("Add a layer", |ui| {
        ScrollArea::vertical().max_height(MENU_HEIGHT).show(ui, |ui| {
            for codec in Codec::ALL {
                if ui.button(codec.name()).clicked() {
                    layers.push(codec);
                }
            }
        });
    })
    .response
    .accessible_name(format!("Add a layer to {}", listed.title));
    ui.separator();
    let title = faint(ui, "The part that counts");
    ui.label(title);
    unwrap(ui, listed, &mut field.encoding.unwrap);
    ui.separator();
    let title = faint(ui, "Expression that names the layers row by row");
    ui.label(title);
    let mut codec = field.codec.clone().unwrap_or_default();
    let name = format!("Codec of {}", listed.title);
    let id = egui::Id::unique(("mapping codec", listed.name));
    if (Entry { name: &name, hint: "such as content_type", id, framed: true }).show(ui, &mut codec).changed() {
        field.codec = Some(codec).filter(|codec| !codec.trim().is_empty());
    }
    (field != before).then_some(field)
}

fn unwrap(ui: &mut Ui, listed: &Listed, unwrap: &mut Unwrap) {
    let choice = |ui: &mut Ui, chosen: bool, text: &str| ui.add(Button::new(text).selected(chosen)).clicked();
    if choice(ui, *unwrap == Unwrap::None, "the whole document") {
        *unwrap = Unwrap::None;
    }
    if choice(ui, *unwrap == Unwrap::Tagged, "the value of its only key") {
        *unwrap = Unwrap::Tagged;
    }
    let pointed = matches!(unwrap, Unwrap::Pointer(_));
    if choice(ui, pointed, "what a JSON Pointer names") && !pointed {
        *unwrap = Unwrap::Pointer("/payload".to_owned());
    }
    if let Unwrap::Pointer(pointer) = unwrap {
        let name = format!("Unwrap of {}", listed.title);
        let id = egui::Id::unique(("mapping unwrap", listed.name));
        let entry = Entry { name: &name, hint: "/payload", id, framed: true };
        if entry.show(ui, pointer).changed() && !pointer.starts_with('/') {
            pointer.insert(0, '/');
        }
    }
}
