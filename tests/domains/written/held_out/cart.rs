//! Shopping carts.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, key_of, map, phrase, reference, take};
use crate::chance::Chance;

pub const CART: Written = Written { name: "cart", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        return Some(("cart_created", json!({"customer_id": reference("CUS", chance)})));
    }
    if state["status"] != "open" {
        return None;
    }
    Some(match chance.between(0, 9) {
        0..=4 => (
            "item_added",
            json!({
                "product_id": reference("P", chance),
                "name": phrase(chance),
                "quantity": chance.between(1, 5),
                "unit_price": chance.between(100, 9_000),
            }),
        ),
        5 => ("item_removed", json!({"product_id": key_of(state, "items", chance)?})),
        6 | 7 => {
            let product = key_of(state, "items", chance)?;
            ("item_quantity_changed", json!({"product_id": product, "quantity": chance.between(1, 9)}))
        }
        8 => ("coupon_applied", json!({"coupon": reference("SAVE", chance), "percent": chance.pick(&[5, 10, 20])})),
        _ if chance.percent(30) => ("cart_checked_out", json!({"order_id": reference("ORD", chance)})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    let product = data["product_id"].as_str().unwrap_or_default();
    match envelope.event_type.as_str() {
        "cart_created" => {
            *state = json!({"customer_id": data["customer_id"], "items": {}, "total": 0, "status": "open"});
        }
        "item_added" => {
            let item = json!({"name": data["name"], "quantity": data["quantity"], "unit_price": data["unit_price"]});
            map(state, "items").insert(product.to_owned(), item);
        }
        "item_removed" => drop(map(state, "items").remove(product)),
        "item_quantity_changed" => state["items"][product]["quantity"] = data["quantity"].clone(),
        "coupon_applied" => take(state, data, &["coupon"]),
        "cart_checked_out" => {
            state["status"] = json!("checked_out");
            take(state, data, &["order_id"]);
        }
        _ => {}
    }
    let price = |item: &Value| item["quantity"].as_i64().unwrap() * item["unit_price"].as_i64().unwrap();
    let total: i64 = map(state, "items").values().map(price).sum();
    state["total"] = json!(total);
}
