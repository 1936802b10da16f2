//! The search itself: choices of effects, what they cost, and the climb from one to a better one.

use std::sync::Arc;

use super::super::candidates::{Candidates, Tier};
use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Facts, Kind, Root};
use super::super::machine::{Machine, Meter, Run};
use super::super::value::V;
use super::super::words::{agreement, covers};
use super::leaf::miss;

/// A mismatch of less than this is none.
pub(super) const NOTHING: f64 = 1e-6;

/// For each input which candidate it has; the last one is what is there before the first event.
pub(super) type Choices = Vec<usize>;

pub(super) struct Climb<'a> {
    pub(super) facts: &'a Facts,
    pub(super) machine: &'a Machine,
    pub(super) options: Vec<Vec<(Effect, f64)>>,
    /// For each input the runs that it occurs in.
    pub(super) touched: Vec<Vec<usize>>,
    /// For each input whether its events have a field of the leaf's own name.
    pub(super) named: Vec<bool>,
    /// For each input whether it is mostly the first of a run.
    pub(super) begins: Vec<bool>,
    /// What kinds of events do not do.
    pub(super) refused: Arc<[(usize, Effect)]>,
}

/// From where a run is folded to the next value that is known.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum From {
    /// From its beginning: what the rules really give.
    Start,
    /// From the value that was known last: says of each stretch alone whether it is explained.
    Known,
}

impl<'a> Climb<'a> {
    pub(super) fn new(facts: &'a Facts, machine: &'a Machine) -> Self {
        let inputs = machine.inputs.len();
        let mut touched = vec![Vec::new(); inputs + 1];
        for (index, run) in machine.runs.iter().enumerate() {
            let Some(last) = run.seen.last() else { continue };
            for step in run.steps.iter().take(last.after) {
                if let Some(runs) =
                    touched.get_mut(step.input).filter(|runs: &&mut Vec<usize>| runs.last() != Some(&index))
                {
                    runs.push(index);
                }
            }
            if let Some(all) = touched.get_mut(inputs) {
                all.push(index);
            }
        }
        let begins = (0..inputs).map(|input| begins(machine, input)).collect();
        let named = (0..inputs).map(|input| machine.kind(facts, input).is_some_and(|kind| has_named(kind, machine)));
        Self { facts, machine, options: Vec::new(), touched, named: named.collect(), begins, refused: Arc::default() }
    }

    pub(super) fn offer(&mut self, candidates: &Candidates<'_>, tier: Tier) {
        let inputs = self.machine.inputs.len();
        let mut options: Vec<Vec<(Effect, f64)>> = Vec::with_capacity(inputs + 1);
        for input in 0..inputs {
            let begins = self.begins.get(input) == Some(&true);
            // How long a list is has nothing to do with where a number begins, and is the same often enough to seem to.
            let odd = |effect: &Effect| {
                begins && matches!(effect, Effect::Add(Expr::Length(_)) | Effect::Subtract(Expr::Length(_)))
            };
            let kind = self.machine.inputs.get(input).map(|input| input.kind);
            let refused =
                |effect: &Effect| self.refused.iter().any(|(of, refused)| Some(*of) == kind && refused == effect);
            let fits = |effect: &Effect| !odd(effect) && !refused(effect);
            let priced = candidates.of(input, tier).into_iter().filter(fits).map(|effect| {
                let price = self.price(input, &effect);
                (effect, price)
            });
            options.push(priced.collect());
        }
        let initial = candidates.initial().into_iter().map(|effect| {
            let price = match effect.expr() {
                Some(Expr::Constant(V::Int(0) | V::Bool(_) | V::List(_) | V::Object(_))) => 6.5,
                Some(_) => 8.0,
                None => 0.0,
            };
            (effect, price)
        });
        options.push(initial.collect());
        self.options = options;
    }

    /// Offers more, and says where the choices stand among it.
    pub(super) fn offer_more(&mut self, candidates: &Candidates<'_>, tier: Tier, choices: &Choices) -> Choices {
        let chosen: Vec<Effect> =
            choices.iter().enumerate().map(|(input, choice)| self.effect(input, *choice).clone()).collect();
        self.offer(candidates, tier);
        let place = |(input, effect): (usize, &Effect)| {
            let options = self.options.get(input);
            options.and_then(|options| options.iter().position(|(known, _)| known == effect)).unwrap_or(0)
        };
        chosen.iter().enumerate().map(place).collect()
    }

