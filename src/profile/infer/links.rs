//! Which other tables hold a part of a table's rows: the name behind a number, or the document beside an id.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::Connection;

use super::super::schema::{self, Table};
use super::names;
use super::relation::{Candidate, Link, Relation};

/// How many tables are joined at most.
const MOST: usize = 5;

/// All tables of a database, with what each of the others asks about them: found out once, as there can be thousands.
#[derive(Default)]
pub(super) struct Neighbours<'a> {
    tables: Vec<Neighbour<'a>>,
    by_name: HashMap<String, &'a Table>,
    /// The tables, by number, that have a column called like the number of a row of something: `order` for `order_id`.
    called: HashMap<String, Vec<usize>>,
    /// The tables, by number, that have a foreign key to a table of this name.
    keyed: HashMap<String, Vec<usize>>,
    /// The tables, by number, that have a column of this name which is unique by itself: those of short names first.
    unique: HashMap<String, Vec<usize>>,
    /// The same of those whose own names hold a word, for the words that were asked for.
    named: RefCell<HashMap<String, Rc<[usize]>>>,
}

/// A table that others may lead to.
struct Neighbour<'a> {
    table: &'a Table,
    /// The words of its name, together.
    words: String,
    /// The columns that are unique each by itself.
    keys: Vec<&'a str>,
    holds_data: bool,
    has_text: bool,
}

impl<'a> Neighbours<'a> {
    pub(super) fn of(tables: &'a [Table]) -> Self {
        let mut found = Self::default();
        for (number, table) in tables.iter().enumerate() {
            let keys = table.unique_keys();
            let single = |key: &Vec<&'a str>| if let [one] = key.as_slice() { Some(*one) } else { None };
            found.tables.push(Neighbour {
                table,
                words: names::words(&table.name).concat(),
                keys: keys.iter().filter_map(single).collect(),
                holds_data: holds_data(table),
                has_text: table.columns.iter().any(|column| is_text(&column.declared_type)),
            });
            found.by_name.entry(table.name.to_ascii_lowercase()).or_insert(table);
            for column in &table.columns {
                let words = names::words(&column.name);
                if let Some((last, stem)) = words.split_last()
                    && last == "id"
                    && !stem.is_empty()
                {
                    found.called.entry(stem.concat()).or_default().push(number);
                }
            }
            for key in &table.foreign_keys {
                found.keyed.entry(key.table.to_ascii_lowercase()).or_default().push(number);
            }
            for key in found.tables.get(number).into_iter().flat_map(|it| &it.keys) {
                found.unique.entry(key.to_ascii_lowercase()).or_default().push(number);
            }
        }
        for places in found.unique.values_mut() {
            places.sort_by_key(|place| tables.get(*place).map(|table| table.name.len()));
        }
        found
    }

