//! The README's chapter of the service: its very lines are run, and the window looks on.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::service::{is_there, program};

const README: &str = include_str!("../../README.md");

/// The lines of the chapter, with ports that are free.
fn lines(ports: [u16; 2]) -> String {
    let chapter = README.split("## The store as a service").nth(1).unwrap();
    let block = chapter.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let lines = block.replace("redis://127.0.0.1:6379", &format!("redis://127.0.0.1:{}", ports[0]));
    lines
        .replace("redis-cli ", &format!("redis-cli -p {} ", ports[0]))
        .replace("http://127.0.0.1:8011", &format!("http://127.0.0.1:{}", ports[1]))
        .replace("serve shop.db", &format!("serve shop.db --listen 127.0.0.1:{}", ports[1]))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // What the lines have put into the background goes with their group.
        Command::new("kill").arg("--").arg(format!("-{}", self.0.id())).status().ok();
        self.0.wait().ok();
    }
}

/// Gives each command time to do its work, as a person does.
fn paced(lines: &str) -> String {
    lines.replace(" &\n", " &\nsleep 1.5\n")
}

#[test]
fn the_lines_of_the_chapter_do_what_it_says() {
    if !is_there(&["redis-server", "redis-cli", "curl", "bash"], "the_lines_of_the_chapter_do_what_it_says") {
        return;
    }
    let ports = [free_port(), free_port()];
    let folder = tempfile::tempdir().unwrap();
    let redis = Command::new("redis-server")
        .args(["--port", &ports[0].to_string(), "--bind", "127.0.0.1", "--save", ""])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _redis = Single(redis);
    let bin = std::path::Path::new(program()).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let lines = lines(ports);
    let (before, window) = lines.split_once("eventscope shop.db\n").unwrap();
    assert!(window.is_empty(), "the window comes last");
    let heard = folder.path().join("heard");
    let script = format!("set -e\nsleep 0.5\n{}\necho\nwait\n", paced(before));
    let running = std::os::unix::process::CommandExt::process_group(&mut Command::new("bash"), 0)
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&heard).unwrap())
        .spawn()
        .unwrap();
    let _running = Ended(running);
    let started = std::time::Instant::now();
    let text = loop {
        let text = std::fs::read_to_string(&heard).unwrap();
        // The answers of both requests, and what the subscriber heard.
        if text.matches("\"total\": 8.00").count() >= 3 {
            break text;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{text}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(text.contains("events:order"), "{text}");
    looks_on(&folder.path().join("shop.db"), ports[1]);
}

/// A process that ends with this value.
struct Single(Child);

impl Drop for Single {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The window shows what is there, and follows what is posted.
#[cfg(feature = "window")]
fn looks_on(file: &std::path::Path, port: u16) {
    use crate::window::{contains, opened, step_until};
    let mut window = opened(file);
    step_until(&mut window, "the first event", |window| contains(window, "order.placed"));
    let body = r#"{"event_type": "order.paid", "aggregate_type": "order", "aggregate_id": "ord-1", "payload": {}}"#;
    let posted = ureq::post(format!("http://127.0.0.1:{port}/events/"))
        .header("content-type", "application/json")
        .send(body.as_bytes())
        .unwrap();
    assert_eq!(posted.status(), 201);
    step_until(&mut window, "the second event", |window| contains(window, "order.paid"));
}

#[cfg(not(feature = "window"))]
fn looks_on(_: &std::path::Path, _: u16) {}
