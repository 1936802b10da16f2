//! A pattern in which `*` stands for any text: how the filter names types, streams, actors and other words.

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// This text, exactly.
    Literal(String),
    /// Any text, also none.
    Any,
}

/// A pattern: literals with `*` between them. Letters match in their own case only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

impl Pattern {
    /// The pattern that only `text` matches; a `*` in it is an asterisk.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        Self::from_pieces([Piece::Literal(text.into())])
    }

    /// A pattern of pieces, brought to the one form that it has: no empty literal, no two of a kind in a row.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut pattern = Self::default();
        for piece in pieces {
            pattern.push(piece);
        }
        pattern
    }

    fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Literal(text)) if text.is_empty() => {}
            (Some(Piece::Any), Piece::Any) => {}
            (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// The pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The only text that matches, where there is only one.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text that everything that matches begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Literal(text)) => text,
            _ => "",
        }
    }

    /// Whether any text at all matches.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.pieces.as_slice() == [Piece::Any]
    }

    /// Whether `text` matches, from its beginning to its end.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let (first, last) = match (self.pieces.first(), self.pieces.last()) {
            (None, _) | (_, None) => return text.is_empty(),
            (Some(first), Some(last)) => (first, last),
        };
        if let Some(only) = self.as_literal() {
            return text == only.as_bytes();
        }
        let head = literal(first);
        let tail = literal(last);
        if text.len() < head.len() + tail.len() || !text.starts_with(head) || !text.ends_with(tail) {
            return false;
        }
        let middle = text.get(head.len()..text.len() - tail.len()).unwrap_or_default();
        self.inner().try_fold(middle, |rest, piece| after(rest, piece)).is_some()
    }

    /// The literals that stand between the first and the last piece.
    fn inner(&self) -> impl Iterator<Item = &[u8]> {
        let end = self.pieces.len().saturating_sub(1);
        self.pieces.get(1..end).unwrap_or_default().iter().map(literal)
    }

    /// The same pattern for SQLite's `GLOB`, whose other special characters are put in brackets
    /// (<https://www.sqlite.org/lang_expr.html#glob>).
    #[must_use]
    pub fn to_sql_glob(&self) -> String {
        let mut glob = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Any => glob.push('*'),
                Piece::Literal(text) => text.chars().for_each(|char| push_globbed(&mut glob, char)),
            }
        }
        glob
    }
}

fn push_globbed(glob: &mut String, char: char) {
    if matches!(char, '*' | '?' | '[') {
        glob.extend(['[', char, ']']);
    } else {
        glob.push(char);
    }
}

fn literal(piece: &Piece) -> &[u8] {
    match piece {
        Piece::Literal(text) => text.as_bytes(),
        Piece::Any => &[],
    }
}

/// What follows the first occurrence of `piece`: leftmost is enough, since only `*` stands between literals.
fn after<'a>(text: &'a [u8], piece: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(text, piece)?;
    text.get(at + piece.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let mut pieces = Vec::new();
        for (index, part) in text.split('*').enumerate() {
            if index > 0 {
                pieces.push(Piece::Any);
            }
            pieces.push(Piece::Literal(part.to_owned()));
        }
        Pattern::from_pieces(pieces)
    }

    #[test]
    fn an_asterisk_stands_for_any_text() {
        for (glob, text, expected) in [
            ("order.*", "order.placed", true),
            ("order.*", "order", false),
            ("*.placed", "order.placed", true),
            ("o*r.*d", "order.placed", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*ab*ab*", "ab", false),
            ("*ab*ab*", "xabyabz", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("order", "Order", false),
        ] {
            assert_eq!(pattern(glob).matches(text), expected, "{glob} on {text}");
        }
    }

    #[test]
    fn pieces_have_one_form() {
        let split =
            Pattern::from_pieces([Piece::Literal("a".into()), Piece::Literal("b".into()), Piece::Any, Piece::Any]);
        assert_eq!(split, pattern("ab*"));
        assert_eq!(Pattern::literal(""), Pattern::default());
    }

    #[test]
    fn other_special_characters_of_sql_are_literal() {
        assert_eq!(Pattern::literal("a*b?[c]").to_sql_glob(), "a[*]b[?][[]c]");
    }
}
