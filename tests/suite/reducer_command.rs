//! Folding with a command: on the command line, in a session, in the window. The process is a script for the shell.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use eventscope::event::StreamName;
use eventscope::model::ReducerCommand;
use eventscope::session::{Loading, Mode, Notice, OpenRequest, Outcome, Session};
use eventscope::source::{OpenOptions, Source, StreamSummary};
use serde_json::{Value, json};

use crate::window::{opened, press, press_with, shop, shows, step_until, until_label};

fn counter() -> String {
    format!("sh '{}'", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adapters/counter.sh").display())
}

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

/// The longest stream of the demo, and how many events it has.
fn longest(path: &Path) -> (StreamName, usize) {
    let source = Source::open(path, &OpenOptions::default()).unwrap();
    let mut longest = (StreamName::default(), 0);
    let mut look = |summary: StreamSummary| {
        if summary.events > longest.1 {
            longest = (summary.name, summary.events);
        }
        ControlFlow::Continue(())
    };
    source.streams(&mut look).unwrap();
    (longest.0, usize::try_from(longest.1).unwrap())
}

#[test]
fn the_command_line_folds_with_a_command_and_passes_on_what_it_says() {
    let shop = shop();
    let (stream, length) = longest(&shop.path);
    let (path, stream) = (shop.path.to_str().unwrap(), stream.to_string());
    let output = eventscope(&["state", path, &stream, "--reducer-command", &counter(), "--json"]);
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "reducer: the counter is ready\n");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["state"]["events"], json!(length));
    assert_eq!(answer["reducers"], "your application's code");
    let output = eventscope(&["changes", path, &stream, "--reducer-command", &counter(), "--json"]);
    let steps: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(steps.len(), length);
    assert_eq!(steps[1]["changes"][0], json!({"path": "/events", "before": 1, "after": 2, "kind": "changed"}));
}

