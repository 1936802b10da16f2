//! What one event type does to one leaf of the state, and that as jq.

use std::sync::Arc;

use super::expression::{Expr, presence};
use super::facts::{Fact, Kind};
use super::value::{Amount, V};

/// What an event does to a leaf. Where the event does not say the value that it needs, nothing happens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    Keep,
    Set(Expr),
    /// Sets it where there was nothing.
    Once(Expr),
    Add(Expr),
    Subtract(Expr),
    /// Adds or subtracts, and removes the entry when nothing is left.
    Drain(Expr, bool),
    Least(Expr),
    Most(Expr),
    Toggle,
    Delete,
    Append(Expr),
    Prepend(Expr),
    /// Appends what is not yet there.
    Include(Expr),
    /// Appends, and keeps the list sorted and each element once.
    Sorted(Expr),
    /// Appends each element of a list.
    Extend(Expr),
    /// Removes the elements that equal a value.
    Exclude(Expr),
    DropFirst,
    DropLast,
}

impl Effect {
    /// Does it.
    pub(super) fn apply(&self, x: &mut V, fact: &Fact) {
        match self {
            Self::Keep => {}
            Self::Delete => *x = V::Missing,
            Self::Toggle => *x = V::Bool(!matches!(x, V::Bool(true))),
            Self::DropFirst => on_list(x, |items| drop(items.drain(..items.len().min(1)))),
            Self::DropLast => on_list(x, |items| drop(items.pop())),
            Self::Set(expr) => {
                let value = expr.eval(fact);
                if !value.is_missing() {
                    *x = value;
                }
            }
            Self::Once(expr) => {
                if x.is_nothing() {
                    *x = expr.eval(fact);
                }
            }
            Self::Add(expr) => add(x, expr.amount(fact)),
            Self::Subtract(expr) => add(x, expr.amount(fact).map(Amount::negated)),
            Self::Drain(expr, subtract) => {
                let amount = expr.amount(fact).map(|amount| if *subtract { amount.negated() } else { amount });
                add(x, amount);
                if Amount::of(x).is_some_and(|left| left.real() <= 0.0) {
                    *x = V::Missing;
                }
            }
            Self::Least(expr) => extreme(x, expr.eval(fact), |new, old| new < old),
            Self::Most(expr) => extreme(x, expr.eval(fact), |new, old| new > old),
            Self::Append(_)
            | Self::Prepend(_)
            | Self::Include(_)
            | Self::Sorted(_)
            | Self::Extend(_)
            | Self::Exclude(_) => {
                self.apply_to_list(x, fact);
            }
        }
    }

    fn apply_to_list(&self, x: &mut V, fact: &Fact) {
        let (Self::Append(expr)
        | Self::Prepend(expr)
        | Self::Include(expr)
        | Self::Sorted(expr)
        | Self::Extend(expr)
        | Self::Exclude(expr)) = self
        else {
            return;
        };
        let value = expr.eval(fact);
        if value.is_missing() || !matches!(x, V::List(_) | V::Missing | V::Null) {
            return;
        }
        if x.is_nothing() {
            if matches!(self, Self::Exclude(_)) {
                return;
            }
            *x = V::empty_list();
        }
        on_list(x, |items| match self {
            Self::Prepend(_) => items.insert(0, value),
            Self::Include(_) if items.contains(&value) => {}
            Self::Append(_) | Self::Include(_) => items.push(value),
            Self::Sorted(_) => {
                if let Err(place) = items.binary_search_by(|item| order(item, &value)) {
                    items.insert(place, value);
                }
            }
            Self::Extend(_) => items.extend(value.as_list().unwrap_or_default().iter().cloned()),
            Self::Exclude(_) => items.retain(|item| *item != value),
            _ => {}
        });
    }

    pub(super) fn expr(&self) -> Option<&Expr> {
        match self {
            Self::Keep | Self::Toggle | Self::Delete | Self::DropFirst | Self::DropLast => None,
            Self::Set(expr)
            | Self::Once(expr)
            | Self::Add(expr)
            | Self::Subtract(expr)
            | Self::Drain(expr, _)
            | Self::Least(expr)
            | Self::Most(expr)
            | Self::Append(expr)
            | Self::Prepend(expr)
            | Self::Include(expr)
            | Self::Sorted(expr)
            | Self::Extend(expr)
            | Self::Exclude(expr) => Some(expr),
        }
    }

