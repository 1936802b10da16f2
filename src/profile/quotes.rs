//! Holds SQLite to names in double quotes being names.
//!
//! By default one that no column bears is a text to SQLite
//! (<https://www.sqlite.org/quirks.html#double_quoted_string_literals_are_accepted>): a profile that was written for
//! another version of a library would show the name of the missing column in every row, and no error.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error as SqlError};

/// What SQLite adds to its words about such a name.
const ADVICE: &str = " - should this be a string literal in single-quotes?";

/// From now on a name in double quotes that is no column is an error on this connection; unless a view or a trigger
/// that the file stores was written with such texts, and could not be run any more.
///
/// Tables and indexes that were made with such texts are read as they were meant either way: SQLite always takes what a
/// schema stores, and `SQLITE_DBCONFIG_DQS_DDL` is about statements that make new ones.
///
/// # Errors
/// Those of SQLite, where it cannot read the schema.
pub fn hold(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    let refused: Vec<String> = stored(conn)?.into_iter().filter(|sql| conn.prepare(sql).is_err()).collect();
    if !refused.is_empty() {
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
        // One that fails anyhow, such as a view of a table that is gone, is no reason.
        let helps = refused.iter().any(|sql| conn.prepare(sql).is_ok());
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, helps)?;
    }
    Ok(())
}

/// Why SQLite does not accept a statement in which names in double quotes are names, in its words; `None` where it
/// does. Nothing is run.
#[must_use]
pub fn refusal(conn: &Connection, sql: &str) -> Option<String> {
    if let Err(error) = conn.prepare(sql) {
        return Some(words(&error));
    }
    // Where the file's own views need texts in double quotes, names in brackets are still names.
    let lenient = conn.db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML).unwrap_or(true);
    let words = words(&conn.prepare(&lenient.then(|| in_brackets(sql)).flatten()?).err()?);
    words.starts_with("no such column").then(|| format!("{words}. A text stands in single quotes"))
}

/// What SQLite said, without the statement that it said it of.
#[must_use]
pub fn words(error: &SqlError) -> String {
    match error {
        SqlError::SqlInputError { msg, .. } | SqlError::SqliteFailure(_, Some(msg)) => {
            msg.replace(ADVICE, ". A text stands in single quotes")
        }
        other => other.to_string(),
    }
}

/// Statements that SQLite accepts only if it accepts the views and triggers of the file.
fn stored(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare(
        "SELECT format('SELECT 1 FROM main.\"%w\"', name) FROM main.sqlite_schema WHERE type = 'view'
         UNION ALL
         SELECT format(kind.sql, tbl_name, (SELECT group_concat(format('\"%w\" = \"%w\"', name, name), ', ')
                                            FROM pragma_table_xinfo(tbl_name) WHERE hidden = 0))
         FROM (SELECT DISTINCT tbl_name FROM main.sqlite_schema WHERE type = 'trigger'),
              (SELECT 'INSERT INTO main.\"%w\" DEFAULT VALUES' AS sql
               UNION ALL SELECT 'DELETE FROM main.\"%w\"'
               UNION ALL SELECT 'UPDATE main.\"%w\" SET %s') AS kind",
    )?;
    statement.query_map([], |row| row.get::<_, Option<String>>(0))?.filter_map(Result::transpose).collect()
}

/// The statement with its names in brackets instead of double quotes, so that none is taken for a text; `None` where
/// that changes nothing or cannot be done.
fn in_brackets(sql: &str) -> Option<String> {
    let mut changed = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at(at);
        let quote = quoted.chars().next()?;
        let (inside, after) = quoted.get(1..)?.split_once(quote)?;
        changed.push_str(before);
        if quote == '\'' {
            changed.extend(["'", inside, "'"]);
        } else {
            if inside.contains(']') || after.starts_with('"') {
                return None;
            }
            changed.extend(["[", inside, "]"]);
        }
        rest = after;
    }
    changed.push_str(rest);
    (changed != sql).then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(ddl: &str) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x');").unwrap();
        conn.execute_batch(ddl).unwrap();
        hold(&conn).unwrap();
        conn
    }

    fn texts_pass(conn: &Connection) -> bool {
        conn.prepare("SELECT \"missing\" FROM t").is_ok()
    }

    #[test]
    fn names_in_double_quotes_are_put_into_brackets_and_texts_are_left() {
        assert_eq!(in_brackets("\"a b\" || 'x\"y' || c").as_deref(), Some("[a b] || 'x\"y' || c"));
        assert_eq!(in_brackets("it's"), None);
        assert_eq!(in_brackets("a || 'b'"), None);
        assert_eq!(in_brackets("\"a]b\""), None);
    }

    #[test]
    fn a_name_that_is_no_column_is_refused_and_a_column_is_not() {
        let conn = held("");
        assert!(!texts_pass(&conn));
        assert_eq!(refusal(&conn, "SELECT (\"a\") FROM \"t\""), None);
        let words = refusal(&conn, "SELECT (\"missing\") FROM t").unwrap();
        assert_eq!(words, "no such column: \"missing\". A text stands in single quotes");
    }

    #[test]
    fn what_a_schema_stores_is_read_as_it_was_meant() {
        let conn = held(
            "CREATE TABLE odd (a TEXT CHECK (a <> \"never\"), b TEXT AS (a || \"!\"));
             CREATE INDEX part ON odd (a) WHERE a = \"x\";
             INSERT INTO odd (a) VALUES ('x');",
        );
        assert!(!texts_pass(&conn), "no reason to take texts in double quotes");
        assert_eq!(conn.query_row("SELECT b FROM odd", [], |row| row.get::<_, String>(0)).unwrap(), "x!");
        assert_eq!(conn.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
    }

    #[test]
    fn a_view_or_trigger_that_needs_texts_in_double_quotes_keeps_them_and_checks_still_find_missing_columns() {
        for ddl in [
            "CREATE VIEW v AS SELECT a, \"text\" AS kind FROM t",
            "CREATE TRIGGER g AFTER UPDATE OF a ON t BEGIN INSERT INTO t VALUES (\"text\"); END",
            "CREATE VIEW w AS SELECT a FROM t;
             CREATE TRIGGER g INSTEAD OF DELETE ON w BEGIN DELETE FROM t WHERE a = \"text\"; END",
        ] {
            let conn = held(ddl);
            assert!(texts_pass(&conn), "{ddl}");
            assert_eq!(refusal(&conn, "SELECT (\"a\") FROM \"t\""), None);
            let words = refusal(&conn, "SELECT (\"missing\") FROM t").unwrap();
            assert!(words.starts_with("no such column: missing"), "{words}");
        }
        let conn = held("CREATE VIEW v AS SELECT a, \"text\" AS kind FROM t");
        assert_eq!(conn.query_row("SELECT kind FROM v", [], |row| row.get::<_, String>(0)).unwrap(), "text");
        assert_eq!(refusal(&conn, "SELECT (\"kind\") FROM v"), None);
        assert!(refusal(&conn, "SELECT (\"kin\") FROM v").is_some());
    }

    #[test]
    fn a_view_that_is_broken_anyhow_is_no_reason() {
        let conn = held("CREATE VIEW v AS SELECT a, \"text\" FROM nowhere");
        assert!(!texts_pass(&conn));
    }
}
