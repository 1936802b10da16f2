//! A table, or several as one, read as a log of events: the mapping that comes of it, and what speaks for it.

use std::sync::Arc;

use rusqlite::Connection;

use super::super::detection::{Confidence, Detection, FieldReason};
use super::super::field::Field;
use super::super::file::Profile;
use super::super::fit;
use super::super::mapping::Mapping;
use super::super::schema::Table;
use super::super::tables::{Checkpoints, NamedTables};
use super::fields::{Fields, WEAK};
use super::key::{self, Key};
use super::links::Neighbours;
use super::relation::Relation;
use super::spread::Spread;
use super::{NAME, THRESHOLD, batches, changes, columns, data, documents, names, score};

/// Below this the doubts are said.
const SURE: f32 = 0.6;

/// The fields beside the stream and its version: in columns first, then inside the documents, which may tell the stream,
/// too.
fn find_fields(relation: &mut Relation, key: &mut Option<Key>) -> Fields {
    let mut fields = columns::find(relation, key.as_ref());
    let weak = fields.event_type.take_if(|choice| choice.confidence <= WEAK);
    documents::look_inside(relation, key, &mut fields);
    fields.event_type = fields.event_type.or(weak);
    fields
}

/// One table, read as a log of events.
pub(super) struct Guess {
    pub(super) relation: Relation,
    key: Option<Key>,
    fields: Fields,
    pub(super) score: f32,
}

impl Guess {
    /// The table as events, where it looks like them.
    pub(super) fn of(conn: &Connection, tables: &Neighbours<'_>, table: &Table) -> rusqlite::Result<Option<Self>> {
        Ok(Self::read(conn, tables, table)?.filter(|guess| guess.score >= THRESHOLD))
    }

    /// The table as events, whatever it looks like; `None` where nothing could be an event's data.
    pub(super) fn read(conn: &Connection, tables: &Neighbours<'_>, table: &Table) -> rusqlite::Result<Option<Self>> {
        Self::of_relation(conn, Relation::read(conn, tables, table)?)
    }

    /// Several tables as one log, whatever they look like.
    pub(super) fn of_spread(conn: &Connection, spread: &Spread<'_>) -> rusqlite::Result<Option<Self>> {
        Self::of_relation(conn, spread.relation(conn)?)
    }

    fn of_relation(conn: &Connection, mut relation: Relation) -> rusqlite::Result<Option<Self>> {
        let mut key = Key::find(conn, &relation)?;
        let mut fields = find_fields(&mut relation, &mut key);
        // A version that goes on by several at a time only shows once the data is known.
        let data = fields.data.as_ref().and_then(|data| relation.candidates.iter().find(|it| it.sql == data.field.sql));
        if let Some(batched) = data.and_then(|data| batches::key(&relation, data)) {
            key = Some(batched);
            fields = find_fields(&mut relation, &mut key);
        }
        let score = score::score(&relation, key.as_ref(), &fields);
        Ok(fields.data.is_some().then_some(Self { relation, key, fields, score }))
    }

    pub(super) fn detection(self, conn: &Connection, tables: &[Table]) -> Option<Detection> {
        let mut mapping = self.mapping();
        let event_type = self.fields.event_type.as_ref().map(|choice| choice.field.sql.as_str());
        let state = event_type.and_then(|sql| changes::state(&self.relation, sql));
        if let Some(sql) = event_type.filter(|_| state.is_some())
            && let Some(data) = changes::with_nulls(&self.relation, sql, &mapping.data.sql)
        {
            mapping.data.sql = data;
        }
        let confidence = Confidence::new(self.score.min(0.89));
        let name = &self.relation.table.name;
        let profile = Profile {
            name: NAME.to_owned(),
            title: self.title(),
            detect: self.relation.detected(),
            tables: beside(tables, name),
            state,
            events: mapping,
            ..Profile::default()
        };
        let fitted = fit::fit(conn, tables, &profile).ok()?;
        // What is in doubt comes first: a line that has no room for all of it is cut at its end.
        let reason = format!("No profile fits. {}{}", self.doubts(), self.story());
        Some(Detection { profile: Arc::new(fitted.profile), confidence, reason, fields: self.reasons() })
    }

    fn title(&self) -> String {
        match self.relation.parts.as_slice() {
            [] => format!("Guess from the table {}", self.relation.table.name),
            [first, ..] => format!("Guess from {} tables such as {first}", self.relation.parts.len()),
        }
    }

    fn mapping(&self) -> Mapping {
        let (table, position) = self.home();
        let stream_order = position.clone().filter(|_| self.version().is_none()).into_iter().collect();
        // Tables that do not share their numbers share their clock.
        let spread = !self.relation.parts.is_empty() && position.is_none();
        let time = self.fields.timestamp.as_ref().map(|time| time.field.sql.clone());
        let order = if spread { time.into_iter().chain(self.relation.ties.clone()).collect() } else { Vec::new() };
        let mut mapping = Mapping {
            order,
            from: self.relation.from.clone(),
            table: table.to_owned(),
            filter: self.filter(),
            position: position.map(Field::new),
            stream_order,
            aggregate_id: self.key.as_ref().map(|key| Field::new(&key.id_sql)),
            version: self.version().map(Field::new),
            data: self.fields.data.as_ref().map(|choice| choice.field.clone()).unwrap_or_default(),
            ..Mapping::default()
        };
        for (name, field) in mapping.optional_fields_mut() {
            if let Some(choice) = self.fields.get(name) {
                *field = Some(choice.field.clone());
            }
        }
        mapping
    }

