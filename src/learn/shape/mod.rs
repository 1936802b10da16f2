//! Takes a state apart into machines: records with members, maps and lists with entries, and what remains as leaves.

mod look;
mod routing;

use std::sync::Arc;

use super::facts::Facts;
use super::machine::{Machine, Meter, Run, Seen, Step};
use super::node::{Entries, Node, Record};
use super::search::{self, Leaf, worth};
use super::value::V;
use look::{MOST_MEMBERS, element_key, is_bare, is_copied, keyed};
use routing::Routing;

pub(super) use look::{members_of, unexplained};

/// How deep maps and records are taken apart.
const DEEPEST: usize = 6;

/// Learns a part of the state.
pub(super) fn learn(facts: &Facts, machine: &Machine, depth: usize, meter: &mut Meter<'_>) -> Node {
    let objects = machine.seen().filter(|seen| matches!(seen.value, V::Object(_))).count();
    let lists = machine.seen().filter(|seen| matches!(seen.value, V::List(_))).count();
    if depth >= DEEPEST || objects + lists == 0 {
        return Node::Leaf(search::search(facts, machine, meter));
    }
    if lists > objects {
        return list(facts, machine, depth, meter);
    }
    if is_copied(facts, machine) {
        let leaf = search::search(facts, machine, meter);
        if leaf.misses <= 0.05 * worth(machine) {
            return Node::Leaf(leaf);
        }
    }
    let keyed = keyed(facts, machine);
    if keyed >= 0.8 {
        let entries = entries(facts, machine, None, depth, meter);
        if entries.misses() <= 0.1 * worth(machine) || members_of(machine).len() > MOST_MEMBERS {
            return entries;
        }
        let record = record(facts, machine, depth, meter);
        return if record.misses() < entries.misses() { record } else { entries };
    }
    record(facts, machine, depth, meter)
}

/// Learns an object with members.
pub(super) fn record(facts: &Facts, machine: &Machine, depth: usize, meter: &mut Meter<'_>) -> Node {
    record_with(facts, machine, depth, &|_| None, meter)
}

/// The same where some members are known already.
pub(super) fn record_with(
    facts: &Facts,
    machine: &Machine,
    depth: usize,
    known: &dyn Fn(&str) -> Option<Node>,
    meter: &mut Meter<'_>,
) -> Node {
    let keys = members_of(machine);
    let mut members = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let part = (keys.len() - at) as u64;
        let node = known(key)
            .unwrap_or_else(|| meter.lend(part.min(8), |meter| learn(facts, &machine.member(key), depth + 1, meter)));
        members.push((key.clone(), node));
    }
    let nullable = depth > 0 && machine.seen().any(|seen| is_bare(&seen.value));
    let base = nullable.then(|| {
        let bare = machine.mapped(|value| match value {
            V::Object(_) => Some(V::empty_object()),
            V::Missing => Some(V::Missing),
            _ => Some(V::Null),
        });
        search::search(facts, &bare, meter)
    });
    Node::Record(Record { members, base })
}

fn list(facts: &Facts, machine: &Machine, depth: usize, meter: &mut Meter<'_>) -> Node {
    let Some(key) = element_key(facts, machine) else {
        return Node::Leaf(search::search(facts, machine, meter));
    };
    let entries = entries(facts, machine, Some(&key), depth, meter);
    if entries.misses() <= 0.02 * worth(machine) {
        return entries;
    }
    let leaf = Node::Leaf(search::search(facts, machine, meter));
    if unexplained(facts, machine, &leaf) < unexplained(facts, machine, &entries) { leaf } else { entries }
}

/// Learns a map, or a list whose elements have a key.
fn entries(facts: &Facts, machine: &Machine, list: Option<&Arc<str>>, depth: usize, meter: &mut Meter<'_>) -> Node {
    let base = base(facts, machine, list.is_some(), meter);
    let routing = Routing::find(facts, machine, list);
    let inner = routing.machine(facts, machine, list);
    let entry = learn(facts, &inner, depth + 1, meter);
    let mut found = Entries {
        list: list.cloned(),
        base,
        guarded: vec![false; inner.inputs.len()],
        inputs: inner.inputs.clone(),
        routes: routing.routes,
        entry: Box::new(entry),
    };
    guard(facts, &inner, depth, &mut found, meter);
    Node::Entries(found)
}

/// Learns where there is a map or list at all.
fn base(facts: &Facts, machine: &Machine, is_list: bool, meter: &mut Meter<'_>) -> Leaf {
    let empty = if is_list { V::empty_list() } else { V::empty_object() };
    // A map within an entry comes with its first entry, unless an empty one was seen.
    if machine.entry && !machine.seen().any(|seen| is_bare(&seen.value) || seen.value == empty) {
        return Leaf::idle(machine.inputs.len());
    }
    let bare = machine.mapped(|value| match value {
        V::Object(_) | V::List(_) => Some(empty.clone()),
        other => Some(other.clone()),
    });
    search::search(facts, &bare, meter)
}

/// Events that only change entries say nothing to one that is not there.
fn guard(facts: &Facts, inner: &Machine, depth: usize, found: &mut Entries, meter: &mut Meter<'_>) {
    if !matches!(*found.entry, Node::Record(_)) {
        return;
    }
    let inputs = 0..inner.inputs.len();
    let creates: Vec<bool> = inputs.clone().map(|input| found.entry.sets(input)).collect();
    if !creates.contains(&true) {
        return;
    }
    let guarded: Vec<bool> = inputs.map(|input| !creates.get(input).copied().unwrap_or(false)).collect();
    let mut removed = false;
    let mut runs = Vec::new();
    for run in &inner.runs {
        let mut cell = found.entry.start();
        let mut kept: Vec<Step> = Vec::new();
        let mut places = vec![0];
        for step in run.steps.iter() {
            let dead = found.entry.value(&cell).is_missing();
            if dead && guarded.get(step.input) == Some(&true) {
                removed |= found.entry.moves(step.input);
            } else {
                kept.push(*step);
                if let Some(fact) = facts.events.get(step.event) {
                    found.entry.step(&mut cell, step.input, fact);
                }
            }
            places.push(kept.len());
        }
        let seen = run
            .seen
            .iter()
            .map(|seen| Seen { after: places.get(seen.after).copied().unwrap_or(kept.len()), ..seen.clone() });
        runs.push(Run { seen: seen.collect(), steps: kept.into() });
    }
    if !removed {
        return;
    }
    let alive = Machine { runs, ..inner.clone() };
    let again = record(facts, &alive, depth + 1, meter);
    if again.misses() <= found.entry.misses() {
        *found.entry = again;
        found.guarded = guarded;
    }
}
