//! One aggregate type while it is learnt: part of its streams is held out, the rest is learnt from, and it is told how well
//! that went.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::effect::Effect;
use super::evidence::{At, Evidence, Known, Unexplained};
use super::facts::Facts;
use super::found::{Found, described};
use super::machine::{Input, Machine, Meter, Run, Seen, Step};
use super::node::{Node, Record};
use super::shapes::{Shapes, parts};
use super::tally::Tally;
use super::value::V;
use super::{before, derived, search, shape};
use crate::error::{Error, ErrorKind, Result};
use crate::event::StreamName;

/// How many steps of a leaf's machine the search for one aggregate type may take: some seconds of them.
const STEPS: u64 = 60_000_000;

/// How many events are learnt from at first; the rest is held out.
const FIRST_EVENTS: usize = 4_000;

/// How many events are learnt from at most.
const MOST_EVENTS: usize = 16_000;

/// From how many streams on some are held out.
const ENOUGH: usize = 4;

/// A part of whose evidence no more than this is not explained is left as it is.
const DRIFT: f64 = 0.02;

/// A part of whose evidence less than this is not explained is known well: what is not explained has drifted.
const WELL: f64 = 0.12;

pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "learning was stopped")
}

/// One aggregate type while it is learnt.
pub(super) struct Study {
    pub(super) facts: Facts,
    /// For each stream with evidence what is seen of it.
    seen: Vec<(usize, Vec<Seen>)>,
    /// Evidence of which the streams know nothing.
    lost: Vec<usize>,
    /// Members that a person says are no state.
    no_state: HashSet<Vec<Arc<str>>>,
    /// The state as it is expected to be.
    pub(super) expected: Option<Node>,
}

/// What was learnt of one aggregate type.
pub(super) struct Model {
    pub(super) root: Node,
    /// The facts with what was before each event, where some rule reads that.
    before: Option<Facts>,
}

