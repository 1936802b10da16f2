//! Things that have keys: added by one kind of event, changed and removed by others that name the same keys.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Root};
use super::super::machine::Input;
use super::super::node::{Entries, Node, Record};
use super::super::search::Leaf;
use super::super::value::V;
use super::super::verbs;
use super::super::words::{agreement, words};
use super::draft::{Draft, leaf};
use super::fields::{is_key, mentions, styled};

impl Draft<'_> {
    /// Things that have keys: added by one kind of event, changed and removed by others that name the same keys.
    pub(super) fn collections(&mut self) {
        for kind in self.others() {
            let Some(known) = self.kind(kind) else { continue };
            if verbs::direction(&known.event_type) <= 0 {
                continue;
            }
            // Of several keys the thing's own is the one that others name again, or that is called after it.
            let keys = self.members(kind).into_iter().filter(|(_, field)| is_key(field));
            let mut keys: Vec<_> = keys.map(|(key, field)| (self.partners(kind, key), key, field)).collect();
            let likeness = |partners: &[(usize, usize)], field: &Field| {
                (usize::from(!partners.is_empty()) as f32) + agreement(field.name(), &known.event_type)
            };
            keys.sort_by(|a, b| likeness(&b.0, b.2).total_cmp(&likeness(&a.0, a.2)));
            let Some((partners, key, field)) = keys.into_iter().next() else { continue };
            if partners.is_empty() && !self.is_fresh(kind, key) {
                continue;
            }
            self.collect(kind, key, field, &partners);
        }
    }

    /// The kinds that take away what this one adds: most of the keys that they name were named by it before.
    pub(super) fn partners(&self, kind: usize, key: usize) -> Vec<(usize, usize)> {
        let mut partners = Vec::new();
        for other in self.others().into_iter().filter(|other| *other != kind) {
            let Some(known) = self.kind(other) else { continue };
            if verbs::direction(&known.event_type) > 0 {
                continue;
            }
            let Some(name) = self.kind(kind).and_then(|kind| kind.fields.get(key)).map(|field| &field.path) else {
                continue;
            };
            let Some(field) = known.fields.iter().position(|field| field.root == Root::Data && field.path == *name)
            else {
                continue;
            };
            if self.follows(kind, key, other, field) {
                partners.push((other, field));
            }
        }
        partners
    }

    /// Whether nearly all keys of one kind were named by another before, in the same stream.
    pub(super) fn follows(&self, kind: usize, key: usize, other: usize, field: usize) -> bool {
        let (mut all, mut known) = (0_usize, 0_usize);
        for (_, events) in &self.facts.streams {
            let mut named = HashSet::new();
            for fact in events.iter().filter_map(|event| self.facts.events.get(*event)) {
                if fact.kind == kind {
                    named.extend(fact.value(key).as_key());
                } else if fact.kind == other {
                    all += 1;
                    known += usize::from(fact.value(field).as_key().is_some_and(|key| named.contains(&key)));
                }
            }
        }
        all > 0 && known * 10 >= all * 9
    }

    /// Whether each event of a kind names another key of its stream, and streams have several.
    pub(super) fn is_fresh(&self, kind: usize, key: usize) -> bool {
        let (mut events_of_kind, mut keys) = (0_usize, 0_usize);
        for (_, events) in &self.facts.streams {
            let facts =
                events.iter().filter_map(|event| self.facts.events.get(*event)).filter(|fact| fact.kind == kind);
            let named: Vec<_> = facts.filter_map(|fact| fact.value(key).as_key()).collect();
            events_of_kind += named.len();
            keys += named.into_iter().collect::<HashSet<_>>().len();
        }
        events_of_kind > 1 && keys == events_of_kind && !self.habit(kind).once
    }

    pub(super) fn collect(&mut self, kind: usize, key: usize, field: &Field, partners: &[(usize, usize)]) {
        let Some(known) = self.kind(kind) else { return };
        let others: Vec<(usize, &Field)> = self.members(kind).into_iter().filter(|(index, _)| *index != key).collect();
        let amount = match others.as_slice() {
            [(index, field)] if field.counts() => Some(*index),
            _ => None,
        };
        let held = amount.filter(|_| verbs::deed(&known.event_type).is_some() && !partners.is_empty());
        // Where the key names what is held, so does what there is of it: `line_held` with a `line_ref` gives `line_holds`.
        let thing = held.and_then(|_| self.thing(kind, field));
        let name = if held.is_some() {
            let deed = verbs::deed(&known.event_type);
            deed.map(|deed| thing.as_ref().map_or(deed.to_owned(), |thing| format!("{thing}_{deed}")))
        } else {
            verbs::things(&known.event_type, self.aggregate_type)
        };
        let Some(name) = name.map(|name| styled(&name, field.name())) else { return };
        if others.is_empty() || self.leaves.contains_key(&name) || self.maps.contains_key(&name) {
            return;
        }
        let entries = match held {
            Some(amount) => self.held((kind, key), amount, partners, field, thing.is_none()),
            None => Some(self.things(kind, key, &others, partners)),
        };
        let Some(entries) = entries else { return };
        self.entered.insert(kind);
        self.entered.extend(partners.iter().map(|(kind, _)| *kind));
        self.maps.insert(name, entries);
    }

    /// What a key names, if the event type speaks of that.
    fn thing(&self, kind: usize, key: &Field) -> Option<String> {
        let mut parts = words(key.name());
        parts.pop();
        let thing = parts.join("_");
        let own = words(self.aggregate_type);
        let speaks = mentions(&self.kind(kind)?.event_type, &thing) && !parts.iter().any(|part| own.contains(part));
        (!parts.is_empty() && speaks).then_some(thing)
    }

    /// Amounts by key, gone at zero, and, where it is asked for, their sum under the name of the deed.
    pub(super) fn held(
        &mut self,
        (kind, key): (usize, usize),
        amount: usize,
        partners: &[(usize, usize)],
        like: &Field,
        with_sum: bool,
    ) -> Option<Entries> {
        let path = &self.kind(kind)?.fields.get(amount)?.path;
        let mut inputs = vec![(kind, key, Effect::Add(Expr::Field(amount)))];
        let mut moves = vec![(kind, Effect::Add(Expr::Field(amount)))];
        for (other, field) in partners {
            let known = self.kind(*other)?;
            let amount = known.fields.iter().position(|field| field.root == Root::Data && field.path == *path)?;
            inputs.push((*other, *field, Effect::Drain(Expr::Field(amount), true)));
            moves.push((*other, Effect::Subtract(Expr::Field(amount))));
        }
        if with_sum {
            let verb = verbs::verb(&self.kind(kind)?.event_type)?;
            let total = styled(&verb, like.name());
            for (kind, effect) in moves {
                self.effect(&total, kind, effect);
            }
            self.begin(&total, &Effect::Set(Expr::Constant(V::Int(0))));
        }
        let effects = inputs.iter().map(|(_, _, effect)| effect.clone()).collect();
        Some(self.entries(&inputs, Node::Leaf(leaf(effects))))
    }

    /// Objects by key.
    pub(super) fn things(
        &self,
        kind: usize,
        key: usize,
        others: &[(usize, &Field)],
        partners: &[(usize, usize)],
    ) -> Entries {
        let mut inputs = vec![(kind, key, Effect::Keep)];
        inputs.extend(partners.iter().map(|(other, field)| (*other, *field, Effect::Delete)));
        let mut members = Vec::new();
        for (index, field) in others {
            let effects = inputs.iter().map(|(of, _, _)| self.entry_effect(*of, kind, *index, field));
            members.push((Arc::from(field.name()), Node::Leaf(leaf(effects.collect()))));
        }
        self.entries(&inputs, Node::Record(Record { members, base: None }))
    }

    /// What a kind does to a member of an entry: the adding one sets it, a removing one deletes it, another changes it.
    pub(super) fn entry_effect(&self, of: usize, adding: usize, index: usize, field: &Field) -> Effect {
        let Some(known) = self.kind(of) else { return Effect::Keep };
        if of == adding {
            return Effect::Set(Expr::Field(index));
        }
        if verbs::direction(&known.event_type) < 0 {
            return Effect::Delete;
        }
        let same = known.fields.iter().position(|other| other.root == Root::Data && other.path == field.path);
        same.map_or(Effect::Keep, |index| Effect::Set(Expr::Field(index)))
    }

    /// The entries of an inner level, whose inputs are those of the level above.
    pub(super) fn entries_within(moves: &[(usize, Vec<usize>, Effect)], level: usize, entry: Node) -> Entries {
        let key = |keys: &[usize]| keys.get(level).copied();
        let keys_of = |keys: &[usize]| keys.iter().take(level + 1).map(|key| Some(*key)).collect();
        let inputs = moves.iter().map(|(kind, keys, _)| Input { kind: *kind, keys: keys_of(keys) });
        Entries {
            list: None,
            base: Leaf::idle(moves.len()),
            inputs: inputs.collect(),
            routes: moves.iter().enumerate().map(|(place, (_, keys, _))| vec![(key(keys), place)]).collect(),
            entry: Box::new(entry),
            guarded: vec![false; moves.len()],
        }
    }

    pub(super) fn entries(&self, inputs: &[(usize, usize, Effect)], entry: Node) -> Entries {
        let mut routes = vec![Vec::new(); self.facts.kinds.len()];
        for (place, (kind, field, _)) in inputs.iter().enumerate() {
            if let Some(routes) = routes.get_mut(*kind) {
                routes.push((Some(*field), place));
            }
        }
        let mut base = Leaf::idle(self.facts.kinds.len());
        for kind in self.beginning_kinds() {
            if let Some(effect) = base.effects.get_mut(kind) {
                *effect = Effect::Set(Expr::Constant(V::empty_object()));
            }
        }
        let known = inputs.iter().map(|(kind, field, _)| Input { kind: *kind, keys: vec![Some(*field)] });
        Entries {
            list: None,
            base,
            inputs: known.collect(),
            routes,
            entry: Box::new(entry),
            guarded: vec![false; inputs.len()],
        }
    }
}
