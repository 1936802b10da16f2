//! A state while it is folded: a document, or a value of jq where rules are written in it.

use jaq_json::Val;
use serde_json::Value;

use super::val;

/// The state of a fold. It never changes its kind, so that no event pays for turning one into the other.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// A document, changed in place: for merging and replacing.
    Document(Value),
    /// A value of jq, which shares what an event leaves alone with the states before it.
    Shared(Val),
}

impl State {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Document(value) => value.clone(),
            // Each part came in as a document or went through a change, which lets nothing else pass.
            Self::Shared(value) => val::to_json(value).unwrap_or_default(),
        }
    }

    /// Roughly how many bytes it occupies.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Document(value) => size(value),
            Self::Shared(value) => val::size(value),
        }
    }
}

fn size(value: &Value) -> usize {
    const ENTRY: usize = 48;
    let inner = match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(number) => number.as_str().len(),
        Value::String(text) => text.len(),
        Value::Array(array) => array.iter().map(size).sum(),
        Value::Object(object) => object.iter().map(|(key, value)| ENTRY + key.len() + size(value)).sum(),
    };
    size_of::<Value>() + inner
}
