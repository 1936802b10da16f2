//! Looks for one text in many others, letters A to Z in any case.

use aho_corasick::packed::{Builder, Searcher};
use memchr::memmem::Finder;

/// So many bytes of the text are looked for at once.
const WINDOW: usize = 4;

/// A text to look for, prepared once for all the texts that it is looked for in.
///
/// Some bytes of it are looked for with the processor's wide instructions, all of them in every case; only where these
/// are is the rest compared.
pub(super) struct Search {
    needle: Vec<u8>,
    window: Window,
    /// Where in the text the window begins.
    offset: usize,
}

enum Window {
    /// These bytes, which have no letter.
    Plain(Box<Finder<'static>>),
    /// The bytes in each case.
    Cases(Box<Searcher>),
    /// One byte in both cases: for processors without such instructions, and texts of a single byte.
    Byte(u8, u8),
}

impl Search {
    pub(super) fn new(needle: impl Into<Vec<u8>>) -> Self {
        let needle = needle.into();
        let (offset, window) = rarest(&needle);
        let (offset, window) = match window {
            [] => (0, Window::Byte(0, 0)),
            window if !window.iter().any(u8::is_ascii_alphabetic) => {
                (offset, Window::Plain(Box::new(Finder::new(window).into_owned())))
            }
            window => match Builder::new().extend(cases(window)).build() {
                Some(searcher) if window.len() > 1 => (offset, Window::Cases(Box::new(searcher))),
                _ => {
                    let byte = window.first().copied().unwrap_or_default();
                    (offset, Window::Byte(byte.to_ascii_lowercase(), byte.to_ascii_uppercase()))
                }
            },
        };
        Self { needle, window, offset }
    }

    /// The text.
    pub(super) fn needle(&self) -> &[u8] {
        &self.needle
    }

    /// Whether the text is in another one.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        if self.needle.is_empty() {
            return true;
        }
        let mut from = self.offset;
        while let Some(at) = self.next_window(text, from) {
            if self.is_at(text, at) {
                return true;
            }
            from = at + 1;
        }
        false
    }

    fn next_window(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        match &self.window {
            Window::Plain(finder) => finder.find(rest).map(|at| from + at),
            Window::Cases(searcher) => searcher.find(rest).map(|found| from + found.start()),
            Window::Byte(lower, upper) => memchr::memchr2(*lower, *upper, rest).map(|at| from + at),
        }
    }

    /// Whether the text stands where its window was found.
    fn is_at(&self, text: &[u8], window: usize) -> bool {
        let begin = window.checked_sub(self.offset);
        let found = begin.and_then(|begin| text.get(begin..begin.checked_add(self.needle.len())?));
        found.is_some_and(|found| found.eq_ignore_ascii_case(&self.needle))
    }
}

/// The bytes of a text that are likely to be the rarest in others, and where they begin. Those without a letter are found
/// in half the time, which makes up for being found a little oftener.
fn rarest(needle: &[u8]) -> (usize, &[u8]) {
    const WITHOUT_LETTERS: u32 = 3;
    let worth = |window: &[u8]| -> u32 {
        let plain = if window.iter().any(u8::is_ascii_alphabetic) { 0 } else { WITHOUT_LETTERS };
        window.iter().copied().map(rarity).sum::<u32>() + plain
    };
    let windows = needle.windows(WINDOW.min(needle.len()).max(1)).enumerate();
    // Of several the first: `max_by_key` would take the last.
    windows.rev().max_by_key(|(_, window)| worth(window)).unwrap_or_default()
}

/// How rare a byte is in JSON, roughly: punctuation between values is not, other signs are.
fn rarity(byte: u8) -> u32 {
    match byte {
        b' ' | b'"' | b',' | b':' | b'{' | b'}' | b'e' | b't' | b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 1,
        b'0'..=b'9' | b'a'..=b'z' => 2,
        b'-' | b'.' | b'_' | b'T' | b'Z' => 3,
        _ => 4,
    }
}

/// The bytes with each of their letters in both cases.
fn cases(window: &[u8]) -> Vec<Vec<u8>> {
    window.iter().fold(vec![Vec::new()], |begun, byte| {
        let both = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        let wanted = if byte.is_ascii_alphabetic() { both.as_slice() } else { both.get(..1).unwrap_or_default() };
        let with = |last: &u8| begun.iter().map(|begun| [begun.as_slice(), &[*last]].concat()).collect::<Vec<_>>();
        wanted.iter().flat_map(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::check::contains;
    use super::*;

    #[test]
    fn texts_are_found_in_any_case_wherever_they_stand() {
        for (needle, text, found) in [
            ("a-555", "sku A-5551", true),
            ("A-555", "sku a-554, a-55", false),
            ("straße", "STRAßE", true),
            ("aab", "xaaab", true),
            ("", "", true),
            ("x", "", false),
            ("Q", "sequel", true),
            ("\"qty\":", "{\"QTY\":1}", true),
        ] {
            assert_eq!(Search::new(needle).is_in(text.as_bytes()), found, "{needle} in {text}");
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_comparison_finds(needle in "[aAbß5 -]{0,7}", text in "[aAbBß5 -]{0,40}") {
            let search = Search::new(needle.as_str());
            prop_assert_eq!(search.is_in(text.as_bytes()), contains(text.as_bytes(), needle.as_bytes()));
        }

        #[test]
        fn it_finds_what_is_there(before in ".{0,90}", needle in ".{1,12}", after in ".{0,90}") {
            let text = format!("{before}{}{after}", needle.to_ascii_uppercase());
            prop_assert!(Search::new(needle).is_in(text.as_bytes()));
        }
    }
}
