//! `eventscope what-if`: the state of a stream if some of its events had been others, beside the real one.

use std::ops::ControlFlow;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::event::{StreamName, Version};
use crate::process::StopSwitch;
use crate::replay::branch::{self, Branch};
use crate::replay::probe::Fidelity;

use super::arguments::WhatIf;
use super::folding::Folder;
use super::output::{Outcome, Output};
use super::progress::Progress;

/// Shows the state of the branch, the first version where it parts from the real history, and what is other in it.
pub(super) fn run(arguments: &WhatIf) -> Outcome {
    let folder = Folder::open(&arguments.database, &arguments.folding, &[&arguments.stream])?;
    let stream = folder.source.stream_named(&arguments.stream)?;
    let branch = branch_of(&stream, arguments)?;
    let mut evolve = folder.found.evolver(&stream, &StopSwitch::default());
    let mut progress = Progress::new();
    let mut fidelity = Fidelity::default();
    let events = folder.source.read_history(&stream, Version::MIN, arguments.at)?;
    let found = branch::what_if(&mut *evolve, &branch, events, &mut fidelity, |count| {
        progress.tell(count, "events");
        ControlFlow::Continue(())
    })?;
    progress.clear();
    require(&found, &stream, arguments.at)?;
    let folded_by = folder.found.label(&stream.aggregate_type);
    let mut output = Output::new(arguments.database.json);
    if output.json {
        output.document(&document(&found, &fidelity, &stream, &folded_by))?;
    } else {
        write(&mut output, &found, &fidelity, &stream, &folded_by)?;
    }
    output.finish()
}

/// The branch that the arguments describe: the one of a file, with what they say on top.
fn branch_of(stream: &StreamName, arguments: &WhatIf) -> Result<Branch> {
    let mut branch = match &arguments.branch {
        Some(file) => read(file, stream)?,
        None => Branch::of(stream),
    };
    arguments.skip.iter().for_each(|version| branch.skip(*version));
    arguments.set.iter().for_each(|edit| branch.set(edit.version, edit.data.clone()));
    for insertion in &arguments.insert {
        branch.insert(insertion.0.clone());
    }
    Ok(arguments.at.map_or(branch.clone(), |at| branch.until(at)))
}

fn read(file: &Path, stream: &StreamName) -> Result<Branch> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Error::bad_input(format!("the branch in {} cannot be read: {error}", file.display())).with_source(error)
    })?;
    let branch = Branch::parse(&text, &file.file_name().unwrap_or_default().to_string_lossy())?;
    if branch.stream() == *stream {
        return Ok(branch);
    }
    Err(Error::bad_input(format!("{} holds a branch of {}, not of {stream}", file.display(), branch.stream())))
}

/// An error where the stream has not what the branch is about.
fn require(found: &branch::WhatIf, stream: &StreamName, at: Option<Version>) -> Result<()> {
    if let Some(at) = at.filter(|at| found.version.is_none_or(|last| last < *at)) {
        return Err(super::state::not_reached(stream, Some(at), found.version));
    }
    match found.missing.first() {
        Some(version) => Err(Error::not_found(format!("the stream {stream} has no version {version} to skip or set"))),
        None => Ok(()),
    }
}

fn document(found: &branch::WhatIf, fidelity: &Fidelity, stream: &StreamName, folded_by: &str) -> Value {
    let errors = failures(fidelity).map(
        |(version, event_type, message)| json!({"version": version, "event_type": event_type, "message": message}),
    );
    json!({
        "state": found.branch.to_json(),
        "parts_at": found.parts_at,
        "changes": found.differences().iter().map(crate::insight::difference_document).collect::<Vec<_>>(),
        "stream": stream.to_string(),
        "version": found.version,
        "unhandled": fidelity.unhandled().collect::<Vec<_>>(),
        "errors": errors.collect::<Vec<_>>(),
        "reducers": folded_by,
    })
}

/// The first failure of each event type.
fn failures(fidelity: &Fidelity) -> impl Iterator<Item = (Version, &str, &str)> {
    fidelity.types().iter().filter_map(|(event_type, known)| {
        let (version, message) = known.first_failure.as_ref()?;
        Some((*version, event_type.as_str(), &**message))
    })
}

fn write(
    output: &mut Output,
    found: &branch::WhatIf,
    fidelity: &Fidelity,
    stream: &StreamName,
    folded_by: &str,
) -> Outcome {
    let version = found.version.map_or_else(String::new, |version| format!(" at version {version}"));
    output.line(&format!("{stream}{version}, what if ({folded_by})"))?;
    output.pretty(&found.branch.to_json())?;
    let differences = found.differences();
    match found.parts_at {
        None => output.line("the state is the real one at every version")?,
        Some(at) if differences.is_empty() => {
            output.line(&format!("parts from the real history at version {at}, and is the real state in the end"))?;
        }
        Some(at) => output.line(&format!("parts from the real history at version {at}; against the real state:"))?,
    }
    for difference in &differences {
        output.line(&format!("  {}", super::diff::line(difference)))?;
    }
    let unhandled: Vec<&str> = fidelity.unhandled().collect();
    if !unhandled.is_empty() {
        output.line(&format!("no rule for: {}", unhandled.join(", ")))?;
    }
    for (version, event_type, message) in failures(fidelity) {
        output.line(&format!("folding failed at version {version}, {event_type}: {message}"))?;
    }
    Ok(())
}
