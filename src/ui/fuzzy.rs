//! Finding a title by some of its letters, in order: `sfw` finds "Step forward".

/// How well `title` answers to `wanted`; greater is better, `None` where it does not.
///
/// Every letter of `wanted` must occur in order. A letter counts more at the beginning of a word and right after the
/// one before it; a long title counts a little less than a short one.
#[must_use]
pub fn score(wanted: &str, title: &str) -> Option<i32> {
    let mut best = 0;
    let mut letters =
        title.char_indices().flat_map(|(at, letter)| letter.to_lowercase().map(move |letter| (at, letter)));
    let mut previous: Option<usize> = None;
    for wanted in wanted.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase) {
        let (at, _) = letters.by_ref().find(|(_, letter)| *letter == wanted)?;
        let follows =
            previous.is_some_and(|previous| title.get(previous..at).is_some_and(|gap| gap.chars().count() == 1));
        best += 1 + i32::from(follows) * 4 + i32::from(begins_word(title, at)) * 6;
        previous = Some(at);
    }
    let length = i32::try_from(title.len()).unwrap_or(i32::MAX);
    Some(best * 16 - length.min(200))
}

fn begins_word(title: &str, at: usize) -> bool {
    title.get(..at).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(score("open", "Open…") > score("open", "Open by path…"));
    }
}
