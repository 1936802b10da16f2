//! Decides whether one decoded event is kept: the meaning of a filter, which its SQL must share.

use std::cmp::Ordering;

use serde_json::Value;

use super::glob::Pattern;
use super::term::{Condition, Filter, Term};
use super::words::{Field, NumberField, Op, Operand, Root};
use crate::event::{Decoded, Event, Payload, StorageClass};

impl Filter {
    /// Whether the event is kept, as far as it tells by itself: what it did to the state is not looked at.
    #[must_use]
    pub fn keeps(&self, event: &Event) -> bool {
        self.terms.iter().all(|term| term.keeps(event))
    }
}

impl Term {
    /// Whether the event is kept.
    #[must_use]
    pub fn keeps(&self, event: &Event) -> bool {
        matches!(self.condition, Condition::Effect(_)) || self.condition.holds(event) != self.negated
    }
}

impl Condition {
    /// Whether the event meets the condition. An event without the field does not. An effect is not looked at, and is
    /// taken to be there.
    #[must_use]
    pub fn holds(&self, event: &Event) -> bool {
        match self {
            Self::Matches { field, patterns } => patterns.iter().any(|pattern| field_matches(event, *field, pattern)),
            Self::Number { field, op, value } => op.allows(number(event, *field).cmp(value)),
            Self::After(moment) => time(event).is_some_and(|time| time >= moment.utc()),
            Self::Before(moment) => time(event).is_some_and(|time| time < moment.utc()),
            Self::Range { field, from, to } => (*from..=*to).contains(&number(event, *field)),
            Self::PathMatches { root, path, patterns } => payload(event, *root).value().is_some_and(|document| {
                path.any(document, &mut |value| patterns.iter().any(|pattern| value_matches(value, pattern)))
            }),
            Self::Compare { root, path, op, operand } => payload(event, *root)
                .value()
                .is_some_and(|document| path.any(document, &mut |value| compares(value, *op, operand))),
            Self::Text(text) => holds_text(&event.data, text.as_bytes()),
            Self::Regex(regex) => regex.matches_payload(&event.data),
            Self::Group(filters) => filters.iter().any(|filter| filter.keeps(event)),
            Self::Effect(_) => true,
        }
    }
}

fn number(event: &Event, field: NumberField) -> i64 {
    match field {
        NumberField::Version => event.version,
        NumberField::Position => event.position,
    }
}

fn time(event: &Event) -> Option<chrono::DateTime<chrono::Utc>> {
    event.timestamp.as_ref()?.utc
}

fn payload(event: &Event, root: Root) -> &Payload {
    match root {
        Root::Data => &event.data,
        Root::Metadata => &event.metadata,
    }
}

fn field_matches(event: &Event, field: Field, pattern: &Pattern) -> bool {
    let text = match field {
        Field::Stream => {
            return pattern.matches(&event.stream.aggregate_id)
                || !event.stream.aggregate_type.is_empty() && pattern.matches(&event.stream.to_string());
        }
        Field::Type => Some(&event.event_type),
        Field::Aggregate => Some(&event.stream.aggregate_type),
        Field::Id => event.id.as_ref(),
        Field::Schema => event.schema_version.as_ref(),
        Field::Actor => event.actor.as_ref(),
        Field::ActorType => event.actor_type.as_ref(),
        Field::Source => event.source.as_ref(),
        Field::Correlation => event.correlation_id.as_ref(),
        Field::Causation => event.causation_id.as_ref(),
    };
    text.is_some_and(|text| pattern.matches(text))
}

fn value_matches(value: &Value, pattern: &Pattern) -> bool {
    match value {
        Value::String(text) => pattern.matches(text),
        Value::Number(_) | Value::Bool(_) | Value::Null => pattern.matches(&value.to_string()),
        Value::Array(_) | Value::Object(_) => pattern.is_any(),
    }
}

