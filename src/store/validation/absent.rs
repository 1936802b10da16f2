//! What stands in for JSON Schema in a build without it: nothing is held against a schema, and nothing is let through.

use std::convert::Infallible;

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// A compiled schema, of which there are none.
pub(super) struct Engine(Infallible);

impl Engine {
    pub(super) fn new(_: &Value, _: impl FnOnce(String) -> Error) -> Result<Self> {
        Err(Error::new(ErrorKind::Unsupported, "this program cannot hold events against JSON Schemas")
            .with_hint("Nothing was written. Build it with the feature `schemas` of eventscope."))
    }

    pub(super) fn faults(&self, _: &Value) -> Option<String> {
        match self.0 {}
    }

    pub(super) fn each(&self, _: &Value, _: usize) -> Vec<(String, String)> {
        match self.0 {}
    }
}
