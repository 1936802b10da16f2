//! Takes the layers of an encoding off a value, as declared or, where nothing is declared or the declaration is wrong
//! for this value, as the bytes themselves suggest.

use serde_json::Value;

use crate::event::Decoded;

use super::super::field::Layer;
use super::{messagepack, readable};

/// What is under one layer.
enum Peeled {
    Document(Value),
    Text(String),
}

/// Decodes bytes by the declared layers, then by what they look like.
pub(super) fn decode(bytes: &[u8], declared: &[Layer]) -> Decoded {
    let mut tried = Vec::new();
    if declared == [Layer::Opaque] {
        return Decoded::Opaque { tried: vec!["the profile says that these bytes are not to be read".to_owned()] };
    }
    declared_layer(bytes, declared, &mut tried)
        .or_else(|| guessed(bytes, &mut tried))
        .unwrap_or(Decoded::Opaque { tried })
}

fn declared_layer(bytes: &[u8], declared: &[Layer], tried: &mut Vec<String>) -> Option<Decoded> {
    let (first, _inner) = declared.split_first()?;
    match peel(*first, bytes) {
        Ok(Peeled::Document(value)) => Some(Decoded::Document { value, encodings: vec![first.name()] }),
        Ok(Peeled::Text(text)) => Some(Decoded::Text(text)),
        Err(why) => {
            tried.push(format!("{}: {why}", first.name()));
            None
        }
    }
}

/// JSON first, being the most common and the least likely to be anything else; then MessagePack, but only for whole
/// maps and arrays, since any byte below 128 is a MessagePack number; then readable text.
fn guessed(bytes: &[u8], tried: &mut Vec<String>) -> Option<Decoded> {
    for layer in [Layer::Json, Layer::MessagePack, Layer::Text] {
        match peel(layer, bytes) {
            Ok(Peeled::Document(value))
                if layer != Layer::MessagePack || matches!(value, Value::Array(_) | Value::Object(_)) =>
            {
                return Some(Decoded::Document { value, encodings: vec![layer.name()] });
            }
            Ok(Peeled::Document(_)) => {}
            Ok(Peeled::Text(text)) => return Some(Decoded::Text(text)),
            Err(why) => {
                let line = format!("{}: {why}", layer.name());
                if !tried.contains(&line) {
                    tried.push(line);
                }
            }
        }
    }
    None
}

fn peel(layer: Layer, bytes: &[u8]) -> Result<Peeled, String> {
    match layer {
        Layer::Json => json(bytes).map(Peeled::Document),
        Layer::MessagePack => messagepack::read(bytes).map(Peeled::Document),
        Layer::Text => match readable(bytes) {
            Some(text) => Ok(Peeled::Text(text.to_owned())),
            None => Err("the bytes are not readable UTF-8".to_owned()),
        },
        Layer::Opaque => Err("not to be read".to_owned()),
    }
}

/// JSON text, with the byte order mark that some writers put before it.
///
/// serde_json stops at a depth of 128, so that no document can exhaust the stack: not while reading, and not when the
/// value is dropped either.
fn json(bytes: &[u8]) -> Result<Value, String> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(text).map_err(|error| error.to_string())
}
