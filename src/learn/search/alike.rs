//! What all events do alike: count themselves, leave their time.

use super::super::effect::Effect;
use super::super::expression::{Expr, path};
use super::super::machine::Meter;
use super::super::value::V;
use super::climb::{Choices, Climb, From, NOTHING, choice};

/// What it takes to say that all events do something, beside what they do.
const EVERY: f64 = 3.0;

impl Climb<'_> {
    /// Tries the same effect for all inputs at once: the time of the last event is set by every event.
    pub(super) fn all_alike(
        &self,
        choices: &mut Choices,
        costs: &mut [f64],
        from: From,
        meter: &mut Meter<'_>,
    ) -> bool {
        let now = self.said(choices) + costs.iter().sum::<f64>();
        let runs: Vec<usize> = (0..self.machine.runs.len()).collect();
        for text in self.shared_effects() {
            let alike: Choices = choices
                .iter()
                .enumerate()
                .map(|(input, choice)| self.position(input, &text).unwrap_or(*choice))
                .collect();
            if alike == *choices {
                continue;
            }
            let cost = self.said(&alike) + self.sum_of(&runs, &alike, from, now, meter);
            if cost < now - NOTHING {
                *choices = alike;
                self.refresh(&runs, choices, costs, from);
                return true;
            }
            if !meter.spend(0) {
                return false;
            }
        }
        false
    }

    /// One thing that every event does takes few words, whatever the number of the event types: takes it where that
    /// explains as much.
    pub(super) fn uniform(&mut self, best: Choices) -> Choices {
        let inputs = self.machine.inputs.len();
        if self.machine.entry || inputs < 2 {
            return best;
        }
        let now = self.total(&best);
        let texts = self.shared_effects();
        let mut found: Option<(f64, Vec<Effect>)> = None;
        for text in texts {
            let like = (0..inputs).find_map(|input| {
                let (effect, price) = self.options.get(input)?.get(self.position(input, &text)?)?;
                Some((input, effect.clone(), *price))
            });
            let Some((input, effect, price)) = like else { continue };
            let Some(effects) = self.everywhere(input, &effect) else { continue };
            let tried = self.offered(&best, &effects);
            let cost = price + EVERY + self.misses(&tried);
            if cost < found.as_ref().map_or(now, |(cost, _)| *cost) - NOTHING {
                found = Some((cost, effects));
            }
        }
        let Some((_, effects)) = found else { return best };
        self.offered(&best, &effects)
    }

    /// The same effect for every input; none where an event type has no such field.
    pub(super) fn everywhere(&self, input: usize, effect: &Effect) -> Option<Vec<Effect>> {
        let field = match effect.expr() {
            Some(Expr::Field(field)) => self.machine.kind(self.facts, input)?.fields.get(*field)?,
            Some(Expr::Constant(_)) => return Some(vec![effect.clone(); self.machine.inputs.len()]),
            _ => return None,
        };
        let same = |input: usize| {
            let fields = &self.machine.kind(self.facts, input)?.fields;
            let place = fields.iter().position(|other| other.root == field.root && other.path == field.path)?;
            Some(effect.with(Expr::Field(place)))
        };
        (0..self.machine.inputs.len()).map(same).collect()
    }

    /// Choices with these effects, which are offered from now on.
    pub(super) fn offered(&mut self, choices: &Choices, effects: &[Effect]) -> Choices {
        let mut choices = choices.clone();
        for (input, effect) in effects.iter().enumerate() {
            let place = self.offer_one(input, effect);
            if let Some(choice) = choices.get_mut(input) {
                *choice = place;
            }
        }
        choices
    }

    /// Offers an effect for an input, if it was not, and says where it stands.
    pub(super) fn offer_one(&mut self, input: usize, effect: &Effect) -> usize {
        let price = self.price(input, effect);
        let Some(options) = self.options.get_mut(input) else { return 0 };
        if let Some(known) = options.iter().position(|(known, _)| known == effect) {
            return known;
        }
        options.push((effect.clone(), price));
        options.len() - 1
    }

    /// What is, written down, the same for several inputs.
    pub(super) fn shared_effects(&self) -> Vec<String> {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for input in 0..self.machine.inputs.len() {
            for (effect, _) in self.options.get(input).into_iter().flatten() {
                let Some(text) = self.text(input, effect) else { continue };
                match counts.iter_mut().find(|(known, _)| *known == text) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((text, 1)),
                }
            }
        }
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(text, _)| text).collect()
    }

    /// An effect of one field or of a constant step, written down.
    pub(super) fn text(&self, input: usize, effect: &Effect) -> Option<String> {
        let kind = self.machine.kind(self.facts, input)?;
        match effect {
            Effect::Set(Expr::Field(field)) => Some(path(kind, *field)),
            Effect::Add(Expr::Constant(V::Int(1))) => Some("+ 1".to_owned()),
            Effect::Most(Expr::Field(field)) => Some(format!("most {}", path(kind, *field))),
            Effect::Least(Expr::Field(field)) => Some(format!("least {}", path(kind, *field))),
            _ => None,
        }
    }

    pub(super) fn position(&self, input: usize, text: &str) -> Option<usize> {
        let options = self.options.get(input)?;
        options.iter().position(|(effect, _)| self.text(input, effect).as_deref() == Some(text))
    }

    /// What most events do all of them do, where the evidence admits it: count themselves, leave their time.
    pub(super) fn harmonise(&self, choices: &mut Choices) {
        let text = |choices: &Choices, input: usize| self.text(input, self.effect(input, choice(choices, input)));
        let mut counts: Vec<(String, usize)> = Vec::new();
        for found in (0..self.machine.inputs.len()).filter_map(|input| text(choices, input)) {
            match counts.iter().position(|(known, _)| *known == found) {
                Some(at) => counts.iter_mut().skip(at).take(1).for_each(|(_, count)| *count += 1),
                None => counts.push((found, 1)),
            }
        }
        let Some((most, count)) = counts.into_iter().max_by_key(|(_, count)| *count) else { return };
        let silent =
            |choices: &Choices, input: usize| choice(choices, input) == 0 && self.weight_of(input, choices) == 0;
        let others = (0..self.machine.inputs.len()).filter(|input| {
            text(choices, *input).as_ref() != Some(&most)
                && self.begins.get(*input) != Some(&true)
                && !silent(choices, *input)
        });
        let others: Vec<usize> = others.collect();
        let before = self.misses(choices);
        let mut tried = choices.clone();
        // Only if the others could all do the same is it a habit of the store, and not an effect of some.
        let all = others.iter().all(|input| {
            self.position(*input, &most).is_some_and(|place| self.choose(&mut tried, *input, place, before))
        });
        if count < 2 || !all {
            return;
        }
        for input in 0..self.machine.inputs.len() {
            if silent(&tried, input)
                && let Some(place) = self.position(input, &most)
            {
                self.choose(&mut tried, input, place, before);
            }
        }
        *choices = tried;
    }
}
