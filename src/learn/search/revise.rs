//! Corrects what was expected of a leaf: as few of its effects change as the evidence asks for.

use super::super::candidates::{Candidates, Tier};
use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::Facts;
use super::super::machine::{Machine, Meter, Profile};
use super::climb::{Choices, Climb, From, NOTHING};
use super::leaf::Leaf;

/// What it takes to say that an effect is as it was expected.
const EXPECTED: f64 = 0.05;

/// What it takes to say that an effect which was expected is none.
const NONE: f64 = 1.5;

/// Searches the effects of one machine of which something was expected.
pub(in super::super) fn revise(facts: &Facts, machine: &Machine, expected: &Leaf, meter: &mut Meter<'_>) -> Leaf {
    let profile = Profile::of(machine);
    let candidates = Candidates::new(facts, machine, &profile);
    let mut climb = Climb::new(facts, machine);
    climb.refused = meter.refused();
    let mut best = Choices::new();
    for tier in [Tier::Plain, Tier::Computed, Tier::Conditional] {
        climb.offer(&candidates, tier);
        let start = climb.expected(expected);
        best = climb.climb(start.clone(), From::Start, meter);
        if climb.misses(&best) > NOTHING {
            best = climb.pairs(best, meter);
        }
        if climb.misses(&best) <= NOTHING || !meter.spend(0) {
            break;
        }
    }
    climb.leaf(&best)
}

impl Climb<'_> {
    /// The choices that were expected, which from now on go without saying.
    fn expected(&mut self, leaf: &Leaf) -> Choices {
        let inputs = self.machine.inputs.len();
        let initial =
            if leaf.initial.is_missing() { Effect::Keep } else { Effect::Set(Expr::Constant(leaf.initial.clone())) };
        let expected: Vec<Effect> = leaf.effects.iter().take(inputs).cloned().chain([initial]).collect();
        let mut choices = Choices::with_capacity(inputs + 1);
        for (options, effect) in self.options.iter_mut().zip(expected) {
            let place = options.iter().position(|(known, _)| *known == effect).unwrap_or_else(|| {
                options.push((effect.clone(), EXPECTED));
                options.len() - 1
            });
            if effect != Effect::Keep {
                options.iter_mut().take(1).for_each(|(_, price)| *price = NONE);
                options.iter_mut().skip(place).take(1).for_each(|(_, price)| *price = EXPECTED);
            }
            choices.push(place);
        }
        choices
    }
}
