//! Lets the learner learn from a generated domain, and examines it on what it has not seen.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use eventscope::event::{Event, Payload, StreamName, Timestamp};
use eventscope::learn::{Evidence, Learner, Learnt};
use eventscope::replay::{Fold, Outcome, Reducers};
use serde_json::Value;

use super::domains::{Aggregate, Domain, Row, Stream, leaves};

/// How well the rules do on the streams that were held out.
#[derive(Debug, Default)]
pub struct Report {
    pub leaves: usize,
    pub leaves_right: usize,
    /// The leaves that the rules give at all.
    pub shown: usize,
    pub states: usize,
    pub exact: usize,
    /// Which leaves came out wrong how often, keys of entries written as `*`.
    pub wrong: BTreeMap<String, usize>,
    /// For each member of the states how many leaves there are, how many are given, and how many of these are right.
    pub seen: BTreeMap<String, [usize; 3]>,
    pub errors: Vec<String>,
    pub reducers: String,
}

/// An event as a store would give it.
pub fn event(aggregate: &Aggregate, stream: &Stream, row: &Row) -> Event {
    Event {
        position: row.envelope.version,
        stream: StreamName::new(aggregate.name.as_str(), stream.id.as_str()),
        version: row.envelope.version,
        event_type: row.envelope.event_type.clone(),
        schema_version: row.envelope.schema_version.clone(),
        timestamp: Some(Timestamp { stored: row.envelope.timestamp.as_str().into(), utc: None }),
        actor: Some(row.envelope.actor.clone()),
        data: Payload::json(row.data.clone()),
        ..Event::default()
    }
}

/// Whether a stream is one to learn from.
pub fn is_taught(index: usize) -> bool {
    index.is_multiple_of(2)
}

/// Learns from the snapshots of half of the streams.
pub fn learn(domain: &Domain) -> Learnt {
    let mut learner = Learner::new();
    for aggregate in &domain.aggregates {
        for (index, stream) in aggregate.streams.iter().enumerate() {
            for row in &stream.rows {
                learner.event(&event(aggregate, stream, row));
            }
            for (at, state) in stream.snapshots.iter().filter(|_| is_taught(index)) {
                let version = stream.rows.get(*at).unwrap().envelope.version;
                let name = StreamName::new(aggregate.name.as_str(), stream.id.as_str());
                learner.evidence(Evidence::snapshot(name, version, state.clone()));
            }
        }
    }
    learner.learn(&mut || ControlFlow::Continue(())).unwrap()
}

/// Learns, and examines.
pub fn examine(domain: &Domain) -> Report {
    hold(domain, &learn(domain).reducers, &|index| !is_taught(index))
}

/// Suggests from the events alone, and examines that on all streams.
pub fn examine_suggested(domain: &Domain) -> Report {
    let mut learner = Learner::new();
    for aggregate in &domain.aggregates {
        for stream in &aggregate.streams {
            stream.rows.iter().for_each(|row| learner.event(&event(aggregate, stream, row)));
        }
    }
    hold(domain, &learner.suggest(&mut || ControlFlow::Continue(())).unwrap().reducers, &|_| true)
}

/// How many corrections a person makes until an aggregate's states are right.
#[derive(Debug, Default)]
pub struct Corrected {
    pub corrections: usize,
    /// What was said twice in vain, and is left wrong.
    pub in_vain: usize,
    /// How many effects the rules have in the end.
    pub effects: usize,
}

/// Corrects what is shown of some streams of an aggregate, one place after the other, the earliest version first.
pub fn correct(aggregate: &Aggregate, streams: usize, most: usize) -> Corrected {
    let mut learner = Learner::new();
    for stream in &aggregate.streams {
        stream.rows.iter().for_each(|row| learner.event(&event(aggregate, stream, row)));
    }
    let (mut done, mut left) = (Corrected::default(), BTreeSet::new());
    let mut said = BTreeSet::new();
    let mut found = learner.suggest(&mut || ControlFlow::Continue(())).unwrap();
    while done.corrections < most {
        let rules = Reducers::parse(&found.reducers, "corrected").unwrap();
        let Some((stream, version, pointer, value)) = first_wrong(aggregate, &rules, streams, &left) else { break };
        if !said.insert((stream.clone(), version, pointer.clone())) {
            left.insert(pointer);
            done.in_vain += 1;
            continue;
        }
        done.corrections += 1;
        learner.evidence(Evidence::example(stream, version, &pointer, value));
        found = learner.learn(&mut || ControlFlow::Continue(())).unwrap();
    }
    let leaves = found.aggregates.iter().flat_map(|aggregate| &aggregate.leaves);
    done.effects = leaves.map(|leaf| leaf.effects.len()).sum();
    done
}

