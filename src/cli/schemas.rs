//! `eventscope schemas`: the JSON Schemas that an event store holds its events against.

use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::store::{EventSchema, Store};

use super::arguments::Schemas;
use super::output::{Align, Columns, Outcome, Output};
use super::values::{SchemaFile, SchemaName};

/// How many events that do not fit are named.
const NAMED: usize = 100;

/// Removes and registers what is asked for, then lists what there is, or holds the stored events against it.
pub(super) fn run(arguments: &Schemas) -> Outcome {
    let mut store = super::own_store::open(&arguments.store.file)?;
    // All files are read before anything is changed.
    let added =
        arguments.add.iter().map(|SchemaFile { name, file }| Ok((name, read(file)?))).collect::<Result<Vec<_>>>()?;
    arguments.remove.iter().try_for_each(|name| remove(&mut *store, name))?;
    for (SchemaName { event_type, version }, schema) in added {
        store.put_schema(event_type, *version, &schema, arguments.replace)?;
    }
    let output = Output::new(arguments.store.json);
    if arguments.check { check(&*store, output) } else { list(&store.schemas()?, output) }
}

fn read(file: &Path) -> Result<Value> {
    let named = |error: &dyn std::fmt::Display| Error::bad_input(format!("{}: {error}", file.display()));
    let text = std::fs::read(file).map_err(|error| named(&error).with_source(error))?;
    serde_json::from_slice(&text).map_err(|error| named(&error).with_source(error))
}

fn remove(store: &mut dyn Store, name: &SchemaName) -> Result<()> {
    let SchemaName { event_type, version } = name;
    if store.remove_schema(event_type, *version)? {
        return Ok(());
    }
    Err(Error::not_found(format!("there is no schema of {event_type}, schema version {version}")))
}

fn list(schemas: &[EventSchema], mut output: Output) -> Outcome {
    if output.json {
        for schema in schemas {
            output.document(&json!({
                "event_type": schema.event_type,
                "schema_version": schema.schema_version,
                "registered_at": &*schema.registered_at.stored,
                "schema": schema.schema,
            }))?;
        }
    } else if schemas.is_empty() {
        output.line("the event store has no schemas")?;
    } else {
        let headings = [("TYPE", Align::Left), ("VERSION", Align::Right), ("REGISTERED", Align::Left)];
        let mut columns = Columns::new(&mut output, &headings);
        for EventSchema { event_type, schema_version, registered_at, .. } in schemas {
            columns.row(vec![event_type.clone(), schema_version.to_string(), registered_at.stored.to_string()])?;
        }
        columns.write()?;
    }
    output.finish()
}

fn check(store: &dyn Store, mut output: Output) -> Outcome {
    let misfits = store.misfits(NAMED)?;
    for misfit in &misfits {
        if output.json {
            output.document(&json!({"position": misfit.position, "reason": misfit.reason}))?;
        } else {
            output.line(&format!("{}  {}", misfit.position, misfit.reason))?;
        }
    }
    if misfits.is_empty() && !output.json {
        output.line("all stored events fit their schemas")?;
    }
    output.finish()?;
    let found = match misfits.len() {
        0 => return Ok(()),
        1 => "a stored event does not fit its schema".to_owned(),
        NAMED => format!("{NAMED} stored events and maybe more do not fit their schemas"),
        count => format!("{count} stored events do not fit their schemas"),
    };
    Err(Error::new(ErrorKind::Database, found)
        .with_hint(
            "They stay as they are. Register their shape under a schema version of its own, or relax the schema.",
        )
        .into())
}
