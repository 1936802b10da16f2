//! Several tables that hold one log: partitions by month or shard, and a history beside each model.
//!
//! Partitions have the same columns, and names that differ in their numbers. Histories have a part of their names and
//! their last columns in common, those that say what happened, when and by whom; the columns of the model before them
//! are the data, and the rest of the name is what kind of thing it is.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use super::super::schema::{self, Column, Index, Table, TableKind};
use super::names;
use super::relation::{Relation, plain};

/// How many rows are sampled of all parts together.
const ROWS: usize = 500;
/// More tables than that are hardly parts of one log that somebody would look at as one.
const MOST: usize = 200;
/// How many columns histories have in common at least.
const COMMON: usize = 3;

/// The column that says which table a row is of, and the one that numbers the rows within it.
const TABLE: &str = "table_name";
const NUMBER: &str = "row_number";
/// The column that holds the columns of the model.
const MODEL: &str = "row_data";

/// Tables that may be one log.
pub(super) struct Spread<'a> {
    tables: Vec<&'a Table>,
    /// For histories the columns that they have in common.
    common: Option<Vec<String>>,
}

/// What may be one log in several tables.
pub(super) fn of(tables: &[Table]) -> Vec<Spread<'_>> {
    let plain: Vec<&Table> =
        tables.iter().filter(|table| table.kind == TableKind::Table && table.columns.len() > 2).collect();
    let named = |table: &&Table| names::is_history(&table.name);
    let histories: Vec<&Table> = plain.iter().copied().filter(named).collect();
    // By what partitions have in common: there may be thousands of tables.
    let mut alike: HashMap<(String, Vec<String>), Vec<&Table>> = HashMap::new();
    for table in plain.iter().copied() {
        if let Some(key) = partition(table) {
            alike.entry(key).or_default().push(table);
        }
    }
    let mut taken: HashSet<&str> = HashSet::new();
    let mut found: Vec<Spread<'_>> = Vec::new();
    for table in &plain {
        if taken.contains(table.name.as_str()) {
            continue;
        }
        let parts = partition(table).and_then(|key| alike.get(&key)).cloned().unwrap_or_default();
        if (2..=MOST).contains(&parts.len()) {
            taken.extend(parts.iter().map(|part| part.name.as_str()));
            found.push(Spread { tables: parts, common: None });
            continue;
        }
        if !named(table) {
            continue;
        }
        let tables: Vec<&Table> = histories.iter().copied().filter(|other| are_histories(table, other)).collect();
        if (2..=MOST).contains(&tables.len()) {
            taken.extend(tables.iter().map(|part| part.name.as_str()));
            found.push(Spread { common: Some(common(&tables)), tables });
        }
    }
    found
}

/// What partitions of one log have in common, where a table may be one: their names but for the numbers in them, and the
/// names of their columns.
fn partition(table: &Table) -> Option<(String, Vec<String>)> {
    let columns = || table.columns.iter().map(|column| column.name.to_ascii_lowercase()).collect();
    table.name.bytes().any(|byte| byte.is_ascii_digit()).then(|| (pattern(&table.name), columns()))
}

/// The name with every number the same.
fn pattern(name: &str) -> String {
    let mut found = String::new();
    for letter in name.chars() {
        match letter {
            '0'..='9' if found.ends_with('#') => {}
            '0'..='9' => found.push('#'),
            other => found.extend(other.to_lowercase()),
        }
    }
    found
}

/// Whether both are named as histories are, in the same way, and end with the same columns.
fn are_histories(table: &Table, other: &Table) -> bool {
    let alike = |a: &Table, b: &Table| names::is_history(&a.name) && names::is_history(&b.name);
    alike(table, other)
        && (table.name == other.name || !affixes(&table.name, &other.name).is_empty())
        && common(&[table, other]).len() > COMMON
}

/// What two names begin or end with alike, where that is a word for a history.
fn affixes(a: &str, b: &str) -> String {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let before: String = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    let after: String = a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    let after: String = after.chars().rev().collect();
    [before, after].into_iter().find(|it| names::is_history(it)).unwrap_or_default()
}

/// The columns that all of the tables have.
fn common(tables: &[&Table]) -> Vec<String> {
    let Some((first, others)) = tables.split_first() else { return Vec::new() };
    let everywhere = |column: &&Column| others.iter().all(|table| table.column(&column.name).is_some());
    first.columns.iter().filter(everywhere).map(|column| column.name.clone()).collect()
}

