//! `eventscope trace`: what caused an event and what it caused, as a tree.

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::filter::{Field, Filter, Term, compile};
use crate::insight::{Trace, TraceBasis, TraceMark, TraceNode, correlated, trace};
use crate::source::Source;

use super::arguments::Tracing;
use super::output::{Outcome, Output};

/// How far effects are indented; of those that lie deeper the depth is said.
const DEEPEST: usize = 30;

/// Prints the tree; in JSON a document for each event, causes before their effects.
pub(super) fn run(arguments: &Tracing) -> Outcome {
    let source = super::open_events(&arguments.database)?;
    let found = match (&arguments.event, &arguments.correlation) {
        (Some(text), _) => {
            let event = named(&source, text)?;
            (trace(&source, &event)?, Some(event.position))
        }
        (None, correlation) => (correlated(&source, correlation.as_deref().unwrap_or_default())?, None),
    };
    let (trace, asked) = found;
    if trace.nodes.is_empty() {
        let id = arguments.correlation.as_deref().unwrap_or_default();
        return Err(Error::new(ErrorKind::NotFound, format!("no event has the correlation {id}")).into());
    }
    let mut output = Output::new(arguments.database.json);
    if output.json {
        trace.nodes.iter().try_for_each(|node| output.document(&document(&trace, node)))?;
    } else {
        if trace.basis == TraceBasis::SameTime {
            output.line("a guess: this store knows no causes; these events have the same time")?;
        }
        for node in &trace.nodes {
            output.line(&line(node, asked == Some(node.event.position)))?;
        }
        if trace.truncated {
            output.line("there are more")?;
        }
    }
    output.finish()
}

/// The event of an id, or else at a position.
fn named(source: &Source, text: &str) -> Result<Event> {
    if let Some(mapping) = source.mapping().filter(|mapping| mapping.event_id.is_some()) {
        let filter = Filter { terms: vec![Term::field(Field::Id, text)] };
        let positions = source.find(&compile(&filter, mapping))?;
        if let Some(event) = positions.first().map(|position| source.event(*position)).transpose()?.flatten() {
            return Ok(event);
        }
    }
    let position = text.parse().ok().map(|position| source.event(position)).transpose()?.flatten();
    position.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("no event has the id or the position {text}"))
            .with_hint("`eventscope events FILE --json` lists events with their ids.")
    })
}

fn line(node: &TraceNode, is_asked: bool) -> String {
    let event = &node.event;
    let mark = match node.mark {
        Some(TraceMark::Missing) => {
            format!("  (its cause {} is no event here)", event.causation_id.as_deref().unwrap_or_default())
        }
        Some(TraceMark::Loop) => "  (caused by its own effect)".to_owned(),
        None => String::new(),
    };
    let time = event.timestamp.as_ref().map(|time| format!("  {}", time.stored)).unwrap_or_default();
    let (indent, asked) = ("  ".repeat(node.depth.min(DEEPEST)), if is_asked { "* " } else { "" });
    let deeper = if node.depth > DEEPEST { format!("({}) ", node.depth) } else { String::new() };
    let text = format!("{}  {}@{}  {}{time}{mark}", event.position, event.stream, event.version, event.event_type);
    format!("{indent}{deeper}{asked}{}", crate::session::one_line(&text))
}

fn document(trace: &Trace, node: &TraceNode) -> Value {
    let event = &node.event;
    let cause = node.cause.and_then(|cause| trace.nodes.get(cause)).map(|cause| cause.event.position);
    json!({
        "position": event.position,
        "event_id": event.id,
        "stream": event.stream.to_string(),
        "version": event.version,
        "event_type": event.event_type,
        "timestamp": event.timestamp.as_ref().map(|time| &*time.stored),
        "depth": node.depth,
        "cause": cause,
        "causation_id": event.causation_id,
        "correlation_id": event.correlation_id,
        "mark": node.mark.map(|mark| match mark {
            TraceMark::Missing => "missing",
            TraceMark::Loop => "loop",
        }),
        "guess": trace.basis == TraceBasis::SameTime,
    })
}
