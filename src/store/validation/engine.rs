//! JSON Schema by the crate `jsonschema`.

use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::error::{Error, Result};

/// How much of what a schema says of a value is shown: the value itself can be of any length.
const SHOWN: usize = 300;

/// A compiled schema.
pub(super) struct Engine(Validator);

impl Engine {
    /// Compiles a schema; `no_schema` makes the error of why it is none.
    pub(super) fn new(schema: &Value, no_schema: impl FnOnce(String) -> Error) -> Result<Self> {
        let options = jsonschema::options().offline().should_validate_formats(true);
        let validator = options.build(schema).map_err(|error| {
            no_schema(format!("{} at {}", cut(error.to_string()), place(&error)))
                .with_hint("What a schema refers to must lie in it: nothing is fetched.")
        })?;
        Ok(Self(validator))
    }

    /// What is wrong with data, as the end of a sentence; `None` where it fits.
    pub(super) fn faults(&self, data: &Value) -> Option<String> {
        if self.0.is_valid(data) {
            return None;
        }
        let mut faults = self.0.iter_errors(data);
        let first = faults.next().map_or_else(String::new, |fault| format!(" {}", told(&fault)));
        Some(match faults.count() {
            0 => first,
            count => format!("{first} (and {count} more)"),
        })
    }

    /// Where and why data does not fit, each as a JSON Pointer and the end of a sentence; at most `limit`.
    pub(super) fn each(&self, data: &Value, limit: usize) -> Vec<(String, String)> {
        let told = |fault: ValidationError<'_>| (fault.instance_path().as_str().to_owned(), cut(fault.to_string()));
        self.0.iter_errors(data).take(limit).map(told).collect()
    }
}

fn told(fault: &ValidationError<'_>) -> String {
    format!("at {}: {}", place(fault), cut(fault.to_string()))
}

/// The JSON Pointer (RFC 6901) of the value that does not fit.
fn place(fault: &ValidationError<'_>) -> String {
    let pointer = fault.instance_path().as_str();
    if pointer.is_empty() { "its root".to_owned() } else { pointer.to_owned() }
}

/// The beginning of a long text.
fn cut(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
