//! The SQL functions that the expressions of profiles, and filters, may call on top of SQLite's own.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value as Stored, ValueRef};
use rusqlite::{Connection, Error as SqlError};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::event::Decoded;

use crate::codec::{self, Codec};
use crate::codec::{Encoding, Format};
use crate::codec::{decode, encode};

/// The most events that one row is taken for where it does not say them itself.
const MOST_ITEMS: i64 = 10_000;

/// Adds the functions to a connection. None changes anything, and none fails on a bad row.
///
/// - `decoded(value)` is the JSON text of what a payload decodes to, or NULL where it holds no document. So
///   `decoded(metadata) ->> '$.correlation_id'` is safe on any row, whether the column holds JSON, JSON in a blob,
///   MessagePack or something broken. Where a column is known to be JSON text, SQLite's own functions behind a
///   `json_valid` are faster.
/// - `decoded(value, layers)` is the same where the row itself, or the profile, names the layers of its encoding, outermost
///   first and with commas between them: for formats that say little of themselves, such as protobuf. NULL or no such
///   names leave it to what the value looks like.
/// - `plain(value)` and `plain(value, layers)` are the same with the values of the document as they are, where a library
///   wrapped them so as to say their types: as an event shows them. `wraps(text)` is whether a JSON text may hold such
///   values at all, and is fast.
/// - `items(value, count)` is for rows that hold several events in a list: the JSON text of that list, for `json_each`.
///   Where the value cannot be read as one, it is a list of so many nulls, so that the events are there and
///   `coalesce(item.value, value)` shows the bytes that they are somewhere in.
/// - `protobuf_items(value, field)` is the same for a message of Protocol Buffers whose field of that number holds an
///   event each time that it occurs: a list of their bytes as hexadecimal digits, for `unhex`.
/// - `id_text(value)` is the text of an id, as [`decode::text`] has it: for columns that hold UUIDs as bytes.
/// - `members(name, value, …)` is the JSON text of a document with those members: of columns that are an event's data
///   together. NULL is left out, what is a document itself becomes a part of it, numbers keep their digits, and bytes are
///   hexadecimal digits.
/// - `whole_row(name, value, …)` is the same of all columns of a row, NULL among them.
/// - `with_keys(document, key, value, …)` is the document with those keys set whose value is not NULL, in the encoding
///   that it has: JSON text or MessagePack. NULL counts as an empty document; what is no object stays as it is.
///
/// # Errors
/// Those of SQLite; none is expected.
pub fn install(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("decoded", 1, flags, |context| Ok(decoded(context.get_raw(0), ValueRef::Null)))?;
    conn.create_scalar_function("decoded", 2, flags, |context| Ok(decoded(context.get_raw(0), context.get_raw(1))))?;
    conn.create_scalar_function("plain", 1, flags, |context| Ok(plain(context.get_raw(0), ValueRef::Null)))?;
    conn.create_scalar_function("plain", 2, flags, |context| Ok(plain(context.get_raw(0), context.get_raw(1))))?;
    conn.create_scalar_function("wraps", 1, flags, |context| {
        Ok(codec::may_be_wrapped(context.get_raw(0).as_bytes().unwrap_or_default()))
    })?;
    conn.create_scalar_function("items", 2, flags, |context| Ok(items(context.get_raw(0), context.get_raw(1))))?;
    conn.create_scalar_function("protobuf_items", 2, flags, |context| {
        Ok(protobuf_items(context.get_raw(0), context.get_raw(1)))
    })?;
    conn.create_scalar_function("id_text", 1, flags, |context| Ok(decode::text(context.get_raw(0), Format::Auto)))?;
    conn.create_scalar_function("members", -1, flags, |context| Ok(members(context, false)))?;
    conn.create_scalar_function("whole_row", -1, flags, |context| Ok(members(context, true)))?;
    conn.create_scalar_function("with_keys", -1, flags, with_keys)?;
    Ok(())
}

fn decoded(value: ValueRef<'_>, layers: ValueRef<'_>) -> Option<String> {
    decode::payload_named(value, layers, &Encoding::default()).value().map(Value::to_string)
}

