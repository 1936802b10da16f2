//! Timelines of streams that are empty, damaged, stopped, or no longer what they were.

use std::ops::ControlFlow;

use serde_json::json;

use super::super::{Limits, Reducers, Timeline};
use super::{event, refetch, timeline};
use crate::error::ErrorKind;
use crate::event::Event;

fn numbered(count: i64) -> Vec<Event> {
    (1..=count).map(|version| event(version, "counted", json!({"n": version}))).collect()
}

#[test]
fn an_empty_stream_has_the_state_before_its_first_event() {
    let mut empty = timeline(&[], &Reducers::guess(), 1000);
    let state = empty.state_at(0, refetch(&[])).unwrap();
    assert_eq!((state.state, state.position, state.version), (json!({}), None, 0));
    let events = numbered(2);
    empty.extend(events.iter().cloned().map(Ok)).unwrap();
    assert_eq!(empty.state_at(2, refetch(&events)).unwrap().state, json!({"n": 2}));
}

#[test]
fn the_state_before_the_first_event_is_that_of_the_aggregate_type() {
    let rules = "[aggregate.\"account\"]\ninitial = '{\"balance\": 0}'";
    let reducers = Reducers::parse(rules, "test").unwrap();
    let events = numbered(1);
    assert_eq!(timeline(&events, &reducers, 0).state_at(0, refetch(&events)).unwrap().state, json!({"balance": 0}));
    let mut grown = timeline(&[], &reducers, 0);
    grown.extend(events.iter().cloned().map(Ok)).unwrap();
    assert_eq!(grown.state_at(0, refetch(&events)).unwrap().state, json!({"balance": 0}));
}

#[test]
fn a_version_between_two_is_the_earlier_one() {
    let events: Vec<_> = [3, 5, 9].into_iter().map(|version| event(version, "x", json!({"v": version}))).collect();
    let timeline = timeline(&events, &Reducers::guess(), 1000);
    for (asked, expected) in [(3, 3), (4, 3), (5, 5), (8, 5), (9, 9), (100, 9)] {
        assert_eq!(timeline.state_at(asked, refetch(&events)).unwrap().version, expected);
    }
    assert_eq!(timeline.state_at(2, refetch(&events)).unwrap().position, None);
}

#[test]
fn versions_that_repeat_or_fall_are_folded_as_they_come() {
    let mut events: Vec<_> = [1, 2, 2, 3, 1, 4]
        .into_iter()
        .map(|version| event(version, "x", json!({"v": version, format!("seen{version}"): true})))
        .collect();
    for (place, event) in events.iter_mut().enumerate() {
        event.position = i64::try_from(place).unwrap();
    }
    let timeline = timeline(&events, &Reducers::guess(), 0);
    let seek = timeline.state_at(3, refetch(&events)).unwrap();
    assert_eq!(seek.state, json!({"v": 3, "seen1": true, "seen2": true, "seen3": true}));
    assert_eq!(timeline.state_at(2, refetch(&events)).unwrap().position, Some(2));
    assert_eq!(timeline.state_at(1, refetch(&events)).unwrap().position, Some(4));
}

#[test]
fn events_that_are_gone_are_an_error() {
    let events = numbered(10);
    let timeline = timeline(&events, &Reducers::guess(), 0);
    let error = timeline.state_at(5, refetch(events.get(..3).unwrap())).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotFound);
    assert!(timeline.state_at(10, refetch(&[])).is_ok(), "the last state is at hand");
}

#[test]
fn a_replay_can_be_stopped() {
    let events = numbered(2000).into_iter().map(Ok);
    let mut heard = Vec::new();
    let stopped = Timeline::build(events, &Reducers::guess(), Limits::default(), |count| {
        heard.push(count);
        if count < 700 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(stopped.unwrap_err().is_cancelled());
    assert_eq!(heard, [256, 512, 768]);
}

#[test]
fn a_seek_asks_for_few_events() {
    let events = numbered(1000);
    let timeline = timeline(&events, &Reducers::guess(), 1_000_000);
    for version in 1..1000 {
        let mut asked = 0;
        timeline
            .state_at(version, |from, to| {
                asked += to - from + 1;
                refetch(&events)(from, to)
            })
            .unwrap();
        assert!(asked <= 32, "{asked} events for version {version}");
    }
}
