//! What can be asked.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use eventscope::event::{Event, ExpectedVersion, Json, NewEvent};
use eventscope::store::{Places, Query};
use serde_json::json;

use super::{Place, event, positions, stream};

/// Whether a query wants an event, found by looking at it.
fn wants(query: &Query, event: &Event) -> bool {
    let is = |wanted: &Option<String>, value: Option<&str>| wanted.is_none() || wanted.as_deref() == value;
    let at = event.timestamp.as_ref().and_then(|timestamp| timestamp.utc).unwrap();
    is(&query.aggregate_type, Some(&event.stream.aggregate_type))
        && is(&query.aggregate_id, Some(&event.stream.aggregate_id))
        && is(&query.event_type, Some(&event.event_type))
        && is(&query.correlation_id, event.correlation_id.as_deref())
        && is(&query.causation_id, event.causation_id.as_deref())
        && query.from_version.is_none_or(|from| event.version >= from)
        && query.to_version.is_none_or(|to| event.version <= to)
        && query.after.is_none_or(|after| event.position > after)
        && query.before.is_none_or(|before| event.position < before)
        && query.from.is_none_or(|from| at >= from)
        && query.until.is_none_or(|until| at < until)
}

pub fn every_question_is_answered_as_by_looking_at_each_event(place: &Place) {
    let mut store = place.open();
    let mut lines = String::new();
    let mut versions = [0_i64; 7];
    for number in 1..=300_i64 {
        let which = usize::try_from(number * number % 7).unwrap();
        versions[which] += 1;
        lines.extend([format!(
            "{{\"position\":{},\"aggregate_type\":\"{}\",\"aggregate_id\":\"s{which}\",\"version\":{},\"event_type\":\"t{}\",\
             \"timestamp\":\"2026-01-01T00:00:{:02}Z\",\"correlation_id\":\"c{}\",\"causation_id\":\"k{}\",\"data\":{{}}}}\n",
            number * 2,
            if which < 4 { "cup" } else { "pot" },
            versions[which],
            number % 4,
            number / 6,
            number % 9,
            number % 5,
        )]);
    }
    store.import(&mut lines.as_bytes(), Places::Kept, &mut |_| {}).unwrap();
    let all = store.read_all(None, 1_000).unwrap();
    assert_eq!(all.len(), 300);
    let second = |second: i64| DateTime::<Utc>::from_timestamp(1_767_225_600 + second, 0);
    let text = |text: &str| Some(text.to_owned());
    let narrowed = [
        Query::default(),
        Query { aggregate_type: text("cup"), ..Query::default() },
        Query { aggregate_id: text("s2"), ..Query::default() },
        Query { aggregate_type: text("pot"), aggregate_id: text("s4"), ..Query::default() },
        Query { event_type: text("t3"), ..Query::default() },
        Query { event_type: text("it's; not there"), ..Query::default() },
        Query { correlation_id: text("c4"), event_type: text("t1"), ..Query::default() },
        Query { causation_id: text("k2"), ..Query::default() },
    ];
    let bounds = [
        Query::default(),
        Query { after: Some(100), ..Query::default() },
        Query { before: Some(101), after: Some(7), ..Query::default() },
        Query { from_version: Some(3), to_version: Some(20), ..Query::default() },
        Query { from: second(10), ..Query::default() },
        Query { until: second(10), ..Query::default() },
        Query { from: second(7), until: second(31), ..Query::default() },
        Query { from: second(-5), until: second(500), ..Query::default() },
        Query { from: second(500), ..Query::default() },
        Query { until: second(-5), ..Query::default() },
    ];
    let pages = [(0, None), (0, Some(7)), (5, Some(4)), (1_000, Some(4)), (3, None)];
    for narrow in &narrowed {
        for bound in &bounds {
            for newest_first in [false, true] {
                for (offset, limit) in pages {
                    let Query { after, before, from_version, to_version, from, until, .. } = bound.clone();
                    let query = Query {
                        after,
                        before,
                        from_version,
                        to_version,
                        from,
                        until,
                        newest_first,
                        offset,
                        limit,
                        ..narrow.clone()
                    };
                    let mut expected: Vec<i64> =
                        all.iter().filter(|event| wants(&query, event)).map(|event| event.position).collect();
                    if newest_first {
                        expected.reverse();
                    }
                    let expected: Vec<i64> =
                        expected.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
                    assert_eq!(positions(&store.query(&query).unwrap()), expected, "{query:?}");
                }
            }
        }
    }
    let streams = store.streams(None, 3).unwrap();
    let rest = store.streams(streams.last().map(|last| &last.stream), 9).unwrap();
    let named: Vec<String> = streams.iter().chain(&rest).map(|found| found.stream.to_string()).collect();
    let mut sorted = named.clone();
    sorted.sort();
    assert_eq!(named, sorted);
    let counted: i64 = streams.iter().chain(&rest).map(|found| found.version).sum();
    assert_eq!(counted, 300);
    assert_eq!(store.read_all(Some(595), 10).unwrap().len(), 3);
    assert_eq!(store.event("nothing").unwrap(), None);
    assert_eq!(positions(&store.read_stream(&all[0].stream, 2, Some(2)).unwrap()).len(), 1);
}

