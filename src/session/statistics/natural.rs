//! The order of names as a person counts: `acc-2` before `acc-10`.
//!
//! Numbers within a name count as numbers. What only looks like one is left alone: the digits of a UUID, a hash or a
//! ULID are letters of an id, and ids made from the time keep the order of their making. No library tells the two apart.

use std::cmp::Ordering;

/// From how many letters and digits on a hexadecimal word is taken for an id.
const ID_LENGTH: usize = 8;
/// How often a word that was made by a person changes between letters and digits at most.
const CHANGES: usize = 3;
/// Where the dashes of a UUID are, and how long it is.
const UUID: ([usize; 4], usize) = ([8, 13, 18, 23], 36);

/// The order of two names. Only equal names are equal.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (Parts::of(a), Parts::of(b));
    loop {
        match (left.next(), right.next()) {
            // `01` and `1` are one number, and two names.
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => match left.cmp(&right) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    }
}

/// A part of a name; numbers come before texts, as digits come before letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    /// A number of any length: how many digits it has without leading zeros, and those.
    Number(usize, &'a str),
    Text(&'a str),
}

/// The parts of a name, from left to right.
struct Parts<'a> {
    rest: &'a str,
    /// Whether what came before ends in a letter or a digit, so that no word begins here.
    inside: bool,
}

impl<'a> Parts<'a> {
    fn of(name: &'a str) -> Self {
        Self { rest: name, inside: false }
    }

    /// How many bytes the id takes that begins here, where one does.
    fn id(&self) -> Option<usize> {
        if self.inside {
            return None;
        }
        if is_uuid(self.rest) {
            return Some(UUID.1);
        }
        let word = run(self.rest, |byte| byte.is_ascii_alphanumeric());
        is_id(word).then_some(word.len())
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let first = *self.rest.as_bytes().first()?;
        let id = self.id();
        let length = id.unwrap_or_else(|| run(self.rest, |byte| Class::of(byte) == Class::of(first)).len());
        let (part, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        self.inside = first.is_ascii_alphanumeric();
        if id.is_none() && first.is_ascii_digit() {
            let digits = part.trim_start_matches('0');
            return Some(Part::Number(digits.len(), digits));
        }
        Some(Part::Text(part))
    }
}

#[derive(PartialEq, Eq)]
enum Class {
    Digit,
    Letter,
    Other,
}

impl Class {
    fn of(byte: u8) -> Self {
        match byte {
            b'0'..=b'9' => Self::Digit,
            b'a'..=b'z' | b'A'..=b'Z' => Self::Letter,
            // Letters beyond ASCII are whole runs of such bytes.
            _ => Self::Other,
        }
    }
}

/// The beginning of `text` in which every byte is `of_kind`.
fn run(text: &str, of_kind: impl Fn(u8) -> bool) -> &str {
    let length = text.bytes().take_while(|byte| of_kind(*byte)).count();
    text.get(..length).unwrap_or(text)
}

/// Whether a UUID begins here.
fn is_uuid(text: &str) -> bool {
    let (dashes, length) = UUID;
    let Some(bytes) = text.as_bytes().get(..length) else { return false };
    let ends = text.as_bytes().get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let is_place = |at: usize, byte: u8| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    ends && bytes.iter().enumerate().all(|(at, byte)| is_place(at, *byte))
}

/// Whether a word of letters and digits is an id, and its digits no numbers.
fn is_id(word: &str) -> bool {
    let digits = || word.bytes().map(|byte| byte.is_ascii_digit());
    let changes = digits().zip(digits().skip(1)).filter(|(one, next)| one != next).count();
    let hexadecimal = || word.len() >= ID_LENGTH && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    changes > CHANGES || (changes > 0 && hexadecimal())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
        let mut names = names.to_vec();
        names.sort_by(|a, b| natural(a, b));
        names
    }

    #[test]
    fn numbers_within_names_count_as_numbers() {
        assert_eq!(sorted(&["acc-100", "acc-10", "acc-9", "acc-1"]), ["acc-1", "acc-9", "acc-10", "acc-100"]);
        assert_eq!(sorted(&["v10.2", "v9.10", "v9.9"]), ["v9.9", "v9.10", "v10.2"]);
        assert_eq!(sorted(&["10", "9", "a", "2"]), ["2", "9", "10", "a"]);
        assert_eq!(sorted(&["kunde-ä2", "kunde-ä10"]), ["kunde-ä2", "kunde-ä10"]);
    }

    #[test]
    fn numbers_of_any_length_are_compared() {
        let (small, great) = ("n-99999999999999999999999", "n-100000000000000000000000");
        assert_eq!(sorted(&[great, small]), [small, great]);
        assert_eq!(sorted(&["n-01", "n-1", "n-001", "n-2"]), ["n-001", "n-01", "n-1", "n-2"]);
    }

    #[test]
    fn ids_made_from_the_time_keep_the_order_of_their_making() {
        let uuids = ["order-01900abc-0000-7000-8000-000000000001", "order-0190a000-0000-7000-8000-000000000001"];
        assert_eq!(sorted(&[uuids[1], uuids[0]]), uuids);
        let digits = ["12345678-1234-7000-8000-000000000001", "1234567a-1234-7000-8000-000000000001"];
        assert_eq!(sorted(&[digits[1], digits[0]]), digits);
        let words = ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ40DEKTSV4RRFFQ69G5FAV"];
        assert_eq!(sorted(&[words[1], words[0]]), words);
    }

    proptest! {
        #[test]
        fn the_order_is_one(a in "[a-c0-2-]{0,12}", b in "[a-c0-2-]{0,12}", c in "[a-c0-2-]{0,12}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            prop_assert_eq!(natural(&a, &b).is_eq(), a == b);
            if natural(&a, &b).is_le() && natural(&b, &c).is_le() {
                prop_assert!(natural(&a, &c).is_le());
            }
        }
    }
}
