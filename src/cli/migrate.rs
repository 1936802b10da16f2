//! `eventscope migrate`: an event store goes to the newest schema, or one back.

use serde_json::json;

use crate::error::{Error, ErrorKind, Result};
use crate::store::{self, SCHEMA_VERSION};

use super::arguments::Store;
use super::output::{Outcome, Output};

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
    let to = if down { one_back(arguments)? } else { SCHEMA_VERSION };
    Ok((store::migrate_file(&arguments.file, to)?, to))
}

fn one_back(arguments: &Store) -> Result<usize> {
    let at = store::schema_of_file(&arguments.file)?;
    at.checked_sub(1)
        .filter(|to| *to >= 1)
        .ok_or_else(|| Error::bad_input(format!("the event store is at schema {at}, and there is none before it")))
}
