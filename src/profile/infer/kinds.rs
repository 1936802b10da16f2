//! Tells the type of an event from the other columns whose values are few words: who acted, what kind of thing it was,
//! how it stands.
//!
//! What is independent of language: the type decides which keys a document has; it changes within a stream, where the
//! kind of thing does not; and the first event of a stream is of a type that the later ones are not.

use std::collections::{HashMap, HashSet};

use rusqlite::types::Value;

use super::key::Key;
use super::names::{self, rank};
use super::relation::{Candidate, Relation};
use super::values::{ratio, signature, text};

/// The rows of one stream have the same value here.
pub(super) fn streams(relation: &Relation, key: Option<&Key>) -> Vec<String> {
    let columns: Vec<&Candidate> =
        key.iter().flat_map(|key| &key.id).filter_map(|place| relation.get(*place)).collect();
    let name = |row: usize| {
        columns.iter().map(|it| it.values.get(row).map(text).unwrap_or_default()).collect::<Vec<_>>().join("\n")
    };
    (0..relation.rows).map(name).collect()
}

/// Whether a column has several values within one stream; without streams, whether it has several at all.
pub(super) fn differs(streams: &[String], values: &[Value]) -> bool {
    let mut seen: HashMap<&str, String> = HashMap::new();
    streams.iter().zip(values).any(|(stream, value)| {
        let this = text(value);
        *seen.entry(stream).or_insert_with(|| this.clone()) != this
    })
}

/// What is known of the rows by which types can be told.
pub(super) struct Rows {
    pub(super) streams: Vec<String>,
    /// Whether a row is the first of its stream.
    first: Vec<bool>,
    /// The keys of the row's document.
    keys: Vec<Option<String>>,
}

impl Rows {
    pub(super) fn new(relation: &Relation, key: Option<&Key>, data: Option<&Candidate>) -> Self {
        let streams = streams(relation, key);
        let version = key.and_then(|key| key.version).and_then(|place| relation.get(place));
        let first = |row: usize| version.is_some_and(|it| matches!(it.values.get(row), Some(Value::Integer(0 | 1))));
        let mut seen = HashSet::new();
        let first = (0..relation.rows)
            .map(|row| first(row) && streams.get(row).is_some_and(|it| seen.insert(it.clone())))
            .collect();
        let keys = data.map(|data| data.documents.iter().map(|it| it.as_ref().map(signature)).collect());
        Self { streams, first, keys: keys.unwrap_or_default() }
    }

    /// How much better the keys of a document are known once the value is: from 0 to 1.
    fn decides_keys(&self, values: &[Value]) -> f32 {
        let mut groups: HashMap<String, HashMap<&str, usize>> = HashMap::new();
        let mut all: HashMap<&str, usize> = HashMap::new();
        let mut rows = 0;
        for (keys, value) in self.keys.iter().zip(values) {
            let Some(keys) = keys.as_deref() else { continue };
            *groups.entry(text(value)).or_default().entry(keys).or_default() += 1;
            *all.entry(keys).or_default() += 1;
            rows += 1;
        }
        let most = |counts: &HashMap<&str, usize>| counts.values().copied().max().unwrap_or(0);
        let (base, split) = (ratio(most(&all), rows), ratio(groups.values().map(most).sum(), rows));
        if base > 0.99 { 0.0 } else { ((split - base) / (1.0 - base) - ratio(groups.len(), rows)).clamp(0.0, 1.0) }
    }

    /// The share of first events whose value no later event has.
    fn opens(&self, values: &[Value]) -> f32 {
        let of = |wanted: bool| {
            self.first.iter().zip(values).filter(move |(first, _)| **first == wanted).map(|(_, value)| text(value))
        };
        let later: HashSet<String> = of(false).collect();
        let (all, alone) =
            of(true).fold((0, 0), |(all, alone), value| (all + 1, alone + usize::from(!later.contains(&value))));
        if all < 3 { 0.0 } else { ratio(alone, all) }
    }

    /// How much a candidate looks like the type of the events; 0 where it does not.
    pub(super) fn type_worth(&self, candidate: &Candidate) -> f32 {
        let (shape, named) = (&candidate.shape, rank(names::EVENT_TYPE, &candidate.name));
        let others =
            [names::AGGREGATE_TYPE, names::METADATA, names::SOURCE, names::ACTOR, names::STREAM, names::CORRELATION];
        let otherwise =
            others.into_iter().any(|names| rank(names, &candidate.name) > named) && candidate.through.is_none();
        let few = shape.distinct * 2 <= shape.present.max(8) || named >= 4.0 && shape.distinct <= 60;
        let rows = self.streams.len();
        let constant = shape.distinct == 1 && rows >= 10;
        if shape.words < 0.9
            || shape.filled < 0.05
            || !few
            || otherwise
            || constant
            || shape.documents > 0.5
            || names::changes(&candidate.name)
        {
            return 0.0;
        }
        let differs = differs(&self.streams, &candidate.values);
        let (decides, opens) = (self.decides_keys(&candidate.values), self.opens(&candidate.values));
        if named < 1.0 && !(differs && (decides > 0.3 || opens > 0.5 || shape.compound > 0.8)) {
            return 0.0;
        }
        // A short code is no name that a program would give.
        let telling = if candidate.unique && candidate.through.is_none() { 0.0 } else { 1.0 };
        telling
            * (named
                + shape.words
                + shape.compound / 2.0
                + 3.0 * decides
                + 1.5 * opens
                + if differs { 2.0 } else { 0.0 })
    }
}
