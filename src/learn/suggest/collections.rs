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

/// Of so many names in a store one may come again, before they are names of places.
const OWN: usize = 10;

impl Draft<'_> {
    /// Things that have keys: added by one kind of event, changed and removed by others that name the same keys.
    pub(super) fn collections(&mut self) {
        self.collect_all(false);
    }

    /// Only those of which there is an amount that another event takes away again.
    pub(super) fn held_things(&mut self) {
        self.collect_all(true);
    }

    fn collect_all(&mut self, only_held: bool) {
        for kind in self.others() {
            let Some(known) = self.kind(kind) else { continue };
            if verbs::direction(&known.event_type) <= 0 {
                continue;
            }
            // Of several keys the thing's own is the one that others name again, or that is called after it.
            let keys = self.members(kind).into_iter().filter(|(key, field)| self.names_things(kind, *key, field));
            let mut keys: Vec<_> = keys.map(|(key, field)| (self.partners(kind, key), key, field)).collect();
            let likeness = |partners: &[(usize, usize)], field: &Field| {
                (usize::from(!partners.is_empty()) as f32) + agreement(field.name(), &known.event_type)
            };
            keys.sort_by(|a, b| likeness(&b.0, b.2).total_cmp(&likeness(&a.0, a.2)));
            let Some((partners, key, field)) = keys.into_iter().next() else { continue };
            if partners.is_empty() && !self.is_fresh(kind, key) {
                continue;
            }
            self.collect((kind, key), field, &partners, only_held);
        }
    }

    /// Whether a field names the things that a kind of event is about: by its name, or because it is called as they are and
    /// others name them again.
    fn names_things(&self, kind: usize, key: usize, field: &Field) -> bool {
        let called = |subject: Vec<String>| subject == words(field.name());
        is_key(field)
            || field.texts == field.present
                && self.subject_of(kind).is_some_and(called)
                && !self.partners(kind, key).is_empty()
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
            if self.follows(kind, key, other, field) && self.is_of_things(kind, other) {
                partners.push((other, field));
            }
        }
        partners
    }

    /// Whether a kind of event is about the things that another adds, rather than about something else of which it says
    /// one of them, too.
    fn is_of_things(&self, adding: usize, other: usize) -> bool {
        let Some(known) = self.kind(other) else { return false };
        let (own, subject) = (self.subject_of(adding), self.subject_of(other));
        verbs::direction(&known.event_type) < 0 || subject.as_ref().is_some_and(Vec::is_empty) || {
            let thing = |subject: Option<Vec<String>>| subject.and_then(|subject| subject.first().cloned());
            thing(own) == thing(subject)
        }
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

    fn collect(&mut self, (kind, key): (usize, usize), field: &Field, partners: &[(usize, usize)], only_held: bool) {
        let Some(known) = self.kind(kind) else { return };
        let others: Vec<(usize, &Field)> = self.members(kind).into_iter().filter(|(index, _)| *index != key).collect();
        // What those that take away say, too, is what there is of it.
        let again = |field: &Field| {
            !partners.is_empty()
                && partners.iter().all(|(partner, _)| self.member_like(*partner, &field.path).is_some())
        };
        let mut amounts = others.iter().filter(|(_, field)| field.counts() && (others.len() == 1 || again(field)));
        let amount = match (amounts.next(), amounts.next()) {
            (Some((index, _)), None) => Some(*index),
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
        if others.is_empty()
            || only_held && thing.is_none()
            || self.leaves.contains_key(&name)
            || self.maps.contains_key(&name)
        {
            return;
        }
        let entries = match held {
            Some(amount) => self.held((kind, key), amount, partners, field, thing.is_none()),
            None => Some(self.things((kind, key), &others, partners)),
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

    /// Objects by key; a list of them where they have names of their own.
    fn things(&self, (kind, key): (usize, usize), others: &[(usize, &Field)], partners: &[(usize, usize)]) -> Entries {
        let mut inputs = vec![(kind, key, Effect::Keep)];
        let effect = |partner: usize| if self.takes_away(partner) { Effect::Delete } else { Effect::Keep };
        inputs.extend(partners.iter().map(|(other, field)| (*other, *field, effect(*other))));
        let mut members = Vec::new();
        for field in self.said_of(others, partners) {
            let effects = inputs.iter().map(|(of, _, _)| self.entry_effect(*of, field));
            members.push((Arc::from(field.name()), Node::Leaf(leaf(effects.collect()))));
        }
        members
            .extend(self.status_of_things(kind, &inputs).map(|effects| ("status".into(), Node::Leaf(leaf(effects)))));
        let listed = self.kind(kind).and_then(|known| known.fields.get(key)).filter(|_| self.is_listed(kind, key));
        if let Some(field) = listed {
            let named = inputs.iter().map(|(of, _, effect)| match effect {
                Effect::Delete => Effect::Delete,
                _ if *of == kind => Effect::Set(Expr::Field(key)),
                _ => Effect::Keep,
            });
            members.insert(0, (Arc::from(field.name()), Node::Leaf(leaf(named.collect()))));
        }
        let list = listed.map(|field| Arc::from(field.name()));
        let entries = self.entries(&inputs, Node::Record(Record { members, base: None }));
        let Some(list) = list else { return entries };
        let mut base = entries.base;
        for effect in base.effects.iter_mut().filter(|effect| **effect != Effect::Keep) {
            *effect = Effect::Set(Expr::Constant(V::empty_list()));
        }
        let guarded = inputs.iter().map(|(of, _, _)| *of != kind).collect();
        Entries { list: Some(list), base, guarded, ..entries }
    }

    /// Whether things are put beside each other rather than into places: each has a name of its own in the whole store.
    fn is_listed(&self, kind: usize, key: usize) -> bool {
        let Some((known, field)) = self.kind(kind).and_then(|known| Some((known, known.fields.get(key)?))) else {
            return false;
        };
        let mut parts = words(field.name());
        let is_id = parts.pop().is_some_and(|last| matches!(last.as_str(), "id" | "key" | "uuid"));
        let own = is_id && (parts.is_empty() || mentions(&known.event_type, &parts.join("_")));
        let of_kind = self.facts.events.iter().filter(|fact| fact.kind == kind);
        let keys: Vec<_> = of_kind.filter_map(|fact| fact.value(key).as_key()).collect();
        let count = keys.len();
        let distinct = keys.into_iter().collect::<HashSet<_>>().len();
        own && verbs::puts_beside(&known.event_type) && distinct * OWN > count * (OWN - 1)
    }

    /// Whether a kind of event takes away the thing that it names: one that says more of it does so only by its word.
    fn takes_away(&self, kind: usize) -> bool {
        let Some(known) = self.kind(kind) else { return false };
        verbs::removes(&known.event_type) || verbs::direction(&known.event_type) < 0 && self.members(kind).len() <= 1
    }

    /// All that is said of things: as they are added, and by those that do not take them away.
    fn said_of<'d>(&'d self, others: &[(usize, &'d Field)], partners: &[(usize, usize)]) -> Vec<&'d Field> {
        let mut fields: Vec<&Field> = others.iter().map(|(_, field)| *field).collect();
        for (partner, key) in partners.iter().filter(|(partner, _)| !self.takes_away(*partner)) {
            let further = self.members(*partner).into_iter().filter(|(place, _)| place != key);
            let further: Vec<&Field> = further.map(|(_, field)| field).collect();
            fields.extend(further.into_iter().filter(|field| others.iter().all(|(_, known)| known.path != field.path)));
        }
        fields
    }

    /// The states of things, where several types are called after them: `seat.held`, `seat.sold`.
    fn status_of_things(&self, adding: usize, inputs: &[(usize, usize, Effect)]) -> Option<Vec<Effect>> {
        let state = |kind: usize| {
            let event_type = &self.kind(kind)?.event_type;
            let tells = !verbs::says(event_type) && !verbs::puts_beside(event_type);
            verbs::verb(event_type).filter(|_| tells && (kind == adding || verbs::marks(event_type)))
        };
        let staying: Vec<usize> =
            inputs.iter().map(|(kind, _, _)| *kind).filter(|kind| !self.takes_away(*kind)).collect();
        let told = staying.len() > 1 && staying.iter().all(|kind| state(*kind).is_some());
        let effect = |(kind, _, effect): &(usize, usize, Effect)| match (effect, state(*kind)) {
            (Effect::Delete, _) | (_, None) => effect.clone(),
            (_, Some(state)) => Effect::Set(Expr::Constant(V::text(&state))),
        };
        told.then(|| inputs.iter().map(effect).collect())
    }

    /// What a kind does to a member of an entry: a removing one deletes it, one that says it sets it.
    fn entry_effect(&self, of: usize, field: &Field) -> Effect {
        if self.takes_away(of) {
            return Effect::Delete;
        }
        self.member_like(of, &field.path).map_or(Effect::Keep, |index| Effect::Set(Expr::Field(index)))
    }

    /// Whether a kind of event names the things that another adds, and what it does to them is not known.
    fn names_again(&self, adding: usize, key: usize, other: usize, partners: &[(usize, usize)]) -> bool {
        let path = self.kind(adding).and_then(|known| known.fields.get(key)).map(|field| &field.path);
        let names = |path| self.member_like(other, path).is_some_and(|field| self.follows(adding, key, other, field));
        let is_partner = partners.iter().any(|(partner, _)| *partner == other);
        let known = is_partner && self.subject_of(other) == self.subject_of(adding);
        other != adding && !known && path.is_some_and(|path| names(path))
    }

    /// A list of what has an id, with what several types of events say of it.
    pub(super) fn listed_things(&mut self) {
        for kind in self.others() {
            let mut keys = self.members(kind).into_iter().filter(|(_, field)| words(field.name()) == ["id"]);
            let Some((key, field)) = keys.next().filter(|(key, _)| self.is_listed(kind, *key)) else { continue };
            let partners = self.partners(kind, key);
            if self.others().into_iter().any(|other| self.names_again(kind, key, other, &partners)) {
                continue;
            }
            let others = self.members(kind).into_iter().filter(|(place, _)| *place != key);
            let again =
                |field: &Field| partners.iter().any(|(partner, _)| self.member_like(*partner, &field.path).is_some());
            let others: Vec<(usize, &Field)> = others.filter(|(_, field)| again(field)).collect();
            let name = self.kind(kind).and_then(|known| verbs::things(&known.event_type, self.aggregate_type));
            let Some(name) = name.map(|name| styled(&name, field.name())).filter(|_| !partners.is_empty()) else {
                continue;
            };
            if self.leaves.contains_key(&name) || self.maps.contains_key(&name) {
                continue;
            }
            let entries = self.things((kind, key), &others, &partners);
            self.entered.insert(kind);
            self.entered.extend(partners.iter().map(|(kind, _)| *kind));
            self.maps.insert(name, entries);
        }
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
