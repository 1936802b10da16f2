//! The parts that a generated state is made of.

use serde_json::{Map, Value, json};

use super::{Chance, Envelope, Part, Trigger};

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
    let mut parts = vec![plain(&mut names, chance)];
    let mut ways: Vec<fn(&mut Names, &mut Chance) -> Part> = vec![
        plain,
        plain,
        renamed,
        nested,
        balance,
        balance,
        opening,
        counted,
        status,
        status,
        flag,
        mapped,
        extremes,
        product,
        last,
        tags,
        tags,
        elements,
        elements,
        reservations,
        reservations,
        objects,
        objects,
        nested_map,
        lists_in_map,
        moved,
        remembered,
        respelled,
        wrapped,
        decimal_total,
        upcast,
        joined,
        difference,
        handed_over,
        optional,
        cleared,
        signed,
        unit,
        toggled,
        revision,
        summed,
        flattened,
        transfer,
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

/// Set by the first event under its own name, and changed by another.
fn plain(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let numeric = chance.percent(25);
    let value = move |chance: &mut Chance| if numeric { json!(chance.between(1, 900)) } else { json!(chance.word()) };
    let set = move |data: &State, _: &Envelope, state: &mut State| {
        state.insert(name.to_owned(), data[name].clone());
    };
    let put = move |chance: &mut Chance, _: &State, data: &mut State| {
        data.insert(name.to_owned(), value(chance));
        true
    };
    let changed = chance.percent(70).then(|| trigger(format!("{}Changed", cased(name)), put, set));
    part("plain", Some(trigger(String::new(), put, set)), changed.into_iter().collect())
}

/// Called something else in the state.
fn renamed(names: &mut Names, chance: &mut Chance) -> Part {
    let (name, field) = (chance.take(&mut names.nouns), *chance.pick(&["value", "new_value", "label"]));
    let first = format!("initial_{name}");
    let changed = trigger(
        format!("{}Corrected", cased(name)),
        move |chance, _, data| {
            data.insert(field.to_owned(), json!(chance.word()));
            true
        },
        move |data, _, state| {
            state.insert(name.to_owned(), data[field].clone());
        },
    );
    let field = first.clone();
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            data.insert(first.clone(), json!(chance.word()));
            true
        },
        move |data, _, state| {
            state.insert(name.to_owned(), data[&field].clone());
        },
    );
    part("renamed", Some(created), vec![changed])
}

/// Flat in the event, nested in the state.
fn nested(names: &mut Names, chance: &mut Chance) -> Part {
    let outer = *chance.pick(&["contact", "profile", "address"]);
    let (a, b) = (chance.take(&mut names.nouns), chance.take(&mut names.nouns));
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            data.insert(a.to_owned(), json!(chance.word()));
            data.insert(format!("{outer}_{b}"), json!(chance.word()));
            true
        },
        move |data, _, state| {
            state.insert(outer.to_owned(), json!({a: data[a], b: data[&format!("{outer}_{b}")]}));
        },
    );
    let moved = trigger(
        format!("{}Moved", cased(outer)),
        move |chance, _, data| {
            data.insert(b.to_owned(), json!(chance.word()));
            true
        },
        move |data, _, state| {
            object(state, outer).insert(b.to_owned(), data[b].clone());
        },
    );
    part("nested", Some(created), vec![moved])
}

/// Nested in the event, flat in the state.
fn flattened(names: &mut Names, chance: &mut Chance) -> Part {
    let (a, b) = (chance.take(&mut names.nouns), chance.take(&mut names.nouns));
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            data.insert(
                "details".to_owned(),
                json!({a: chance.word(), b: {"name": chance.word(), "code": chance.hex()}}),
            );
            true
        },
        move |data, _, state| {
            state.insert(a.to_owned(), data["details"][a].clone());
            state.insert(format!("{b}_name"), data["details"][b]["name"].clone());
        },
    );
    part("flattened", Some(created), Vec::new())
}

