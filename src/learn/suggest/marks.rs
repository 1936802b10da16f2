//! What events without data say: a status, a flag that two of them set and clear, a list of plain values.

use std::collections::HashSet;

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::value::V;
use super::super::verbs;
use super::super::words::{plural, words};
use super::draft::Draft;
use super::fields::{is_key, mentions, styled};

impl Draft<'_> {
    /// Past-tense types that happen once set a status, where no field does.
    pub(super) fn status(&mut self) {
        let named =
            |name: &str| words(name).last().is_some_and(|last| matches!(last.as_str(), "status" | "state" | "phase"));
        if self.leaves.keys().any(|name| named(name)) {
            return;
        }
        let kinds: Vec<(usize, String)> = self
            .others()
            .into_iter()
            .filter(|kind| self.habit(*kind).once && !self.has_key(*kind))
            .filter_map(|kind| Some((kind, verbs::becomes(&self.kind(kind)?.event_type)?)))
            .collect();
        let like = self.leaves.keys().next().cloned().unwrap_or_else(|| "status".into());
        let name = styled("status", &like);
        for (kind, state) in kinds {
            self.effect(&name, kind, Effect::Set(Expr::Constant(V::text(&state))));
        }
    }

    pub(super) fn has_key(&self, kind: usize) -> bool {
        self.members(kind).iter().any(|(_, field)| is_key(field))
    }

    /// Two types that say the opposite of each other, such as `owner_locked` and `owner_unlocked`: true and false.
    pub(super) fn flags(&mut self) {
        for on in self.others() {
            for off in self.others() {
                let Some(name) = self.flag(on, off) else { continue };
                if self.leaves.contains_key(&*name) {
                    continue;
                }
                self.begin(&name, &Effect::Set(Expr::Constant(V::Bool(false))));
                self.effect(&name, on, Effect::Set(Expr::Constant(V::Bool(true))));
                self.effect(&name, off, Effect::Set(Expr::Constant(V::Bool(false))));
            }
        }
    }

    fn flag(&self, on: usize, off: usize) -> Option<std::sync::Arc<str>> {
        let (sets, clears) = (self.kind(on)?, self.kind(off)?);
        let (mut x, mut y) = (words(&sets.event_type), words(&clears.event_type));
        let (verb, undone) = (x.pop()?, y.pop()?);
        let opposite = ["un", "de", "dis"].iter().any(|prefix| undone == format!("{prefix}{verb}"));
        if !opposite || x != y || self.has_key(on) || self.has_key(off) {
            return None;
        }
        let own = words(self.aggregate_type);
        let mut name: Vec<String> = x.into_iter().filter(|word| !own.contains(word)).collect();
        name.push(verb);
        let like = self.leaves.keys().next().cloned().unwrap_or_else(|| "_".into());
        Some(styled(&name.join("_"), &like))
    }

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
                && words(&known.event_type).len() == words(field.name()).len() + 1;
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
            if !removals.iter().all(removes) || self.comes_twice(kind, *index, &removals) {
                continue;
            }
            self.begin(&name, &Effect::Set(Expr::Constant(V::empty_list())));
            self.effect(&name, kind, Effect::Append(Expr::Field(*index)));
            for (other, place) in removals {
                self.effect(&name, other, Effect::Exclude(Expr::Field(place)));
                self.entered.insert(other);
            }
            self.entered.insert(kind);
        }
    }

    /// Whether something is added that is there: then a list and a set differ.
    fn comes_twice(&self, kind: usize, field: usize, removals: &[(usize, usize)]) -> bool {
        self.facts.streams.iter().any(|(_, events)| {
            let mut there = HashSet::new();
            events.iter().filter_map(|event| self.facts.events.get(*event)).any(|fact| {
                if let Some((_, place)) = removals.iter().find(|(other, _)| *other == fact.kind) {
                    there.remove(&fact.value(*place).fingerprint());
                }
                fact.kind == kind && !there.insert(fact.value(field).fingerprint())
            })
        })
    }
}
