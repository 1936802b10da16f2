//! Takes the layers of an encoding off bytes: as declared, or as the bytes themselves suggest.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::event::Decoded;

use super::evidence::{self, Bits};
use super::kind::Codec;
use super::outline::Outline;
use super::readers::{base64, cbor, compressed, foreign, json, jsonb, php, protobuf, xml, yaml};
use super::{id, messagepack, text};

/// How many layers may lie around each other: enough for base64 in gzip in base64, and an end for a bomb.
const MAX_LAYERS: usize = 6;

/// What a guess under base64 needs beyond [`evidence::ENOUGH`]: any word is base64 of something.
const BASE64_MORE: Bits = 8.0;

/// What Kubernetes puts before its messages.
const KUBERNETES: &[u8] = b"k8s\0";

/// The compressions that have a mark.
const COMPRESSIONS: [Codec; 4] = [Codec::Gzip, Codec::Zstd, Codec::Lz4, Codec::Zlib];

/// The most that is unpacked of a value that a person asked for, in bytes.
const OUTLINED: usize = 1 << 30;

/// What is under one layer.
enum Peeled {
    Document(Value),
    Text(String),
    Bytes(Vec<u8>),
}

/// Decodes bytes by what they look like. `is_text`: whether the database stores them as text.
///
/// First what has a mark or a strict grammar of its own, JSON before all; then, where the bytes are no readable text,
/// the binary formats in which nearly any byte means something, of which the one with the most evidence is believed if
/// it has enough; then text. Compression and base64 are taken off on the way.
#[must_use]
pub fn decode_auto(bytes: &[u8], is_text: bool) -> Decoded {
    let mut progress = Progress::default();
    by_looks(bytes, is_text, &mut progress).unwrap_or_else(|| progress.opaque(bytes))
}

/// Decodes bytes by the declared layers, outermost first; what lies under the last of them by what it looks like.
///
/// One column can hold values of several kinds: where the declaration is wrong for this value, it is read as
/// [`decode_auto`] reads it, and its encodings say so. A declared [`Codec::Opaque`] is never read. `is_text`: whether the
/// database stores the bytes as text.
#[must_use]
pub fn decode_as(chain: &[Codec], bytes: &[u8], is_text: bool) -> Decoded {
    if chain.contains(&Codec::Opaque) {
        return Decoded::Opaque { tried: vec!["the profile says that these bytes are not to be read".to_owned()] };
    }
    let mut progress = Progress::default();
    if let Some(found) = by_declaration(bytes, chain, &mut progress) {
        return found;
    }
    progress.taken.clear();
    by_looks(bytes, is_text, &mut progress).unwrap_or_else(|| progress.opaque(bytes))
}

/// As [`decode_auto`], unless what is under a compression has more than `limit` bytes: then `None`.
#[must_use]
pub fn decode_within(bytes: &[u8], is_text: bool, limit: usize) -> Option<Decoded> {
    let mut inner = Cow::Borrowed(bytes);
    for _ in 0..MAX_LAYERS {
        let Some(codec) = COMPRESSIONS.into_iter().find(|codec| compressed::begins(*codec, &inner)) else { break };
        match compressed::unpack(codec, &inner, compressed::limit(inner.len())) {
            Ok(unpacked) if unpacked.len() > limit => return None,
            Ok(unpacked) => inner = Cow::Owned(unpacked),
            Err(_) => break,
        }
    }
    (inner.len() <= limit).then(|| decode_auto(bytes, is_text))
}

/// The outline of a large JSON document, and the layers around it, outermost first; `None` for anything else.
#[must_use]
pub fn outlined(bytes: &Arc<[u8]>) -> Option<(Outline, Vec<&'static str>)> {
    let (mut inner, mut taken) = (Arc::clone(bytes), Vec::new());
    while !opens(&inner) && taken.len() < MAX_LAYERS {
        let codec = COMPRESSIONS.into_iter().find(|codec| compressed::begins(*codec, &inner))?;
        inner = compressed::unpack(codec, &inner, OUTLINED).ok()?.into();
        taken.push(codec.name());
    }
    taken.push(Codec::Json.name());
    Outline::read(inner).ok().map(|outline| (outline, taken))
}

