//! Guesses where the events are in a database that no profile describes.
//!
//! The strongest evidence is structural, not lexical: a unique pair of an id and an integer that is dense for each id,
//! from 0 or 1, is a stream and its version, whatever the columns are called. Names break ties; sampled values decide
//! encodings and time formats; what no column holds is looked for inside the documents. Every field carries its
//! confidence and its reason.

mod documents;
mod key;
mod names;
mod relation;
mod roles;
mod values;

use std::sync::Arc;

use indexmap::IndexMap;
use rusqlite::Connection;

use crate::error::Result;

use super::detection::{Confidence, Detection, FieldReason};
use super::field::{Field, Format};
use super::file::Profile;
use super::mapping::Mapping;
use super::schema::{self, Table, TableKind};
use super::tables::NamedTables;
use super::{fit, functions};
use key::Key;
use relation::Relation;
use roles::{Choice, Roles};

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
    guesses.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(guesses.into_iter().filter_map(|guess| guess.detection(conn, &tables)).collect())
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
    Ok(guess.and_then(|guess| {
        let reason = guess.story();
        guess.detection(conn, &tables).map(|found| Detection { reason, ..found })
    }))
}

/// One table, read as a log of events.
struct Guess {
    relation: Relation,
    key: Option<Key>,
    roles: Roles,
    score: f32,
}

impl Guess {
    /// The table as events, where it looks like them.
    fn of(conn: &Connection, tables: &[Table], table: &Table) -> rusqlite::Result<Option<Self>> {
        Ok(Self::read(conn, tables, table)?.filter(|guess| guess.score >= THRESHOLD))
    }

    /// The table as events, whatever it looks like.
    fn read(conn: &Connection, tables: &[Table], table: &Table) -> rusqlite::Result<Option<Self>> {
        let relation = Relation::read(conn, tables, table)?;
        if relation.rows == 0 {
            return Ok(None);
        }
        let key = Key::find(conn, &relation)?;
        let roles = Roles::find(&relation, key.as_ref());
        let score = score(&relation, key.as_ref(), &roles);
        Ok(Some(Self { relation, key, roles, score }))
    }

    fn detection(self, conn: &Connection, tables: &[Table]) -> Option<Detection> {
        let mapping = self.mapping();
        let confidence = Confidence::new(self.score.min(0.89));
        let name = &self.relation.table.name;
        let profile = Profile {
            name: "inferred".to_owned(),
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
        let field = |choice: &Option<Choice>| choice.as_ref().map(|choice| choice.field.clone());
        let roles = &self.roles;
        let (table, position) = self.home();
        let aggregate_id = self.key.as_ref().map(|key| Field::new(&key.id_sql));
        Mapping {
            from: self.relation.from.clone(),
            table: table.to_owned(),
            position: position.map(Field::new),
            order: Vec::new(),
            stream_order: position.map(str::to_owned).filter(|_| self.version().is_none()).into_iter().collect(),
            aggregate_id,
            version: self.version().map(Field::new),
            aggregate_type: field(&roles.aggregate_type),
            event_id: field(&roles.event_id),
            event_type: field(&roles.event_type),
            schema_version: field(&roles.schema_version),
            timestamp: field(&roles.timestamp),
            actor: field(&roles.actor),
            actor_type: field(&roles.actor_type),
            source: field(&roles.source),
            causation_id: field(&roles.causation_id),
            correlation_id: field(&roles.correlation_id),
            data: field(&roles.data).unwrap_or_default(),
            metadata: field(&roles.metadata),
            filter: self.filter(),
        }
    }

    fn home(&self) -> (&str, Option<&str>) {
        self.relation.home(self.roles.data.as_ref().map_or("", |data| &data.field.sql))
    }

    /// Where another table says which streams an event is in, rows without a version are links to it.
    fn filter(&self) -> Option<String> {
        let linked = self.home().0 != self.relation.table.name;
        self.version().filter(|_| linked).map(|version| format!("{version} IS NOT NULL"))
    }

    fn version(&self) -> Option<&str> {
        self.key.as_ref()?.version_sql.as_deref()
    }

    /// What speaks for the table, in a sentence.
    fn story(&self) -> String {
        let table = self.home().0;
        let stream = self.key.as_ref().map_or("no column names a stream".to_owned(), |key| key.reason.clone());
        let count = self.roles.all().filter(|(_, choice)| choice.is_some()).count();
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
        let position = FieldReason {
            field: "position",
            source: position.map(str::to_owned),
            confidence: Confidence::new(if position.is_some() { 0.9 } else { 0.5 }),
            reason: match position {
                Some(sql) if sql.ends_with("rowid") => {
                    "No column numbers the rows; SQLite's own row number does.".to_owned()
                }
                Some(_) => "It is the table's integer primary key.".to_owned(),
                None => "Rows have no number; events are counted in the order of the primary key.".to_owned(),
            },
        };
        let mut reasons = vec![table, position];
        reasons.extend(key::reasons(self.key.as_ref()));
        reasons.extend(
            self.roles.all().map(|(field, choice)| choice.as_ref().map_or_else(|| none(field), |it| it.reason(field))),
        );
        reasons
    }
}

fn none(field: &'static str) -> FieldReason {
    let reason = "No column and no part of the documents looks like it.".to_owned();
    FieldReason { field, source: None, confidence: Confidence::new(0.5), reason }
}

/// How much a table looks like a log of events, from 0 to 1.
fn score(relation: &Relation, key: Option<&Key>, roles: &Roles) -> f32 {
    let Some(data) = &roles.data else { return 0.0 };
    let dense = key.map_or(0.0, |key| key.density);
    let typed = roles.event_type.is_some();
    let timed = roles.timestamp.as_ref().is_some_and(|time| time.field.format != Format::JulianDay);
    let eventful = dense > 0.6 || typed && timed || key.is_some() && data.confidence > 0.6;
    if !eventful {
        return 0.0;
    }
    let stream = match key {
        Some(_) if dense > 0.6 => 0.4 * dense,
        Some(key) if key.constrained => 0.4,
        Some(_) => 0.15,
        None => 0.0,
    };
    let fields = f32::from(u8::from(typed)) * 0.15 + f32::from(u8::from(timed)) * 0.15 + 0.2 * data.confidence;
    (stream + fields + names::table_hint(relation.home(&data.field.sql).0)).clamp(0.0, 1.0)
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
    }
}

#[cfg(test)]
mod tests;