/// A number that some events add to and others take from.
fn balance(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let field = match chance.between(0, 2) {
        0 => "amount".to_owned(),
        1 => format!("{name}_delta"),
        _ => "qty".to_owned(),
    };
    let real = chance.percent(20);
    let amount = move |chance: &mut Chance| {
        if real { json!(chance.between(1, 4000) as f64 / 4.0) } else { json!(chance.between(1, 500)) }
    };
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(name.to_owned(), json!(0));
        },
    );
    let add = |sign: f64, field: String| {
        move |data: &State, _: &Envelope, state: &mut State| {
            let now = if real {
                json!(state[name].as_f64().unwrap_or(0.0) + sign * data[&field].as_f64().unwrap())
            } else {
                json!(whole(state, name) + sign as i64 * data[&field].as_i64().unwrap())
            };
            state.insert(name.to_owned(), now);
        }
    };
    let put = |field: String| {
        move |chance: &mut Chance, _: &State, data: &mut State| {
            data.insert(field.clone(), amount(chance));
            true
        }
    };
    let (gain, loss) =
        *chance.pick(&[("Added", "Removed"), ("Raised", "Lowered"), ("Received", "Used"), ("PutIn", "Taken")]);
    let triggers = vec![
        trigger(format!("{}{gain}", cased(name)), put(field.clone()), add(1.0, field.clone())),
        trigger(format!("{}{loss}", cased(name)), put(field.clone()), add(-1.0, field)),
    ];
    part("balance", Some(created), triggers)
}

/// A number that begins with what the first event says.
fn opening(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let field = format!("opening_{name}");
    let set = field.clone();
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            data.insert(field.clone(), json!(chance.between(10, 900)));
            true
        },
        move |data, _, state| {
            state.insert(name.to_owned(), data[&set].clone());
        },
    );
    let spent = trigger(
        format!("{}Consumed", cased(name)),
        |chance, _, data| {
            data.insert("units".to_owned(), json!(chance.between(1, 30)));
            true
        },
        move |data, _, state| {
            state.insert(name.to_owned(), json!(whole(state, name) - data["units"].as_i64().unwrap()));
        },
    );
    let reset = trigger(
        format!("{}Reset", cased(name)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(name.to_owned(), json!(0));
        },
    );
    part("opening", Some(created), if chance.percent(50) { vec![spent, reset] } else { vec![spent] })
}

/// How often something happened.
fn counted(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let name = format!("{thing}_count");
    let (zero, up, down) = (name.clone(), name.clone(), name.clone());
    let by = *chance.pick(&[1, 1, 1, 10]);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(zero.clone(), json!(0));
        },
    );
    let more = trigger(
        format!("{}Opened", cased(thing)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(up.clone(), json!(whole(state, &up) + by));
        },
    );
    let less = trigger(
        format!("{}Dismissed", cased(thing)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(down.clone(), json!(whole(state, &down) - by));
        },
    );
    part("counted", Some(created), if chance.percent(50) { vec![more, less] } else { vec![more] })
}

/// A status that events without data set.
fn status(names: &mut Names, chance: &mut Chance) -> Part {
    let name = if names.nouns.contains(&"locale") { "status" } else { "phase" };
    names.nouns.retain(|noun| *noun != "locale");
    let first = *chance.pick(&["new", "draft", "open", "pending"]);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(name.to_owned(), json!(first));
        },
    );
    let mut verbs = vec![
        ("Started", "active"),
        ("Approved", "approved"),
        ("Cancelled", "cancelled"),
        ("Finished", "done"),
        ("Suspended", "on_hold"),
    ];
    let count = chance.between(1, 4);
    let triggers = (0..count).map(|_| {
        let (verb, value) = chance.take(&mut verbs);
        let suffix = if name == "phase" { "Phase" } else { "" };
        trigger(
            format!("{suffix}{verb}"),
            |_, _, _| true,
            move |_, _, state| {
                state.insert(name.to_owned(), json!(value));
            },
        )
    });
    part("status", Some(created), triggers.collect())
}

fn flag(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let flag = format!("{name}_locked");
    let (first, on, off) = (flag.clone(), flag.clone(), flag.clone());
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!(false));
        },
    );
    let lock = trigger(
        format!("{}Locked", cased(name)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(on.clone(), json!(true));
        },
    );
    let unlock = trigger(
        format!("{}Unlocked", cased(name)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(off.clone(), json!(false));
        },
    );
    part("flag", Some(created), vec![lock, unlock])
}

fn toggled(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_visible", chance.take(&mut names.nouns));
    let (first, title) = (name.clone(), cased(&name));
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!(true));
        },
    );
    let toggle = trigger(
        format!("{title}Toggled"),
        |_, _, _| true,
        move |_, _, state| {
            let now = !state[&name].as_bool().unwrap();
            state.insert(name.clone(), json!(now));
        },
    );
    part("toggled", Some(created), vec![toggle])
}

