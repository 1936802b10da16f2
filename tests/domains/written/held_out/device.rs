//! Devices in the field.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, key_of, map, reference, take};
use crate::chance::Chance;

pub const DEVICE: Written = Written { name: "device", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    let firmware = format!("{}.{}", chance.between(1, 4), chance.between(0, 9));
    if state.is_null() {
        let model = chance.pick(&["A1", "A2", "Pro"]);
        return Some((
            "device.registered",
            json!({"serial": reference("SN", chance), "model": model, "firmware": firmware, "site": "depot"}),
        ));
    }
    if state["status"] == "decommissioned" {
        return None;
    }
    let online = state["online"].as_bool()?;
    Some(match chance.between(0, 9) {
        0 | 1 => ("device.firmware_updated", json!({"firmware": firmware})),
        2 | 3 if !online => ("device.connected", json!({"gateway": reference("GW", chance)})),
        4 if online => ("device.disconnected", json!({})),
        5 => ("device.moved", json!({"site": chance.pick(&["north", "south", "harbour"])})),
        6 | 7 => {
            let severity = chance.pick(&["minor", "major"]);
            ("device.alarm_raised", json!({"alarm_id": reference("AL", chance), "severity": severity}))
        }
        8 => ("device.alarm_cleared", json!({"alarm_id": key_of(state, "alarms", chance)?})),
        9 if chance.percent(20) => ("device.decommissioned", json!({})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "device.registered" => {
            *state = json!({"status": "registered", "online": false, "alarms": {}});
            take(state, data, &["serial", "model", "firmware", "site"]);
        }
        "device.firmware_updated" => take(state, data, &["firmware"]),
        "device.connected" => {
            state["online"] = json!(true);
            state["last_seen"] = json!(envelope.timestamp);
        }
        "device.disconnected" => state["online"] = json!(false),
        "device.moved" => take(state, data, &["site"]),
        "device.alarm_raised" => {
            let alarm = data["alarm_id"].as_str().unwrap().to_owned();
            map(state, "alarms").insert(alarm, json!({"severity": data["severity"], "raised_at": envelope.timestamp}));
        }
        "device.alarm_cleared" => drop(map(state, "alarms").remove(data["alarm_id"].as_str().unwrap())),
        "device.decommissioned" => state["status"] = json!("decommissioned"),
        _ => {}
    }
}
