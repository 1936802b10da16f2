//! The tables that rows are gathered in: those of the files without their constraints, which hold for each file alone.

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::Result;
use crate::profile::schema::{Column, Table, quoted};

use super::FILE;
use super::shard::row_name;

/// What ends a type in a column's definition. SQLite takes it for a part of the type where it stands in quotation marks.
const CONSTRAINTS: [&str; 11] =
    ["AS", "CHECK", "COLLATE", "CONSTRAINT", "DEFAULT", "GENERATED", "KEY", "NOT", "PRIMARY", "REFERENCES", "UNIQUE"];

/// A table that rows of several files come together in.
#[derive(Clone, Debug)]
pub(super) struct Gatherer {
    name: String,
    columns: Vec<Column>,
    /// The column that says from which file a row came.
    file: String,
    /// The name of the row's number.
    pub(super) row: &'static str,
    indexes: Vec<Vec<String>>,
}

impl Gatherer {
    /// Makes the table, after that of one of the files.
    pub(super) fn new(conn: &Connection, like: &Table) -> Result<Self> {
        let mut file = FILE.to_owned();
        while like.column(&file).is_some() {
            file.insert(0, '_');
        }
        let columns = like.columns.clone();
        let definitions = columns.iter().map(|column| definition(column, like.strict));
        let definitions: Vec<String> = definitions.chain([format!("{} TEXT", quoted(&file))]).collect();
        conn.execute_batch(&format!("CREATE TABLE {} ({})", quoted(&like.name), definitions.join(", ")))?;
        let indexes = like.indexes.iter().filter(|index| !index.partial);
        let indexes = indexes.filter_map(|index| index.columns.iter().cloned().collect()).collect();
        Ok(Self { name: like.name.clone(), columns, file, row: row_name(like).unwrap_or("rowid"), indexes })
    }

    /// Gives it the columns that it lacks and this one has: libraries add some from version to version.
    pub(super) fn widen(&mut self, conn: &Connection, other: &Table) -> Result<()> {
        for column in &other.columns {
            let is_known = self.columns.iter().any(|known| known.name.eq_ignore_ascii_case(&column.name));
            if is_known || column.name.eq_ignore_ascii_case(self.row) || column.name.eq_ignore_ascii_case(&self.file) {
                continue;
            }
            let definition = definition(column, other.strict);
            conn.execute_batch(&format!("ALTER TABLE {} ADD COLUMN {definition}", quoted(&self.name)))?;
            self.columns.push(column.clone());
        }
        Ok(())
    }

    /// The number of the last row; 0 where there is none.
    pub(super) fn last(&self, conn: &Connection) -> Result<i64> {
        let sql = format!("SELECT coalesce(max({}), 0) FROM {}", self.row, quoted(&self.name));
        Ok(conn.query_row(&sql, [], |row| row.get(0))?)
    }

    /// The statement that adds a row: its number, the values of `columns`, and the file.
    pub(super) fn insert(&self, columns: &[String]) -> String {
        let names = [self.row.to_owned()].into_iter().chain(columns.iter().cloned()).chain([quoted(&self.file)]);
        let names: Vec<String> = names.collect();
        let values: Vec<String> = (1..=names.len()).map(|number| format!("?{number}")).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", quoted(&self.name), names.join(", "), values.join(", "))
    }

    /// The columns that both have, as identifiers.
    pub(super) fn common(&self, other: &Table) -> Vec<String> {
        let known = self.columns.iter().filter(|column| other.column(&column.name).is_some());
        known.map(|column| quoted(&column.name)).collect()
    }

    /// Makes the indexes that the files have, none of them unique: a file's keys are unique in that file.
    pub(super) fn index(&self, conn: &Connection) -> Result<()> {
        for (number, columns) in self.indexes.iter().enumerate() {
            let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            let name = quoted(&format!("{} {}", self.name, number + 1));
            conn.execute_batch(&format!("CREATE INDEX {name} ON {} ({})", quoted(&self.name), columns.join(", ")))?;
        }
        Ok(())
    }
}

