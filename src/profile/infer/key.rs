//! Finds the stream and its version: a unique key of an id and an integer that is dense for each id.

use rusqlite::Connection;

use super::super::detection::{Confidence, FieldReason};
use super::density::{counts_up, density};
use super::likely;
use super::names::{self, rank};
use super::relation::{Candidate, Relation};
use super::spread::Spread;
use super::subject;
use super::values::text;

/// A stream's id and its version.
pub(super) struct Key {
    /// The candidates that make the id, the most telling one last.
    pub(super) id: Vec<usize>,
    /// The candidate that is the type of the aggregate, where one of the key's columns is.
    pub(super) kind: Option<usize>,
    pub(super) version: Option<usize>,
    pub(super) id_sql: String,
    pub(super) version_sql: Option<String>,
    /// The share of streams whose versions have no gap and start at 0 or 1; 0 without a version.
    pub(super) density: f32,
    /// Whether a constraint or an index of the table speaks for it, or names and values alone.
    pub(super) constrained: bool,
    /// Why, as a part of a sentence.
    pub(super) reason: String,
}

/// An id and a version that may be a key.
struct Pair {
    ids: Vec<usize>,
    version: usize,
    /// What the schema says for it: 1 for a unique key, less for an index, 0 for nothing.
    support: f32,
}

impl Key {
    /// The best key: by a constraint, then by density alone, then an id without a version.
    pub(super) fn find(conn: &Connection, relation: &Relation) -> rusqlite::Result<Option<Self>> {
        if relation.rows == 0 {
            return Ok(Self::promised(relation));
        }
        let mut best: Option<(f32, Pair, f32)> = None;
        for pair in pairs(relation) {
            let density = density(conn, relation, &pair.ids, pair.version)?;
            let named = |place: usize, names| relation.get(place).map_or(0.0, |it| rank(names, &it.name));
            let id = pair.ids.iter().map(|id| named(*id, names::STREAM)).fold(0.0, f32::max);
            let worth = density + pair.support * 0.2 + named(pair.version, names::VERSION) / 50.0 + id / 50.0;
            let enough = density >= if pair.support > 0.9 { 0.6 } else { 0.9 };
            if enough && best.as_ref().is_none_or(|(other, ..)| worth > *other) {
                best = Some((worth, pair, density));
            }
        }
        let Some((_, pair, density)) = best else {
            let fresh = Self::fresh(conn, relation)?;
            return Ok(fresh.or_else(|| Self::without_version(relation)));
        };
        Ok(Some(Self::new(relation, pair.ids, Some(pair.version), density, pair.support > 0.0)))
    }

    pub(super) fn new(
        relation: &Relation,
        mut ids: Vec<usize>,
        version: Option<usize>,
        density: f32,
        constrained: bool,
    ) -> Self {
        let kind = kind_within(relation, &ids);
        if let Some(kind) = kind {
            ids.retain(|id| *id != kind);
        }
        let readable: Vec<usize> = ids.iter().map(|id| label(relation, *id)).collect();
        let sql = |place: &usize| relation.get(*place).map_or("NULL".to_owned(), id_sql);
        let id_sql = readable.iter().map(sql).collect::<Vec<_>>().join(" || '/' || ");
        let version_sql = version.and_then(|place| relation.get(place)).map(|it| it.sql.clone());
        let reason = told(relation, &ids, version, density, constrained);
        Self { id: ids, kind, version, id_sql, version_sql, density, constrained, reason }
    }

    /// What identifies a stream where nothing counts its events.
    fn without_version(relation: &Relation) -> Option<Self> {
        if let Some(ids) = subject::reference(relation) {
            // All of them refer to one thing: its type alone is no part that could be taken out.
            return Some(Self { kind: None, ..Self::whole(relation, ids) });
        }
        if let Some((kind, id)) = subject::pair(relation) {
            let mut key = Self::new(relation, vec![id], None, 0.0, true);
            key.kind = Some(kind);
            return Some(key);
        }
        if let Some(key) = Self::of_histories(relation) {
            return Some(key);
        }
        let (id, constrained) =
            subject::single(relation).or_else(|| likely::subject(relation).map(|id| (id, false)))?;
        Some(Self::new(relation, vec![id], None, 0.0, constrained))
    }

