//! What a rule can say of one event: a field, a constant, or something computed from two fields; and that as jq.

use std::fmt::Write as _;
use std::sync::Arc;

use super::facts::{Fact, Kind, Root};
use super::value::{Amount, V, decimal};
use crate::replay::jq_word::is_word;

/// A value that an event gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Constant(V),
    /// A field of the event's kind, by its place.
    Field(usize),
    /// The first of two that is there: the same thing under another name in another schema version.
    Either(Box<Expr>, Box<Expr>),
    Times(Box<Expr>, Box<Expr>),
    Plus(Box<Expr>, Box<Expr>),
    Minus(Box<Expr>, Box<Expr>),
    /// A number in another unit: times the one, divided by the other.
    Scaled(Box<Expr>, i128, i128),
    /// Two texts with something between them.
    Joined(Box<Expr>, &'static str, Box<Expr>),
    /// A UUID's 32 digits with hyphens, or a hyphenated one without.
    Hyphenated(Box<Expr>),
    Squeezed(Box<Expr>),
    Lower(Box<Expr>),
    Upper(Box<Expr>),
    /// Text as the number that it writes; a number as text.
    Number(Box<Expr>),
    Text(Box<Expr>),
    Length(Box<Expr>),
    /// One thing for each of several others: an enumeration written in another way. Says whether all that occurs is there.
    Mapped(Box<Expr>, Vec<(V, V)>, bool),
    /// The sum over a list's elements of one member, or of one times another.
    Sum(Box<Expr>, Arc<str>, Option<Arc<str>>),
    /// An object made of several.
    Made(Vec<(Arc<str>, Expr)>),
}

impl Expr {
    /// What it is for an event; missing where the event does not say.
    pub(super) fn eval(&self, fact: &Fact) -> V {
        match self {
            Self::Constant(value) => value.clone(),
            Self::Field(field) => fact.value(*field).clone(),
            Self::Either(a, b) => match a.eval(fact) {
                V::Missing => b.eval(fact),
                value => value,
            },
            Self::Times(a, b) => Self::amounts(a, b, fact, Amount::times),
            Self::Plus(a, b) => Self::amounts(a, b, fact, Amount::plus),
            Self::Minus(a, b) => Self::amounts(a, b, fact, |a, b| a.plus(b.negated())),
            Self::Scaled(inner, times, by) => scaled(&inner.eval(fact), *times, *by),
            Self::Joined(a, between, b) => match (a.eval(fact), b.eval(fact)) {
                (V::Text(a), V::Text(b)) => V::Text(format!("{a}{between}{b}").into()),
                _ => V::Missing,
            },
            Self::Hyphenated(inner) => on_text(&inner.eval(fact), hyphenated),
            Self::Squeezed(inner) => on_text(&inner.eval(fact), |text| Some(text.replace('-', ""))),
            Self::Lower(inner) => on_text(&inner.eval(fact), |text| Some(text.to_lowercase())),
            Self::Upper(inner) => on_text(&inner.eval(fact), |text| Some(text.to_uppercase())),
            Self::Number(inner) => as_number(&inner.eval(fact)),
            Self::Text(inner) => match inner.eval(fact) {
                V::Int(integer) => V::Text(integer.to_string().into()),
                V::Text(text) => V::Text(text),
                _ => V::Missing,
            },
            Self::Length(inner) => length(&inner.eval(fact)),
            Self::Mapped(inner, table, _) => {
                let value = inner.eval(fact);
                table.iter().find(|(from, _)| *from == value).map_or(V::Missing, |(_, to)| to.clone())
            }
            Self::Sum(list, member, times) => sum(&list.eval(fact), member, times.as_deref()),
            Self::Made(members) => {
                let made = members.iter().map(|(key, expr)| (key.clone(), expr.eval(fact)));
                V::Object(Arc::new(made.filter(|(_, value)| !value.is_missing()).collect()))
            }
        }
    }

