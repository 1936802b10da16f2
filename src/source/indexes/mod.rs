//! Whether the indexes of a file hold what its tables hold, told in one pass along each.
//!
//! `PRAGMA integrity_check` looks every row up in every index, and most of its time goes there: of ten million events with
//! four indexes five sixths. Here each table and each index is read once in its own order. What both hold is the same where
//! the sums of the hashes of all entries are, and an index is in order where each entry is behind the one before it. So it
//! is found out that all is well, and never what is wrong: wherever it is not told, SQLite is asked.

mod condition;
mod key;

use std::hash::BuildHasher as _;

use rusqlite::{Connection, Row};

use crate::error::{ErrorKind, Result};
use crate::profile::schema::quoted;
use key::Key;

/// The names that SQLite has for the number of a row; a column may bear one of them.
const NAMES_OF_ROWID: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// Whether each index of the main database holds exactly what its table does, in order, and once where it is unique.
/// That it is not so, or that it cannot be told, is for `PRAGMA integrity_check` to say.
///
/// The rest of what that looks for is `PRAGMA quick_check`'s. Both are of one state of the file within a transaction.
///
/// # Errors
/// [`Cancelled`](ErrorKind::Cancelled) where the connection is interrupted.
pub(super) fn agree(conn: &Connection) -> Result<bool> {
    match all_agree(conn) {
        // What cannot be read is no answer yet.
        Err(error) if *error.kind() != ErrorKind::Cancelled => Ok(false),
        told => told,
    }
}

