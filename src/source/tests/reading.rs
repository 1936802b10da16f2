//! Pages, counts, streams and single events agree with what SQL says directly.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::super::*;
use super::Shelf;
use crate::event::{Event, StreamName};

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
