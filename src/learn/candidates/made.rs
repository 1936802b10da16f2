//! Objects that are made of several fields under other names.

use super::super::expression::Expr;
use super::super::facts::{Kind, Root};
use super::super::machine::Run;
use super::super::value::V;
use super::super::words::agreement;
use super::Candidates;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Candidates<'_> {
    /// An object made of an event's fields under other names, as the elements of a list or the values are.
    pub(super) fn made(&self, input: usize, kind: &Kind) -> Option<Expr> {
        let mut votes: HashMap<Arc<str>, HashMap<usize, usize>> = HashMap::new();
        let mut constants: HashMap<Arc<str>, Vec<V>> = HashMap::new();
        let mut targets = 0;
        for run in &self.machine.runs {
            for target in targets_of(run).take(8) {
                let Some(event) = self.nearest_to(run, input, target) else { continue };
                targets += 1;
                for (key, value) in target {
                    let print = value.fingerprint();
                    let equal = (0..kind.fields.len()).filter(|index| self.print(event, *index) == print);
                    for index in equal {
                        *votes.entry(key.clone()).or_default().entry(index).or_default() += 1;
                    }
                    constants.entry(key.clone()).or_default().push(value.clone());
                }
            }
            if targets > 40 {
                break;
            }
        }
        if targets == 0 {
            return None;
        }
        let mut keys: Vec<_> = constants.keys().cloned().collect();
        keys.sort();
        let mut members = Vec::new();
        for key in keys {
            let weigh = |index: &usize, count: usize| {
                let field = kind.fields.get(*index);
                count as f32
                    + field.map_or(0.0, |field| {
                        agreement(field.name(), &key) - if field.root == Root::Data { 0.0 } else { 0.5 }
                    })
            };
            let best = votes.get(&key).and_then(|votes| {
                votes.iter().max_by(|a, b| weigh(a.0, *a.1).total_cmp(&weigh(b.0, *b.1)).then(b.0.cmp(a.0)))
            });
            let values = constants.get(&key)?;
            let first = values.first()?;
            let same = values.iter().filter(|value| *value == first).count();
            match best {
                Some((index, count)) if count * 2 > targets && (*count >= same || same < values.len()) => {
                    members.push((key, Expr::Field(*index)));
                }
                _ if same == values.len() => members.push((key, Expr::Constant(first.clone()))),
                _ => {}
            }
        }
        let tells = members.iter().any(|(_, expr)| matches!(expr, Expr::Field(_)));
        tells.then_some(Expr::Made(members))
    }

    /// The event of an input that has most in common with an object.
    pub(super) fn nearest_to(&self, run: &Run, input: usize, target: &super::super::value::Members) -> Option<usize> {
        let prints: HashSet<u64> = target.values().filter(|value| tells(value)).map(V::fingerprint).collect();
        let common = |event: usize| {
            let fact = self.facts.events.get(event);
            fact.map_or(0, |fact| {
                let found: HashSet<&u64> = fact.prints.iter().filter(|print| prints.contains(print)).collect();
                found.len()
            })
        };
        let steps = run.steps.iter().filter(|step| step.input == input).take(60);
        let (event, most) = steps.map(|step| (step.event, common(step.event))).max_by_key(|(_, common)| *common)?;
        (most > 0 && most * 2 >= prints.len()).then_some(event)
    }
}

/// Whether a value is such that another that equals it is no accident.
fn tells(value: &V) -> bool {
    !matches!(value, V::Missing | V::Null | V::Bool(_) | V::Int(0 | 1))
}

/// The objects that a run's values are or hold.
fn targets_of(run: &Run) -> impl Iterator<Item = &super::super::value::Members> {
    run.seen.iter().rev().flat_map(|seen| match &seen.value {
        V::Object(members) => vec![&**members],
        V::List(items) => items.iter().filter_map(V::as_object).collect(),
        _ => Vec::new(),
    })
}
