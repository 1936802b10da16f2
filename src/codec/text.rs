//! Text among bytes: what counts as readable, and UTF-16.

/// The bytes as text, if they are UTF-8 without control characters other than white space.
#[must_use]
pub fn readable(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !has_odd(text))
}

/// Whether there is an odd character. Nearly every payload is looked through, and nearly all are of ASCII, in which
/// several bytes are looked at at once.
fn has_odd(text: &str) -> bool {
    let is_odd_byte = |byte: u8| byte == 0x7f || byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t');
    let has_odd_byte = |some: &[u8]| some.iter().fold(false, |odd, byte| odd | is_odd_byte(*byte));
    text.as_bytes().chunks(64).any(has_odd_byte) || !text.is_ascii() && text.contains(is_odd)
}

/// Whether a text that bytes could be read as is likely to be one: readable, and of characters that are in use. Random
/// bytes read as UTF-16 are full of private ones.
pub(super) fn is_likely(text: &str) -> bool {
    !text.contains(|c| is_odd(c) || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fffe}' | '\u{ffff}'))
}

fn is_odd(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// UTF-8 with a few control characters in it: text stored as text, such as one with NUL or terminal colours in it.
pub(super) fn mostly_readable(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (odd, all) = text.chars().fold((0_usize, 0_usize), |(odd, all), c| (odd + usize::from(is_odd(c)), all + 1));
    (odd * 10 <= all).then_some(text)
}

/// UTF-8 where it is UTF-8, whatever characters it has.
pub(super) fn utf8(bytes: &[u8]) -> Result<String, String> {
    std::str::from_utf8(bytes)
        .map(|text| text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
        .map_err(|error| format!("it is not UTF-8 from byte {}", error.valid_up_to()))
}

/// Whether bytes without a byte order mark look like UTF-16: at least half of the units are ASCII.
///
/// So JSON in any script is recognised by its punctuation, and other text in Latin scripts by its letters.
pub(super) fn looks_like_utf16(bytes: &[u8]) -> bool {
    if !bytes.len().is_multiple_of(2) {
        return false;
    }
    // A small integer of four bytes would be two such units.
    has_mark(bytes)
        || bytes.len() >= 8 && (ascii_units(bytes, 1) * 4 >= bytes.len() || ascii_units(bytes, 0) * 4 >= bytes.len())
}

fn has_mark(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// How many units have a zero at `zero` and a printable ASCII character at their other place.
fn ascii_units(bytes: &[u8], zero: usize) -> usize {
    let ascii = |unit: &&[u8]| unit.get(zero) == Some(&0) && matches!(unit.get(1 - zero), Some(9 | 10 | 13 | 32..=126));
    bytes.chunks_exact(2).filter(ascii).count()
}

/// UTF-16 of either byte order: by its mark, else by where the zeros are, else little-endian.
pub(super) fn utf16(bytes: &[u8]) -> Result<String, String> {
    if !bytes.len().is_multiple_of(2) {
        return Err("it is not UTF-16: the number of bytes is odd".to_owned());
    }
    let big = if has_mark(bytes) { bytes.starts_with(b"\xfe") } else { ascii_units(bytes, 0) > ascii_units(bytes, 1) };
    let unit = |pair: &[u8]| match (big, pair) {
        (true, &[high, low]) | (false, &[low, high]) => u16::from_be_bytes([high, low]),
        _ => 0,
    };
    let text: Result<String, _> = char::decode_utf16(bytes.chunks_exact(2).map(unit)).collect();
    text.map(|text| text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        .map_err(|error| format!("it is not UTF-16: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn no_control_character_is_readable_wherever_it_stands() {
        for char in '\0'..'\u{200}' {
            for text in [format!("{char}"), format!("{}{char}{}", "a".repeat(70), "é".repeat(7))] {
                assert_eq!(readable(text.as_bytes()).is_none(), is_odd(char), "{char:?}");
            }
        }
    }

    #[test]
    fn utf16_of_either_order_is_read() {
        for text in ["{\"name\":\"Łódź 😀\"}", "plain words", "\u{feff}日本語"] {
            for big in [false, true] {
                let bytes = units(text, big);
                assert!(looks_like_utf16(&bytes), "{text}");
                assert_eq!(utf16(&bytes).unwrap(), text.trim_start_matches('\u{feff}'));
            }
        }
        assert!(utf16(b"abc").is_err());
        assert!(utf16(b"\x00\xd8").is_err());
    }

    #[test]
    fn other_bytes_do_not_look_like_utf16() {
        for bytes in [b"plain words!".as_slice(), &[0; 16], &[10, 0, 0, 0], &[200, 100, 50, 25], b"ab"] {
            assert!(!looks_like_utf16(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn readable_is_what_a_person_can_read() {
        assert_eq!(readable("Łódź\n\t日本".as_bytes()), Some("Łódź\n\t日本"));
        assert_eq!(readable(b"a\0b"), None);
        assert_eq!(readable(b"\xff"), None);
        assert_eq!(mostly_readable(b"a long text with one \x1b[0m"), Some("a long text with one \x1b[0m"));
        assert_eq!(mostly_readable(b"\0\x01ab"), None);
    }
}