    fn amounts(a: &Self, b: &Self, fact: &Fact, with: impl Fn(Amount, Amount) -> Amount) -> V {
        match (a.amount(fact), b.amount(fact)) {
            (Some(a), Some(b)) => with(a, b).value(),
            _ => V::Missing,
        }
    }

    pub(super) fn amount(&self, fact: &Fact) -> Option<Amount> {
        match self {
            Self::Field(field) => fact.amount(*field),
            _ => Amount::of(&self.eval(fact)),
        }
    }

    /// The fields that it reads.
    pub(super) fn fields(&self) -> Vec<usize> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Field(field) => vec![*field],
            Self::Either(a, b) | Self::Times(a, b) | Self::Plus(a, b) | Self::Minus(a, b) | Self::Joined(a, _, b) => {
                let mut fields = a.fields();
                fields.extend(b.fields());
                fields
            }
            Self::Scaled(inner, ..)
            | Self::Hyphenated(inner)
            | Self::Squeezed(inner)
            | Self::Lower(inner)
            | Self::Upper(inner)
            | Self::Number(inner)
            | Self::Text(inner)
            | Self::Length(inner)
            | Self::Mapped(inner, ..)
            | Self::Sum(inner, ..) => inner.fields(),
            Self::Made(members) => members.iter().flat_map(|(_, expr)| expr.fields()).collect(),
        }
    }

    /// Whether every event of the kind gives a value.
    pub(super) fn always(&self, kind: &Kind) -> bool {
        match self {
            Self::Either(a, b) => a.always(kind) || b.always(kind) || exclusive(a, b, kind),
            Self::Mapped(inner, _, whole) => *whole && inner.always(kind),
            _ => self.fields().into_iter().all(|field| kind.always(field)),
        }
    }

    /// Whether it is a decimal in text.
    pub(super) fn is_decimal(&self, kind: &Kind) -> bool {
        match self {
            Self::Constant(V::Text(text)) => decimal(text).is_some(),
            Self::Field(field) => kind.fields.get(*field).is_some_and(super::facts::Field::is_decimal),
            Self::Either(a, b) | Self::Times(a, b) | Self::Plus(a, b) | Self::Minus(a, b) => {
                a.is_decimal(kind) || b.is_decimal(kind)
            }
            _ => false,
        }
    }

    /// How much there is to it, in bits: what is written down in fewer words is the better explanation.
    pub(super) fn cost(&self, kind: &Kind) -> f32 {
        match self {
            Self::Constant(V::Text(text)) => 4.0 + 0.2 * (text.len().min(20) as f32),
            Self::Constant(V::Int(0 | 1) | V::Null | V::Bool(_)) => 2.0,
            // A number that comes from nowhere says less than one that is counted.
            Self::Constant(V::Int(_) | V::Real(_)) => 9.0,
            Self::Constant(_) => 3.5,
            Self::Field(field) => kind.fields.get(*field).map_or(9.0, |field| match field.root {
                Root::Data => 2.0 + 0.5 * (field.path.len() as f32),
                Root::Envelope => 3.5,
                Root::Before | Root::Metadata => 4.5,
            }),
            Self::Either(a, b) => 2.5 + a.cost(kind) + 0.5 * b.cost(kind),
            Self::Times(a, b) => 1.0 + a.cost(kind) + b.cost(kind),
            Self::Plus(a, b) | Self::Minus(a, b) => 2.0 + a.cost(kind) + b.cost(kind),
            Self::Joined(a, _, b) => 3.0 + a.cost(kind) + b.cost(kind),
            Self::Scaled(inner, ..) => 3.0 + inner.cost(kind),
            Self::Mapped(inner, table, _) => {
                inner.cost(kind) + table.iter().map(|(_, to)| 4.0 + Self::Constant(to.clone()).cost(kind)).sum::<f32>()
            }
            Self::Sum(inner, _, times) => 2.0 + inner.cost(kind) + if times.is_some() { 3.0 } else { 1.0 },
            Self::Hyphenated(inner)
            | Self::Squeezed(inner)
            | Self::Lower(inner)
            | Self::Upper(inner)
            | Self::Number(inner)
            | Self::Text(inner)
            | Self::Length(inner) => 1.5 + inner.cost(kind),
            Self::Made(members) => 2.0 + members.iter().map(|(_, expr)| 0.5 + 0.5 * expr.cost(kind)).sum::<f32>(),
        }
    }

    /// The same in jq. A decimal in text is written as it stands; see [`Self::units`].
    pub(super) fn jq(&self, kind: &Kind) -> String {
        match self {
            Self::Constant(value) => constant(value),
            Self::Field(field) => path(kind, *field),
            Self::Either(a, b) => either(a, b, kind),
            Self::Times(a, b) => format!("{} * {}", a.factor(kind), b.factor(kind)),
            Self::Plus(a, b) => format!("{} + {}", a.jq(kind), b.jq(kind)),
            Self::Minus(a, b) => format!("{} - {}", a.jq(kind), b.factor(kind)),
            Self::Scaled(inner, times, 1) => format!("{} * {times}", inner.factor(kind)),
            Self::Scaled(inner, 1, by) => format!("{} / {by}", inner.factor(kind)),
            Self::Scaled(inner, times, by) => format!("{} * {times} / {by}", inner.factor(kind)),
            Self::Joined(a, "", b) => format!("{} + {}", a.factor(kind), b.factor(kind)),
            Self::Joined(a, between, b) => {
                format!("{} + {} + {}", a.factor(kind), quoted(between), b.factor(kind))
            }
            Self::Hyphenated(inner) => {
                format!(r#"({} | [.[0:8], .[8:12], .[12:16], .[16:20], .[20:32]] | join("-"))"#, inner.jq(kind))
            }
            Self::Squeezed(inner) => format!(r#"({} | split("-") | join(""))"#, inner.jq(kind)),
            Self::Lower(inner) => format!("({} | ascii_downcase)", inner.jq(kind)),
            Self::Upper(inner) => format!("({} | ascii_upcase)", inner.jq(kind)),
            Self::Number(inner) => format!("({} | tonumber)", inner.jq(kind)),
            Self::Text(inner) => format!("({} | tostring)", inner.jq(kind)),
            Self::Length(inner) => format!("({} | length)", inner.jq(kind)),
            Self::Mapped(inner, table, _) => mapped(inner, table, kind),
            Self::Sum(inner, member, None) => format!("({} | map({}) | add // 0)", inner.jq(kind), step(member)),
            Self::Sum(inner, member, Some(times)) => {
                format!("({} | map({} * {}) | add // 0)", inner.jq(kind), step(member), step(times))
            }
            Self::Made(members) => object(members.iter().map(|(key, expr)| (&**key, expr.jq(kind)))),
        }
    }

    /// How many digits a decimal in text has after its point.
    pub(super) fn scale(&self, kind: &Kind) -> u32 {
        match self {
            Self::Constant(V::Text(text)) => decimal(text).map_or(0, |(_, scale)| scale),
            _ => self
                .fields()
                .into_iter()
                .filter_map(|field| kind.fields.get(field))
                .map(|field| field.scale)
                .max()
                .unwrap_or(0),
        }
    }

    /// The same as whole units of a decimal, such as cents: jq counts exactly with whole numbers only.
    pub(super) fn units(&self, kind: &Kind, scale: u32) -> String {
        match self {
            Self::Times(a, b) if a.is_decimal(kind) && !b.is_decimal(kind) => {
                format!("{} * {}", a.units(kind, scale), b.factor(kind))
            }
            Self::Times(a, b) if b.is_decimal(kind) && !a.is_decimal(kind) => {
                format!("{} * {}", a.factor(kind), b.units(kind, scale))
            }
            Self::Plus(a, b) => format!("({} + {})", a.units(kind, scale), b.units(kind, scale)),
            Self::Minus(a, b) => format!("({} - {})", a.units(kind, scale), b.units(kind, scale)),
            _ => format!("({} | units({scale}))", self.jq(kind)),
        }
    }

    /// In jq, in brackets where it has parts.
    pub(super) fn factor(&self, kind: &Kind) -> String {
        let text = self.jq(kind);
        match self {
            Self::Times(..) | Self::Plus(..) | Self::Minus(..) | Self::Scaled(..) | Self::Joined(..) => {
                format!("({text})")
            }
            _ => text,
        }
    }
}

fn exclusive(a: &Expr, b: &Expr, kind: &Kind) -> bool {
    let present = |expr: &Expr| -> u32 {
        expr.fields().iter().filter_map(|field| kind.fields.get(*field)).map(|field| field.present).min().unwrap_or(0)
    };
    present(a) + present(b) == kind.count
}

fn scaled(value: &V, times: i128, by: i128) -> V {
    match Amount::of(value) {
        Some(Amount::Int(integer)) => {
            let product = integer.saturating_mul(times);
            if by == 1 || product % by == 0 { V::Int(product / by.max(1)) } else { V::Real(product as f64 / by as f64) }
        }
        Some(amount) => V::Real(amount.real() * times as f64 / by as f64),
        None => V::Missing,
    }
}

fn on_text(value: &V, change: impl Fn(&str) -> Option<String>) -> V {
    value.as_text().and_then(change).map_or(V::Missing, |text| V::Text(text.into()))
}

fn hyphenated(text: &str) -> Option<String> {
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let part = |from: usize, to: usize| text.get(from..to);
    if !digits {
        return None;
    }
    Some([part(0, 8)?, part(8, 12)?, part(12, 16)?, part(16, 20)?, part(20, 32)?].join("-"))
}

fn as_number(value: &V) -> V {
    let Some(text) = value.as_text() else { return V::Missing };
    if let Ok(integer) = text.parse::<i128>() {
        return V::Int(integer);
    }
    decimal(text).and_then(|_| text.parse().ok()).map_or(V::Missing, V::Real)
}

fn length(value: &V) -> V {
    match value {
        V::List(items) => V::Int(items.len() as i128),
        V::Object(members) => V::Int(members.len() as i128),
        _ => V::Missing,
    }
}

fn sum(list: &V, member: &str, times: Option<&str>) -> V {
    let Some(items) = list.as_list() else { return V::Missing };
    let mut total = Amount::Int(0);
    for item in items {
        let amount = |key: &str| Amount::of(&item.member(key));
        let Some(mut one) = amount(member) else { return V::Missing };
        if let Some(times) = times {
            let Some(times) = amount(times) else { return V::Missing };
            one = one.times(times);
        }
        total = total.plus(one);
    }
    total.value()
}

/// A constant as jq writes it: as JSON does.
pub(super) fn constant(value: &V) -> String {
    value.to_json().map_or_else(|| "empty".to_owned(), |value| value.to_string())
}

fn quoted(text: &str) -> String {
    constant(&V::text(text))
}

fn mapped(inner: &Expr, table: &[(V, V)], kind: &Kind) -> String {
    let entries = table.iter().filter_map(|(from, to)| Some((from.as_text()?.to_owned(), constant(to))));
    let entries: Vec<_> = entries.collect();
    if entries.len() == table.len() {
        return format!("{}[{}]", object(entries.iter().map(|(key, value)| (&**key, value.clone()))), inner.jq(kind));
    }
    let mut text = String::new();
    for (from, to) in table {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{} {} == {} then {} ",
            if text.is_empty() { "if" } else { "elif" },
            inner.jq(kind),
            constant(from),
            constant(to)
        );
    }
    format!("({text}else null end)")
}