    /// The id of a thing whose kind is the table that the row is in.
    fn of_histories(relation: &Relation) -> Option<Self> {
        let kind = relation.own(Spread::kind_column()).filter(|_| !relation.parts.is_empty())?;
        let id = relation
            .own("id")
            .or_else(|| subject::single(relation).map(|it| it.0))
            .or_else(|| likely::subject(relation))?;
        let mut key = Self::new(relation, vec![id], None, 0.0, true);
        key.kind = Some(kind);
        Some(key)
    }

    /// The columns of a reference, together.
    fn whole(relation: &Relation, ids: Vec<usize>) -> Self {
        let sql = |place: &usize| relation.get(*place).map_or("NULL".to_owned(), id_sql);
        let id_sql = ids.iter().map(sql).collect::<Vec<_>>().join(" || '/' || ");
        Self { id_sql, id: ids.clone(), ..Self::new(relation, ids, None, 0.0, true) }
    }

    /// The key of a table with one stream so far: a unique key has the names of a stream and its version, and the version
    /// counts the rows.
    fn fresh(conn: &Connection, relation: &Relation) -> rusqlite::Result<Option<Self>> {
        let Some(key) = Self::promised(relation) else { return Ok(None) };
        let Some(version) = key.version else { return Ok(None) };
        let one = key.id.iter().all(|id| relation.get(*id).is_some_and(|it| it.shape.distinct == 1));
        let counted = one && relation.rows > 1 && density(conn, relation, &key.id, version)? > 0.9;
        Ok(counted.then(|| Self { density: 0.9, ..Self::new(relation, key.id, Some(version), 0.9, true) }))
    }

    /// The key of a table that has no rows yet, from its constraints and names alone.
    fn promised(relation: &Relation) -> Option<Self> {
        let place = |name: &str| relation.own(name);
        let keys = relation.table.unique_keys();
        let pair = keys.iter().find_map(|key| {
            let number = |name: &&&str| {
                relation.table.column(name).is_some_and(|it| it.declared_type.to_uppercase().contains("INT"))
            };
            let version = key.iter().filter(number).find(|name| rank(names::VERSION, name) >= 2.0)?;
            let ids: Vec<usize> = key.iter().filter(|name| *name != version).filter_map(|name| place(name)).collect();
            let named = ids.iter().any(|id| relation.get(*id).is_some_and(|it| rank(names::STREAM, &it.name) >= 2.0));
            named.then_some((ids, place(version)?))
        });
        let (mut ids, version) = pair?;
        let kind = ids.iter().copied().find(|id| {
            let rank_of = |names| relation.get(*id).map_or(0.0, |it| rank(names, &it.name));
            rank_of(names::AGGREGATE_TYPE) > rank_of(names::STREAM)
        });
        ids.retain(|id| Some(*id) != kind);
        let mut key = Self::new(relation, ids, Some(version), 0.65, true);
        key.kind = kind;
        "a unique key has the names of a stream and its version".clone_into(&mut key.reason);
        Some(key)
    }

    /// Whether a candidate is another table's and only found through the stream's id: it says what the stream is.
    pub(super) fn describes_stream(&self, relation: &Relation, candidate: &Candidate) -> bool {
        let Some(through) = candidate.through.as_deref() else { return false };
        let own = |place: &usize| relation.get(*place).is_some_and(|it| it.name.eq_ignore_ascii_case(through));
        let original = names::words(through).first().is_some_and(|word| word == "original");
        (original || self.id.iter().any(own))
            && relation.own(through).and_then(|place| relation.get(place)).is_some_and(|it| !it.unique)
    }
}

