//! What an event type names in full: `title_corrected` with a `new_value` is a new title, `cash_posted` goes in or out,
//! `order_total_charged` adds a quantity times a price, `stock_by_site_stored` keeps an amount for each site.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::expression::Expr;
use super::super::facts::{Field, Root};
use super::super::node::Node;
use super::super::value::V;
use super::super::verbs;
use super::super::words::{is_beginning, words};
use super::draft::{Draft, leaf};
use super::fields::{is_key, styled};

/// Pairs of words that say that an amount comes or goes.
const WAYS: [(&str, &str); 8] = [
    ("in", "out"),
    ("credit", "debit"),
    ("deposit", "withdrawal"),
    ("up", "down"),
    ("plus", "minus"),
    ("+", "-"),
    ("increase", "decrease"),
    ("gain", "loss"),
];

/// What sums of money or of goods are called.
const SUMS: [&str; 6] = ["total", "sum", "worth", "turnover", "revenue", "subtotal"];

/// What numbers of pieces are called, and what one piece is worth.
const PIECES: [&str; 6] = ["qty", "quantity", "count", "units", "pieces", "number"];
const PRICES: [&str; 4] = ["price", "each", "rate", "cost"];

impl Draft<'_> {
    /// Takes what the types of later events name.
    pub(super) fn told(&mut self) {
        for kind in self.others() {
            let Some(name) = self.subject(kind) else { continue };
            if self.leaves.contains_key(&name) || self.maps.contains_key(&name) {
                continue;
            }
            let found = self.opened(kind, &name)
                || self.voted(kind)
                || self.by_place(kind, &name)
                || self.gone_either_way(kind, &name)
                || self.summed(kind, &name)
                || self.said_anew(kind, &name);
            if found {
                self.entered.insert(kind);
            }
        }
    }

    /// What an event type is about: its words but for the verb and for those of the aggregate.
    pub(super) fn subject(&self, kind: usize) -> Option<Arc<str>> {
        let words = self.subject_of(kind)?;
        let like = self.members(kind).first().map_or("_", |(_, field)| field.name());
        (!words.is_empty()).then(|| styled(&words.join("_"), like))
    }

    pub(super) fn subject_of(&self, kind: usize) -> Option<Vec<String>> {
        let known = self.kind(kind)?;
        let own = words(self.aggregate_type);
        let mut words = words(&known.event_type);
        words.pop()?;
        Some(words.into_iter().skip_while(|word| own.contains(word)).collect())
    }

    /// A new value that is called nothing but that, or as what the event type speaks of.
    fn said_anew(&mut self, kind: usize, name: &str) -> bool {
        let Some(known) = self.kind(kind) else { return false };
        let assigned = verbs::assigns(&known.event_type);
        if !assigned && !verbs::says(&known.event_type) {
            return false;
        }
        let of_name = words(name);
        let rivals: Vec<usize> = self.others().into_iter().filter(|other| *other != kind).collect();
        let concerned =
            |draft: &Self, other: &usize| draft.subject_of(*other).is_some_and(|subject| subject == of_name);
        let rivals: Vec<usize> = rivals.into_iter().filter(|other| concerned(self, other)).collect();
        if !rivals.is_empty() && !assigned {
            return false;
        }
        let Some(value) = self.new_value(kind, &of_name, assigned) else { return false };
        for first in self.beginning_kinds() {
            let begun = self.members(first).into_iter().find(|(_, field)| {
                let parts = words(field.name());
                parts == of_name
                    || parts.split_first().is_some_and(|(first, rest)| is_beginning(first) && rest == of_name)
            });
            if let Some((place, _)) = begun {
                self.effect(name, first, Effect::Set(Expr::Field(place)));
            }
        }
        self.effect(name, kind, Effect::Set(value));
        for taken in rivals {
            let takes = self.kind(taken).is_some_and(|other| verbs::direction(&other.event_type) < 0);
            if takes && self.members(taken).is_empty() {
                self.effect(name, taken, Effect::Delete);
                self.entered.insert(taken);
            }
        }
        true
    }

    /// The new value that an event says; an older version of it may call it otherwise.
    fn new_value(&self, kind: usize, of_name: &[String], assigned: bool) -> Option<Expr> {
        let members = self.members(kind);
        let own = members.iter().find(|(_, field)| words(field.name()) == of_name);
        if let Some((place, _)) = own.filter(|(_, field)| field.objects + field.lists == 0 && !is_key(field)) {
            let older = members.iter().find(|(_, field)| {
                let parts = words(field.name());
                parts.len() > of_name.len() && parts.ends_with(of_name)
            });
            let value = Expr::Field(*place);
            return Some(match older.filter(|_| !self.kind(kind).is_some_and(|kind| kind.always(*place))) {
                Some((older, _)) => Expr::Either(Box::new(value), Box::new(Expr::Field(*older))),
                None => value,
            });
        }
        let begun = |field: &Field| {
            self.beginning_kinds().into_iter().any(|first| self.member_like(first, &field.path).is_some())
        };
        let says = |field: &Field| {
            let parts = words(field.name());
            let plain = |part: &String| matches!(part.as_str(), "value" | "new" | "to" | "label" | "text" | "now");
            !begun(field) && parts.iter().all(plain) || assigned && parts == ["assignee"]
        };
        let mut values = members.iter().filter(|(_, field)| says(field) && field.texts == field.present);
        match (values.next(), values.next()) {
            (Some((place, _)), None) => Some(Expr::Field(*place)),
            _ => None,
        }
    }

    /// A number that the first event opens, `opening_stock`, and that all later events speak of by its name.
    fn opened(&mut self, kind: usize, name: &Arc<str>) -> bool {
        let of_name = words(name);
        let is_opening = |field: &Field| {
            let parts = words(field.name());
            field.counts() && parts.split_first().is_some_and(|(first, rest)| is_beginning(first) && rest == of_name)
        };
        let begun = self.beginning_kinds().into_iter().filter_map(|first| {
            let place = self.members(first).into_iter().find(|(_, field)| is_opening(field))?.0;
            Some((first, Effect::Set(Expr::Field(place))))
        });
        let mut effects: Vec<(usize, Effect)> = begun.collect();
        if effects.is_empty() {
            return false;
        }
        for other in self.others().into_iter().filter(|other| self.subject(*other).as_ref() == Some(name)) {
            let Some(known) = self.kind(other) else { return false };
            let (direction, amounts) = (verbs::direction(&known.event_type), self.amounts_of(other));
            let effect = match amounts[..] {
                [amount] if direction > 0 => Effect::Add(Expr::Field(amount)),
                [amount] if direction < 0 => Effect::Subtract(Expr::Field(amount)),
                _ if verbs::resets(&known.event_type) => Effect::Set(Expr::Constant(V::Int(0))),
                _ => return false,
            };
            effects.push((other, effect));
        }
        let told = effects.iter().any(|(of, _)| *of == kind);
        for (of, effect) in effects.into_iter().filter(|_| told) {
            self.effect(name, of, effect);
            self.entered.insert(of);
        }
        told
    }

    /// What each has chosen: `voted` with a `voter`, until the `votes` are reset.
    fn voted(&mut self, kind: usize) -> bool {
        let Some(known) = self.kind(kind) else { return false };
        let Some((verb, deed)) = verbs::verb(&known.event_type).zip(verbs::deed(&known.event_type)) else {
            return false;
        };
        let stem = verb.trim_end_matches("ed");
        let acts = |field: &Field| [format!("{stem}er"), format!("{stem}or")].contains(&words(field.name()).join(" "));
        let members = self.members(kind);
        let Some((key, actor)) = members.iter().find(|(_, field)| acts(field)) else { return false };
        let others: Vec<_> = members.iter().filter(|(place, _)| place != key).collect();
        let [(value, _)] = others[..] else { return false };
        let Some(name) = self.subject_of(kind).map(|mut subject| {
            subject.push(deed.to_owned());
            styled(&subject.join("_"), actor.name())
        }) else {
            return false;
        };
        let resets = self.others().into_iter().filter(|other| {
            let resets = self.kind(*other).is_some_and(|other| verbs::resets(&other.event_type));
            resets && self.subject(*other).as_ref() == Some(&name)
        });
        let resets: Vec<usize> = resets.collect();
        let mut effects = vec![Effect::Set(Expr::Field(*value))];
        effects.resize(1 + resets.len(), Effect::Delete);
        let mut entries = self.entries(&[(kind, *key, Effect::Keep)], Node::Leaf(leaf(effects)));
        entries.clear_by(&resets);
        self.entered.extend(resets);
        self.maps.insert(name, entries);
        true
    }

    /// An amount that comes or goes, as another field says.
    fn gone_either_way(&mut self, kind: usize, name: &str) -> bool {
        let members = self.members(kind);
        let Some((way, table)) = members.iter().find_map(|(place, _)| Some((*place, self.ways(kind, *place)?))) else {
            return false;
        };
        let [amount] = self.amounts_of(kind)[..] else { return false };
        let sign = Expr::Mapped(Box::new(Expr::Field(way)), table, true);
        self.begin(name, &Effect::Set(Expr::Constant(V::Int(0))));
        self.effect(name, kind, Effect::Add(Expr::Times(Box::new(Expr::Field(amount)), Box::new(sign))));
        true
    }

    /// Which values of a field mean more, and which less.
    fn ways(&self, kind: usize, place: usize) -> Option<Vec<(V, V)>> {
        let mut seen: Vec<V> = Vec::new();
        for fact in self.facts.events.iter().filter(|fact| fact.kind == kind) {
            let value = fact.value(place);
            value.as_text()?;
            if !seen.contains(value) {
                seen.push(value.clone());
            }
            if seen.len() > 2 {
                return None;
            }
        }
        let text = |value: &V| value.as_text().map(str::to_lowercase).unwrap_or_default();
        let [a, b] = seen.as_slice() else { return None };
        WAYS.iter().find_map(|(more, less)| {
            let table = |more: &V, less: &V| vec![(more.clone(), V::Int(1)), (less.clone(), V::Int(-1))];
            match (text(a), text(b)) {
                (x, y) if x == *more && y == *less => Some(table(a, b)),
                (x, y) if x == *less && y == *more => Some(table(b, a)),
                _ => None,
            }
        })
    }

    /// A sum that grows by a quantity times a price.
    fn summed(&mut self, kind: usize, name: &str) -> bool {
        if !words(name).last().is_some_and(|last| SUMS.contains(&last.as_str())) {
            return false;
        }
        let Some(by) = self.product(kind).or_else(|| self.sum_of_products(kind)) else { return false };
        self.begin(name, &Effect::Set(Expr::Constant(V::Int(0))));
        self.effect(name, kind, Effect::Add(by));
        true
    }

    fn product(&self, kind: usize) -> Option<Expr> {
        let whole = |place: &usize| self.field(kind, *place).is_some_and(|field| !field.is_decimal());
        let numbers: Vec<usize> = self.amounts_of(kind).into_iter().filter(whole).collect();
        let one = |names: &[&str]| {
            let mut fits = numbers.iter().filter(|place| self.is_called(kind, **place, names));
            fits.next().filter(|_| fits.next().is_none()).copied()
        };
        let (pieces, price) = (one(&PIECES)?, one(&PRICES)?);
        Some(Expr::Times(Box::new(Expr::Field(pieces)), Box::new(Expr::Field(price))))
    }

    fn sum_of_products(&self, kind: usize) -> Option<Expr> {
        let members = self.members(kind);
        let mut lists = members.iter().filter(|(_, field)| field.lists == field.present && field.present > 0);
        let (Some((place, _)), None) = (lists.next(), lists.next()) else { return None };
        let mut of_kind = self.facts.events.iter().filter(|fact| fact.kind == kind);
        let first = of_kind.find_map(|fact| fact.value(*place).as_list()?.first().cloned())?;
        let one = |names: &[&str]| {
            let called = |key: &&Arc<str>| words(key).last().is_some_and(|last| names.contains(&last.as_str()));
            first.as_object()?.keys().find(called).cloned()
        };
        Some(Expr::Sum(Box::new(Expr::Field(*place)), one(&PIECES)?, Some(one(&PRICES)?)))
    }

    fn field(&self, kind: usize, place: usize) -> Option<&Field> {
        self.kind(kind)?.fields.get(place)
    }

    fn is_called(&self, kind: usize, place: usize, names: &[&str]) -> bool {
        let last = |field: &Field| words(field.name()).pop().is_some_and(|last| names.contains(&last.as_str()));
        self.field(kind, place).is_some_and(last)
    }

    /// The numbers of a kind that may be amounts.
    pub(super) fn amounts_of(&self, kind: usize) -> Vec<usize> {
        let members = self.members(kind).into_iter();
        members.filter(|(_, field)| field.counts() && !is_key(field)).map(|(place, _)| place).collect()
    }

    /// An amount for each place, or for each of something at each place.
    fn by_place(&mut self, kind: usize, name: &Arc<str>) -> bool {
        let parts = words(name);
        let Some(at) = parts.iter().position(|part| part == "by" || part == "per").filter(|at| *at > 0) else {
            return false;
        };
        let by = parts.get(at + 1..).unwrap_or_default().join(" ");
        let of_name = |draft: &Self, other: &usize| draft.subject(*other).as_ref() == Some(name);
        let kinds: Vec<usize> = self.others().into_iter().filter(|other| of_name(self, other)).collect();
        let mut moves: Vec<(usize, Vec<usize>, Effect)> = Vec::new();
        for kind in kinds.iter().copied() {
            let Some(found) = self.moves_by_place(kind, &by) else { return false };
            moves.extend(found);
        }
        let Some(depth) = moves.first().map(|(_, keys, _)| keys.len()) else { return false };
        if moves.iter().any(|(_, keys, _)| keys.len() != depth) || !kinds.contains(&kind) {
            return false;
        }
        let effects = moves.iter().map(|(_, _, effect)| effect.clone()).collect();
        let mut entry = Node::Leaf(leaf(effects));
        for level in (1..depth).rev() {
            entry = Node::Entries(Self::entries_within(&moves, level, entry));
        }
        let outer: Vec<(usize, usize, Effect)> =
            moves.iter().filter_map(|(kind, keys, effect)| Some((*kind, *keys.first()?, effect.clone()))).collect();
        let entries = self.entries(&outer, entry);
        self.entered.extend(kinds);
        self.maps.insert(name.clone(), entries);
        true
    }

    /// What a kind does to the amounts: for each of its keys, from the outer to the inner, the effect.
    fn moves_by_place(&self, kind: usize, by: &str) -> Option<Vec<(usize, Vec<usize>, Effect)>> {
        let [amount] = self.amounts_of(kind)[..] else { return None };
        let members = self.members(kind);
        let texts: Vec<(usize, String)> = members
            .iter()
            .filter(|(_, field)| field.root == Root::Data && field.texts == field.present && !field.is_decimal())
            .map(|(place, field)| (*place, words(field.name()).join(" ")))
            .collect();
        let amount = || Expr::Field(amount);
        let loss = verbs::direction(&self.kind(kind)?.event_type) < 0;
        let moved = if loss { Effect::Subtract(amount()) } else { Effect::Add(amount()) };
        match texts.as_slice() {
            [(only, _)] => Some(vec![(kind, vec![*only], moved)]),
            [(a, x), (b, y)] if x == "from" && y == "to" => {
                Some(vec![(kind, vec![*a], Effect::Subtract(amount())), (kind, vec![*b], Effect::Add(amount()))])
            }
            [(a, x), (b, y)] if x == by || y == by => {
                let keys = if x == by { vec![*a, *b] } else { vec![*b, *a] };
                Some(vec![(kind, keys, moved)])
            }
            _ => None,
        }
    }
}
