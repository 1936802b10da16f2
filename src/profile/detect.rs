//! Finds the profiles that fit a database, with a confidence and a reason in words.

use std::cmp::Reverse;
use std::sync::Arc;

use rusqlite::Connection;

use crate::error::{ErrorKind, Result};

use super::detection::{Confidence, Detection, FieldReason, Level};
use super::file::Profile;
use super::fit::{Fitted, fit};
use super::functions;
use super::pattern;
use super::sample::Sample;
use super::schema::{self, Table};

/// The built-in profiles that fit a database, best first; where none does, the tables that look like a log of events.
/// Empty: nothing here recognises it.
///
/// # Errors
/// Those of SQLite, such as a file that is no database.
pub fn detect(conn: &Connection) -> Result<Vec<Detection>> {
    let found = detect_among(conn, super::built_in())?;
    if found.is_empty() { super::infer(conn) } else { Ok(found) }
}

/// The same, where the user has profiles of their own: those go before the built-in ones, however many columns either
/// asks for. Two of them do not: one that no row bears out, and one that another profile's mark in the file's header
/// speaks against.
///
/// # Errors
/// Those of SQLite, such as a file that is no database.
pub fn detect_with<'a>(conn: &Connection, own: impl IntoIterator<Item = &'a Profile>) -> Result<Vec<Detection>> {
    let own = detect_among(conn, own)?;
    if own.is_empty() {
        return detect(conn);
    }
    let built_in = detect_among(conn, super::built_in())?;
    let header = application_id(conn)?;
    let marked = |found: &Detection| found.profile.application_id == Some(header);
    let any_marked = built_in.iter().any(marked);
    let rank = |found: &Detection| match found.confidence.level() {
        Level::None => 2,
        _ if any_marked && !marked(found) => 1,
        _ => 0,
    };
    let mut found: Vec<(u8, Detection)> = own.into_iter().map(|own| (2 * rank(&own), own)).collect();
    found.extend(built_in.into_iter().map(|other| (1, other)));
    found.sort_by_key(|(rank, _)| *rank);
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

/// Those of the given profiles that fit a database, best first: the surer one, then the one that asks for more columns.
/// Of equals the earlier one comes first, so a user's own profiles go before the built-in ones.
///
/// # Errors
/// Those of SQLite, such as a file that is no database.
pub fn detect_among<'a>(conn: &Connection, profiles: impl IntoIterator<Item = &'a Profile>) -> Result<Vec<Detection>> {
    functions::install(conn)?;
    let tables = schema::read(conn)?;
    let application_id = application_id(conn)?;
    let mut found = Vec::new();
    for profile in profiles.into_iter().flat_map(|profile| pattern::instances(profile, &tables)) {
        let profile = profile.as_ref();
        if let Some(columns) = columns_found(profile, &tables)
            && let Ok(fitted) = fit(conn, &tables, profile)
        {
            let mark = profile.application_id.map(|id| id == application_id);
            match detection(conn, &tables, fitted, mark) {
                Ok(detection) => found.push((columns, detection)),
                // An expression that fails on a row speaks against this profile alone.
                Err(error) if *error.kind() == ErrorKind::Database => {}
                Err(error) => return Err(error),
            }
        }
    }
    found.sort_by_key(|(columns, detection)| Reverse((detection.confidence.level(), *columns)));
    Ok(found.into_iter().map(|(_, detection)| detection).collect())
}

/// A profile that a person chose, fitted to a database whatever its `[detect]` section says.
///
/// # Errors
/// Bad input where the database lacks what the profile cannot do without; those of SQLite.
pub fn apply(conn: &Connection, profile: &Profile) -> Result<Detection> {
    apply_because(conn, profile, "It was chosen.")
}

/// The same, for another reason: a sentence, which the one about the rows follows.
///
/// # Errors
/// As [`apply`].
pub fn apply_because(conn: &Connection, profile: &Profile, why: &str) -> Result<Detection> {
    functions::install(conn)?;
    let tables = schema::read(conn)?;
    let fitted = fit(conn, &tables, &instance(profile, &tables))?;
    let lacking = lacking_in_words(&fitted.lacking);
    let mut detection = detection(conn, &tables, fitted, None)?;
    let sample = Sample::read(conn, &tables, &detection.profile.events)?;
    detection.reason = format!("{why} {lacking}{}", sample.words());
    Ok(detection)
}

