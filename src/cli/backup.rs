//! `eventscope backup`: a copy of an event store at one moment.

use std::path::Path;

use serde_json::json;

use super::arguments::Store;
use super::output::{Outcome, Output};

/// Copies the store.
pub(super) fn run(arguments: &Store, to: &Path) -> Outcome {
    super::open_store(&arguments.file)?.backup(to)?;
    let mut output = Output::new(arguments.json);
    if arguments.json {
        output.document(&json!({"file": to.to_string_lossy()}))?;
    } else {
        output.line(&format!("copied {} to {}", arguments.file.display(), to.display()))?;
    }
    output.finish()
}
