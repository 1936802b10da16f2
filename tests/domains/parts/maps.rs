//! Maps: amounts, objects and lists by key.

use serde_json::json;

use super::super::{Chance, Part, said};
use super::{Names, begins, cased, keys, object, part, sets, trigger, whole};

/// Amounts by key, gone at zero.
pub(super) fn reservations(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}_holds");
    let gone = chance.percent(60);
    let few = chance.percent(40);
    let (hold, release, known) = (map.clone(), map.clone(), map);
    let field = format!("{thing}_ref");
    let (made, named, key, key_too) = (field.clone(), field.clone(), field.clone(), field);
    let created = begins(&hold, json!({}));
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
            let key = chance.pick(&known_keys);
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
pub(super) fn objects(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}s_by_id");
    let (add, update, remove, known, known_too) = (map.clone(), map.clone(), map.clone(), map.clone(), map);
    let created = begins(&add, json!({}));
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
pub(super) fn nested_map(names: &mut Names, chance: &mut Chance) -> Part {
    let map = format!("{}_by_site", chance.take(&mut names.numbers));
    let (store, title) = (map.clone(), cased(&map));
    let created = begins(&map, json!({}));
    let stored = trigger(
        format!("{title}Stored"),
        |chance, _, data| {
            data.insert("site".to_owned(), json!(chance.pick(&["north", "south", "harbour"])));
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
pub(super) fn lists_in_map(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}s_by_topic");
    let created = begins(&map, json!({}));
    let filed = trigger(
        format!("{}Filed", cased(thing)),
        move |chance, _, data| {
            data.insert("topic".to_owned(), json!(format!("topic {}", chance.between(1, 5))));
            data.insert(thing.to_owned(), json!(said(chance)));
            true
        },
        move |data, _, state| {
            let map = object(state, &map);
            let list = map.entry(data["topic"].as_str().unwrap().to_owned()).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(data[thing].clone());
        },
    );
    part("lists in a map", Some(created), vec![filed])
}

/// A map that one event empties.
pub(super) fn cleared(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let map = format!("{thing}_votes");
    let (vote, clear) = (map.clone(), map);
    let created = begins(&vote, json!({}));
    let voted = trigger(
        format!("{}Voted", cased(thing)),
        |chance, _, data| {
            data.insert("voter".to_owned(), json!(format!("V{}", chance.between(1, 9))));
            data.insert("choice".to_owned(), json!(said(chance)));
            true
        },
        move |data, _, state| {
            object(state, &vote).insert(data["voter"].as_str().unwrap().to_owned(), data["choice"].clone());
        },
    );
    let reopened = sets(format!("{}VotesReset", cased(thing)), &clear, json!({}));
    part("cleared", Some(created), vec![voted, reopened])
}

/// From one entry of a map to another.
pub(super) fn transfer(names: &mut Names, chance: &mut Chance) -> Part {
    let map = format!("{}_per_site", chance.take(&mut names.numbers));
    let (arrive, travel, known, title) = (map.clone(), map.clone(), map.clone(), cased(&map));
    let created = begins(&map, json!({}));
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
            let from = chance.pick(&places);
            let to = chance.pick(&places);
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
