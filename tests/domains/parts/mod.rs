//! The parts that a generated state is made of.

mod fields;
mod lists;
mod maps;
mod marks;
mod numbers;

use serde_json::{Map, Value, json};

use super::{Chance, Envelope, Part, Trigger, said};

type State = Map<String, Value>;

/// Names that are still free, so that no two parts of a state or fields of an event are called the same by accident.
struct Names {
    nouns: Vec<&'static str>,
    numbers: Vec<&'static str>,
    things: Vec<&'static str>,
}

impl Names {
    fn new() -> Self {
        Self {
            nouns: vec![
                "title", "owner", "region", "colour", "model", "carrier", "locale", "street", "language", "plan",
                "theme", "vendor",
            ],
            numbers: vec![
                "balance", "stock", "points", "energy", "credit", "volume", "debt", "mileage", "budget", "hours",
                "pressure", "load",
            ],
            things: vec![
                "line", "seat", "track", "task", "parcel", "guest", "sensor", "invoice", "lesson", "room", "bid",
                "permit",
            ],
        }
    }
}

/// Draws the parts of one state.
pub fn draw(chance: &mut Chance) -> Vec<Part> {
    let mut names = Names::new();
    let mut parts = vec![fields::plain(&mut names, chance)];
    let mut ways: Vec<fn(&mut Names, &mut Chance) -> Part> = vec![
        fields::plain,
        fields::plain,
        fields::renamed,
        fields::nested,
        numbers::balance,
        numbers::balance,
        numbers::opening,
        numbers::counted,
        marks::status,
        marks::status,
        marks::flag,
        fields::mapped,
        numbers::extremes,
        numbers::product,
        marks::last,
        lists::tags,
        lists::tags,
        lists::elements,
        lists::elements,
        maps::reservations,
        maps::reservations,
        maps::objects,
        maps::objects,
        maps::nested_map,
        maps::lists_in_map,
        numbers::moved,
        fields::remembered,
        fields::respelled,
        fields::wrapped,
        numbers::decimal_total,
        fields::upcast,
        fields::joined,
        numbers::difference,
        lists::handed_over,
        fields::optional,
        maps::cleared,
        numbers::signed,
        numbers::unit,
        marks::toggled,
        marks::revision,
        numbers::summed,
        fields::flattened,
        maps::transfer,
    ];
    let count = chance.between(2, 7);
    for _ in 0..count {
        let way = chance.take(&mut ways);
        if names.nouns.len() > 2 && names.numbers.len() > 2 && names.things.len() > 2 {
            parts.push(way(&mut names, chance));
        }
    }
    parts
}

fn cased(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn trigger(
    name: String,
    make: impl Fn(&mut Chance, &State, &mut State) -> bool + 'static,
    apply: impl Fn(&State, &Envelope, &mut State) + 'static,
) -> Trigger {
    Trigger { name, family: String::new(), make: Box::new(make), apply: Box::new(apply) }
}

/// Events that carry nothing, and set a value.
fn sets(name: String, key: &str, value: Value) -> Trigger {
    let key = key.to_owned();
    let set = move |_: &State, _: &Envelope, state: &mut State| drop(state.insert(key.clone(), value.clone()));
    trigger(name, |_, _, _| true, set)
}

/// What is so from the first event on.
fn begins(key: &str, value: Value) -> Trigger {
    sets(String::new(), key, value)
}

/// Events that carry nothing, and are counted.
fn counts(name: String, key: &str, by: i64) -> Trigger {
    let key = key.to_owned();
    let count = move |_: &State, _: &Envelope, state: &mut State| {
        state.insert(key.clone(), json!(whole(state, &key) + by));
    };
    trigger(name, |_, _, _| true, count)
}

/// Events that carry a whole number.
fn number(field: &str, low: i64, high: i64) -> impl Fn(&mut Chance, &State, &mut State) -> bool + use<> {
    let field = field.to_owned();
    move |chance, _, data| {
        data.insert(field.clone(), json!(chance.between(low, high)));
        true
    }
}

/// Events that carry a text.
fn text(field: &str) -> impl Fn(&mut Chance, &State, &mut State) -> bool + use<> {
    let field = field.to_owned();
    move |chance, _, data| {
        data.insert(field.clone(), json!(said(chance)));
        true
    }
}

fn part(title: &str, created: Option<Trigger>, triggers: Vec<Trigger>) -> Part {
    Part { title: title.to_owned(), created, triggers, always: None }
}

fn whole(state: &State, key: &str) -> i64 {
    state.get(key).and_then(Value::as_i64).unwrap_or(0)
}

fn object<'s>(state: &'s mut State, key: &str) -> &'s mut State {
    let value = state.entry(key.to_owned()).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().unwrap()
}

fn keys(state: &State, key: &str) -> Vec<String> {
    state.get(key).and_then(Value::as_object).map(|map| map.keys().cloned().collect()).unwrap_or_default()
}
