//! The tables of a database as SQLite itself describes them. DDL is shown to people and never parsed here: it may
//! hold comments, brackets and expressions.

use rusqlite::{Connection, Row};

use crate::error::Result;

/// What kind of relation a table is. Virtual tables and their shadows are not read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// An ordinary table.
    Table,
    /// A view.
    View,
}

/// A table or view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, as it is written in the schema.
    pub name: String,
    /// Table or view.
    pub kind: TableKind,
    /// Its columns in their order, generated ones included. Empty for a view that SQLite cannot resolve.
    pub columns: Vec<Column>,
    /// Its indexes, those that belong to a constraint included.
    pub indexes: Vec<Index>,
    /// Its foreign keys, one entry per column.
    pub foreign_keys: Vec<ForeignKey>,
    /// Whether rows have no `rowid`; true for views.
    pub without_rowid: bool,
    /// Whether values must be of the declared type.
    pub strict: bool,
    /// The statement that made it, as stored.
    pub ddl: Option<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The declared type, as written. What is stored may be of another: SQLite does not insist.
    pub declared_type: String,
    /// Whether NULL is refused.
    pub not_null: bool,
    /// The default, an SQL expression.
    pub default: Option<String>,
    /// The place in the primary key, from 1; 0 for a column outside it.
    pub primary_key: u32,
    /// Whether it is computed from other columns.
    pub generated: bool,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it forbids duplicates.
    pub unique: bool,
    /// Whether it covers only some rows.
    pub partial: bool,
    /// Its key columns in order; `None` stands for an expression or the rowid.
    pub columns: Vec<Option<String>>,
}

/// One column of a foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Which key of the table it belongs to: columns with the same number refer together.
    pub key: i64,
    /// The column that refers.
    pub column: String,
    /// The table that it refers to.
    pub table: String,
    /// The column that it refers to; `None` for that table's primary key.
    pub target: Option<String>,
}

impl Table {
    /// The column of a name, compared without regard to case, as SQLite does.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The columns of the primary key, in its order.
    #[must_use]
    pub fn primary_key(&self) -> Vec<&Column> {
        let mut key: Vec<&Column> = self.columns.iter().filter(|column| column.primary_key > 0).collect();
        key.sort_by_key(|column| column.primary_key);
        key
    }

    /// The column that is another name of the rowid: a primary key of one column, declared `INTEGER`.
    #[must_use]
    pub fn rowid_alias(&self) -> Option<&Column> {
        match self.primary_key().as_slice() {
            [only] if !self.without_rowid && only.declared_type.eq_ignore_ascii_case("INTEGER") => Some(only),
            _ => None,
        }
    }

    /// The lists of columns that are unique together, the primary key first. Partial and expression indexes are not
    /// among them.
    #[must_use]
    pub fn unique_keys(&self) -> Vec<Vec<&str>> {
        let primary: Vec<&str> = self.primary_key().into_iter().map(|column| column.name.as_str()).collect();
        let indexes = self.indexes.iter().filter(|index| index.unique && !index.partial);
        let others = indexes.filter_map(|index| index.columns.iter().map(Option::as_deref).collect::<Option<Vec<_>>>());
        let mut keys: Vec<Vec<&str>> = std::iter::once(primary).chain(others).filter(|key| !key.is_empty()).collect();
        keys.dedup();
        keys
    }
}

/// Reads the tables and views of the main database, in the order of their names, without SQLite's own ones.
///
/// # Errors
/// Those of SQLite, such as a file that is no database. A view that cannot be resolved is no error.
pub fn read(conn: &Connection) -> Result<Vec<Table>> {
    read_named(conn, None)
}

/// Reads one of them.
///
/// # Errors
/// As [`read`].
pub fn read_one(conn: &Connection, name: &str) -> Result<Option<Table>> {
    Ok(read_named(conn, Some(name))?.pop())
}

