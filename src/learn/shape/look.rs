//! What the values of a part look like: the members that they have, whether their keys come from events.

use super::super::facts::Facts;
use super::super::machine::{Machine, Run, Seen};
use super::super::node::Node;
use super::super::search;
use super::super::value::V;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// How many members a record may have.
pub(super) const MOST_MEMBERS: usize = 96;

pub(super) fn is_bare(value: &V) -> bool {
    matches!(value, V::Null) || value.as_object().is_some_and(BTreeMap::is_empty)
}

/// The names of the members, in the order in which the first events of the streams mention them.
pub(in super::super) fn members_of(machine: &Machine) -> Vec<Arc<str>> {
    let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for members in machine.seen().filter_map(|seen| seen.value.as_object()) {
        for key in members.keys() {
            *counts.entry(key.clone()).or_default() += 1;
        }
    }
    let mut keys: Vec<_> = counts.into_iter().collect();
    if keys.len() > MOST_MEMBERS {
        keys.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        keys.truncate(MOST_MEMBERS);
        keys.sort();
    }
    keys.into_iter().map(|(key, _)| key).collect()
}

/// Whether the objects are mostly ones that events carry whole.
pub(super) fn is_copied(facts: &Facts, machine: &Machine) -> bool {
    let (mut whole, mut copied) = (0, 0);
    for run in &machine.runs {
        let objects: Vec<&Seen> = run.seen.iter().filter(|seen| matches!(seen.value, V::Object(_))).collect();
        if objects.is_empty() {
            continue;
        }
        let mut carried = HashSet::new();
        for step in run.steps.iter() {
            let Some(fact) = facts.events.get(step.event) else { continue };
            let fields = facts.kinds.get(fact.kind).map(|kind| kind.fields.as_slice()).unwrap_or_default();
            let objects = fields.iter().zip(&fact.prints).filter(|(field, _)| field.objects > 0);
            carried.extend(objects.map(|(_, print)| *print));
        }
        whole += objects.len();
        let empty = V::empty_object();
        copied +=
            objects.iter().filter(|seen| seen.value != empty && carried.contains(&seen.value.fingerprint())).count();
    }
    whole > 0 && copied * 2 >= whole
}

/// Which part of the keys are values of the events before.
pub(super) fn keyed(facts: &Facts, machine: &Machine) -> f64 {
    let (mut keys, mut told) = (0_u32, 0_u32);
    for run in &machine.runs {
        let mut names: Option<HashSet<Arc<str>>> = None;
        for seen in &run.seen {
            let Some(members) = seen.value.as_object() else { continue };
            let names = names.get_or_insert_with(|| names_in(facts, run));
            keys += members.len() as u32;
            told += members.keys().filter(|key| names.contains(*key)).count() as u32;
        }
        if keys > 4000 {
            break;
        }
    }
    if keys == 0 { 0.0 } else { f64::from(told) / f64::from(keys) }
}

/// All the values in a run's events that could be keys.
pub(super) fn names_in(facts: &Facts, run: &Run) -> HashSet<Arc<str>> {
    let events = run.steps.iter().filter_map(|step| facts.events.get(step.event));
    events.flat_map(|fact| &fact.values).filter_map(V::as_key).collect()
}

/// What it costs to note what a part does not give, its values taken whole: so parts of different shapes compare.
pub(in super::super) fn unexplained(facts: &Facts, machine: &Machine, node: &Node) -> f64 {
    let mut cost = 0.0;
    for run in &machine.runs {
        let (mut cell, mut done) = (node.start(), 0);
        for seen in &run.seen {
            for step in run.steps.get(done..seen.after).unwrap_or_default() {
                if let Some(fact) = facts.events.get(step.event) {
                    node.step(&mut cell, step.input, fact);
                }
            }
            done = seen.after.max(done);
            cost += f64::from(seen.weight) * search::miss(&seen.value, &node.value(&cell));
        }
    }
    cost
}

/// The member that names the elements of lists: each element has it, no two of a list the same, and events say it.
pub(super) fn element_key(facts: &Facts, machine: &Machine) -> Option<Arc<str>> {
    let mut known: HashMap<Arc<str>, (usize, usize)> = HashMap::new();
    let (mut elements, mut spoiled) = (0, HashSet::new());
    for run in &machine.runs {
        let lists: Vec<_> =
            run.seen.iter().filter_map(|seen| seen.value.as_list()).filter(|items| !items.is_empty()).collect();
        if lists.is_empty() {
            continue;
        }
        let names = names_in(facts, run);
        for items in lists.iter().rev().take(12) {
            let mut taken: HashSet<(Arc<str>, Arc<str>)> = HashSet::new();
            for item in *items {
                let members = item.as_object()?;
                elements += 1;
                for (key, value) in members {
                    let Some(name) = value.as_key() else { continue };
                    let count = known.entry(key.clone()).or_default();
                    count.0 += 1;
                    count.1 += usize::from(names.contains(&name));
                    if !taken.insert((key.clone(), name)) {
                        spoiled.insert(key.clone());
                    }
                }
            }
        }
    }
    let fits = known
        .into_iter()
        .filter(|(key, (count, named))| *count == elements && *named * 10 >= elements * 9 && !spoiled.contains(key));
    fits.max_by(|(a, _), (b, _)| key_likeness(a).total_cmp(&key_likeness(b)).then(b.cmp(a))).map(|(key, _)| key)
}

pub(super) fn key_likeness(name: &str) -> f32 {
    let words = super::super::words::words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    if ["id", "key", "uuid", "sku", "code", "no", "number"].contains(&last) {
        2.0
    } else if last == "name" {
        1.0
    } else {
        0.0
    }
}
