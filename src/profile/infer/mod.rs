//! Guesses where the events are in a database that no profile describes.
//!
//! The strongest evidence is structural, not lexical: a unique pair of an id and an integer that is dense for each id,
//! from 0 or 1, is a stream and its version, whatever the columns are called. Names break ties; sampled values decide
//! encodings and time formats; what no column holds is looked for inside the documents. Every field carries its
//! confidence and its reason.
//!
//! | file | the question that it answers |
//! | --- | --- |
//! | `relation`, `links` | What is there to choose from: the table's columns, and those of tables that it leads to? |
//! | `values` | What do sampled values look like? |
//! | `names` | What do names suggest? |
//! | `key`, `subject` | Which columns are the stream and its version? What are rows about that nothing counts? |
//! | `density` | Does an integer count the rows of each id without a gap? |
//! | `batches` | Does a row hold several events? |
//! | `columns` | Which column is which other field? |
//! | `kinds` | Which column of few words is the event's type, and not who acted or how it stands? |
//! | `documents` | What do the documents tell that no column does? |
//! | `fields` | What was found, how surely, and why? |
//! | `score` | Is it a log of events at all? |

mod batches;
mod columns;
mod density;
mod documents;
mod fields;
mod key;
mod kinds;
mod links;
mod names;
mod relation;
mod score;
mod subject;
mod values;

use std::sync::Arc;

use indexmap::IndexMap;
use rusqlite::Connection;

use crate::error::Result;

use super::detection::{Confidence, Detection, FieldReason};
use super::field::Field;
use super::file::Profile;
use super::mapping::Mapping;
use super::schema::{self, Table, TableKind};
use super::tables::NamedTables;
use super::{fit, functions};
use fields::Fields;
use key::Key;
use relation::Relation;

pub(super) use names::{VERSION, rank, words};
pub(super) use relation::plain;
pub(super) use values::time_format;

/// What a profile is called that was guessed.
pub(super) const NAME: &str = "inferred";

/// Below this a table is not offered: it is a plain table.
const THRESHOLD: f32 = 0.5;

/// The tables of a database that look like a log of events, best first. Empty: nothing does.
///
/// # Errors
/// Those of SQLite.
pub fn infer(conn: &Connection) -> Result<Vec<Detection>> {
    functions::install(conn)?;
    let tables = schema::read(conn)?;
    let mut guesses: Vec<Guess> = Vec::new();
    for table in tables.iter().filter(|table| table.kind == TableKind::Table) {
        // A table that cannot be sampled is no log of events; the database may still hold one.
        if let Ok(Some(guess)) = Guess::of(conn, &tables, table) {
            guesses.push(guess);
        }
    }
    // Snapshots and what waits to be sent look like events: they are only believed where there is nothing else.
    if guesses.iter().any(|guess| !guess.is_secondary()) {
        guesses.retain(|guess| !guess.is_secondary());
    }
    guesses.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.relation.rows.cmp(&a.relation.rows)));
    let mut found: Vec<Detection> = Vec::new();
    for guess in guesses {
        // A table and one that links to it may both lead to the same events.
        let known = found.iter().any(|it| it.profile.events.table == guess.home().0);
        found.extend(guess.detection(conn, &tables).filter(|_| !known));
    }
    Ok(found)
}

/// One table, read as a log of events however little it looks like one: a person says that it is. `None` where it has
/// no rows to judge by, or nothing that could be an event's data.
///
/// # Errors
/// Those of SQLite.
pub fn infer_table(conn: &Connection, name: &str) -> Result<Option<Detection>> {
    functions::install(conn)?;
    let tables = schema::read(conn)?;
    let Some(table) = schema::find(&tables, name) else { return Ok(None) };
    let guess = Guess::read(conn, &tables, table)?;
    Ok(guess.filter(|guess| guess.relation.rows > 0).and_then(|guess| {
        let reason = guess.story();
        guess.detection(conn, &tables).map(|found| Detection { reason, ..found })
    }))
}

/// The fields beside the stream and its version: in columns first, then inside the documents, which may tell the stream,
/// too.
fn find_fields(relation: &mut Relation, key: &mut Option<Key>) -> Fields {
    let mut fields = columns::find(relation, key.as_ref());
    documents::look_inside(relation, key, &mut fields);
    fields
}

/// One table, read as a log of events.
struct Guess {
    relation: Relation,
    key: Option<Key>,
    fields: Fields,
    score: f32,
}

impl Guess {
    /// The table as events, where it looks like them.
    fn of(conn: &Connection, tables: &[Table], table: &Table) -> rusqlite::Result<Option<Self>> {
        Ok(Self::read(conn, tables, table)?.filter(|guess| guess.score >= THRESHOLD))
    }

    /// The table as events, whatever it looks like; `None` where nothing could be an event's data.
    fn read(conn: &Connection, tables: &[Table], table: &Table) -> rusqlite::Result<Option<Self>> {
        let mut relation = Relation::read(conn, tables, table)?;
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

    fn detection(self, conn: &Connection, tables: &[Table]) -> Option<Detection> {
        let mapping = self.mapping();
        let confidence = Confidence::new(self.score.min(0.89));
        let name = &self.relation.table.name;
        let profile = Profile {
            name: NAME.to_owned(),
            title: format!("Guess from the table {name}"),
            detect: IndexMap::from([(name.clone(), self.relation.own_columns())]),
            tables: beside(tables, name),
            events: mapping,
            ..Profile::default()
        };
        let fitted = fit::fit(conn, tables, &profile).ok()?;
        let reason = format!("No profile fits. {}", self.story());
        Some(Detection { profile: Arc::new(fitted.profile), confidence, reason, fields: self.reasons() })
    }

    fn mapping(&self) -> Mapping {
        let (table, position) = self.home();
        let stream_order = position.clone().filter(|_| self.version().is_none()).into_iter().collect();
        let mut mapping = Mapping {
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

    /// Whether the table is named like one that follows from a log of events.
    fn is_secondary(&self) -> bool {
        names::table_hint(self.home().0) < 0.0
    }

    fn home(&self) -> (&str, Option<String>) {
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
    fn story(&self) -> String {
        let table = self.home().0;
        let stream = self.key.as_ref().map_or("no column names a stream".to_owned(), |key| key.reason.clone());
        let count = self.fields.all().filter(|(_, choice)| choice.is_some()).count();
        format!("In the table {table} {stream}; {count} more fields were found by their values and names.")
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
            .map(|table| super::Checkpoints { table, ..super::Checkpoints::default() })
            .collect(),
        archives: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
