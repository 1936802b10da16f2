//! The selected row of a table: each value with its storage class, decoded as payloads are, with what it links to.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Align, Label, Layout, RichText, ScrollArea, Stroke, Ui};
use serde_json::Value;

use super::super::bytes::{self, BytesDraft};
use super::super::controls::{dim, failure, faint, heading, inset, link, nothing_here, word};
use super::super::numbers::grouped;
use super::super::scene::Scene;
use super::super::widgets::{JsonTree, TreeAction, TreeView};
use super::super::{large, theme};
use super::link::link_command;
use crate::codec::{visible, visible_lines};
use crate::event::{Decoded, Payload, StorageClass};
use crate::model::Command;
use crate::session::{Large, LargeValue, Link, Loading, Session, TableField, TableOrder, TableRecord};

/// How high a document or the bytes of one value are at most, in points: the next value is never far.
const TALLEST: f32 = 320.0;
/// How much of a text is laid out; all of it is among its bytes.
const LONGEST: usize = 2_000;

/// Which values are shown as their bytes, and how far these were leafed through.
#[derive(Debug, Default)]
pub struct Draft {
    row: Option<(TableOrder, u64)>,
    raw: BTreeMap<usize, BytesDraft>,
}

/// Paints the selected row.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut Draft, out: &mut Vec<Command>) {
    let (Some(session), Some(order)) = (scene.session, super::order(scene)) else { return };
    let Some(row) = scene.view.place.table_view.row.filter(|_| session.may_read(&order.table)) else {
        inset(ui, |ui| heading(ui, "Row", |_| {}));
        nothing_here(ui, "Select a row to see its values.");
        return;
    };
    let loading = session.table_row(&order, row);
    inset(ui, |ui| title(ui, &order, row));
    match (loading.value(), &loading) {
        (Some(record), _) => {
            let place = (order, row);
            let links = session.table_links(&place.0, row).value().cloned().unwrap_or_default();
            if draft.row.as_ref() != Some(&place) {
                *draft = Draft { row: Some(place), ..Draft::default() };
            }
            fields(ui, session, record, &links, draft, out);
        }
        (None, Loading::Failed(error)) => inset(ui, |ui| failure(ui, error)),
        (None, _) => nothing_here(ui, "Reading the row…"),
    }
}

fn title(ui: &mut Ui, order: &TableOrder, row: u64) {
    heading(ui, &format!("Row {}", grouped(i128::from(row) + 1)), |ui| {
        let text = faint(ui, &order.table);
        ui.add(Label::new(text).truncate());
    });
}

fn fields(
    ui: &mut Ui,
    session: &Session,
    record: &Arc<TableRecord>,
    links: &[Link],
    draft: &mut Draft,
    out: &mut Vec<Command>,
) {
    ScrollArea::vertical().id_salt("row").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP;
        for (index, field) in record.fields.iter().enumerate() {
            ui.push_id((record.number, index), |ui| {
                let line = ui.max_rect().x_range();
                let stroke = Stroke::new(1.0, theme::palette(ui).row_line);
                ui.painter().hline(line, ui.cursor().top(), stroke);
                ui.add_space(theme::STEP / 2.0);
                one_field(ui, session, (index, field), links, draft, out);
                ui.add_space(theme::STEP / 2.0);
            });
        }
    });
}

fn one_field(
    ui: &mut Ui,
    session: &Session,
    (index, field): (usize, &TableField),
    links: &[Link],
    draft: &mut Draft,
    out: &mut Vec<Command>,
) {
    let state = if field.value.unread().is_some() { session.large(&field.place) } else { Large::Unread };
    let loaded = match &state {
        Large::Ready(value) => Some(Arc::clone(value)),
        _ => None,
    };
    let payload = loaded.as_ref().map_or(&*field.value, |value| &value.payload);
    inset(ui, |ui| name(ui, index, field, payload, draft, out));
    match (draft.raw.get_mut(&index), &loaded, field.value.unread()) {
        (_, None, Some(size)) => inset(ui, |ui| {
            let offer = large::Offer { what: "Value", size, command: Command::LoadField(index) };
            large::offer(ui, session, &offer, &state, out);
        }),
        (Some(bytes), ..) => inset(ui, |ui| bytes::show(ui, payload, bytes, Some(TALLEST))),
        (None, Some(large), _) if large.document.is_some() => {
            if let Some(document) = &large.document {
                large::document(ui, document, "large field", TALLEST, out);
            }
        }
        (None, loaded, _) => value(ui, field, loaded.as_ref(), out),
    }
    for link_of in links.iter().filter(|link| link.column == index) {
        let (text, command) = link_command(link_of);
        if inset(ui, |ui| link(ui, &text, false).on_hover_text(visible(&text)).clicked()) {
            out.push(command);
        }
    }
}

