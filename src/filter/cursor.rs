//! A place in the text of a filter that is read, and how far words and quotes go from there.

use super::fault::{Parsed, fault};

/// How deep parentheses may be nested.
const DEEPEST: usize = 32;

/// A place in the text that is read.
pub(super) struct Cursor<'a> {
    text: &'a str,
    pub(super) at: usize,
    /// In how many parentheses that is.
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(super) fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|char| !keep(char)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// What stands before the next space, or before the parenthesis that closes what is around.
    pub(super) fn word(&mut self) -> &'a str {
        let depth = self.depth;
        self.take_while(|char| !ends_word(char, depth))
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Whether a minus stands here that negates what follows.
    pub(super) fn is_minus(&self) -> bool {
        let next = self.rest().strip_prefix('-').and_then(|rest| rest.chars().next());
        next.is_some_and(|next| !ends_word(next, self.depth))
    }

    /// Passes over a regular expression between slashes. Answers with it, and whether any case will do.
    pub(super) fn slashed(&mut self) -> Option<(&'a str, bool)> {
        let inner = self.rest().strip_prefix('/')?;
        let mut escaped = false;
        for (at, char) in inner.char_indices() {
            if char == '/' && !escaped {
                let (text, behind) = (inner.get(..at)?, inner.get(at + 1..)?);
                let any_case = behind.starts_with('i');
                let behind = behind.strip_prefix('i').unwrap_or(behind);
                if text.is_empty() || behind.chars().next().is_some_and(|next| !ends_word(next, self.depth)) {
                    return None;
                }
                self.at = self.text.len() - behind.len();
                return Some((text, any_case));
            }
            escaped = char == '\\' && !escaped;
        }
        None
    }

    /// Passes over an `or`, `and` or `not`, in small letters or capitals, where it stands alone.
    pub(super) fn eat_keyword(&mut self, keyword: &str) -> bool {
        let rest = self.rest();
        let Some((word, behind)) = rest.split_at_checked(keyword.len()) else { return false };
        let alone = behind.chars().next().is_none_or(|next| next.is_whitespace() || "()".contains(next));
        let found = alone && (word == keyword || word == keyword.to_ascii_uppercase());
        if found {
            self.at += keyword.len();
        }
        found
    }

    /// Goes into the parenthesis that begins here.
    pub(super) fn open(&mut self) -> Parsed<()> {
        self.bump();
        self.depth += 1;
        let at = self.at.saturating_sub(1)..self.at;
        if self.depth > DEEPEST { Err(fault("parentheses are nested too deep", at)) } else { Ok(()) }
    }

    /// Goes out of it, where it is closed here.
    pub(super) fn close(&mut self) -> bool {
        let closed = self.closes();
        if closed {
            self.bump();
            self.depth -= 1;
        }
        closed
    }

    /// Whether a parenthesis is closed here.
    pub(super) fn closes(&self) -> bool {
        self.depth > 0 && self.peek() == Some(')')
    }

    pub(super) fn end_of_term(&self) -> Parsed<()> {
        match self.peek() {
            Some(next) if !ends_word(next, self.depth) => {
                Err(fault("a space is missing here", self.at..self.at + next.len_utf8()))
            }
            _ => Ok(()),
        }
    }

    /// The characters up to the end of a word or a comma, each with whether a backslash stood before it.
    pub(super) fn escaped_word(&mut self, escape: fn(char) -> bool) -> Vec<(char, bool)> {
        let depth = self.depth;
        self.escaped_until(|char| ends_word(char, depth) || char == ',', escape)
    }

    /// Whether quotes begin here.
    pub(super) fn is_quote(&self) -> bool {
        matches!(self.peek(), Some('"' | '\''))
    }

    /// The characters between quotes, each with whether a backslash stood before it.
    pub(super) fn quoted(&mut self, escape: fn(char) -> bool) -> Parsed<Vec<(char, bool)>> {
        let start = self.at;
        let quote = self.bump();
        let chars = self.escaped_until(|char| Some(char) == quote, escape);
        if self.peek() == quote {
            self.bump();
            return Ok(chars);
        }
        Err(fault("the closing quote is missing", start..self.at))
    }

    /// The text between quotes, or else the word that begins here.
    pub(super) fn quoted_or_word(&mut self) -> Parsed<String> {
        if self.peek() == Some('"') {
            return self.quoted_text();
        }
        Ok(self.word().to_owned())
    }

    /// The text between quotes.
    pub(super) fn quoted_text(&mut self) -> Parsed<String> {
        Ok(self.quoted(plain_escape)?.into_iter().map(|(char, _)| char).collect())
    }

    fn escaped_until(&mut self, end: impl Fn(char) -> bool, escape: fn(char) -> bool) -> Vec<(char, bool)> {
        let mut chars = Vec::new();
        while let Some(char) = self.peek().filter(|char| !end(*char)) {
            self.bump();
            match self.peek().filter(|next| char == '\\' && escape(*next)) {
                Some(next) => {
                    self.bump();
                    chars.push((next, true));
                }
                None => chars.push((char, false)),
            }
        }
        chars
    }
}

fn ends_word(char: char, depth: usize) -> bool {
    char.is_whitespace() || depth > 0 && char == ')'
}

fn plain_escape(char: char) -> bool {
    matches!(char, '"' | '\'' | '\\')
}
