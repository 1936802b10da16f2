//! What a column's sampled values look like: identifiers, moments, documents.

use std::collections::HashSet;

use rusqlite::types::{Value, ValueRef};

use crate::event::Decoded;

use super::super::decode;
use super::super::field::{Encoding, Format};
use super::relation::Candidate;

/// A value as a key for comparing and counting.
pub(super) fn text(value: &Value) -> String {
    decode::text(ValueRef::from(value), Format::Auto).unwrap_or_default()
}

/// How many different values there are.
pub(super) fn distinct(candidate: &Candidate) -> usize {
    candidate.present().map(text).collect::<HashSet<_>>().len()
}

/// The share of the present values that fulfil a condition; 0 where there is none.
#[allow(clippy::cast_precision_loss, reason = "a few hundred rows")]
pub(super) fn share(candidate: &Candidate, holds: impl Fn(&Value) -> bool) -> f32 {
    let (mut all, mut good) = (0_usize, 0_usize);
    for value in candidate.present() {
        all += 1;
        good += usize::from(holds(value));
    }
    if all == 0 { 0.0 } else { good as f32 / all as f32 }
}

/// Whether every value is an integer.
pub(super) fn is_integer(candidate: &Candidate) -> bool {
    !candidate.is_dead() && candidate.present().all(|value| matches!(value, Value::Integer(_)))
}

/// Whether a value is the name of a type.
pub(super) fn is_name(value: &Value) -> bool {
    matches!(value, Value::Text(text) if is_word(text))
}

/// Whether a text is the name of a type: a word or a path of words, not a sentence, a number, an id or a document.
pub(super) fn is_word(text: &str) -> bool {
    text.len() <= 200
        && text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && text.replace(", ", ",").chars().all(|c| c.is_alphanumeric() || "._-:/\\+,$#".contains(c))
        && !is_id(text)
}

/// Whether a text is a UUID, or as long and mixed as only ids are.
pub(super) fn is_id(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    uuid::Uuid::parse_str(text).is_ok() || text.len() >= 16 && digits * 4 >= text.len()
}

/// How a column's values are moments, if nearly all of them are. Numbers are only believed where `named`: they are
/// more often something else.
pub(super) fn time_format(candidate: &Candidate, named: bool) -> Option<Format> {
    let first = candidate.present().next()?;
    let moment = |value: &Value| {
        decode::timestamp(ValueRef::from(value), Format::Auto).is_some_and(|moment| moment.utc.is_some())
    };
    if share(candidate, moment) < 0.9 || is_integer(candidate) && !named {
        return None;
    }
    match first {
        Value::Text(text) if text.get(10..11) == Some(" ") => Some(Format::Sqlite),
        Value::Text(text) if text.contains('-') => Some(Format::Iso8601),
        Value::Integer(number) => decode::likely_unit(*number),
        #[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
        Value::Real(number) if named || *number < 3e6 => decode::likely_unit(*number as i64),
        _ => None,
    }
}

/// The share of the values that are documents: objects or arrays, in whatever encoding.
pub(super) fn documents(candidate: &Candidate) -> f32 {
    share(candidate, |value| match decode::payload(ValueRef::from(value), &Encoding::default()).decoded {
        Decoded::Document { value, .. } => value.is_object() || value.is_array(),
        _ => false,
    })
}

/// The mean length of the values in bytes.
#[allow(clippy::cast_precision_loss, reason = "lengths of a few hundred values")]
pub(super) fn mean_length(candidate: &Candidate) -> f32 {
    let lengths: Vec<usize> = candidate
        .present()
        .map(|value| match value {
            Value::Text(text) => text.len(),
            Value::Blob(bytes) => bytes.len(),
            _ => 8,
        })
        .collect();
    if lengths.is_empty() { 0.0 } else { lengths.iter().sum::<usize>() as f32 / lengths.len() as f32 }
}
