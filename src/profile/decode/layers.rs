//! Takes the layers of an encoding off a value, as declared or, where nothing is declared or the declaration is wrong
//! for this value, as the bytes themselves suggest.

use serde_json::Value;

use crate::event::Decoded;

use super::super::field::Layer;
use super::{cbor, compressed, jsonb, messagepack, php, readable, yaml};

/// How many layers may lie around each other: enough for base64 in gzip in base64, and an end for a bomb.
const MAX_LAYERS: usize = 6;

/// What is under one layer.
enum Peeled {
    Document(Value),
    Text(String),
    Bytes(Vec<u8>),
}

/// What was taken off on the way in, and what failed.
#[derive(Default)]
struct Progress {
    taken: Vec<&'static str>,
    tried: Vec<String>,
}

/// Decodes bytes by the declared layers, then by what they look like.
pub(super) fn decode(bytes: &[u8], declared: &[Layer]) -> Decoded {
    let mut progress = Progress::default();
    if declared == [Layer::Opaque] {
        return Decoded::Opaque { tried: vec!["the profile says that these bytes are not to be read".to_owned()] };
    }
    let found = by_declaration(bytes, declared, &mut progress).or_else(|| {
        progress.taken.clear();
        by_looks(bytes, &mut progress)
    });
    found.unwrap_or(Decoded::Opaque { tried: progress.tried })
}

fn by_declaration(bytes: &[u8], declared: &[Layer], progress: &mut Progress) -> Option<Decoded> {
    let (first, inner) = declared.split_first()?;
    match progress.peel(*first, bytes)? {
        Peeled::Text(text) if !inner.is_empty() => by_declaration(text.as_bytes(), inner, progress),
        Peeled::Bytes(bytes) if !inner.is_empty() => by_declaration(&bytes, inner, progress),
        Peeled::Bytes(bytes) => by_looks(&bytes, progress),
        peeled => progress.finish(peeled),
    }
}

/// JSON first, being the most common and the least likely to be anything else; then what begins with a mark of its own;
/// then MessagePack and CBOR, but only whole maps and arrays, since nearly any byte is a number in either; then text.
fn by_looks(bytes: &[u8], progress: &mut Progress) -> Option<Decoded> {
    for layer in likely(bytes) {
        let depth = progress.taken.len();
        match progress.peel(layer, bytes) {
            Some(Peeled::Document(value)) if layer == Layer::Json || value.is_array() || value.is_object() => {
                return progress.finish(Peeled::Document(value));
            }
            Some(Peeled::Bytes(inner)) if depth < MAX_LAYERS => {
                if let Some(found) = by_looks(&inner, progress) {
                    return Some(found);
                }
            }
            Some(Peeled::Text(text)) => return progress.finish(Peeled::Text(text)),
            _ => {}
        }
        progress.taken.truncate(depth);
    }
    None
}

fn likely(bytes: &[u8]) -> impl Iterator<Item = Layer> {
    [
        (Layer::Json, true),
        (Layer::Gzip, compressed::looks_like_gzip(bytes)),
        (Layer::Zstd, compressed::looks_like_zstd(bytes)),
        (Layer::Zlib, compressed::looks_like_zlib(bytes)),
        (Layer::Jsonb, jsonb::looks_like_jsonb(bytes)),
        (Layer::MessagePack, true),
        (Layer::Cbor, true),
        (Layer::Yaml, yaml::looks_like_yaml(bytes)),
        (Layer::Php, php::looks_like_php(bytes)),
        (Layer::Text, true),
    ]
    .into_iter()
    .filter_map(|(layer, likely)| likely.then_some(layer))
}

impl Progress {
    /// Takes one layer off, and notes that it was, or why it could not be.
    fn peel(&mut self, layer: Layer, bytes: &[u8]) -> Option<Peeled> {
        match peel(layer, bytes) {
            Ok(peeled) => {
                self.taken.push(layer.name());
                Some(peeled)
            }
            Err(why) => {
                let line = format!("{}: {why}", layer.name());
                if !self.tried.contains(&line) {
                    self.tried.push(line);
                }
                None
            }
        }
    }

