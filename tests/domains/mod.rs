//! A generator of domains: from a seed, aggregates whose shapes and effects are drawn at random, with their events, the
//! true state after each of them, and snapshots of some.
//!
//! What learns from such a domain is held against the true states. Nothing here knows how anything is learnt: each part
//! of a state is a [`Part`] that says which events there are for it, what they carry, and what they do to it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::type_complexity,
    clippy::similar_names,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "what is drawn is small, and a part of a domain is a handful of closures"
)]

pub mod named;
mod parts;
pub mod written;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::chance::Chance;

/// A word of what somebody said.
fn said(chance: &mut Chance) -> String {
    format!("{} {}", chance.word(), chance.between(1, 400))
}

/// What surrounds an event's data.
pub struct Envelope {
    pub version: i64,
    pub timestamp: String,
    pub actor: String,
    pub event_type: String,
    pub schema_version: Option<String>,
}

/// One event of a stream, with the state after it.
pub struct Row {
    pub envelope: Envelope,
    pub data: Value,
    pub state: Value,
}

/// One stream.
pub struct Stream {
    pub id: String,
    pub rows: Vec<Row>,
    /// The indices of the rows after which the application stored the state, with what it stored.
    pub snapshots: Vec<(usize, Value)>,
}

/// One aggregate type.
pub struct Aggregate {
    pub name: String,
    pub streams: Vec<Stream>,
    /// What its state is made of, for those who ask why something was not learnt.
    pub parts: Vec<String>,
    /// Of which part each member of its state is.
    pub owners: BTreeMap<String, String>,
    /// How many of the snapshots are wrong.
    pub drifted: usize,
}

/// A generated domain.
pub struct Domain {
    pub seed: u64,
    pub aggregates: Vec<Aggregate>,
}

/// What events of one kind say of one part, and do to it.
pub struct Trigger {
    /// How an event that does only this is called.
    pub name: String,
    /// Events of two parts of one family carry fields of the same names, so that no event is of both.
    pub family: String,
    /// Puts what it carries into the event; false where there can be none now.
    pub make: Box<dyn Fn(&mut Chance, &Map<String, Value>, &mut Map<String, Value>) -> bool>,
    pub apply: Box<dyn Fn(&Map<String, Value>, &Envelope, &mut Map<String, Value>)>,
}

/// A part of a state.
pub struct Part {
    pub title: String,
    /// What the first event says of it.
    pub created: Option<Trigger>,
    /// What other events say.
    pub triggers: Vec<Trigger>,
    /// Runs after every event.
    pub always: Option<Box<dyn Fn(&Envelope, &mut Map<String, Value>)>>,
}

struct Kind {
    name: String,
    triggers: Vec<Trigger>,
    noise: Vec<(String, u8)>,
    weight: i64,
}

/// The domain of a seed.
pub fn domain(seed: u64) -> Domain {
    let mut chance = Chance::new(seed, 0xD1B5_4A32_D192_ED03);
    let count = chance.between(1, 3);
    let mut names =
        vec!["account", "Ticket", "shipment", "Playlist", "meter", "Reservation", "policy", "Machine", "course"];
    let aggregates = (0..count).map(|_| aggregate(chance.take(&mut names).to_owned(), &mut chance)).collect();
    Domain { seed, aggregates }
}

