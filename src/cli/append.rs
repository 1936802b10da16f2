//! `eventscope append`: writes one event, or shows the row that it would write.

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::event::{NewEvent, StreamName};
use crate::session::stored_text;
use crate::source::append::{self, AppendPlan};
use crate::source::{Source, Stored};
use crate::store::Store;

use super::arguments::Append;
use super::output::{Outcome, Output};
use super::own_store;

/// Writes the event, or shows what would be written.
pub(super) fn run(arguments: &Append) -> Outcome {
    let event = new_event(arguments)?;
    if let Some(address) = own_store::address(&arguments.file)? {
        return on_server(&mut *own_store::open_at(&address, !arguments.dry_run)?, arguments, &event);
    }
    let source = super::open_events(&arguments.database())?;
    let stream = stream(&source, &arguments.stream)?;
    let mut output = Output::new(arguments.json);
    let plan = append::plan(&source, &stream, &event, arguments.expect.0)?;
    if arguments.dry_run {
        show_plan(&mut output, &stream, &plan)?;
    } else {
        let written = append::execute(&source, &plan)?;
        if arguments.json {
            output.document(&super::json::event(&written))?;
        } else {
            output.line(&format!("{stream} is at version {} (position {})", written.version, written.position))?;
        }
    }
    output.finish()
}

/// Appends to a store on a server, or says what would be appended.
fn on_server(store: &mut dyn Store, arguments: &Append, event: &NewEvent) -> Outcome {
    let Some((aggregate_type, aggregate_id)) = arguments.stream.split_once('/') else {
        return Err(Error::bad_input(format!("`{}` is no stream of this store", arguments.stream))
            .with_hint("Name it TYPE/ID, such as order/ord-1.")
            .into());
    };
    let stream = StreamName::new(aggregate_type, aggregate_id);
    let mut output = Output::new(arguments.json);
    if arguments.dry_run {
        let actual = store.current_version(&stream)?;
        if !arguments.expect.0.allows(actual) {
            return Err(Error::conflict(stream, arguments.expect.0, actual).into());
        }
        let version = actual.unwrap_or_default().saturating_add(1);
        if output.json {
            output.document(&json!({
                "dry_run": true, "stream": stream.to_string(), "expected": actual, "version": version,
            }))?;
        } else {
            output.line(&format!("would write version {version} of {stream}; nothing was written"))?;
        }
        return output.finish();
    }
    let appended = store.append(&stream, arguments.expect.0, std::slice::from_ref(event))?;
    let version = appended.versions.start;
    if output.json {
        for written in store.read_stream(&stream, version, Some(version))? {
            output.document(&super::json::event(&written))?;
        }
    } else {
        output.line(&format!("{stream} is at version {version} (position {})", appended.positions.start))?;
    }
    output.finish()
}

fn new_event(arguments: &Append) -> Result<NewEvent> {
    let metadata = arguments.metadata.as_deref().map(|text| document("--metadata", text)).transpose()?;
    Ok(NewEvent {
        schema_version: arguments.schema_version.clone(),
        actor: arguments.actor.clone(),
        causation_id: arguments.causation.clone(),
        correlation_id: arguments.correlation.clone(),
        metadata: metadata.unwrap_or_default().into(),
        ..NewEvent::new(&arguments.event_type, document("--data", &arguments.data)?)
    })
}

fn document(argument: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|error| Error::bad_input(format!("{argument} is no JSON document: {error}")).with_source(error))
}

/// The stream that the event goes to: one that exists, by `TYPE/ID` or a unique id, or a new one by `TYPE/ID`.
fn stream(source: &Source, text: &str) -> Result<StreamName> {
    match source.stream_named(text) {
        Err(error) if *error.kind() == ErrorKind::NotFound => new_stream(source, text),
        found => found,
    }
}

fn new_stream(source: &Source, text: &str) -> Result<StreamName> {
    let typed = source.mapping().is_some_and(|mapping| mapping.aggregate_type.is_some());
    match text.split_once('/') {
        Some((kind, id)) if typed && !kind.is_empty() && !id.is_empty() => Ok(StreamName::new(kind, id)),
        _ if typed => Err(Error::bad_input(format!("there is no stream {text} yet, and a new one needs its type"))
            .with_hint("Name it TYPE/ID, such as order/ord-1.")),
        _ => Ok(StreamName::new("", text)),
    }
}

fn show_plan(output: &mut Output, stream: &StreamName, plan: &AppendPlan) -> Outcome {
    if output.json {
        let row: Map<String, Value> = plan.row.iter().map(|(name, value)| (name.clone(), stored(value))).collect();
        return output.document(&json!({
            "dry_run": true,
            "stream": stream.to_string(),
            "expected": plan.actual,
            "version": plan.version,
            "table": plan.table,
            "row": row,
        }));
    }
    output.line(&format!("would write version {} of {stream}; nothing was written", plan.version))?;
    let width = plan.row.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in &plan.row {
        let padding = " ".repeat(width - name.chars().count());
        output.line(&format!("  {name}{padding}  {}", stored_text(value)))?;
    }
    Ok(())
}

/// A column's value in JSON: numbers and text as they are, bytes as SQL writes them.
fn stored(value: &Stored) -> Value {
    match value {
        Stored::Null => Value::Null,
        Stored::Integer(number) => json!(number),
        Stored::Real(number) => json!(number),
        Stored::Text(_) | Stored::Blob(_) => json!(stored_text(value)),
    }
}
