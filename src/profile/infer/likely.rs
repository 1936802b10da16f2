//! What the rows of a log are about where neither names nor the schema say it: the column whose values come back, look
//! like what things are called by, and open with an event that does not come later.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use rusqlite::types::Value;

use super::names::{self, rank};
use super::relation::{Candidate, Relation};
use super::values::{ratio, text};

/// Below this a column is not believed to name what rows are about.
const ENOUGH: f32 = 1.5;

/// The column of the table itself for which most speaks.
pub(super) fn subject(relation: &Relation) -> Option<usize> {
    let own = (0..relation.candidates.len())
        .filter(|place| relation.get(*place).is_some_and(|it| it.through.is_none() && it.inside.is_none()));
    of(relation, own)
}

/// The same among some candidates.
pub(super) fn of(relation: &Relation, places: impl Iterator<Item = usize>) -> Option<usize> {
    let places: Vec<usize> = places.filter(|place| comes_back(relation, *place)).collect();
    let best = |asked: bool| {
        let ranked = places.iter().filter_map(|place| {
            let candidate = relation.get(*place).filter(|it| !asked || !is_of_whom(it))?;
            let worth = worth(relation, candidate);
            (worth >= ENOUGH).then_some((worth, *place))
        });
        ranked.reduce(|a, b| if b.0 > a.0 { b } else { a }).map(|(_, place)| place)
    };
    // Who did it, and in whose part of the store it was, are what rows are about where nothing else is.
    best(true).or_else(|| best(false))
}

/// Whether a column is named like who did something, or like the part of the store that it was done in.
fn is_of_whom(candidate: &Candidate) -> bool {
    let named = |roles| rank(roles, &candidate.name);
    named(names::ACTOR).max(named(names::PARTITION)) > named(names::STREAM)
}

/// Whether values stand in several rows, and there are several of them.
fn comes_back(relation: &Relation, place: usize) -> bool {
    relation.get(place).is_some_and(|it| {
        let shape = &it.shape;
        !it.unique
            && shape.coverage > 0.9
            && shape.distinct > 1
            && shape.distinct * 10 < shape.present * 9
            && shape.documents < 0.1
            && shape.moment.is_none()
            && !names::changes(&it.name)
            && !relation.is_hardly_counted(place)
    })
}

fn worth(relation: &Relation, candidate: &Candidate) -> f32 {
    let (shape, name) = (&candidate.shape, candidate.name.as_str());
    let named = rank(names::STREAM, name);
    let id = names::words(name).last().is_some_and(|it| ["id", "uuid", "key", "ref", "pk"].contains(&it.as_str()));
    let stem = names::words(name);
    let stem = stem.strip_suffix(&["id".to_owned()]).unwrap_or(&stem).join("_");
    if rank(names::EVENT_TYPE, &stem) >= 4.0 || labels_are_types(relation, candidate) {
        return 0.0;
    }
    let other = [names::EVENT_TYPE, names::AGGREGATE_TYPE, names::VERSION, names::DATA, names::METADATA]
        .into_iter()
        .map(|roles| rank(roles, name))
        .fold(0.0, f32::max);
    let looks = if shape.integer { of_numbers(candidate, id || named >= 2.0) } else { of_texts(candidate) };
    if looks == 0.0 || other > named.max(1.0) && shape.ids < 0.8 {
        return 0.0;
    }
    // A few words that come back are kinds of things; what they are called differs more.
    let many = if shape.distinct >= 5 { 0.5 } else { 0.0 };
    let opens = 1.5 * opens(relation, candidate);
    looks + named / 2.0 + if id { 0.75 } else { 0.0 } + many + opens
}

/// Whether a number leads to a document or to a type: then it is that document or type.
fn labels_are_types(relation: &Relation, candidate: &Candidate) -> bool {
    let label = |it: &&Candidate| it.through.as_deref() == Some(candidate.name.as_str());
    relation
        .candidates
        .iter()
        .filter(label)
        .filter(|it| relation.is_of_dictionary(it))
        .any(|it| it.shape.documents > 0.5 || rank(names::EVENT_TYPE, &it.name) >= 4.0)
}

fn of_texts(candidate: &Candidate) -> f32 {
    let shape = &candidate.shape;
    let bytes = shape.bytes > 0.9;
    let of_one_length = || {
        let mut lengths = candidate.values.iter().map(|value| text(value).len());
        lengths.next().is_some_and(|first| first >= 16 && lengths.all(|it| it == first))
    };
    if bytes {
        return if of_one_length() { 1.5 } else { 0.0 };
    }
    let longest = candidate.values.iter().map(|value| text(value).len()).max().unwrap_or(0);
    if !shape.text || longest > 200 {
        return 0.0;
    }
    let digits = shape.digits * 0.8;
    // Compounds that differ in their words are what happened; those that differ in their numbers, what it happened to.
    let worded = if shape.compound > 0.9 && shape.ids < 0.3 && differ_in_words(candidate) { 1.2 } else { 0.0 };
    (0.4 + shape.ids * 1.2 + digits - worded).max(0.0)
}

/// Whether most values are different even without their digits.
fn differ_in_words(candidate: &Candidate) -> bool {
    let all: HashSet<String> = candidate.values.iter().map(text).collect();
    let bare: HashSet<String> = all.iter().map(|it| it.chars().filter(|c| !c.is_ascii_digit()).collect()).collect();
    bare.len() * 2 > all.len()
}

/// Numbers that name things are small and hardly leave one out, or too large to count anything.
fn of_numbers(candidate: &Candidate, named: bool) -> f32 {
    let numbers: HashSet<i64> = candidate
        .values
        .iter()
        .filter_map(|value| if let Value::Integer(number) = value { Some(*number) } else { None })
        .collect();
    let (low, high) = (numbers.iter().min().copied().unwrap_or(0), numbers.iter().max().copied().unwrap_or(0));
    let span = usize::try_from(high.saturating_sub(low)).unwrap_or(usize::MAX);
    let large = low > 1_000_000_000;
    let close = span < numbers.len().saturating_mul(3) && (0..=2).contains(&low) && numbers.len() >= 3;
    match (named, close, large) {
        (true, ..) => 1.0,
        (_, _, true) => 1.2,
        (_, true, _) => 0.6,
        _ => 0.0,
    }
}

/// How well the column explains another one of few words: the share of its values whose first row has a word that none
/// of its later rows has. Things begin once.
fn opens(relation: &Relation, candidate: &Candidate) -> f32 {
    let few = |it: &&Candidate| {
        let shape = &it.shape;
        it.inside == candidate.inside
            && it.sql != candidate.sql
            && shape.distinct > 1
            && shape.distinct <= 40
            && shape.distinct * 3 <= shape.present
            && shape.labels > 0.9
            && shape.ascending < 0.9
    };
    relation.candidates.iter().filter(few).map(|it| first_words(relation, candidate, it)).fold(0.0, f32::max)
}

fn first_words(relation: &Relation, subject: &Candidate, word: &Candidate) -> f32 {
    let mut first: HashMap<String, String> = HashMap::new();
    let mut later: HashSet<String> = HashSet::new();
    for (of, what) in subject.values.iter().zip(&word.values).take(relation.head) {
        let what = text(what);
        match first.entry(text(of)) {
            Entry::Occupied(_) => drop(later.insert(what)),
            Entry::Vacant(free) => drop(free.insert(what)),
        }
    }
    let alone = first.values().filter(|word| !later.contains(*word)).count();
    if first.len() < 3 || later.is_empty() { 0.0 } else { ratio(alone, first.len()) }
}
