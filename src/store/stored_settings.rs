//! The settings of a store as its file has them.

use rusqlite::{Connection, OptionalExtension};

use super::encoding::Encoding;
use super::naming::Naming;
use crate::error::Result;

pub(super) const EVENT_TYPES: &str = "event_types";
pub(super) const AGGREGATE_TYPES: &str = "aggregate_types";
pub(super) const ENCODING: &str = "encoding";

pub(super) fn naming(connection: &Connection) -> Result<Naming> {
    Ok(Naming { event_types: value(connection, EVENT_TYPES)?, aggregate_types: value(connection, AGGREGATE_TYPES)? })
}

pub(super) fn encoding(connection: &Connection) -> Result<Encoding> {
    value(connection, ENCODING)?.map_or(Ok(Encoding::default()), |name| name.parse())
}

fn value(connection: &Connection, name: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM settings WHERE name = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}
