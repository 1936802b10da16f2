//! Polls.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, element_of, key_of, list, map, person, phrase};
use crate::chance::Chance;

pub const POLL: Written = Written { name: "poll", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        let options = [phrase(chance), phrase(chance), phrase(chance)];
        return Some((
            "poll_created",
            json!({"question": phrase(chance), "creator": person(chance), "options": options}),
        ));
    }
    if state["status"] != "open" {
        return None;
    }
    Some(match chance.between(0, 9) {
        0..=5 => {
            let voter = person(chance);
            let option = element_of(state, "options", chance)?;
            ("vote_cast", json!({"voter": voter, "option": option}))
        }
        6 => ("vote_retracted", json!({"voter": key_of(state, "votes", chance)?})),
        7 => ("option_added", json!({"option": phrase(chance)})),
        8 => ("question_edited", json!({"question": phrase(chance)})),
        _ if chance.percent(30) => ("poll_closed", json!({})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "poll_created" => {
            *state = data.clone();
            state["votes"] = json!({});
            state["status"] = json!("open");
        }
        "vote_cast" => {
            let voter = data["voter"].as_str().unwrap().to_owned();
            map(state, "votes").insert(voter, data["option"].clone());
        }
        "vote_retracted" => drop(map(state, "votes").remove(data["voter"].as_str().unwrap())),
        "option_added" => list(state, "options").push(data["option"].clone()),
        "question_edited" => state["question"] = data["question"].clone(),
        "poll_closed" => state["status"] = json!("closed"),
        _ => {}
    }
}
