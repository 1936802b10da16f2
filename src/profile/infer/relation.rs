//! A table with the look-ups that its columns offer, and a sample of its rows.
//!
//! Some libraries keep only a number in the events table and the name or the document in another table: the columns of
//! that table are candidates like the table's own.

use std::fmt::Write as _;

use indexmap::IndexMap;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use serde_json::Value as Json;

use super::super::schema::{self, Table};
use super::values::{Shape, Unread, document};

/// How many rows are sampled from the start, and again from the end.
const ROWS: usize = 250;
/// How many bytes of values are kept at most of each part: events can be large.
const BYTES: usize = 4 << 20;

/// A larger value is not read: its type and its size say enough.
const LARGE: u64 = 1 << 20;
/// With more columns than that the sizes do not go beside them: SQLite allows 2,000 in a statement.
const MOST_COLUMNS: usize = 900;

/// A table, its look-ups and a sample.
pub(super) struct Relation {
    pub(super) table: Table,
    /// What stands after FROM.
    pub(super) from: String,
    pub(super) candidates: Vec<Candidate>,
    /// How many rows were sampled.
    pub(super) rows: usize,
    /// How many of them are from the start.
    pub(super) head: usize,
    /// The tables that are looked up, in the order of their aliases `r0`, `r1`, …
    lookups: Vec<Lookup>,
    /// The tables that these are the rows of together, where they are several.
    pub(super) parts: Vec<String>,
    /// What makes the order of time unique where they are several.
    pub(super) ties: Vec<String>,
    /// The columns by which each table is recognised again.
    detected: IndexMap<String, Vec<String>>,
    /// Whether another table refers to its rows.
    pub(super) is_referred_to: bool,
    /// What the table stands before the columns of the table itself: nothing, or its alias.
    alias: &'static str,
}

/// A table that a column leads to.
struct Lookup {
    table: String,
    /// The column of the table itself that leads there.
    through: String,
    /// The expression for its row number.
    number: Option<String>,
}

/// A column that leads to a row of another table.
pub(super) struct Link<'a> {
    pub(super) local: String,
    pub(super) table: &'a Table,
    pub(super) key: String,
}

/// A column, or a part of a document, that may be a field.
pub(super) struct Candidate {
    /// The expression for it.
    pub(super) sql: String,
    /// Its name.
    pub(super) name: String,
    /// The column of the table that leads to it, where it is another table's.
    pub(super) through: Option<String>,
    /// The candidate in whose documents it is.
    pub(super) inside: Option<usize>,
    /// Whether no two rows share a value.
    pub(super) unique: bool,
    /// The sampled values, in order; for those that were too large to read a text or bytes that say so.
    pub(super) values: Vec<Value>,
    /// The documents in them.
    pub(super) documents: Vec<Option<Json>>,
    pub(super) shape: Shape,
    /// Those that were too large to read.
    unread: Unread,
}

impl Relation {
    /// Reads the sample, with the look-ups of these links.
    pub(super) fn sampled(conn: &Connection, table: &Table, links: &[Link<'_>]) -> rusqlite::Result<Self> {
        let alias = if links.is_empty() { "" } else { "e." };
        let mut from = schema::quoted(&table.name);
        if links.is_empty() && plain(&table.name) == table.name {
            from.clone_from(&table.name);
        } else {
            from.push_str(if links.is_empty() { "" } else { " AS e" });
        }
        let mut candidates: Vec<Candidate> =
            table.columns.iter().map(|column| Candidate::new(table, &column.name, alias, None)).collect();
        let mut lookups = Vec::new();
        for (number, link) in links.iter().enumerate() {
            let (target, key, local) =
                (schema::quoted(&link.table.name), schema::quoted(&link.key), schema::quoted(&link.local));
            // Writing to a text cannot fail.
            let _ = write!(from, " LEFT JOIN {target} AS r{number} ON r{number}.{key} = e.{local}");
            let prefix = format!("r{number}.");
            let others = link.table.columns.iter().filter(|other| !other.name.eq_ignore_ascii_case(&link.key));
            candidates.extend(others.map(|other| Candidate::new(link.table, &other.name, &prefix, Some(&link.local))));
            lookups.push(Lookup {
                table: link.table.name.clone(),
                through: link.local.clone(),
                number: row_number(link.table, &prefix),
            });
        }
        let mut relation = Self {
            table: table.clone(),
            from,
            candidates,
            rows: 0,
            head: 0,
            lookups,
            alias,
            is_referred_to: false,
            parts: Vec::new(),
            ties: Vec::new(),
            detected: IndexMap::new(),
        };
        let columns = table.columns.iter().map(|column| column.name.clone()).collect();
        relation.detected.insert(table.name.clone(), columns);
        relation.sample(conn)?;
        for candidate in &mut relation.candidates {
            candidate.look();
        }
        Ok(relation)
    }

    /// The table that an event is one row of, and its position: another table than this one where the data, and with
    /// it the event, is another's and this one only says which streams it is in.
    pub(super) fn home<'a>(&'a self, data: &str) -> (&'a str, Option<String>) {
        let other = data.split_once('.').and_then(|(alias, _)| alias.strip_prefix('r')?.parse::<usize>().ok());
        let other = other.and_then(|number| self.lookups.get(number)).filter(|lookup| {
            let local = self.own(&lookup.through).and_then(|place| self.candidates.get(place));
            local.is_some_and(|it| !it.shape.integer && !it.unique)
        });
        other.map_or_else(|| (self.table.name.as_str(), self.position()), |it| (it.table.as_str(), it.number.clone()))
    }

