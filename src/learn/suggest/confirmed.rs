//! What other events confirm: a field of the first event that later ones name in their types, and say anew.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::Field;
use super::super::verbs;
use super::draft::Draft;
use super::fields::{concerns, mentions};

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
}
