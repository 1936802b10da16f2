//! A table with the look-ups that its foreign keys offer, and a sample of its rows.
//!
//! Some libraries keep only a number in the events table and the name or the document in another table: the columns of
//! that table are candidates like the table's own.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::super::schema::{self, ForeignKey, Table};
use super::names;

/// How many rows are sampled from the start, and again from the end where there is a row number.
const ROWS: usize = 250;
/// How many bytes of values are kept at most: events can be large.
const BYTES: usize = 8 << 20;

/// A table, its look-ups and a sample.
pub(super) struct Relation {
    pub(super) table: Table,
    /// What stands after FROM.
    pub(super) from: String,
    pub(super) candidates: Vec<Candidate>,
    /// How many rows were sampled.
    pub(super) rows: usize,
    position: Option<String>,
    /// The tables that foreign keys lead to, in the order of their aliases, with the expressions of their numbers.
    lookups: Vec<(String, Option<String>)>,
}

/// A column that may be a field.
pub(super) struct Candidate {
    /// The expression for it.
    pub(super) sql: String,
    /// Its name.
    pub(super) name: String,
    /// The column of the table that leads to it, where it is another table's.
    pub(super) through: Option<String>,
    /// Whether no two rows share a value.
    pub(super) unique: bool,
    /// The sampled values, in order.
    pub(super) values: Vec<Value>,
}

impl Relation {
    pub(super) fn read(conn: &Connection, tables: &[Table], table: &Table) -> rusqlite::Result<Self> {
        let lookups = lookups(tables, table);
        let alias = if lookups.is_empty() { String::new() } else { "e.".to_owned() };
        let mut from = schema::quoted(&table.name);
        let mut candidates: Vec<Candidate> =
            table.columns.iter().map(|column| Candidate::own(table, &column.name, &alias)).collect();
        if !lookups.is_empty() {
            from.push_str(" AS e");
        }
        for (number, (key, target, column)) in lookups.iter().enumerate() {
            let join = format!(
                " LEFT JOIN {} AS r{number} ON r{number}.{} = e.{}",
                schema::quoted(&target.name),
                schema::quoted(column),
                schema::quoted(&key.column)
            );
            from.push_str(&join);
            let others = target.columns.iter().filter(|other| !other.name.eq_ignore_ascii_case(column));
            candidates.extend(others.map(|other| Candidate::of_other(target, &other.name, number, &key.column)));
        }
        let position = (!table.without_rowid).then(|| match table.rowid_alias() {
            Some(column) => format!("{alias}{}", plain(&column.name)),
            None => format!("{alias}rowid"),
        });
        let lookups = lookups.iter().enumerate();
        let lookups =
            lookups.map(|(number, (_, target, _))| (target.name.clone(), number_of(target, number))).collect();
        let mut relation = Self { table: table.clone(), from, candidates, rows: 0, position, lookups };
        relation.sample(conn)?;
        Ok(relation)
    }

