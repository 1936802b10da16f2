//! How jq writes what a document names (<https://jqlang.org/manual/#object-identifier-index>).

/// Whether a key can stand behind a dot as it is: `.key`; any other is written in quotes.
pub(crate) fn is_word(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::is_word;

    #[test]
    fn words_begin_with_a_letter() {
        assert!(["a", "_x1", "Total_cents"].into_iter().all(is_word));
        assert!(!["", "1", "7b", "a-b", "a b", "ä", "a.b"].into_iter().any(is_word));
    }
}
