//! Names in which `*` stands for any run of characters, and which of two such patterns says more.

/// A name that may hold `*`, for any number of characters, none included.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
}

impl Pattern {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// How much it says: a plain name most, then the pattern with the most characters that are no `*`.
    pub(crate) fn weight(&self) -> usize {
        if self.text.contains('*') { self.text.bytes().filter(|byte| *byte != b'*').count() } else { usize::MAX }
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        let mut parts = self.text.split('*');
        let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
        rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_run_of_characters() {
        let cases = [
            ("order.placed", "order.placed", true),
            ("order.placed", "order.placed2", false),
            ("order.*", "order.placed", true),
            ("order.*", "order.", true),
            ("order.*", "orders.placed", false),
            ("*", "", true),
            ("*.placed", "order.placed", true),
            ("*.placed", "order.placed.late", false),
            ("o*a*d", "order.placed", true),
            ("a*a", "a", false),
            ("a*b*b", "ab", false),
            ("", "x", false),
            ("", "", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} on {name}");
        }
    }

    #[test]
    fn a_name_says_more_than_a_pattern_and_a_long_pattern_more_than_a_short_one() {
        let weight = |text| Pattern::new(text).weight();
        assert!(weight("a") > weight("order.line_*"));
        assert!(weight("order.line_*") > weight("order.*"));
        assert!(weight("order.*") > weight("*"));
    }
}
