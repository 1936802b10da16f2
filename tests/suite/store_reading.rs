//! What the built-in store can be asked: each question against the same question to a `Vec`.

use chrono::{DateTime, Utc};
use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{Command, EventStore, Places, Query};
use proptest::prelude::*;
use serde_json::json;

/// 1,500 events in three streams of two aggregate types, with correlations, causes and two event types.
fn store() -> (EventStore, Vec<Event>) {
    let mut store = EventStore::open_in_memory().unwrap();
    for round in 0..500_u32 {
        for (aggregate_type, id) in [("order", "1"), ("order", "2"), ("stock", "1")] {
            let event = NewEvent {
                correlation_id: (round % 10 == 0).then(|| format!("req-{}", round / 50)),
                causation_id: (round % 7 == 0).then(|| format!("cmd-{round}")),
                ..NewEvent::new(if round % 3 == 0 { "opened" } else { "changed" }, json!({ "round": round }))
            };
            store.append(&StreamName::new(aggregate_type, id), ExpectedVersion::Any, &[event]).unwrap();
        }
    }
    let all = store.read_all(None, usize::MAX).unwrap();
    (store, all)
}

fn moment(event: &Event) -> DateTime<Utc> {
    event.timestamp.as_ref().unwrap().utc.unwrap()
}

type Wants<'a> = Box<dyn Fn(&Event) -> bool + 'a>;

#[test]
fn every_query_answers_as_a_filtered_vec_does() {
    let (store, all) = store();
    let (early, late) = (moment(&all[300]), moment(&all[1200]));
    let questions: Vec<(Query, Wants<'_>)> = vec![
        (Query::default(), Box::new(|_| true)),
        (
            Query { aggregate_type: Some("order".into()), ..Query::default() },
            Box::new(|e| e.stream.aggregate_type == "order"),
        ),
        (Query { aggregate_id: Some("1".into()), ..Query::default() }, Box::new(|e| e.stream.aggregate_id == "1")),
        (Query::stream(&StreamName::new("order", "2")), Box::new(|e| e.stream == StreamName::new("order", "2"))),
        (
            Query { from_version: Some(20), to_version: Some(480), ..Query::stream(&StreamName::new("order", "2")) },
            Box::new(|e| e.stream == StreamName::new("order", "2") && (20..=480).contains(&e.version)),
        ),
        (
            Query { from_version: Some(499), aggregate_type: Some("order".into()), ..Query::default() },
            Box::new(|e| e.stream.aggregate_type == "order" && e.version >= 499),
        ),
        (Query { to_version: Some(2), ..Query::default() }, Box::new(|e| e.version <= 2)),
        (Query { event_type: Some("opened".into()), ..Query::default() }, Box::new(|e| e.event_type == "opened")),
        (
            Query { correlation_id: Some("req-3".into()), ..Query::default() },
            Box::new(|e| e.correlation_id.as_deref() == Some("req-3")),
        ),
        (
            Query { causation_id: Some("cmd-7".into()), ..Query::default() },
            Box::new(|e| e.causation_id.as_deref() == Some("cmd-7")),
        ),
        (
            Query { from: Some(early), until: Some(late), ..Query::default() },
            Box::new(move |e| (early..late).contains(&moment(e))),
        ),
        (
            Query { after: Some(100), before: Some(900), event_type: Some("changed".into()), ..Query::default() },
            Box::new(|e| (101..900).contains(&e.position) && e.event_type == "changed"),
        ),
        (Query { from: Some(Utc::now() + chrono::Days::new(1)), ..Query::default() }, Box::new(|_| false)),
    ];
    for (query, wants) in questions {
        for (newest_first, offset, limit) in
            [(false, 0, None), (true, 0, None), (false, 3, Some(20)), (true, 5, Some(700)), (false, 0, Some(0))]
        {
            let query = Query { newest_first, offset, limit, ..query.clone() };
            let mut expected: Vec<Event> = all.iter().filter(|event| wants(event)).cloned().collect();
            if newest_first {
                expected.reverse();
            }
            let expected: Vec<_> = expected.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
            assert_eq!(store.query(&query).unwrap(), expected, "{query:?}");
            assert_eq!(store.count(&query).unwrap(), expected.len() as u64, "{query:?}");
            let walked: Vec<_> = store.events(query.clone()).map(Result::unwrap).collect();
            assert_eq!(walked, expected, "walking {query:?}");
        }
    }
}

