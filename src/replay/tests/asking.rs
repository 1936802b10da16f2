//! What a probe finds in one pass is what asking version by version gives, for any events and any rules.

use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::change::diff;
use super::super::probe::{
    self, Compared, Effect, Effects, Fidelity, Invariant, Invariants, SnapshotDrift, Stored, Truth, ValueHistory,
    Watches,
};
use super::super::{Finds, Fold, Outcome, Predicate, Reducers};
use super::event;
use super::properties::{events, rules};
use crate::event::{Event, StreamName, Version};

const PLACES: [&str; 7] = ["", "/n", "/seen", "/seen/0", "/a", "/a/x/y", "/last/b"];
const PREDICATES: [&str; 5] =
    [".n > 2", ".seen | length > 1", "$event.type == \"merge\"", ".a.x.y", ".a | if . then error(\"no\") else . end"];

/// The states after each event, the slow way.
fn states(events: &[Event], reducers: &Reducers) -> Vec<(Version, Value, Outcome)> {
    let mut fold = Fold::new(reducers, "account");
    events
        .iter()
        .map(|event| (event.version, fold.step(event).outcome, fold.state()))
        .map(|(v, o, s)| (v, s, o))
        .collect()
}

fn ask<P: probe::Probe>(events: &[Event], reducers: &Reducers, mut question: P) -> P {
    let mut fold = Fold::new(reducers, "account");
    let stream = StreamName::new("account", "a");
    let events = events.iter().cloned().map(Ok);
    probe::pass(&mut fold, &stream, events, &mut question, |_, _| ControlFlow::Continue(())).unwrap();
    question
}

