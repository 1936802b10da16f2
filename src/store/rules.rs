//! What a file asks of the events that are appended to it: the names, the schemas of their data, the encoding. Read once,
//! and again when any connection has changed it.

use std::borrow::Cow;
use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::encoding::Encoding;
use super::naming::{Convention, Naming};
use super::stored_settings;
use super::validation::Validator;
use crate::error::Result;
use crate::event::StreamName;

/// The rules of one file, as far as they were needed so far.
#[derive(Default)]
pub(super) struct Rules {
    /// Which state of the file these are from; none before the first look.
    generation: Option<i64>,
    event_types: Option<Convention>,
    aggregate_types: Option<Convention>,
    encoding: Encoding,
    /// Whether the file has any schemas at all.
    has_schemas: bool,
    /// The schemas that were asked for, by event type and schema version; `None` where the file has none.
    schemas: HashMap<String, HashMap<i64, Option<Validator>>>,
}

impl Rules {
    /// Brings the rules up to date. Call it inside the transaction that is to keep them: nothing can change them then.
    pub(super) fn refresh(&mut self, connection: &Connection) -> Result<()> {
        let sql = "SELECT generation FROM rules_generation";
        let generation: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        if self.generation == Some(generation) {
            return Ok(());
        }
        let (event_types, aggregate_types) = conventions(stored_settings::naming(connection)?)?;
        *self = Self {
            generation: Some(generation),
            event_types,
            aggregate_types,
            encoding: stored_settings::encoding(connection)?,
            has_schemas: connection.query_row("SELECT EXISTS (SELECT 1 FROM event_schemas)", [], |row| row.get(0))?,
            schemas: HashMap::new(),
        };
        Ok(())
    }

    /// The rules of a store that is no file, in its state of this number.
    #[cfg(feature = "postgres")]
    pub(super) fn of(generation: i64, naming: Naming, has_schemas: bool) -> Result<Self> {
        let (event_types, aggregate_types) = conventions(naming)?;
        let encoding = Encoding::default();
        Ok(Self {
            generation: Some(generation),
            event_types,
            aggregate_types,
            encoding,
            has_schemas,
            schemas: HashMap::new(),
        })
    }

    /// Whether these are the rules of that state.
    #[cfg(feature = "postgres")]
    pub(super) fn is_of(&self, generation: i64) -> bool {
        self.generation == Some(generation)
    }

    /// In what data is to be stored.
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Holds the name of a stream against the convention.
    pub(super) fn check_stream(&self, stream: &StreamName) -> Result<()> {
        self.aggregate_types.as_ref().map_or(Ok(()), |convention| convention.check(&stream.aggregate_type))
    }

    /// Holds the type of an event against the convention.
    pub(super) fn check_event_type(&self, event_type: &str) -> Result<()> {
        self.event_types.as_ref().map_or(Ok(()), |convention| convention.check(event_type))
    }

    /// Holds the data of an event against its schema. `data` is only asked for where there is one.
    pub(super) fn check_data<'data>(
        &mut self,
        connection: &Connection,
        event_type: &str,
        schema_version: i64,
        data: impl FnOnce() -> Result<Cow<'data, Value>>,
    ) -> Result<()> {
        self.check_data_by(
            event_type,
            schema_version,
            |event_type, version| find(connection, event_type, version),
            data,
        )
    }

    /// The same, where `find` answers with the text of a schema that is registered.
    pub(super) fn check_data_by<'data>(
        &mut self,
        event_type: &str,
        schema_version: i64,
        find: impl FnOnce(&str, i64) -> Result<Option<String>>,
        data: impl FnOnce() -> Result<Cow<'data, Value>>,
    ) -> Result<()> {
        if !self.has_schemas {
            return Ok(());
        }
        match self.schema(event_type, schema_version, find)? {
            Some(schema) => schema.check(&*data()?),
            None => Ok(()),
        }
    }

    /// The schema of a type and version, compiled at most once.
    fn schema(
        &mut self,
        event_type: &str,
        version: i64,
        find: impl FnOnce(&str, i64) -> Result<Option<String>>,
    ) -> Result<Option<&Validator>> {
        if !self.schemas.get(event_type).is_some_and(|versions| versions.contains_key(&version)) {
            let text = find(event_type, version)?;
            let found = text.map(|text| Validator::from_text(event_type, version, &text)).transpose()?;
            self.schemas.entry(event_type.to_owned()).or_default().insert(version, found);
        }
        Ok(self.schemas.get(event_type).and_then(|versions| versions.get(&version)?.as_ref()))
    }
}

/// What event types and aggregate types have to look like.
fn conventions(naming: Naming) -> Result<(Option<Convention>, Option<Convention>)> {
    let convention =
        |subject, pattern: Option<String>| pattern.map(|pattern| Convention::new(subject, &pattern)).transpose();
    Ok((convention("event type", naming.event_types)?, convention("aggregate type", naming.aggregate_types)?))
}

fn find(connection: &Connection, event_type: &str, version: i64) -> Result<Option<String>> {
    let sql = "SELECT schema FROM event_schemas WHERE event_type = ?1 AND schema_version = ?2";
    Ok(connection.prepare_cached(sql)?.query_row(params![event_type, version], |row| row.get(0)).optional()?)
}