type Wrong = (StreamName, i64, String, Option<Value>);

/// The first place that is wrong, lists taken whole; those that were given up are passed over.
fn first_wrong(aggregate: &Aggregate, rules: &Reducers, streams: usize, left: &BTreeSet<String>) -> Option<Wrong> {
    for stream in aggregate.streams.iter().take(streams) {
        let mut fold = Fold::new(rules, &aggregate.name);
        for row in &stream.rows {
            fold.step(&event(aggregate, stream, row));
            let state = fold.state();
            let places =
                leaves(&row.state).into_iter().chain(leaves(&state)).map(|(pointer, _)| whole(&row.state, &pointer));
            for pointer in places.filter(|pointer| !pointer.is_empty() && !left.contains(pointer)) {
                let (wanted, got) = (row.state.pointer(&pointer), state.pointer(&pointer));
                let right = match (wanted, got) {
                    (Some(wanted), Some(got)) => alike(wanted, got),
                    (wanted, got) => wanted == got,
                };
                if !right {
                    let name = StreamName::new(aggregate.name.as_str(), stream.id.as_str());
                    return Some((name, row.envelope.version, pointer, wanted.cloned()));
                }
            }
        }
    }
    None
}

/// A pointer up to the first list on its way.
fn whole(state: &Value, pointer: &str) -> String {
    let mut so_far = String::new();
    for key in pointer.split('/').skip(1) {
        if state.pointer(&so_far).is_some_and(Value::is_array) {
            return so_far;
        }
        so_far = format!("{so_far}/{key}");
    }
    so_far
}

/// Holds rules against the true states of some streams, at every version.
pub fn hold(domain: &Domain, reducers: &str, asked: &dyn Fn(usize) -> bool) -> Report {
    let mut report = Report { reducers: reducers.to_owned(), ..Report::default() };
    let rules = match Reducers::parse(reducers, "learnt") {
        Ok(rules) => rules,
        Err(error) => {
            report.errors.push(error.to_string());
            Reducers::guess()
        }
    };
    for aggregate in &domain.aggregates {
        for (_, stream) in aggregate.streams.iter().enumerate().filter(|(index, _)| asked(*index)) {
            let mut fold = Fold::new(&rules, &aggregate.name);
            for row in &stream.rows {
                let step = fold.step(&event(aggregate, stream, row));
                if let Outcome::Failed(message) = step.outcome {
                    report.errors.push(format!("{}: {message}", row.envelope.event_type));
                }
                report.compare(&row.state, &fold.state());
            }
        }
    }
    report.errors.dedup();
    report.errors.truncate(20);
    report
}

impl Report {
    fn compare(&mut self, wanted: &Value, got: &Value) {
        let wanted: BTreeMap<String, Value> = leaves(wanted).into_iter().collect();
        // A state of which nothing is known shows nothing.
        let got: BTreeMap<String, Value> = leaves(got).into_iter().filter(|(pointer, _)| !pointer.is_empty()).collect();
        let mut exact = true;
        self.shown += got.len();
        for pointer in got.keys() {
            self.seen.entry(pattern(pointer)).or_default()[1] += 1;
        }
        for (pointer, value) in &wanted {
            self.leaves += 1;
            let right = got.get(pointer).is_some_and(|found| alike(value, found));
            self.leaves_right += usize::from(right);
            let seen = self.seen.entry(pattern(pointer)).or_default();
            seen[0] += 1;
            seen[2] += usize::from(right);
            if !right {
                exact = false;
                *self.wrong.entry(pattern(pointer)).or_default() += 1;
            }
        }
        for pointer in got.keys().filter(|pointer| !wanted.contains_key(*pointer)) {
            exact = false;
            *self.wrong.entry(format!("+{}", pattern(pointer))).or_default() += 1;
        }
        self.states += 1;
        self.exact += usize::from(exact);
    }
}

fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || matches!((a.as_f64(), b.as_f64()), (Some(a), Some(b)) if (a - b).abs() <= 1e-9 * a.abs().max(1.0))
        }
        (a, b) => a == b,
    }
}

/// The first member of a pointer, what is below as it is for short ones.
fn pattern(pointer: &str) -> String {
    pointer.split('/').take(2).collect::<Vec<_>>().join("/")
}
