//! `eventscope export`: the events of any database as lines of JSON.

use std::path::Path;

use crate::filter::compile;
use crate::store::{Query, ndjson_line};

use super::arguments::Database;
use super::events::{Found, Wanted, each_event, parsed};
use super::output::{Outcome, Output};

/// Writes the events, oldest first. The database is only read.
pub(super) fn run(database: &Database, filter: &str) -> Outcome {
    let parsed = parsed(filter)?;
    if filter.trim().is_empty() && !super::opened(database)?.archives()?.is_empty() {
        return whole(&database.file);
    }
    let source = super::open_events(database)?;
    source.require_whole()?;
    let compiled = source.mapping().map(|mapping| compile(&parsed, mapping)).unwrap_or_default();
    let wanted = Wanted { filter, limit: None, offset: 0, count: false, folding: None };
    let mut output = Output::new(database.json);
    each_event(&source, Found::ByScan(&compiled), &wanted, |event| output.line(&ndjson_line(&event)?))?;
    output.finish()
}

/// Writes all events of a store with archives, wherever they lie.
fn whole(file: &Path) -> Outcome {
    let store = super::open_store(file)?;
    let mut output = Output::new(true);
    for event in store.events(Query::default()) {
        output.line(&ndjson_line(&event?)?)?;
    }
    output.finish()
}
