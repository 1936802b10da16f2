//! `eventscope snapshots`: whether the states that the application stored are what its events fold to.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::event::{StreamName, Version};
use crate::insight::{self, Scope};
use crate::process::StopSwitch;
use crate::replay::Change;
use crate::replay::fault::Fault;
use crate::replay::probe::Compared;

use super::arguments::{Database, Folding};
use super::folding::{Folder, short};
use super::output::{Failure, Outcome, Output};
use super::progress::Progress;

/// Lists every snapshot, with what it holds that the replay at its own version does not.
pub(super) fn run(database: &Database, folding: &Folding) -> Outcome {
    let folder = Folder::open(database, folding, &[])?;
    let mut output = Output::new(database.json);
    let mut progress = Progress::new();
    let mut failure: Option<Failure> = None;
    let (mut count, mut agree) = (0, 0_u64);
    let mut evolver = |stream: &StreamName| folder.found.evolver(stream, &StopSwitch::default());
    insight::compare_snapshots(
        &folder.source,
        &folder.found.reducers,
        &mut evolver,
        Scope::All,
        &mut |stream, compared| {
            count += compared.len() as u64;
            agree += compared.iter().filter(|(_, compared)| *compared == Compared::Agrees).count() as u64;
            progress.clear();
            output.folded_by(folder.label(stream));
            let (source, reducers) = (&folder.source, &folder.found.reducers);
            let mut evolve = folder.found.evolver(stream, &StopSwitch::default());
            let faults = insight::faults_of(source, reducers, &mut *evolve, stream, &compared);
            let written = faults.map_err(Failure::from).and_then(|faults| {
                compared.iter().try_for_each(|(version, compared)| {
                    put(&mut output, (stream, *version), compared, faults.get(version).copied())
                })
            });
            match written.and_then(|()| output.finish()) {
                Ok(()) => {
                    progress.tell(count, "snapshots");
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        },
    )
    .or_else(|error| if failure.is_some() { Ok(()) } else { Err(error) })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    progress.clear();
    if !database.json {
        output.line(&format!("{agree} of {count} snapshots are what the events fold to"))?;
    }
    output.finish()
}

fn put(
    output: &mut Output,
    (stream, version): (&StreamName, Version),
    compared: &Compared,
    fault: Option<Fault>,
) -> Outcome {
    let (agrees, drift, error) = match compared {
        Compared::Agrees => (Some(true), &[][..], None),
        Compared::Differs(changes) => (Some(false), changes.as_slice(), None),
        Compared::NoSuchVersion => (Some(false), &[][..], Some("the stream has no event of this version".to_owned())),
        Compared::FilterFailed(message) => (None, &[][..], Some(message.clone())),
        Compared::Unreadable => (None, &[][..], Some("it cannot be read".to_owned())),
    };
    if output.json {
        let mut document = json!({
            "stream": stream.to_string(),
            "version": version,
            "agrees": agrees,
            "drift": drift.iter().map(drifted).collect::<Vec<_>>(),
        });
        if let (Some(error), Some(members)) = (error, document.as_object_mut()) {
            members.insert("error".to_owned(), Value::from(error));
        }
        if let (Some(fault), Some(members)) = (fault, document.as_object_mut()) {
            members.insert("fault".to_owned(), Value::from(fault.words(version)));
        }
        return output.document(&document);
    }
    let what = match (agrees, error) {
        (_, Some(error)) => error,
        (Some(true), None) => "agrees".to_owned(),
        (_, None) => fault.map_or_else(|| "drifts:".to_owned(), |fault| format!("drifts, {}:", fault.words(version))),
    };
    output.line(&format!("{stream} at version {version}  {what}"))?;
    drift.iter().try_for_each(|change| output.line(&format!("  {}", words(change))))
}

/// The changes lead from the replayed state to the stored one.
fn drifted(change: &Change) -> Value {
    json!({"path": change.path, "stored": change.after, "replayed": change.before})
}

fn words(change: &Change) -> String {
    let path = if change.path.is_empty() { "(all)" } else { &change.path };
    match (&change.before, &change.after) {
        (None, after) => format!("{path}  stored {}, not in the replay", short(after.as_ref())),
        (before, None) => format!("{path}  replayed {}, not in the snapshot", short(before.as_ref())),
        (before, after) => format!("{path}  stored {}, replayed {}", short(after.as_ref()), short(before.as_ref())),
    }
}
