//! On what the chosen effects stand: how much evidence needs them, and what would explain it as well.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::machine::{Meter, Run};
use super::super::value::V;
use super::climb::{Choices, Climb, From, NOTHING, choice};
use super::leaf::{Ground, Leaf};

/// What takes so many bits more to say is no rival.
const RIVAL: f64 = 2.5;

impl Climb<'_> {
    /// How many pieces of evidence that are explained would no longer be if an input did something else altogether.
    pub(super) fn weight_of(&self, input: usize, choices: &Choices) -> usize {
        let poison = Effect::Set(Expr::Constant(V::text("\u{0}")));
        let touched = self.touched.get(input).map(Vec::as_slice).unwrap_or_default();
        let count = |run: &Run| {
            let (mut x, mut y) = (self.before(choices), self.before(choices));
            let mut done = 0;
            let mut broken = 0;
            for seen in &run.seen {
                for step in run.steps.get(done..seen.after).unwrap_or_default() {
                    let Some(fact) = self.facts.events.get(step.event) else { continue };
                    let effect = self.effect(step.input, choice(choices, step.input));
                    effect.apply(&mut x, fact);
                    if step.input == input { &poison } else { effect }.apply(&mut y, fact);
                }
                done = seen.after.max(done);
                broken += usize::from(x == seen.value && y != seen.value);
            }
            broken
        };
        touched.iter().filter_map(|run| self.machine.runs.get(*run)).map(count).sum()
    }

    /// What explains the evidence as well as what was chosen, and yet is something else.
    pub(super) fn rivals(&self, input: usize, choices: &Choices) -> Vec<String> {
        let Some(kind) = self.machine.kind(self.facts, input) else { return Vec::new() };
        let touched = self.touched.get(input).map(Vec::as_slice).unwrap_or_default();
        let current = choice(choices, input);
        let mut unmetered = || std::ops::ControlFlow::Continue(());
        let mut meter = Meter::new(u64::MAX, &mut unmetered);
        let now = self.sum_of(touched, choices, From::Start, f64::INFINITY, &mut meter);
        let mut rivals = Vec::new();
        let mut tried = choices.clone();
        let most = self.cost_of(input, current) + RIVAL;
        let first_only = kind.first == kind.count && !self.machine.entry;
        for (index, (effect, price)) in self.options.get(input).into_iter().flatten().enumerate() {
            // Adding to nothing is setting, and what is kept sorted, once, or until it is used up, is so for other reasons.
            let same = first_only && matches!(effect, Effect::Add(_));
            let fine = !matches!(
                effect,
                Effect::Set(_)
                    | Effect::Add(_)
                    | Effect::Subtract(_)
                    | Effect::Append(_)
                    | Effect::Delete
                    | Effect::Toggle
            );
            let same = same || fine;
            if index == current || rivals.len() >= 3 || *price > most || same {
                continue;
            }
            if let Some(place) = tried.get_mut(input) {
                *place = index;
            }
            if self.sum_of(touched, &tried, From::Start, now + NOTHING, &mut meter) <= now + NOTHING {
                rivals.push(effect.brief(kind));
            }
        }
        rivals
    }

    pub(super) fn leaf(&self, choices: &Choices) -> Leaf {
        let inputs = self.machine.inputs.len();
        let ground = |input: usize| {
            if choice(choices, input) == 0 {
                return Ground { evidence: self.weight_of(input, choices), rivals: Vec::new() };
            }
            Ground { evidence: self.weight_of(input, choices), rivals: self.rivals(input, choices) }
        };
        Leaf {
            initial: self.before(choices),
            effects: (0..inputs).map(|input| self.effect(input, choice(choices, input)).clone()).collect(),
            grounds: (0..inputs).map(ground).collect(),
            misses: self.misses(choices),
        }
    }
}
