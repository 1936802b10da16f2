//! One enumeration is written in one way: what one event type's values stand for, those of another stand for, too.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Root};
use super::super::machine::Meter;
use super::super::value::V;
use super::climb::{Choices, Climb, From, NOTHING, choice};

/// How many values an enumeration has at most.
const MOST: usize = 24;

/// What it takes to say that a known table holds for another field, beside the field.
const AGAIN: f64 = 4.5;

impl Climb<'_> {
    /// Puts the tables of a leaf together, and offers the one that comes of it for every field whose values are in it.
    pub(super) fn share_tables(&mut self, best: Choices, meter: &mut Meter<'_>) -> Choices {
        let Some(table) = self.table(&best) else { return best };
        let mut shared = best.clone();
        for input in 0..self.machine.inputs.len() {
            let Some(kind) = self.machine.kind(self.facts, input) else { continue };
            let now = choice(&best, input);
            let mapped = match self.effect(input, now) {
                Effect::Set(Expr::Mapped(inner, ..)) => match **inner {
                    Expr::Field(field) => Some(field),
                    _ => continue,
                },
                _ => None,
            };
            for (index, field) in kind.fields.iter().enumerate() {
                if field.root != Root::Data || field.path.is_empty() || mapped.is_some_and(|known| known != index) {
                    continue;
                }
                let Some(known) = self.told_by(input, index, field, &table) else { continue };
                let effect = Effect::Set(Expr::Mapped(Box::new(Expr::Field(index)), table.clone(), known));
                let price = AGAIN + f64::from(Expr::Field(index).cost(kind));
                let Some(options) = self.options.get_mut(input) else { continue };
                options.push((effect, price));
                if let Some(place) = shared.get_mut(input).filter(|_| mapped.is_some()) {
                    *place = options.len() - 1;
                } else if known && mapped.is_none() {
                    let place = options.len() - 1;
                    let mut tried = shared.clone();
                    if let Some(slot) = tried.get_mut(input) {
                        *slot = place;
                    }
                    // What the first event says needs no other beginning.
                    if let (Some(&true), Some(initial)) = (self.begins.get(input), tried.last_mut()) {
                        *initial = 0;
                    }
                    let silent = now == 0 && self.weight_of(input, &shared) == 0;
                    let begins = self.begins.get(input) == Some(&true);
                    if (silent || begins) && self.misses(&tried) <= self.misses(&shared) + NOTHING {
                        shared = tried;
                    }
                }
            }
        }
        let climbed = self.climb(shared.clone(), From::Start, meter);
        let shared = if self.misses(&climbed) <= self.misses(&shared) + NOTHING { climbed } else { shared };
        if self.misses(&shared) <= self.misses(&best) + NOTHING { shared } else { best }
    }

    /// What all tables of the leaf say together; none where they contradict each other.
    fn table(&self, choices: &Choices) -> Option<Vec<(V, V)>> {
        let mut table: Vec<(V, V)> = Vec::new();
        for input in 0..self.machine.inputs.len() {
            let Effect::Set(Expr::Mapped(inner, own, _)) = self.effect(input, choice(choices, input)) else { continue };
            let Expr::Field(field) = **inner else { continue };
            let root = self.machine.kind(self.facts, input)?.fields.get(field)?.root;
            if root != Root::Data {
                continue;
            }
            for (from, to) in own {
                match table.iter().find(|(known, _)| known == from) {
                    Some((_, known)) if known != to => return None,
                    Some(_) => {}
                    None => table.push((from.clone(), to.clone())),
                }
            }
        }
        (!table.is_empty()).then_some(table)
    }

    /// Whether a table has all values of a field; none where it has none of them, or they are no enumeration.
    fn told_by(&self, input: usize, index: usize, field: &Field, table: &[(V, V)]) -> Option<bool> {
        if field.lists + field.objects > 0 {
            return None;
        }
        let kind = self.machine.inputs.get(input)?.kind;
        let mut distinct: Vec<&V> = Vec::new();
        for fact in self.facts.events.iter().filter(|fact| fact.kind == kind) {
            let value = fact.value(index);
            if value.is_missing() || distinct.contains(&value) {
                continue;
            }
            if distinct.len() >= MOST {
                return None;
            }
            distinct.push(value);
        }
        let known = distinct.iter().filter(|value| table.iter().any(|(from, _)| from == **value)).count();
        // A table that says nothing of most values is that of something else.
        (known > 0 && known * 2 >= distinct.len()).then_some(known == distinct.len())
    }
}
