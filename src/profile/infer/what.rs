//! Which column says what happened, and which what kind of thing it happened to.

use rusqlite::types::Value;

use super::super::field::Field;
use super::columns::Search;
use super::fields::{Choice, WEAK};
use super::key::Key;
use super::kinds;
use super::names::{self, rank};
use super::relation::Candidate;
use super::values::text;

impl Search<'_> {
    pub(super) fn event_type(&mut self) -> Option<Choice> {
        if self.relation.rows == 0 {
            return self.promised(names::EVENT_TYPE, 3.0);
        }
        // What a row refers to has types of its own; a name behind a number is in a table that has little else.
        let own = |it: &Candidate| it.through.is_none() || self.relation.is_of_dictionary(it) || self.is_at_home(it);
        let ranked = self.free().filter(|(_, it)| own(it)).map(|(place, it)| (self.rows.type_worth(it), place, it));
        let (worth, place, candidate) = ranked.filter(|it| it.0 > 0.0).max_by(|a, b| a.0.total_cmp(&b.0))?;
        self.taken.push(place);
        let why = format!("The values of {} are few, look like names and change within a stream.", candidate.name);
        let weak = self.rows.is_weak(candidate);
        let confidence = if weak { WEAK } else { (0.4 + worth / 16.0).max(WEAK + 0.01) };
        Some(Choice::new(Field::new(&candidate.sql), confidence, why))
    }

    /// Columns of which one at most is set, each named like what happened.
    pub(super) fn flags(&self) -> Option<Choice> {
        let flag = |it: &&Candidate| {
            let set = |value: &Value| matches!(value, Value::Integer(0 | 1));
            it.through.is_none() && it.name.ends_with("ed") && it.shape.distinct == 2 && it.values.iter().all(set)
        };
        let flags: Vec<&Candidate> = self.free().map(|(_, it)| it).filter(flag).collect();
        let both = |row: usize| flags.iter().filter(|it| it.values.get(row) == Some(&Value::Integer(1))).count() > 1;
        if flags.len() < 2 || (0..self.relation.rows).any(both) {
            return None;
        }
        let cases: Vec<String> =
            flags.iter().map(|it| format!("WHEN {} THEN '{}'", it.sql, it.name.replace('\'', "''"))).collect();
        let names: Vec<&str> = flags.iter().map(|it| it.name.as_str()).collect();
        let why = format!("Of {} one at most is set.", names.join(" and "));
        Some(Choice::new(Field::new(format!("CASE {} ELSE 'updated' END", cases.join(" "))), 0.5, why))
    }

    /// A column of the key, else one that is the same all through a stream, else what the stream's name begins with.
    pub(super) fn aggregate_type(&mut self) -> Option<Choice> {
        let key = self.key?;
        if let Some(kind) = key.kind.and_then(|place| self.relation.get(place)) {
            let why = format!("{} is a part of the key, with few values.", kind.name);
            return Some(Choice::new(Field::new(&kind.sql), 0.9, why));
        }
        let streams = kinds::streams(self.relation, Some(key));
        let fits = |candidate: &Candidate, named: f32| {
            let shape = &candidate.shape;
            named >= 2.0
                && shape.words > 0.9
                && shape.coverage > 0.6
                && shape.distinct * 2 < shape.present.max(8)
                && !kinds::differs(&streams, &candidate.values)
        };
        let column = self.best(|candidate| {
            let named = rank(names::AGGREGATE_TYPE, &candidate.name);
            if fits(candidate, named) { named } else { 0.0 }
        });
        if let Some((candidate, worth)) = column {
            let why = format!("{} is the same all through a stream.", candidate.name);
            return Some(Choice::new(Field::new(&candidate.sql), 0.5 + worth / 12.0, why));
        }
        self.prefix(key)
    }

    fn prefix(&self, key: &Key) -> Option<Choice> {
        let [id] = key.id.as_slice() else { return None };
        let own = self.relation.get(*id)?;
        let candidate = self.relation.candidates.iter().find(|candidate| candidate.sql == key.id_sql).unwrap_or(own);
        let separator = ['$', '-', ':', '/', '|', '_'].into_iter().find(|separator| {
            let before = |value: &Value| text(value).split_once(*separator).map(|(before, _)| before.to_owned());
            let word = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_alphabetic() || "_.:".contains(c));
            let there: Vec<&Value> = candidate.values.iter().filter(|value| **value != Value::Null).collect();
            let good = there.iter().filter(|value| before(value).is_some_and(|it| word(&it))).count();
            good * 20 > there.len() * 19
        })?;
        let sql = &key.id_sql;
        let field = Field::new(format!("substr({sql}, 1, instr({sql}, '{separator}') - 1)"));
        Some(Choice::new(field, 0.6, format!("Every {} begins with a word and `{separator}`.", candidate.name)))
    }
}
