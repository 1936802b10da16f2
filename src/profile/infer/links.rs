//! Which other tables hold a part of a table's rows: the name behind a number, or the document beside an id.

use rusqlite::Connection;

use super::super::schema::{self, Table};
use super::names;
use super::relation::{Candidate, Link, Relation};

/// How many tables are joined at most.
const MOST: usize = 5;

impl Relation {
    /// Reads a table with a sample of its rows, and what its links lead to.
    pub(super) fn read(conn: &Connection, tables: &[Table], table: &Table) -> rusqlite::Result<Self> {
        let alone = Self::sampled(conn, table, &[])?;
        let links = links(conn, tables, &alone)?;
        if links.is_empty() { Ok(alone) } else { Self::sampled(conn, table, &links) }
    }
}

/// The links of a table: by foreign keys, and by names and values where no foreign key says so.
///
/// A number leads to its name. A text names a thing by itself: it only leads to another table where this one has no
/// document of its own, and to rows that are not shared by many.
fn links<'a>(conn: &Connection, tables: &'a [Table], relation: &Relation) -> rusqlite::Result<Vec<Link<'a>>> {
    if relation.rows == 0 {
        return Ok(Vec::new());
    }
    let bare =
        !relation.candidates.iter().any(|it| it.shape.documents > 0.3 || it.shape.bytes > 0.5 && it.shape.ids < 0.5);
    let mut found: Vec<Link<'a>> = Vec::new();
    for candidate in relation.candidates.iter().filter(|it| !it.is_dead()) {
        let number = candidate.shape.integer;
        let rare = candidate.shape.distinct * 3 >= relation.rows;
        let row = relation.table.rowid_alias().is_some_and(|alias| alias.name == candidate.name);
        if !(number && !row || bare && rare) {
            continue;
        }
        let Some(link) =
            declared(tables, &relation.table, candidate).or_else(|| undeclared(tables, &relation.table, candidate))
        else {
            continue;
        };
        if (number || holds_data(link.table)) && is_kept(conn, &relation.table, &link)? {
            found.push(link);
        }
    }
    found.truncate(MOST);
    Ok(found)
}

fn declared<'a>(tables: &'a [Table], table: &Table, candidate: &Candidate) -> Option<Link<'a>> {
    let keys = &table.foreign_keys;
    let single = |number: i64| keys.iter().filter(|it| it.key == number).count() == 1;
    let key = keys.iter().find(|it| it.column.eq_ignore_ascii_case(&candidate.name) && single(it.key))?;
    let target = schema::find(tables, &key.table).filter(|target| target.name != table.name)?;
    let column = match &key.target {
        Some(column) => column.clone(),
        None => target.primary_key().first()?.name.clone(),
    };
    Some(Link { local: candidate.name.clone(), table: target, key: column })
}

/// A table with a unique column of the same name; or, for a number, one whose name holds what the column is called
/// without its `id`, and that has a text to show for it.
fn undeclared<'a>(tables: &'a [Table], table: &Table, candidate: &Candidate) -> Option<Link<'a>> {
    let row = table.rowid_alias().is_some_and(|alias| alias.name == candidate.name);
    let words = names::words(&candidate.name);
    let stem: String =
        words.iter().filter(|word| !["id", "no", "key", "ref", "fk"].contains(&word.as_str())).cloned().collect();
    let targets = tables.iter().filter(|it| it.kind == schema::TableKind::Table && it.name != table.name);
    let links = targets.filter_map(|target| {
        let keys = target.unique_keys();
        let mut single = keys.iter().filter_map(|key| if let [one] = key.as_slice() { Some(*one) } else { None });
        let number = candidate.shape.integer;
        let labelled =
            !number || row && holds_data(target) || target.columns.iter().any(|it| is_text(&it.declared_type));
        let same =
            single.clone().find(|key| key.eq_ignore_ascii_case(&candidate.name) && !key.eq_ignore_ascii_case("id"));
        let named = || {
            let alike = stem.len() > 2 && names::words(&target.name).concat().contains(&stem);
            single.next().filter(|_| number && alike && !row)
        };
        let key = same.or_else(named).filter(|_| labelled)?;
        Some(Link { local: candidate.name.clone(), table: target, key: key.to_owned() })
    });
    links.min_by_key(|link| link.table.name.len())
}

fn is_text(declared: &str) -> bool {
    let declared = declared.to_uppercase();
    ["CHAR", "TEXT", "CLOB", "STRING"].iter().any(|it| declared.contains(it))
}

fn holds_data(table: &Table) -> bool {
    table.columns.iter().any(|column| {
        names::rank(names::DATA, &column.name) >= 3.0 || column.declared_type.to_uppercase().contains("JSON")
    }) || table.columns.iter().any(|column| column.name.to_lowercase().contains("json"))
}

/// Whether what the first rows refer to is there, once a row at most.
fn is_kept(conn: &Connection, table: &Table, link: &Link<'_>) -> rusqlite::Result<bool> {
    let (target, key, local, table) = (
        schema::quoted(&link.table.name),
        schema::quoted(&link.key),
        schema::quoted(&link.local),
        schema::quoted(&table.name),
    );
    let sql = format!(
        "SELECT count(*) > 0 AND total(it IS NOT NULL) >= count(*) * 0.9 FROM (SELECT (SELECT r.{key} FROM {target} AS r WHERE r.{key} = e.{local}) AS it
         FROM (SELECT {local} FROM {table} WHERE {local} IS NOT NULL LIMIT 40) AS e)"
    );
    conn.query_row(&sql, [], |row| row.get(0))
}
