//! Bookings of rooms in a hotel.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, list, person, reference, take};
use crate::chance::Chance;

pub const BOOKING: Written = Written { name: "booking", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    let (arrival, departure) = (chance.between(1, 14), chance.between(15, 28));
    let (check_in, check_out) = (format!("2026-07-{arrival:02}"), format!("2026-07-{departure}"));
    if state.is_null() {
        let room = chance.pick(&["single", "double", "suite"]);
        return Some((
            "booking.requested",
            json!({"guest": person(chance), "room_type": room, "check_in": check_in, "check_out": check_out}),
        ));
    }
    Some(match (state["status"].as_str()?, chance.between(0, 6)) {
        ("requested", 0..=3) => (
            "booking.confirmed",
            json!({"confirmation_code": reference("BK", chance), "rate": chance.between(60, 240)}),
        ),
        ("requested" | "confirmed", 4) => {
            ("booking.rescheduled", json!({"check_in": check_in, "check_out": check_out}))
        }
        ("confirmed" | "checked_in", 0 | 1) => {
            let extra = chance.pick(&["breakfast", "parking", "late checkout"]);
            ("booking.extra_added", json!({"extra": extra, "price": chance.between(5, 40)}))
        }
        ("confirmed", 2 | 3) => ("booking.checked_in", json!({"room_number": chance.between(100, 420)})),
        ("checked_in", 2) => ("booking.checked_out", json!({})),
        ("confirmed", 5) => ("booking.cancelled", json!({"reason": "ill"})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "booking.requested" => {
            *state = json!({"status": "requested", "extras": [], "extras_total": 0});
            take(state, data, &["guest", "room_type", "check_in", "check_out"]);
        }
        "booking.confirmed" => {
            state["status"] = json!("confirmed");
            take(state, data, &["confirmation_code", "rate"]);
        }
        "booking.rescheduled" => take(state, data, &["check_in", "check_out"]),
        "booking.extra_added" => {
            list(state, "extras").push(data.clone());
            add(state, "extras_total", data["price"].as_i64().unwrap());
        }
        "booking.checked_in" => {
            state["status"] = json!("checked_in");
            take(state, data, &["room_number"]);
        }
        "booking.checked_out" => state["status"] = json!("checked_out"),
        "booking.cancelled" => state["status"] = json!("cancelled"),
        _ => {}
    }
}
