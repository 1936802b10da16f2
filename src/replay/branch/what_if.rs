//! Folds a stream and a branch of it side by side, and finds the first version at which they part.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::{Branch, BranchStep};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, StreamName, Version};
use crate::replay::change::Change;
use crate::replay::compare::{Difference, compare};
use crate::replay::evolve::Evolve;
use crate::replay::probe::{self, Probe};
use crate::replay::state::State;

/// After how many steps, at the latest, whoever asked hears of the progress, and may stop it.
const PROGRESS: u64 = 256;

/// What came of a branch.
#[derive(Clone, Debug)]
pub struct WhatIf {
    /// The last version that was folded, of the stream or the branch; `None` where there was no event.
    pub version: Option<Version>,
    /// The state of the stream as it is.
    pub real: State,
    /// The state of the branch.
    pub branch: State,
    /// The first version at which the states are not the same; `None` where they are at each.
    pub parts_at: Option<Version>,
    /// The versions that the branch skips or edits and the stream does not have.
    pub missing: BTreeSet<Version>,
}

impl WhatIf {
    /// What is other in the branch's state than in the real one.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        compare(&self.real.to_json(), &self.branch.to_json())
    }
}

/// Folds a stream from its beginning as it is and as it would be in a branch.
///
/// As long as both have the same state, they are folded once. `probe` sees the events of the branch. `on` hears of the
/// number of steps from time to time, and may stop it.
///
/// # Errors
/// What reading an event or an evolver failed with; [`ErrorKind::Cancelled`] if `on` stopped it.
pub fn what_if<P: Probe + ?Sized>(
    evolve: &mut dyn Evolve,
    branch: &Branch,
    events: impl IntoIterator<Item = Result<Event>>,
    probe: &mut P,
    mut on: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<WhatIf> {
    let stream = branch.stream();
    evolve.begin(&stream, None)?;
    probe.begin(&stream, evolve.state());
    let mut both = Both { stream, real: evolve, branch: None, parts_at: None, changes: Vec::new() };
    let mut missing: BTreeSet<Version> = branch.skip.iter().chain(branch.set.keys()).copied().collect();
    let (mut version, mut count) = (None, 0_u64);
    for step in branch.steps(events.into_iter()) {
        let step = step?;
        version = Some(step.version());
        missing.remove(&step.version());
        both.take(&step, probe)?;
        count += 1;
        if count.is_multiple_of(PROGRESS) && on(count).is_break() {
            return Err(Error::new(ErrorKind::Cancelled, "the replay was stopped"));
        }
    }
    let (real, branch) = (both.real.state().clone(), both.branch_state().clone());
    probe.end(&branch);
    Ok(WhatIf { version, real, branch, parts_at: both.parts_at, missing })
}

/// The two folds; one as long as they are the same.
struct Both<'e> {
    stream: StreamName,
    real: &'e mut dyn Evolve,
    /// What folds the branch, once it is not the same.
    branch: Option<Box<dyn Evolve>>,
    parts_at: Option<Version>,
    /// What the last event changed.
    changes: Vec<Change>,
}

