//! What went wrong with the stored snapshots of a stream that are not what its events fold to.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::replay::fault::{Fault, REACH, fault, repeated};
use crate::replay::probe::Compared;
use crate::replay::{Evolve, Reducers, State};
use crate::source::Source;

/// Up to how many events of a stream are held, to fold them again and again.
const HELD: usize = 5_000;

/// How many snapshots of one stream are looked into.
const LOOKED_INTO: usize = 200;

/// What went wrong with the snapshots of a stream that were [compared](super::compare_snapshots) and differ, by their
/// versions. One that no known fault explains is not in the answer.
///
/// # Errors
/// Those of reading, and of the evolver.
pub fn faults_of(
    source: &Source,
    reducers: &Reducers,
    evolve: &mut dyn Evolve,
    stream: &StreamName,
    compared: &[(Version, Compared)],
) -> Result<BTreeMap<Version, Fault>> {
    let differs = |at| compared.iter().any(|(version, found)| *version == at && matches!(found, Compared::Differs(_)));
    if !compared.iter().any(|(version, _)| differs(*version)) {
        return Ok(BTreeMap::new());
    }
    let mut drifted = BTreeMap::new();
    for snapshot in source.snapshots(stream)?.iter().filter(|snapshot| differs(snapshot.version)) {
        if let Some(state) = snapshot.state.value() {
            drifted.insert(snapshot.version, reducers.comparable(stream, snapshot.version, state)?);
        }
    }
    faults(source, evolve, stream, &drifted)
}

/// Looks for the faults that make the snapshots of a stream what they are: `drifted` holds each as the reducers would have
/// it, by its version. One that no known fault explains is not in the answer.
///
/// # Errors
/// Those of reading, and of the evolver.
pub fn faults(
    source: &Source,
    evolve: &mut dyn Evolve,
    stream: &StreamName,
    drifted: &BTreeMap<Version, Value>,
) -> Result<BTreeMap<Version, Fault>> {
    let mut found = BTreeMap::new();
    let mut waiting: VecDeque<(Version, &Value)> =
        drifted.iter().take(LOOKED_INTO).map(|(version, stored)| (*version, stored)).collect();
    let mut steps: VecDeque<(Event, State)> = VecDeque::new();
    let mut all: Vec<Event> = Vec::new();
    evolve.begin(stream, None)?;
    for event in source.read_history(stream, Version::MIN, None)? {
        if waiting.is_empty() {
            return Ok(found);
        }
        let event = event?;
        evolve.apply(&event)?;
        if all.len() <= HELD {
            all.push(event.clone());
        }
        steps.push_back((event, evolve.state().clone()));
        if steps.len() > 2 * REACH + 1 {
            steps.pop_front();
        }
        // Each is looked into once the events behind its version are there as well.
        let middle = steps.len().checked_sub(REACH + 1).and_then(|middle| steps.get(middle));
        let reached = middle.map_or(Version::MIN, |(event, _)| event.version);
        while let Some((version, stored)) = waiting.pop_front_if(|(version, _)| *version <= reached) {
            look_into(evolve, stream, (steps.make_contiguous(), &all), (version, stored), &mut found)?;
        }
    }
    for (version, stored) in waiting {
        look_into(evolve, stream, (steps.make_contiguous(), &all), (version, stored), &mut found)?;
    }
    Ok(found)
}

fn look_into(
    evolve: &dyn Evolve,
    stream: &StreamName,
    (steps, all): (&[(Event, State)], &[Event]),
    (version, stored): (Version, &Value),
    found: &mut BTreeMap<Version, Fault>,
) -> Result<()> {
    let Some(at) = steps.iter().rposition(|(event, _)| event.version == version) else { return Ok(()) };
    let mut fault = fault(evolve, stream, steps, at, stored)?;
    let until = all.iter().rposition(|event| event.version == version).filter(|_| all.len() <= HELD);
    if let (None, Some(events)) = (fault, until.and_then(|until| all.get(..=until))) {
        fault = repeated(evolve, stream, events, stored)?;
    }
    found.extend(fault.map(|fault| (version, fault)));
    Ok(())
}
