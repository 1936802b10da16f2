//! JSON texts without their escapes, for those who look for something in them before they are read.

/// A JSON text with all its escapes replaced by what they stand for: all that a string of it holds stands in there
/// together, though not what is around.
pub(super) fn without_escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let (char, length) = escape(rest.get(at..).unwrap_or_default());
        out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// What an escape stands for, and how many bytes it has. What is none stands for itself.
fn escape(text: &[u8]) -> (char, usize) {
    match text.get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(*byte), 2),
        Some(b'u') => {
            let unit = |at: usize| {
                let digits = text.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok())?;
                u16::from_str_radix(digits, 16).ok()
            };
            let Some(first) = unit(2) else { return ('\\', 1) };
            if let Some(char) = char::from_u32(first.into()) {
                return (char, 6);
            }
            let second = unit(8).filter(|_| text.get(6..8) == Some(b"\\u"));
            let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
            pair.map_or(('\\', 1), |char| (char, 12))
        }
        _ => ('\\', 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_what_they_stand_for() {
        assert_eq!(without_escapes(br#"a\"b\\\u00e9\n\ud83d\ude00"#), "a\"b\\é\n😀".as_bytes());
        assert_eq!(without_escapes(br"\ud800\u12\"), br"\ud800\u12\".to_vec());
    }
}
