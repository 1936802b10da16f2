//! The values that the learner counts with: cheap to clone, and numbers equal where they are worth the same.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde_json::{Map, Number, Value};

/// The members of an object.
pub(super) type Members = BTreeMap<Arc<str>, V>;

/// A JSON value, or none.
#[derive(Clone, Debug, Default)]
pub(super) enum V {
    /// There is no such member.
    #[default]
    Missing,
    Null,
    Bool(bool),
    Int(i128),
    Real(f64),
    Text(Arc<str>),
    List(Arc<Vec<V>>),
    Object(Arc<Members>),
}

/// How near two reals are that count as one: sums differ in their last digits by the order in which they are made.
const NEAR: f64 = 1e-9;

impl PartialEq for V {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Missing, Self::Missing) | (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Real(a), Self::Real(b)) => near(*a, *b),
            (Self::Int(a), Self::Real(b)) | (Self::Real(b), Self::Int(a)) => near(*a as f64, *b),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= NEAR * a.abs().max(b.abs()).max(1.0)
}

impl V {
    pub(super) fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => Self::from_number(number),
            Value::String(text) => Self::Text(text.as_str().into()),
            Value::Array(items) => Self::List(Arc::new(items.iter().map(Self::from_json).collect())),
            Value::Object(members) => Self::Object(Arc::new(
                members.iter().map(|(key, value)| (key.as_str().into(), Self::from_json(value))).collect(),
            )),
        }
    }

    fn from_number(number: &Number) -> Self {
        let text = number.as_str();
        match text.parse::<i128>() {
            Ok(integer) => Self::Int(integer),
            Err(_) => Self::Real(text.parse().unwrap_or_default()),
        }
    }

    /// The document; `None` where there is none.
    pub(super) fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Missing => return None,
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Int(integer) => integer.to_string().parse::<Number>().map_or(Value::Null, Value::Number),
            Self::Real(real) => Number::from_f64(*real).map_or(Value::Null, Value::Number),
            Self::Text(text) => Value::String(text.to_string()),
            Self::List(items) => Value::Array(items.iter().filter_map(Self::to_json).collect()),
            Self::Object(members) => {
                let members = members.iter().filter_map(|(key, value)| Some((key.to_string(), value.to_json()?)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        })
    }

    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn empty_object() -> Self {
        Self::Object(Arc::default())
    }

    pub(super) fn empty_list() -> Self {
        Self::List(Arc::default())
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Whether there is nothing to tell of: no member, or null.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    pub(super) fn as_object(&self) -> Option<&Members> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[V]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A member of an object.
    pub(super) fn member(&self, key: &str) -> Self {
        self.as_object().and_then(|members| members.get(key)).cloned().unwrap_or_default()
    }

    /// The key of an object that a value would be: text as it is, whole numbers by their digits.
    pub(super) fn as_key(&self) -> Option<Arc<str>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Int(integer) => Some(integer.to_string().into()),
            _ => None,
        }
    }

    /// The same for all values that are equal.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.feed(&mut hasher);
        hasher.finish()
    }

    fn feed(&self, hasher: &mut DefaultHasher) {
        match self {
            Self::Missing => 0_u8.hash(hasher),
            Self::Null => 1_u8.hash(hasher),
            Self::Bool(bool) => (2_u8, bool).hash(hasher),
            // Reals that are near each other should meet, so only their first digits count.
            Self::Int(integer) => (3_u8, (*integer as f32).to_bits()).hash(hasher),
            Self::Real(real) => (3_u8, (*real as f32 + 0.0).to_bits()).hash(hasher),
            Self::Text(text) => (4_u8, text).hash(hasher),
            Self::List(items) => {
                (5_u8, items.len()).hash(hasher);
                items.iter().for_each(|item| item.feed(hasher));
            }
            Self::Object(members) => {
                (6_u8, members.len()).hash(hasher);
                for (key, value) in members.iter() {
                    key.hash(hasher);
                    value.feed(hasher);
                }
            }
        }
    }

    /// Roughly how many bytes it occupies.
    pub(super) fn size(&self) -> usize {
        let inner = match self {
            Self::Text(text) => text.len() + 16,
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Object(members) => members.iter().map(|(key, value)| key.len() + 32 + value.size()).sum(),
            _ => 0,
        };
        size_of::<Self>() + inner
    }
}

/// Something to count with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Amount {
    Int(i128),
    Real(f64),
    /// A decimal that is stored as text, such as `"8.00"`: it keeps its digits.
    Decimal {
        units: i128,
        scale: u32,
    },
}

