//! Finds the stream and its version: a unique key of an id and an integer that is dense for each id.

use rusqlite::Connection;

use super::super::detection::{Confidence, FieldReason};
use super::names::{self, rank};
use super::relation::{Candidate, Relation};
use super::values::{distinct, is_integer, is_name, text};

/// How many rows are grouped to test density.
const ROWS: usize = 50_000;

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
    /// Whether a constraint of the table speaks for it, or names alone.
    pub(super) constrained: bool,
    /// Why, as a part of a sentence.
    pub(super) reason: String,
}

impl Key {
    /// The best key: by a constraint, then by density alone, then an id without a version.
    pub(super) fn find(conn: &Connection, relation: &Relation) -> rusqlite::Result<Option<Self>> {
        let mut best: Option<(f32, Vec<usize>, usize, bool)> = None;
        for (ids, version, unique) in pairs(relation) {
            let density = density(conn, relation, &ids, version)?;
            let named = relation.candidates.get(version).map_or(0.0, |it| rank(names::VERSION, &it.name));
            let worth = density + if unique { 0.2 } else { 0.0 } + named / 50.0;
            let enough = density >= if unique { 0.6 } else { 0.9 };
            if enough && best.as_ref().is_none_or(|(other, ..)| worth > *other) {
                best = Some((worth, ids, version, unique));
            }
        }
        let Some((_, ids, version, unique)) = best else { return Ok(Self::without_version(relation)) };
        let density = density(conn, relation, &ids, version)?;
        Ok(Some(Self::new(relation, ids, Some(version), density, unique)))
    }

    fn new(relation: &Relation, mut ids: Vec<usize>, version: Option<usize>, density: f32, unique: bool) -> Self {
        let kind = kind_within(relation, &ids);
        if let Some(kind) = kind {
            ids.retain(|id| *id != kind);
        }
        let readable: Vec<usize> = ids.iter().map(|id| label(relation, *id)).collect();
        let sql = |place: &usize| relation.candidates.get(*place).map_or("NULL".to_owned(), id_sql);
        let id_sql = readable.iter().map(sql).collect::<Vec<_>>().join(" || '/' || ");
        let version_sql = version.and_then(|place| relation.candidates.get(place)).map(|it| it.sql.clone());
        let reason = told(relation, &ids, version, density, unique);
        Self { id: ids, kind, version, id_sql, version_sql, density, constrained: unique, reason }
    }

    /// Columns that repeat and together refer to another table, or one that is named like a stream's id.
    fn without_version(relation: &Relation) -> Option<Self> {
        if let Some(ids) = reference(relation) {
            return Some(Self::new(relation, ids, None, 0.0, true));
        }
        let places = 0..relation.candidates.len();
        let ranked = places.filter_map(|place| {
            let candidate = relation.candidates.get(place)?;
            let constrained = constrained(relation, place);
            let rank = rank(names::STREAM, &candidate.name) + if constrained { 2.0 } else { 0.0 };
            let count = distinct(candidate);
            let repeats = count * 10 < relation.rows * 9 && count > 1;
            let fits = rank >= 2.0 && repeats && !candidate.unique && !candidate.is_dead() && !is_integer(candidate);
            fits.then_some((rank, place, constrained))
        });
        let (_, place, constrained) = ranked.max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Self::new(relation, vec![place], None, 0.0, constrained))
    }
}

/// The columns of a foreign key of several columns, if they repeat.
fn reference(relation: &Relation) -> Option<Vec<usize>> {
    let keys = &relation.table.foreign_keys;
    let several = keys.iter().find(|key| keys.iter().filter(|it| it.key == key.key).count() > 1)?.key;
    let columns = keys.iter().filter(|key| key.key == several).map(|key| relation.own(&key.column));
    let places = columns.collect::<Option<Vec<usize>>>()?;
    let tuple = |row: usize| -> Vec<String> {
        places.iter().filter_map(|place| relation.candidates.get(*place)?.values.get(row).map(text)).collect()
    };
    let different: std::collections::HashSet<Vec<String>> = (0..relation.rows).map(tuple).collect();
    (different.len() > 1 && different.len() * 10 < relation.rows * 9).then_some(places)
}