fn by_declaration(bytes: &[u8], chain: &[Codec], progress: &mut Progress) -> Option<Decoded> {
    let (first, inner) = chain.split_first()?;
    match progress.peel(*first, bytes)? {
        Peeled::Text(text) if !inner.is_empty() => by_declaration(text.as_bytes(), inner, progress),
        Peeled::Text(text) if *first == Codec::Utf16 => by_looks(text.as_bytes(), true, progress),
        Peeled::Bytes(bytes) if !inner.is_empty() => by_declaration(&bytes, inner, progress),
        Peeled::Bytes(bytes) => by_looks(&bytes, false, progress),
        peeled => progress.finish(peeled),
    }
}

fn by_looks(bytes: &[u8], is_text: bool, progress: &mut Progress) -> Option<Decoded> {
    // Nearly every payload is JSON: it is not worth asking first whether it is readable.
    let found = by_bracket(bytes, progress);
    if found.is_some() {
        return found;
    }
    let readable = text::readable(bytes);
    let found = by_marks(bytes, readable.is_some(), progress);
    match readable {
        _ if found.is_some() => found,
        Some(plain) => by_text(plain, is_text, progress),
        None => {
            if !opens(bytes) {
                progress.note(Codec::Json, "it is no text, and no bracket begins it");
            }
            by_evidence(bytes, &binary_formats(is_text), progress).or_else(|| {
                let plain = text::mostly_readable(bytes).filter(|_| is_text)?;
                Some(Decoded::Text(plain.to_owned()))
            })
        }
    }
}

