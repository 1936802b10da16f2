//! Takes a state apart into machines: records with members, maps and lists with entries, and what remains as leaves.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::facts::{Facts, Root};
use super::machine::{Input, Machine, Meter, Run, Seen, Step};
use super::node::{Entries, Node, Record};
use super::search::{self, Leaf, worth};
use super::value::V;
use super::words::agreement;

/// How many members a record may have.
const MOST_MEMBERS: usize = 96;

/// How many values of entries are looked at in one map.
const MOST_SEEN: usize = 60_000;

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

fn is_bare(value: &V) -> bool {
    matches!(value, V::Null) || value.as_object().is_some_and(BTreeMap::is_empty)
}

/// The names of the members, in the order in which the first events of the streams mention them.
fn members_of(machine: &Machine) -> Vec<Arc<str>> {
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
fn is_copied(facts: &Facts, machine: &Machine) -> bool {
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
fn keyed(facts: &Facts, machine: &Machine) -> f64 {
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
fn names_in(facts: &Facts, run: &Run) -> HashSet<Arc<str>> {
    let events = run.steps.iter().filter_map(|step| facts.events.get(step.event));
    events.flat_map(|fact| &fact.values).filter_map(V::as_key).collect()
}

fn list(facts: &Facts, machine: &Machine, depth: usize, meter: &mut Meter<'_>) -> Node {
    let Some(key) = element_key(facts, machine) else {
        return Node::Leaf(search::search(facts, machine, meter));
    };
    let entries = entries(facts, machine, Some(&key), depth, meter);
    if entries.misses() <= 0.02 * worth(machine) {
        return entries;
    }
    let leaf = search::search(facts, machine, meter);
    if leaf.misses < entries.misses() { Node::Leaf(leaf) } else { entries }
}

/// The member that names the elements of lists: each element has it, no two of a list the same, and events say it.
fn element_key(facts: &Facts, machine: &Machine) -> Option<Arc<str>> {
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

fn key_likeness(name: &str) -> f32 {
    let words = super::words::words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    if ["id", "key", "uuid", "sku", "code", "no", "number"].contains(&last) {
        2.0
    } else if last == "name" {
        1.0
    } else {
        0.0
    }
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

/// Which fields of which events name the entries.
struct Routing {
    inputs: Vec<Input>,
    routes: Vec<Vec<(Option<usize>, usize)>>,
}

impl Routing {
    fn find(facts: &Facts, machine: &Machine, list: Option<&Arc<str>>) -> Self {
        let keys: Vec<HashSet<Arc<str>>> = machine.runs.iter().map(|run| keys_of(run, list)).collect();
        let counts = Overlap::count(facts, machine, &keys);
        let mut wider = keys;
        for ((input, field), overlap) in &counts {
            if overlap.hits >= 2 && overlap.hits * 4 >= overlap.events || overlap.hits == overlap.events {
                widen(facts, machine, *input, *field, &mut wider);
            }
        }
        let counts = Overlap::count(facts, machine, &wider);
        let mut routing = Self { inputs: Vec::new(), routes: vec![Vec::new(); machine.inputs.len()] };
        for (input, outer) in machine.inputs.iter().enumerate() {
            let mut fields: Vec<(usize, f32)> = counts
                .iter()
                .filter(|((of, _), overlap)| {
                    *of == input && overlap.hits > 0 && overlap.hits * 10 >= overlap.events * 7
                })
                .map(|((_, field), overlap)| (*field, overlap.share() + liking(facts, machine, input, *field, list)))
                .collect();
            fields.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            fields.truncate(3);
            let fields: Vec<Option<usize>> =
                if fields.is_empty() { vec![None] } else { fields.into_iter().map(|(field, _)| Some(field)).collect() };
            for field in distinct(facts, machine, input, fields) {
                let mut keys = outer.keys.clone();
                keys.push(field);
                routing.inputs.push(Input { kind: outer.kind, keys });
                let place = routing.inputs.len() - 1;
                if let Some(routes) = routing.routes.get_mut(input) {
                    routes.push((field, place));
                }
            }
        }
        routing
    }

    /// The machine of an entry.
    fn machine(&self, facts: &Facts, machine: &Machine, list: Option<&Arc<str>>) -> Machine {
        let mut runs = Vec::new();
        let mut budget = MOST_SEEN;
        for run in &machine.runs {
            let mut open = Opened::default();
            let mut done = 0;
            for seen in &run.seen {
                for step in run.steps.get(done..seen.after).unwrap_or_default() {
                    open.take(facts, step, self.routes.get(step.input).map(Vec::as_slice).unwrap_or_default());
                }
                done = seen.after.max(done);
                budget = budget.saturating_sub(open.see(seen, list));
            }
            runs.extend(
                open.runs
                    .into_iter()
                    .map(|(_, steps, seen)| Run { steps: steps.into(), seen })
                    .filter(|run| !run.seen.is_empty()),
            );
            if budget == 0 {
                break;
            }
        }
        let name = super::words::singular(&machine.name);
        Machine { name, inputs: self.inputs.clone().into(), runs, entry: true, top: machine.top.clone() }
    }
}

/// The entries of one run that some event has named.
#[derive(Default)]
struct Opened {
    places: HashMap<Arc<str>, usize>,
    runs: Vec<(Arc<str>, Vec<Step>, Vec<Seen>)>,
}

impl Opened {
    fn take(&mut self, facts: &Facts, step: &Step, routes: &[(Option<usize>, usize)]) {
        for (field, input) in routes {
            let step = Step { input: *input, event: step.event };
            match field {
                Some(field) => {
                    let key = facts.events.get(step.event).and_then(|fact| fact.value(*field).as_key());
                    if let Some(key) = key {
                        let place = self.place(&key);
                        if let Some((_, steps, _)) = self.runs.get_mut(place) {
                            steps.push(step);
                        }
                    }
                }
                None => self.runs.iter_mut().for_each(|(_, steps, _)| steps.push(step)),
            }
        }
    }

    fn place(&mut self, key: &Arc<str>) -> usize {
        let runs = &mut self.runs;
        *self.places.entry(key.clone()).or_insert_with(|| {
            runs.push((key.clone(), Vec::new(), Vec::new()));
            runs.len() - 1
        })
    }

    /// Notes for each entry what is seen of it. Returns how much that is.
    fn see(&mut self, seen: &Seen, list: Option<&Arc<str>>) -> usize {
        let values: HashMap<Arc<str>, V> = match (&seen.value, list) {
            (V::Object(members), None) => members.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            (V::List(items), Some(key)) => {
                items.iter().filter_map(|item| Some((item.member(key).as_key()?, item.clone()))).collect()
            }
            _ => HashMap::new(),
        };
        let mut keys: Vec<_> = values.keys().collect();
        keys.sort();
        for key in keys {
            self.place(key);
        }
        for (key, steps, known) in &mut self.runs {
            let value = match values.get(key) {
                Some(value) => value.clone(),
                None if seen.partial > 0 => continue,
                None => V::Missing,
            };
            // What was gone and is gone says nothing new.
            let same = known.last().is_some_and(|last: &Seen| last.after == steps.len() && last.value == value);
            if !same {
                known.push(Seen { after: steps.len(), value, partial: seen.partial.saturating_sub(1), ..seen.clone() });
            }
        }
        self.runs.len()
    }
}

/// All keys that are seen in a run.
fn keys_of(run: &Run, list: Option<&Arc<str>>) -> HashSet<Arc<str>> {
    let mut keys = HashSet::new();
    for seen in &run.seen {
        match (&seen.value, list) {
            (V::Object(members), None) => keys.extend(members.keys().cloned()),
            (V::List(items), Some(key)) => keys.extend(items.iter().filter_map(|item| item.member(key).as_key())),
            _ => {}
        }
    }
    keys
}

/// In how many events a field names an entry.
#[derive(Clone, Copy, Default)]
struct Overlap {
    events: usize,
    hits: usize,
}

impl Overlap {
    fn share(self) -> f32 {
        self.hits as f32 / self.events.max(1) as f32
    }

    fn count(facts: &Facts, machine: &Machine, keys: &[HashSet<Arc<str>>]) -> Vec<((usize, usize), Self)> {
        let mut counts: BTreeMap<(usize, usize), Self> = BTreeMap::new();
        for (run, keys) in machine.runs.iter().zip(keys) {
            let last = run.seen.last().map_or(0, |seen| seen.after);
            for step in run.steps.iter().take(last) {
                let Some(fact) = facts.events.get(step.event) else { continue };
                let fields = facts.kinds.get(fact.kind).map(|kind| kind.fields.as_slice()).unwrap_or_default();
                let taken = machine.inputs.get(step.input).map(|input| input.keys.as_slice()).unwrap_or_default();
                for (field, (known, value)) in fields.iter().zip(&fact.values).enumerate() {
                    if !may_be_key(known.root, &known.path) || taken.contains(&Some(field)) {
                        continue;
                    }
                    let Some(key) = value.as_key() else { continue };
                    let count = counts.entry((step.input, field)).or_default();
                    count.events += 1;
                    count.hits += usize::from(keys.contains(&key));
                }
            }
        }
        counts.into_iter().collect()
    }
}

/// Data, metadata, or who did it; no two events of a stream share the rest.
fn may_be_key(root: Root, path: &[Arc<str>]) -> bool {
    match root {
        Root::Data | Root::Metadata => !path.is_empty(),
        Root::Envelope => path.first().is_some_and(|name| matches!(&**name, "actor" | "type")),
        Root::Before => false,
    }
}

fn widen(facts: &Facts, machine: &Machine, input: usize, field: usize, keys: &mut [HashSet<Arc<str>>]) {
    for (run, keys) in machine.runs.iter().zip(keys) {
        for step in run.steps.iter().filter(|step| step.input == input) {
            keys.extend(facts.events.get(step.event).and_then(|fact| fact.value(field).as_key()));
        }
    }
}

/// Leaves out fields that always say the same as one before them.
fn distinct(facts: &Facts, machine: &Machine, input: usize, fields: Vec<Option<usize>>) -> Vec<Option<usize>> {
    let mut kept: Vec<Option<usize>> = Vec::new();
    for field in fields {
        let Some(this) = field else {
            kept.push(field);
            continue;
        };
        let same = |other: usize| {
            let events =
                machine.runs.iter().flat_map(|run| run.steps.iter()).filter(|step| step.input == input).take(200);
            events.filter_map(|step| facts.events.get(step.event)).all(|fact| fact.value(this) == fact.value(other))
        };
        if !kept.iter().flatten().any(|other| same(*other)) {
            kept.push(field);
        }
    }
    kept
}

/// How much a field's name is that of the entries' key.
fn liking(facts: &Facts, machine: &Machine, input: usize, field: usize, list: Option<&Arc<str>>) -> f32 {
    let Some(field) = machine.kind(facts, input).and_then(|kind| kind.fields.get(field)) else { return 0.0 };
    let data = if field.root == Root::Data { 0.3 } else { 0.0 };
    let key = list.map_or(0.0, |key| agreement(field.name(), key));
    data + 0.2 * agreement(field.name(), &machine.name).max(key) + 0.1 * key_likeness(field.name())
}
