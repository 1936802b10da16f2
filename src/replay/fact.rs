//! An event as rules see it: its data raised to the present schema version, and the whole of it as `$event`.

use std::borrow::Cow;
use std::sync::Arc;

use jaq_json::Val;
use serde_json::Value;

use super::bounds::Bounds;
use super::plain::Plain;
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
    /// In its text, not decoded yet.
    Plain(Plain<'e>),
    Upcast(Val),
}

impl<'e> Fact<'e> {
    pub(crate) fn new(event: &'e Event, upcasts: &[Arc<Upcast>], bounds: Bounds) -> Result<Self, String> {
        let plain = event.data.bare_json().and_then(Plain::object);
        let data = plain.map_or_else(|| decoded(event), |plain| Some(Data::Plain(plain)));
        let mut fact = Self { event, schema_version: event.schema_version.as_deref().map(Cow::Borrowed), data };
        if !upcasts.is_empty() {
            fact.upcast(upcasts, bounds)?;
        }
        Ok(fact)
    }

    /// The same of data that was read without the event around it: `nothing` stands for that.
    pub(crate) fn of_data(nothing: &'e Event, plain: Plain<'e>) -> Self {
        Self { event: nothing, schema_version: None, data: Some(Data::Plain(plain)) }
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

    /// The data in its text, where it is an object in its plain form and nobody had it decoded.
    pub(crate) fn plain(&self) -> Option<&Plain<'e>> {
        match &self.data {
            Some(Data::Plain(plain)) => Some(plain),
            _ => None,
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        match &self.data {
            Some(Data::Plain(_)) => true,
            Some(Data::Stored(value)) => value.is_object(),
            Some(Data::Upcast(value)) => matches!(value, Val::Obj(_)),
            None => false,
        }
    }

    pub(crate) fn document(&self) -> Result<Cow<'_, Value>, String> {
        match &self.data {
            Some(Data::Stored(value)) => Ok(Cow::Borrowed(value)),
            Some(Data::Plain(plain)) => Ok(Cow::Owned(plain.to_value())),
            Some(Data::Upcast(value)) => val::to_json(value, Bounds::default().memory).map(Cow::Owned),
            None => Ok(Cow::Owned(Value::Null)),
        }
    }

    pub(crate) fn shared_data(&self) -> Val {
        match &self.data {
            Some(Data::Stored(value)) => val::from_json(value),
            Some(Data::Plain(plain)) => val::from_plain(plain),
            Some(Data::Upcast(value)) => value.clone(),
            None => Val::Null,
        }
    }

    /// One part of what [`Self::value`] gives; null where it is not there, none where jq would fail.
    pub(crate) fn look(&self, way: &[String]) -> Option<Val> {
        let (first, rest) = way.split_first()?;
        let event = self.event;
        let text = |text: Option<&str>| text.map_or(Val::Null, val::from_text);
        let found = match first.as_str() {
            "data" => {
                return match &self.data {
                    Some(Data::Stored(value)) => part(value, rest),
                    Some(Data::Plain(plain)) => plain.part(rest).map(val::from_plain),
                    Some(Data::Upcast(value)) => shared_part(value, rest),
                    None => Some(Val::Null),
                };
            }
            "metadata" => return event.metadata.value().map_or(Some(Val::Null), |value| part(value, rest)),
            "type" => val::from_text(&event.event_type),
            "version" => val::from_json(&event.version.into()),
            "position" => val::from_json(&event.position.into()),
            "timestamp" => text(event.timestamp.as_ref().map(|timestamp| &*timestamp.stored)),
            "actor" => text(event.actor.as_deref()),
            "aggregate_id" => val::from_text(&event.stream.aggregate_id),
            _ => return shared_part(&self.value(), way),
        };
        shared_part(&found, rest)
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

fn decoded(event: &Event) -> Option<Data<'_>> {
    match event.data.decoded() {
        Decoded::Document { value, .. } => Some(Data::Stored(Cow::Borrowed(value))),
        Decoded::Text(text) => Some(Data::Stored(Cow::Owned(Value::String(text.clone())))),
        Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => None,
    }
}

/// What lies at the end of some keys.
fn part(value: &Value, way: &[String]) -> Option<Val> {
    let mut value = value;
    for key in way {
        value = match value {
            Value::Object(object) => object.get(key).unwrap_or(&Value::Null),
            Value::Null => value,
            _ => return None,
        };
    }
    Some(val::from_json(value))
}

fn shared_part(value: &Val, way: &[String]) -> Option<Val> {
    let mut value = value;
    for key in way {
        value = match value {
            Val::Obj(object) => object.get(&val::from_text(key)).unwrap_or(&Val::Null),
            Val::Null => value,
            _ => return None,
        };
    }
    Some(value.clone())
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
