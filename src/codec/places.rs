//! The places within a document that have names: what is in objects, and in the items of lists, as far as bounds go.

use serde_json::Value;

/// One step from a value into what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'v> {
    /// The member of an object.
    Key(&'v str),
    /// An item of a list, whichever.
    Item,
}

/// How far documents are gone into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// How many steps.
    pub(crate) deepest: usize,
    /// How many members an object may have before it is held for a map, whose keys are no names.
    pub(crate) members: usize,
    /// How many items of a list are looked into.
    pub(crate) items: usize,
}

/// Shows each place and its value to `visit`, what holds others before those; where that says `false`, what lies within
/// is left out.
pub(crate) fn visit<'v>(value: &'v Value, reach: Reach, visit: &mut dyn FnMut(&[Step<'v>], &'v Value) -> bool) {
    within(value, reach, &mut Vec::new(), visit);
}

fn within<'v>(
    value: &'v Value,
    reach: Reach,
    path: &mut Vec<Step<'v>>,
    visit: &mut dyn FnMut(&[Step<'v>], &'v Value) -> bool,
) {
    if path.len() >= reach.deepest {
        return;
    }
    let mut step = |step, value| {
        path.push(step);
        if visit(path, value) {
            within(value, reach, path, visit);
        }
        path.pop();
    };
    match value {
        Value::Object(members) if members.len() <= reach.members => {
            members.iter().for_each(|(key, value)| step(Step::Key(key), value));
        }
        Value::Array(items) => items.iter().take(reach.items).for_each(|item| step(Step::Item, item)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_shown_as_far_as_bounds_go() {
        let document =
            json!({"a": {"b": {"c": 1}}, "list": [{"x": 1}, {"y": 2}, {"z": 3}], "map": {"1": 1, "2": 2, "3": 3}});
        let seen = |reach, skipped: &str| {
            let mut seen = Vec::new();
            visit(&document, reach, &mut |path, _| {
                let named = path.iter().map(|step| match step {
                    Step::Key(key) => key,
                    Step::Item => "*",
                });
                seen.push(named.collect::<Vec<_>>().join("."));
                seen.last().is_none_or(|last| last != skipped)
            });
            seen.join(" ")
        };
        let reach = Reach { deepest: 2, members: 3, items: 2 };
        assert_eq!(seen(reach, ""), "a a.b list list.* list.* map map.1 map.2 map.3");
        let reach = Reach { deepest: 9, members: 2, items: 0 };
        assert_eq!(seen(reach, ""), "", "three members are a map here");
        let reach = Reach { deepest: 9, members: 3, items: 9 };
        assert_eq!(seen(reach, "map"), "a a.b a.b.c list list.* list.*.x list.* list.*.y list.* list.*.z map");
    }
}