fn plain(value: ValueRef<'_>, layers: ValueRef<'_>) -> Option<String> {
    decode::plain(decode::payload_named(value, layers, &Encoding::default())).value().map(Value::to_string)
}

fn items(value: ValueRef<'_>, count: ValueRef<'_>) -> String {
    if let Decoded::Document { value: list @ Value::Array(_), .. } =
        decode::payload(value, &Encoding::default()).into_decoded()
    {
        return list.to_string();
    }
    let count = count.as_i64().unwrap_or(1).clamp(1, MOST_ITEMS);
    (0..count).map(|_| Value::Null).collect::<Value>().to_string()
}

fn protobuf_items(value: ValueRef<'_>, field: ValueRef<'_>) -> String {
    let bytes = value.as_bytes().unwrap_or_default();
    let field = field.as_i64().ok().and_then(|field| u32::try_from(field).ok()).unwrap_or_default();
    match codec::protobuf_items(bytes, field) {
        Some(items) if !items.is_empty() => items.into_iter().map(codec::marks::hex).collect::<Value>().to_string(),
        _ => "[null]".to_owned(),
    }
}

fn members(context: &Context<'_>, with_null: bool) -> String {
    let mut found = serde_json::Map::new();
    for place in (1..context.len()).step_by(2) {
        let name = decode::text(context.get_raw(place - 1), Format::Text).unwrap_or_default();
        let value = match context.get_raw(place) {
            ValueRef::Null if !with_null => continue,
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::from(number),
            ValueRef::Real(number) => Value::from(number),
            other => match decode::payload(other, &Encoding::default()).into_decoded() {
                Decoded::Document { value: value @ (Value::Object(_) | Value::Array(_)), .. } => value,
                _ => decode::text(other, Format::Text).map_or(Value::Null, Value::String),
            },
        };
        found.insert(name, value);
    }
    Value::Object(found).to_string()
}

fn with_keys(context: &Context<'_>) -> rusqlite::Result<Stored> {
    if context.is_empty() {
        return Err(SqlError::InvalidParameterCount(0, 1));
    }
    let stored = context.get_raw(0);
    // An empty map of MessagePack is a single byte: too little to guess by. What is JSON is no MessagePack.
    let likely =
        if matches!(stored, ValueRef::Blob(_)) { Encoding::of(Codec::MessagePack) } else { Encoding::default() };
    let (mut document, layer) = match decode::payload(stored, &likely).into_decoded() {
        Decoded::Missing => (serde_json::Map::new(), Codec::Json),
        Decoded::Document { value: Value::Object(object), encodings } => (object, writable(&encodings)?),
        _ => return stored.try_into().map_err(|error| SqlError::UserFunctionError(Box::new(error))),
    };
    for place in (1..context.len().saturating_sub(1)).step_by(2) {
        let key = decode::text(context.get_raw(place), Format::Text);
        if let (Some(key), Some(value)) = (key, key_value(context.get_raw(place + 1))) {
            document.insert(key, value);
        }
    }
    encode::payload(&Value::Object(document), &Encoding::of(layer))
        .map_err(|error| SqlError::UserFunctionError(Box::new(error)))
}

/// The one layer that a document was in, if it can be put on again.
fn writable(encodings: &[&str]) -> rusqlite::Result<Codec> {
    let known = [Codec::Json, Codec::MessagePack];
    known.into_iter().find(|layer| encodings == [layer.name()]).ok_or_else(|| {
        let why = format!("a document cannot be written as {}", encodings.join(" in "));
        SqlError::UserFunctionError(Error::new(ErrorKind::Unsupported, why).into())
    })
}

