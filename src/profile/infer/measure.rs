//! Shares of values, and values as texts: what all who look at a sample count with.

use rusqlite::types::{Value, ValueRef};

use crate::codec::{Format, decode};

#[allow(clippy::cast_precision_loss, reason = "a few hundred rows")]
pub(super) fn ratio(count: usize, all: usize) -> f32 {
    if all == 0 { 0.0 } else { count as f32 / all as f32 }
}

/// A value as a key for comparing and counting.
pub(super) fn text(value: &Value) -> String {
    decode::text(ValueRef::from(value), Format::Auto).unwrap_or_default()
}

/// The share of the steps from row to row that do not go down.
pub(super) fn ascending(there: &[&Value]) -> f32 {
    let up = |pair: &&[&Value]| match pair {
        [Value::Integer(a), Value::Integer(b)] => a <= b,
        [Value::Real(a), Value::Real(b)] => a <= b,
        [Value::Text(a), Value::Text(b)] => a <= b,
        _ => false,
    };
    ratio(there.windows(2).filter(up).count(), there.len().saturating_sub(1))
}
