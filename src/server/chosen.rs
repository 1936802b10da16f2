//! What is gathered for a table of events: its columns, and the tables beside it that its profile reads.

use std::sync::Arc;

use super::catalogue::{Column, Relation};
use super::connection::{Reading, identifier};
use super::value::Kind;
use crate::error::Result;
use crate::profile::{self, Profile};

/// Tables with more rows are not taken in beside the events, unless only some of their rows belong to them.
const MOST: i64 = 200_000;

/// A table of events, and what belongs to it.
pub(super) struct Chosen {
    pub(super) table: Relation,
    pub(super) profile: Option<Arc<Profile>>,
    pub(super) beside: Vec<Beside>,
    /// What is left out, in sentences.
    pub(super) notes: Vec<String>,
}

/// A table beside the events.
pub(super) struct Beside {
    pub(super) table: Relation,
    /// Which of its rows belong to some events, `{slice}`; all where nothing is said.
    pub(super) condition: Option<String>,
}

impl Chosen {
    /// A table and what its profile says of others of the same schema.
    pub(super) fn new(table: Relation, profile: Option<Arc<Profile>>, others: &[Relation]) -> Self {
        let (mut beside, mut notes) = (Vec::new(), Vec::new());
        let own = others.iter().filter(|other| other.schema == table.schema && other.oid != table.oid);
        for other in own {
            let condition = match part(&table, profile.as_deref(), other) {
                None => continue,
                Some(Part::All) => None,
                Some(Part::Rows(condition)) => Some(condition),
            };
            if other.readable {
                beside.push(Beside { table: other.clone(), condition });
            } else {
                notes.push(format!("{} is left out: this user has not the right to read it.", other.full_name()));
            }
        }
        Self { table, profile, beside, notes }
    }

    /// Leaves out the tables beside the events that would be taken whole and are too large for that.
    pub(super) fn leave_out_large(&mut self, mut rows: impl FnMut(&Relation) -> Result<i64>) -> Result<()> {
        for beside in std::mem::take(&mut self.beside) {
            let rows = if beside.condition.is_some() { 0 } else { rows(&beside.table)? };
            if rows > MOST {
                self.notes.push(format!("{} is left out: it has about {rows} rows.", beside.table.full_name()));
            } else {
                self.beside.push(beside);
            }
        }
        Ok(())
    }

    /// The condition of the table's own form on its rows.
    pub(super) fn filter(&self) -> Option<&str> {
        self.profile.as_ref()?.gather.as_ref()?.filter.as_deref()
    }

    /// What the table means, where no profile of the program's own says it: as TOML.
    pub(super) fn inferred(&self) -> Option<String> {
        let inferred = self.profile.as_ref().filter(|profile| profile::by_name(&profile.name).is_none())?;
        inferred.to_toml().ok()
    }

    /// The channel on which the store tells of new events.
    pub(super) fn channel(&self) -> Option<String> {
        let named = self.profile.as_ref()?.gather.as_ref()?.notify.as_ref()?;
        Some(identifier(&named.replace("{schema}", &self.table.schema)))
    }
}

/// How much of a table belongs to the events.
enum Part {
    All,
    Rows(String),
}

/// Whether a table belongs to the events, and which of its rows.
fn part(events: &Relation, profile: Option<&Profile>, other: &Relation) -> Option<Part> {
    let is_target = events.foreign_keys.iter().any(|key| key.table == other.name);
    let Some(profile) = profile else { return is_target.then_some(Part::All) };
    let beside = profile.gather.as_ref().map(|gather| &gather.beside);
    let named = |names: &indexmap::IndexMap<String, String>| {
        names.iter().find(|(name, _)| name.eq_ignore_ascii_case(&other.name)).map(|(_, condition)| condition.clone())
    };
    if let Some(condition) = beside.and_then(named) {
        return Some(Part::Rows(condition));
    }
    let asked = profile.detect.keys().any(|name| name.eq_ignore_ascii_case(&other.name));
    let read =
        [Some(profile.events.from.as_str()), profile.snapshots.as_ref().map(|snapshots| snapshots.from.as_str())];
    let is_read = read.into_iter().flatten().any(|from| mentions(from, &other.name));
    (asked || is_read || is_target || profile.role(&other.name).is_some()).then_some(Part::All)
}

fn mentions(sql: &str, name: &str) -> bool {
    sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word.eq_ignore_ascii_case(name))
}

/// The columns of a table as a statement asks for them: large objects as their bytes.
pub(super) fn selected(table: &Relation, reading: &mut Reading<'_>) -> Result<String> {
    let mut columns = Vec::new();
    for column in &table.columns {
        let name = identifier(&column.name);
        columns.push(if holds_objects(table, column, reading)? {
            // One that is not there any more is NULL rather than the end of all.
            format!(
                "CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_largeobject_metadata o WHERE o.oid = {name}) THEN lo_get({name}) END"
            )
        } else {
            name
        });
    }
    Ok(columns.join(", "))
}

fn holds_objects(table: &Relation, column: &Column, reading: &mut Reading<'_>) -> Result<bool> {
    if column.kind != Kind::Object {
        return Ok(false);
    }
    let (name, table) = (identifier(&column.name), table.in_sql());
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_largeobject_metadata o
         WHERE o.oid IN (SELECT {name} FROM {table} WHERE {name} IS NOT NULL LIMIT 20))"
    );
    Ok(reading.value(&sql)?.is_some_and(|said| said == "t"))
}