/// Numbers stay numbers; everything else is text.
fn key_value(value: ValueRef<'_>) -> Option<Value> {
    match value {
        ValueRef::Integer(number) => Some(Value::from(number)),
        ValueRef::Real(number) => Some(Value::from(number)),
        other => decode::text(other, Format::Text).map(Value::String),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(sql: &str) -> Option<String> {
        let conn = Connection::open_in_memory().unwrap();
        install(&conn).unwrap();
        conn.query_row(&format!("SELECT CAST({sql} AS TEXT)"), [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn documents_are_read_and_nothing_fails() {
        assert_eq!(ask("decoded(X'81A16101') -> '$.a'").as_deref(), Some("1"));
        assert_eq!(ask("decoded(CAST('{\"a\":1.10}' AS BLOB)) -> '$.a'").as_deref(), Some("1.10"));
        for broken in ["X'C1FF'", "'{'", "NULL", "''"] {
            assert_eq!(ask(&format!("decoded({broken}) ->> '$.a'")), None, "{broken}");
        }
        assert_eq!(ask("decoded(X'80')"), None, "too little to guess by");
        assert_eq!(ask("decoded(X'80', 'messagepack')").as_deref(), Some("{}"));
        assert_eq!(ask("decoded('[1]', NULL)").as_deref(), Some("[1]"));
    }

    #[test]
    fn declared_layers_are_taken_off() {
        // Two bytes that could be anything, and are a message where somebody says so.
        assert_eq!(ask("decoded(X'0801') ->> '$.1'"), None);
        assert_eq!(ask("decoded(X'0801', 'protobuf') -> '$.1'").as_deref(), Some("1"));
        assert_eq!(ask("decoded('gaFhAQ==', 'base64,messagepack') -> '$.a'").as_deref(), Some("1"));
        for nonsense in ["'nobody'", "NULL", "7", "X'FF'"] {
            assert_eq!(ask(&format!("decoded('[1]', {nonsense})")).as_deref(), Some("[1]"), "{nonsense}");
        }
    }

    #[test]
    fn the_events_of_a_row_are_listed_whether_they_can_be_read_or_not() {
        assert_eq!(ask(r#"items('[{"a":1},2]', 9)"#).as_deref(), Some(r#"[{"a":1},2]"#));
        assert_eq!(ask("items(X'92A2616201', 2)").as_deref(), Some(r#"["ab",1]"#));
        for unreadable in ["X'C1FF00'", "NULL", "'{}'", "'words'"] {
            assert_eq!(ask(&format!("items({unreadable}, 3)")).as_deref(), Some("[null,null,null]"), "{unreadable}");
        }
        for count in ["NULL", "0", "-1", "'x'"] {
            assert_eq!(ask(&format!("items(NULL, {count})")).as_deref(), Some("[null]"), "{count}");
        }
        assert_eq!(ask("json_array_length(items(NULL, 9223372036854775807)) = 10000").as_deref(), Some("1"));
    }

    #[test]
    fn embedded_messages_are_listed_as_they_are_stored() {
        assert_eq!(ask("protobuf_items(X'0A0208010A0208021005', 1)").as_deref(), Some(r#"["0801","0802"]"#));
        for nothing in ["X'0A0208010A0208021005', 2", "X'0A05', 1", "NULL, 1", "'{}', 1", "X'0A020801', -1", "X'', 1"] {
            assert_eq!(ask(&format!("protobuf_items({nothing})")).as_deref(), Some("[null]"), "{nothing}");
        }
    }

    #[test]
    fn keys_are_set_where_there_is_a_value() {
        assert_eq!(ask("with_keys(NULL, 'a', 'x', 'b', NULL)").as_deref(), Some(r#"{"a":"x"}"#));
        let kept = r#"with_keys('{"n":1.10,"a":"old","z":null}', 'a', 'new', 'm', 7)"#;
        assert_eq!(ask(kept).as_deref(), Some(r#"{"n":1.10,"a":"new","z":null,"m":7}"#));
        assert_eq!(ask("hex(with_keys(X'80', 'a', 'x'))").as_deref(), Some("81A161A178"));
        assert_eq!(ask(r#"with_keys(CAST('{"b":1}' AS BLOB), 'a', 'x')"#).as_deref(), Some(r#"{"b":1,"a":"x"}"#));
        assert_eq!(ask("with_keys('[1]', 'a', 'x')").as_deref(), Some("[1]"));
        assert_eq!(
            ask("members('a', 9007199254740993, 'b', NULL, 'c', 'x', 'd', '{\"e\":1}', 'f', X'00ff')").as_deref(),
            Some(r#"{"a":9007199254740993,"c":"x","d":{"e":1},"f":"00ff"}"#)
        );
        assert_eq!(ask("whole_row('a', 1, 'b', NULL)").as_deref(), Some(r#"{"a":1,"b":null}"#));
    }
}
