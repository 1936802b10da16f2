//! `eventscope settings`: what an event store asks of names, and in what it writes data.

use serde_json::json;

use crate::store::Naming;

use super::arguments::Settings;
use super::output::{Outcome, Output};

/// Changes what is asked for, then shows what holds.
pub(super) fn run(arguments: &Settings) -> Outcome {
    let mut store = super::own_store::open(&arguments.store.file)?;
    let before = store.naming()?;
    let naming = Naming {
        event_types: chosen(arguments.event_types.as_deref(), Naming::EVENT_TYPES, before.event_types.clone()),
        aggregate_types: chosen(
            arguments.aggregate_types.as_deref(),
            Naming::AGGREGATE_TYPES,
            before.aggregate_types.clone(),
        ),
    };
    if naming != before {
        store.set_naming(&naming)?;
    }
    if let Some(encoding) = arguments.encoding {
        store.set_encoding(encoding)?;
    }
    let encoding = store.encoding()?.to_string();
    let mut output = Output::new(arguments.store.json);
    if arguments.store.json {
        let Naming { event_types, aggregate_types } = naming;
        output
            .document(&json!({"event_types": event_types, "aggregate_types": aggregate_types, "encoding": encoding}))?;
    } else {
        let shown = |pattern: &Option<String>| pattern.clone().unwrap_or_else(|| "any".to_owned());
        output.line(&format!("event types      {}", shown(&naming.event_types)))?;
        output.line(&format!("aggregate types  {}", shown(&naming.aggregate_types)))?;
        output.line(&format!("encoding         {encoding}"))?;
    }
    output.finish()
}

/// The pattern that a word of the command line stands for.
fn chosen(word: Option<&str>, built_in: &str, before: Option<String>) -> Option<String> {
    match word {
        None => before,
        Some("any") => None,
        Some("dotted") => Some(built_in.to_owned()),
        Some(pattern) => Some(pattern.to_owned()),
    }
}