/// Puts a table in the place of one of the same name, with all of its rows; how many those are.
pub(super) fn replace(from: &Connection, table: &Table, to: &Connection) -> Result<usize> {
    let name = quoted(&table.name);
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let definitions: Vec<String> = table.columns.iter().map(|column| definition(column, table.strict)).collect();
    // Emptied rather than made anew: the tables themselves stay what they were.
    to.execute_batch(&format!("CREATE TABLE IF NOT EXISTS {name} ({}); DELETE FROM {name};", definitions.join(", ")))?;
    let values = vec!["?"; names.len()].join(", ");
    let mut insert = to.prepare(&format!("INSERT INTO {name} ({}) VALUES ({values})", names.join(", ")))?;
    let mut select = from.prepare(&format!("SELECT {} FROM {name}", names.join(", ")))?;
    let (mut rows, mut count) = (select.query([])?, 0);
    while let Some(row) = rows.next()? {
        for at in 0..names.len() {
            insert.raw_bind_parameter(at + 1, as_it_is(row.get_ref(at)?))?;
        }
        insert.raw_execute()?;
        count += 1;
    }
    Ok(count)
}

/// A value with its bytes as they are stored, also where they are no valid text.
pub(super) fn as_it_is(value: ValueRef<'_>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(value)
}

/// A column with its type and nothing else. `ANY` means something else outside a strict table.
fn definition(column: &Column, strict: bool) -> String {
    let declared = column.declared_type.trim();
    let is_plain = declared.chars().all(|c| c.is_ascii_alphanumeric() || " _(),".contains(c))
        && declared.split_whitespace().all(|word| !CONSTRAINTS.iter().any(|other| word.eq_ignore_ascii_case(other)))
        && !(strict && declared.eq_ignore_ascii_case("ANY"));
    let declared = if is_plain { declared } else { "" };
    format!("{} {declared}", quoted(&column.name)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::schema;

    #[test]
    fn values_come_over_as_they_are_stored_and_keys_may_repeat() {
        let from = Connection::open_in_memory().unwrap();
        from.execute_batch(
            "CREATE TABLE odd (id INTEGER PRIMARY KEY, \"group\" TEXT UNIQUE NOT NULL, file \"x PRIMARY KEY\") STRICT;",
        )
        .unwrap_err();
        from.execute_batch(
            "CREATE TABLE odd (id INTEGER PRIMARY KEY, \"group\" TEXT UNIQUE NOT NULL, file \"x PRIMARY KEY\", any ANY);
             INSERT INTO odd VALUES (7, CAST(x'ff00' AS TEXT), 1.5, NULL), (9, 'b', x'01', 3);
             CREATE TABLE loose (v ANY) STRICT; INSERT INTO loose VALUES ('007'), (7);",
        )
        .unwrap();
        let tables = schema::read(&from).unwrap();
        let to = Connection::open_in_memory().unwrap();
        let table = schema::find(&tables, "odd").unwrap();
        let gatherer = Gatherer::new(&to, table).unwrap();
        gatherer.index(&to).unwrap();
        let insert = gatherer.insert(&gatherer.common(table));
        for position in 1..=2 {
            to.execute(&insert, rusqlite::params![position, 7, "same", 1, 2, "a.db"]).unwrap();
        }
        let made = schema::read(&to).unwrap();
        assert_eq!(
            made[0].columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(),
            ["id", "group", "file", "any", "_file"]
        );
        assert!(made[0].primary_key().is_empty() && made[0].indexes.iter().all(|index| !index.unique));
        replace(&from, schema::find(&tables, "loose").unwrap(), &to).unwrap();
        let kinds = "SELECT group_concat(typeof(v)) FROM loose";
        assert_eq!(to.query_row(kinds, [], |row| row.get::<_, String>(0)).unwrap(), "text,integer");
    }
}
