//! What went wrong where a stored state is not what the events fold to: the faults that applications make are tried out
//! around its version, and that which gives the stored state is told.

use serde_json::Value;

use super::alike::alike;
use super::evolve::Evolve;
use super::state::State;
use crate::error::Result;
use crate::event::{Event, StreamName, Version};

/// How many events before and after the version of a stored state are looked at.
pub const REACH: usize = 16;

/// How a stored state came to be another than that of its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is the state of another version.
    OtherVersion(Version),
    /// The events from this version on, up to its own, were applied once more.
    AppliedTwice(Version),
    /// Every so manieth event was applied twice, its own the last: each snapshot was made of the wrong one before it.
    EveryTwice(usize),
    /// The event of this version was left out.
    LeftOut(Version),
}

impl Fault {
    /// It in words, as the rest of a sentence about the snapshot at `version`.
    #[must_use]
    pub fn words(self, version: Version) -> String {
        match self {
            Self::OtherVersion(other) => format!("it is the state of version {other}, not of {version}"),
            Self::AppliedTwice(from) if from == version => {
                format!("as if the event of version {version} had been applied twice")
            }
            Self::AppliedTwice(from) => {
                format!("as if the events of the versions {from} to {version} had been applied twice")
            }
            Self::EveryTwice(every) => {
                format!(
                    "as if one event in {every}, the last of them that of version {version}, had been applied twice"
                )
            }
            Self::LeftOut(left_out) => format!("as if the event of version {left_out} had been left out"),
        }
    }
}

/// Looks for the fault that gives `stored` in place of the state at `steps[at]`: consecutive events of a stream, each with
/// the state after it. The likeliest is told: another version, then events applied twice, then one left out, the nearest
/// first.
///
/// # Errors
/// What an evolver fails with.
pub fn fault(
    kind: &dyn Evolve,
    stream: &StreamName,
    steps: &[(Event, State)],
    at: usize,
    stored: &Value,
) -> Result<Option<Fault>> {
    let near = |index: usize| index.abs_diff(at);
    let mut others: Vec<usize> = (0..steps.len()).filter(|index| *index != at && near(*index) <= REACH).collect();
    others.sort_by_key(|index| near(*index));
    for index in others {
        if let Some((event, state)) = steps.get(index)
            && alike(&state.to_json(), stored)
        {
            return Ok(Some(Fault::OtherVersion(event.version)));
        }
    }
    let first = at.saturating_sub(REACH - 1);
    for from in (first..=at).rev() {
        if folds_to(kind, stream, (steps, at, from..=at), stored)? {
            return Ok(steps.get(from).map(|(event, _)| Fault::AppliedTwice(event.version)));
        }
    }
    for left_out in (first.max(1)..at).rev() {
        if folds_to(kind, stream, (steps, left_out - 1, left_out + 1..=at), stored)? {
            return Ok(steps.get(left_out).map(|(event, _)| Fault::LeftOut(event.version)));
        }
    }
    Ok(None)
}

/// Looks whether every so manieth event was applied twice, at the places where snapshots are made that go on from the one
/// before: `events` are all of a stream up to the version of the stored state.
///
/// # Errors
/// What an evolver fails with.
pub fn repeated(kind: &dyn Evolve, stream: &StreamName, events: &[Event], stored: &Value) -> Result<Option<Fault>> {
    let count = events.len();
    // Beyond that many folds nobody would wait for it.
    let most = (APPLIED / count.max(1)).min(count.saturating_sub(1));
    let mut evolve = kind.another()?;
    // The fewest events that explain it are the likeliest.
    for every in (2..=most).rev() {
        evolve.begin(stream, None)?;
        for (number, event) in events.iter().enumerate() {
            evolve.apply(event)?;
            if (count - 1 - number).is_multiple_of(every) {
                evolve.apply(event)?;
            }
        }
        if alike(&evolve.state().to_json(), stored) {
            return Ok(Some(Fault::EveryTwice(every)));
        }
    }
    Ok(None)
}

