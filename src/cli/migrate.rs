//! `eventscope migrate`: an event store goes to the newest schema, or one back.

use serde_json::json;

use crate::error::{Error, ErrorKind, Result};
use crate::store::{self, SCHEMA_VERSION};

use super::arguments::Store;
use super::output::{Outcome, Output};
use super::own_store::{self, Address};

/// Brings the store to the newest schema, or back to the one before the one that it is at.
pub(super) fn run(arguments: &Store, down: bool) -> Outcome {
    let (from, to) = migrated(arguments, down).map_err(|error| match error.kind() {
        ErrorKind::NotFound => super::named_wrongly(&error),
        _ => error,
    })?;
    let mut output = Output::new(arguments.json);
    if arguments.json {
        output.document(&json!({"from": from, "to": to}))?;
    } else if from == to {
        output.line(&format!("the event store is at schema {to} already"))?;
    } else {
        output.line(&format!("the event store went from schema {from} to {to}"))?;
    }
    output.finish()
}

fn migrated(arguments: &Store, down: bool) -> Result<(usize, usize)> {
    if let Some(address) = own_store::address(&arguments.file)? {
        return on_server(&address, down);
    }
    let to = if down { one_back(arguments)? } else { SCHEMA_VERSION };
    Ok((store::migrate_file(&arguments.file, to)?, to))
}

#[cfg(feature = "postgres")]
fn on_server(address: &Address, down: bool) -> Result<(usize, usize)> {
    // Opening it has brought it to the newest schema.
    let newest = store::postgres::POSTGRES_SCHEMA_VERSION;
    let mut opened = crate::server::open_store(address)?;
    let to = if down { newest - 1 } else { newest };
    Ok((opened.migrate(to)?, to))
}

#[cfg(not(feature = "postgres"))]
fn on_server(address: &Address, _: bool) -> Result<(usize, usize)> {
    match *address {}
}

fn one_back(arguments: &Store) -> Result<usize> {
    let at = store::schema_of_file(&arguments.file)?;
    at.checked_sub(1)
        .filter(|to| *to >= 1)
        .ok_or_else(|| Error::bad_input(format!("the event store is at schema {at}, and there is none before it")))
}
