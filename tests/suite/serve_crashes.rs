//! The service, killed under load again and again: what it has acknowledged is there, what is repeated is there once, and
//! readers go on where they were.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use eventscope::store::{EventStore, Store};
use serde_json::{Value, json};

use crate::service::{Service, event};

/// How many clients append at once.
const CLIENTS: usize = 8;

/// What is shared by clients: where the service is now, and whether they go on.
#[derive(Clone)]
struct Shared {
    url: Arc<Mutex<String>>,
    done: Arc<AtomicBool>,
}

impl Shared {
    fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    fn connect(&self) -> Option<(TcpStream, String)> {
        let address = self.url.lock().unwrap().strip_prefix("http://").unwrap().to_owned();
        let stream = TcpStream::connect(&address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Some((stream, address))
    }
}

/// Sends a request and reads the answer's status and body; none where the service went away before that.
fn ask(stream: &mut BufReader<TcpStream>, request: &str) -> Option<(u16, String)> {
    stream.get_mut().write_all(request.as_bytes()).ok()?;
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let header = line.trim().to_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((status, String::from_utf8(body).ok()?))
}

/// Appends one event after the other, each until it is acknowledged, and answers with what was: by key the position.
fn client(number: usize, shared: &Shared) -> HashMap<String, i64> {
    let mut acknowledged = HashMap::new();
    let mut connection: Option<(BufReader<TcpStream>, String)> = None;
    let mut next = 0;
    while !shared.is_done() {
        let key = format!("client-{number}-{next}");
        let Some((stream, address)) = &mut connection else {
            connection = shared.connect().map(|(stream, address)| (BufReader::new(stream), address));
            if connection.is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            continue;
        };
        let body = event(&format!("ord-{}", next % 3), "order.placed", json!({ "key": key })).to_string();
        let request = format!(
            "POST /events/ HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        match ask(stream, &request) {
            Some((200 | 201, text)) => {
                let stored: Value = serde_json::from_str(&text).unwrap();
                acknowledged.insert(key, stored["position"].as_i64().unwrap());
                next += 1;
            }
            // What it keeps its events on is away.
            Some((503, _)) => std::thread::sleep(Duration::from_millis(20)),
            Some((status, text)) => panic!("{status}: {text}"),
            // Whether it was stored is not known: the same is asked again.
            None => connection = None,
        }
    }
    acknowledged
}

/// Follows the log over all restarts, and answers with the positions in the order in which they came.
fn reader(shared: &Shared) -> Vec<i64> {
    let mut positions: Vec<i64> = Vec::new();
    while !shared.is_done() {
        let Some((mut stream, address)) = shared.connect() else {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let last = positions.last().copied().unwrap_or(0);
        let request = format!("GET /events/stream HTTP/1.1\r\nHost: {address}\r\nLast-Event-ID: {last}\r\n\r\n");
        if stream.write_all(request.as_bytes()).is_err() {
            continue;
        }
        let (mut bytes, mut buffer, mut at) = (Vec::new(), [0; 16_384], 0);
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => bytes.extend_from_slice(&buffer[..read]),
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                    if shared.is_done() {
                        break;
                    }
                }
                Err(_) => break,
            }
            // Only an event that has come whole counts. Chunks may part one anywhere, and ids are what is looked at.
            let text = String::from_utf8_lossy(&unchunked(&bytes)).into_owned();
            let whole = text.rfind("\n\n").map_or(0, |end| end + 2);
            for line in text[at.min(whole)..whole].lines() {
                if let Some(id) = line.strip_prefix("id: ") {
                    positions.push(id.parse().unwrap());
                }
            }
            at = at.max(whole);
        }
    }
    positions
}

/// The body so far of an answer that comes in chunks.
fn unchunked(bytes: &[u8]) -> Vec<u8> {
    let find = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).position(|window| window == text);
    let Some(head) = find(bytes, b"\r\n\r\n") else { return Vec::new() };
    let (mut rest, mut body) = (&bytes[head + 4..], Vec::new());
    while let Some(end) = find(&rest[..rest.len().min(20)], b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        let chunk = &rest[end + 2..];
        body.extend_from_slice(&chunk[..length.min(chunk.len())]);
        if length == 0 || chunk.len() < length + 2 {
            break;
        }
        rest = &chunk[length + 2..];
    }
    body
}

/// Clients that append and one that follows, whatever happens to the service.
pub struct Load {
    shared: Shared,
    clients: Vec<JoinHandle<HashMap<String, i64>>>,
    following: JoinHandle<Vec<i64>>,
}

impl Load {
    pub fn begin(service: &Service) -> Self {
        let shared = Shared { url: Arc::new(Mutex::new(service.url.clone())), done: Arc::default() };
        let clients = (0..CLIENTS).map(|number| {
            let shared = shared.clone();
            std::thread::spawn(move || client(number, &shared))
        });
        let clients = clients.collect();
        let following = {
            let shared = shared.clone();
            std::thread::spawn(move || reader(&shared))
        };
        Self { shared, clients, following }
    }

    /// Has them go on with the service where it is now.
    pub fn goes_on(&self, service: &Service) {
        self.shared.url.lock().unwrap().clone_from(&service.url);
    }

    /// Ends them, and holds what they were told against what is stored.
    pub fn end(self, service: &Service, store: &dyn Store, more_than: usize) {
        std::thread::sleep(Duration::from_millis(300));
        let last = service.get("/events/?order=desc&limit=1").expect(200).json()[0]["position"].as_i64().unwrap();
        std::thread::sleep(Duration::from_secs(2));
        self.shared.done.store(true, Ordering::Relaxed);
        let mut acknowledged = HashMap::new();
        for client in self.clients {
            acknowledged.extend(client.join().unwrap());
        }
        let positions = self.following.join().unwrap();
        assert_eq!(store.verify(&mut |_| {}).unwrap().fault, None);
        let mut stored: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for event in store.read_all(None, usize::MAX).unwrap() {
            let key = event.data.to_json()["key"].as_str().unwrap().to_owned();
            stored.entry(key).or_default().push(event.position);
        }
        for (key, position) in &acknowledged {
            assert_eq!(stored.get(key), Some(&vec![*position]), "{key} was acknowledged");
        }
        assert!(stored.values().all(|places| places.len() == 1), "none is there twice");
        assert!(acknowledged.len() > more_than, "{} were acknowledged", acknowledged.len());
        let heard = positions.last().copied().unwrap_or(0);
        assert!(heard >= last, "the reader heard up to {heard}, and {last} were there");
        assert_eq!(positions, (1..=heard).collect::<Vec<_>>(), "without gap or double");
    }
}

fn killed(times: usize) {
    let mut service = Service::new(&[]);
    let load = Load::begin(&service);
    for time in 0..times {
        // Anywhere in a commit, a checkpoint, a start.
        std::thread::sleep(Duration::from_millis(40 + (time as u64 * 37) % 160));
        service.restart(&[]);
        load.goes_on(&service);
    }
    let store = EventStore::open(&service.file).unwrap();
    load.end(&service, &store, times);
    assert!(store.integrity_check().unwrap().is_empty());
}

#[test]
fn no_acknowledged_event_is_lost_when_it_is_killed() {
    killed(5);
}

#[test]
#[ignore = "it takes some minutes"]
fn no_acknowledged_event_is_lost_when_it_is_killed_two_hundred_times() {
    killed(200);
}
