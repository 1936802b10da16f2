//! A regular expression in a filter: `/refund(ed)?/`, or `/refund/i` in any case.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::escapes::without_escapes;
use crate::event::{Decoded, Payload, StorageClass};

/// A regular expression, in the syntax of the crate [`regex`](https://docs.rs/regex/latest/regex/#syntax).
#[derive(Clone, Debug)]
pub struct Regex {
    /// What stands between the slashes, as typed.
    text: String,
    any_case: bool,
    compiled: Arc<regex::bytes::Regex>,
}

impl Regex {
    /// Reads an expression.
    ///
    /// # Errors
    /// Why it is none, in a sentence without its full stop.
    pub fn new(text: &str, any_case: bool) -> Result<Self, String> {
        let built = regex::bytes::RegexBuilder::new(text).case_insensitive(any_case).build();
        match built {
            Ok(compiled) => Ok(Self { text: text.to_owned(), any_case, compiled: Arc::new(compiled) }),
            Err(regex::Error::CompiledTooBig(_)) => Err("this expression is too large".to_owned()),
            Err(error) => {
                // The last line says what, those before show where; a filter is a single line.
                let said = error.to_string();
                let last = said.lines().next_back().unwrap_or_default();
                Err(format!("this is no regular expression: {}", last.trim_start_matches("error: ")))
            }
        }
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix('/')?;
        let (inner, any_case) = match inner.strip_suffix("/i") {
            Some(inner) => (inner, true),
            None => (inner.strip_suffix('/')?, false),
        };
        Self::new(inner, any_case).ok()
    }

    /// Whether text that is stored matches, as it is or with its escapes replaced.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.compiled.is_match(text)
            || memchr::memchr(b'\\', text).is_some() && self.compiled.is_match(&without_escapes(text))
    }

    /// Whether a payload matches: what is stored where that is readable, else what it decodes to as JSON.
    pub(super) fn matches_payload(&self, payload: &Payload) -> bool {
        let readable = match payload.storage {
            StorageClass::Null => return false,
            StorageClass::Text | StorageClass::Integer | StorageClass::Real => true,
            StorageClass::Blob => std::str::from_utf8(&payload.raw).is_ok(),
        };
        if readable {
            return self.matches(&payload.raw);
        }
        match payload.decoded() {
            Decoded::Document { value, .. } => self.matches(value.to_string().as_bytes()),
            Decoded::Text(text) => self.matches(text.as_bytes()),
            Decoded::Missing | Decoded::Unread { .. } | Decoded::Opaque { .. } => false,
        }
    }
}

/// As it is typed, with its slashes.
impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{}", self.text, if self.any_case { "i" } else { "" })
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.any_case) == (&other.text, other.any_case)
    }
}

impl Eq for Regex {}

impl Hash for Regex {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.text, self.any_case).hash(state);
    }
}
