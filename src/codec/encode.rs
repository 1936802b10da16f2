//! The way back: documents and moments as the values that a database stores, for appending.

use std::io::{Error as IoError, ErrorKind as IoErrorKind};

use chrono::{DateTime, Utc};
use rmpv::Value as Packed;
use rusqlite::types::Value as Stored;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

use super::marks::{BINARY, EXTENSION, FLOAT, MAP, TIMESTAMP};
use super::{Codec, Encoding, Format};

/// A document in the encoding of a field: JSON as text, MessagePack as a blob. The envelope that
/// [`unwrap`](Encoding::unwrap) opens is not put back; the expressions of an append do that.
///
/// # Errors
/// Unsupported where the encoding cannot be written; bad input where the document has what it cannot hold.
pub fn payload(document: &Value, encoding: &Encoding) -> Result<Stored> {
    match (encoding.layers.as_slice(), document) {
        ([Codec::Text], Value::String(text)) => Ok(Stored::Text(text.clone())),
        ([] | [Codec::Json | Codec::Text], _) => Ok(Stored::Text(document.to_string())),
        ([Codec::MessagePack], _) => message_pack(document).map(Stored::Blob),
        (layers, _) => {
            let names: Vec<&str> = layers.iter().map(|layer| layer.name()).collect();
            Err(Error::new(ErrorKind::Unsupported, format!("payloads cannot be written as {}", names.join(" in "))))
        }
    }
}

/// A moment as text or number. `pattern` is the text's form in the letters of `strftime`, where the profile has one;
/// else the format decides, and where it leaves a choice it is ISO 8601 with microseconds and `Z`.
#[must_use]
pub fn timestamp(moment: DateTime<Utc>, format: Format, pattern: Option<&str>) -> Stored {
    if let Some(pattern) = pattern {
        return Stored::Text(formatted(moment, pattern));
    }
    match format {
        Format::UnixSeconds => Stored::Integer(moment.timestamp()),
        Format::UnixMillis => Stored::Integer(moment.timestamp_millis()),
        Format::UnixMicros => Stored::Integer(moment.timestamp_micros()),
        Format::UnixNanos => moment.timestamp_nanos_opt().map_or(Stored::Null, Stored::Integer),
        Format::DotnetTicks => Stored::Integer(
            moment.timestamp() * 10_000_000
                + i64::from(moment.timestamp_subsec_nanos() / 100)
                + 621_355_968_000_000_000,
        ),
        Format::Webkit => Stored::Integer(moment.timestamp_micros() + 11_644_473_600_000_000),
        Format::Filetime => Stored::Integer(
            (moment.timestamp() + 11_644_473_600) * 10_000_000 + i64::from(moment.timestamp_subsec_nanos() / 100),
        ),
        #[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 have thirteen digits")]
        Format::JulianDay => Stored::Real(moment.timestamp_millis() as f64 / 86_400_000.0 + 2_440_587.5),
        #[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 have thirteen digits")]
        Format::OleDate => Stored::Real(moment.timestamp_millis() as f64 / 86_400_000.0 + 25_569.0),
        #[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 have thirteen digits")]
        Format::CoreData => Stored::Real(moment.timestamp_millis() as f64 / 1_000.0 - 978_307_200.0),
        Format::Sqlite => Stored::Text(formatted(moment, "%Y-%m-%d %H:%M:%S")),
        _ => Stored::Text(formatted(moment, "%Y-%m-%dT%H:%M:%S%.6fZ")),
    }
}

/// A profile's patterns are checked when it is parsed; one that is not is written as it stands.
fn formatted(moment: DateTime<Utc>, pattern: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    match write!(text, "{}", moment.format(pattern)) {
        Ok(()) => text,
        Err(_) => pattern.to_owned(),
    }
}

fn message_pack(document: &Value) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &packed(document)?)
        .map_err(|error| IoError::new(IoErrorKind::InvalidData, error))?;
    Ok(bytes)
}

fn packed(value: &Value) -> Result<Packed> {
    Ok(match value {
        Value::Null => Packed::Nil,
        Value::Bool(truth) => Packed::Boolean(*truth),
        Value::Number(number) => packed_number(number)?,
        Value::String(text) => Packed::from(text.as_str()),
        Value::Array(items) => Packed::Array(items.iter().map(packed).collect::<Result<_>>()?),
        Value::Object(object) => match marked(object) {
            Some(value) => value,
            None => packed_map(object)?,
        },
    })
}

