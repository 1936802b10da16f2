//! Whether an expression can be a field: SQLite accepts it, and it has one value for each row.

use rusqlite::Connection;

use super::quotes;

/// Why an expression cannot be computed from each row of what stands after `FROM`; `None` where it can. Nothing is run.
///
/// A condition admits neither aggregates nor windows. In a list of results `count(*)` would make one row of all of them,
/// and a window would count the rows of a page.
#[must_use]
pub fn refusal(conn: &Connection, from: &str, sql: &str) -> Option<String> {
    let words = quotes::refusal(conn, &format!("SELECT 1 FROM {from} WHERE ({sql})"))?;
    Some(of_many_rows(&words).unwrap_or(words))
}

/// SQLite's `misuse of aggregate: COUNT()` in words that say what to do.
fn of_many_rows(words: &str) -> Option<String> {
    let misused = words.strip_prefix("misuse of ")?;
    let name = misused.rsplit([' ', ':']).next().filter(|name| name.ends_with("()"))?.to_lowercase();
    Some(format!(
        "{name} is computed from many rows, and a field has a value for each row. In a query of its own, such as \
         (SELECT {name} …), it can be used"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_value_for_each_row_is_accepted_and_an_aggregate_is_not() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE log (n INTEGER PRIMARY KEY, kind TEXT)").unwrap();
        for fine in ["kind", "n + 1", "max(n, 2)", "(SELECT count(*) FROM log AS l WHERE l.n <= log.n)", "'x'", "NULL"]
        {
            assert_eq!(refusal(&conn, "log", fine), None, "{fine}");
        }
        for (sql, name) in [
            ("count(*)", "count()"),
            ("max(n)", "max()"),
            ("1 + sum(n)", "sum()"),
            ("group_concat(kind)", "group_concat()"),
            ("row_number() OVER ()", "row_number()"),
            ("count(*) OVER (PARTITION BY kind)", "count()"),
        ] {
            let words = refusal(&conn, "log", sql).unwrap_or_else(|| panic!("{sql}"));
            assert!(words.starts_with(&format!("{name} is computed from many rows")), "{sql}: {words}");
        }
        assert_eq!(refusal(&conn, "log", "elsewhere").as_deref(), Some("no such column: elsewhere"));
    }
}
