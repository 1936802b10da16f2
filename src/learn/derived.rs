//! Parts of a state that follow from other parts: differences, products, lengths, sums over entries.

use std::sync::Arc;

use super::expression::step;
use super::machine::Seen;
use super::value::{Amount, V};

/// A member of the state that is computed from others after each event.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    pub(super) formula: Formula,
    pub(super) misses: f64,
}

/// How it is computed. Names are members of the state.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Formula {
    Minus(Arc<str>, Arc<str>),
    Plus(Arc<str>, Arc<str>),
    Times(Arc<str>, Arc<str>),
    Length(Arc<str>),
    /// The sum over the entries of a map or list: of themselves, of one member, or of one times another.
    Sum(Arc<str>, Option<Arc<str>>, Option<Arc<str>>),
    Positive(Arc<str>),
    Negative(Arc<str>),
    Zero(Arc<str>),
    Same(Arc<str>),
}

impl Derived {
    pub(super) fn of(&self, state: &V) -> V {
        self.formula.of(state)
    }
}

impl Formula {
    fn of(&self, state: &V) -> V {
        let amount = |name: &str| Amount::of(&state.member(name));
        let two = |a: &str, b: &str, with: fn(Amount, Amount) -> Amount| match (amount(a), amount(b)) {
            (Some(a), Some(b)) => with(a, b).value(),
            _ => V::Missing,
        };
        let test =
            |name: &str, test: fn(f64) -> bool| amount(name).map_or(V::Missing, |amount| V::Bool(test(amount.real())));
        match self {
            Self::Minus(a, b) => two(a, b, |a, b| a.plus(b.negated())),
            Self::Plus(a, b) => two(a, b, Amount::plus),
            Self::Times(a, b) => two(a, b, Amount::times),
            Self::Length(of) => match state.member(of) {
                V::List(items) => V::Int(items.len() as i128),
                V::Object(members) => V::Int(members.len() as i128),
                _ => V::Missing,
            },
            Self::Sum(of, a, b) => sum(&state.member(of), a.as_deref(), b.as_deref()),
            Self::Positive(of) => test(of, |x| x > 0.0),
            Self::Negative(of) => test(of, |x| x < 0.0),
            Self::Zero(of) => test(of, |x| x == 0.0),
            Self::Same(of) => state.member(of),
        }
    }

    fn cost(&self) -> f64 {
        match self {
            Self::Same(_) => 6.0,
            Self::Length(_) => 7.0,
            Self::Minus(..)
            | Self::Plus(..)
            | Self::Positive(_)
            | Self::Negative(_)
            | Self::Zero(_)
            | Self::Sum(_, _, None) => 9.0,
            Self::Times(..) | Self::Sum(..) => 10.5,
        }
    }

    /// The members of the state that it reads.
    pub(super) fn reads(&self) -> Vec<&Arc<str>> {
        match self {
            Self::Minus(a, b) | Self::Plus(a, b) | Self::Times(a, b) => vec![a, b],
            Self::Length(a)
            | Self::Sum(a, ..)
            | Self::Positive(a)
            | Self::Negative(a)
            | Self::Zero(a)
            | Self::Same(a) => vec![a],
        }
    }

    /// The same in jq.
    pub(super) fn jq(&self) -> String {
        match self {
            Self::Minus(a, b) => format!("{} - {}", step(a), step(b)),
            Self::Plus(a, b) => format!("{} + {}", step(a), step(b)),
            Self::Times(a, b) => format!("{} * {}", step(a), step(b)),
            Self::Length(of) => format!("({} | length)", step(of)),
            Self::Sum(of, None, _) => format!("([{}[]] | add // 0)", step(of)),
            Self::Sum(of, Some(a), None) => format!("([{}[]{}] | add // 0)", step(of), step(a)),
            Self::Sum(of, Some(a), Some(b)) => format!("([{}[] | {} * {}] | add // 0)", step(of), step(a), step(b)),
            Self::Positive(of) => format!("({} > 0)", step(of)),
            Self::Negative(of) => format!("({} < 0)", step(of)),
            Self::Zero(of) => format!("({} == 0)", step(of)),
            Self::Same(of) => step(of),
        }
    }
}