fn truth(predicate: &Predicate, state: &Value, event: &Event) -> Truth {
    match predicate.output(state, Some(event)) {
        Ok(Value::Null | Value::Bool(false)) => Truth::False,
        Ok(_) => Truth::True,
        Err(message) => Truth::Failed(message.into()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_finds_what_every_version_tells(events in events(), rule in 0..2_usize) {
        let reducers = rules(rule);
        let states = states(&events, &reducers);
        let predicates: Vec<_> =
            PREDICATES.iter().map(|text| Arc::new(Predicate::compile(text).unwrap())).collect();
        let histories: Vec<_> = PLACES.iter().map(|place| ValueHistory::new(*place)).collect();
        let (mut histories, mut watches) = ask(&events, &reducers, (histories, Watches::new(predicates.clone())));

        for (place, history) in PLACES.iter().zip(&mut histories) {
            let initial = Fold::new(&reducers, "account").state();
            let mut last = initial.pointer(place).cloned();
            let mut expected = Vec::new();
            for (version, state, _) in &states {
                let value = state.pointer(place).cloned();
                if value != last {
                    expected.push((*version, value.clone()));
                    last = value;
                }
            }
            let found: Vec<_> = history.take().into_iter().map(|found| (found.moment.version, found.value)).collect();
            prop_assert_eq!(found, expected, "at {}", place);
        }

        let mut expected = Vec::new();
        let mut truths = vec![Truth::False; predicates.len()];
        for (event, (version, state, _)) in events.iter().zip(&states) {
            for (watch, predicate) in predicates.iter().enumerate() {
                let truth = truth(predicate, state, event);
                if truths[watch] != truth {
                    expected.push((watch, *version, truth.clone()));
                    truths[watch] = truth;
                }
            }
        }
        let found: Vec<_> =
            watches.take().into_iter().map(|flip| (flip.watch, flip.moment.version, flip.truth)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn an_invariant_is_broken_where_its_predicate_first_does_not_hold(events in events(), rule in 0..2_usize) {
        let reducers = rules(rule);
        let states = states(&events, &reducers);
        let invariants: Vec<_> = PREDICATES.iter().map(|text| Invariant::new("acc*", text).unwrap()).collect();
        let other = Invariant::new("order", "false").unwrap();
        let mut found = ask(&events, &reducers, Invariants::new([invariants.clone(), vec![other]].concat())).take();
        found.sort_by_key(|violation| violation.invariant);
        let found: Vec<_> = found.into_iter().map(|violation| (violation.invariant, violation.moment.version)).collect();
        let first = |(index, invariant): (usize, &Invariant)| {
            let mut asked = events.iter().zip(&states);
            let broken = asked.find(|(event, (_, state, _))| truth(invariant.predicate(), state, event) != Truth::True);
            broken.map(|(event, _)| (index, event.version))
        };
        let expected: Vec<_> = invariants.iter().enumerate().filter_map(first).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn effects_are_what_the_states_before_and_after_tell(events in events(), rule in 0..2_usize) {
        let reducers = rules(rule);
        let states = states(&events, &reducers);
        let initial = Fold::new(&reducers, "account").state();
        let before = |index: usize| index.checked_sub(1).map_or(&initial, |last| &states[last].1);
        for place in PLACES {
            let effect = Effect::parse("changed", place).unwrap();
            let found: Vec<_> =
                ask(&events, &reducers, Effects::new(effect)).take().into_iter().map(|moment| moment.version).collect();
            let changed = |index: &usize| before(*index).pointer(place) != states[*index].1.pointer(place);
            let expected: Vec<_> = (0..states.len()).filter(changed).map(|index| states[index].0).collect();
            prop_assert_eq!(found, expected, "at {}", place);
        }
        let count = |name: &str, value: &str| {
            ask(&events, &reducers, Effects::new(Effect::parse(name, value).unwrap())).take().len()
        };
        let unchanged = (0..states.len()).filter(|index| diff(before(*index), &states[*index].1).is_empty()).count();
        prop_assert_eq!(count("changed", "none"), unchanged);
        let failed = states.iter().filter(|(_, _, outcome)| matches!(outcome, Outcome::Failed(_))).count();
        prop_assert_eq!(count("failed", "*"), failed);
        let fidelity = ask(&events, &reducers, Fidelity::default());
        let unhandled = fidelity.types().values().map(|known| known.unhandled).sum::<u64>();
        prop_assert_eq!(count("unhandled", "*") as u64, unhandled);
        prop_assert_eq!(fidelity.types().values().map(|known| known.events).sum::<u64>(), events.len() as u64);
    }

    #[test]
    fn a_snapshot_agrees_where_it_is_the_state_of_its_version(
        events in events(), rule in 0..2_usize, spoilt in 0..150_usize,
    ) {
        let reducers = rules(rule);
        let states = states(&events, &reducers);
        let mut stored: Vec<_> =
            states.iter().map(|(version, state, _)| Stored { version: *version, state: Some(state.clone()) }).collect();
        if let Some(stored) = stored.get_mut(spoilt) {
            stored.state = Some(json!({"spoilt": true}));
        }
        stored.push(Stored { version: 1_000, state: Some(json!({})) });
        let stream = StreamName::new("account", "a");
        let found = ask(&events, &reducers, SnapshotDrift::new(&stream, stored, &reducers)).take();
        prop_assert_eq!(found.len(), states.len() + 1);
        for (index, (version, compared)) in found.iter().enumerate() {
            match compared {
                Compared::Agrees => prop_assert!(index != spoilt),
                Compared::Differs(changes) => prop_assert!(index == spoilt && !changes.is_empty()),
                other => prop_assert_eq!((*version, other), (1_000, &Compared::NoSuchVersion)),
            }
        }
    }
}

#[test]
fn a_pass_can_be_stopped_and_its_findings_kept() {
    let events: Vec<_> = (1..=2_000).map(|version| event(version, "x", json!({"n": version % 2}))).collect();
    let mut watches = Watches::new([Arc::new(Predicate::compile(".n == 1").unwrap())]);
    let mut fold = Fold::new(&Reducers::guess(), "account");
    let stream = StreamName::new("account", "a");
    let mut found = 0;
    let stopped = probe::pass(&mut fold, &stream, events.into_iter().map(Ok), &mut watches, |folded, watches| {
        found += watches.take().len();
        if folded < 512 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(stopped.unwrap_err().is_cancelled());
    assert_eq!(found, 512);
}

#[test]
fn a_pass_ends_with_the_last_question() {
    let events = (1..=1_000).map(|version| {
        assert!(version < 10, "nothing is read once every rule is broken");
        Ok(event(version, "x", json!({"n": version})))
    });
    let mut fold = Fold::new(&Reducers::guess(), "account");
    let mut invariants = Invariants::new(vec![Invariant::parse("account: .n < 5").unwrap()]);
    let stream = StreamName::new("account", "a");
    let folded = probe::pass(&mut fold, &stream, events, &mut invariants, |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!((folded, invariants.take().len()), (5, 1));
}

#[test]
fn what_makes_a_state_is_told_by_event_type() {
    use super::super::Maker;
    let reducers = rules(1);
    assert_eq!(reducers.maker("account", "add"), Maker::Rule("add".into()));
    assert_eq!(reducers.maker("account", "unknown"), Maker::Nothing);
    assert_eq!(rules(0).maker("account", "add"), Maker::Guess);
}

#[test]
fn rules_that_differ_in_what_is_not_there_fold_alike() {
    let with = |rules: &str| Reducers::parse(&format!("[aggregate.\"account\".on]\n{rules}"), "test").unwrap();
    let before = with("\"add\" = '.n += 1'\n\"drop\" = '.n -= 1'");
    let after = with("\"add\" = '.n += 1'\n\"drop\" = '.n -= 2'");
    assert!(before.fold_alike(&after, "account", ["add", "other"]));
    assert!(!before.fold_alike(&after, "account", ["add", "drop"]));
    assert!(!before.fold_alike(&with("\"add\" = \"merge\""), "account", ["other"]), "the state has another form");
    let initial = Reducers::parse(
        "[aggregate.\"account\"]\ninitial = '{\"n\": 1}'\n[aggregate.\"account\".on]\n\"add\" = '.n += 1'",
        "test",
    );
    assert!(!before.fold_alike(&initial.unwrap(), "account", ["add"]));
}
