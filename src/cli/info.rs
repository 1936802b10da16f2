//! `eventscope info`: what a database is, and what it holds.

use serde_json::{Map, Value, json};

use crate::codec::{Format, Unwrap};
use crate::error::Result;
use crate::event::{Decoded, Event, Payload};
use crate::profile::{self, Confidence, Detection, FieldReason, Level};
use crate::session::{NOTHING_FITS, count_together};
use crate::source::{Source, TableInfo};

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
    let (mut document, mut known) = (Map::new(), None);
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    let detection = source.detection();
    put("profile", json!(detection.map(|found| &found.profile.name)));
    put("title", json!(detection.map(|found| &found.profile.title)));
    put("confidence", json!(confidence(source)));
    put("reason", json!(detection.map_or_else(|| NOTHING_FITS.to_owned(), |found| found.reason.clone())));
    put("mode", json!(source.mode().name()));
    put("notes", json!(source.notes()));
    let mut fields = detection.map_or(Value::Null, mapping);
    add_encodings(source, &mut fields);
    put("mapping", fields);
    put("others", Value::Array(source.others().iter().map(other).collect()));
    if detection.is_some() {
        let statistics = count_together(source)?;
        known = Some(statistics.events);
        put("events", json!(statistics.events));
        put("streams", json!(statistics.streams));
        let types = statistics.event_types.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
        put("event_types", Value::Object(types));
        put("first_timestamp", statistics.first.as_ref().map_or(Value::Null, super::json::stored));
        put("last_timestamp", statistics.last.as_ref().map_or(Value::Null, super::json::stored));
    }
    let archives = source.archives()?;
    if !archives.is_empty() {
        put("archived_events", json!(archives.iter().map(|archive| archive.events).sum::<u64>()));
        put("archives", json!(archives.iter().map(|archive| archive.path.to_string_lossy()).collect::<Vec<_>>()));
    }
    let rows = |name: &str| match source.mapping() {
        // Its events were just counted.
        Some(mapping) if mapping.filter.is_none() && mapping.from == name && known.is_some() => known,
        _ => source.table_len(name).ok(),
    };
    let table = |table: &TableInfo| json!({"name": table.name, "rows": rows(&table.name), "is": table.about});
    put("tables", Value::Array(source.tables().iter().map(table).collect()));
    Ok(document)
}

/// Where each field comes from, in the notation of [`profile::plain`], how sure that is, from 0 to 1, and why.
fn mapping(detection: &Detection) -> Value {
    Value::Object(detection.fields.iter().map(|reason| (reason.field.to_owned(), field(detection, reason))).collect())
}

fn field(detection: &Detection, reason: &FieldReason) -> Value {
    let events = &detection.profile.events;
    let source = reason.source.as_deref();
    let plain = source.map(|sql| if reason.field == "table" { sql.to_owned() } else { profile::plain(events, sql) });
    let mut document = json!({"source": plain, "confidence": share(reason.confidence), "reason": reason.reason});
    let mut put =
        |name: &str, value: Value| document.as_object_mut().map(|object| object.insert(name.to_owned(), value));
    if source != plain.as_deref() {
        put("sql", json!(source));
    }
    let optional = || events.optional_fields().find(|(name, _)| *name == reason.field).and_then(|(_, field)| field);
    let mapped = if reason.field == "data" { Some(&events.data) } else { optional() };
    if let Some(mapped) = mapped.filter(|_| source.is_some()) {
        if mapped.format != Format::Auto {
            put("format", json!(mapped.format));
        }
        if !mapped.encoding.layers.is_empty() {
            let layers: Vec<&str> = mapped.encoding.layers.iter().map(|layer| layer.name()).collect();
            put("encoding", json!(layers));
        }
        if mapped.encoding.unwrap != Unwrap::None {
            put("unwrap", json!(mapped.encoding.unwrap));
        }
    }
    document
}

/// What the payloads of the first events decode from, where the mapping leaves it to each of them.
fn add_encodings(source: &Source, mapping: &mut Value) {
    // What a document of a gigabyte decodes from, others tell.
    source.leave_unread(Some(1 << 20));
    let page = source.page_at(0, 20);
    source.leave_unread(None);
    let Ok(events) = page else { return };
    let seen = |payload: &dyn Fn(&Event) -> &Payload| {
        events.iter().find_map(|event| match payload(event).decoded() {
            Decoded::Document { encodings, .. } => {
                Some(encodings.iter().filter(|it| **it != "envelope").copied().collect())
            }
            _ => None,
        })
    };
    let found: [(&str, Option<Vec<&str>>); 2] =
        [("data", seen(&|event| &event.data)), ("metadata", seen(&|event| &event.metadata))];
    for (name, encodings) in found {
        let field = mapping.get_mut(name).and_then(Value::as_object_mut);
        let field = field.filter(|it| it.get("source").is_some_and(Value::is_string) && !it.contains_key("encoding"));
        if let (Some(field), Some(encodings)) = (field, encodings) {
            field.insert("encoding".to_owned(), json!(encodings));
        }
    }
}

/// What else the database could be read as: other tables of events, and other profiles.
fn other(detection: &Detection) -> Value {
    json!({
        "profile": detection.profile.name,
        "title": detection.profile.title,
        "table": detection.profile.events.table,
        "confidence": share(detection.confidence),
        "reason": detection.reason,
        "mapping": mapping(detection),
    })
}

/// Two digits: a guess is no measurement.
fn share(confidence: Confidence) -> f64 {
    (f64::from(confidence.share()) * 100.0).round() / 100.0
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
    output.line(&format!("file             {}", super::shown(database)))?;
    for (name, value) in document {
        match value {
            Value::String(text) => output.line(&format!("{:<17}{text}", name.replace('_', " ")))?,
            Value::Number(number) => output.line(&format!("{:<17}{number}", name.replace('_', " ")))?,
            _ => {}
        }
    }
    written_mapping(output, document)?;
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
    let mut columns = Columns::new(output, &[("ROWS", Align::Right), ("TABLE", Align::Left), ("IS", Align::Left)]);
    for table in document.get("tables").and_then(Value::as_array).into_iter().flatten() {
        let name = table.get("name").and_then(Value::as_str).unwrap_or_default();
        let rows = table.get("rows").filter(|rows| !rows.is_null()).map_or_else(String::new, ToString::to_string);
        let about = table.get("is").and_then(Value::as_str).unwrap_or_default();
        columns.row(vec![rows, name.to_owned(), about.to_owned()])?;
    }
    columns.write()
}

/// Where the fields come from, for a person; and what else it could be.
fn written_mapping(output: &mut Output, document: &Map<String, Value>) -> Outcome {
    let Some(mapping) = document.get("mapping").and_then(Value::as_object) else { return Ok(()) };
    output.line("")?;
    let columns = [("FIELD", Align::Left), ("SURE", Align::Right), ("COMES FROM", Align::Left)];
    let mut columns = Columns::new(output, &columns);
    for (name, field) in mapping {
        let Some(source) = field.get("source").and_then(Value::as_str) else { continue };
        let sure = field.get("confidence").and_then(Value::as_f64).unwrap_or(0.0) * 100.0;
        columns.row(vec![name.replace('_', " "), format!("{sure:.0} %"), source.to_owned()])?;
    }
    columns.write()?;
    let others = document.get("others").and_then(Value::as_array).into_iter().flatten();
    for other in others {
        let text = |name: &str| other.get(name).and_then(Value::as_str).unwrap_or_default();
        output.line(&format!("or it is         {}, from the table {}", text("title"), text("table")))?;
    }
    Ok(())
}
