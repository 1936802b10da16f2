//! Which column holds what an event says: a document, bytes that nothing reads, or else what no other field claims.

use std::collections::HashSet;

use rusqlite::types::Value;

use super::super::field::Field;
use super::columns::{Search, at_home};
use super::fields::Choice;
use super::kinds;
use super::names::{self, rank};
use super::relation::{Candidate, Relation};
use super::values::{self, text};

/// How sure it is that what no field claims is the data.
pub(super) const REMAINDER: f32 = 0.4;

impl Search<'_> {
    /// Documents; or bytes and texts that nothing decodes, where they are named like data or stand beside a stream and
    /// its version.
    pub(super) fn data(&mut self) -> Option<Choice> {
        if self.relation.rows == 0 {
            return self.promised(names::DATA, 3.0);
        }
        let keyed = self.key.is_some_and(|key| key.version.is_some());
        let relation = self.relation;
        let (candidate, worth) = self.best(|candidate| worth(relation, candidate, keyed))?;
        let documents = candidate.shape.documents;
        let why = if documents > 0.0 {
            format!("{:.0} % of the values of {} are documents.", documents * 100.0, candidate.name)
        } else if candidate.shape.text {
            format!("{} holds text that is no document.", candidate.name)
        } else {
            format!("{} holds bytes that cannot be read.", candidate.name)
        };
        Some(Choice::new(Field::new(&candidate.sql), 0.41 + worth / 15.0, why))
    }

    /// The other documents: by their name, by what they say, or since no others are left.
    pub(super) fn metadata(&mut self) -> Option<Choice> {
        if self.relation.rows == 0 {
            return self.promised(names::METADATA, 3.0);
        }
        let home = self.home.clone();
        let (candidate, worth) = self.best(|candidate| {
            let (shape, named) = (&candidate.shape, rank(names::METADATA, &candidate.name));
            let bytes = shape.bytes > 0.9 && shape.ids < 0.5 || shape.documents >= 0.3;
            let told = candidate.documents.iter().flatten().take(20).any(surrounds);
            if !bytes && named < 3.0
                || named < 2.0 && !told
                || names::is_former(&candidate.name)
                || !at_home(home.as_deref(), candidate)
            {
                return 0.0;
            }
            named + shape.documents + if told { 2.0 } else { 0.0 }
        })?;
        let why = format!("{} holds documents about the events.", candidate.name);
        Some(Choice::new(Field::new(&candidate.sql), 0.4 + worth / 16.0, why))
    }

    /// One field set by each row: the name of a column of the record, and its new value.
    pub(super) fn field_and_value(&mut self, event_type: &mut Option<Choice>) -> Option<Choice> {
        let key = self.key?;
        let streams = kinds::streams(self.relation, Some(key));
        let names = self.relation.candidates.iter().filter(|it| it.through.is_none());
        let field = names.clone().find(|it| {
            let few = it.shape.words > 0.9 && it.shape.distinct * 3 < it.shape.present;
            rank(names::FIELD_NAME, &it.name) >= 3.0 && few && kinds::differs(&streams, &it.values)
        })?;
        let value = names.clone().find(|it| rank(names::FIELD_VALUE, &it.name) >= 3.0 && !it.is_dead())?;
        // Where each field of a thing is there once, it is the thing's present state.
        let set: std::collections::HashSet<(&String, String)> =
            streams.iter().zip(field.values.iter().map(text)).collect();
        if set.len() * 10 > self.relation.rows * 9 {
            return None;
        }
        let why = format!("Each row gives {} a new {}.", field.name, value.name);
        *event_type = Some(Choice::new(Field::new(&field.sql), 0.5, why.clone()));
        Some(Choice::new(Field::new(format!("json_object({}, {})", field.sql, value.sql)), 0.6, why))
    }

    /// Whether data is only text, and called what somebody set something to.
    pub(super) fn is_a_value(&self, data: &Choice) -> bool {
        let column = self.relation.candidates.iter().find(|it| it.sql == data.field.sql);
        column.is_some_and(|it| it.shape.documents < 0.1 && rank(names::FIELD_VALUE, &it.name) >= 3.0)
    }

    /// What no field claims of a row is its data: one text or value alone, or several as the members of one document.
    pub(super) fn remainder(&mut self) -> Option<Choice> {
        let number = self.relation.table.rowid_alias().map(|it| it.name.clone());
        let own = |it: &Candidate| it.through.is_none() && it.inside.is_none();
        let left: Vec<(usize, &Candidate)> = self
            .free()
            .filter(|(_, it)| own(it) && number.as_deref() != Some(&it.name) && !is_mark(it) && !self.is_number(it))
            .collect();
        let telling: Vec<&Candidate> = left.iter().map(|(_, it)| *it).filter(|it| tells(it)).collect();
        // Who did it, or where, in a few words beside the one text that differs from row to row.
        let aside = |it: &&&Candidate| it.shape.words > 0.9 && it.shape.distinct <= 12;
        let beside = telling.iter().filter(aside).count();
        let free: Vec<&Candidate> = telling.iter().copied().filter(|it| !aside(&it)).collect();
        if let ([only], true) = (free.as_slice(), left.len() - beside == 1)
            && (only.shape.text || left.len() == 1)
        {
            let why = format!("No column holds a document, and {} is all that is left of a row.", only.name);
            return Some(Choice::new(Field::new(&only.sql), REMAINDER, why));
        }
        let members: Vec<&Candidate> = left.iter().map(|(_, it)| *it).collect();
        if members.is_empty() {
            return None;
        }
        let named: Vec<String> = members.iter().map(|it| format!("{}, {}", quoted_text(&it.name), it.sql)).collect();
        let why = format!(
            "No column holds a document: what no other field claims of a row is its data ({} columns).",
            members.len()
        );
        Some(Choice::new(Field::new(format!("members({})", named.join(", "))), REMAINDER, why))
    }

    /// Whether data that is only text is one of several things that a row says, and gives its column back: then all of
    /// them are the data.
    pub(super) fn is_one_of_several(&mut self, data: &Choice) -> bool {
        let Some(place) = self.relation.candidates.iter().position(|it| it.sql == data.field.sql) else { return false };
        let text = self.relation.get(place).is_some_and(|it| it.shape.text && it.shape.documents < 0.1);
        let own = |it: &Candidate| it.through.is_none() && it.inside.is_none() && !is_mark(it) && !self.is_number(it);
        let few = |it: &Candidate| it.shape.words > 0.9 && it.shape.distinct <= 12;
        let number = self.relation.table.rowid_alias().map(|it| it.name.clone());
        let left = self
            .free()
            .filter(|(_, it)| own(it) && tells(it) && !few(it) && number.as_deref() != Some(&it.name))
            .count();
        let several = text && left >= 2;
        if several {
            self.taken.retain(|taken| *taken != place);
        }
        several
    }

    /// Whether a column numbers the rows of the whole table.
    fn is_number(&self, candidate: &Candidate) -> bool {
        let shape = &candidate.shape;
        shape.integer && shape.ascending > 0.99 && shape.distinct == self.relation.rows
    }
}

