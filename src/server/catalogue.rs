//! What tables a server has, as its catalogue says it: <https://www.postgresql.org/docs/current/catalogs.html>.

use std::collections::HashMap;

use super::connection::{Row, Server, identifier, literal};
use super::value::Kind;
use crate::error::Result;

/// A table, or what is read like one.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    /// Its number in the catalogue: that of this table and no later one of its name.
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) name: String,
    /// Whether its rows lie in other tables.
    pub(super) partitioned: bool,
    /// Whether this user may read it.
    pub(super) readable: bool,
    /// How many rows the catalogue estimates; negative where nobody has looked yet.
    pub(super) rows: i64,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    pub(super) foreign_keys: Vec<ForeignKey>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    number: i32,
    pub(super) name: String,
    /// The name of its type, of a domain that of the type beneath it.
    pub(super) base: String,
    pub(super) kind: Kind,
    pub(super) not_null: bool,
}

/// An index of plain columns over all rows.
#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) columns: Vec<String>,
    pub(super) unique: bool,
}

/// Columns that refer to another table.
#[derive(Clone, Debug)]
pub(super) struct ForeignKey {
    pub(super) columns: Vec<String>,
    pub(super) table: String,
    pub(super) targets: Vec<String>,
}

impl Relation {
    /// Its name in a statement.
    pub(super) fn in_sql(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.name))
    }

    /// Its name for a person.
    pub(super) fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// Without regard to case, as a profile names it.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Whether no two rows have the same value.
    pub(super) fn is_unique(&self, column: &str) -> bool {
        self.indexes.iter().any(|index| index.unique && index.columns == [column])
    }
}

/// Which tables are asked for.
#[derive(Clone, Copy)]
pub(super) enum Which<'w> {
    /// Those of every schema but the server's own.
    All,
    /// Those of one schema.
    Schema(&'w str),
}

/// The tables, in the order of their schemas and names. Partitions of a table are not among them: their rows are its rows.
pub(super) fn read(server: &mut Server, which: Which<'_>) -> Result<Vec<Relation>> {
    let scope = match which {
        Which::All => "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'crdb_internal')".to_owned(),
        Which::Schema(name) => format!("n.nspname = {}", literal(name)),
    };
    let of = format!(
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition AND {scope}"
    );
    let mut reading = server.reading()?;
    let tables = reading.rows(&format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples::bigint,
           has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') {of} ORDER BY 2, 3"
    ))?;
    let columns = reading.rows(&format!(
        "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull
         FROM pg_catalog.pg_attribute a
         WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN (SELECT c.oid {of}) ORDER BY 1, 2"
    ))?;
    let types = reading.rows(
        "SELECT oid, typname, typtype, typbasetype, typtypmod FROM pg_catalog.pg_type WHERE typtype IN ('b', 'd', 'e', 'r')",
    )?;
    let indexes = reading.rows(&format!(
        "SELECT i.indrelid, i.indkey, i.indisunique, coalesce(i.indnkeyatts, i.indnatts)
         FROM pg_catalog.pg_index i
         WHERE i.indexprs IS NULL AND i.indpred IS NULL AND i.indisvalid AND i.indrelid IN (SELECT c.oid {of})
         ORDER BY i.indisprimary DESC, i.indexrelid"
    ))?;
    let foreign = reading.rows(&format!(
        "SELECT f.conrelid, f.conkey, t.relname, f.confrelid, f.confkey
         FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class t ON t.oid = f.confrelid
         WHERE f.contype = 'f' AND f.conrelid IN (SELECT c.oid {of}) ORDER BY f.oid"
    ))?;
    Ok(assembled(&tables, &columns, &Types::of(&types), &indexes, &foreign))
}

fn assembled(tables: &[Row], columns: &[Row], types: &Types, indexes: &[Row], foreign: &[Row]) -> Vec<Relation> {
    let mut found: Vec<Relation> = tables.iter().filter_map(relation).collect();
    let places: HashMap<u32, usize> = found.iter().enumerate().map(|(place, table)| (table.oid, place)).collect();
    for row in columns {
        if let (Some(table), Some(column)) = (place(row, &places, &mut found), column(row, types)) {
            table.columns.push(column);
        }
    }
    for row in indexes {
        let Some(table) = place(row, &places, &mut found) else { continue };
        let most = number(row, 3).unwrap_or(usize::MAX);
        if let Some(columns) = named(table, text(row, 1).split(' ').take(most)) {
            table.indexes.push(Index { columns, unique: text(row, 2) == "t" });
        }
    }
    for row in foreign {
        let target = number(row, 3).and_then(|oid: u32| found.get(*places.get(&oid)?));
        let targets = target.and_then(|target| named(target, listed(text(row, 4)))).unwrap_or_default();
        let Some(table) = place(row, &places, &mut found) else { continue };
        if let Some(columns) = named(table, listed(text(row, 1))) {
            table.foreign_keys.push(ForeignKey { columns, table: text(row, 2).to_owned(), targets });
        }
    }
    found
}

fn place<'f>(row: &Row, places: &HashMap<u32, usize>, found: &'f mut [Relation]) -> Option<&'f mut Relation> {
    found.get_mut(*places.get(&number(row, 0)?)?)
}

fn relation(row: &Row) -> Option<Relation> {
    Some(Relation {
        oid: number(row, 0)?,
        schema: text(row, 1).to_owned(),
        name: text(row, 2).to_owned(),
        partitioned: text(row, 3) == "p",
        rows: number(row, 4).unwrap_or(-1),
        readable: text(row, 5) == "t",
        columns: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
    })
}

fn column(row: &Row, types: &Types) -> Option<Column> {
    let (base, modifier) = types.base(number(row, 3)?, number(row, 4).unwrap_or(-1));
    Some(Column {
        number: number(row, 1)?,
        name: text(row, 2).to_owned(),
        kind: Kind::of(&base, modifier),
        base,
        not_null: text(row, 5) == "t",
    })
}

/// The names of columns of these numbers; none where one of them is no column.
fn named<'n>(table: &Relation, numbers: impl Iterator<Item = &'n str>) -> Option<Vec<String>> {
    let name = |text: &str| {
        let number: i32 = text.parse().ok()?;
        table.columns.iter().find(|column| column.number == number).map(|column| column.name.clone())
    };
    numbers.map(name).collect()
}

/// The numbers of an array.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.trim_matches(['{', '}']).split(',')
}

fn text(row: &Row, place: usize) -> &str {
    row.get(place).and_then(Option::as_deref).unwrap_or_default()
}

fn number<N: std::str::FromStr>(row: &Row, place: usize) -> Option<N> {
    text(row, place).parse().ok()
}

/// The types that columns may have.
struct Types(HashMap<u32, (String, Option<u32>, i32)>);

impl Types {
    fn of(rows: &[Row]) -> Self {
        let entry = |row: &Row| {
            let beneath = (text(row, 2) == "d").then(|| number(row, 3)).flatten();
            Some((number(row, 0)?, (text(row, 1).to_owned(), beneath, number(row, 4).unwrap_or(-1))))
        };
        Self(rows.iter().filter_map(entry).collect())
    }

    /// The name of a type and its modifier; of a domain those of the type beneath it.
    fn base(&self, oid: u32, modifier: i32) -> (String, i32) {
        match self.0.get(&oid) {
            Some((_, Some(beneath), of_domain)) if *beneath != oid => self.base(*beneath, *of_domain),
            Some((name, ..)) => (name.clone(), modifier),
            None => (String::new(), modifier),
        }
    }
}
