//! `eventscope state` and `eventscope changes`: a stream's state at a version, and what each event changed.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::event::{Event, StreamName, Version};
use crate::process::StopSwitch;
use crate::replay::{Ahead, Applied, Change, Maker, Outcome as Folded};
use crate::session::{FoundReducers, briefs_ahead, one_line, read_ahead};
use crate::source::Source;

use super::arguments::{Database, Folding};
use super::output::{Outcome, Output};
use super::progress::Progress;

/// Shows the state of a stream at a version, or at its last.
pub(super) fn state(database: &Database, text: &str, folding: &Folding) -> Outcome {
    let source = super::open_events(database)?;
    let (stream, version) = super::stream_at(&source, text)?;
    let found = super::reducers::choose(database, &source, folding, std::slice::from_ref(&stream))?;
    let result = fold(&source, &stream, version, &found)?;
    let mut output = Output::new(database.json);
    if database.json {
        output.document(&result.document(&stream, &found.label(&stream.aggregate_type)))?;
    } else {
        result.write(&mut output, &stream, &found.label(&stream.aggregate_type))?;
    }
    output.finish()
}

/// The state of a stream at a version, or at its last, with which rule took in the event of that version; and the version.
#[cfg(feature = "serve")]
pub(super) fn document(
    source: &Source,
    stream: &StreamName,
    to: Option<Version>,
    found: &FoundReducers,
) -> Result<(Version, Value)> {
    let result = fold(source, stream, to, found)?;
    let mut document = result.document(stream, &found.label(&stream.aggregate_type));
    let rule = match &result.maker {
        Some(Maker::Guess) => Value::from("guess"),
        Some(Maker::Rule(pattern)) => Value::from(&**pattern),
        Some(Maker::Application) => Value::from("application"),
        Some(Maker::Nothing) | None => Value::Null,
    };
    if let Some(members) = document.as_object_mut() {
        members.insert("aggregate_type".to_owned(), Value::from(stream.aggregate_type.as_str()));
        members.insert("aggregate_id".to_owned(), Value::from(stream.aggregate_id.as_str()));
        members.insert("rule".to_owned(), rule);
    }
    Ok((result.version, document))
}

/// A state, and what went wrong on the way to it.
#[derive(Default)]
struct Replayed {
    version: Version,
    state: Value,
    unhandled: BTreeSet<String>,
    errors: Vec<(Version, String, String)>,
    event_type: String,
    /// What took in the last event.
    maker: Option<Maker>,
}

impl Replayed {
    fn note(&mut self, version: Version, event_type: &str, outcome: &Folded) {
        self.version = version;
        if self.event_type != event_type {
            event_type.clone_into(&mut self.event_type);
        }
        match outcome {
            Folded::Unhandled => {
                if !self.unhandled.contains(event_type) {
                    self.unhandled.insert(event_type.to_owned());
                }
            }
            Folded::Failed(message) => self.errors.push((version, event_type.to_owned(), message.to_string())),
            Folded::Applied | Folded::Ignored => {}
        }
    }

    fn document(&self, stream: &StreamName, folded_by: &str) -> Value {
        let error = |(version, event_type, message): &(Version, String, String)| json!({"version": version, "event_type": event_type, "message": message});
        json!({
            "stream": stream.to_string(),
            "version": self.version,
            "state": self.state,
            "unhandled": self.unhandled,
            "errors": self.errors.iter().map(error).collect::<Vec<_>>(),
            "reducers": folded_by,
        })
    }

    fn write(&self, output: &mut Output, stream: &StreamName, folded_by: &str) -> Outcome {
        output.line(&format!("{stream} at version {} ({folded_by})", self.version))?;
        output.pretty(&self.state)?;
        if !self.unhandled.is_empty() {
            let types: Vec<&str> = self.unhandled.iter().map(String::as_str).collect();
            output.line(&format!("no rule for: {}", types.join(", ")))?;
        }
        for (version, event_type, message) in &self.errors {
            output.line(&format!("folding failed at version {version}, {event_type}: {message}"))?;
        }
        Ok(())
    }
}

