//! Reducers files: what they may say, which rule is taken, and what happens to events that no rule fits.

use serde_json::{Value, json};

use super::super::{Fold, Outcome, Reducers};
use super::{event, once};
use crate::event::{Decoded, Event, Payload, StorageClass, StreamName, Timestamp};

fn flaw(rules: &str) -> String {
    Reducers::parse(rules, "shop.reducers.toml").unwrap_err().to_string()
}

#[test]
fn the_form_that_the_documentation_shows() {
    let rules = r#"
[aggregate."account"]
initial = '{"balance": 0}'
[aggregate."account".on]
"account.deposited" = '.balance += $event.data.amount'
"account.closed"    = '.closed = true'
"*"                 = "merge"
[upcast."agent.created"]
1 = '{name: .agent_name, type: "general"}'
"#;
    let mut fold = Fold::new(&Reducers::parse(rules, "test").unwrap(), "account");
    fold.step(&event(1, "account.deposited", json!({"amount": 5})));
    fold.step(&event(2, "account.closed", json!({})));
    fold.step(&event(3, "account.renamed", json!({"name": "A"})));
    fold.step(&event(4, "agent.created", json!({"agent_name": "Ann"})));
    assert_eq!(fold.state(), json!({"balance": 5, "closed": true, "name": "Ann", "type": "general"}));
}

#[test]
fn every_field_of_the_event_is_there() {
    let rules = "[aggregate.\"*\".on]\n\"*\" = '$event'";
    let full = Event {
        position: 7,
        id: Some("e-7".into()),
        stream: StreamName::new("order", "o-1"),
        version: 2,
        event_type: "placed".into(),
        schema_version: Some("3".into()),
        timestamp: Some(Timestamp { stored: "2026-03-14 12:04:01".into(), utc: None }),
        actor: Some("ann".into()),
        causation_id: Some("c-1".into()),
        correlation_id: Some("r-1".into()),
        data: Payload::json(json!({"total": 8})),
        metadata: Payload::json(json!({"ip": "::1"})),
        ..Event::default()
    };
    let expected = json!({
        "position": 7, "id": "e-7", "type": "placed", "aggregate_type": "order", "aggregate_id": "o-1", "version": 2,
        "schema_version": "3", "timestamp": "2026-03-14 12:04:01", "data": {"total": 8}, "metadata": {"ip": "::1"},
        "actor": "ann", "causation_id": "c-1", "correlation_id": "r-1",
    });
    assert_eq!(once(rules, &full), (Outcome::Applied, expected));
}

#[test]
fn numbers_that_no_rule_touches_keep_their_digits() {
    let stored = r#"{"id": 9007199254740993, "price": 8.00, "tiny": 1e-7, "huge": 123456789012345678901234567890}"#;
    let data: Value = serde_json::from_str(stored).unwrap();
    for rules in [
        "[aggregate.\"*\".on]\n\"*\" = '. + $event.data | .n = 1'",
        "[aggregate.\"*\".on]\n\"*\" = 'merge'",
        "[aggregate.\"*\".on]\n\"*\" = 'replace'",
        "[aggregate.\"*\".on]\n\"*\" = 'merge'\n\"other\" = '.'",
    ] {
        let (_, state) = once(rules, &event(1, "any", data.clone()));
        assert_eq!(state["id"].to_string(), "9007199254740993");
        assert_eq!(state["price"].to_string(), "8.00");
        assert_eq!(state["tiny"].to_string(), "1e-7");
        assert_eq!(state["huge"].to_string(), "123456789012345678901234567890");
    }
}

#[test]
fn the_most_specific_rule_is_taken() {
    let rules = r#"
[aggregate."*"]
initial = '{"from": "anything"}'
[aggregate."*".on]
"*" = '.rule = "any of any"'
"audited" = '.rule = "audited of any"'
[aggregate."acc*".on]
"account.*" = '.rule = "account.* of acc*"'
[aggregate."account"]
initial = '{"from": "account"}'
[aggregate."account".on]
"*" = '.rule = "any of account"'
"account.*" = '.rule = "account.* of account"'
"account.line_*" = '.rule = "account.line_* of account"'
"account.line_added" = '.rule = "line_added of account"'
"#;
    let reducers = Reducers::parse(rules, "test").unwrap();
    let rule = |aggregate: &str, kind: &str| {
        let mut fold = Fold::new(&reducers, aggregate);
        fold.step(&event(1, kind, json!({})));
        format!("{}, {}", fold.state()["from"].as_str().unwrap(), fold.state()["rule"].as_str().unwrap())
    };
    assert_eq!(rule("account", "account.line_added"), "account, line_added of account");
    assert_eq!(rule("account", "account.line_removed"), "account, account.line_* of account");
    assert_eq!(rule("account", "account.closed"), "account, account.* of account");
    assert_eq!(rule("account", "audited"), "account, any of account");
    assert_eq!(rule("accounting", "account.closed"), "anything, account.* of acc*");
    assert_eq!(rule("accounting", "audited"), "anything, audited of any");
    assert_eq!(rule("order", "whatever"), "anything, any of any");
}

