//! A row of a table as a document, in SQL: its one document, or its columns by their names.

use rusqlite::types::Value;
use serde_json::Value as Json;

use super::super::field::Field;
use super::super::infer::plain;
use super::super::schema::{Column, Table};
use super::leaves::document;
use super::rows::Rows;
use super::spelling::sql_text;

/// What the row says, without the columns that only name it: all of them where the events speak of more than its one
/// document. `None` where nothing is left.
pub(super) fn state(table: &Table, rows: &Rows, left_out: &[usize], beside: bool) -> Option<Field> {
    let columns: Vec<(usize, &Column)> =
        table.columns.iter().enumerate().filter(|(place, _)| !left_out.contains(place)).collect();
    let documents: Vec<&str> = columns
        .iter()
        .filter(|(place, _)| holds_documents(rows, *place))
        .map(|(_, column)| column.name.as_str())
        .collect();
    if let [only] = documents.as_slice()
        && !beside
    {
        return Some(Field::new(plain(only)));
    }
    let members: Vec<String> = columns
        .iter()
        .filter(|(place, _)| holds(rows, *place, is_structured) || holds_scalars(rows, *place))
        .map(|(place, column)| format!("{}, {}", sql_text(&column.name), member(rows, *place, column)))
        .collect();
    (!members.is_empty()).then(|| Field::new(format!("json_object({})", members.join(", "))))
}

/// A column's value as a member of a JSON object.
fn member(rows: &Rows, place: usize, column: &Column) -> String {
    let name = plain(&column.name);
    if holds(rows, place, is_structured) {
        return format!("json(decoded({name}))");
    }
    if column.declared_type.to_uppercase().contains("BOOL") {
        return format!("CASE {name} WHEN 1 THEN json('true') WHEN 0 THEN json('false') ELSE {name} END");
    }
    let blobs = rows.values.iter().any(|row| matches!(row.get(place), Some(Value::Blob(_))));
    if blobs { format!("id_text({name})") } else { name }
}

/// Whether a column holds documents, wherever it holds anything.
pub(super) fn holds_documents(rows: &Rows, place: usize) -> bool {
    holds(rows, place, Json::is_object)
}

fn is_structured(value: &Json) -> bool {
    value.is_object() || value.is_array()
}

fn holds(rows: &Rows, place: usize, what: fn(&Json) -> bool) -> bool {
    let values = rows.values.iter().filter_map(|row| row.get(place));
    let there: Vec<&Value> = values.filter(|value| !matches!(value, Value::Null)).take(20).collect();
    let documents = there.iter().filter(|value| document(value).is_some_and(|it| what(&it))).count();
    documents > 0 && documents * 10 >= there.len() * 8
}

fn holds_scalars(rows: &Rows, place: usize) -> bool {
    let mut values = rows.values.iter().filter_map(|row| row.get(place));
    !values.any(|value| matches!(value, Value::Blob(bytes) if bytes.len() != 16))
}