/// An enumeration that the state writes in another way.
fn mapped(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let level = format!("{name}_level");
    let codes = [("P1", "high"), ("P2", "medium"), ("P3", "low")];
    let put = |field: &'static str| {
        move |chance: &mut Chance, _: &State, data: &mut State| {
            data.insert(field.to_owned(), json!(chance.pick(&codes).0));
            true
        }
    };
    let set = move |field: &'static str, level: String| {
        move |data: &State, _: &Envelope, state: &mut State| {
            let code = data[field].as_str().unwrap();
            let value = codes.iter().find(|(from, _)| *from == code).unwrap().1;
            state.insert(level.clone(), json!(value));
        }
    };
    let field = *chance.pick(&["priority", "grade"]);
    let created = trigger(String::new(), put(field), set(field, level.clone()));
    let changed = trigger(format!("{}Graded", cased(name)), put("code"), set("code", level));
    part("mapped", Some(created), vec![changed])
}

/// The highest and the lowest.
fn extremes(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let measured = trigger(
        format!("{}Measured", cased(name)),
        |chance, _, data| {
            data.insert("reading".to_owned(), json!(chance.between(-200, 900)));
            true
        },
        move |data, _, state| {
            let reading = data["reading"].as_i64().unwrap();
            for (key, better) in [(format!("max_{name}"), 1), (format!("min_{name}"), -1)] {
                let known = state.get(&key).and_then(Value::as_i64);
                if known.is_none_or(|known| (reading - known) * better > 0) {
                    state.insert(key, json!(reading));
                }
            }
        },
    );
    part("extremes", None, vec![measured])
}

/// Quantity times price.
fn product(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_total", chance.take(&mut names.things));
    let (first, title) = (name.clone(), cased(&name));
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!(0));
        },
    );
    let sold = trigger(
        format!("{title}Charged"),
        |chance, _, data| {
            data.insert("quantity".to_owned(), json!(chance.between(1, 9)));
            data.insert("price".to_owned(), json!(chance.between(5, 300)));
            true
        },
        move |data, _, state| {
            let by = data["quantity"].as_i64().unwrap() * data["price"].as_i64().unwrap();
            state.insert(name.clone(), json!(whole(state, &name) + by));
        },
    );
    part("product", Some(created), vec![sold])
}

/// Who did the last thing, what it was, and when.
fn last(names: &mut Names, chance: &mut Chance) -> Part {
    let what = chance.between(0, 3);
    let name = ["updated_at", "updated_by", "last_event", "revision"][what as usize];
    let value = move |envelope: &Envelope| match what {
        0 => json!(envelope.timestamp),
        1 => json!(envelope.actor),
        2 => json!(envelope.event_type),
        _ => json!(envelope.version),
    };
    if chance.percent(60) {
        let always = move |envelope: &Envelope, state: &mut State| {
            state.insert(name.to_owned(), value(envelope));
        };
        return Part { title: "last".to_owned(), created: None, triggers: Vec::new(), always: Some(Box::new(always)) };
    }
    let thing = chance.take(&mut names.things);
    let seen = trigger(
        format!("{}Reviewed", cased(thing)),
        |_, _, _| true,
        move |_, envelope, state| {
            state.insert(format!("{thing}_{name}"), value(envelope));
        },
    );
    part("last of one", None, vec![seen])
}

/// The number of events.
fn revision(_: &mut Names, _: &mut Chance) -> Part {
    let always = |_: &Envelope, state: &mut State| {
        state.insert("changes".to_owned(), json!(whole(state, "changes") + 1));
    };
    Part { title: "revision".to_owned(), created: None, triggers: Vec::new(), always: Some(Box::new(always)) }
}

/// A list of plain values.
fn tags(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let list = format!("{thing}s");
    let unique = chance.percent(40);
    let (first, add, remove, known) = (list.clone(), list.clone(), list.clone(), list.clone());
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!([]));
        },
    );
    let added = trigger(
        format!("{}Added", cased(thing)),
        move |chance, _, data| {
            let word = if unique { format!("{thing} {}", chance.between(1, 6)) } else { chance.word() };
            data.insert(thing.to_owned(), json!(word));
            true
        },
        move |data, _, state| {
            let items = state.get_mut(&add).unwrap().as_array_mut().unwrap();
            if !unique || !items.contains(&data[thing]) {
                items.push(data[thing].clone());
            }
        },
    );
    let removed = trigger(
        format!("{}Removed", cased(thing)),
        move |chance, state, data| {
            let items = state[&known].as_array().unwrap();
            if items.is_empty() {
                return false;
            }
            data.insert(thing.to_owned(), chance.pick(items).clone());
            true
        },
        move |data, _, state| {
            state.get_mut(&remove).unwrap().as_array_mut().unwrap().retain(|item| *item != data[thing]);
        },
    );
    part("tags", Some(created), if chance.percent(70) { vec![added, removed] } else { vec![added] })
}

