//! What a column's sampled values look like: identifiers, moments, documents.

use std::collections::{BTreeSet, HashSet};

use rusqlite::types::{Value, ValueRef};
use serde_json::Value as Json;

use crate::event::Decoded;

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
            moment: time_format(&there),
            ascending: ascending(values),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred rows")]
pub(super) fn ratio(count: usize, all: usize) -> f32 {
    if all == 0 { 0.0 } else { count as f32 / all as f32 }
}

/// A value as a key for comparing and counting.
pub(super) fn text(value: &Value) -> String {
    decode::text(ValueRef::from(value), Format::Auto).unwrap_or_default()
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
        && !is_id(text)
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

/// How values are moments, if nearly all of them are.
pub(in crate::profile) fn time_format(values: &[&Value]) -> Option<Format> {
    let first = values.first()?;
    let moments = values.iter().filter(|value| {
        // A date alone says on which day something is due, not when it happened.
        let dated =
            !matches!(value, Value::Text(text) if text.len() < 16 && !text.bytes().all(|it| it.is_ascii_digit()));
        dated && decode::timestamp(ValueRef::from(**value), Format::Auto).is_some_and(|moment| moment.utc.is_some())
    });
    if ratio(moments.count(), values.len()) < 0.9 {
        return None;
    }
    match first {
        Value::Text(text) if text.get(10..11) == Some(" ") => Some(Format::Sqlite),
        Value::Text(text) if text.contains('-') => Some(Format::Iso8601),
        Value::Text(text) => decode::likely_unit(text.parse().ok()?),
        Value::Integer(number) => decode::likely_unit(*number),
        #[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
        Value::Real(number) => decode::likely_unit(*number as i64),
        _ => None,
    }
}

/// Whether moments that are numbers all lie in the years in which there is SQLite.
pub(super) fn is_modern(values: &[Value], format: Format) -> bool {
    let modern = |value: &Value| {
        let moment = decode::timestamp(ValueRef::from(value), format).and_then(|moment| moment.utc);
        moment.is_none_or(|moment| (2_000..2_070).contains(&chrono::Datelike::year(&moment)))
    };
    values.iter().filter(|value| !matches!(value, Value::Null)).all(modern)
}

fn mean_length(values: &[&Value], more: usize) -> f32 {
    let length = |value: &&Value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 8,
    };
    ratio(values.iter().map(length).sum::<usize>().saturating_add(more), values.len())
}

/// The share of the steps from row to row that do not go down.
fn ascending(values: &[Value]) -> f32 {
    let there: Vec<&Value> = values.iter().filter(|value| !matches!(value, Value::Null)).collect();
    let up = |pair: &&[&Value]| match pair {
        [Value::Integer(a), Value::Integer(b)] => a <= b,
        [Value::Real(a), Value::Real(b)] => a <= b,
        [Value::Text(a), Value::Text(b)] => a <= b,
        _ => false,
    };
    ratio(there.windows(2).filter(up).count(), there.len().saturating_sub(1))
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
