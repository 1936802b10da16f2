//! How a stored state differs from the replayed one, in words.

use serde_json::Value;

use super::numbers::grouped;
use crate::session::Change;

/// One place at which a snapshot is not what the events fold to.
pub(super) fn drifted(change: &Change) -> String {
    let place = if change.path.is_empty() { "the whole state" } else { &change.path };
    match (&change.before, &change.after) {
        (Some(replayed), Some(stored)) => {
            let by = by_how_much(replayed, stored).unwrap_or_default();
            format!("~ {place}: stored {stored}, the events give {replayed}{by}")
        }
        (None, Some(stored)) => format!("+ {place}: stored {stored}, which no event gives"),
        (Some(replayed), None) => format!("- {place}: not stored, the events give {replayed}"),
        (None, None) => format!("~ {place}"),
    }
}

/// By how much a stored whole number is more or less than it should be.
fn by_how_much(replayed: &Value, stored: &Value) -> Option<String> {
    let difference = stored.as_i64()?.checked_sub(replayed.as_i64()?)?;
    let word = if difference > 0 { "more" } else { "less" };
    Some(format!(" ({} {word})", grouped(difference.unsigned_abs())))
}