#[test]
fn one_event_is_found_by_its_id_its_position_and_its_version() {
    let (store, all) = store();
    let event = &all[700];
    let (id, stream) = (event.id.as_deref().unwrap(), &event.stream);
    assert_eq!(store.event(id).unwrap().as_ref(), Some(event));
    assert_eq!(store.event_at(event.position).unwrap().as_ref(), Some(event));
    assert_eq!(store.read_stream(stream, event.version, Some(event.version)).unwrap(), std::slice::from_ref(event));
    assert_eq!((store.event("none").unwrap(), store.event_at(1501).unwrap()), (None, None));
}

#[test]
fn what_a_command_led_to_is_found_by_the_command() {
    let (mut store, _) = store();
    let stream = StreamName::new("order", "1");
    let command =
        Command { id: "c-1".into(), command_type: "change".into(), stream: stream.clone(), ..Command::default() };
    let events = [NewEvent::new("changed", json!(1)), NewEvent::new("changed", json!(2))];
    let processed = store.append_command(&command, ExpectedVersion::Any, &events).unwrap();
    store.append(&stream, ExpectedVersion::Any, &events).unwrap();
    assert_eq!(store.command("c-1").unwrap().unwrap().events, processed.events);
    let caused = Query { causation_id: Some("c-1".into()), ..Query::default() };
    assert_eq!(store.query(&caused).unwrap(), processed.events);
    assert_eq!(store.count(&caused).unwrap(), 2);
}

#[test]
fn a_walk_holds_a_page_and_goes_on_where_it_was_left() {
    let (mut store, all) = store();
    let stream = StreamName::new("order", "2");
    let backwards = Query { newest_first: true, from_version: Some(3), ..Query::stream(&stream) };
    let versions: Vec<_> = store.events(backwards).map(|event| event.unwrap().version).collect();
    assert_eq!(versions, (3..=500).rev().collect::<Vec<_>>());
    let from: Vec<_> = store.stream_events(&stream, 498).map(|event| event.unwrap().version).collect();
    assert_eq!(from, [498, 499, 500]);
    let mut seen = Vec::new();
    while let Some(last) = store.read_all(seen.last().copied(), 400).unwrap().last() {
        seen.push(last.position);
    }
    assert_eq!(seen, [400, 800, 1200, all[1499].position]);
    store.append(&stream, ExpectedVersion::Any, &[NewEvent::new("changed", json!(1))]).unwrap();
    assert_eq!(store.read_all(seen.last().copied(), 400).unwrap().len(), 1);
}

#[test]
fn a_stream_is_read_backwards_and_streams_are_listed() {
    let (store, _) = store();
    let order = StreamName::new("order", "1");
    let versions = |from, limit| -> Vec<i64> {
        store.read_stream_backwards(&order, from, limit).unwrap().iter().map(|event| event.version).collect()
    };
    assert_eq!(versions(None, 2), [500, 499]);
    assert_eq!(versions(Some(2), 9), [2, 1]);
    let names = |after: Option<&StreamName>, limit| -> Vec<String> {
        store.streams(after, limit).unwrap().iter().map(|found| format!("{}@{}", found.stream, found.version)).collect()
    };
    assert_eq!(names(None, 9), ["order/1@500", "order/2@500", "stock/1@500"]);
    assert_eq!(names(Some(&order), 1), ["order/2@500"]);
    assert_eq!(store.last_position().unwrap(), Some(1500));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_range_of_time_is_what_a_look_at_every_event_finds(
        steps in prop::collection::vec((1..9_i64, 0..3_i64), 0..60),
        from in -1..130_i64,
        until in -1..130_i64,
    ) {
        let moment = |second| DateTime::from_timestamp(1_000_000_000 + second, 0).unwrap();
        let (mut position, mut second, mut lines, mut expected) = (0, 0, Vec::new(), Vec::new());
        for (version, (gap, pause)) in (1..).zip(steps) {
            (position, second) = (position + gap, second + pause);
            lines.push(json!({
                "aggregate_type": "clock", "aggregate_id": "1", "event_type": "ticked", "data": second,
                "position": position, "version": version, "timestamp": moment(second).to_rfc3339(),
            }));
            expected.extend((from..until).contains(&second).then_some(position));
        }
        let mut store = EventStore::open_in_memory().unwrap();
        let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
        store.import(&mut lines.join("\n").as_bytes(), Places::Kept, |_| {}).unwrap();
        let query = Query { from: Some(moment(from)), until: Some(moment(until)), ..Query::default() };
        let found: Vec<_> = store.query(&query).unwrap().iter().map(|event| event.position).collect();
        prop_assert_eq!(found, expected);
    }
}
