//! `eventscope export`: the events of any database as lines of JSON.

use crate::filter::compile;
use crate::store::ndjson_line;

use super::arguments::Database;
use super::events::{Wanted, each_event, parsed};
use super::output::{Outcome, Output};

/// Writes the events, oldest first. The database is only read.
pub(super) fn run(database: &Database, filter: &str) -> Outcome {
    let parsed = parsed(filter)?;
    let source = super::open_events(database)?;
    let compiled = source.mapping().map(|mapping| compile(&parsed, mapping)).unwrap_or_default();
    let wanted = Wanted { filter, limit: None, offset: 0, count: false };
    let mut output = Output::new(database.json);
    each_event(&source, &compiled, &wanted, |event| output.line(&ndjson_line(&event)?))?;
    output.finish()
}