impl Both<'_> {
    fn branch_state(&self) -> &State {
        self.branch.as_ref().map_or_else(|| self.real.state(), |branch| branch.state())
    }

    fn take<P: Probe + ?Sized>(&mut self, step: &BranchStep, probe: &mut P) -> Result<()> {
        if let (BranchStep::Same(event), None) = (step, &self.branch) {
            probe::step(self.real, event, &mut self.changes, probe)?;
            return Ok(());
        }
        let mut branch = match self.branch.take() {
            Some(branch) => branch,
            None => self.parted()?,
        };
        match step {
            BranchStep::Same(event) => {
                self.real.apply_into(event, &mut self.changes)?;
                probe::step(&mut *branch, event, &mut self.changes, probe)?;
            }
            BranchStep::Skipped(event) => {
                self.real.apply_into(event, &mut self.changes)?;
            }
            BranchStep::Edited { real, edited } => {
                self.real.apply_into(real, &mut self.changes)?;
                probe::step(&mut *branch, edited, &mut self.changes, probe)?;
            }
            BranchStep::Inserted(event) => {
                probe::step(&mut *branch, event, &mut self.changes, probe)?;
            }
        }
        if self.parts_at.is_none() {
            if !self.real.state().changes_to(branch.state()).is_empty() {
                self.parts_at = Some(step.version());
            } else if self.real.state().resume() == branch.state().resume() {
                // The same state, and nothing behind it that is not: what comes next does the same to both.
                return Ok(());
            }
        }
        self.branch = Some(branch);
        Ok(())
    }

    fn parted(&self) -> Result<Box<dyn Evolve>> {
        let mut branch = self.real.another()?;
        branch.begin(&self.stream, Some(self.real.state()))?;
        Ok(branch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::Insertion;
    use super::*;
    use crate::event::Payload;
    use crate::replay::probe::{Finds as _, ValueHistory};
    use crate::replay::{Fold, Reducers};

    const RULES: &str = r#"
        [aggregate."account"]
        initial = '{"balance": 0, "held": 0}'
        [aggregate."account".on]
        "moved" = '.balance += $event.data.n'
        "held" = '.held = ([.held, $event.data.n] | max)'
        "odd" = 'if $event.data.n > 2 then error("odd") else . end'
    "#;

    fn stream() -> StreamName {
        StreamName::new("account", "a")
    }

    fn event_type() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["moved", "held", "odd", "unknown"])
    }

    fn data() -> impl Strategy<Value = Value> {
        (0..4_i64).prop_map(|n| json!({"n": n}))
    }

    fn history() -> impl Strategy<Value = Vec<Event>> {
        prop::collection::vec((event_type(), data(), 1..3_i64), 0..12).prop_map(|events| {
            let mut version = 0;
            let event = |(event_type, data, gap): (&str, Value, i64)| {
                version += gap;
                let data = Payload::json(data);
                Event {
                    version,
                    position: version,
                    stream: stream(),
                    event_type: event_type.into(),
                    data,
                    ..Event::default()
                }
            };
            events.into_iter().map(event).collect()
        })
    }

    fn branch() -> impl Strategy<Value = Branch> {
        let skip = prop::collection::vec(0..25_i64, 0..3);
        let set = prop::collection::vec((0..25_i64, data()), 0..3);
        let insert = prop::collection::vec((0..25_i64, event_type(), data()), 0..4);
        (skip, set, insert).prop_map(|(skip, set, insert)| {
            let mut branch = Branch::of(&stream());
            for version in skip {
                branch.skip(version);
            }
            for (version, data) in set {
                branch.set(version, data);
            }
            for (after, event_type, data) in insert {
                branch.insert(Insertion::new(after, event_type, data));
            }
            branch
        })
    }

    fn ok(events: &[Event]) -> impl Iterator<Item = Result<Event>> + '_ {
        events.iter().cloned().map(Ok)
    }

    fn fold(reducers: &Reducers) -> Fold {
        Fold::new(reducers, "account")
    }

    /// The state of each history after each of the steps, folded from the start each time.
    fn by_steps(reducers: &Reducers, branch: &Branch, events: &[Event]) -> Vec<(Version, Value, Value)> {
        let steps: Vec<BranchStep> = branch.steps(ok(events)).map(|step| step.unwrap()).collect();
        let folded = |events: Vec<Event>| {
            let mut fold = fold(reducers);
            for event in &events {
                drop(fold.step(event));
            }
            fold.state()
        };
        let real = |step: &BranchStep| match step {
            BranchStep::Same(event) | BranchStep::Skipped(event) | BranchStep::Edited { real: event, .. } => {
                Some(event.clone())
            }
            BranchStep::Inserted(_) => None,
        };
        (1..=steps.len())
            .map(|count| {
                let taken = &steps[..count];
                (
                    taken[count - 1].version(),
                    folded(taken.iter().filter_map(real).collect()),
                    folded(taken.iter().cloned().filter_map(BranchStep::into_event).collect()),
                )
            })
            .collect()
    }

    proptest! {
        #[test]
        fn both_are_what_they_are_alone(events in history(), branch in branch(), guess in any::<bool>()) {
            let reducers = if guess { Reducers::guess() } else { Reducers::parse(RULES, "r").unwrap() };
            let mut history = ValueHistory::new("/balance");
            let found = what_if(&mut fold(&reducers), &branch, ok(&events), &mut history, |_| ControlFlow::Continue(())).unwrap();
            let steps = by_steps(&reducers, &branch, &events);
            let start = fold(&reducers).state();
            let (real, other) = steps.last().map_or((&start, &start), |(_, real, other)| (real, other));
            prop_assert_eq!(&found.real.to_json(), real);
            prop_assert_eq!(&found.branch.to_json(), other);
            let parts = steps.iter().find(|(_, real, other)| real != other).map(|(version, ..)| *version);
            prop_assert_eq!(found.parts_at, parts);
            prop_assert_eq!(found.differences().is_empty(), real == other);

            let mut alone = ValueHistory::new("/balance");
            let events = branch.events(ok(&events));
            probe::pass(&mut fold(&reducers), &stream(), events, &mut alone, |_, _| ControlFlow::Continue(())).unwrap();
            prop_assert_eq!(history.take(), alone.take());
        }
    }

    #[test]
    fn what_is_not_there_to_be_skipped_is_told() {
        let events = [Event { version: 1, stream: stream(), ..Event::default() }];
        let mut branch = Branch::of(&stream());
        branch.skip(1);
        branch.skip(7);
        branch.set(8, json!({}));
        let mut fold = fold(&Reducers::guess());
        let found = what_if(&mut fold, &branch, ok(&events), &mut (), |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(found.missing.into_iter().collect::<Vec<_>>(), [7, 8]);
        assert_eq!((found.version, found.parts_at), (Some(1), None));
    }
}
