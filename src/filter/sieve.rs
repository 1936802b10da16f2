//! Whether stored bytes can meet a condition at all, told without reading them as a document.
//!
//! A value at `data.total` can only be there where the bytes hold the key `"total"`, a colon and that value, at whatever
//! depth. Most rows are passed over by that; those that are not are read and decided by the condition itself. So a
//! sieve may let through what does not match, and never keeps back what does.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::check::{number_compares, text_compares, word_compares};
use super::escapes::without_escapes;
use super::path::Segment;
use super::search::Search;
use super::term::{Condition, Filter, Term};

/// Documents shorter than this are not worth it, and bytes as short may be a binary document that begins like JSON.
const SHORT: usize = 16;

/// What stored bytes must hold.
pub(crate) struct Sieve {
    key: Finder<'static>,
    condition: Condition,
}

/// A value as it stands in JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    /// A string without escapes.
    Text(&'a str),
    Number(&'a str),
    /// `true`, `false`, `null`.
    Word(&'a str),
    /// An object or a list.
    Container,
    /// Something that only a reader can tell.
    Unclear,
}

impl Sieve {
    /// The sieve of a condition; `None` for those that only reading can tell.
    pub(crate) fn of(condition: &Condition) -> Option<Self> {
        let (Condition::PathMatches { path, .. } | Condition::Compare { path, .. }) = condition else { return None };
        // What is inside a list stands behind no key of its own.
        let Some(Segment::Key(key)) = path.segments.last() else { return None };
        // A reader's own keys, for what JSON cannot hold, stand in no text.
        let plain = !key.starts_with('$') && key.chars().all(|char| !char.is_control() && !"\"\\/".contains(char));
        let key = Finder::new(format!("\"{key}\"").as_bytes()).into_owned();
        plain.then(|| Self { key, condition: condition.clone() })
    }

    /// The sieve of a condition as it is written in a filter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match Filter::parse(text).ok()?.terms.as_slice() {
            [Term { negated: false, condition }] => Self::of(condition),
            _ => None,
        }
    }

    /// Whether text that is stored may meet the condition. Only of JSON is it known.
    pub(crate) fn may_pass(&self, text: &[u8]) -> bool {
        self.admits(text) || text.len() < SHORT || !opens(text) || hides(text)
    }

    /// Whether bytes that are stored may meet the condition.
    pub(crate) fn bytes_may_pass(&self, bytes: &[u8]) -> bool {
        self.may_pass(bytes) || !is_json(bytes)
    }

    /// Whether the key is there with a value that meets the condition.
    fn admits(&self, text: &[u8]) -> bool {
        let mut rest = text;
        while let Some(at) = self.key.find(rest) {
            rest = rest.get(at + self.key.needle().len()..).unwrap_or_default();
            if let Some(value) = rest.trim_ascii_start().strip_prefix(b":")
                && self.admits_value(token(value.trim_ascii_start()))
            {
                return true;
            }
        }
        false
    }

    fn admits_value(&self, token: Token<'_>) -> bool {
        match (&self.condition, token) {
            // Numbers with an exponent are written in more than one way.
            (Condition::PathMatches { patterns, .. }, Token::Number(text)) => {
                text.contains(['e', 'E']) || patterns.iter().any(|pattern| pattern.matches(text))
            }
            (Condition::PathMatches { patterns, .. }, Token::Text(text) | Token::Word(text)) => {
                patterns.iter().any(|pattern| pattern.matches(text))
            }
            (Condition::PathMatches { patterns, .. }, Token::Container) => {
                patterns.iter().any(super::glob::Pattern::is_any)
            }
            (Condition::Compare { op, operand, .. }, Token::Text(text)) => text_compares(text, *op, operand),
            (Condition::Compare { op, operand, .. }, Token::Number(text)) => number_compares(text, *op, operand),
            (Condition::Compare { op, operand, .. }, Token::Word(text)) => word_compares(text, *op, operand),
            (Condition::Compare { .. }, Token::Container) => false,
            (_, _) => true,
        }
    }
}

/// Whether bytes, which may be anything, are JSON.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).ok().filter(|text| opens(text.as_bytes()));
    text.is_some_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}

/// Whether text begins as an object or a list of JSON does.
fn opens(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether keys may be written with escapes, or the values be wrapped by a library, so that they stand elsewhere.
fn hides(text: &[u8]) -> bool {
    has_numbers(text) || crate::codec::may_be_wrapped(text)
}

/// The value that JSON text begins with.
fn token(text: &[u8]) -> Token<'_> {
    let until = |end: fn(&u8) -> bool| {
        let length = text.iter().position(end).unwrap_or(text.len());
        text.get(..length).and_then(|token| std::str::from_utf8(token).ok())
    };
    match text.first() {
        Some(b'"') => string(text.get(1..).unwrap_or_default()),
        Some(b'{' | b'[') => Token::Container,
        Some(b'-' | b'0'..=b'9') => match until(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
        {
            Some(number) if number.len() < text.len() => Token::Number(number),
            _ => Token::Unclear,
        },
        _ => match until(|byte| !byte.is_ascii_lowercase()) {
            Some(word @ ("true" | "false" | "null")) => Token::Word(word),
            _ => Token::Unclear,
        },
    }
}

fn string(text: &[u8]) -> Token<'_> {
    let end = memchr::memchr2(b'"', b'\\', text);
    match end.and_then(|end| text.split_at_checked(end)) {
        Some((string, [b'"', ..])) => std::str::from_utf8(string).map_or(Token::Unclear, Token::Text),
        _ => Token::Unclear,
    }
}

