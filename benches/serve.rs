//! The service under load, beside what was promised, and beside the same contract in Python where that is there.
//!
//! `cargo bench --bench serve`. Clients keep their connections, and are in this process, on the same machine as the service:
//! what they cost is part of the figures. `PEER=PYTHON` names a Python that has `fastapi` and
//! `uvicorn`; then `benches/serve_peer.py`, on `sqlite3`, takes the same load; and where it has `asyncpg` too, and
//! `PEER_DATABASE` is the URL of an empty `PostgreSQL` database, once more on that. `EVENTS=N` appends so many in batches at
//! the end, reads them again, and says what memory the service has meanwhile; `ONLY=memory` does that alone.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, clippy::cast_possible_truncation)]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const CLIENTS: usize = 64;
const SECONDS: u64 = 10;
const READERS: usize = 1_000;
const PACE: u64 = 500;
const WRITERS: u64 = 8;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    println!("{:62} {:>14} {:>14}", "two cores, clients and service on one machine", "figure", "target");
    let service = Running::service(&folder.path().join("load.db"));
    let events = std::env::var("EVENTS").ok().and_then(|events| events.parse().ok());
    if std::env::var("ONLY").is_ok_and(|only| only == "memory") {
        return memory(&service, events.unwrap_or(1_000_000));
    }
    let (rate, times, finds) = load(&service.address, true);
    row("durable single appends of 64 clients, a second", &format!("{rate:.0}"), "5,000", rate >= 5_000.0);
    row("  of those 99 % within", &ms(at(&times, 99)), "30 ms", at(&times, 99) < Duration::from_millis(30));
    row("  half of them within", &ms(at(&times, 50)), "", true);
    row("GET by id meanwhile, 99 % within", &ms(at(&finds, 99)), "3 ms", at(&finds, 99) < Duration::from_millis(3));
    readers(&service);
    if let Some(python) = std::env::var_os("PEER") {
        let file = folder.path().join("peer.db");
        let databases = [("sqlite3", Some(file.into_os_string())), ("asyncpg", std::env::var_os("PEER_DATABASE"))];
        for (driver, database) in databases {
            let Some(database) = database else { continue };
            let peer = Running::peer(Path::new(&python), &database);
            let (peer_rate, peer_times, _) = load(&peer.address, false);
            row(&format!("FastAPI on {driver}: the same appends, a second"), &format!("{peer_rate:.0}"), "", true);
            row("  of those 99 % within", &ms(at(&peer_times, 99)), "", true);
            row("  the service is so many times as quick", &format!("{:.1}", rate / peer_rate), "", true);
        }
    }
    if let Some(events) = events {
        memory(&service, events);
    }
}

fn row(what: &str, figure: &str, target: &str, met: bool) {
    let met = if target.is_empty() {
        ""
    } else if met {
        "met"
    } else {
        "missed"
    };
    println!("{what:62} {figure:>14} {target:>14}  {met}");
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

/// The time that so many of a hundred stay within.
fn at(times: &[Duration], percent: usize) -> Duration {
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// A server that ends with this value.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn service(file: &Path) -> Self {
        let program = env!("CARGO_BIN_EXE_eventscope");
        assert!(Command::new(program).arg("new").arg(file).stdout(Stdio::null()).status().unwrap().success());
        let address = free();
        let child = Command::new(program)
            .arg("serve")
            .arg(file)
            .args(["--listen", &address])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self::ready(child, address)
    }

    fn peer(python: &Path, database: &OsStr) -> Self {
        let address = free();
        let port = address.rsplit(':').next().unwrap().to_owned();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/serve_peer.py");
        let child = Command::new(python).arg(script).arg(database).arg(port).stdout(Stdio::null()).spawn().unwrap();
        Self::ready(child, address)
    }

    fn ready(child: Child, address: String) -> Self {
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "it does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Self { child, address }
    }

    /// What of its memory is its own, in kibibytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    address: String,
}

