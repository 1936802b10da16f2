//! Tickets of a help desk.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, element_of, list, person, phrase, reference, take};
use crate::chance::Chance;

pub const TICKET: Written = Written { name: "ticket", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        let priority = chance.pick(&["low", "normal", "high"]);
        return Some((
            "ticket.opened",
            json!({"title": phrase(chance), "description": phrase(chance), "reporter": person(chance), "priority": priority}),
        ));
    }
    let status = state["status"].as_str()?;
    Some(match chance.between(0, 9) {
        0 | 1 if status == "open" => ("ticket.assigned", json!({"assignee": person(chance)})),
        2 => ("ticket.priority_changed", json!({"priority": chance.pick(&["low", "normal", "high", "urgent"])})),
        3 | 4 => (
            "ticket.comment_added",
            json!({"comment_id": reference("C", chance), "author": person(chance), "body": phrase(chance)}),
        ),
        5 => ("ticket.label_added", json!({"label": phrase(chance)})),
        6 => ("ticket.label_removed", json!({"label": element_of(state, "labels", chance)?})),
        7 if status == "open" => {
            ("ticket.resolved", json!({"resolution": chance.pick(&["fixed", "duplicate", "wontfix"])}))
        }
        8 if status == "resolved" => ("ticket.closed", json!({})),
        9 if status == "resolved" || status == "closed" => ("ticket.reopened", json!({"reason": phrase(chance)})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "ticket.opened" => {
            *state = json!({"status": "open", "assignee": null, "labels": [], "comments": []});
            take(state, data, &["title", "description", "reporter", "priority"]);
        }
        "ticket.assigned" => take(state, data, &["assignee"]),
        "ticket.priority_changed" => take(state, data, &["priority"]),
        "ticket.comment_added" => list(state, "comments").push(data.clone()),
        "ticket.label_added" => list(state, "labels").push(data["label"].clone()),
        "ticket.label_removed" => list(state, "labels").retain(|label| *label != data["label"]),
        "ticket.resolved" => {
            state["status"] = json!("resolved");
            take(state, data, &["resolution"]);
        }
        "ticket.closed" => state["status"] = json!("closed"),
        "ticket.reopened" => {
            state["status"] = json!("open");
            state.as_object_mut().unwrap().remove("resolution");
        }
        _ => {}
    }
}
