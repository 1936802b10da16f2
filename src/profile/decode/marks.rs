//! What JSON lacks, shown as JSON: an object with one key that begins with `$`, so that nothing looks like what it is
//! not and the way back ([`encode`](crate::profile::encode)) is exact.
//!
//! `{"$binary": "00ff"}`, `{"$extension": [7, "00ff"]}`, `{"$tag": [42, …]}`, `{"$timestamp": "2026-03-14T12:04:01Z"}`,
//! `{"$float": "NaN"}`, and `{"$map": [[1, "one"]]}` for a map whose keys are not distinct texts.

use serde_json::{Map, Number, Value, json};

use super::hex;

pub(in crate::profile) const BINARY: &str = "$binary";
pub(in crate::profile) const EXTENSION: &str = "$extension";
pub(in crate::profile) const TAG: &str = "$tag";
pub(in crate::profile) const TIMESTAMP: &str = "$timestamp";
pub(in crate::profile) const MAP: &str = "$map";
pub(in crate::profile) const FLOAT: &str = "$float";

pub(super) fn binary(bytes: &[u8]) -> Value {
    json!({BINARY: hex(bytes)})
}

/// A float from its shortest text; NaN and the infinities are marked.
pub(super) fn float(finite: bool, text: &str) -> Value {
    match text.parse::<Number>() {
        Ok(number) if finite => Value::Number(number),
        _ => json!({FLOAT: text}),
    }
}

/// An object, or a marked list of pairs where the keys are not distinct texts.
pub(super) fn map(entries: Vec<(Value, Value)>) -> Value {
    let mut names: Vec<&str> = entries.iter().filter_map(|(key, _)| key.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < entries.len() {
        return json!({MAP: entries.into_iter().map(|(key, value)| json!([key, value])).collect::<Vec<_>>()});
    }
    let pairs = entries.into_iter().filter_map(|(key, value)| match key {
        Value::String(name) => Some((name, value)),
        _ => None,
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}
