//! Reducers learnt from evidence: on generated domains whose true states are known, and on databases that real libraries
//! wrote.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use eventscope::event::{Event, StreamName, Version};
use eventscope::insight::alike;
use eventscope::learn::{At, Evidence, Learner, Learnt};
use eventscope::replay::{Fold, Reducers};
use eventscope::source::{OpenOptions, Source};
use serde_json::Value;

#[path = "../domains/mod.rs"]
pub mod domains;
#[path = "../domains/school.rs"]
pub mod school;

/// Learns each domain from the snapshots of half of its streams; how many leaves and states of the others are right, in
/// hundredths of a percent.
fn shares(seeds: std::ops::Range<u64>) -> (usize, usize) {
    let (mut leaves, mut right, mut states, mut exact) = (0, 0, 0, 0);
    for seed in seeds {
        let report = school::examine(&domains::domain(seed));
        assert!(report.errors.is_empty(), "seed {seed}: {:?}", report.errors);
        leaves += report.leaves;
        right += report.leaves_right;
        states += report.states;
        exact += report.exact;
    }
    (right * 10_000 / leaves, exact * 10_000 / states)
}

#[test]
fn generated_domains_are_learnt_from_the_snapshots_of_half_of_their_streams() {
    let (leaves, states) = shares(1000..1012);
    assert!(leaves >= 9_800, "{leaves}");
    assert!(states >= 9_000, "{states}");
}

/// The figures of 200 domains. It takes minutes without optimisation: `cargo test --release --test suite -- --ignored
/// two_hundred`.
#[test]
#[ignore = "takes minutes"]
fn two_hundred_domains_that_nobody_has_looked_at() {
    let (leaves, states) = shares(1000..1200);
    assert!(leaves >= 9_800, "{leaves}");
    assert!(states >= 9_500, "{states}");
}

/// How many corrections it takes until four streams of each aggregate are right at every version, from nothing but what
/// names suggest. It asks for what is not reached yet.
#[test]
#[ignore = "measures; takes minutes"]
#[allow(clippy::print_stdout, reason = "it measures")]
fn a_person_corrects_what_is_suggested() {
    let (mut corrections, mut effects, mut in_vain, mut aggregates) = (0, 0, 0, 0);
    for seed in 4000..4030 {
        for aggregate in &domains::domain(seed).aggregates {
            let done = school::correct(aggregate, 4, 80);
            corrections += done.corrections;
            effects += done.effects;
            in_vain += done.in_vain;
            aggregates += 1;
        }
    }
    println!("{corrections} corrections for {effects} effects of {aggregates} aggregates; {in_vain} places left wrong");
    assert!(corrections <= effects && in_vain == 0, "{corrections} for {effects} effects, {in_vain} in vain");
}

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn open(fixture: &str) -> Source {
    Source::open(root(&format!("tests/fixtures/{fixture}.db")), &OpenOptions::default()).unwrap()
}

fn events(source: &Source) -> Vec<Event> {
    source.page_at(0, usize::MAX).unwrap()
}

/// A learner that has been given the events of a database, each stream in its order.
fn reader(source: &Source) -> Learner {
    let mut events = events(source);
    events.sort_by(|a, b| (&a.stream, a.version).cmp(&(&b.stream, b.version)));
    let mut learner = Learner::new();
    for event in &events {
        learner.event(event);
    }
    learner
}

