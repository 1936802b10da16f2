//! Publishing to a Redis that is real, killed and started again: what an independent subscriber hears is held against what
//! is stored.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use serde_json::{Value, json};

use crate::service::{Service, event, is_there, program};

const NEEDED: &[&str] = &["redis-server", "redis-cli"];

/// A Redis of the test's own, which keeps nothing.
struct Redis {
    port: u16,
    child: Child,
    folder: tempfile::TempDir,
    arguments: Vec<String>,
}

impl Redis {
    fn start(arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let child = Self::spawn(port, &folder, &arguments);
        Self { port, child, folder, arguments }
    }

    /// With a certificate it listens for clients with TLS, else for those without.
    fn spawn(port: u16, folder: &tempfile::TempDir, arguments: &[String]) -> Child {
        let listens_for = if arguments.iter().any(|argument| argument == "--tls-cert-file") {
            ["--port", "0", "--tls-port", &port.to_string()].map(str::to_owned).to_vec()
        } else {
            ["--port", &port.to_string()].map(str::to_owned).to_vec()
        };
        let child = Command::new("redis-server")
            .args(listens_for)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(folder.path())
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "Redis does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn restart(&mut self) {
        self.child = Self::spawn(self.port, &self.folder, &self.arguments);
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn cli(&self, arguments: &[&str]) -> String {
        let output = Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Subscribes to a pattern of channels with `redis-cli`, and answers once it is subscribed.
    fn subscribe(&self, pattern: &str) -> Subscriber {
        let mut child = Command::new("redis-cli")
            .args(["-p", &self.port.to_string(), "psubscribe", pattern])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, heard) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                sender.send(line).ok();
            }
        });
        let subscriber = Subscriber { child, heard };
        while subscriber.line() != "1" {}
        subscriber
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

struct Subscriber {
    child: Child,
    heard: Receiver<String>,
}

impl Subscriber {
    fn line(&self) -> String {
        self.heard.recv_timeout(Duration::from_mins(1)).expect("a message")
    }

    /// The channel and the text of the next message.
    fn message(&self) -> (String, String) {
        while self.line() != "pmessage" {}
        let _pattern = self.line();
        (self.line(), self.line())
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn append(service: &Service, from: i64, count: i64) {
    for start in (from..from + count).step_by(500) {
        let of =
            |number: i64| event(&format!("ord-{}", number % 7), "order.placed", json!({"n": number, "price": 1.10}));
        let events: Vec<Value> = (start..(start + 500).min(from + count)).map(of).collect();
        service.post("/events/batch", Value::from(events)).expect(201);
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn metric(service: &Service, name: &str) -> i64 {
    let text = service.get("/metrics").text;
    let value = text.lines().find_map(|line| line.strip_prefix(&format!("eventscope_{name} "))?.parse().ok());
    value.unwrap_or_else(|| panic!("{name} in {text}"))
}

#[test]
fn what_is_published_is_the_event_as_it_is_read() {
    if !is_there(NEEDED, "what_is_published_is_the_event_as_it_is_read") {
        return;
    }
    let redis = Redis::start(&[]);
    let subscriber = redis.subscribe("events:*");
    let service = Service::new(&["--redis", &redis.url(), "--redis-stream", "all", "--redis-keep", "1000"]);
    let body =
        r#"{"event_type":"order.placed","aggregate_type":"order","aggregate_id":"ö-1","payload":{"price": 8.00}}"#;
    let stored = service.post("/events/", body).expect(201).text;
    assert_eq!(subscriber.message(), ("events:order".to_owned(), stored.clone()));
    let mut other = event("acc-1", "account.opened", json!({}));
    other["aggregate_type"] = json!("account");
    service.post("/events/", other).expect(201);
    assert_eq!(subscriber.message().0, "events:account");
    until("the stream has both", || redis.cli(&["XLEN", "all"]).trim() == "2");
    assert!(redis.cli(&["--raw", "XRANGE", "all", "-", "+"]).lines().any(|line| line == stored));
    until("it is remembered", || {
        let store = eventscope::store::EventStore::open_read_only(&service.file).unwrap();
        store.checkpoint("redis").unwrap() == Some(2)
    });
    assert_eq!((metric(&service, "redis_lag"), metric(&service, "redis_published_total")), (0, 2));
}

#[test]
fn nothing_is_lost_while_redis_is_away_and_nobody_waits_for_it() {
    if !is_there(NEEDED, "nothing_is_lost_while_redis_is_away_and_nobody_waits_for_it") {
        return;
    }
    let mut redis = Redis::start(&[]);
    let mut service = Service::new(&["--redis", &redis.url(), "--redis-stream", "all", "--redis-keep", "1000000"]);
    append(&service, 1, 1_000);
    until("the first are published", || metric(&service, "redis_published_total") == 1_000);
    redis.kill();
    let started = Instant::now();
    append(&service, 1_001, 2_000);
    assert!(started.elapsed() < Duration::from_secs(20));
    until("it is known that Redis is away", || metric(&service, "redis_connected") == 0);
    assert_eq!(metric(&service, "redis_lag"), 2_000);
    redis.restart();
    let subscriber = redis.subscribe("events:order");
    let mut heard = Vec::new();
    while heard.last() != Some(&3_000) {
        let event: Value = serde_json::from_str(&subscriber.message().1).unwrap();
        heard.push(event["position"].as_i64().unwrap());
    }
    // The subscriber may have come a moment later than the service did.
    let first = heard[0];
    assert_eq!(heard, (first..=3_000).collect::<Vec<_>>(), "in order, and each");
    assert_eq!(redis.cli(&["XLEN", "all"]).trim(), "2000", "all that the restarted one was given");
    service.signal("TERM");
    assert!(service.wait().success());
    service.restart(&["--redis", &redis.url()]);
    append(&service, 3_001, 1);
    let event: Value = serde_json::from_str(&subscriber.message().1).unwrap();
    assert_eq!(event["position"], 3_001, "it goes on where it was");
}

#[test]
fn a_hundred_thousand_events_reach_a_subscriber_in_order() {
    if !is_there(NEEDED, "a_hundred_thousand_events_reach_a_subscriber_in_order") {
        return;
    }
    let redis = Redis::start(&["--client-output-buffer-limit", "pubsub 1mb 512kb 2"]);
    let subscriber = redis.subscribe("events:order");
    // One that is subscribed and never reads: Redis lets go of it.
    let mut slow = std::net::TcpStream::connect(("127.0.0.1", redis.port)).unwrap();
    std::io::Write::write_all(&mut slow, b"SUBSCRIBE events:order\r\n").unwrap();
    let service = Service::new(&["--redis", &redis.url()]);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for batch in 0..50 {
                append(&service, batch * 2_000, 2_000);
            }
        });
        for expected in 1..=100_000_i64 {
            let event: Value = serde_json::from_str(&subscriber.message().1).unwrap();
            assert_eq!(event["position"], expected);
        }
    });
    drop(slow);
}

