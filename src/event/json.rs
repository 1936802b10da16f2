//! JSON on its way into a store: a document, or the text of one, which is stored as it is.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;
use serde_json::value::RawValue;

/// A document that is about to be written, as a value or as the text that somebody else has written.
///
/// A [`Value`] has integers of 64 bits and floats. It only keeps the digits of decimals such as `8.00` and of longer
/// integers in a build in which `serde_json` has its feature `arbitrary_precision`, which is switched on for the whole
/// build or not at all. Text is exact in any build: it is stored byte for byte, as is the order of its keys.
///
/// ```
/// use eventscope::event::{ExpectedVersion, Json, NewEvent, StreamName};
/// use eventscope::store::EventStore;
///
/// let mut store = EventStore::open_in_memory()?;
/// let price = Json::text(r#"{"price": 8.00, "id": 123456789012345678901234567890}"#)?;
/// let cup = StreamName::new("cup", "1");
/// store.append(&cup, ExpectedVersion::NoStream, &[NewEvent::new("cup.sold", price.clone())])?;
/// assert_eq!(store.read_stream(&cup, 1, None)?[0].data.json_text(), Some(&*price.to_text()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub enum Json {
    /// A document.
    Value(Value),
    /// The text of a document.
    Text(Box<RawValue>),
}

impl Json {
    /// A document by its text.
    ///
    /// # Errors
    /// Where and why the text is no JSON.
    pub fn text(text: impl Into<String>) -> serde_json::Result<Self> {
        RawValue::from_string(text.into()).map(Self::Text)
    }

    /// Whether it is `null`, which as metadata means that there is none.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self {
            Self::Value(value) => value.is_null(),
            Self::Text(text) => text.get() == "null",
        }
    }

    /// The document, with numbers as exact as a [`Value`] holds them in this build.
    #[must_use]
    pub fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::Value(value) => Cow::Borrowed(value),
            Self::Text(text) => Cow::Owned(parsed(text)),
        }
    }

    /// The document, for those who do not need the text.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Text(text) => parsed(&text),
        }
    }

    /// The text, as it would be stored.
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Value(value) => Cow::Owned(value.to_string()),
            Self::Text(text) => Cow::Borrowed(text.get()),
        }
    }
}

/// Text that is JSON is a document, but for one that is nested deeper than can be read: no store takes that either.
fn parsed(text: &RawValue) -> Value {
    serde_json::from_str(text.get()).unwrap_or_default()
}

/// `null`.
impl Default for Json {
    fn default() -> Self {
        Self::Value(Value::Null)
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self::Value(value.clone())
    }
}

impl From<Box<RawValue>> for Json {
    fn from(text: Box<RawValue>) -> Self {
        Self::Text(text)
    }
}

/// The JSON text.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Text(text) => f.write_str(text.get()),
        }
    }
}

/// Whether both are the same document. Two texts are compared as texts, which says more.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.get() == b.get(),
            (a, b) => a.value() == b.value(),
        }
    }
}

impl PartialEq<Value> for Json {
    fn eq(&self, other: &Value) -> bool {
        *self.value() == *other
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_keeps_what_was_written() {
        let text = r#"{"b": 8.00, "a": 1e+2}"#;
        let json = Json::text(text).unwrap();
        assert_eq!((json.to_text().as_ref(), json.to_string().as_str()), (text, text));
        assert_eq!(json.value()["a"].as_f64(), Some(100.0));
        assert!(Json::text("{").unwrap_err().is_eof());
    }

    #[test]
    fn a_text_and_its_document_are_the_same() {
        let text = Json::text(r#" {"a": [1, null]} "#).unwrap();
        assert_eq!(text, Json::from(json!({"a": [1, null]})));
        assert_eq!(text, json!({"a": [1, null]}));
        assert_ne!(text, Json::text(r#"{"a":[1,null]}"#).unwrap());
        assert!(Json::text("null").unwrap().is_null() && Json::default().is_null());
    }
}