    pub(super) fn has_named(&self, input: usize) -> bool {
        self.named.get(input) == Some(&true)
    }

    pub(super) fn effect(&self, input: usize, choice: usize) -> &Effect {
        static KEEP: Effect = Effect::Keep;
        self.options.get(input).and_then(|options| options.get(choice)).map_or(&KEEP, |(effect, _)| effect)
    }

    pub(super) fn cost_of(&self, input: usize, choice: usize) -> f64 {
        self.options.get(input).and_then(|options| options.get(choice)).map_or(0.0, |(_, price)| *price)
    }

    pub(super) fn said(&self, choices: &Choices) -> f64 {
        choices.iter().enumerate().map(|(input, choice)| self.cost_of(input, *choice)).sum()
    }

    pub(super) fn misses(&self, choices: &Choices) -> f64 {
        let all = self.machine.runs.iter();
        all.map(|run| self.run(run, choices, From::Start)).sum()
    }

    pub(super) fn total(&self, choices: &Choices) -> f64 {
        self.said(choices) + self.misses(choices)
    }

    pub(super) fn better(&self, a: Choices, b: Choices) -> Choices {
        if self.total(&b) < self.total(&a) - NOTHING { b } else { a }
    }

    /// What it costs to note what the choices do not give in one run.
    pub(super) fn run(&self, run: &Run, choices: &Choices, from: From) -> f64 {
        let mut x = self.before(choices);
        let mut done = 0;
        let mut cost = 0.0;
        for seen in &run.seen {
            for step in run.steps.get(done..seen.after).unwrap_or_default() {
                if let (Some(choice), Some(fact)) = (choices.get(step.input), self.facts.events.get(step.event)) {
                    self.effect(step.input, *choice).apply(&mut x, fact);
                }
            }
            done = seen.after.max(done);
            cost += f64::from(seen.weight) * miss(&seen.value, &x);
            if from == From::Known {
                x = seen.value.clone();
            }
        }
        cost
    }

    pub(super) fn before(&self, choices: &Choices) -> V {
        let initial = self.machine.inputs.len();
        match self.effect(initial, choices.get(initial).copied().unwrap_or(0)) {
            Effect::Set(Expr::Constant(value)) => value.clone(),
            _ => V::Missing,
        }
    }

    /// Climbs from nothing and from what the names say, first stretch by stretch, and takes the best.
    pub(super) fn best_from_all_starts(&self, meter: &mut Meter<'_>) -> Choices {
        let named = self.named();
        let mut best = self.climb(named, From::Start, meter);
        if self.misses(&best) <= NOTHING {
            return best;
        }
        for from in [From::Known, From::Start] {
            let start = vec![0; self.machine.inputs.len() + 1];
            let mut reached = self.climb(start, from, meter);
            if from == From::Known {
                reached = self.climb(reached, From::Start, meter);
            }
            best = self.better(best, reached);
            if self.misses(&best) <= NOTHING {
                break;
            }
        }
        if self.misses(&best) > NOTHING {
            let told = self.climb(self.told_of(), From::Start, meter);
            best = self.better(best, told);
        }
        best
    }

    /// Where an event type has the leaf's own name, it does what goes with the fewest words.
    pub(super) fn told_of(&self) -> Choices {
        let inputs = self.machine.inputs.len();
        let told = |input: usize| {
            let kind = self.machine.kind(self.facts, input);
            if kind.is_none_or(|kind| !covers(&kind.event_type, &self.machine.name)) {
                return 0;
            }
            let options = self.options.get(input).map(Vec::as_slice).unwrap_or_default();
            let real = options.iter().enumerate().filter(|(_, (effect, _))| *effect != Effect::Keep);
            real.min_by(|a, b| a.1.1.total_cmp(&b.1.1)).map_or(0, |(index, _)| index)
        };
        (0..inputs).map(told).chain([0]).collect()
    }

