//! Merges plain data into a state where nobody asks what was there before: what is there takes the new text in, and keys
//! that come in the state's own order are met on the way rather than looked up.

use serde_json::{Map, Number, Value};

use super::change::{compare, push_key};
use super::evolve::Touched;
use super::meet::PASSED;
use super::plain::{MEMBERS, Plain};

/// How many digits a whole number has at most that certainly fits a machine's.
const DIGITS: usize = 18;

/// Merges a patch as [`super::merge_patch`] does. `touched` hears of each place that it changes, in any order.
pub(super) fn lay_over(state: &mut Value, patch: &Plain<'_>, touched: Option<Touched<'_>>) {
    Overlay { place: String::new(), touched }.lay(state, patch);
}

struct Overlay<'t> {
    place: String,
    touched: Option<Touched<'t>>,
}

impl Overlay<'_> {
    fn lay(&mut self, target: &mut Value, patch: &Plain<'_>) {
        match (target, patch) {
            (Value::Object(object), Plain::Object(members)) => self.members(object, members),
            (target, patch) if patch.is_scalar() && !target.is_object() && !target.is_array() => {
                if !patch.is(target) {
                    put(target, patch);
                    self.touch();
                }
            }
            (target, patch) => {
                let after = patch.stripped();
                if let Some(touched) = &mut self.touched {
                    let mut changes = Vec::new();
                    compare(&mut self.place, target, &after, &mut changes);
                    for change in &changes {
                        touched(&change.path);
                    }
                }
                *target = after;
            }
        }
    }

    fn members(&mut self, object: &mut Map<String, Value>, members: &[(&str, Plain<'_>)]) {
        let mut left: u64 = 0;
        const { assert!(MEMBERS <= u64::BITS as usize, "each member has a bit") };
        {
            let mut entries = object.iter_mut();
            let (mut next, mut passed) = (entries.next(), 0);
            for (at, (key, value)) in members.iter().enumerate() {
                if matches!(value, Plain::Null) {
                    left |= 1 << at;
                    continue;
                }
                while passed < PASSED && next.as_ref().is_some_and(|(known, _)| *known != key) {
                    passed += 1;
                    next = entries.next();
                }
                match next.take_if(|(known, _)| *known == key) {
                    Some((_, present)) => {
                        self.at(key, |this| this.lay(present, value));
                        next = entries.next();
                    }
                    None => left |= 1 << at,
                }
            }
        }
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            if let Some((key, value)) = members.get(at) {
                self.at(key, |this| this.member(object, key, value));
            }
        }
    }

    fn member(&mut self, object: &mut Map<String, Value>, key: &str, value: &Plain<'_>) {
        if matches!(value, Plain::Null) {
            if object.shift_remove(key).is_some() {
                self.touch();
            }
        } else if let Some(present) = object.get_mut(key) {
            self.lay(present, value);
        } else {
            object.insert(key.to_owned(), value.stripped());
            self.touch();
        }
    }

    fn at(&mut self, key: &str, then: impl FnOnce(&mut Self)) {
        if self.touched.is_none() {
            return then(self);
        }
        let length = push_key(&mut self.place, key);
        then(self);
        self.place.truncate(length);
    }

    fn touch(&mut self) {
        if let Some(touched) = &mut self.touched {
            touched(&self.place);
        }
    }
}

/// Makes a value what a scalar is, in the memory that it has.
fn put(target: &mut Value, scalar: &Plain<'_>) {
    match (target, scalar) {
        (Value::String(text), Plain::Text(new)) => {
            text.clear();
            text.push_str(new);
        }
        (target, Plain::Number(digits)) => *target = number(digits).map_or_else(|| scalar.scalar(), Value::Number),
        (target, scalar) => *target = scalar.scalar(),
    }
}

/// A whole number that is written as its digits are.
fn number(digits: &str) -> Option<Number> {
    let small = digits.len() <= DIGITS && digits != "-0";
    small.then(|| digits.parse::<i64>().ok()).flatten().map(Number::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::change::tests::any_json;
    use super::super::merge::merge_patch;
    use super::*;

    fn sorted(mut places: Vec<String>) -> Vec<String> {
        places.sort_unstable();
        places
    }

    proptest! {
        #[test]
        fn laying_over_is_merging_the_document(target in any_json(), patch in any_json(), more in any_json()) {
            let patch = json!({"a": patch, "b": {"c": null}, "z": more});
            let mut expected = json!({"y": 0, "a": target, "z": 1});
            let (mut heard, mut quiet) = (expected.clone(), expected.clone());
            let changes = merge_patch(&mut expected, &patch);
            let text = patch.to_string();
            if let Some(plain) = Plain::object(&text) {
                let mut places = Vec::new();
                lay_over(&mut heard, &plain, Some(&mut |place| places.push(place.to_owned())));
                prop_assert_eq!(heard.to_string(), expected.to_string(), "the order of keys is the same, too");
                prop_assert_eq!(sorted(places), sorted(changes.into_iter().map(|change| change.path).collect()));
                lay_over(&mut quiet, &plain, None);
                prop_assert_eq!(quiet.to_string(), expected.to_string());
            }
        }

        #[test]
        fn members_in_any_order_are_met(keys in prop::collection::vec("[a-p]", 0..40), known in prop::collection::vec("[a-p]", 0..40)) {
            let object = |keys: &[String], from: usize| -> Value {
                Value::Object(keys.iter().zip(from..).map(|(key, number)| (key.clone(), number.into())).collect())
            };
            let (mut state, patch) = (object(&known, 0), object(&keys, 30));
            let mut expected = state.clone();
            merge_patch(&mut expected, &patch);
            let text = patch.to_string();
            lay_over(&mut state, &Plain::object(&text).unwrap(), None);
            prop_assert_eq!(state.to_string(), expected.to_string());
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        for digits in
            ["0", "-0", "-7", "999999999999999999", "9223372036854775808", "8.00", "123456789012345678901234567890"]
        {
            let text = format!("{{\"n\":{digits}}}");
            let mut state = json!({"n": 1});
            lay_over(&mut state, &Plain::object(&text).unwrap(), None);
            assert_eq!(state["n"].to_string(), digits);
        }
    }
}