impl Model {
    fn member(&self, key: &str) -> Option<&Node> {
        match &self.root {
            Node::Record(record) => record.members.iter().find(|(name, _)| &**name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub(super) fn facts<'s>(&'s self, study: &'s Study) -> &'s Facts {
        self.before.as_ref().unwrap_or(&study.facts)
    }
}

impl Study {
    pub(super) fn new(facts: &Facts, evidence: &[(usize, &Evidence)]) -> Self {
        let mut study =
            Self { facts: facts.clone(), seen: Vec::new(), lost: Vec::new(), no_state: HashSet::new(), expected: None };
        let mut by_stream: BTreeMap<usize, Vec<Seen>> = BTreeMap::new();
        let shapes = Shapes::of(evidence);
        for (index, evidence) in evidence {
            if let Known::NoState { pointer } = &evidence.known {
                study.no_state.insert(parts(pointer));
                continue;
            }
            let stream = facts.find(&evidence.stream);
            let after = stream.and_then(|stream| after(facts, stream, evidence.at));
            match (stream, after) {
                (Some(stream), Some(after)) => {
                    let (value, partial) = shapes.value(evidence);
                    by_stream.entry(stream).or_default().push(Seen {
                        after,
                        value,
                        partial,
                        weight: evidence.weight,
                        evidence: *index,
                    });
                }
                _ => study.lost.push(*index),
            }
        }
        for (stream, mut seen) in by_stream {
            seen.sort_by_key(|seen| seen.after);
            study.seen.push((stream, seen));
        }
        study
    }

    /// Learns, from part of the streams first.
    pub(super) fn learn(
        self,
        aggregate_type: &str,
        evidence: &[(usize, &Evidence)],
        until: Option<Instant>,
        progress: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Found> {
        let mut meter = Meter::new(STEPS, progress).until(until);
        let (first, rest) = self.split();
        let everything: Vec<usize> = (0..self.seen.len()).collect();
        let mut model = self.model(&first, &|_| None, &mut meter);
        let held_out = self.tally(&model, &rest);
        let mut tally = self.tally(&model, &everything);
        if !rest.is_empty() && !tally.states.is_whole() {
            let all = self.bounded(&everything, MOST_EVENTS);
            let kinds: Vec<usize> = (0..self.facts.kinds.len()).collect();
            // What holds everywhere needs not be learnt again.
            let holds = |key: &str| {
                let node = model
                    .member(key)
                    .filter(|node| tally.holds(key) && !node.reads_before(model.facts(&self), &kinds))?;
                Some(node.clone())
            };
            let again = self.model(&all, &holds, &mut meter);
            let tally_again = self.tally(&again, &everything);
            if wrong(&tally_again) <= wrong(&tally) {
                (model, tally) = (again, tally_again);
            }
        }
        if meter.is_stopped() {
            return Err(stopped());
        }
        Ok(self.found(aggregate_type, evidence, &model, &tally, &held_out))
    }

    /// Learns from all that there is, without what is refused, and says how much of it comes out.
    pub(super) fn explain(
        &self,
        refused: &[(usize, Effect)],
        progress: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<(Model, Tally)> {
        let mut meter = Meter::new(STEPS, progress).refusing(refused);
        let everything: Vec<usize> = (0..self.seen.len()).collect();
        let model = self.model(&everything, &|_| None, &mut meter);
        if meter.is_stopped() {
            return Err(stopped());
        }
        let tally = self.tally(&model, &everything);
        Ok((model, tally))
    }

    /// The streams to learn from at first, and those that are held out.
    fn split(&self) -> (Vec<usize>, Vec<usize>) {
        let examples = |seen: &[Seen]| seen.iter().any(|seen| seen.weight > 1.0);
        let all: Vec<usize> = (0..self.seen.len()).collect();
        if all.len() < ENOUGH {
            return (all, Vec::new());
        }
        let mut first = Vec::new();
        for index in all.iter().copied() {
            let Some((_, seen)) = self.seen.get(index) else { continue };
            if index.is_multiple_of(2) || examples(seen) {
                first.push(index);
            }
        }
        let first = self.bounded(&first, FIRST_EVENTS);
        let rest = all.into_iter().filter(|index| !first.contains(index)).collect();
        (first, rest)
    }

    /// So many of some streams as have at most so many events.
    fn bounded(&self, streams: &[usize], most: usize) -> Vec<usize> {
        let mut events = 0;
        let mut kept = Vec::new();
        for index in streams {
            let Some((_, seen)) = self.seen.get(*index) else { continue };
            events += seen.last().map_or(0, |seen| seen.after);
            if events > most && kept.len() > 8 {
                break;
            }
            kept.push(*index);
        }
        kept
    }

    /// Learns from some streams.
    fn model(&self, streams: &[usize], known: &dyn Fn(&str) -> Option<Node>, meter: &mut Meter<'_>) -> Model {
        let machine = self.machine(streams);
        if let Some(Node::Record(expected)) = &self.expected {
            return Model { root: self.corrected(expected, &machine, meter), before: None };
        }
        if !machine.seen().any(|seen| matches!(seen.value, V::Object(_))) {
            return Model { root: shape::learn(&self.facts, &machine, 0, meter), before: None };
        }
        let mut root = shape::record_with(&self.facts, &machine, 0, known, meter);
        let mut before = None;
        if let Node::Record(record) = &mut root {
            self.forget(record, &[]);
            derive(record, &machine, &unresolved(record, &machine));
            let open = unresolved(record, &machine);
            if !open.is_empty() {
                before = self.look_before(&mut root, &machine, &open, meter);
            }
        }
        Model { root, before }
    }

    /// What is expected, with as little changed as the evidence asks for.
    fn corrected(&self, expected: &Record, machine: &Machine, meter: &mut Meter<'_>) -> Node {
        let mut record = expected.clone();
        for key in shape::members_of(machine) {
            let part = machine.member(&key);
            let Some((_, node)) = record.members.iter_mut().find(|(name, _)| *name == key) else {
                record.members.push((key, shape::learn(&self.facts, &part, 1, meter)));
                continue;
            };
            let wrong = shape::unexplained(&self.facts, &part, node);
            if wrong <= 0.0 {
                continue;
            }
            let again = match node {
                Node::Leaf(leaf) => Node::Leaf(search::revise(&self.facts, &part, leaf, meter)),
                _ => shape::learn(&self.facts, &part, 1, meter),
            };
            if shape::unexplained(&self.facts, &part, &again) < wrong {
                *node = again;
            }
        }
        self.forget(&mut record, &[]);
        Node::Record(record)
    }

    /// Learns again what is not explained, now with what the explained parts were before each event. Returns the facts
    /// with that.
    fn look_before(
        &self,
        root: &mut Node,
        machine: &Machine,
        open: &[(Arc<str>, f64)],
        meter: &mut Meter<'_>,
    ) -> Option<Facts> {
        let known = |key: &str| open.iter().all(|(name, share)| &**name != key || *share < WELL);
        let mut facts = self.facts.clone();
        if !before::add(&mut facts, root, &known) {
            return None;
        }
        let Node::Record(record) = root else { return None };
        let mut better = false;
        for (key, node) in &mut record.members {
            if !open.iter().any(|(name, share)| name == key && *share > DRIFT) {
                continue;
            }
            let again = meter.lend(open.len() as u64, |meter| shape::learn(&facts, &machine.member(key), 1, meter));
            if again.misses() < node.misses() {
                better = true;
                *node = again;
            }
        }
        better.then_some(facts)
    }

    /// Drops what a person says is no state.
    fn forget(&self, record: &mut Record, above: &[Arc<str>]) {
        let way = |key: &Arc<str>| above.iter().chain([key]).cloned().collect::<Vec<_>>();
        record.members.retain(|(key, _)| !self.no_state.contains(&way(key)));
        for (key, node) in &mut record.members {
            if let Node::Record(inner) = node {
                self.forget(inner, &way(key));
            }
        }
    }

    fn machine(&self, streams: &[usize]) -> Machine {
        let inputs: Vec<Input> = (0..self.facts.kinds.len()).map(|kind| Input { kind, keys: Vec::new() }).collect();
        let runs = streams.iter().filter_map(|index| {
            let (stream, seen) = self.seen.get(*index)?;
            let (_, events) = self.facts.streams.get(*stream)?;
            let step = |event: &usize| Some(Step { input: self.facts.events.get(*event)?.kind, event: *event });
            Some(Run { steps: events.iter().filter_map(step).collect(), seen: seen.clone() })
        });
        Machine {
            name: String::new(),
            inputs: inputs.into(),
            runs: runs.collect(),
            entry: false,
            member: false,
            top: None,
        }
    }

    fn tally(&self, model: &Model, streams: &[usize]) -> Tally {
        let facts = model.facts(self);
        let mut tally = Tally::default();
        for index in streams {
            let Some((stream, seen)) = self.seen.get(*index) else { continue };
            if let Some((_, events)) = self.facts.streams.get(*stream) {
                tally.stream(facts, &model.root, events, seen);
            }
        }
        tally
    }

    /// How many pieces of evidence tell of what the streams do not have.
    pub(super) fn lost(&self) -> usize {
        self.lost.len()
    }

    pub(super) fn found(
        &self,
        aggregate_type: &str,
        evidence: &[(usize, &Evidence)],
        model: &Model,
        tally: &Tally,
        held_out: &Tally,
    ) -> Found {
        let by_index: HashMap<usize, &Evidence> = evidence.iter().copied().collect();
        let name = |index: usize, pointers: Vec<String>| {
            let evidence = by_index.get(&index)?;
            let version = self.version_of(&evidence.stream, evidence.at);
            Some(Unexplained { stream: evidence.stream.clone(), version, source: evidence.source.clone(), pointers })
        };
        let mut unexplained: Vec<Unexplained> = self.lost.iter().filter_map(|index| name(*index, Vec::new())).collect();
        unexplained.extend(tally.unexplained.iter().filter_map(|(index, pointers)| name(*index, pointers.clone())));
        let facts = model.facts(self);
        let mut found = described(aggregate_type, facts, &model.root, tally, held_out);
        found.aggregate.unexplained = unexplained;
        found
    }

    fn version_of(&self, stream: &StreamName, at: At) -> i64 {
        if let At::Version(version) = at {
            return version;
        }
        let events = self.facts.find(stream).and_then(|stream| self.facts.streams.get(stream));
        let facts = events.into_iter().flat_map(|(_, events)| events).filter_map(|event| self.facts.events.get(*event));
        let before = facts.take_while(|fact| match at {
            At::Position(position) => fact.position <= position,
            _ => true,
        });
        before.last().map_or(0, |fact| fact.version)
    }
}

fn wrong(tally: &Tally) -> usize {
    tally.leaves.values().map(|agreement| agreement.of - agreement.agree).sum()
}

/// The members whose evidence is not all explained, with the share that is not.
fn unresolved(record: &Record, machine: &Machine) -> Vec<(Arc<str>, f64)> {
    let open = record.members.iter().filter(|(_, node)| node.misses() > 1e-6);
    open.map(|(key, node)| (key.clone(), node.misses() / search::worth(&machine.member(key)).max(1.0))).collect()
}

/// Looks for members that follow from others.
fn derive(record: &mut Record, machine: &Machine, open: &[(Arc<str>, f64)]) {
    let is_open = |key: &Arc<str>| open.iter().any(|(name, share)| name == key && *share >= WELL);
    let states: Vec<&Seen> = machine.seen().collect();
    let others: Vec<Arc<str>> = record.members.iter().map(|(key, _)| key.clone()).filter(|key| !is_open(key)).collect();
    for (key, node) in &mut record.members {
        if is_open(key)
            && matches!(node, Node::Leaf(_))
            && let Some(found) = derived::derive(key, &others, &states, node.misses())
        {
            *node = Node::Derived(found);
        }
    }
}

/// After how many events of a stream a moment is; `None` where it has no such version.
fn after(facts: &Facts, stream: usize, at: At) -> Option<usize> {
    let (_, events) = facts.streams.get(stream)?;
    let fact = |event: &usize| facts.events.get(*event);
    match at {
        At::Last => Some(events.len()),
        At::Version(version) => events
            .iter()
            .rposition(|event| fact(event).is_some_and(|fact| fact.version == version))
            .map(|last| last + 1),
        At::Position(position) => {
            let count =
                events.iter().take_while(|event| fact(event).is_some_and(|fact| fact.position <= position)).count();
            (count > 0).then_some(count)
        }
    }
}