/// A text that is looked for in payloads of JSON text, prepared once for all of them.
pub(crate) struct TextSieve {
    search: Search,
    /// Whether it is in what a reader puts in place of what JSON cannot hold, which stands in no text.
    in_mark: bool,
    /// Whether it has a character that JSON writes with a backslash and a letter or sign.
    is_escaped: bool,
}

impl TextSieve {
    pub(crate) fn new(needle: &[u8]) -> Self {
        const MARKS: [&str; 3] = ["$duplicates", "$float", "$deep"];
        Self {
            in_mark: MARKS.iter().any(|mark| super::check::contains(mark.as_bytes(), needle)),
            is_escaped: needle.iter().any(|byte| byte.is_ascii_control() || b"\"\\/".contains(byte)),
            search: Search::new(needle),
        }
    }

    /// The text.
    pub(crate) fn needle(&self) -> &[u8] {
        self.search.needle()
    }

    /// Whether a payload of JSON text holds it; `None` where only reading that tells.
    pub(crate) fn is_in(&self, text: &[u8]) -> Option<bool> {
        if self.search.is_in(text) {
            return Some(true);
        }
        if self.in_mark || !opens(text) {
            return None;
        }
        // Without a backslash nothing is escaped: what the document holds stands in the text as it is. And where a
        // backslash only stands for characters that are not looked for, what is looked for has none in it.
        let in_place = if self.is_escaped { memchr::memchr(b'\\', text).is_none() } else { !has_numbers(text) };
        if in_place || !self.search.is_in(&without_escapes(text)) { Some(false) } else { None }
    }
}

/// Whether characters may be written with their numbers, which may be any.
fn has_numbers(text: &[u8]) -> bool {
    static ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\\u"));
    // Most texts have no backslash at all, and one byte is found faster than two.
    let first = memchr::memchr(b'\\', text);
    first.and_then(|first| text.get(first..)).is_some_and(|rest| ESCAPE.find(rest).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passes(filter: &str, text: &str) -> bool {
        Sieve::parse(filter).unwrap().may_pass(text.as_bytes())
    }

    #[test]
    fn rows_without_the_value_are_passed_over() {
        let order = r#"{"total" : 12.50, "lines":[{"sku":"A-5","qty":3}], "note":"said \"total\": 99"}"#;
        assert!(passes("data.total>12", order) && !passes("data.total>99", order));
        assert!(passes("data.lines[0].sku:A-*", order) && !passes("data.lines[0].sku:B-*", order));
        assert!(passes("data.lines:*", order) && !passes("data.lines:x", order));
        assert!(!passes("data.missing:*", order));
        assert!(passes("data.a.total>12", order), "at whatever depth");
    }

    #[test]
    fn what_only_reading_tells_is_let_through() {
        for text in [
            r#"{"t\u006ftal": 100, "other": "long enough"}"#,
            r#"{"$type":"decimal","value":{"total":[100]}}"#,
            "not json, and long enough for it",
            "{\"total\":1}",
            r#"{"a": "long enough for all", "total":NaN}"#,
            r#"{"a": "long enough for all", "total":"\t1"}"#,
        ] {
            assert!(passes("data.total>99", text), "{text}");
        }
        let sieve = Sieve::parse("data.total>99").unwrap();
        assert!(sieve.bytes_may_pass(b"{not JSON at all, but bytes}"));
        assert!(!sieve.bytes_may_pass(br#"{"total": 10, "more": "text"}"#));
    }

    #[test]
    fn conditions_without_a_key_at_the_end_have_no_sieve() {
        for filter in ["data:x", "data.lines[0]:x", "type:x", "\"text\"", "-data.a:x", r#"data."a/b":x"#] {
            assert!(Sieve::parse(filter).is_none(), "{filter}");
        }
    }

    /// A text as a string of JSON, each of its characters escaped in one of the ways that there are.
    fn written(text: &str, ways: &[u8]) -> String {
        let escaped = text.chars().zip(ways.iter().cycle()).map(|(char, way)| match (char, way) {
            ('"' | '\\', 1..) | ('/', 1) => format!("\\{char}"),
            ('\n', 1..) => "\\n".to_owned(),
            ('"' | '\\' | '\n', _) | (_, 2) => format!("\\u{:04x}", u32::from(char)),
            _ => char.to_string(),
        });
        escaped.collect()
    }

    proptest! {
        #[test]
        fn a_text_is_never_denied_where_a_document_holds_it(
            needle in "[aAbn\"\\\\/\né]{1,3}",
            text in "[aAbn\"\\\\/\né]{0,12}",
            ways in prop::collection::vec(0_u8..3, 1..5)
        ) {
            let json = format!(r#"{{"key of it":"{}"}}"#, written(&text, &ways));
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(value["key of it"].as_str(), Some(text.as_str()));
            if super::super::check::contains(text.as_bytes(), needle.as_bytes()) {
                prop_assert_ne!(TextSieve::new(needle.as_bytes()).is_in(json.as_bytes()), Some(false), "{}", json);
            }
        }
    }

    #[test]
    fn texts_without_what_is_escaped_need_no_second_look() {
        let long = r#"{"note": "she said \"late\" and\nleft"}"#;
        for (needle, found) in [("left", Some(true)), ("late x", Some(false)), ("\"late\"", None), ("$float", None)] {
            assert_eq!(TextSieve::new(needle.as_bytes()).is_in(long.as_bytes()), found, "{needle}");
        }
        assert_eq!(TextSieve::new(b"e").is_in(br#"{"note": "caf\u00e9"}"#), Some(true));
        assert_eq!(TextSieve::new("é".as_bytes()).is_in(br#"{"note": "caf\u00e9"}"#), None);
    }
}
