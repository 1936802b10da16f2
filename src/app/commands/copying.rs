//! The family of copying: what is selected, as text on the clipboard.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::App;
use crate::event::{Event, Payload};
use crate::filter::Root;
use crate::model::{Command, DeepLink, LinkPlace};
use crate::session::{Large, LargeValue, ValuePlace};

impl App {
    /// Copies what the command names. This is the last family: other commands were carried out before.
    pub(super) fn carry_out_copying(&mut self, command: &Command) {
        let text = match command {
            Command::CopyText(text) => Some(text.clone()),
            Command::CopyEvent => self.selected_event().map(|event| format!("{:#}", event_json(&event))),
            Command::CopyData => self.selected_event().map(|event| self.data_text(&event)),
            Command::CopyRaw => self.selected_event().map(|event| match self.loaded(&event) {
                Some(large) => raw_text(&large.payload),
                None => raw_text(&event.data),
            }),
            Command::CopyState => self.shown_state(),
            Command::CopyLink => self.link(),
            Command::CopyStreamName => self.view.place.stream.as_ref().map(ToString::to_string),
            _ => None,
        };
        if let Some(text) = text {
            self.ctx.copy_text(text);
        }
    }

    /// A link to what is shown: a stream at its version, or the position of an event that has neither.
    fn link(&self) -> Option<String> {
        let stream = self.view.place.stream.as_ref().map(ToString::to_string).filter(|stream| !stream.is_empty());
        let version = self.versions().map(|versions| versions.shown);
        let at = match (stream, version, self.view.place.event) {
            (Some(stream), Some(version), _) => LinkPlace::Stream(stream, Some(version)),
            (_, _, Some(position)) => LinkPlace::Position(position),
            (Some(stream), None, None) => LinkPlace::Stream(stream, None),
            (None, _, None) => return None,
        };
        let file = self.session.as_ref()?.overview().map(|overview| overview.path.clone());
        Some(DeepLink { file, at: Some(at) }.to_string())
    }

    /// The selected event, once it is read.
    pub(super) fn selected_event(&self) -> Option<Arc<Event>> {
        let (position, session) = self.view.place.event.zip(self.session.as_ref())?;
        session.event(position).value().cloned()
    }

    /// What an event says as JSON; a large document as it is stored.
    fn data_text(&self, event: &Event) -> String {
        match self.loaded(event) {
            Some(large) => match (&large.document, large.payload.value()) {
                (Some(document), _) => String::from_utf8_lossy(document.outline.bytes()).into_owned(),
                (None, Some(value)) => format!("{value:#}"),
                (None, None) => raw_text(&large.payload),
            },
            None => format!("{:#}", event.data.to_json()),
        }
    }

    /// The large data of an event, where it was read since.
    fn loaded(&self, event: &Event) -> Option<Arc<LargeValue>> {
        event.data.unread()?;
        let place = ValuePlace::Event(event.position, Root::Data);
        match self.session.as_ref()?.large(&place) {
            Large::Ready(value) => Some(value),
            _ => None,
        }
    }

    fn shown_state(&self) -> Option<String> {
        let (stream, session) = self.view.place.stream.as_ref().zip(self.session.as_ref())?;
        let state = session.state(stream, self.versions()?.shown);
        state.value().map(|state| format!("{:#}", state.state))
    }
}

/// An event with its envelope, under the names that the command line uses too.
fn event_json(event: &Event) -> Value {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
    let stored = event.timestamp.as_ref().map(|timestamp| timestamp.stored.to_string());
    let fields = [
        ("position", Value::from(event.position)),
        ("event_id", text(&event.id)),
        ("aggregate_type", Value::from(event.stream.aggregate_type.clone())),
        ("aggregate_id", Value::from(event.stream.aggregate_id.clone())),
        ("version", Value::from(event.version)),
        ("event_type", Value::from(event.event_type.clone())),
        ("schema_version", text(&event.schema_version)),
        ("timestamp", text(&stored)),
        ("actor", text(&event.actor)),
        ("actor_type", text(&event.actor_type)),
        ("source", text(&event.source)),
        ("causation_id", text(&event.causation_id)),
        ("correlation_id", text(&event.correlation_id)),
        ("data", event.data.to_json()),
        ("metadata", event.metadata.to_json()),
    ];
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// The stored bytes as text where they are text, else in hexadecimal digits.
fn raw_text(payload: &Payload) -> String {
    match std::str::from_utf8(&payload.raw) {
        Ok(text) => text.to_owned(),
        Err(_) => payload.raw.iter().fold(String::new(), |mut digits, byte| {
            // Writing to a string does not fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Decoded, StorageClass};

    #[test]
    fn bytes_that_are_no_text_are_copied_as_digits() {
        let payload = Payload::new(vec![0xff, 0x00, 0x1a].into(), StorageClass::Blob, Decoded::Missing);
        assert_eq!(raw_text(&payload), "ff001a");
        assert_eq!(raw_text(&Payload::json(serde_json::json!({"a": 1.50}))), "{\"a\":1.5}");
    }
}
