//! What an edited mapping makes of the file, as texts that a frame only paints.

use serde_json::Value;

use crate::codec::Unwrap;
use crate::profile::{Field, Mapping};
use crate::source::{self, Fault, PreviewEvent, SnapshotPreview};

use crate::codec::one_line;
use crate::session::EventRow;
use crate::session::event_table::texts::thousands;

/// How many members of the documents are offered.
const OFFERED: usize = 40;

/// What an edited mapping makes of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingPreview {
    /// The first events as they would show.
    pub rows: Vec<PreviewRow>,
    /// What is wrong, field by field.
    pub faults: Vec<Fault>,
    /// Whether the rows stand in the store's order.
    pub sorted: bool,
    /// What the data and the metadata hold, for fields that no column holds.
    pub inside: Vec<Inside>,
    /// What it finds of the application's own states, in a sentence.
    pub snapshots: Option<String>,
}

/// An event as it would show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreviewRow {
    /// The event.
    pub row: EventRow,
    /// Its position; empty where it is not known without reading more.
    pub position: String,
    /// Its version; empty where it is not known without reading more.
    pub version: String,
}

/// A member of the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// The expression that reads it.
    pub sql: String,
    /// Where it is: `$.created_at`.
    pub path: String,
    /// A value that stands there.
    pub sample: String,
}

impl MappingPreview {
    /// The texts of a preview.
    pub(in crate::session) fn of(preview: source::MappingPreview, events: &Mapping) -> Self {
        let source::MappingPreview { rows, faults, sorted, snapshots } = preview;
        let mut inside = members(&events.data, rows.iter().filter_map(|row| row.event.data.stored_value()));
        if let Some(metadata) = &events.metadata {
            inside.extend(members(metadata, rows.iter().filter_map(|row| row.event.metadata.stored_value())));
        }
        inside.truncate(OFFERED);
        let snapshots = snapshots.map(|found| snapshots_in_words(&found));
        Self { rows: rows.into_iter().map(preview_row).collect(), faults, sorted, inside, snapshots }
    }
}

/// Such as `1,204 snapshots; the newest is of order/71ff at version 50`.
fn snapshots_in_words(found: &SnapshotPreview) -> String {
    let number = thousands(i64::try_from(found.count).unwrap_or(i64::MAX));
    let count = match (found.complete, found.count) {
        (_, 0) => "No snapshots yet".to_owned(),
        (true, 1) => "1 snapshot".to_owned(),
        (true, _) => format!("{number} snapshots"),
        (false, _) => format!("More than {number} snapshots"),
    };
    let newest = found.newest.as_ref().map(|newest| {
        let which = match (found.count, &newest.timestamp) {
            (1, _) => "it",
            (_, Some(_)) => "the newest",
            (_, None) => "the furthest",
        };
        format!("; {which} is of {} at version {}", newest.stream, thousands(newest.version))
    });
    format!("{count}{}.", newest.unwrap_or_default())
}

fn preview_row(row: PreviewEvent) -> PreviewRow {
    let number = |number: Option<i64>| number.map(thousands).unwrap_or_default();
    let (position, version) = (number(row.position), number(row.version));
    PreviewRow { row: EventRow::of(row.event, &[]), position, version }
}

/// The members of documents, with the first value of each. An envelope that was opened by its only key has no one path
/// to what is inside.
fn members<'a>(field: &Field, documents: impl Iterator<Item = &'a Value>) -> Vec<Inside> {
    let prefix = match &field.encoding.unwrap {
        Unwrap::None => "$".to_owned(),
        Unwrap::Pointer(pointer) => format!("${}", pointer.replace('/', ".")),
        Unwrap::Tagged => return Vec::new(),
    };
    let mut found: Vec<Inside> = Vec::new();
    for (key, value) in documents.filter_map(Value::as_object).flatten() {
        let path = format!("{prefix}.{}", member(key));
        let plain = !value.is_object() && !value.is_array() && !value.is_null();
        if plain && !found.iter().any(|known| known.path == path) {
            let sample = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let sql = format!("decoded({}) ->> '{}'", field.sql, path.replace('\'', "''"));
            found.push(Inside { sql, path, sample: one_line(&sample) });
        }
    }
    found
}

/// A key as SQLite's JSON paths write it (<https://www.sqlite.org/json1.html#path_arguments>).
fn member(key: &str) -> String {
    let plain = key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain && !key.is_empty() { key.to_owned() } else { format!("\"{key}\"") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_documents_hold_is_offered_with_the_expression_that_reads_it() {
        let documents = [json!({"at": 1, "who's": "x", "lines": []}), json!({"at": 2, "total": 9})];
        let found = members(&Field::new("body"), documents.iter());
        let sql: Vec<&str> = found.iter().map(|inside| inside.sql.as_str()).collect();
        assert_eq!(
            sql,
            ["decoded(body) ->> '$.at'", "decoded(body) ->> '$.\"who''s\"'", "decoded(body) ->> '$.total'"]
        );
        assert_eq!(found[0].sample, "1");
    }
}