    /// The expression for the place in the whole store, unless rows have no number.
    fn position(&self) -> Option<String> {
        if let Some(column) = self.table.rowid_alias() {
            return Some(format!("{}{}", self.alias, plain(&column.name)));
        }
        // A number that is unique and counts the rows up is the store's own, whatever SQLite's is.
        let counts = |it: &&Candidate| {
            it.through.is_none()
                && it.inside.is_none()
                && it.unique
                && it.shape.integer
                && it.shape.moment.is_none()
                && it.shape.present == self.rows
                && it.shape.ascending > 0.99
        };
        let counted = self.candidates.iter().find(counts).map(|it| it.sql.clone());
        counted.or_else(|| (!self.table.without_rowid).then(|| format!("{}rowid", self.alias)))
    }

    /// Several tables as one: what stands after FROM, a table with the columns that they share, and the statement that
    /// samples each of them.
    pub(super) fn spread(conn: &Connection, table: Table, from: String, sample: &str) -> rusqlite::Result<Self> {
        let candidates = table.columns.iter().map(|column| Candidate::new(&table, &column.name, "", None)).collect();
        let mut relation = Self {
            table,
            from,
            candidates,
            rows: 0,
            head: 0,
            lookups: Vec::new(),
            alias: "",
            is_referred_to: false,
            parts: Vec::new(),
            ties: Vec::new(),
            detected: IndexMap::new(),
        };
        relation.take(conn, sample, &[])?;
        relation.head = relation.rows;
        for candidate in &mut relation.candidates {
            candidate.look();
        }
        Ok(relation)
    }

    /// The tables and columns by which the database is recognised again.
    pub(super) fn detected(&self) -> IndexMap<String, Vec<String>> {
        self.detected.clone()
    }

    /// Says which tables these are the rows of.
    pub(super) fn set_parts(&mut self, parts: &[&Table], ties: Vec<String>) {
        self.parts = parts.iter().map(|table| table.name.clone()).collect();
        let columns = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect();
        self.detected = parts.iter().map(|table| (table.name.clone(), columns(table))).collect();
        self.ties = ties;
    }

    /// The place of a column of the table itself.
    pub(super) fn own(&self, name: &str) -> Option<usize> {
        let is = |it: &Candidate| it.through.is_none() && it.inside.is_none() && it.name.eq_ignore_ascii_case(name);
        self.candidates.iter().position(is)
    }

    /// What the expressions for the columns of the table of the events begin with: the alias of another table, where
    /// this one only links to it.
    pub(super) fn home_prefix(&self, data: &str) -> Option<String> {
        let alias = data.split_once('.').map(|(alias, _)| format!("{alias}."))?;
        (self.home(data).0 != self.table.name).then_some(alias)
    }

    /// Whether a candidate is of a table that does nothing but give a number its value: one that has little else.
    pub(super) fn is_of_dictionary(&self, candidate: &Candidate) -> bool {
        let alias = candidate.sql.split('.').next().unwrap_or_default();
        let columns =
            self.candidates.iter().filter(|it| it.through.is_some() && it.sql.split('.').next() == Some(alias));
        candidate.through.is_some() && columns.count() <= 3
    }

    /// Whether the column that leads to a candidate is a number.
    pub(super) fn is_numbered(&self, candidate: &Candidate) -> bool {
        let local = candidate.through.as_deref().and_then(|name| self.own(name)).and_then(|place| self.get(place));
        local.is_some_and(|it| it.shape.integer)
    }

    /// Whether nearly every row has a zero there: a count within something that nearly always has one part.
    pub(super) fn is_hardly_counted(&self, place: usize) -> bool {
        let Some(candidate) = self.candidates.get(place).filter(|it| it.shape.integer) else { return false };
        let zeros = candidate.values.iter().filter(|value| **value == Value::Integer(0)).count();
        zeros * 10 > candidate.values.len() * 8
    }

    pub(super) fn get(&self, place: usize) -> Option<&Candidate> {
        self.candidates.get(place)
    }

    /// The rows in which they are scanned, as the table stores them.
    fn order(&self) -> Vec<String> {
        if self.table.without_rowid {
            let key = self.table.primary_key();
            return key.iter().map(|column| format!("{}{}", self.alias, plain(&column.name))).collect();
        }
        let number = self.table.rowid_alias().map_or_else(|| "rowid".to_owned(), |column| plain(&column.name));
        vec![format!("{}{number}", self.alias)]
    }