/// A list of objects that are known by a member.
fn elements(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let list = format!("{thing}s");
    let field = if chance.percent(50) { "id".to_owned() } else { format!("{thing}_id") };
    let (first, add, update, remove, known, known_too) =
        (list.clone(), list.clone(), list.clone(), list.clone(), list.clone(), list);
    let (key, key_of_update, key_of_removal) = (field.clone(), field.clone(), field.clone());
    let (made, named, removed_by) = (field.clone(), field.clone(), field);
    let counts = chance.percent(50);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!([]));
        },
    );
    let added = trigger(
        format!("{}Added", cased(thing)),
        move |chance, _, data| {
            data.insert(made.clone(), json!(chance.hex()));
            data.insert("name".to_owned(), json!(chance.word()));
            data.insert("weight".to_owned(), json!(chance.between(1, 90)));
            true
        },
        move |data, _, state| {
            let element = json!({"id": data[&key], "label": data["name"], "weight": data["weight"], "done": false});
            state.get_mut(&add).unwrap().as_array_mut().unwrap().push(element);
        },
    );
    let changed = trigger(
        format!("{}Changed", cased(thing)),
        move |chance, state, data| {
            let items = state[&known].as_array().unwrap();
            if items.is_empty() {
                return false;
            }
            data.insert(named.clone(), chance.pick(items)["id"].clone());
            data.insert("weight".to_owned(), json!(chance.between(1, 90)));
            true
        },
        move |data, _, state| {
            for item in state.get_mut(&update).unwrap().as_array_mut().unwrap() {
                if item["id"] == data[&key_of_update] {
                    let weight = data["weight"].as_i64().unwrap();
                    let now = if counts { item["weight"].as_i64().unwrap() + weight } else { weight };
                    item["weight"] = json!(now);
                    item["done"] = json!(true);
                }
            }
        },
    );
    let removed = trigger(
        format!("{}Removed", cased(thing)),
        move |chance, state, data| {
            let items = state[&known_too].as_array().unwrap();
            if items.is_empty() {
                return false;
            }
            data.insert(removed_by.clone(), chance.pick(items)["id"].clone());
            true
        },
        move |data, _, state| {
            state.get_mut(&remove).unwrap().as_array_mut().unwrap().retain(|item| item["id"] != data[&key_of_removal]);
        },
    );
    let mut triggers = vec![added];
    if chance.percent(70) {
        triggers.push(changed);
    }
    if chance.percent(70) {
        triggers.push(removed);
    }
    part("elements", Some(created), triggers)
}

/// Amounts by key, gone at zero.
fn reservations(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}_holds");
    let gone = chance.percent(60);
    let few = chance.percent(40);
    let (first, hold, release, known) = (map.clone(), map.clone(), map.clone(), map);
    let field = format!("{thing}_ref");
    let (made, named, key, key_too) = (field.clone(), field.clone(), field.clone(), field);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!({}));
        },
    );
    let held = trigger(
        format!("{}Held", cased(thing)),
        move |chance, _, data| {
            let name = if few { format!("K{}", chance.between(1, 6)) } else { chance.hex() };
            data.insert(made.clone(), json!(name));
            data.insert("count".to_owned(), json!(chance.between(1, 9)));
            true
        },
        move |data, _, state| {
            let map = object(state, &hold);
            let key = data[&key].as_str().unwrap();
            let now = whole(map, key) + data["count"].as_i64().unwrap();
            map.insert(key.to_owned(), json!(now));
        },
    );
    let released = trigger(
        format!("{}LetGo", cased(thing)),
        move |chance, state, data| {
            let known_keys = keys(state, &known);
            if known_keys.is_empty() {
                return false;
            }
            let key = chance.pick(&known_keys).clone();
            let now = state[&known][&key].as_i64().unwrap().max(1);
            let count = if chance.percent(60) { now } else { chance.between(1, now) };
            data.insert(named.clone(), json!(key));
            data.insert("count".to_owned(), json!(count));
            true
        },
        move |data, _, state| {
            let map = object(state, &release);
            let key = data[&key_too].as_str().unwrap();
            let now = whole(map, key) - data["count"].as_i64().unwrap();
            if gone && now <= 0 {
                map.remove(key);
            } else {
                map.insert(key.to_owned(), json!(now));
            }
        },
    );
    part("reservations", Some(created), vec![held, released])
}

