//! Base64 (RFC 4648): bytes written as text.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// The bytes that a text of either alphabet stands for, with or without padding, white space ignored.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let url = text.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet = if url { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, config).decode(text).map_err(|error| error.to_string())
}

/// Whether a text could be base64: nothing but its letters, and enough of them to hold a document.
///
/// Any word could be; what is inside has to prove it.
pub(in crate::codec) fn begins(bytes: &[u8]) -> bool {
    let letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'\n' | b'\r');
    bytes.len() >= 8 && bytes.iter().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_alphabet_is_read_with_or_without_padding() {
        for text in ["+/+/AA==", "-_-_AA==", "-_-_AA", "+/+/\nAA==\n"] {
            assert_eq!(read(text.as_bytes()).unwrap(), b"\xfb\xff\xbf\x00");
        }
        for text in ["a", "a*bc", "+_+_", "AA==AA=="] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(begins(b"eyJhIjoxfQ==") && !begins(b"two words") && !begins(b"short"));
    }
}
