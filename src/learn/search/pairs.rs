//! Changes two inputs at once, where no single change makes anything better.

use super::super::machine::Meter;
use super::climb::{Choices, Climb, From, NOTHING, choice};

/// How many of each input's candidates are tried in pairs.
const PAIRED: usize = 16;

impl Climb<'_> {
    /// Changes two inputs at once, those that occur together where something is not explained.
    pub(super) fn pairs(&self, start: Choices, meter: &mut Meter<'_>) -> Choices {
        let mut best = start;
        for from in [From::Known, From::Start] {
            while let Some(found) = self.pair(&best, from, meter) {
                let found = self.climb(found, From::Start, meter);
                if self.total(&found) >= self.total(&best) - NOTHING {
                    break;
                }
                best = found;
                if self.misses(&best) <= NOTHING || !meter.spend(0) {
                    return best;
                }
            }
        }
        best
    }

    pub(super) fn pair(&self, choices: &Choices, from: From, meter: &mut Meter<'_>) -> Option<Choices> {
        let inputs = self.suspects(choices, from);
        let all: f64 =
            self.machine.runs.iter().map(|run| self.run(run, choices, from)).sum::<f64>() + self.said(choices);
        let mut found: Option<(Choices, f64)> = None;
        for (at, a) in inputs.iter().enumerate() {
            for b in inputs.iter().skip(at + 1) {
                let mut runs: Vec<usize> =
                    [*a, *b].iter().filter_map(|input| self.touched.get(*input)).flatten().copied().collect();
                runs.sort_unstable();
                runs.dedup();
                let rest = all
                    - self.sum_of(&runs, choices, from, f64::INFINITY, meter)
                    - self.cost_of(*a, choice(choices, *a))
                    - self.cost_of(*b, choice(choices, *b));
                for x in self.cheapest(*a) {
                    for y in self.cheapest(*b) {
                        let mut tried = choices.clone();
                        if let Some(place) = tried.get_mut(*a) {
                            *place = x;
                        }
                        if let Some(place) = tried.get_mut(*b) {
                            *place = y;
                        }
                        let said = rest + self.cost_of(*a, x) + self.cost_of(*b, y);
                        let most = found.as_ref().map_or(all, |(_, cost)| *cost);
                        let cost = said + self.sum_of(&runs, &tried, from, most - said, meter);
                        if cost < most - NOTHING {
                            found = Some((tried, cost));
                        }
                        if !meter.spend(0) {
                            return found.map(|(choices, _)| choices);
                        }
                    }
                }
            }
        }
        found.map(|(choices, _)| choices)
    }

    /// The inputs that occur where something is not explained, the most frequent first.
    pub(super) fn suspects(&self, choices: &Choices, from: From) -> Vec<usize> {
        let mut counts = vec![0_usize; self.machine.inputs.len()];
        for run in self.machine.runs.iter().filter(|run| self.run(run, choices, from) > NOTHING) {
            let last = run.seen.last().map_or(0, |seen| seen.after);
            for step in run.steps.iter().take(last) {
                if let Some(count) = counts.get_mut(step.input) {
                    *count += 1;
                }
            }
        }
        // What would have made the difference may be just what did not happen there.
        let mut inputs: Vec<usize> = (0..counts.len()).collect();
        inputs.sort_by_key(|input| std::cmp::Reverse(counts.get(*input).copied()));
        inputs.truncate(6);
        inputs
    }

    pub(super) fn cheapest(&self, input: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.options.get(input).map_or(0, Vec::len)).collect();
        order.sort_by(|a, b| self.cost_of(input, *a).total_cmp(&self.cost_of(input, *b)));
        order.truncate(PAIRED);
        order
    }
}
