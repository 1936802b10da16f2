//! CBOR (RFC 8949) as JSON. Tags are kept: `{"$tag": [42, …]}`.

use ciborium::Value as Packed;
use serde_json::{Number, Value, json};

use super::marks::{TAG, binary, float, map};

/// The nesting that `serde_json` allows, too.
const MAX_DEPTH: usize = 128;

/// Reads bytes that are one CBOR value and nothing more; else says why not.
pub(super) fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|error| match error {
        ciborium::de::Error::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
        other => other.to_string(),
    })?;
    if rest.is_empty() { Ok(to_json(value)) } else { Err(format!("{} bytes follow the first value", rest.len())) }
}

fn to_json(value: Packed) -> Value {
    match value {
        Packed::Bool(truth) => Value::Bool(truth),
        Packed::Integer(number) => i128::from(number).to_string().parse::<Number>().map_or(Value::Null, Value::Number),
        Packed::Float(number) => float(number.is_finite(), &format!("{number:?}")),
        Packed::Bytes(bytes) => binary(&bytes),
        Packed::Text(text) => Value::String(text),
        Packed::Tag(tag, inner) => json!({TAG: [tag, to_json(*inner)]}),
        Packed::Array(items) => Value::Array(items.into_iter().map(to_json).collect()),
        Packed::Map(entries) => map(entries.into_iter().map(|(key, value)| (to_json(key), to_json(value))).collect()),
        // The enum may grow; what is new is at least not an error.
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_shown() {
        let cases: [(&[u8], Value); 5] = [
            (b"\xa1\x61\x61\x19\x03\xe8", json!({"a": 1000})),
            (b"\xa1\x01\x61\x61", json!({"$map": [[1, "a"]]})),
            (b"\x82\x42\x00\xff\xf6", json!([{"$binary": "00ff"}, null])),
            (b"\xd8\x2a\x41\x00", json!({"$tag": [42, {"$binary": "00"}]})),
            (b"\xf9\x7e\x00", json!({"$float": "NaN"})),
        ];
        for (bytes, value) in cases {
            assert_eq!(read(bytes).unwrap(), value);
        }
        assert!(read(b"\x01\x02").is_err());
        assert!(read(&vec![0x81; 10_000]).is_err());
        assert!(read(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff").is_err());
    }
}
