//! The second pass: what no column holds is looked for inside the documents.

use std::collections::HashMap;

use rusqlite::types::Value as Stored;
use serde_json::Value;

use super::super::field::Field;
use super::density::counts_up;
use super::envelope;
use super::fields::{Choice, Fields};
use super::key::Key;
use super::kinds::Rows;
use super::likely;
use super::moments::is_modern;
use super::names::{self, rank};
use super::relation::{Candidate, Relation};
use crate::codec::{Encoding, Format, Unwrap};

/// How deep a field may lie in a document.
const DEPTH: usize = 3;
/// How many paths of one column are looked at.
const PATHS: usize = 80;

/// Fills the fields that are still empty from the metadata and the data, and opens envelopes around the data. Where no
/// column names the stream, a document may.
pub(super) fn look_inside(relation: &mut Relation, key: &mut Option<Key>, fields: &mut Fields) {
    let columns: Vec<usize> = [&fields.metadata, &fields.data]
        .into_iter()
        .flatten()
        .filter_map(|choice| relation.candidates.iter().position(|it| it.sql == choice.field.sql))
        .collect();
    for place in columns {
        let found = relation.get(place).map(|column| parts(column, place)).unwrap_or_default();
        let first = relation.candidates.len();
        relation.candidates.extend(found);
        let parts = first..relation.candidates.len();
        if key.is_none() {
            *key = stream_inside(relation, parts.clone());
        }
        let rows = Rows::new(relation, key.as_ref(), relation.get(place));
        let in_data =
            fields.data.as_ref().is_some_and(|it| relation.get(place).is_some_and(|column| column.sql == it.field.sql));
        let typed = fields.event_type.is_some();
        fill_from(relation, parts.clone(), &rows, in_data, fields);
        // A document that says what happened is the whole event, and may say to what.
        if key.is_none() && !typed && fields.event_type.is_some() {
            *key = subject_inside(relation, parts);
        }
    }
    let Some(data) = &mut fields.data else { return };
    let Some(place) = relation.candidates.iter().position(|it| it.sql == data.field.sql) else { return };
    let Some(column) = relation.get(place) else { return };
    // A subquery over several tables has no name to call its columns by.
    let table = if relation.parts.is_empty() { relation.table.name.clone() } else { String::new() };
    data.field.encoding = Encoding { layers: Vec::new(), unwrap: envelope::of(column) };
    let tagged = data.field.encoding.unwrap == Unwrap::Tagged;
    if fields.event_type.is_none() {
        fields.event_type =
            if tagged { Some(envelope::first_key(column, &table)) } else { envelope::one_of(column, &table) };
    }
    // What is inside the only member of each document is one event's, whatever its tag.
    if key.is_none() && tagged {
        let found = envelope::inside_tag(column, place, &table);
        let first = relation.candidates.len();
        relation.candidates.extend(found);
        let parts = first..relation.candidates.len();
        if fields.timestamp.is_none() {
            let rows = Rows::new(relation, None, relation.get(place));
            let before = fields.event_type.clone();
            fill_from(relation, parts.clone(), &rows, true, fields);
            fields.event_type = before;
        }
        *key = subject_inside(relation, parts);
    }
}

/// What is at the same place in nearly every document of a column.
fn parts(column: &Candidate, place: usize) -> Vec<Candidate> {
    let documents = column.documents.iter().flatten().count();
    let mut counts: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut order: Vec<Vec<&str>> = Vec::new();
    for document in column.documents.iter().flatten() {
        walk(document, &mut Vec::new(), &mut |path| {
            let count = counts.entry(path.to_vec()).or_insert_with(|| {
                order.push(path.to_vec());
                0
            });
            *count += 1;
        });
    }
    order.retain(|path| counts.get(path).is_some_and(|count| count * 10 >= documents * 8));
    order.sort_by_key(Vec::len);
    order.truncate(PATHS);
    order.iter().map(|path| part(column, place, path)).collect()
}

/// What stands in the place of a key for the first item of a list.
const FIRST: &str = "[0]";

/// Of a row that holds several events in a list the first one stands for all.
fn walk<'a>(value: &'a Value, path: &mut Vec<&'a str>, found: &mut impl FnMut(&[&'a str])) {
    if let Value::Array(list) = value
        && let Some(first @ Value::Object(_)) = list.first()
    {
        path.push(FIRST);
        walk(first, path, found);
        path.pop();
    }
    let Value::Object(object) = value else { return };
    for (key, value) in object.iter().filter(|(key, _)| *key != FIRST) {
        path.push(key);
        match value {
            Value::Object(_) if path.len() < DEPTH => walk(value, path, found),
            // A list beside other members is a part of the event.
            Value::Array(_) if path.len() == 1 && object.len() == 1 => walk(value, path, found),
            Value::String(_) | Value::Number(_) => found(path),
            _ => {}
        }
        path.pop();
    }
}

pub(super) fn part(column: &Candidate, place: usize, path: &[&str]) -> Candidate {
    let quoted = |key: &&str| {
        if *key == FIRST {
            FIRST.to_owned()
        } else if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            format!(".{key}")
        } else {
            format!(".\"{key}\"")
        }
    };
    let sql =
        format!("decoded({}) ->> '${}'", column.sql, path.iter().map(quoted).collect::<String>().replace('\'', "''"));
    let name = path.iter().rev().find(|key| !["_data_", "value", "$date"].contains(key)).copied().unwrap_or_default();
    let stored = |document: &Option<Value>| {
        let value = path.iter().try_fold(document.as_ref()?, |value, key| match value {
            Value::Array(list) => list.first(),
            value => value.get(key),
        })?;
        Some(envelope::stored(value)).filter(|value| *value != Stored::Null)
    };
    let values = column.documents.iter().map(|document| stored(document).unwrap_or(Stored::Null)).collect();
    Candidate::within(place, sql, name, values)
}

