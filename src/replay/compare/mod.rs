//! What differs between two states that do not follow each other: of two versions, two streams, two branches, or a
//! stored snapshot and the replay.
//!
//! [`change::diff`](super::change::diff) says what one event did, and compares arrays by index. Between states that are
//! far apart that would report every element behind one that was removed. Here the elements of arrays are matched by a
//! key that names them, such as `id` or `sku`, where they have one; else by what is alike at either end. Numbers are
//! compared by value, as in [`alike`].
//!
//! ```
//! use eventscope::replay::compare::{compare, Kind};
//! use serde_json::json;
//!
//! let a = json!({"lines": [{"sku": "red", "qty": 1}, {"sku": "blue", "qty": 2}]});
//! let b = json!({"lines": [{"sku": "blue", "qty": 5}]});
//! let found = compare(&a, &b);
//! assert_eq!((found[0].kind, found[0].label.as_str()), (Kind::Removed, "/lines/sku=red"));
//! assert_eq!((found[1].kind, found[1].label.as_str()), (Kind::Changed, "/lines/sku=blue/qty"));
//! assert_eq!((found[1].from.as_deref(), found[1].to.as_deref()), (Some("/lines/1/qty"), Some("/lines/0/qty")));
//! ```

mod elements;
mod passages;

use serde_json::{Map, Value};

use super::alike::alike;
use super::change::{push_index, push_key};
use elements::{Elements, Pair};

pub use passages::{Passage, passages};

/// In what way a place differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Only the second state has it.
    Added,
    /// Only the first state has it.
    Removed,
    /// Both have it, with other values.
    Changed,
    /// An element of an array stands in another order among those that both have.
    Moved,
}

/// One place at which two states differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// In what way.
    pub kind: Kind,
    /// Where it is in the first state, as a JSON Pointer (RFC 6901); `None` where it was added.
    pub from: Option<String>,
    /// Where it is in the second state; `None` where it was removed.
    pub to: Option<String>,
    /// Where it is, for people: the elements of arrays are named by their key, as in `/lines/sku=blue/qty`.
    pub label: String,
    /// What the first state has there; `None` where it was added or only moved.
    pub before: Option<Value>,
    /// What the second state has there; `None` where it was removed or only moved.
    pub after: Option<Value>,
}

impl Difference {
    /// Where it is: in the second state, or in the first where it was removed.
    #[must_use]
    pub fn path(&self) -> &str {
        self.to.as_deref().or(self.from.as_deref()).unwrap_or_default()
    }
}

/// What differs between two states: nothing where they are [`alike`].
#[must_use]
pub fn compare(a: &Value, b: &Value) -> Vec<Difference> {
    let mut walk = Walk::default();
    walk.values(a, b);
    walk.found
}

/// Two states while they are walked through side by side.
#[derive(Default)]
struct Walk {
    from: String,
    to: String,
    label: String,
    found: Vec<Difference>,
}

impl Walk {
    fn values(&mut self, a: &Value, b: &Value) {
        match (a, b) {
            (Value::Object(a), Value::Object(b)) => self.objects(a, b),
            // By a key, elements whose numbers are written in another way could not be matched.
            (Value::Array(_), Value::Array(_)) if alike(a, b) => {}
            (Value::Array(a), Value::Array(b)) => self.arrays(a, b),
            _ if alike(a, b) => {}
            _ => self.note(Kind::Changed, Some(a), Some(b)),
        }
    }

    fn objects(&mut self, a: &Map<String, Value>, b: &Map<String, Value>) {
        for (key, value) in a.iter().filter(|(key, _)| !b.contains_key(*key)) {
            self.at_key(key, |walk| walk.note(Kind::Removed, Some(value), None));
        }
        for (key, value) in b {
            self.at_key(key, |walk| match a.get(key) {
                Some(before) => walk.values(before, value),
                None => walk.note(Kind::Added, None, Some(value)),
            });
        }
    }

    fn arrays(&mut self, a: &[Value], b: &[Value]) {
        let elements = Elements::match_up(a, b);
        for pair in &elements.pairs {
            let before = pair.from.and_then(|index| a.get(index));
            let after = pair.to.and_then(|index| b.get(index));
            let name = elements.name(before.or(after));
            self.at_element(*pair, name.as_deref(), |walk| {
                if pair.moved {
                    walk.note(Kind::Moved, None, None);
                }
                match (before, after) {
                    (Some(before), Some(after)) => walk.values(before, after),
                    (Some(_), None) => walk.note(Kind::Removed, before, None),
                    (None, Some(_)) => walk.note(Kind::Added, None, after),
                    (None, None) => {}
                }
            });
        }
    }

    fn at_key(&mut self, key: &str, inside: impl FnOnce(&mut Self)) {
        let lengths = (push_key(&mut self.from, key), push_key(&mut self.to, key), push_key(&mut self.label, key));
        inside(self);
        self.back_to(lengths);
    }