fn aggregate(name: String, chance: &mut Chance) -> Aggregate {
    let parts = parts::draw(chance);
    let titles = parts.iter().map(|part| part.title.clone()).collect();
    let mut created = Vec::new();
    let mut always = Vec::new();
    let mut kinds: Vec<Kind> = Vec::new();
    for part in parts {
        created.extend(part.created.map(|created| Trigger { family: part.title.clone(), ..created }));
        always.extend(part.always);
        for trigger in part.triggers {
            let trigger = Trigger { family: part.title.clone(), ..trigger };
            // Some events do several things at once.
            let joined = chance.percent(25) && !kinds.is_empty();
            if joined {
                let at = (chance.bits() % kinds.len() as u64) as usize;
                if kinds[at].triggers.len() < 3 && kinds[at].triggers.iter().all(|other| other.family != trigger.family)
                {
                    kinds[at].triggers.push(trigger);
                    continue;
                }
            }
            let weight = chance.between(1, 5);
            let noise = noise(chance);
            kinds.push(Kind { name: trigger.name.clone(), triggers: vec![trigger], noise, weight });
        }
    }
    let style = chance.between(0, 2);
    let first = Kind { name: format!("{name}Created"), triggers: created, noise: noise(chance), weight: 0 };
    let mut kinds: Vec<Kind> = kinds.into_iter().map(|kind| Kind { name: styled(&kind.name, style), ..kind }).collect();
    if chance.percent(30) || kinds.is_empty() {
        kinds.push(Kind { name: styled("NoteWritten", style), triggers: Vec::new(), noise: noise(chance), weight: 1 });
    }
    let first = Kind { name: styled(&first.name, style), ..first };
    let count = chance.between(20, 70);
    let longest = chance.pick(&[10, 16, 25, 40]);
    let mut owners = BTreeMap::new();
    let streams: Vec<Stream> =
        (0..count).map(|_| stream(&first, &kinds, &always, longest, &mut owners, chance)).collect();
    let mut aggregate = Aggregate { name, streams, parts: titles, owners, drifted: 0 };
    snapshots(&mut aggregate, chance);
    aggregate
}

/// `FundsDeposited`, `funds.deposited`, `funds_deposited`.
fn styled(name: &str, style: i64) -> String {
    let mut out = String::new();
    for (at, letter) in name.chars().enumerate() {
        if style > 0 && letter.is_uppercase() && at > 0 {
            out.push(if style == 1 { '.' } else { '_' });
        }
        if style > 0 { out.extend(letter.to_lowercase()) } else { out.push(letter) }
    }
    out
}

/// Fields that no state takes notice of.
fn noise(chance: &mut Chance) -> Vec<(String, u8)> {
    let mut names =
        vec!["memo", "fee", "channel", "request_id", "retries", "urgent", "note", "batch", "score", "device"];
    let count = chance.pick(&[0, 0, 1, 1, 2, 3]);
    (0..count).map(|_| (chance.take(&mut names).to_owned(), chance.between(0, 4) as u8)).collect()
}

fn noise_value(kind: u8, chance: &mut Chance) -> Value {
    match kind {
        0 => json!(said(chance)),
        1 => json!(chance.between(1, 50)),
        2 => json!(chance.percent(50)),
        3 => json!(chance.hex()),
        _ => json!(chance.pick(&["web", "mobile", "api"])),
    }
}

type Always = Box<dyn Fn(&Envelope, &mut Map<String, Value>)>;

fn stream(
    first: &Kind,
    kinds: &[Kind],
    always: &[Always],
    longest: i64,
    owners: &mut BTreeMap<String, String>,
    chance: &mut Chance,
) -> Stream {
    let id = chance.hex();
    let length = chance.between(2, longest);
    let mut state = Map::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut time = chance.between(0, 1_000_000);
    let mut attempts = 0;
    while (rows.len() as i64) < length && attempts < 400 {
        attempts += 1;
        let kind = if rows.is_empty() { first } else { weighted(kinds, chance) };
        let Some((data, schema_version)) = make(kind, &state, chance) else { continue };
        time += chance.between(1, 5_000);
        let envelope = Envelope {
            version: rows.len() as i64 + 1,
            timestamp: moment(time),
            actor: chance.pick(&["alice", "bob", "carol", "svc-import"]).to_owned(),
            event_type: kind.name.clone(),
            schema_version,
        };
        for trigger in &kind.triggers {
            (trigger.apply)(&data, &envelope, &mut state);
            own(&state, &trigger.family, owners);
        }
        for always in always {
            always(&envelope, &mut state);
        }
        own(&state, "all events", owners);
        rows.push(Row { envelope, data: Value::Object(data), state: Value::Object(state.clone()) });
    }
    Stream { id, rows, snapshots: Vec::new() }
}

