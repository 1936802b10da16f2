//! The leaves of a document: what it holds in the end, each with its place.

use serde_json::Value;

use super::change::{push_index, push_key};

/// Shows every leaf of a document, which stands at `pointer`, with its place as a JSON Pointer (RFC 6901), in the order of
/// the document. Leaves are texts, numbers, `true`, `false` and `null`, and what is empty: `{}` and `[]`.
///
/// ```
/// use eventscope::replay::leaves;
/// use serde_json::json;
/// let mut found = Vec::new();
/// leaves("", &json!({"a": {"b/c": 1}, "d": [[], 2]}), &mut |place, _| found.push(place.to_owned()));
/// assert_eq!(found, ["/a/b~1c", "/d/0", "/d/1"]);
/// ```
pub fn leaves<'v>(pointer: &str, document: &'v Value, show: &mut dyn FnMut(&str, &'v Value)) {
    inside(&mut pointer.to_owned(), document, show);
}

fn inside<'v>(place: &mut String, value: &'v Value, show: &mut dyn FnMut(&str, &'v Value)) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                let length = push_key(place, key);
                inside(place, value, show);
                place.truncate(length);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for (index, value) in elements.iter().enumerate() {
                let length = push_index(place, index);
                inside(place, value, show);
                place.truncate(length);
            }
        }
        leaf => show(place, leaf),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::replay::change::tests::any_json;

    proptest! {
        #[test]
        fn each_leaf_stands_where_it_says(document in any_json()) {
            let mut count = 0;
            leaves("", &document, &mut |place, leaf| {
                count += 1;
                assert_eq!(document.pointer(place), Some(leaf));
            });
            prop_assert!(count > 0);
        }
    }
}