    fn at_element(&mut self, pair: Pair, name: Option<&str>, inside: impl FnOnce(&mut Self)) {
        let index = pair.to.or(pair.from).unwrap_or_default();
        let lengths = (
            push_index(&mut self.from, pair.from.unwrap_or(index)),
            push_index(&mut self.to, pair.to.unwrap_or(index)),
            match name {
                Some(name) => push_key(&mut self.label, name),
                None => push_index(&mut self.label, index),
            },
        );
        inside(self);
        self.back_to(lengths);
    }

    fn back_to(&mut self, (from, to, label): (usize, usize, usize)) {
        self.from.truncate(from);
        self.to.truncate(to);
        self.label.truncate(label);
    }

    fn note(&mut self, kind: Kind, before: Option<&Value>, after: Option<&Value>) {
        self.found.push(Difference {
            kind,
            from: (kind != Kind::Added).then(|| self.from.clone()),
            to: (kind != Kind::Removed).then(|| self.to.clone()),
            label: self.label.clone(),
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::replay::change::tests::any_json;

    /// States with arrays of named elements, in which two of them have some in common.
    fn any_state() -> impl Strategy<Value = Value> {
        let line = (0..6_u8, 0..3_u8, prop::option::of(any_json()))
            .prop_map(|(id, qty, more)| json!({"id": id, "qty": qty, "more": more}));
        let lines = prop::collection::vec(line, 0..6).prop_map(|mut lines| {
            let mut seen = std::collections::HashSet::new();
            lines.retain(|line| seen.insert(line["id"].to_string()));
            lines
        });
        prop_oneof![any_json(), (lines, any_json()).prop_map(|(lines, rest)| json!({"lines": lines, "rest": rest}))]
    }

    proptest! {
        #[test]
        fn nothing_differs_exactly_where_the_states_are_alike(a in any_state(), b in any_state()) {
            prop_assert_eq!(compare(&a, &b).is_empty(), alike(&a, &b));
            prop_assert!(compare(&a, &a).is_empty());
        }

        #[test]
        fn each_side_of_a_difference_stands_where_it_says(a in any_state(), b in any_state()) {
            for found in compare(&a, &b) {
                let from = found.from.as_deref().map(|from| a.pointer(from).unwrap());
                let to = found.to.as_deref().map(|to| b.pointer(to).unwrap());
                if found.kind == Kind::Moved {
                    prop_assert!(from.is_some() && to.is_some());
                } else {
                    prop_assert_eq!((from, to), (found.before.as_ref(), found.after.as_ref()));
                }
            }
        }

        #[test]
        fn seen_from_the_other_side_what_was_added_was_removed(a in any_state(), b in any_state()) {
            let there = compare(&a, &b);
            let back = compare(&b, &a);
            let places = |found: &[Difference], kind| {
                let mut places: Vec<_> = found.iter().filter(|found| found.kind == kind).map(|found| found.path().to_owned()).collect();
                places.sort();
                places
            };
            prop_assert_eq!(places(&there, Kind::Added), places(&back, Kind::Removed));
            prop_assert_eq!(places(&there, Kind::Removed), places(&back, Kind::Added));
        }
    }

    fn told(a: &Value, b: &Value) -> Vec<(Kind, String)> {
        compare(a, b).into_iter().map(|found| (found.kind, found.label)).collect()
    }

    #[test]
    fn an_element_is_followed_by_its_key_wherever_it_stands() {
        let a = json!([{"line_id": 1, "qty": 1}, {"line_id": 2, "qty": 1}, {"line_id": 3, "qty": 1}]);
        let b = json!([{"line_id": 3, "qty": 1}, {"line_id": 1, "qty": 2}, {"line_id": 4, "qty": 1}]);
        let expected = [
            (Kind::Removed, "/line_id=2".to_owned()),
            (Kind::Moved, "/line_id=3".to_owned()),
            (Kind::Changed, "/line_id=1/qty".to_owned()),
            (Kind::Added, "/line_id=4".to_owned()),
        ];
        assert_eq!(told(&a, &b), expected);
    }

    #[test]
    fn elements_without_a_key_are_matched_from_either_end() {
        assert_eq!(told(&json!([1, 2, 3]), &json!([0, 1, 2, 3])), [(Kind::Added, "/0".to_owned())]);
        assert_eq!(told(&json!([1, 2, 3]), &json!([1, 3])), [(Kind::Removed, "/1".to_owned())]);
        assert_eq!(told(&json!([1, 2, 3]), &json!([1, 9, 3])), [(Kind::Changed, "/1".to_owned())]);
    }

    #[test]
    fn a_number_that_is_written_in_another_way_is_no_difference() {
        let b: Value = serde_json::from_str(r#"[{"id":1.0,"n":2.50}]"#).unwrap();
        let a: Value = serde_json::from_str(r#"[{"id":1,"n":2.5}]"#).unwrap();
        assert_eq!(told(&a, &b), []);
    }
}
