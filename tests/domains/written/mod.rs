//! Small domains as developers write them: what happens to a thing, and the reducer that says what it came to.
//!
//! Half of them are looked at while readings of events are thought up (`studied`); on the others those are only
//! measured (`held_out`).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "an application trusts its own events, and what is indexed here are documents"
)]

mod held_out;
mod studied;

use serde_json::{Map, Value, json};

use super::{Aggregate, Domain, Envelope, Row, Stream, moment};
use crate::chance::Chance;

pub use held_out::HELD_OUT;
pub use studied::STUDIED;

/// What an application says: the event's type and data.
type Said = (&'static str, Value);

/// A domain.
pub struct Written {
    pub name: &'static str,
    /// What happens next to a thing in this state, which is null before anything did; nothing where what chance has in
    /// mind cannot happen now.
    next: fn(&Value, &mut Chance) -> Option<Said>,
    /// The application's reducer.
    evolve: fn(&mut Value, &Envelope, &Value),
}

/// How many streams there are of each domain.
const STREAMS: usize = 30;

/// What happened in a domain.
pub fn happened(written: &Written) -> Domain {
    let seed = written.name.bytes().map(u64::from).sum();
    let mut chance = Chance::new(seed, 0x57A7_E5A5_0B5E_55ED);
    let streams = (0..STREAMS).map(|_| stream(written, &mut chance)).collect();
    let aggregate = Aggregate {
        name: written.name.to_owned(),
        streams,
        parts: Vec::new(),
        owners: std::collections::BTreeMap::new(),
        drifted: 0,
    };
    Domain { seed, aggregates: vec![aggregate] }
}

fn stream(written: &Written, chance: &mut Chance) -> Stream {
    let id = chance.uuid().to_string();
    let longest = chance.between(3, 24);
    let (mut state, mut rows, mut time) = (Value::Null, Vec::new(), chance.between(0, 1_000_000));
    for _ in 0..longest * 2 {
        let Some((event_type, data)) = (written.next)(&state, chance) else { continue };
        time += chance.between(30, 90_000);
        let envelope = Envelope {
            version: rows.len() as i64 + 1,
            timestamp: moment(time),
            actor: chance.pick(&["dana", "erik", "fatima"]).to_owned(),
            event_type: event_type.to_owned(),
            schema_version: None,
        };
        (written.evolve)(&mut state, &envelope, &data);
        rows.push(Row { envelope, data, state: state.clone() });
        if rows.len() as i64 >= longest {
            break;
        }
    }
    Stream { id, rows, snapshots: Vec::new() }
}

/// A name of a person.
fn person(chance: &mut Chance) -> String {
    let first = chance.pick(&["Ada", "Bram", "Chidi", "Dilek", "Eva", "Farid", "Grete", "Hiro"]);
    format!("{first} {}", chance.word())
}

/// A few words.
fn phrase(chance: &mut Chance) -> String {
    format!("{} {} {}", chance.word(), chance.word(), chance.between(1, 99))
}

/// A short reference such as `ORD-4711`.
fn reference(prefix: &str, chance: &mut Chance) -> String {
    format!("{prefix}-{}", chance.between(1000, 9999))
}

/// One of the keys of an object of the state.
fn key_of(state: &Value, member: &str, chance: &mut Chance) -> Option<String> {
    let keys: Vec<String> = state[member].as_object()?.keys().cloned().collect();
    (!keys.is_empty()).then(|| chance.pick(&keys))
}

/// One of the elements of a list of the state.
fn element_of(state: &Value, member: &str, chance: &mut Chance) -> Option<Value> {
    let items = state[member].as_array()?;
    (!items.is_empty()).then(|| chance.pick(items))
}

fn add(state: &mut Value, member: &str, by: i64) {
    state[member] = json!(state[member].as_i64().unwrap_or(0) + by);
}

fn list<'s>(state: &'s mut Value, member: &str) -> &'s mut Vec<Value> {
    state[member].as_array_mut().unwrap()
}

fn map<'s>(state: &'s mut Value, member: &str) -> &'s mut Map<String, Value> {
    state[member].as_object_mut().unwrap()
}

/// Takes members of an event as they are.
fn take(state: &mut Value, data: &Value, members: &[&str]) {
    for member in members {
        state[*member] = data[*member].clone();
    }
}
