//! Between the documents of events and the values that jq works on, without losing a digit; and what a rule changed.
//!
//! jaq keeps integers as machine or big integers and everything else as its decimal text, so a number that a rule does
//! not touch comes back as it was: `9007199254740993`, `8.00`. A value that JSON cannot hold (not-a-number, bytes, a key
//! that is no text) is an error of the rule that made it.

use jaq_json::{Map, Num, Rc, Val};
use serde_json::{Number, Value};

use super::change::{self, Change, push_index, push_key};
use super::plain::Plain;

/// How deep a state may be nested: the stack that reads, compares and drops it is not without end.
const DEEPEST: usize = 512;

/// How many digits a whole number may have that is kept as one: reading and writing it grow with the square of that. One
/// that is longer is kept as its text, and is reckoned with as a number with a decimal point is.
const LONGEST_INTEGER: usize = 10_000;

/// A document as a value of jq.
pub(crate) fn from_json(value: &Value) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(bool) => Val::Bool(*bool),
        Value::Number(number) => Val::Num(from_number(number.as_str())),
        Value::String(text) => from_text(text),
        Value::Array(array) => array.iter().map(from_json).collect(),
        Value::Object(object) => {
            Val::obj(object.iter().map(|(key, value)| (from_text(key), from_json(value))).collect())
        }
    }
}

/// The same of what stands in its text.
pub(crate) fn from_plain(plain: &Plain<'_>) -> Val {
    match plain {
        Plain::Null => Val::Null,
        Plain::Bool(bool) => Val::Bool(*bool),
        Plain::Number(digits) => Val::Num(from_number(digits)),
        Plain::Text(text) => from_text(text),
        Plain::Array(items) => items.iter().map(from_plain).collect(),
        Plain::Object(members) => {
            Val::obj(members.iter().map(|(key, value)| (from_text(key), from_plain(value))).collect())
        }
    }
}

/// Text as a value of jq.
pub(crate) fn from_text(text: &str) -> Val {
    Val::utf8_str(text.as_bytes().to_vec())
}

fn from_number(digits: &str) -> Num {
    let integer = digits.len() <= LONGEST_INTEGER
        && digits != "-0"
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let integer = integer.then(|| Num::from_str_radix(digits, 10)).flatten();
    integer.unwrap_or_else(|| Num::Dec(Rc::new(digits.to_owned())))
}

/// A value of jq as a document of at most so many bytes: what a value shares with itself is written out each time.
pub(crate) fn to_json(value: &Val, mut most: usize) -> Result<Value, String> {
    to_json_at(value, 0, &mut most)
}

/// The same for one of several values, which share how many bytes are left.
pub(crate) fn to_json_within(value: &Val, left: &mut usize) -> Result<Value, String> {
    to_json_at(value, 0, left)
}

fn to_json_at(value: &Val, depth: usize, left: &mut usize) -> Result<Value, String> {
    let text = if let Val::TStr(text) = value { text.len() } else { 0 };
    *left = left.checked_sub(size_of::<Value>() + text).ok_or("the state takes more memory than it may")?;
    if depth > DEEPEST {
        return Err(format!("the state is nested more than {DEEPEST} levels deep"));
    }
    match value {
        Val::Null => Ok(Value::Null),
        Val::Bool(bool) => Ok(Value::Bool(*bool)),
        Val::Num(number) => to_number(number).map(Value::Number),
        Val::TStr(text) => to_text(text).map(Value::String),
        Val::BStr(_) => Err("the state holds bytes, which JSON cannot".to_owned()),
        Val::Arr(array) => array.iter().map(|value| to_json_at(value, depth + 1, left)).collect(),
        Val::Obj(object) => {
            let entries =
                object.iter().map(|(key, value)| Ok((to_key(key)?.to_owned(), to_json_at(value, depth + 1, left)?)));
            entries.collect::<Result<_, String>>().map(Value::Object)
        }
    }
}

/// Whether [`to_json_within`] would write a value.
pub(crate) fn fits(value: &Val, left: &mut usize) -> bool {
    fits_at(value, 0, left)
}