/// Whether a column is unique together with an integer.
fn constrained(relation: &Relation, place: usize) -> bool {
    let name = |it: &Candidate| it.through.is_none().then(|| it.name.clone());
    let Some(name) = relation.candidates.get(place).and_then(name) else { return false };
    relation.table.unique_keys().iter().any(|key| match key.as_slice() {
        [id, other] => *id == name && relation.own(other).is_some_and(|other| integer(relation, other)),
        _ => false,
    })
}

/// The fields that the key decides, with their reasons.
pub(super) fn reasons(key: Option<&Key>) -> [FieldReason; 2] {
    let share = key.map_or(0.0, |key| if key.version.is_some() { key.density } else { 0.6 });
    let of = |field, source: Option<String>, absent: &str| {
        let found = source.is_some();
        FieldReason {
            field,
            source,
            confidence: Confidence::new(if found { share } else { 0.5 }),
            reason: match key {
                Some(key) if found => format!("{}.", capital(&key.reason)),
                _ => absent.to_owned(),
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

/// The pairs worth testing: those of unique keys, and those that names suggest where no key does.
fn pairs(relation: &Relation) -> Vec<(Vec<usize>, usize, bool)> {
    let mut pairs: Vec<(Vec<usize>, usize, bool)> = Vec::new();
    for key in relation.table.unique_keys() {
        let Some(places) = key.iter().map(|name| relation.own(name)).collect::<Option<Vec<usize>>>() else { continue };
        // Members that hardly vary (a partition, a tenant, whether it is archived) do not tell streams apart.
        let varying: Vec<usize> = places.into_iter().filter(|place| varies(relation, *place)).collect();
        for version in varying.iter().copied().filter(|place| integer(relation, *place)) {
            let ids: Vec<usize> = varying.iter().copied().filter(|place| *place != version).collect();
            if !ids.is_empty() && !ids.iter().any(|id| relation.candidates.get(*id).is_some_and(|it| it.unique)) {
                pairs.push((ids, version, true));
            }
        }
    }
    let named = |names, least: f32| {
        let places = 0..relation.candidates.len();
        places.filter(move |place| {
            relation
                .candidates
                .get(*place)
                .is_some_and(|it| it.through.is_none() && rank(names, &it.name) >= least && !it.unique)
        })
    };
    for version in named(names::VERSION, 2.0).filter(|place| integer(relation, *place) && varies(relation, *place)) {
        for id in named(names::STREAM, 2.0).filter(|place| *place != version && varies(relation, *place)) {
            pairs.push((vec![id], version, false));
        }
    }
    pairs
}

fn varies(relation: &Relation, place: usize) -> bool {
    relation.candidates.get(place).is_some_and(|candidate| distinct(candidate) > 1)
}

fn integer(relation: &Relation, place: usize) -> bool {
    relation.candidates.get(place).is_some_and(is_integer)
}

/// The share of ids whose versions have no gap; those that start at neither 0 nor 1 count for less, since streams are
/// trimmed at times. Ids with one event prove nothing: where there are no others the share counts half.
fn density(conn: &Connection, relation: &Relation, ids: &[usize], version: usize) -> rusqlite::Result<f32> {
    let sql = |place: &usize| relation.candidates.get(*place).map_or("NULL", |candidate| candidate.sql.as_str());
    let columns: Vec<String> =
        ids.iter().enumerate().map(|(number, place)| format!("{} AS k{number}", sql(place))).collect();
    let keys: Vec<String> = (0..ids.len()).map(|number| format!("k{number}")).collect();
    let query = format!(
        "SELECT count(*), total(n > 1), total((n = high - low + 1) * iif(low IN (0, 1), 1, 0.7)),
                total((n > 1 AND n = high - low + 1) * iif(low IN (0, 1), 1, 0.7))
         FROM (SELECT count(*) AS n, min(v) AS low, max(v) AS high
               FROM (SELECT {}, {} AS v FROM {} WHERE v IS NOT NULL LIMIT {ROWS}) GROUP BY {})",
        columns.join(", "),
        sql(&version),
        relation.from,
        keys.join(", "),
    );
    let (all, long, dense, long_dense): (f64, f64, f64, f64) =
        conn.query_row(&query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let share = if long > 0.0 { (dense / all).min(long_dense / long) } else { dense / all.max(1.0) / 2.0 };
    #[allow(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
    Ok(share as f32)
}

/// Of several columns of an id, the one that is the type: few values, that look like names, and always the same one for
/// the same rest.
fn kind_within(relation: &Relation, ids: &[usize]) -> Option<usize> {
    if ids.len() < 2 {
        return None;
    }
    let named = |place: &&usize| {
        relation
            .candidates
            .get(**place)
            .is_some_and(|it| it.values.iter().all(is_name) && !ids_differ(relation, ids, **place))
    };
    ids.iter().filter(named).min_by_key(|place| relation.candidates.get(**place).map_or(0, distinct)).copied()
}

/// Whether one value of the other columns goes with several of this one.
fn ids_differ(relation: &Relation, ids: &[usize], kind: usize) -> bool {
    let mut seen = std::collections::HashMap::new();
    (0..relation.rows).any(|row| {
        let value = |place: usize| relation.candidates.get(place).and_then(|it| it.values.get(row)).map(text);
        let rest: Vec<_> = ids.iter().filter(|place| **place != kind).map(|place| value(*place)).collect();
        let this = value(kind);
        *seen.entry(rest).or_insert_with(|| this.clone()) != this
    })
}

/// The readable column that a number leads to, where it leads to one.
fn label(relation: &Relation, place: usize) -> usize {
    let Some(candidate) = relation.candidates.get(place) else { return place };
    let through = |it: &Candidate| it.through.as_deref() == Some(candidate.name.as_str());
    let text_like =
        |it: &Candidate| it.present().all(|value| matches!(value, rusqlite::types::Value::Text(_))) && !it.is_dead();
    let labels = relation.candidates.iter().enumerate().filter(|(_, it)| through(it) && text_like(it));
    // A name that people gave beats a hash of it.
    let hash = |it: &Candidate| it.values.iter().all(|value| text(value).len() == 40);
    let label = labels.min_by_key(|(_, it)| (hash(it), !it.name.to_lowercase().contains("name")));
    match label {
        Some((place, _)) => place,
        None if hash(candidate) => original(relation, place),
        None => place,
    }
}

/// The column whose values go one to one with those of a column of hashes.
fn original(relation: &Relation, hashes: usize) -> usize {
    let pair = |place: usize| [hashes, place];
    let same = |place: usize| !ids_differ(relation, &pair(place), place) && !ids_differ(relation, &pair(place), hashes);
    let named = |place: usize| {
        let candidate = relation.candidates.get(place).filter(|it| it.through.is_none());
        candidate.is_some_and(|it| rank(names::STREAM, &it.name.to_lowercase().replace("original", "")) > 0.0)
    };
    (0..relation.candidates.len()).find(|it| *it != hashes && named(*it) && same(*it)).unwrap_or(hashes)
}

/// The id as text where it is stored as bytes.
fn id_sql(candidate: &Candidate) -> String {
    let bytes = candidate.values.iter().any(|value| matches!(value, rusqlite::types::Value::Blob(_)));
    if bytes { format!("id_text({})", candidate.sql) } else { candidate.sql.clone() }
}

fn told(relation: &Relation, ids: &[usize], version: Option<usize>, density: f32, unique: bool) -> String {
    let name = |place: &usize| relation.candidates.get(*place).map_or("", |it| it.name.as_str()).to_owned();
    let ids = ids.iter().map(name).collect::<Vec<_>>().join(", ");
    match version {
        None => format!("{ids} repeats and is named like the id of a stream"),
        Some(version) => {
            let constraint = if unique { "are unique together" } else { "belong together by their names" };
            format!(
                "{ids} and {} {constraint}, and {:.0} % of the streams count without a gap",
                name(&version),
                density * 100.0
            )
        }
    }
}
