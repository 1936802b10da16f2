//! A JSON Schema of events, ready to be held against data.
//!
//! What reads schemas is a library of sixty crates, which few applications want: it comes with the feature `schemas`.
//! Without it a file that has schemas is read as ever, and an event that has one is refused rather than let through.

#[cfg_attr(not(feature = "schemas"), path = "absent.rs")]
mod engine;

use serde_json::Value;

use crate::error::{Error, Result};

use engine::Engine;

/// The schema of the data of one event type, at one version of its shape.
pub(super) struct Validator {
    event_type: String,
    version: i64,
    engine: Engine,
}

impl Validator {
    pub(super) fn new(event_type: &str, version: i64, schema: &Value) -> Result<Self> {
        let engine = Engine::new(schema, |why| no_schema(event_type, version, &why))?;
        Ok(Self { event_type: event_type.to_owned(), version, engine })
    }

    pub(super) fn from_text(event_type: &str, version: i64, text: &str) -> Result<Self> {
        Self::new(event_type, version, &parsed(event_type, version, text)?)
    }

    pub(super) fn each(&self, data: &Value, limit: usize) -> Vec<(String, String)> {
        self.engine.each(data, limit)
    }

    pub(super) fn check(&self, data: &Value) -> Result<()> {
        let Some(faults) = self.engine.faults(data) else { return Ok(()) };
        let Self { event_type, version, .. } = self;
        Err(Error::bad_input(format!(
            "the data of {event_type}, schema version {version}, does not fit its schema{faults}"
        ))
        .with_hint(
            "Nothing was written. Correct the data, or register another shape of it under the next schema version.",
        ))
    }
}

/// The schema in a text.
pub(super) fn parsed(event_type: &str, version: i64, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| no_schema(event_type, version, &error))
}

fn no_schema(event_type: &str, version: i64, why: &impl std::fmt::Display) -> Error {
    Error::bad_input(format!("what is to be the schema of {event_type}, schema version {version}, is none: {why}"))
}
