//! One line of the list: a field, where it comes from, how it is written, how sure that is, and what is wrong with it.

use egui::{Label, Rect, RichText, Sense, Ui, vec2};

use super::choices::{Choices, is_typed};
use super::draft::MappingDraft;
use super::fields::{self, EVENT, Kind, Listed, SNAPSHOT};
use super::parts::{faults_of, gap, indented, named};
use super::{menus, tables};
use crate::profile::{Field, Level};
use crate::session::{Fault, MappingPreview, Session};
use crate::ui::controls::{faint, sentence};
use crate::ui::theme;
use crate::ui::widgets::Entry;

const SOURCE: f32 = 190.0;
const FORMAT: f32 = 132.0;
/// How many fields may have a reason in common before it is no longer repeated.
const SHARED: usize = 3;

/// Paints every field of the events, then those of the snapshots.
pub(super) fn all(
    ui: &mut Ui,
    session: &Session,
    draft: &mut MappingDraft,
    preview: Option<&std::sync::Arc<MappingPreview>>,
) {
    let faults = preview.map_or(&[][..], |preview| &preview.faults);
    let columns = session.columns_of(&draft.profile.events.from);
    let columns = columns.value().map_or(&[][..], |columns| columns);
    let inside = preview.map_or(&[][..], |preview| &preview.inside);
    let choices = Choices { columns, inside };
    let common = common_reasons(draft);
    ui.spacing_mut().item_spacing = vec2(2.0 * theme::STEP, theme::STEP);
    for listed in &EVENT {
        line(ui, listed, draft, &choices, faults, &common);
    }
    tables::clauses(ui, draft, faults);
    tables::snapshots_table(ui, session, draft, preview);
    let Some(from) = draft.profile.snapshots.as_ref().map(|snapshots| snapshots.from.clone()) else { return };
    let columns = session.columns_of(&from);
    let columns = columns.value().map_or(&[][..], |columns| columns);
    for listed in &SNAPSHOT {
        line(ui, listed, draft, &Choices { columns, inside: &[] }, faults, &common);
    }
}

/// The reasons that many fields share: they say nothing of any of them, so they are one hover away.
fn common_reasons(draft: &MappingDraft) -> Vec<String> {
    let fields = draft.guess.as_ref().map_or(&[][..], |guess| &guess.fields);
    let shared = |reason: &str| fields.iter().filter(|other| other.reason == reason).count() > SHARED;
    fields.iter().map(|field| field.reason.clone()).filter(|reason| shared(reason)).collect()
}

fn line(
    ui: &mut Ui,
    listed: &Listed,
    draft: &mut MappingDraft,
    choices: &Choices<'_>,
    faults: &[Fault],
    common: &[String],
) {
    ui.horizontal(|ui| {
        ui.set_height(theme::ENTRY);
        named(ui, listed.title, listed.help);
        menus::source(ui, listed, SOURCE, draft, choices);
        if fields::get(&draft.profile, listed.name).is_some() {
            match listed.kind {
                Kind::Payload => menus::encoding(ui, listed, FORMAT, draft),
                Kind::Text | Kind::Moment => menus::format(ui, listed, FORMAT, draft),
                Kind::Number => gap(ui, FORMAT),
            }
        } else {
            gap(ui, FORMAT);
        }
        sureness(ui, listed, draft);
    });
    indented(ui, |ui| {
        expression(ui, listed, draft, choices);
        notes(ui, listed.name, draft, faults, common);
    });
    ui.add_space(theme::STEP / 2.0);
}

/// The expression, where it is typed rather than a column.
fn expression(ui: &mut Ui, listed: &Listed, draft: &mut MappingDraft, choices: &Choices<'_>) {
    if !is_typed(listed, draft, choices) {
        return;
    }
    let Some(mut field) = fields::get(&draft.profile, listed.name).cloned().or_else(|| {
        // One that a mapping cannot do without is there while it is empty.
        draft.typed.contains(listed.name).then(Field::default)
    }) else {
        return;
    };
    let name = format!("Expression of {}", listed.title);
    let id = egui::Id::unique(("mapping expression", listed.name));
    let entry = Entry { name: &name, hint: "an SQL expression, such as substr(key, 5)", id, framed: true };
    let response = ui.scope(|ui| {
        ui.style_mut().override_font_id = Some(theme::mono());
        entry.show(ui, &mut field.sql)
    });
    if response.inner.changed() {
        draft.typed.insert(listed.name);
        draft.set(listed.name, Some(field));
    }
    if draft.focus == Some(id) {
        draft.focus = None;
        response.inner.request_focus();
    }
}

/// How sure the guess is: dots and a word, so that colour is not alone in saying it.
fn sureness(ui: &mut Ui, listed: &Listed, draft: &MappingDraft) {
    let palette = theme::palette(ui);
    if draft.is_changed(listed.name) {
        let text = RichText::new("set by you").font(theme::small()).color(palette.accent);
        ui.label(text).on_hover_text(was(draft, listed.name));
        return;
    }
    let Some(reason) = draft.reason(listed.name) else { return };
    let guessed = if reason.source.is_some() { palette.chg } else { palette.faint };
    let (filled, word, color) = match reason.confidence.level() {
        Level::Certain => (3, "certain", palette.add),
        Level::Likely => (2, "likely", palette.dim),
        Level::Guess => (1, "a guess", guessed),
        Level::None => (0, "unknown", palette.faint),
    };
    let (rect, _) = ui.allocate_exact_size(vec2(24.0, theme::ENTRY), Sense::hover());
    for (number, x) in [4.0, 12.0, 20.0].into_iter().enumerate() {
        let dot = Rect::from_center_size(rect.left_center() + vec2(x, 0.0), vec2(6.0, 6.0));
        if number < filled {
            ui.painter().circle_filled(dot.center(), 3.0, color);
        } else {
            ui.painter().circle_stroke(dot.center(), 2.5, (1.0, palette.faint));
        }
    }
    ui.label(RichText::new(word).font(theme::small()).color(color)).on_hover_text(&reason.reason);
}

/// What a field was guessed to be.
fn was(draft: &MappingDraft, name: &str) -> String {
    let guess = draft.guess.as_ref().and_then(|guess| fields::get(&guess.profile, name));
    match (guess, draft.reason(name)) {
        (Some(field), Some(reason)) => format!("The guess was {}. {}", field.sql, sentence(&reason.reason)),
        (Some(field), None) => format!("The guess was {}.", field.sql),
        (None, _) => "The guess was that there is no such field.".to_owned(),
    }
}

/// What is wrong with a field; where nothing is, why it was guessed.
fn notes(ui: &mut Ui, name: &str, draft: &MappingDraft, faults: &[Fault], common: &[String]) {
    if faults_of(ui, name, faults) || draft.is_changed(name) {
        return;
    }
    if let Some(reason) = draft.reason(name).filter(|reason| !common.contains(&reason.reason)) {
        let text = faint(ui, sentence(&reason.reason));
        ui.add(Label::new(text).wrap());
    }
}
