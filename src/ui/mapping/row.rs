//! One line of the list: a field, where it comes from, how it is written, how sure that is, and what is wrong with it.

use egui::{Label, Rect, RichText, Sense, Ui, WidgetInfo, vec2};

use super::draft::MappingDraft;
use super::fields::{self, EVENT, Kind, Listed, SNAPSHOT};
use super::{menus, tables};
use crate::profile::{Field, Level};
use crate::session::{ColumnSample, Fault, Inside, MappingTrial, Session, Severity};
use crate::ui::controls::{faint, sentence};
use crate::ui::theme;
use crate::ui::widgets::Entry;

/// The widths of a line's parts, in points: the name, the source, the format. How sure it is takes the rest.
pub(super) const NAME: f32 = 116.0;
const SOURCE: f32 = 190.0;
const FORMAT: f32 = 132.0;
/// How many fields may have a reason in common before it is no longer repeated.
const SHARED: usize = 3;

/// What a line can be filled from.
pub(super) struct Choices<'a> {
    /// The columns of the table or join.
    pub(super) columns: &'a [ColumnSample],
    /// The members of the documents.
    pub(super) inside: &'a [Inside],
}

/// Paints every field of the events, then those of the snapshots.
pub(super) fn all(
    ui: &mut Ui,
    session: &Session,
    draft: &mut MappingDraft,
    trial: Option<&std::sync::Arc<MappingTrial>>,
) {
    let faults = trial.map_or(&[][..], |trial| &trial.faults);
    let columns = session.columns_of(&draft.profile.events.from);
    let columns = columns.value().map_or(&[][..], |columns| columns);
    let inside = trial.map_or(&[][..], |trial| &trial.inside);
    let choices = Choices { columns, inside };
    let common = common_reasons(draft);
    ui.spacing_mut().item_spacing = vec2(2.0 * theme::STEP, theme::STEP);
    for listed in &EVENT {
        line(ui, listed, draft, &choices, faults, &common);
    }
    tables::clauses(ui, draft, faults);
    tables::snapshots_table(ui, session, draft, trial);
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

/// Contents below a field's source rather than below its name, no higher than they are.
pub(super) fn indented<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) {
    let height = ui.spacing().interact_size.y;
    ui.spacing_mut().interact_size.y = 0.0;
    ui.horizontal(|ui| {
        gap(ui, NAME);
        ui.vertical(|ui| {
            ui.spacing_mut().interact_size.y = height;
            add_contents(ui);
        });
    });
    ui.spacing_mut().interact_size.y = height;
}

/// A field's name, as wide as every other.
pub(super) fn named(ui: &mut Ui, title: &str, help: &str) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(NAME, theme::ENTRY), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, title));
    crate::ui::widgets::text_in(ui.painter(), rect, egui::Align::Min, title, theme::text(), palette.text);
    response.on_hover_text(help);
}

fn gap(ui: &mut Ui, width: f32) {
    ui.allocate_exact_size(vec2(width, 1.0), Sense::hover());
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

/// Whether a field is shown as an expression: somebody chose to type it, or no column is it.
pub(super) fn is_typed(listed: &Listed, draft: &MappingDraft, choices: &Choices<'_>) -> bool {
    if draft.typed.contains(listed.name) {
        return true;
    }
    let field = fields::get(&draft.profile, listed.name);
    // While the columns are read, a name alone is taken for one of them.
    field.is_some_and(|field| {
        if choices.columns.is_empty() {
            !field.sql.chars().all(|letter| letter.is_alphanumeric() || "_.\"".contains(letter))
        } else {
            column_of(&field.sql, choices.columns).is_none()
        }
    })
}

/// The column that an expression is, however it is quoted.
pub(super) fn column_of<'a>(sql: &str, columns: &'a [ColumnSample]) -> Option<&'a ColumnSample> {
    let bare = |sql: &str| sql.replace(['"', '`', '[', ']'], "").to_lowercase();
    let wanted = bare(sql);
    columns.iter().find(|column| bare(&column.sql) == wanted)
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

/// Paints what is wrong with a field; false where nothing is.
pub(super) fn faults_of(ui: &mut Ui, name: &str, faults: &[Fault]) -> bool {
    let palette = theme::palette(ui);
    let mut any = false;
    for fault in faults.iter().filter(|fault| fault.field == name) {
        let (sign, color) = match fault.severity {
            Severity::Error => ("×", palette.del),
            Severity::Doubt => ("!", palette.chg),
        };
        let text = format!("{sign} {}", sentence(&fault.message));
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(color)).wrap());
        any = true;
    }
    any
}
