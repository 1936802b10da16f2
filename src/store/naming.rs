//! The naming convention: what names of event types and aggregate types have to look like in this file.

use std::cell::RefCell;
use std::collections::HashSet;

use regex::Regex;

use crate::error::{Error, Result};

/// What the names in a store have to match. It is kept in the file and held against every event that is appended,
/// whichever program appends it; without one every name is as good as another.
///
/// A convention is a [regular expression](https://docs.rs/regex/latest/regex/#syntax) that the whole name has to match.
/// Events from before are not looked at.
///
/// ```
/// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
/// use eventscope::store::{EventStore, Naming};
/// use serde_json::json;
///
/// let mut store = EventStore::open_in_memory()?;
/// store.set_naming(&Naming::dotted())?;
/// let order = StreamName::new("order", "ord-1");
/// assert!(store.append(&order, ExpectedVersion::Any, &[NewEvent::new("OrderPlaced", json!({}))]).is_err());
/// assert!(store.append(&order, ExpectedVersion::Any, &[NewEvent::new("order.placed", json!({}))]).is_ok());
/// # Ok::<(), eventscope::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// What event types have to match.
    pub event_types: Option<String>,
    /// What aggregate types have to match.
    pub aggregate_types: Option<String>,
}

impl Naming {
    /// The built-in convention for event types: lower-case segments with dots between them, the aggregate first and what
    /// happened to it, in the past tense, last: `order.placed`, `order.line_added`, `billing.invoice.paid`.
    pub const EVENT_TYPES: &str = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+";

    /// The built-in convention for aggregate types: one such segment or several, as in `order` and `billing.invoice`.
    pub const AGGREGATE_TYPES: &str = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*";

    /// The built-in convention for both.
    #[must_use]
    pub fn dotted() -> Self {
        Self {
            event_types: Some(Self::EVENT_TYPES.to_owned()),
            aggregate_types: Some(Self::AGGREGATE_TYPES.to_owned()),
        }
    }
}

/// How many names that were accepted are remembered. Few stores have more event types, and matching costs more than
/// looking up: the engine of `regex` is built without what makes it fast, which takes an application longer to compile
/// than the whole store does.
const REMEMBERED: usize = 256;

/// A convention, ready to be held against names.
pub(super) struct Convention {
    /// What it is about: `event type` or `aggregate type`.
    subject: &'static str,
    pattern: String,
    whole: Regex,
    accepted: RefCell<HashSet<String>>,
}

impl Convention {
    pub(super) fn new(subject: &'static str, pattern: &str) -> Result<Self> {
        // On its own first: `a)|(b` would be none, but as a part of the whole it would be one.
        let whole = Regex::new(pattern).and_then(|_| Regex::new(&format!(r"\A(?:{pattern})\z")));
        let whole = whole.map_err(|error| {
            Error::bad_input(format!("`{pattern}` is no regular expression for {subject}s: {error}"))
                .with_hint("https://docs.rs/regex/latest/regex/#syntax describes them.")
                .with_source(error)
        })?;
        Ok(Self { subject, pattern: pattern.to_owned(), whole, accepted: RefCell::default() })
    }

    pub(super) fn check(&self, name: &str) -> Result<()> {
        if self.accepted.borrow().contains(name) {
            return Ok(());
        }
        if self.whole.is_match(name) {
            let mut accepted = self.accepted.borrow_mut();
            if accepted.len() < REMEMBERED {
                accepted.insert(name.to_owned());
            }
            return Ok(());
        }
        let hint = match self.pattern.as_str() {
            Naming::EVENT_TYPES => "Name the aggregate and what happened to it, such as order.placed.",
            Naming::AGGREGATE_TYPES => "Use lower-case letters, digits and underscores, such as order.",
            _ => "Choose a name that matches, or change the convention of the store.",
        };
        let Self { subject, pattern, .. } = self;
        Err(Error::bad_input(format!(
            "the {subject} `{name}` is not named as this store wants it, which is `{pattern}`"
        ))
        .with_hint(format!("Nothing was written. {hint}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_convention_is_lower_case_and_dotted() {
        let convention = Convention::new("event type", Naming::EVENT_TYPES).unwrap();
        for name in ["order.placed", "order.line_added", "billing.invoice.paid", "a.b2"] {
            assert!(convention.check(name).is_ok(), "{name}");
        }
        for name in ["order", "Order.placed", "order.", ".placed", "order..placed", "order.2nd", "order.placed\n", ""] {
            let error = convention.check(name).unwrap_err();
            assert!(error.to_string().contains("event type") && error.hint().is_some(), "{error}");
        }
        assert!(Convention::new("aggregate type", Naming::AGGREGATE_TYPES).unwrap().check("order").is_ok());
    }

    #[test]
    fn a_convention_of_ones_own_is_held_against_the_whole_name() {
        let convention = Convention::new("event type", "[A-Z][a-z]+|x").unwrap();
        assert!(convention.check("Placed").is_ok() && convention.check("x").is_ok());
        assert!(convention.check("OrderPlaced").is_err() && convention.check("xPlaced").is_err());
        for wrong in ["(", "a)|(b", "\\"] {
            assert!(Convention::new("event type", wrong).is_err(), "{wrong}");
        }
    }
}