/// MessagePack has 64-bit integers and floats; a number that is neither would lose digits.
fn packed_number(number: &serde_json::Number) -> Result<Packed> {
    if let Some(integer) = number.as_i64() {
        return Ok(Packed::from(integer));
    }
    if let Some(integer) = number.as_u64() {
        return Ok(Packed::from(integer));
    }
    let text = number.to_string();
    let float = number.as_f64().filter(|float| float.is_finite() && text.contains(['.', 'e', 'E']));
    float.map(Packed::F64).ok_or_else(|| Error::bad_input(format!("MessagePack cannot hold the number {text}")))
}

fn packed_map(object: &Map<String, Value>) -> Result<Packed> {
    let entries = object.iter().map(|(key, value)| Ok((Packed::from(key.as_str()), packed(value)?)));
    Ok(Packed::Map(entries.collect::<Result<_>>()?))
}

/// What the decoder marked with `$`, where the object is exactly such a mark.
fn marked(object: &Map<String, Value>) -> Option<Packed> {
    let (key, value) = object.iter().next().filter(|_| object.len() == 1)?;
    match key.as_str() {
        BINARY => unhex(value.as_str()?).map(Packed::Binary),
        FLOAT => value.as_str()?.parse().ok().map(Packed::F64),
        TIMESTAMP => Some(packed_moment(DateTime::parse_from_rfc3339(value.as_str()?).ok()?.to_utc())),
        EXTENSION => match value.as_array()?.as_slice() {
            [kind, bytes] => Some(Packed::Ext(i8::try_from(kind.as_i64()?).ok()?, unhex(bytes.as_str()?)?)),
            _ => None,
        },
        MAP => value.as_array()?.iter().map(pair).collect::<Option<_>>().map(Packed::Map),
        _ => None,
    }
}

fn pair(value: &Value) -> Option<(Packed, Packed)> {
    match value.as_array()?.as_slice() {
        [key, value] => Some((packed(key).ok()?, packed(value).ok()?)),
        _ => None,
    }
}

/// The timestamp extension in its widest form: nanoseconds, then signed seconds.
fn packed_moment(moment: DateTime<Utc>) -> Packed {
    let mut bytes = moment.timestamp_subsec_nanos().to_be_bytes().to_vec();
    bytes.extend(moment.timestamp().to_be_bytes());
    Packed::Ext(-1, bytes)
}

pub(super) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::types::ValueRef;
    use serde_json::json;

    use super::super::decode;
    use super::*;

    fn round_trip(document: &Value, encoding: &Encoding) -> Option<Value> {
        let stored = payload(document, encoding).ok()?;
        decode::payload(ValueRef::from(&stored), encoding).value().cloned()
    }

    #[test]
    fn marks_go_back_to_what_they_stood_for() {
        let packed = Encoding::of(Codec::MessagePack);
        let document = json!({
            "b": {"$binary": "00ff"}, "e": {"$extension": [7, "2a"]}, "t": {"$timestamp": "2026-03-14T12:04:01.500Z"},
            "m": {"$map": [[1, "one"], [null, 2]]}, "f": {"$float": "NaN"}, "n": [1, -1, 1.5, u64::MAX],
        });
        assert_eq!(round_trip(&document, &packed), Some(document));
    }

    #[test]
    fn numbers_that_would_lose_digits_are_refused() {
        let number: Value = serde_json::from_str("123456789012345678901234567890").unwrap();
        assert!(payload(&number, &Encoding::of(Codec::MessagePack)).is_err());
        assert_eq!(round_trip(&number, &Encoding::of(Codec::Json)), Some(number));
        assert!(payload(&json!(1), &Encoding::of(Codec::Opaque)).is_err());
    }

    #[test]
    fn a_moment_reads_back_as_itself_in_every_format() {
        let moment = DateTime::from_timestamp(1_773_489_841, 0).unwrap();
        for format in Format::MOMENTS {
            let stored = timestamp(moment, format, None);
            assert_eq!(decode::timestamp(ValueRef::from(&stored), format).unwrap().utc, Some(moment), "{format:?}");
        }
        assert_eq!(timestamp(moment, Format::Auto, Some("%H:%M")), Stored::Text("12:04".into()));
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            "\\PC*".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z$]{0,9}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn documents_survive_every_writable_encoding(document in documents()) {
            prop_assert_eq!(round_trip(&document, &Encoding::of(Codec::Json)), Some(document.clone()));
            prop_assert_eq!(round_trip(&document, &Encoding::of(Codec::MessagePack)), Some(document));
        }
    }
}
