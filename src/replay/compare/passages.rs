//! What differs inside two texts, word by word.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

/// How long two texts are compared at the most; beyond it the answer is coarser, and still right.
const PATIENCE: Duration = Duration::from_millis(100);

/// A stretch of one or both of two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Both have it.
    Same(String),
    /// Only the first has it.
    Removed(String),
    /// Only the second has it.
    Added(String),
}

/// How one text becomes another: what both have, and between it what was taken out and put in.
///
/// ```
/// use eventscope::replay::compare::{passages, Passage};
/// let found = passages("two blue cups", "two red cups");
/// assert_eq!(found[1], Passage::Removed("blue".to_owned()));
/// assert_eq!(found[2], Passage::Added("red".to_owned()));
/// ```
#[must_use]
pub fn passages(before: &str, after: &str) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    for change in TextDiff::configure().timeout(PATIENCE).diff_words(before, after).iter_all_changes() {
        let word = change.value();
        match (change.tag(), found.last_mut()) {
            (ChangeTag::Equal, Some(Passage::Same(text)))
            | (ChangeTag::Delete, Some(Passage::Removed(text)))
            | (ChangeTag::Insert, Some(Passage::Added(text))) => text.push_str(word),
            (ChangeTag::Equal, _) => found.push(Passage::Same(word.to_owned())),
            (ChangeTag::Delete, _) => found.push(Passage::Removed(word.to_owned())),
            (ChangeTag::Insert, _) => found.push(Passage::Added(word.to_owned())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_passages_hold_both_texts(before in "[a-c \n]{0,40}", after in "[a-c \n]{0,40}") {
            let found = passages(&before, &after);
            let side = |left_out: fn(&Passage) -> bool| -> String {
                let texts = found.iter().filter(|passage| !left_out(passage)).map(|passage| match passage {
                    Passage::Same(text) | Passage::Removed(text) | Passage::Added(text) => text.as_str(),
                });
                texts.collect()
            };
            prop_assert_eq!(side(|passage| matches!(passage, Passage::Added(_))), before);
            prop_assert_eq!(side(|passage| matches!(passage, Passage::Removed(_))), after);
        }
    }
}
