//! The vocabulary that every layer shares: what an event is, how its stream is named, and where it stands.

#[cfg(feature = "inspect")]
mod brief;
#[cfg(feature = "inspect")]
mod column;
mod json;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use serde_json::Value;

#[cfg(feature = "inspect")]
pub(crate) use brief::Named;
#[cfg(feature = "inspect")]
pub use brief::{Brief, Briefs};
#[cfg(feature = "inspect")]
pub use column::Column;
pub use json::Json;

/// An event's place in the whole store. Stores count from 0 or 1, leave gaps, and a few go below zero.
pub type Position = i64;

/// An event's place in its stream. The first version is 0 or 1, as the library that wrote the store has it.
pub type Version = i64;

/// The name of a stream: the type of the aggregate and its id.
///
/// A store without aggregate types has an empty `aggregate_type`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName {
    /// What kind of thing the stream is about, such as `order`; empty where the store does not say.
    pub aggregate_type: String,
    /// Which one of that kind, such as `ord-000418`.
    pub aggregate_id: String,
}

impl StreamName {
    /// A name from its two parts.
    pub fn new(aggregate_type: impl Into<String>, aggregate_id: impl Into<String>) -> Self {
        Self { aggregate_type: aggregate_type.into(), aggregate_id: aggregate_id.into() }
    }

    /// Splits `STREAM@VERSION`, as a person names a stream at a version. An `@` that no whole number follows belongs to the
    /// stream's name.
    #[must_use]
    pub fn split_version(text: &str) -> (&str, Option<Version>) {
        match text.rsplit_once('@') {
            Some((stream, version)) if !stream.is_empty() => match version.parse() {
                Ok(version) => (stream, Some(version)),
                Err(_) => (text, None),
            },
            _ => (text, None),
        }
    }
}

/// `TYPE/ID`, or the id alone where there is no type: the form that the command line and the filter take.
impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.aggregate_type.is_empty() {
            f.write_str(&self.aggregate_id)
        } else {
            write!(f, "{}/{}", self.aggregate_type, self.aggregate_id)
        }
    }
}

/// A moment as the store wrote it, and what it means.
///
/// Both are kept because what the file says is what is shown, copied and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// The stored value, character by character.
    pub stored: Arc<str>,
    /// The moment in UTC; `None` where the stored value cannot be read as one.
    pub utc: Option<DateTime<Utc>>,
}

impl Timestamp {
    /// The same moment, borrowed.
    #[must_use]
    pub fn by_ref(&self) -> TimestampRef<'_> {
        TimestampRef { stored: &self.stored, utc: self.utc }
    }
}

/// A [`Timestamp`] whose text lies elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampRef<'t> {
    /// The stored value, character by character.
    pub stored: &'t str,
    /// The moment in UTC; `None` where the stored value cannot be read as one.
    pub utc: Option<DateTime<Utc>>,
}

impl<'t> From<&'t Timestamp> for TimestampRef<'t> {
    fn from(timestamp: &'t Timestamp) -> Self {
        timestamp.by_ref()
    }
}

/// The storage class that SQLite gave a value (<https://www.sqlite.org/datatype3.html>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StorageClass {
    /// No value.
    #[default]
    Null,
    /// A 64-bit signed integer.
    Integer,
    /// A 64-bit float.
    Real,
    /// Text; it may hold invalid UTF-8.
    Text,
    /// Bytes.
    Blob,
}

/// What a stored payload turned out to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Decoded {
    /// There is nothing stored.
    #[default]
    Missing,
    /// A document. `encodings` names each layer that was taken off, outermost first: `["zlib", "json"]`.
    Document {
        /// The document; numbers keep their digits.
        value: Value,
        /// The layers that were taken off, outermost first.
        encodings: Vec<&'static str>,
    },
    /// Readable text that is no document.
    Text(String),
    /// Something so large that it was left unread; `raw` holds how it begins, where that was cheap to read.
    Unread {
        /// Its size.
        bytes: u64,
    },
    /// Bytes that nothing here can read, with what was tried.
    Opaque {
        /// What was tried and why it failed, a sentence each.
        tried: Vec<String>,
    },
}

