//! Finding titles by what is typed: by whole words or parts of them first, then by letters in order, so that `sfw` finds
//! "Step forward".

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// How well a title answers; greater is better.
///
/// The words come first: a title that has what was typed in one piece is meant sooner than one in which its letters are
/// only scattered, however well they lie there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    words: bool,
    points: u32,
}

/// What is looked for, ready to be held against many titles.
pub struct Finder {
    words: Pattern,
    letters: Pattern,
    matcher: Matcher,
    letters_of_title: Vec<char>,
}

impl Finder {
    /// Looks for `wanted`; its words may stand in any order.
    #[must_use]
    pub fn new(wanted: &str) -> Self {
        let pattern = |kind| Pattern::new(wanted, CaseMatching::Ignore, Normalization::Smart, kind);
        Self {
            words: pattern(AtomKind::Substring),
            letters: pattern(AtomKind::Fuzzy),
            matcher: Matcher::new(Config::DEFAULT),
            letters_of_title: Vec::new(),
        }
    }

    /// How well `title` answers; `None` where it does not.
    pub fn score(&mut self, title: &str) -> Option<Score> {
        let title = Utf32Str::new(title, &mut self.letters_of_title);
        if let Some(points) = self.words.score(title, &mut self.matcher) {
            return Some(Score { words: true, points });
        }
        let points = self.letters.score(title, &mut self.matcher)?;
        Some(Score { words: false, points })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(wanted: &str, title: &str) -> Option<Score> {
        Finder::new(wanted).score(title)
    }

    #[test]
    fn letters_must_come_in_order() {
        assert!(score("sfw", "Step forward").is_some());
        assert!(score("wfs", "Step forward").is_none());
        assert!(score("", "Step forward").is_some());
        assert!(score("über", "Über uns").is_some());
    }

    #[test]
    fn the_beginnings_of_words_count_more() {
        assert!(score("sf", "Step forward") > score("sf", "Use this offer"));
        assert!(score("open", "Open…") > score("open", "Reopen"));
    }

    #[test]
    fn words_come_before_scattered_letters() {
        let scattered = score("theme", "Load the metadata");
        assert!(scattered.is_some());
        for title in ["Dark theme", "Light theme", "Theme of the desktop"] {
            assert!(score("theme", title) > scattered, "{title}");
        }
    }

    #[test]
    fn words_may_stand_in_any_order() {
        assert!(score("theme dark", "Dark theme").is_some_and(|score| score.words));
        assert!(score("theme dark", "Light theme").is_none());
    }
}
