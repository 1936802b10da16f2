//! The envelope that a library puts around a payload, `{"class": …, "payload": …}`: it is named, and its contents are shown
//! in its place until a person asks for the whole.

use egui::Ui;
use serde_json::Value;

use super::super::controls::{faint, inset};
use super::super::theme;
use crate::codec::{self, Envelope};

/// The part of a document that is to be shown.
pub(super) struct Shown<'a> {
    /// The part.
    pub(super) value: &'a Value,
    /// The JSON Pointer of the part; empty for the whole.
    pub(super) at: String,
    /// Whether a person asked for the whole.
    pub(super) whole: bool,
    /// How much height the line above it took.
    pub(super) height: f32,
}

/// Names the envelope, if the document is one with something inside, and offers the whole.
pub(super) fn show<'a>(ui: &mut Ui, salt: &str, document: &'a Value) -> Shown<'a> {
    let found = codec::envelope(document).filter(|envelope| !envelope.inner.is_empty());
    let contents = found.as_ref().and_then(|envelope| document.pointer(&envelope.inner));
    let (Some(envelope), Some(contents)) = (found, contents) else {
        return Shown { value: document, at: String::new(), whole: false, height: 0.0 };
    };
    let id = ui.make_persistent_id((salt, "whole"));
    let mut whole = ui.data(|data| data.get_temp(id).unwrap_or(false));
    let top = ui.cursor().top();
    inset(ui, |ui| line(ui, &envelope, &mut whole));
    ui.data_mut(|data| data.insert_temp(id, whole));
    let height = ui.cursor().top() - top;
    if whole {
        Shown { value: document, at: String::new(), whole, height }
    } else {
        Shown { value: contents, at: envelope.inner, whole, height }
    }
}

fn line(ui: &mut Ui, envelope: &Envelope, whole: &mut bool) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP;
        ui.selectable_value(whole, false, "Contents").on_hover_text("What is inside the envelope");
        ui.selectable_value(whole, true, "Envelope").on_hover_text("The document as it is stored");
        if let Some(name) = &envelope.type_name {
            let name = faint(ui, name);
            ui.add(egui::Label::new(name).truncate());
        }
    });
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use serde_json::json;

    use super::*;

    fn harness(document: &Value) -> Harness<'_, String> {
        Harness::builder().build_ui_state(
            move |ui, seen: &mut String| {
                let shown = show(ui, "test", document);
                *seen = format!("{} {}", shown.at, shown.value);
            },
            String::new(),
        )
    }

    #[test]
    fn the_contents_are_shown_until_the_whole_is_asked_for() {
        let document = json!({"class": "Shop.Event.Renamed", "payload": {"name": "x"}});
        let mut harness = harness(&document);
        assert_eq!(harness.state(), r#"/payload {"name":"x"}"#);
        assert!(harness.query_by_label("Shop.Event.Renamed").is_some());
        harness.get_by_label("Envelope").click();
        harness.run();
        assert_eq!(harness.state(), &format!(" {document}"));
        harness.get_by_label("Contents").click();
        harness.run();
        assert_eq!(harness.state(), r#"/payload {"name":"x"}"#);
    }

    #[test]
    fn what_is_no_envelope_is_shown_as_it_is() {
        for document in [json!({"name": "x"}), json!({"$type": "A.B, A", "x": 1}), json!([1])] {
            let harness = harness(&document);
            assert_eq!(harness.state(), &format!(" {document}"));
            assert!(harness.query_by_label("Contents").is_none());
        }
    }
}
