//! Cuts SQL into words, names, texts and signs: as much of its grammar as plain sources need.

/// A piece of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word: a name, a keyword or a function.
    Word(String),
    /// A quoted name.
    Name(String),
    /// A string literal.
    Text(String),
    /// Anything else, such as a number or an operator.
    Symbol(String),
}

/// The pieces of an expression; `None` where a quote does not end.
pub(super) fn tokens(sql: &str) -> Option<Vec<Token>> {
    let mut rest = sql.trim_start();
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' => quoted(rest, '\'').map(|(text, length)| (Token::Text(text), length))?,
            '"' | '`' => quoted(rest, first).map(|(text, length)| (Token::Name(text), length))?,
            '[' => {
                let end = rest.find(']')?;
                (Token::Name(rest.get(1..end)?.to_owned()), end + 1)
            }
            _ if is_word(first) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (Token::Word(rest.get(..length)?.to_owned()), length)
            }
            _ => {
                let operators = ["->>", "->", "||"];
                let operator = operators.into_iter().find(|it| rest.starts_with(it));
                let length = operator.map_or(first.len_utf8(), str::len);
                (Token::Symbol(rest.get(..length)?.to_owned()), length)
            }
        };
        found.push(token);
        rest = rest.get(length..)?.trim_start();
    }
    Some(found)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

/// A quoted text, in which the quote itself is written twice, and its length with the quotes.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let (mut found, mut letters) = (String::new(), text.char_indices().skip(1).peekable());
    while let Some((place, letter)) = letters.next() {
        match letters.peek() {
            Some((_, next)) if letter == quote && *next == quote => drop(letters.next()),
            _ if letter == quote => return Some((found, place + 1)),
            _ => {}
        }
        found.push(letter);
    }
    None
}
