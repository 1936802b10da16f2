//! The naming convention: what names of event types and aggregate types have to look like in this file.
//!
//! The built-in ones are matched by hand. One's own are regular expressions, which few applications want and take long to
//! compile: they come with the feature `schemas`. Without it events are refused by a file that has such a convention.

#[cfg_attr(not(feature = "schemas"), path = "absent.rs")]
mod pattern;

use crate::error::{Error, Result};

use pattern::Pattern;

/// What the names in a store have to match. It is kept in the file and held against every event that is appended,
/// whichever program appends it; without one every name is as good as another.
///
/// A convention is a [regular expression](https://docs.rs/regex-lite/latest/regex_lite/#syntax) that the whole name has to match;
/// other ones than the built-in need the feature `schemas`. Events from before are not looked at.
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

/// A convention, ready to be held against names.
pub(super) struct Convention {
    /// What it is about: `event type` or `aggregate type`.
    subject: &'static str,
    pattern: String,
    matcher: Matcher,
}

enum Matcher {
    /// The built-in ones: at least so many segments with dots between them.
    Dotted(usize),
    Pattern(Pattern),
}

impl Convention {
    pub(super) fn new(subject: &'static str, pattern: &str) -> Result<Self> {
        let matcher = match pattern {
            Naming::EVENT_TYPES => Matcher::Dotted(2),
            Naming::AGGREGATE_TYPES => Matcher::Dotted(1),
            pattern => Matcher::Pattern(Pattern::new(subject, pattern)?),
        };
        Ok(Self { subject, pattern: pattern.to_owned(), matcher })
    }

    pub(super) fn check(&self, name: &str) -> Result<()> {
        let matches = match &self.matcher {
            Matcher::Dotted(least) => name.split('.').all(is_segment) && name.split('.').count() >= *least,
            Matcher::Pattern(pattern) => pattern.matches(name),
        };
        if matches {
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

fn is_segment(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_')
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

    #[cfg(feature = "schemas")]
    #[test]
    fn the_built_in_conventions_are_what_their_expressions_say() {
        let letters = ["a", "z9", "_", ".", "A", "0", "\n", "é"];
        let mut names = vec![String::new()];
        for _ in 0..4 {
            let longer = names.iter().flat_map(|name| letters.map(|letter| format!("{name}{letter}")));
            names = names.iter().cloned().chain(longer).collect();
            names.sort();
            names.dedup();
        }
        for built_in in [Naming::EVENT_TYPES, Naming::AGGREGATE_TYPES] {
            let (by_hand, pattern) =
                (Convention::new("name", built_in).unwrap(), Pattern::new("name", built_in).unwrap());
            for name in &names {
                assert_eq!(by_hand.check(name).is_ok(), pattern.matches(name), "{name:?}");
            }
        }
    }

    #[cfg(feature = "schemas")]
    #[test]
    fn a_convention_of_ones_own_is_held_against_the_whole_name() {
        let convention = Convention::new("event type", "[A-Z][a-z]+|x").unwrap();
        assert!(convention.check("Placed").is_ok() && convention.check("x").is_ok());
        assert!(convention.check("OrderPlaced").is_err() && convention.check("xPlaced").is_err());
        for wrong in ["(", "a)|(b", "\\"] {
            assert!(Convention::new("event type", wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(not(feature = "schemas"))]
    #[test]
    fn a_convention_that_cannot_be_matched_lets_nothing_through() {
        let error = Convention::new("event type", "[A-Z]+").map(drop).unwrap_err();
        assert_eq!(*error.kind(), crate::ErrorKind::Unsupported);
        assert!(error.hint().is_some_and(|hint| hint.contains("schemas")), "{error}");
    }
}