impl Client {
    fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), address: address.to_owned() }
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = request(&self.address, method, path, body);
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut line, mut length) = (String::new(), 0);
        self.stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        while line != "\r\n" {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).unwrap();
        (status, String::from_utf8(text).unwrap())
    }
}

fn body(client: usize, number: u64) -> String {
    format!(
        r#"{{"event_type":"order.placed","aggregate_type":"order","aggregate_id":"ord-{client}-{}","payload":{{"number":{number},"total":8.00,"customer":"c-{client}","lines":[{{"sku":"cup-blue","qty":2}}]}},"metadata":{{"correlation_id":"r-{number}"}}}}"#,
        number % 50
    )
}

/// Appends with all clients for some seconds: how many a second, and how long each took; and how long events took to be
/// found by their ids meanwhile.
fn load(address: &str, with_finds: bool) -> (f64, Vec<Duration>, Vec<Duration>) {
    let done = Arc::new(AtomicBool::new(false));
    let (status, text) = Client::new(address).ask("POST", "/events/", &body(0, 0));
    assert_eq!(status, 201, "{text}");
    let id = text.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let started = Instant::now();
    let clients = {
        let (done, address) = (Arc::clone(&done), address.to_owned());
        thread::spawn(move || clients(&address, &done))
    };
    let mut finds = Vec::new();
    let mut finder = Client::new(address);
    while started.elapsed() < Duration::from_secs(SECONDS) {
        if with_finds {
            let asked = Instant::now();
            assert_eq!(finder.ask("GET", &format!("/events/{id}"), "").0, 200);
            finds.push(asked.elapsed());
        }
        thread::sleep(Duration::from_millis(2));
    }
    done.store(true, Ordering::Relaxed);
    let mut times = clients.join().unwrap();
    let rate = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_unstable();
    finds.sort_unstable();
    (rate, times, finds)
}

/// Appends with all clients until it is done: how long each append took. They share one thread, as those of a load generator
/// do: with one each, 64 threads would wake at once, and the service would wait behind them for the processor.
fn clients(address: &str, done: &Arc<AtomicBool>) -> Vec<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..CLIENTS {
            clients.spawn(appending(number, address.to_owned(), Arc::clone(done)));
        }
        clients.join_all().await.into_iter().flatten().collect()
    })
}

/// Appends one event after the other on a connection that is kept.
async fn appending(number: usize, address: String, done: Arc<AtomicBool>) -> Vec<Duration> {
    let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut times = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let request = request(&address, "POST", "/events/", &body(number, times.len() as u64));
        let asked = Instant::now();
        let mut left = request.as_bytes();
        while !left.is_empty() {
            stream.writable().await.unwrap();
            left = stream.try_write(left).map_or(left, |written| &left[written..]);
        }
        let mut answer = Vec::new();
        while !is_whole(&answer) {
            stream.readable().await.unwrap();
            assert_ne!(stream.try_read_buf(&mut answer).unwrap_or(1), 0, "the connection was closed");
        }
        assert!(answer.starts_with(b"HTTP/1.1 201 "), "{}", String::from_utf8_lossy(&answer));
        times.push(asked.elapsed());
    }
    times
}

/// Whether an answer has come with all of its body.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.split("content-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
    answer.len() >= end + 4 + length.unwrap_or(0)
}