/// Objects by key.
fn objects(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}s_by_id");
    let (first, add, update, remove, known, known_too) =
        (map.clone(), map.clone(), map.clone(), map.clone(), map.clone(), map);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!({}));
        },
    );
    let deep = chance.percent(40);
    let added = trigger(
        format!("{}Entered", cased(thing)),
        move |chance, state, data| {
            data.insert(
                format!("{thing}_no"),
                json!(format!("N{}", keys(state, &known).len() as i64 + chance.between(1, 40))),
            );
            data.insert(
                "unit_price".to_owned(),
                if deep {
                    json!({"value": chance.between(1, 90), "currency": "EUR"})
                } else {
                    json!(chance.between(1, 90))
                },
            );
            data.insert("size".to_owned(), json!(chance.between(1, 9)));
            true
        },
        move |data, _, state| {
            let key = data[&format!("{thing}_no")].as_str().unwrap();
            let price = if deep { data["unit_price"]["value"].clone() } else { data["unit_price"].clone() };
            object(state, &add).insert(key.to_owned(), json!({"price": price, "size": data["size"], "state": "fresh"}));
        },
    );
    let changed = trigger(
        format!("{}Resized", cased(thing)),
        move |chance, state, data| {
            let known_keys = keys(state, &known_too);
            if known_keys.is_empty() {
                return false;
            }
            data.insert(format!("{thing}_no"), json!(chance.pick(&known_keys)));
            data.insert("size".to_owned(), json!(chance.between(1, 9)));
            true
        },
        move |data, _, state| {
            let key = data[&format!("{thing}_no")].as_str().unwrap();
            if let Some(entry) = object(state, &update).get_mut(key) {
                entry["size"] = data["size"].clone();
                entry["state"] = json!("resized");
            }
        },
    );
    let known = remove.clone();
    let removed = trigger(
        format!("{}Struck", cased(thing)),
        move |chance, state, data| {
            let known_keys = keys(state, &known);
            if known_keys.is_empty() {
                return false;
            }
            data.insert(format!("{thing}_no"), json!(chance.pick(&known_keys)));
            true
        },
        move |data, _, state| {
            object(state, &remove).remove(data[&format!("{thing}_no")].as_str().unwrap());
        },
    );
    let mut triggers = vec![added];
    if chance.percent(70) {
        triggers.push(changed);
    }
    if chance.percent(70) {
        triggers.push(removed);
    }
    part("objects", Some(created), triggers)
}

/// A map in a map.
fn nested_map(names: &mut Names, chance: &mut Chance) -> Part {
    let map = format!("{}_by_site", chance.take(&mut names.numbers));
    let (first, store, title) = (map.clone(), map.clone(), cased(&map));
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!({}));
        },
    );
    let stored = trigger(
        format!("{title}Stored"),
        |chance, _, data| {
            data.insert("site".to_owned(), json!(*chance.pick(&["north", "south", "harbour"])));
            data.insert("bin".to_owned(), json!(format!("B{}", chance.between(1, 5))));
            data.insert("pieces".to_owned(), json!(chance.between(1, 40)));
            true
        },
        move |data, _, state| {
            let site = object(object(state, &store), data["site"].as_str().unwrap());
            let bin = data["bin"].as_str().unwrap();
            let now = whole(site, bin) + data["pieces"].as_i64().unwrap();
            site.insert(bin.to_owned(), json!(now));
        },
    );
    part("nested map", Some(created), vec![stored])
}

/// Lists by key.
fn lists_in_map(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}s_by_topic");
    let (first, add) = (map.clone(), map);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!({}));
        },
    );
    let filed = trigger(
        format!("{}Filed", cased(thing)),
        move |chance, _, data| {
            data.insert("topic".to_owned(), json!(format!("topic {}", chance.between(1, 5))));
            data.insert(thing.to_owned(), json!(chance.word()));
            true
        },
        move |data, _, state| {
            let map = object(state, &add);
            let list = map.entry(data["topic"].as_str().unwrap().to_owned()).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(data[thing].clone());
        },
    );
    part("lists in a map", Some(created), vec![filed])
}