    /// The tables, by number, whose names hold a word, those of short names first.
    fn named(&self, word: &str) -> Rc<[usize]> {
        if let Some(known) = self.named.borrow().get(word) {
            return Rc::clone(known);
        }
        let holds =
            |(place, it): (usize, &Neighbour<'_>)| it.words.contains(word).then_some((it.table.name.len(), place));
        let mut places: Vec<_> = self.tables.iter().enumerate().filter_map(holds).collect();
        places.sort_unstable();
        let places: Rc<[usize]> = places.into_iter().map(|(_, place)| place).collect();
        self.named.borrow_mut().insert(word.to_owned(), Rc::clone(&places));
        places
    }

    /// The first table of some that another one may lead to.
    fn first(
        &self,
        places: &[usize],
        from: &Table,
        fits: impl Fn(&Neighbour<'a>) -> bool,
    ) -> Option<(usize, &Neighbour<'a>)> {
        places.iter().find_map(|place| {
            let other = self.tables.get(*place)?;
            let is_other = other.table.kind == schema::TableKind::Table && other.table.name != from.name;
            (is_other && fits(other)).then_some((*place, other))
        })
    }

    fn find(&self, name: &str) -> Option<&'a Table> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// Whether other tables refer to the rows of this one: by a foreign key, or by a column that is called like it.
    fn refer_to(&self, table: &Table) -> bool {
        let words = names::words(&table.name).concat();
        let one = words.strip_suffix('s').unwrap_or(&words);
        let others = [self.keyed.get(&table.name.to_ascii_lowercase()), self.called.get(one)];
        let other = |number: &usize| self.tables.get(*number).is_some_and(|it| it.table.name != table.name);
        others.into_iter().flatten().flatten().any(other)
    }
}

impl Relation {
    /// Reads a table with a sample of its rows, and what its links lead to.
    pub(super) fn read(conn: &Connection, tables: &Neighbours<'_>, table: &Table) -> rusqlite::Result<Self> {
        let alone = Self::sampled(conn, table, &[])?;
        let links = links(conn, tables, &alone)?;
        let mut relation = if links.is_empty() { alone } else { Self::sampled(conn, table, &links)? };
        relation.is_referred_to = tables.refer_to(table);
        Ok(relation)
    }
}

/// The links of a table: by foreign keys, and by names and values where no foreign key says so.
///
/// A number leads to its name. A text names a thing by itself: it only leads to another table where this one has no
/// document of its own, and to rows that are not shared by many.
fn links<'a>(conn: &Connection, tables: &Neighbours<'a>, relation: &Relation) -> rusqlite::Result<Vec<Link<'a>>> {
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

fn declared<'a>(tables: &Neighbours<'a>, table: &Table, candidate: &Candidate) -> Option<Link<'a>> {
    let keys = &table.foreign_keys;
    let single = |number: i64| keys.iter().filter(|it| it.key == number).count() == 1;
    let key = keys.iter().find(|it| it.column.eq_ignore_ascii_case(&candidate.name) && single(it.key))?;
    let target = tables.find(&key.table).filter(|target| target.name != table.name)?;
    let column = match &key.target {
        Some(column) => column.clone(),
        None => target.primary_key().first()?.name.clone(),
    };
    Some(Link { local: candidate.name.clone(), table: target, key: column })
}

/// A table with a unique column of the same name; or, for a number, one whose name holds what the column is called
/// without its `id`, and that has a text to show for it.
fn undeclared<'a>(tables: &Neighbours<'a>, table: &Table, candidate: &Candidate) -> Option<Link<'a>> {
    let row = table.rowid_alias().is_some_and(|alias| alias.name == candidate.name);
    let words = names::words(&candidate.name);
    let stem: String =
        words.iter().filter(|word| !["id", "no", "key", "ref", "fk"].contains(&word.as_str())).cloned().collect();
    let number = candidate.shape.integer;
    let labelled = |target: &Neighbour<'_>| !number || row && target.holds_data || target.has_text;
    let link = |place: usize, target: &Neighbour<'a>, key: &str| {
        let link = Link { local: candidate.name.clone(), table: target.table, key: key.to_owned() };
        ((target.table.name.len(), place), link)
    };
    let name = candidate.name.to_ascii_lowercase();
    let same = tables.unique.get(&name).filter(|_| name != "id").and_then(|places| {
        let (place, target) = tables.first(places, table, labelled)?;
        let key = target.keys.iter().find(|key| key.eq_ignore_ascii_case(&name))?;
        Some(link(place, target, key))
    });
    let named = || {
        let places = tables.named(&stem);
        let (place, target) = tables.first(&places, table, |it| labelled(it) && !it.keys.is_empty())?;
        Some(link(place, target, target.keys.first()?))
    };
    let named = if number && !row && stem.len() > 2 { named() } else { None };
    // Where both are the same table, the column of the same name goes first.
    same.into_iter().chain(named).min_by_key(|(place, _)| *place).map(|(_, link)| link)
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
