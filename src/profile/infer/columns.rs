//! The first pass: which column is which field, by what its values are and then by what it is called.

use rusqlite::types::Value;

use super::super::field::Field;
use super::fields::{Choice, Fields};
use super::key::Key;
use super::kinds::{self, Rows};
use super::names::{self, Names, rank};
use super::relation::{Candidate, Relation};
use super::values::{is_modern, text};
use crate::codec::Format;

/// Finds the field that each column may be, most certain ones first: what is taken is free for no other.
pub(super) fn find(relation: &Relation, key: Option<&Key>) -> Fields {
    let mut search = Search::new(relation, key);
    let mut fields = Fields { data: search.data(), ..Fields::default() };
    search.home = fields.data.as_ref().and_then(|data| relation.home_prefix(&data.field.sql));
    fields.timestamp = search.timestamp();
    fields.metadata = search.metadata();
    search.rows = Rows::new(relation, key, search.candidate(fields.data.as_ref()));
    fields.event_type = search.event_type().or_else(|| search.flags());
    fields.aggregate_type = search.aggregate_type();
    if fields.data.is_none() {
        fields.data = search.field_and_value(&mut fields.event_type);
    }
    fields.event_id = search.event_id();
    fields.schema_version = search.named(names::SCHEMA_VERSION, 3.0);
    fields.actor_type = search.named(names::ACTOR_TYPE, 4.0);
    fields.actor = search.named(names::ACTOR, 2.4);
    fields.source = search.named(names::SOURCE, 3.0);
    fields.causation_id = search.named(names::CAUSATION, 2.5);
    fields.correlation_id = search.named(names::CORRELATION, 2.0);
    fields
}

/// The candidates that are still free.
struct Search<'a> {
    relation: &'a Relation,
    key: Option<&'a Key>,
    taken: Vec<usize>,
    rows: Rows,
    /// What the expressions for the columns of the events' table begin with, where that is another one.
    home: Option<String>,
}

impl<'a> Search<'a> {
    fn new(relation: &'a Relation, key: Option<&'a Key>) -> Self {
        let mut taken: Vec<usize> =
            key.map(|key| key.id.iter().copied().chain(key.kind).chain(key.version).collect()).unwrap_or_default();
        // A label of the id is taken with it.
        taken.extend(relation.candidates.iter().position(|it| key.is_some_and(|key| key.id_sql == it.sql)));
        Self { relation, key, taken, rows: Rows::new(relation, key, None), home: None }
    }

