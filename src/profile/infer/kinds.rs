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
        // Where nothing counts the events of a stream, its first one is the first row of it: those from the start of the
        // table are looked at alone.
        let first = |row: usize| match version {
            Some(it) => matches!(it.values.get(row), Some(Value::Integer(0 | 1))),
            None => key.is_some() && row < relation.head,
        };
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
        if self.is_otherwise(candidate, named) {
            return 0.0;
        }
        let differs = differs(&self.streams, &candidate.values);
        let (decides, opens) = (self.decides_keys(&candidate.values), self.opens(&candidate.values));
        let spelling = Spelling::of(candidate);
        // Any number might be one, so both its name and what it decides count.
        let (named_so, told) = match spelling {
            Some(Spelling::Name) => (1.0, decides > 0.3 || opens > 0.5 || shape.compound > 0.8),
            // Words with blanks between them, letters, signs: only where they are few.
            Some(Spelling::Label) if is_few(candidate, 4) => (1.0, decides > 0.3 || opens > 0.5),
            Some(Spelling::Code) if is_few(candidate, 4) && differs => (2.0, decides > 0.5 || opens > 0.7),
            // Each of them different: named like types, or put together of words.
            Some(Spelling::Many) => (4.0, shape.compound > 0.9),
            _ => return 0.0,
        };
        // A few words that change from row to row may be types, too, where nothing else is.
        let weak = !matches!(spelling, Some(Spelling::Code)) && differs && is_few(candidate, 5);
        if named < named_so && !(differs && told || weak) {
            return 0.0;
        }
        // A short code is no name that a program would give.
        let telling = if candidate.unique && candidate.through.is_none() { 0.0 } else { 1.0 };
        let spelled = if matches!(spelling, Some(Spelling::Name)) { shape.words } else { 0.2 };
        let many = if matches!(spelling, Some(Spelling::Many)) { 1.5 } else { 0.0 };
        let worth =
            named + spelled + shape.compound / 2.0 + 3.0 * decides + 1.5 * opens + if differs { 2.0 } else { 0.0 }
                - many;
        telling * worth.max(0.1)
    }

    /// Whether so little speaks for a candidate that what a document says of its type goes before it.
    pub(super) fn is_weak(&self, candidate: &Candidate) -> bool {
        let (shape, named) = (&candidate.shape, rank(names::EVENT_TYPE, &candidate.name));
        let told = self.decides_keys(&candidate.values) > 0.3 || self.opens(&candidate.values) > 0.5;
        shape.distinct == 1 || named < 1.0 && !told && shape.compound <= 0.8
    }

    /// Whether a candidate is something else: by its name, its values, or since there is nothing to it.
    fn is_otherwise(&self, candidate: &Candidate, named: f32) -> bool {
        let shape = &candidate.shape;
        let others =
            [names::AGGREGATE_TYPE, names::METADATA, names::SOURCE, names::ACTOR, names::STREAM, names::CORRELATION];
        let otherwise =
            others.into_iter().any(|names| rank(names, &candidate.name) > named) && candidate.through.is_none();
        // A log may have had one type of events so far: then its column must say what it is.
        let constant = shape.distinct == 1 && self.streams.len() >= 10 && named < 4.0;
        shape.filled < 0.05
            || otherwise
            || constant
            || shape.documents > 0.5
            || names::changes(&candidate.name)
            || names::is_former(&candidate.name)
    }
}

/// How the values of a column are written that may be types.
#[derive(Clone, Copy)]
enum Spelling {
    /// `OrderPlaced`, `order.placed`, `placed`.
    Name,
    /// `Order was placed`, `+`, `I`.
    Label,
    /// 1, 7, 30023.
    Code,
    /// Names, of which hardly two are the same.
    Many,
}

impl Spelling {
    fn of(candidate: &Candidate) -> Option<Self> {
        let (shape, named) = (&candidate.shape, rank(names::EVENT_TYPE, &candidate.name));
        let few = shape.distinct * 2 <= shape.present.max(8) || named >= 4.0 && shape.distinct <= 60;
        if shape.words >= 0.9 {
            return Some(if few { Self::Name } else { Self::Many });
        }
        if shape.integer {
            // What goes up from row to row is a count.
            return (shape.labels > 0.99 && shape.ascending < 0.9 && shape.moment.is_none() && shape.distinct > 1)
                .then_some(Self::Code);
        }
        (shape.text && shape.labels >= 0.95 && shape.moment.is_none()).then_some(Self::Label)
    }
}

/// Whether each value stands in so many rows on average.
fn is_few(candidate: &Candidate, rows: usize) -> bool {
    candidate.shape.distinct > 1
        && candidate.shape.distinct * rows <= candidate.shape.present.max(8)
        && candidate.shape.distinct <= 60
}