fn sum(entries: &V, a: Option<&str>, b: Option<&str>) -> V {
    let values: Vec<&V> = match entries {
        V::List(items) => items.iter().collect(),
        V::Object(members) => members.values().collect(),
        _ => return V::Missing,
    };
    let mut total = Amount::Int(0);
    for value in values {
        let part = |name: Option<&str>| name.map_or_else(|| Amount::of(value), |name| Amount::of(&value.member(name)));
        let Some(mut amount) = part(a) else { return V::Missing };
        if b.is_some() {
            let Some(times) = part(b) else { return V::Missing };
            amount = amount.times(times);
        }
        total = total.plus(amount);
    }
    total.value()
}

/// Looks in the states that are known for a formula that gives a member; none is taken that explains less than
/// `limit` bits remaining.
pub(super) fn derive(name: &Arc<str>, others: &[Arc<str>], states: &[&Seen], limit: f64) -> Option<Derived> {
    let whole: Vec<&&Seen> =
        states.iter().filter(|seen| seen.partial == 0 && seen.value.as_object().is_some()).collect();
    let wanted: Vec<(&V, V)> = whole
        .iter()
        .map(|seen| (&seen.value, seen.value.member(name)))
        .filter(|(_, value)| !value.is_nothing())
        .collect();
    if wanted.len() < 3 || wanted.iter().all(|(_, value)| Some(value) == wanted.first().map(|(_, value)| value)) {
        return None;
    }
    let numbers = wanted.iter().all(|(_, value)| matches!(value, V::Int(_) | V::Real(_)));
    let bools = wanted.iter().all(|(_, value)| matches!(value, V::Bool(_)));
    let formulas = formulas(others, wanted.first()?.0, numbers, bools);
    let best = formulas.into_iter().filter_map(|formula| {
        // Two in a hundred may be wrong, as some evidence is.
        let wrong = wanted.iter().filter(|(state, value)| formula.of(state) != *value).count();
        (wrong * 50 <= wanted.len()).then_some(Derived { misses: wrong as f64 * 10.0, formula })
    });
    let cost = |derived: &Derived| derived.misses + derived.formula.cost();
    best.min_by(|a, b| cost(a).total_cmp(&cost(b))).filter(|derived| cost(derived) < limit)
}

fn formulas(others: &[Arc<str>], sample: &V, numbers: bool, bools: bool) -> Vec<Formula> {
    let mut formulas = Vec::new();
    let counts: Vec<_> = others
        .iter()
        .filter(|other| matches!(sample.member(other), V::Int(_) | V::Real(_)))
        .take(16)
        .cloned()
        .collect();
    if bools {
        for of in &counts {
            formulas.extend([Formula::Positive(of.clone()), Formula::Negative(of.clone()), Formula::Zero(of.clone())]);
        }
    }
    if !numbers {
        return formulas;
    }
    for (at, a) in counts.iter().enumerate() {
        formulas.push(Formula::Same(a.clone()));
        for b in counts.iter().skip(at + 1) {
            let (a, b) = (|| a.clone(), || b.clone());
            formulas.extend([
                Formula::Minus(a(), b()),
                Formula::Minus(b(), a()),
                Formula::Plus(a(), b()),
                Formula::Times(a(), b()),
            ]);
        }
    }
    for of in others {
        let entries = sample.member(of);
        if entries.is_scalar() {
            continue;
        }
        formulas.extend([Formula::Length(of.clone()), Formula::Sum(of.clone(), None, None)]);
        let first = match &entries {
            V::List(items) => items.first().cloned(),
            V::Object(members) => members.values().next().cloned(),
            _ => None,
        };
        let Some(V::Object(first)) = first else { continue };
        let members: Vec<_> =
            first.iter().filter(|(_, value)| Amount::of(value).is_some()).map(|(key, _)| key.clone()).collect();
        for (at, a) in members.iter().enumerate() {
            formulas.push(Formula::Sum(of.clone(), Some(a.clone()), None));
            formulas.extend(
                members.iter().skip(at + 1).map(|b| Formula::Sum(of.clone(), Some(a.clone()), Some(b.clone()))),
            );
        }
    }
    formulas
}
