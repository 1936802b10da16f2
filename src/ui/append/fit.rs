//! How the data of a new event fits what events of its type look like: what it could still hold, and where it is unlike
//! all of them. That is a warning: the event is written all the same.

use std::sync::Arc;

use egui::{Button, Label, RichText, Ui};

use super::AppendDraft;
use crate::codec::visible;
use crate::insight::schema::{Addition, Misfit, TypeSchema};
use crate::session::{Count, Fit, FitOf, Loading, Session};
use crate::ui::controls::faint;
use crate::ui::numbers::{counted, grouped};
use crate::ui::theme;
use crate::ui::widgets::JsonEditor;

/// How many additions are offered, and how many misfits told.
const OFFERED: usize = 8;
const TOLD: usize = 6;

/// Asks how the data fits, where there is a type to hold it against.
pub(super) fn ask(session: &Session, draft: &mut AppendDraft) -> Loading<Arc<Fit>> {
    let event_type = draft.event_type.trim().to_owned();
    if event_type.is_empty() {
        return Loading::Missing;
    }
    let schema_version = Some(draft.schema_version.trim().to_owned()).filter(|version| !version.is_empty());
    session.fit(&FitOf { event_type, schema_version, data: draft.data.value().ok().cloned() })
}

/// Says how it fits, and offers what it could still hold.
pub(super) fn show(ui: &mut Ui, draft: &mut AppendDraft, loading: &Loading<Arc<Fit>>) {
    if draft.event_type.trim().is_empty() {
        return;
    }
    let Some(fit) = loading.value() else {
        let text = match loading {
            Loading::Failed(error) => format!("What its events look like cannot be read: {error}."),
            _ => "Looking at the events of this type…".to_owned(),
        };
        return quiet(ui, &text);
    };
    let Some(schema) = fit.schema() else { return quiet(ui, &unknown(fit)) };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * theme::STEP;
        let some = if fit.is_sample { "some of its events" } else { "all its events" };
        let events = counted(Count::complete(schema.events.count), "event", "events");
        let sample = if fit.is_sample { " of a sample" } else { "" };
        let text = faint(ui, format!("{}: {events}{sample}", schema.name()));
        ui.label(text).on_hover_text(format!("What the data is held against is inferred from {some}."));
        let begun = draft.data.value().is_ok_and(|data| !is_empty(data));
        let title = if begun { "Add what is missing" } else { "Fill in" };
        let button = ui.add_enabled(fit.completed.is_some(), Button::new(title).small());
        let button = button.on_hover_text("Put in what is always there, with values as they were seen.");
        let button = button.on_disabled_hover_text("Nothing is missing that is always there.");
        if let Some(completed) = fit.completed.as_ref().filter(|_| button.clicked()) {
            draft.data = JsonEditor::new(completed);
            say_version(draft, schema);
        }
        for addition in fit.additions.iter().take(OFFERED) {
            add(ui, draft, addition, schema);
        }
        if let Some(more) = fit.additions.len().checked_sub(OFFERED).filter(|more| *more > 0) {
            let text = faint(ui, format!("and {more} more"));
            ui.label(text).on_hover_text("Ctrl+Space in the data offers them.");
        }
    });
    misfits(ui, &fit.misfits);
}

/// Data that is made after a schema version is of that version: the store's default may be another one.
fn say_version(draft: &mut AppendDraft, schema: &TypeSchema) {
    if let Some(version) = schema.schema_version.as_ref().filter(|_| draft.schema_version.trim().is_empty()) {
        draft.schema_version.clone_from(version);
    }
}

fn is_empty(data: &serde_json::Value) -> bool {
    data.is_null() || data.as_object().is_some_and(serde_json::Map::is_empty)
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = faint(ui, text);
    ui.add(Label::new(text).wrap());
}

/// That there is nothing to hold it against.
fn unknown(fit: &Fit) -> String {
    let known: Vec<&str> = fit.versions.iter().filter_map(|version| version.as_deref()).collect();
    match known.as_slice() {
        [] if fit.versions.is_empty() => {
            "No event of this type was seen: there is nothing to hold the data against.".to_owned()
        }
        [] => "No event of this type says its schema version: leave it empty to hold the data against them.".to_owned(),
        [one] => format!("No event of this version was seen; its events are of version {one}."),
        several => format!("No event of this version was seen; its events are of the versions {}.", several.join(", ")),
    }
}

/// A member that the data could hold, which a press puts in.
fn add(ui: &mut Ui, draft: &mut AppendDraft, addition: &Addition, schema: &TypeSchema) {
    let path = addition.steps.join(".");
    let kinds: Vec<&str> = addition.kinds.iter().map(|kind| kind.name()).collect();
    let always = addition.presence >= 1.0;
    #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
    let share = if always {
        "always there".to_owned()
    } else {
        format!("in {} %", grouped((addition.presence * 100.0) as i64))
    };
    let color = if always { theme::palette(ui).text } else { theme::palette(ui).dim };
    let text = RichText::new(format!("+ {}", visible(&path))).font(theme::small()).color(color);
    let button = ui.add(Button::new(text).small()).accessible_name(format!("Add {path}"));
    let button =
        button.on_hover_text(format!("{}, {share}: {}", kinds.join(" or "), visible(&addition.value.to_string())));
    if button.clicked()
        && let Ok(data) = draft.data.value()
    {
        draft.data = JsonEditor::new(&addition.put_in(data.clone()));
        say_version(draft, schema);
    }
}

/// Where it is unlike all of them.
fn misfits(ui: &mut Ui, misfits: &[Misfit]) {
    let color = theme::palette(ui).chg;
    for misfit in misfits.iter().take(TOLD) {
        let text = RichText::new(format!("~ {}", visible(&misfit.to_string()))).font(theme::small()).color(color);
        ui.add(Label::new(text).wrap());
    }
    let more = misfits.len().saturating_sub(TOLD);
    if more > 0 {
        let text = RichText::new(format!("~ and at {} more places", grouped(i64::try_from(more).unwrap_or(i64::MAX))));
        ui.label(text.font(theme::small()).color(color));
    }
    if !misfits.is_empty() {
        quiet(ui, "It is unlike the events so far, and can be appended all the same.");
    }
}
