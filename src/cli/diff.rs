//! `eventscope diff`: what differs between the states of two streams, or of one at two versions.

use serde_json::Value;

use crate::insight::{DifferenceForm, difference_document};
use crate::replay::Change;
use crate::replay::compare::{Difference, Kind, compare};

use super::arguments::{Database, Diff};
use super::folding::Folder;
use super::output::{Outcome, Output};

/// Shows what has to change in the first state to give the second.
pub(super) fn run(diff: &Diff) -> Outcome {
    let Diff { database, folding, a, b, other, format } = diff;
    let here: &[&str] = if other.is_some() { &[a] } else { &[a, b] };
    let first = Folder::open(database, folding, here)?;
    let other = other.clone().map(|file| Database { file, ..database.clone() });
    let second = other.map(|database| Folder::open(&database, folding, &[b])).transpose()?;
    let folded_by = first.label(&first.stream_at(a)?.0);
    let state = |folder: &Folder, text: &str| -> Outcome<Value> {
        let (stream, version) = folder.stream_at(text)?;
        folder.state(&stream, version)
    };
    let sides = [a.as_str(), b.as_str()];
    let (a, b) = (state(&first, a)?, state(second.as_ref().unwrap_or(&first), b)?);
    let mut output = Output::new(database.json);
    output.folded_by(folded_by);
    let differences = compare(&a, &b);
    if let Some(form) = format {
        output.bytes(DifferenceForm::from(*form).write(sides, &differences).as_bytes())?;
        return output.finish();
    }
    for difference in &differences {
        if output.json {
            output.document(&difference_document(difference))?;
        } else {
            output.line(&line(difference))?;
        }
    }
    if differences.is_empty() && !output.json {
        output.line("the states are the same")?;
    }
    output.finish()
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