#[test]
fn a_command_that_fails_at_an_event_goes_on_and_one_that_does_not_start_is_bad_input() {
    let shop = shop();
    let path = shop.path.to_str().unwrap();
    let (stream, length) = longest(&shop.path);
    let stream = stream.to_string();
    let output = eventscope(&["changes", path, &stream, "--reducer-command", &counter(), "--json"]);
    let first: Value = serde_json::from_str(String::from_utf8(output.stdout).unwrap().lines().next().unwrap()).unwrap();
    let fails = format!("FAIL={} {}", first["event_type"].as_str().unwrap(), counter());
    let output = eventscope(&["state", path, &stream, "--reducer-command", &fails, "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["errors"][0]["message"], "the counter cannot count this");
    let failed = answer["errors"].as_array().unwrap().len();
    assert_eq!(answer["state"]["events"], json!(length - failed));
    let output = eventscope(&["state", path, &stream, "--reducer-command", "echo gone >&2; exit 4"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("gone"));
}

#[test]
fn nothing_of_it_is_left_when_the_program_is_killed() {
    let shop = shop();
    let (stream, _) = longest(&shop.path);
    let pid = shop.path.with_extension("pid");
    let line = format!("sleep 1000 & echo $$ $! > '{}'; sleep 1000", pid.display());
    let mut program = Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(["state", shop.path.to_str().unwrap(), &stream.to_string(), "--reducer-command", &line])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let pids = wait_for("its pids", || std::fs::read_to_string(&pid).ok().filter(|pids| pids.ends_with('\n')));
    assert!(pids.split_whitespace().all(runs));
    program.kill().unwrap();
    program.wait().unwrap();
    wait_for("the end of all of it", || (!pids.split_whitespace().any(runs)).then_some(()));
}

/// Whether a process runs. One that has ended, and that nobody has waited for, does not.
fn runs(pid: &str) -> bool {
    match std::fs::read_to_string(Path::new("/proc").join(pid).join("stat")) {
        Ok(stat) => !stat.contains(") Z "),
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().is_ok_and(|ok| ok.success()),
    }
}

fn wait_for<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A session on a fixture, and what it told.
struct Opened {
    session: Session,
    notices: Vec<Notice>,
}

impl Opened {
    fn until<T>(&mut self, what: &str, mut done: impl FnMut(&Session) -> Option<T>) -> T {
        wait_for(what, || {
            self.notices.extend(self.session.poll());
            done(&self.session)
        })
    }

    fn state(&mut self, stream: &StreamName, version: i64) -> Arc<eventscope::session::StateAt> {
        self.until("the state", |session| match session.state(stream, version) {
            Loading::Ready(state) => Some(state),
            _ => None,
        })
    }
}

fn session(path: PathBuf, line: Option<String>) -> Opened {
    let command = line.map(|line| ReducerCommand { line, folder: None });
    let request = OpenRequest { path, command, mode: Mode::Frozen, ..OpenRequest::default() };
    let mut opened = Opened { session: Session::open(request, Arc::new(|| ())), notices: Vec::new() };
    opened.until("opening", |session| session.overview().map(|_| ()));
    opened
}

#[test]
fn a_session_seeks_steps_and_blames_over_a_command_as_over_rules() {
    let shop = shop();
    let (stream, length) = longest(&shop.path);
    let last = i64::try_from(length).unwrap();
    let mut opened = session(shop.path.clone(), Some(counter()));
    let history = opened.until("the history", |session| match session.history(&stream) {
        Loading::Ready(history) if history.complete => Some(history),
        _ => None,
    });
    assert_eq!(history.marks.len(), length);
    let (versions, label) =
        (history.marks.iter().map(|mark| mark.version).collect::<Vec<_>>(), "your application's code");
    assert_eq!(opened.session.reducers(&stream.aggregate_type).label, label);
    for at in [length - 1, 0, length / 2, 2] {
        let state = opened.state(&stream, versions[at]);
        assert_eq!(state.state["events"], json!(at + 1));
        assert_eq!(state.outcome, Outcome::Applied);
        assert_eq!(state.blame.last_set("/events"), Some(versions[at]));
    }
    assert_eq!(opened.session.reducer_said().first().map(ToString::to_string), Some("the counter is ready".to_owned()));
    opened.session.run_reducer(None);
    opened.until("the rules again", |session| (session.reducers("").label != label).then_some(()));
    assert!(opened.state(&stream, last).state.get("even").is_none());
}

#[test]
fn a_command_that_does_not_start_is_told_and_rules_stand_in() {
    let shop = shop();
    let mut opened = session(shop.path.clone(), Some("exit 7".to_owned()));
    opened.until("the failure", |session| session.reducers("").error.clone());
    let told = |notice: &Notice| matches!(notice, Notice::ReducersFailed(error) if error.to_string().contains("exit status: 7"));
    assert!(opened.notices.iter().any(told), "{:?}", opened.notices);
}

#[test]
fn the_window_shows_the_command_before_it_runs_and_runs_it_when_told() {
    let shop = shop();
    let mut window = opened(&shop.path);
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text("Application's reducer");
    window.run_steps(3);
    press(&mut window, Key::Enter);
    until_label(&mut window, "Run this command");
    assert!(window.state().session().unwrap().request().command.is_none());
    let field = window.get_by_label("Command of the reducer");
    field.focus();
    window.step();
    window.get_by_label("Command of the reducer").type_text(&counter());
    window.step();
    window.step();
    assert!(window.state().session().unwrap().request().command.is_none(), "nothing runs while it is typed");
    window.get_by_label("Run this command").click();
    let label = "your application's code";
    step_until(&mut window, "the process", |window| {
        window.state().session().is_some_and(|session| session.reducers("").label == label)
    });
    step_until(&mut window, "its words", |window| shows(window, "the counter is ready"));

    press(&mut window, Key::Escape);
    press_with(&mut window, Modifiers::COMMAND, Key::W);
    until_label(&mut window, "Recent files");
    window.get_by_label("shop.db").click();
    step_until(&mut window, "the offer", |window| shows(window, "Application's reducer…"));
    assert!(window.state().session().unwrap().request().command.is_none(), "what is remembered is not run by itself");
    window.get_by_label("Application's reducer…").click();
    until_label(&mut window, "Run this command");
    // A window over the panels has its place after a few frames.
    window.run_steps(3);
    window.get_by_label("Run this command").click();
    step_until(&mut window, "the process again", |window| {
        window.state().session().is_some_and(|session| session.reducers("").label == label)
    });
    // What it says makes the window over the panels higher, and moves its buttons.
    step_until(&mut window, "its words again", |window| shows(window, "the counter is ready"));
    window.run_steps(3);
    window.get_by_label("End it").click();
    step_until(&mut window, "the end", |window| {
        window.state().session().is_some_and(|session| session.reducers("").label != label)
    });
}

#[test]
fn what_the_command_fails_at_is_an_error_at_the_event_in_the_window() {
    let shop = shop();
    let mut window = crate::window::opened_at(&shop.path, "payment/pay-000101", 2);
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Search commands").type_text("Application's reducer");
    window.run_steps(3);
    press(&mut window, Key::Enter);
    until_label(&mut window, "Command of the reducer");
    window.get_by_label("Command of the reducer").focus();
    window.step();
    window.get_by_label("Command of the reducer").type_text(&format!("FAIL=payment.declined {}", counter()));
    window.run_steps(4);
    window.get_by_label("Run this command").click();
    step_until(&mut window, "its words", |window| shows(window, "the counter is ready"));
    press(&mut window, Key::Escape);
    step_until(&mut window, "the failure", |window| shows(window, "the counter cannot count this"));
    assert!(shows(&window, "× Folding payment.declined failed; the state before it stands."));
    assert!(!shows(&window, "Edit rules…"), "rules are not used while the application's code folds");
}