/// From one number to another.
fn moved(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let (pending, settled) = (format!("{name}_pending"), format!("{name}_settled"));
    let (p, s) = (pending.clone(), settled.clone());
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(p.clone(), json!(0));
            state.insert(s.clone(), json!(0));
        },
    );
    let p = pending.clone();
    let claimed = trigger(
        format!("{}Claimed", cased(name)),
        |chance, _, data| {
            data.insert("sum".to_owned(), json!(chance.between(1, 300)));
            true
        },
        move |data, _, state| {
            state.insert(p.clone(), json!(whole(state, &p) + data["sum"].as_i64().unwrap()));
        },
    );
    let settle = trigger(
        format!("{}Settled", cased(name)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(settled.clone(), json!(whole(state, &settled) + whole(state, &pending)));
            state.insert(pending.clone(), json!(0));
        },
    );
    part("moved", Some(created), vec![claimed, settle])
}

/// What a value was before.
fn remembered(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let previous = format!("previous_{name}");
    let put = move |chance: &mut Chance, _: &State, data: &mut State| {
        data.insert(name.to_owned(), json!(chance.word()));
        true
    };
    let created = trigger(String::new(), put, move |data, _, state| {
        state.insert(name.to_owned(), data[name].clone());
    });
    let changed = trigger(format!("{}Replaced", cased(name)), put, move |data, _, state| {
        state.insert(previous.clone(), state[name].clone());
        state.insert(name.to_owned(), data[name].clone());
    });
    part("remembered", Some(created), vec![changed])
}

/// A UUID with hyphens, without them in the events.
fn respelled(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_id", chance.take(&mut names.nouns));
    let (put, hyphens) = (name.clone(), chance.percent(50));
    let spelled = |hex: &str| format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            let hex = chance.hex();
            data.insert(put.clone(), json!(if hyphens { hex } else { spelled(&hex) }));
            true
        },
        move |data, _, state| {
            let text = data[&name].as_str().unwrap();
            let value = if hyphens { spelled(text) } else { text.replace('-', "") };
            state.insert(name.clone(), json!(value));
        },
    );
    part("respelled", Some(created), Vec::new())
}

/// A value that a library has wrapped.
fn wrapped(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let unwraps = chance.percent(50);
    let put = move |chance: &mut Chance, _: &State, data: &mut State| {
        let text = format!("{}.{:02}", chance.between(0, 900), chance.between(0, 99));
        data.insert(name.to_owned(), json!({"_type_": "decimal_str", "_data_": text}));
        true
    };
    let set = move |data: &State, _: &Envelope, state: &mut State| {
        let value = if unwraps { data[name]["_data_"].clone() } else { data[name].clone() };
        state.insert(name.to_owned(), value);
    };
    let changed = trigger(format!("{}Revalued", cased(name)), put, set);
    part("wrapped", Some(trigger(String::new(), put, set)), vec![changed])
}

fn cents(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap();
    whole.parse::<i64>().unwrap() * 100 + fraction.parse::<i64>().unwrap()
}

/// A sum of decimals in text.
fn decimal_total(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_sum", chance.take(&mut names.numbers));
    let (first, title) = (name.clone(), cased(&name));
    let times = chance.percent(50);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!("0.00"));
        },
    );
    let billed = trigger(
        format!("{title}Billed"),
        |chance, _, data| {
            data.insert("cost".to_owned(), json!(format!("{}.{:02}", chance.between(0, 90), chance.between(0, 99))));
            data.insert("copies".to_owned(), json!(chance.between(1, 5)));
            true
        },
        move |data, _, state| {
            let by = if times { data["copies"].as_i64().unwrap() } else { 1 };
            let total = cents(state[&name].as_str().unwrap()) + by * cents(data["cost"].as_str().unwrap());
            state.insert(name.clone(), json!(format!("{}.{:02}", total / 100, total % 100)));
        },
    );
    part("decimal total", Some(created), vec![billed])
}

