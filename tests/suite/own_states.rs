//! The states that the program gives by itself, without rules of anybody's: those of libraries that say what a state is
//! equal the libraries' own. For the others the table that is printed says how far the guess goes.
#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "it prints what it measured, and counts no further than thousands"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eventscope::event::{StreamName, Version};
use eventscope::replay::Fold;
use eventscope::session::FoundReducers;
use eventscope::source::{Choice, OpenOptions, Source};
use serde_json::{Value, json};

use crate::libraries::forms;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A database as the program opens it, and the reducers that it uses by itself.
struct Opened {
    source: Source,
    found: FoundReducers,
}

impl Opened {
    fn new(path: &Path, profile: Option<&str>) -> Self {
        let profile = profile.map(|name| Choice::Name(name.to_owned()));
        let source = Source::open(path, &OpenOptions { profile, ..OpenOptions::default() }).unwrap();
        let found = FoundReducers::find(path, None, source.state_spec()).unwrap();
        Self { source, found }
    }

    /// The states of a stream after each of its events, by version and by the event's id.
    fn states(&self, stream: &StreamName) -> Vec<(Version, Option<String>, Value)> {
        let mut fold = Fold::new(&self.found.reducers, &stream.aggregate_type);
        let events = self.source.read_history(stream, Version::MIN, None).unwrap().map(Result::unwrap);
        events
            .map(|event| {
                fold.step(&event);
                (event.version, event.id, fold.state())
            })
            .collect()
    }

    fn last_state(&self, stream: &str) -> Value {
        let stream = self.source.stream_named(stream).unwrap();
        self.states(&stream).pop().unwrap().2
    }
}

/// What the library answered, and which stream that is about here.
fn truth(name: &str) -> Vec<(String, Value)> {
    let text = std::fs::read_to_string(fixture(&format!("{name}.truth.json"))).unwrap();
    let truth: Value = serde_json::from_str(&text).unwrap();
    let streams = truth["streams"].as_array().unwrap().clone();
    let name = |known: &Value| {
        let id = known["stream_id"].as_str().unwrap();
        known["user"].as_str().map_or_else(|| id.to_owned(), |user| format!("{user}/{id}"))
    };
    streams.into_iter().map(|known| (name(&known), known)).collect()
}