/// Those of a name, or all of them.
fn read_named(conn: &Connection, name: Option<&str>) -> Result<Vec<Table>> {
    let mut statement = conn.prepare(
        "SELECT l.name, l.type, l.wr, l.strict, s.sql
         FROM pragma_table_list AS l LEFT JOIN sqlite_schema AS s ON s.name = l.name AND s.type IN ('table', 'view')
         WHERE l.schema = 'main' AND l.type IN ('table', 'view') AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           AND (?1 IS NULL OR l.name = ?1 COLLATE NOCASE)
         ORDER BY l.name",
    )?;
    let mut tables: Vec<Table> = statement.query_map([name], bare_table)?.collect::<rusqlite::Result<_>>()?;
    for table in &mut tables {
        table.columns = columns(conn, &table.name).unwrap_or_default();
        if table.kind == TableKind::Table {
            table.indexes = indexes(conn, &table.name)?;
            table.foreign_keys = foreign_keys(conn, &table.name)?;
        }
    }
    Ok(tables)
}

/// The table of a name, compared without regard to case.
#[must_use]
pub fn find<'a>(tables: &'a [Table], name: &str) -> Option<&'a Table> {
    tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
}

/// A name as an SQL identifier: in double quotes, whatever it holds.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn bare_table(row: &Row<'_>) -> rusqlite::Result<Table> {
    let kind = if row.get_ref(1)?.as_str()? == "view" { TableKind::View } else { TableKind::Table };
    Ok(Table {
        name: row.get(0)?,
        kind,
        columns: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        without_rowid: kind == TableKind::View || row.get(2)?,
        strict: row.get(3)?,
        ddl: row.get(4)?,
    })
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    // `hidden` is 1 for the hidden columns of virtual tables, 2 and 3 for generated ones.
    let mut statement = conn.prepare_cached(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
    )?;
    let rows = statement.query_map([table], |row| {
        Ok(Column {
            name: row.get(0)?,
            declared_type: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            primary_key: row.get(4)?,
            generated: row.get::<_, u8>(5)? > 1,
        })
    })?;
    rows.collect()
}

fn indexes(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Index>> {
    let mut statement =
        conn.prepare_cached("SELECT name, \"unique\", partial FROM pragma_index_list(?1) ORDER BY seq")?;
    let rows = statement.query_map([table], |row| {
        Ok(Index { name: row.get(0)?, unique: row.get(1)?, partial: row.get(2)?, columns: Vec::new() })
    })?;
    let mut indexes: Vec<Index> = rows.collect::<rusqlite::Result<_>>()?;
    let mut key_columns =
        conn.prepare_cached("SELECT name FROM pragma_index_xinfo(?1) WHERE key = 1 ORDER BY seqno")?;
    for index in &mut indexes {
        index.columns = key_columns.query_map([&index.name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    }
    Ok(indexes)
}

fn foreign_keys(conn: &Connection, table: &str) -> rusqlite::Result<Vec<ForeignKey>> {
    let mut statement = conn
        .prepare_cached("SELECT \"from\", \"table\", \"to\", id FROM pragma_foreign_key_list(?1) ORDER BY id, seq")?;
    let rows = statement.query_map([table], |row| {
        Ok(ForeignKey { column: row.get(0)?, table: row.get(1)?, target: row.get(2)?, key: row.get(3)? })
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(ddl: &str) -> Vec<Table> {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(ddl).unwrap();
        read(&conn).unwrap()
    }

    #[test]
    fn odd_names_generated_columns_and_missing_rowids_are_seen() {
        let tables = tables(
            "CREATE TABLE [Read-Model \"x\"] (a TEXT, b INTEGER /* -- not a comment */, c AS (a || b), PRIMARY KEY (b, a)) WITHOUT ROWID;
             CREATE VIEW broken AS SELECT * FROM nowhere;
             CREATE UNIQUE INDEX by_a ON [Read-Model \"x\"](a) WHERE b > 3;",
        );
        let table = find(&tables, "read-model \"X\"").unwrap();
        assert!(table.without_rowid && table.columns[2].generated);
        assert_eq!(table.primary_key().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(table.unique_keys(), [["b", "a"]]);
        assert!(find(&tables, "broken").unwrap().columns.is_empty());
        assert_eq!(quoted(&table.name), "\"Read-Model \"\"x\"\"\"");
    }

    #[test]
    fn virtual_tables_their_shadows_and_internal_tables_are_left_out() {
        let tables = tables(
            "CREATE TABLE plain (id INTEGER PRIMARY KEY AUTOINCREMENT);
             CREATE VIRTUAL TABLE search USING fts5(body);",
        );
        assert_eq!(tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["plain"]);
        assert_eq!(tables[0].rowid_alias().map(|c| c.name.as_str()), Some("id"));
    }
}
