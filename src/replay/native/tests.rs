//! What is native is held against jq itself, over random states and events.

use jaq_core::load;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::bounds::Bounds;
use super::super::change::tests::any_json;
use super::super::evolve::Outcome;
use super::super::fold::Fold;
use super::super::jq::Program;
use super::super::reducers::Reducers;
use super::*;
use crate::event::{Event, Payload};

/// Rules as they are learnt and suggested.
const RULES: [&str; 26] = [
    ".a = $event.data.x",
    ".a = 1 | .b = \"two\" | .c = null",
    ".a += $event.data.x",
    ".a -= $event.data.x",
    ".a += 1",
    ".a += [$event.data.x]",
    ".a -= [$event.data.x]",
    ".a[$event.data.k] = $event.data.x",
    ".a[$event.data.k] += $event.data.x",
    ".a[$event.data.k] -= $event.data.x\n| if .a[$event.data.k] <= 0 then del(.a[$event.data.k]) else . end",
    ".a[$event.data.k] = {x: $event.data.x, \"y z\": $event.data.y.b, state: \"fresh\"}",
    "del(.a)",
    "del(.a[$event.data.k])",
    ". + {a: $event.data.x, b: [], c: {}}",
    ". + {a: 0, b: \"draft\"} | .c += 1",
    ".a |= not",
    ".a //= {}\n| .a.b = $event.data.x",
    ".a //= $event.data.x",
    "if ($event.data | has(\"x\")) then .a = $event.data.x else . end",
    "if .a | has($event.data.k) then .a[$event.data.k].b = $event.data.x else . end",
    ".a += $event.data.x * $event.data.y",
    ".a += $event.data.x * {in: 1, out: -1}[$event.data.k]",
    ".a = {b: \"high\", c: \"low\"}[$event.data.k]",
    ".a = $event.timestamp | .b = $event.version | .c = $event.type",
    ".a = $event.actor | .b = $event.data",
    ".a = \"x\\ty\" | .b = -3",
];

fn small() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-5_i64..5).prop_map(Value::from),
        2 => prop_oneof![Just("1.5"), Just("8.00"), Just("9007199254740993"), Just("-0"), Just("1e3")]
            .prop_map(|number| serde_json::from_str(number).unwrap()),
        3 => prop_oneof![Just("a"), Just("b"), Just("c"), Just("in"), Just("out"), Just("")].prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => any_json(),
        2 => prop::collection::vec((-3_i64..3).prop_map(Value::from), 0..4).prop_map(Value::from),
        3 => prop::collection::btree_map("[abc]", (-3_i64..3).prop_map(Value::from), 0..3)
            .prop_map(|map| Value::Object(map.into_iter().collect())),
    ]
}

fn members(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::collection::vec(prop::option::of(small()), names.len()).prop_map(move |values| {
        let members = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(members.collect())
    })
}

fn event(data: Value) -> Event {
    Event { version: 7, event_type: "Thing".into(), data: Payload::json(data), ..Event::default() }
}

fn by_path(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

fn native(code: &str) -> Option<Native> {
    Native::recognise(&load::parse(code, |parser| parser.term())?)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_native_gives_what_jq_gives(
        rule in prop::sample::select(RULES.as_slice()),
        state in prop_oneof![8 => members(&["a", "b", "c"]), 1 => any_json()],
        data in prop_oneof![8 => members(&["x", "y", "k"]), 1 => any_json()],
    ) {
        let event = event(data);
        let fact = Fact::new(&event, &[], Bounds::default()).unwrap();
        let before = val::from_json(&state);
        let mut after = before.clone();
        let program = Program::compile(rule).unwrap();
        let expected = program.run(before.clone(), &fact.value(), Bounds::default());
        let text = |value: &Val| val::to_json(value, usize::MAX).unwrap().to_string();
        if let Some(changes) = native(rule).unwrap().apply(&mut after, &fact, usize::MAX) {
            let expected = expected.unwrap();
            // To the order of the keys.
            prop_assert_eq!(text(&after), text(&expected));
            prop_assert_eq!(by_path(changes), by_path(val::diff(&before, &expected, usize::MAX).unwrap()));
        } else {
            prop_assert_eq!(text(&after), text(&before));
        }
    }
}

#[test]
fn the_usual_is_native() {
    let event = event(json!({"x": 2, "k": "b", "y": {"b": 1}}));
    let fact = Fact::new(&event, &[], Bounds::default()).unwrap();
    for (rule, state, expected) in [
        (".a += $event.data.x", json!({"a": 1}), json!({"a": 3})),
        (".a += [$event.data.x]", json!({"a": [1]}), json!({"a": [1, 2]})),
        (".a[$event.data.k] = {n: $event.data.x}", json!({"a": {}}), json!({"a": {"b": {"n": 2}}})),
        ("del(.a[$event.data.k])", json!({"a": {"b": 1, "c": 2}}), json!({"a": {"c": 2}})),
        (". + {status: \"open\"}", json!({}), json!({"status": "open"})),
        (RULES[9], json!({"a": {"b": 2}}), json!({"a": {}})),
    ] {
        let mut found = val::from_json(&state);
        assert!(native(rule).unwrap().apply(&mut found, &fact, usize::MAX).is_some(), "{rule}");
        assert_eq!(val::to_json(&found, usize::MAX).unwrap(), expected, "{rule}");
    }
}

#[test]
fn what_is_not_common_is_left_to_jq() {
    for rule in [".a |= map(. + 1)", ".[0] = 1", ".a = (.b + 1)", "reduce .[] as $x (.; .)", ".a? = 1", ".a = now"] {
        assert!(native(rule).is_none(), "{rule}");
    }
}

/// What one event brings may be large, and a rule may put it in many places: each of them would be written out.
#[test]
fn what_is_put_in_many_places_counts_in_each() {
    let event = event(json!({"x": "x".repeat(1_000)}));
    let fact = Fact::new(&event, &[], Bounds::default()).unwrap();
    let rule = (0..60).map(|n| format!(".a{n} = $event.data.x")).collect::<Vec<_>>().join(" | ");
    let mut state = Val::obj(Map::default());
    assert!(native(&rule).unwrap().apply(&mut state, &fact, 50_000).is_none());
    assert_eq!(val::to_json(&state, usize::MAX).unwrap(), json!({}), "it is as it was");
    assert!(native(&rule).unwrap().apply(&mut state, &fact, 200_000).is_some());
    // Then jq is asked, which stops it with a word.
    let reducers =
        Reducers::parse(&format!("[aggregate.a]\ninitial = '{{}}'\n[aggregate.a.on]\n\"*\" = '{rule}'"), "rules")
            .unwrap();
    let mut fold = Fold::new(&reducers.within(Bounds { memory: 50_000 }), "a");
    let step = fold.step(&event);
    assert!(
        matches!(&step.outcome, Outcome::Failed(message) if message.contains("more than 50000 bytes")),
        "{:?}",
        step.outcome
    );
}