/// Whether bytes begin as an object or a list of JSON does.
fn opens(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// JSON that begins with a bracket.
fn by_bracket(bytes: &[u8], progress: &mut Progress) -> Option<Decoded> {
    opens(bytes).then(|| by_guess(Codec::Json, bytes, progress)).flatten()
}

/// What begins with a mark of its own, or is strict enough not to be taken for anything else.
fn by_marks(bytes: &[u8], readable: bool, progress: &mut Progress) -> Option<Decoded> {
    [
        (Codec::Json, readable && !opens(bytes)),
        (Codec::Gzip, compressed::begins(Codec::Gzip, bytes)),
        (Codec::Zstd, compressed::begins(Codec::Zstd, bytes)),
        (Codec::Lz4, compressed::begins(Codec::Lz4, bytes)),
        (Codec::Zlib, compressed::begins(Codec::Zlib, bytes)),
        (Codec::Kubernetes, bytes.starts_with(KUBERNETES)),
        (Codec::Php, php::begins(bytes)),
        (Codec::Xml, xml::begins(bytes)),
        (Codec::Yaml, readable && yaml::begins(bytes)),
        (Codec::Utf16, !readable && text::looks_like_utf16(bytes)),
    ]
    .into_iter()
    .filter(|(_, likely)| *likely)
    .find_map(|(codec, _)| by_guess(codec, bytes, progress))
}

/// Takes one layer off on trial: where that leads nowhere, nothing was taken off.
fn by_guess(codec: Codec, bytes: &[u8], progress: &mut Progress) -> Option<Decoded> {
    let depth = progress.taken.len();
    if depth >= MAX_LAYERS {
        return None;
    }
    let found = match progress.peel(codec, bytes) {
        // `---` and a line are YAML, too, and still only text.
        Some(Peeled::Document(value)) if codec == Codec::Yaml && !value.is_object() && !value.is_array() => None,
        Some(Peeled::Text(plain)) if codec == Codec::Utf16 => by_unpacked(codec, plain.as_bytes(), progress),
        Some(Peeled::Bytes(inner)) => by_unpacked(codec, &inner, progress),
        Some(peeled) => progress.finish(peeled),
        None => None,
    };
    if found.is_none() {
        progress.taken.truncate(depth);
    }
    found
}

fn by_unpacked(codec: Codec, inner: &[u8], progress: &mut Progress) -> Option<Decoded> {
    if codec == Codec::Utf16 {
        let plain = text::readable(inner).filter(|plain| text::is_likely(plain))?;
        let found = by_bracket(inner, progress).or_else(|| by_marks(inner, true, progress));
        return found.or_else(|| Some(Decoded::Text(plain.to_owned())));
    }
    let found = by_looks(inner, false, progress);
    if found.is_none() {
        let line = format!("{}: {} bytes are inside, and nothing here can read them", codec.name(), inner.len());
        progress.tried.push(line);
    }
    found
}

/// Readable bytes: binary JSON that happens to be readable, base64 around something, or just text.
fn by_text(plain: &str, is_text: bool, progress: &mut Progress) -> Option<Decoded> {
    let bytes = plain.as_bytes();
    let binary: &[Codec] = match bytes.first() {
        _ if is_text => &[],
        // An object of a few bytes, such as `|'id7abc`; a message with a short first field, such as "\n\tnine bytes".
        Some(b',' | b'<' | b'L' | b'\\' | b'l' | b'|') => &[Codec::Jsonb],
        Some(b'\n') => &[Codec::Protobuf],
        _ => &[],
    };
    let found = by_evidence(bytes, binary, progress).or_else(|| by_base64(bytes, progress));
    if found.is_none() && !is_text && is_length_prefixed(bytes) {
        progress.tried.push("text: its first byte is the length of the rest, so it is a format of its own".to_owned());
        return None;
    }
    found.or_else(|| Some(Decoded::Text(plain.to_owned())))
}

/// Whether a text that begins with a tabulator or a line break begins with its length: as bytes of other formats do.
fn is_length_prefixed(bytes: &[u8]) -> bool {
    matches!(bytes, [first @ (b'\t' | b'\n' | b'\r'), rest @ ..] if usize::from(*first) == rest.len())
}

/// Base64 is only believed where a document is inside.
fn by_base64(bytes: &[u8], progress: &mut Progress) -> Option<Decoded> {
    if !base64::begins(bytes) {
        return None;
    }
    let (depth, before) = (progress.taken.len(), progress.more);
    progress.more = BASE64_MORE;
    let found = by_guess(Codec::Base64, bytes, progress);
    progress.more = before;
    let document =
        found.filter(|found| matches!(found, Decoded::Document { value, .. } if value.is_object() || value.is_array()));
    if document.is_none() {
        progress.taken.truncate(depth);
    }
    document
}

fn binary_formats(is_text: bool) -> Vec<Codec> {
    let jsonb = (!is_text).then_some(Codec::Jsonb);
    [Codec::MessagePack, Codec::Cbor, Codec::Protobuf].into_iter().chain(jsonb).collect()
}

/// The reading with the most evidence, if that is enough.
fn by_evidence(bytes: &[u8], codecs: &[Codec], progress: &mut Progress) -> Option<Decoded> {
    let mut best: Option<(Codec, Value, Bits)> = None;
    for codec in codecs {
        match weigh(*codec, bytes) {
            Ok((_, bits)) if bits < evidence::ENOUGH + progress.more => {
                progress.note(*codec, "it could be read so, but so could many other bytes");
            }
            Ok((value, bits)) if best.as_ref().is_none_or(|(.., most)| bits > *most) => {
                best = Some((*codec, value, bits));
            }
            Ok(_) => {}
            Err(why) => progress.note(*codec, &why),
        }
    }
    let (codec, value, _) = best?;
    progress.taken.push(codec.name());
    progress.finish(Peeled::Document(value))
}

fn weigh(codec: Codec, bytes: &[u8]) -> Result<(Value, Bits), String> {
    let document = match codec {
        Codec::Protobuf => return protobuf::weigh(bytes),
        Codec::Jsonb => jsonb::read(bytes)?,
        Codec::Cbor => cbor::read(bytes)?,
        _ => messagepack::read(bytes)?,
    };
    let bits = evidence::of_document(&document);
    Ok((document, bits))
}

fn peel(codec: Codec, bytes: &[u8]) -> Result<Peeled, String> {
    match codec {
        Codec::Json => json::read(bytes).map(Peeled::Document),
        Codec::Jsonb => jsonb::read(bytes).map(Peeled::Document),
        Codec::MessagePack => messagepack::read(bytes).map(Peeled::Document),
        Codec::Cbor => cbor::read(bytes).map(Peeled::Document),
        Codec::Yaml => yaml::read(bytes).map(Peeled::Document),
        Codec::Php => php::read(bytes).map(Peeled::Document),
        Codec::Xml => xml::read(bytes).map(Peeled::Document),
        Codec::Protobuf => protobuf::read(bytes).map(Peeled::Document),
        Codec::Integer => integer(bytes).map(Peeled::Document),
        Codec::Zlib | Codec::Gzip | Codec::Zstd | Codec::Lz4 | Codec::Brotli => {
            compressed::unpack(codec, bytes, compressed::limit(bytes.len())).map(Peeled::Bytes)
        }
        Codec::Base64 => base64::read(bytes).map(Peeled::Bytes),
        Codec::Kubernetes => bytes
            .strip_prefix(KUBERNETES)
            .map(|inner| Peeled::Bytes(inner.to_vec()))
            .ok_or_else(|| "it does not begin with `k8s` and a zero".to_owned()),
        Codec::Utf16 => text::utf16(bytes).map(Peeled::Text),
        Codec::Text => text::utf8(bytes).map(Peeled::Text),
        Codec::Opaque => Err("it is not to be read".to_owned()),
    }
}

/// Little-endian, as .NET's `BitConverter` and most of C write integers.
fn integer(bytes: &[u8]) -> Result<Value, String> {
    match bytes.len() {
        1 => bytes.try_into().map(i8::from_le_bytes).map(Value::from),
        2 => bytes.try_into().map(i16::from_le_bytes).map(Value::from),
        4 => bytes.try_into().map(i32::from_le_bytes).map(Value::from),
        8 => bytes.try_into().map(i64::from_le_bytes).map(Value::from),
        length => return Err(format!("no integer has {length} bytes")),
    }
    .map_err(|error| error.to_string())
}

/// What was taken off on the way in, and what failed.
#[derive(Default)]
struct Progress {
    taken: Vec<&'static str>,
    tried: Vec<String>,
    /// The evidence that a guess needs beyond the usual.
    more: Bits,
}

impl Progress {
    /// Takes one layer off, and notes that it was, or why it could not be.
    fn peel(&mut self, codec: Codec, bytes: &[u8]) -> Option<Peeled> {
        match peel(codec, bytes) {
            Ok(peeled) => {
                self.taken.push(codec.name());
                Some(peeled)
            }
            Err(why) => {
                self.note(codec, &why);
                None
            }
        }
    }

    fn note(&mut self, codec: Codec, why: &str) {
        let line = format!("{}: {why}", codec.name());
        if !self.tried.contains(&line) {
            self.tried.push(line);
        }
    }

    fn finish(&mut self, peeled: Peeled) -> Option<Decoded> {
        match peeled {
            Peeled::Document(value) => Some(Decoded::Document { value, encodings: std::mem::take(&mut self.taken) }),
            Peeled::Text(text) => Some(Decoded::Text(text)),
            Peeled::Bytes(_) => None,
        }
    }

    fn opaque(self, bytes: &[u8]) -> Decoded {
        let uuid = || id::uuid(bytes).map(|uuid| format!("these 16 bytes may be the UUID {uuid}"));
        let known = foreign::recognise(bytes);
        let guess = known.or_else(uuid).or_else(|| foreign::without_order(bytes));
        Decoded::Opaque { tried: guess.into_iter().chain(self.tried).collect() }
    }
}

#[cfg(test)]
mod tests;
