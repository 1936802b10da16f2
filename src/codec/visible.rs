//! Text as it may be shown: what a terminal or a window would obey rather than show stands there as an escape.
//!
//! A stream's name with a line break tears a table apart, an escape sequence moves the cursor of a terminal, and an
//! override of the writing direction makes a text read as another one (<https://trojansource.codes>). Only what is shown
//! is changed so; what is copied, exported or compared is the text itself.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest text that is shown in one line, in characters.
pub const LINE: usize = 240;

/// Text of one line, with every control character and every override of the direction as an escape.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed)
}

/// Text of several lines: line breaks and tabulators are left.
#[must_use]
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |char| is_obeyed(char) && !matches!(char, '\n' | '\t'))
}

/// JSON text with the same meaning, in which none of these characters stands as itself; those below 32 never do.
#[must_use]
pub fn visible_json(json: &str) -> Cow<'_, str> {
    // Outside of its texts JSON has no such characters, and in them such an escape is the character.
    escaped(json, |char| is_obeyed(char) && char > '\u{1f}')
}

/// Whether a character does something rather than looks like something.
const fn is_obeyed(char: char) -> bool {
    matches!(char,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Separators of lines and paragraphs, and what embeds, overrides or isolates a direction.
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&is_escaped) else { return Cow::Borrowed(text) };
    let (clean, rest) = text.split_at_checked(first).unwrap_or(("", text));
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(clean);
    for char in rest.chars() {
        match char {
            _ if !is_escaped(char) => shown.push(char),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // Writing to a text cannot fail.
            _ => drop(write!(shown, "\\u{:04x}", u32::from(char))),
        }
    }
    Cow::Owned(shown)
}

/// A text in one line, at most `LINE` characters of it: line breaks and what else is not to be shown are escapes.
#[must_use]
pub fn one_line(text: &str) -> String {
    let beginning = text.char_indices().nth(LINE).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let shown = visible(beginning);
    match shown.char_indices().nth(LINE - 1) {
        Some((end, _)) if beginning.len() < text.len() || shown.chars().nth(LINE).is_some() => {
            format!("{}…", shown.get(..end).unwrap_or_default())
        }
        _ => shown.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_obeyed_is_an_escape() {
        assert_eq!(visible("a\nb\tc\r\u{1b}[31m"), "a\\nb\\tc\\r\\u001b[31m");
        assert_eq!(visible("user\u{202e}gpj.exe \u{2067}\u{9b}2J\u{7f}"), "user\\u202egpj.exe \\u2067\\u009b2J\\u007f");
        assert_eq!(visible_lines("a\n\tb\u{1b}"), "a\n\tb\\u001b");
        assert!(matches!(visible("Grüße, שלום, 你好 🎉 C:\\new"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn json_means_the_same_and_obeys_nothing(text: String) {
            let json = serde_json::Value::from(format!("{text}\u{202e}\u{85}"));
            let (line, shown) = (json.to_string(), visible_json(&json.to_string()).into_owned());
            prop_assert!(!shown.chars().any(is_obeyed), "{} {}", line, shown);
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
        }
    }
}
