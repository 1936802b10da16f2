//! Which events did something: changed a place, changed nothing, failed, or met no rule.

use serde_json::Value;

use super::{Finds, Moment, Probe, Seen};
use crate::error::{Error, Result};
use crate::replay::change::{self, Change};
use crate::replay::evolve::Outcome;
use crate::replay::pattern::Pattern;

/// What an event did, as a condition.
#[derive(Clone, Debug)]
pub struct Effect(Kind);

#[derive(Clone, Debug)]
enum Kind {
    /// It changed a place that the keys of a pointer name, or something in it.
    Changed(Vec<Pattern>),
    /// It left the state as it was.
    ChangedNothing,
    /// Its rule failed with a message like this.
    Failed(Pattern),
    /// No rule is for its type, which is like this.
    Unhandled(Pattern),
}

impl Effect {
    /// Reads an effect as filters have it, without the quotes: `changed` with a pointer in which `*` stands for any run
    /// of characters of one key, such as `/lines/*/qty`, or with `none`; `failed` with a pattern for the message;
    /// `unhandled` with a pattern for the event type.
    ///
    /// ```
    /// use eventscope::replay::probe::Effect;
    /// assert!(Effect::parse("changed", "/lines/*/qty").is_ok());
    /// assert!(Effect::parse("changed", "lines").is_err());
    /// ```
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadInput`] for another name, or a pointer that does not begin with a slash.
    pub fn parse(name: &str, value: &str) -> Result<Self> {
        match (name, value) {
            ("changed", "none") => Ok(Self(Kind::ChangedNothing)),
            ("changed", pointer) if pointer.is_empty() || pointer.starts_with('/') => {
                Ok(Self(Kind::Changed(change::keys(pointer).map(Pattern::new).collect())))
            }
            ("changed", other) => Err(Error::bad_input(format!("`{other}` is no place in a state"))
                .with_hint("A place begins with a slash: changed:/status, changed:/lines/*/qty; or changed:none.")),
            ("failed", pattern) => Ok(Self(Kind::Failed(Pattern::new(pattern)))),
            ("unhandled", pattern) => Ok(Self(Kind::Unhandled(Pattern::new(pattern)))),
            (other, _) => Err(Error::bad_input(format!("`{other}` is no effect"))
                .with_hint("The effects are changed, failed and unhandled.")),
        }
    }

    /// Whether an event had this effect.
    #[must_use]
    pub fn holds(&self, seen: &Seen<'_>) -> bool {
        match (&self.0, seen.outcome) {
            (Kind::Changed(keys), _) => seen.changes.iter().any(|change| changes_place(change, keys)),
            (Kind::ChangedNothing, _) => seen.changes.is_empty(),
            (Kind::Failed(pattern), Outcome::Failed(message)) => pattern.matches(message),
            (Kind::Unhandled(pattern), Outcome::Unhandled) => pattern.matches(&seen.event.event_type),
            (Kind::Failed(_) | Kind::Unhandled(_), _) => false,
        }
    }
}

/// Whether a change is at a place that the keys name, in one, or around one whose value it changed.
fn changes_place(change: &Change, keys: &[Pattern]) -> bool {
    let mut rest = keys;
    for key in change::keys(&change.path) {
        let Some((pattern, deeper)) = rest.split_first() else { return true };
        if !pattern.matches(&key) {
            return false;
        }
        rest = deeper;
    }
    differs(change.before.as_ref(), change.after.as_ref(), rest)
}

/// Whether two values differ at a place inside that the keys name.
fn differs(before: Option<&Value>, after: Option<&Value>, keys: &[Pattern]) -> bool {
    let Some((pattern, rest)) = keys.split_first() else { return before != after };
    let inside = |value: Option<&Value>| match value {
        Some(Value::Object(object)) => object.keys().cloned().collect(),
        Some(Value::Array(array)) => (0..array.len()).map(|index| index.to_string()).collect(),
        _ => Vec::new(),
    };
    let mut names: Vec<String> = inside(before);
    names.extend(inside(after));
    names.iter().filter(|name| pattern.matches(name)).any(|name| {
        differs(before.and_then(|value| member(value, name)), after.and_then(|value| member(value, name)), rest)
    })
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object.get(name),
        Value::Array(array) => array.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Finds the events that had an effect.
#[derive(Debug)]
pub struct Effects {
    wanted: Effect,
    found: Vec<Moment>,
}

impl Effects {
    /// The events with this effect.
    #[must_use]
    pub fn new(wanted: Effect) -> Self {
        Self { wanted, found: Vec::new() }
    }
}

impl Probe for Effects {
    fn after(&mut self, seen: &Seen<'_>) {
        if self.wanted.holds(seen) {
            self.found.push(Moment::of(seen.event));
        }
    }
}

impl Finds for Effects {
    type Finding = Moment;

    fn take(&mut self) -> Vec<Moment> {
        std::mem::take(&mut self.found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(path: &str, before: Value, after: Value) -> Change {
        let given = |value: Value| Some(value).filter(|value| !value.is_null());
        Change { path: path.to_owned(), before: given(before), after: given(after) }
    }

    fn changes(pointer: &str, change: &Change) -> bool {
        let keys: Vec<_> = change::keys(pointer).map(Pattern::new).collect();
        changes_place(change, &keys)
    }

    #[test]
    fn a_change_counts_at_the_place_in_it_and_around_it() {
        let qty = change("/lines/L1/qty", json!(1), json!(2));
        for pointer in ["", "/lines", "/lines/*", "/lines/L1", "/lines/*/qty", "/l*s/L*/q*"] {
            assert!(changes(pointer, &qty), "{pointer}");
        }
        for pointer in ["/line", "/lines/L2", "/lines/*/price", "/lines/L1/qty/unit"] {
            assert!(!changes(pointer, &qty), "{pointer}");
        }
        let added = change("/lines", json!(null), json!({"L1": {"qty": 1}}));
        assert!(changes("/lines/*/qty", &added) && !changes("/lines/*/price", &added));
        let replaced = change("/lines", json!([{"qty": 1, "price": 2}]), json!([{"qty": 1, "price": 3}]));
        assert!(changes("/lines/0/price", &replaced) && !changes("/lines/*/qty", &replaced));
    }
}
