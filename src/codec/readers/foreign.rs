//! Formats that are recognised and not read, so that a person knows what they look at: serialised objects, which are
//! code as much as data, and files.

use super::pickle;

/// What the bytes are, a sentence; `None` where they are nothing known.
pub(in crate::codec) fn recognise(bytes: &[u8]) -> Option<String> {
    const FORMATS: [(&[u8], &str); 15] = [
        (b"\xac\xed\x00\x05", "these are serialised Java objects, which are never made"),
        (
            b"\x00\x01\x00\x00\x00\xff\xff\xff\xff\x01\x00\x00\x00",
            "these are objects of .NET's BinaryFormatter, which are never made",
        ),
        (b"\x04\x08", "this could be Ruby's Marshal, which is never loaded"),
        (b"\x83h", "this could be Erlang's external term format, which is not read here"),
        (b"\x83t", "this could be Erlang's external term format, which is not read here"),
        (b"\x83m", "this could be Erlang's external term format, which is not read here"),
        (b"Obj\x01", "this is an Avro file, which is not read here"),
        (b"\xe0\x01\x00\xea", "this is Amazon Ion, which is not read here"),
        (b"bplist00", "this is a binary property list, which is not read here"),
        (b"SQLite format 3\0", "this is a SQLite database"),
        (b"\x89PNG\r\n\x1a\n", "this is a PNG image"),
        (b"\xff\xd8\xff", "this is a JPEG image"),
        (b"%PDF-", "this is a PDF document"),
        (b"PK\x03\x04", "this is a ZIP archive"),
        (b"age-encryption.org/", "this is encrypted with age"),
    ];
    let known = || FORMATS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, sentence)| (*sentence).to_owned());
    pickle::describe(bytes).or_else(known)
}

/// A sentence for bytes without order, as encrypted or compressed ones are; `None` for others and for few bytes,
/// where nothing can be told.
pub(in crate::codec) fn without_order(bytes: &[u8]) -> Option<String> {
    const ENOUGH: usize = 64;
    // A part is enough, and 100 MB take a while.
    let part = bytes.get(..1 << 16).unwrap_or(bytes);
    if part.len() < ENOUGH {
        return None;
    }
    (deviation(part) < 5.0)
        .then(|| "every byte occurs about as often as any other: they look encrypted or packed".to_owned())
}

/// How many standard deviations the bytes are less even than random ones: Pearson's chi-squared, of 255 degrees.
fn deviation(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let all: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let squares: f64 = counts.iter().map(|count| f64::from(*count).powi(2)).sum();
    (squares * 256.0 / all - all - 255.0) / 510.0_f64.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_other_languages_are_named() {
        for (bytes, word) in [
            (b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.".as_slice(), "pickle"),
            (b"\xac\xed\x00\x05sr", "Java"),
            (b"\x04\x08{\x06:\x06ai\x06", "Ruby"),
        ] {
            assert!(recognise(bytes).unwrap().contains(word));
        }
        assert_eq!(recognise(b"\x80\x01"), None);
    }

    #[test]
    fn order_is_told_from_its_lack() {
        let mut state = 1_u64;
        let random: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33).to_le_bytes()[0]
        })
        .take(1_000)
        .collect();
        for length in [64, 200, 256, 1_000] {
            assert!(without_order(&random[..length]).is_some(), "{length}");
        }
        assert_eq!(without_order(&random[..20]), None);
        assert_eq!(without_order(&b"an ordinary sentence, and one more of the same kind. ".repeat(4)), None);
    }
}
