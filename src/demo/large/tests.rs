use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::*;
use crate::event::Event;

fn made(size: Size) -> Vec<Event> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.db");
    let mut writer = Writer::create(&path).unwrap();
    let commands: Vec<Command> = History::new(size).collect();
    for together in commands.chunks(100) {
        writer.write(together).unwrap();
    }
    drop(writer);
    let store = EventStore::open(&path).unwrap();
    assert_eq!(store.verify().unwrap().fault, None);
    store.read_all(None, usize::MAX).unwrap()
}

#[test]
fn it_has_as_many_events_and_streams_as_are_wanted_the_same_each_time() {
    let size = Size::of(3_000, Some(170), 7);
    let events = made(size);
    let streams: HashSet<_> = events.iter().map(|event| &event.stream).collect();
    assert_eq!((events.len(), streams.len()), (3_000, 170));
    assert_eq!(events, made(size));
    assert_ne!(events, made(Size { seed: 8, ..size }));
}

#[test]
fn it_has_the_shape_of_real_ones() {
    let events = made(Size::of(30_000, None, 1));
    let mut lengths: BTreeMap<_, usize> = BTreeMap::new();
    let (mut seen, mut shapes) = (HashSet::new(), BTreeSet::new());
    let (mut caused, mut across) = (0, 0);
    let streams: BTreeMap<_, _> = events.iter().map(|event| (event.id.as_deref(), &event.stream)).collect();
    for event in &events {
        *lengths.entry(&event.stream).or_default() += 1;
        if let Some(cause) = event.causation_id.as_deref() {
            assert!(seen.contains(cause), "{} is caused by nothing before it", event.position);
            caused += 1;
            across += usize::from(streams[&Some(cause)] != &event.stream);
        }
        seen.insert(event.id.as_deref().unwrap());
        shapes.insert((event.event_type.as_str(), event.schema_version.as_deref()));
        assert!(event.data.value().is_some(), "{}", event.position);
    }
    assert!(caused > 20_000 && across > 500, "{caused} caused, {across} by another stream");
    let mut lengths: Vec<usize> = lengths.into_values().collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let most: usize = lengths[..lengths.len() / 10].iter().sum();
    assert!(most > 15_000 && lengths[lengths.len() / 2] < 40, "a tenth of the streams has {most} events");
    for version in ["1", "2", "3"] {
        assert!(shapes.contains(&("order.line_added", Some(version))));
    }
    let mut sizes: Vec<usize> = events.iter().map(|event| event.data.raw.len()).collect();
    sizes.sort_unstable();
    assert!((80..300).contains(&sizes[sizes.len() / 2]), "{}", sizes[sizes.len() / 2]);
    assert!(sizes[sizes.len() - 1] > 10_000 && sizes[sizes.len() - 1] < 110_000, "{}", sizes[sizes.len() - 1]);
}

/// However the program ends, what the last whole transaction left is what is there.
#[test]
fn what_was_written_before_an_end_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.db");
    let mut writer = Writer::create(&path).unwrap();
    let mut history = History::new(Size::of(2_000, Some(50), 3));
    let first: Vec<Command> = history.by_ref().take(20).collect();
    let written = writer.write(&first).unwrap();
    // The same commands again: their ids are taken.
    assert!(writer.write(&first).is_err());
    std::mem::forget(writer);
    let store = EventStore::open(&path).unwrap();
    assert_eq!(store.verify().unwrap().fault, None);
    assert_eq!(store.read_all(None, usize::MAX).unwrap().len() as u64, written);
}
