//! Ids that are stored as bytes or carry a moment: UUIDs of either byte order and ULIDs.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The letters of ULID's text (<https://github.com/ulid/spec>): Crockford's base 32.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The UUID that 16 bytes are in the order of RFC 9562, as text with dashes; `None` for another number of bytes.
#[must_use]
pub fn uuid(bytes: &[u8]) -> Option<String> {
    Some(Uuid::from_bytes(bytes.try_into().ok()?).to_string())
}

/// The UUID that 16 bytes are in the order of .NET's `Guid.ToByteArray`, whose first three groups are little-endian.
#[must_use]
pub fn guid(bytes: &[u8]) -> Option<String> {
    Some(Uuid::from_bytes_le(bytes.try_into().ok()?).to_string())
}

/// Whether 16 bytes make sense as a GUID of .NET and not as a UUID: version and variant are only right in that order.
///
/// Half of the random GUIDs of any order could be told wrong from one value alone, so ask this of several.
#[must_use]
pub fn is_little_endian(bytes: &[u8]) -> bool {
    let Ok(bytes) = <[u8; 16]>::try_from(bytes) else { return false };
    versioned(Uuid::from_bytes_le(bytes)) && !versioned(Uuid::from_bytes(bytes))
}

fn versioned(id: Uuid) -> bool {
    matches!(id.get_version_num(), 1..=8) && id.get_variant() == uuid::Variant::RFC4122
}

/// The text of the ULID that 16 bytes are; `None` for another number of bytes.
#[must_use]
pub fn ulid(bytes: &[u8]) -> Option<String> {
    let number = u128::from_be_bytes(bytes.try_into().ok()?);
    let letter =
        |shift: u32| LETTERS.get(usize::try_from(number >> shift & 31).ok()?).map(|letter| char::from(*letter));
    (0..26_u32).rev().map(|place| letter(place * 5)).collect()
}

/// The 16 bytes that a text names as a ULID; `None` where it is none.
#[must_use]
pub fn ulid_bytes(text: &str) -> Option<[u8; 16]> {
    if text.len() != 26 || !text.starts_with(|first: char| matches!(first, '0'..='7')) {
        return None;
    }
    let number = text.bytes().try_fold(0_u128, |number, letter| {
        let place = LETTERS.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        Some(number << 5 | u128::try_from(place).ok()?)
    })?;
    Some(number.to_be_bytes())
}

/// The moment in a text that is a ULID; `None` where it is none.
#[must_use]
pub fn ulid_moment(text: &str) -> Option<DateTime<Utc>> {
    let number = u128::from_be_bytes(ulid_bytes(text)?);
    DateTime::from_timestamp_millis(i64::try_from(number >> 80).ok()?)
}

/// The moment in a text that is a UUID of version 1, 6 or 7; `None` where it has none.
#[must_use]
pub fn uuid_moment(text: &str) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = Uuid::parse_str(text).ok()?.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG: [u8; 16] = [0x60, 0xb6, 0xf3, 0x4f, 0x85, 0x1d, 0x4a, 0xfc, 0x9e, 0x10, 1, 2, 3, 4, 5, 6];
    const LITTLE: [u8; 16] = [0x4f, 0xf3, 0xb6, 0x60, 0x1d, 0x85, 0xfc, 0x4a, 0x9e, 0x10, 1, 2, 3, 4, 5, 6];

    #[test]
    fn uuids_of_either_order_are_one() {
        assert_eq!(uuid(&BIG).as_deref(), Some("60b6f34f-851d-4afc-9e10-010203040506"));
        assert_eq!(guid(&LITTLE), uuid(&BIG));
        assert!(is_little_endian(&LITTLE) && !is_little_endian(&BIG));
        assert_eq!((uuid(b"short"), guid(b"short"), ulid(b"short")), (None, None, None));
    }

    #[test]
    fn ulids_are_text_and_a_moment() {
        let text = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let bytes = [0x01, 0x56, 0x3e, 0x3a, 0xb5, 0xd3, 0xd6, 0x76, 0x4c, 0x61, 0xef, 0xb9, 0x93, 0x02, 0xbd, 0x5b];
        assert_eq!(ulid(&bytes).as_deref(), Some(text));
        assert_eq!(ulid_bytes(text), Some(bytes));
        assert_eq!(ulid_moment(text).unwrap().timestamp_millis(), 1_469_922_850_259);
        assert_eq!(ulid_moment(&text.to_lowercase()), ulid_moment(text));
        for text in ["", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5FéV"] {
            assert_eq!(ulid_moment(text), None, "{text}");
        }
    }

    #[test]
    fn uuids_with_a_moment_give_it() {
        let moment = uuid_moment("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").unwrap();
        assert_eq!(moment.to_rfc3339(), "2022-02-22T19:22:22+00:00");
        assert_eq!(uuid_moment("60b6f34f-851d-4afc-9e10-010203040506"), None);
        assert_eq!(uuid_moment("no id"), None);
    }
}
