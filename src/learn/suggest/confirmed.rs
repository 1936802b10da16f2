//! What other events confirm: a field of the first event that later ones name in their types, and say anew.

use std::collections::HashSet;

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Root};
use super::super::value::V;
use super::super::verbs;
use super::super::words::{is_beginning, words};
use super::draft::Draft;
use super::fields::{concerns, is_circumstance, is_container, is_key, is_part_of_name, mentions};

/// What has fewer values than that is a code.
const FEW: usize = 5;

impl<'f> Draft<'f> {
    /// Takes the fields of first events of which later ones speak, if all that speak of them are understood.
    pub(super) fn confirmed(&mut self) {
        for kind in self.beginning_kinds() {
            for (index, field) in self.members(kind) {
                let name = field.name().to_owned();
                let Some(changes) = self.changes_of(field, &name) else { continue };
                if changes.is_empty() {
                    continue;
                }
                self.effect(&name, kind, Effect::Set(Expr::Field(index)));
                for (other, place) in changes {
                    self.effect(&name, other, Effect::Set(Expr::Field(place)));
                }
            }
        }
    }

    /// What later events do to a field of that name; none where one of them speaks of it and does not say what becomes of
    /// it.
    fn changes_of(&self, field: &'f Field, name: &str) -> Option<Vec<(usize, usize)>> {
        // What is wrapped may be unwrapped in the state.
        if field.objects > 0 || field.lists > 0 {
            return None;
        }
        let mut changes = Vec::new();
        let mut told = false;
        for other in self.others() {
            let known = self.kind(other)?;
            let place = self.member_like(other, &field.path);
            let counted = field.counts() && verbs::direction(&known.event_type) != 0;
            match place.filter(|place| known.always(*place) && !counted) {
                Some(place) => {
                    told |= mentions(&known.event_type, name);
                    changes.push((other, place));
                }
                None if place.is_some() || concerns(&known.event_type, name) => return None,
                None => {}
            }
        }
        told.then_some(changes)
    }

    /// Takes the plain values of first events that no later event speaks of: nothing says that they are anything else.
    pub(super) fn unspoken(&mut self) {
        for kind in self.beginning_kinds() {
            for (index, field) in self.members(kind) {
                let name = field.name();
                let plain = field.objects + field.lists == 0 && !is_key(field) && !is_part_of_name(field);
                let parts = words(name);
                let spoken = self.others().into_iter().any(|other| {
                    let speaks = self.kind(other).is_some_and(|known| concerns(&known.event_type, name));
                    speaks || self.member_like(other, &field.path).is_some()
                });
                let begins = parts.first().is_some_and(|first| is_beginning(first));
                if plain && !spoken && !begins && self.tells(kind, index) && !self.leaves.contains_key(name) {
                    self.effect(name, kind, Effect::Set(Expr::Field(index)));
                }
            }
        }
    }

    /// Takes what first events say within a document that is called nothing but that.
    pub(super) fn contained(&mut self) {
        for kind in self.beginning_kinds() {
            let Some(known) = self.kind(kind) else { continue };
            for (index, field) in known.fields.iter().enumerate() {
                let [container, _] = field.path.as_slice() else { continue };
                let within = field.root == Root::Data && is_container(container) && known.always(index);
                let plain = field.objects + field.lists == 0 && !is_circumstance(field);
                if within && plain && !self.leaves.contains_key(field.name()) {
                    self.effect(field.name(), kind, Effect::Set(Expr::Field(index)));
                }
            }
        }
    }

    /// Whether a field says something of its own in each stream: a code, a yes or no, or a digest may be of the event alone.
    fn tells(&self, kind: usize, field: usize) -> bool {
        let values = self.facts.events.iter().filter(|fact| fact.kind == kind).map(|fact| fact.value(field));
        let mut distinct = HashSet::new();
        for value in values.filter(|value| !value.is_missing()) {
            let digest = |text: &str| text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            if matches!(value, V::Bool(_)) || value.as_text().is_some_and(digest) {
                return false;
            }
            distinct.insert(value.fingerprint());
        }
        distinct.len() >= FEW
    }
}
