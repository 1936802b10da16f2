//! Whether the snapshots that an application stored are what its events fold to.
//!
//! Each snapshot is compared at its own version, not with the latest state. Where they differ, either the rules are not
//! the application's, or the application has stored something else than its events say.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::replay::probe::{self, Compared, SnapshotDrift, Stored};
use crate::replay::{Change, Evolve, Finds, Fold, Reducers};
use crate::source::{Snapshot, Source};

use super::statistics::hear;

/// How many bytes of stored snapshots are held at once; of what is beyond, only the names.
const HELD: usize = 64 * 1024 * 1024;

/// Whose snapshots are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All there are.
    #[default]
    All,
    /// Those of one aggregate type.
    AggregateType(&'a str),
    /// Those of one stream.
    Stream(&'a StreamName),
}

/// Compares the stored snapshots with the replay, stream by stream, in short transactions.
///
/// `progress` hears of what is known after each stream, and may break it off.
///
/// # Errors
/// What reading failed with; [`crate::ErrorKind::Cancelled`] where `progress` or the source's interrupt stopped it.
pub fn drift(
    source: &Source,
    reducers: &Reducers,
    scope: Scope<'_>,
    progress: &mut dyn FnMut(&Drift) -> ControlFlow<()>,
) -> Result<Drift> {
    drift_of(source, reducers, &mut |stream| Box::new(Fold::new(reducers, &stream.aggregate_type)), scope, progress)
}

/// As [`drift`], with streams folded by what `evolver` gives for each; the reducers say how a snapshot is to be read.
///
/// # Errors
/// As [`drift`], and what an evolver fails with.
pub fn drift_of(
    source: &Source,
    reducers: &Reducers,
    evolver: &mut dyn FnMut(&StreamName) -> Box<dyn Evolve>,
    scope: Scope<'_>,
    progress: &mut dyn FnMut(&Drift) -> ControlFlow<()>,
) -> Result<Drift> {
    let mut drift = Drift::default();
    compare_snapshots(source, reducers, evolver, scope, &mut |stream, compared| {
        for (version, compared) in compared {
            drift.note(stream, version, compared);
        }
        progress(&drift)
    })?;
    Ok(drift)
}

/// What hears of the snapshots of one stream after the other, each with what came of comparing it.
pub type OnCompared<'a> = dyn FnMut(&StreamName, Vec<(Version, Compared)>) -> ControlFlow<()> + 'a;

/// Compares the stored snapshots with the replay, stream by stream, in short transactions, and gives what came of each to
/// `on`, in the order of their versions, until that breaks it off.
///
/// # Errors
/// As [`drift_of`].
pub fn compare_snapshots(
    source: &Source,
    reducers: &Reducers,
    evolver: &mut dyn FnMut(&StreamName) -> Box<dyn Evolve>,
    scope: Scope<'_>,
    on: &mut OnCompared<'_>,
) -> Result<()> {
    for (name, held) in stored(source, scope)? {
        // Snapshots may leave the type to the events.
        let stream = source.stream_named(&name.to_string()).unwrap_or(name);
        if matches!(scope, Scope::AggregateType(wanted) if wanted != stream.aggregate_type) {
            continue;
        }
        let snapshots = match held {
            Some(snapshots) => snapshots,
            None => source.snapshots(&stream)?.iter().map(document).collect(),
        };
        let last = snapshots.iter().map(|(version, _)| *version).max();
        let events = source.read_history(&stream, Version::MIN, last)?;
        hear(on(&stream, compared(&stream, events, &snapshots, reducers, &mut *evolver(&stream))?))?;
    }
    Ok(())
}

/// Folds one stream and compares its snapshots.
fn compared(
    stream: &StreamName,
    events: impl Iterator<Item = Result<Event>>,
    snapshots: &[(Version, Option<Value>)],
    reducers: &Reducers,
    evolve: &mut dyn Evolve,
) -> Result<Vec<(Version, Compared)>> {
    let stored = |(version, state): &(Version, Option<Value>)| Stored { version: *version, state: state.clone() };
    let mut probe = SnapshotDrift::new(stream, snapshots.iter().map(stored).collect(), reducers);
    probe::pass(evolve, stream, events, &mut probe, |_, _| ControlFlow::Continue(()))?;
    Ok(probe.take())
}

type Held = Vec<(Version, Option<Value>)>;

/// The streams that have snapshots, each with its snapshots as far as they fit.
fn stored(source: &Source, scope: Scope<'_>) -> Result<Vec<(StreamName, Option<Held>)>> {
    if let Scope::Stream(stream) = scope {
        let snapshots: Held = source.snapshots(stream)?.iter().map(document).collect();
        return Ok(if snapshots.is_empty() { Vec::new() } else { vec![(stream.clone(), Some(snapshots))] });
    }
    let mut streams: Vec<(StreamName, Option<Held>)> = Vec::new();
    let mut bytes = 0;
    source.all_snapshots(&mut |snapshot| {
        if streams.last().is_none_or(|(name, _)| *name != snapshot.stream) {
            streams.push((snapshot.stream.clone(), Some(Vec::new())));
        }
        bytes += snapshot.state.raw.len();
        if let Some((_, held)) = streams.last_mut() {
            if bytes > HELD {
                *held = None;
            } else if let Some(held) = held {
                held.push(document(&snapshot));
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(streams)
}

fn document(snapshot: &Snapshot) -> (Version, Option<Value>) {
    (snapshot.version, snapshot.state.value().cloned())
}

/// How many differences are kept in full; the others are counted.
const KEPT: usize = 500;

/// How the snapshots that were compared so far agree with the replay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// How many snapshots equal the replayed state of their version.
    pub matching: u64,
    /// How many could be compared: "matches 5 of 29 snapshots".
    pub total: u64,
    /// How many could not be read, such as encrypted ones. They are not in `total`.
    pub unreadable: u64,
    /// The snapshots that do not match, the first 500 of them.
    pub differences: Vec<Difference>,
}

/// One snapshot that does not match.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The stream that it is of.
    pub stream: StreamName,
    /// The version that it says it is at.
    pub version: Version,
    /// What is wrong with it.
    pub finding: Finding,
}

/// What is wrong with a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It holds something else than the events fold to; the changes lead from the folded state to the stored one.
    Differs(Vec<Change>),
    /// The stream has no event of its version.
    NoSuchVersion,
    /// The reducers' `snapshot` filter fails on it.
    FilterFailed(String),
}

impl Drift {
    /// Folds one stream and compares its snapshots, which must be in the order of their versions.
    ///
    /// A snapshot without a document counts as unreadable.
    ///
    /// # Errors
    /// What reading an event failed with.
    pub fn compare(
        &mut self,
        stream: &StreamName,
        events: impl Iterator<Item = Result<Event>>,
        snapshots: &[(Version, Option<Value>)],
        reducers: &Reducers,
        evolve: &mut dyn Evolve,
    ) -> Result<()> {
        for (version, compared) in compared(stream, events, snapshots, reducers, evolve)? {
            self.note(stream, version, compared);
        }
        Ok(())
    }

    fn note(&mut self, stream: &StreamName, version: Version, compared: Compared) {
        let finding = match compared {
            Compared::Unreadable => {
                self.unreadable += 1;
                return;
            }
            Compared::Agrees => None,
            Compared::Differs(changes) => Some(Finding::Differs(changes)),
            Compared::NoSuchVersion => Some(Finding::NoSuchVersion),
            Compared::FilterFailed(message) => Some(Finding::FilterFailed(message)),
        };
        self.total += 1;
        match finding {
            None => self.matching += 1,
            Some(finding) if self.differences.len() < KEPT => {
                self.differences.push(Difference { stream: stream.clone(), version, finding });
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Payload;

    fn events(versions: &[Version]) -> impl Iterator<Item = Result<Event>> {
        versions.iter().map(|version| {
            Ok(Event { version: *version, data: Payload::json(json!({"n": version})), ..Event::default() })
        })
    }

    fn drift(versions: &[Version], snapshots: &[(Version, Option<Value>)]) -> Drift {
        let mut drift = Drift::default();
        let stream = StreamName::new("account", "a");
        let mut fold = Fold::new(&Reducers::guess(), &stream.aggregate_type);
        drift.compare(&stream, events(versions), snapshots, &Reducers::guess(), &mut fold).unwrap();
        drift
    }

    #[test]
    fn a_snapshot_is_compared_at_its_own_version() {
        let found = drift(&[1, 2, 3, 4], &[(2, Some(json!({"n": 2}))), (3, Some(json!({"n": 4}))), (4, None)]);
        assert_eq!((found.matching, found.total, found.unreadable), (1, 2, 1));
        let change = Change { path: "/n".into(), before: Some(json!(3)), after: Some(json!(4)) };
        assert_eq!(found.differences.len(), 1);
        assert_eq!(found.differences[0].version, 3);
        assert_eq!(found.differences[0].finding, Finding::Differs(vec![change]));
    }

    #[test]
    fn a_snapshot_of_a_version_that_is_not_there_is_told() {
        let found = drift(&[1, 3], &[(0, Some(json!({}))), (2, Some(json!({"n": 1}))), (9, Some(json!({"n": 3})))]);
        assert_eq!((found.matching, found.total), (0, 3));
        assert!(found.differences.iter().all(|difference| difference.finding == Finding::NoSuchVersion));
    }

    #[test]
    fn a_version_that_occurs_twice_is_folded_twice_first() {
        let found = drift(&[1, 2, 2, 3], &[(2, Some(json!({"n": 2})))]);
        assert_eq!((found.matching, found.total), (1, 1));
    }
}
