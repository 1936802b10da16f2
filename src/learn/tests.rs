//! Small stores whose rules are known, and what is learnt of them.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::{At, Evidence, Known, Learner, Learnt};
use crate::event::{Event, Payload, StreamName, Version};
use crate::replay::{Fold, Reducers};

/// A stream of accounts, with its events.
fn event(stream: &str, version: Version, event_type: &str, data: &Value) -> Event {
    Event {
        position: version,
        stream: StreamName::new("account", stream),
        version,
        event_type: event_type.to_owned(),
        data: Payload::json(data.clone()),
        ..Event::default()
    }
}

fn learnt(learner: &Learner) -> Learnt {
    learner.learn(&mut || ControlFlow::Continue(())).unwrap()
}

fn folded(reducers: &str, events: &[Event]) -> Value {
    let rules = Reducers::parse(reducers, "learnt").unwrap();
    let mut fold = Fold::new(&rules, "account");
    for event in events {
        fold.step(event);
    }
    fold.state()
}

/// Accounts that are opened, paid into and drawn from; the fee is nobody's business.
fn accounts(count: i64) -> Vec<Vec<Event>> {
    let account = |index: i64| {
        let name = format!("a{index}");
        let mut events = vec![event(&name, 1, "Opened", &json!({"owner": format!("owner {index}")}))];
        for version in 2..=2 + index % 5 {
            let amount = 10 * version + index;
            let kind = if (version + index) % 3 == 0 { "Withdrawn" } else { "Deposited" };
            events.push(event(&name, version, kind, &json!({"amount": amount, "fee": version % 2})));
        }
        events
    };
    (0..count).map(account).collect()
}

fn balance(events: &[Event]) -> i64 {
    let amount = |event: &Event| event.data.value().and_then(|data| data["amount"].as_i64()).unwrap_or(0);
    events.iter().map(|event| if event.event_type == "Withdrawn" { -amount(event) } else { amount(event) }).sum()
}

fn last(events: &[Event]) -> (StreamName, Version) {
    let event = events.last().unwrap();
    (event.stream.clone(), event.version)
}

