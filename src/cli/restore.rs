//! `eventscope restore`: events come back from the archives into their event store.

use serde_json::json;

use super::archive::progress;
use super::arguments::Store;
use super::output::{Outcome, Output};
use super::values::Stream;

/// Brings back the events of some streams, or of all where none is named.
pub(super) fn run(arguments: &Store, streams: Vec<Stream>) -> Outcome {
    let mut store = super::open_store(&arguments.file)?;
    let streams: Vec<_> = streams.into_iter().map(|stream| stream.0).collect();
    let restored = store.restore(&streams, progress)?;
    let mut output = Output::new(arguments.json);
    if arguments.json {
        output.document(&json!({"events": restored.events, "streams": restored.streams}))?;
    } else if restored.events == 0 {
        output.line("there is nothing to restore")?;
    } else {
        output.line(&format!("restored {} events of {} streams", restored.events, restored.streams))?;
    }
    output.finish()
}