/// What an older schema version calls something else.
fn upcast(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let old = format!("legacy_{name}");
    let known = old.clone();
    let changed = trigger(
        format!("{}Versioned", cased(name)),
        move |chance, _, data| {
            let newer = chance.percent(60);
            data.insert(if newer { name.to_owned() } else { old.clone() }, json!(chance.word()));
            data.insert("\u{1}schema".to_owned(), json!(if newer { "2" } else { "1" }));
            true
        },
        move |data, _, state| {
            let value = data.get(name).or_else(|| data.get(&known)).unwrap();
            state.insert(name.to_owned(), value.clone());
        },
    );
    part("upcast", None, vec![changed])
}

/// Two texts as one.
fn joined(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_name", chance.take(&mut names.nouns));
    let between = *chance.pick(&[" ", ", "]);
    let created = trigger(
        String::new(),
        |chance, _, data| {
            data.insert("first".to_owned(), json!(chance.word()));
            data.insert("family".to_owned(), json!(chance.word()));
            true
        },
        move |data, _, state| {
            let (first, family) = (data["first"].as_str().unwrap(), data["family"].as_str().unwrap());
            state.insert(name.clone(), json!(format!("{first}{between}{family}")));
        },
    );
    part("joined", Some(created), Vec::new())
}

/// What follows from two others.
fn difference(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let (total, used, left) = (format!("{name}_total"), format!("{name}_used"), format!("{name}_left"));
    let (t, u, l) = (total.clone(), used.clone(), left.clone());
    let put = total.clone();
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            data.insert(put.clone(), json!(chance.between(100, 900)));
            true
        },
        move |data, _, state| {
            state.insert(t.clone(), data[&t].clone());
            state.insert(u.clone(), json!(0));
            state.insert(l.clone(), data[&t].clone());
        },
    );
    let taken = trigger(
        format!("{}Drawn", cased(name)),
        |chance, _, data| {
            data.insert("part".to_owned(), json!(chance.between(1, 20)));
            true
        },
        move |data, _, state| {
            state.insert(used.clone(), json!(whole(state, &used) + data["part"].as_i64().unwrap()));
            state.insert(left.clone(), json!(whole(state, &total) - whole(state, &used)));
        },
    );
    part("difference", Some(created), vec![taken])
}

/// From one list to another.
fn handed_over(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let (open, done) = (format!("open_{thing}s"), format!("done_{thing}s"));
    let (o, d) = (open.clone(), done.clone());
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(o.clone(), json!([]));
            state.insert(d.clone(), json!([]));
        },
    );
    let o = open.clone();
    let queued = trigger(
        format!("{}Queued", cased(thing)),
        move |chance, _, data| {
            data.insert(format!("{thing}_key"), json!(chance.hex()));
            true
        },
        move |data, _, state| {
            state.get_mut(&o).unwrap().as_array_mut().unwrap().push(data[&format!("{thing}_key")].clone());
        },
    );
    let o = open.clone();
    let closed = trigger(
        format!("{}Closed", cased(thing)),
        move |chance, state, data| {
            let items = state[&o].as_array().unwrap();
            if items.is_empty() {
                return false;
            }
            data.insert(format!("{thing}_key"), chance.pick(items).clone());
            true
        },
        move |data, _, state| {
            let key = &data[&format!("{thing}_key")];
            state.get_mut(&open).unwrap().as_array_mut().unwrap().retain(|item| item != key);
            state.get_mut(&done).unwrap().as_array_mut().unwrap().push(key.clone());
        },
    );
    part("handed over", Some(created), vec![queued, closed])
}

/// There for a while only.
fn optional(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let null = chance.percent(50);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            if null {
                state.insert(name.to_owned(), Value::Null);
            }
        },
    );
    let assigned = trigger(
        format!("{}Assigned", cased(name)),
        |chance, _, data| {
            data.insert("assignee".to_owned(), json!(chance.word()));
            true
        },
        move |data, _, state| {
            state.insert(name.to_owned(), data["assignee"].clone());
        },
    );
    let freed = trigger(
        format!("{}Freed", cased(name)),
        |_, _, _| true,
        move |_, _, state| {
            if null {
                state.insert(name.to_owned(), Value::Null);
            } else {
                state.remove(name);
            }
        },
    );
    part("optional", Some(created), vec![assigned, freed])
}