/// How many events are applied at the most to look for one snapshot's repeated events.
const APPLIED: usize = 50_000;

/// Whether these events lead from the state after `steps[from]` to the stored one.
fn folds_to(
    kind: &dyn Evolve,
    stream: &StreamName,
    (steps, from, range): (&[(Event, State)], usize, std::ops::RangeInclusive<usize>),
    stored: &Value,
) -> Result<bool> {
    let Some(((_, state), events)) = steps.get(from).zip(steps.get(range)) else { return Ok(false) };
    let mut evolve = kind.another()?;
    evolve.begin(stream, Some(state))?;
    for (event, _) in events {
        evolve.apply(event)?;
    }
    Ok(alike(&evolve.state().to_json(), stored))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Payload;
    use crate::replay::{Fold, Reducers};

    const RULES: &str = r#"
        [aggregate."stock"]
        initial = '{"n": 0, "seen": []}'
        [aggregate."stock".on]
        "in" = '.n += $event.data.qty'
        "named" = '.name = $event.data.name'
    "#;

    fn steps() -> (Fold, StreamName, Vec<(Event, State)>) {
        let stream = StreamName::new("stock", "cup");
        let mut fold = Fold::new(&Reducers::parse(RULES, "test").unwrap(), "stock");
        fold.begin(&stream, None).unwrap();
        let made = (1..=8_i64).map(|version| {
            let data = if version == 5 { json!({"name": "cup"}) } else { json!({"qty": 1_i64 << version}) };
            let event_type = if version == 5 { "named" } else { "in" };
            let (data, event_type) = (Payload::json(data), event_type.to_owned());
            let event = Event { stream: stream.clone(), version, event_type, data, ..Event::default() };
            fold.apply(&event).unwrap();
            (event, Evolve::state(&fold).clone())
        });
        let made = made.collect();
        (fold, stream, made)
    }

    fn found(at: usize, stored: &Value) -> Option<Fault> {
        let (fold, stream, steps) = steps();
        fault(&fold, &stream, &steps, at, stored).unwrap()
    }

    #[test]
    fn a_state_of_another_version_is_told_as_that() {
        let (_, _, steps) = steps();
        assert_eq!(found(5, &steps[2].1.to_json()), Some(Fault::OtherVersion(3)));
        assert_eq!(found(5, &steps[6].1.to_json()), Some(Fault::OtherVersion(7)));
    }

    #[test]
    fn events_that_were_applied_twice_are_found_from_the_first_of_them() {
        // The sum up to version 4 is 2 + 4 + 8 + 16.
        let twice = |more: i64| json!({"n": 30 + more, "seen": []});
        assert_eq!(found(3, &twice(16)), Some(Fault::AppliedTwice(4)));
        assert_eq!(found(3, &twice(16 + 8)), Some(Fault::AppliedTwice(3)));
        assert_eq!(found(3, &twice(16 + 8 + 4 + 2)), Some(Fault::AppliedTwice(1)));
        assert_eq!(Fault::AppliedTwice(3).words(4), "as if the events of the versions 3 to 4 had been applied twice");
    }

    #[test]
    fn a_fault_that_each_snapshot_takes_over_from_the_one_before_is_found() {
        let (fold, stream, steps) = steps();
        let events: Vec<Event> = steps.into_iter().map(|(event, _)| event).collect();
        // The sum up to version 8 without the name's is 478. The events of the versions 8 and 2 are in it twice.
        let stored = json!({"n": 478 + 256 + 4, "seen": [], "name": "cup"});
        assert_eq!(repeated(&fold, &stream, &events, &stored).unwrap(), Some(Fault::EveryTwice(6)));
        assert_eq!(repeated(&fold, &stream, &events, &json!({"n": 1})).unwrap(), None);
    }

    #[test]
    fn an_event_that_was_left_out_is_found_and_what_nothing_explains_is_not() {
        assert_eq!(found(3, &json!({"n": 30 - 4, "seen": []})), Some(Fault::LeftOut(2)));
        assert_eq!(found(3, &json!({"n": 1234, "seen": []})), None);
    }
}