#[test]
fn rules_are_learnt_from_snapshots_and_fold_to_them() {
    let streams = accounts(12);
    let mut learner = Learner::new();
    for events in &streams {
        for event in events {
            learner.event(event);
        }
        let owner = events[0].data.value().unwrap()["owner"].clone();
        let (name, version) = last(events);
        learner.evidence(Evidence::snapshot(name, version, json!({"owner": owner, "balance": balance(events)})));
    }
    let learnt = learnt(&learner);
    assert!(learnt.reducers.contains(r#""Withdrawn" = '.balance -= $event.data.amount'"#), "{}", learnt.reducers);
    for events in &streams {
        assert_eq!(folded(&learnt.reducers, events)["balance"], json!(balance(events)));
    }
    let aggregate = &learnt.aggregates[0];
    assert_eq!((aggregate.states.agree, aggregate.states.of, aggregate.held_out.of), (12, 12, 6));
    assert!(aggregate.unexplained.is_empty());
    assert!(serde_json::to_value(&learnt).unwrap()["aggregates"][0]["leaves"][0]["effects"].is_array());
}

#[test]
fn a_drifted_snapshot_is_named_and_not_learnt() {
    let streams = accounts(16);
    let mut learner = Learner::new();
    for (index, events) in streams.iter().enumerate() {
        for event in events {
            learner.event(event);
        }
        let (name, version) = last(events);
        let stored = balance(events) + if index == 7 { 1000 } else { 0 };
        learner.evidence(Evidence::snapshot(name, version, json!({"balance": stored})));
    }
    let learnt = learnt(&learner);
    for events in &streams {
        assert_eq!(folded(&learnt.reducers, events), json!({"balance": balance(events)}));
    }
    let unexplained = &learnt.aggregates[0].unexplained;
    assert_eq!(unexplained.len(), 1);
    assert_eq!(
        (unexplained[0].stream.aggregate_id.as_str(), unexplained[0].pointers.as_slice()),
        ("a7", &["/balance".to_owned()][..])
    );
    assert!(learnt.reducers.contains("# No rule explains: snapshot of account/a7"), "{}", learnt.reducers);
}

#[test]
fn rows_of_a_read_model_tell_of_their_columns_only_and_at_their_own_position() {
    let streams = accounts(12);
    let mut learner = Learner::new();
    for events in &streams {
        for event in events {
            learner.event(event);
        }
        // The row lags behind by the last event.
        let known = &events[..events.len() - 1];
        let at = At::Position(known.last().unwrap().position);
        learner.evidence(Evidence::row(events[0].stream.clone(), at, json!({"total": balance(known)}), "balances"));
    }
    let learnt = learnt(&learner);
    for events in &streams {
        assert_eq!(
            folded(&learnt.reducers, events)["total"].as_i64().unwrap_or(0),
            balance(events),
            "{}",
            learnt.reducers
        );
    }
}

#[test]
fn what_no_stream_tells_apart_is_said() {
    let mut learner = Learner::new();
    for index in 0..8_i64 {
        let name = format!("a{index}");
        let events = [
            event(&name, 1, "Opened", &json!({})),
            event(&name, 2, "Paid", &json!({"net": index + 3, "gross": index + 3})),
        ];
        for event in &events {
            learner.event(event);
        }
        learner.evidence(Evidence::snapshot(events[0].stream.clone(), 2, json!({"turnover": index + 3})));
    }
    let learnt = learnt(&learner);
    let effect = &learnt.aggregates[0].leaves[0].effects.iter().find(|effect| effect.event_type == "Paid").unwrap();
    assert!(effect.rivals.iter().any(|rival| rival.contains("net") || rival.contains("gross")), "{effect:?}");
    assert!(learnt.reducers.contains("no stream tells"), "{}", learnt.reducers);
}

#[test]
fn examples_of_a_person_make_rules_and_take_them_back() {
    let streams = accounts(3);
    let mut learner = Learner::new();
    for event in streams.iter().flatten() {
        learner.event(event);
    }
    let (name, version) = last(&streams[2]);
    learner.evidence(Evidence::example(name.clone(), version, "/holder/name", Some(json!("owner 2"))));
    let with = learnt(&learner);
    // What was suggested stays.
    let expected = json!({"owner": "owner 1", "holder": {"name": "owner 1"}});
    assert_eq!(folded(&with.reducers, &streams[1]), expected, "{}", with.reducers);

    learner.evidence(Evidence {
        known: Known::NoState { pointer: "/holder/name".into() },
        ..Evidence::example(name, version, "", None)
    });
    let without = learnt(&learner);
    assert_eq!(folded(&without.reducers, &streams[1]), json!({"owner": "owner 1"}), "{}", without.reducers);
}

#[test]
fn evidence_of_versions_that_no_stream_has_is_named() {
    let streams = accounts(6);
    let mut learner = Learner::new();
    for events in &streams {
        for event in events {
            learner.event(event);
        }
        let (name, version) = last(events);
        learner.evidence(Evidence::snapshot(name, version, json!({"balance": balance(events)})));
    }
    learner.evidence(Evidence::snapshot(StreamName::new("account", "a0"), 99, json!({"balance": 1})));
    let learnt = learnt(&learner);
    assert_eq!(learnt.aggregates[0].unexplained.len(), 1);
    assert!(learnt.aggregates[0].unexplained[0].pointers.is_empty());
}

#[test]
fn learning_can_be_stopped() {
    let mut learner = Learner::new();
    for events in accounts(300) {
        for event in &events {
            learner.event(event);
        }
        let (name, version) = last(&events);
        learner.evidence(Evidence::snapshot(
            name,
            version,
            json!({"balance": balance(&events), "odd": events.len() * 7919 % 13}),
        ));
    }
    let stopped = learner.learn(&mut || ControlFlow::Break(()));
    assert!(stopped.is_err_and(|error| error.is_cancelled()));
}

#[test]
fn nothing_known_is_nothing_learnt() {
    let mut learner = Learner::new();
    for event in accounts(3).iter().flatten() {
        learner.event(event);
    }
    assert_eq!(learnt(&learner), Learnt::default());
}
