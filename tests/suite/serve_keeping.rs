//! The service: snapshots, schemas, archives, and what it says of itself.

use serde_json::{Value, json};

use crate::service::{Service, event};

#[test]
fn snapshots_are_kept_at_a_version() {
    let service = Service::new(&[]);
    for _ in 0..3 {
        service.post("/events/", event("ord-1", "order.placed", json!({}))).expect(201);
    }
    service.get("/snapshots/order/ord-1").expect(404);
    let put = |version: i64, state: &str| {
        service
            .put("/snapshots/order/ord-1", format!(r#"{{"version": {version}, "state_version": 2, "state": {state}}}"#))
    };
    let saved = put(2, r#"{"total": 8.00}"#).expect(200);
    assert!(saved.text.contains(r#""state":{"total": 8.00}"#), "{}", saved.text);
    put(3, "{}").expect(200);
    put(4, "{}").expect(422);
    put(0, "{}").expect(422);
    assert_eq!(service.get("/snapshots/order/ord-1?at=2").expect(200).text, saved.text);
    let last = service.get("/snapshots/order/ord-1").expect(200).json();
    assert_eq!((&last["version"], &last["state_version"]), (&json!(3), &json!(2)));
    service.get("/snapshots/order/ord-1?at=1").expect(404);
    let unknown = service.put("/snapshots/order/ord-1", r#"{"version": 1, "state": {}, "sate": 1}"#).expect(422).json();
    assert!(unknown["detail"].as_str().unwrap().contains("`sate`"));
}

#[test]
fn what_does_not_fit_its_schema_is_told_place_by_place() {
    let service = Service::new(&[]);
    let schema = json!({
        "type": "object",
        "properties": {"total": {"type": "number", "minimum": 1.5}, "lines": {"items": {"required": ["sku"]}}},
        "required": ["customer"],
    });
    service.get("/schemas/order.placed/1").expect(404);
    service.put("/schemas/order.placed/1", &schema).expect(200);
    assert_eq!(service.get("/schemas/order.placed/1").expect(200).json(), schema);
    let bad = event("ord-1", "order.placed", json!({"total": 1, "lines": [{"sku": 1}, {}]}));
    let refused = service.post("/events/", &bad).expect(422).json();
    let places: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(places.len(), 3, "{refused}");
    for place in ["", "/total", "/lines/1"] {
        assert!(places.contains(&place), "{place} {refused}");
    }
    let good = event("ord-1", "order.placed", json!({"total": 1.5, "customer": "c"}));
    let batch = service.post("/events/batch", json!([good, good, bad])).expect(422).json();
    assert_eq!(batch["event"], 2);
    assert!(service.get("/events/").json().as_array().unwrap().is_empty());
    service.post("/events/", &good).expect(201);
    let mut second = bad.clone();
    second["version"] = json!(2);
    service.post("/events/", &second).expect(201);
    service.put("/schemas/order.placed/1", json!({"type": "string"})).expect(422);
    service.put("/schemas/order.placed/1?replace=true", json!({"type": "string"})).expect(200);
    service.put("/schemas/order.placed/0", &schema).expect(422);
    service.put("/schemas/order.placed/3", json!({"type": "strin"})).expect(422);
}

#[test]
fn what_is_archived_is_read_as_before() {
    let service = Service::new(&[]);
    for (stream, event_type) in [("a", "order.placed"), ("a", "order.closed"), ("b", "order.placed")] {
        service.post("/events/", event(stream, event_type, json!({}))).expect(201);
    }
    let before = service.get("/events/").text;
    service.post("/archive", json!({})).expect(422);
    let planned = service.post("/archive", json!({"closed": "*.closed", "dry_run": true})).expect(200).json();
    assert_eq!(
        (&planned["events"], &planned["streams"], &planned["archive"]),
        (&json!(2), &json!(1), &json!("shop.archive.db"))
    );
    let done = service.post("/archive", json!({"closed": "*.closed"})).expect(200).json();
    assert_eq!((&done["events"], &done["finished"]), (&json!(2), &json!(true)));
    assert_eq!(service.get("/events/").text, before);
    let first: Value = serde_json::from_str(&before).unwrap();
    service.get(&format!("/events/{}", first[0]["id"].as_str().unwrap())).expect(200);
    let mut again = event("a", "order.placed", json!({}));
    again["id"] = first[0]["id"].clone();
    assert_eq!(service.post("/events/", again).expect(200).json(), first[0], "archived ids are known");
    service.post("/events/", event("a", "order.reopened", json!({}))).expect(201);
    assert_eq!(service.get("/streams/order/a").header("etag"), "\"3\"");
    service.post("/archive", json!({"streams": [{"aggregate_type": "order", "aggregate_id": "z"}]})).expect(404);
    service.post("/archive", json!({"to": "/tmp/x"})).expect(422);
}

#[test]
fn the_service_says_how_it_is() {
    let service = Service::new(&[]);
    service.get("/healthz").expect(200);
    service.get("/readyz").expect(200);
    service.post("/events/", event("a", "order.placed", json!({}))).expect(201);
    service.get("/nothing").expect(404);
    let metrics = service.get("/metrics").expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    for line in ["eventscope_events_appended_total 1", "eventscope_http_responses_total{class=\"4xx\"} 1"] {
        assert!(metrics.text.lines().any(|shown| shown == line), "{line}\n{}", metrics.text);
    }
}

#[test]
fn the_description_and_the_routes_are_the_same() {
    let service = Service::new(&[]);
    let description = service.get("/openapi.json").expect(200).json();
    let paths = description["paths"].as_object().unwrap();
    let routes = include_str!("../../src/serve/routes/mod.rs");
    let there: Vec<&str> = routes
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\"")?.split('"').next())
        .filter(|route| *route != "/events")
        .collect();
    let described: Vec<&str> = paths.keys().map(String::as_str).collect();
    let sorted = |mut names: Vec<&'static str>| {
        names.sort_unstable();
        names
    };
    let described: Vec<&'static str> = described.into_iter().map(|name| &*name.to_owned().leak()).collect();
    assert_eq!(sorted(there), sorted(described));
    for (path, methods) in paths {
        let asked =
            path.replace("{type}", "order").replace("{event_type}", "a").replace("{version}", "1").replace("{id}", "x");
        for method in methods.as_object().unwrap().keys().filter(|method| **method != "get") {
            let answer = service.send(&method.to_uppercase(), &asked, &[], "[");
            assert_eq!(answer.status, 400, "{method} {path} reads a body: {}", answer.text);
        }
        if methods.get("get").is_some() && path != "/events/stream" {
            let answer = service.get(&asked);
            let is_there = answer.status == 200 || answer.status == 404 && !answer.text.contains("there is no /");
            assert!(is_there, "{path}: {}", answer.text);
        }
    }
    let fields = description["components"]["schemas"]["Event"]["required"].as_array().unwrap();
    let stored = service.post("/events/", event("a", "order.placed", json!({}))).expect(201).json();
    assert!(stored.as_object().unwrap().keys().eq(fields.iter().map(|field| field.as_str().unwrap())));
}
