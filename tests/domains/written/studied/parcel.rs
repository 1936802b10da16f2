//! Parcels on their way.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, person, phrase, reference, take};
use crate::chance::Chance;

pub const PARCEL: Written = Written { name: "Parcel", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        return Some((
            "ParcelRegistered",
            json!({
                "trackingNumber": reference("PX", chance),
                "sender": person(chance),
                "recipient": person(chance),
                "weightGrams": chance.between(100, 20_000),
                "address": phrase(chance),
            }),
        ));
    }
    Some(match (state["status"].as_str()?, chance.between(0, 5)) {
        ("registered", 0..=3) => ("ParcelPickedUp", json!({"courier": person(chance)})),
        ("registered", 4) => ("AddressCorrected", json!({"address": phrase(chance)})),
        ("in_transit", 0..=3) => {
            ("ParcelScanned", json!({"location": chance.pick(&["Ghent", "Lille", "Essen", "Breda"])}))
        }
        ("in_transit", 4) => ("DeliveryAttempted", json!({"note": phrase(chance)})),
        ("in_transit", 5) => ("ParcelDelivered", json!({"signedBy": person(chance)})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "ParcelRegistered" => {
            *state = json!({"status": "registered", "attempts": 0});
            take(state, data, &["trackingNumber", "sender", "recipient", "weightGrams", "address"]);
            state["registeredAt"] = json!(envelope.timestamp);
        }
        "AddressCorrected" => take(state, data, &["address"]),
        "ParcelPickedUp" => {
            state["status"] = json!("in_transit");
            take(state, data, &["courier"]);
        }
        "ParcelScanned" => take(state, data, &["location"]),
        "DeliveryAttempted" => add(state, "attempts", 1),
        "ParcelDelivered" => {
            state["status"] = json!("delivered");
            take(state, data, &["signedBy"]);
            state["deliveredAt"] = json!(envelope.timestamp);
        }
        _ => {}
    }
}