fn compares(value: &Value, op: Op, operand: &Operand) -> bool {
    match value {
        Value::Number(number) => number_compares(&number.to_string(), op, operand),
        Value::String(text) => text_compares(text, op, operand),
        Value::Bool(_) | Value::Null => word_compares(&value.to_string(), op, operand),
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether a number, as its digits, compares with an operand.
pub(super) fn number_compares(number: &str, op: Op, operand: &Operand) -> bool {
    match operand {
        Operand::Number(digits) => compare_numbers(number, digits).is_some_and(|ordering| op.allows(ordering)),
        Operand::Text(_) => false,
    }
}

/// Whether a string compares with an operand.
pub(super) fn text_compares(text: &str, op: Op, operand: &Operand) -> bool {
    match operand {
        Operand::Number(digits) => {
            is_numeric(text) && compare_numbers(text.trim(), digits).is_some_and(|ordering| op.allows(ordering))
        }
        Operand::Text(other) => op.allows(text.as_bytes().cmp(other.as_bytes())),
    }
}

/// Whether `true`, `false` or `null` compares with an operand.
pub(super) fn word_compares(word: &str, op: Op, operand: &Operand) -> bool {
    match operand {
        Operand::Number(_) => false,
        Operand::Text(other) => op.allows(word.as_bytes().cmp(other.as_bytes())),
    }
}

/// Whether a string is a number to SQLite, so that both sides of a filter agree: spaces around it, a sign, digits with
/// or without a point, an exponent (<https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison>).
fn is_numeric(text: &str) -> bool {
    let text = text.trim_matches(|char: char| char.is_ascii_whitespace() || char == '\u{b}');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let starts_well = digits.starts_with(|char: char| char.is_ascii_digit() || char == '.');
    starts_well && text.parse::<f64>().is_ok()
}

/// Compares two numbers given as text by value: whole numbers of 64 bits exactly, others as 64-bit floats, which is
/// what SQLite does (<https://www.sqlite.org/datatype3.html#comparison_expressions>).
fn compare_numbers(left: &str, right: &str) -> Option<Ordering> {
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => Some(left.cmp(&right)),
        (Ok(left), Err(_)) => compare_mixed(left, right.parse().ok()?),
        (Err(_), Ok(right)) => compare_mixed(right, left.parse().ok()?).map(Ordering::reverse),
        (Err(_), Err(_)) => left.parse::<f64>().ok()?.partial_cmp(&right.parse().ok()?),
    }
}

/// A whole number against a float, without rounding the whole number first.
#[expect(clippy::cast_possible_truncation, reason = "the ranges are checked before")]
fn compare_mixed(whole: i64, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        return None;
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    Some(whole.cmp(&(float.trunc() as i64)).then((0.0).partial_cmp(&float.fract())?))
}

/// Whether a payload holds a text, in any case of A to Z: in what is stored where that is readable, or in a key or
/// value of the document, where escapes such as `\u00e9` have become what they stand for.
pub(super) fn holds_text(payload: &Payload, needle: &[u8]) -> bool {
    let readable = match payload.storage {
        StorageClass::Null => return false,
        StorageClass::Text | StorageClass::Integer | StorageClass::Real => true,
        StorageClass::Blob => std::str::from_utf8(&payload.raw).is_ok(),
    };
    readable && contains(&payload.raw, needle)
        || match payload.decoded() {
            Decoded::Document { value, .. } => document_holds(value, needle),
            Decoded::Text(text) => contains(text.as_bytes(), needle),
            Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => false,
        }
}

fn document_holds(value: &Value, needle: &[u8]) -> bool {
    match value {
        Value::String(text) => contains(text.as_bytes(), needle),
        Value::Array(items) => items.iter().any(|item| document_holds(item, needle)),
        Value::Object(members) => {
            members.iter().any(|(key, item)| contains(key.as_bytes(), needle) || document_holds(item, needle))
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => contains(value.to_string().as_bytes(), needle),
    }
}

/// Whether `text` holds `needle`, letters A to Z in any case.
pub(super) fn contains(text: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, text)
        .any(|at| text.get(at + 1..at + 1 + rest.len()).is_some_and(|candidate| candidate.eq_ignore_ascii_case(rest)))
}
