//! CBOR (RFC 8949) as JSON, what JSON lacks being marked. DAG-CBOR's links are the tag 42 around bytes.

use ciborium::Value as Packed;
use serde_json::{Value, json};

use crate::codec::marks::{MAX_DEPTH, TAG, binary, float, map, number, too_deep};

/// Reads bytes that are one CBOR value and nothing more; else says why not.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Value, String> {
    // The mark that says that CBOR follows (RFC 8949, 3.4.6).
    let mut rest = bytes.strip_prefix(b"\xd9\xd9\xf7").unwrap_or(bytes);
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(reason)?;
    if rest.is_empty() { Ok(to_json(value)) } else { Err(format!("{} bytes follow the first value", rest.len())) }
}

fn reason(error: ciborium::de::Error<std::io::Error>) -> String {
    match error {
        ciborium::de::Error::RecursionLimitExceeded => too_deep(),
        ciborium::de::Error::Io(_) => "it ends too early".to_owned(),
        ciborium::de::Error::Syntax(at) => format!("this is no value at byte {at}"),
        ciborium::de::Error::Semantic(_, why) => why,
    }
}

fn to_json(value: Packed) -> Value {
    match value {
        Packed::Bool(truth) => Value::Bool(truth),
        Packed::Integer(integer) => number(&i128::from(integer).to_string()),
        Packed::Float(number) => float(number),
        Packed::Bytes(bytes) => binary(&bytes),
        Packed::Text(text) => Value::String(text),
        Packed::Tag(tag, inner) => json!({TAG: [tag, to_json(*inner)]}),
        Packed::Array(items) => Value::Array(items.into_iter().map(to_json).collect()),
        Packed::Map(entries) => map(entries.into_iter().map(|(key, value)| (to_json(key), to_json(value))).collect()),
        // Null; the enum may grow, and what is new is at least not an error.
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_shown() {
        let cases: [(&[u8], Value); 9] = [
            (b"\xa1\x61\x61\x19\x03\xe8", json!({"a": 1000})),
            (b"\xa1\x01\x61\x61", json!({"$map": [[1, "a"]]})),
            (b"\x82\x42\x00\xff\xf6", json!([{"$binary": "00ff"}, null])),
            (b"\xd8\x2a\x41\x00", json!({"$tag": [42, {"$binary": "00"}]})),
            (b"\xf9\x7e\x00", json!({"$float": "NaN"})),
            (b"\xf9\x3c\x00", serde_json::from_str("1.0").unwrap()),
            (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", serde_json::from_str("-18446744073709551616").unwrap()),
            (b"\x9f\x01\x7f\x61a\x61b\xff\xff", json!([1, "ab"])),
            (b"\xd9\xd9\xf7\xa0", json!({})),
        ];
        for (bytes, value) in cases {
            assert_eq!(read(bytes).unwrap(), value);
        }
    }

    #[test]
    fn nesting_and_lies_about_length_are_refused() {
        assert!(read(b"\x01\x02").is_err());
        assert_eq!(read(&vec![0x81; 10_000]), Err(too_deep()));
        assert!(read(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff").is_err());
        assert!(read(b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff").is_err());
        assert!(read(b"\x9f").is_err());
    }
}
