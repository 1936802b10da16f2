//! How much the rows of a table look like things that are there, and not like what happened to them.
//!
//! A thing has a name of its own, other tables refer to it, and most of what is known of it stands in columns. None of
//! that is true of an event.

use std::collections::{HashMap, HashSet};

use super::data::{REMAINDER, is_members};
use super::fields::{Fields, WEAK};
use super::key::Key;
use super::kinds;
use super::names;
use super::relation::{Candidate, Relation};
use super::values::{signature, text};

/// What speaks against facts, from 0 up.
pub(super) fn likeness(relation: &Relation, key: Option<&Key>, fields: &Fields, dense: bool) -> f32 {
    if relation.rows == 0 {
        return 0.0;
    }
    let hint = names::table_hint(&relation.table.name) > 0.0;
    let spread = fields.data.as_ref().is_some_and(|data| is_members(&data.field.sql) || data.confidence <= REMAINDER);
    let mut against = 0.0;
    if relation.is_referred_to && !hint && !dense {
        against += 0.3;
    }
    let own = own_names(relation, fields);
    against += f32::from(u8::try_from(own.min(3)).unwrap_or(3)) * if dense || hint { 0.05 } else { 0.2 };
    // Where even what happened stands in columns, more must speak for it: a type that fits, a clock, a subject.
    if spread {
        against += match (key, hint) {
            (Some(_), true) => 0.0,
            // Things in a list have a place there, too.
            (Some(_), false) if dense => 0.35,
            (Some(_), false) | (None, true) => 0.1,
            (None, false) => 0.3,
        };
        if fields.event_type.is_none() || fields.timestamp.is_none() {
            against += 0.45;
        }
        if each_once(relation, key, fields) {
            against += 0.3;
        }
    } else if !holds_documents(relation, fields) && !keeps_former(relation) {
        // Words beside a number are what a list is made of; what happened has a time, or a type that is one.
        against += match (is_weak(fields), fields.timestamp.is_some(), hint) {
            (true, ..) | (_, false, false) => 0.35,
            (false, false, true) => 0.1,
            (false, true, _) => 0.0,
        };
    } else if !hint && is_weak(fields) && is_uniform(relation, fields) {
        // Documents that all say the same of their things, under a word that decides nothing.
        let goes_on = fields.timestamp.as_ref().is_some_and(|time| {
            relation.candidates.iter().any(|it| it.sql == time.field.sql && it.shape.ascending > 0.95)
        });
        against += if dense || own > 0 || key.is_none() || !goes_on { 0.35 } else { 0.1 };
    }
    against
}

/// Whether a column holds what was there before: only changes have that.
fn keeps_former(relation: &Relation) -> bool {
    relation.candidates.iter().any(|it| it.through.is_none() && it.inside.is_none() && names::is_former(&it.name))
}

/// Whether there is no type, or hardly one.
fn is_weak(fields: &Fields) -> bool {
    fields.event_type.as_ref().is_none_or(|choice| choice.confidence <= WEAK)
}

/// Whether nearly all documents have the same keys.
fn is_uniform(relation: &Relation, fields: &Fields) -> bool {
    let data = fields.data.as_ref().and_then(|data| relation.candidates.iter().find(|it| it.sql == data.field.sql));
    let Some(data) = data else { return false };
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut all = 0;
    for document in data.documents.iter().flatten() {
        *counts.entry(signature(document)).or_default() += 1;
        all += 1;
    }
    all > 20 && counts.values().copied().max().unwrap_or(0) * 20 >= all * 19
}

/// Whether a table named like a history keeps in its columns how things were: then those that change are its very data.
pub(super) fn keeps_states(relation: &Relation, fields: &Fields) -> bool {
    let spread = fields.data.as_ref().is_some_and(|data| is_members(&data.field.sql));
    spread && names::table_hint(&relation.table.name) > 0.0 && fields.event_type.is_some() && fields.timestamp.is_some()
}

/// Whether the data is documents or bytes rather than text.
fn holds_documents(relation: &Relation, fields: &Fields) -> bool {
    let data = fields.data.as_ref().and_then(|data| relation.candidates.iter().find(|it| it.sql == data.field.sql));
    data.is_none_or(|it| it.shape.documents > 0.1 || it.shape.bytes > 0.5)
}

/// Whether each thing has each type once at most: then the rows say how things are.
fn each_once(relation: &Relation, key: Option<&Key>, fields: &Fields) -> bool {
    let Some(key) = key.filter(|key| key.version.is_none()) else { return false };
    let kind =
        fields.event_type.as_ref().and_then(|it| relation.candidates.iter().find(|other| other.sql == it.field.sql));
    let Some(kind) = kind else { return false };
    let told = |place: &usize| relation.get(*place).map(|it| it.name.as_str());
    let named: Vec<&str> =
        key.id.iter().filter_map(told).chain([kind.through.as_deref().unwrap_or(&kind.name)]).collect();
    // The schema may say so itself.
    if relation.table.unique_keys().iter().any(|unique| unique.iter().all(|name| named.contains(name))) {
        return true;
    }
    let streams = kinds::streams(relation, Some(key));
    let pairs: HashSet<(&String, String)> = streams.iter().zip(kind.values.iter().map(text)).collect();
    let things: HashSet<&String> = streams.iter().collect();
    relation.rows > 20 && things.len() * 3 < relation.rows && pairs.len() == relation.rows
}

/// How many columns hold what a thing is called by: text that differs in every row, and is neither an id nor a document.
fn own_names(relation: &Relation, fields: &Fields) -> usize {
    let taken = |candidate: &Candidate| {
        fields.all().any(|(_, choice)| choice.as_ref().is_some_and(|it| it.field.sql == candidate.sql))
    };
    let called = |candidate: &&Candidate| {
        let words = names::words(&candidate.name);
        let last = words.last().map_or("", String::as_str);
        let shape = &candidate.shape;
        candidate.through.is_none()
            && candidate.inside.is_none()
            && !taken(candidate)
            && CALLED.contains(&last)
            && shape.text
            && shape.distinct * 10 > shape.present * 6
            && shape.moment.is_none()
    };
    relation.candidates.iter().filter(called).count()
}

/// What things are called by and known for, where it stands in a column.
const CALLED: [&str; 20] = [
    "name",
    "title",
    "email",
    "slug",
    "url",
    "path",
    "username",
    "filename",
    "phone",
    "address",
    "isbn",
    "link",
    "firstname",
    "lastname",
    "nickname",
    "bezeichnung",
    "mail",
    "guid",
    "serial",
    "sku",
];
