//! What one event type could do to one leaf, as far as what is known of the leaf's values admits it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::effect::Effect;
use super::expression::Expr;
use super::facts::{Facts, Field, Kind, Root};
use super::machine::{Machine, Profile, Run};
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
        effects.extend(self.profile.constants().into_iter().map(|value| Effect::Set(Expr::Constant(value))));
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

    fn list(&self, input: usize, kind: &Kind, effects: &mut Vec<Effect>) {
        for (index, field) in kind.fields.iter().enumerate().filter(|(_, field)| !self.is_barred(field)) {
            let prints = || self.values(input).map(|(run, event)| (run, self.print(event, index)));
            if field.lists > 0 && self.extends(input, index) {
                effects.push(Effect::Extend(Expr::Field(index)));
            }
            if prints().any(|(run, print)| self.profile.elements.get(run).is_some_and(|known| known.contains(&print))) {
                for append in [Effect::Append, Effect::Include, Effect::Prepend, Effect::Sorted] {
                    effects.push(append(Expr::Field(index)));
                }
            }
            if prints().any(|(_, print)| self.appended.contains(&print)) {
                effects.push(Effect::Exclude(Expr::Field(index)));
            }
        }
        if let Some(made) = self.made(input, kind) {
            effects.push(Effect::Append(made.clone()));
            effects.push(Effect::Prepend(made));
        }
        effects.push(Effect::DropFirst);
        effects.push(Effect::DropLast);
    }

    fn extends(&self, input: usize, field: usize) -> bool {
        self.values(input).any(|(run, event)| {
            let value = self.facts.events.get(event).map_or(&V::Missing, |fact| fact.value(field));
            let known = self.profile.elements.get(run);
            value.as_list().is_some_and(|items| {
                items.iter().any(|item| known.is_some_and(|known| known.contains(&item.fingerprint())))
            })
        })
    }

    /// Everything that some event appends, also where no list still holds it.
    fn all_appended(&self) -> HashSet<u64> {
        let mut appended: HashSet<u64> = self.profile.elements.iter().flatten().copied().collect();
        for (input, _) in self.machine.inputs.iter().enumerate() {
            let Some(kind) = self.machine.kind(self.facts, input) else { continue };
            for index in 0..kind.fields.len() {
                let prints: Vec<_> = self.values(input).map(|(run, event)| (run, self.print(event, index))).collect();
                let hits = prints
                    .iter()
                    .filter(|(run, print)| self.profile.elements.get(*run).is_some_and(|known| known.contains(print)));
                if hits.count() * 4 > prints.len() {
                    appended.extend(prints.into_iter().map(|(_, print)| print));
                }
            }
        }
        appended.remove(&V::Missing.fingerprint());
        appended
    }

    fn computed(&self, input: usize, kind: &Kind, effects: &mut Vec<Effect>) {
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

    fn pairs(&self, kind: &Kind, numeric: &[usize], values: &mut Vec<Expr>) {
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
    fn respelled(&self, kind: &Kind, values: &mut Vec<Expr>) {
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

    fn conditional(&self, input: usize, kind: &Kind, effects: &mut Vec<Effect>) {
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

    /// An enumeration that the state writes in another way.
    fn mapped(&self, input: usize, kind: &Kind, values: &mut Vec<Expr>) {
        for (index, field) in kind.fields.iter().enumerate() {
            if field.root == Root::Envelope || field.root == Root::Metadata || self.is_barred(field) {
                continue;
            }
            let distinct = self.distinct(input, index, if field.root == Root::Before { 5 } else { 13 });
            // What is another each time is no enumeration.
            let events = self.values(input).count();
            if distinct.is_empty() || distinct.len() > 12 || (distinct.len() > 3 && distinct.len() * 3 > events) {
                continue;
            }
            let mut table = Vec::new();
            for from in &distinct {
                if let Some(to) = self.usually(input, index, from) {
                    table.push((from.clone(), to));
                }
            }
            let says_something = table.iter().any(|(from, to)| from != to)
                && (table.len() == 1 && distinct.len() == 1
                    || table.iter().any(|(_, to)| Some(to) != table.first().map(|(_, to)| to)));
            if says_something && table.len() > 1 {
                let whole = table.len() == distinct.len();
                values.push(Expr::Mapped(Box::new(Expr::Field(index)), table, whole));
            }
        }
    }

    /// What the leaf mostly is after events in which a field has a value, the nearest one counting.
    fn usually(&self, input: usize, field: usize, from: &V) -> Option<V> {
        let mut counts: Vec<(V, f32)> = Vec::new();
        for run in &self.machine.runs {
            for seen in &run.seen {
                let Some(distance) = self.nearest(run, seen.after, input, field, from) else { continue };
                let vote = if distance == 0 { 4.0 } else { 1.0 / (distance as f32) };
                if let Some((_, votes)) = counts.iter_mut().find(|(value, _)| *value == seen.value) {
                    *votes += vote;
                } else if counts.len() < 24 {
                    counts.push((seen.value.clone(), vote));
                }
            }
        }
        let best = counts.into_iter().filter(|(value, _)| !value.is_missing()).max_by(|a, b| a.1.total_cmp(&b.1));
        best.map(|(value, _)| value)
    }

    /// How many steps before what is seen the last event of this input is, if its field has the value.
    fn nearest(&self, run: &Run, after: usize, input: usize, field: usize, from: &V) -> Option<usize> {
        let steps = run.steps.get(..after)?;
        let recent = steps.iter().enumerate().rev().take(60);
        let (at, step) =
            recent.into_iter().find(|(_, step)| step.input == input || self.changes.get(step.input) == Some(&true))?;
        if step.input != input {
            return None;
        }
        let value = self.facts.events.get(step.event)?.value(field);
        (value == from).then_some(steps.len() - 1 - at)
    }

    /// An object made of an event's fields under other names, as the elements of a list or the values are.
    fn made(&self, input: usize, kind: &Kind) -> Option<Expr> {
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
    fn nearest_to(&self, run: &Run, input: usize, target: &super::value::Members) -> Option<usize> {
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

    /// The whole steps in which the leaf's numbers mostly go.
    fn usual_steps(&self) -> Vec<i128> {
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

    /// The fields of a kind that can be counted with.
    fn numeric(&self, kind: &Kind) -> Vec<usize> {
        let countable = |field: &Field| match field.root {
            Root::Before if self.is_barred(field) => false,
            Root::Data | Root::Before => field.counts() && (!field.is_decimal() || self.profile.decimals),
            Root::Metadata => field.numbers > 0,
            Root::Envelope => false,
        };
        let numeric = kind.fields.iter().enumerate().filter(|(_, field)| countable(field)).map(|(index, _)| index);
        numeric.take(14).collect()
    }

    fn is_text(&self, kind: &Kind, index: usize) -> bool {
        let known = kind.fields.get(index);
        known.is_some_and(|field| field.texts > 0 && field.texts == field.present)
            && (self.profile.texts || in_data(kind, index))
    }

    /// Whether a field ever has a value that the leaf then has.
    fn hits(&self, input: usize, field: usize) -> bool {
        let missing = V::Missing.fingerprint();
        self.values(input).any(|(run, event)| {
            let print = self.print(event, field);
            print != missing && self.profile.prints.get(run).is_some_and(|known| known.contains(&print))
        })
    }

    /// The same for an expression.
    fn gives(&self, input: usize, expr: &Expr) -> bool {
        self.values(input).take(80).any(|(run, event)| {
            let value = self.facts.events.get(event).map(|fact| expr.eval(fact)).unwrap_or_default();
            !value.is_missing()
                && self.profile.prints.get(run).is_some_and(|known| known.contains(&value.fingerprint()))
        })
    }

    /// Whether what is written in another way ever differs from what it was.
    fn respells(&self, input: usize, expr: &Expr) -> bool {
        let (Expr::Hyphenated(inner)
        | Expr::Squeezed(inner)
        | Expr::Lower(inner)
        | Expr::Upper(inner)
        | Expr::Text(inner)) = expr
        else {
            return true;
        };
        let mut facts = self.values(input).take(80).filter_map(|(_, event)| self.facts.events.get(event));
        facts.any(|fact| expr.eval(fact) != inner.eval(fact))
    }

    fn is_amount(&self, input: usize, expr: &Expr) -> bool {
        self.values(input).take(3).any(|(_, event)| {
            self.facts.events.get(event).is_some_and(|fact| match expr.eval(fact) {
                V::Int(_) | V::Real(_) => self.profile.numbers,
                V::Text(text) => self.profile.decimals && super::value::decimal(&text).is_some(),
                _ => false,
            })
        })
    }

    /// The values that a field has, if they are fewer than `most`.
    fn distinct(&self, input: usize, field: usize, most: usize) -> Vec<V> {
        let mut distinct: Vec<V> = Vec::new();
        for (_, event) in self.values(input) {
            let value = self.facts.events.get(event).map_or(&V::Missing, |fact| fact.value(field));
            if value.is_nothing() || distinct.contains(value) {
                continue;
            }
            if !value.is_scalar() || distinct.len() + 1 >= most {
                return Vec::new();
            }
            distinct.push(value.clone());
        }
        distinct
    }

    fn values(&self, input: usize) -> impl Iterator<Item = (usize, usize)> {
        self.events.get(input).into_iter().flatten().copied()
    }

    fn print(&self, event: usize, field: usize) -> u64 {
        static MISSING: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| V::Missing.fingerprint());
        self.facts.events.get(event).and_then(|fact| fact.prints.get(field)).copied().unwrap_or(*MISSING)
    }
}

/// Units that one application counts in and another not.
const SCALES: [(i128, i128); 8] = [(100, 1), (1, 100), (1000, 1), (1, 1000), (60, 1), (1, 60), (3600, 1), (10, 1)];

fn in_data(kind: &Kind, index: usize) -> bool {
    kind.fields.get(index).is_some_and(|field| field.root == Root::Data && !field.path.is_empty())
}

/// Whether a value is such that another that equals it is no accident.
fn tells(value: &V) -> bool {
    !matches!(value, V::Missing | V::Null | V::Bool(_) | V::Int(0 | 1))
}

/// The objects that a run's values are or hold.
fn targets_of(run: &Run) -> impl Iterator<Item = &super::value::Members> {
    run.seen.iter().rev().flat_map(|seen| match &seen.value {
        V::Object(members) => vec![&**members],
        V::List(items) => items.iter().filter_map(V::as_object).collect(),
        _ => Vec::new(),
    })
}

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
            .filter(|(_, value)| super::value::Amount::of(value).is_some())
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
