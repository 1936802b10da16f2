//! The store held against a `Vec`: whatever is appended, both answer the same.

use eventscope::ErrorKind;
use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::store::EventStore;
use proptest::prelude::*;
use serde_json::json;

use crate::store::answer_for;

/// What is asked of both.
#[derive(Clone, Debug)]
struct Ask {
    stream: usize,
    expected: ExpectedVersion,
    /// Ids from few, so that some are taken.
    ids: Vec<u16>,
}

/// An event as the model remembers it: the stream, the version, the id.
type Known = (StreamName, i64, String);

fn ask() -> impl Strategy<Value = Ask> {
    let expected = prop_oneof![
        3 => Just(ExpectedVersion::Any),
        1 => Just(ExpectedVersion::NoStream),
        1 => Just(ExpectedVersion::StreamExists),
        3 => (0..8_i64).prop_map(ExpectedVersion::Exactly),
    ];
    (0..3_usize, expected, prop::collection::vec(0..400_u16, 0..4)).prop_map(|(stream, expected, ids)| Ask {
        stream,
        expected,
        ids,
    })
}

fn stream(number: usize) -> StreamName {
    [StreamName::new("a", "1"), StreamName::new("a", "2"), StreamName::new("b", "1")][number].clone()
}

fn event(id: u16) -> NewEvent {
    NewEvent { id: Some(id.to_string()), ..NewEvent::new("happened", json!({ "n": id })) }
}

/// What the model answers: the kind of its error, or nothing.
fn append(known: &mut Vec<Known>, ask: &Ask) -> Option<ErrorKind> {
    let stream = stream(ask.stream);
    let actual = known.iter().filter(|(name, ..)| *name == stream).map(|(_, version, _)| *version).max();
    if !ask.expected.allows(actual) {
        return Some(ErrorKind::Conflict { stream, expected: ask.expected, actual });
    }
    let before = known.len();
    for (version, id) in (actual.unwrap_or(0) + 1..).zip(&ask.ids) {
        if known.iter().any(|(.., taken)| *taken == id.to_string()) {
            known.truncate(before);
            return Some(ErrorKind::BadInput);
        }
        known.push((stream.clone(), version, id.to_string()));
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_store_answers_as_a_vec_does(
        asks in prop::collection::vec(ask(), 1..40),
        after in 0..60_i64,
        limit in 0..20_usize,
    ) {
        let mut store = EventStore::open_in_memory().unwrap();
        let mut known = Vec::new();
        for ask in &asks {
            let events: Vec<_> = ask.ids.iter().copied().map(event).collect();
            let answer = store.append(&stream(ask.stream), ask.expected, &events);
            prop_assert_eq!(answer.as_ref().err().map(|error| error.kind().clone()), append(&mut known, ask));
            if let Ok(appended) = answer {
                let stored = store.read_all(Some((known.len() - appended.len()) as i64), 99).unwrap();
                prop_assert_eq!(answer_for(&stored), appended);
            }
        }
        let seen = |events: Vec<eventscope::event::Event>| -> Vec<(i64, Known)> {
            events.into_iter().map(|event| (event.position, (event.stream, event.version, event.id.unwrap()))).collect()
        };
        // Positions are places in the model: what is refused leaves no hole.
        let expected: Vec<_> = (1..).zip(known.iter().cloned()).collect();
        prop_assert_eq!(seen(store.read_all(None, usize::MAX).unwrap()), expected.clone());
        let page: Vec<_> = expected.iter().filter(|(position, _)| *position > after).take(limit).cloned().collect();
        prop_assert_eq!(seen(store.read_all(Some(after), limit).unwrap()), page);
        for number in 0..3 {
            let name = stream(number);
            let own: Vec<_> = expected.iter().filter(|(_, (stream, ..))| *stream == name).cloned().collect();
            prop_assert_eq!(seen(store.read_stream(&name, 1, None).unwrap()), own.clone());
            let part = own.iter().filter(|(_, (_, version, _))| (2..=3).contains(version)).cloned().collect::<Vec<_>>();
            prop_assert_eq!(seen(store.read_stream(&name, 2, Some(3)).unwrap()), part);
            prop_assert_eq!(store.current_version(&name).unwrap(), own.last().map(|(_, (_, version, _))| *version));
        }
        for (position, (.., id)) in &expected {
            prop_assert_eq!(store.event(id).unwrap().map(|event| event.position), Some(*position));
        }
    }
}
