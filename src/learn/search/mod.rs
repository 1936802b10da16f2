//! Finds what each event type does to one leaf: the explanation that says the most of what is seen in the fewest words.
//!
//! Everything is counted in bits, as in the principle of the least description
//! (<https://en.wikipedia.org/wiki/Minimum_description_length>): a rule costs what it takes to say it, a value that the
//! rules do not give costs what it takes to note it. So a rule has to explain more than it costs, a drifted snapshot is
//! cheaper to note than to explain, and of two rules that explain the same the simpler one wins, or the one whose names
//! agree. The search climbs: one event type at a time, then all at once to the same effect, then pairs.

mod alike;
mod climb;
mod grounds;
mod leaf;
mod pairs;
mod price;
mod revise;
mod settle;
mod tables;

use super::candidates::{Candidates, Tier};
use super::effect::Effect;
use super::facts::Facts;
use super::machine::{Machine, Meter, Profile};
use climb::{Climb, From, NOTHING, choice};

pub(super) use leaf::{Leaf, miss, worth};
pub(super) use revise::revise;

/// What so small a part of the evidence says otherwise has drifted: no rule is sought for it.
const DRIFT: f64 = 0.02;

/// Searches the effects of one machine.
pub(super) fn search(facts: &Facts, machine: &Machine, meter: &mut Meter<'_>) -> Leaf {
    let profile = Profile::of(machine);
    let mut candidates = Candidates::new(facts, machine, &profile);
    let mut climb = Climb::new(facts, machine);
    climb.refused = meter.refused();
    climb.offer(&candidates, Tier::Plain);
    let mut best = climb.best_from_all_starts(meter);
    best = climb.uniform(best);
    let drift = DRIFT * worth(machine) + NOTHING;
    for tier in [Tier::Computed, Tier::Conditional] {
        if climb.misses(&best) <= drift || !meter.spend(0) {
            break;
        }
        best = climb.offer_more(&candidates, tier, &best);
        let again = climb.best_from_all_starts(meter);
        best = climb.better(best, again);
    }
    if climb.misses(&best) > drift && meter.spend(0) {
        // Now that is known what the others do, enumerations can be read off more surely.
        let changes = (0..machine.inputs.len()).map(|input| *climb.effect(input, choice(&best, input)) != Effect::Keep);
        candidates.knowing(changes.collect());
        best = climb.offer_more(&candidates, Tier::Conditional, &best);
        best = climb.climb(best, From::Start, meter);
    }
    if climb.misses(&best) > drift {
        best = climb.pairs(best, meter);
    }
    best = climb.uniform(best);
    best = climb.share_tables(best, meter);
    climb.settle(&mut best, &profile);
    climb.complete(&mut best);
    climb.leaf(&best)
}
