//! What a mapping reads, table by table: a saved profile recognises its kind of database by that.
//!
//! SQLite itself says it. The statements of the mapping are prepared, never run, on an empty database in memory that
//! has tables of the same names and columns, while an authorizer notes what they would read
//! (<https://www.sqlite.org/c3ref/set_authorizer.html>). Taking expressions apart by hand would be a second, worse parser.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::file::Profile;
use super::functions;
use super::schema::{self, Table, quoted};
use crate::error::Result;

/// The `[detect]` section by which a profile, as it holds for a database with these tables, recognises such a database
/// again: what it asks for already and finds here, and every column that its events are read from. The events' own table
/// is the first; snapshots do not count: a database is of the same kind before its first one.
///
/// # Errors
/// Those of SQLite, where it cannot make tables in memory.
pub fn detect_section(profile: &Profile, tables: &[Table]) -> Result<IndexMap<String, Vec<String>>> {
    let mut section = columns_read(profile, tables)?;
    for (name, asked) in &profile.detect {
        let Some(table) = schema::find(tables, name) else { continue };
        let columns = section.entry(table.name.clone()).or_default();
        for column in asked {
            let holds = column
                .strip_prefix('!')
                .map_or_else(|| table.column(column).is_some(), |forbidden| table.column(forbidden).is_none());
            if holds && !columns.iter().any(|known| known.eq_ignore_ascii_case(column)) {
                columns.push(column.clone());
            }
        }
    }
    Ok(section)
}

/// The tables and columns that the events of a profile are read from, the events' own table first, columns in the order
/// of the table.
fn columns_read(profile: &Profile, tables: &[Table]) -> Result<IndexMap<String, Vec<String>>> {
    let read = reads(profile, tables)?;
    let own = schema::find(tables, &profile.events.table);
    let others = tables.iter().filter(|table| own.is_none_or(|own| own.name != table.name));
    let mut found = IndexMap::new();
    for table in own.into_iter().chain(others) {
        let is_read = |column: &str| read.contains(&(table.name.to_lowercase(), column.to_lowercase()));
        let columns = table.columns.iter().map(|column| column.name.clone());
        let columns: Vec<String> = columns.filter(|column| is_read(column)).collect();
        if !columns.is_empty() || own.is_some_and(|own| own.name == table.name) {
            found.insert(table.name.clone(), columns);
        }
    }
    Ok(found)
}

/// Every table and column that the statements name, in lowercase.
fn reads(profile: &Profile, tables: &[Table]) -> Result<HashSet<(String, String)>> {
    let conn = Connection::open_in_memory()?;
    functions::install(&conn)?;
    for table in tables.iter().filter(|table| !table.columns.is_empty()) {
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        conn.execute_batch(&format!("CREATE TABLE {} ({})", quoted(&table.name), columns.join(", ")))?;
    }
    let seen: Arc<Mutex<HashSet<(String, String)>>> = Arc::default();
    let noted = Arc::clone(&seen);
    conn.authorizer(Some(move |context: AuthContext<'_>| {
        if let AuthAction::Read { table_name, column_name } = context.action {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.insert((table_name.to_lowercase(), column_name.to_lowercase()));
        }
        Authorization::Allow
    }))?;
    for sql in expressions(profile) {
        // One that does not hold here is not in the profile either, once it is fitted to this database.
        let _ = conn.prepare(&format!("SELECT ({sql}) FROM {}", profile.events.from));
    }
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(seen)
}

/// Every expression of the events.
fn expressions(profile: &Profile) -> Vec<&str> {
    let events = &profile.events;
    let optional = events.optional_fields().filter_map(|(_, field)| field);
    let fields = optional.chain([&events.data]);
    let fields = fields.flat_map(|field| [Some(field.sql.as_str()), field.codec.as_deref()]).flatten();
    let orders = events.order.iter().chain(&events.stream_order).map(String::as_str);
    // The condition of a join is read with any of them.
    fields.chain(orders).chain(events.filter.as_deref()).chain(["1"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Vec<Table> {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE log (n INTEGER PRIMARY KEY, who TEXT, \"odd name\" TEXT, body BLOB, kind_id INT, spare TEXT);
             CREATE TABLE kinds (id INTEGER PRIMARY KEY, name TEXT, note TEXT);
             CREATE TABLE beside (x);",
        )
        .unwrap();
        schema::read(&conn).unwrap()
    }

    fn read(events: &str) -> IndexMap<String, Vec<String>> {
        let profile = Profile::parse(&format!("name = 'x'\ntitle = 'X'\n[events]\n{events}")).unwrap();
        columns_read(&profile, &tables()).unwrap()
    }

    #[test]
    fn the_columns_that_the_expressions_read_are_found_wherever_they_stand() {
        let found = read(
            "from = 'log'\nposition = 'N'\nevent_type = '\"odd name\"'\ndata = \"decoded(body) ->> '$.spare'\"\nwhere = 'who IS NOT NULL'",
        );
        assert_eq!(found.keys().collect::<Vec<_>>(), ["log"]);
        assert_eq!(found["log"], ["n", "who", "odd name", "body"]);
    }

    #[test]
    fn a_join_is_recognised_by_each_of_its_tables() {
        let found = read(
            "from = 'log AS l JOIN kinds ON kinds.id = l.kind_id'\ntable = 'log'\nposition = 'rowid'\nevent_type = 'kinds.name'\ndata = 'l.body'",
        );
        assert_eq!(found.keys().collect::<Vec<_>>(), ["log", "kinds"]);
        assert_eq!(found["log"], ["body", "kind_id"]);
        assert_eq!(found["kinds"], ["id", "name"]);
    }

    #[test]
    fn what_a_profile_asks_for_already_stays_where_it_holds_here() {
        let toml = "name = 'x'\ntitle = 'X'\n[detect]\nlog = ['n', 'spare', 'gone', '!who', '!none']\nnowhere = ['x']\n\
                    [events]\nfrom = 'log'\ndata = 'body'";
        let section = detect_section(&Profile::parse(toml).unwrap(), &tables()).unwrap();
        assert_eq!(section.keys().collect::<Vec<_>>(), ["log"]);
        assert_eq!(section["log"], ["body", "n", "spare", "!none"]);
    }

    #[test]
    fn an_expression_that_does_not_hold_stops_nothing() {
        assert_eq!(read("from = 'log'\nevent_type = 'nowhere'\ndata = 'body'")["log"], ["body"]);
    }
}
