//! Lists of values and of objects.

use serde_json::json;

use super::super::{Chance, Part, said};
use super::{Names, begins, cased, part, trigger};

/// A list of plain values.
pub(super) fn tags(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let list = format!("{thing}s");
    let unique = chance.percent(40);
    let (add, remove, known) = (list.clone(), list.clone(), list.clone());
    let created = begins(&list, json!([]));
    let added = trigger(
        format!("{}Added", cased(thing)),
        move |chance, _, data| {
            let word = if unique { format!("{thing} {}", chance.between(1, 6)) } else { said(chance) };
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
            data.insert(thing.to_owned(), chance.pick(items));
            true
        },
        move |data, _, state| {
            state.get_mut(&remove).unwrap().as_array_mut().unwrap().retain(|item| *item != data[thing]);
        },
    );
    part("tags", Some(created), if chance.percent(70) { vec![added, removed] } else { vec![added] })
}

/// A list of objects that are known by a member.
pub(super) fn elements(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let list = format!("{thing}s");
    let field = if chance.percent(50) { "id".to_owned() } else { format!("{thing}_id") };
    let (add, update, remove, known, known_too) = (list.clone(), list.clone(), list.clone(), list.clone(), list);
    let (key, key_of_update, key_of_removal) = (field.clone(), field.clone(), field.clone());
    let (made, named, removed_by) = (field.clone(), field.clone(), field);
    let counts = chance.percent(50);
    let created = begins(&add, json!([]));
    let added = trigger(
        format!("{}Added", cased(thing)),
        move |chance, _, data| {
            data.insert(made.clone(), json!(chance.hex()));
            data.insert("name".to_owned(), json!(said(chance)));
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

/// From one list to another.
pub(super) fn handed_over(names: &mut Names, chance: &mut Chance) -> Part {
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
            data.insert(format!("{thing}_key"), chance.pick(items));
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
