//! Which element of one array is which of another: by a key that names them, else from either end.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::replay::alike::alike;

/// The elements of two arrays, matched.
pub(super) struct Elements {
    /// Each element of either array once: first those that only the first has, then those of the second in its order.
    pub(super) pairs: Vec<Pair>,
    key: Option<String>,
}

/// An element, and its index in either array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) from: Option<usize>,
    pub(super) to: Option<usize>,
    /// Whether it stands in another order among those that both arrays have.
    pub(super) moved: bool,
}

impl Elements {
    pub(super) fn match_up(a: &[Value], b: &[Value]) -> Self {
        let key = naming_key(a, b);
        let pairs = match &key {
            Some(key) => by_key(a, b, key),
            None => from_the_ends(a, b),
        };
        Self { pairs, key }
    }

    /// What names an element among the others, as in `sku=blue`.
    pub(super) fn name(&self, element: Option<&Value>) -> Option<String> {
        let key = self.key.as_deref()?;
        let name = name_in(element?, key)?;
        Some(format!("{key}={name}"))
    }
}

/// The text of a value that can name something.
fn name_in(element: &Value, key: &str) -> Option<String> {
    match element.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The key that names the elements of both arrays: every element has it, and no two of one array have it alike.
fn naming_key(a: &[Value], b: &[Value]) -> Option<String> {
    let members: Vec<&Map<String, Value>> = a.iter().chain(b).map(Value::as_object).collect::<Option<_>>()?;
    let candidates = members.first()?.keys().filter_map(|key| {
        let strength = strength(key)?;
        let (in_a, in_b) = (names(a, key)?, names(b, key)?);
        let shared = in_a.intersection(&in_b).count();
        // A name may be given anew; what is called an id says by itself that others are others.
        (strength > Strength::Name || shared > 0).then_some((strength, shared, std::cmp::Reverse(key)))
    });
    candidates.max().map(|(.., key)| key.0.clone())
}

/// The names in one array; `None` where an element has none, or two have the same.
fn names(array: &[Value], key: &str) -> Option<HashSet<String>> {
    let names: HashSet<String> = array.iter().map(|element| name_in(element, key)).collect::<Option<_>>()?;
    (names.len() == array.len()).then_some(names)
}

/// How surely a key names the object that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// A name in the plain sense.
    Name,
    /// The id of something, maybe of what the object refers to.
    SomeId,
    /// The object's own id.
    Id,
}

fn strength(key: &str) -> Option<Strength> {
    let lower = key.to_ascii_lowercase();
    let ends_as_id = ["_id", "-id", "_uuid", "_key", "_ref"].iter().any(|end| lower.ends_with(end))
        || ["Id", "ID", "Uuid", "Key"].iter().any(|end| key.len() > end.len() && key.ends_with(end));
    match lower.trim_start_matches('_') {
        "id" | "uuid" | "guid" | "oid" => Some(Strength::Id),
        "key" | "sku" | "isbn" | "ean" | "slug" => Some(Strength::SomeId),
        _ if ends_as_id => Some(Strength::SomeId),
        "name" | "code" | "number" | "no" | "nr" | "label" | "title" | "email" | "ref" | "reference" => {
            Some(Strength::Name)
        }
        _ => None,
    }
}

fn by_key(a: &[Value], b: &[Value], key: &str) -> Vec<Pair> {
    let indices = |array: &[Value]| -> HashMap<String, usize> {
        array.iter().enumerate().filter_map(|(index, element)| Some((name_in(element, key)?, index))).collect()
    };
    let (in_a, in_b) = (indices(a), indices(b));
    let here = |element: &Value, indices: &HashMap<String, usize>| {
        name_in(element, key).and_then(|name| indices.get(&name).copied())
    };
    let gone = a.iter().enumerate().filter(|(_, element)| here(element, &in_b).is_none());
    let mut pairs: Vec<Pair> = gone.map(|(index, _)| Pair { from: Some(index), to: None, moved: false }).collect();
    let first = pairs.len();
    pairs.extend(b.iter().enumerate().map(|(index, element)| Pair {
        from: here(element, &in_a),
        to: Some(index),
        moved: false,
    }));
    mark_moved(pairs.get_mut(first..).unwrap_or_default());
    pairs
}