    /// Whether it says what happened, and when: tables that share no more than names share no log.
    pub(super) fn tells_what_and_when(&self) -> bool {
        self.fields.event_type.is_some() && self.fields.timestamp.is_some()
    }

    /// Whether the table is named like one that follows from a log of events.
    pub(super) fn is_secondary(&self) -> bool {
        names::table_hint(self.home().0) < 0.0
    }

    pub(super) fn home(&self) -> (&str, Option<String>) {
        self.relation.home(self.fields.data.as_ref().map_or("", |data| &data.field.sql))
    }

    /// Where another table says which streams an event is in, some of its rows are links: those that have no version,
    /// or that name another stream as the original one.
    fn filter(&self) -> Option<String> {
        if self.home().0 == self.relation.table.name {
            return None;
        }
        let column = |place: usize| self.relation.get(place);
        let originals = self.key.as_ref()?.id.iter().filter_map(|id| {
            let id = column(*id)?;
            let original = self.relation.own(&format!("original_{}", id.name)).and_then(column)?;
            Some(format!("{} = {}", id.sql, original.sql))
        });
        let original = originals.reduce(|a, b| format!("{a} AND {b}"));
        original.or_else(|| self.version().map(|version| format!("{version} IS NOT NULL")))
    }

    fn version(&self) -> Option<&str> {
        self.key.as_ref()?.version_sql.as_deref()
    }

    /// What speaks for the table, in a sentence.
    pub(super) fn story(&self) -> String {
        let table = match self.relation.parts.as_slice() {
            [] => format!("table {}", self.home().0),
            parts => format!("tables {}", parts.join(", ")),
        };
        let stream = self.key.as_ref().map_or("no column names a stream".to_owned(), |key| key.reason.clone());
        let count = self.fields.all().filter(|(_, choice)| choice.is_some()).count();
        format!("In the {table} {stream}; {count} more fields were found by their values and names.")
    }

    /// What speaks against it where that is much, in a sentence with a blank after it.
    fn doubts(&self) -> String {
        if self.score >= SURE {
            return String::new();
        }
        let weak = self.fields.event_type.as_ref().is_some_and(|choice| choice.confidence <= WEAK);
        let data = self.fields.data.as_ref().is_some_and(|choice| choice.confidence <= data::REMAINDER);
        let doubts = [
            (self.key.is_none(), "no column repeats like what events are about"),
            (self.version().is_none(), "nothing counts the events of a stream"),
            (self.fields.event_type.is_none(), "nothing says what happened"),
            (weak, "what is taken for the type is only a column of few words"),
            (self.fields.timestamp.is_none(), "nothing says when"),
            (data, "no column holds a document"),
        ];
        let doubts: Vec<&str> = doubts.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect();
        if doubts.is_empty() { String::new() } else { format!("This is a guess: {}. ", doubts.join("; ")) }
    }

    fn reasons(&self) -> Vec<FieldReason> {
        let table = FieldReason {
            field: "table",
            source: Some(self.home().0.to_owned()),
            confidence: Confidence::new(self.score.min(0.89)),
            reason: self.story(),
        };
        let (_, position) = self.home();
        let reason = match position.as_deref() {
            Some(sql) if sql.ends_with("rowid") => "No column numbers the rows; SQLite's own row number does.",
            Some(_) => "It is unique, and numbers the rows in their order.",
            None if !self.relation.parts.is_empty() => {
                "The tables share no numbers; events are counted in the order of time."
            }
            None => "Rows have no number; events are counted in the order of the primary key.",
        };
        let confidence = Confidence::new(if position.is_some() { 0.9 } else { 0.5 });
        let position = FieldReason { field: "position", source: position, confidence, reason: reason.to_owned() };
        let mut reasons = vec![table, position];
        reasons.extend(key::reasons(self.key.as_ref()));
        reasons.extend(
            self.fields.all().map(|(field, choice)| choice.as_ref().map_or_else(|| none(field), |it| it.reason(field))),
        );
        reasons
    }
}

fn none(field: &'static str) -> FieldReason {
    let reason = "No column and no part of the documents looks like it.".to_owned();
    FieldReason { field, source: None, confidence: Confidence::new(0.5), reason }
}

/// What the names of the other tables say about them.
fn beside(tables: &[Table], events: &str) -> NamedTables {
    let named = |words: &[&str]| -> Vec<String> {
        let others = tables.iter().map(|table| &table.name).filter(|name| *name != events);
        others.filter(|name| words.iter().any(|word| name.to_lowercase().contains(word))).cloned().collect()
    };
    NamedTables {
        streams: named(&["stream"]),
        commands: named(&["command"]),
        snapshots: named(&["snapshot"]),
        projections: named(&["projection", "readmodel", "read_model", "_view"]),
        checkpoints: named(&["checkpoint", "subscription", "tracking", "cursor"])
            .into_iter()
            .map(|table| Checkpoints { table, ..Checkpoints::default() })
            .collect(),
        archives: Vec::new(),
    }
}