/// The fields that the key decides, with their reasons.
pub(super) fn reasons(key: Option<&Key>) -> [FieldReason; 2] {
    let share = key.map_or(0.0, |key| match key.version {
        Some(_) => key.density * if key.constrained { 0.98 } else { 0.85 },
        None if key.constrained => 0.7,
        None => 0.5,
    });
    let of = |field, source: Option<String>, absent: &str| {
        let found = source.is_some();
        FieldReason {
            field,
            source,
            confidence: Confidence::new(if found { share } else { 0.5 }),
            reason: if found {
                key.map_or_else(String::new, |key| format!("{}.", capital(&key.reason)))
            } else {
                absent.to_owned()
            },
        }
    };
    [
        of(
            "aggregate_id",
            key.map(|key| key.id_sql.clone()),
            "No column repeats like the id of a stream: the whole log is one.",
        ),
        of(
            "version",
            key.and_then(|key| key.version_sql.clone()),
            "No integer counts the events of a stream; they are counted in order.",
        ),
    ]
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The pairs worth testing: those of unique keys, and those whose sampled values count up, whatever the schema says.
fn pairs(relation: &Relation) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for key in relation.table.unique_keys() {
        let Some(places) = key.iter().map(|name| relation.own(name)).collect::<Option<Vec<usize>>>() else { continue };
        // Members that hardly vary (a partition, a tenant, whether it is archived) do not tell streams apart.
        let varying: Vec<usize> = places.into_iter().filter(|place| varies(relation, *place)).collect();
        for version in varying.iter().copied().filter(|place| integer(relation, *place) && !is_split(relation, *place))
        {
            let ids: Vec<usize> = varying.iter().copied().filter(|place| *place != version).collect();
            let own = |id: &usize| {
                relation.get(*id).is_some_and(|it| it.unique || it.shape.moment.is_some() && it.shape.integer)
            };
            let counted = ids.iter().all(|id| relation.is_hardly_counted(*id)) || relation.is_hardly_counted(version);
            if !ids.is_empty() && !counted && !ids.iter().any(own) && !ids.iter().all(|id| is_split(relation, *id)) {
                // Of two columns that both count, the later one is counted within the earlier.
                let last = varying.last() == Some(&version);
                pairs.push(Pair { ids, version, support: if last { 1.0 } else { 0.95 } });
            }
        }
    }
    for version in (0..relation.candidates.len())
        .filter(|place| integer(relation, *place) && varies(relation, *place) && !is_split(relation, *place))
        .filter(|place| !is_reference(relation, *place))
    {
        for id in (0..relation.candidates.len()).filter(|id| *id != version) {
            let known = pairs.iter().any(|pair| pair.version == version && pair.ids == [id]);
            // Among many streams at a time the sample hardly meets one twice: then names say what is worth a test.
            let may_be = match counts_up(relation, id, version) {
                Some(share) => share > 0.95 && repeats(relation, id),
                None => named_so(relation, id, version) && may_repeat(relation, id),
            };
            if !known && may_be {
                pairs.push(Pair {
                    ids: vec![id],
                    version,
                    support: if indexed(relation, id, version) { 0.5 } else { 0.0 },
                });
            }
        }
    }
    pairs
}

/// Whether an index begins with the two columns.
fn indexed(relation: &Relation, id: usize, version: usize) -> bool {
    let name = |place: usize| relation.get(place).map(|it| it.name.as_str());
    relation.table.indexes.iter().any(|index| {
        let columns: Vec<Option<&str>> = index.columns.iter().take(2).map(Option::as_deref).collect();
        columns == [name(id), name(version)]
    })
}

/// Whether a number is named like one of something else.
fn is_reference(relation: &Relation, place: usize) -> bool {
    relation.get(place).is_some_and(|it| {
        rank(names::VERSION, &it.name) < 1.0 && names::words(&it.name).last().is_some_and(|word| word == "id")
    })
}

/// Whether a column only says in which part of a store a row is.
fn is_split(relation: &Relation, place: usize) -> bool {
    relation.get(place).is_some_and(|it| rank(names::PARTITION, &it.name) >= 2.5)
}

fn varies(relation: &Relation, place: usize) -> bool {
    relation.get(place).is_some_and(|it| it.through.is_none() && it.shape.distinct > 1)
}

/// Whether two columns have the names of a stream and of its version.
fn named_so(relation: &Relation, id: usize, version: usize) -> bool {
    let named = |place: usize, names| relation.get(place).is_some_and(|it| rank(names, &it.name) >= 2.0);
    named(id, names::STREAM) && named(version, names::VERSION)
}

/// Whether a column can be an id that several rows share, and is one in the sample.
fn repeats(relation: &Relation, place: usize) -> bool {
    let shared = |it: &Candidate| it.shape.distinct * 10 < it.shape.present * 9;
    may_repeat(relation, place) && relation.get(place).is_some_and(shared)
}

/// Whether a column can be an id that several rows share.
fn may_repeat(relation: &Relation, place: usize) -> bool {
    relation.get(place).is_some_and(|it| {
        let shape = &it.shape;
        it.through.is_none()
            && !it.unique
            && shape.coverage > 0.9
            && shape.distinct > 1
            && shape.documents < 0.5
            && shape.moment.is_none()
            && !is_split(relation, place)
            && !relation.is_hardly_counted(place)
    })
}

