//! Keeps what is read of each row within bounds: an expression that looks into a payload would read all of it, and one
//! of 100 MB takes a second and a gigabyte.

use super::schema::Table;

/// The most bytes of a payload that are read for a field inside it, where many rows are read to be glanced at.
pub(crate) const LOOKED_INTO: u64 = 4 << 20;

/// Words that are no names where they stand without quotes.
const KEYWORDS: &str = "all and as between by case cast collate distinct else end escape except exists from glob group \
    having in intersect is isnull join left like limit match not notnull null on or order regexp select then union when \
    where with";

/// The columns that an expression computes with and that a payload is read from: it looks into the payload. None for a
/// column as it stands. Where it has a query of its own, only names that are qualified are known to be of the row.
pub(crate) fn looked_into(sql: &str, payloads: &[&str], tables: &[Table]) -> Vec<String> {
    let words_of_it = words(sql);
    let asks = words_of_it.iter().any(|word| word.eq_ignore_ascii_case("select"));
    let is_column = |word: &&str| {
        let name = word.rsplit('.').next().unwrap_or_default().trim_matches(['"', '[', ']', '`']);
        let keyword = KEYWORDS.split_whitespace().any(|keyword| word.eq_ignore_ascii_case(keyword));
        !keyword && (!asks || word.contains('.')) && tables.iter().any(|table| table.column(name).is_some())
    };
    let mut shared: Vec<&str> = words_of_it.into_iter().filter(is_column).collect();
    shared.retain(|word| payloads.iter().any(|payload| words(payload).contains(word)));
    shared.sort_unstable();
    shared.dedup();
    if shared == [sql.trim_matches(['(', ')', ' '])] {
        return Vec::new();
    }
    shared.into_iter().map(str::to_owned).collect()
}

/// The expression; NULL where one of the columns has more than `most` bytes. SQLite knows the size of a stored value
/// without reading it (<https://sqlite.org/lang_corefunc.html#octet_length>).
pub(crate) fn unless_large(sql: &str, columns: &[String], most: u64) -> String {
    if columns.is_empty() {
        return sql.to_owned();
    }
    let large: Vec<String> =
        columns.iter().map(|column| format!("coalesce(octet_length({column}), 0) > {most}")).collect();
    format!("CASE WHEN {} THEN NULL ELSE ({sql}) END", large.join(" OR "))
}

/// An expression with what it looks into held against `most`.
pub(crate) fn within(sql: &str, payloads: &[&str], tables: &[Table], most: u64) -> String {
    unless_large(sql, &looked_into(sql, payloads, tables), most)
}

/// The names in an expression, with what they are qualified by; neither texts nor functions.
fn words(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(start) = rest.find(|letter: char| letter.is_alphabetic() || "_\"[`'".contains(letter)) {
        rest = rest.get(start..).unwrap_or_default();
        let end = name_end(rest);
        let (word, after) = rest.split_at(end);
        if !word.starts_with('\'') && !after.trim_start().starts_with('(') {
            found.push(word);
        }
        rest = after;
    }
    found
}

/// Where a text or a name with its qualifiers ends: at least one letter on.
fn name_end(sql: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = sql.get(end..).unwrap_or_default();
        let closing = match rest.chars().next() {
            Some('[') => Some(']'),
            Some(quote @ ('"' | '`' | '\'')) => Some(quote),
            _ => None,
        };
        end += match closing {
            Some(closing) => {
                let inside = rest.get(1..).unwrap_or_default();
                inside.find(closing).map_or(rest.len(), |at| at + 2)
            }
            None => rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len()),
        };
        match sql.get(end..) {
            Some(more) if more.starts_with('.') => end += 1,
            _ => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn guarded(sql: &str) -> String {
        let conn = Connection::open_in_memory().unwrap();
        super::super::functions::install(&conn).unwrap();
        conn.execute_batch(
            "CREATE TABLE log (n INTEGER PRIMARY KEY, kind TEXT, body TEXT, \"the data\" TEXT, \"case\" TEXT)",
        )
        .unwrap();
        let tables = super::super::schema::read(&conn).unwrap();
        let sql = within(sql, &["CASE WHEN n > 0 THEN body END", "e.body", "coalesce(\"the data\", '')"], &tables, 9);
        assert!(conn.prepare(&format!("SELECT {sql} FROM log AS e")).is_ok(), "{sql}");
        sql
    }

    #[test]
    fn what_looks_into_a_payload_is_guarded() {
        let large = |column: &str| format!("CASE WHEN coalesce(octet_length({column}), 0) > 9 THEN NULL ELSE ");
        for (sql, column) in [
            ("decoded(body) ->> '$.type'", "body"),
            ("coalesce(kind, decoded(e.body) ->> '$.type')", "e.body"),
            ("substr(\"the data\", 1, 3)", "\"the data\""),
            ("CASE kind WHEN 'a' THEN lower(body) END", "body"),
            ("(SELECT min(key) FROM json_each(e.body) WHERE n > 1)", "e.body"),
        ] {
            assert_eq!(guarded(sql), format!("{}({sql}) END", large(column)));
        }
    }

    #[test]
    fn what_does_not_is_left_alone() {
        for sql in [
            "kind",
            "body",
            "(e.body)",
            "(SELECT max(body) FROM log)",
            "kind || 'body'",
            "lower(kind)",
            "'it''s body'",
            "1",
        ] {
            assert_eq!(guarded(sql), sql);
        }
    }
}