fn request(address: &str, method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Many readers, while events come at a steady pace: each has to hear all of them in their order.
fn readers(service: &Running) {
    let wanted = PACE * SECONDS;
    let heard = Arc::new(AtomicU64::new(0));
    let listening = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (address, heard, listening) = (service.address.clone(), Arc::clone(&heard), Arc::clone(&listening));
            let work = move || follow(&address, wanted, &heard, &listening);
            thread::Builder::new().stack_size(128 * 1024).spawn(work).unwrap()
        })
        .collect();
    while listening.load(Ordering::Relaxed) < READERS as u64 {
        thread::sleep(Duration::from_millis(20));
    }
    let started = Instant::now();
    let clients: Vec<_> = (0..WRITERS)
        .map(|number| {
            let address = service.address.clone();
            thread::spawn(move || {
                let mut client = Client::new(&address);
                for event in (number..wanted).step_by(usize::try_from(WRITERS).unwrap()) {
                    let due = started + Duration::from_micros(1_000_000 / PACE * (event + 1));
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    assert_eq!(client.ask("POST", "/events/", &body(0, event)).0, 201);
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    let appended = started.elapsed();
    for reader in readers {
        reader.join().unwrap();
    }
    let late = started.elapsed().saturating_sub(appended);
    let all = heard.load(Ordering::Relaxed);
    let lost = wanted * READERS as u64 - all;
    let rate = wanted as f64 / appended.as_secs_f64();
    row("1,000 readers at events a second", &format!("{rate:.0}"), "500", rate >= 490.0);
    row("  lost or out of order", &lost.to_string(), "0", lost == 0);
    row("  the last reader had the last event after", &ms(late), "", true);
}

/// Reads so many events, each of which has to follow the one before.
fn follow(address: &str, wanted: u64, heard: &AtomicU64, listening: &AtomicU64) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET /events/stream HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut lines = BufReader::with_capacity(16 * 1024, stream);
    let (mut line, mut count, mut last) = (Vec::new(), 0, None);
    while count < wanted {
        line.clear();
        if !matches!(lines.read_until(b'\n', &mut line), Ok(1..)) {
            return;
        }
        if line.starts_with(b": following") {
            listening.fetch_add(1, Ordering::Relaxed);
        } else if let Some(id) = line.strip_prefix(b"id: ") {
            let position: i64 = std::str::from_utf8(id).unwrap().trim().parse().unwrap();
            if last.is_some_and(|last| position != last + 1) {
                return;
            }
            last = Some(position);
            count += 1;
            heard.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// How often the memory of the service is looked at while it is loaded.
const LOOKS: u64 = 20;

/// Appends many events in batches and then reads all of them by pages, and says what memory the service has meanwhile.
fn memory(service: &Running, events: u64) {
    let before = service.memory();
    let batches = events / 1_000;
    let mut client = Client::new(&service.address);
    let (mut seen, started) = (Vec::new(), Instant::now());
    for batch in 0..batches {
        let list: Vec<String> = (0..1_000).map(|number| body(usize::try_from(batch % 64).unwrap(), number)).collect();
        let (status, text) = client.ask("POST", "/events/batch", &format!("[{}]", list.join(",")));
        assert_eq!(status, 201, "{text}");
        if batch % (batches / LOOKS).max(1) == 0 {
            seen.push(service.memory());
        }
    }
    let rate = events as f64 / started.elapsed().as_secs_f64();
    row("events appended in batches of 1,000, a second", &format!("{rate:.0}"), "", true);
    row("  memory of the service before, in MiB", &(before / 1_024).to_string(), "", true);
    told("  memory as they came, a twentieth each, in MiB", &seen);
    let (mut seen, mut read, mut pages, started) = (Vec::new(), 0, 0, Instant::now());
    while read < events {
        let (status, text) = client.ask("GET", &format!("/events/?limit=1000&from_position={}", read + 1), "");
        assert_eq!(status, 200);
        read += text.matches("\"stream_version\":").count() as u64;
        pages += 1;
        if pages % (batches / LOOKS).max(1) == 0 {
            seen.push(service.memory());
        }
    }
    let rate = read as f64 / started.elapsed().as_secs_f64();
    row("events read by pages of 1,000, a second", &format!("{rate:.0}"), "", true);
    told("  memory as they went, a twentieth each, in MiB", &seen);
}

fn told(what: &str, memory: &[u64]) {
    let shown: Vec<String> = memory.iter().map(|kibibytes| (kibibytes / 1_024).to_string()).collect();
    println!("{what}: {}", shown.join(" "));
}