/// A stream and its version that are keys of a document.
fn stream_inside(relation: &Relation, parts: std::ops::Range<usize>) -> Option<Key> {
    let named = |fields, least: f32| {
        let fits = move |place: &usize| relation.get(*place).is_some_and(|it| rank(fields, &it.name) >= least);
        parts.clone().filter(fits)
    };
    for id in named(names::STREAM, 4.0)
        .filter(|place| relation.get(*place).is_some_and(|it| it.shape.distinct * 10 < it.shape.present * 9))
    {
        let mut versions =
            named(names::VERSION, 2.0).filter(|place| relation.get(*place).is_some_and(|it| it.shape.integer));
        if let Some(version) =
            versions.find(|version| counts_up(relation, id, *version).is_some_and(|share| share > 0.9))
        {
            return Some(Key::new(relation, vec![id], Some(version), 0.9, false));
        }
    }
    None
}

/// What the events are about, by a key of their documents whose values repeat: by its name, else by its values.
fn subject_inside(relation: &Relation, parts: std::ops::Range<usize>) -> Option<Key> {
    let fits = |place: &usize| {
        relation.get(*place).is_some_and(|it| {
            let repeats = it.shape.distinct > 1 && it.shape.distinct * 10 < it.shape.present * 9;
            rank(names::STREAM, &it.name) >= 4.0 && repeats && it.shape.coverage > 0.9
        })
    };
    let named = parts.clone().filter(fits).min_by_key(|place| relation.get(*place).map_or(0, |it| it.sql.len()));
    named.or_else(|| likely::of(relation, parts)).map(|id| Key::new(relation, vec![id], None, 0.0, false))
}

fn fill_from(relation: &Relation, parts: std::ops::Range<usize>, rows: &Rows, in_data: bool, fields: &mut Fields) {
    let candidates = relation.candidates.get(parts).unwrap_or_default();
    let column = candidates
        .first()
        .and_then(|it| it.inside)
        .and_then(|place| relation.get(place))
        .map_or("", |it| it.name.as_str());
    let best = |worth: &dyn Fn(&Candidate) -> f32| {
        let ranked = candidates.iter().map(|it| (worth(it), it)).filter(|(worth, _)| *worth > 0.0);
        let (_, found) = ranked.reduce(|a, b| if b.0 > a.0 { b } else { a })?;
        let format =
            found.shape.moment.filter(|_| found.shape.text || found.shape.moment.is_some()).unwrap_or_default();
        let first = found.sql.contains(FIRST);
        let which =
            if first { format!("first items of the lists in {column}") } else { format!("documents of {column}") };
        Some((found, format, format!("The {which} hold it as {}.", found.name)))
    };
    if fields.timestamp.is_none() {
        let moment = best(&|it: &Candidate| {
            // Protocol Buffers number their fields: there the values alone tell.
            let numbered = it.name.bytes().all(|byte| byte.is_ascii_digit()) && it.shape.ascending > 0.8;
            let named = if numbered { 2.0 } else { rank(names::TIMESTAMP, &it.name) };
            let modern = it.shape.moment.is_some_and(|format| it.shape.text || is_modern(&it.values, format));
            if !modern || named < 2.0 || in_data && named < 4.0 && it.shape.ascending < 0.8 {
                0.0
            } else {
                named + it.shape.ascending
            }
        });
        fields.timestamp = moment
            .map(|(it, format, why)| Choice::new(Field::new(&it.sql).with_format(readable(it, format)), 0.65, why));
    }
    if fields.event_type.is_none() {
        let kind = best(&|it: &Candidate| {
            let named = rank(names::EVENT_TYPE, &it.name).max(if it.name == "$type" { 4.0 } else { 0.0 });
            let fits = rows.type_worth(it);
            if named >= 2.0 && fits > named + 1.0 { fits } else { 0.0 }
        });
        fields.event_type = kind.map(|(it, _, why)| Choice::new(Field::new(&it.sql), 0.65, why));
    }
    let named = |field: &mut Option<Choice>, role: names::Names, least: f32, fits: &dyn Fn(&Candidate) -> bool| {
        if field.is_none() {
            let found = best(&|it: &Candidate| {
                if rank(role, &it.name) >= least && fits(it) { rank(role, &it.name) } else { 0.0 }
            });
            *field = found.map(|(it, _, why)| Choice::new(Field::new(&it.sql), 0.55, why));
        }
    };
    let text = |it: &Candidate| it.shape.text;
    // In a document that is the whole event, `id` is the event's own.
    let whole = fields.event_type.as_ref().is_some_and(|kind| candidates.iter().any(|it| it.sql == kind.field.sql));
    let least = if whole { 2.0 } else { 5.0 };
    named(&mut fields.event_id, names::EVENT_ID, least, &|it| it.shape.text && it.shape.distinct == it.shape.present);
    named(&mut fields.schema_version, names::SCHEMA_VERSION, 5.0, &|it| it.shape.distinct < 10);
    named(&mut fields.correlation_id, names::CORRELATION, 4.0, &text);
    named(&mut fields.causation_id, names::CAUSATION, 4.0, &text);
    named(&mut fields.actor, names::ACTOR, if in_data { 5.0 } else { 4.0 }, &text);
    named(&mut fields.aggregate_type, names::AGGREGATE_TYPE, 5.0, &|it| it.shape.words > 0.9);
}

/// Text says by itself how it is written, and several forms may be mixed.
fn readable(candidate: &Candidate, format: Format) -> Format {
    if candidate.shape.text && !matches!(format, Format::Iso8601 | Format::Sqlite) { Format::Auto } else { format }
}
