//! An event as rules see it: its data raised to the present schema version, and the whole of it as `$event`.

use std::borrow::Cow;
use std::sync::Arc;

use jaq_json::Val;
use serde_json::Value;

use super::bounds::Bounds;
use super::upcast::Upcast;
use super::val;
use crate::event::{Decoded, Event};

/// An event with its data in the current shape.
pub(crate) struct Fact<'e> {
    event: &'e Event,
    schema_version: Option<Cow<'e, str>>,
    /// `None` where there is no document and no text.
    data: Option<Data<'e>>,
}

enum Data<'e> {
    Stored(Cow<'e, Value>),
    Upcast(Val),
}

impl<'e> Fact<'e> {
    pub(crate) fn new(event: &'e Event, upcasts: &[Arc<Upcast>], bounds: Bounds) -> Result<Self, String> {
        let data = match event.data.decoded() {
            Decoded::Document { value, .. } => Some(Data::Stored(Cow::Borrowed(value))),
            Decoded::Text(text) => Some(Data::Stored(Cow::Owned(Value::String(text.clone())))),
            Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => None,
        };
        let mut fact = Self { event, schema_version: event.schema_version.as_deref().map(Cow::Borrowed), data };
        if !upcasts.is_empty() {
            fact.upcast(upcasts, bounds)?;
        }
        Ok(fact)
    }

    /// Turns the data into that of the newest version that the upcasters lead to.
    fn upcast(&mut self, upcasts: &[Arc<Upcast>], bounds: Bounds) -> Result<(), String> {
        let Some(mut version) = schema_number(self.event.schema_version.as_deref()) else { return Ok(()) };
        while let Some(upcast) = upcasts.iter().find(|upcast| upcast.from == version) {
            let name = || format!("upcast.\"{}\".{version}", upcast.event_type.as_str());
            let event = self.value();
            let data = upcast
                .program
                .run(self.shared_data(), &event, bounds)
                .map_err(|error| format!("{}: {error}", name()))?;
            self.data = Some(Data::Upcast(data));
            version += 1;
            self.schema_version = Some(Cow::Owned(version.to_string()));
        }
        Ok(())
    }

    /// Whether there is a document or a text.
    pub(crate) fn has_data(&self) -> bool {
        self.data.is_some()
    }

    pub(crate) fn is_object(&self) -> bool {
        match &self.data {
            Some(Data::Stored(value)) => value.is_object(),
            Some(Data::Upcast(value)) => matches!(value, Val::Obj(_)),
            None => false,
        }
    }

    pub(crate) fn document(&self) -> Result<Cow<'_, Value>, String> {
        match &self.data {
            Some(Data::Stored(value)) => Ok(Cow::Borrowed(value)),
            Some(Data::Upcast(value)) => val::to_json(value, Bounds::default().memory).map(Cow::Owned),
            None => Ok(Cow::Owned(Value::Null)),
        }
    }

    pub(crate) fn shared_data(&self) -> Val {
        match &self.data {
            Some(Data::Stored(value)) => val::from_json(value),
            Some(Data::Upcast(value)) => value.clone(),
            None => Val::Null,
        }
    }

    /// The event as rules see it in `$event`.
    pub(crate) fn value(&self) -> Val {
        let text = |text: Option<&str>| text.map_or(Val::Null, val::from_text);
        let event = self.event;
        let integer = |number: i64| val::from_json(&number.into());
        let fields = [
            ("position", integer(event.position)),
            ("id", text(event.id.as_deref())),
            ("type", val::from_text(&event.event_type)),
            ("aggregate_type", val::from_text(&event.stream.aggregate_type)),
            ("aggregate_id", val::from_text(&event.stream.aggregate_id)),
            ("version", integer(event.version)),
            ("schema_version", text(self.schema_version.as_deref())),
            ("timestamp", text(event.timestamp.as_ref().map(|timestamp| &*timestamp.stored))),
            ("data", self.shared_data()),
            ("metadata", event.metadata.value().map_or(Val::Null, val::from_json)),
            ("actor", text(event.actor.as_deref())),
            ("causation_id", text(event.causation_id.as_deref())),
            ("correlation_id", text(event.correlation_id.as_deref())),
        ];
        Val::obj(fields.into_iter().map(|(key, value)| (Val::utf8_str(key), value)).collect())
    }
}

/// An event as rules see it in `$event`.
pub(crate) fn value_of(event: &Event) -> Val {
    Fact { event, schema_version: None, data: None }.value()
}

/// The same, with its data as it is stored.
pub(crate) fn seen_value(event: &Event) -> Val {
    Fact::new(event, &[], Bounds::default()).map_or(Val::Null, |fact| fact.value())
}

/// The number of a schema version, as libraries write it: `2`, `2.0`, `v2`. One that is not told is the first.
fn schema_number(stored: Option<&str>) -> Option<u64> {
    let Some(stored) = stored else { return Some(1) };
    let digits = stored.trim().trim_start_matches(['v', 'V']);
    digits.split('.').next().and_then(|major| major.parse().ok())
}
