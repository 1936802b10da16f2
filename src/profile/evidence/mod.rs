//! What the tables beside the events keep of them: snapshots and read models, recognised by what is in them.
//!
//! A column that names streams comes first: only where its values are ids of streams is anything else of a table looked
//! into. Then the rest of its rows is held against the events of those streams: what they say is repeated there, or adds
//! up to it. Rows with a version that the stream has are snapshots; rows without, one for a stream, are a read model.
//! Names break ties between columns, and say nothing by themselves.

mod checkpoints;
mod content;
mod judge;
mod leaves;
mod log;
mod mapping;
mod rows;
mod spelling;
mod state;

use std::sync::Arc;

use rusqlite::Connection;

use super::detection::Detection;
use super::file::Profile;
use super::mapping::SnapshotMapping;
use super::read_model::ReadModelMapping;
use super::schema::{self, Table, TableKind};
use super::tables::{Checkpoints, NamedTables, Role};
use super::{functions, infer};
use crate::error::Result;
use judge::{Finding, judge};
use log::Log;
use rows::Rows;

/// How many tables beside the events are looked at: a database with more is hardly an event store with its read models.
const TABLES: usize = 200;

/// What was found beside the events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The snapshots that are the likeliest, where there are some.
    pub snapshots: Option<SnapshotMapping>,
    /// What else is snapshots.
    pub further: Vec<SnapshotMapping>,
    /// The read models, in the order of their tables' names.
    pub read_models: Vec<ReadModelMapping>,
    /// The tables that only say which streams there are.
    pub streams: Vec<String>,
    /// The tables that say how far readers of the events have come.
    pub checkpoints: Vec<Checkpoints>,
    /// The tables that were looked into and are none of these.
    pub others: Vec<String>,
}

/// Looks for snapshots and read models beside the events of a profile that was fitted to this database.
///
/// # Errors
/// Those of SQLite while the log is read. A table that cannot be read is passed over.
pub fn evidence(conn: &Connection, tables: &[Table], profile: &Profile) -> Result<Evidence> {
    let beside: Vec<&Table> = tables.iter().filter(|table| may_be(table, profile)).take(TABLES).collect();
    let mut found = Evidence::default();
    if beside.is_empty() {
        return Ok(found);
    }
    functions::install(conn)?;
    let Some(log) = Log::read(conn, tables, &profile.events)?.filter(|log| log.len() > 0) else { return Ok(found) };
    let mut snapshots: Vec<(f32, SnapshotMapping)> = Vec::new();
    for table in beside {
        let Ok(Some(finding)) = look(conn, table, &log) else { continue };
        if matches!(finding, Finding::Nothing)
            && let Ok(Some(checkpoints)) = checkpoints::of(conn, table, &log)
        {
            found.checkpoints.push(checkpoints);
            continue;
        }
        match finding {
            Finding::Snapshots(worth, mapping) => snapshots.push((worth, mapping)),
            Finding::ReadModel(mapping) => found.read_models.push(mapping),
            Finding::Streams => found.streams.push(table.name.clone()),
            Finding::Unclear => {}
            Finding::Nothing => found.others.push(table.name.clone()),
        }
    }
    snapshots.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut snapshots = snapshots.into_iter().map(|(_, mapping)| mapping);
    found.snapshots = if profile.snapshots.is_none() { snapshots.next() } else { None };
    found.further.extend(snapshots);
    Ok(found)
}

/// Snapshots that a profile has no place for any more, as rows at versions.
fn further(snapshots: SnapshotMapping, tables: &[Table]) -> Option<ReadModelMapping> {
    let table = tables.iter().find(|table| names_table(&snapshots.from, &table.name))?;
    Some(ReadModelMapping {
        table: table.name.clone(),
        filter: snapshots.filter,
        aggregate_type: snapshots.aggregate_type,
        aggregate_id: snapshots.aggregate_id,
        version: Some(snapshots.version),
        state: snapshots.state,
        of: String::new(),
    })
}

/// Whether a table may hold evidence: it is no part of the log, and no profile says that it is something else.
fn may_be(table: &Table, profile: &Profile) -> bool {
    let role = profile.role(&table.name);
    let joined = names_table(&profile.events.from, &table.name);
    let own = profile.snapshots.as_ref().is_some_and(|own| names_table(&own.from, &table.name));
    let possible = match role {
        None | Some(Role::Projections | Role::Snapshots) => true,
        // A guess took it for that by its name.
        Some(Role::Streams) => profile.name == infer::NAME,
        Some(_) => false,
    };
    table.kind == TableKind::Table && possible && !joined && !own
}

/// Whether SQL has the name of a table in it as a word of its own.
fn names_table(sql: &str, name: &str) -> bool {
    sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word.eq_ignore_ascii_case(name))
        || sql.contains(&schema::quoted(name))
}

/// Looks at one table; `None` where it has no rows to judge by.
fn look(conn: &Connection, table: &Table, log: &Log<'_>) -> rusqlite::Result<Option<Finding>> {
    let Some(ids) = Rows::ids(conn, table)? else { return Ok(None) };
    let keys = rows::Key::all(table, &ids, log);
    if keys.is_empty() {
        return Ok(Some(Finding::Nothing));
    }
    let whole = Rows::whole(conn, table)?;
    if whole.values.len() != ids.values.len() {
        // Somebody writes to it right now.
        return Ok(None);
    }
    judge(table, &whole, &keys, log).map(Some)
}

/// A detection with what was found beside its events: snapshots where its profile knows none, and the read models.
///
/// # Errors
/// As [`evidence`].
pub fn with_evidence(conn: &Connection, tables: &[Table], mut detection: Detection) -> Result<Detection> {
    let found = evidence(conn, tables, &detection.profile)?;
    if found == Evidence::default() {
        return Ok(detection);
    }
    let profile = Arc::make_mut(&mut detection.profile);
    if profile.name == infer::NAME {
        forget(&mut profile.tables, &found);
    }
    profile.tables.streams.extend(found.streams);
    let new = found.checkpoints.into_iter().filter(|it| profile.tables.role(&it.table).is_none());
    let new: Vec<Checkpoints> = new.collect();
    profile.tables.checkpoints.extend(new);
    if let Some(snapshots) = found.snapshots {
        let table = tables.iter().find(|table| snapshots.from == schema::quoted(&table.name));
        profile.tables.snapshots.extend(table.map(|table| table.name.clone()));
        profile.snapshots = Some(snapshots);
    }
    for model in found.further.into_iter().filter_map(|snapshots| further(snapshots, tables)) {
        profile.tables.snapshots.push(model.table.clone());
        profile.read_models.push(model);
    }
    for model in found.read_models {
        if profile.read_model(&model.table).is_none() {
            profile.read_models.push(model);
        }
    }
    Ok(detection)
}

/// A guess takes tables for what their names say; where their rows say otherwise, they are not that.
fn forget(tables: &mut NamedTables, found: &Evidence) {
    let model = |name: &String| found.read_models.iter().any(|model| model.table == *name);
    let other = |name: &String| found.others.contains(name) || found.streams.contains(name) || model(name);
    tables.snapshots.retain(|name| !other(name));
    tables.projections.retain(|name| !other(name));
    tables.streams.retain(|name| !other(name));
}
