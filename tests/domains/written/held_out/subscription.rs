//! Subscriptions.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, reference, take};
use crate::chance::Chance;

pub const SUBSCRIPTION: Written = Written { name: "subscription", next, evolve };

fn plan(chance: &mut Chance) -> (&'static str, i64) {
    chance.pick(&[("basic", 900), ("plus", 1900), ("team", 4900)])
}

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    let (plan, price) = plan(chance);
    if state.is_null() {
        let interval = chance.pick(&["month", "year"]);
        return Some((
            "subscription.started",
            json!({"customer_id": reference("CUS", chance), "plan": plan, "price": price, "interval": interval}),
        ));
    }
    Some(match (state["status"].as_str()?, chance.between(0, 7)) {
        ("active", 0..=2) => {
            let end = format!("2026-{:02}-01", chance.between(1, 12));
            ("subscription.renewed", json!({"period_end": end, "amount": state["price"]}))
        }
        ("active", 3) => ("subscription.plan_changed", json!({"plan": plan, "price": price})),
        ("active", 4) => ("subscription.paused", json!({})),
        ("active", 5) => ("subscription.payment_failed", json!({"code": chance.pick(&["card_declined", "expired"])})),
        ("active" | "paused", 6) => ("subscription.cancelled", json!({"reason": chance.pick(&["price", "unused"])})),
        ("paused", _) => ("subscription.resumed", json!({})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "subscription.started" => {
            *state = json!({"status": "active", "renewals": 0, "total_paid": 0, "started_at": envelope.timestamp});
            take(state, data, &["customer_id", "plan", "price", "interval"]);
        }
        "subscription.renewed" => {
            add(state, "renewals", 1);
            add(state, "total_paid", data["amount"].as_i64().unwrap());
            take(state, data, &["period_end"]);
        }
        "subscription.plan_changed" => take(state, data, &["plan", "price"]),
        "subscription.paused" => state["status"] = json!("paused"),
        "subscription.resumed" => state["status"] = json!("active"),
        "subscription.cancelled" => {
            state["status"] = json!("cancelled");
            state["cancelled_at"] = json!(envelope.timestamp);
        }
        _ => {}
    }
}