pub fn snapshots_and_checkpoints_are_kept(place: &Place) {
    let mut store = place.open();
    let events: Vec<NewEvent> = (0..10).map(|number| event("order.placed", number)).collect();
    store.append(&stream("1"), ExpectedVersion::Any, &events).unwrap();
    let state = |text: &str| Json::text(text).unwrap();
    for version in [3, 7] {
        store.save_snapshot(&stream("1"), version, 1, state(r#"{"total": 8.00}"#)).unwrap();
    }
    store.save_snapshot(&stream("1"), 7, 2, state(r#"{"total": 9.00}"#)).unwrap();
    let at = |version| place.open().snapshot(&stream("1"), version).unwrap();
    assert_eq!(
        at(None).map(|found| (found.version, found.state_version, found.state)),
        Some((7, 2, r#"{"total": 9.00}"#.to_owned()))
    );
    assert_eq!(at(Some(6)).map(|found| found.version), Some(3));
    assert_eq!(at(Some(2)), None);
    let error = store.save_snapshot(&stream("1"), 11, 1, state("{}")).unwrap_err();
    assert!(error.to_string().contains("has no version 11 yet"), "{error}");
    assert_eq!(store.checkpoint("mails").unwrap(), None);
    for position in [5, 9, 2] {
        store.set_checkpoint("mails", position).unwrap();
    }
    store.set_checkpoint("bills", 1).unwrap();
    let all = place.open().checkpoints().unwrap();
    assert_eq!(all, [("bills".to_owned(), 1), ("mails".to_owned(), 2)]);
}

pub fn who_waits_hears_of_what_others_commit(place: &Place) {
    let waiting = place.open();
    let started = Instant::now();
    assert_eq!(waiting.wait(None, 9, Duration::from_millis(120)).unwrap(), []);
    assert!(started.elapsed() >= Duration::from_millis(120));
    let mut writer = place.open();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            let events = [NewEvent::new("a", json!({})), NewEvent::new("b", json!({}))];
            writer.append(&stream("1"), ExpectedVersion::Any, &events).unwrap();
        });
        let started = Instant::now();
        assert_eq!(positions(&waiting.wait(None, 1, Duration::from_secs(20)).unwrap()), [1]);
        assert!(started.elapsed() < Duration::from_secs(15));
    });
    assert_eq!(positions(&waiting.wait(Some(1), 9, Duration::from_secs(20)).unwrap()), [2]);
    assert_eq!(waiting.wait(Some(2), 9, Duration::ZERO).unwrap(), []);
}
