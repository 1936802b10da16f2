//! Screenings of a cinema, with their seats.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, key_of, map, person, phrase, take};
use crate::chance::Chance;

pub const SCREENING: Written = Written { name: "screening", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        return Some((
            "screening.scheduled",
            json!({"film": phrase(chance), "hall": chance.between(1, 8), "startsAt": "2026-04-01T20:15:00Z", "capacity": 120}),
        ));
    }
    if state["cancelled"].as_bool()? {
        return None;
    }
    let seat = format!("{}{}", chance.pick(&["A", "B", "C"]), chance.between(1, 12));
    let is_free = state["seats"].get(&seat).is_none();
    let held = key_of(state, "seats", chance).filter(|seat| state["seats"][seat]["status"] == "held");
    Some(match chance.between(0, 11) {
        0..=4 if is_free => ("seat.held", json!({"seat": seat, "customer": person(chance)})),
        5 | 6 => ("seat.released", json!({"seat": held?})),
        7..=9 => ("seat.sold", json!({"seat": held?, "price": chance.between(7, 15)})),
        10 => ("screening.moved", json!({"hall": chance.between(1, 8)})),
        11 if chance.percent(30) => ("screening.cancelled", json!({"reason": phrase(chance)})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    let seat = data["seat"].as_str().unwrap_or_default();
    match envelope.event_type.as_str() {
        "screening.scheduled" => {
            *state = json!({"seats": {}, "revenue": 0, "cancelled": false});
            take(state, data, &["film", "hall", "startsAt", "capacity"]);
        }
        "seat.held" => {
            map(state, "seats").insert(seat.to_owned(), json!({"status": "held", "customer": data["customer"]}));
        }
        "seat.released" => drop(map(state, "seats").remove(seat)),
        "seat.sold" => {
            state["seats"][seat]["status"] = json!("sold");
            state["seats"][seat]["price"] = data["price"].clone();
            add(state, "revenue", data["price"].as_i64().unwrap());
        }
        "screening.moved" => take(state, data, &["hall"]),
        "screening.cancelled" => state["cancelled"] = json!(true),
        _ => {}
    }
}