/// The states that the application itself stored.
fn snapshots(source: &Source) -> Vec<(StreamName, Version, Value)> {
    let mut found = Vec::new();
    source
        .all_snapshots(&mut |snapshot| {
            // Snapshots may leave the type to the events.
            let stream = source.stream_named(&snapshot.stream.to_string()).unwrap_or(snapshot.stream);
            found.extend(snapshot.state.value().map(|state| (stream, snapshot.version, state.clone())));
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

fn learn(learner: &Learner) -> Learnt {
    let learnt = learner.learn(&mut || ControlFlow::Continue(())).unwrap();
    Reducers::parse(&learnt.reducers, "learnt").unwrap_or_else(|error| panic!("{error}\n{}", learnt.reducers));
    learnt
}

fn learnt_from_snapshots(source: &Source) -> Learnt {
    let mut learner = reader(source);
    for (stream, version, state) in snapshots(source) {
        learner.evidence(Evidence::snapshot(stream, version, state));
    }
    learn(&learner)
}

fn folded(source: &Source, rules: &Reducers, stream: &StreamName) -> (Version, Value) {
    let mut fold = Fold::new(rules, &stream.aggregate_type);
    let mut last = 0;
    for event in source.read_stream(stream, Version::MIN, None).unwrap() {
        last = fold.step(&event.unwrap()).version;
    }
    (last, fold.state())
}

/// For each aggregate type how many of the library's own final states the rules give, and how many there are. What is
/// learnt has the shape of the snapshots; the library's rules turn that into the shape of its answers.
fn exact(fixture: &str, reducers: &str) -> Vec<(String, usize, usize)> {
    let source = open(fixture);
    let rules = Reducers::parse(reducers, "learnt").unwrap();
    let own = std::fs::read_to_string(super::truth::rules_of(fixture)).unwrap();
    let own = Reducers::parse(&own, fixture).unwrap();
    let truth = std::fs::read_to_string(root(&format!("tests/fixtures/{fixture}.truth.json"))).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let mut counts: Vec<(String, usize, usize)> = Vec::new();
    for known in truth["streams"].as_array().unwrap() {
        let stream = source.stream_named(known["stream_id"].as_str().unwrap()).unwrap();
        let (version, state) = folded(&source, &rules, &stream);
        let here = own.comparable(&stream, version, &state).unwrap_or(state);
        let place = counts.iter().position(|(name, _, _)| *name == stream.aggregate_type).unwrap_or_else(|| {
            counts.push((stream.aggregate_type.clone(), 0, 0));
            counts.len() - 1
        });
        counts[place].1 += usize::from(alike(&known["final"], &here));
        counts[place].2 += 1;
    }
    counts
}

#[test]
fn the_states_of_eventsourcing_for_python_are_learnt_from_its_snapshots() {
    for fixture in ["py_eventsourcing_json", "py_eventsourcing_zlib"] {
        let learnt = learnt_from_snapshots(&open(fixture));
        let found = exact(fixture, &learnt.reducers);
        assert!(found.iter().all(|(_, exact, all)| exact == all), "{found:?}\n{}", learnt.reducers);
        assert_eq!(found.iter().map(|(_, _, all)| all).sum::<usize>(), 115);
    }
}

#[test]
fn the_states_of_hallgrens_library_are_learnt_from_its_snapshots() {
    let learnt = learnt_from_snapshots(&open("go_hallgren"));
    // Only accounts have snapshots in this file.
    let found = exact("go_hallgren", &learnt.reducers);
    assert!(found.contains(&("BankAccount".to_owned(), 25, 25)), "{found:?}\n{}", learnt.reducers);
}

#[test]
fn drifted_snapshots_of_sqlite_es_are_named_and_not_learnt() {
    let learnt = learnt_from_snapshots(&open("rust_sqlite_es"));
    let items = learnt.aggregates.iter().find(|aggregate| aggregate.aggregate_type == "InventoryItem").unwrap();
    // Each of the 24 that differ is named. What an event that is rarely seen does to `reserved` they hide: one more of the
    // 29 comes out wrong than the application's own rules get wrong.
    assert!((24..=25).contains(&items.unexplained.len()), "{}", learnt.reducers);
    assert!(learnt.reducers.contains(".reserved += $event.data.qty"), "{}", learnt.reducers);
    let found = exact("rust_sqlite_es", &learnt.reducers);
    assert!(found.contains(&("order".to_owned(), 60, 60)), "{found:?}\n{}", learnt.reducers);
}

#[test]
fn a_read_model_is_learnt_from_its_rows() {
    let source = open("rust_sqlite_es");
    let conn = rusqlite::Connection::open(source.path()).unwrap();
    let mut statement = conn.prepare("SELECT view_id, version, payload FROM order_view").unwrap();
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)));
    let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    let mut learner = reader(&source);
    for (index, (id, version, payload)) in rows.iter().enumerate() {
        if index % 2 == 0 {
            let members: Value = serde_json::from_str(payload).unwrap();
            learner.evidence(Evidence::row(StreamName::new("order", id), At::Version(*version), members, "order_view"));
        }
    }
    let learnt = learn(&learner);
    let rules = Reducers::parse(&learnt.reducers, "learnt").unwrap();
    for (id, _, payload) in &rows {
        let (_, state) = folded(&source, &rules, &StreamName::new("order", id));
        assert!(alike(&state, &serde_json::from_str(payload).unwrap()), "{id}: {state} {payload}\n{}", learnt.reducers);
    }
}

#[test]
fn stores_without_aggregate_types_are_learnt_too() {
    let source = open("php_spatie_ddl");
    let learnt = learnt_from_snapshots(&source);
    let rules = Reducers::parse(&learnt.reducers, "learnt").unwrap();
    let all = snapshots(&source);
    let mut exact = 0;
    for (stream, version, state) in &all {
        let mut fold = Fold::new(&rules, &stream.aggregate_type);
        for event in source.read_stream(stream, Version::MIN, Some(*version)).unwrap() {
            fold.step(&event.unwrap());
        }
        exact += usize::from(alike(&fold.state(), state));
    }
    assert_eq!(exact, all.len(), "{}", learnt.reducers);
}