#[test]
fn upcasters_are_chained_up_to_the_newest_version() {
    let rules = r#"
[upcast."named"]
1 = '{first: .name}'
2 = '{first, last: $event.type}'
[upcast."*"]
2 = '{wrong: true}'
3 = '. + {version: $event.schema_version}'
[aggregate."*".on]
"*" = '. + $event.data + {at: $event.schema_version}'
"#;
    let of = |version: Option<&str>, data: Value| {
        let event = Event { schema_version: version.map(Into::into), ..event(1, "named", data) };
        once(rules, &event).1
    };
    let newest = json!({"first": "A", "last": "named", "version": "3", "at": "4"});
    assert_eq!(of(Some("1"), json!({"name": "A"})), newest);
    assert_eq!(of(Some("v1"), json!({"name": "A"})), newest);
    assert_eq!(of(Some("1.0"), json!({"name": "A"})), newest);
    assert_eq!(of(None, json!({"name": "A"})), newest);
    assert_eq!(of(Some("2"), json!({"first": "A"})), newest);
    assert_eq!(of(Some("4"), json!({"x": 1})), json!({"x": 1, "at": "4"}));
    assert_eq!(of(Some("beta"), json!({"x": 1})), json!({"x": 1, "at": "beta"}));
}

#[test]
fn upcast_data_is_merged_and_replaced_too() {
    for action in ["merge", "replace"] {
        let rules = format!("[upcast.\"x\"]\n1 = '{{b: .a}}'\n[aggregate.\"*\".on]\n\"*\" = \"{action}\"");
        assert_eq!(once(&rules, &event(1, "x", json!({"a": 8}))), (Outcome::Applied, json!({"b": 8})));
    }
    let rules = "[upcast.\"x\"]\n1 = 'error(\"no\")'\n[aggregate.\"*\".on]\n\"*\" = 'merge'";
    let (outcome, state) = once(rules, &event(1, "x", json!({"a": 8})));
    assert_eq!((outcome, state), (Outcome::Failed("upcast.\"x\".1: no".into()), json!({})));
}

#[test]
fn a_rule_that_fails_stops_nothing() {
    let rules = "[aggregate.\"account\".on]\n\"bad\" = '.n += 1 | .x |= error(\"oh\")'\n\"good\" = '.n += 1'";
    let mut fold = Fold::new(&Reducers::parse(rules, "test").unwrap(), "account");
    fold.step(&event(1, "good", json!({})));
    let step = fold.step(&event(2, "bad", json!({})));
    assert_eq!((step.outcome, step.changes.len()), (Outcome::Failed("oh".into()), 0));
    assert_eq!(fold.step(&event(3, "unheard of", json!({}))).outcome, Outcome::Unhandled);
    assert_eq!(fold.step(&event(4, "good", json!({}))).outcome, Outcome::Applied);
    assert_eq!(fold.state(), json!({"n": 2}));
}

#[test]
fn what_json_cannot_hold_fails_the_rule_that_made_it() {
    for rule in [".n = nan", ".n = infinite", ".n = (\"a\" | tobytes)", ". + {(\"1\" | tonumber): 2}"] {
        let rules = format!("[aggregate.\"*\".on]\n\"*\" = '{rule}'");
        let (outcome, state) = once(&rules, &event(1, "x", json!({})));
        assert!(matches!(outcome, Outcome::Failed(_)), "{rule}: {outcome:?}");
        assert_eq!(state, json!({}));
    }
}

#[test]
fn a_field_of_nothing_cannot_be_set_and_the_message_says_what_to_do() {
    let rules = |rule: &str| format!("[aggregate.\"*\".on]\n\"*\" = '{rule}'");
    let (Outcome::Failed(message), _) = once(&rules(".a.b = 1"), &event(1, "x", json!({}))) else { panic!() };
    assert!(message.contains("//= {}"), "{message}");
    assert_eq!(once(&rules(".a //= {} | .a.b = 1"), &event(1, "x", json!({}))).1, json!({"a": {"b": 1}}));
}

