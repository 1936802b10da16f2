//! What makes a table: the statements of its own and of its indexes and triggers, as they are stored.

use crate::error::Result;
use crate::source::Source;

/// The statements that made a table and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// `CREATE TABLE` or `CREATE VIEW`.
    pub table: String,
    /// The statements of its indexes; those that belong to a constraint have none.
    pub indexes: Vec<String>,
    /// The statements of its triggers.
    pub triggers: Vec<String>,
}

impl Definition {
    /// All statements, each with a semicolon, as SQLite's shell prints a schema.
    #[must_use]
    pub fn text(&self) -> String {
        let all = std::iter::once(&self.table).chain(&self.indexes).chain(&self.triggers);
        all.filter(|sql| !sql.is_empty()).fold(String::new(), |text, sql| text + sql + ";\n")
    }
}

impl Source {
    /// The definition of a table or view. Reads the schema only.
    pub fn definition(&self, name: &str) -> Result<Definition> {
        let table = self.table(name)?;
        let mut definition = Definition { table: table.ddl.clone().unwrap_or_default(), ..Definition::default() };
        let mut statement = self.conn.prepare_cached(
            "SELECT type, sql FROM sqlite_schema
             WHERE tbl_name = ?1 COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
        )?;
        let mut rows = statement.query([&table.name])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let list = if kind == "index" { &mut definition.indexes } else { &mut definition.triggers };
            list.push(row.get(1)?);
        }
        Ok(definition)
    }
}
