//! A document as those look at it who only count what is in it: one that was read, or the text that it stands in, of
//! which no document need be made.

use serde_json::{Number, Value};

use crate::event::{Decoded, Payload};
use crate::replay::Plain;

/// What a payload holds.
pub(crate) enum Content<'p> {
    /// An object, in its text.
    Plain(Plain<'p>),
    /// Anything.
    Decoded(&'p Decoded),
}

impl<'p> Content<'p> {
    pub(crate) fn of(payload: &'p Payload) -> Self {
        match payload.bare_json().and_then(Plain::object) {
            Some(plain) => Self::Plain(plain),
            None => Self::Decoded(payload.decoded()),
        }
    }
}

/// What one value is.
pub(crate) enum Look<'n, N> {
    Null,
    Bool(bool),
    /// The digits as they stand.
    Number(&'n str),
    Text(&'n str),
    Items(&'n [N]),
    /// How many members.
    Members(usize),
}

/// A value in a document.
pub(crate) trait Node: Sized {
    /// What it is.
    fn look(&self) -> Look<'_, Self>;

    /// Shows the members of an object.
    fn each_member<'n>(&'n self, on: impl FnMut(&'n str, &'n Self));
}

impl Node for Value {
    fn look(&self) -> Look<'_, Self> {
        match self {
            Self::Null => Look::Null,
            Self::Bool(value) => Look::Bool(*value),
            Self::Number(number) => Look::Number(number.as_str()),
            Self::String(text) => Look::Text(text),
            Self::Array(items) => Look::Items(items),
            Self::Object(members) => Look::Members(members.len()),
        }
    }

    fn each_member<'n>(&'n self, mut on: impl FnMut(&'n str, &'n Self)) {
        if let Self::Object(members) = self {
            members.iter().for_each(|(name, value)| on(name, value));
        }
    }
}

impl Node for Plain<'_> {
    fn look(&self) -> Look<'_, Self> {
        match self {
            Self::Null => Look::Null,
            Self::Bool(value) => Look::Bool(*value),
            Self::Number(digits) => Look::Number(digits),
            Self::Text(text) => Look::Text(text),
            Self::Array(items) => Look::Items(items),
            Self::Object(members) => Look::Members(members.len()),
        }
    }

    fn each_member<'n>(&'n self, mut on: impl FnMut(&'n str, &'n Self)) {
        if let Self::Object(members) = self {
            for (name, value) in members {
                on(name, value);
            }
        }
    }
}

impl<N> Look<'_, N> {
    /// Whether this is a scalar of that value, to the digit.
    pub(crate) fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(a), Value::Bool(b)) => a == b,
            (Self::Number(digits), Value::Number(number)) => number.as_str() == *digits,
            (Self::Text(a), Value::String(b)) => a == b,
            _ => false,
        }
    }

    /// A scalar as a value of its own.
    pub(crate) fn scalar(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(digits) => number(digits).map_or(Value::Null, Value::Number),
            Self::Text(text) => Value::String((*text).to_owned()),
            Self::Null | Self::Items(_) | Self::Members(_) => Value::Null,
        }
    }
}

/// A number of these digits.
pub(crate) fn number(digits: &str) -> Option<Number> {
    digits.parse().ok()
}