#[test]
fn the_guess_merges_objects_and_admits_the_rest() {
    let guess = Reducers::guess();
    assert!(guess.is_guess());
    assert_eq!(guess.label(), "guess: merge patch");
    let mut fold = Fold::new(&guess, "account");
    assert_eq!(fold.step(&event(1, "opened", json!({"owner": "A", "x": null}))).outcome, Outcome::Applied);
    assert_eq!(fold.step(&event(2, "frozen", json!("AccountFrozen"))).outcome, Outcome::Unhandled);
    assert_eq!(fold.step(&event(3, "listed", json!([1, 2]))).outcome, Outcome::Unhandled);
    let opaque = Payload::new([].into(), StorageClass::Null, Decoded::Opaque { tried: Vec::new() });
    assert_eq!(fold.step(&Event { data: opaque, ..event(4, "sealed", json!(0)) }).outcome, Outcome::Unhandled);
    let missing = Event { data: Payload::default(), ..event(5, "touched", json!(0)) };
    assert_eq!(fold.step(&missing).outcome, Outcome::Applied);
    assert_eq!(fold.state(), json!({"owner": "A"}));
}

#[test]
fn what_was_left_unread_is_not_taken_for_nothing() {
    let unread = Payload::new([].into(), StorageClass::Null, Decoded::Unread { bytes: 1 << 30 });
    let large = Event { data: unread, ..event(2, "imported", json!(0)) };
    for rules in ["\"*\" = \"merge\"", "\"*\" = '.seen = true'"] {
        let (outcome, state) = once(&format!("[aggregate.\"*\".on]\n{rules}"), &large);
        assert!(matches!(&outcome, Outcome::Failed(why) if why.contains("1073741824 bytes")), "{outcome:?}");
        assert!(!state.to_string().contains("seen"), "{state}");
    }
    let mut guess = Fold::new(&Reducers::guess(), "account");
    assert!(matches!(guess.step(&large).outcome, Outcome::Failed(_)));
}

#[test]
fn merging_and_replacing_by_rule_need_data_that_can_be_read() {
    let opaque = Payload::new([].into(), StorageClass::Null, Decoded::Opaque { tried: Vec::new() });
    for action in ["merge", "replace"] {
        let rules = format!("[aggregate.\"*\".on]\n\"*\" = \"{action}\"");
        let sealed = Event { data: opaque.clone(), ..event(1, "sealed", json!(0)) };
        assert!(matches!(once(&rules, &sealed).0, Outcome::Failed(_)));
        assert_eq!(once(&rules, &event(1, "plain", json!("text"))), (Outcome::Applied, json!("text")));
    }
}

#[test]
fn errors_name_the_rule_and_the_place() {
    let rules = "[aggregate.\"account\".on]\n\"ok\" = '.'\n\"bad\" = '''\n.a = 1\n| .b = foo(2)'''\n";
    let expected = "shop.reducers.toml: line 5, column 8: aggregate.\"account\".on.\"bad\": there is no filter `foo` with 1 argument";
    assert_eq!(flaw(rules), expected);
    let escaped = "[upcast.\"x\"]\n1 = \"\\\"a\\\" | foo\"\n";
    assert_eq!(
        flaw(escaped),
        "shop.reducers.toml: line 2, column 5: upcast.\"x\".1, character 7: there is no filter `foo`"
    );
    assert!(flaw("[aggregate.\"a\"]\ninitial = '{'").contains("line 2, column 11: aggregate.\"a\".initial is no JSON"));
    assert!(flaw("[aggregates.\"a\"]").contains("there is no section [aggregates]"));
    assert!(flaw("[aggregate.\"a\"]\nrules = 1").contains("has no entry `rules`"));
    assert!(flaw("[aggregate.\"a\".on]\n\"x\" = 1").contains("aggregate.\"a\".on.\"x\" is no text"));
    assert!(flaw("[upcast.\"a\"]\none = '.'").contains("`one` is no schema version"));
    assert!(flaw("[aggregate.\"a\"\n").contains("line 1"));
    assert!(flaw("aggregate = 1").contains("aggregate is no table"));
}

#[test]
fn a_snapshot_filter_makes_stored_states_comparable() {
    let rules = "[aggregate.\"account\"]\nsnapshot = '{balance: ._balance, version: $event.version}'";
    let reducers = Reducers::parse(rules, "test").unwrap();
    let stored = json!({"_balance": 5});
    let of = |kind: &str| reducers.comparable(&StreamName::new(kind, "a"), 7, &stored).unwrap();
    assert_eq!(of("account"), json!({"balance": 5, "version": 7}));
    assert_eq!(of("order"), stored);
}
