//! Tests with a reducer that counts events, written for the shell: every system that has process groups has one.
#![cfg(unix)]

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use super::*;
use crate::event::{Event, Payload, StreamName};
use crate::{Error, ErrorKind, Result};

/// Counts; events of the types `fail`, `die`, `hang` and `shout` do what they say.
const COUNTS: &str = r#"
n=0
while read -r line; do
  case $line in
    '{"op":"hello"'*) echo "{\"protocol\":1,\"name\":\"counter\"$WANTS}" ;;
    '{"op":"begin"'*'"state":'*) n=${line##*:}; n=${n%?}; n=${n#\"}; n=${n%\"} ;;
    '{"op":"begin"'*) n=0 ;;
    *'"type":"fail"'*) echo '{"error":"ValueError: no","op":"apply"}' ;;
    *'"type":"die"'*) echo 'Traceback: it died' >&2; exit 3 ;;
    *'"type":"hang"'*) sleep 1000 ;;
    *'"type":"shout"'*) echo 'a warning' >&2; n=$((n+1)) ;;
    *'"type":"long"'*) head -c 5000 /dev/zero | tr '\0' x; echo ;;
    '{"op":"apply"'*) n=$((n+1)) ;;
    '{"op":"state","resume":true'*) echo "{\"state\":{\"n\":$n},\"resume\":\"$n\"}" ;;
    '{"op":"state"'*) if [ -n "$WANTS" ]; then echo "{\"state\":{\"n\":$n}}"; else echo "{\"state\":$n}"; fi ;;
  esac
done
"#;

const NEVER: &dyn Fn() -> bool = &|| false;

struct Counter {
    process: ReducerProcess,
    said: Arc<Mutex<Vec<String>>>,
}

fn launch(line: impl Into<String>) -> Launch {
    Launch { line: line.into(), folder: None }
}

fn start(launch: Launch, limits: Limits) -> Result<Counter> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&said);
    let hears: Said = Arc::new(move |line| kept.lock().unwrap().push(line.to_owned()));
    ReducerProcess::start(launch, limits, hears, NEVER).map(|process| Counter { process, said })
}

fn counter() -> Counter {
    start(launch(COUNTS), Limits::default()).unwrap()
}

fn stream() -> StreamName {
    StreamName::new("account", "a-1")
}

fn events(types: &[&str]) -> Vec<Event> {
    let event = |(at, event_type): (usize, &&str)| Event {
        version: i64::try_from(at).unwrap() + 1,
        stream: stream(),
        event_type: (*event_type).to_owned(),
        data: Payload::json(json!({"amount": 25})),
        ..Event::default()
    };
    types.iter().enumerate().map(event).collect()
}

impl Counter {
    /// What became of each event, as `state` or `state: failure`, and the last point.
    fn fold(&self, from: &Point, types: &[&str]) -> (Vec<String>, Point) {
        let (mut told, mut last) = (Vec::new(), from.clone());
        let mut each = |index: usize, Answered { point, failed }: Answered| {
            assert_eq!(index, told.len(), "each event is told of once, in order");
            told.push(failed.map_or_else(|| point.state().to_string(), |why| format!("{}: {why}", point.state())));
            last = point;
            ControlFlow::Continue(())
        };
        self.process.fold(&stream(), from, &events(types), NEVER, &mut each).unwrap();
        (told, last)
    }

    fn begin(&self) -> Point {
        self.process.begin(&stream(), NEVER).unwrap()
    }
}

#[test]
fn each_event_has_its_state_and_a_fold_goes_on_where_it_was() {
    let counter = counter();
    let start = counter.begin();
    assert_eq!(start.state().to_string(), "0");
    let (told, three) = counter.fold(&start, &["a", "b", "c"]);
    assert_eq!(told, ["1", "2", "3"]);
    let (told, _) = counter.fold(&start, &["a"]);
    assert_eq!(told, ["1"]);
    let (told, five) = counter.fold(&three, &["a", "b"]);
    assert_eq!(told, ["4", "5"]);
    assert_eq!(counter.fold(&five, &["a"]).0, ["6"]);
}

#[test]
fn many_events_are_sent_without_waiting_for_each() {
    let counter = counter();
    let types = vec!["a"; 3000];
    let (told, _) = counter.fold(&counter.begin(), &types);
    assert_eq!(told.len(), 3000);
    assert!(told.iter().enumerate().all(|(at, state)| *state == (at + 1).to_string()));
}

#[test]
fn code_that_fails_fails_at_its_event() {
    let counter = counter();
    let (told, _) = counter.fold(&counter.begin(), &["a", "fail", "b", "shout"]);
    assert_eq!(told, ["1", "1: ValueError: no", "2", "3"]);
    let since = Instant::now();
    while counter.said.lock().unwrap().is_empty() && since.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(counter.said.lock().unwrap().clone(), ["a warning"]);
}

#[test]
fn a_process_that_ends_fails_at_the_event_it_ended_at() {
    let counter = counter();
    let types: Vec<&str> = (0..100).map(|at| if at == 70 { "die" } else { "a" }).collect();
    let (told, last) = counter.fold(&counter.begin(), &types);
    assert_eq!(told[69..72], ["70", "70: the reducer's process: it ended (exit status: 3): Traceback: it died", "71"]);
    assert_eq!(last.state().to_string(), "99");
}