    fn candidate(&self, choice: Option<&Choice>) -> Option<&'a Candidate> {
        self.relation.candidates.iter().find(|it| choice.is_some_and(|choice| choice.field.sql == it.sql))
    }

    fn describes_stream(&self, candidate: &Candidate) -> bool {
        self.key.is_some_and(|key| key.describes_stream(self.relation, candidate))
    }

    /// Whether a candidate is a column of the table of the events.
    fn is_at_home(&self, candidate: &Candidate) -> bool {
        at_home(self.home.as_deref(), candidate)
    }

    fn free(&self) -> impl Iterator<Item = (usize, &'a Candidate)> {
        let empty = self.relation.rows == 0;
        let candidates = self.relation.candidates.iter().enumerate();
        candidates.filter(move |(place, it)| {
            !self.taken.contains(place) && (empty || !it.is_dead()) && !self.describes_stream(it)
        })
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
        if self.relation.rows == 0 {
            return self.promised(names::TIMESTAMP, 3.0);
        }
        let home = self.home.clone();
        let (candidate, worth) = self.best(|candidate| {
            let (shape, named) = (&candidate.shape, rank(names::TIMESTAMP, &candidate.name));
            let Some(format) = shape.moment.filter(|_| !names::changes(&candidate.name)) else { return 0.0 };
            // Numbers are more often something else: without a name they must be of our time and count up.
            let counts = shape.ascending > 0.95 && shape.distinct * 4 > shape.present;
            if !shape.text && (!is_modern(&candidate.values, format) || named < 1.0 && !counts) {
                return 0.0;
            }
            let foreign = if at_home(home.as_deref(), candidate) { 0.0 } else { 3.0 };
            (1.0 + named + 2.0 * shape.ascending + shape.coverage - foreign).max(0.1)
        })?;
        let format = candidate.shape.moment.unwrap_or(Format::Auto);
        let why = format!("The values of {} are moments.", candidate.name);
        let choice = Choice::new(Field::new(&candidate.sql).with_format(format), 0.55 + worth / 22.0, why);
        Some(self.with_fraction(candidate, choice))
    }

    /// Seconds whose fraction is in a column of its own, of the same name and more.
    fn with_fraction(&self, seconds: &Candidate, choice: Choice) -> Choice {
        let belongs =
            |it: &Candidate| it.name != seconds.name && it.name.starts_with(&seconds.name) && it.shape.integer;
        let fraction = self.free().map(|(_, it)| it).find(|it| belongs(it));
        let (Some(fraction), Format::UnixSeconds) = (fraction, choice.field.format) else { return choice };
        let most = fraction.values.iter().filter_map(|value| text(value).parse::<i64>().ok()).max().unwrap_or(0);
        let (factor, format) = match most {
            ..1_000 => (1_000, Format::UnixMillis),
            1_000..1_000_000 => (1_000_000, Format::UnixMicros),
            _ => (1_000_000_000, Format::UnixNanos),
        };
        let sql = format!("{} * {factor} + {}", seconds.sql, fraction.sql);
        let why = format!("{} holds the fraction of the seconds in {}.", fraction.name, seconds.name);
        Choice::new(Field::new(sql).with_format(format), choice.confidence, why)
    }

    /// Documents; or bytes, where they are named like data or stand beside a stream and its version.
    fn data(&mut self) -> Option<Choice> {
        if self.relation.rows == 0 {
            return self.promised(names::DATA, 3.0);
        }
        let keyed = self.key.is_some_and(|key| key.version.is_some());
        let relation = self.relation;
        let (candidate, worth) = self.best(|candidate| {
            let (shape, named) = (&candidate.shape, rank(names::DATA, &candidate.name));
            let bytes = shape.bytes > 0.9 && shape.ids < 0.5 && shape.length >= 2.0;
            let opaque = bytes && (named > 0.0 || keyed) || keyed && shape.text && named >= 5.0;
            if rank(names::METADATA, &candidate.name) > named
                || shape.documents < 0.3 && !opaque
                || shape.moment.is_some()
            {
                return 0.0;
            }
            if relation.is_numbered(candidate) && !relation.is_of_dictionary(candidate) {
                return 0.0;
            }
            let keys = candidate
                .documents
                .iter()
                .flatten()
                .map(super::values::signature)
                .collect::<std::collections::HashSet<_>>();
            let diverse = if keys.len() > 2 { 0.7 } else { 0.0 };
            let former = if names::is_former(&candidate.name) { 3.0 } else { 0.0 };
            (shape.documents * 3.0 + named + diverse + (shape.length / 1000.0).min(0.5) + shape.coverage - former)
                .max(0.05)
        })?;
        let documents = candidate.shape.documents;
        let why = if documents > 0.0 {
            format!("{:.0} % of the values of {} are documents.", documents * 100.0, candidate.name)
        } else {
            format!("{} holds bytes that cannot be read.", candidate.name)
        };
        Some(Choice::new(Field::new(&candidate.sql), 0.3 + worth / 13.0, why))
    }

    /// The other documents: by their name, by what they say, or since no others are left.
    fn metadata(&mut self) -> Option<Choice> {
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

    fn event_type(&mut self) -> Option<Choice> {
        if self.relation.rows == 0 {
            return self.promised(names::EVENT_TYPE, 3.0);
        }
        let ranked = self.free().map(|(place, it)| (self.rows.type_worth(it), place, it));
        let (worth, place, candidate) = ranked.filter(|it| it.0 > 0.0).max_by(|a, b| a.0.total_cmp(&b.0))?;
        self.taken.push(place);
        let why = format!("The values of {} are few, look like names and change within a stream.", candidate.name);
        Some(Choice::new(Field::new(&candidate.sql), 0.4 + worth / 16.0, why))
    }

    /// Columns of which one at most is set, each named like what happened.
    fn flags(&self) -> Option<Choice> {
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
    fn aggregate_type(&mut self) -> Option<Choice> {
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

    /// One field set by each row: the name of a column of the record, and its new value.
    fn field_and_value(&mut self, event_type: &mut Option<Choice>) -> Option<Choice> {
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

    fn event_id(&mut self) -> Option<Choice> {
        let linked = self.home.as_ref().and_then(|_| {
            let through = self.candidate_at_home()?.through.as_deref()?;
            self.relation.own(through).and_then(|place| self.relation.get(place))
        });
        if let Some(link) = linked.filter(|it| it.shape.ids > 0.5 || rank(names::EVENT_ID, &it.name) > 2.0) {
            return Some(Choice::new(Field::new(&link.sql), 0.8, format!("{} leads to the event.", link.name)));
        }
        let number = self.relation.table.rowid_alias().map(|it| it.name.clone());
        let (candidate, worth) = self.best(|candidate| {
            let (shape, named) = (&candidate.shape, rank(names::EVENT_ID, &candidate.name));
            let numbered = shape.integer && (number.as_deref() != Some(&candidate.name) || named < 5.0);
            let differ = candidate.unique || shape.present > 20 && shape.distinct == shape.present;
            let other = candidate.through.as_deref().is_some_and(|it| !candidate.unique || it.is_empty());
            if differ
                && !numbered
                && !other
                && (named > 0.0 || shape.ids > 0.9)
                && shape.documents < 0.5
                && shape.coverage > 0.9
            {
                0.5 + named + shape.ids
            } else {
                0.0
            }
        })?;
        let why = format!("{} is different in every row, and an id.", candidate.name);
        let sql =
            if candidate.shape.bytes > 0.5 { format!("id_text({})", candidate.sql) } else { candidate.sql.clone() };
        Some(Choice::new(Field::new(sql), 0.5 + worth / 14.0, why))
    }

    /// Any column of the events' table, where that is another one.
    fn candidate_at_home(&self) -> Option<&'a Candidate> {
        self.relation.candidates.iter().find(|it| it.through.is_some() && self.is_at_home(it))
    }

    fn named(&mut self, role: Names, least: f32) -> Option<Choice> {
        let (candidate, worth) = self.best(|candidate| {
            let worth = rank(role, &candidate.name);
            if worth >= least && candidate.shape.documents < 0.5 { worth } else { 0.0 }
        })?;
        Some(Choice::new(
            Field::new(&candidate.sql),
            0.3 + worth / 10.0,
            format!("{} is named like it.", candidate.name),
        ))
    }

    /// The column that a name promises, in a table without rows.
    fn promised(&mut self, role: Names, least: f32) -> Option<Choice> {
        let (candidate, worth) = self.best(|candidate| {
            let worth = rank(role, &candidate.name);
            let other =
                [names::AGGREGATE_TYPE, names::METADATA].into_iter().any(|it| rank(it, &candidate.name) > worth);
            if worth >= least && !other && candidate.through.is_none() { worth } else { 0.0 }
        })?;
        let why = format!("{} is named like it; there is no row to look at yet.", candidate.name);
        Some(Choice::new(Field::new(&candidate.sql), 0.2 + worth / 15.0, why))
    }
}

/// Whether a candidate is a column of the table of the events, which another alias may stand for.
fn at_home(home: Option<&str>, candidate: &Candidate) -> bool {
    home.map_or(candidate.through.is_none(), |home| candidate.sql.starts_with(home))
}

/// Whether a document tells what surrounds an event: who, from where, by what.
fn surrounds(document: &serde_json::Value) -> bool {
    let roles = [names::CORRELATION, names::CAUSATION, names::ACTOR, names::METADATA];
    document.as_object().is_some_and(|it| it.keys().any(|key| roles.into_iter().any(|names| rank(names, key) >= 4.0)))
}
