//! Compression around a payload, and base64: layers whose inside is bytes again.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// More than any payload; less than what would exhaust the memory of a small machine.
const LIMIT: u64 = 256 << 20;

/// Whether the first two bytes can be a zlib stream's (RFC 1950): deflate, a window of at most 32 KiB, and the check.
pub(super) fn looks_like_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..]
        if first & 15 == 8 && first >> 4 <= 7 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

/// Whether the bytes begin as gzip does (RFC 1952).
pub(super) fn looks_like_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

/// Whether the bytes begin as a Zstandard frame does (RFC 8878).
pub(super) fn looks_like_zstd(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x28\xb5\x2f\xfd")
}

pub(super) fn zlib(bytes: &[u8]) -> Result<Vec<u8>, String> {
    read_all(flate2::read::ZlibDecoder::new(bytes))
}

pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    read_all(flate2::read::MultiGzDecoder::new(bytes))
}

pub(super) fn zstd(bytes: &[u8]) -> Result<Vec<u8>, String> {
    read_all(ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|error| error.to_string())?)
}

/// Base64 of either alphabet, with or without padding, white space ignored.
pub(super) fn base64(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let url = text.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet = if url { base64::alphabet::URL_SAFE } else { base64::alphabet::STANDARD };
    GeneralPurpose::new(&alphabet, config).decode(text).map_err(|error| error.to_string())
}

fn read_all(reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LIMIT { Err("it holds more than 256 MiB".to_owned()) } else { Ok(bytes) }
}
