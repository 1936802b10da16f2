//! What could be done to a list.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::Kind;
use super::super::value::V;
use super::Candidates;
use std::collections::HashSet;

impl Candidates<'_> {
    pub(super) fn list(&self, input: usize, kind: &Kind, effects: &mut Vec<Effect>) {
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

    pub(super) fn extends(&self, input: usize, field: usize) -> bool {
        self.values(input).any(|(run, event)| {
            let value = self.facts.events.get(event).map_or(&V::Missing, |fact| fact.value(field));
            let known = self.profile.elements.get(run);
            value.as_list().is_some_and(|items| {
                items.iter().any(|item| known.is_some_and(|known| known.contains(&item.fingerprint())))
            })
        })
    }

    /// Everything that some event appends, also where no list still holds it.
    pub(super) fn all_appended(&self) -> HashSet<u64> {
        let mut appended: HashSet<u64> = self.profile.elements.iter().flatten().copied().collect();
        for (input, _) in self.machine.inputs.iter().enumerate() {
            let Some(kind) = self.machine.kind(self.facts, input) else { continue };
            for index in 0..kind.fields.len() {
                let prints: Vec<_> = self.values(input).map(|(run, event)| (run, self.print(event, index))).collect();
                let hits = prints
                    .iter()
                    .filter(|(run, print)| self.profile.elements.get(*run).is_some_and(|known| known.contains(print)))
                    .count();
                // Most of what was appended may be gone again by the time that the list is seen.
                if hits > 1 || hits * 4 > prints.len() {
                    appended.extend(prints.into_iter().map(|(_, print)| print));
                }
            }
        }
        appended.remove(&V::Missing.fingerprint());
        appended
    }
}
