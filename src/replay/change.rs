//! What differs between two states: one [`Change`] for each place, and the way back from changes to a state.
//!
//! Places are JSON Pointers (RFC 6901). Objects are compared by key, whatever the order of their keys; arrays by index,
//! so an element removed at the front changes every place behind it. Numbers are compared by their digits: `8.00` and
//! `8.0` are different texts, and what the file says is what is compared.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// One place in a state that one event set, changed or removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where, as a JSON Pointer (RFC 6901): `/lines/L2/qty`; empty for the whole state.
    pub path: String,
    /// What was there before; `None` where there was nothing.
    pub before: Option<Value>,
    /// What is there now; `None` where it was removed.
    pub after: Option<Value>,
}

/// The changes that turn `before` into `after`, in the order in which [`apply`] must take them.
#[must_use]
pub fn diff(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&mut String::new(), before, after, &mut changes);
    changes
}

/// The state that `changes` turn `state` into.
///
/// # Errors
/// Where a change does not fit the state: its place is missing, or holds something else than its `before`.
pub fn apply(mut state: Value, changes: &[Change]) -> Result<Value> {
    for change in changes {
        apply_one(&mut state, change)?;
    }
    Ok(state)
}

/// Appends one key to a JSON Pointer: `~` is written `~0`, `/` is written `~1`. Returns the length to cut back to.
pub(crate) fn push_key(path: &mut String, key: &str) -> usize {
    let length = path.len();
    path.push('/');
    if key.contains(['~', '/']) {
        for character in key.chars() {
            match character {
                '~' => path.push_str("~0"),
                '/' => path.push_str("~1"),
                other => path.push(other),
            }
        }
    } else {
        path.push_str(key);
    }
    length
}

/// Appends one index to a JSON Pointer. Returns the length to cut back to.
pub(crate) fn push_index(path: &mut String, index: usize) -> usize {
    use std::fmt::Write as _;
    let length = path.len();
    // Writing to a String cannot fail.
    let _ = write!(path, "/{index}");
    length
}

/// The keys of a JSON Pointer, unescaped; an empty pointer has none.
pub(crate) fn keys(pointer: &str) -> impl Iterator<Item = String> + '_ {
    let inner = pointer.strip_prefix('/');
    inner.into_iter().flat_map(|keys| keys.split('/')).map(|key| key.replace("~1", "/").replace("~0", "~"))
}

/// Whether a change at `path` is at `place`, in it or around it.
pub(crate) fn touches(path: &str, place: &str) -> bool {
    let (short, long) = if path.len() <= place.len() { (path, place) } else { (place, path) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Adds what turns `before` into `after`, at `path`, to `changes`.
pub(crate) fn compare(path: &mut String, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => compare_objects(path, old, new, changes),
        (Value::Array(old), Value::Array(new)) => compare_arrays(path, old, new, changes),
        (old, new) if old == new => {}
        (old, new) => changes.push(Change { path: path.clone(), before: Some(old.clone()), after: Some(new.clone()) }),
    }
}

fn compare_objects(path: &mut String, old: &Map<String, Value>, new: &Map<String, Value>, changes: &mut Vec<Change>) {
    for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        let length = push_key(path, key);
        changes.push(Change { path: path.clone(), before: Some(value.clone()), after: None });
        path.truncate(length);
    }
    for (key, value) in new {
        let length = push_key(path, key);
        match old.get(key) {
            Some(before) => compare(path, before, value, changes),
            None => changes.push(Change { path: path.clone(), before: None, after: Some(value.clone()) }),
        }
        path.truncate(length);
    }
}

fn compare_arrays(path: &mut String, old: &[Value], new: &[Value], changes: &mut Vec<Change>) {
    for (index, (before, after)) in old.iter().zip(new).enumerate() {
        let length = push_index(path, index);
        compare(path, before, after, changes);
        path.truncate(length);
    }
    for (index, value) in old.iter().enumerate().skip(new.len()).rev() {
        let length = push_index(path, index);
        changes.push(Change { path: path.clone(), before: Some(value.clone()), after: None });
        path.truncate(length);
    }
    for (index, value) in new.iter().enumerate().skip(old.len()) {
        let length = push_index(path, index);
        changes.push(Change { path: path.clone(), before: None, after: Some(value.clone()) });
        path.truncate(length);
    }
}