/// Marks the fewest elements without which the others stand in the same order on both sides.
fn mark_moved(pairs: &mut [Pair]) {
    let order: Vec<usize> = pairs.iter().filter_map(|pair| pair.from).collect();
    let kept: HashSet<usize> = longest_rise(&order).into_iter().collect();
    for pair in pairs {
        pair.moved = pair.from.is_some_and(|from| !kept.contains(&from));
    }
}

/// The longest run of rising numbers, others between them left out. Each number occurs once.
fn longest_rise(numbers: &[usize]) -> Vec<usize> {
    // For each length the run of that length that ends lowest, by the place of its end; and what came before each place.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    let at = |place: usize| numbers.get(place).copied().unwrap_or_default();
    for (place, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| at(*end) < *number);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut rise = Vec::with_capacity(ends.len());
    let mut place = ends.last().copied();
    while let Some(here) = place {
        rise.push(at(here));
        place = before.get(here).copied().flatten();
    }
    rise.reverse();
    rise
}

/// What is alike at the beginning and at the end belongs together; between them the indices say what does.
fn from_the_ends(a: &[Value], b: &[Value]) -> Vec<Pair> {
    let short = a.len().min(b.len());
    let first = a.iter().zip(b).take_while(|(a, b)| alike(a, b)).count();
    let last = a.iter().rev().zip(b.iter().rev()).take(short - first).take_while(|(a, b)| alike(a, b)).count();
    let (until_a, until_b) = (a.len() - last, b.len() - last);
    let until = until_a.min(until_b);
    let gone = (until..until_a).map(|index| Pair { from: Some(index), to: None, moved: false });
    let both = (0..until).map(|index| Pair { from: Some(index), to: Some(index), moved: false });
    let new = (until..until_b).map(|index| Pair { from: None, to: Some(index), moved: false });
    let rest = (0..last).map(|index| Pair { from: Some(until_a + index), to: Some(until_b + index), moved: false });
    gone.chain(both).chain(new).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(a: Value, b: Value) -> Option<String> {
        let elements = |value| match value {
            Value::Array(array) => array,
            other => vec![other],
        };
        naming_key(&elements(a), &elements(b))
    }

    #[test]
    fn what_names_an_element_is_its_own_id_before_that_of_another() {
        let a = json!([{"product_id": 1, "id": 7}, {"product_id": 2, "id": 8}]);
        assert_eq!(key(a.clone(), a), Some("id".to_owned()));
        assert_eq!(key(json!([{"lineId": 1}]), json!([{"lineId": 2}])), Some("lineId".to_owned()));
        assert_eq!(key(json!([{"_id": "a"}]), json!([])), Some("_id".to_owned()));
    }

    #[test]
    fn what_two_elements_share_names_neither() {
        assert_eq!(key(json!([{"id": 1}, {"id": 1}]), json!([])), None);
        assert_eq!(key(json!([{"id": 1}, {"qty": 1}]), json!([])), None);
        assert_eq!(key(json!([{"id": 1}, 5]), json!([])), None);
        assert_eq!(key(json!([{"qty": 1}]), json!([{"qty": 2}])), None);
        assert_eq!(key(json!([{"paid": true}]), json!([{"paid": false}])), None);
    }

    #[test]
    fn a_name_counts_where_both_sides_know_it() {
        assert_eq!(key(json!([{"name": "a"}]), json!([{"name": "b"}])), None);
        assert_eq!(key(json!([{"name": "a"}, {"name": "c"}]), json!([{"name": "a"}])), Some("name".to_owned()));
    }

    #[test]
    fn as_few_as_can_be_have_moved() {
        assert_eq!(longest_rise(&[3, 0, 1, 2]), [0, 1, 2]);
        assert_eq!(longest_rise(&[0, 4, 1, 3, 2, 5]).len(), 4);
        assert_eq!(longest_rise(&[]), Vec::<usize>::new());
    }
}