/// How much a candidate looks like what an event says; 0 where it does not.
fn worth(relation: &Relation, candidate: &Candidate, keyed: bool) -> f32 {
    let (shape, named) = (&candidate.shape, rank(names::DATA, &candidate.name));
    let bytes = shape.bytes > 0.9 && shape.ids < 0.5 && shape.length >= 2.0;
    let free = shape.distinct * 3 > shape.present;
    // A little text that few rows share is a word for something; more is what somebody said.
    let told = (shape.text || shape.bytes > 0.0) && named >= 3.0 && (free || keyed && named >= 5.0) && shape.ids < 0.5;
    let opaque = bytes && (named > 0.0 || keyed || free) || told;
    let other = rank(names::METADATA, &candidate.name) > named;
    // What is the same in every row tells no event from another, unless it is a whole document beside an event's key.
    let says_much = keyed && shape.documents > 0.9;
    let same = shape.distinct == 1 && shape.present > 10 && !says_much;
    if other || same || shape.documents < 0.15 && !opaque || shape.moment.is_some() || is_mark(candidate) {
        return 0.0;
    }
    if relation.is_numbered(candidate) && !relation.is_of_dictionary(candidate) {
        return 0.0;
    }
    let keys: HashSet<String> = candidate.documents.iter().flatten().map(values::signature).collect();
    let diverse = if keys.len() > 2 { 0.7 } else { 0.0 };
    let former = if names::is_former(&candidate.name) { 3.0 } else { 0.0 };
    (shape.documents * 3.0 + named + diverse + (shape.length / 1000.0).min(0.5) + shape.coverage - former).max(0.05)
}

/// Whether data is made of what no other field claims.
pub(super) fn is_members(sql: &str) -> bool {
    sql.starts_with("members(")
}

/// How many bytes digests, signatures and keys have.
const MARKS: [usize; 6] = [16, 20, 32, 33, 48, 64];

/// Whether the values are marks of a fixed length: digests, signatures, keys. They prove something and say nothing.
fn is_mark(candidate: &Candidate) -> bool {
    if candidate.shape.documents > 0.0 {
        return false;
    }
    let length = |value: &Value| match value {
        Value::Blob(bytes) => Some(bytes.len()),
        Value::Text(text) if values::is_id(text) => Some(text.len()),
        _ => None,
    };
    let mut lengths = candidate.values.iter().filter(|it| !matches!(it, Value::Null)).map(length);
    let Some(Some(first)) = lengths.next() else { return false };
    let text = matches!(candidate.values.iter().find(|it| !matches!(it, Value::Null)), Some(Value::Text(_)));
    // A UUID has dashes between its digits.
    let fixed =
        if text { first == 36 || MARKS.contains(&(first / 2)) && first % 2 == 0 } else { MARKS.contains(&first) };
    fixed && candidate.shape.distinct * 2 > candidate.shape.present && lengths.all(|it| it == Some(first))
}

/// Whether a column could be all that an event says: text or a number that is not the same again and again.
fn tells(candidate: &Candidate) -> bool {
    candidate.shape.distinct > 1 && candidate.shape.moment.is_none()
}

/// A text of SQL.
fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether a document tells what surrounds an event: who, from where, by what.
fn surrounds(document: &serde_json::Value) -> bool {
    let roles = [names::CORRELATION, names::CAUSATION, names::ACTOR, names::METADATA];
    document.as_object().is_some_and(|it| it.keys().any(|key| roles.into_iter().any(|names| rank(names, key) >= 4.0)))
}
