//! Documents that are written, reviewed and published.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, element_of, list, person, phrase, take};
use crate::chance::Chance;

pub const DOCUMENT: Written = Written { name: "Document", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        return Some((
            "DocumentCreated",
            json!({"Title": phrase(chance), "Author": person(chance), "Body": phrase(chance)}),
        ));
    }
    Some(match (state["Status"].as_str()?, chance.between(0, 8)) {
        ("Draft", 0) => ("TitleChanged", json!({"Title": phrase(chance)})),
        ("Draft", 1 | 2) => ("BodyChanged", json!({"Body": phrase(chance)})),
        ("Draft", 3) => ("ReviewerAssigned", json!({"Reviewer": person(chance)})),
        ("Draft", 4) => ("DocumentPublished", json!({})),
        ("Published", 0..=2) => ("DocumentArchived", json!({})),
        (_, 5 | 6) => ("TagAdded", json!({"Tag": phrase(chance)})),
        (_, 7) => ("TagRemoved", json!({"Tag": element_of(state, "Tags", chance)?})),
        ("Draft", 8) => ("CommentPosted", json!({"Author": person(chance), "Text": phrase(chance)})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "DocumentCreated" => {
            *state = json!({"Status": "Draft", "Tags": [], "Comments": []});
            take(state, data, &["Title", "Author", "Body"]);
        }
        "TitleChanged" => take(state, data, &["Title"]),
        "BodyChanged" => take(state, data, &["Body"]),
        "ReviewerAssigned" => take(state, data, &["Reviewer"]),
        "DocumentPublished" => state["Status"] = json!("Published"),
        "DocumentArchived" => state["Status"] = json!("Archived"),
        "TagAdded" => list(state, "Tags").push(data["Tag"].clone()),
        "TagRemoved" => list(state, "Tags").retain(|tag| *tag != data["Tag"]),
        "CommentPosted" => list(state, "Comments").push(data.clone()),
        _ => {}
    }
}