/// How stored bytes are decoded.
pub type Decode = fn(&[u8], StorageClass) -> Decoded;

/// An event's data or metadata: the stored bytes, and what they decode to.
///
/// Decoding costs more than reading does, and many who read events look at the data of few: it can wait until somebody
/// asks, and is then done once.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The stored bytes, exactly, unless they were [left unread](Decoded::Unread). For integers and reals their text.
    pub raw: Arc<[u8]>,
    /// How SQLite stores them.
    pub storage: StorageClass,
    meaning: OnceLock<Meaning>,
    decoder: Decoder,
}

/// What the bytes of a payload turned out to mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning {
    pub(crate) decoded: Decoded,
    pub(crate) wrapped: Option<Arc<Wrapped>>,
}

/// What finds out what bytes mean where they alone do not say it.
#[cfg(feature = "inspect")]
pub(crate) trait Interpret: fmt::Debug + Send + Sync {
    fn meaning(&self, raw: &[u8], storage: StorageClass) -> Meaning;

    /// Whether the bytes, if they are JSON at all, mean the document that they are, with nothing around it or its values.
    fn is_bare_json(&self, raw: &[u8], storage: StorageClass) -> bool;
}

#[derive(Clone, Debug)]
enum Decoder {
    Function(Decode),
    #[cfg(feature = "inspect")]
    Interpreter(Arc<dyn Interpret>),
}

impl Decoder {
    fn meaning(&self, raw: &[u8], storage: StorageClass) -> Meaning {
        match self {
            Self::Function(decode) => decode(raw, storage).into(),
            #[cfg(feature = "inspect")]
            Self::Interpreter(by) => by.meaning(raw, storage),
        }
    }
}

impl From<Decoded> for Meaning {
    fn from(decoded: Decoded) -> Self {
        Self { decoded, wrapped: None }
    }
}

/// What a library wrapped the values of a document in, so as to say their types.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wrapped {
    /// The document with its wrappers.
    pub document: Value,
    /// The type that a value was wrapped in, by its JSON Pointer in the document without wrappers.
    pub types: BTreeMap<String, String>,
}

impl Payload {
    /// A payload of which it is known what it means.
    #[must_use]
    pub fn new(raw: Arc<[u8]>, storage: StorageClass, decoded: Decoded) -> Self {
        Self::of(raw, storage, decoded.into())
    }

    /// A payload that is decoded when somebody asks what it means. What is stored as text is JSON.
    #[must_use]
    pub fn undecoded(raw: Arc<[u8]>, storage: StorageClass, decode: Decode) -> Self {
        Self { raw, storage, meaning: OnceLock::new(), decoder: Decoder::Function(decode) }
    }

    /// A payload whose meaning is found out when somebody asks for it.
    #[cfg(feature = "inspect")]
    pub(crate) fn interpreted(raw: Arc<[u8]>, storage: StorageClass, by: Arc<dyn Interpret>) -> Self {
        Self { raw, storage, meaning: OnceLock::new(), decoder: Decoder::Interpreter(by) }
    }

    fn of(raw: Arc<[u8]>, storage: StorageClass, meaning: Meaning) -> Self {
        Self { raw, storage, meaning: meaning.into(), decoder: Decoder::Function(|_, _| Decoded::Missing) }
    }

    fn meaning(&self) -> &Meaning {
        self.meaning.get_or_init(|| self.decoder.meaning(&self.raw, self.storage))
    }

    /// A payload that holds a document as JSON text.
    #[must_use]
    pub fn json(document: impl Into<Json>) -> Self {
        let document = document.into();
        let raw = document.to_text().as_bytes().into();
        let value = document.into_value();
        Self::new(raw, StorageClass::Text, Decoded::Document { value, encodings: vec!["json"] })
    }

    /// The same payload, where the values of its document were wrapped in something that was taken off.
    #[must_use]
    pub fn taken_from(self, wrapped: impl Into<Arc<Wrapped>>) -> Self {
        let (raw, storage) = (Arc::clone(&self.raw), self.storage);
        Self::of(raw, storage, Meaning { decoded: self.into_decoded(), wrapped: Some(wrapped.into()) })
    }