fn either(a: &Expr, b: &Expr, kind: &Kind) -> String {
    match presence(a, kind) {
        Some(there) => format!("(if {there} then {} else {} end)", a.jq(kind), b.jq(kind)),
        None => a.jq(kind),
    }
}

/// A condition in jq that holds where an expression gives a value; `None` where it always does.
pub(super) fn presence(expr: &Expr, kind: &Kind) -> Option<String> {
    match expr {
        Expr::Either(..) if expr.always(kind) => None,
        Expr::Either(a, b) => {
            let (a, b) = (presence(a, kind)?, presence(b, kind)?);
            Some(format!("({a}) or ({b})"))
        }
        Expr::Mapped(inner, _, true) => presence(inner, kind),
        Expr::Mapped(inner, table, false) => {
            let from: Vec<_> = table.iter().map(|(from, _)| constant(from)).collect();
            Some(format!("any({}; . == {})", from.join(", "), inner.jq(kind)))
        }
        Expr::Times(a, b) => match (presence(a, kind), presence(b, kind)) {
            (Some(a), Some(b)) if a != b => Some(format!("({a}) and ({b})")),
            (a, b) => a.or(b),
        },
        _ => {
            let mut conditions: Vec<String> = Vec::new();
            for field in expr.fields() {
                if !kind.always(field) {
                    let condition = field_presence(kind, field);
                    if !conditions.contains(&condition) {
                        conditions.push(condition);
                    }
                }
            }
            if conditions.is_empty() { None } else { Some(conditions.join(" and ")) }
        }
    }
}

