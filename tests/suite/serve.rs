//! The service: appending events and reading them, with a client as any other program has one.

use std::process::Command;

use serde_json::{Value, json};

use crate::service::{Service, event, program};

const ID: &str = "0190a0b0-1111-7222-8333-444455556666";

#[test]
fn an_event_goes_in_and_comes_out_with_every_digit() {
    let service = Service::new(&[]);
    let payload = r#"{"price": 8.00, "long": 123456789012345678901234567890, "small": 1e-400, "b": 1, "a": [ ]}"#;
    let body = format!(
        r#"{{"event_type": "order.placed", "aggregate_type": "order", "aggregate_id": "ord-1",
             "payload": {payload}, "metadata": {{"correlation_id": "c-1", "rate": 1.10}}, "version": 2}}"#
    );
    let created = service.post("/events/", &body).expect(201);
    assert!(created.text.contains(&format!("\"payload\":{payload},")), "{}", created.text);
    assert!(created.text.contains("\"metadata\":{\"correlation_id\": \"c-1\", \"rate\": 1.10}"), "{}", created.text);
    let stored = created.json();
    let fields: Vec<&str> = stored.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "event_type",
        "aggregate_type",
        "aggregate_id",
        "payload",
        "metadata",
        "version",
        "created_at",
        "stream_version",
        "position",
    ];
    assert_eq!(fields, expected);
    assert_eq!((&stored["version"], &stored["stream_version"], &stored["position"]), (&json!(2), &json!(1), &json!(1)));
    assert!(stored["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(created.header("etag"), "\"1\"");
    let found = service.get(created.header("location")).expect(200);
    assert_eq!(found.text, created.text, "byte for byte");
    assert_eq!(service.get("/events/?correlation_id=c-1").text, format!("[{}]", created.text));
    assert_eq!(service.get("/streams/order/ord-1").text, format!("[{}]", created.text));
}

#[test]
fn what_the_stream_has_to_be_at_is_said_in_a_field_or_a_header() {
    let service = Service::new(&[]);
    let append = |expected: Value| {
        let mut body = event("ord-1", "order.placed", json!({}));
        body["expected_version"] = expected;
        service.post("/events/", body)
    };
    append(json!("exists")).expect(409);
    append(json!("none")).expect(201);
    let refused = append(json!("none")).expect(409).json();
    assert_eq!((&refused["actual"], &refused["expected"]), (&json!(1), &json!("none")));
    assert!(refused["hint"].as_str().unwrap().contains("Read the stream again"));
    append(json!(1)).expect(201);
    append(json!("any")).expect(201);
    append(json!("exists")).expect(201);
    assert_eq!(append(json!(1)).expect(409).json()["actual"], 4);
    append(json!("soon")).expect(422);

    let etag = service.get("/streams/order/ord-1").header("etag").to_owned();
    let conditionally =
        |name, value: &str| service.send("POST", "/events/", &[(name, value)], event("ord-1", "order.paid", json!({})));
    conditionally("If-Match", &etag).expect(201);
    assert_eq!(conditionally("If-Match", &etag).expect(412).json()["actual"], 5);
    conditionally("If-Match", "*").expect(201);
    conditionally("If-None-Match", "*").expect(412);
    conditionally("If-Match", "\"soon\"").expect(422);
    assert_eq!(service.get_with("/streams/order/ord-1", &[("If-None-Match", "\"6\"")]).status, 304);
}

