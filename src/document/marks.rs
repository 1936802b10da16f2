//! What JSON lacks, shown as JSON: an object with a key that begins with `$`, so that nothing looks like something else.
//!
//! | mark | what it stands for |
//! |---|---|
//! | `{"$binary": "00ff"}` | bytes, as hexadecimal digits |
//! | `{"$float": "NaN"}` | a float that JSON has no number for: `NaN`, `inf`, `-inf` |
//! | `{"$map": [[1, "one"]]}` | a map whose keys are not distinct texts |
//! | `{"$tag": [42, …]}` | a value with a tag of CBOR (a number) or YAML (a text) |
//! | `{"$extension": [7, "00ff"]}` | an extension of MessagePack: its type and its bytes |
//! | `{"$timestamp": "2026-03-14T12:04:01Z"}` | MessagePack's moment |
//! | `{"$type": "App\\Event", …}` | the class of an object of PHP or Ruby, beside its fields |
//! | `{"$reference": 2}` | PHP's reference to an earlier value of the same document |
//! | `{"$fixed64": "00…", "double": 0.5}` | a field of protobuf of 4 or 8 bytes, its bits and what they could mean |
//! | `{"a": 2, "$duplicates": {"a": [1]}}` | values whose key comes again in the same JSON object |
//! | `{"$deep": "[[…]]"}` | JSON text nested deeper than 120 levels |

use serde_json::{Map, Number, Value, json};

/// Bytes, as hexadecimal digits.
pub const BINARY: &str = "$binary";
/// An extension of MessagePack: its type and its bytes.
pub const EXTENSION: &str = "$extension";
/// A value with a tag.
pub const TAG: &str = "$tag";
/// MessagePack's moment.
pub const TIMESTAMP: &str = "$timestamp";
/// A map whose keys are not distinct texts.
pub const MAP: &str = "$map";
/// A float that JSON has no number for.
pub const FLOAT: &str = "$float";
/// The class of an object.
pub const TYPE: &str = "$type";
/// Values whose key comes again in the same object.
pub const DUPLICATES: &str = "$duplicates";
/// Text of a part that is nested too deeply.
pub const DEEP: &str = "$deep";

/// How many containers may lie in each other before a document is cut or refused.
///
/// Reading, dropping, cloning and comparing a [`Value`] all recurse; `serde_json` itself reads 127 levels, and what is
/// read here shall still be readable when it was printed.
pub(crate) const MAX_DEPTH: usize = 120;

/// The sentence for what is nested deeper than [`MAX_DEPTH`].
pub(crate) fn too_deep() -> String {
    format!("it is nested more than {MAX_DEPTH} levels deep")
}

pub(crate) fn binary(bytes: &[u8]) -> Value {
    json!({BINARY: hex(bytes)})
}

/// A text, or marked bytes where they are no UTF-8.
#[cfg(feature = "inspect")]
pub(crate) fn text(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).map_or_else(|_| binary(bytes), Value::from)
}

/// A float in the text that `serde_json` has for it; NaN and the infinities are marked.
pub(crate) fn float(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| json!({FLOAT: format!("{number:?}")}), Value::Number)
}

/// A float of 32 bits by its own shortest text, or 0.1 would become 0.10000000149011612.
pub(crate) fn float32(number: f32) -> Value {
    float_text(number.is_finite(), &format!("{number:?}"))
}

fn float_text(finite: bool, text: &str) -> Value {
    match text.parse::<Number>() {
        Ok(number) if finite => Value::Number(number),
        _ => json!({FLOAT: text}),
    }
}

/// A number from digits that are known to be one; text where they are not.
#[cfg(feature = "inspect")]
pub(crate) fn number(digits: &str) -> Value {
    digits.parse::<Number>().map_or_else(|_| Value::from(digits), Value::Number)
}

/// An object, or a marked list of pairs where the keys are not distinct texts.
pub(crate) fn map(entries: Vec<(Value, Value)>) -> Value {
    let mut texts: Vec<&str> = entries.iter().filter_map(|(key, _)| key.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    if texts.len() < entries.len() {
        let pairs = entries.into_iter().map(|(key, value)| Value::Array(vec![key, value])).collect();
        return Value::Object(Map::from_iter([(MAP.to_owned(), Value::Array(pairs))]));
    }
    let named = entries.into_iter().filter_map(|(key, value)| match key {
        Value::String(name) => Some((name, value)),
        _ => None,
    });
    Value::Object(named.collect())
}

/// Lowercase hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble & 15)).map_or('?', |digit| char::from(*digit));
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]));
    text
}