    /// What the values of the document were wrapped in, where they were.
    #[must_use]
    pub fn wrapped(&self) -> Option<&Wrapped> {
        self.meaning().wrapped.as_deref()
    }

    /// The document as it is stored: with the wrappers that [`Payload::value`] is without.
    #[must_use]
    pub fn stored_value(&self) -> Option<&Value> {
        self.wrapped().map(|wrapped| &wrapped.document).or_else(|| self.value())
    }

    /// The JSON that stands for this payload where it is written again: [`Payload::to_json`], with the wrappers that
    /// its library needs to read it.
    #[must_use]
    pub fn to_stored_json(&self) -> Value {
        self.stored_value().cloned().unwrap_or_else(|| self.to_json())
    }

    /// What the bytes mean.
    #[must_use]
    pub fn decoded(&self) -> &Decoded {
        &self.meaning().decoded
    }

    /// What the bytes mean, for those who do not need the bytes.
    #[must_use]
    pub fn into_decoded(self) -> Decoded {
        let Self { raw, storage, meaning, decoder } = self;
        meaning.into_inner().unwrap_or_else(|| decoder.meaning(&raw, storage)).decoded
    }

    /// The stored text where it is the JSON of the document, for those who read JSON in a way of their own. It is not
    /// looked at here, and may turn out to be broken.
    #[must_use]
    pub fn json_text(&self) -> Option<&str> {
        let meaning = match self.decoder {
            Decoder::Function(_) => self.meaning.get(),
            #[cfg(feature = "inspect")]
            Decoder::Interpreter(_) => Some(self.meaning()),
        };
        let is_json = match meaning {
            Some(Meaning { decoded: Decoded::Document { encodings, .. }, wrapped: None }) => {
                encodings.as_slice() == ["json"]
            }
            Some(_) => false,
            None => true,
        };
        if is_json && self.storage == StorageClass::Text { std::str::from_utf8(&self.raw).ok() } else { None }
    }

    /// The text of a payload that nobody has decoded yet, where it is JSON and nothing else, if it is JSON at all: for
    /// those who need no document of it.
    #[cfg(feature = "inspect")]
    #[must_use]
    pub(crate) fn bare_json(&self) -> Option<&str> {
        match &self.decoder {
            Decoder::Interpreter(by) if self.meaning.get().is_none() && by.is_bare_json(&self.raw, self.storage) => {
                std::str::from_utf8(&self.raw).ok()
            }
            _ => None,
        }
    }

    /// The size of a payload that was left unread because it is large.
    #[must_use]
    pub fn unread(&self) -> Option<u64> {
        #[cfg(feature = "inspect")]
        if let Decoder::Interpreter(_) = self.decoder {
            return None;
        }
        match self.decoded() {
            Decoded::Unread { bytes } => Some(*bytes),
            _ => None,
        }
    }

    /// The document, where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match self.decoded() {
            Decoded::Document { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The JSON that stands for this payload outside the program: the document, the text as a string, or `null`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self.decoded() {
            Decoded::Document { value, .. } => value.clone(),
            Decoded::Text(text) => Value::String(text.clone()),
            Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => Value::Null,
        }
    }
}

/// Nothing stored.
impl Default for Payload {
    fn default() -> Self {
        Self::undecoded(Arc::default(), StorageClass::Null, |_, _| Decoded::Missing)
    }
}

/// Whether both hold the same bytes, and the bytes mean the same.
impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        (&self.raw, self.storage, self.decoded()) == (&other.raw, other.storage, other.decoded())
    }
}

