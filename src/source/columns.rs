//! What a person can choose a field from: the columns of a table or a join, each with a value that stands in it; and
//! what else in the file could be events.

use super::Source;
use super::value::Stored;
use crate::error::Result;
use crate::profile::schema::{Table, find, quoted};
use crate::profile::{self, Detection};

/// How many rows are read for a value to show.
const ROWS: usize = 5;
/// How much of a value is read, in characters or bytes.
const LONGEST: usize = 80;
/// What follows a table's name in a join without being its other name.
const KEYWORDS: [&str; 12] =
    ["on", "using", "join", "left", "right", "full", "inner", "outer", "cross", "natural", "where", "indexed"];
/// What is no column's name where it stands alone.
const VALUES: [&str; 7] = ["null", "true", "false", "current_time", "current_date", "current_timestamp", "default"];

/// A column, and a value that stands in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSample {
    /// The expression for it, such as `stream_id` or `e."odd name"`.
    pub sql: String,
    /// The declared type, as written.
    pub declared_type: String,
    /// The first value that is not NULL, cut where it is long; NULL where the first rows hold none.
    pub sample: Stored,
}

impl Source {
    /// The tables and views with their columns, as SQLite describes them.
    #[must_use]
    pub fn schema(&self) -> &[Table] {
        &self.shared.tables
    }

    /// The tables that look like events, whatever profile the file is read through, best first.
    pub fn guesses(&self) -> Result<Vec<Detection>> {
        profile::infer(&self.conn)
    }

    /// One table as events; see [`profile::infer_table`].
    pub fn guess_of(&self, table: &str) -> Result<Option<Detection>> {
        profile::infer_table(&self.conn, table)
    }

    /// The columns of what stands after `FROM`: a table, or a join of several. Empty for what SQLite does not accept.
    pub fn columns_of(&self, from: &str) -> Result<Vec<ColumnSample>> {
        let relations = relations(from, &self.shared.tables);
        let several = relations.len() > 1;
        let mut columns = Vec::new();
        for (name, table) in &relations {
            let prefix = if several { format!("{}.", plain_or_quoted(name)) } else { String::new() };
            for column in &table.columns {
                let sql = format!("{prefix}{}", plain_or_quoted(&column.name));
                columns.push((sql, column.declared_type.clone()));
            }
            if !table.without_rowid && table.rowid_alias().is_none() && table.column("rowid").is_none() {
                columns.push((format!("{prefix}rowid"), "INTEGER".to_owned()));
            }
        }
        columns.retain(|(sql, _)| self.conn.prepare(&format!("SELECT {sql} FROM {from}")).is_ok());
        self.with_samples(from, columns)
    }

    fn with_samples(&self, from: &str, columns: Vec<(String, String)>) -> Result<Vec<ColumnSample>> {
        let mut columns: Vec<ColumnSample> = columns
            .into_iter()
            .map(|(sql, declared_type)| ColumnSample { sql, declared_type, sample: Stored::Null })
            .collect();
        if columns.is_empty() {
            return Ok(columns);
        }
        let beginnings: Vec<String> =
            columns.iter().map(|column| format!("substr({}, 1, {LONGEST})", column.sql)).collect();
        let sql = format!("SELECT {} FROM {from} LIMIT {ROWS}", beginnings.join(", "));
        let mut statement = self.conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for (index, column) in columns.iter_mut().enumerate() {
                if column.sample.is_null() {
                    column.sample = Stored::from(row.get_ref(index)?);
                }
            }
        }
        Ok(columns)
    }
}

/// The tables that stand in a `FROM` clause, each with the name that it has there. What is in parentheses is not looked
/// into: the columns of a subquery are for a person to name.
fn relations<'a>(from: &str, tables: &'a [Table]) -> Vec<(String, &'a Table)> {
    let words = words(from);
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let Some(table) = find(tables, word) else { continue };
        let at = |offset: usize| words.get(index + offset).map(String::as_str);
        let before = index.checked_sub(1).and_then(|before| words.get(before)).map(|word| word.to_lowercase());
        let starts = before.is_none_or(|before| before == "join" || before == ",");
        if !starts {
            continue;
        }
        let other = match at(1) {
            Some(word) if word.eq_ignore_ascii_case("as") => at(2),
            next => next,
        };
        let other = other.filter(|word| *word != "," && !KEYWORDS.contains(&word.to_lowercase().as_str()));
        found.push((other.unwrap_or(&table.name).to_owned(), table));
    }
    found
}

