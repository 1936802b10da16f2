//! Which fields of which events name the entries of a map or list.

use super::super::facts::{Facts, Root};
use super::super::machine::{Input, Machine, Run, Seen, Step};
use super::super::value::V;
use super::super::words::agreement;
use super::look::key_likeness;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// How many values of entries are looked at in one map.
const MOST_SEEN: usize = 60_000;

/// Which fields of which events name the entries.
pub(super) struct Routing {
    pub(super) inputs: Vec<Input>,
    pub(super) routes: Vec<Vec<(Option<usize>, usize)>>,
}

impl Routing {
    pub(super) fn find(facts: &Facts, machine: &Machine, list: Option<&Arc<str>>) -> Self {
        let keys: Vec<HashSet<Arc<str>>> = machine.runs.iter().map(|run| keys_of(run, list)).collect();
        let counts = Overlap::count(facts, machine, &keys);
        let all: usize = keys.iter().map(HashSet::len).sum();
        let mut wider = keys;
        for ((input, field), overlap) in &counts {
            // Where entries come and go, most events name one that is gone by the time that the map is seen.
            let covers = overlap.covered >= 3 && overlap.covered * 2 >= all;
            let often = overlap.hits >= 2 && overlap.hits * 4 >= overlap.events;
            if often || covers || overlap.hits == overlap.events {
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
    pub(super) fn machine(&self, facts: &Facts, machine: &Machine, list: Option<&Arc<str>>) -> Machine {
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
        let name = super::super::words::singular(&machine.name);
        let inputs = self.inputs.clone().into();
        Machine { name, inputs, runs, entry: true, member: false, top: machine.top.clone() }
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
    /// How many of the entries it names.
    covered: usize,
}

impl Overlap {
    fn share(self) -> f32 {
        self.hits as f32 / self.events.max(1) as f32
    }

    fn count(facts: &Facts, machine: &Machine, keys: &[HashSet<Arc<str>>]) -> Vec<((usize, usize), Self)> {
        let mut counts: BTreeMap<(usize, usize), Self> = BTreeMap::new();
        for (run, keys) in machine.runs.iter().zip(keys) {
            let last = run.seen.last().map_or(0, |seen| seen.after);
            let mut named: HashSet<(usize, usize, Arc<str>)> = HashSet::new();
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
                    let hit = keys.contains(&key);
                    count.hits += usize::from(hit);
                    count.covered += usize::from(hit && named.insert((step.input, field, key)));
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
