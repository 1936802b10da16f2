//! Requests for leave.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, person, phrase, take};
use crate::chance::Chance;

pub const LEAVE_REQUEST: Written = Written { name: "leave_request", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    let day = chance.between(10, 28);
    let (from, to, days) = (format!("2026-05-{day}"), format!("2026-06-{day}"), chance.between(1, 15));
    if state.is_null() {
        let kind = chance.pick(&["vacation", "parental", "sick"]);
        let data = json!({"employee": person(chance), "type": kind, "from": from, "to": to, "days": days});
        return Some(("leave_requested", data));
    }
    Some(match (state["status"].as_str()?, chance.between(0, 3)) {
        ("requested", 0) => ("leave_dates_changed", json!({"from": from, "to": to, "days": days})),
        ("requested", 1 | 2) => ("leave_approved", json!({"approved_by": person(chance)})),
        ("requested", 3) => ("leave_rejected", json!({"rejected_by": person(chance), "reason": phrase(chance)})),
        ("approved", 0) => ("leave_cancelled", json!({})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    let members: &[&str] = match envelope.event_type.as_str() {
        "leave_requested" => {
            *state = json!({"status": "requested"});
            &["employee", "type", "from", "to", "days"]
        }
        "leave_dates_changed" => &["from", "to", "days"],
        "leave_approved" => {
            state["status"] = json!("approved");
            &["approved_by"]
        }
        "leave_rejected" => {
            state["status"] = json!("rejected");
            &["rejected_by", "reason"]
        }
        "leave_cancelled" => {
            state["status"] = json!("cancelled");
            &[]
        }
        _ => &[],
    };
    take(state, data, members);
}
