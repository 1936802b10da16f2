//! What one event type could do to one leaf, as far as what is known of the leaf's values admits it.

mod computed;
mod lists;
mod look;
mod made;
mod mapped;

use std::collections::HashSet;

use super::effect::Effect;
use super::expression::Expr;
use super::facts::{Facts, Field, Kind, Root};
use super::machine::{Machine, Profile};
use super::value::V;
use super::words::agreement;

/// How many events of one type are looked at to see what could be.
const SAMPLE: usize = 240;

/// How far the search goes: what is plain first, then what is computed, then what depends on another field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    Plain,
    Computed,
    Conditional,
}

/// Finds the candidates for the inputs of one machine.
pub(super) struct Candidates<'a> {
    facts: &'a Facts,
    machine: &'a Machine,
    profile: &'a Profile,
    /// For each input the events that reach it, with the run of each; a sample.
    events: Vec<Vec<(usize, usize)>>,
    /// The fingerprints of everything that is ever appended to a list.
    appended: HashSet<u64>,
    /// For each input whether it is known to change the leaf, so that what was before it no longer shows.
    changes: Vec<bool>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(facts: &'a Facts, machine: &'a Machine, profile: &'a Profile) -> Self {
        let mut events = vec![Vec::new(); machine.inputs.len()];
        for (index, run) in machine.runs.iter().enumerate() {
            let last = run.seen.last().map_or(0, |seen| seen.after);
            for step in run.steps.iter().take(last) {
                if let Some(known) = events.get_mut(step.input).filter(|known: &&mut Vec<_>| known.len() < SAMPLE) {
                    known.push((index, step.event));
                }
            }
        }
        let mut candidates = Self { facts, machine, profile, events, appended: HashSet::new(), changes: Vec::new() };
        if profile.lists {
            candidates.appended = candidates.all_appended();
        }
        candidates
    }

    /// Says which inputs are known by now to change the leaf.
    pub(super) fn knowing(&mut self, changes: Vec<bool>) {
        self.changes = changes;
    }

    /// The candidates for an input, the empty effect first.
    pub(super) fn of(&self, input: usize, tier: Tier) -> Vec<Effect> {
        let mut effects = vec![Effect::Keep];
        let Some(kind) = self.machine.kind(self.facts, input) else { return effects };
        let addressed = self.machine.inputs.get(input).is_none_or(|input| !input.keys.contains(&None));
        // What happens to all entries at once gives them no value of their own.
        let common = |value: &V| {
            addressed || value.is_nothing() || !matches!(value, V::Int(_) | V::Real(_)) || *value == V::Int(0)
        };
        let constants = self.profile.constants().into_iter().filter(common);
        effects.extend(constants.map(|value| Effect::Set(Expr::Constant(value))));
        if self.profile.missing || self.machine.entry {
            effects.push(Effect::Delete);
        }
        // An event that names no entry says nothing that is an entry's own.
        if !addressed {
            return effects;
        }
        self.plain(input, kind, &mut effects);
        if tier >= Tier::Computed {
            self.computed(input, kind, &mut effects);
        }
        if tier >= Tier::Conditional {
            self.conditional(input, kind, &mut effects);
        }
        let mut unique: Vec<Effect> = Vec::with_capacity(effects.len());
        for effect in effects {
            if !unique.contains(&effect) {
                unique.push(effect);
            }
        }
        unique
    }

    /// What a leaf may be before the first event.
    pub(super) fn initial(&self) -> Vec<Effect> {
        let mut effects = vec![Effect::Keep];
        if !self.machine.entry {
            let constants = self.profile.constants().into_iter().filter(|value| !matches!(value, V::Null)).take(6);
            effects.extend(constants.map(|value| Effect::Set(Expr::Constant(value))));
        }
        effects
    }

    fn plain(&self, input: usize, kind: &Kind, effects: &mut Vec<Effect>) {
        for (index, field) in kind.fields.iter().enumerate().filter(|(_, field)| !self.is_barred(field)) {
            let named = agreement(field.name(), &self.machine.name) > 0.99;
            if named && field.root == Root::Data || self.hits(input, index) {
                effects.push(Effect::Set(Expr::Field(index)));
            }
        }
        if self.profile.numbers || self.profile.decimals {
            self.count(Expr::Constant(V::Int(1)), effects);
            for index in self.numeric(kind) {
                self.count(Expr::Field(index), effects);
            }
        }
        if self.profile.bools {
            effects.push(Effect::Toggle);
        }
        if self.profile.lists {
            self.list(input, kind, effects);
        }
    }

    fn count(&self, expr: Expr, effects: &mut Vec<Effect>) {
        if self.machine.entry && self.profile.missing {
            effects.push(Effect::Drain(expr.clone(), true));
            effects.push(Effect::Drain(expr.clone(), false));
        }
        effects.push(Effect::Add(expr.clone()));
        effects.push(Effect::Subtract(expr));
    }

    /// Whether a field is what the leaf itself was.
    fn is_barred(&self, field: &Field) -> bool {
        field.root == Root::Before && field.path.first() == self.machine.top.as_ref()
    }
}
