//! Pages, counts, streams and single events agree with what SQL says directly.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::super::*;
use super::Shelf;
use crate::event::{Briefs, Event, StreamName};

fn all(source: &Source) -> Vec<Event> {
    source.page_at(0, usize::MAX).unwrap()
}

#[test]
fn every_database_is_recognised_and_read() {
    for source in Shelf::new().sources() {
        let detection = source.detection().unwrap();
        let events = all(&source);
        assert_eq!(events.len() as u64, source.count().unwrap(), "{}", detection.profile.name);
        assert!(!events.is_empty() && events.iter().all(|event| event.version >= 0 && event.position > 0));
        assert_eq!(source.last_position().unwrap(), events.last().map(|event| event.position));
        let increasing = events.windows(2).all(|pair| pair[0].position < pair[1].position);
        assert!(increasing, "{}", detection.profile.name);
    }
}

#[test]
fn a_page_at_any_row_is_what_offset_gives() {
    for source in Shelf::new().sources() {
        let events = all(&source);
        for indexed in [false, true] {
            if indexed {
                source.key_index(&mut |_| ()).unwrap();
                assert_eq!(source.rows().rows(), events.len() as u64);
            }
            for row in (0..events.len()).step_by(97).chain([events.len() - 1, events.len()]) {
                let page = source.page_at(row as u64, 5).unwrap();
                assert_eq!(page, events[row..events.len().min(row + 5)], "row {row} of {}", source.path().display());
            }
        }
    }
}

#[test]
fn a_history_is_the_stream_whenever_it_is_decoded() {
    for source in Shelf::new().sources() {
        let mut streams = Vec::new();
        let on = &mut |stream: StreamSummary| {
            streams.push(stream.name);
            ControlFlow::Continue(())
        };
        source.streams(on).unwrap();
        for stream in streams.iter().take(40) {
            let read: Vec<Event> = source.read_stream(stream, i64::MIN, None).unwrap().collect::<Result<_>>().unwrap();
            let history: Vec<Event> =
                source.read_history(stream, i64::MIN, None).unwrap().collect::<Result<_>>().unwrap();
            assert_eq!(history, read, "{stream} of {}", source.path().display());
            let wrapped = |event: &Event| event.data.wrapped().cloned();
            assert!(history.iter().map(wrapped).eq(read.iter().map(wrapped)));
            let alone = source.read_history(stream, i64::MIN, None).unwrap().data_alone();
            for (event, alone) in read.iter().zip(alone.map(Result::unwrap)) {
                assert_eq!((event.position, event.version), (alone.position, alone.version));
                assert_eq!((&event.event_type, &event.data), (&alone.event_type, &alone.data));
            }
        }
    }
}

/// The events that briefs say.
fn by_briefs(source: &Source, stream: &StreamName, (from, to): (i64, Option<i64>), marks: bool) -> Vec<Event> {
    let mut history = source.read_history(stream, from, to).unwrap();
    let (mut briefs, mut events) = (Briefs::default(), Vec::new());
    while let Some(read) = history.next_briefs(marks, &mut briefs) {
        read.unwrap();
        assert!(!briefs.is_empty() && briefs.len() == briefs.iter().len());
        for brief in briefs.iter() {
            let event = brief.to_event(stream);
            assert_eq!(brief.json(), event.data.bare_json());
            events.push(event);
        }
    }
    events
}

#[test]
fn briefs_say_of_events_what_a_fold_looks_at() {
    for source in Shelf::new().sources() {
        let mut streams = Vec::new();
        let on = &mut |stream: StreamSummary| {
            streams.push(stream.name);
            ControlFlow::Continue(())
        };
        source.streams(on).unwrap();
        for stream in streams.iter().take(40) {
            let all: Vec<Event> = source.read_stream(stream, i64::MIN, None).unwrap().collect::<Result<_>>().unwrap();
            let (Some(first), Some(last)) = (all.first(), all.last()) else { continue };
            let ranges = [(i64::MIN, None), (first.version + 1, None), (i64::MIN, Some(last.version - 1))];
            for (range, marks) in ranges.into_iter().flat_map(|range| [(range, false), (range, true)]) {
                let history = source.read_history(stream, range.0, range.1).unwrap();
                let read: Vec<Event> = history.collect::<Result<_>>().unwrap();
                let brief = by_briefs(&source, stream, range, marks);
                assert_eq!(brief.len(), read.len(), "{stream} of {}", source.path().display());
                for (brief, event) in brief.iter().zip(&read) {
                    let named = |event: &Event| (event.position, event.version, event.event_type.clone());
                    assert_eq!((named(brief), &brief.data), (named(event), &event.data));
                    if marks {
                        assert_eq!(
                            (&brief.timestamp, &brief.schema_version),
                            (&event.timestamp, &event.schema_version)
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn events_are_found_by_position_in_the_order_asked_for() {
    for source in Shelf::new().sources() {
        let events = all(&source);
        let wanted: Vec<Event> = events.iter().rev().step_by(7).cloned().collect();
        let mut positions: Vec<_> = wanted.iter().map(|event| event.position).collect();
        positions.insert(1, i64::MAX);
        assert_eq!(source.events_at(&positions).unwrap(), wanted);
        assert_eq!(source.event(events[0].position).unwrap().as_ref(), Some(&events[0]));
        assert_eq!(source.event(-5).unwrap(), None);
        for (row, event) in events.iter().enumerate().step_by(41) {
            assert_eq!(source.row_of(event.position).unwrap(), Some(row as u64));
        }
        let middle = events[events.len() / 2].position;
        assert_eq!(source.events_after(Some(middle), 3).unwrap(), events[events.len() / 2 + 1..][..3]);
    }
}

#[test]
fn streams_are_listed_with_their_counts_and_read_in_order() {
    for source in Shelf::new().sources() {
        let mut expected: BTreeMap<StreamName, Vec<Event>> = BTreeMap::new();
        for event in all(&source) {
            expected.entry(event.stream.clone()).or_default().push(event);
        }
        let mut found = Vec::new();
        source
            .streams(&mut |stream| {
                found.push(stream);
                ControlFlow::Continue(())
            })
            .unwrap();
        let names: Vec<_> = found.iter().map(|stream| &stream.name).collect();
        assert_eq!(names, expected.keys().collect::<Vec<_>>(), "{}", source.path().display());
        for stream in found {
            let events = expected.get_mut(&stream.name).unwrap();
            events.sort_by_key(|event| event.version);
            assert_eq!(stream.events, events.len() as u64);
            assert_eq!(stream.last_version, events.last().unwrap().version);
            let read: Vec<Event> = source.read_stream(&stream.name, 0, None).unwrap().collect::<Result<_>>().unwrap();
            assert_eq!(&read, events, "{}", stream.name);
            let (from, to) = (events[0].version + 1, stream.last_version - 1);
            let part: Vec<Event> =
                source.read_stream(&stream.name, from, Some(to)).unwrap().collect::<Result<_>>().unwrap();
            let within: Vec<_> = events.iter().filter(|event| (from..=to).contains(&event.version)).cloned().collect();
            assert_eq!(part, within, "{} from {from} to {to}", stream.name);
        }
    }
}

#[test]
fn a_stream_is_named_by_type_and_id_or_by_a_unique_id() {
    for source in Shelf::new().sources() {
        let first = all(&source).swap_remove(0).stream;
        assert_eq!(source.stream_named(&first.to_string()).unwrap(), first);
        assert_eq!(source.stream_named(&first.aggregate_id).unwrap(), first);
        assert_eq!(source.stream_named("nobody").unwrap_err().kind(), &ErrorKind::NotFound);
    }
}
