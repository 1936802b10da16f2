//! What a column's sampled values look like: identifiers, moments, documents.

use std::collections::{BTreeSet, HashSet};

use rusqlite::types::{Value, ValueRef};
use serde_json::Value as Json;

use crate::event::Decoded;

use super::measure::ascending;
pub(super) use super::measure::{ratio, text};
use super::moments;
use crate::codec::decode;
use crate::codec::{Encoding, Format};

/// What the values of one column are, all told.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// How many rows have a value.
    pub(super) present: usize,
    /// The share of the rows that have a value.
    pub(super) coverage: f32,
    /// The share of the rows that have a value that is not empty.
    pub(super) filled: f32,
    /// How many different values there are.
    pub(super) distinct: usize,
    /// Whether every value is an integer.
    pub(super) integer: bool,
    /// Whether every value is text.
    pub(super) text: bool,
    /// The share of values that are bytes.
    pub(super) bytes: f32,
    /// The share of values that look like the name of a type.
    pub(super) words: f32,
    /// The share of values that are words put together: `LineAdded`, `order.placed`.
    pub(super) compound: f32,
    /// The share of values that look like ids.
    pub(super) ids: f32,
    /// The share of values that are documents.
    pub(super) documents: f32,
    /// The mean length in bytes.
    pub(super) length: f32,
    /// How nearly all of them are moments, if they are.
    pub(super) moment: Option<Format>,
    /// Whether they count up, or stay, from row to row: the share of the steps.
    pub(super) ascending: f32,
    /// The share of values that could be the type of something, were they few: short texts that are no ids, or small
    /// numbers.
    pub(super) labels: f32,
    /// The share of values with a digit in them.
    pub(super) digits: f32,
}

/// The values of a column that were too large to read.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread {
    /// How many they are.
    count: usize,
    /// Their bytes, all told.
    bytes: usize,
    /// How many of them are text.
    texts: usize,
}

impl Unread {
    /// Notes one of which is said `text 104857600`, and gives what stands in its place: of the same type, and like no
    /// other.
    pub(super) fn add(&mut self, said: &str) -> Value {
        let (kind, bytes) = said.split_once(' ').unwrap_or_default();
        self.bytes = self.bytes.saturating_add(bytes.parse().unwrap_or_default());
        self.count += 1;
        let stand_in = format!("({bytes} bytes, unread: {})", self.count);
        if kind == "blob" {
            return Value::Blob(stand_in.into_bytes());
        }
        self.texts += 1;
        Value::Text(stand_in)
    }
}

impl Shape {
    /// Looks at the values of a column, row by row, and at the documents in them. A text that was too large to read is
    /// hardly anything else than a document.
    pub(super) fn of(values: &[Value], documents: &[Option<Json>], unread: &Unread) -> Self {
        let there: Vec<&Value> = values.iter().filter(|value| !matches!(value, Value::Null)).collect();
        // An empty text is no value: some libraries fill a column that they do not use with it.
        let named: Vec<&&Value> =
            there.iter().filter(|value| !matches!(value, Value::Text(text) if text.is_empty())).collect();
        let share =
            |holds: &dyn Fn(&Value) -> bool| ratio(there.iter().filter(|value| holds(value)).count(), there.len());
        let distinct = there.iter().map(|value| text(value)).collect::<HashSet<_>>().len();
        let is_document = |it: &&Json| match it {
            Json::Object(_) => true,
            // A list of texts or numbers is a value like another.
            Json::Array(list) => list.iter().any(Json::is_object),
            // A tag that carries nothing, where other documents are tagged.
            _ => false,
        };
        Self {
            present: there.len(),
            coverage: ratio(there.len(), values.len()),
            filled: ratio(named.len(), values.len()),
            distinct,
            integer: !there.is_empty() && there.iter().all(|value| matches!(value, Value::Integer(_))),
            text: !there.is_empty() && there.iter().all(|value| matches!(value, Value::Text(_))),
            bytes: share(&|value| matches!(value, Value::Blob(_))),
            words: ratio(named.iter().filter(|value| is_name(value)).count(), named.len()),
            compound: share(&is_compound),
            ids: share(&|value| {
                matches!(value, Value::Text(text) if is_id(text))
                    || matches!(value, Value::Blob(bytes) if bytes.len() == 16)
            }),
            documents: ratio(documents.iter().flatten().filter(is_document).count() + unread.texts, there.len()),
            length: mean_length(&there, unread.bytes),
            moment: moments::of_column(&there),
            ascending: moments::ascending(&there).unwrap_or_else(|| ascending(&there)),
            labels: ratio(named.iter().filter(|value| is_label(value)).count(), named.len()),
            digits: share(&|value| text(value).bytes().any(|it| it.is_ascii_digit())),
        }
    }
}

/// Whether a value is the name of a type.
pub(super) fn is_name(value: &Value) -> bool {
    matches!(value, Value::Text(text) if is_word(text))
}

/// Whether a text is the name of a type: a word or a path of words, not a sentence, a number, an id or a document.
pub(super) fn is_word(text: &str) -> bool {
    text.len() <= 200
        && text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && text.replace(", ", ",").chars().all(|c| c.is_alphanumeric() || "._-:/\\+,$#".contains(c))
        && !text.contains("//")
        && !is_id(text)
}

/// Whether a value could be the type of something: short text on one line that is neither an id nor a document, or a
/// number that is not large.
fn is_label(value: &Value) -> bool {
    match value {
        Value::Text(text) => {
            let short = !text.is_empty() && text.chars().count() <= 80 && !text.contains(['\n', '{', '}', '=', '@']);
            short && !is_id(text) && text.parse::<f64>().is_err()
        }
        Value::Integer(number) => (0..100_000).contains(number),
        _ => false,
    }
}

fn is_compound(value: &Value) -> bool {
    let Value::Text(text) = value else { return false };
    let inner =
        text.chars().skip(1).zip(text.chars()).any(|(this, before)| this.is_uppercase() && before.is_lowercase());
    is_word(text) && (inner || text.contains(['.', ':', '_', '-', '\\', '/']))
}

/// Whether a text is a UUID, or as long and mixed as only ids are.
pub(super) fn is_id(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    uuid::Uuid::parse_str(text).is_ok() || text.len() >= 16 && digits * 4 >= text.len()
}

/// The document in a value, in whatever encoding.
pub(super) fn document(value: &Value) -> Option<Json> {
    if !matches!(value, Value::Text(_) | Value::Blob(_)) {
        return None;
    }
    match decode::payload(ValueRef::from(value), &Encoding::default()).into_decoded() {
        Decoded::Document { value, .. } => Some(value),
        _ => None,
    }
}

fn mean_length(values: &[&Value], more: usize) -> f32 {
    let length = |value: &&Value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 8,
    };
    ratio(values.iter().map(length).sum::<usize>().saturating_add(more), values.len())
}

/// The keys that a document has, and those of the objects right inside it: what its event type decides.
pub(super) fn signature(document: &Json) -> String {
    let mut keys = BTreeSet::new();
    if let Json::Object(object) = document {
        for (key, value) in object {
            keys.insert(key.clone());
            if let Json::Object(inner) = value {
                keys.extend(inner.keys().map(|inner| format!("{key}.{inner}")));
            }
        }
    }
    keys.into_iter().collect::<Vec<_>>().join(",")
}
