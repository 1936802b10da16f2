//! `eventscope streams`: every stream with its events and its last version.

use std::ops::ControlFlow;

use serde_json::json;

use crate::source::StreamSummary;

use super::arguments::Database;
use super::output::{Align, Columns, Failure, Outcome, Output};

/// Lists the streams.
pub(super) fn run(database: &Database) -> Outcome {
    let source = super::open_events(database)?;
    let mut output = Output::new(database.json);
    if database.json {
        listed(&source, |stream| output.document(&document(stream)))?;
    } else {
        let headings =
            [("TYPE", Align::Left), ("EVENTS", Align::Right), ("VERSION", Align::Right), ("ID", Align::Left)];
        let mut columns = Columns::new(&mut output, &headings);
        listed(&source, |stream| columns.row(cells(stream)))?;
        columns.write()?;
    }
    output.finish()
}

/// Gives each stream to `each` as it is read, and ends at its first failure.
fn listed(source: &crate::source::Source, mut each: impl FnMut(&StreamSummary) -> Outcome) -> Outcome {
    let mut failure: Option<Failure> = None;
    source.streams(&mut |stream| match each(&stream) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failure.map_or(Ok(()), Err)
}

fn document(stream: &StreamSummary) -> serde_json::Value {
    json!({
        "aggregate_type": stream.name.aggregate_type,
        "aggregate_id": stream.name.aggregate_id,
        "events": stream.events,
        "last_version": stream.last_version,
    })
}

fn cells(stream: &StreamSummary) -> Vec<String> {
    vec![
        stream.name.aggregate_type.clone(),
        stream.events.to_string(),
        stream.last_version.to_string(),
        stream.name.aggregate_id.clone(),
    ]
}
