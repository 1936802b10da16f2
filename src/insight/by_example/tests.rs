use serde_json::json;

use super::*;
use crate::event::Payload;

/// The events of one stream.
fn stream(id: &str, events: &[(&str, Value)]) -> (StreamName, Vec<Event>) {
    let name = StreamName::new("account", id);
    let event = |((event_type, data), version): (&(&str, Value), Version)| Event {
        stream: name.clone(),
        version,
        position: version,
        event_type: (*event_type).into(),
        data: Payload::json(data.clone()),
        ..Event::default()
    };
    (name.clone(), events.iter().zip(1..).map(event).collect())
}

fn told(stream: &StreamName, version: Version, pointer: &str, value: Value) -> Told {
    Told { stream: stream.clone(), version, pointer: pointer.to_owned(), value: Some(value) }
}

fn accounts() -> Vec<(StreamName, Vec<Event>)> {
    let opened = |owner: &str| ("Opened", json!({"owner": owner}));
    let deposited = |amount: i64, net: i64| ("Deposited", json!({"amount": amount, "net": net}));
    vec![
        stream("a", &[opened("ann"), deposited(50, 50), deposited(25, 25), ("Withdrawn", json!({"taken": 5}))]),
        stream("b", &[opened("bob"), deposited(30, 28)]),
        stream("c", &[opened("cy"), deposited(7, 7)]),
        stream("d", &[opened("di"), deposited(1, 1)]),
        stream("e", &[opened("ed")]),
    ]
}

fn proposed(streams: &Streams, text: &str, corrections: &Corrections) -> Proposals {
    let reducers = if text == GUESS { Reducers::guess() } else { Reducers::parse(text, "test").unwrap() };
    propose(streams, &reducers, text, corrections, &mut || ControlFlow::Continue(())).unwrap()
}

/// The state of a stream at its end, by a proposal.
fn state(streams: &Streams, text: &str, proposal: &Proposal, at: usize) -> Value {
    let mut file = RulesFile::parse(text).unwrap();
    for (event_type, (_, rule)) in &proposal.rules {
        file.set_rule("account", event_type, Some(rule)).unwrap();
    }
    if let Some(initial) = &proposal.initial {
        file.set_initial("account", Some(initial)).unwrap();
    }
    let reducers = Reducers::parse(&file.text(), "test").unwrap();
    let (name, events) = &streams[at];
    let mut fold = fold(&reducers, name);
    for event in events {
        fold.step(event);
    }
    fold.state()
}

const GUESS: &str = "[aggregate.account.on]\n\"*\" = \"merge\"\n";

fn corrections(streams: &Streams, told: Vec<Told>) -> Corrections {
    Corrections { stream: streams[0].0.clone(), told, no_state: Vec::new() }
}

#[test]
fn what_is_missing_is_added_and_the_guess_goes_on_for_the_rest() {
    let streams = accounts();
    let found = proposed(&streams, GUESS, &corrections(&streams, vec![told(&streams[0].0, 3, "/balance", json!(75))]));
    let best = &found.list[0];
    assert!(best.explained.is_whole(), "{best:#?}");
    assert!(best.rules["Deposited"].1.contains(".balance += $event.data."), "{best:#?}");
    let state = state(&streams, GUESS, best, 0);
    assert_eq!((&state["owner"], &state["taken"]), (&json!("ann"), &json!(5)));
    // This stream, and three others.
    assert_eq!(best.changes.len(), 4);
    let own = &best.changes[0];
    let places = [String::from("/balance")];
    assert_eq!((own.stream.aggregate_id.as_str(), own.versions, own.places.as_slice()), ("a", 4, &places[..]));
}

