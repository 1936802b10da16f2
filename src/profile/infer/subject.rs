//! What the rows of a log are about where nothing counts them: a reference, a pair of a type and an id, or a column
//! that repeats and by which the table is looked up.

use std::collections::HashSet;

use super::names::{self, rank};
use super::relation::{Candidate, Relation};
use super::values::text;

/// Below this a column is not believed to name a stream.
const ENOUGH: f32 = 2.5;

/// The columns of a foreign key of several columns, if they repeat.
pub(super) fn reference(relation: &Relation) -> Option<Vec<usize>> {
    let keys = &relation.table.foreign_keys;
    let several = keys.iter().find(|key| keys.iter().filter(|it| it.key == key.key).count() > 1)?.key;
    let columns = keys.iter().filter(|key| key.key == several).map(|key| relation.own(&key.column));
    let places = columns.collect::<Option<Vec<usize>>>()?;
    let tuple = |row: usize| -> Vec<String> {
        places.iter().filter_map(|place| relation.get(*place)?.values.get(row).map(text)).collect()
    };
    let different: HashSet<Vec<String>> = (0..relation.rows).map(tuple).collect();
    (different.len() > 1 && different.len() * 10 < relation.rows * 9).then_some(places)
}

/// A type and an id of the same stem, such as `item_type` and `item_id`: the thing that a row is about. Of several, the
/// one that is no person.
pub(super) fn pair(relation: &Relation) -> Option<(usize, usize)> {
    let stem = |name: &str, ends: &[&str]| {
        let words = names::words(name);
        let (last, stem) = words.split_last()?;
        (ends.contains(&last.as_str()) && !stem.is_empty()).then(|| stem.concat())
    };
    let places = 0..relation.candidates.len();
    let types = places.clone().filter_map(|place| {
        let candidate = relation.get(place).filter(|it| it.through.is_none() && it.shape.coverage > 0.8)?;
        let worded = candidate.shape.words > 0.9 && candidate.shape.distinct * 3 < candidate.shape.present.max(9);
        worded.then(|| stem(&candidate.name, &["type", "kind", "class", "name"])).flatten().map(|stem| (place, stem))
    });
    let found = types.filter_map(|(kind, of)| {
        let id = places.clone().find(|place| {
            let other = relation.get(*place).filter(|it| it.through.is_none() && !it.unique);
            other.is_some_and(|it| {
                it.shape.distinct > 1 && stem(&it.name, &["id", "uuid", "key", "pk"]).as_ref() == Some(&of)
            })
        })?;
        let name = &relation.get(id)?.name;
        (rank(names::ACTOR, name) < 3.0).then(|| (kind, id, rank(names::STREAM, name) + indexed(relation, name)))
    });
    found.max_by(|a, b| a.2.total_cmp(&b.2)).map(|(kind, id, _)| (kind, id))
}

/// The column that repeats and that names, references or indexes say most for; and whether the schema is among them.
pub(super) fn single(relation: &Relation) -> Option<(usize, bool)> {
    let ranked = (0..relation.candidates.len()).filter_map(|place| {
        let candidate = relation.get(place)?;
        let schema = supported(relation, candidate);
        let worth = worth(relation, candidate) + schema;
        (worth >= ENOUGH && fits(relation, candidate)).then_some((worth, place, schema > 0.9))
    });
    ranked.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, place, schema)| (place, schema))
}

fn fits(relation: &Relation, candidate: &Candidate) -> bool {
    let shape = &candidate.shape;
    let label = |it: &&Candidate| it.through.as_deref() == Some(candidate.name.as_str());
    let labels: Vec<&Candidate> = relation.candidates.iter().filter(label).collect();
    // A number that leads to a document, or to a type, is that document or type.
    let other = labels
        .iter()
        .filter(|it| relation.is_of_dictionary(it))
        .any(|it| it.shape.documents > 0.5 || rank(names::EVENT_TYPE, &it.name) >= 4.0);
    let named = |roles: names::Names| rank(roles, &candidate.name);
    let role = [names::ACTOR, names::CORRELATION, names::CAUSATION, names::EVENT_TYPE, names::PARTITION]
        .into_iter()
        .any(|roles| named(roles) >= 2.0 && named(roles) > named(names::STREAM))
        && (shape.words > 0.5 || named(names::EVENT_TYPE) < 2.0);
    let numbers = shape.integer && labels.is_empty() && !names::words(&candidate.name).iter().any(|word| word == "id");
    candidate.through.is_none()
        && !candidate.unique
        && !role
        && !other
        && !numbers
        && shape.coverage > 0.9
        && shape.distinct > 1
        && shape.distinct * 10 < shape.present * 9
        && shape.documents < 0.1
        && shape.moment.is_none()
        && !names::changes(&candidate.name)
}

fn worth(relation: &Relation, candidate: &Candidate) -> f32 {
    let own = rank(names::STREAM, &candidate.name);
    let label = |it: &&Candidate| it.through.as_deref() == Some(candidate.name.as_str());
    let labelled = relation.candidates.iter().filter(label).map(|it| rank(names::STREAM, &it.name)).fold(0.0, f32::max);
    let id = names::words(&candidate.name).last().is_some_and(|word| ["id", "uuid", "key"].contains(&word.as_str()));
    own.max(labelled) + if candidate.shape.ids > 0.8 { 1.0 } else { 0.0 } + if id { 0.5 } else { 0.0 }
}

/// What the schema says: a foreign key, an index that leads by the column to moments or numbers, or any index.
fn supported(relation: &Relation, candidate: &Candidate) -> f32 {
    let refers = relation.table.foreign_keys.iter().any(|key| key.column.eq_ignore_ascii_case(&candidate.name));
    let leads = relation.candidates.iter().any(|it| it.through.as_deref() == Some(candidate.name.as_str()));
    indexed(relation, &candidate.name) + if refers || leads { 1.5 } else { 0.0 }
}

fn indexed(relation: &Relation, name: &str) -> f32 {
    let counts = |other: &str| {
        let other = relation.own(other).and_then(|place| relation.get(place));
        other.map_or(0.0, |it| {
            if it.shape.moment.is_some() {
                2.5
            } else if it.shape.integer {
                2.0
            } else {
                1.0
            }
        })
    };
    let keys =
        relation.table.indexes.iter().map(|index| index.columns.iter().map(Option::as_deref).collect::<Vec<_>>());
    let primary = relation.table.primary_key().iter().map(|it| Some(it.name.as_str())).collect::<Vec<_>>();
    keys.chain([primary])
        .map(|key| match key.as_slice() {
            [Some(first), Some(second), ..] if *first == name => counts(second),
            [Some(first), ..] if *first == name => 1.0,
            // A second column after the type of the thing.
            [Some(_), Some(second), ..] if *second == name => 1.0,
            _ => 0.0,
        })
        .fold(0.0, f32::max)
}
