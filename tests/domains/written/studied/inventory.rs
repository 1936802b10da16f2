//! Items in a warehouse.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, key_of, map, person, phrase, reference, take};
use crate::chance::Chance;

pub const INVENTORY_ITEM: Written = Written { name: "inventory-item", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        let level = chance.between(5, 30);
        return Some((
            "item-created",
            json!({"sku": reference("SKU", chance), "name": phrase(chance), "reorder_level": level}),
        ));
    }
    let free = state["on_hand"].as_i64()? - state["reserved"].as_i64()?;
    let wanted = chance.between(1, 12);
    Some(match chance.between(0, 9) {
        0..=2 => ("stock-received", json!({"quantity": chance.between(5, 60), "supplier": person(chance)})),
        3..=5 if free >= wanted => {
            ("stock-reserved", json!({"order_id": reference("ORD", chance), "quantity": wanted}))
        }
        6 | 7 => {
            let order = key_of(state, "reservations", chance)?;
            ("stock-shipped", json!({"order_id": order, "quantity": state["reservations"][&order]}))
        }
        8 => {
            let order = key_of(state, "reservations", chance)?;
            ("reservation-released", json!({"order_id": order, "quantity": state["reservations"][&order]}))
        }
        9 => ("reorder-level-changed", json!({"reorder_level": chance.between(5, 30)})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    let quantity = data["quantity"].as_i64().unwrap_or(0);
    let order = data["order_id"].as_str().unwrap_or_default();
    match envelope.event_type.as_str() {
        "item-created" => {
            *state = json!({"on_hand": 0, "reserved": 0, "reservations": {}});
            take(state, data, &["sku", "name", "reorder_level"]);
        }
        "stock-received" => add(state, "on_hand", quantity),
        "stock-reserved" => {
            add(state, "reserved", quantity);
            map(state, "reservations").insert(order.to_owned(), json!(quantity));
        }
        "stock-shipped" => {
            add(state, "on_hand", -quantity);
            add(state, "reserved", -quantity);
            map(state, "reservations").remove(order);
        }
        "reservation-released" => {
            add(state, "reserved", -quantity);
            map(state, "reservations").remove(order);
        }
        "reorder-level-changed" => take(state, data, &["reorder_level"]),
        _ => {}
    }
}
