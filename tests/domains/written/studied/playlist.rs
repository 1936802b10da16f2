//! Playlists.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, element_of, list, person, phrase, reference, take};
use crate::chance::Chance;

pub const PLAYLIST: Written = Written { name: "playlist", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        return Some(("playlist_created", json!({"name": phrase(chance), "owner": person(chance)})));
    }
    Some(match chance.between(0, 9) {
        0..=4 => (
            "track_added",
            json!({
                "track_id": reference("T", chance),
                "title": phrase(chance),
                "artist": person(chance),
                "duration": chance.between(90, 420),
            }),
        ),
        5 | 6 => ("track_removed", json!({"track_id": element_of(state, "tracks", chance)?["track_id"]})),
        7 => ("playlist_renamed", json!({"name": phrase(chance)})),
        8 => ("playlist_shared", json!({"user": person(chance)})),
        _ if !state["public"].as_bool()? => ("playlist_published", json!({})),
        _ => ("playlist_unpublished", json!({})),
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    match envelope.event_type.as_str() {
        "playlist_created" => {
            *state =
                json!({"name": data["name"], "owner": data["owner"], "tracks": [], "shared_with": [], "public": false});
        }
        "track_added" => list(state, "tracks").push(data.clone()),
        "track_removed" => list(state, "tracks").retain(|track| track["track_id"] != data["track_id"]),
        "playlist_renamed" => take(state, data, &["name"]),
        "playlist_shared" => list(state, "shared_with").push(data["user"].clone()),
        "playlist_published" => state["public"] = json!(true),
        "playlist_unpublished" => state["public"] = json!(false),
        _ => {}
    }
}
