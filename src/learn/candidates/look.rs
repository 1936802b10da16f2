//! Looks at the values that fields have, and at those that the leaf has.

use super::super::expression::Expr;
use super::super::facts::{Field, Kind, Root};
use super::super::value::V;
use super::Candidates;

impl Candidates<'_> {
    /// The fields of a kind that can be counted with.
    pub(super) fn numeric(&self, kind: &Kind) -> Vec<usize> {
        let countable = |field: &Field| match field.root {
            Root::Before if self.is_barred(field) => false,
            Root::Data | Root::Before => field.counts() && (!field.is_decimal() || self.profile.decimals),
            Root::Metadata => field.numbers > 0,
            Root::Envelope => false,
        };
        let numeric = kind.fields.iter().enumerate().filter(|(_, field)| countable(field)).map(|(index, _)| index);
        numeric.take(14).collect()
    }

    pub(super) fn is_text(&self, kind: &Kind, index: usize) -> bool {
        let known = kind.fields.get(index);
        known.is_some_and(|field| field.texts > 0 && field.texts == field.present)
            && (self.profile.texts || in_data(kind, index))
    }

    /// Whether a field ever has a value that the leaf then has.
    pub(super) fn hits(&self, input: usize, field: usize) -> bool {
        let missing = V::Missing.fingerprint();
        self.values(input).any(|(run, event)| {
            let print = self.print(event, field);
            print != missing && self.profile.prints.get(run).is_some_and(|known| known.contains(&print))
        })
    }

    /// The same for an expression.
    pub(super) fn gives(&self, input: usize, expr: &Expr) -> bool {
        self.values(input).take(80).any(|(run, event)| {
            let value = self.facts.events.get(event).map(|fact| expr.eval(fact)).unwrap_or_default();
            !value.is_missing()
                && self.profile.prints.get(run).is_some_and(|known| known.contains(&value.fingerprint()))
        })
    }

    /// Whether what is written in another way ever differs from what it was.
    pub(super) fn respells(&self, input: usize, expr: &Expr) -> bool {
        let (Expr::Hyphenated(inner)
        | Expr::Squeezed(inner)
        | Expr::Lower(inner)
        | Expr::Upper(inner)
        | Expr::Text(inner)) = expr
        else {
            return true;
        };
        let mut facts = self.values(input).take(80).filter_map(|(_, event)| self.facts.events.get(event));
        facts.any(|fact| expr.eval(fact) != inner.eval(fact))
    }

    pub(super) fn is_amount(&self, input: usize, expr: &Expr) -> bool {
        self.values(input).take(3).any(|(_, event)| {
            self.facts.events.get(event).is_some_and(|fact| match expr.eval(fact) {
                V::Int(_) | V::Real(_) => self.profile.numbers,
                V::Text(text) => self.profile.decimals && super::super::value::decimal(&text).is_some(),
                _ => false,
            })
        })
    }

    /// The values that a field has, if they are fewer than `most`.
    pub(super) fn distinct(&self, input: usize, field: usize, most: usize) -> Vec<V> {
        let mut distinct: Vec<V> = Vec::new();
        for (_, event) in self.values(input) {
            let value = self.facts.events.get(event).map_or(&V::Missing, |fact| fact.value(field));
            if value.is_nothing() || distinct.contains(value) {
                continue;
            }
            if !value.is_scalar() || distinct.len() + 1 >= most {
                return Vec::new();
            }
            distinct.push(value.clone());
        }
        distinct
    }

    pub(super) fn values(&self, input: usize) -> impl Iterator<Item = (usize, usize)> {
        self.events.get(input).into_iter().flatten().copied()
    }

    pub(super) fn print(&self, event: usize, field: usize) -> u64 {
        static MISSING: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| V::Missing.fingerprint());
        self.facts.events.get(event).and_then(|fact| fact.prints.get(field)).copied().unwrap_or(*MISSING)
    }
}

pub(super) fn in_data(kind: &Kind, index: usize) -> bool {
    kind.fields.get(index).is_some_and(|field| field.root == Root::Data && !field.path.is_empty())
}
