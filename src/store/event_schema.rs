//! JSON Schemas of events: kept in the file by event type and schema version, and held against what is appended, which
//! takes the feature `schemas`.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde_json::Value;

use super::event_store::EventStore;
use super::query::Query;
use super::row;
use super::validation::{Validator, parsed};
use crate::error::{Error, Result};
use crate::event::{Event, Position, Timestamp};

/// The JSON Schema of the data of one event type, at one version of its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSchema {
    /// The event type.
    pub event_type: String,
    /// The version of the event type's own shape.
    pub schema_version: u32,
    /// The schema.
    pub schema: Value,
    /// When it was registered.
    pub registered_at: Timestamp,
}

/// A stored event whose data is not as its schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The position of the event.
    pub position: Position,
    /// What is wrong, in a sentence without its full stop.
    pub reason: String,
}

/// How many events are held against their schema at a time.
const PAGE: usize = 512;

/// Whether a schema may be replaced under which events were stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Replacing {
    Unused,
    Used,
}

impl EventStore {
    /// Registers the JSON Schema that the data of an event type has to fit, at one version of its shape. From then on an
    /// event of that type and version that does not fit is refused, however it comes: through any of the ways to append,
    /// in a transaction, by an import, from any process. Types and versions without a schema are not looked at.
    ///
    /// The schema's draft is the one that its `$schema` names, else 2020-12; `format` is checked; what it refers to must
    /// lie in it, for nothing is fetched. Registering the same schema again does nothing, so that an application can do
    /// it at each start. One that no event was stored under is replaced; another one is refused: count the schema version
    /// up, or [replace](Self::replace_schema) it.
    ///
    #[cfg_attr(feature = "schemas", doc = "```")]
    #[cfg_attr(not(feature = "schemas"), doc = "```ignore")]
    /// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
    /// use eventscope::store::EventStore;
    /// use serde_json::json;
    ///
    /// let mut store = EventStore::open_in_memory()?;
    /// let cents = json!({"type": "integer", "minimum": 1});
    /// let schema = json!({"type": "object", "properties": {"cents": cents}, "required": ["cents"]});
    /// store.register_schema("account.deposited", 1, &schema)?;
    ///
    /// let wrong = [NewEvent::new("account.deposited", json!({"cents": 0}))];
    /// let error = store.append(&StreamName::new("account", "acc-7"), ExpectedVersion::Any, &wrong).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the data of account.deposited, schema version 1, does not fit its schema at /cents: \
    ///      0 is less than the minimum of 1"
    /// );
    /// # Ok::<(), eventscope::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) where it is no JSON Schema, or where events were stored under another one.
    pub fn register_schema(&mut self, event_type: &str, schema_version: u32, schema: &Value) -> Result<()> {
        self.put_schema(event_type, schema_version, schema, Replacing::Unused)
    }

    /// Registers a schema in the place of another one, also where events were stored under that. What is stored is not
    /// looked at: [`EventStore::misfits`] does that.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) where it is no JSON Schema.
    pub fn replace_schema(&mut self, event_type: &str, schema_version: u32, schema: &Value) -> Result<()> {
        self.put_schema(event_type, schema_version, schema, Replacing::Used)
    }

    fn put_schema(&mut self, event_type: &str, version: u32, schema: &Value, replacing: Replacing) -> Result<()> {
        if event_type.is_empty() || version == 0 {
            return Err(Error::bad_input("a schema needs an event type, and a schema version from 1 on"));
        }
        Validator::new(event_type, version.into(), schema)?;
        let now = row::stored_moment((self.clock)());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = stored(&transaction, event_type, version)?;
        if before.as_ref() == Some(schema) {
            return Ok(());
        }
        if before.is_some() && replacing == Replacing::Unused && is_used(&transaction, event_type, version)? {
            return Err(Error::bad_input(format!(
                "events were stored under another schema of {event_type}, schema version {version}"
            ))
            .with_hint("Nothing was changed. Count the schema version up, or replace the schema explicitly."));
        }
        let sql = "INSERT INTO event_schemas (event_type, schema_version, schema, registered_at) \
                   VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO UPDATE SET schema = excluded.schema, registered_at = excluded.registered_at";
        transaction.execute(sql, params![event_type, version, schema.to_string(), now])?;
        Ok(transaction.commit()?)
    }

