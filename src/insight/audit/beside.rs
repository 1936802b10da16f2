//! What stands beside the events: rows of streams, readers with their checkpoints, and snapshots.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::finding::{Finding, Instance, Instances, Severity};
use super::streams::Streams;
use super::{AuditRules, AuditStep};
use crate::error::Result;
use crate::event::Decoded;
use crate::insight::statistics::hear;
use crate::insight::{Scope, compare_snapshots};
use crate::replay::probe::Compared;
use crate::source::Source;

/// How many paths of a snapshot that drifted are named.
const PATHS: usize = 5;
/// One in how many snapshots of an aggregate type must agree for the others to be faults: where fewer do, the rules are not
/// the application's.
const AGREEING: u64 = 10;

/// Rows of streams and checkpoints that say another thing than the events.
pub(super) fn findings(source: &Source, streams: &Streams) -> Result<Vec<Finding>> {
    let mut rows = Instances::default();
    for row in source.stream_rows(&|stream| streams.last_version(stream))? {
        let last = streams.last_version(&row.stream).unwrap_or_default();
        let (column, says) = &row.says;
        let what = format!("{}.{column} says {says}, and the last event is {last}", row.table);
        rows.note(|| Instance { stream: Some(row.stream.clone()), version: Some(last), ..Instance::said(what) });
    }
    let (mut behind, mut ahead) = (Instances::default(), Instances::default());
    let last = streams.last_position();
    for reader in source.checkpoints()? {
        let Some((position, last)) = reader.position.zip(last) else { continue };
        let place = format!("{} in {}", reader.name, reader.table);
        if position > last {
            ahead.note(|| Instance::said(format!("{place} is at {position}, and the last event is {last}")));
        } else if let Some(count) = reader.behind.filter(|count| *count > 0) {
            behind.note(|| Instance {
                position: Some(position),
                ..Instance::said(format!("{place} is at {position}, {count} events behind"))
            });
        }
    }
    Ok([
        rows.finding(
            "stream_version",
            Severity::Error,
            "The table of streams says another version than the events have.",
            "A writer that trusts that table will be refused, or write a gap: correct it from the events.",
        ),
        ahead.finding(
            "checkpoint_ahead",
            Severity::Warning,
            "A reader says that it has read beyond the last event.",
            "Where it reads this store it will miss what is written next: set it back, or find out where the events went.",
        ),
        behind.finding(
            "checkpoint_behind",
            Severity::Note,
            "A reader has not read all events yet.",
            "Nothing, where it is at work; else start it, and look at what stopped it.",
        ),
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// Snapshots that are ahead of their stream, cannot be read, or are not what the events say.
pub(super) fn snapshots(
    source: &Source,
    streams: &Streams,
    rules: Option<&mut AuditRules<'_>>,
    on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
) -> Result<Vec<Finding>> {
    let (mut ahead, mut undecodable, mut all) = (Instances::default(), Instances::default(), 0_u64);
    source.all_snapshots(&mut |snapshot| {
        all += 1;
        let last = streams
            .last_version(&snapshot.stream)
            .or_else(|| streams.last_version_of_id(&snapshot.stream.aggregate_id));
        let at = |what: String| Instance {
            position: None,
            stream: Some(snapshot.stream.clone()),
            version: Some(snapshot.version),
            what,
        };
        match last {
            Some(last) if snapshot.version > last => {
                ahead.note(|| at(format!("a snapshot of version {}, and the last is {last}", snapshot.version)));
            }
            _ => {}
        }
        if matches!(snapshot.state.decoded(), Decoded::Opaque { .. } | Decoded::Missing) {
            undecodable.note(|| at("a snapshot that cannot be read".to_owned()));
        }
        on(AuditStep::Snapshots(all))
    })?;
    let usual = if undecodable.count == all { Severity::Note } else { Severity::Warning };
    let mut found: Vec<Finding> = Vec::new();
    found.extend(ahead.finding(
        "snapshot_ahead",
        Severity::Error,
        "A snapshot is of a version that its stream has not reached.",
        "Delete it: whoever loads it skips the events to come.",
    ));
    found.extend(undecodable.finding(
        "snapshot_undecodable",
        usual,
        "A snapshot is in no form that is known.",
        "Delete it where the application cannot read it either; encrypted ones are no fault.",
    ));
    if let Some(rules) = rules.filter(|_| all > 0) {
        found.extend(drift(source, rules, on)?);
    }
    Ok(found)
}

fn drift(
    source: &Source,
    rules: &mut AuditRules<'_>,
    on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
) -> Result<Option<Finding>> {
    let mut types: BTreeMap<String, (u64, Instances)> = BTreeMap::new();
    let (mut compared_so_far, mut heard) = (0, Ok(()));
    compare_snapshots(source, rules.reducers, rules.evolver, Scope::All, &mut |stream, compared| {
        let (agreeing, drifted) = types.entry(stream.aggregate_type.clone()).or_default();
        for (version, compared) in &compared {
            *agreeing += u64::from(*compared == Compared::Agrees);
            if let Compared::Differs(changes) = compared {
                let mut paths: Vec<&str> = changes.iter().take(PATHS).map(|change| change.path.as_str()).collect();
                if changes.len() > PATHS {
                    paths.push("…");
                }
                let what = format!("differs from the replay at {}", paths.join(", "));
                drifted.note(|| Instance {
                    position: None,
                    stream: Some(stream.clone()),
                    version: Some(*version),
                    what,
                });
            }
        }
        compared_so_far += compared.len() as u64;
        heard = hear(on(AuditStep::Snapshots(compared_so_far)));
        if heard.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    heard?;
    let mut drifted = Instances::default();
    for (agreeing, differing) in types.into_values() {
        if agreeing * AGREEING >= agreeing + differing.count {
            drifted.extend(differing);
        }
    }
    Ok(drifted.finding(
        "snapshot_drift",
        Severity::Error,
        "A snapshot is not what the events of its stream fold to.",
        "Delete it and have it made anew; look at what made it, since reads from it are wrong.",
    ))
}