/// The scalars and empty containers of a state, by their JSON Pointers.
fn leaves(state: &Value) -> BTreeMap<String, Value> {
    fn walk(at: String, value: &Value, into: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    walk(format!("{at}/{key}"), value, into);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (index, value) in items.iter().enumerate() {
                    walk(format!("{at}/{index}"), value, into);
                }
            }
            leaf => {
                into.insert(at, leaf.clone());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(String::new(), state, &mut found);
    found
}

/// How the final states of a database agree with the library's.
#[derive(Default)]
struct Score {
    streams: usize,
    exact: usize,
    leaves: usize,
    shown: usize,
    right: usize,
}

impl Score {
    fn add(&mut self, truth: &Value, here: &Value) {
        let (truth, here) = (leaves(truth), leaves(here));
        self.streams += 1;
        self.exact += usize::from(truth == here);
        self.leaves += truth.len();
        self.shown += here.len();
        self.right += truth.iter().filter(|(at, value)| here.get(*at) == Some(*value)).count();
    }

    fn line(&self, name: &str, label: &str) -> String {
        let share = |of: usize| 100.0 * self.right as f64 / of.max(1) as f64;
        format!(
            "{name:<26} {:>3} of {:>3} exact  {:>5.1} % of the leaves  {:>5.1} % of those shown  {label}",
            self.exact,
            self.streams,
            share(self.leaves),
            share(self.shown)
        )
    }
}

fn measure(name: &str, profile: Option<&str>) -> Score {
    let opened = Opened::new(&fixture(&format!("{name}.db")), profile);
    let mut score = Score::default();
    let mut label = String::new();
    for (stream, known) in truth(name) {
        let stream = opened.source.stream_named(&stream).unwrap();
        label = opened.found.label(&stream.aggregate_type);
        let state = opened.states(&stream).pop().unwrap().2;
        if !known["final"].is_null() {
            score.add(&known["final"], &state);
        }
    }
    println!("{}", score.line(name, &label));
    score
}

#[test]
fn states_that_a_library_defines_are_exact_and_the_others_are_measured() {
    for (name, profile) in [
        ("node_opencode", None),
        ("py_adk_database", None),
        ("py_ouroboros", None),
        ("py_langgraph", None),
        ("py_openai_agents", None),
        ("py_homeassistant", Some("home-assistant-states")),
    ] {
        let score = measure(name, profile);
        assert_eq!((score.exact, score.streams > 0), (score.streams, true), "{name}");
    }
    let dagster = measure("py_dagster_consolidated", None);
    assert!(dagster.right >= dagster.streams, "the status of each run is right; its numbers were kept as nothing");
    for name in ["py_eventsourcing_json", "py_eventsourcing_zlib", "py_eventsourcing_follower"] {
        let score = measure(name, None);
        assert!(score.right * 100 >= score.shown * 85, "{name}: what is shown is right");
    }
    for name in ["node_emmett_0_42", "rust_sqlite_es", "go_hallgren", "ruby_res_json", "ruby_res_yaml"] {
        measure(name, None);
    }
}

/// `LangGraph`: a checkpoint is the whole state after a step. The first one of a thread only holds what was asked, from
/// which the library itself makes the channels' own beginnings.
#[test]
fn langgraph_s_states_are_the_channels_values() {
    let opened = Opened::new(&fixture("py_langgraph.db"), None);
    assert_eq!(opened.found.label("thread"), "library: the channels' values at the last checkpoint");
    let mut compared = 0;
    for (name, known) in truth("py_langgraph") {
        let stream = opened.source.stream_named(&name).unwrap();
        let states = opened.states(&stream);
        for version in known["versions"].as_array().unwrap().iter().skip(1) {
            let (_, _, state) = states.iter().find(|(_, id, _)| id.as_deref() == version["event_id"].as_str()).unwrap();
            // A list that nothing was put into yet is in no checkpoint: that it begins empty is in the graph's own code.
            let mut known = version["state"].as_object().unwrap().clone();
            known.retain(|channel, value| *value != json!([]) || state.get(channel).is_some());
            assert_eq!(state, &Value::Object(known), "{name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 14);
    let stream = opened.source.stream_named("thread-1").unwrap();
    let event = opened.source.read_stream(&stream, Version::MIN, None).unwrap().last().unwrap().unwrap();
    let types = &event.data.wrapped().unwrap().types;
    assert_eq!(types["/channel_values/chat/0"], "langchain_core.messages.human.HumanMessage");
}

/// ADK: what sessions share is as it was at each event, and what a session began with is there from the first on. Only a
/// key that events set later is not known before.
#[test]
fn adk_s_states_hold_what_sessions_share() {
    let opened = Opened::new(&fixture("py_adk_database.db"), None);
    let (mut compared, mut exact) = (0, 0);
    for (name, known) in truth("py_adk_database") {
        let states = opened.states(&opened.source.stream_named(&name).unwrap());
        for version in known["versions"].as_array().into_iter().flatten() {
            let (_, _, state) = states.iter().find(|(_, id, _)| id.as_deref() == version["event_id"].as_str()).unwrap();
            let mut known = version["state"].clone();
            exact += usize::from(known == *state);
            if state.get("cart").is_none() {
                assert_eq!(known["cart"], json!([]), "{name}");
                known.as_object_mut().unwrap().remove("cart");
            }
            assert_eq!(*state, known, "{name}");
            compared += 1;
        }
    }
    assert_eq!((compared, exact), (71, 67));
}

#[test]
fn a_session_of_openai_s_agents_is_the_list_of_its_items() {
    let opened = Opened::new(&fixture("py_openai_agents.db"), None);
    for (name, known) in truth("py_openai_agents") {
        let states = opened.states(&opened.source.stream_named(&name).unwrap());
        for version in known["versions"].as_array().unwrap() {
            let (_, _, state) = states.iter().find(|(number, ..)| *number == version["version"]).unwrap();
            assert_eq!(state, &version["state"], "{name}");
        }
    }
}

/// A form, recognised as the profile that it must be recognised as.
fn form(name: &str, profile: &str) -> (tempfile::TempDir, Opened) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&forms::create(name, folder.path()), None);
    assert_eq!(opened.source.detection().unwrap().profile.name, profile);
    (folder, opened)
}

#[test]
fn a_room_of_synapse_is_its_content_by_type_and_state_key() {
    let (_folder, opened) = form("synapse", "synapse");
    assert_eq!(
        opened.last_state("!a:example.org"),
        json!({
            "m.room.create|": {"room_version": "10"},
            "m.room.member|@ann:example.org": {"membership": "join", "displayname": "Zoë"},
            "m.room.name|": {"name": "Second"},
        })
    );
    assert_eq!(opened.source.count().unwrap(), 5, "an outlier is in no room's history");
}

#[test]
fn a_durable_workflow_is_its_status_and_output() {
    let (_folder, opened) = form("duroxide", "duroxide");
    assert_eq!(opened.last_state("order-1"), json!({"status": "Completed", "output": "\"paid\""}));
    assert_eq!(opened.last_state("order-2"), json!({"status": "Failed", "output": "no card"}));
    assert_eq!(opened.last_state("tick"), json!({"status": "Running", "output": null}));
    let tick = opened.states(&opened.source.stream_named("tick").unwrap());
    assert_eq!(tick[1].2, json!({"status": "ContinuedAsNew", "output": "2"}));

    let (_folder, opened) = form("dbos", "dbos");
    let output = json!({"order": {"sku": "S1", "qty": 2, "note": null}, "payment": "paid"});
    assert_eq!(opened.last_state("wf-0"), json!({"status": "SUCCESS", "output": output}));
    let error = json!({"name": "ValueError", "message": "too much"});
    assert_eq!(opened.last_state("wf-1"), json!({"status": "ERROR", "output": error}));
    assert_eq!(opened.last_state("wf-2"), json!({"status": "PENDING", "output": null}));
    let first = opened.states(&opened.source.stream_named("wf-0").unwrap());
    assert_eq!((first.len(), &first[2].2), (4, &json!({"status": "PENDING", "output": null})));
}

#[test]
fn a_log_of_changes_sets_columns() {
    let (_folder, opened) = form("paper_trail", "paper-trail");
    let states = opened.states(&opened.source.stream_named("Article/7").unwrap());
    let states: Vec<&Value> = states.iter().map(|(.., state)| state).collect();
    assert_eq!(
        states,
        [
            &json!({"id": 7, "title": "First", "price": "8.50"}),
            &json!({"id": 7, "title": "Second", "price": null}),
            &Value::Null
        ]
    );
    assert_eq!(opened.last_state("Article/8"), json!({"id": 8, "title": "Łódź"}));

    let (_folder, opened) = form("audited", "audited");
    assert_eq!(opened.last_state("Article/7"), json!({"title": "Second", "tags": ["c"], "price": 8}));
    assert_eq!(opened.last_state("Article/8"), Value::Null);

    let (_folder, opened) = form("simple_history", "simple-history");
    assert_eq!(opened.last_state("shop_historicalarticle/7"), json!({"id": 7, "title": "Second", "price": 9.5}));
    assert_eq!(opened.last_state("shop_historicalarticle/8"), Value::Null);

    let (_folder, opened) = form("taskchampion", "taskchampion");
    let task = opened.last_state("11111111-1111-4111-8111-111111111111");
    assert_eq!(task, json!({"description": "buy cups", "status": "pending"}));
    assert_eq!(opened.last_state("22222222-2222-4222-8222-222222222222"), Value::Null);
}
