//! JSON merge patch (RFC 7396): the reducer for events that simply name what they set.

use serde_json::{Map, Value};

use super::change::{Change, compare, push_key};
use super::meet::meet;

/// Merges `patch` into `target` as RFC 7396 has it, and returns what that changed.
///
/// Keys of objects are set, `null` removes a key, and anything that is no object replaces what was there.
///
/// ```
/// use serde_json::json;
/// let mut state = json!({"title": "Goodbye!", "author": {"given": "John", "family": "Doe"}});
/// let changes = eventscope::replay::merge_patch(&mut state, &json!({"author": {"family": null}}));
/// assert_eq!(state, json!({"title": "Goodbye!", "author": {"given": "John"}}));
/// assert_eq!(changes[0].path, "/author/family");
/// ```
pub fn merge_patch(target: &mut Value, patch: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    merge_noting(target, patch, &mut changes);
    changes
}

/// The same, with what it changes at the end of a list.
pub(super) fn merge_noting(target: &mut Value, patch: &Value, changes: &mut Vec<Change>) {
    merge(&mut String::with_capacity(PLACE), target, patch, changes);
}

/// How long most places are.
pub(super) const PLACE: usize = 64;

/// The same where nobody asks what it changes: the parts of the patch move into the state.
pub(super) fn merge_in(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(object), Value::Object(entries)) => {
            for (key, value) in entries {
                if value.is_null() {
                    object.shift_remove(&key);
                } else if let Some(present) = object.get_mut(&key) {
                    merge_in(present, value);
                } else {
                    object.insert(key, stripped(value));
                }
            }
        }
        (target, patch) => *target = stripped(patch),
    }
}

/// [`without_nulls`] of a patch that nobody else needs.
fn stripped(mut patch: Value) -> Value {
    if let Value::Object(object) = &mut patch {
        object.retain(|_, value| !value.is_null());
        object.values_mut().for_each(|value| *value = stripped(value.take()));
    }
    patch
}

fn merge(place: &mut String, target: &mut Value, patch: &Value, changes: &mut Vec<Change>) {
    match (target, patch) {
        (Value::Object(object), Value::Object(entries)) => merge_objects(place, object, entries, changes),
        (target, patch) if is_scalar(target) && is_scalar(patch) => {
            if target != patch {
                let before = std::mem::replace(target, patch.clone());
                changes.push(Change { path: place.clone(), before: Some(before), after: Some(patch.clone()) });
            }
        }
        (target, patch) => {
            let after = without_nulls(patch);
            compare(place, target, &after, changes);
            *target = after;
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}

fn merge_objects(
    place: &mut String,
    object: &mut Map<String, Value>,
    entries: &Map<String, Value>,
    changes: &mut Vec<Change>,
) {
    let mut values = entries.iter();
    let met = meet(object, entries.keys().map(String::as_str), |present| {
        let Some((key, value)) = values.next().filter(|(_, value)| !value.is_null()) else { return false };
        let length = push_key(place, key);
        merge(place, present, value, changes);
        place.truncate(length);
        true
    });
    for (key, value) in entries.iter().skip(met) {
        let length = push_key(place, key);
        if value.is_null() {
            if let Some(before) = object.shift_remove(key) {
                changes.push(Change { path: place.clone(), before: Some(before), after: None });
            }
        } else if let Some(present) = object.get_mut(key) {
            merge(place, present, value, changes);
        } else {
            let after = without_nulls(value);
            object.insert(key.clone(), after.clone());
            changes.push(Change { path: place.clone(), before: None, after: Some(after) });
        }
        place.truncate(length);
    }
}

/// What a patch leaves where there was no object before: itself, without the keys that it would have removed.
fn without_nulls(patch: &Value) -> Value {
    match patch {
        Value::Object(object) => {
            let kept = object.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::change::tests::any_json;
    use super::super::change::{apply, diff};
    use super::*;

    /// The algorithm of RFC 7396, section 2, as it stands there.
    fn rfc(target: Value, patch: &Value) -> Value {
        let Value::Object(patch) = patch else { return patch.clone() };
        let mut target = match target {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        for (name, value) in patch {
            if value.is_null() {
                target.shift_remove(name);
            } else {
                let present = target.get(name).cloned().unwrap_or(Value::Null);
                target.insert(name.clone(), rfc(present, value));
            }
        }
        Value::Object(target)
    }

    fn by_path(mut changes: Vec<Change>) -> Vec<Change> {
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    #[test]
    fn the_test_cases_of_the_rfc() {
        let cases = [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, r"{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, r"null", r"null"),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            (r"[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            (r"{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ];
        for (original, patch, expected) in cases {
            let mut state: Value = serde_json::from_str(original).unwrap();
            let before = state.clone();
            let changes = merge_patch(&mut state, &serde_json::from_str(patch).unwrap());
            assert_eq!(state, serde_json::from_str::<Value>(expected).unwrap(), "{original} with {patch}");
            assert_eq!(apply(before, &changes).unwrap(), state);
        }
    }

    proptest! {
        #[test]
        fn merging_is_the_rfc_and_says_what_it_changed(target in any_json(), patch in any_json()) {
            let expected = rfc(target.clone(), &patch);
            let mut state = target.clone();
            let changes = merge_patch(&mut state, &patch);
            prop_assert_eq!(&state, &expected);
            prop_assert_eq!(&apply(target.clone(), &changes).unwrap(), &expected);
            prop_assert_eq!(by_path(changes), by_path(diff(&target, &expected)));
            let mut moved = target;
            merge_in(&mut moved, patch);
            prop_assert_eq!(moved.to_string(), state.to_string(), "the order of keys is the same, too");
        }
    }

    #[test]
    fn what_is_already_so_is_no_change() {
        let mut state = json!({"a": 1, "b": {"c": 2}});
        assert!(merge_patch(&mut state, &json!({"a": 1, "b": {"c": 2, "d": null}})).is_empty());
    }
}
