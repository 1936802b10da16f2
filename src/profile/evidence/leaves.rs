//! What a row says, and what the events of a stream say, as scalars that can be held against each other.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::{Value, ValueRef};
use serde_json::Value as Json;
use uuid::Uuid;

use super::log::Past;
use crate::codec::Encoding;
use crate::codec::decode;
use crate::event::Decoded;

/// How deep a document is looked into, and how many of its scalars are taken.
const DEPTH: usize = 5;
const MOST: usize = 400;

/// One scalar of a row: where it is, what it is, and its number where it is one.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) print: String,
    pub(super) number: Option<f64>,
}

impl Leaf {
    /// Whether its value is hardly one that stands somewhere else by chance.
    pub(super) fn tells(&self) -> bool {
        self.number.map_or(self.print.len() >= 4, |number| number.abs() >= 10_000.0 || number.fract() != 0.0)
    }
}

/// The document in a value.
pub(super) fn document(value: &Value) -> Option<Json> {
    if !matches!(value, Value::Text(_) | Value::Blob(_)) {
        return None;
    }
    match decode::payload(ValueRef::from(value), &Encoding::default()).into_decoded() {
        Decoded::Document { value: value @ (Json::Object(_) | Json::Array(_)), .. } => Some(value),
        _ => None,
    }
}

/// The scalars of a column's value; those of its document where it holds one.
pub(super) fn of_column(name: &str, value: &Value) -> Vec<Leaf> {
    if let Some(document) = document(value) {
        return of_document(name, &document);
    }
    let scalar = match value {
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Blob(bytes) if bytes.len() == 16 => {
            decode::text(ValueRef::from(value), crate::codec::Format::Auto).map_or(Json::Null, Json::String)
        }
        Value::Null | Value::Blob(_) => Json::Null,
    };
    leaf(name, &scalar).into_iter().collect()
}

/// The scalars of a document, named by where they are; what is in a list or beneath a key that is an id has one name.
pub(super) fn of_document(name: &str, document: &Json) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(name, document, 0, &mut found);
    found
}

fn walk(name: &str, value: &Json, depth: usize, found: &mut Vec<Leaf>) {
    if found.len() >= MOST || depth > DEPTH {
        return;
    }
    match value {
        Json::Object(members) => {
            for (key, value) in members {
                // What a library wraps a value in is no part of its name.
                if let Some(number) = akka_number(key, value) {
                    found.extend(leaf(name, &number));
                    continue;
                }
                let inner = if key.starts_with(['_', '$', '@']) { name.to_owned() } else { format!("{name}/{key}") };
                walk(&inner, value, depth + 1, found);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| walk(&format!("{name}/*"), item, depth + 1, found)),
        scalar => found.extend(leaf(name, scalar)),
    }
}

/// The number that Akka.NET wraps so that its type survives JSON: `{"$": "I876"}`.
fn akka_number(key: &str, value: &Json) -> Option<Json> {
    let number = value.as_str()?.strip_prefix(['I', 'F', 'M']).filter(|_| key == "$")?;
    number.parse::<f64>().ok().map(Json::from)
}

/// A scalar; none where there is nothing, and none for a yes or no, which says nothing by itself.
fn leaf(name: &str, value: &Json) -> Option<Leaf> {
    let (print, number) = match value {
        Json::Number(number) => (None, number.as_f64()),
        Json::String(text) if text.is_empty() => return None,
        Json::String(text) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => (None, Some(number)),
            _ => (Some(text.as_str()), None),
        },
        _ => return None,
    };
    let print = match (print, number) {
        (Some(text), _) => Uuid::try_parse(text).map_or_else(|_| text.to_owned(), |id| id.simple().to_string()),
        (None, number) => format!("{:?}", number?),
    };
    Some(Leaf { name: name.to_owned(), print, number })
}

/// What some events say: every scalar of their data.
pub(super) fn said<'a>(events: impl Iterator<Item = &'a Past>) -> BTreeSet<String> {
    let documents = events.filter_map(|event| event.data.as_ref());
    documents.flat_map(|data| of_document("", data)).map(|leaf| leaf.print).collect()
}

/// What can be counted in some events: how many there are of each type, and the sum of each number in each type.
pub(super) fn sums<'a>(events: impl Iterator<Item = &'a Past>) -> BTreeMap<String, f64> {
    let mut found: BTreeMap<String, f64> = BTreeMap::new();
    for event in events {
        *found.entry(event.event_type.clone()).or_default() += 1.0;
        for leaf in event.data.iter().flat_map(|data| of_document("", data)) {
            if let Some(number) = leaf.number {
                *found.entry(format!("{}\n{}", event.event_type, leaf.name)).or_default() += number;
            }
        }
    }
    found
}