/// The column's name with its type, what is stored, and what can be done with it.
fn name(ui: &mut Ui, index: usize, field: &TableField, payload: &Payload, draft: &mut Draft, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_height(theme::TREE_ROW);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            actions(ui, index, field, payload, draft, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = RichText::new(visible(&field.name)).font(theme::mono()).color(theme::palette(ui).key);
                ui.add(Label::new(name).truncate());
                let declared = faint(ui, visible(&declared(field, payload)));
                ui.add(Label::new(declared).truncate());
            });
        });
    });
    if matches!(payload.storage, StorageClass::Text | StorageClass::Blob) {
        let said = faint(ui, stored(payload));
        ui.add(Label::new(said).truncate());
    }
}

/// The declared type; for a number also what it is stored as, which SQLite lets differ.
fn declared(field: &TableField, payload: &Payload) -> String {
    let declared = if field.declared_type.is_empty() { "no type" } else { &field.declared_type };
    match payload.storage {
        StorageClass::Integer | StorageClass::Real => format!("{declared} · {}", bytes::storage(payload)),
        _ => declared.to_owned(),
    }
}

/// `blob · 1,234 bytes · Decoded: zlib, json`.
fn stored(payload: &Payload) -> String {
    let size = payload.unread().unwrap_or(payload.raw.len() as u64);
    let unit = if size == 1 { "byte" } else { "bytes" };
    let decoded = match payload.decoded() {
        Decoded::Document { value, encodings } if !encodings.is_empty() && (is_tree(value) || encodings.len() > 1) => {
            format!(" · Decoded: {}", encodings.join(", "))
        }
        _ => String::new(),
    };
    format!("{} · {} {unit}{decoded}", bytes::storage(payload), grouped(size))
}

fn actions(
    ui: &mut Ui,
    index: usize,
    field: &TableField,
    payload: &Payload,
    draft: &mut Draft,
    out: &mut Vec<Command>,
) {
    if payload.storage == StorageClass::Null || payload.raw.is_empty() && payload.unread().is_some() {
        return;
    }
    let quiet = |ui: &Ui, text: &str| RichText::new(text).font(theme::small()).color(theme::palette(ui).dim);
    let copy = quiet(ui, "Copy");
    let copied = word(ui, copy).on_hover_text("Copy the value as it is stored.");
    named(&copied, &format!("Copy {}", field.name));
    if copied.clicked() && payload.unread().is_none() {
        out.push(Command::CopyText(plain(payload)));
    } else if copied.clicked() {
        out.push(Command::CopyText(String::from_utf8_lossy(&payload.raw).into_owned()));
    }
    if matches!(payload.storage, StorageClass::Text | StorageClass::Blob) {
        let raw = draft.raw.contains_key(&index);
        let text = quiet(ui, if raw { "Decoded" } else { "Raw" });
        let pressed = word(ui, text).on_hover_text("Show the bytes as they are stored, or what they say.");
        named(&pressed, &format!("{} {}", if raw { "Decoded" } else { "Raw" }, field.name));
        if pressed.clicked() && draft.raw.remove(&index).is_none() {
            draft.raw.insert(index, BytesDraft::default());
        }
    }
}

/// Gives a button that stands once for every value a name of its own.
fn named(response: &egui::Response, name: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, name));
}

