//! What events without data say, and what all of them do.

use serde_json::json;

use super::super::{Chance, Envelope, Part};
use super::{Names, State, begins, cased, part, sets, trigger, whole};

/// A status that events without data set.
pub(super) fn status(names: &mut Names, chance: &mut Chance) -> Part {
    let name = if names.nouns.contains(&"locale") { "status" } else { "phase" };
    names.nouns.retain(|noun| *noun != "locale");
    let first = chance.pick(&["new", "draft", "open", "pending"]);
    let created = begins(name, json!(first));
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
        sets(format!("{suffix}{verb}"), name, json!(value))
    });
    part("status", Some(created), triggers.collect())
}

pub(super) fn flag(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.nouns);
    let flag = format!("{name}_locked");
    let created = begins(&flag, json!(false));
    let lock = sets(format!("{}Locked", cased(name)), &flag, json!(true));
    let unlock = sets(format!("{}Unlocked", cased(name)), &flag, json!(false));
    part("flag", Some(created), vec![lock, unlock])
}

pub(super) fn toggled(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_visible", chance.take(&mut names.nouns));
    let title = cased(&name);
    let created = begins(&name, json!(true));
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

/// Who did the last thing, what it was, and when.
pub(super) fn last(names: &mut Names, chance: &mut Chance) -> Part {
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
pub(super) fn revision(_: &mut Names, _: &mut Chance) -> Part {
    let always = |_: &Envelope, state: &mut State| {
        state.insert("changes".to_owned(), json!(whole(state, "changes") + 1));
    };
    Part { title: "revision".to_owned(), created: None, triggers: Vec::new(), always: Some(Box::new(always)) }
}