fn fits_at(value: &Val, depth: usize, left: &mut usize) -> bool {
    let text = if let Val::TStr(text) = value { text.len() } else { 0 };
    let Some(rest) = left.checked_sub(size_of::<Value>() + text).filter(|_| depth <= DEEPEST) else { return false };
    *left = rest;
    match value {
        Val::Null | Val::Bool(_) | Val::Num(Num::Int(_)) => true,
        Val::Num(number) => to_number(number).is_ok(),
        Val::TStr(text) => std::str::from_utf8(text).is_ok(),
        Val::BStr(_) => false,
        Val::Arr(array) => array.iter().all(|value| fits_at(value, depth + 1, left)),
        Val::Obj(object) => object.iter().all(|(key, value)| to_key(key).is_ok() && fits_at(value, depth + 1, left)),
    }
}

fn to_text(text: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(text).map_err(|_| "the state holds text that is no UTF-8".to_owned())?;
    Ok(text.to_owned())
}

fn to_key(key: &Val) -> Result<&str, String> {
    match key {
        Val::TStr(text) => std::str::from_utf8(text).map_err(|_| "the state holds a key that is no UTF-8".to_owned()),
        other => Err(format!("the state holds the key {other}, which is no text")),
    }
}

fn to_number(number: &Num) -> Result<Number, String> {
    let text = match number {
        Num::Int(integer) => return Ok(Number::from(*integer)),
        Num::Float(float) => {
            return Number::from_f64(*float).ok_or_else(|| format!("the state holds {number}, which JSON cannot"));
        }
        Num::BigInt(integer) => integer.to_string(),
        Num::Dec(digits) => digits.to_string(),
    };
    text.parse().map_err(|_| format!("the state holds the number {text}, which JSON cannot"))
}

/// What stands at a place, a JSON Pointer.
pub(crate) fn at<'a>(value: &'a Val, pointer: &str) -> Option<&'a Val> {
    change::keys(pointer).try_fold(value, |value, key| match value {
        Val::Obj(object) => object.get(&from_text(&key)),
        Val::Arr(array) => array.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Makes what stands at a place, a JSON Pointer, another, as [`change::apply`] does; `None` removes it. A place that
/// is not there is left alone.
pub(crate) fn put(value: &mut Val, pointer: &str, after: Option<&Value>) {
    let mut keys: Vec<String> = change::keys(pointer).collect();
    let Some(last) = keys.pop() else {
        *value = after.map_or(Val::Null, from_json);
        return;
    };
    let parent = keys.iter().try_fold(value, |value, key| match value {
        Val::Obj(object) => Rc::make_mut(object).get_mut(&from_text(key)),
        Val::Arr(array) => Rc::make_mut(array).get_mut(key.parse::<usize>().ok()?),
        _ => None,
    });
    match (parent, after) {
        (Some(Val::Obj(object)), Some(after)) => drop(Rc::make_mut(object).insert(from_text(&last), from_json(after))),
        (Some(Val::Obj(object)), None) => drop(Rc::make_mut(object).shift_remove(&from_text(&last))),
        (Some(Val::Arr(array)), after) => put_in_array(Rc::make_mut(array), &last, after.map(from_json)),
        _ => {}
    }
}

fn put_in_array(array: &mut Vec<Val>, key: &str, after: Option<Val>) {
    let Ok(index) = key.parse::<usize>() else { return };
    let length = array.len();
    match (array.get_mut(index), after) {
        (Some(slot), Some(after)) => *slot = after,
        (Some(_), None) => drop(array.remove(index)),
        (None, Some(after)) if index == length => array.push(after),
        (None, _) => {}
    }
}

/// JSON merge patch (RFC 7396) on values of jq.
pub(crate) fn merge_patch(target: Val, patch: &Val) -> Val {
    let Val::Obj(patch) = patch else { return patch.clone() };
    let mut merged = match target {
        Val::Obj(target) => target,
        _ => Rc::new(Map::default()),
    };
    let object = Rc::make_mut(&mut merged);
    for (key, value) in patch.iter() {
        if matches!(value, Val::Null) {
            object.shift_remove(key);
        } else {
            let present = object.get_mut(key).map(std::mem::take).unwrap_or_default();
            object.insert(key.clone(), merge_patch(present, value));
        }
    }
    Val::Obj(merged)
}

/// The changes that turn `before` into `after`, as [`super::change::diff`] gives them.
///
/// What both share is not looked at: a rule that touches one field of a large state costs what that field's containers
/// cost, not what the state does.
///
/// The changes hold at most so many bytes each way.
pub(crate) fn diff(before: &Val, after: &Val, most: usize) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    let left = most.saturating_mul(2);
    Comparison { path: String::new(), depth: 0, left, changes: &mut changes }.compare(before, after)?;
    Ok(changes)
}

struct Comparison<'a> {
    path: String,
    depth: usize,
    /// How many bytes may still be noted.
    left: usize,
    changes: &'a mut Vec<Change>,
}

