//! The service on a store on a server: its contract is that of a file.

use std::path::PathBuf;
use std::time::Duration;

use eventscope::server::{Address, create_store, open_store};
use serde_json::{Value, json};

use super::server::{Database, cluster, database};
use crate::serve_crashes::Load;
use crate::service::{Service, event};

fn served(database: &Database, arguments: &[&str]) -> Service {
    create_store(&Address::parse(&database.url()).unwrap()).unwrap();
    Service::of(tempfile::tempdir().unwrap(), PathBuf::from(database.url()), arguments)
}

#[test]
fn a_store_on_a_server_is_served_as_one_in_a_file() {
    let Some(database) = database("a_store_on_a_server_is_served_as_one_in_a_file") else { return };
    let mut service = served(&database, &["--merge"]);
    let mut following = service.follow("/events/stream?from_position=1", &[]);
    let body = r#"{"event_type":"order.placed","aggregate_type":"order","aggregate_id":"ö-1","payload":{"total": 8.00},"expected_version":"none"}"#;
    let placed = service.post("/events/", body).expect(201);
    assert_eq!(placed.header("etag"), "\"1\"");
    assert!(placed.text.contains(r#""payload":{"total": 8.00}"#), "{}", placed.text);
    let id = placed.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(service.get(&format!("/events/{id}")).expect(200).text, placed.text);
    assert_eq!(service.post("/events/", body).expect(409).json()["actual"], 1);
    let paid = |number: i64| event("ö-1", "order.paid", json!({ "number": number }));
    service.send("POST", "/events/", &[("if-match", "\"7\"")], paid(0)).expect(412);
    let key = [("idempotency-key", "k-1")];
    let first = service.send("POST", "/events/", &key, paid(1)).expect(201).text;
    assert_eq!(service.send("POST", "/events/", &key, paid(1)).expect(200).text, first);
    service.send("POST", "/events/", &key, paid(2)).expect(409);
    let batch: Vec<Value> =
        (0..30).map(|number| event(&format!("b-{}", number % 3), "order.moved", json!({}))).collect();
    assert_eq!(service.post("/events/batch", Value::from(batch)).expect(201).json().as_array().unwrap().len(), 30);
    let mut wrong = vec![event("c-1", "order.moved", json!({})), event("c-1", "order.moved", json!({}))];
    wrong[1]["expected_version"] = json!(9);
    service.post("/events/batch", Value::from(wrong)).expect(409);
    service.get("/streams/order/c-1").expect(404);
    assert_eq!(following.positions(32), (1..=32).collect::<Vec<i64>>());
    let mut next = Some("/events/?event_type=order.moved&event_type=order.paid&limit=7".to_owned());
    let mut positions = Vec::new();
    while let Some(path) = next {
        let page = service.get(&path).expect(200);
        positions.extend(page.json().as_array().unwrap().iter().map(|event| event["position"].as_i64().unwrap()));
        next = page.header("link").strip_prefix('<').and_then(|link| Some(link.split_once('>')?.0.to_owned()));
    }
    assert_eq!(positions, (2..=32).collect::<Vec<i64>>());
    let stream = service.get("/streams/order/%C3%B6-1").expect(200);
    assert_eq!((stream.header("etag"), stream.json().as_array().unwrap().len()), ("\"2\"", 2));
    let state = service.get("/streams/order/%C3%B6-1/state").expect(200);
    assert!(state.text.contains(r#""state":{"total":8.00,"number":1}"#), "{}", state.text);
    let then = service.get("/streams/order/%C3%B6-1/state?at=1").expect(200).json();
    assert_eq!(then["state"].as_object().unwrap().len(), 1, "{then}");
    service.get("/streams/order/nobody/state").expect(404);
    service.put("/snapshots/order/b-1", r#"{"version": 2, "state": {"n": 1.0}}"#).expect(200);
    assert!(service.get("/snapshots/order/b-1").expect(200).text.contains(r#"{"n": 1.0}"#));
    service.put("/schemas/order.paid/1", json!({"properties": {"number": {"minimum": 1}}})).expect(200);
    let misfit = service.post("/events/", paid(0)).expect(422).json();
    assert_eq!(misfit["errors"][0]["pointer"], "/number");
    service.post("/archive", json!({"aggregate_type": "order"})).expect(501);
    service.get("/readyz").expect(200);
    assert!(service.get("/metrics").expect(200).text.contains("eventscope_events_appended_total 32"));
    service.restart(&["--read-only"]);
    service.post("/events/", body).expect(405);
    assert_eq!(service.get("/events/?order=desc&limit=1").expect(200).json()[0]["position"], 32);
}

/// The service is killed, and the server is restarted, while clients append and one follows.
#[test]
fn no_acknowledged_event_is_lost_on_a_server() {
    let Some(mut cluster) = cluster("no_acknowledged_event_is_lost_on_a_server", "fsync = on") else { return };
    let database = cluster.database("shop");
    let mut service = served(&database, &[]);
    let load = Load::begin(&service);
    for time in 0..9_u64 {
        std::thread::sleep(Duration::from_millis(150 + time * 37));
        if time % 3 == 2 {
            cluster.stop();
            cluster.run();
            assert_eq!(cluster.port, database.port);
        } else {
            service.restart(&[]);
            load.goes_on(&service);
        }
    }
    let store = open_store(&Address::parse(&database.url()).unwrap()).unwrap();
    load.end(&service, &store, 20);
}