fn is_tree(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// What a value says: a document as a tree, anything else as text.
fn value(ui: &mut Ui, field: &TableField, loaded: Option<&Arc<LargeValue>>, out: &mut Vec<Command>) {
    let payload = loaded.map_or(&*field.value, |value| &value.payload);
    match payload.decoded() {
        Decoded::Document { value, .. } if is_tree(value) => {
            let owner: Arc<dyn std::any::Any + Send + Sync> = match loaded {
                Some(value) => Arc::<LargeValue>::clone(value),
                None => Arc::<Payload>::clone(&field.value),
            };
            let tree = JsonTree {
                salt: "field",
                name: "value",
                value,
                at: "",
                owner,
                notes: None,
                revision: 0,
                filterable: None,
                types: None,
                view: TreeView::default(),
            };
            for action in tree.show(ui, TALLEST) {
                if let TreeAction::Copy(text) = action {
                    out.push(Command::CopyText(text));
                }
            }
        }
        Decoded::Opaque { tried } => inset(ui, |ui| {
            let text = RichText::new(hex(&payload.raw)).font(theme::mono());
            ui.add(Label::new(text).truncate());
            for reason in tried.iter().take(3) {
                let reason = faint(ui, reason);
                ui.add(Label::new(reason).wrap());
            }
        }),
        Decoded::Missing => inset(ui, |ui| {
            let text = dim(ui, "NULL");
            ui.label(text);
        }),
        Decoded::Unread { .. } => inset(ui, |ui| {
            let text = dim(ui, "It is no JSON, and too large to be read as anything else. Raw shows its bytes.");
            ui.add(Label::new(text).wrap());
        }),
        Decoded::Document { .. } | Decoded::Text(_) => inset(ui, |ui| text(ui, payload)),
    }
}

fn text(ui: &mut Ui, payload: &Payload) {
    let said = plain(payload);
    let shown = said.char_indices().nth(LONGEST).map_or(said.as_str(), |(end, _)| said.get(..end).unwrap_or_default());
    let cut = if shown.len() < said.len() { "…" } else { "" };
    let palette = theme::palette(ui);
    let number = matches!(payload.storage, StorageClass::Integer | StorageClass::Real);
    let color = if number { palette.number } else { palette.text };
    let text = if said.is_empty() {
        RichText::new("empty").color(palette.faint)
    } else {
        RichText::new(visible_lines(&format!("{shown}{cut}"))).font(theme::mono()).color(color)
    };
    ui.add(Label::new(text).wrap().selectable(true));
}

/// A value as text: what is stored, or what it was decoded to where its bytes are no text.
pub(super) fn plain(payload: &Payload) -> String {
    match (std::str::from_utf8(&payload.raw), payload.decoded()) {
        (Ok(_), _) if payload.storage == StorageClass::Null => "NULL".to_owned(),
        (Ok(text), _) if payload.storage != StorageClass::Blob => text.to_owned(),
        (_, Decoded::Document { value: Value::String(text), .. } | Decoded::Text(text)) => text.clone(),
        (Ok(text), Decoded::Document { encodings, .. }) if encodings.as_slice() == ["json"] => text.to_owned(),
        (_, Decoded::Document { value, .. }) => format!("{value:#}"),
        _ => hex(&payload.raw),
    }
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    format!("x'{}'", crate::codec::marks::hex(bytes))
}

/// A row as one JSON object, in the order of its columns. Documents stay documents; what was left unread is said to be.
pub(super) fn as_json(record: &TableRecord) -> String {
    let value = |field: &TableField| match (field.value.decoded(), field.value.storage) {
        (_, StorageClass::Null) => Value::Null,
        (Decoded::Unread { bytes }, _) => Value::String(format!("{bytes} bytes, left unread")),
        (_, StorageClass::Integer | StorageClass::Real) => number(&field.value),
        (Decoded::Document { value, .. }, _) if is_tree(value) => value.clone(),
        _ => Value::String(plain(&field.value)),
    };
    let object: serde_json::Map<_, _> = record.fields.iter().map(|field| (field.name.clone(), value(field))).collect();
    format!("{:#}", Value::Object(object))
}

fn number(payload: &Payload) -> Value {
    serde_json::from_slice(&payload.raw).unwrap_or_else(|_| Value::String(plain(payload)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ValuePlace;

    fn field(name: &str, value: Payload) -> TableField {
        let place = ValuePlace::Table { table: "t".into(), column: 0, key: Vec::new() };
        TableField { name: name.into(), declared_type: String::new(), value: Arc::new(value), place }
    }

    #[test]
    fn a_row_is_copied_with_its_documents_and_exact_numbers() {
        let digits = "12345678901234567";
        let number = Payload::new(digits.as_bytes().into(), StorageClass::Integer, Decoded::Text(digits.into()));
        let large = Payload::new([].into(), StorageClass::Text, Decoded::Unread { bytes: 5 << 20 });
        let document = Payload::json(serde_json::json!({"a": 1}));
        let fields =
            vec![field("id", number), field("gone", Payload::default()), field("state", document), field("big", large)];
        let json = as_json(&TableRecord { number: 0, fields });
        let read: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            read.to_string(),
            r#"{"id":12345678901234567,"gone":null,"state":{"a":1},"big":"5242880 bytes, left unread"}"#
        );
    }

    #[test]
    fn a_blob_that_nothing_can_read_is_copied_as_digits() {
        let blob = Payload::new([0xff, 0].into(), StorageClass::Blob, Decoded::Opaque { tried: Vec::new() });
        assert_eq!(plain(&blob), "x'ff00'");
    }
}