fn apply_one(state: &mut Value, change: &Change) -> Result<()> {
    let misfit = || Error::bad_input(format!("the change at \"{}\" does not fit the state", change.path));
    if state.pointer(&change.path) != change.before.as_ref() {
        return Err(misfit());
    }
    let Some((parent, key)) = change.path.rsplit_once('/') else {
        *state = change.after.clone().ok_or_else(misfit)?;
        return Ok(());
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    match state.pointer_mut(parent) {
        Some(Value::Object(object)) => set_key(object, key, change.after.clone()),
        Some(Value::Array(array)) => set_index(array, &key, change.after.clone()).ok_or_else(misfit)?,
        _ => return Err(misfit()),
    }
    Ok(())
}

fn set_key(object: &mut Map<String, Value>, key: String, after: Option<Value>) {
    match after {
        Some(value) => drop(object.insert(key, value)),
        // The keys that stay keep their order; swapping the last one into the gap would not.
        None => drop(object.shift_remove(&key)),
    }
}

/// Sets, appends or removes the element at `key`; `None` where there is no such place.
fn set_index(array: &mut Vec<Value>, key: &str, after: Option<Value>) -> Option<()> {
    let index: usize = key.parse().ok()?;
    if index == array.len() {
        array.push(after?);
        return Some(());
    }
    let slot = array.get_mut(index)?;
    match after {
        Some(value) => *slot = value,
        None => drop(array.remove(index)),
    }
    Some(())
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    pub(crate) fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[0-9]\\.[0-9]{1,3}".prop_map(|digits| serde_json::from_str(&digits).unwrap()),
            "[a-z~/0-9]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec(("[a-c~/]{0,2}", inner), 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_difference_applied_gives_the_other(a in any_json(), b in any_json()) {
            let changes = diff(&a, &b);
            prop_assert_eq!(apply(a.clone(), &changes).unwrap(), b.clone());
            prop_assert!(diff(&a, &a).is_empty());
            let back = diff(&b, &a);
            prop_assert_eq!(apply(b, &back).unwrap(), a);
        }
    }

    #[test]
    fn keys_are_escaped_as_pointers_want_it() {
        let changes = diff(&json!({"a/b": {"m~n": 1}}), &json!({"a/b": {"m~n": 2}}));
        assert_eq!(changes[0].path, "/a~1b/m~0n");
        assert_eq!(keys("/a~1b/m~0n/~01").collect::<Vec<_>>(), ["a/b", "m~n", "~1"]);
        assert_eq!(keys("").count(), 0);
        assert_eq!(keys("/").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn arrays_are_compared_by_index() {
        let changes = diff(&json!([1, 2, 3]), &json!([2]));
        let paths: Vec<_> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["/0", "/2", "/1"]);
    }

    #[test]
    fn digits_make_a_difference() {
        let a: Value = serde_json::from_str("8.00").unwrap();
        let b: Value = serde_json::from_str("8.0").unwrap();
        assert_eq!(diff(&a, &b).len(), 1);
        assert_eq!(diff(&a, &b)[0].before.as_ref().unwrap().to_string(), "8.00");
    }

    #[test]
    fn a_change_that_does_not_fit_is_an_error() {
        let change = Change { path: "/a/b".into(), before: Some(json!(1)), after: Some(json!(2)) };
        assert!(apply(json!({"a": {"b": 7}}), std::slice::from_ref(&change)).is_err());
        assert!(apply(json!({"a": 7}), std::slice::from_ref(&change)).is_err());
        assert!(apply(json!(null), std::slice::from_ref(&change)).is_err());
    }
}
