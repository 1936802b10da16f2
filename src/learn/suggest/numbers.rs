//! Numbers that some events add to and others take from.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Kind};
use super::super::value::V;
use super::super::verbs;
use super::super::words::{agreement, words};
use super::draft::Draft;
use super::fields::{is_key, is_member, styled};

impl<'f> Draft<'f> {
    /// Numbers that some events add to and others take from.
    pub(super) fn amounts(&mut self) {
        let later: Vec<usize> = (0..self.facts.kinds.len()).filter(|kind| !self.habit(*kind).begins).collect();
        // What goes to the balance by its words tells under which name the others say it.
        let mut of_balance: Option<(Arc<str>, Arc<str>)> = None;
        for kind in later.iter().copied() {
            let Some((direction, index, field)) = self.moved_amount(kind) else { continue };
            let Some(known) = self.kind(kind) else { continue };
            if let Some(target) = self.target(field, &known.event_type) {
                if !self.leaves.contains_key(&target) {
                    self.begin(&target, &Effect::Set(Expr::Constant(V::Int(0))));
                }
                if verbs::is_of_money(&known.event_type) {
                    of_balance = Some((field.name().into(), target.clone()));
                }
                self.effect(&target, kind, moved(direction, index));
            }
        }
        let Some((amount, balance)) = of_balance else { return };
        for kind in later {
            let Some((direction, index, field)) = self.moved_amount(kind) else { continue };
            let idle = self.leaves.get(&balance).and_then(|effects| effects.get(kind)) == Some(&Effect::Keep);
            if idle && field.name() == &*amount && !self.entered.contains(&kind) {
                self.effect(&balance, kind, moved(direction, index));
            }
        }
    }

    /// The one amount that a kind of event adds or takes away.
    fn moved_amount(&self, kind: usize) -> Option<(i8, usize, &'f Field)> {
        let direction = verbs::direction(&self.kind(kind)?.event_type);
        let counts: Vec<_> = self.members(kind).into_iter().filter(|(_, field)| field.counts()).collect();
        match counts.as_slice() {
            [(index, field)] if direction != 0 => Some((direction, *index, *field)),
            _ => None,
        }
    }

    /// The number that an amount goes to: one that shares its name or unit, or the balance where there is talk of money.
    pub(super) fn target(&self, field: &Field, event_type: &str) -> Option<Arc<str>> {
        let mut numbers: Vec<(f32, Arc<str>)> = Vec::new();
        for (name, effects) in &self.leaves {
            let counts = effects.iter().enumerate().any(|(kind, effect)| match effect {
                Effect::Set(Expr::Field(index)) => {
                    self.kind(kind).and_then(|kind| kind.fields.get(*index)).is_some_and(Field::counts)
                }
                _ => false,
            });
            let shared = agreement(field.name(), name).max(0.9 * agreement(event_type, name));
            if counts && shared > 0.0 {
                numbers.push((shared, name.clone()));
            }
        }
        numbers.sort_by(|a, b| b.0.total_cmp(&a.0));
        match numbers.as_slice() {
            [(_, only)] => return Some(only.clone()),
            [(best, name), (next, _), ..] if best > next => return Some(name.clone()),
            _ => {}
        }
        if verbs::is_of_money(event_type) {
            // `amount_cents` goes to `balance_cents`.
            let mut parts = words(field.name());
            let unit = parts.split_off(parts.len().min(1));
            let name =
                if parts == ["amount"] { [vec!["balance".to_owned()], unit].concat() } else { vec!["balance".into()] };
            return Some(styled(&name.join("_"), field.name()));
        }
        None
    }

    /// A number that no event names: two kinds of events that undo each other carry the same amount, and their types tell
    /// of what: `stock_added` and `stock_removed` with `amount`.
    pub(super) fn counterparts(&mut self) {
        let later: Vec<usize> = self.others();
        for gain in later.iter().copied() {
            for loss in later.iter().copied().filter(|loss| *loss != gain) {
                let Some((name, a, b)) = self.counterpart(gain, loss) else { continue };
                if self.leaves.contains_key(&name) || self.maps.contains_key(&name) {
                    continue;
                }
                self.begin(&name, &Effect::Set(Expr::Constant(V::Int(0))));
                self.effect(&name, gain, Effect::Add(Expr::Field(a)));
                self.effect(&name, loss, Effect::Subtract(Expr::Field(b)));
            }
        }
    }

    fn counterpart(&self, gain: usize, loss: usize) -> Option<(Arc<str>, usize, usize)> {
        let (added, taken) = (self.kind(gain)?, self.kind(loss)?);
        let (up, down) = (verbs::direction(&added.event_type), verbs::direction(&taken.event_type));
        if up < 0 || down > 0 || up == down {
            return None;
        }
        let name = self.common_name(added, taken)?;
        // What is added under a key is no number of the whole.
        let names_things = |kind: usize| self.members(kind).iter().any(|(_, field)| !field.counts() || is_key(field));
        let (Some(a), Some(b)) = (self.amount(gain, &name), self.amount(loss, &name)) else { return None };
        let same = added.fields.get(a)?.path == taken.fields.get(b)?.path;
        (same && !names_things(gain) && !names_things(loss)).then_some((name, a, b))
    }

    /// What two event types are called up to their verbs.
    pub(super) fn common_name(&self, a: &Kind, b: &Kind) -> Option<Arc<str>> {
        let (x, y) = (words(&a.event_type), words(&b.event_type));
        let own = words(self.aggregate_type);
        let common: Vec<String> = x.iter().zip(&y).take_while(|(x, y)| x == y).map(|(x, _)| x.clone()).collect();
        let rest = x.len().max(y.len()) - common.len();
        let common: Vec<String> = common.into_iter().skip_while(|word| own.contains(word)).collect();
        if common.is_empty() || rest > 2 {
            return None;
        }
        let like = a.fields.iter().find(|field| is_member(field)).map_or("", Field::name);
        Some(styled(&common.join("_"), like))
    }

    /// The one number of a kind that may be an amount of something; of several that which is called after it.
    fn amount(&self, kind: usize, name: &str) -> Option<usize> {
        let numbers: Vec<_> =
            self.members(kind).into_iter().filter(|(_, field)| field.counts() && !is_key(field)).collect();
        if let [(only, _)] = numbers.as_slice() {
            return Some(*only);
        }
        let mut called = numbers.iter().filter(|(_, field)| super::fields::mentions(field.name(), name));
        match (called.next(), called.next()) {
            (Some((only, _)), None) => Some(*only),
            _ => None,
        }
    }
}

fn moved(direction: i8, amount: usize) -> Effect {
    let amount = Expr::Field(amount);
    if direction > 0 { Effect::Add(amount) } else { Effect::Subtract(amount) }
}
