//! Which rows belong to those that are there: those of the same stream, those that share a key, those that are referred
//! to.

use super::super::Source;
use super::Keyed;
use super::rows::Copier;
use crate::error::Result;
use crate::profile::schema::{Table, TableKind, quoted};
use crate::profile::{Mapping, Profile, Role};

/// Up to how many rows a table is copied whole that the events are read with, and nothing says which rows of it.
const LOOKED_UP: i64 = 10_000;
/// The same for the tables of a library's own migrations.
const MIGRATIONS: i64 = 1_000;
/// How often it is looked for rows that are referred to: references may lead on.
const ROUNDS: usize = 64;
/// What the names of tables have in them that say how far a schema was migrated.
const MIGRATED: [&str; 8] = [
    "migration",
    "schema_version",
    "schemaversion",
    "schema_history",
    "schema_info",
    "db_version",
    "alembic_version",
    "ar_internal_metadata",
];

/// Copies the rows that belong to those of the events; those that only say the same again, as snapshots do, where these are
/// wanted.
pub(super) fn copy(copier: &Copier<'_>, keyed: &[Keyed<'_>], with_beside: bool) -> Result<()> {
    let Some((Keyed { table: events, .. }, source)) = keyed.first().zip(Some(copier.source)) else { return Ok(()) };
    let Some(detection) = source.detection() else { return Ok(()) };
    let tables = source.shared.tables.iter().filter(|table| table.kind == TableKind::Table);
    // Of a table that is joined just those rows come along that are: others might make further events.
    let is_joined = |table: &Table| keyed.iter().any(|keyed| std::ptr::eq(keyed.table, table));
    for table in tables.filter(|table| !is_joined(table)) {
        let lower = table.name.to_lowercase();
        if MIGRATED.iter().any(|part| lower.contains(part)) && copier.has_at_most(table, MIGRATIONS)? {
            copier.copy_all(table)?;
            continue;
        }
        let role = detection.profile.role(&table.name);
        let is_beside = matches!(role, Some(Role::Streams | Role::Snapshots));
        let tells_states = is_beside || is_snapshot(&detection.profile, &table.name);
        let is_wanted = (with_beside && tells_states) || is_read(&detection.profile.events, &table.name);
        if !is_wanted {
            continue;
        }
        match shared(&detection.profile.events, events, table, is_beside) {
            Some(columns) => {
                for values in copier.values(events, &columns)? {
                    source.check()?;
                    copier.copy(table, &columns, &values)?;
                }
            }
            None if copier.has_at_most(table, LOOKED_UP)? => drop(copier.copy_all(table)?),
            None => {}
        }
    }
    referred_to(copier, source)
}

/// The columns, as SQL, whose values a row of another table shares with the rows of the events that it belongs to.
fn shared(mapping: &Mapping, events: &Table, table: &Table, is_beside: bool) -> Option<Vec<String>> {
    let both = |names: &[&str]| {
        let is_in_both = |name: &&str| events.column(name).is_some() && table.column(name).is_some();
        let found = !names.is_empty() && names.iter().all(is_in_both);
        found.then(|| names.iter().map(|name| quoted(name)).collect::<Vec<_>>())
    };
    let stream = || {
        let id = mapping.aggregate_id.as_ref()?;
        let named = |sql: &str| -> Vec<&str> {
            events.columns.iter().map(|column| column.name.as_str()).filter(|name| mentions(sql, name)).collect()
        };
        let mut columns = both(&named(&id.sql))?;
        let types = mapping.aggregate_type.as_ref().map(|field| named(&field.sql)).unwrap_or_default();
        for column in both(&types).unwrap_or_default() {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        Some(columns)
    };
    let its_key = || table.unique_keys().iter().find_map(|key| both(key));
    let their_key = || events.unique_keys().iter().find_map(|key| both(key));
    if is_beside {
        return stream().or_else(its_key).or_else(their_key);
    }
    its_key().or_else(their_key).or_else(stream)
}

/// Whether the expressions that events are read by read a table.
fn is_read(mapping: &Mapping, table: &str) -> bool {
    let fields = mapping.optional_fields().filter_map(|(_, field)| field).chain([&mapping.data]);
    let sql = fields.map(|field| field.sql.as_str()).chain(mapping.filter.as_deref());
    std::iter::once(mapping.from.as_str()).chain(sql).any(|sql| mentions(sql, table))
}

/// Whether snapshots are read from a table.
fn is_snapshot(profile: &Profile, table: &str) -> bool {
    profile.snapshots.as_ref().is_some_and(|snapshots| mentions(&snapshots.from, table))
}

/// Whether a name stands in an expression as a word of its own.
fn mentions(sql: &str, name: &str) -> bool {
    let (sql, name) = (sql.to_lowercase(), name.to_lowercase());
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    sql.match_indices(&name).any(|(at, found)| {
        let before = sql.get(..at).and_then(|before| before.chars().next_back());
        let after = sql.get(at + found.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Copies the rows that foreign keys of those that are there refer to, and those that these refer to.
fn referred_to(copier: &Copier<'_>, source: &Source) -> Result<()> {
    let tables = &source.shared.tables;
    for _ in 0..ROUNDS {
        let mut found = 0;
        for table in tables.iter().filter(|table| table.kind == TableKind::Table) {
            for (other, from, to) in references(table, tables) {
                for values in copier.values(table, &from)? {
                    source.check()?;
                    found += copier.copy(other, &to, &values)?;
                }
            }
        }
        if found == 0 {
            break;
        }
    }
    Ok(())
}

/// What a table refers to: another one, the columns that refer and those that they refer to, as SQL.
fn references<'t>(table: &Table, tables: &'t [Table]) -> Vec<(&'t Table, Vec<String>, Vec<String>)> {
    let mut keys: Vec<i64> = table.foreign_keys.iter().map(|part| part.key).collect();
    keys.dedup();
    keys.sort_unstable();
    keys.dedup();
    let one = |key: i64| {
        let parts: Vec<_> = table.foreign_keys.iter().filter(|part| part.key == key).collect();
        let name = &parts.first()?.table;
        let other = tables.iter().find(|other| other.name.eq_ignore_ascii_case(name))?;
        let primary = other.primary_key();
        let target = |(at, part): (usize, &&crate::profile::schema::ForeignKey)| match &part.target {
            Some(target) => Some(quoted(target)),
            None => primary.get(at).map(|column| quoted(&column.name)),
        };
        let to: Option<Vec<String>> = parts.iter().enumerate().map(target).collect();
        let from = parts.iter().map(|part| quoted(&part.column)).collect();
        (other.kind == TableKind::Table).then_some((other, from, to?))
    };
    keys.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_mentioned_as_a_word() {
        assert!(mentions("SELECT max(Streams.id)", "streams") && mentions("\"streams\"", "streams"));
        assert!(!mentions("my_streams", "streams") && !mentions("streams2", "streams"));
    }
}
