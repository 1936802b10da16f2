//! Meters of electricity and water.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, phrase, reference, take};
use crate::chance::Chance;

pub const METER: Written = Written { name: "Meter", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        let unit = chance.pick(&["kWh", "m3"]);
        return Some((
            "MeterInstalled",
            json!({"serial": reference("SN", chance), "address": phrase(chance), "unit": unit, "initial_reading": chance.between(0, 40)}),
        ));
    }
    let last = state["reading"].as_i64()?;
    let active = state["active"].as_bool()?;
    Some(match chance.between(0, 9) {
        0..=6 if active => ("ReadingRecorded", json!({"reading": last + chance.between(1, 90)})),
        7 => ("MeterRelocated", json!({"address": phrase(chance)})),
        8 if active => ("MeterDeactivated", json!({})),
        9 if !active => ("MeterActivated", json!({})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "MeterInstalled" => {
            *state = json!({"reading": data["initial_reading"], "consumption": 0, "readings": 0, "active": true});
            take(state, data, &["serial", "address", "unit"]);
        }
        "ReadingRecorded" => {
            let used = data["reading"].as_i64().unwrap() - state["reading"].as_i64().unwrap();
            add(state, "consumption", used);
            add(state, "readings", 1);
            take(state, data, &["reading"]);
            state["last_read_at"] = json!(envelope.timestamp);
        }
        "MeterRelocated" => take(state, data, &["address"]),
        "MeterDeactivated" => state["active"] = json!(false),
        "MeterActivated" => state["active"] = json!(true),
        _ => {}
    }
}
