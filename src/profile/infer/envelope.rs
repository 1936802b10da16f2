//! What stands around the documents of a column: an envelope that all of them share, or a key that names the type.

use std::collections::{HashMap, HashSet};

use rusqlite::types::Value as Stored;
use serde_json::Value;

use super::super::field::Field;
use super::super::schema;
use super::fields::Choice;
use super::relation::Candidate;
use super::values::is_word;
use crate::codec::Unwrap;

/// The envelope that all documents share: `{class, payload}`, `{headers, payload}`, `{tag, contents}`, or an only key
/// that names the type.
pub(super) fn of(column: &Candidate) -> Unwrap {
    let documents = || column.documents.iter().flatten();
    let has = |document: &Value, wanted: [&str; 2]| {
        document.as_object().is_some_and(|it| it.len() == 2 && wanted.iter().all(|key| it.contains_key(*key)))
    };
    let known =
        [("/payload", ["class", "payload"]), ("/payload", ["headers", "payload"]), ("/contents", ["tag", "contents"])];
    let some = documents().next().is_some();
    if let Some((pointer, _)) = known.into_iter().find(|(_, wanted)| some && documents().all(|it| has(it, *wanted))) {
        return Unwrap::Pointer(pointer.to_owned());
    }
    let tags: Vec<Option<&str>> = column
        .values
        .iter()
        .zip(&column.documents)
        .filter(|(value, _)| **value != Stored::Null)
        .map(|(_, it)| it.as_ref().and_then(tag))
        .collect();
    let different: HashSet<&str> = tags.iter().flatten().copied().collect();
    let tagged = tags.iter().all(Option::is_some) && different.len() > 1 && different.len() * 3 < tags.len().max(9);
    if tagged { Unwrap::Tagged } else { Unwrap::None }
}

/// The column as it is named inside a query over `json_each`, which has columns of its own.
fn outer(column: &Candidate, table: &str) -> String {
    const OWN: [&str; 10] = ["key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"];
    let own = OWN.iter().any(|name| column.name.eq_ignore_ascii_case(name));
    if own && column.through.is_none() && !column.sql.contains('.') && !table.is_empty() {
        return format!("{}.{}", schema::quoted(table), column.sql);
    }
    column.sql.clone()
}

/// The only key of the document as the event's type.
pub(super) fn first_key(column: &Candidate, table: &str) -> Choice {
    let json = format!("decoded({})", outer(column, table));
    let sql = format!(
        "CASE json_type({json}) WHEN 'object' THEN (SELECT key FROM json_each({json}) LIMIT 1) ELSE {json} ->> '$' END"
    );
    Choice::new(
        Field::new(sql),
        0.6,
        format!("Every document of {} has one key, which looks like a name.", column.name),
    )
}

/// Where every document has the same keys and one more, that one is the type: the way in which Protocol Buffers write a
/// choice of several messages.
pub(super) fn one_of(column: &Candidate, table: &str) -> Option<Choice> {
    let objects: Vec<_> = column.documents.iter().flatten().map(Value::as_object).collect::<Option<_>>()?;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for key in objects.iter().flat_map(|object| object.keys()) {
        *counts.entry(key).or_default() += 1;
    }
    let (common, others): (Vec<&str>, Vec<&str>) =
        counts.keys().copied().partition(|key| counts.get(key) == Some(&objects.len()));
    let one = objects.iter().all(|object| object.len() == common.len() + 1);
    if common.is_empty() || !one || !(2..=40).contains(&others.len()) || objects.len() < 10 {
        return None;
    }
    let mut quoted: Vec<String> = common.iter().map(|key| format!("'{}'", key.replace('\'', "''"))).collect();
    quoted.sort();
    let sql = format!(
        "(SELECT key FROM json_each(decoded({})) WHERE key NOT IN ({}) LIMIT 1)",
        outer(column, table),
        quoted.join(", ")
    );
    Some(Choice::new(
        Field::new(sql),
        0.55,
        format!("Every document of {} has the same keys and one more.", column.name),
    ))
}

/// The tag of an externally tagged document, if it can be one.
fn tag(document: &Value) -> Option<&str> {
    let tag = match document {
        Value::String(text) => text,
        Value::Object(object) if object.len() == 1 => object.keys().next()?,
        _ => return None,
    };
    (is_word(tag) && tag.contains(char::is_uppercase)).then_some(tag)
}

/// What stands inside the only member of nearly every document, as if it were a part of all of them.
pub(super) fn inside_tag(column: &Candidate, place: usize, table: &str) -> Vec<Candidate> {
    let bodies: Vec<Option<&serde_json::Map<String, Value>>> = column
        .documents
        .iter()
        .map(|it| it.as_ref().and_then(Value::as_object)?.values().next()?.as_object())
        .collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut order: Vec<&str> = Vec::new();
    for key in bodies.iter().flatten().flat_map(|body| body.iter()).filter(|(_, value)| is_scalar(value)).map(|it| it.0)
    {
        *counts.entry(key).or_insert_with(|| {
            order.push(key);
            0
        }) += 1;
    }
    let there = bodies.iter().flatten().count();
    order.retain(|key| counts.get(key).is_some_and(|count| count * 10 >= there * 9));
    let part = |key: &&str| {
        let path = format!("$.\"{}\"", key.replace('"', "\\\"")).replace('\'', "''");
        let sql = format!("(SELECT value ->> '{path}' FROM json_each(decoded({})) LIMIT 1)", outer(column, table));
        let values =
            bodies.iter().map(|body| body.and_then(|body| body.get(*key)).map_or(Stored::Null, stored)).collect();
        Candidate::within(place, sql, key, values)
    };
    order.iter().map(part).collect()
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_))
}

/// A part of a document as SQLite would have it.
pub(super) fn stored(value: &Value) -> Stored {
    match value {
        Value::String(text) => Stored::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Stored::Integer(number),
            (None, Some(number)) => Stored::Real(number),
            _ => Stored::Text(number.to_string()),
        },
        _ => Stored::Null,
    }
}