#[test]
fn a_password_is_used_and_never_said() {
    if !is_there(NEEDED, "a_password_is_used_and_never_said") {
        return;
    }
    let redis = Redis::start(&["--requirepass", "open-sesame"]);
    let wrong = format!("redis://:wrong-secret@127.0.0.1:{}", redis.port);
    let mut service = Service::new(&["--redis", &wrong]);
    append(&service, 1, 1);
    let said = service.said("Redis:");
    assert!(!said.contains("wrong-secret"), "{said}");
    service.restart(&["--redis", &format!("redis://:open-sesame@127.0.0.1:{}/3", redis.port)]);
    until("it is published", || metric(&service, "redis_published_total") == 1);
}

#[test]
fn a_database_that_is_only_read_is_published_from_a_checkpoint_of_its_own() {
    if !is_there(NEEDED, "a_database_that_is_only_read_is_published_from_a_checkpoint_of_its_own") {
        return;
    }
    let redis = Redis::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emmett.db");
    std::fs::copy(format!("{}/tests/fixtures/node_emmett_0_42.db", env!("CARGO_MANIFEST_DIR")), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    let publish = || {
        let output = Command::new(program())
            .arg("publish")
            .arg(&file)
            .args(["--redis", &redis.url(), "--redis-stream", "all", "--once", "--json"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["published"].as_u64().unwrap()
    };
    let first = publish();
    assert!(first > 10);
    assert_eq!(redis.cli(&["XLEN", "all"]).trim(), first.to_string());
    assert_eq!(publish(), 0, "it goes on where it was");
    assert_eq!(std::fs::read(&file).unwrap(), before, "not a byte of it is changed");
    assert!(folder.path().join("emmett.db.redis-checkpoint").exists());
}

#[test]
fn a_live_database_is_published_as_it_grows() {
    if !is_there(NEEDED, "a_live_database_is_published_as_it_grows") {
        return;
    }
    let redis = Redis::start(&[]);
    let subscriber = redis.subscribe("events:*");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let mut store = eventscope::store::EventStore::create(&file).unwrap();
    let mut publishing = Command::new(program())
        .arg("publish")
        .arg(&file)
        .args(["--redis", &redis.url()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    for number in 1..=50_i64 {
        let event = NewEvent::new("order.placed", json!({"n": number}));
        store.append(&StreamName::new("order", "ord-1"), ExpectedVersion::Any, &[event]).unwrap();
        let heard: Value = serde_json::from_str(&subscriber.message().1).unwrap();
        assert_eq!(heard["position"], number);
    }
    assert!(Command::new("kill").arg(publishing.id().to_string()).status().unwrap().success());
    assert!(publishing.wait().unwrap().success(), "it ends when it is told to");
    assert_eq!(store.checkpoints().unwrap(), [], "nothing is written to the database");
}

/// A certificate authority of the test's own, and what it has signed: for the server and for a client.
struct Certificates(tempfile::TempDir);

impl Certificates {
    fn make() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        let (ca, ca_key) = (made.path("ca.pem"), made.path("ca.key"));
        openssl(
            &["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority"],
            &["-keyout", &ca_key, "-out", &ca],
        );
        for name in ["server", "client"] {
            let (cert, key, request) =
                (made.path(&format!("{name}.pem")), made.path(&format!("{name}.key")), made.path("request"));
            let subject = format!("/CN={name}");
            openssl(
                &["req", "-newkey", "rsa:2048", "-nodes", "-subj", &subject],
                &["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", &key, "-out", &request],
            );
            openssl(
                &["x509", "-req", "-days", "2", "-copy_extensions", "copy", "-in", &request],
                &["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-out", &cert],
            );
        }
        made
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}

fn openssl(what: &[&str], with: &[&str]) {
    let made = Command::new("openssl").args(what).args(with).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn redis_is_reached_over_tls_by_a_user_of_its_own() {
    if !is_there(&["redis-server", "redis-cli", "openssl"], "redis_is_reached_over_tls_by_a_user_of_its_own") {
        return;
    }
    let made = Certificates::make();
    let (ca, cert, key) = (made.path("ca.pem"), made.path("client.pem"), made.path("client.key"));
    let redis = Redis::start(&[
        "--tls-ca-cert-file",
        &ca,
        "--tls-cert-file",
        &made.path("server.pem"),
        "--tls-key-file",
        &made.path("server.key"),
        "--user",
        "publisher",
        "on",
        ">open-sesame",
        "~*",
        "&*",
        "+@all",
        "--user",
        "default",
        "off",
    ]);
    let cli = |arguments: &[&str]| {
        let output = Command::new("redis-cli")
            .args(["-p", &redis.port.to_string(), "--tls", "--cacert", &ca, "--cert", &cert, "--key", &key])
            .args(["--user", "publisher", "--pass", "open-sesame", "--no-auth-warning"])
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    until("Redis answers over TLS", || cli(&["PING"]) == "PONG");
    let url = format!("rediss://publisher:open-sesame@127.0.0.1:{}", redis.port);
    let with_all =
        ["--redis", &url, "--redis-stream", "all", "--redis-ca", &ca, "--redis-cert", &cert, "--redis-key", &key];
    let mut service = Service::new(&with_all);
    append(&service, 1, 3);
    until("all are published", || metric(&service, "redis_published_total") == 3);
    assert_eq!(cli(&["XLEN", "all"]), "3");
    // What is not remembered yet would come once more.
    until("it is remembered", || {
        let store = eventscope::store::EventStore::open_read_only(&service.file).unwrap();
        store.checkpoint("redis").unwrap() == Some(3)
    });
    // Who does not know the authority does not trust the server, and sends it no password.
    service.restart(&["--redis", &url, "--redis-cert", &cert, "--redis-key", &key]);
    append(&service, 4, 1);
    let said = service.said("Redis:");
    assert!(said.contains("certificate") || said.contains("UnknownIssuer"), "{said}");
    // Redis knows its clients as well.
    service.restart(&["--redis", &url, "--redis-ca", &ca]);
    service.said("Redis:");
    let wrong = format!("rediss://publisher:another-secret@127.0.0.1:{}", redis.port);
    service.restart(&["--redis", &wrong, "--redis-ca", &ca, "--redis-cert", &cert, "--redis-key", &key]);
    let said = service.said("Redis:");
    assert!(!said.contains("another-secret"), "{said}");
    service.restart(&with_all);
    until("it goes on where it was", || cli(&["XLEN", "all"]) == "4");
    let plain = Command::new(program())
        .args(["serve", service.file.to_str().unwrap(), "--listen", "127.0.0.1:0"])
        .args(["--redis", "redis://127.0.0.1:1", "--redis-ca", &ca])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&plain.stderr).into_owned();
    assert!(plain.status.code() == Some(2) && said.contains("without TLS") && said.contains("rediss://"), "{said}");
}

/// Whoever looks at the file in the window sees how far Redis is behind: though it was never reached, as events come, and
/// when it has caught up.
#[cfg(feature = "window")]
#[test]
fn the_window_lists_redis_among_the_readers_and_how_far_it_is_behind() {
    use crate::window::{opened, until_label};

    if !is_there(NEEDED, "the_window_lists_redis_among_the_readers_and_how_far_it_is_behind") {
        return;
    }
    let mut redis = Redis::start(&[]);
    redis.kill();
    let service = Service::new(&["--redis", &redis.url()]);
    append(&service, 1, 20);
    let mut window = opened(&service.file);
    until_label(&mut window, "redis: at 0, 20 behind");
    append(&service, 21, 1_500);
    until_label(&mut window, "redis: at 0, 1,520 behind");
    redis.restart();
    until_label(&mut window, "redis: at 1,520, up to date");
}
