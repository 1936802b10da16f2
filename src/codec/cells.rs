//! Texts as cells of tables and values of SQL.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A cell of CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it, unless it is a
/// number (<https://owasp.org/www-community/attacks/CSV_Injection>).
#[must_use]
pub fn csv(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let is_plain = !text.contains([',', '"', '\n', '\r']);
    match (is_formula, is_plain) {
        (false, true) => Cow::Borrowed(text),
        (true, true) => Cow::Owned(format!("'{text}")),
        (formula, false) => {
            let sign = if formula { "'" } else { "" };
            Cow::Owned(format!("\"{sign}{}\"", text.replace('"', "\"\"")))
        }
    }
}

/// A cell of a table in Markdown: on one line, with nothing in it that is markup.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '#' | '!' => out.extend(['\\', letter]),
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

/// A text as SQL of SQLite; a text literal ends at a NUL, so one with such is written by its bytes.
#[must_use]
pub fn sql(text: Option<&str>) -> Cow<'static, str> {
    let Some(text) = text else { return Cow::Borrowed("NULL") };
    if !text.contains('\0') {
        return Cow::Owned(format!("'{}'", text.replace('\'', "''")));
    }
    let bytes = text.bytes().fold(String::new(), |mut out, byte| {
        // Writing to a text cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    });
    Cow::Owned(format!("CAST(x'{bytes}' AS TEXT)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(csv("=1+2"), "'=1+2");
        assert_eq!(csv("@SUM(A1,B2)"), "\"'@SUM(A1,B2)\"");
        assert_eq!([csv("-5"), csv("+1.5e3"), csv("-a"), csv("a-b")], ["-5", "+1.5e3", "'-a", "a-b"]);
        assert_eq!(csv("say \"hi\"\nthere"), "\"say \"\"hi\"\"\nthere\"");
    }

    #[test]
    fn markdown_holds_no_markup_and_sql_no_end_of_its_text() {
        assert_eq!(markdown("a|b\n<i>*x*"), "a\\|b &lt;i&gt;\\*x\\*");
        assert_eq!([sql(Some("it's")), sql(None)], ["'it''s'", "NULL"]);
        assert_eq!(sql(Some("a\0")), "CAST(x'6100' AS TEXT)");
    }
}