    fn sample(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let order = self.order();
        let bounded = self.candidates.len() <= MOST_COLUMNS;
        let value = |candidate: &Candidate| match candidate.sql.as_str() {
            sql if bounded => format!("CASE WHEN octet_length({sql}) > {LARGE} THEN NULL ELSE {sql} END"),
            sql => sql.to_owned(),
        };
        let size = |Candidate { sql, .. }: &Candidate| {
            format!("CASE WHEN octet_length({sql}) > {LARGE} THEN typeof({sql}) || ' ' || octet_length({sql}) END")
        };
        let mut columns: Vec<String> = self.candidates.iter().map(value).collect();
        columns.extend(self.candidates.iter().filter(|_| bounded).map(size));
        columns.extend(order.iter().cloned());
        let select = format!("SELECT {} FROM {}", columns.join(", "), self.from);
        let by = |way: &str| order.iter().map(|it| format!("{it} {way}")).collect::<Vec<_>>().join(", ");
        let last = self.take(conn, &format!("{select} ORDER BY {} LIMIT {ROWS}", by("ASC")), &[])?;
        self.head = self.rows;
        if self.rows == ROWS && !last.is_empty() {
            // Only rows that were not among the first: a value that occurs twice in the sample occurs twice.
            let marks = vec!["?"; order.len()].join(", ");
            let after =
                format!("{select} WHERE ({}) > ({marks}) ORDER BY {} LIMIT {ROWS}", order.join(", "), by("DESC"));
            self.take(conn, &after, &last)?;
            for candidate in &mut self.candidates {
                if let Some(tail) = candidate.values.get_mut(self.head..) {
                    tail.reverse();
                }
            }
        }
        Ok(())
    }

    /// Takes rows, and gives the key of the last of them.
    fn take(&mut self, conn: &Connection, sql: &str, bound: &[Value]) -> rusqlite::Result<Vec<Value>> {
        let mut statement = conn.prepare(sql)?;
        let width = if self.table.kind == schema::TableKind::View {
            statement.column_count()
        } else {
            statement.column_count().saturating_sub(self.order().len())
        };
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(bound))?;
        let (mut bytes, mut last) = (0, Vec::new());
        while let Some(row) = rows.next()? {
            bytes += self.add(row, width)?;
            last = (width..columns).map(|place| row.get(place)).collect::<rusqlite::Result<_>>()?;
            if bytes > BYTES {
                break;
            }
        }
        Ok(last)
    }

    /// Takes a row whose values, and the sizes of those that are large, stand in the first `width` columns.
    fn add(&mut self, row: &Row<'_>, width: usize) -> rusqlite::Result<usize> {
        let (mut bytes, count) = (0, self.candidates.len());
        for (place, candidate) in self.candidates.iter_mut().enumerate() {
            let size: Option<String> = if width > count { row.get(count + place)? } else { None };
            if let Some(size) = size {
                candidate.values.push(candidate.unread.add(&size));
                continue;
            }
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
    fn new(table: &Table, name: &str, prefix: &str, through: Option<&str>) -> Self {
        let unique = table.unique_keys().iter().any(|key| key.as_slice() == [name]);
        let sql = format!("{prefix}{}", plain(name));
        Self {
            sql,
            name: name.to_owned(),
            through: through.map(str::to_owned),
            inside: None,
            unique,
            values: Vec::new(),
            documents: Vec::new(),
            shape: Shape::default(),
            unread: Unread::default(),
        }
    }

    /// What a path leads to in the documents of another candidate.
    pub(super) fn within(place: usize, sql: String, name: &str, values: Vec<Value>) -> Self {
        let shape = Shape::of(&values, &[], &Unread::default());
        Self {
            sql,
            name: name.to_owned(),
            through: None,
            inside: Some(place),
            unique: false,
            values,
            documents: Vec::new(),
            shape,
            unread: Unread::default(),
        }
    }

    fn look(&mut self) {
        self.documents = self.values.iter().map(document).collect();
        self.shape = Shape::of(&self.values, &self.documents, &self.unread);
    }

    /// Whether there is a value in any sampled row. A column that is always NULL is never chosen for its name.
    pub(super) fn is_dead(&self) -> bool {
        self.shape.present == 0
    }
}

/// The expression for the row number of a table.
fn row_number(table: &Table, prefix: &str) -> Option<String> {
    let number = table.rowid_alias().map_or_else(|| "rowid".to_owned(), |column| plain(&column.name));
    (!table.without_rowid).then(|| format!("{prefix}{number}"))
}

/// A name as it stands where it can be misread as nothing else, else quoted.
///
/// Words of SQL are quoted like anything that is no plain word; the list holds those that columns are called by.
pub(in crate::profile) fn plain(name: &str) -> String {
    const WORDS: &str = "order group index key values table column row offset end desc asc limit from to select where \
        transaction references check default partition action abort add all as by case cast commit current do else \
        exists for full if in into is left like match no not null of on or plan primary range raise replace right \
        rows set then union unique update using view when with without";
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !WORDS.split_whitespace().any(|word| name.eq_ignore_ascii_case(word));
    if word { name.to_owned() } else { schema::quoted(name) }
}
