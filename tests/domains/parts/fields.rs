//! Single values: as an event says them, under other names, in other places, or written in another way.

use serde_json::{Value, json};

use super::super::{Chance, Envelope, Part, said};
use super::{Names, State, cased, object, part, text, trigger};

/// Set by the first event under its own name, and changed by another.
pub(super) fn plain(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let numeric = chance.percent(25);
    let value = move |chance: &mut Chance| if numeric { json!(chance.between(1, 900)) } else { json!(said(chance)) };
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
pub(super) fn renamed(names: &mut Names, chance: &mut Chance) -> Part {
    let (name, field) = (chance.take(&mut names.nouns), chance.pick(&["value", "new_value", "label"]));
    let first = format!("initial_{name}");
    let changed = trigger(format!("{}Corrected", cased(name)), text(field), move |data, _, state| {
        state.insert(name.to_owned(), data[field].clone());
    });
    let created = trigger(String::new(), text(&first), move |data, _, state| {
        state.insert(name.to_owned(), data[&first].clone());
    });
    part("renamed", Some(created), vec![changed])
}

/// Flat in the event, nested in the state.
pub(super) fn nested(names: &mut Names, chance: &mut Chance) -> Part {
    let outer = chance.pick(&["contact", "profile", "address"]);
    let (a, b) = (chance.take(&mut names.nouns), chance.take(&mut names.nouns));
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            data.insert(a.to_owned(), json!(said(chance)));
            data.insert(format!("{outer}_{b}"), json!(said(chance)));
            true
        },
        move |data, _, state| {
            state.insert(outer.to_owned(), json!({a: data[a], b: data[&format!("{outer}_{b}")]}));
        },
    );
    let moved = trigger(format!("{}Moved", cased(outer)), text(b), move |data, _, state| {
        object(state, outer).insert(b.to_owned(), data[b].clone());
    });
    part("nested", Some(created), vec![moved])
}

/// Nested in the event, flat in the state.
pub(super) fn flattened(names: &mut Names, chance: &mut Chance) -> Part {
    let (a, b) = (chance.take(&mut names.nouns), chance.take(&mut names.nouns));
    let created = trigger(
        String::new(),
        move |chance, _, data| {
            data.insert(
                "details".to_owned(),
                json!({a: said(chance), b: {"name": said(chance), "code": chance.hex()}}),
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

/// An enumeration that the state writes in another way.
pub(super) fn mapped(names: &mut Names, chance: &mut Chance) -> Part {
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
    let field = chance.pick(&["priority", "grade"]);
    let created = trigger(String::new(), put(field), set(field, level.clone()));
    let changed = trigger(format!("{}Graded", cased(name)), put("code"), set("code", level));
    part("mapped", Some(created), vec![changed])
}

/// What a value was before.
pub(super) fn remembered(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let previous = format!("previous_{name}");
    let put = move |chance: &mut Chance, _: &State, data: &mut State| {
        data.insert(name.to_owned(), json!(said(chance)));
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
pub(super) fn respelled(names: &mut Names, chance: &mut Chance) -> Part {
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
pub(super) fn wrapped(names: &mut Names, chance: &mut Chance) -> Part {
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

/// What an older schema version calls something else.
pub(super) fn upcast(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let old = format!("legacy_{name}");
    let known = old.clone();
    let changed = trigger(
        format!("{}Versioned", cased(name)),
        move |chance, _, data| {
            let newer = chance.percent(60);
            data.insert(if newer { name.to_owned() } else { old.clone() }, json!(said(chance)));
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
pub(super) fn joined(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_name", chance.take(&mut names.nouns));
    let between = chance.pick(&[" ", ", "]);
    let created = trigger(
        String::new(),
        |chance, _, data| {
            data.insert("first".to_owned(), json!(said(chance)));
            data.insert("family".to_owned(), json!(said(chance)));
            true
        },
        move |data, _, state| {
            let (first, family) = (data["first"].as_str().unwrap(), data["family"].as_str().unwrap());
            state.insert(name.clone(), json!(format!("{first}{between}{family}")));
        },
    );
    part("joined", Some(created), Vec::new())
}

/// There for a while only.
pub(super) fn optional(names: &mut Names, chance: &mut Chance) -> Part {
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
    let assigned = trigger(format!("{}Assigned", cased(name)), text("assignee"), move |data, _, state| {
        state.insert(name.to_owned(), data["assignee"].clone());
    });
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