impl Comparison<'_> {
    fn compare(&mut self, before: &Val, after: &Val) -> Result<(), String> {
        match (before, after) {
            (Val::Obj(old), Val::Obj(new)) if Rc::ptr_eq(old, new) => Ok(()),
            (Val::Arr(old), Val::Arr(new)) if Rc::ptr_eq(old, new) => Ok(()),
            (Val::Obj(old), Val::Obj(new)) => self.compare_objects(old, new),
            (Val::Arr(old), Val::Arr(new)) => self.compare_arrays(old, new),
            (old, new) if same_leaf(old, new) => Ok(()),
            (old, new) => self.note(Some(old), Some(new)),
        }
    }

    fn compare_objects(&mut self, old: &Map, new: &Map) -> Result<(), String> {
        // Most events leave the keys and their order alone: then nothing has to be looked up.
        if old.len() == new.len() && old.keys().zip(new.keys()).all(|(a, b)| a == b) {
            for ((key, before), after) in old.iter().zip(new.values()) {
                if !same_place(before, after) {
                    self.at_key(key, |this| this.compare(before, after))?;
                }
            }
            return Ok(());
        }
        for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            self.at_key(key, |this| this.note(Some(value), None))?;
        }
        for (key, value) in new {
            match old.get(key) {
                Some(before) if same_place(before, value) => {}
                Some(before) => self.at_key(key, |this| this.compare(before, value))?,
                None => self.at_key(key, |this| this.note(None, Some(value)))?,
            }
        }
        Ok(())
    }

    fn compare_arrays(&mut self, old: &[Val], new: &[Val]) -> Result<(), String> {
        for (index, (before, after)) in old.iter().zip(new).enumerate() {
            if !same_place(before, after) {
                self.at_index(index, |this| this.compare(before, after))?;
            }
        }
        for (index, value) in old.iter().enumerate().skip(new.len()).rev() {
            self.at_index(index, |this| this.note(Some(value), None))?;
        }
        for (index, value) in new.iter().enumerate().skip(old.len()) {
            self.at_index(index, |this| this.note(None, Some(value)))?;
        }
        Ok(())
    }

    fn at_key(&mut self, key: &Val, then: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        let length = push_key(&mut self.path, to_key(key)?);
        self.deeper(length, then)
    }

    fn at_index(&mut self, index: usize, then: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        let length = push_index(&mut self.path, index);
        self.deeper(length, then)
    }

    fn deeper(&mut self, length: usize, then: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.depth += 1;
        then(self)?;
        self.depth -= 1;
        self.path.truncate(length);
        Ok(())
    }

    fn note(&mut self, before: Option<&Val>, after: Option<&Val>) -> Result<(), String> {
        let (depth, left) = (self.depth, &mut self.left);
        let mut at = |value: Option<&Val>| value.map(|value| to_json_at(value, depth, left)).transpose();
        let (before, after) = (at(before)?, at(after)?);
        self.changes.push(Change { path: self.path.clone(), before, after });
        Ok(())
    }
}

/// Whether both are certainly the same, at a glance.
fn same_place(before: &Val, after: &Val) -> bool {
    match (before, after) {
        (Val::Obj(old), Val::Obj(new)) => Rc::ptr_eq(old, new),
        (Val::Arr(old), Val::Arr(new)) => Rc::ptr_eq(old, new),
        (old, new) => same_leaf(old, new),
    }
}

/// Whether two values that are no containers are written alike. jaq's own equality holds 8.00 and 8 for the same.
pub(crate) fn same_leaf(before: &Val, after: &Val) -> bool {
    match (before, after) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(old), Val::Bool(new)) => old == new,
        (Val::TStr(old), Val::TStr(new)) => old == new,
        (Val::Num(old), Val::Num(new)) => same_number(old, new),
        _ => false,
    }
}