    fn finish(&mut self, peeled: Peeled) -> Option<Decoded> {
        match peeled {
            Peeled::Document(value) => Some(Decoded::Document { value, encodings: std::mem::take(&mut self.taken) }),
            Peeled::Text(text) => Some(Decoded::Text(text)),
            Peeled::Bytes(_) => None,
        }
    }
}

fn peel(layer: Layer, bytes: &[u8]) -> Result<Peeled, String> {
    match layer {
        Layer::Json => json(bytes).map(Peeled::Document),
        Layer::MessagePack => messagepack::read(bytes).map(Peeled::Document),
        Layer::Cbor => cbor::read(bytes).map(Peeled::Document),
        Layer::Jsonb => jsonb::read(bytes).map(Peeled::Document),
        Layer::Yaml => yaml::read(bytes).map(Peeled::Document),
        Layer::Php => php::read(bytes).map(Peeled::Document),
        Layer::Zlib => compressed::zlib(bytes).map(Peeled::Bytes),
        Layer::Gzip => compressed::gzip(bytes).map(Peeled::Bytes),
        Layer::Zstd => compressed::zstd(bytes).map(Peeled::Bytes),
        Layer::Base64 => compressed::base64(bytes).map(Peeled::Bytes),
        Layer::Text => match readable(bytes) {
            Some(text) => Ok(Peeled::Text(text.to_owned())),
            None => Err("the bytes are not readable UTF-8".to_owned()),
        },
        Layer::Opaque => Err("not to be read".to_owned()),
    }
}

/// JSON text, with the byte order mark that some writers put before it.
///
/// `serde_json` stops at a depth of 128, so that no document can exhaust the stack: not while reading, and not when the
/// value is dropped either.
fn json(bytes: &[u8]) -> Result<Value, String> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use serde_json::json;

    use super::*;

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn document(encodings: &[&'static str]) -> Decoded {
        Decoded::Document { value: json!({"a": 1}), encodings: encodings.to_vec() }
    }

    #[test]
    fn compression_is_recognised_and_may_be_stacked() {
        let zstd = ruzstd::encoding::compress_to_vec(&b"{\"a\":1}"[..], ruzstd::encoding::CompressionLevel::Fastest);
        assert_eq!(decode(&zlib(b"{\"a\":1}"), &[]), document(&["zlib", "json"]));
        assert_eq!(decode(&gzip(b"\x81\xa1a\x01"), &[]), document(&["gzip", "messagepack"]));
        assert_eq!(decode(&zstd, &[]), document(&["zstd", "json"]));
        assert_eq!(decode(&zlib(&gzip(b"{\"a\":1}")), &[Layer::Json]), document(&["zlib", "gzip", "json"]));
        assert_eq!(decode(b"\xa1\x61\x61\x01", &[]), document(&["cbor"]));
    }

    #[test]
    fn base64_is_read_where_it_is_declared_and_only_there() {
        let declared = [Layer::Base64, Layer::MessagePack];
        for text in ["gaFhAQ==", "gaFhAQ", "gaFh\nAQ=="] {
            assert_eq!(decode(text.as_bytes(), &declared), document(&["base64", "messagepack"]));
            assert_eq!(decode(text.as_bytes(), &[]), Decoded::Text(text.to_owned()));
        }
        assert_eq!(decode(b"{\"a\":1}", &declared), document(&["json"]));
    }

    #[test]
    fn a_broken_stream_says_so_and_a_bomb_ends() {
        let mut broken = zlib(b"{\"a\":1}");
        broken.truncate(8);
        let Decoded::Opaque { tried } = decode(&broken, &[]) else { panic!("readable") };
        assert!(tried.iter().any(|line| line.starts_with("zlib: ")), "{tried:?}");
        let mut nested = b"{\"a\":1}".to_vec();
        for _ in 0..20 {
            nested = zlib(&nested);
        }
        assert!(matches!(decode(&nested, &[]), Decoded::Opaque { .. }));
    }
}