/// A map that one event empties.
fn cleared(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}_votes");
    let (first, vote, clear) = (map.clone(), map.clone(), map);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!({}));
        },
    );
    let voted = trigger(
        format!("{}Voted", cased(thing)),
        |chance, _, data| {
            data.insert("voter".to_owned(), json!(format!("V{}", chance.between(1, 9))));
            data.insert("choice".to_owned(), json!(chance.word()));
            true
        },
        move |data, _, state| {
            object(state, &vote).insert(data["voter"].as_str().unwrap().to_owned(), data["choice"].clone());
        },
    );
    let reopened = trigger(
        format!("{}VotesReset", cased(thing)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(clear.clone(), json!({}));
        },
    );
    part("cleared", Some(created), vec![voted, reopened])
}

/// Added or taken away, as another field says.
fn signed(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(name.to_owned(), json!(0));
        },
    );
    let posted = trigger(
        format!("{}Posted", cased(name)),
        |chance, _, data| {
            data.insert("direction".to_owned(), json!(*chance.pick(&["in", "out"])));
            data.insert("money".to_owned(), json!(chance.between(1, 400)));
            true
        },
        move |data, _, state| {
            let sign = if data["direction"] == "in" { 1 } else { -1 };
            state.insert(name.to_owned(), json!(whole(state, name) + sign * data["money"].as_i64().unwrap()));
        },
    );
    part("signed", Some(created), vec![posted])
}

/// Counted in another unit than the events do.
fn unit(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let key = format!("{name}_cents");
    let (first, field) = (key.clone(), format!("{name}_euros"));
    let put = field.clone();
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!(0));
        },
    );
    let paid = trigger(
        format!("{}Paid", cased(name)),
        move |chance, _, data| {
            data.insert(put.clone(), json!(chance.between(1, 300)));
            true
        },
        move |data, _, state| {
            state.insert(key.clone(), json!(whole(state, &key) + 100 * data[&field].as_i64().unwrap()));
        },
    );
    part("unit", Some(created), vec![paid])
}

/// The sum over a list that an event carries.
fn summed(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_worth", chance.take(&mut names.things));
    let (first, title) = (name.clone(), cased(&name));
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!(0));
        },
    );
    let listed = trigger(
        format!("{title}Listed"),
        |chance, _, data| {
            let count = chance.between(1, 4);
            let items: Vec<Value> =
                (0..count).map(|_| json!({"qty": chance.between(1, 6), "each": chance.between(1, 50)})).collect();
            data.insert("items".to_owned(), json!(items));
            true
        },
        move |data, _, state| {
            let items = data["items"].as_array().unwrap();
            let worth: i64 =
                items.iter().map(|item| item["qty"].as_i64().unwrap() * item["each"].as_i64().unwrap()).sum();
            state.insert(name.clone(), json!(whole(state, &name) + worth));
        },
    );
    part("summed", Some(created), vec![listed])
}

/// From one entry of a map to another.
fn transfer(names: &mut Names, chance: &mut Chance) -> Part {
    let map = format!("{}_per_site", chance.take(&mut names.numbers));
    let (first, arrive, travel, known, title) = (map.clone(), map.clone(), map.clone(), map.clone(), cased(&map));
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(first.clone(), json!({}));
        },
    );
    let arrived = trigger(
        format!("{title}Arrived"),
        |chance, _, data| {
            data.insert("place".to_owned(), json!(format!("place-{}", chance.between(1, 6))));
            data.insert("load".to_owned(), json!(chance.between(5, 60)));
            true
        },
        move |data, _, state| {
            let map = object(state, &arrive);
            let place = data["place"].as_str().unwrap();
            let now = whole(map, place) + data["load"].as_i64().unwrap();
            map.insert(place.to_owned(), json!(now));
        },
    );
    let travelled = trigger(
        format!("{title}Travelled"),
        move |chance, state, data| {
            let places = keys(state, &known);
            if places.len() < 2 {
                return false;
            }
            let from = chance.pick(&places).clone();
            let to = chance.pick(&places).clone();
            if from == to {
                return false;
            }
            data.insert("from".to_owned(), json!(from));
            data.insert("to".to_owned(), json!(to));
            data.insert("load".to_owned(), json!(chance.between(1, 9)));
            true
        },
        move |data, _, state| {
            let map = object(state, &travel);
            for (end, sign) in [("from", -1), ("to", 1)] {
                let place = data[end].as_str().unwrap();
                let now = whole(map, place) + sign * data["load"].as_i64().unwrap();
                map.insert(place.to_owned(), json!(now));
            }
        },
    );
    part("transfer", Some(created), vec![arrived, travelled])
}
