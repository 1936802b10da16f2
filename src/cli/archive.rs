//! `eventscope archive`: streams or events move from an event store into its archive.

use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;

use serde_json::json;

use crate::store::{ArchivePlan, ArchiveProgress, ArchiveSelection, Archived};

use super::arguments::Archive;
use super::output::{Outcome, Output};

/// Moves the events, or says what would be moved.
pub(super) fn run(arguments: &Archive) -> Outcome {
    let mut store = super::open_store(&arguments.store.file)?;
    let plan = store.plan_archive(&selection(arguments), arguments.to.as_deref())?;
    let mut output = Output::new(arguments.store.json);
    if arguments.dry_run {
        show_plan(&mut output, &plan)?;
    } else {
        let archived = store.archive(&plan, progress)?;
        show(&mut output, &archived)?;
    }
    output.finish()
}

fn selection(arguments: &Archive) -> ArchiveSelection {
    ArchiveSelection {
        streams: arguments.streams.iter().map(|stream| stream.0.clone()).collect(),
        aggregate_type: arguments.aggregate_type.clone(),
        closed: arguments.closed.clone(),
        before: arguments.before.map(|before| before.0),
    }
}

fn show_plan(output: &mut Output, plan: &ArchivePlan) -> Outcome {
    let ArchivePlan { archive, events, bytes, .. } = plan;
    let streams = plan.streams.len();
    if output.json {
        output.document(&json!({
            "archive": archive.to_string_lossy(),
            "new_archive": plan.new_archive,
            "events": events,
            "streams": streams,
            "bytes": bytes,
        }))
    } else {
        let archive = archive.display();
        output
            .line(&format!("would archive {events} events of {streams} streams, {bytes} bytes of data, into {archive}"))
    }
}

fn show(output: &mut Output, archived: &Archived) -> Outcome {
    let Archived { archive, events, streams, .. } = archived;
    if output.json {
        output.document(&json!({"archive": archive.to_string_lossy(), "events": events, "streams": streams}))
    } else if *events == 0 {
        output.line("there is nothing to archive")
    } else {
        output.line(&format!("archived {events} events of {streams} streams into {}", archive.display()))
    }
}

/// Says how far it has come, where somebody is watching.
pub(super) fn progress(progress: ArchiveProgress) -> ControlFlow<()> {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        // Whoever cannot be told waits for the answer.
        let _ = write!(stderr, "{} of {} events\r", progress.events, progress.total);
    }
    ControlFlow::Continue(())
}
