//! What events without data say: a status, a flag that two of them set and clear or that one turns over.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::value::V;
use super::super::verbs;
use super::super::words::words;
use super::draft::Draft;
use super::fields::{is_key, styled};

impl Draft<'_> {
    /// Past-tense types that happen once, or that are about the whole, set a status, where no field does.
    pub(super) fn status(&mut self) {
        let named =
            |name: &str| words(name).last().is_some_and(|last| matches!(last.as_str(), "status" | "state" | "phase"));
        if self.leaves.keys().any(|name| named(name)) {
            return;
        }
        let others = self.others();
        let becomes = |kind: &usize| {
            let marks =
                (self.habit(*kind).once || self.is_about_all(*kind)) && !self.has_key(*kind) && !self.is_flag(*kind);
            verbs::becomes(&self.kind(*kind)?.event_type).filter(|_| marks)
        };
        let kinds: Vec<(usize, String)> = others.iter().filter_map(|kind| Some((*kind, becomes(kind)?))).collect();
        let like = self.leaves.keys().next().cloned().unwrap_or_else(|| "status".into());
        let name = styled("status", &like);
        let told = others.iter().all(|kind| kinds.iter().any(|(known, _)| known == kind) || self.keeps_status(*kind));
        let beginnings = self.beginning_kinds().into_iter().map(|kind| {
            let state = verbs::begins_as(&self.kind(kind)?.event_type)?;
            Some((kind, state))
        });
        let begun: Option<Vec<_>> = beginnings.collect();
        // One that is cancelled need have no status before.
        let begun = begun.filter(|_| told && kinds.len() > 1).unwrap_or_default();
        for (kind, state) in begun.into_iter().chain(kinds) {
            let state = if name.starts_with(char::is_uppercase) { styled(&state, &name).to_string() } else { state };
            self.effect(&name, kind, Effect::Set(Expr::Constant(V::text(&state))));
        }
    }

    /// Whether an event type speaks of nothing but the aggregate itself: `ticket.closed` of a ticket.
    pub(super) fn is_about_all(&self, kind: usize) -> bool {
        self.subject_of(kind).is_some_and(|subject| subject.is_empty())
    }

    /// Whether a kind of event certainly leaves the status as it is.
    fn keeps_status(&self, kind: usize) -> bool {
        let Some(known) = self.kind(kind) else { return true };
        let understood = self.is_flag(kind) || self.has_key(kind) || !self.habit(kind).once;
        understood || verbs::says(&known.event_type) || verbs::direction(&known.event_type) != 0
    }

    /// Whether a kind of event says that something is so, or is not.
    fn is_flag(&self, kind: usize) -> bool {
        let is = |effects: &Vec<Effect>| matches!(effects.get(kind), Some(Effect::Set(Expr::Constant(V::Bool(_)))));
        self.leaves.values().any(is)
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
                let begins = self.is_undone_first(on, off);
                self.begin(&name, &Effect::Set(Expr::Constant(V::Bool(begins))));
                self.effect(&name, on, Effect::Set(Expr::Constant(V::Bool(true))));
                self.effect(&name, off, Effect::Set(Expr::Constant(V::Bool(false))));
            }
        }
    }

    fn flag(&self, on: usize, off: usize) -> Option<std::sync::Arc<str>> {
        let (sets, clears) = (self.kind(on)?, self.kind(off)?);
        let (mut x, mut y) = (words(&sets.event_type), words(&clears.event_type));
        let (verb, undone) = (x.pop()?, y.pop()?);
        if !verbs::undoes(&verb, &undone) || x != y || self.has_key(on) || self.has_key(off) {
            return None;
        }
        let own = words(self.aggregate_type);
        let mut name: Vec<String> = x.into_iter().filter(|word| !own.contains(word)).collect();
        name.push(verbs::adjective(&verb));
        let like = self.leaves.keys().next().cloned().unwrap_or_else(|| "_".into());
        Some(styled(&name.join("_"), &like))
    }

    /// Whether what is undone was not done before: then it was so from the beginning.
    fn is_undone_first(&self, on: usize, off: usize) -> bool {
        let firsts = self.facts.streams.iter().filter_map(|(_, events)| {
            let kinds = events.iter().filter_map(|event| Some(self.facts.events.get(*event)?.kind));
            kinds.into_iter().find(|kind| [on, off].contains(kind))
        });
        let (mut done, mut undone) = (0_usize, 0_usize);
        for first in firsts {
            if first == on { done += 1 } else { undone += 1 }
        }
        undone > 9 * done
    }

    /// What one type turns over: `title_visible_toggled`.
    pub(super) fn toggles(&mut self) {
        const SO: [&str; 8] = ["visible", "enabled", "active", "open", "public", "available", "online", "on"];
        for kind in self.others() {
            if !self.kind(kind).is_some_and(|known| verbs::toggles(&known.event_type)) {
                continue;
            }
            let Some(name) = self.subject(kind).filter(|_| self.amounts_of(kind).is_empty()) else { continue };
            if self.has_key(kind) || self.leaves.contains_key(&name) {
                continue;
            }
            // What is usual is so from the beginning.
            let begins = words(&name).last().is_some_and(|last| SO.contains(&last.as_str()));
            self.begin(&name, &Effect::Set(Expr::Constant(V::Bool(begins))));
            self.effect(&name, kind, Effect::Toggle);
        }
    }
}