impl Spread<'_> {
    pub(super) fn has(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table.name == name)
    }

    /// The tables as one, with a sample of the rows of each.
    pub(super) fn relation(&self, conn: &Connection) -> rusqlite::Result<Relation> {
        let number = self.shared_number(conn)?;
        let columns = self.columns(number.as_deref());
        let parts: Vec<String> =
            self.tables.iter().map(|table| self.select(table, &columns, number.is_none())).collect();
        let from = format!("({})", parts.join(" UNION ALL "));
        let share = (ROWS / self.tables.len()).max(20);
        let names: Vec<String> = columns.iter().map(|column| plain(&column.name)).collect();
        let head = |(part, table): (&String, &&Table)| {
            let order = if table.without_rowid { "" } else { " ORDER BY rowid" };
            format!("SELECT {} FROM ({part}{order} LIMIT {share})", names.join(", "))
        };
        let samples: Vec<String> = parts.iter().zip(&self.tables).map(head).collect();
        let order = number.as_ref().map_or(String::new(), |number| format!(" ORDER BY {}", plain(number)));
        let sample = format!("SELECT * FROM ({}){order}", samples.join(" UNION ALL "));
        let mut relation = Relation::spread(conn, self.table(columns, number), from, &sample)?;
        let ties = [TABLE, NUMBER].into_iter().map(str::to_owned).collect();
        relation.set_parts(&self.tables, ties);
        Ok(relation)
    }

    /// The place of the kind of thing among the candidates, for histories.
    pub(super) const fn kind_column() -> &'static str {
        TABLE
    }

    /// A table that there is not, with the columns of all of them.
    fn table(&self, columns: Vec<Column>, number: Option<String>) -> Table {
        let name = self.tables.first().map_or_else(String::new, |table| table.name.clone());
        let here = |index: &&Index| {
            index
                .columns
                .iter()
                .flatten()
                .all(|name| columns.iter().any(|column| column.name.eq_ignore_ascii_case(name)))
        };
        // What is unique in each part is hardly unique in all of them, but for a stream's version.
        let first = self.tables.first().copied();
        let several = |index: &&Index| index.columns.len() > 1 || !index.unique;
        let mut indexes: Vec<Index> = first
            .map(|table| table.indexes.iter().filter(|it| several(it) && here(it)).cloned().collect())
            .unwrap_or_default();
        let key = first.map(Table::primary_key).unwrap_or_default();
        if key.len() > 1 {
            let columns = key.iter().map(|column| Some(column.name.clone())).collect();
            indexes.push(Index { name: String::new(), unique: true, partial: false, columns });
        }
        indexes.extend(number.map(|name| Index {
            name: String::new(),
            unique: true,
            partial: false,
            columns: vec![Some(name)],
        }));
        Table {
            name,
            kind: TableKind::View,
            columns,
            indexes,
            foreign_keys: Vec::new(),
            without_rowid: true,
            strict: false,
            ddl: None,
        }
    }

    /// The column that numbers the rows of all parts, where no two of them share a number.
    fn shared_number(&self, conn: &Connection) -> rusqlite::Result<Option<String>> {
        let aliases: Option<Vec<&str>> =
            self.tables.iter().map(|table| Some(table.rowid_alias()?.name.as_str())).collect();
        let Some([name, ..]) = aliases.as_deref() else { return Ok(None) };
        for (place, table) in self.tables.iter().enumerate() {
            for other in self.tables.iter().skip(place + 1) {
                let (table, other, key) =
                    (schema::quoted(&table.name), schema::quoted(&other.name), schema::quoted(name));
                let sql = format!(
                    "SELECT EXISTS (SELECT 1 FROM (SELECT {key} AS it FROM {table} LIMIT 300) AS a
                       WHERE EXISTS (SELECT 1 FROM {other} AS b WHERE b.{key} = a.it))"
                );
                if conn.query_row(&sql, [], |row| row.get(0))? {
                    return Ok(None);
                }
            }
        }
        Ok(Some((*name).to_owned()))
    }

    /// The columns of the whole: for partitions those of each, for histories those in common and one for the rest. The
    /// number of a row in its part says nothing in the whole.
    fn columns(&self, number: Option<&str>) -> Vec<Column> {
        let Some(first) = self.tables.first() else { return Vec::new() };
        let bare = |column: &Column| Column { primary_key: 0, ..column.clone() };
        let is_number = |column: &&Column| {
            first.rowid_alias().is_some_and(|alias| alias.name == column.name) && number != Some(column.name.as_str())
        };
        let named = |name: &str| Column {
            name: name.to_owned(),
            declared_type: "TEXT".to_owned(),
            not_null: false,
            default: None,
            primary_key: 0,
            generated: false,
        };
        let shared = first.columns.iter().filter(|column| !is_number(column));
        match &self.common {
            None => shared.map(bare).collect(),
            Some(common) => {
                let shared = shared.filter(|column| common.contains(&column.name)).map(bare);
                shared.chain([named(TABLE), named(MODEL)]).collect()
            }
        }
    }

    /// One of the tables, as a part of the whole.
    fn select(&self, table: &Table, columns: &[Column], numbered: bool) -> String {
        let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let mut selected: Vec<String> = Vec::new();
        for column in columns {
            selected.push(match column.name.as_str() {
                TABLE if self.common.is_some() => format!("{} AS {TABLE}", text(&self.kind(&table.name))),
                MODEL if self.common.is_some() => format!("{} AS {MODEL}", self.model(table)),
                name => plain(name),
            });
        }
        if numbered && self.common.is_none() && table.column(TABLE).is_none() {
            selected.push(format!("{} AS {TABLE}", text(&table.name)));
        }
        if numbered && !table.without_rowid && table.column(NUMBER).is_none() {
            selected.push(format!("rowid AS {NUMBER}"));
        } else if numbered {
            selected.push(format!("0 AS {NUMBER}"));
        }
        format!("SELECT {} FROM {}", selected.join(", "), schema::quoted(&table.name))
    }

    /// The columns of the model as one document.
    fn model(&self, table: &Table) -> String {
        let common = self.common.as_deref().unwrap_or_default();
        let alias = table.rowid_alias().map(|column| column.name.clone());
        let own = table.columns.iter().filter(|column| {
            !common.iter().any(|name| name.eq_ignore_ascii_case(&column.name)) && alias.as_ref() != Some(&column.name)
        });
        let members: Vec<String> =
            own.map(|column| format!("'{}', {}", column.name.replace('\'', "''"), plain(&column.name))).collect();
        format!("members({})", members.join(", "))
    }

    /// The name of a table without what they all begin or end with.
    fn kind(&self, name: &str) -> String {
        let names: Vec<Vec<char>> = self.tables.iter().map(|table| table.name.chars().collect()).collect();
        let own: Vec<char> = name.chars().collect();
        let alike = |at: &dyn Fn(&Vec<char>, usize) -> Option<char>| {
            (0..own.len()).take_while(|place| names.iter().all(|other| at(other, *place) == at(&own, *place))).count()
        };
        let before = alike(&|name, place| name.get(place).copied());
        let after = alike(&|name, place| name.len().checked_sub(place + 1).and_then(|place| name.get(place)).copied());
        let kept: String = own.get(before..own.len().saturating_sub(after)).unwrap_or_default().iter().collect();
        let kept = kept.trim_matches(['_', '-', ' ', '.']);
        if kept.is_empty() { name.to_owned() } else { kept.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spreads(ddl: &str) -> Vec<Vec<String>> {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(ddl).unwrap();
        let tables = schema::read(&conn).unwrap();
        of(&tables).iter().map(|it| it.tables.iter().map(|table| table.name.clone()).collect()).collect()
    }

    #[test]
    fn partitions_differ_in_their_numbers_and_in_nothing_else() {
        let table =
            |name: &str, more: &str| format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY, at TEXT, kind TEXT{more});");
        let ddl = table("log_2026_01", "")
            + &table("log_2026_02", "")
            + &table("log_2026_03", ", x TEXT")
            + &table("other", "");
        assert_eq!(spreads(&ddl), [["log_2026_01", "log_2026_02"]]);
    }

    #[test]
    fn histories_share_their_last_columns_and_a_part_of_their_names() {
        let common = "history_id INTEGER PRIMARY KEY, history_date TEXT, history_type TEXT, history_user TEXT";
        let ddl = format!(
            "CREATE TABLE book_history (id INTEGER, title TEXT, {common}); CREATE TABLE shop_history (id INTEGER, city TEXT, {common});
             CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, created_at TEXT, updated_at TEXT);
             CREATE TABLE shop (id INTEGER PRIMARY KEY, city TEXT, created_at TEXT, updated_at TEXT);"
        );
        assert_eq!(spreads(&ddl), [["book_history", "shop_history"]]);
    }
}
