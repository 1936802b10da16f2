//! Texts as TOML writes them.

use std::fmt::Write as _;

/// A basic string of TOML.
pub(crate) fn basic(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                // Writing to a text cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A string of TOML in which jq reads as it is written, where that can be.
pub(crate) fn literal(text: &str) -> String {
    let odd = text.contains("'''") || text.chars().any(|letter| letter.is_control() && letter != '\n');
    if odd || text.ends_with('\'') {
        return basic(text);
    }
    if text.contains(['\n', '\'']) { format!("'''\n{text}\n'''") } else { format!("'{text}'") }
}
