//! Seeking is folding, and blame is looking back, for any events and any limits.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::change::{self, Change, diff};
use super::super::{Fold, Reducers};
use super::{event, refetch, timeline};
use crate::event::Event;

/// Rules of every kind: in jq, merging, replacing, failing, ignoring, and none at all.
const RULES: &str = r#"
    [aggregate."account"]
    initial = '{"n": 0, "seen": []}'
    [aggregate."account".on]
    "add"     = '.n += 1 | .seen += [$event.version]'
    "forget"  = '.seen |= .[1:] | del(.last)'
    "last"    = '.last = $event.data'
    "merge"   = "merge"
    "replace" = "replace"
    "ignore"  = "ignore"
    "fail"    = 'error("never")'
"#;

pub(super) fn events() -> impl Strategy<Value = Vec<Event>> {
    let kinds = ["add", "add", "forget", "last", "merge", "merge", "replace", "ignore", "fail", "unknown"];
    let data = prop::collection::vec(("[a-c]", any_data()), 0..3)
        .prop_map(|entries| Value::Object(entries.into_iter().collect()));
    prop::collection::vec((prop::sample::select(kinds.to_vec()), data), 0..150).prop_map(|events| {
        let numbered = (1..).zip(events);
        numbered.map(|(version, (kind, data))| event(version, kind, data)).collect()
    })
}

fn any_data() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<u8>().prop_map(Value::from),
        Just(json!({"x": {"y": 1}, "z": [1, 2]})),
        any::<u8>().prop_map(|n| json!({"x": {"y": n}, "z": [n]})),
    ]
}

pub(super) fn rules(index: usize) -> Reducers {
    if index == 0 { Reducers::guess() } else { Reducers::parse(RULES, "test").unwrap() }
}

/// The last version up to `until` that set a place or something around it, the slow way.
fn last_set(changes: &[(i64, Vec<Change>)], until: i64, pointer: &str) -> Option<i64> {
    let sets = |change: &Change| pointer == change.path || pointer.starts_with(&format!("{}/", change.path));
    let mut known = changes.iter().rev().skip_while(|(version, _)| *version > until);
    known.find(|(_, changes)| changes.iter().any(sets)).map(|(version, _)| *version)
}

/// The last version up to `until` that set a place, something around it or something in it, the slow way.
fn last_touched(changes: &[(i64, Vec<Change>)], until: i64, pointer: &str) -> Option<i64> {
    let inside = |change: &Change| change.path.starts_with(&format!("{pointer}/"));
    let mut known = changes.iter().rev().skip_while(|(version, _)| *version > until);
    let touched = known.find(|(_, changes)| changes.iter().any(inside)).map(|(version, _)| *version);
    touched.max(last_set(changes, until, pointer))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_seek_gives_what_the_fold_gave(
        events in events(), rule in 0..2_usize, bytes in prop_oneof![Just(0), 1..20_000_usize], split in 0..150_usize,
    ) {
        let reducers = rules(rule);
        let (built, later) = events.split_at(split.min(events.len()));
        let mut timeline = timeline(built, &reducers, bytes);
        let early = timeline.state_at(3, refetch(&events)).unwrap();
        prop_assert_eq!(timeline.extend(later.iter().cloned().map(Ok)).unwrap(), later.len());

        let mut fold = Fold::new(&reducers, "account");
        let mut changes = Vec::new();
        if !events.is_empty() {
            prop_assert_eq!(timeline.state_at(0, refetch(&events)).unwrap().state, fold.state());
        }
        for (event, mark) in events.iter().zip(timeline.marks()) {
            let before = fold.state();
            let step = fold.step(event);
            prop_assert_eq!(&change::apply(before, &step.changes).unwrap(), &fold.state());
            let seek = timeline.state_at(event.version, refetch(&events)).unwrap();
            prop_assert_eq!(&seek.state, &fold.state());
            prop_assert_eq!(&seek.changes, &step.changes);
            prop_assert_eq!((&seek.outcome, &mark.outcome), (&step.outcome, &step.outcome));
            prop_assert_eq!((seek.version, seek.position), (event.version, Some(event.position)));
            prop_assert_eq!(mark.changed, step.changes.len());
            changes.push((event.version, step.changes));

            for pointer in ["", "/n", "/seen", "/seen/0", "/a", "/a/x/y", "/a/z/0", "/last/b", "/nowhere"] {
                prop_assert_eq!(seek.blame.last_set(pointer), last_set(&changes, event.version, pointer));
                prop_assert_eq!(seek.blame.last_touched(pointer), last_touched(&changes, event.version, pointer));
                prop_assert_eq!(
                    seek.blame.history(pointer).last().copied(), last_touched(&changes, event.version, pointer)
                );
            }
        }
        // What was seen before the stream grew stays as it was.
        prop_assert_eq!(early.blame.last_set("/n"), last_set(&changes, 3.min(i64::try_from(split).unwrap()), "/n"));
    }

    #[test]
    fn changes_are_the_difference(events in events(), rule in 0..2_usize) {
        let mut fold = Fold::new(&rules(rule), "account");
        for event in &events {
            let before = fold.state();
            let mut changes = fold.step(event).changes;
            let mut expected = diff(&before, &fold.state());
            changes.sort_by(|a, b| a.path.cmp(&b.path));
            expected.sort_by(|a, b| a.path.cmp(&b.path));
            prop_assert_eq!(changes, expected);
        }
    }
}
