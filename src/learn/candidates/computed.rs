//! What is computed from fields: products, sums, other units, other spellings, what another field decides.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Kind, Root};
use super::super::value::V;
use super::Candidates;
use super::look::in_data;
use std::collections::HashMap;

impl Candidates<'_> {
    pub(super) fn computed(&self, input: usize, kind: &Kind, effects: &mut Vec<Effect>) {
        let mut values = Vec::new();
        let numeric = self.numeric(kind);
        if self.profile.numbers || self.profile.decimals {
            self.pairs(kind, &numeric, &mut values);
            for index in &numeric {
                for (times, by) in SCALES {
                    values.push(Expr::Scaled(Box::new(Expr::Field(*index)), times, by));
                }
            }
            lists(self, input, kind, &mut values);
            values.extend(self.usual_steps().into_iter().map(|step| Expr::Constant(V::Int(step))));
        }
        if self.profile.texts || self.profile.numbers || self.profile.bools {
            self.respelled(kind, &mut values);
            self.mapped(input, kind, &mut values);
        }
        alternatives(kind, &mut values);
        for value in values {
            if self.gives(input, &value) && self.respells(input, &value) {
                effects.push(Effect::Set(value.clone()));
            }
            if (self.profile.numbers || self.profile.decimals) && self.is_amount(input, &value) {
                self.count(value, effects);
            }
        }
        for (index, field) in kind.fields.iter().enumerate().filter(|(_, field)| !self.is_barred(field)) {
            if field.present > 0 && self.hits(input, index) {
                effects.push(Effect::Once(Expr::Field(index)));
                if field.counts() || field.texts > 0 {
                    effects.push(Effect::Least(Expr::Field(index)));
                    effects.push(Effect::Most(Expr::Field(index)));
                }
            }
        }
        if self.profile.objects {
            effects.extend(self.made(input, kind).map(Effect::Set));
        }
    }

    pub(super) fn pairs(&self, kind: &Kind, numeric: &[usize], values: &mut Vec<Expr>) {
        let numeric: Vec<usize> = numeric.iter().copied().take(9).collect();
        for (at, a) in numeric.iter().enumerate() {
            for b in numeric.iter().skip(at + 1) {
                let (x, y) = (|| Box::new(Expr::Field(*a)), || Box::new(Expr::Field(*b)));
                values.push(Expr::Times(x(), y()));
                let decimals = [*a, *b].iter().any(|index| kind.fields.get(*index).is_some_and(Field::is_decimal));
                if !decimals || self.profile.decimals {
                    values.extend([Expr::Plus(x(), y()), Expr::Minus(x(), y()), Expr::Minus(y(), x())]);
                }
            }
        }
    }

    /// The same thing written in another way.
    pub(super) fn respelled(&self, kind: &Kind, values: &mut Vec<Expr>) {
        let texts: Vec<usize> = (0..kind.fields.len()).filter(|index| self.is_text(kind, *index)).collect();
        for index in &texts {
            let field = || Box::new(Expr::Field(*index));
            values.extend([
                Expr::Hyphenated(field()),
                Expr::Squeezed(field()),
                Expr::Lower(field()),
                Expr::Upper(field()),
            ]);
            values.push(Expr::Number(field()));
        }
        for index in self.numeric(kind) {
            values.push(Expr::Text(Box::new(Expr::Field(index))));
        }
        if !self.profile.texts {
            return;
        }
        let texts: Vec<usize> = texts.into_iter().filter(|index| in_data(kind, *index)).take(8).collect();
        for a in &texts {
            for b in texts.iter().filter(|b| *b != a) {
                for between in [" ", ", ", "-", "/", ":", ""] {
                    values.push(Expr::Joined(Box::new(Expr::Field(*a)), between, Box::new(Expr::Field(*b))));
                }
            }
        }
    }

    pub(super) fn conditional(&self, input: usize, kind: &Kind, effects: &mut Vec<Effect>) {
        if !self.profile.numbers {
            return;
        }
        for (index, field) in kind.fields.iter().enumerate() {
            if field.root != Root::Data || field.counts() {
                continue;
            }
            let values = self.distinct(input, index, 3);
            let [a, b] = values.as_slice() else { continue };
            for (x, y) in [(1, -1), (-1, 1), (1, 0), (0, 1), (-1, 0), (0, -1)] {
                let table = vec![(a.clone(), V::Int(x)), (b.clone(), V::Int(y))];
                let sign = || Box::new(Expr::Mapped(Box::new(Expr::Field(index)), table.clone(), true));
                effects.push(Effect::Add(*sign()));
                for amount in self.numeric(kind).into_iter().take(6) {
                    effects.push(Effect::Add(Expr::Times(Box::new(Expr::Field(amount)), sign())));
                }
            }
        }
    }

    /// The whole steps in which the leaf's numbers mostly go.
    pub(super) fn usual_steps(&self) -> Vec<i128> {
        let mut counts: HashMap<i128, usize> = HashMap::new();
        for run in &self.machine.runs {
            let mut before = 0;
            for seen in &run.seen {
                let V::Int(now) = seen.value else { continue };
                *counts.entry((now - before).abs()).or_default() += 1;
                before = now;
            }
        }
        counts.remove(&0);
        counts.remove(&1);
        let mut counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
        counts.sort_by_key(|(step, count)| (std::cmp::Reverse(*count), *step));
        counts.into_iter().take(3).map(|(step, _)| step).collect()
    }
}

