//! Further libraries and applications that keep a log, from their published schemas with rows of our own: each is
//! recognised as itself, and its events are taken out whole.

use eventscope::replay::{Limits, Reducers, Timeline};
use serde_json::{Value, json};

use super::libraries::{all_shown, everything, made};

/// What was shown of some fields of every event.
fn fields(form: &str, profile: &str, names: &[&str]) -> Vec<Value> {
    let (_folder, source) = made(form, profile);
    let of = |event: &Value| names.iter().map(|name| event[*name].clone()).collect::<Value>();
    all_shown(&source).iter().map(of).collect()
}

#[test]
fn laravel_activitylog() {
    let (_folder, source) = made("activitylog", "activitylog");
    let shown = all_shown(&source);
    assert_eq!(shown.len(), 3);
    assert_eq!(
        shown[1],
        json!({
            "stream": "App\\Models\\Article/7", "version": 2, "type": "updated", "time": "2026-01-05 08:00:01 UTC", "actor": "2",
            "data": {"attributes": {"title": "Second"}, "old": {"title": "First"}}, "metadata": {"event": "updated"},
        })
    );
    // Its state is what the attributes come to.
    let rules = source.state_spec().unwrap().text().unwrap();
    let reducers = Reducers::parse(rules, "activitylog").unwrap();
    let events = everything(&source).into_iter().take(2).map(Ok);
    let timeline =
        Timeline::build(events, &reducers, Limits { bytes: 20_000 }, |_| std::ops::ControlFlow::Continue(())).unwrap();
    let state = timeline.state_at(2, |_, _| Ok(Vec::new())).unwrap();
    assert_eq!(state.state, json!({"title": "Second", "price": 8}));
}

#[test]
fn nostr_relays() {
    let author = "aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899";
    let found = fields("nostr_rs_relay", "nostr-rs-relay", &["stream", "version", "type", "time"]);
    assert_eq!(found[0], json!([format!("author/{author}"), 1, "metadata", "2026-01-05 08:00:00 UTC"]));
    assert_eq!(found[1], json!([format!("author/{author}"), 2, "note", "2026-01-05 08:01:00 UTC"]));
    assert_eq!(found[2][2], "kind 30023");
    let found = fields("nostr", "nostr", &["stream", "version", "type", "data"]);
    let data = json!({"content": "Good morning", "tags": [["t", "coffee"]]});
    assert_eq!(found[1], json!([format!("author/{author}"), 2, "note", data]));
}

#[test]
fn actual_budget() {
    let found = fields("actual", "actual", &["stream", "version", "type", "time", "data"]);
    let stream = "transactions/t-1";
    assert_eq!(found[0], json!([stream, 1, "amount", "2026-01-05 08:00:00 UTC", {"amount": -1250}]));
    assert_eq!(found[1], json!([stream, 2, "notes", "2026-01-05 08:00:00 UTC", {"notes": "coffee"}]));
    assert_eq!(found[2], json!([stream, 3, "notes", "2026-01-05 08:00:05 UTC", {"notes": null}]));
}

#[test]
fn at_protocol_s_personal_data_server() {
    let found = fields("atproto_pds", "atproto-pds", &["stream", "version", "type", "data", "metadata"]);
    let stream = "repo/did:plc:anna";
    let identity = json!({"did": "did:plc:anna", "handle": "anna.example.org"});
    assert_eq!(found[0], json!([stream, 1, "identity", identity, {"invalidated": 1}]));
    assert_eq!(found[1], json!([stream, 2, "account", {"did": "did:plc:anna", "active": true}, null]));
}

#[test]
fn livestore_is_one_stream_in_the_order_of_its_numbers() {
    let found = fields("livestore", "livestore", &["stream", "version", "type", "actor"]);
    let row = |version: i64, name: &str| json!(["eventlog", version, name, "c-1"]);
    assert_eq!(found, [row(1, "v1.TodoCreated"), row(2, "v1.UiStateSet"), row(3, "v1.TodoCompleted")]);
}

#[test]
fn activity_watch_in_both_of_its_forms() {
    let found = fields("activitywatch", "activitywatch", &["stream", "version", "type", "time", "metadata"]);
    let bucket = "bucket/aw-watcher-window_desk";
    let metadata = json!({"seconds": 30.5, "hostname": "desk"});
    assert_eq!(found[0], json!([bucket, 1, "currentwindow", "2026-01-05 08:00:00 UTC", metadata]));
    assert_eq!(found[2][1], 2);
    let found = fields("activitywatch_python", "activitywatch-python", &["stream", "version", "type", "time", "data"]);
    let bucket = "bucket/aw-watcher-afk_desk";
    assert_eq!(found[0], json!([bucket, 1, "afkstatus", "2026-01-05 08:00:00.250 UTC", {"status": "not-afk"}]));
}

#[test]
fn prefect() {
    let found = fields("prefect", "prefect", &["stream", "version", "id", "type", "cause", "data"]);
    let stream = "flow-run/prefect.flow-run.r-1";
    let data = json!({"intended": {"to": "RUNNING"}});
    assert_eq!(found[1], json!([stream, 2, "e-2", "prefect.flow-run.Running", "e-1", data]));
}

#[test]
fn disintegrate_has_one_stream_and_says_how_far_listeners_are() {
    let (_folder, source) = made("disintegrate", "disintegrate");
    let shown = all_shown(&source);
    assert_eq!((&shown[1]["stream"], &shown[1]["type"]), (&json!("event"), &json!("StudentSubscribed")));
    let checkpoints = &source.detection().unwrap().profile.tables.checkpoints;
    assert_eq!(checkpoints[0].position.as_deref(), Some("last_processed_event_id"));
}

#[test]
fn mirrors_of_marten_and_message_db() {
    let found = fields("marten", "marten", &["stream", "version", "type", "time", "correlation", "data"]);
    let stream = "order/11111111-1111-4111-8111-111111111111";
    assert_eq!(found[1], json!([stream, 2, "order_paid", "2026-01-05 08:00:01.123456 UTC", "x-1", {"Amount": 12.5}]));
    let found =
        fields("message_db_mirror", "message-db-mirror", &["stream", "version", "type", "cause", "correlation"]);
    assert_eq!(found[1], json!(["order/order-1", 1, "Paid", "1", "cart-9"]));
}
