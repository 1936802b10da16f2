//! The first pass: which column is which field, by what its values are and then by what it is called. The order in which
//! fields take their columns is here, with those that names alone tell; the others have a file each.

use super::super::field::Field;
use super::fields::{Choice, Fields, WEAK};
use super::key::Key;
use super::kinds::Rows;
use super::names::{self, Names, rank};
use super::relation::{Candidate, Relation};

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
    } else if fields.data.as_ref().is_some_and(|data| search.is_a_value(data)) {
        // A text that is called a value says more beside the name of what it is the value of.
        let mut set = None;
        if let Some(data) = search.field_and_value(&mut set) {
            let told = fields.event_type.take_if(|known| known.confidence > WEAK);
            fields = Fields { data: Some(data), event_type: told.or(set), ..fields };
        }
    }
    fields.event_id = search.event_id();
    fields.schema_version = search.named(names::SCHEMA_VERSION, 3.0);
    fields.actor_type = search.named(names::ACTOR_TYPE, 4.0);
    fields.actor = search.named(names::ACTOR, 2.4);
    fields.source = search.named(names::SOURCE, 3.0);
    fields.causation_id = search.named(names::CAUSATION, 2.5);
    fields.correlation_id = search.named(names::CORRELATION, 2.0);
    if relation.rows > 0 && fields.data.as_ref().is_none_or(|data| search.is_one_of_several(data)) {
        fields.data = search.remainder().or(fields.data);
    }
    fields
}

/// The candidates that are still free.
pub(super) struct Search<'a> {
    pub(super) relation: &'a Relation,
    pub(super) key: Option<&'a Key>,
    pub(super) taken: Vec<usize>,
    pub(super) rows: Rows,
    /// What the expressions for the columns of the events' table begin with, where that is another one.
    pub(super) home: Option<String>,
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
    pub(super) fn is_at_home(&self, candidate: &Candidate) -> bool {
        at_home(self.home.as_deref(), candidate)
    }

    pub(super) fn free(&self) -> impl Iterator<Item = (usize, &'a Candidate)> {
        let empty = self.relation.rows == 0;
        let candidates = self.relation.candidates.iter().enumerate();
        candidates.filter(move |(place, it)| {
            !self.taken.contains(place) && (empty || !it.is_dead()) && !self.describes_stream(it)
        })
    }

    /// The candidate with the highest worth above zero; it is free no longer.
    pub(super) fn best(&mut self, worth: impl Fn(&Candidate) -> f32) -> Option<(&'a Candidate, f32)> {
        let ranked = self.free().map(|(place, candidate)| (worth(candidate), place, candidate));
        let (worth, place, candidate) =
            ranked.filter(|(worth, ..)| *worth > 0.0).reduce(|a, b| if b.0 > a.0 { b } else { a })?;
        self.taken.push(place);
        Some((candidate, worth))
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
    pub(super) fn promised(&mut self, role: Names, least: f32) -> Option<Choice> {
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
pub(super) fn at_home(home: Option<&str>, candidate: &Candidate) -> bool {
    home.map_or(candidate.through.is_none(), |home| candidate.sql.starts_with(home))
}
