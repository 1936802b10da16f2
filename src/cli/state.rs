//! `eventscope state` and `eventscope changes`: a stream's state at a version, and what each event changed.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::event::{Event, StreamName, Version};
use crate::replay::{Change, Fold, Outcome as Folded, Reducers, Step};
use crate::session::{FoundReducers, one_line};
use crate::source::Source;

use super::arguments::Database;
use super::output::{Outcome, Output};

/// Shows the state of a stream at a version, or at its last.
pub(super) fn state(database: &Database, text: &str, reducers: Option<&Path>) -> Outcome {
    let source = super::open_events(database)?;
    let (stream, version) = super::stream_at(&source, text)?;
    let found = FoundReducers::find(&database.file, reducers, source.state_spec())?;
    let result = fold(&source, &stream, version, &found.reducers)?;
    let mut output = Output::new(database.json);
    if database.json {
        output.document(&result.document(&stream, &found))?;
    } else {
        result.write(&mut output, &stream, &found)?;
    }
    output.finish()
}

/// A state, and what went wrong on the way to it.
#[derive(Default)]
struct Replayed {
    version: Version,
    state: Value,
    unhandled: BTreeSet<String>,
    errors: Vec<(Version, String, String)>,
}

impl Replayed {
    fn note(&mut self, event_type: &str, step: &Step) {
        self.version = step.version;
        match &step.outcome {
            Folded::Unhandled => {
                self.unhandled.insert(event_type.to_owned());
            }
            Folded::Failed(message) => self.errors.push((step.version, event_type.to_owned(), message.to_string())),
            Folded::Applied | Folded::Ignored => {}
        }
    }

    fn document(&self, stream: &StreamName, found: &FoundReducers) -> Value {
        let error = |(version, event_type, message): &(Version, String, String)| json!({"version": version, "event_type": event_type, "message": message});
        json!({
            "stream": stream.to_string(),
            "version": self.version,
            "state": self.state,
            "unhandled": self.unhandled,
            "errors": self.errors.iter().map(error).collect::<Vec<_>>(),
            "reducers": found.label(&stream.aggregate_type),
        })
    }

    fn write(&self, output: &mut Output, stream: &StreamName, found: &FoundReducers) -> Outcome {
        output.line(&format!("{stream} at version {} ({})", self.version, found.label(&stream.aggregate_type)))?;
        output.pretty(&self.state)?;
        if !self.unhandled.is_empty() {
            let types: Vec<&str> = self.unhandled.iter().map(String::as_str).collect();
            output.line(&format!("no rule for: {}", types.join(", ")))?;
        }
        for (version, event_type, message) in &self.errors {
            output.line(&format!("the rule failed at version {version}, {event_type}: {message}"))?;
        }
        Ok(())
    }
}

fn fold(source: &Source, stream: &StreamName, to: Option<Version>, reducers: &Reducers) -> Result<Replayed> {
    let mut fold = Fold::new(reducers, &stream.aggregate_type);
    let mut result = Replayed::default();
    let mut last = None;
    for event in source.read_stream(stream, Version::MIN, to)? {
        let event = event?;
        last = Some(event.version);
        result.note(&event.event_type, &fold.step(&event));
    }
    result.state = fold.state();
    let reached = last.is_some_and(|last| to.is_none_or(|to| last >= to));
    if reached { Ok(result) } else { Err(not_reached(stream, to, last)) }
}

fn not_reached(stream: &StreamName, to: Option<Version>, last: Option<Version>) -> Error {
    let to = to.map_or_else(String::new, |to| format!(" {to}"));
    let ends = last.map_or_else(String::new, |last| format!(": it ends at version {last}"));
    Error::not_found(format!("the stream {stream} has no version{to}{ends}"))
}

/// Shows what each event of a stream changed.
pub(super) fn changes(database: &Database, text: &str, reducers: Option<&Path>) -> Outcome {
    let source = super::open_events(database)?;
    let (stream, to) = super::stream_at(&source, text)?;
    let found = FoundReducers::find(&database.file, reducers, source.state_spec())?;
    let mut fold = Fold::new(&found.reducers, &stream.aggregate_type);
    let mut output = Output::new(database.json);
    for event in source.read_stream(&stream, Version::MIN, to)? {
        let event = event?;
        let step = fold.step(&event);
        if database.json {
            output.document(&step_document(&event, &step))?;
        } else {
            write_step(&mut output, &event, &step)?;
        }
    }
    output.finish()
}

fn step_document(event: &Event, step: &Step) -> Value {
    let (outcome, error) = match &step.outcome {
        Folded::Applied => ("applied", None),
        Folded::Ignored => ("ignored", None),
        Folded::Unhandled => ("unhandled", None),
        Folded::Failed(message) => ("failed", Some(message)),
    };
    json!({
        "version": step.version,
        "position": step.position,
        "event_type": event.event_type,
        "outcome": outcome,
        "error": error,
        "changes": step.changes.iter().map(super::json::change).collect::<Vec<_>>(),
    })
}

fn write_step(output: &mut Output, event: &Event, step: &Step) -> Outcome {
    let what = match &step.outcome {
        Folded::Applied if step.changes.is_empty() => "  changed nothing".to_owned(),
        Folded::Applied => String::new(),
        Folded::Ignored => "  ignored by a rule".to_owned(),
        Folded::Unhandled => "  no rule".to_owned(),
        Folded::Failed(message) => format!("  failed: {message}"),
    };
    output.line(&format!("version {}  {}  at {}{what}", step.version, event.event_type, step.position))?;
    for change in &step.changes {
        output.line(&format!("  {}", change_line(change)))?;
    }
    Ok(())
}

fn change_line(change: &Change) -> String {
    let path = if change.path.is_empty() { "(all)" } else { &change.path };
    let short = |value: &Value| one_line(&value.to_string());
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("~ {path}  {} -> {}", short(before), short(after)),
        (None, Some(after)) => format!("+ {path}  {}", short(after)),
        (Some(before), None) => format!("- {path}  {}", short(before)),
        (None, None) => format!("~ {path}"),
    }
}