#[test]
fn a_request_is_safe_to_repeat() {
    let service = Service::new(&[]);
    let mut body = event("ord-1", "order.placed", json!({"total": 8.00}));
    body["id"] = json!(ID);
    body["expected_version"] = json!("none");
    let first = service.post("/events/", &body).expect(201);
    let again = service.post("/events/", &body).expect(200);
    assert_eq!(first.text, again.text);
    body["id"] = json!(ID.to_uppercase());
    service.post("/events/", &body).expect(200);
    body["payload"] = json!({"total": 9});
    let other = service.post("/events/", &body).expect(409).json();
    assert_eq!(other["type"], "urn:eventscope:problem:repeated");
    body["id"] = json!("ord-1");
    service.post("/events/", &body).expect(422);

    let keyed = |key: &str, total: i64| {
        let body = event("ord-2", "order.placed", json!({"total": total}));
        service.send("POST", "/events/", &[("Idempotency-Key", key)], body)
    };
    let first = keyed("k-1", 1).expect(201);
    assert_eq!(keyed("k-1", 1).expect(200).text, first.text);
    keyed("k-1", 2).expect(409);
    keyed("k-2", 1).expect(201);
    assert_eq!(service.get("/streams/order/ord-2").json().as_array().unwrap().len(), 2);
}

#[test]
fn a_batch_is_appended_whole_or_not_at_all() {
    let service = Service::new(&[]);
    let batch =
        |ids: &[&str]| Value::from(ids.iter().map(|id| event(id, "order.placed", json!({}))).collect::<Vec<_>>());
    let appended = service.post("/events/batch", batch(&["a", "a", "b", "a"])).expect(201).json();
    let places: Vec<(&str, i64, i64)> = appended
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let number = |name: &str| event[name].as_i64().unwrap();
            (event["aggregate_id"].as_str().unwrap(), number("stream_version"), number("position"))
        })
        .collect();
    assert_eq!(places, [("a", 1, 1), ("a", 2, 2), ("b", 1, 3), ("a", 3, 4)]);

    let mut refused = batch(&["c", "a"]);
    refused[1]["expected_version"] = json!("none");
    let problem = service.post("/events/batch", refused).expect(409).json();
    assert_eq!((&problem["event"], &problem["actual"]), (&json!(1), &json!(3)));
    service.get("/streams/order/c").expect(404);

    let send = |body: Value| service.send("POST", "/events/batch", &[("Idempotency-Key", "batch-1")], body);
    let first = send(batch(&["d", "e"])).expect(201);
    assert_eq!(send(batch(&["d", "e"])).expect(200).text, first.text);
    send(batch(&["d", "e", "f"])).expect(409);
    send(batch(&["d"])).expect(409);
    assert_eq!(service.post("/events/batch", json!([])).expect(200).text, "[]");
    let mut twice = batch(&["g", "g"]);
    (twice[0]["id"], twice[1]["id"]) = (json!(ID), json!(ID));
    service.post("/events/batch", twice).expect(422);
}