fn field_presence(kind: &Kind, field: usize) -> String {
    let Some(known) = kind.fields.get(field) else { return "false".to_owned() };
    if known.root == Root::Before {
        return format!("{} != null", path(kind, field));
    }
    let Some((last, parents)) = known.path.split_last() else { return "$event.data != null".to_owned() };
    if known.root == Root::Envelope {
        return format!("$event{} != null", step(last));
    }
    let inside = known.root_path() + &parents.iter().map(|part| step(part)).collect::<String>();
    let whole = parents.is_empty() && known.root == Root::Data;
    if whole {
        format!("({inside} | has({}))", quoted(last))
    } else {
        format!("({inside}? // {{}} | has({}))", quoted(last))
    }
}

impl super::facts::Field {
    fn root_path(&self) -> String {
        match self.root {
            Root::Data => "$event.data".to_owned(),
            Root::Metadata => "$event.metadata".to_owned(),
            Root::Envelope => "$event".to_owned(),
            Root::Before => "$before".to_owned(),
        }
    }
}

/// The way to a field in jq.
pub(super) fn path(kind: &Kind, field: usize) -> String {
    let Some(field) = kind.fields.get(field) else { return "null".to_owned() };
    if let Some(written) = &field.written {
        return written.clone();
    }
    field.root_path() + &field.path.iter().map(|part| step(part)).collect::<String>()
}

/// One step of a path in jq: `.name`, or `."another name"`.
pub(super) fn step(name: &str) -> String {
    let plain = is_word(name) && !KEYWORDS.contains(&name);
    if plain { format!(".{name}") } else { format!(".{}", quoted(name)) }
}

const KEYWORDS: [&str; 17] = [
    "and", "or", "not", "if", "then", "elif", "else", "end", "as", "def", "reduce", "foreach", "try", "catch", "label",
    "import", "include",
];

/// An object in jq.
pub(super) fn object<'a>(members: impl Iterator<Item = (&'a str, String)>) -> String {
    let members: Vec<_> = members
        .map(|(key, value)| {
            let name = step(key);
            let wrapped = value.contains(['|', ',']) && !value.starts_with(['(', '[', '{', '"']);
            let value = if wrapped { format!("({value})") } else { value };
            format!("{}: {value}", name.strip_prefix('.').unwrap_or(&name))
        })
        .collect();
    format!("{{{}}}", members.join(", "))
}