    /// The same effect with another value.
    pub(super) fn with(&self, expr: Expr) -> Self {
        match self {
            Self::Keep | Self::Toggle | Self::Delete | Self::DropFirst | Self::DropLast => self.clone(),
            Self::Set(_) => Self::Set(expr),
            Self::Once(_) => Self::Once(expr),
            Self::Add(_) => Self::Add(expr),
            Self::Subtract(_) => Self::Subtract(expr),
            Self::Drain(_, subtract) => Self::Drain(expr, *subtract),
            Self::Least(_) => Self::Least(expr),
            Self::Most(_) => Self::Most(expr),
            Self::Append(_) => Self::Append(expr),
            Self::Prepend(_) => Self::Prepend(expr),
            Self::Include(_) => Self::Include(expr),
            Self::Sorted(_) => Self::Sorted(expr),
            Self::Extend(_) => Self::Extend(expr),
            Self::Exclude(_) => Self::Exclude(expr),
        }
    }

    /// How much there is to it, in bits.
    pub(super) fn cost(&self, kind: &Kind) -> f32 {
        let own = match self {
            Self::Keep => return 0.0,
            Self::Set(_) | Self::Add(_) | Self::Append(_) => 3.0,
            Self::Subtract(_) | Self::Delete => 3.2,
            Self::Exclude(_) => 3.5,
            Self::Drain(..) | Self::Include(_) | Self::Extend(_) | Self::Toggle => 4.5,
            Self::Least(_) | Self::Most(_) | Self::Prepend(_) | Self::DropFirst | Self::DropLast => 5.0,
            Self::Once(_) | Self::Sorted(_) => 5.5,
        };
        own + self.expr().map_or(1.0, |expr| expr.cost(kind))
    }

    /// The statement of jq that does it at a place of the state; `lacks` says that there may be nothing there yet.
    pub(super) fn jq(&self, place: &str, kind: &Kind, lacks: bool) -> Option<String> {
        let value = self.expr().map(|expr| expr.jq(kind)).unwrap_or_default();
        let statement = match self {
            Self::Keep => return None,
            Self::Delete => format!("del({place})"),
            Self::Toggle => format!("{place} |= not"),
            Self::DropFirst => format!("{place} |= .[1:]"),
            Self::DropLast => format!("{place} |= .[:-1]"),
            Self::Set(_) => format!("{place} = {}", grouped(&value)),
            Self::Once(_) => format!("{place} //= {}", grouped(&value)),
            Self::Add(expr) | Self::Subtract(expr) | Self::Drain(expr, _) => self.counted(expr, place, kind, lacks),
            Self::Least(_) if lacks => format!("{place} = ([{place} // empty, {value}] | min)"),
            Self::Most(_) if lacks => format!("{place} = ([{place} // empty, {value}] | max)"),
            Self::Least(_) => format!("{place} = ([{place}, {value}] | min)"),
            Self::Most(_) => format!("{place} = ([{place}, {value}] | max)"),
            Self::Append(_) => format!("{place} += [{value}]"),
            Self::Prepend(_) => format!("{place} = [{value}] + {place}"),
            Self::Include(_) => {
                let there = if lacks { format!("({place} // [])") } else { place.to_owned() };
                format!("if any({there}[]; . == {value}) then . else {place} += [{value}] end")
            }
            Self::Sorted(_) => format!("{place} = ({place} + [{value}] | unique)"),
            Self::Extend(_) => format!("{place} += {}", grouped(&value)),
            Self::Exclude(_) if lacks => format!("if {place} then {place} -= [{value}] else . end"),
            Self::Exclude(_) => format!("{place} -= [{value}]"),
        };
        let condition = self.expr().and_then(|expr| presence(expr, kind));
        Some(match condition {
            Some(there) => format!("if {there} then {statement} else . end"),
            None => statement,
        })
    }

