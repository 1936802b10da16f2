//! What is other in a branch, event by event, and the buttons that make it so.

use egui::{Button, Id, Label, RichText, ScrollArea, Ui};

use super::super::controls::{dim, faint};
use super::super::numbers::grouped;
use super::super::theme;
use super::super::timeline::mark_of;
use super::super::widgets::Entry;
use super::draft::{BranchDraft, Edit, EditKind, event_at};
use crate::codec::visible;
use crate::event::Version;
use crate::session::{History, Session};

/// How high the list of edits may stand, in points.
const HEIGHT: f32 = 330.0;

/// Paints the buttons, and beneath them what is other.
pub(super) fn show(ui: &mut Ui, session: &Session, history: Option<&History>, draft: &mut BranchDraft) {
    ui.horizontal(|ui| about(ui, history, draft));
    ui.horizontal(|ui| buttons(ui, session, history, draft));
    if draft.edits.is_empty() {
        let text = dim(ui, "Nothing is other yet. Skip, edit or move an event, or insert one.");
        ui.add(Label::new(text).wrap());
        return;
    }
    let mut gone = None;
    ScrollArea::vertical().id_salt("branch edits").max_height(HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        for (index, edit) in draft.edits.iter_mut().enumerate() {
            ui.push_id(index, |ui| {
                if one(ui, history, edit) {
                    gone = Some(index);
                }
            });
        }
    });
    if let Some(index) = gone {
        draft.edits.remove(index);
    }
}

/// Which version the buttons are about, and which event that is.
fn about(ui: &mut Ui, history: Option<&History>, draft: &mut BranchDraft) {
    let text = dim(ui, "Version");
    ui.label(text);
    number(ui, "Version in the branch", &mut draft.version);
    let version = draft.version.trim().parse::<Version>().ok();
    let mark = version.zip(history).and_then(|(version, history)| mark_of(history, version));
    let text = match mark {
        Some(mark) => RichText::new(visible(mark.event_type)).color(theme::palette(ui).text),
        None => faint(ui, "no such version"),
    };
    ui.add(Label::new(text).truncate());
}

fn number(ui: &mut Ui, name: &'static str, text: &mut String) {
    ui.scope(|ui| {
        ui.set_max_width(72.0);
        Entry { name, hint: "", id: Id::unique(name), framed: true }.show(ui, text);
    });
}

fn buttons(ui: &mut Ui, session: &Session, history: Option<&History>, draft: &mut BranchDraft) {
    let version = draft.version.trim().parse::<Version>().ok();
    let known = version.filter(|version| history.is_some_and(|history| mark_of(history, *version).is_some()));
    let press = |ui: &mut Ui, text: &str, enabled: bool| ui.add_enabled(enabled, Button::new(text)).clicked();
    if press(ui, "Skip it", known.is_some())
        && let Some(version) = known
    {
        draft.skip(version);
    }
    if press(ui, "Edit it", known.is_some())
        && let Some(version) = known
    {
        draft.set(version);
    }
    if press(ui, "Insert after it", version.is_some())
        && let Some(version) = version
    {
        draft.insert(version);
    }
    let event = known.and_then(|version| event_at(session, history, version));
    let after = draft.after.trim().parse::<Version>().ok();
    if press(ui, "Move it after", event.is_some() && after.is_some())
        && let Some((event, after)) = event.zip(after)
    {
        draft.take_to(&event, after);
    }
    number(ui, "Move it after version", &mut draft.after);
}

/// One edit; whether it is to go.
fn one(ui: &mut Ui, history: Option<&History>, edit: &mut Edit) -> bool {
    let palette = theme::palette(ui);
    let version = edit.kind.version();
    let kind = history.and_then(|history| mark_of(history, version)).map(|mark| mark.event_type.to_string());
    let kind = kind.unwrap_or_default();
    let (sign, color, says) = match edit.kind {
        EditKind::Skip(_) => ("-", palette.del, format!("skip v{} {kind}", grouped(version))),
        EditKind::Set(_) => ("~", palette.chg, format!("edit v{} {kind}", grouped(version))),
        EditKind::Insert(_) => ("+", palette.add, format!("insert after v{}", grouped(version))),
    };
    let mut gone = false;
    ui.horizontal(|ui| {
        ui.label(RichText::new(sign).font(theme::mono()).color(color));
        ui.label(visible(&says));
        let cross = ui.add(Button::new("×").frame(false)).accessible_name(format!("Remove {says}"));
        gone = cross.clicked();
    });
    if matches!(edit.kind, EditKind::Insert(_)) {
        let id = ui.make_persistent_id("type");
        Entry { name: "Type of the inserted event", hint: "stock.counted", id, framed: true }
            .show(ui, &mut edit.event_type);
    }
    if !matches!(edit.kind, EditKind::Skip(_)) {
        edit.data.show(ui, &format!("Data of {says}"), 4);
    }
    gone
}
