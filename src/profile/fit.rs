//! Fits a profile to one database: fields whose columns this file lacks are taken out, so that whoever reads through
//! the mapping never meets a column that is not there. Libraries add and drop columns between their versions.

use rusqlite::Connection;

use crate::error::{Error, Result};

use super::append::AppendSpec;
use super::expression;
use super::field::Field;
use super::file::Profile;
use super::mapping::{Mapping, SnapshotMapping};
use super::quotes;
use super::read_model::ReadModelMapping;
use super::schema::{self, Table};

/// A profile as it holds for one database, and what had to be taken out of it.
pub(super) struct Fitted {
    pub(super) profile: Profile,
    /// The names of the fields that the profile has and this database lacks.
    pub(super) lacking: Vec<&'static str>,
}

/// Fits a profile.
///
/// # Errors
/// Bad input where not even the table, its filter and the data are there.
pub(super) fn fit(conn: &Connection, tables: &[Table], profile: &Profile) -> Result<Fitted> {
    let mut profile = profile.clone();
    must_have(conn, &profile)?;
    let lacking = fit_events(conn, tables, &mut profile.events);
    compare_by_bytes(conn, &mut profile.events);
    profile.snapshots = profile.snapshots.take().and_then(|snapshots| fit_snapshots(conn, snapshots));
    profile.read_models.retain_mut(|model| fit_read_model(conn, model));
    if let Some(append) = profile.append.take() {
        match fit_append(conn, tables, append) {
            Ok(append) => profile.append = Some(append),
            Err(why) => profile.note = Some(noted(profile.note.as_deref(), &why)),
        }
    }
    Ok(Fitted { profile, lacking })
}

fn must_have(conn: &Connection, profile: &Profile) -> Result<()> {
    let events = &profile.events;
    let needed = [("from", Some("1")), ("where", events.filter.as_deref()), ("data", Some(&*events.data.sql))];
    for (name, sql) in needed {
        let Some(sql) = sql else { continue };
        if let Some(words) = expression::refusal(conn, &events.from, sql) {
            let profile = &profile.name;
            return Err(Error::bad_input(format!("the profile {profile} does not fit this database: {name}: {words}"))
                .with_hint("Choose another profile, or none."));
        }
    }
    Ok(())
}

fn fit_events(conn: &Connection, tables: &[Table], events: &mut Mapping) -> Vec<&'static str> {
    let from = events.from.clone();
    let mut lacking = Vec::new();
    for (name, field) in events.optional_fields_mut() {
        if !take_unless(field, |field| is_there(conn, &from, &field.sql)) {
            lacking.push(name);
        }
    }
    for field in [Some(&mut events.data), events.metadata.as_mut()].into_iter().flatten() {
        fit_codec(conn, &from, field);
    }
    events.order.retain(|sql| is_there(conn, &from, sql));
    events.stream_order.retain(|sql| is_there(conn, &from, sql));
    if events.position.is_none() && events.order.is_empty() {
        events.order = key_order(conn, tables, events);
    }
    lacking
}

/// Compares by bytes where a column has a collation that only the application knows. SQLite itself leaves indexes with
/// such a collation alone as long as nobody supplies one (<https://www.sqlite.org/c3ref/collation_needed.html>): a
/// stand-in would make it trust an order that the file does not have.
fn compare_by_bytes(conn: &Connection, events: &mut Mapping) {
    let from = events.from.clone();
    let unknown = |sql: &str| {
        quotes::refusal(conn, &format!("SELECT 1 FROM {from} ORDER BY ({sql})"))
            .is_some_and(|words| words.contains("no such collation sequence"))
    };
    let bytes = |sql: &mut String| {
        if unknown(sql) {
            *sql = format!("({sql}) COLLATE BINARY");
        }
    };
    let fields = events.optional_fields_mut().filter_map(|(_, field)| field.as_mut());
    fields.for_each(|field| bytes(&mut field.sql));
    events.order.iter_mut().chain(&mut events.stream_order).for_each(bytes);
}