/// Units that one application counts in and another not.
const SCALES: [(i128, i128); 8] = [(100, 1), (1, 100), (1000, 1), (1, 1000), (60, 1), (1, 60), (3600, 1), (10, 1)];

/// What one schema version calls this and another that.
fn alternatives(kind: &Kind, values: &mut Vec<Expr>) {
    let partial: Vec<usize> =
        (0..kind.fields.len()).filter(|index| in_data(kind, *index) && !kind.always(*index)).take(10).collect();
    let present = |index: &usize| kind.fields.get(*index).map_or(0, |field| field.present);
    let mut found = Vec::new();
    for a in &partial {
        for b in partial.iter().filter(|b| *b != a && present(a) + present(b) <= kind.count) {
            let (a, b) = (Box::new(Expr::Field(*a)), Box::new(Expr::Field(*b)));
            found.push(Expr::Either(a.clone(), b.clone()));
            for (times, by) in SCALES {
                found.push(Expr::Either(a.clone(), Box::new(Expr::Scaled(b.clone(), times, by))));
            }
            found.push(Expr::Either(a, Box::new(Expr::Number(b))));
        }
    }
    values.extend(found);
}

/// Lengths of lists, and sums over their elements.
fn lists(candidates: &Candidates<'_>, input: usize, kind: &Kind, values: &mut Vec<Expr>) {
    for (index, field) in kind.fields.iter().enumerate().filter(|(_, field)| field.lists > 0) {
        if field.root == Root::Envelope {
            continue;
        }
        let list = || Box::new(Expr::Field(index));
        values.push(Expr::Length(list()));
        let mut items = candidates.values(input).filter_map(|(_, event)| candidates.facts.events.get(event));
        let Some(first) = items.find_map(|fact| fact.value(index).as_list().and_then(|items| items.first().cloned()))
        else {
            continue;
        };
        let Some(members) = first.as_object() else { continue };
        let numeric: Vec<_> = members
            .iter()
            .filter(|(_, value)| super::super::value::Amount::of(value).is_some())
            .map(|(key, _)| key.clone())
            .collect();
        for (at, a) in numeric.iter().enumerate() {
            values.push(Expr::Sum(list(), a.clone(), None));
            for b in numeric.iter().skip(at + 1) {
                values.push(Expr::Sum(list(), a.clone(), Some(b.clone())));
            }
        }
    }
}