#[test]
fn lists_are_filtered_and_paged_by_links() {
    let service = Service::new(&[]);
    for number in 0..25 {
        let kind = if number % 2 == 0 { "order.placed" } else { "order.paid" };
        let mut body = event(&format!("ord-{}", number % 3), kind, json!({ "n": number }));
        if number == 7 {
            body["aggregate_type"] = json!("a b&ü");
        }
        service.post("/events/", body).expect(201);
    }
    let positions = |path: &str| -> Vec<i64> {
        let events = service.get(path).expect(200).json();
        events.as_array().unwrap().iter().map(|event| event["position"].as_i64().unwrap()).collect()
    };
    assert_eq!(positions("/events/?limit=3&order=desc"), [25, 24, 23]);
    assert_eq!(positions("/events?event_type=order.paid&limit=3&offset=1"), [4, 6, 8]);
    assert_eq!(positions("/events/?event_type=order.paid&event_type=order.placed&limit=2"), [1, 2]);
    assert_eq!(positions("/events/?aggregate_type=order&aggregate_id=ord-1&from_position=9&limit=2"), [11, 14]);
    let moment = |position: usize| {
        let events = service.get("/events/").json();
        events[position - 1]["created_at"].as_str().unwrap().to_owned()
    };
    assert_eq!(positions(&format!("/events/?after={}&before={}", moment(3), moment(6))), [4, 5]);
    for query in ["limit=4", "limit=4&order=desc", "limit=2&event_type=order.paid", "limit=1&aggregate_id=ord-0"] {
        let whole = positions(&format!("/events/?{}", query.split_once('&').map_or("", |(_, rest)| rest)));
        let (mut path, mut paged) = (format!("/events/?{query}"), Vec::new());
        loop {
            paged.extend(positions(&path));
            let answer = service.get(&path);
            let link = answer.header("link");
            let Some(next) = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")) else {
                break;
            };
            path = next.to_owned();
        }
        assert_eq!(paged, whole, "{query}");
    }
    let page = service.get("/streams/order/ord-1?limit=3&from_version=2").expect(200);
    let versions: Vec<i64> =
        page.json().as_array().unwrap().iter().map(|e| e["stream_version"].as_i64().unwrap()).collect();
    assert_eq!(versions, [2, 3, 4]);
    assert!(page.header("link").contains("from_version=5"), "{}", page.header("link"));
    service.get("/events/?limit=1001").expect(422);
    let unknown = service.get("/events/?agregate_type=order").expect(422).json();
    assert!(unknown["detail"].as_str().unwrap().contains("`agregate_type`"));
    service.get(&format!("/events/{ID}")).expect(404);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
    let service = Service::new(&[]);
    let mut body = event("ord-1", "order.placed", json!({}));
    body["colour"] = json!(1);
    let unknown = service.post("/events/", &body).expect(422).json();
    assert!(unknown["detail"].as_str().unwrap().contains("unknown field `colour`"), "{unknown}");
    assert!(unknown["where"].as_str().unwrap().contains("column"));
    let given = event("ord-1", "order.placed", json!({}));
    let mut given_by_store = given.clone();
    given_by_store["created_at"] = json!("2026-01-01T00:00:00Z");
    let refused = service.post("/events/", given_by_store).expect(422).json();
    assert!(refused["hint"].as_str().unwrap().contains("the store's to give"));
    service.post("/events/", "{").expect(400);
    service.post("/events/", r#"{"event_type":"a"}"#).expect(422);
    service.send("POST", "/events/", &[("Content-Type", "text/plain")], &given).expect(415);
    service.post("/events/?dry=1", &given).expect(422);
    service.get("/nothing").expect(404);
    let wrong_method = service.put("/events/", "{}").expect(405);
    assert!(wrong_method.header("allow").contains("POST"));

    let mut large = given.clone();
    large["payload"] = json!("x".repeat(1 << 20));
    service.post("/events/", large).expect(413);
    let batch = Value::from(vec![given.clone(); 1_001]);
    service.post("/events/batch", batch).expect(413);
    let deep = |depth: usize| {
        let payload = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        given.to_string().replace("\"payload\":{}", &format!("\"payload\":{payload}"))
    };
    service.post("/events/", deep(100)).expect(201);
    let too_deep = service.post("/events/", deep(500)).expect(422).json();
    assert!(too_deep["hint"].as_str().unwrap().contains("Nothing was written"), "{too_deep}");
    assert_eq!(service.get("/events/").json().as_array().unwrap().len(), 1);
}

#[test]
fn slow_senders_are_not_waited_for() {
    let service = Service::new(&["--timeout", "0.4"]);
    let host = service.url.strip_prefix("http://").unwrap();
    let half = format!(
        "POST /events/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{{\"event"
    );
    let answer = service.raw(&half);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(service.raw("GET /healthz HTTP/1.1\r\nHo").is_empty(), "it is let go");
    service.get("/healthz").expect(200);
}