    /// The table that an event is one row of, and its position: another table than this one where the data, and with
    /// it the event, is another's and this one only says which streams it is in.
    pub(super) fn home<'a>(&'a self, data: &str) -> (&'a str, Option<&'a str>) {
        let numbers = |it: &Candidate| matches!(it.present().next(), Some(Value::Integer(_)));
        let alias = data.split_once('.').and_then(|(alias, _)| alias.strip_prefix('r')?.parse::<usize>().ok());
        let other = alias.and_then(|number| self.lookups.get(number)).filter(|_| {
            let through = self.candidates.iter().find(|it| it.sql == data).and_then(|it| it.through.as_deref());
            through
                .and_then(|name| self.own(name))
                .and_then(|place| self.candidates.get(place))
                .is_some_and(|it| !numbers(it))
        });
        other.map_or((&self.table.name, self.position()), |(table, position)| (table, position.as_deref()))
    }

    /// The expression for the place in the whole store, unless rows have no number.
    pub(super) fn position(&self) -> Option<&str> {
        self.position.as_deref()
    }

    /// The names of the table's own columns.
    pub(super) fn own_columns(&self) -> Vec<String> {
        self.table.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The place of a column of the table itself.
    pub(super) fn own(&self, name: &str) -> Option<usize> {
        self.candidates.iter().position(|it| it.through.is_none() && it.name.eq_ignore_ascii_case(name))
    }

    fn sample(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let columns: Vec<&str> = self.candidates.iter().map(|candidate| candidate.sql.as_str()).collect();
        let select = format!("SELECT {} FROM {}", columns.join(", "), self.from);
        self.take(conn, &format!("{select} LIMIT {ROWS}"))?;
        if let Some(position) = self.position.clone().filter(|_| self.rows == ROWS) {
            // Only rows that were not among the first: a value that occurs twice in the sample occurs twice.
            let last = format!("SELECT max(p) FROM (SELECT {position} AS p FROM {} LIMIT {ROWS})", self.from);
            self.take(conn, &format!("{select} WHERE {position} > ({last}) ORDER BY {position} DESC LIMIT {ROWS}"))?;
        }
        Ok(())
    }

    fn take(&mut self, conn: &Connection, sql: &str) -> rusqlite::Result<()> {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            bytes += self.add(row)?;
            if bytes > BYTES {
                break;
            }
        }
        Ok(())
    }

    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<usize> {
        let mut bytes = 0;
        for (place, candidate) in self.candidates.iter_mut().enumerate() {
            let value = row.get_ref(place)?;
            // Text may be invalid UTF-8: some libraries store bytes as text.
            let value = Value::try_from(value)
                .unwrap_or_else(|_| value.as_bytes().map_or(Value::Null, |it| Value::Blob(it.to_vec())));
            bytes += match &value {
                Value::Text(text) => text.len(),
                Value::Blob(blob) => blob.len(),
                _ => 8,
            };
            candidate.values.push(value);
        }
        self.rows += 1;
        Ok(bytes)
    }
}

impl Candidate {
    fn own(table: &Table, name: &str, alias: &str) -> Self {
        let unique = table.unique_keys().iter().any(|key| key.as_slice() == [name]);
        let sql = format!("{alias}{}", plain(name));
        Self { sql, name: name.to_owned(), through: None, unique, values: Vec::new() }
    }

    fn of_other(table: &Table, name: &str, number: usize, through: &str) -> Self {
        let unique = table.unique_keys().iter().any(|key| key.as_slice() == [name]);
        let sql = format!("r{number}.{}", plain(name));
        Self { sql, name: name.to_owned(), through: Some(through.to_owned()), unique, values: Vec::new() }
    }

    /// The values that are there.
    pub(super) fn present(&self) -> impl Iterator<Item = &Value> {
        self.values.iter().filter(|value| !matches!(value, Value::Null))
    }

    /// Whether there is a value in any sampled row. A column that is always NULL is never chosen for its name.
    pub(super) fn is_dead(&self) -> bool {
        self.present().next().is_none()
    }
}

/// The foreign keys of one column, with the table and the column that they lead to: those that are stored as a number,
/// and any where the table has no data of its own.
fn lookups<'a>(tables: &'a [Table], table: &'a Table) -> Vec<(&'a ForeignKey, &'a Table, String)> {
    let single =
        table.foreign_keys.iter().filter(|key| table.foreign_keys.iter().filter(|it| it.key == key.key).count() == 1);
    let bare = !table.columns.iter().any(|column| names::rank(names::DATA, &column.name) >= 2.5);
    let number = |name: &str| table.column(name).is_some_and(|it| it.declared_type.to_uppercase().contains("INT"));
    single
        .filter(|key| bare || number(&key.column))
        .filter(|key| !key.table.eq_ignore_ascii_case(&table.name))
        .filter_map(|key| {
            let target = schema::find(tables, &key.table)?;
            let column = key.target.clone().or_else(|| Some(target.rowid_alias()?.name.clone()))?;
            Some((key, target, column))
        })
        .take(4)
        .collect()
}

/// The expression for the row number of a table that was looked up.
fn number_of(table: &Table, number: usize) -> Option<String> {
    let alias = table.rowid_alias().map_or("rowid".to_owned(), |column| plain(&column.name));
    (!table.without_rowid).then(|| format!("r{number}.{alias}"))
}

/// A name as it stands where it can be misread as nothing else, else quoted.
///
/// Words of SQL are quoted like anything that is no plain word; the list holds those that columns are called by.
fn plain(name: &str) -> String {
    const WORDS: &str = "order group index key values table column row offset end desc limit from to select where \
        transaction references check default";
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !WORDS.split(' ').any(|word| name.eq_ignore_ascii_case(word));
    if word { name.to_owned() } else { schema::quoted(name) }
}
