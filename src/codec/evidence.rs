//! How sure a reading of bytes is, in bits: one more bit makes it half as likely that random bytes would read so.
//!
//! Nearly any byte is a number in MessagePack and CBOR and a field in Protocol Buffers, so that bytes parse is not
//! enough: ciphertext, hashes and other formats of few bytes often do, too.

use serde_json::{Map, Value};

use super::marks::{BINARY, EXTENSION, MAP, TAG};
use super::text::is_likely;

/// The logarithm of how unlikely it is that random bytes would read so.
pub(super) type Bits = f32;

/// What a reading needs to be believed: random bytes pass about once in ten thousand.
pub(super) const ENOUGH: Bits = 14.0;

/// The most that one text counts: the longer it is, the less each further character says.
const MOST: Bits = 24.0;

/// What a text says: of random bytes, three in eight are printable ASCII.
pub(super) fn of_text(text: &str) -> Bits {
    if !is_likely(text) {
        return -8.0;
    }
    let length = text.chars().take(32).fold(0.0, |length: Bits, _| length + 1.4);
    length.min(MOST)
}

/// What it says that a length of one random byte fits into so many bytes.
pub(super) fn fits(bytes: usize) -> Bits {
    u8::try_from(bytes).map_or(0.0, |bytes| 8.0 - (Bits::from(bytes) + 1.0).log2())
}

/// What a document of MessagePack, CBOR or JSONB says for itself; nothing where it is no list or map.
///
/// The top has its number of parts in one byte that must be right; each text has its length in another.
pub(super) fn of_document(document: &Value) -> Bits {
    match document {
        Value::Object(fields) if !marked(fields) || fields.contains_key(MAP) => 8.0 + of_fields(fields),
        // A tag is two bytes or more before what it marks.
        Value::Object(fields) if fields.contains_key(TAG) => of_fields(fields),
        Value::Array(items) => 8.0 + items.iter().map(of_value).sum::<Bits>(),
        _ => 0.0,
    }
}

fn marked(fields: &Map<String, Value>) -> bool {
    [MAP, TAG, BINARY, EXTENSION].iter().any(|mark| fields.contains_key(*mark))
}

fn of_fields(fields: &Map<String, Value>) -> Bits {
    let marked = marked(fields);
    fields.iter().map(|(key, value)| if marked { of_value(value) } else { 5.0 + of_text(key) + of_value(value) }).sum()
}

fn of_value(value: &Value) -> Bits {
    match value {
        Value::String(text) => 5.0 + of_text(text),
        Value::Array(items) => items.iter().map(of_value).sum(),
        Value::Object(fields) if fields.contains_key(BINARY) || fields.contains_key(EXTENSION) => -3.0,
        // A link of DAG-CBOR is these two bytes around a CID.
        Value::Object(fields) if fields.get(TAG).and_then(|tag| tag.get(0)?.as_u64()) == Some(42) => {
            8.0 + of_fields(fields)
        }
        Value::Object(fields) => of_fields(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_convince_and_numbers_do_not() {
        for document in [json!({"a": 1}), json!(["ab", 1]), json!({"$map": [[1, "ab"]]}), json!([{"id": 7}])] {
            assert!(of_document(&document) >= ENOUGH, "{document}");
        }
        for document in [
            json!([1, 2, 3]),
            json!({}),
            json!("a long enough text"),
            json!({"\u{1}\u{2}": 1}),
            json!([{"$binary": "00ff"}]),
        ] {
            assert!(of_document(&document) < ENOUGH, "{document}");
        }
    }
}
