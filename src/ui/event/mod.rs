//! The event panel: what the selected event says, what surrounds it, its stored bytes, what it is tied to.

mod causation;
mod envelope;
mod raw;
mod records;
mod wrapping;

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{RichText, Sense, Stroke, Ui, WidgetInfo, vec2};
use serde_json::Value;

use super::controls::{dim, failure, faint, heading, inset, nothing_here};
use super::large;
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use super::widgets::{JsonTree, TreeAction};
use crate::event::{Decoded, Event, Payload, Position};
use crate::filter::{Path, Root, Segment, Term};
use crate::model::{Command, Tab};
use crate::session::{Large, LargeValue, Loading, Session, ValuePlace};

pub use raw::RawDraft;
pub use records::RecordsDraft;

/// Paints the event panel.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, raw: &mut RawDraft, records: &mut RecordsDraft, out: &mut Vec<Command>) {
    let selected = scene.view.place.event.zip(scene.session);
    let Some((position, session)) = selected else {
        inset(ui, |ui| heading(ui, "Event", |_| {}));
        nothing_here(ui, "Select an event to see what it says.");
        return;
    };
    let loading = session.event(position);
    let event = loading.value().cloned();
    inset(ui, |ui| title(ui, position, event.as_deref()));
    match (event, &loading) {
        (Some(event), _) => {
            tabs(ui, scene.view.tab, out);
            match scene.view.tab {
                Tab::Stream => records::show(ui, scene, session, &event.stream, records, out),
                _ => contents(ui, scene, session, &event, raw, out),
            }
        }
        (None, Loading::Failed(error)) => inset(ui, |ui| failure(ui, error)),
        (None, _) => nothing_here(ui, "Reading the event…"),
    }
}

fn title(ui: &mut Ui, position: i64, event: Option<&Event>) {
    heading(ui, &format!("Event {}", grouped(position)), |ui| {
        let Some(event) = event else { return };
        let schema = event.schema_version.as_deref().map(|version| format!(" · {}", versioned(version)));
        let text = faint(ui, format!("{}{}", event.event_type, schema.unwrap_or_default()));
        ui.add(egui::Label::new(text).truncate());
    });
}

/// `v3`; a schema version that is no bare number stays as it is stored.
fn versioned(version: &str) -> String {
    let number = version.starts_with(|letter: char| letter.is_ascii_digit());
    format!("{}{version}", if number { "v" } else { "" })
}

fn tabs(ui: &mut Ui, current: Tab, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let line = ui.horizontal(|ui| {
        ui.add_space(theme::MARGIN);
        ui.spacing_mut().item_spacing.x = 16.0;
        for tab in Tab::ALL {
            if one_tab(ui, tab, tab == current).clicked() {
                out.push(Command::ShowTab(tab));
            }
        }
    });
    let bottom = line.response.rect.bottom();
    let stroke = Stroke::new(1.0, palette.line);
    ui.painter().hline(ui.max_rect().x_range(), bottom - 0.5, stroke);
    ui.add_space(theme::STEP / 2.0);
}

fn one_tab(ui: &mut Ui, tab: Tab, on: bool) -> egui::Response {
    let palette = theme::palette(ui);
    let font = egui::FontId::proportional(12.0);
    let size = ui.painter().layout_no_wrap(tab.title().to_owned(), font.clone(), palette.text).size();
    let (rect, response) = ui.allocate_exact_size(vec2(size.x, 30.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, tab.title()));
    let color = if on || response.hovered() { palette.text } else { palette.dim };
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, tab.title(), font, color);
    if on || response.has_focus() {
        let stroke = Stroke::new(2.0, if on { palette.accent } else { palette.faint });
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, stroke);
    }
    response
}

fn contents(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    event: &Arc<Event>,
    draft: &mut RawDraft,
    out: &mut Vec<Command>,
) {
    match scene.view.tab {
        Tab::Data | Tab::Metadata => {
            let root = if scene.view.tab == Tab::Data { Root::Data } else { Root::Metadata };
            let below = envelope::height(event);
            payload(ui, session, event, root, (ui.available_height() - below).max(3.0 * theme::TREE_ROW), out);
            inset(ui, |ui| envelope::show(ui, scene, session, event, out));
        }
        Tab::Raw => inset(ui, |ui| raw::show(ui, scene, session, event, draft, out)),
        Tab::Stream => {}
        Tab::Causation => inset(ui, |ui| causation::show(ui, session, event, out)),
    }
}