fn lacking_in_words(fields: &[&str]) -> String {
    let names: Vec<String> = fields.iter().map(|field| field.replace('_', " ")).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => format!("This file lacks the column of its {only}. "),
        [first @ .., last] => format!("This file lacks the columns of its {} and {last}. ", first.join(", ")),
    }
}

/// The mark in the file's header (<https://www.sqlite.org/pragma.html#pragma_application_id>).
fn application_id(conn: &Connection) -> Result<i32> {
    Ok(conn.query_row("SELECT application_id FROM pragma_application_id", [], |row| row.get(0))?)
}

/// A profile with the names that its patterns stand for in a database with these tables; as it is where it has none, or
/// where none of them fits.
#[must_use]
pub fn instance(profile: &Profile, tables: &[Table]) -> Profile {
    let instances = pattern::instances(profile, tables);
    let chosen = instances.iter().map(AsRef::as_ref).find(|instance| columns_found(instance, tables).is_some());
    chosen.unwrap_or(profile).clone()
}

/// How many columns the profile asks for, if all of them are there and none of those that must not be.
fn columns_found(profile: &Profile, tables: &[Table]) -> Option<usize> {
    if profile.detect.is_empty() {
        return None;
    }
    let mut count = 0;
    for (name, columns) in &profile.detect {
        let table = schema::find(tables, name)?;
        for column in columns {
            match column.strip_prefix('!') {
                Some(forbidden) if table.column(forbidden).is_some() => return None,
                Some(_) => {}
                None => {
                    table.column(column)?;
                    count += 1;
                }
            }
        }
    }
    Some(count)
}

fn detection(conn: &Connection, tables: &[Table], fitted: Fitted, mark: Option<bool>) -> Result<Detection> {
    let sample = Sample::read(conn, tables, &fitted.profile.events)?;
    let mut confidence = sample.confidence();
    let mark = match mark {
        Some(true) => "The file's header carries the format's mark, and ",
        Some(false) => {
            confidence = Confidence::new(confidence.share() * 0.8);
            "The file's header lacks the format's mark, but "
        }
        None => "",
    };
    let reason = format!("{mark}{} {}", columns_in_words(&fitted.profile, mark.is_empty()), sample.words());
    let fields = field_reasons(&fitted, confidence);
    Ok(Detection { profile: Arc::new(fitted.profile), confidence, reason, fields })
}

fn columns_in_words(profile: &Profile, starts: bool) -> String {
    let the = if starts { "The" } else { "the" };
    let asked = |columns: &[String]| columns.iter().filter(|column| !column.starts_with('!')).count();
    let tables: Vec<String> =
        profile.detect.iter().map(|(table, columns)| format!("{table} has the {} columns", asked(columns))).collect();
    match tables.as_slice() {
        [] => format!("{the} profile {} fits.", profile.title),
        tables => format!("{the} table {} of {}.", tables.join(" and "), profile.title),
    }
}

fn field_reasons(fitted: &Fitted, confidence: Confidence) -> Vec<FieldReason> {
    let events = &fitted.profile.events;
    let known = |field, source: &str| FieldReason {
        field,
        source: Some(source.to_owned()),
        confidence,
        reason: "The profile says so.".to_owned(),
    };
    let mut reasons = vec![known("table", &events.table), known("data", &events.data.sql)];
    for (name, field) in events.optional_fields() {
        reasons.push(field.map_or_else(|| absent(name, fitted, confidence), |field| known(name, &field.sql)));
    }
    reasons
}

fn absent(field: &'static str, fitted: &Fitted, confidence: Confidence) -> FieldReason {
    let reason = match (field, fitted.lacking.contains(&field)) {
        ("position", _) => "Rows have no number; events are counted in the store's order.",
        ("version", false) => "Such stores keep no version; events are counted in the stream's order.",
        (_, true) => "This file lacks the column that the profile knows.",
        (_, false) => "Such stores have no such field.",
    };
    FieldReason { field, source: None, confidence, reason: reason.to_owned() }
}
