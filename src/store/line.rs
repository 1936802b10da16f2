//! A line of the store's exchange form, as it is read and written.
//!
//! The two traits are spelt out: deriving them would bring an application that only stores events a parser of Rust, which
//! takes longer to compile than the store itself.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{Error as _, MapAccess, Visitor};
use serde_core::ser::SerializeMap;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::event::{Position, Version};

/// An event in a line. What is `None` is left out of the line; data and metadata are the text that is stored.
pub(crate) struct Line<'a> {
    pub(crate) position: Option<Position>,
    pub(crate) event_id: Option<Cow<'a, str>>,
    pub(crate) aggregate_type: Cow<'a, str>,
    pub(crate) aggregate_id: Cow<'a, str>,
    pub(crate) version: Option<Version>,
    pub(crate) event_type: Cow<'a, str>,
    pub(crate) schema_version: Option<Value>,
    pub(crate) timestamp: Option<Cow<'a, str>>,
    pub(crate) actor: Option<Cow<'a, str>>,
    pub(crate) actor_type: Option<Cow<'a, str>>,
    pub(crate) source: Option<Cow<'a, str>>,
    pub(crate) causation_id: Option<Cow<'a, str>>,
    pub(crate) correlation_id: Option<Cow<'a, str>>,
    pub(crate) data: &'a RawValue,
    pub(crate) metadata: Option<&'a RawValue>,
}

/// The fields, in the order in which they are written.
pub(crate) const FIELDS: &[&str] = &[
    "position",
    "event_id",
    "aggregate_type",
    "aggregate_id",
    "version",
    "event_type",
    "schema_version",
    "timestamp",
    "actor",
    "actor_type",
    "source",
    "causation_id",
    "correlation_id",
    "data",
    "metadata",
];

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn optional<M: SerializeMap>(
            map: &mut M,
            name: &'static str,
            value: Option<&impl Serialize>,
        ) -> Result<(), M::Error> {
            value.map_or(Ok(()), |value| map.serialize_entry(name, value))
        }
        let mut map = serializer.serialize_map(None)?;
        optional(&mut map, "position", self.position.as_ref())?;
        optional(&mut map, "event_id", self.event_id.as_ref())?;
        map.serialize_entry("aggregate_type", &self.aggregate_type)?;
        map.serialize_entry("aggregate_id", &self.aggregate_id)?;
        optional(&mut map, "version", self.version.as_ref())?;
        map.serialize_entry("event_type", &self.event_type)?;
        optional(&mut map, "schema_version", self.schema_version.as_ref())?;
        optional(&mut map, "timestamp", self.timestamp.as_ref())?;
        optional(&mut map, "actor", self.actor.as_ref())?;
        optional(&mut map, "actor_type", self.actor_type.as_ref())?;
        optional(&mut map, "source", self.source.as_ref())?;
        optional(&mut map, "causation_id", self.causation_id.as_ref())?;
        optional(&mut map, "correlation_id", self.correlation_id.as_ref())?;
        map.serialize_entry("data", &self.data)?;
        optional(&mut map, "metadata", self.metadata.as_ref())?;
        map.end()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Line<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor(PhantomData))
    }
}

struct LineVisitor<'a>(PhantomData<Line<'a>>);

impl<'de: 'a, 'a> Visitor<'de> for LineVisitor<'a> {
    type Value = Line<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line<'a>, A::Error> {
        let mut position = Field::new("position");
        let mut event_id = Field::<Option<Text<'a>>>::new("event_id");
        let mut aggregate_type = Field::<Text<'a>>::new("aggregate_type");
        let mut aggregate_id = Field::<Text<'a>>::new("aggregate_id");
        let mut version = Field::new("version");
        let mut event_type = Field::<Text<'a>>::new("event_type");
        let mut schema_version = Field::new("schema_version");
        let mut timestamp = Field::<Option<Text<'a>>>::new("timestamp");
        let mut actor = Field::<Option<Text<'a>>>::new("actor");
        let mut actor_type = Field::<Option<Text<'a>>>::new("actor_type");
        let mut source = Field::<Option<Text<'a>>>::new("source");
        let mut causation_id = Field::<Option<Text<'a>>>::new("causation_id");
        let mut correlation_id = Field::<Option<Text<'a>>>::new("correlation_id");
        let mut data = Field::<&'a RawValue>::new("data");
        let mut metadata = Field::<Option<&'a RawValue>>::new("metadata");
        while let Some(Text(name)) = map.next_key::<Text<'de>>()? {
            match name.as_ref() {
                "position" => position.read(&mut map)?,
                "event_id" => event_id.read(&mut map)?,
                "aggregate_type" => aggregate_type.read(&mut map)?,
                "aggregate_id" => aggregate_id.read(&mut map)?,
                "version" => version.read(&mut map)?,
                "event_type" => event_type.read(&mut map)?,
                "schema_version" => schema_version.read(&mut map)?,
                "timestamp" => timestamp.read(&mut map)?,
                "actor" => actor.read(&mut map)?,
                "actor_type" => actor_type.read(&mut map)?,
                "source" => source.read(&mut map)?,
                "causation_id" => causation_id.read(&mut map)?,
                "correlation_id" => correlation_id.read(&mut map)?,
                "data" => data.read(&mut map)?,
                "metadata" => metadata.read(&mut map)?,
                other => return Err(A::Error::unknown_field(other, FIELDS)),
            }
        }
        let text = |field: Field<Option<Text<'a>>>| field.value.flatten().map(|Text(text)| text);
        Ok(Line {
            position: position.value.flatten(),
            event_id: text(event_id),
            aggregate_type: aggregate_type.required()?.0,
            aggregate_id: aggregate_id.required()?.0,
            version: version.value.flatten(),
            event_type: event_type.required()?.0,
            schema_version: schema_version.value.flatten(),
            timestamp: text(timestamp),
            actor: text(actor),
            actor_type: text(actor_type),
            source: text(source),
            causation_id: text(causation_id),
            correlation_id: text(correlation_id),
            data: data.required()?,
            metadata: metadata.value.flatten(),
        })
    }
}

/// A field of the line while it is read.
struct Field<T> {
    name: &'static str,
    value: Option<T>,
}

impl<T> Field<T> {
    fn new(name: &'static str) -> Self {
        Self { name, value: None }
    }

    fn read<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error>
    where
        T: Deserialize<'de>,
    {
        if self.value.is_some() {
            return Err(A::Error::duplicate_field(self.name));
        }
        self.value = Some(map.next_value()?);
        Ok(())
    }

    fn required<E: serde_core::de::Error>(self) -> Result<T, E> {
        self.value.ok_or_else(|| E::missing_field(self.name))
    }
}

/// Text that is borrowed where the line has it without escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

struct TextVisitor<'a>(PhantomData<Text<'a>>);

impl<'de: 'a, 'a> Visitor<'de> for TextVisitor<'a> {
    type Value = Text<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text)))
    }
}
