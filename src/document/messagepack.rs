//! MessagePack as JSON, what JSON lacks being marked, and JSON as MessagePack where that holds it to the digit.

use chrono::{DateTime, SecondsFormat, Utc};
use rmp::encode;
use rmpv::ValueRef;
use serde_json::{Number, Value, json};

use super::marks::{EXTENSION, MAX_DEPTH, TIMESTAMP, binary, float, float32, hex, map, too_deep};

/// Reads bytes that are one MessagePack value and nothing more; else says why not.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut rest = bytes;
    // The reader counts two for each level, and up to three for what is in the innermost.
    let levels = MAX_DEPTH * 2 + 3;
    let value = rmpv::decode::read_value_ref_with_max_depth(&mut rest, levels).map_err(|error| error.to_string())?;
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

/// Writes a JSON document behind what is in `to`, so that [`read`] gives back the same one, to the digit; else says why
/// it cannot be.
///
/// Objects are always maps, also those that look like a mark.
pub(crate) fn write(document: &Value, to: &mut Vec<u8>) -> Result<(), String> {
    append(to, document, 0)
}

fn append(to: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    match value {
        Value::Null => encode::write_nil(to).map_err(refused),
        Value::Bool(truth) => encode::write_bool(to, *truth).map_err(refused),
        Value::Number(number) => append_number(to, number),
        Value::String(text) => append_text(to, text),
        Value::Array(items) => {
            encode::write_array_len(to, length(items.len())?).map_err(refused)?;
            items.iter().try_for_each(|item| append(to, item, depth + 1))
        }
        Value::Object(fields) => {
            encode::write_map_len(to, length(fields.len())?).map_err(refused)?;
            fields.iter().try_for_each(|(name, value)| {
                append_text(to, name)?;
                append(to, value, depth + 1)
            })
        }
    }
}

/// MessagePack has integers and floats of 64 bits. What is neither, to the last digit, would come back as another text.
fn append_number(to: &mut Vec<u8>, number: &Number) -> Result<(), String> {
    let same = |held: Number| held == *number;
    if let Some(integer) = number.as_i64().filter(|integer| same((*integer).into())) {
        encode::write_sint(to, integer).map_err(refused)?;
    } else if let Some(integer) = number.as_u64().filter(|integer| same((*integer).into())) {
        encode::write_uint(to, integer).map_err(refused)?;
    } else if let Some(float) = number.as_f64().filter(|float| Number::from_f64(*float).is_some_and(same)) {
        encode::write_f64(to, float).map_err(refused)?;
    } else {
        return Err(no_such_number(number));
    }
    Ok(())
}

/// The sentence for a number that it cannot hold.
pub(crate) fn no_such_number(number: &impl std::fmt::Display) -> String {
    format!("it has no number that is {number} to the digit")
}

fn append_text(to: &mut Vec<u8>, text: &str) -> Result<(), String> {
    // `write_str` cuts the length off where it is too long.
    length(text.len())?;
    encode::write_str(to, text).map_err(refused)
}

fn length(length: usize) -> Result<u32, String> {
    u32::try_from(length).map_err(|_| format!("it has no value of {length} parts"))
}

/// Writing into memory does not fail; were it to, the words would be these.
fn refused(error: impl std::error::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(document: &Value) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        write(document, &mut bytes)?;
        Ok(bytes)
    }

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

    #[test]
    #[cfg(feature = "inspect")]
    fn a_number_that_would_come_back_otherwise_is_refused() {
        for text in
            ["8.00", "123456789012345678901234567890", "-0", "1e+400", "1e+2", "0.1000000000000000055511151231257827"]
        {
            let number: Value = serde_json::from_str(text).unwrap();
            let why = written(&json!([{ "price": number }])).unwrap_err();
            assert!(why.contains(text), "{why}");
        }
        for text in ["0", "-0.0", "8.0", "0.00001", "1e-7", "1e+300", "-9223372036854775808", "18446744073709551615"] {
            let number: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(&written(&number).unwrap()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_looks_like_a_mark_is_written_as_the_object_that_it_is() {
        let document = json!({"$binary": "00FF", "in": {"$float": "0.5"}, "at": {"$map": [[1, 2]]}});
        assert_eq!(read(&written(&document).unwrap()).unwrap(), document);
    }

    #[test]
    fn as_deep_as_can_be_read_can_be_written() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let named = (0..MAX_DEPTH).fold(json!("leaf"), |inner, _| json!({ "in": inner }));
        for deepest in [nested(MAX_DEPTH), named] {
            assert_eq!(read(&written(&deepest).unwrap()).unwrap(), deepest);
        }
        assert!(written(&nested(MAX_DEPTH + 1)).unwrap_err().contains("deep"));
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?"
                .prop_filter_map("a float of this build", |text| serde_json::from_str(&text).ok()),
            "\\PC{0,40}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 48, 20, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
                prop::collection::vec(("[a-z$.]{0,40}", inner), 0..20)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn held(value: &Value) -> bool {
        match value {
            Value::Number(number) => written(&Value::Number(number.clone())).is_ok(),
            Value::Array(items) => items.iter().all(held),
            Value::Object(fields) => fields.values().all(held),
            _ => true,
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_to_the_digit(document in documents()) {
            match written(&document) {
                Ok(bytes) => prop_assert_eq!(read(&bytes).unwrap().to_string(), document.to_string()),
                Err(why) => prop_assert!(!held(&document), "{} {}", document, why),
            }
        }

        #[test]
        fn every_integer_and_float_of_64_bits_is_held(integer in any::<i64>(), natural in any::<u64>(), float in any::<f64>()) {
            let document = json!([integer, natural, float]);
            prop_assert_eq!(read(&written(&document).unwrap()).unwrap(), document);
        }
    }
}