fn fold(source: &Source, stream: &StreamName, to: Option<Version>, found: &FoundReducers) -> Result<Replayed> {
    let mut evolve = found.evolver(stream, &StopSwitch::default());
    let mut result = Replayed::default();
    let (mut count, mut progress) = (0, Progress::new());
    evolve.begin(stream, None)?;
    let again = source.reopen()?;
    let (again, range) = (move || Ok(again), (Version::MIN, to));
    if evolve.reads_data_alone() {
        briefs_ahead(again, stream, range, false, |briefs| {
            count += briefs.len() as u64;
            progress.tell(count, "events");
            for brief in briefs.iter() {
                let outcome = match evolve.advance_by(&brief, None) {
                    Some(outcome) => outcome,
                    None => evolve.advance(&mut brief.to_event(stream))?,
                };
                result.note(brief.version, brief.event_type, &outcome);
            }
            Ok(ControlFlow::Continue(()))
        })?;
    } else {
        read_ahead(again, stream, range, |events| {
            count += events.len() as u64;
            progress.tell(count, "events");
            let mut events = Ahead::new(events.into_iter().map(Ok));
            while let Some(event) = events.next(&mut *evolve) {
                let mut event = event?;
                let outcome = evolve.advance(&mut event)?;
                result.note(event.version, &event.event_type, &outcome);
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    result.state = evolve.state().to_json();
    result.maker = (count > 0).then(|| evolve.maker(&result.event_type));
    let last = (count > 0).then_some(result.version);
    let reached = last.is_some_and(|last| to.is_none_or(|to| last >= to));
    if reached { Ok(result) } else { Err(not_reached(stream, to, last)) }
}

pub(super) fn not_reached(stream: &StreamName, to: Option<Version>, last: Option<Version>) -> Error {
    let to = to.map_or_else(String::new, |to| format!(" {to}"));
    let ends = last.map_or_else(String::new, |last| format!(": it ends at version {last}"));
    Error::not_found(format!("the stream {stream} has no version{to}{ends}"))
}

/// Shows what each event of a stream changed.
pub(super) fn changes(database: &Database, text: &str, folding: &Folding) -> Outcome {
    let source = super::open_events(database)?;
    let (stream, to) = super::stream_at(&source, text)?;
    let found = super::reducers::choose(database, &source, folding, std::slice::from_ref(&stream))?;
    let mut evolve = found.evolver(&stream, &StopSwitch::default());
    evolve.begin(&stream, None)?;
    let mut output = Output::new(database.json);
    output.folded_by(found.label(&stream.aggregate_type));
    let mut events = Ahead::new(source.read_history(&stream, Version::MIN, to)?);
    while let Some(event) = events.next(&mut *evolve) {
        let event = event?;
        let applied = evolve.apply(&event)?;
        if database.json {
            output.document(&step_document(&event, &applied))?;
        } else {
            write_step(&mut output, &event, &applied)?;
        }
    }
    output.finish()
}

fn step_document(event: &Event, applied: &Applied) -> Value {
    let (outcome, error) = match &applied.outcome {
        Folded::Applied => ("applied", None),
        Folded::Ignored => ("ignored", None),
        Folded::Unhandled => ("unhandled", None),
        Folded::Failed(message) => ("failed", Some(&**message)),
    };
    json!({
        "version": event.version,
        "position": event.position,
        "event_type": event.event_type,
        "outcome": outcome,
        "error": error,
        "changes": applied.changes.iter().map(super::json::change).collect::<Vec<_>>(),
    })
}

fn write_step(output: &mut Output, event: &Event, applied: &Applied) -> Outcome {
    let what = match &applied.outcome {
        Folded::Applied if applied.changes.is_empty() => "  changed nothing".to_owned(),
        Folded::Applied => String::new(),
        Folded::Ignored => "  ignored by a rule".to_owned(),
        Folded::Unhandled => "  no rule".to_owned(),
        Folded::Failed(message) => format!("  failed: {message}"),
    };
    output.line(&format!("version {}  {}  at {}{what}", event.version, event.event_type, event.position))?;
    for change in &applied.changes {
        output.line(&format!("  {}", change_line(change)))?;
    }
    Ok(())
}

pub(super) fn change_line(change: &Change) -> String {
    let path = if change.path.is_empty() { "(all)" } else { &change.path };
    let short = |value: &Value| one_line(&value.to_string());
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("~ {path}  {} -> {}", short(before), short(after)),
        (None, Some(after)) => format!("+ {path}  {}", short(after)),
        (Some(before), None) => format!("- {path}  {}", short(before)),
        (None, None) => format!("~ {path}"),
    }
}
