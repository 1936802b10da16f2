//! How stored values are written for a person.

use std::fmt::Write as _;

use crate::codec::{Encoding, decode};
use crate::event::{Decoded, StorageClass};
use crate::source::{Glimpse, Stored};

use super::TableCell;
use crate::codec::one_line;
use crate::session::event_table::texts::{preview, thousands};

/// Bytes of an id are no document, whatever they look like.
const ID_BYTES: usize = 16;

/// How a stored value is written for a person: text as it is, bytes as SQL writes them.
#[must_use]
pub fn text(value: &Stored) -> String {
    match value {
        Stored::Null => "NULL".to_owned(),
        Stored::Integer(number) => number.to_string(),
        Stored::Real(number) => format!("{number:?}"),
        Stored::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Stored::Blob(bytes) => bytes_text(bytes),
    }
}

/// Bytes as SQL writes them; of many only the first.
fn bytes_text(bytes: &[u8]) -> String {
    let shown = bytes.iter().take(64).fold(String::new(), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    if bytes.len() > 64 { format!("x'{shown}…' ({} bytes)", bytes.len()) } else { format!("x'{shown}'") }
}

/// A value in one line: a blob that can be read as what it says.
pub(super) fn cell(value: &Glimpse) -> TableCell {
    let text = match value {
        Glimpse::Whole(Stored::Blob(bytes)) if bytes.len() > ID_BYTES => blob_line(bytes),
        Glimpse::Whole(Stored::Text(bytes)) => one_line(&beginning(bytes)),
        Glimpse::Whole(stored) => one_line(&text(stored)),
        Glimpse::Large { storage, bytes, beginning: begin } => {
            let size = format!("{} bytes", thousands(i64::try_from(*bytes).unwrap_or(i64::MAX)));
            let begin = if *storage == StorageClass::Text { beginning(begin) } else { String::new() };
            one_line(&format!("{size}  {begin}"))
        }
    };
    TableCell {
        text,
        is_null: matches!(value, Glimpse::Whole(Stored::Null)),
        is_number: matches!(value, Glimpse::Whole(Stored::Integer(_) | Stored::Real(_))),
    }
}

/// As much of a text as one line can hold: four bytes are the longest letter.
fn beginning(bytes: &[u8]) -> String {
    let shown = bytes.get(..4 * 260).unwrap_or(bytes);
    String::from_utf8_lossy(shown).into_owned()
}

fn blob_line(bytes: &[u8]) -> String {
    let payload = decode::payload(rusqlite_blob(bytes).as_ref(), &Encoding::default());
    match payload.decoded() {
        Decoded::Document { .. } | Decoded::Text(_) => preview(&payload, &[]),
        _ => bytes_text(bytes),
    }
}

fn rusqlite_blob(bytes: &[u8]) -> Stored {
    Stored::Blob(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_that_can_be_read_is_shown_as_what_it_says() {
        let line = |value: Stored| cell(&Glimpse::Whole(value)).text;
        assert_eq!(
            line(Stored::Blob(br#"{"status": "open", "n": 1}"#.as_slice().into())),
            r#"{"status":"open","n":1}"#
        );
        assert_eq!(line(Stored::Blob([0, 255].into())), "x'00ff'");
        assert_eq!(line(Stored::text("two\nlines")), "two\\nlines");
        assert!(cell(&Glimpse::Whole(Stored::Null)).is_null);
    }

    #[test]
    fn a_large_value_says_its_size_and_how_it_begins() {
        let large =
            Glimpse::Large { storage: StorageClass::Text, bytes: 104_857_600, beginning: b"{\"a\"".as_slice().into() };
        assert_eq!(cell(&large).text, "104,857,600 bytes  {\"a\"");
    }
}