/// A payload as a tree, or what it is where it is no document.
fn payload(ui: &mut Ui, session: &Session, event: &Arc<Event>, root: Root, max_height: f32, out: &mut Vec<Command>) {
    let (payload, salt, name) = match root {
        Root::Data => (&event.data, "event data", "data"),
        Root::Metadata => (&event.metadata, "event metadata", "metadata"),
    };
    ui.spacing_mut().item_spacing.y = theme::STEP;
    match payload.decoded() {
        Decoded::Document { value, .. } => {
            let owner: Arc<Event> = Arc::clone(event);
            let wrapping::Shown { value, at, whole, height } = wrapping::show(ui, salt, value);
            let revision = u64::from(whole);
            let types = payload.wrapped().map(|wrapped| &wrapped.types);
            let tree = JsonTree { salt, name, value, at: &at, owner, notes: None, revision, filterable: true, types };
            for action in tree.show(ui, (max_height - height).max(3.0 * theme::TREE_ROW)) {
                out.extend(command_of(action, root));
            }
        }
        Decoded::Unread { bytes } => unread(ui, session, (event.position, root, *bytes), max_height, out),
        other => inset(ui, |ui| no_document(ui, payload, other)),
    }
}

/// A payload that was left unread because it is large, or what was read of it since.
fn unread(
    ui: &mut Ui,
    session: &Session,
    (position, root, size): (Position, Root, u64),
    max_height: f32,
    out: &mut Vec<Command>,
) {
    let salt = if root == Root::Data { "large data" } else { "large metadata" };
    let state = session.large(&ValuePlace::Event(position, root));
    let Large::Ready(value) = &state else {
        let offer = large::Offer { what: large::of(root), size, command: large::command(root) };
        return inset(ui, |ui| large::offer(ui, session, &offer, &state, out));
    };
    if let Some(document) = &value.document {
        return large::document(ui, document, salt, max_height, out);
    }
    match value.payload.decoded() {
        Decoded::Document { value: document, .. } => {
            let owner: Arc<LargeValue> = Arc::clone(value);
            let tree = JsonTree {
                salt,
                name: "data",
                value: document,
                at: "",
                owner,
                notes: None,
                revision: 0,
                filterable: true,
                types: None,
            };
            for action in tree.show(ui, max_height) {
                out.extend(command_of(action, root));
            }
        }
        other => inset(ui, |ui| no_document(ui, &value.payload, other)),
    }
}

fn no_document(ui: &mut Ui, payload: &Payload, decoded: &Decoded) {
    match decoded {
        Decoded::Text(text) => {
            let shown: String = text.chars().take(2000).collect();
            ui.add(egui::Label::new(RichText::new(shown).font(theme::mono())).wrap());
        }
        Decoded::Opaque { tried } => {
            let text = format!("{} bytes that could not be read. The Raw tab shows them.", grouped(length(payload)));
            let text = dim(ui, text);
            ui.add(egui::Label::new(text).wrap());
            for reason in tried {
                let reason = faint(ui, reason);
                ui.add(egui::Label::new(reason).wrap());
            }
        }
        Decoded::Unread { .. } => {
            let text =
                dim(ui, "It is no JSON, and too large to be read as anything else. The Raw tab shows its bytes.");
            ui.add(egui::Label::new(text).wrap());
        }
        _ => {
            let text = dim(ui, "Nothing is stored here.");
            ui.label(text);
        }
    }
}

fn length(payload: &Payload) -> i128 {
    i128::try_from(payload.raw.len()).unwrap_or(i128::MAX)
}

/// What a person wants done with a value of the tree, as a command.
fn command_of(action: TreeAction, root: Root) -> Option<Command> {
    match action {
        TreeAction::Copy(text) => Some(Command::CopyText(text)),
        TreeAction::History(_) | TreeAction::Watch(_) => None,
        TreeAction::Filter { path, value, negated } => term_text(root, &path, &value, negated).map(Command::AddTerm),
    }
}

/// The filter's term for a value at a JSON Pointer.
fn term_text(root: Root, pointer: &str, value: &Value, negated: bool) -> Option<String> {
    let segments = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    let segments = segments.map(|part| part.parse().map_or_else(|_| Segment::Key(part), Segment::Index));
    let term = Term::path(root, Path { segments: segments.collect() }, value)?;
    Some(if negated { term.negated() } else { term }.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_becomes_a_condition_that_can_be_read_back() {
        let text = term_text(Root::Data, "/lines/0/sku", &json!("cup"), true).unwrap();
        assert_eq!(text, "-data.lines[0].sku=cup");
        assert!(crate::filter::Filter::parse(&text).is_ok());
        assert_eq!(term_text(Root::Data, "/lines", &json!([]), false), None);
    }

    #[test]
    fn a_schema_version_that_is_a_number_gets_its_letter() {
        assert_eq!(versioned("3"), "v3");
        assert_eq!(versioned("v3"), "v3");
    }
}
