//! How much a table looks like a log of events, and how much like what it is not: the present state of things.

use std::collections::HashSet;

use super::fields::Fields;
use super::key::Key;
use super::names;
use super::relation::{Candidate, Relation};
use super::values::{ratio, text};

/// From 0 to 1. An event store has a stream, a version and data; a log a stream or a type, a time and data; what has no
/// data is a plain table, whatever else it has.
pub(super) fn score(relation: &Relation, key: Option<&Key>, fields: &Fields) -> f32 {
    let Some(data) = &fields.data else { return 0.0 };
    let hint = names::table_hint(relation.home(&data.field.sql).0).max(0.0);
    let dense = key.filter(|key| key.version.is_some()).map_or(0.0, |key| key.density);
    let typed = fields.event_type.is_some();
    let timed = fields.timestamp.is_some();
    let eventful = if dense > 0.6 {
        // Things in a list are counted, too: without a type the names must say that it is a history.
        let named = key.and_then(|key| key.version).and_then(|place| relation.get(place));
        typed || hint > 0.0 || timed && named.is_some_and(|it| names::rank(names::VERSION, &it.name) >= 2.0)
    } else {
        typed && timed || key.is_some() && (timed || typed)
    };
    if !eventful {
        return 0.0;
    }
    let stream = match key {
        Some(_) if dense > 0.6 => 0.4 * dense,
        Some(key) if key.constrained => 0.4,
        Some(_) => 0.2,
        None => 0.0,
    };
    let fields = f32::from(u8::from(typed)) * 0.15 + f32::from(u8::from(timed)) * 0.15 + 0.2 * data.confidence;
    let score = stream + fields + hint - 0.5 * labels(relation, &data.field.sql) - life(relation, dense > 0.6, timed);
    let most = if relation.rows == 0 { 0.6 } else { 1.0 };
    score.clamp(0.0, most)
}

/// What speaks against facts: columns that change during a row's life. A counted stream outweighs one of them; where the
/// only moment is the last change of the row, there was no event.
fn life(relation: &Relation, dense: bool, timed: bool) -> f32 {
    let names = || relation.table.columns.iter().map(|column| column.name.as_str());
    let changing = relation
        .candidates
        .iter()
        .any(|it| it.through.is_none() && it.shape.moment.is_some() && names::changes(&it.name));
    match names::life(names()) {
        0 => 0.0,
        _ if changing && !timed => 0.5,
        1 if dense => 0.0,
        1 => 0.1,
        2 if dense => 0.2,
        _ => 0.5,
    }
}

/// Whether the documents are the same again and again: then they are labels of something else.
fn labels(relation: &Relation, data: &str) -> f32 {
    let Some(column) = relation.candidates.iter().find(|it| it.sql == data) else { return 0.0 };
    // A dictionary of documents that rows share is meant to repeat them.
    if column.through.is_some() || column.shape.present < 20 {
        return 0.0;
    }
    let kinds: HashSet<String> = column.values.iter().map(text).collect();
    let plain = |it: &Candidate| {
        let mut read = it.documents.iter().flatten().peekable();
        read.peek().is_some() && read.all(|document| document.as_object().is_some_and(serde_json::Map::is_empty))
    };
    let few = ratio(kinds.len(), column.shape.present) < 0.1;
    if few || plain(column) && column.shape.documents > 0.9 { 1.0 } else { 0.0 }
}
