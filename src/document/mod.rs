//! Documents that are not JSON text, as JSON and back: what the store and the profiles have in common.
//!
//! The store writes and reads MessagePack, and so do profiles; both must read the same bytes as the same document, and so
//! the reader lies beneath them, with the [marks] for what JSON lacks.

pub mod marks;
pub(crate) mod messagepack;

use serde_json::{Number, Value};

/// Whether JSON text names a key twice in one object, so that `document`, which was read from it, says less.
pub(crate) fn repeats_a_key(text: &[u8], document: &Value) -> bool {
    let keys = keys(document);
    // All its colons are counted in no time, and most often none of them is in a text.
    memchr::memchr_iter(b':', text).count() != keys && colons(text) != keys
}

/// Whether JSON text is nested deeper than can be read again.
pub(crate) fn is_too_deep(text: &[u8]) -> bool {
    // Most documents have fewer brackets in all, which is known much sooner.
    let brackets = memchr::memchr2_iter(b'[', b'{', text).count();
    brackets > marks::MAX_DEPTH && is_deep(text)
}

fn is_deep(text: &[u8]) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > marks::MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The first number in JSON text that, read into 64 bits and written again, would be another text.
///
/// A [`Value`] does not tell: unless `serde_json` has its feature `arbitrary_precision`, it has lost the digits already.
pub(crate) fn inexact_number(json: &str) -> Option<&str> {
    let mut rest = json;
    while let Some(start) = rest.find(|letter: char| matches!(letter, '"' | '-' | '0'..='9')) {
        let token = rest.get(start..)?;
        let length = if token.starts_with('"') { quoted_length(token) } else { number_length(token) };
        let (token, behind) = token.split_at_checked(length)?;
        if !token.starts_with('"') && !is_exact(token) {
            return Some(token);
        }
        rest = behind;
    }
    None
}

/// The bytes of the string that a text begins with, both quotes included.
fn quoted_length(text: &str) -> usize {
    let mut escaped = true;
    let end = text.bytes().position(|byte| match byte {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => byte == b'"',
    });
    end.map_or(text.len(), |end| end + 1)
}

fn number_length(text: &str) -> usize {
    let in_number = |byte: u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    text.bytes().position(|byte| !in_number(byte)).unwrap_or(text.len())
}

fn is_exact(number: &str) -> bool {
    let integer = number.parse::<i64>().is_ok_and(|held| held.to_string() == number)
        || number.parse::<u64>().is_ok_and(|held| held.to_string() == number);
    let float = || number.parse().ok().and_then(Number::from_f64).is_some_and(|held| held.to_string() == number);
    integer || float()
}

/// How many keys a value has, to any depth.
fn keys(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(|value| 1 + keys(value)).sum(),
        Value::Array(items) => items.iter().map(keys).sum(),
        _ => 0,
    }
}

/// How many colons JSON has outside of its texts: one for each key.
fn colons(text: &[u8]) -> usize {
    let (mut count, mut quoted, mut escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'"' => quoted = !quoted,
            b'\\' => escaped = true,
            b':' if !quoted => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_in_texts_are_no_keys() {
        let text = br#"{"a:":"12:04:01","b\"::":[{"c":":"},{}]}"#;
        assert_eq!((colons(text), keys(&serde_json::from_slice(text).unwrap())), (3, 3));
        for (text, repeats) in [(r#"{"a":1,"a":2}"#, true), (r#"{"a":[{"b":":","c":2}]}"#, false), ("7", false)] {
            assert_eq!(repeats_a_key(text.as_bytes(), &serde_json::from_str(text).unwrap()), repeats, "{text}");
        }
    }

    #[test]
    fn a_number_that_64_bits_do_not_hold_is_found_wherever_it_stands() {
        for exact in [r#"{"a\"8.00": [-1, 0.5, 18446744073709551615, "8.00 \\"], "b": 8.0}"#, "[]", "\"1e2\"", "-7"] {
            assert_eq!(inexact_number(exact), None, "{exact}");
        }
        for (text, number) in [
            ("8.00", "8.00"),
            (r#"{"a": [1, {"b": 123456789012345678901234567890}]}"#, "123456789012345678901234567890"),
            (r#"["\\", -0]"#, "-0"),
            ("[1.0,1E2]", "1E2"),
        ] {
            assert_eq!(inexact_number(text), Some(number), "{text}");
        }
    }

    #[test]
    fn brackets_in_texts_are_no_depth() {
        let deep = |levels| format!("{}\"[[\\\"{{\"{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!is_too_deep(deep(marks::MAX_DEPTH).as_bytes()));
        assert!(is_too_deep(deep(marks::MAX_DEPTH + 1).as_bytes()));
        assert!(!is_too_deep("[]".repeat(999).as_bytes()));
    }
}
