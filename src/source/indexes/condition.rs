//! Which rows a partial index has, as its statement says: SQLite tells that nowhere else.

/// What stands behind `WHERE` in the statement that made an index; `None` where there is nothing.
///
/// It is handed to SQLite again, with the index. Were it another condition than the index has, SQLite would not read the
/// rows from the index.
pub(super) fn of_index(ddl: &str) -> Option<&str> {
    let behind = behind_columns(ddl)?.trim_start();
    let (word, condition) = behind.split_at_checked("WHERE".len())?;
    let is_word = condition.starts_with(|char: char| !char.is_alphanumeric() && char != '_');
    (word.eq_ignore_ascii_case("WHERE") && is_word).then_some(condition)
}

/// What is behind the columns, which are the first thing in brackets that no name, text or comment holds.
fn behind_columns(ddl: &str) -> Option<&str> {
    let (mut rest, mut depth) = (ddl, 0_usize);
    loop {
        let (at, found) = rest.char_indices().find(|(_, char)| "'\"`[(-/)".contains(*char))?;
        let behind = rest.get(at + 1..)?;
        // A quote that stands twice is the end of one and the beginning of the next.
        rest = match found {
            '[' => behind_first(behind, "]")?,
            '-' if behind.starts_with('-') => behind_first(behind, "\n")?,
            '/' if behind.starts_with('*') => behind_first(behind.get(1..)?, "*/")?,
            '-' | '/' => behind,
            '(' => {
                depth += 1;
                behind
            }
            ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(behind);
                }
                behind
            }
            quote => behind_first(behind, quote.encode_utf8(&mut [0; 4]))?,
        };
    }
}

fn behind_first<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    text.split_once(end).map(|(_, behind)| behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_what_is_behind_the_columns() {
        for (ddl, condition) in [
            ("CREATE INDEX i ON t (a) WHERE a IS NOT NULL", Some(" a IS NOT NULL")),
            ("create index \"where (\" on [t)] ('a', (b + 1))\nwhere(b > ')')", Some("(b > ')')")),
            ("CREATE INDEX i -- of (\nON t /* ( */ (a DESC, b)WHERE b", Some(" b")),
            ("CREATE INDEX i ON t (\"a\"\"(\") WHERE a", Some(" a")),
            ("CREATE INDEX i ON t (a)", None),
            ("CREATE INDEX i ON t (a) WHEREVER", None),
            ("CREATE INDEX i ON t (a", None),
            ("CREATE INDEX i ON t) (a) WHERE a", None),
        ] {
            assert_eq!(of_index(ddl), condition, "{ddl}");
        }
    }
}