#[test]
fn a_state_is_folded_with_what_was_given_and_says_by_what() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(
        &rules,
        "[aggregate.order.on]\n\"order.placed\" = '.total = $event.data.total'\n\"order.paid\" = '.paid = true'\n",
    )
    .unwrap();
    let service = Service::new(&["--reducers", rules.to_str().unwrap()]);
    for (event_type, payload) in
        [("order.placed", json!({"total": 1})), ("order.paid", json!({})), ("order.sent", json!({}))]
    {
        service.post("/events/", event("ord-1", event_type, payload)).expect(201);
    }
    let state = service.get("/streams/order/ord-1/state?at=2").expect(200);
    assert_eq!(state.header("etag"), "\"2\"");
    let state = state.json();
    assert_eq!((&state["state"], &state["version"]), (&json!({"total": 1, "paid": true}), &json!(2)));
    assert_eq!(state["rule"], "order.paid");
    assert!(state["reducers"].as_str().unwrap().contains("your rules"), "{state}");
    let last = service.get("/streams/order/ord-1/state").expect(200).json();
    assert_eq!(
        (&last["version"], &last["unhandled"], &last["rule"]),
        (&json!(3), &json!(["order.sent"]), &Value::Null)
    );
    service.get("/streams/order/ord-1/state?at=9").expect(404);
    service.get("/streams/order/ord-2/state").expect(404);
}

#[test]
fn many_clients_append_at_once_and_none_is_lost() {
    let service = Service::new(&[]);
    std::thread::scope(|scope| {
        for client in 0..16 {
            let service = &service;
            scope.spawn(move || {
                for number in 0..25 {
                    let stream = format!("ord-{}", number % 5);
                    service
                        .post("/events/", event(&stream, "order.placed", json!({"c": client, "n": number})))
                        .expect(201);
                }
            });
        }
    });
    let events = service.get("/events/?limit=1000").json();
    let positions: Vec<i64> = events.as_array().unwrap().iter().map(|e| e["position"].as_i64().unwrap()).collect();
    assert_eq!(positions, (1..=400).collect::<Vec<_>>());
    let metrics = service.get("/metrics").expect(200).text;
    assert!(metrics.lines().any(|line| line == "eventscope_events_appended_total 400"), "{metrics}");
    let commits: u64 =
        metrics.lines().find_map(|line| line.strip_prefix("eventscope_commits_total ")).unwrap().parse().unwrap();
    assert!(commits < 400, "{commits} commits: requests share them");
}

#[test]
fn a_file_that_cannot_be_served_is_told_from_one_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = format!("{}/tests/fixtures/node_emmett_0_42.db", env!("CARGO_MANIFEST_DIR"));
    let foreign = folder.path().join("foreign.db");
    std::fs::copy(fixture, &foreign).unwrap();
    for (file, hint) in [(folder.path().join("none.db"), "eventscope new"), (foreign, "--read-only")] {
        let output =
            Command::new(program()).arg("serve").arg(&file).args(["--listen", "127.0.0.1:0"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(hint), "{said}");
    }
}

#[test]
fn a_page_ends_early_where_its_events_are_long_and_nothing_is_missed() {
    let service = Service::new(&[]);
    let long = "x".repeat(700 << 10);
    for number in 0..30 {
        let payload = json!({"number": number, "long": if number % 10 == 9 { "" } else { &long }});
        service.post("/events/", event("ord-1", "order.placed", payload)).expect(201);
    }
    for first in ["/events/?limit=1000", "/streams/order/ord-1?limit=1000", "/events/?limit=1000&order=desc"] {
        let (mut next, mut positions, mut pages) = (Some(first.to_owned()), Vec::new(), 0);
        while let Some(path) = next {
            let page = service.get(&path).expect(200);
            assert!(page.text.len() < 9 << 20, "{} bytes", page.text.len());
            positions.extend(page.json().as_array().unwrap().iter().map(|event| event["position"].as_i64().unwrap()));
            pages += 1;
            next = page.header("link").strip_prefix('<').and_then(|link| Some(link.split_once('>')?.0.to_owned()));
        }
        if first.ends_with("desc") {
            positions.reverse();
        }
        assert_eq!(positions, (1..=30).collect::<Vec<i64>>(), "{first}");
        assert!((3..=5).contains(&pages), "{first}: {pages} pages");
    }
    assert_eq!(service.follow("/events/stream?from_position=1", &[]).positions(30), (1..=30).collect::<Vec<i64>>());
}