/// The primary key, as the order of a table that has no rowid: SQLite stores it in that order.
fn key_order(conn: &Connection, tables: &[Table], events: &Mapping) -> Vec<String> {
    let table = schema::find(tables, &events.table);
    let key = table.map(|table| table.primary_key()).unwrap_or_default();
    let quoted = key.into_iter().map(|column| schema::quoted(&column.name));
    quoted.filter(|sql| is_there(conn, &events.from, sql)).collect()
}

fn fit_snapshots(conn: &Connection, mut snapshots: SnapshotMapping) -> Option<SnapshotMapping> {
    let from = snapshots.from.clone();
    let needed = [&snapshots.aggregate_id, &snapshots.version, &snapshots.state];
    if !needed.iter().all(|field| is_there(conn, &from, &field.sql)) {
        return None;
    }
    take_unless(&mut snapshots.aggregate_type, |field| is_there(conn, &from, &field.sql));
    take_unless(&mut snapshots.timestamp, |field| is_there(conn, &from, &field.sql));
    fit_codec(conn, &from, &mut snapshots.state);
    Some(snapshots)
}

/// Whether a table of what streams came to is there, with what it cannot do without.
fn fit_read_model(conn: &Connection, model: &mut ReadModelMapping) -> bool {
    let from = schema::quoted(&model.table);
    take_unless(&mut model.aggregate_type, |field| is_there(conn, &from, &field.sql));
    take_unless(&mut model.version, |field| is_there(conn, &from, &field.sql));
    [&model.aggregate_id, &model.state].iter().all(|field| is_there(conn, &from, &field.sql))
}

/// Without the column that names its codec, a payload is still found out by its bytes.
fn fit_codec(conn: &Connection, from: &str, field: &mut Field) {
    field.codec = field.codec.take().filter(|codec| is_there(conn, from, codec));
}

/// Empties the field unless the condition holds; false where there was something to empty.
fn take_unless(field: &mut Option<Field>, holds: impl Fn(&Field) -> bool) -> bool {
    let fine = field.as_ref().is_none_or(holds);
    if !fine {
        *field = None;
    }
    fine
}

/// Whether SQLite accepts the expression; nothing is run.
fn is_there(conn: &Connection, from: &str, sql: &str) -> bool {
    expression::refusal(conn, from, sql).is_none()
}

/// The append without the columns and tables that this file lacks; or why nothing can be appended.
fn fit_append(conn: &Connection, tables: &[Table], mut append: AppendSpec) -> Result<AppendSpec, String> {
    let Some(table) = schema::find(tables, &append.table) else {
        return Err(format!("Appending is not possible: there is no table {}.", append.table));
    };
    append.columns.retain(|name, _| table.column(name).is_some_and(|column| !column.generated));
    append.before.retain(|sql| quotes::refusal(conn, sql).is_none());
    append.also.retain(|sql| quotes::refusal(conn, sql).is_none());
    let missing = table.columns.iter().find(|column| {
        let filled = append.columns.keys().any(|name| name.eq_ignore_ascii_case(&column.name));
        let given = column.default.is_some() || column.generated;
        let rowid = table.rowid_alias().is_some_and(|alias| alias.name == column.name);
        column.not_null && !filled && !given && !rowid
    });
    if let Some(column) = missing {
        let (table, column) = (&append.table, &column.name);
        return Err(format!(
            "Appending is not possible: {table}.{column} needs a value that the profile does not know."
        ));
    }
    match quotes::refusal(conn, &append.insert_sql()) {
        None => Ok(append),
        Some(words) => Err(format!("Appending is not possible: {words}.")),
    }
}

fn noted(note: Option<&str>, more: &str) -> String {
    note.map_or_else(|| more.to_owned(), |note| format!("{note} {more}"))
}
