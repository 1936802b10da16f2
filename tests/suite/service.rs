//! What the tests of the service share: the service itself, as a process of its own, and a client that asks it.

// What is sent is written where it is sent.
#![allow(clippy::needless_pass_by_value)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A service that runs, and ends with this value.
pub struct Service {
    pub child: Child,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// It is removed with this value.
    _folder: TempDir,
    pub file: PathBuf,
    said: Mutex<Receiver<String>>,
    agent: ureq::Agent,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The answer, which has to have a status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        if status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json");
            let problem = self.json();
            assert_eq!(problem["status"], status);
            assert!(problem["detail"].is_string() && problem["type"].is_string() && problem["title"].is_string());
        }
        self
    }
}

pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_eventscope")
}

impl Service {
    /// Serves a new, empty store.
    pub fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        assert!(Command::new(program()).arg("new").arg(&file).stdout(Stdio::null()).status().unwrap().success());
        Self::of(folder, file, arguments)
    }

    /// Serves a file in a folder.
    pub fn of(folder: TempDir, file: PathBuf, arguments: &[&str]) -> Self {
        let (child, url, said) = start(&file, arguments);
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.timeout_global(Some(Duration::from_mins(1))).build().new_agent();
        Self { child, url, _folder: folder, file, said: Mutex::new(said), agent }
    }

    /// Starts it again on the same file, on another port.
    pub fn restart(&mut self, arguments: &[&str]) {
        let file = self.file.clone();
        self.end();
        let (child, url, said) = start(&file, arguments);
        (self.child, self.url, self.said) = (child, url, Mutex::new(said));
    }

    /// Ends it at once, as a power cut would.
    pub fn end(&mut self) {
        self.child.kill().ok();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self) -> std::process::ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for a line on its standard error that holds a text.
    pub fn said(&self, text: &str) -> String {
        loop {
            let heard = self.said.lock().unwrap().recv_timeout(Duration::from_secs(20));
            let line = heard.unwrap_or_else(|_| panic!("it never said {text}"));
            if line.contains(text) {
                return line;
            }
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call())
    }

    pub fn post(&self, path: &str, body: impl ToString) -> Answer {
        self.send("POST", path, &[], body)
    }

    pub fn put(&self, path: &str, body: impl ToString) -> Answer {
        self.send("PUT", path, &[], body)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl ToString) -> Answer {
        let url = format!("{}{path}", self.url);
        let mut request = if method == "PUT" { self.agent.put(url) } else { self.agent.post(url) };
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send(body.to_string().as_bytes()))
    }

    /// A connection of one's own, for what no proper client sends.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.rsplit('/').next().unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends bytes as they are, and reads to the end.
    pub fn raw(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).ok();
        text
    }

    /// Follows the log.
    pub fn follow(&self, path: &str, headers: &[(&str, &str)]) -> Following {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.call().unwrap();
        assert_eq!(response.status(), 200);
        let media_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        Following { media_type, lines: BufReader::new(Box::new(response.into_body().into_reader())) }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn start(file: &Path, arguments: &[&str]) -> (Child, String, Receiver<String>) {
    let mut child = Command::new(program())
        .arg("serve")
        .arg(file)
        .args(["--listen", "127.0.0.1:0", "--json"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, said) = channel();
    let errors = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        for line in errors.lines().map_while(Result::ok) {
            sender.send(line).ok();
        }
    });
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let Ok(listening) = serde_json::from_str::<Value>(&first) else {
        child.kill().ok();
        panic!("it did not start: {:?}", said.iter().collect::<Vec<_>>());
    };
    (child, listening["listening"].as_str().unwrap().to_owned(), said)
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let response = response.unwrap();
    let (parts, mut body) = response.into_parts();
    let text = body.with_config().limit(64 << 20).read_to_string().unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, text }
}

/// A stream of events that goes on.
pub struct Following {
    pub media_type: String,
    lines: BufReader<Box<dyn Read + Send + Sync>>,
}

impl Following {
    /// The next line; none at the end.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(1..) => Some(line.trim_end_matches('\n').to_owned()),
            _ => None,
        }
    }

    /// The next event: of lines, or the data of a server-sent one, whose id it is held against.
    pub fn next_event(&mut self) -> Option<Value> {
        let mut id = None;
        loop {
            let line = self.line()?;
            if let Some(text) = line.strip_prefix("id: ") {
                id = Some(text.parse::<i64>().unwrap());
            } else if let Some(data) = line.strip_prefix("data: ") {
                let event: Value = serde_json::from_str(data).unwrap();
                assert_eq!(event["position"].as_i64(), id);
                return Some(event);
            } else if line.starts_with('{') {
                return Some(serde_json::from_str(&line).unwrap());
            }
        }
    }

    /// The positions of the next events.
    pub fn positions(&mut self, count: usize) -> Vec<i64> {
        (0..count).map(|_| self.next_event().unwrap()["position"].as_i64().unwrap()).collect()
    }
}

/// The body of an event.
pub fn event(aggregate_id: &str, event_type: &str, payload: Value) -> Value {
    serde_json::json!({
        "event_type": event_type, "aggregate_type": "order", "aggregate_id": aggregate_id, "payload": payload,
    })
}

/// Whether a program is there. Where it is not, a test is left out, and says so.
pub fn is_there(programs: &[&str], test: &str) -> bool {
    for program in programs {
        let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            // The macros would only be heard where it fails.
            let lacking = "is not there (see tests/service/install)";
            let _ = writeln!(std::io::stderr(), "left out: {test}: {program} {lacking}");
            return false;
        }
    }
    true
}
