//! Lets the learner learn from a generated domain, and examines it on what it has not seen.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
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
        let got: BTreeMap<String, Value> = leaves(got).into_iter().collect();
        let mut exact = true;
        self.shown += got.len();
        for (pointer, value) in &wanted {
            self.leaves += 1;
            let right = got.get(pointer).is_some_and(|found| alike(value, found));
            self.leaves_right += usize::from(right);
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
