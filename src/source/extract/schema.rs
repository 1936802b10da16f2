//! The new file with its tables, and, once it has its rows, with all else that the schema has.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::super::Source;
use crate::error::Result;
use crate::profile;

/// What a schema is made of: a kind, a name, and the statement that makes it.
struct Made {
    kind: String,
    name: String,
    sql: String,
}

/// A new file with the tables, empty, and with what a library may tell its files by.
pub(super) fn begin(source: &Source, to: &Path) -> Result<Connection> {
    let target = Connection::open(to)?;
    // What the schema of a foreign file computes is no more trusted here than there.
    target.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    profile::functions::install(&target)?;
    let encoding: String = source.conn.query_row("PRAGMA encoding", [], |row| row.get(0))?;
    target.pragma_update(None, "encoding", encoding)?;
    for pragma in ["page_size", "application_id", "user_version"] {
        let value: i64 = source.conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))?;
        target.pragma_update(None, pragma, value)?;
    }
    // Of what is replaced nothing stays behind in the file.
    target.pragma_update(None, "secure_delete", true)?;
    // Rows come in no certain order, and only some of those that they refer to.
    target.pragma_update(None, "foreign_keys", false)?;
    target.pragma_update(None, "ignore_check_constraints", true)?;
    let plain = plain_tables(source)?;
    for made in made(source)?.iter().filter(|made| made.kind == "table" && plain.contains(&made.name)) {
        make(&target, made)?;
    }
    Ok(target)
}

/// Adds indexes, virtual tables, views and triggers, now that no trigger is fired any more, and lets counters go on from
/// where they are.
pub(super) fn finish(source: &Source, target: &Connection) -> Result<()> {
    let made = made(source)?;
    let is_virtual =
        |made: &Made| made.sql.trim_start().get(..14).is_some_and(|sql| sql.eq_ignore_ascii_case("CREATE VIRTUAL"));
    for made in made.iter().filter(|made| made.kind == "table" && is_virtual(made)) {
        // Who reads the file may have the module that this program lacks; it is empty in either case.
        make(target, made).ok();
    }
    for kind in ["index", "view", "trigger"] {
        for made in made.iter().filter(|made| made.kind == kind) {
            make(target, made).map_err(|error| error.context(format_args!("making the {kind} {}", made.name)))?;
        }
    }
    sequences(source, target)
}

/// Ends the work on the file.
pub(super) fn close(target: Connection) -> Result<()> {
    target.close().map_err(|(_, error)| error.into())
}

/// Only what makes something is carried out: what stands in a schema is a foreign file's.
fn make(target: &Connection, made: &Made) -> Result<()> {
    if made.sql.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("CREATE")) {
        target.execute(&made.sql, [])?;
    }
    Ok(())
}

/// The whole schema in the order in which it was made, without what SQLite makes by itself.
fn made(source: &Source) -> Result<Vec<Made>> {
    let sql = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
    let mut statement = source.conn.prepare(sql)?;
    let made = statement.query_map([], |row| Ok(Made { kind: row.get(0)?, name: row.get(1)?, sql: row.get(2)? }))?;
    Ok(made.collect::<rusqlite::Result<_>>()?)
}

/// The names of the tables that are neither virtual nor the inside of such.
fn plain_tables(source: &Source) -> Result<Vec<String>> {
    let mut statement = source.conn.prepare("PRAGMA table_list")?;
    let listed = statement.query_map([], |row| {
        Ok((row.get::<_, String>("schema")?, row.get::<_, String>("name")?, row.get::<_, String>("type")?))
    })?;
    let listed: Vec<_> = listed.collect::<rusqlite::Result<_>>()?;
    Ok(listed
        .into_iter()
        .filter(|(schema, _, kind)| schema == "main" && kind == "table")
        .map(|(_, name, _)| name)
        .collect())
}

/// A counter goes on behind the last number that the original gave out.
fn sequences(source: &Source, target: &Connection) -> Result<()> {
    let counts = |conn: &Connection| {
        conn.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'", [], |row| {
            row.get::<_, i64>(0)
        })
    };
    if counts(&source.conn)? == 0 || counts(target)? == 0 {
        return Ok(());
    }
    let mut statement = source.conn.prepare("SELECT name, seq FROM sqlite_sequence WHERE typeof(seq) = 'integer'")?;
    let all = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    for counter in all {
        let (name, last) = counter?;
        let changed = target.execute("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", (&name, last))?;
        if changed == 0 {
            target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (&name, last))?;
        }
    }
    Ok(())
}