    fn counted(&self, expr: &Expr, place: &str, kind: &Kind, lacks: bool) -> String {
        let subtracts = matches!(self, Self::Subtract(_) | Self::Drain(_, true));
        let sign = if subtracts { '-' } else { '+' };
        let statement = if expr.is_decimal(kind) {
            let scale = expr.scale(kind);
            let present = if lacks {
                format!("({place} // \"0\" | units({scale}))")
            } else {
                format!("({place} | units({scale}))")
            };
            format!("{place} = ({present} {sign} {} | decimal({scale}))", expr.units(kind, scale))
        } else if lacks && subtracts {
            format!("{place} = ({place} // 0) - {}", expr.factor(kind))
        } else {
            format!("{place} {sign}= {}", grouped(&expr.jq(kind)))
        };
        match self {
            Self::Drain(..) => format!("{statement}\n| if {place} <= 0 then del({place}) else . end"),
            _ => statement,
        }
    }

    /// In a few words, for a list of what it could be as well.
    pub(super) fn brief(&self, kind: &Kind) -> String {
        let value = self
            .expr()
            .map(|expr| expr.jq(kind).replace("$event.data.", "").replace("$event.", ""))
            .unwrap_or_default();
        match self {
            Self::Keep => "nothing".to_owned(),
            Self::Delete => "delete".to_owned(),
            Self::Toggle => "not".to_owned(),
            Self::DropFirst => "drop the first".to_owned(),
            Self::DropLast => "drop the last".to_owned(),
            Self::Set(_) => format!("= {value}"),
            Self::Once(_) => format!("//= {value}"),
            Self::Add(_) => format!("+ {value}"),
            Self::Subtract(_) => format!("- {value}"),
            Self::Drain(_, subtract) => format!("{} {value}, gone at zero", if *subtract { '-' } else { '+' }),
            Self::Least(_) => format!("least of {value}"),
            Self::Most(_) => format!("most of {value}"),
            Self::Append(_) => format!("append {value}"),
            Self::Prepend(_) => format!("prepend {value}"),
            Self::Include(_) => format!("include {value}"),
            Self::Sorted(_) => format!("include {value}, sorted"),
            Self::Extend(_) => format!("append all of {value}"),
            Self::Exclude(_) => format!("remove {value}"),
        }
    }
}

/// What stands right of an assignment binds stronger than a pipe.
fn grouped(value: &str) -> String {
    let closed = value.starts_with(['(', '[', '{', '"']);
    if value.contains(" | ") && !closed { format!("({value})") } else { value.to_owned() }
}

fn on_list(x: &mut V, change: impl FnOnce(&mut Vec<V>)) {
    if let V::List(items) = x {
        change(Arc::make_mut(items));
    }
}

fn add(x: &mut V, amount: Option<Amount>) {
    let Some(amount) = amount else { return };
    let before = match (&*x, amount) {
        (V::Missing | V::Null, _) => None,
        // A text such as "0" is where a decimal in text begins.
        (V::Text(text), Amount::Decimal { .. }) => match Amount::of(x) {
            Some(before) => Some(before),
            None => match text.parse() {
                Ok(units) => Some(Amount::Decimal { units, scale: 0 }),
                Err(_) => return,
            },
        },
        _ => match Amount::of(x) {
            Some(before) => Some(before),
            None => return,
        },
    };
    *x = before.map_or(amount, |before| before.plus(amount)).value();
}

fn extreme(x: &mut V, value: V, better: impl Fn(f64, f64) -> bool) {
    if value.is_missing() {
        return;
    }
    let replaces = match (&*x, &value) {
        (V::Missing | V::Null, _) => true,
        (V::Text(old), V::Text(new)) => {
            let (old, new): (&str, &str) = (old, new);
            let sign = |ordering: std::cmp::Ordering| f64::from(ordering as i8);
            better(sign(new.cmp(old)), 0.0)
        }
        _ => match (Amount::of(&value), Amount::of(x)) {
            (Some(new), Some(old)) => better(new.real(), old.real()),
            _ => false,
        },
    };
    if replaces {
        *x = value;
    }
}

/// The order in which jq sorts scalars.
fn order(a: &V, b: &V) -> std::cmp::Ordering {
    match (a, b) {
        (V::Text(a), V::Text(b)) => a.cmp(b),
        (V::Int(a), V::Int(b)) => a.cmp(b),
        _ => {
            let real = |value: &V| Amount::of(value).map_or(0.0, Amount::real);
            real(a).total_cmp(&real(b))
        }
    }
}