fn same_number(before: &Num, after: &Num) -> bool {
    match (before, after) {
        (Num::Int(old), Num::Int(new)) => old == new,
        (Num::BigInt(old), Num::BigInt(new)) => old == new,
        (Num::Dec(old), Num::Dec(new)) => old == new,
        (Num::Float(old), Num::Float(new)) => old.to_bits() == new.to_bits(),
        (old, new) => old.to_string() == new.to_string(),
    }
}

/// Roughly how many bytes a value occupies, what it shares with others counted in full.
pub(crate) fn size(value: &Val) -> usize {
    const OBJECT: usize = 96;
    const ENTRY: usize = 56;
    let inner = match value {
        Val::Null | Val::Bool(_) | Val::Num(Num::Int(_) | Num::Float(_)) => 0,
        Val::Num(Num::BigInt(_)) => 64,
        Val::Num(Num::Dec(digits)) => 40 + digits.len(),
        Val::TStr(text) | Val::BStr(text) => 72 + text.len(),
        Val::Arr(array) => 40 + array.iter().map(size).sum::<usize>(),
        Val::Obj(object) => OBJECT + object.iter().map(|(key, value)| ENTRY + size(key) + size(value)).sum::<usize>(),
    };
    size_of::<Val>() + inner
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::change::tests::any_json;
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for digits in [
            "0",
            "-0",
            "-1",
            "8.00",
            "1e5",
            "1E-3",
            "-0.0",
            "9007199254740993",
            "9223372036854775808",
            "123456789012345678901234567890",
            "-9223372036854775809",
            "0.1000000000000000055511151231257827",
        ] {
            let value: Value = serde_json::from_str(digits).unwrap();
            assert_eq!(to_json(&from_json(&value), usize::MAX).unwrap().to_string(), value.to_string());
        }
    }

    #[test]
    fn what_json_cannot_hold_is_an_error() {
        assert!(to_json(&Val::from(f64::NAN), usize::MAX).is_err());
        assert!(to_json(&Val::from(f64::INFINITY), usize::MAX).is_err());
        assert!(to_json(&Val::byte_str(b"x".to_vec()), usize::MAX).is_err());
        assert!(to_json(&Val::utf8_str(vec![0xff]), usize::MAX).is_err());
        assert!(to_json(&Val::obj([(Val::from(1_isize), Val::Null)].into_iter().collect()), usize::MAX).is_err());
        let deep = (0..600).fold(Val::Null, |inner, _| [inner].into_iter().collect());
        assert!(to_json(&deep, usize::MAX).unwrap_err().contains("nested"));
    }

    proptest! {
        #[test]
        fn documents_come_back_as_they_were(value in any_json()) {
            prop_assert_eq!(to_json(&from_json(&value), usize::MAX).unwrap(), value);
        }

        #[test]
        fn changes_put_into_a_value_give_the_other(a in any_json(), b in any_json()) {
            let mut value = from_json(&a);
            for change in super::super::change::diff(&a, &b) {
                put(&mut value, &change.path, change.after.as_ref());
            }
            prop_assert_eq!(to_json(&value, usize::MAX).unwrap(), b);
        }

        #[test]
        fn what_fits_is_what_can_be_written(value in any_json(), most in 0..600_usize) {
            let (mut left, value) = (most, from_json(&value));
            prop_assert_eq!(fits(&value, &mut left), to_json(&value, most).is_ok());
        }

        #[test]
        fn differences_are_those_of_the_documents(a in any_json(), b in any_json()) {
            let expected = super::super::change::diff(&a, &b);
            prop_assert_eq!(diff(&from_json(&a), &from_json(&b), usize::MAX).unwrap(), expected);
        }

        #[test]
        fn merging_is_that_of_the_documents(a in any_json(), patch in any_json()) {
            let merged = merge_patch(from_json(&a), &from_json(&patch));
            let mut expected = a;
            super::super::merge_patch(&mut expected, &patch);
            prop_assert_eq!(to_json(&merged, usize::MAX).unwrap(), expected);
        }
    }
}