    /// Where a field has the leaf's own name, it sets it.
    pub(super) fn named(&self) -> Choices {
        let inputs = self.machine.inputs.len();
        let mut choices: Choices = (0..inputs)
            .map(|input| {
                let Some(kind) = self.machine.kind(self.facts, input) else { return 0 };
                let same_name = |effect: &Effect| match effect {
                    Effect::Set(Expr::Field(field)) => kind.fields.get(*field).is_some_and(|field| {
                        field.root == Root::Data && agreement(field.name(), &self.machine.name) > 0.99
                    }),
                    _ => false,
                };
                let options = self.options.get(input).map(Vec::as_slice).unwrap_or_default();
                options.iter().position(|(effect, _)| same_name(effect)).unwrap_or(0)
            })
            .collect();
        choices.push(0);
        choices
    }

    pub(super) fn climb(&self, mut choices: Choices, from: From, meter: &mut Meter<'_>) -> Choices {
        let mut costs: Vec<f64> = self.machine.runs.iter().map(|run| self.run(run, &choices, from)).collect();
        loop {
            let mut improved = false;
            for input in 0..self.options.len() {
                improved |= self.improve(input, &mut choices, &mut costs, from, meter);
            }
            if !improved {
                improved = self.all_alike(&mut choices, &mut costs, from, meter);
            }
            if !improved || !meter.spend(0) {
                return choices;
            }
        }
    }

    /// Takes the best candidate for one input, the others staying as they are.
    pub(super) fn improve(
        &self,
        input: usize,
        choices: &mut Choices,
        costs: &mut [f64],
        from: From,
        meter: &mut Meter<'_>,
    ) -> bool {
        let Some(current) = choices.get(input).copied() else { return false };
        let touched = self.touched.get(input).map(Vec::as_slice).unwrap_or_default();
        let now: f64 = touched.iter().filter_map(|run| costs.get(*run)).sum::<f64>() + self.cost_of(input, current);
        let mut best = (current, now);
        for choice in 0..self.options.get(input).map_or(0, Vec::len) {
            if choice == current || self.cost_of(input, choice) >= best.1 {
                continue;
            }
            let Some(place) = choices.get_mut(input) else { continue };
            *place = choice;
            let cost = self.cost_of(input, choice) + self.sum_of(touched, choices, from, best.1, meter);
            if cost < best.1 - NOTHING {
                best = (choice, cost);
            }
            if !meter.spend(0) {
                break;
            }
        }
        if let Some(place) = choices.get_mut(input) {
            *place = best.0;
        }
        if best.0 == current {
            return false;
        }
        self.refresh(touched, choices, costs, from);
        true
    }

    /// The sum over some runs, given up once it is beyond what is known to be possible.
    pub(super) fn sum_of(
        &self,
        runs: &[usize],
        choices: &Choices,
        from: From,
        most: f64,
        meter: &mut Meter<'_>,
    ) -> f64 {
        let mut sum = 0.0;
        for run in runs.iter().filter_map(|run| self.machine.runs.get(*run)) {
            sum += self.run(run, choices, from);
            meter.spend(run.steps.len());
            if sum > most {
                break;
            }
        }
        sum
    }

    pub(super) fn refresh(&self, runs: &[usize], choices: &Choices, costs: &mut [f64], from: From) {
        for index in runs {
            if let (Some(run), Some(cost)) = (self.machine.runs.get(*index), costs.get_mut(*index)) {
                *cost = self.run(run, choices, from);
            }
        }
    }
}

/// Whether an input is mostly the first that happens to a run.
pub(super) fn begins(machine: &Machine, input: usize) -> bool {
    let (mut first, mut all) = (0, 0);
    for run in &machine.runs {
        first += usize::from(run.steps.first().is_some_and(|step| step.input == input));
        all += run.steps.iter().filter(|step| step.input == input).count();
    }
    first * 2 > all
}

pub(super) fn choice(choices: &Choices, input: usize) -> usize {
    choices.get(input).copied().unwrap_or(0)
}

fn has_named(kind: &Kind, machine: &Machine) -> bool {
    let mut data = kind.fields.iter().filter(|field| field.root == Root::Data && !field.path.is_empty());
    data.any(|field| agreement(field.name(), &machine.name) > 0.99)
}