#[test]
fn projected_threads_are_learnt_from_their_columns() {
    let source = open("ddl_t3code");
    let conn = rusqlite::Connection::open(source.path()).unwrap();
    let mut statement =
        conn.prepare("SELECT thread_id, project_id, title, model, created_at FROM projection_threads").unwrap();
    let text = |row: &rusqlite::Row<'_>, index: usize| row.get::<_, String>(index);
    let rows = statement.query_map([], |row| {
        let members = serde_json::json!({"project_id": text(row, 1)?, "title": text(row, 2)?, "model": text(row, 3)?, "created_at": text(row, 4)?});
        Ok((text(row, 0)?, members))
    });
    let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    let mut learner = reader(&source);
    for (id, members) in rows.iter().step_by(2) {
        let evidence = Evidence::row(StreamName::new("thread", id), At::Last, members.clone(), "projection_threads");
        learner.evidence(evidence);
    }
    let learnt = learn(&learner);
    let rules = Reducers::parse(&learnt.reducers, "learnt").unwrap();
    for (id, members) in &rows {
        let (_, state) = folded(&source, &rules, &StreamName::new("thread", id));
        assert!(alike(&state, members), "{state} {members}\n{}", learnt.reducers);
    }
}

/// Suggestions are held against the libraries' own states: of what is shown at least nine in ten are right, and it is
/// nearly all of what there is. Ouroboros is left out: what its lineages hold, names do not tell.
#[test]
fn what_is_suggested_is_mostly_right() {
    let (mut shown, mut right, mut all) = (0, 0, 0);
    for fixture in ["node_emmett_0_42", "rust_sqlite_es", "go_hallgren", "ruby_res_json", "py_eventsourcing_json"] {
        let source = open(fixture);
        let suggested = reader(&source).suggest(&mut || ControlFlow::Continue(())).unwrap();
        let rules = Reducers::parse(&suggested.reducers, "suggested").unwrap();
        let truth = std::fs::read_to_string(root(&format!("tests/fixtures/{fixture}.truth.json"))).unwrap();
        let truth: Value = serde_json::from_str(&truth).unwrap();
        let (mut shown_here, mut right_here, mut all_here) = (0, 0, 0);
        for known in truth["streams"].as_array().unwrap() {
            let stream = source.stream_named(known["stream_id"].as_str().unwrap()).unwrap();
            let (_, state) = folded(&source, &rules, &stream);
            let wanted: BTreeMap<_, _> = domains::leaves(&known["final"]).into_iter().collect();
            let got: Vec<_> = domains::leaves(&state).into_iter().filter(|(pointer, _)| !pointer.is_empty()).collect();
            right_here += got
                .iter()
                .filter(|(pointer, value)| wanted.get(pointer).is_some_and(|wanted| alike(wanted, value)))
                .count();
            shown_here += got.len();
            all_here += wanted.len();
        }
        assert!(
            shown_here * 7 <= right_here * 10,
            "{fixture}: {right_here} of {shown_here} shown, {all_here} in all\n{}",
            suggested.reducers
        );
        shown += shown_here;
        right += right_here;
        all += all_here;
    }
    assert!(right * 100 >= shown * 90, "{right} of {shown} shown");
    assert!(right * 100 >= all * 90, "{right} of {all}");
}

/// On generated domains nearly half of what a state is called is nowhere in the events (see `suggesting`): most of the rest
/// is shown there, and what is shown is right.
#[test]
fn what_is_suggested_for_generated_domains_is_mostly_right() {
    // For each kind of part of a state: how many leaves there are, how many are shown, how many of these are right.
    let mut by_part: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for seed in 3000..3040 {
        let domain = domains::domain(seed);
        let report = school::examine_suggested(&domain);
        assert!(report.errors.is_empty(), "seed {seed}: {:?}", report.errors);
        for (member, seen) in report.seen {
            let name = member.trim_start_matches('/');
            let part = domain.aggregates.iter().find_map(|aggregate| aggregate.owners.get(name));
            let counts = by_part.entry(part.cloned().unwrap_or_default()).or_default();
            counts.iter_mut().zip(seen).for_each(|(count, seen)| *count += seen);
        }
    }
    let [all, shown, right] = [0, 1, 2].map(|which| by_part.values().map(|counts| counts[which]).sum::<usize>());
    assert!(
        right * 100 >= all * 39 && right * 100 >= shown * 95,
        "{right} of {shown} shown, {all} in all: {by_part:#?}"
    );
}
