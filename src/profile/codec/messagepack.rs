//! MessagePack as JSON, what JSON lacks being marked.

use chrono::{DateTime, SecondsFormat, Utc};
use rmpv::ValueRef;
use serde_json::{Value, json};

use super::marks::{EXTENSION, MAX_DEPTH, TIMESTAMP, binary, float, float32, hex, map};

/// Reads bytes that are one MessagePack value and nothing more; else says why not.
pub(super) fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut rest = bytes;
    // The reader counts two for each level.
    let value =
        rmpv::decode::read_value_ref_with_max_depth(&mut rest, MAX_DEPTH * 2).map_err(|error| error.to_string())?;
    if rest.is_empty() { Ok(to_json(&value)) } else { Err(format!("{} bytes follow the first value", rest.len())) }
}

fn to_json(value: &ValueRef<'_>) -> Value {
    match value {
        ValueRef::Nil => Value::Null,
        ValueRef::Boolean(truth) => Value::Bool(*truth),
        ValueRef::Integer(number) => integer(*number),
        ValueRef::F32(number) => float32(*number),
        ValueRef::F64(number) => float(*number),
        ValueRef::String(text) => text.as_str().map_or_else(|| binary(text.as_bytes()), Value::from),
        ValueRef::Binary(bytes) => binary(bytes),
        ValueRef::Array(items) => Value::Array(items.iter().map(to_json).collect()),
        ValueRef::Map(entries) => map(entries.iter().map(|(key, value)| (to_json(key), to_json(value))).collect()),
        ValueRef::Ext(kind, bytes) => extension(*kind, bytes),
    }
}

fn integer(number: rmpv::Integer) -> Value {
    number.as_i64().map(Value::from).or_else(|| number.as_u64().map(Value::from)).unwrap_or(Value::Null)
}

fn extension(kind: i8, bytes: &[u8]) -> Value {
    let moment = if kind == -1 { moment(bytes) } else { None };
    match moment {
        Some(moment) => json!({TIMESTAMP: moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)}),
        None => json!({EXTENSION: [kind, hex(bytes)]}),
    }
}

/// The timestamp extension: 32 bits of seconds; 30 bits of nanoseconds and 34 of seconds; or 32 of nanoseconds and 64.
fn moment(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = match bytes.len() {
        4 => (i64::from(u32::from_be_bytes(bytes.try_into().ok()?)), 0),
        8 => {
            let both = u64::from_be_bytes(bytes.try_into().ok()?);
            (i64::try_from(both & 0x3_ffff_ffff).ok()?, u32::try_from(both >> 34).ok()?)
        }
        12 => {
            let (nanos, seconds) = bytes.split_first_chunk::<4>()?;
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes(*nanos))
        }
        _ => return None,
    };
    DateTime::from_timestamp(seconds, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_lacks_is_marked() {
        let cases: [(&[u8], Value); 8] = [
            (b"\xc4\x02\x00\xff", json!({"$binary": "00ff"})),
            (b"\xd4\x07\x2a", json!({"$extension": [7, "2a"]})),
            (b"\xd6\xff\x00\x00\x00\x3c", json!({"$timestamp": "1970-01-01T00:01:00Z"})),
            (b"\x81\x01\xa1a", json!({"$map": [[1, "a"]]})),
            (b"\x82\xa1k\x01\xa1k\x02", json!({"$map": [["k", 1], ["k", 2]]})),
            (b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", json!({"$float": "NaN"})),
            (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", json!(u64::MAX)),
            (b"\xca\x3d\xcc\xcc\xcd", serde_json::from_str("0.1").unwrap()),
        ];
        for (bytes, value) in cases {
            assert_eq!(read(bytes).unwrap(), value);
        }
    }

    #[test]
    fn nesting_and_lies_about_length_are_refused() {
        assert!(read(&vec![0x91; 10_000]).is_err());
        assert!(read(b"\xdd\xff\xff\xff\xff").is_err());
        assert!(read(b"\x01\x02").is_err());
    }
}
