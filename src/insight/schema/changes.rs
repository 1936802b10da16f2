//! What changed in the shape of a type's data while its schema version stayed the same.

use super::TypeSchema;
use super::paths::{Path, PathStep};
use super::shape::{Kind, Span};
use crate::event::Position;

/// On how many events, before and after, a change has to stand.
const EVIDENCE: u64 = 3;
/// The share of the events from its first on that must have a path for it to be there since then.
const NEARLY_ALWAYS: f64 = 0.95;

/// A change of shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The path, as [`Path`] writes it.
    pub path: String,
    /// The first event that has the new shape; for a path that went, the last that still had it.
    pub position: Position,
    /// What changed.
    pub changed: Changed,
}

/// What changed at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is there from one event on, and was not before.
    Came,
    /// It was there up to one event, and is not after.
    Went,
    /// Up to one event its values were of one kind, from the next on of another.
    Kind {
        /// The kind before.
        before: Kind,
        /// The kind after.
        after: Kind,
    },
}

impl TypeSchema {
    /// What changed without a new schema version, in the order of positions. Only paths that are there once for each
    /// event are looked at: within lists and maps nothing tells a change from a rare value.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let documents = self.data.seen();
        let mut found: Vec<Change> = Vec::new();
        let Some(all) = documents else { return found };
        // What lies within a path that came or went did so with it.
        let mut explained: Vec<Vec<PathStep>> = Vec::new();
        for path in self.paths() {
            let is_single = path.steps.iter().all(|step| matches!(step, PathStep::Member(_)));
            if !is_single || explained.iter().any(|outer| path.steps.starts_with(outer)) {
                continue;
            }
            if let Some(change) = presence(&path, all).or_else(|| kinds(&path)) {
                explained.push(path.steps.clone());
                found.push(change);
            }
        }
        found.sort_by(|a, b| (a.position, &a.path).cmp(&(b.position, &b.path)));
        found
    }
}

fn presence(path: &Path<'_>, all: Span) -> Option<Change> {
    let seen = path.shape.seen()?;
    let before = seen.first_event.saturating_sub(all.first_event);
    let after = all.last_event.saturating_sub(seen.last_event);
    let covered = seen.last_event - seen.first_event + 1;
    #[allow(clippy::cast_precision_loss, reason = "a share of events")]
    let steady = seen.count as f64 >= NEARLY_ALWAYS * covered as f64;
    let change = |position, changed| Some(Change { path: path.to_string(), position, changed });
    if !steady || seen.count < EVIDENCE {
        None
    } else if before >= EVIDENCE && after == 0 && is_no_chance(before, seen.count) {
        change(seen.first, Changed::Came)
    } else if after >= EVIDENCE && before == 0 && is_no_chance(after, seen.count) {
        change(seen.last, Changed::Went)
    } else {
        None
    }
}

/// Whether events without a path and events with it, all on their own side of one event, are so many that it would be
/// a wonder if that had come by chance.
fn is_no_chance(without: u64, with: u64) -> bool {
    without.min(with) >= EVIDENCE && without + with >= 4 * EVIDENCE || without.min(with) >= 2 * EVIDENCE
}

fn kinds(path: &Path<'_>) -> Option<Change> {
    let mut kinds: Vec<(Kind, Span)> = path.shape.kinds().filter(|(kind, _)| *kind != Kind::Null).collect();
    kinds.sort_by_key(|(_, span)| span.first_event);
    let [(before, earlier), (after, later)] = kinds.as_slice() else { return None };
    // Whole numbers among others are no change of kind.
    let are_numbers = [before, after].iter().all(|kind| matches!(kind, Kind::Integer | Kind::Number));
    let parted = earlier.last_event < later.first_event && earlier.count.min(later.count) >= EVIDENCE;
    let changed = Changed::Kind { before: *before, after: *after };
    (parted && !are_numbers).then(|| Change { path: path.to_string(), position: later.first, changed })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Schemas;
    use super::*;
    use crate::event::{Event, Payload};

    fn changes(documents: impl IntoIterator<Item = Value>) -> Vec<Change> {
        let mut schemas = Schemas::default();
        for (position, document) in (1..).zip(documents) {
            let (event_type, data) = ("order.placed".to_owned(), Payload::json(document));
            schemas.see(&Event { position, event_type, data, ..Event::default() });
        }
        schemas.types().flat_map(TypeSchema::changes).collect()
    }

    #[test]
    fn a_member_that_comes_or_goes_at_one_event_is_a_change() {
        let documents =
            (0..20).map(|n| if n < 10 { json!({"total": n}) } else { json!({"total": n, "currency": "EUR"}) });
        let came = Change { path: "currency".to_owned(), position: 11, changed: Changed::Came };
        assert_eq!(changes(documents), [came]);
        let documents = (0..20).map(|n| if n < 10 { json!({"a": {"b": 1}, "c": 1}) } else { json!({"c": 1}) });
        let went = Change { path: "a".to_owned(), position: 10, changed: Changed::Went };
        assert_eq!(changes(documents), [went]);
    }

    #[test]
    fn a_kind_that_is_another_from_one_event_on_is_a_change() {
        let documents = (0..12).map(|n| if n < 6 { json!({"id": n}) } else { json!({"id": n.to_string()}) });
        let changed = Changed::Kind { before: Kind::Integer, after: Kind::String };
        assert_eq!(changes(documents), [Change { path: "id".to_owned(), position: 7, changed }]);
    }

    #[test]
    fn what_is_there_now_and_then_has_not_changed() {
        assert_eq!(changes((0..30).map(|n| if n % 3 == 1 { json!({"note": "x"}) } else { json!({}) })), []);
        assert_eq!(changes((0..30).map(|n| json!({"id": if n % 2 == 0 { json!(n) } else { json!("n") }}))), []);
        assert_eq!(changes([json!({}), json!({}), json!({}), json!({"a": 1})]), []);
    }
}
