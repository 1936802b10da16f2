//! Lists of what was added: of plain values, and of what events say of things.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::Field;
use super::super::node::Node;
use super::super::value::V;
use super::super::verbs;
use super::super::words::{plural, words};
use super::draft::{Draft, leaf};
use super::fields::{is_key, mentions, styled};

/// One of so many things that are added may be there already, before a list and a set differ.
const OFTEN: usize = 20;

impl Draft<'_> {
    /// A list of plain values: `tag_added` with a `tag`, and perhaps `tag_removed`.
    pub(super) fn lists(&mut self) {
        for kind in self.others() {
            let Some(known) = self.kind(kind) else { continue };
            if verbs::direction(&known.event_type) <= 0 || !known.event_type.to_lowercase().ends_with("added") {
                continue;
            }
            let members = self.members(kind);
            let [(index, field)] = members.as_slice() else { continue };
            let name = styled(&plural(field.name()), field.name());
            let thing = mentions(&known.event_type, field.name())
                && self.subject_of(kind).is_some_and(|subject| subject.len() == words(field.name()).len());
            if !thing || field.texts == 0 || is_key(field) || self.leaves.contains_key(&name) {
                continue;
            }
            let removals: Vec<(usize, usize)> = self
                .others()
                .into_iter()
                .filter(|other| *other != kind)
                .filter_map(|other| Some((other, self.member_like(other, &field.path)?)))
                .collect();
            let removes = |(other, _): &(usize, usize)| {
                self.kind(*other).is_some_and(|other| {
                    verbs::direction(&other.event_type) < 0 && mentions(&other.event_type, field.name())
                })
            };
            let twice = self.comes_twice(kind, *index, &removals);
            // What is there already and is taken away by its name is there once.
            if !removals.iter().all(removes) || twice && removals.is_empty() {
                continue;
            }
            self.begin(&name, &Effect::Set(Expr::Constant(V::empty_list())));
            let value = Expr::Field(*index);
            self.effect(&name, kind, if twice { Effect::Include(value) } else { Effect::Append(value) });
            for (other, place) in removals {
                self.effect(&name, other, Effect::Exclude(Expr::Field(place)));
                self.entered.insert(other);
            }
            self.entered.insert(kind);
        }
    }

    /// Whether something is added that is there: then a list and a set differ.
    fn comes_twice(&self, kind: usize, field: usize, removals: &[(usize, usize)]) -> bool {
        let (mut all, mut twice) = (0_usize, 0_usize);
        for (_, events) in &self.facts.streams {
            let mut there = HashSet::new();
            for fact in events.iter().filter_map(|event| self.facts.events.get(*event)) {
                if let Some((_, place)) = removals.iter().find(|(other, _)| *other == fact.kind) {
                    there.remove(&fact.value(*place).fingerprint());
                }
                if fact.kind == kind {
                    all += 1;
                    twice += usize::from(!there.insert(fact.value(field).fingerprint()));
                }
            }
        }
        twice * OFTEN > all
    }

    /// What was said of things that nothing speaks of again: `comment_added` with an `author` and a `body`.
    pub(super) fn said_of_things(&mut self) {
        for kind in self.others() {
            let Some(known) = self.kind(kind).filter(|known| verbs::puts_beside(&known.event_type)) else { continue };
            let members = self.members(kind);
            let spoken_of = |(place, field): &(usize, &Field)| is_key(field) && !self.partners(kind, *place).is_empty();
            let Some(name) = verbs::things(&known.event_type, self.aggregate_type) else { continue };
            let like = members.first().map_or("_", |(_, field)| field.name());
            let name = styled(&name, like);
            let taken = self.leaves.contains_key(&name) || self.maps.contains_key(&name);
            if taken || members.len() < 2 || self.habit(kind).once || members.iter().any(spoken_of) {
                continue;
            }
            let parts = members.iter().map(|(place, field)| (Arc::from(field.name()), Expr::Field(*place)));
            let said = Expr::Made(parts.collect());
            self.begin(&name, &Effect::Set(Expr::Constant(V::empty_list())));
            self.effect(&name, kind, Effect::Append(said));
            self.entered.insert(kind);
        }
    }

    /// Lists under what the things were filed under: `letter_filed` with a `letter` and a `topic` gives `letters_by_topic`.
    pub(super) fn filed(&mut self) {
        for kind in self.others() {
            if !self.kind(kind).is_some_and(|known| verbs::files(&known.event_type)) {
                continue;
            }
            let Some(subject) = self.subject_of(kind) else { continue };
            let texts = self.members(kind).into_iter().filter(|(_, field)| field.texts == field.present);
            let (things, places): (Vec<_>, Vec<_>) = texts.partition(|(_, field)| words(field.name()) == subject);
            let ([(thing, field)], [(place, topic)]) = (things.as_slice(), places.as_slice()) else { continue };
            let name = format!("{}_by_{}", plural(&words(field.name()).join("_")), words(topic.name()).join("_"));
            let name = styled(&name, field.name());
            if !self.maps.contains_key(&name) {
                let put = Effect::Append(Expr::Field(*thing));
                let entries = self.entries(&[(kind, *place, Effect::Keep)], Node::Leaf(leaf(vec![put])));
                self.entered.insert(kind);
                self.maps.insert(name, entries);
            }
        }
    }
}
