//! The event panel: what the selected event says, what surrounds it, its stored bytes, what it is tied to.

mod causation;
mod envelope;
mod raw;
mod records;
mod wrapping;

use std::sync::Arc;

use egui::{RichText, Stroke, Ui};
use serde_json::Value;

use super::controls::{self, dim, failure, faint, heading, inset, nothing_here};
use super::large;
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use super::widgets::{EventOf, Filterable, JsonTree, TreeAction, TreeView};
use crate::codec::{visible, visible_lines};
use crate::event::{Decoded, Event, Payload};
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
        let text = faint(ui, visible(&format!("{}{}", event.event_type, schema.unwrap_or_default())));
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
            if controls::tab(ui, tab.title(), tab == current).clicked() {
                out.push(Command::ShowTab(tab));
            }
        }
    });
    let bottom = line.response.rect.bottom();
    let stroke = Stroke::new(1.0, palette.line);
    ui.painter().hline(ui.max_rect().x_range(), bottom - 0.5, stroke);
    ui.add_space(theme::STEP / 2.0);
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
            let below = envelope::height(scene, event);
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
            let tree = JsonTree {
                salt,
                name,
                value,
                at: &at,
                owner,
                notes: None,
                revision,
                filterable: Some(Filterable { correlated: event.correlation_id.is_some() }),
                types,
                view: TreeView::default(),
            };
            for action in tree.show(ui, (max_height - height).max(3.0 * theme::TREE_ROW)) {
                out.extend(command_of(action, root, payload.value()));
            }
        }
        Decoded::Unread { bytes } => unread(ui, session, event, (root, *bytes), max_height, out),
        other => inset(ui, |ui| no_document(ui, payload, other)),
    }
}

/// A payload that was left unread because it is large, or what was read of it since.
fn unread(
    ui: &mut Ui,
    session: &Session,
    event: &Event,
    (root, size): (Root, u64),
    max_height: f32,
    out: &mut Vec<Command>,
) {
    let (position, correlated) = (event.position, event.correlation_id.is_some());
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
                filterable: Some(Filterable { correlated }),
                types: None,
                view: TreeView::default(),
            };
            for action in tree.show(ui, max_height) {
                out.extend(command_of(action, root, Some(document)));
            }
        }
        other => inset(ui, |ui| no_document(ui, &value.payload, other)),
    }
}

fn no_document(ui: &mut Ui, payload: &Payload, decoded: &Decoded) {
    match decoded {
        Decoded::Text(text) => {
            let shown: String = text.chars().take(2000).collect();
            ui.add(egui::Label::new(RichText::new(visible_lines(&shown)).font(theme::mono())).wrap());
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

/// What a person wants done with a value of the tree, as a command; `document` is what the tree is of, or around it.
fn command_of(action: TreeAction, root: Root, document: Option<&Value>) -> Option<Command> {
    let path = |pointer: &str| path_of(document.unwrap_or(&Value::Null), pointer);
    let add = |term: Option<Term>, negated: bool| {
        term.map(|term| Command::AddTerm(if negated { term.negated() } else { term }.to_string()))
    };
    match action {
        TreeAction::Copy(text) => Some(Command::CopyText(text)),
        TreeAction::History(_)
        | TreeAction::Watch(_)
        | TreeAction::Pin(_)
        | TreeAction::ChangedBy(_)
        | TreeAction::Correct(_)
        | TreeAction::NoState(_)
        | TreeAction::Missing(_) => None,
        TreeAction::Filter { path: at, value, negated } => add(Term::path(root, path(&at), &value), negated),
        TreeAction::FilterAny { path: at, value } => {
            let segments = path(&at).segments.into_iter().map(|segment| match segment {
                Segment::Index(_) => Segment::Each,
                key => key,
            });
            add(Term::path(root, Path { segments: segments.collect() }, &value), false)
        }
        TreeAction::FilterHas { path: at, negated } => add(Some(Term::has(root, path(&at))), negated),
        TreeAction::Only(EventOf::Stream) => Some(Command::FilterByStream),
        TreeAction::Only(EventOf::Type) => Some(Command::FilterByType),
        TreeAction::Only(EventOf::Correlation) => Some(Command::FilterByCorrelation),
    }
}

/// The path that a JSON Pointer takes through a document: a number is a place in a list, and a key in an object.
fn path_of(document: &Value, pointer: &str) -> Path {
    let mut here = Some(document);
    let mut segments = Vec::new();
    for part in pointer.split('/').skip(1) {
        let key = part.replace("~1", "/").replace("~0", "~");
        let (segment, next) = match (here, key.parse::<u32>()) {
            (Some(Value::Array(items)), Ok(index)) => (Segment::Index(index), items.get(index as usize)),
            (Some(Value::Object(members)), _) => {
                let next = members.get(&key);
                (Segment::Key(key), next)
            }
            _ => (Segment::Key(key), None),
        };
        segments.push(segment);
        here = next;
    }
    Path { segments }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_becomes_a_condition_that_can_be_read_back() {
        let document = json!({"lines": [{"sku": "cup"}], "0": 1});
        let text = |action| match command_of(action, Root::Data, Some(&document)) {
            Some(Command::AddTerm(text)) => text,
            other => panic!("{other:?}"),
        };
        let sku = || ("/lines/0/sku".to_owned(), json!("cup"));
        let (path, value) = sku();
        let exclude = text(TreeAction::Filter { path, value, negated: true });
        assert_eq!(exclude, "-data.lines[0].sku=cup");
        let (path, value) = sku();
        assert_eq!(text(TreeAction::FilterAny { path, value }), "data.lines[].sku=cup");
        assert_eq!(text(TreeAction::FilterHas { path: "/lines".to_owned(), negated: false }), "has:data.lines");
        let number = TreeAction::Filter { path: "/0".to_owned(), value: json!(1), negated: false };
        assert_eq!(text(number), "data.0=1", "a number may be a key");
        assert!(crate::filter::Filter::parse(&exclude).is_ok());
        let list = TreeAction::Filter { path: "/lines".to_owned(), value: json!([]), negated: false };
        assert_eq!(command_of(list, Root::Data, Some(&document)), None);
    }

    #[test]
    fn a_schema_version_that_is_a_number_gets_its_letter() {
        assert_eq!(versioned("3"), "v3");
        assert_eq!(versioned("v3"), "v3");
    }
}
