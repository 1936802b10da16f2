//! The application's own code folds real databases through the adapters, into the states that the libraries give.
//!
//! `tests/adapters` holds the code of the example shop for each of them, and `tests/adapters/install` puts the libraries into
//! `target/adapters`. What is not there is left out, and the test says so.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use eventscope::event::{Event, StreamName, Version};
use eventscope::process::{Adapter, Answered, Launch, Limits, ReducerProcess};
use eventscope::source::{OpenOptions, Source};
use serde_json::Value;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Says that a test was left out. The macros would only be heard where it fails.
fn left_out(what: &str, lacking: &str) {
    let _ = writeln!(std::io::stderr(), "left out: {what}: {lacking} is not there (see tests/adapters/install)");
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// The folder that a process runs in: the application's files, and the adapter as it is printed.
fn folder(adapter: &str, files: &[&str]) -> tempfile::TempDir {
    let libraries = root("target/adapters");
    fs::create_dir_all(&libraries).unwrap();
    // Node looks for libraries in the folders above a module.
    let folder = tempfile::tempdir_in(libraries).unwrap();
    let adapter = Adapter::named(adapter).unwrap();
    fs::write(folder.path().join(adapter.file), adapter.text).unwrap();
    for file in files {
        fs::copy(root("tests/adapters").join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// The state of a stream after each event.
fn states(process: &ReducerProcess, source: &Source, stream: &StreamName) -> Vec<(Version, Value)> {
    let events: Vec<Event> = source.read_stream(stream, Version::MIN, None).unwrap().map(Result::unwrap).collect();
    let start = process.begin(stream, &|| false).unwrap();
    let mut states = Vec::new();
    let mut each = |index: usize, Answered { point, failed }: Answered| {
        assert_eq!(failed, None, "{stream} at {}", events[index].version);
        states.push((events[index].version, Value::clone(point.state())));
        ControlFlow::Continue(())
    };
    process.fold(stream, &start, &events, &|| false, &mut each).unwrap();
    states
}

/// Holds a process against everything that the library said of a fixture; returns how many states it said.
fn compare(fixture: &str, line: &str, folder: &tempfile::TempDir) -> usize {
    let launch = Launch { line: line.to_owned(), folder: Some(folder.path().to_owned()) };
    let process = ReducerProcess::start(launch, Limits::default(), std::sync::Arc::new(|_| {}), &|| false).unwrap();
    let source = Source::open(root(&format!("tests/fixtures/{fixture}.db")), &OpenOptions::default()).unwrap();
    let truth = fs::read_to_string(root(&format!("tests/fixtures/{fixture}.truth.json"))).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let mut compared = 0;
    for known in truth["streams"].as_array().unwrap() {
        let stream = source.stream_named(known["stream_id"].as_str().unwrap()).unwrap();
        let states = states(&process, &source, &stream);
        let last = states.last().unwrap();
        assert_eq!(last, &(known["final_version"].as_i64().unwrap(), known["final"].clone()), "{stream}");
        for expected in known["versions"].as_array().into_iter().flatten() {
            let version = expected["version"].as_i64().unwrap();
            let (_, state) = states.iter().find(|(at, _)| *at == version).unwrap();
            assert_eq!(state, &expected["state"], "{stream} at {version}");
            compared += 1;
        }
        compared += 1;
    }
    compared
}

/// The Python that has the library, where one has.
fn python_with_eventsourcing(what: &str) -> Option<String> {
    let own = root("target/adapters/venv/bin/python");
    let candidates = [own.display().to_string(), "python3".to_owned()];
    let found = candidates.into_iter().find(|python| runs(python, &["-c", "import eventsourcing"]));
    if found.is_none() {
        left_out(what, "the Python library eventsourcing");
    }
    found
}

#[test]
fn aggregates_of_eventsourcing_for_python() {
    let what = "aggregates_of_eventsourcing_for_python";
    let Some(python) = python_with_eventsourcing(what) else { return };
    let folder = folder("python-eventsourcing", &["shop.py"]);
    let named = format!("{python} adapter.py shop:BankAccount shop:Order shop:InventoryItem");
    assert_eq!(compare("py_eventsourcing_json", &named, &folder), 249);
    assert_eq!(compare("py_eventsourcing_follower", &format!("{python} adapter.py shop"), &folder), 86);
}

#[test]
fn states_that_only_the_application_can_read() {
    let what = "states_that_only_the_application_can_read";
    let Some(python) = python_with_eventsourcing(what) else { return };
    let folder = folder("python-eventsourcing", &["shop.py"]);
    let compressed = "COMPRESSOR_TOPIC=eventsourcing.compressor:ZlibCompressor";
    assert_eq!(compare("py_eventsourcing_zlib", &format!("{compressed} {python} adapter.py shop"), &folder), 249);
    if !runs(&python, &["-c", "import Crypto"]) {
        return left_out(what, "the Python library pycryptodome");
    }
    let key = fs::read_to_string(root("tests/fixtures/py_eventsourcing_aes.key")).unwrap();
    let line = format!("{compressed} CIPHER_KEY={} {python} adapter.py shop", key.trim());
    assert_eq!(compare("py_eventsourcing_aes", &line, &folder), 249);
}

#[test]
fn a_function_of_python() {
    if !runs("python3", &["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]) {
        return left_out("a_function_of_python", "Python 3.10");
    }
    let folder = folder("python-function", &["fold.py"]);
    assert_eq!(compare("node_emmett_0_42", "python3 adapter.py fold.py", &folder), 249);
}

#[test]
fn deciders_of_emmett_and_a_function_of_javascript() {
    let what = "deciders_of_emmett_and_a_function_of_javascript";
    if !runs("node", &["--version"]) {
        return left_out(what, "Node");
    }
    if !root("target/adapters/node_modules/@event-driven-io/emmett").is_dir() {
        return left_out(what, "Emmett");
    }
    let emmett = folder("emmett", &["shop.mjs"]);
    assert_eq!(compare("node_emmett_0_42", "node adapter.mjs shop.mjs", &emmett), 249);
    let function = folder("node-function", &["shop.mjs", "fold.mjs"]);
    assert_eq!(compare("node_emmett_0_42", "node adapter.mjs fold.mjs", &function), 249);
}

#[test]
fn aggregates_of_rails_event_store() {
    let what = "aggregates_of_rails_event_store";
    if !runs("ruby", &["--version"]) {
        return left_out(what, "Ruby");
    }
    let gems = runs("ruby", &["-e", "require 'aggregate_root'; require 'ruby_event_store'"]);
    let stand_in = if gems {
        String::new()
    } else {
        left_out(what, "the gem aggregate_root, so that the adapter is held against its contract alone,");
        format!("-I {}", root("tests/adapters/without_gems").display())
    };
    let folder = folder("rails-event-store", &["shop.rb"]);
    for fixture in ["ruby_res_json", "ruby_res_yaml"] {
        assert_eq!(compare(fixture, &format!("ruby {stand_in} adapter.rb shop.rb"), &folder), 249);
    }
}
