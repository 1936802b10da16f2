//! What it takes to say an effect, in bits: what names and habits lead one to expect needs fewer words.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Kind, Root};
use super::super::value::V;
use super::super::verbs;
use super::super::words::{agreement, covers};
use super::climb::Climb;

impl Climb<'_> {
    /// What it takes to say an effect; names that agree go without saying.
    pub(super) fn price(&self, input: usize, effect: &Effect) -> f64 {
        let Some(kind) = self.machine.kind(self.facts, input) else { return 0.0 };
        let named = effect.expr().map_or(0.0, |expr| {
            let fields = expr.fields();
            let names = fields.iter().filter_map(|field| kind.fields.get(*field));
            let best = names.map(|field| {
                // Time, actor and the like are named after what they are to the leaf.
                let name = match (field.root, field.name()) {
                    (Root::Envelope, "timestamp") => "time at on",
                    (_, name) => name,
                };
                agreement(name, &self.machine.name)
            });
            best.fold(0.0, f32::max)
        });
        let verb = if named < 0.99 { verb_bonus(effect, &kind.event_type) } else { 0.0 };
        let verb = verb + self.habit(input, effect, kind, named) + self.told(effect, &kind.event_type);
        f64::from(
            (effect.cost(kind) + 1.0 - 2.0 * named - verb).max(0.1)
                * if matches!(effect, Effect::Keep) { 0.0 } else { 1.0 },
        )
    }

    /// What the event type's own name says: of which leaf it is, and what that becomes.
    pub(super) fn told(&self, effect: &Effect, event_type: &str) -> f32 {
        let name = &self.machine.name;
        let of_leaf = if covers(event_type, name) { 2.0 } else { 1.5 * agreement(event_type, name) };
        let becomes = match effect {
            Effect::Set(Expr::Constant(V::Text(text))) => 3.0 * agreement(event_type, text),
            Effect::Toggle if verbs::toggles(event_type) => 3.0,
            _ => 0.0,
        };
        of_leaf + becomes
    }

    /// What is usual with numbers: the first event sets them, later ones add to them, unless the names are the same.
    pub(super) fn habit(&self, input: usize, effect: &Effect, kind: &Kind, named: f32) -> f32 {
        let begins = self.begins.get(input) == Some(&true);
        let number = self.machine.entry && !self.machine.member;
        match effect {
            Effect::Set(Expr::Field(field)) if named < 0.5 && (!begins || number) => {
                let counts = kind.fields.get(*field).is_some_and(Field::counts);
                if counts { -1.0 } else { 0.0 }
            }
            Effect::Set(
                Expr::Times(..) | Expr::Plus(..) | Expr::Minus(..) | Expr::Sum(..) | Expr::Length(_) | Expr::Scaled(..),
            ) if !begins => -2.5,
            // Where the event has a field of the leaf's own name, one value that it has is no rule.
            Effect::Set(Expr::Constant(V::Text(_) | V::Int(_) | V::Real(_))) if self.has_named(input) => -6.0,
            // The first event of an entry is no beginning of a number: others follow under the same key.
            Effect::Add(_) | Effect::Subtract(_) if begins && number => 0.0,
            Effect::Add(_) | Effect::Subtract(_) if begins => -1.0,
            _ => 0.0,
        }
    }
}

/// Which way an event type's own words point.
pub(super) fn verb_bonus(effect: &Effect, event_type: &str) -> f32 {
    let adds = verbs::direction(event_type);
    match effect {
        Effect::Add(_) | Effect::Drain(_, false) if adds > 0 => 0.5,
        Effect::Subtract(_) | Effect::Drain(_, true) | Effect::Delete | Effect::Exclude(_) if adds < 0 => 0.5,
        _ => 0.0,
    }
}
