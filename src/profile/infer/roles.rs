//! Finds the other fields: first by what the values are, then by what the columns are called.

use std::collections::HashMap;

use super::super::detection::{Confidence, FieldReason};
use super::super::field::{Field, Format};
use super::documents;
use super::key::Key;
use super::names::{self, Names, rank};
use super::relation::{Candidate, Relation};
use super::values::{
    distinct, documents as document_share, is_integer, is_name, mean_length, share, text, time_format,
};

/// A field and why.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) field: Field,
    /// From 0 to 1.
    pub(super) confidence: f32,
    why: String,
}

impl Choice {
    pub(super) fn new(field: Field, confidence: f32, why: impl Into<String>) -> Self {
        Self { field, confidence: confidence.clamp(0.0, 1.0), why: why.into() }
    }

    pub(super) fn reason(&self, field: &'static str) -> FieldReason {
        FieldReason {
            field,
            source: Some(self.field.sql.clone()),
            confidence: Confidence::new(self.confidence),
            reason: self.why.clone(),
        }
    }
}

/// The fields beside the stream, its version and the position.
#[derive(Default)]
pub(super) struct Roles {
    pub(super) aggregate_type: Option<Choice>,
    pub(super) event_id: Option<Choice>,
    pub(super) event_type: Option<Choice>,
    pub(super) schema_version: Option<Choice>,
    pub(super) timestamp: Option<Choice>,
    pub(super) actor: Option<Choice>,
    pub(super) actor_type: Option<Choice>,
    pub(super) source: Option<Choice>,
    pub(super) causation_id: Option<Choice>,
    pub(super) correlation_id: Option<Choice>,
    pub(super) data: Option<Choice>,
    pub(super) metadata: Option<Choice>,
}

impl Roles {
    /// Every field by its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Option<Choice>)> {
        [
            ("aggregate_type", &self.aggregate_type),
            ("event_id", &self.event_id),
            ("event_type", &self.event_type),
            ("schema_version", &self.schema_version),
            ("timestamp", &self.timestamp),
            ("actor", &self.actor),
            ("actor_type", &self.actor_type),
            ("source", &self.source),
            ("causation_id", &self.causation_id),
            ("correlation_id", &self.correlation_id),
            ("data", &self.data),
            ("metadata", &self.metadata),
        ]
        .into_iter()
    }

    pub(super) fn find(relation: &Relation, key: Option<&Key>) -> Self {
        let mut search = Search::new(relation, key);
        let mut roles = Self { timestamp: search.timestamp(), ..Self::default() };
        roles.data = search.document(names::DATA, names::METADATA);
        roles.metadata = search.document(names::METADATA, &[]);
        roles.event_type = search.event_type();
        roles.aggregate_type = search.aggregate_type();
        roles.event_id = search.event_id();
        roles.schema_version = search.named(names::SCHEMA_VERSION, 3.0);
        roles.actor_type = search.named(names::ACTOR_TYPE, 4.0);
        roles.actor = search.named(names::ACTOR, 3.0);
        roles.source = search.named(names::SOURCE, 3.0);
        roles.causation_id = search.named(names::CAUSATION, 2.5);
        roles.correlation_id = search.named(names::CORRELATION, 2.0);
        documents::look_inside(relation, key, &mut roles);
        roles
    }
}

