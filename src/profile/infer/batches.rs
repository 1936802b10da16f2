//! Rows that hold several events: a list in the document, and a version that goes on by as many as the list has.

use std::collections::HashMap;

use rusqlite::types::Value as Stored;
use serde_json::Value;

use super::key::Key;
use super::relation::{Candidate, Relation};
use super::values::{ratio, text};

/// The stream and the version of such rows: the version of the first or of the last event of each.
pub(super) fn key(relation: &Relation, data: &Candidate) -> Option<Key> {
    let lengths: Vec<Option<i64>> = data.documents.iter().map(|document| document.as_ref().and_then(length)).collect();
    if lengths.iter().flatten().all(|length| *length == 1) || lengths.iter().any(Option::is_none) {
        return None;
    }
    for key in relation.table.unique_keys() {
        let places: Vec<usize> = key.iter().filter_map(|name| relation.own(name)).collect();
        let ids: Vec<usize> = places
            .iter()
            .copied()
            .filter(|it| relation.get(*it).is_some_and(|it| !it.shape.integer && it.shape.distinct > 1))
            .collect();
        let versions = places
            .iter()
            .copied()
            .filter(|it| relation.get(*it).is_some_and(|it| it.shape.integer && it.shape.distinct > 1));
        for version in versions.filter(|_| !ids.is_empty()) {
            if goes_on(relation, &ids, version, &lengths) > 0.9 {
                return Some(Key::new(relation, ids, Some(version), 0.9, true));
            }
        }
    }
    None
}

/// How many events a document lists: one that is a list, or that has nothing but a list.
fn length(document: &Value) -> Option<i64> {
    let list = match document {
        Value::Array(list) => Some(list),
        Value::Object(object) if object.len() == 1 => object.values().next().and_then(Value::as_array),
        _ => None,
    };
    match (list, document) {
        (Some(list), _) => i64::try_from(list.len()).ok(),
        // A list of one is written like the one itself in Protocol Buffers.
        (None, Value::Object(object)) if object.len() == 1 => Some(1),
        _ => None,
    }
}

/// The share of the steps within a stream that are as long as the list before or after them.
fn goes_on(relation: &Relation, ids: &[usize], version: usize, lengths: &[Option<i64>]) -> f32 {
    let (mut steps, mut first, mut last) = (0, 0, 0);
    let mut before: HashMap<Vec<String>, (i64, i64)> = HashMap::new();
    for row in 0..relation.head {
        let value = |place: usize| relation.get(place).and_then(|it| it.values.get(row));
        let stream = ids.iter().filter_map(|id| value(*id)).map(text).collect();
        let (Some(Stored::Integer(number)), Some(Some(length))) = (value(version), lengths.get(row)) else { continue };
        let Some((earlier, earlier_length)) = before.insert(stream, (*number, *length)) else { continue };
        // The same place again is a later attempt at it.
        if earlier != *number {
            steps += 1;
            last += usize::from(earlier + length == *number);
            first += usize::from(earlier + earlier_length == *number);
        }
    }
    if steps < 4 { 0.0 } else { ratio(first.max(last), steps) }
}
