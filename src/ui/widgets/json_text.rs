//! What a row of a document's tree says of its value, and how much of it.

use serde_json::Value;

/// The longest text of a value or of a preview, in characters. What is cut off is in the file and one copy away.
const LONGEST: usize = 300;
/// The longest preview of what a closed container holds, in characters.
const PREVIEW: usize = 60;

/// What a value is, which decides its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Null,
    Container,
    /// No value: how many are left out here.
    #[default]
    LeftOut,
}

/// What a value is.
pub(super) fn kind(value: &Value) -> Kind {
    match value {
        Value::String(_) => Kind::Text,
        Value::Number(_) | Value::Bool(_) => Kind::Number,
        Value::Null => Kind::Null,
        Value::Array(_) | Value::Object(_) => Kind::Container,
    }
}

/// How many values a container holds.
pub(super) fn size(value: &Value) -> Option<usize> {
    match value {
        Value::Array(items) => Some(items.len()),
        Value::Object(map) => Some(map.len()),
        _ => None,
    }
}

/// A value as text: a scalar as JSON, a container as the number of its values.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text, LONGEST),
        Value::Array(items) => format!("[{}]", items.len()),
        Value::Object(map) => format!("{{{}}}", map.len()),
        scalar => scalar.to_string(),
    }
}

/// A string as JSON, cut before it is escaped: what is not seen need not be worked on.
fn quoted(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", Value::from(text.get(..end).unwrap_or_default())),
        None => Value::from(text).to_string(),
    }
}

/// `{ qty: 2, price: 8.00 }`, as far as it goes.
pub(super) fn preview(value: &Value) -> String {
    let mut line = String::new();
    write_preview(value, &mut line);
    match line.char_indices().nth(PREVIEW) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

fn write_preview(value: &Value, line: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => line.push_str("{}"),
        Value::Object(map) => {
            line.push_str("{ ");
            write_all(map.iter().map(|(key, value)| (Some(key.as_str()), value)), line);
            line.push_str(" }");
        }
        Value::Array(items) => {
            line.push('[');
            write_all(items.iter().map(|value| (None, value)), line);
            line.push(']');
        }
        Value::String(text) => line.push_str(&quoted(text, PREVIEW)),
        scalar => line.push_str(&scalar.to_string()),
    }
}

fn write_all<'v>(values: impl Iterator<Item = (Option<&'v str>, &'v Value)>, line: &mut String) {
    for (index, (key, value)) in values.enumerate() {
        if line.len() > 4 * PREVIEW {
            return;
        }
        line.push_str(if index > 0 { ", " } else { "" });
        if let Some(key) = key {
            line.extend(key.chars().take(PREVIEW));
            line.push_str(": ");
        }
        write_preview(value, line);
    }
}