/// The names, keywords and commas of a clause outside parentheses; quotation marks are taken off.
fn words(from: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut depth = 0_usize;
    let mut letters = from.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '"' | '`' | '[' => {
                let end = if letter == '[' { ']' } else { letter };
                let mut word = String::new();
                while let Some(letter) = letters.next() {
                    // Twice the same mark is one in the name.
                    if letter == end && (end == ']' || letters.next_if_eq(&end).is_none()) {
                        break;
                    }
                    word.push(letter);
                }
                if depth == 0 {
                    words.push(word);
                }
            }
            ',' if depth == 0 => words.push(",".to_owned()),
            letter if letter.is_alphanumeric() || letter == '_' => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| next.is_alphanumeric() || "_$".contains(*next)) {
                    word.push(next);
                }
                if depth == 0 {
                    words.push(word);
                }
            }
            _ => {}
        }
    }
    words
}

/// A name as it is, where that is an identifier; else in double quotes.
fn plain_or_quoted(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
    let plain = first && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let word = name.to_ascii_lowercase();
    if plain && !VALUES.contains(&word.as_str()) && !RESERVED.contains(&word.as_str()) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// The keywords that SQLite does not take for a name (<https://www.sqlite.org/lang_keywords.html>).
const RESERVED: [&str; 60] = [
    "add",
    "all",
    "alter",
    "and",
    "as",
    "autoincrement",
    "between",
    "case",
    "check",
    "collate",
    "commit",
    "constraint",
    "create",
    "cross",
    "deferrable",
    "delete",
    "distinct",
    "drop",
    "else",
    "escape",
    "except",
    "exists",
    "foreign",
    "from",
    "full",
    "group",
    "having",
    "in",
    "index",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "left",
    "limit",
    "natural",
    "not",
    "notnull",
    "on",
    "or",
    "order",
    "outer",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "set",
    "table",
    "then",
    "to",
    "transaction",
    "union",
    "unique",
    "update",
    "using",
    "values",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::OpenOptions;

    fn source(ddl: &str) -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(ddl).unwrap();
        let source = Source::open(&path, &OpenOptions::default()).unwrap();
        (folder, source)
    }

    fn names(columns: &[ColumnSample]) -> Vec<&str> {
        columns.iter().map(|column| column.sql.as_str()).collect()
    }

    #[test]
    fn a_tables_columns_come_with_their_first_values() {
        let (_folder, source) = source(
            "CREATE TABLE log (\"order\" TEXT, \"odd name\" TEXT, body BLOB);
             INSERT INTO log VALUES (NULL, 'x', x'00ff'), ('first', 'y', x'01');",
        );
        let columns = source.columns_of("log").unwrap();
        assert_eq!(names(&columns), ["\"order\"", "\"odd name\"", "body", "rowid"]);
        let samples: Vec<String> = columns.iter().map(|column| column.sample.to_string()).collect();
        assert_eq!(samples, ["first", "x", "X'00FF'", "1"]);
    }

    #[test]
    fn the_columns_of_a_join_carry_the_names_that_its_tables_have_there() {
        let (_folder, source) = source(
            "CREATE TABLE log (n INTEGER PRIMARY KEY, kind_id INT);
             CREATE TABLE kinds (id INTEGER PRIMARY KEY, name TEXT);
             CREATE TABLE nums (id INTEGER PRIMARY KEY);",
        );
        let join = "log AS l LEFT JOIN \"kinds\" k ON k.id = l.kind_id";
        assert_eq!(names(&source.columns_of(join).unwrap()), ["l.n", "l.kind_id", "k.id", "k.name"]);
        let plain = "log JOIN kinds ON kinds.id = log.kind_id, (SELECT max(id) AS m FROM nums)";
        assert_eq!(names(&source.columns_of(plain).unwrap()), ["log.n", "log.kind_id", "kinds.id", "kinds.name"]);
        assert!(source.columns_of("nowhere").unwrap().is_empty());
    }
}