#[test]
fn a_process_that_wants_more_than_its_state_gets_it_back() {
    let wants = format!("WANTS=',\"resume\":true'\n{COUNTS}");
    let counter = start(launch(wants), Limits::default()).unwrap();
    let start = counter.begin();
    let types: Vec<&str> = (0..100).map(|at| if at == 70 { "die" } else { "a" }).collect();
    let (told, last) = counter.fold(&start, &types);
    assert_eq!((told[69].as_str(), told[71].as_str()), (r#"{"n":70}"#, r#"{"n":71}"#));
    counter.fold(&start, &["a"]);
    assert_eq!(counter.fold(&last, &["a"]).0, [r#"{"n":100}"#]);
}

#[test]
fn a_process_that_ends_at_the_last_event_can_be_gone_on_with() {
    let wants = format!("WANTS=',\"resume\":true'\n{COUNTS}");
    let counter = start(launch(wants), Limits::default()).unwrap();
    let (told, last) = counter.fold(&counter.begin(), &["a", "a", "die"]);
    assert!(told[2].starts_with(r#"{"n":2}: the reducer's process: it ended"#), "{}", told[2]);
    assert_eq!(counter.fold(&last, &["a"]).0, [r#"{"n":3}"#]);
}

#[test]
fn what_takes_too_long_is_ended() {
    let limits = Limits { answer: Duration::from_millis(300), ..Limits::default() };
    let counter = start(launch(COUNTS), limits).unwrap();
    let (told, _) = counter.fold(&counter.begin(), &["a", "hang", "b"]);
    assert_eq!(told, ["1", "1: the reducer's process: it gave no answer within 0.3 s, and was ended", "2"]);
}

#[test]
fn an_answer_that_is_too_long_ends_it() {
    let counter = start(launch(COUNTS), Limits { bytes: 1000, ..Limits::default() }).unwrap();
    let (told, _) = counter.fold(&counter.begin(), &["a", "long", "b"]);
    assert!(told[1].starts_with("1: the reducer's process: its answer is longer than"), "{}", told[1]);
    assert_eq!(told[2], "2");
}

#[test]
fn one_that_ends_again_and_again_is_not_started_any_more() {
    let counter = counter();
    let (told, _) = counter.fold(&counter.begin(), &["a", "die", "die", "die", "a"]);
    assert!(told[4].contains("not started any more"), "{}", told[4]);
    let before = Instant::now();
    let anywhere = Point { id: 0, events: 0, state: Arc::default(), resume: Some(Arc::default()), broken: None };
    assert!(counter.fold(&anywhere, &["a"]).0[0].contains("not started any more"));
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_fold_that_is_stopped_leaves_the_process_usable() {
    let counter = counter();
    let start = counter.begin();
    let mut each = |index, _| if index == 9 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let stopped = counter.process.fold(&stream(), &start, &events(&["a"; 500]), NEVER, &mut each);
    assert_eq!(*stopped.unwrap_err().kind(), ErrorKind::Cancelled);
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    let stopped = counter.process.fold(&stream(), &start, &events(&["hang"]), &stop, &mut |_, _| unreachable!());
    assert!(stopped.unwrap_err().is_cancelled());
}

#[test]
fn a_fold_after_one_that_was_stopped_is_not_confused() {
    let counter = counter();
    let start = counter.begin();
    let mut each = |index, _| if index == 9 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    counter.process.fold(&stream(), &start, &events(&["a"; 500]), NEVER, &mut each).unwrap_err();
    assert_eq!(counter.begin().state().to_string(), "0");
    assert_eq!(counter.fold(&start, &["a", "b"]).0, ["1", "2"]);
}

#[test]
fn what_does_not_speak_the_protocol_is_told() {
    let refused = |line: &str| -> Error { start(launch(line), Limits::default()).err().unwrap() };
    let nonsense = refused("echo Hello; sleep 1000").to_string();
    assert!(nonsense.contains("\"Hello\""), "{nonsense}");
    let gone = refused("echo 'no such module' >&2; exit 1").to_string();
    assert!(gone.ends_with("it ended (exit status: 1): no such module"), "{gone}");
    let newer = refused("read -r line; echo '{\"protocol\":2}'; sleep 1000").to_string();
    assert!(newer.contains("protocol 2"), "{newer}");
    assert!(refused("this-is-no-command").to_string().contains("not found"));
}

#[test]
fn what_it_started_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("sleep 1000 & echo $! > pid\n{COUNTS}");
    let launch = Launch { line, folder: Some(folder.path().to_owned()) };
    let counter = start(launch, Limits::default()).unwrap();
    let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
    assert!(is_running(pid.trim()));
    drop(counter);
    let since = Instant::now();
    while is_running(pid.trim()) {
        assert!(since.elapsed() < Duration::from_secs(10), "{} still runs", pid.trim());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_running(pid: &str) -> bool {
    // One that ended and was not waited for yet is still listed.
    let state = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    match state {
        Ok(stat) => !stat.contains(") Z "),
        Err(_) => {
            Path::new("/proc").join("self").exists()
                && std::process::Command::new("kill")
                    .args(["-0", pid])
                    .stderr(std::process::Stdio::null())
                    .status()
                    .is_ok_and(|status| status.success())
        }
    }
}