/// One immutable recorded fact: its envelope and its data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// The place in the whole store; an ordinal, from 1, where the store keeps no position.
    pub position: Position,
    /// The event's own id.
    pub id: Option<String>,
    /// The stream that it belongs to.
    pub stream: StreamName,
    /// The place in that stream; an ordinal, from 1, where the store keeps no version.
    pub version: Version,
    /// What happened, such as `order.line_added`.
    pub event_type: String,
    /// The version of the event type's own shape, as stored: libraries write `1`, `1.0` or `v2`.
    pub schema_version: Option<String>,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// Who caused it.
    pub actor: Option<String>,
    /// What kind of actor that is, such as `user`.
    pub actor_type: Option<String>,
    /// Through what it came, such as `api`.
    pub source: Option<String>,
    /// The id of the event or command that caused it.
    pub causation_id: Option<String>,
    /// The id that everything caused by one request shares.
    pub correlation_id: Option<String>,
    /// What the event says.
    pub data: Payload,
    /// What surrounds it.
    pub metadata: Payload,
}

/// What a writer expects of a stream before it appends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ExpectedVersion {
    /// Whatever is there.
    #[default]
    Any,
    /// No event yet.
    NoStream,
    /// At least one event.
    StreamExists,
    /// Exactly this version is the last one.
    Exactly(Version),
}

impl ExpectedVersion {
    /// Whether a stream whose last version is `actual` (`None`: it has no event) is as expected.
    #[must_use]
    pub fn allows(self, actual: Option<Version>) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual.is_none(),
            Self::StreamExists => actual.is_some(),
            Self::Exactly(version) => actual == Some(version),
        }
    }
}

/// The words of a sentence: "any version", "no stream", "an existing stream", "version 3".
impl fmt::Display for ExpectedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::NoStream => f.write_str("no stream"),
            Self::StreamExists => f.write_str("an existing stream"),
            Self::Exactly(version) => write!(f, "version {version}"),
        }
    }
}

/// An event that a person or a program wants to append. Position, version and time are the store's to give.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewEvent {
    /// The event's own id; the store makes one where there is none.
    pub id: Option<String>,
    /// What happened.
    pub event_type: String,
    /// The version of the event type's own shape; the store's default where there is none.
    pub schema_version: Option<String>,
    /// Who caused it.
    pub actor: Option<String>,
    /// What kind of actor that is.
    pub actor_type: Option<String>,
    /// Through what it came.
    pub source: Option<String>,
    /// The id of the event or command that caused it.
    pub causation_id: Option<String>,
    /// The id that everything caused by one request shares.
    pub correlation_id: Option<String>,
    /// What the event says.
    pub data: Json,
    /// What surrounds it; `null` for nothing.
    pub metadata: Json,
}

impl NewEvent {
    /// An event of a type with its data; the other fields are empty.
    pub fn new(event_type: impl Into<String>, data: impl Into<Json>) -> Self {
        Self { event_type: event_type.into(), data: data.into(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_is_decoded_once_and_only_when_somebody_asks() {
        static DECODED: AtomicUsize = AtomicUsize::new(0);
        let decode: Decode = |bytes, _| {
            DECODED.fetch_add(1, Ordering::Relaxed);
            Decoded::Document { value: serde_json::from_slice(bytes).unwrap(), encodings: vec!["json"] }
        };
        let payload = Payload::undecoded(br#"{"a":1}"#.as_slice().into(), StorageClass::Text, decode);
        assert_eq!((payload.json_text(), payload.clone().raw.len()), (Some(r#"{"a":1}"#), 7));
        assert_eq!(DECODED.load(Ordering::Relaxed), 0);
        assert_eq!(payload, Payload::json(json!({"a": 1})));
        assert_eq!((payload.to_json(), payload.json_text()), (json!({"a": 1}), Some(r#"{"a":1}"#)));
        assert_eq!(payload.into_decoded(), Payload::json(json!({"a": 1})).into_decoded());
        assert_eq!(DECODED.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn the_text_of_a_payload_is_only_its_json_where_nothing_was_taken_off() {
        let document = |encodings| Decoded::Document { value: json!(1), encodings };
        let text = |decoded| Payload::new(b"{}".as_slice().into(), StorageClass::Text, decoded);
        assert_eq!(text(document(vec!["json"])).json_text(), Some("{}"));
        assert_eq!(text(document(vec!["json", "envelope"])).json_text(), None);
        assert_eq!(text(Decoded::Text("{}".to_owned())).json_text(), None);
        assert_eq!(Payload::default().json_text(), None);
    }
}
