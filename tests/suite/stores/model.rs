//! Random operations of several writers at the same time, held against what a log is: what was acknowledged is there once,
//! nothing else is, and who follows never misses what comes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventscope::ErrorKind;
use eventscope::event::{Event, ExpectedVersion, NewEvent, Position};
use eventscope::store::{Command, Entry, Request, Store};
use serde_json::json;

use super::{Place, stream};
use crate::chance::Chance;

const WRITERS: u64 = 4;
const ROUNDS: u64 = 60;
const STREAMS: u64 = 3;

/// What one writer was told: the ids that are stored, with their positions.
type Told = HashMap<String, Position>;

pub fn writers_at_the_same_time_leave_a_log_as_if_one_after_the_other(place: &Place) {
    let (done, told) = (AtomicBool::new(false), Mutex::new(Told::new()));
    let heard = std::thread::scope(|scope| {
        let followers: Vec<_> = (0..2).map(|_| scope.spawn(|| follow(place, &done))).collect();
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || write(place, writer))).collect();
        for writer in writers {
            told.lock().unwrap().extend(writer.join().unwrap());
        }
        done.store(true, Ordering::Relaxed);
        followers.into_iter().map(|follower| follower.join().unwrap()).collect::<Vec<_>>()
    });
    let store = place.open();
    let all = store.read_all(None, 100_000).unwrap();
    let found: Told = all.iter().map(|event| (event.id.clone().unwrap(), event.position)).collect();
    assert_eq!(found, told.into_inner().unwrap(), "what was acknowledged, and nothing else");
    assert!(all.len() > 100, "{}", all.len());
    for heard in heard {
        assert_eq!(heard, all.iter().map(|event| event.position).collect::<Vec<_>>(), "each once, and in order");
    }
    let mut versions: BTreeMap<&str, i64> = BTreeMap::new();
    for event in &all {
        let version = versions.entry(&event.stream.aggregate_id).or_default();
        *version += 1;
        assert_eq!(event.version, *version);
        // A writer that said what it had seen wrote directly behind that.
        if let Some(seen) = event.data.to_json()["seen"].as_i64() {
            assert_eq!(event.version, seen + 1);
        }
    }
    for (id, version) in versions {
        assert_eq!(store.current_version(&stream(id)).unwrap(), Some(version));
    }
    assert_eq!(store.verify(&mut |_| {}).unwrap().fault, None);
}

/// Follows until the writers are done and there is no more.
fn follow(place: &Place, done: &AtomicBool) -> Vec<Position> {
    let (store, mut heard) = (place.open(), Vec::new());
    loop {
        let was_done = done.load(Ordering::Relaxed);
        let events = store.wait(heard.last().copied(), 7, Duration::from_millis(30)).unwrap();
        heard.extend(events.iter().map(|event| event.position));
        if was_done && events.is_empty() {
            return heard;
        }
    }
}

fn write(place: &Place, writer: u64) -> Told {
    let (mut store, mut chance, mut told) = (place.open(), Chance::new(writer + 1, 0), Told::new());
    let mut remembered: Vec<Request> = Vec::new();
    for round in 0..ROUNDS {
        let name = stream(&format!("s{}", chance.bits() % STREAMS));
        match chance.bits() % 6 {
            0 => {
                let events: Vec<NewEvent> =
                    (0..=(chance.bits() % 3)).map(|_| NewEvent::new("plain", json!({}))).collect();
                let appended = store.append(&name, ExpectedVersion::Any, &events).unwrap();
                told.extend(appended.ids.into_iter().zip(appended.positions));
            }
            1 | 2 => {
                let seen = store.current_version(&name).unwrap();
                let expected = seen.map_or(ExpectedVersion::NoStream, ExpectedVersion::Exactly);
                let event = NewEvent::new("careful", json!({"seen": seen.unwrap_or_default()}));
                match store.append(&name, expected, &[event]) {
                    Ok(appended) => told.extend(appended.ids.into_iter().zip(appended.positions)),
                    Err(error) => assert!(matches!(error.kind(), ErrorKind::Conflict { .. }), "{error}"),
                }
            }
            3 => {
                let command = Command {
                    id: format!("command {writer} {}", round / 7),
                    command_type: "do".to_owned(),
                    stream: stream(&format!("s{}", writer % STREAMS)),
                    ..Command::default()
                };
                let events = [NewEvent::new("commanded", json!({})), NewEvent::new("commanded", json!({}))];
                let done = store.append_command(&command, ExpectedVersion::Any, &events).unwrap();
                told.extend(places(&done.events));
            }
            4 => {
                let requests: Vec<Request> = (0..4).map(|_| request(&mut chance, writer, told.len())).collect();
                told.extend(appended(&mut *store, &requests));
                remembered.extend(requests);
            }
            _ => {
                let again: Vec<Request> = remembered.iter().rev().take(3).cloned().collect();
                let before = told.len();
                told.extend(appended(&mut *store, &again));
                assert_eq!(told.len(), before, "what is repeated is stored once");
            }
        }
    }
    told
}

fn request(chance: &mut Chance, writer: u64, count: usize) -> Request {
    let mark = chance.bits();
    let entry = |place: u64| Entry {
        stream: stream(&format!("s{}", mark.wrapping_add(place) % STREAMS)),
        expected: ExpectedVersion::Any,
        event: NewEvent {
            id: Some(format!("{writer}-{count}-{mark}-{place}")),
            ..NewEvent::new("requested", json!({ "place": place }))
        },
    };
    Request { entries: (0..=mark % 3).map(entry).collect(), beyond: None }
}

fn appended(store: &mut dyn Store, requests: &[Request]) -> Told {
    let answers = store.append_requests(&requests.iter().collect::<Vec<_>>()).unwrap();
    answers.into_iter().flat_map(|answer| places(&answer.unwrap().events)).collect()
}

fn places(events: &[Event]) -> Told {
    events.iter().map(|event| (event.id.clone().unwrap(), event.position)).collect()
}
