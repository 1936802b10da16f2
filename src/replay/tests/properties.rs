//! Seeking is folding, and blame is looking back, for any events and any limits.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::change::{self, Change, diff};
use super::super::{Evolve, Fold, Limits, Reducers, Timeline};
use super::{event, refetch, timeline};
use crate::event::{Briefs, Event, Interpret, Meaning, Named, Payload, StorageClass, StreamName};

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

/// Rules that are run without jq, for the most part.
const IN_COMMON_FORMS: &str = r#"
    [aggregate."account"]
    initial = '{"n": 0, "seen": []}'
    [aggregate."account".on]
    "add"     = '.n += 1 | .a = $event.data.a | .seen += [$event.data.b]'
    "forget"  = 'del(.a) | .n -= $event.data.c'
    "last"    = '.last = $event.data'
    "merge"   = '. + {"b": $event.data.b, "c": $event.data}'
    "replace" = '.b //= $event.data.a | .n = 7'
    "ignore"  = "ignore"
    "fail"    = '.seen += $event.data.a'
"#;

/// JSON in its text, which nobody decodes before it is asked for.
#[derive(Debug)]
struct InText;

impl Interpret for InText {
    fn meaning(&self, raw: &[u8], _: StorageClass) -> Meaning {
        Payload::json(serde_json::from_slice::<Value>(raw).unwrap()).into_decoded().into()
    }

    fn is_bare_json(&self, _: &[u8], _: StorageClass) -> bool {
        true
    }
}

/// The same events as they are read for a fold.
fn briefs(events: &[Event]) -> Briefs {
    let mut briefs = Briefs::default();
    briefs.begin(Arc::new(InText));
    for event in events {
        let named = Named {
            version: event.version,
            position: event.position,
            event_type: &event.event_type,
            schema_version: event.schema_version.as_deref(),
        };
        briefs.push_text(named, event.data.json_text().unwrap().as_bytes());
    }
    briefs
}

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
    fn to_go_on_without_asking_what_changed_leads_to_the_same_states(events in events(), rule in 0..2_usize) {
        let (mut asked, mut quiet) = (Fold::new(&rules(rule), "account"), Fold::new(&rules(rule), "account"));
        for event in &events {
            let outcome = asked.step(event).outcome;
            prop_assert_eq!(quiet.advance(&mut event.clone()).unwrap(), outcome);
            prop_assert_eq!(quiet.state().to_string(), asked.state().to_string());
        }
    }

    #[test]
    fn to_go_on_by_briefs_leads_to_the_same_states_and_hears_of_the_same_places(
        events in events(), rule in 0..3_usize,
    ) {
        let reducers = if rule == 2 { Reducers::parse(IN_COMMON_FORMS, "test").unwrap() } else { rules(rule) };
        let (mut asked, mut brief) = (Fold::new(&reducers, "account"), Fold::new(&reducers, "account"));
        let briefs = briefs(&events);
        for (event, said) in events.iter().zip(briefs.iter()) {
            let step = asked.step(event);
            let mut places = Vec::new();
            let taken = brief.advance_by(&said, Some(&mut |place| places.push(place.to_owned())));
            let outcome = taken.unwrap_or_else(|| {
                let step = brief.step(&said.to_event(&event.stream));
                places.extend(step.changes.into_iter().map(|change| change.path));
                step.outcome
            });
            prop_assert_eq!(outcome, step.outcome);
            prop_assert_eq!(brief.state().to_string(), asked.state().to_string());
            let mut expected: Vec<_> = step.changes.into_iter().map(|change| change.path).collect();
            places.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(places, expected);
        }
    }

    #[test]
    fn a_timeline_by_briefs_is_that_by_events(
        events in events(), rule in 0..3_usize, bytes in 0..20_000_usize, split in 0..150_usize,
    ) {
        let reducers = if rule == 2 { Reducers::parse(IN_COMMON_FORMS, "test").unwrap() } else { rules(rule) };
        let expected = timeline(&events, &reducers, bytes);
        let stream = StreamName::new("account", "a");
        let fold = Fold::new(&reducers, "account");
        let mut found = Timeline::new(&stream, Box::new(fold), Limits { bytes }).unwrap();
        let (first, second) = events.split_at(split.min(events.len()));
        found.extend_by(&briefs(first)).unwrap();
        found.extend_by(&briefs(second)).unwrap();
        prop_assert!(found.marks().iter().eq(expected.marks().iter()));
        for event in &events {
            let (found, expected) = (
                found.state_at(event.version, refetch(&events)).unwrap(),
                expected.state_at(event.version, refetch(&events)).unwrap(),
            );
            prop_assert_eq!(found.state.to_string(), expected.state.to_string());
            prop_assert_eq!((&found.changes, &found.outcome), (&expected.changes, &expected.outcome));
            for pointer in ["", "/n", "/seen", "/a", "/a/x/y", "/a/z/0", "/last/b", "/nowhere"] {
                prop_assert_eq!(found.blame.history(pointer), expected.blame.history(pointer));
                prop_assert_eq!(found.blame.last_set(pointer), expected.blame.last_set(pointer));
            }
        }
    }

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
            prop_assert_eq!((&seek.outcome, mark.outcome), (&step.outcome, &step.outcome));
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