fn integer(relation: &Relation, place: usize) -> bool {
    relation.get(place).is_some_and(|it| it.shape.integer && !it.unique)
}

/// Of several columns of an id, the one that is the type: few values, that look like names, and always the same one for
/// the same rest.
fn kind_within(relation: &Relation, ids: &[usize]) -> Option<usize> {
    if ids.len() < 2 {
        return None;
    }
    let named = |place: &&usize| {
        relation
            .get(**place)
            .is_some_and(|it| it.shape.words > 0.99 && it.shape.coverage > 0.99 && !ids_differ(relation, ids, **place))
    };
    ids.iter().filter(named).min_by_key(|place| relation.get(**place).map_or(0, |it| it.shape.distinct)).copied()
}

/// Whether one value of the other columns goes with several of this one.
fn ids_differ(relation: &Relation, ids: &[usize], kind: usize) -> bool {
    let mut seen = std::collections::HashMap::new();
    (0..relation.rows).any(|row| {
        let value = |place: usize| relation.get(place).and_then(|it| it.values.get(row)).map(text);
        let rest: Vec<_> = ids.iter().filter(|place| **place != kind).map(|place| value(*place)).collect();
        let this = value(kind);
        *seen.entry(rest).or_insert_with(|| this.clone()) != this
    })
}

/// The readable column that a number leads to, where it leads to one.
fn label(relation: &Relation, place: usize) -> usize {
    let Some(candidate) = relation.get(place) else { return place };
    let hash = |it: &Candidate| !it.is_dead() && it.values.iter().all(|value| text(value).len() == 40);
    if !candidate.shape.integer {
        return if hash(candidate) { original(relation, place) } else { place };
    }
    // A name that belongs to one row alone: what is shared by several is no name.
    let through = |it: &Candidate| it.through.as_deref() == Some(candidate.name.as_str());
    let tells = |it: &Candidate| {
        it.shape.text
            && it.shape.documents < 0.5
            && it.shape.moment.is_none()
            && it.shape.distinct == candidate.shape.distinct
    };
    // What a thing is titled may change; what it is called by does not.
    let called = |it: &Candidate| {
        it.unique || ["name", "id", "key", "slug", "code"].iter().any(|word| it.name.to_lowercase().contains(word))
    };
    let labels = relation.candidates.iter().enumerate().filter(|(_, it)| through(it) && tells(it) && called(it));
    // A name that people gave beats a hash of it.
    let label = labels.min_by_key(|(_, it)| (hash(it), !it.unique, !it.name.to_lowercase().contains("name")));
    label.map_or(place, |(place, _)| place)
}

/// The column whose values go one to one with those of a column of hashes.
fn original(relation: &Relation, hashes: usize) -> usize {
    let pair = |place: usize| [hashes, place];
    let same = |place: usize| !ids_differ(relation, &pair(place), place) && !ids_differ(relation, &pair(place), hashes);
    let named = |place: usize| {
        let candidate = relation.get(place).filter(|it| it.through.is_none());
        candidate.is_some_and(|it| rank(names::STREAM, &it.name.to_lowercase().replace("original", "")) > 0.0)
    };
    (0..relation.candidates.len()).find(|it| *it != hashes && named(*it) && same(*it)).unwrap_or(hashes)
}

/// The id as text where it is stored as bytes.
fn id_sql(candidate: &Candidate) -> String {
    if candidate.shape.bytes > 0.0 { format!("id_text({})", candidate.sql) } else { candidate.sql.clone() }
}

fn told(relation: &Relation, ids: &[usize], version: Option<usize>, density: f32, constrained: bool) -> String {
    let name = |place: &usize| relation.get(*place).map_or("", |it| it.name.as_str()).to_owned();
    let ids = ids.iter().map(name).collect::<Vec<_>>().join(", ");
    match version {
        None if constrained => format!("{ids} repeats, and a reference or an index of the table leads by it"),
        None => format!("{ids} repeats and is named like the id of a stream"),
        Some(version) => {
            let constraint = if constrained { "are unique together" } else { "belong together by their values" };
            format!(
                "{ids} and {} {constraint}, and {:.0} % of the streams count without a gap",
                name(&version),
                density * 100.0
            )
        }
    }
}