/// The candidates that are still free.
struct Search<'a> {
    relation: &'a Relation,
    key: Option<&'a Key>,
    taken: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(relation: &'a Relation, key: Option<&'a Key>) -> Self {
        let taken =
            key.map(|key| key.id.iter().copied().chain(key.kind).chain(key.version).collect()).unwrap_or_default();
        Self { relation, key, taken }
    }

    fn free(&self) -> impl Iterator<Item = (usize, &'a Candidate)> {
        let candidates = self.relation.candidates.iter().enumerate();
        candidates.filter(|(place, candidate)| !self.taken.contains(place) && !candidate.is_dead())
    }

    /// The candidate with the highest worth above zero; it is free no longer.
    fn best(&mut self, worth: impl Fn(&Candidate) -> f32) -> Option<(&'a Candidate, f32)> {
        let ranked = self.free().map(|(place, candidate)| (worth(candidate), place, candidate));
        let (worth, place, candidate) =
            ranked.filter(|(worth, ..)| *worth > 0.0).reduce(|a, b| if b.0 > a.0 { b } else { a })?;
        self.taken.push(place);
        Some((candidate, worth))
    }

    fn timestamp(&mut self) -> Option<Choice> {
        let named = |candidate: &Candidate| rank(names::TIMESTAMP, &candidate.name);
        let (candidate, worth) = self.best(|candidate| match time_format(candidate, named(candidate) > 0.0) {
            Some(_) => 1.0 + named(candidate),
            None => 0.0,
        })?;
        let format = time_format(candidate, true).unwrap_or(Format::Auto);
        let why = format!("The values of {} are moments.", candidate.name);
        let choice = Choice::new(Field::new(&candidate.sql).with_format(format), 0.7 + worth / 20.0, why);
        Some(self.with_fraction(candidate, choice))
    }

    /// Seconds whose fraction is in a column of its own, of the same name and more.
    fn with_fraction(&self, seconds: &Candidate, choice: Choice) -> Choice {
        let belongs = |it: &Candidate| it.name != seconds.name && it.name.starts_with(&seconds.name) && is_integer(it);
        let fraction = self.free().map(|(_, it)| it).find(|it| belongs(it));
        let (Some(fraction), Format::UnixSeconds) = (fraction, choice.field.format) else { return choice };
        let most = fraction.present().filter_map(|value| text(value).parse::<i64>().ok()).max().unwrap_or(0);
        let (factor, format) = match most {
            ..1_000 => (1_000, Format::UnixMillis),
            1_000..1_000_000 => (1_000_000, Format::UnixMicros),
            _ => (1_000_000_000, Format::UnixNanos),
        };
        let sql = format!("{} * {factor} + {}", seconds.sql, fraction.sql);
        let why = format!("{} holds the fraction of the seconds in {}.", fraction.name, seconds.name);
        Choice::new(Field::new(sql).with_format(format), choice.confidence, why)
    }

    /// Documents, or bytes in a column that is named like one; not what is named like `other`.
    fn document(&mut self, wanted: Names, other: Names) -> Option<Choice> {
        let (candidate, worth) = self.best(|candidate| {
            let named = rank(wanted, &candidate.name);
            let documents = document_share(candidate);
            let others = !other.is_empty() && rank(other, &candidate.name) > named;
            if others || is_integer(candidate) || documents < 0.3 && named < 3.0 || other.is_empty() && named < 2.0 {
                return 0.0;
            }
            documents * 3.0 + named + (mean_length(candidate) / 1000.0).min(0.5)
        })?;
        let documents = document_share(candidate);
        let why = if documents > 0.0 {
            format!("{:.0} % of the values of {} are documents.", documents * 100.0, candidate.name)
        } else {
            format!("{} is named like it; its bytes cannot be read.", candidate.name)
        };
        Some(Choice::new(Field::new(&candidate.sql), 0.3 + worth / 12.0, why))
    }

    /// Few names that differ within a stream. Whether they do tells the event's type from the aggregate's.
    fn event_type(&mut self) -> Option<Choice> {
        let (relation, key) = (self.relation, self.key);
        let (candidate, worth) = self.best(|candidate| {
            let named = rank(names::EVENT_TYPE, &candidate.name);
            let other = [names::ACTOR, names::ACTOR_TYPE, names::SOURCE, names::CORRELATION, names::CAUSATION];
            let names_like = share(candidate, |value| text(value).is_empty() || is_name(value));
            let few = distinct(candidate) <= (relation.rows / 3).max(3);
            let otherwise = other.into_iter().any(|names| rank(names, &candidate.name) > named);
            if candidate.unique && candidate.through.is_none() || names_like < 0.9 || !few || otherwise || named == 0.0
            {
                return 0.0;
            }
            let differs = key.is_some_and(|key| differs_within(relation, key, candidate));
            let through = if candidate.through.is_some() { 1.0 } else { 0.0 };
            named + names_like + through + if differs { 2.0 } else { 0.0 }
        })?;
        let why = format!("The values of {} are few and look like names.", candidate.name);
        Some(Choice::new(Field::new(&candidate.sql), 0.4 + worth / 16.0, why))
    }

    /// A column of the key, else one that is the same all through a stream, else what the stream's name begins with.
    fn aggregate_type(&mut self) -> Option<Choice> {
        let key = self.key?;
        if let Some(kind) = key.kind.and_then(|place| self.relation.candidates.get(place)) {
            let why = format!("{} is a part of the key, with few values.", kind.name);
            return Some(Choice::new(Field::new(&kind.sql), 0.9, why));
        }
        let relation = self.relation;
        let column = self.best(|candidate| {
            let named = rank(names::AGGREGATE_TYPE, &candidate.name);
            let fits = share(candidate, is_name) > 0.9 && !differs_within(relation, key, candidate);
            if named >= 2.0 && fits { named } else { 0.0 }
        });
        if let Some((candidate, worth)) = column {
            let why = format!("{} is the same all through a stream.", candidate.name);
            return Some(Choice::new(Field::new(&candidate.sql), 0.5 + worth / 12.0, why));
        }
        self.prefix(key)
    }

    fn prefix(&self, key: &Key) -> Option<Choice> {
        let [id] = key.id.as_slice() else { return None };
        let own = self.relation.candidates.get(*id)?;
        let candidate = self.relation.candidates.iter().find(|candidate| candidate.sql == key.id_sql).unwrap_or(own);
        let separator = ['$', '-', ':', '/', '_'].into_iter().find(|separator| {
            let before = |value: &rusqlite::types::Value| {
                text(value).split_once(*separator).map(|(before, _)| before.to_owned())
            };
            let word = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_alphabetic() || "_.:".contains(c));
            share(candidate, |value| before(value).is_some_and(|it| word(&it))) > 0.95
        })?;
        let sql = &key.id_sql;
        let field = Field::new(format!("substr({sql}, 1, instr({sql}, '{separator}') - 1)"));
        Some(Choice::new(field, 0.6, format!("Every {} begins with a word and `{separator}`.", candidate.name)))
    }

    fn event_id(&mut self) -> Option<Choice> {
        let position = self.relation.position().map(str::to_owned);
        let (candidate, worth) = self.best(|candidate| {
            let named = rank(names::EVENT_ID, &candidate.name);
            let numbered = position.as_deref() == Some(candidate.sql.as_str());
            let differ = candidate.unique || distinct(candidate) == candidate.present().count();
            if named > 0.0 && differ && !numbered && candidate.through.is_none() { named } else { 0.0 }
        })?;
        let why = format!("{} is unique and named like it.", candidate.name);
        Some(Choice::new(Field::new(&candidate.sql), 0.5 + worth / 12.0, why))
    }

    fn named(&mut self, role: Names, least: f32) -> Option<Choice> {
        let (candidate, worth) = self.best(|candidate| {
            let worth = rank(role, &candidate.name);
            if worth >= least && document_share(candidate) < 0.5 { worth } else { 0.0 }
        })?;
        Some(Choice::new(
            Field::new(&candidate.sql),
            0.3 + worth / 10.0,
            format!("{} is named like it.", candidate.name),
        ))
    }
}

/// Whether a column has several values within one stream.
fn differs_within(relation: &Relation, key: &Key, candidate: &Candidate) -> bool {
    differs(relation, Some(key), |row| candidate.values.get(row).map(text).unwrap_or_default())
}

/// Whether what is in the rows has several values within one stream; without streams, whether it has several at all.
pub(super) fn differs(relation: &Relation, key: Option<&Key>, value: impl Fn(usize) -> String) -> bool {
    let columns: Vec<&Candidate> =
        key.iter().flat_map(|key| &key.id).filter_map(|place| relation.candidates.get(*place)).collect();
    let mut seen: HashMap<Vec<String>, String> = HashMap::new();
    (0..relation.rows).any(|row| {
        let stream = columns.iter().map(|it| it.values.get(row).map(text).unwrap_or_default()).collect();
        let this = value(row);
        *seen.entry(stream).or_insert_with(|| this.clone()) != this
    })
}
