//! `eventscope info`: what a database is, and what it holds.

use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::insight::Statistics;
use crate::profile::{Detection, FieldReason, Level};
use crate::session::NOTHING_FITS;
use crate::source::Source;

use super::arguments::Database;
use super::output::{Align, Columns, Outcome, Output};

/// Says what a database is.
pub(super) fn run(database: &Database) -> Outcome {
    let source = super::open(database)?;
    let document = described(&source)?;
    let mut output = Output::new(database.json);
    if database.json {
        output.document(&Value::Object(document))?;
    } else {
        written(&mut output, database, &document)?;
    }
    output.finish()
}

/// What is known, by the names that scripts build on.
fn described(source: &Source) -> Result<Map<String, Value>> {
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    let detection = source.detection();
    put("profile", json!(detection.map(|found| &found.profile.name)));
    put("title", json!(detection.map(|found| &found.profile.title)));
    put("confidence", json!(confidence(source)));
    put("reason", json!(detection.map_or_else(|| NOTHING_FITS.to_owned(), |found| found.reason.clone())));
    put("mode", json!(source.mode().name()));
    put("notes", json!(source.notes()));
    put("mapping", detection.map_or(Value::Null, mapping));
    if detection.is_some() {
        let statistics = Statistics::of(source)?;
        put("events", json!(statistics.events));
        put("streams", json!(statistics.streams));
        let types = statistics.event_types.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
        put("event_types", Value::Object(types));
        put("first_timestamp", statistics.first.as_ref().map_or(Value::Null, super::json::stored));
        put("last_timestamp", statistics.last.as_ref().map_or(Value::Null, super::json::stored));
    }
    let table =
        |table: &crate::source::TableInfo| json!({"name": table.name, "rows": source.table_len(&table.name).ok()});
    put("tables", Value::Array(source.tables().iter().map(table).collect()));
    Ok(document)
}

/// Where each field comes from, how sure that is, from 0 to 1, and why.
fn mapping(detection: &Detection) -> Value {
    let field = |field: &FieldReason| {
        let confidence = f64::from(field.confidence.share());
        // Two digits: a guess is no measurement.
        let confidence = (confidence * 100.0).round() / 100.0;
        (field.field.to_owned(), json!({"source": field.source, "confidence": confidence, "reason": field.reason}))
    };
    Value::Object(detection.fields.iter().map(field).collect())
}

/// How sure the profile is, in a word.
fn confidence(source: &Source) -> &'static str {
    match source.detection().map(|found| found.confidence.level()) {
        Some(Level::Certain) => "certain",
        Some(Level::Likely) => "likely",
        Some(Level::Guess) => "guess",
        Some(Level::None) | None => "none",
    }
}

/// The same for a person: a line for each fact, then the event types or the tables.
fn written(output: &mut Output, database: &Database, document: &Map<String, Value>) -> Outcome {
    output.line(&format!("file             {}", database.file.display()))?;
    for (name, value) in document {
        match value {
            Value::String(text) => output.line(&format!("{:<17}{text}", name.replace('_', " ")))?,
            Value::Number(number) => output.line(&format!("{:<17}{number}", name.replace('_', " ")))?,
            _ => {}
        }
    }
    let counts = |name: &str| document.get(name).and_then(Value::as_object);
    if let Some(types) = counts("event_types") {
        output.line("")?;
        let mut columns = Columns::new(output, &[("EVENTS", Align::Right), ("TYPE", Align::Left)]);
        for (name, count) in types {
            columns.row(vec![count.to_string(), name.clone()])?;
        }
        columns.write()?;
    }
    output.line("")?;
    let mut columns = Columns::new(output, &[("ROWS", Align::Right), ("TABLE", Align::Left)]);
    for table in document.get("tables").and_then(Value::as_array).into_iter().flatten() {
        let name = table.get("name").and_then(Value::as_str).unwrap_or_default();
        let rows = table.get("rows").filter(|rows| !rows.is_null()).map_or_else(String::new, ToString::to_string);
        columns.row(vec![rows, name.to_owned()])?;
    }
    columns.write()
}
