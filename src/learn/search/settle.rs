//! Fills in what the evidence leaves open: what names say, what the others do, what things begin as.

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Root};
use super::super::machine::Profile;
use super::super::verbs;
use super::super::words::{agreement, covers, is_beginning, words};
use super::climb::{Choices, Climb, NOTHING, choice};

impl Climb<'_> {
    /// Fills in what the evidence leaves open: what all the others do, what the names say, what things begin as.
    pub(super) fn settle(&mut self, choices: &mut Choices, profile: &Profile) {
        self.harmonise(choices);
        let inputs = self.machine.inputs.len();
        let named = self.named();
        let sets_by_name =
            (0..inputs).any(|input| choice(choices, input) > 0 && choice(choices, input) == choice(&named, input));
        let before = self.misses(choices);
        // Nothing is less than what is measured only by accident.
        let extreme = (0..inputs)
            .any(|input| matches!(self.effect(input, choice(choices, input)), Effect::Least(_) | Effect::Most(_)));
        for input in 0..inputs {
            let begins = self.begins.get(input) == Some(&true);
            if choice(choices, input) > 0 || (!begins && self.weight_of(input, choices) > 0) {
                continue;
            }
            let by_name = self.like_others(input, choices).unwrap_or_else(|| choice(&named, input));
            if by_name > 0 && (sets_by_name || begins) {
                self.choose(choices, input, by_name, before);
            } else if let Some(place) = self.beginning(input, profile).filter(|_| begins && !self.machine.entry) {
                self.choose(choices, input, place, before);
            } else if let Some(empty) = profile.empty().filter(|_| begins && !self.machine.entry && !extreme) {
                let place = self.offer_one(input, &Effect::Set(Expr::Constant(empty)));
                self.choose(choices, input, place, before);
            } else if self.takes_away(input) {
                let place = self.offer_one(input, &Effect::Delete);
                self.choose(choices, input, place, before);
            }
        }
    }

    /// Where other events set the leaf from a field of its own name, the one that stands at the same place here.
    fn like_others(&self, input: usize, choices: &Choices) -> Option<usize> {
        let options = self.options.get(input)?;
        let kind = self.machine.kind(self.facts, input)?;
        (0..self.machine.inputs.len()).filter(|other| *other != input).find_map(|other| {
            let Effect::Set(Expr::Field(field)) = self.effect(other, choice(choices, other)) else { return None };
            let field = self.machine.kind(self.facts, other)?.fields.get(*field)?;
            let own = agreement(field.name(), &self.machine.name) > 0.99 && field.root == Root::Data;
            let same = |effect: &Effect| match effect {
                Effect::Set(Expr::Field(here)) => {
                    kind.fields.get(*here).is_some_and(|here| here.root == field.root && here.path == field.path)
                }
                _ => false,
            };
            options.iter().position(|(effect, _)| own && same(effect))
        })
    }

    /// Whether an event names an entry, and says by its words that it goes.
    fn takes_away(&self, input: usize) -> bool {
        let named = self.machine.inputs.get(input).is_some_and(|input| !input.keys.contains(&None));
        let goes = self.machine.kind(self.facts, input).is_some_and(|kind| verbs::direction(&kind.event_type) < 0);
        self.machine.entry && named && goes
    }

    /// The field of a first event that says by its name what the leaf begins with: `initial_title`, `opening_balance`.
    fn beginning(&mut self, input: usize, profile: &Profile) -> Option<usize> {
        let kind = self.machine.kind(self.facts, input)?;
        let name = &self.machine.name;
        let fits = |field: &Field| {
            let alike = field.counts() && profile.numbers || field.texts > 0 && profile.texts;
            field.root == Root::Data && !field.path.is_empty() && alike
        };
        let mut named = kind.fields.iter().enumerate().filter(|(_, field)| {
            let first = words(field.name()).first().is_some_and(|first| is_beginning(first));
            fits(field) && first && covers(field.name(), name)
        });
        let (field, _) = named.next()?;
        Some(self.offer_one(input, &Effect::Set(Expr::Field(field))))
    }

    /// Makes a choice if nothing that is explained is lost by it.
    pub(super) fn choose(&self, choices: &mut Choices, input: usize, place: usize, before: f64) -> bool {
        let old = choice(choices, input);
        if let Some(choice) = choices.get_mut(input) {
            *choice = place;
        }
        let fits = self.misses(choices) <= before + NOTHING;
        if let (false, Some(choice)) = (fits, choices.get_mut(input)) {
            *choice = old;
        }
        fits
    }

    /// What other events do to the leaf says what one does of which the evidence tells too little: amounts that are added
    /// are taken away, and what some add to others do not set.
    pub(super) fn complete(&mut self, choices: &mut Choices) {
        let before = self.misses(choices);
        let number = self.machine.entry && !self.machine.member;
        for input in 0..self.machine.inputs.len() {
            let Some(kind) = self.machine.kind(self.facts, input) else { continue };
            let Effect::Set(Expr::Field(field)) = self.effect(input, choice(choices, input)) else { continue };
            let counts = kind.fields.get(*field).is_some_and(Field::counts);
            let gains = number && verbs::direction(&kind.event_type) > 0;
            let own = kind.fields.get(*field).is_some_and(|field| agreement(field.name(), &self.machine.name) > 0.99);
            let begins = self.begins.get(input) == Some(&true) && !number;
            if counts && !own && !begins && (gains || self.counts_elsewhere(input, choices).is_some()) {
                let add = Effect::Add(Expr::Field(*field));
                let place = self.offer_one(input, &add);
                self.choose(choices, input, place, before);
            }
        }
        for input in 0..self.machine.inputs.len() {
            let gone = matches!(self.effect(input, choice(choices, input)), Effect::Delete);
            let Some(path) = self.counts_elsewhere(input, choices).filter(|_| gone && number) else { continue };
            let fields = self.machine.kind(self.facts, input).map(|kind| kind.fields.as_slice()).unwrap_or_default();
            let same = fields.iter().position(|field| field.root == Root::Data && field.path == path && field.counts());
            let Some(field) = same else { continue };
            for effect in [Effect::Drain(Expr::Field(field), true), Effect::Subtract(Expr::Field(field))] {
                let place = self.offer_one(input, &effect);
                if self.choose(choices, input, place, before) {
                    break;
                }
            }
        }
    }

    /// The field that another input adds to the leaf.
    fn counts_elsewhere(&self, input: usize, choices: &Choices) -> Option<Vec<std::sync::Arc<str>>> {
        (0..self.machine.inputs.len()).filter(|other| *other != input).find_map(|other| {
            let (Effect::Add(Expr::Field(field))
            | Effect::Subtract(Expr::Field(field))
            | Effect::Drain(Expr::Field(field), _)) = self.effect(other, choice(choices, other))
            else {
                return None;
            };
            Some(self.machine.kind(self.facts, other)?.fields.get(*field)?.path.clone())
        })
    }
}
