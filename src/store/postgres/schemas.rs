//! What the store asks of events: the JSON Schemas of their data, and how names have to look.

use postgres::Row;
use serde_json::Value;

use super::session::{Session, failed};
use super::writing::Writing;
use super::{query, row};
use crate::error::{Error, Result};
use crate::store::event_schema::EventSchema;
use crate::store::naming::{Convention, Naming};
use crate::store::stored_settings::{AGGREGATE_TYPES, EVENT_TYPES};
use crate::store::validation::{Validator, parsed};

pub(super) fn find(session: &mut Session, event_type: &str, version: u32) -> Result<Option<Value>> {
    let sql = "SELECT schema FROM eventscope.event_schemas WHERE event_type = $1 AND schema_version = $2";
    let text: Option<String> = query::one(session, sql, &[&event_type, &i64::from(version)])?;
    text.map(|text| parsed(event_type, version.into(), &text)).transpose()
}

/// All schemas, by event type and schema version.
pub(super) fn all(session: &mut Session) -> Result<Vec<EventSchema>> {
    let sql = "SELECT event_type, schema_version, schema, registered_at FROM eventscope.event_schemas \
               ORDER BY event_type COLLATE \"C\", schema_version";
    let schema = |row: &Row| {
        let read = || Ok::<_, postgres::Error>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        let (event_type, version, text, moment): (String, i64, String, _) = read().map_err(failed)?;
        let schema = parsed(&event_type, version, &text)?;
        let schema_version = u32::try_from(version).unwrap_or(u32::MAX);
        Ok(EventSchema { event_type, schema_version, schema, registered_at: row::timestamp(moment) })
    };
    session.rows(sql, &[])?.iter().map(schema).collect()
}

/// Takes a schema away; false where there is none.
pub(super) fn remove(writing: &mut Writing<'_>, event_type: &str, version: u32) -> Result<bool> {
    let sql = "DELETE FROM eventscope.event_schemas WHERE event_type = $1 AND schema_version = $2";
    let was_there = writing.session.execute(sql, &[&event_type, &i64::from(version)])? > 0;
    if was_there {
        tell_writers(writing)?;
    }
    Ok(was_there)
}

/// Registers a schema; with `replace` also where events were stored under another one.
pub(super) fn put(
    writing: &mut Writing<'_>,
    event_type: &str,
    version: u32,
    schema: &Value,
    replace: bool,
) -> Result<()> {
    if event_type.is_empty() || version == 0 {
        return Err(Error::bad_input("a schema needs an event type, and a schema version from 1 on"));
    }
    Validator::new(event_type, version.into(), schema)?;
    let before = find(writing.session, event_type, version)?;
    if before.as_ref() == Some(schema) {
        return Ok(());
    }
    if before.is_some() && !replace && is_used(writing.session, event_type, version)? {
        return Err(Error::bad_input(format!(
            "events were stored under another schema of {event_type}, schema version {version}"
        ))
        .with_hint("Nothing was changed. Count the schema version up, or replace the schema explicitly."));
    }
    let sql = "INSERT INTO eventscope.event_schemas (event_type, schema_version, schema, registered_at) \
               VALUES ($1, $2, $3, clock_timestamp()) \
               ON CONFLICT (event_type, schema_version) DO UPDATE \
               SET schema = excluded.schema, registered_at = excluded.registered_at";
    writing.session.execute(sql, &[&event_type, &i64::from(version), &schema.to_string()])?;
    tell_writers(writing)
}

/// Says what names have to look like.
pub(super) fn set_naming(writing: &mut Writing<'_>, naming: &Naming) -> Result<()> {
    let Naming { event_types, aggregate_types } = naming;
    for (subject, name, pattern) in
        [("event type", EVENT_TYPES, event_types), ("aggregate type", AGGREGATE_TYPES, aggregate_types)]
    {
        if let Some(pattern) = pattern {
            Convention::new(subject, pattern)?;
            let sql = "INSERT INTO eventscope.settings (name, value, set_at) VALUES ($1, $2, clock_timestamp()) \
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = excluded.set_at";
            writing.session.execute(sql, &[&name, pattern])?;
        } else {
            writing.session.execute("DELETE FROM eventscope.settings WHERE name = $1", &[&name])?;
        }
    }
    tell_writers(writing)
}

/// Has each writer read anew what is asked of events.
fn tell_writers(writing: &mut Writing<'_>) -> Result<()> {
    writing.session.execute("UPDATE eventscope.log SET rules = rules + 1", &[]).map(drop)
}

fn is_used(session: &mut Session, event_type: &str, version: u32) -> Result<bool> {
    let sql = "SELECT 1 FROM eventscope.events WHERE event_type = $1 AND schema_version = $2 LIMIT 1";
    Ok(session.row(sql, &[&event_type, &i64::from(version)])?.is_some())
}