    /// The schemas that are registered, by event type and schema version.
    pub fn schemas(&self) -> Result<Vec<EventSchema>> {
        let sql = "SELECT event_type, schema_version, schema, registered_at FROM event_schemas \
                   ORDER BY event_type, schema_version";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut schemas = Vec::new();
        while let Some(row) = rows.next()? {
            let (event_type, schema_version): (String, u32) = (row.get(0)?, row.get(1)?);
            let schema = parsed(&event_type, schema_version.into(), row.get_ref(2)?.as_str().unwrap_or_default())?;
            let registered_at = row::timestamp(row.get_ref(3)?.as_str().unwrap_or_default());
            schemas.push(EventSchema { event_type, schema_version, schema, registered_at });
        }
        Ok(schemas)
    }

    /// The schema of an event type, at one version of its shape; `None` where there is none.
    pub fn schema(&self, event_type: &str, schema_version: u32) -> Result<Option<Value>> {
        stored(&self.connection, event_type, schema_version)
    }

    /// Every place at which data does not fit the schema of its type, at most `limit`: a JSON Pointer, empty for the whole,
    /// and what is wrong there. None where it fits, or there is no schema.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where there is a schema, and this build has no feature `schemas`.
    pub fn faults(&self, event_type: &str, version: u32, data: &Value, limit: usize) -> Result<Vec<(String, String)>> {
        let Some(schema) = self.schema(event_type, version)? else { return Ok(Vec::new()) };
        Ok(Validator::new(event_type, version.into(), &schema)?.each(data, limit))
    }

    /// Takes a schema away, so that events of that type and version are no longer looked at; false where there is none.
    pub fn remove_schema(&mut self, event_type: &str, schema_version: u32) -> Result<bool> {
        let sql = "DELETE FROM event_schemas WHERE event_type = ?1 AND schema_version = ?2";
        Ok(self.connection.execute(sql, params![event_type, schema_version])? > 0)
    }

    /// Holds what is stored against the schemas that are registered now, and answers with at most `limit` events that do
    /// not fit, by event type and position: events from before a schema was registered, or replaced.
    pub fn misfits(&self, limit: usize) -> Result<Vec<Misfit>> {
        misfits(&self.schemas()?, limit, |query| self.query(query))
    }
}

/// At most `limit` events of those that `read` answers a query with that do not fit their schemas.
pub(super) fn misfits(
    schemas: &[EventSchema],
    limit: usize,
    read: impl Fn(&Query) -> Result<Vec<Event>>,
) -> Result<Vec<Misfit>> {
    let mut misfits = Vec::new();
    if limit == 0 {
        return Ok(misfits);
    }
    for EventSchema { event_type, schema_version, schema, .. } in schemas {
        let compiled = Validator::new(event_type, (*schema_version).into(), schema)?;
        let mut query = Query { event_type: Some(event_type.clone()), limit: Some(PAGE), ..Query::default() };
        loop {
            let events = read(&query)?;
            let Some(last) = events.last() else { break };
            query.after = Some(last.position);
            misfits.extend(events.iter().filter_map(|event| misfit(event, *schema_version, &compiled)));
            if misfits.len() >= limit {
                misfits.truncate(limit);
                return Ok(misfits);
            }
        }
    }
    Ok(misfits)
}

fn misfit(event: &Event, schema_version: u32, schema: &Validator) -> Option<Misfit> {
    if event.schema_version != Some(schema_version.to_string()) {
        return None;
    }
    let error = schema.check(&event.data.to_json()).err()?;
    Some(Misfit { position: event.position, reason: error.to_string() })
}

fn stored(connection: &Connection, event_type: &str, version: u32) -> Result<Option<Value>> {
    let sql = "SELECT schema FROM event_schemas WHERE event_type = ?1 AND schema_version = ?2";
    let text: Option<String> = connection.query_row(sql, params![event_type, version], |row| row.get(0)).optional()?;
    text.map(|text| parsed(event_type, version.into(), &text)).transpose()
}

fn is_used(connection: &Connection, event_type: &str, version: u32) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM events WHERE event_type = ?1 AND schema_version = ?2)";
    Ok(connection.query_row(sql, params![event_type, version], |row| row.get(0))?)
}