fn all_agree(conn: &Connection) -> Result<bool> {
    for table in Table::all(conn)? {
        let agrees = match table.passes(conn)? {
            Some(passes) => passes.agree(conn)?,
            None => table.is_sound(conn)?,
        };
        if !agrees {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A table, as SQLite describes it.
struct Table {
    name: String,
    /// Whether its rows have numbers, and SQLite itself keeps them.
    is_plain: bool,
}

impl Table {
    fn all(conn: &Connection) -> Result<Vec<Self>> {
        let mut statement = conn.prepare(
            "SELECT name, type IN ('table', 'shadow') AND NOT wr FROM pragma_table_list
             WHERE schema = 'main' AND type <> 'view'",
        )?;
        let tables = statement.query_map([], |row| Ok(Self { name: row.get(0)?, is_plain: row.get(1)? }))?;
        Ok(tables.collect::<rusqlite::Result<_>>()?)
    }

    /// How it is held against its indexes; `None` where that is not told by going along them.
    fn passes(&self, conn: &Connection) -> Result<Option<Passes>> {
        if !self.is_plain || !is_utf8(conn)? {
            return Ok(None);
        }
        let Some(rowid) = self.name_of_rowid(conn)? else { return Ok(None) };
        let mut passes = Passes { table: quoted(&self.name), rowid, indexes: Vec::new() };
        let mut statement = conn.prepare("SELECT name, \"unique\", partial FROM pragma_index_list(?1, 'main')")?;
        let mut rows = statement.query([&self.name])?;
        while let Some(row) = rows.next()? {
            let Some(index) = Index::read(conn, row)? else { return Ok(None) };
            if !passes.is_read_in_order(conn, &index)? {
                return Ok(None);
            }
            passes.indexes.push(index);
        }
        Ok(Some(passes))
    }

    fn name_of_rowid(&self, conn: &Connection) -> Result<Option<&'static str>> {
        let mut statement = conn.prepare("SELECT lower(name) FROM pragma_table_xinfo(?1, 'main')")?;
        let taken = statement.query_map([&self.name], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        Ok(NAMES_OF_ROWID.into_iter().find(|name| taken.iter().all(|taken| taken != name)))
    }

    /// What SQLite says of this table alone.
    fn is_sound(&self, conn: &Connection) -> Result<bool> {
        let mut statement = conn.prepare(&format!("PRAGMA main.integrity_check({})", quoted(&self.name)))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if row.get_ref(0)?.as_str().ok() != Some("ok") {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Texts of another encoding are in another order than their bytes.
fn is_utf8(conn: &Connection) -> Result<bool> {
    Ok(conn.query_row("PRAGMA main.encoding", [], |row| row.get::<_, String>(0))? == "UTF-8")
}

/// An index of columns that are compared byte by byte.
struct Index {
    name: String,
    is_unique: bool,
    /// Which rows it has, where these are not all.
    condition: Option<String>,
    /// Its columns, and whether they descend.
    columns: Vec<(String, bool)>,
}

impl Index {
    /// As `pragma_index_list` has it; `None` where it has an expression or another way to compare texts.
    fn read(conn: &Connection, row: &Row<'_>) -> Result<Option<Self>> {
        let (name, is_unique, is_partial): (String, bool, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let condition = if is_partial {
            let made = "SELECT sql FROM main.sqlite_schema WHERE type = 'index' AND name = ?1";
            let ddl: String = conn.query_row(made, [&name], |row| row.get(0))?;
            let Some(condition) = condition::of_index(&ddl) else { return Ok(None) };
            Some(condition.to_owned())
        } else {
            None
        };
        let key = "SELECT name, \"desc\", coll FROM pragma_index_xinfo(?1, 'main') WHERE key = 1 ORDER BY seqno";
        let mut statement = conn.prepare(key)?;
        let mut rows = statement.query([&name])?;
        let mut columns = Vec::new();
        while let Some(row) = rows.next()? {
            let (column, descends, collation): (Option<String>, bool, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some(column) = column.filter(|_| collation.eq_ignore_ascii_case("BINARY")) else { return Ok(None) };
            columns.push((column, descends));
        }
        Ok(Some(Self { name, is_unique, condition, columns }))
    }
}

/// A table and its indexes, each of which is gone along once.
struct Passes {
    /// The name of the table, quoted.
    table: String,
    rowid: &'static str,
    indexes: Vec<Index>,
}

impl Passes {
    /// All entries of an index, read from it alone.
    fn entries(&self, index: &Index) -> String {
        let columns: Vec<String> = index.columns.iter().map(|(name, _)| quoted(name)).collect();
        let (columns, rowid, table) = (columns.join(", "), self.rowid, &self.table);
        let condition = index.condition.as_ref().map(|condition| format!(" WHERE ({condition}\n)")).unwrap_or_default();
        format!("SELECT {columns}, {rowid} FROM main.{table} INDEXED BY {}{condition}", quoted(&index.name))
    }

    /// Whether SQLite reads the entries from the index, one after the other, and nothing else.
    fn is_read_in_order(&self, conn: &Connection, index: &Index) -> Result<bool> {
        // An index that does not serve, or a condition that holds what this connection does not know.
        let Ok(mut plan) = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", self.entries(index))) else {
            return Ok(false);
        };
        let steps = plan.query_map([], |row| row.get(3))?.collect::<rusqlite::Result<Vec<String>>>()?;
        let reads = format!("USING COVERING INDEX {}", index.name);
        Ok(matches!(steps.as_slice(), [only] if only.contains(&reads)))
    }

    fn agree(&self, conn: &Connection) -> Result<bool> {
        if self.indexes.is_empty() {
            return Ok(true);
        }
        let sums = self.sums_of_table(conn)?;
        for (index, of_table) in self.indexes.iter().zip(sums) {
            if self.sum_of_index(conn, index)? != Some(of_table) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What each index should hold.
    fn sums_of_table(&self, conn: &Connection) -> Result<Vec<Sum>> {
        let (mut selected, mut wanted) = (vec![self.rowid.to_owned()], Vec::new());
        for index in &self.indexes {
            let mut columns = Vec::new();
            for (name, descends) in &index.columns {
                columns.push((place_of(&mut selected, quoted(name)), *descends));
            }
            let condition =
                index.condition.as_ref().map(|condition| place_of(&mut selected, format!("(({condition}\n) IS TRUE)")));
            wanted.push((columns, condition, Sum::default()));
        }
        let sql = format!("SELECT {} FROM main.{} NOT INDEXED", selected.join(", "), self.table);
        let mut statement = conn.prepare(&sql)?;
        let (mut rows, mut key) = (statement.query([])?, Key::default());
        while let Some(row) = rows.next()? {
            for (columns, condition, sum) in &mut wanted {
                if let Some(place) = condition
                    && !row.get::<_, bool>(*place)?
                {
                    continue;
                }
                key.clear();
                for (place, descends) in columns {
                    key.put(row.get_ref(*place)?, *descends);
                }
                key.end(row.get_ref(0)?);
                sum.add(&key);
            }
        }
        Ok(wanted.into_iter().map(|(.., sum)| sum).collect())
    }

    /// What an index does hold; `None` where it is not in order, or has something twice that it must not.
    fn sum_of_index(&self, conn: &Connection, index: &Index) -> Result<Option<Sum>> {
        let mut statement = conn.prepare(&self.entries(index))?;
        let mut rows = statement.query([])?;
        let (mut sum, mut before, mut key) = (Sum::default(), Key::default(), Key::default());
        while let Some(row) = rows.next()? {
            key.clear();
            for (place, (_, descends)) in index.columns.iter().enumerate() {
                key.put(row.get_ref(place)?, *descends);
            }
            key.end(row.get_ref(index.columns.len())?);
            if !key.is_behind(&before) || index.is_unique && key.repeats(&before) {
                return Ok(None);
            }
            sum.add(&key);
            std::mem::swap(&mut before, &mut key);
        }
        Ok(Some(sum))
    }
}

/// The place of an expression among those that are selected, where it is put if it is not there yet.
fn place_of(selected: &mut Vec<String>, expression: String) -> usize {
    selected.iter().position(|known| *known == expression).unwrap_or_else(|| {
        selected.push(expression);
        selected.len() - 1
    })
}

/// Entries, in whatever order: two sums of other entries are the same once in 2^64 times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    entries: u64,
    hashes: u64,
}

impl Sum {
    fn add(&mut self, key: &Key) {
        self.entries += 1;
        self.hashes = self.hashes.wrapping_add(foldhash::quality::FixedState::default().hash_one(key.bytes()));
    }
}

#[cfg(test)]
mod tests;
