//! Words for the fields in which people write: mostly none, sometimes a note, and now and then a whole document.

use super::super::chance::Chance;

/// Escaped as JSON wants it.
const WORDS: [&str; 32] = [
    "the",
    "customer",
    "called",
    "about",
    "a",
    "late",
    "delivery",
    "and",
    "wants",
    "it",
    "before",
    "Friday",
    "parcel",
    "was",
    "damaged",
    "refund",
    "agreed",
    "with",
    "warehouse",
    "naïve",
    "Straße",
    "\\\"urgent\\\"",
    "see",
    "invoice",
    "A-5550",
    "please",
    "check",
    "again",
    "配送",
    "done",
    "\\n",
    "waiting",
];

/// Appends `, "KEY": "…"` in one event of eight: most are a few hundred bytes, one of a thousand up to 100 KB.
pub(super) fn maybe(out: &mut String, key: &str, chance: &mut Chance) {
    let length = match chance.between(0, 10_000) {
        0..8 => chance.between(10_000, 100_000),
        8..120 => chance.between(1_500, 8_000),
        120..1_200 => chance.between(150, 1_500),
        _ => return,
    };
    field(out, key, length, chance);
}

/// Appends `, "KEY": "…"` with a text of about that length.
pub(super) fn field(out: &mut String, key: &str, length: i64, chance: &mut Chance) {
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":\"");
    let end = out.len() + usize::try_from(length).unwrap_or(0);
    while out.len() < end {
        let mut bits = chance.bits();
        // Twelve words for each throw.
        for _ in 0..12 {
            let word = WORDS.get(usize::try_from(bits & 31).unwrap_or(0)).copied().unwrap_or_default();
            out.push_str(word);
            out.push(' ');
            bits >>= 5;
        }
    }
    out.push('"');
}