#[test]
fn where_two_explanations_remain_it_is_told_where_they_differ_and_an_answer_decides() {
    let streams = accounts();
    let a = &streams[0].0;
    let mut corrections = corrections(&streams, vec![told(a, 3, "/balance", json!(75))]);
    // The person knows that it is the sum of what came in net, and nothing before that.
    let truth = |stream: &StreamName, version: Version| {
        let (_, events) = streams.iter().find(|(name, _)| name == stream).unwrap();
        let net = events.iter().take_while(|event| event.version <= version);
        let net: Vec<i64> = net.filter_map(|event| event.data.value()?["net"].as_i64()).collect();
        (!net.is_empty()).then(|| json!(net.iter().sum::<i64>()))
    };
    let mut asked = 0;
    while let Some(doubt) = proposed(&streams, GUESS, &corrections).doubt {
        assert!(doubt.answers.len() > 1, "{doubt:?}");
        let value = truth(&doubt.stream, doubt.version);
        corrections.told.push(Told { stream: doubt.stream, version: doubt.version, pointer: doubt.pointer, value });
        asked += 1;
        assert!(asked < 6, "{:#?}", corrections.told);
    }
    assert!(asked > 0);
    let found = proposed(&streams, GUESS, &corrections);
    assert!(found.list[0].rules["Deposited"].1.contains("$event.data.net"), "{found:#?}");
    assert!(found.list[0].explained.is_whole());
}

#[test]
fn a_rule_of_the_user_s_keeps_what_is_right() {
    let text = r#"
        [aggregate.account]
        initial = '{"balance": 0, "n": 0}'
        [aggregate.account.on]
        Opened = '.owner = $event.data.owner'
        Deposited = '.n += 1 | .balance += $event.data.amount * 2'
        Withdrawn = '.balance -= $event.data.taken'
    "#;
    let streams = accounts();
    let a = &streams[0].0;
    let told = vec![told(a, 3, "/balance", json!(75)), told(a, 4, "/balance", json!(70))];
    let found = proposed(&streams, text, &corrections(&streams, told));
    let best = &found.list[0];
    assert!(best.explained.is_whole(), "{found:#?}");
    assert_eq!(state(&streams, text, best, 0), json!({"balance": 70, "n": 2, "owner": "ann"}));
    assert!(best.rules["Deposited"].1.contains(".n += 1"), "{best:#?}");
}

#[test]
fn what_is_no_state_goes_and_comes_from_no_event() {
    let streams = accounts();
    let no_state = vec!["/amount".to_owned()];
    let found = proposed(&streams, GUESS, &Corrections { no_state, ..corrections(&streams, Vec::new()) });
    let state = state(&streams, GUESS, &found.list[0], 0);
    assert_eq!(state, json!({"owner": "ann", "net": 25, "taken": 5}));
    assert!(!found.list[0].rules.contains_key("Opened"));
}

#[test]
fn a_part_of_an_entry_is_corrected_and_the_other_parts_stay() {
    let line = |sku: &str, qty: i64, price: i64| ("LineAdded", json!({"sku": sku, "qty": qty, "price": price}));
    let streams = vec![
        stream("a", &[line("cup", 2, 8), line("pot", 1, 20), line("cup", 3, 8)]),
        stream("b", &[line("cup", 1, 8), line("pan", 4, 30), line("pan", 1, 30)]),
    ];
    let text = r#"
        [aggregate.account]
        initial = '{"lines": {}}'
        [aggregate.account.on]
        LineAdded = '.lines[$event.data.sku] = {qty: $event.data.qty, price: $event.data.price}'
    "#;
    let told = vec![told(&streams[0].0, 3, "/lines/cup/qty", json!(5))];
    let found = proposed(&streams, text, &corrections(&streams, told));
    let best = &found.list[0];
    assert!(best.explained.is_whole(), "{found:#?}");
    assert_eq!(
        state(&streams, text, best, 0),
        json!({"lines": {"cup": {"qty": 5, "price": 8}, "pot": {"qty": 1, "price": 20}}}),
        "{best:#?}"
    );
    assert_eq!(state(&streams, text, best, 1)["lines"]["pan"], json!({"qty": 5, "price": 30}));
}

#[test]
fn looking_can_be_stopped() {
    let streams = accounts();
    let corrections = corrections(&streams, vec![told(&streams[0].0, 3, "/balance", json!(75))]);
    let stop = &mut || ControlFlow::Break(());
    let stopped = propose(&streams, &Reducers::guess(), GUESS, &corrections, stop);
    assert!(stopped.unwrap_err().is_cancelled());
}