/// Notes whose the members are that are new.
fn own(state: &Map<String, Value>, part: &str, owners: &mut BTreeMap<String, String>) {
    for key in state.keys() {
        if !owners.contains_key(key) {
            owners.insert(key.clone(), part.to_owned());
        }
    }
}

fn make(kind: &Kind, state: &Map<String, Value>, chance: &mut Chance) -> Option<(Map<String, Value>, Option<String>)> {
    let mut data = Map::new();
    for trigger in &kind.triggers {
        if !(trigger.make)(chance, state, &mut data) {
            return None;
        }
    }
    for (name, what) in &kind.noise {
        if !data.contains_key(name) {
            data.insert(name.clone(), noise_value(*what, chance));
        }
    }
    let schema_version = data.remove("\u{1}schema").and_then(|value| value.as_str().map(str::to_owned));
    Some((data, schema_version))
}

fn weighted<'k>(kinds: &'k [Kind], chance: &mut Chance) -> &'k Kind {
    let total: i64 = kinds.iter().map(|kind| kind.weight).sum();
    let mut left = chance.between(1, total.max(1));
    for kind in kinds {
        left -= kind.weight;
        if left <= 0 {
            return kind;
        }
    }
    &kinds[0]
}

fn moment(seconds: i64) -> String {
    let (day, rest) = (seconds / 86_400, seconds % 86_400);
    let (month, day) = (1 + (day / 28) % 12, 1 + day % 28);
    format!("2026-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Stores the state every so many versions, at chance versions, or at the end of each stream; in some domains some of
/// them wrongly.
fn snapshots(aggregate: &mut Aggregate, chance: &mut Chance) {
    let (way, every) = (chance.between(0, 3), chance.between(2, 8) as usize);
    let drifting = chance.percent(25);
    let stored: usize = aggregate.streams.iter().map(|stream| stream.rows.len() / every).sum();
    // With next to nothing stored nothing can be learnt, by nobody.
    let way = if stored < 24 { 2 } else { way };
    for stream in &mut aggregate.streams {
        for (index, row) in stream.rows.iter().enumerate() {
            let last = index + 1 == stream.rows.len();
            let stored = match way {
                0 => (index + 1) % every == 0,
                1 => chance.percent(100 / every as u64),
                2 => last,
                _ => last || (index + 1) % every == 0,
            };
            if !stored {
                continue;
            }
            let mut state = row.state.clone();
            if drifting && chance.percent(6) && drift(&mut state, chance) {
                aggregate.drifted += 1;
            }
            stream.snapshots.push((index, state));
        }
    }
}

/// Makes a stored state wrong in one place.
fn drift(state: &mut Value, chance: &mut Chance) -> bool {
    let Some(members) = state.as_object_mut() else { return false };
    let keys: Vec<String> = members.keys().cloned().collect();
    for _ in 0..6 {
        let key = chance.pick(&keys);
        let wrong = match &members[&key] {
            Value::Number(number) if number.is_i64() => json!(number.as_i64().unwrap() * 2 + chance.between(1, 9)),
            Value::Bool(bool) => json!(!bool),
            Value::String(_) => json!(said(chance)),
            _ => continue,
        };
        members.insert(key, wrong);
        return true;
    }
    false
}

/// All values of a state that hold no others, by their pointers.
pub fn leaves(state: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    flatten(state, String::new(), &mut found);
    found
}

fn flatten(value: &Value, pointer: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                flatten(value, format!("{pointer}/{key}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                flatten(value, format!("{pointer}/{index}"), found);
            }
        }
        other => found.push((pointer, other.clone())),
    }
}
