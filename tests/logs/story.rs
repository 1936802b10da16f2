//! What happens in a generated log: things of a few kinds, each with its events in order.

use serde_json::{Map, Value, json};

use super::Chance;
use super::words::Tongue;

/// One thing that happened.
#[derive(Clone)]
pub struct Fact {
    /// The number of the thing.
    pub stream: usize,
    /// The number of its kind.
    pub kind: usize,
    /// From 0.
    pub version: i64,
    /// Which of the kind's events it is.
    pub what: usize,
    pub data: Map<String, Value>,
    /// Microseconds since 1970.
    pub at: i64,
    pub actor: &'static str,
}

pub struct Story {
    pub facts: Vec<Fact>,
    pub streams: usize,
    /// The kinds of things, with their events.
    pub kinds: Vec<(String, Vec<String>)>,
}

const ACTORS: [&str; 5] = ["anna", "bert", "carla", "dmitri", "eve"];

/// So many events of so many things. `old`: long before 1970.
pub fn tell(chance: &mut Chance, tongue: &Tongue, events: usize, streams: usize, old: bool) -> Story {
    let mut things = tongue.things.to_vec();
    let wanted = chance.between(1, 3) as usize;
    while things.len() > wanted {
        let at = chance.between(0, things.len() as i64 - 1) as usize;
        things.remove(at);
    }
    // What each event says: the same members each time, of the same sort.
    let mut shapes: Vec<Vec<Vec<(&str, i64)>>> = Vec::new();
    for (_, verbs) in &things {
        let of_verb = |chance: &mut Chance| {
            let mut members: Vec<(&str, i64)> = Vec::new();
            for _ in 0..chance.between(1, 4) {
                let name = chance.pick(tongue.members);
                if members.iter().all(|(known, _)| *known != name) {
                    members.push((name, chance.between(0, 5)));
                }
            }
            members
        };
        shapes.push(verbs.iter().map(|_| of_verb(chance)).collect());
    }
    let mut at = if old { -400_000_000_000_000 } else { chance.between(1_500_000_000, 1_780_000_000) * 1_000_000 };
    let mut versions = vec![0_i64; streams];
    let mut facts = Vec::new();
    let patient = chance.pick(&[30_i64, 3_600, 90_000]);
    for n in 0..events {
        // New things come in over time, and some get more attention than others.
        let known = (streams * (n + 3) / events.max(1)).clamp(1, streams);
        let first = chance.between(0, known as i64 - 1);
        let stream = if chance.percent(30) { first / 2 } else { first } as usize;
        let kind = stream % things.len();
        let verbs = things[kind].1.len();
        let what = if versions[stream] == 0 { 0 } else { chance.between(1, verbs as i64 - 1) as usize };
        at += chance.between(1_000_001, 2_000_000 + patient * 1_000_000);
        let mut data = Map::new();
        for (name, sort) in &shapes[kind][what] {
            data.insert((*name).to_owned(), member(chance, *sort, n));
        }
        facts.push(Fact { stream, kind, version: versions[stream], what, data, at, actor: chance.pick(&ACTORS) });
        versions[stream] += 1;
    }
    let kinds =
        things.iter().map(|(name, verbs)| ((*name).to_owned(), verbs.iter().map(|it| (*it).to_owned()).collect()));
    Story { facts, streams, kinds: kinds.collect() }
}

fn member(chance: &mut Chance, sort: i64, n: usize) -> Value {
    match sort {
        0 => json!(chance.between(1, 5_000)),
        1 => json!(chance.word()),
        2 => json!(format!("{} {}", chance.word(), n)),
        3 => json!(chance.between(100, 9_999) as f64 / 100.0),
        4 => json!({"street": format!("{} {}", chance.word(), n), "no": chance.between(1, 90)}),
        _ => json!([{"sku": chance.word(), "qty": chance.between(1, 9)}]),
    }
}