/// More digits than this after the point are none of a price.
const MOST_DIGITS: usize = 9;

/// A decimal in text: digits on both sides of a point.
pub(super) fn decimal(text: &str) -> Option<(i128, u32)> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.')?;
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || fraction.len() > MOST_DIGITS || whole.len() > 20 {
        return None;
    }
    let units: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some((if negative { -units } else { units }, u32::try_from(fraction.len()).ok()?))
}

/// Nothing, as a decimal in text with so many digits after the point.
pub(super) fn zero(scale: u32) -> V {
    V::Text(written(0, scale).into())
}

impl Amount {
    pub(super) fn of(value: &V) -> Option<Self> {
        match value {
            V::Int(integer) => Some(Self::Int(*integer)),
            V::Real(real) => Some(Self::Real(*real)),
            V::Text(text) => decimal(text).map(|(units, scale)| Self::Decimal { units, scale }),
            _ => None,
        }
    }

    pub(super) fn value(self) -> V {
        match self {
            Self::Int(integer) => V::Int(integer),
            Self::Real(real) => V::Real(real),
            Self::Decimal { units, scale } => V::Text(written(units, scale).into()),
        }
    }

    pub(super) fn real(self) -> f64 {
        match self {
            Self::Int(integer) => integer as f64,
            Self::Real(real) => real,
            Self::Decimal { units, scale } => units as f64 / 10_f64.powi(i32::try_from(scale).unwrap_or_default()),
        }
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Int(integer) => Self::Int(integer.saturating_neg()),
            Self::Real(real) => Self::Real(-real),
            Self::Decimal { units, scale } => Self::Decimal { units: units.saturating_neg(), scale },
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Self::Int(a.saturating_add(b)),
            (Self::Decimal { .. } | Self::Int(_), Self::Decimal { .. } | Self::Int(_)) => {
                let scale = self.scale().max(other.scale());
                Self::Decimal { units: self.units(scale).saturating_add(other.units(scale)), scale }
            }
            _ => Self::Real(self.real() + other.real()),
        }
    }

    pub(super) fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Self::Int(a.saturating_mul(b)),
            (Self::Decimal { units, scale }, Self::Int(times)) | (Self::Int(times), Self::Decimal { units, scale }) => {
                Self::Decimal { units: units.saturating_mul(times), scale }
            }
            (Self::Decimal { units: a, scale: s }, Self::Decimal { units: b, scale: t }) => {
                Self::Decimal { units: a.saturating_mul(b), scale: s + t }
            }
            _ => Self::Real(self.real() * other.real()),
        }
    }

    fn scale(self) -> u32 {
        match self {
            Self::Decimal { scale, .. } => scale,
            _ => 0,
        }
    }

    fn units(self, scale: u32) -> i128 {
        let (units, own) = match self {
            Self::Int(integer) => (integer, 0),
            Self::Decimal { units, scale } => (units, scale),
            Self::Real(_) => return 0,
        };
        units.saturating_mul(10_i128.saturating_pow(scale.saturating_sub(own)))
    }
}

fn written(units: i128, scale: u32) -> String {
    let scale = scale as usize;
    let digits = format!("{:0width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if units < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sum(a: &str, b: &str) -> V {
        Amount::of(&V::text(a)).unwrap().plus(Amount::of(&V::text(b)).unwrap()).value()
    }

    #[test]
    fn decimals_in_text_keep_their_digits() {
        assert_eq!(sum("8.00", "0.05"), V::text("8.05"));
        assert_eq!(sum("0.05", "-0.10"), V::text("-0.05"));
        assert_eq!(sum("1.5", "2.25"), V::text("3.75"));
        assert_eq!(decimal("12"), None);
        assert_eq!(decimal("1.2.3"), None);
        assert_eq!(decimal("v1.2"), None);
    }

    #[test]
    fn numbers_are_equal_by_value_and_meet_in_their_fingerprints() {
        let (whole, real) = (V::Int(8), V::from_json(&serde_json::from_str("8.00").unwrap()));
        assert_eq!(whole, real);
        assert_eq!(whole.fingerprint(), real.fingerprint());
        assert_ne!(V::Int(9_007_199_254_740_993), V::Int(9_007_199_254_740_992));
    }

    #[test]
    fn a_document_comes_back_as_it_went_in() {
        let document = json!({"a": [1, 2.5, null], "b": {"c": "x", "d": true}});
        assert_eq!(V::from_json(&document).to_json(), Some(document));
    }
}
