//! `eventscope diff`: what differs between the states of two streams, or of one at two versions.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::replay::Change;
use crate::replay::compare::{Difference, Kind, compare};

use super::arguments::{Database, Folding};
use super::folding::Folder;
use super::output::{Outcome, Output};

/// Shows what has to change in the first state to give the second.
pub(super) fn run(database: &Database, folding: &Folding, a: &str, b: &str, other: Option<PathBuf>) -> Outcome {
    let here: &[&str] = if other.is_some() { &[a] } else { &[a, b] };
    let first = Folder::open(database, folding, here)?;
    let second = other.map(|file| Folder::open(&Database { file, ..database.clone() }, folding, &[b])).transpose()?;
    let folded_by = first.label(&first.stream_at(a)?.0);
    let state = |folder: &Folder, text: &str| -> Outcome<Value> {
        let (stream, version) = folder.stream_at(text)?;
        folder.state(&stream, version)
    };
    let (a, b) = (state(&first, a)?, state(second.as_ref().unwrap_or(&first), b)?);
    let mut output = Output::new(database.json);
    output.folded_by(folded_by);
    let differences = compare(&a, &b);
    for difference in &differences {
        if output.json {
            output.document(&document(difference))?;
        } else {
            output.line(&line(difference))?;
        }
    }
    if differences.is_empty() && !output.json {
        output.line("the states are the same")?;
    }
    output.finish()
}

/// A difference by the names that a change has, and where it was before where that is elsewhere.
pub(super) fn document(difference: &Difference) -> Value {
    let kind = match difference.kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
        Kind::Moved => "moved",
    };
    let mut document = json!({
        "path": difference.path(),
        "before": difference.before,
        "after": difference.after,
        "kind": kind,
    });
    let elsewhere = difference.from.as_ref().filter(|from| difference.to.as_ref().is_some_and(|to| to != *from));
    if let (Some(from), Some(members)) = (elsewhere, document.as_object_mut()) {
        members.insert("from".to_owned(), Value::from(from.as_str()));
    }
    document
}

/// A difference in one line for people, the elements of arrays by their names.
pub(super) fn line(difference: &Difference) -> String {
    let Difference { label, before, after, .. } = difference;
    match difference.kind {
        Kind::Moved => {
            let (from, to) = (difference.from.as_deref(), difference.to.as_deref());
            format!("~ {label}  moved from {} to {}", from.unwrap_or_default(), to.unwrap_or_default())
        }
        Kind::Added | Kind::Removed | Kind::Changed => {
            super::state::change_line(&Change { path: label.clone(), before: before.clone(), after: after.clone() })
        }
    }
}
