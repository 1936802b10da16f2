//! The service: who may ask what, from where, and how it is ended.

use std::fs;
use std::io::{Read, Write};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::service::{Service, event, is_there, program};

const READ: &str = "reader-0123456789abcdef";
const APPEND: &str = "writer-0123456789abcdef";
const ADMIN: &str = "admin-0123456789abcdef";

fn tokens() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("read {READ}\nappend {APPEND}\nadmin {ADMIN}\n")).unwrap();
    file
}

#[test]
fn other_addresses_are_refused_without_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    assert!(Command::new(program()).arg("new").arg(&file).output().unwrap().status.success());
    let output = Command::new(program()).arg("serve").arg(&file).args(["--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--token-file"), "{said}");
}

#[test]
fn a_token_is_good_for_what_it_says_and_tokens_are_read_again() {
    let file = tokens();
    let mut service = Service::new(&["--token-file", file.path().to_str().unwrap()]);
    let body = event("ord-1", "order.placed", json!({}));
    let bearer = |token: &str| format!("Bearer {token}");
    let post = |token: &str| service.send("POST", "/events/", &[("Authorization", &bearer(token))], &body);
    let get = |token: &str| service.get_with("/events/", &[("Authorization", &bearer(token))]);
    let schema = |token: &str| service.send("PUT", "/schemas/a/1", &[("Authorization", &bearer(token))], "{}");
    let refused = service.get("/events/").expect(401);
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    service.get("/metrics").expect(401);
    service.get("/healthz").expect(200);
    service.get("/readyz").expect(200);
    get("wrong-0123456789abcdef").expect(401);
    get(READ).expect(200);
    post(READ).expect(403);
    post(APPEND).expect(201);
    get(APPEND).expect(200);
    schema(APPEND).expect(403);
    schema(ADMIN).expect(200);

    fs::write(file.path(), "append new-token-0123456789\n").unwrap();
    service.signal("HUP");
    service.said("read again");
    get(READ).expect(401);
    post("new-token-0123456789").expect(201);
    fs::write(file.path(), "apend other-token-0123456789\n").unwrap();
    service.signal("HUP");
    let said = service.said("stay as they were");
    assert!(!said.contains("other-token"), "{said}");
    post("new-token-0123456789").expect(201);
    service.end();
}

#[test]
fn no_page_of_another_site_reaches_it() {
    let service = Service::new(&[]);
    let host = service.url.strip_prefix("http://").unwrap().to_owned();
    let status = |headers: &str| {
        let answer = service.raw(&format!("GET /events/ HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"));
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(status(&format!("Host: {host}\r\n")), "200");
    assert_eq!(status("Host: evil.example\r\n"), "421");
    assert_eq!(status(&format!("Host: evil.example:{}\r\n", host.rsplit(':').next().unwrap())), "421");
    assert_eq!(status(&format!("Host: {host}\r\nOrigin: http://evil.example\r\n")), "403");
    assert_eq!(status(&format!("Host: {host}\r\nOrigin: null\r\n")), "403");
    assert_eq!(status(&format!("Host: {host}\r\nSec-Fetch-Site: cross-site\r\n")), "403");
    let body = event("ord-1", "order.placed", json!({}));
    let sent = service.send("POST", "/events/", &[("Origin", "http://evil.example")], &body).expect(403);
    assert!(sent.headers.get("access-control-allow-origin").is_none());
    assert!(service.get("/events/").json().as_array().unwrap().is_empty());
}

#[test]
fn any_database_is_served_to_be_read_only() {
    let fixture = |name: &str| format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emmett.db");
    fs::copy(fixture("node_emmett_0_42.db"), &file).unwrap();
    let before = fs::read(&file).unwrap();
    let service = Service::of(folder, file.clone(), &["--read-only"]);
    let events = service.get("/events/?limit=1000").expect(200).json();
    let events = events.as_array().unwrap();
    assert!(events.len() > 10);
    let positions: Vec<i64> = events.iter().map(|event| event["position"].as_i64().unwrap()).collect();
    let third = &events[2];
    let (stream_type, id) = (third["aggregate_type"].as_str().unwrap(), third["aggregate_id"].as_str().unwrap());
    let stream_type = if stream_type.is_empty() { "-" } else { stream_type };
    assert_eq!(service.get(&format!("/events/{}", third["id"].as_str().unwrap())).expect(200).json(), *third);
    let stream = service.get(&format!("/streams/{stream_type}/{id}")).expect(200);
    assert!(stream.json().as_array().unwrap().contains(third));
    let state = service.get(&format!("/streams/{stream_type}/{id}/state")).expect(200);
    assert_eq!(state.header("etag"), stream.header("etag"));
    let one_type = third["event_type"].as_str().unwrap();
    let of_type = service.get(&format!("/events/?limit=1000&event_type={one_type}")).expect(200).json();
    assert!(of_type.as_array().unwrap().iter().all(|event| event["event_type"] == one_type));
    let expected: Vec<_> = events.iter().filter(|event| event["event_type"] == one_type).collect();
    assert_eq!(of_type.as_array().unwrap().iter().collect::<Vec<_>>(), expected);
    let newest = service.get("/events/?order=desc&limit=2&offset=1").expect(200).json();
    let last = service.get("/events/?order=desc&limit=2").expect(200).json();
    assert_eq!(newest[0], last[1]);
    assert!(last[0]["position"].as_i64().unwrap() >= positions[positions.len() - 1]);
    let mut following = service.follow("/events/stream?from_position=0", &[]);
    assert_eq!(following.positions(positions.len()), positions);
    service.post("/events/", event("a", "b", json!({}))).expect(405);
    service.put("/snapshots/a/b", json!({"version": 1, "state": {}})).expect(405);
    service.post("/archive", json!({"closed": "*"})).expect(405);
    drop(service);
    assert_eq!(fs::read(&file).unwrap_or(before.clone()), before, "not a byte of it is changed");
}

#[test]
fn ending_it_finishes_what_was_begun() {
    let mut service = Service::new(&[]);
    let body = event("ord-1", "order.placed", json!({})).to_string();
    let host = service.url.strip_prefix("http://").unwrap();
    let mut stream = service.connect();
    let (first, second) = body.split_at(20);
    let length = body.len();
    let head = format!(
        "POST /events/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{first}").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    service.signal("TERM");
    service.said("ending");
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(service.wait().success());
    let store = eventscope::store::EventStore::open(&service.file).unwrap();
    assert_eq!(store.read_all(None, 10).unwrap().len(), 1);
}

#[test]
fn it_is_served_over_tls() {
    if !is_there(&["openssl", "curl"], "it_is_served_over_tls") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", &key, "-out", &cert])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let service = Service::new(&["--cert", &cert, "--key", &key]);
    assert!(service.url.starts_with("https://"));
    let curl = |arguments: &[&str]| {
        let output = Command::new("curl").args(["-s", "--cacert", &cert]).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let url = format!("{}/events/", service.url);
    let body = event("ord-1", "order.placed", json!({})).to_string();
    let created = curl(&["-H", "Content-Type: application/json", "-d", &body, &url]);
    assert!(created.contains("\"position\":1"), "{created}");
    assert_eq!(curl(&[&url]), format!("[{created}]"));
    let plain =
        service.raw(&format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", service.url.rsplit('/').next().unwrap()));
    assert!(!plain.contains("200"), "{plain}");
    let output = Command::new(program())
        .arg("serve")
        .arg(&service.file)
        .args(["--listen", "127.0.0.1:0"])
        .args(["--cert", &key, "--key", &cert])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
