//! A convention of one's own: a regular expression.

use std::cell::RefCell;
use std::collections::HashSet;

use regex_lite::Regex;

use crate::error::{Error, Result};

/// How many names that were accepted are remembered. Few stores have more event types, and matching costs more than
/// looking up: `regex-lite` is small rather than fast.
const REMEMBERED: usize = 256;

/// An expression that whole names have to match.
pub(super) struct Pattern {
    whole: Regex,
    accepted: RefCell<HashSet<String>>,
}

impl Pattern {
    pub(super) fn new(subject: &str, pattern: &str) -> Result<Self> {
        // On its own first: `a)|(b` would be none, but as a part of the whole it would be one.
        let whole = Regex::new(pattern).and_then(|_| Regex::new(&format!(r"\A(?:{pattern})\z")));
        let whole = whole.map_err(|error| {
            Error::bad_input(format!("`{pattern}` is no regular expression for {subject}s: {error}"))
                .with_hint("https://docs.rs/regex-lite/latest/regex_lite/#syntax describes them.")
                .with_source(error)
        })?;
        Ok(Self { whole, accepted: RefCell::default() })
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        if self.accepted.borrow().contains(name) {
            return true;
        }
        let matches = self.whole.is_match(name);
        let mut accepted = self.accepted.borrow_mut();
        if matches && accepted.len() < REMEMBERED {
            accepted.insert(name.to_owned());
        }
        matches
    }
}
