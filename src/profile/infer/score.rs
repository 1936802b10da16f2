//! How much a table looks like a log of events, and how much like what it is not: the present state of things.

use std::collections::HashSet;

use super::fields::{Choice, Fields, WEAK};
use super::key::Key;
use super::names;
use super::relation::{Candidate, Relation};
use super::thing;
use super::values::{ratio, text};

/// From 0 to 1. What speaks for a log is added up, and what speaks against it taken away; none of it decides alone, but
/// for one thing: where nothing says what happened nor when, nothing happened.
pub(super) fn score(relation: &Relation, key: Option<&Key>, fields: &Fields) -> f32 {
    let Some(data) = &fields.data else { return 0.0 };
    let home = relation.home(&data.field.sql).0;
    let hint = names::table_hint(home).max(0.0);
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
        Some(key) if key.constrained => 0.3,
        Some(_) => 0.2,
        None => 0.0,
    };
    // Where a key of the table, or of one that is called a log, counts the rows of each stream, they are events though all
    // of them say the same.
    let counts = dense > 0.6 && (hint > 0.0 || key.is_some_and(|key| key.constrained));
    let same = if counts { 0.15 } else { 0.5 };
    let score = stream + told(relation, fields) + hint
        - same * labels(relation, &data.field.sql)
        - life(relation, dense > 0.6, timed) * if thing::keeps_states(relation, fields) { 0.0 } else { 1.0 }
        - thing::likeness(relation, key, fields, dense > 0.6);
    let most = if relation.rows == 0 { 0.6 } else { 1.0 };
    score.clamp(0.0, most)
}

/// What the fields say for a log: types that fit, a clock that goes on from row to row, documents.
fn told(relation: &Relation, fields: &Fields) -> f32 {
    let candidate = |choice: &Option<Choice>| {
        choice.as_ref().and_then(|it| relation.candidates.iter().find(|other| other.sql == it.field.sql))
    };
    let typed = fields
        .event_type
        .as_ref()
        .map_or(0.0, |choice| if choice.confidence <= WEAK { 0.05 } else { 0.1 + 0.15 * choice.confidence });
    let timed = fields.timestamp.as_ref().map_or(0.0, |_| {
        let goes_on = candidate(&fields.timestamp).is_some_and(|it| it.shape.ascending > 0.95 && it.shape.distinct > 2);
        if goes_on { 0.2 } else { 0.1 }
    });
    let data = fields.data.as_ref().map_or(0.0, |data| 0.2 * data.confidence);
    typed + timed + data
}

/// What speaks against facts: columns that change during a row's life. A counted stream outweighs one of them; where the
/// only moment is the last change of the row, there was no event.
fn life(relation: &Relation, dense: bool, timed: bool) -> f32 {
    let names = || relation.table.columns.iter().map(|column| column.name.as_str());
    let changing = relation.candidates.iter().any(|it| {
        it.through.is_none()
            && names::changes(&it.name)
            && (it.shape.moment.is_some() || names::is_last_change(&it.name))
    });
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
