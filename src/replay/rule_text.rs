//! A rule's text before it is compiled: refused where it is too deep.

use jaq_core::load::lex::{Lexer, StrPart, Tok, Token};

/// How deep the parts of a rule may be in each other: it is read, compiled and run by recursion.
const DEEPEST_RULE: usize = 500;

/// What is wrong with a rule's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong.
    pub message: String,
    /// At which byte of the text.
    pub at: usize,
}

/// Refuses a rule that would exhaust the stack before it even runs.
pub(crate) fn bounded(code: &str) -> Result<(), Flaw> {
    let too_deep = |at| {
        let parts = "parts, or fields of one object,";
        Flaw { message: format!("the rule has more than {DEEPEST_RULE} {parts} in each other"), at }
    };
    let mut brackets = 0_usize;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => brackets += 1,
            b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        // The lexer itself recurses into brackets.
        if brackets > DEEPEST_RULE {
            return Err(too_deep(at));
        }
    }
    // Text that cannot be taken apart is the compiler's to complain about.
    let depth = Lexer::new(code).lex().map_or(0, |tokens| depth(&tokens, ""));
    if depth > DEEPEST_RULE { Err(too_deep(0)) } else { Ok(()) }
}

/// No less than how deep the parts of some tokens are in each other: each may be in the one before it, except across
/// what separates the fields of an object or the arguments of a call. Yet an object is run as the sum of its fields, each
/// added to all before it.
fn depth(tokens: &[Token<&str>], separator: &str) -> usize {
    let run = |tokens: &[Token<&str>]| {
        let inner = tokens.iter().map(|token| match &token.1 {
            Tok::Block(inner) if token.0.starts_with('{') => fields(inner) + depth(inner, ","),
            Tok::Block(inner) if token.0.starts_with('(') => depth(inner, ";"),
            Tok::Block(inner) => depth(inner, ""),
            Tok::Str(parts) => parts.len() + parts.iter().map(part_depth).max().unwrap_or_default(),
            // Several signs in a row, such as minus signs, are one token.
            _ => token.0.len(),
        });
        tokens.len() + inner.max().unwrap_or_default()
    };
    tokens.split(|token| token.0 == separator).map(run).max().unwrap_or_default()
}

/// How many fields an object of these tokens has.
fn fields(tokens: &[Token<&str>]) -> usize {
    tokens.split(|token| token.0 == ",").count()
}

fn part_depth(part: &StrPart<&str, Token<&str>>) -> usize {
    match part {
        StrPart::Term(term) => depth(std::slice::from_ref(term), ""),
        StrPart::Str(_) | StrPart::Char(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separate_arguments_are_not_in_each_other_and_fields_are_added_up() {
        let fields: Vec<_> = (0..400).map(|n| format!("k{n}: $event.data.k{n}")).collect();
        assert_eq!(bounded(&format!("{{{}}}", fields.join(", "))), Ok(()));
        assert!(bounded(&format!("{{{}}}", [fields.join(", "), fields.join(", ")].join(", "))).is_err());
        assert!(bounded(&"(".repeat(10_000)).is_err());
        assert!(bounded(&".a |".repeat(300)).is_err());
    }
}
