//! An inferred schema as JSON Schema, draft 2020-12 (<https://json-schema.org/draft/2020-12>).
//!
//! It only says what holds of every event that was seen: what is required was always there, an enumeration has all the
//! values. Ranges are left out, since the next amount may well be larger than all before.

use serde_json::{Map, Value, json};

use super::shape::{Kind, Shape};
use super::{Schemas, TypeSchema, all_texts};

/// The standard that is followed.
const STANDARD: &str = "https://json-schema.org/draft/2020-12/schema";

impl TypeSchema {
    /// The schema as a document of its own.
    #[must_use]
    pub fn json_schema(&self) -> Value {
        let mut document = Map::new();
        document.insert("$schema".to_owned(), json!(STANDARD));
        document.insert("title".to_owned(), Value::from(self.name()));
        document.insert("description".to_owned(), Value::from(format!("Inferred from {} events.", self.events.count)));
        if self.data.seen().is_some() {
            document.extend(keywords(&self.data));
        }
        Value::Object(document)
    }
}

impl Schemas {
    /// All of them as one document, which defines each by the name of its type and version.
    #[must_use]
    pub fn json_schema(&self) -> Value {
        let definition = |schema: &TypeSchema| {
            let mut document = schema.json_schema();
            // Which standard it follows stands in the whole.
            if let Some(members) = document.as_object_mut() {
                members.shift_remove("$schema");
            }
            (schema.name(), document)
        };
        let definitions: Map<String, Value> = self.types().map(definition).collect();
        json!({"$schema": STANDARD, "$defs": definitions})
    }
}

fn keywords(shape: &Shape) -> Map<String, Value> {
    let mut found = Map::new();
    let mut names: Vec<&str> = shape.kinds().map(|(kind, _)| kind.name()).collect();
    // Every integer is a number.
    if names.contains(&Kind::Number.name()) {
        names.retain(|name| *name != Kind::Integer.name());
    }
    match names.as_slice() {
        [] => {}
        [one] => drop(found.insert("type".to_owned(), Value::from(*one))),
        several => drop(found.insert("type".to_owned(), Value::from(several))),
    }
    if all_texts(shape) {
        if let Some(values) = shape.enumeration() {
            found.insert("enum".to_owned(), Value::from(values));
        } else if let Some(format) = shape.format().filter(|format| format.is_standard()) {
            found.insert("format".to_owned(), Value::from(format.name()));
        }
    }
    let objects = shape.count_of(Kind::Object);
    if objects > 0 {
        if let Some(any) = shape.any_member() {
            found.insert("additionalProperties".to_owned(), Value::Object(keywords(any)));
        } else {
            let member = |(name, member): (&str, &Shape)| (name.to_owned(), Value::Object(keywords(member)));
            found.insert("properties".to_owned(), Value::Object(shape.members().map(member).collect()));
            let required: Vec<&str> = shape.always().map(|(name, _)| name).collect();
            if !required.is_empty() {
                found.insert("required".to_owned(), Value::from(required));
            }
        }
    }
    if let Some(items) = shape.items() {
        found.insert("items".to_owned(), Value::Object(keywords(items)));
    }
    found
}
