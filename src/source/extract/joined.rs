//! Under which names the tables of a join are read.

/// Words behind a table that are no other name of it.
const KEYWORDS: [&str; 12] =
    ["join", "left", "right", "full", "inner", "outer", "cross", "natural", "on", "using", "indexed", "not"];

/// A part of a join outside of parentheses.
#[derive(Debug, PartialEq)]
enum Token {
    /// A name or a word; quoted ones are no keywords.
    Word { text: String, quoted: bool },
    /// Anything else.
    Other(char),
}

/// The tables that stand in a join by themselves, each with the name by which its columns are read, as SQL. Those inside of
/// a query in parentheses are not among them.
pub(super) fn tables(from: &str) -> Vec<(String, String)> {
    let tokens = tokens(from);
    let mut found = Vec::new();
    let mut expects_table = true;
    let mut rest = tokens.iter().peekable();
    while let Some(token) = rest.next() {
        let Token::Word { text, quoted } = token else {
            expects_table = *token == Token::Other(',');
            continue;
        };
        if !quoted && text.eq_ignore_ascii_case("join") {
            expects_table = true;
            continue;
        }
        if !std::mem::take(&mut expects_table) {
            continue;
        }
        let is_word = |token: &Token, word: &str| matches!(token, Token::Word { text, quoted: false } if text.eq_ignore_ascii_case(word));
        rest.next_if(|token| is_word(token, "as"));
        let alias = rest.next_if(|token| match token {
            Token::Word { quoted: true, .. } => true,
            Token::Word { text, .. } => !KEYWORDS.iter().any(|keyword| text.eq_ignore_ascii_case(keyword)),
            Token::Other(_) => false,
        });
        // A name before parentheses is a function that gives rows.
        if rest.peek() == Some(&&Token::Other('(')) && alias.is_none() {
            continue;
        }
        let alias = match alias {
            Some(Token::Word { text, .. }) => text,
            _ => text,
        };
        found.push((text.clone(), crate::profile::schema::quoted(alias)));
    }
    found
}

fn tokens(from: &str) -> Vec<Token> {
    let (mut tokens, mut depth) = (Vec::new(), 0_usize);
    let mut letters = from.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' | '`' | '[' => {
                let end = if letter == '[' { ']' } else { letter };
                let mut text = String::new();
                while let Some(next) = letters.next() {
                    if next != end {
                        text.push(next);
                    } else if letters.peek() == Some(&end) && end != ']' {
                        text.extend(letters.next());
                    } else {
                        break;
                    }
                }
                if depth == 0 && letter != '\'' {
                    tokens.push(Token::Word { text, quoted: true });
                }
            }
            '(' => {
                if depth == 0 {
                    tokens.push(Token::Other('('));
                }
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 || letter.is_whitespace() => {}
            _ if is_of_name(letter) => {
                let mut text = String::from(letter);
                while let Some(next) = letters.next_if(|next| is_of_name(*next)) {
                    text.push(next);
                }
                tokens.push(Token::Word { text, quoted: false });
            }
            other => tokens.push(Token::Other(other)),
        }
    }
    tokens
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$' || !letter.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_a_join_have_the_names_that_they_are_read_by() {
        let found = |from: &str| -> Vec<String> {
            tables(from).into_iter().map(|(table, alias)| format!("{table} {alias}")).collect()
        };
        assert_eq!(found("messages m JOIN streams AS s ON s.id = m.stream"), ["messages \"m\"", "streams \"s\""]);
        assert_eq!(found("\"a b\" LEFT JOIN c USING (x), d"), ["a b \"a b\"", "c \"c\"", "d \"d\""]);
        assert_eq!(found("Commits c JOIN json_each(items(c.P)) item"), ["Commits \"c\""]);
        assert_eq!(
            found("events e LEFT JOIN links s ON s.id = (SELECT h.id FROM links h) LEFT JOIN (SELECT 1 FROM x) y"),
            ["events \"e\"", "links \"s\""]
        );
    }
}
