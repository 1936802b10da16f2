//! Prints a filter so that it reads back as the same filter.

use std::fmt::{self, Display, Formatter, Write as _};

use super::glob::{Pattern, Piece};
use super::parse::{is_number, pattern_escape};
use super::term::{Condition, Filter, Term};
use super::words::{Op, Operand};

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            if index > 0 {
                f.write_char(' ')?;
            }
            term.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_char('-')?;
        }
        self.condition.fmt(f)
    }
}

impl Term {
    /// The term as a chip shows it: spaced for the eye, and not meant to be read back.
    #[must_use]
    pub fn label(&self) -> String {
        let not = if self.negated { "not " } else { "" };
        let text = match &self.condition {
            Condition::Matches { field, patterns } => format!("{}: {}", field.name(), list(patterns, ", ")),
            Condition::PathMatches { root, path, patterns } if is_any(patterns) => format!("has {}{path}", root.name()),
            Condition::PathMatches { root, path, patterns } => {
                format!("{}{path}: {}", root.name(), list(patterns, ", "))
            }
            Condition::Number { field, op, value } => format!("{} {} {value}", field.name(), op.symbol()),
            Condition::Range { field, from, to } => format!("{} {from} to {to}", field.name()),
            Condition::After(moment) => format!("after: {moment}"),
            Condition::Before(moment) => format!("before: {moment}"),
            Condition::Compare { root, path, op, operand } => {
                format!("{}{path} {} {operand}", root.name(), op.symbol())
            }
            Condition::Text(text) => format!("“{text}”"),
            Condition::Regex(regex) => regex.to_string(),
            Condition::Group(filters) => {
                let group = filters.iter().map(group_label).collect::<Vec<_>>().join(" or ");
                return if self.negated { format!("not ({group})") } else { group };
            }
            Condition::Effect(effect) => format!("{}: {}", effect.kind.name(), word(&effect.value)),
        };
        format!("{not}{text}")
    }
}

/// What one alternative of a group asks, for the eye.
fn group_label(filter: &Filter) -> String {
    filter.terms.iter().map(nested_label).collect::<Vec<_>>().join(" and ")
}

fn nested_label(term: &Term) -> String {
    let is_open = matches!(term.condition, Condition::Group(_)) && !term.negated;
    if is_open { format!("({})", term.label()) } else { term.label() }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches { field, patterns } => write!(f, "{}:{}", field.name(), list(patterns, ",")),
            Self::Number { field, op: Op::Equal, value } => write!(f, "{}:{value}", field.name()),
            Self::Number { field, op, value } => write!(f, "{}{}{value}", field.name(), op.symbol()),
            Self::Range { field, from, to } => write!(f, "{}:{from}..{to}", field.name()),
            Self::After(moment) => write!(f, "after:{}", word(moment.text())),
            Self::Before(moment) => write!(f, "before:{}", word(moment.text())),
            Self::PathMatches { root, path, patterns } if is_any(patterns) => write!(f, "has:{}{path}", root.name()),
            Self::PathMatches { root, path, patterns } => write!(f, "{}{path}:{}", root.name(), list(patterns, ",")),
            Self::Compare { root, path, op, operand } => write!(f, "{}{path}{}{operand}", root.name(), op.symbol()),
            Self::Text(text) if reads_back_bare(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Regex(regex) => regex.fmt(f),
            Self::Group(filters) => {
                let filters: Vec<String> = filters.iter().map(ToString::to_string).collect();
                write!(f, "({})", filters.join(" or "))
            }
            Self::Effect(effect) => write!(f, "{}:{}", effect.kind.name(), word(&effect.value)),
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) if is_number(text) => f.write_str(&quoted(text)),
            Self::Text(text) => f.write_str(&word(text)),
        }
    }
}

/// The pattern as it is typed: `\*` is an asterisk, and quotes surround what spaces or commas would tear apart.
impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = self.pieces().iter().map(escaped).collect::<String>();
        let special = |char: char| char.is_whitespace() || ",\"()".contains(char);
        let needs_quotes = text.is_empty() || text.starts_with('\'') || text.contains(special);
        if needs_quotes { write!(f, "\"{text}\"") } else { f.write_str(&text) }
    }
}

fn escaped(piece: &Piece) -> String {
    let Piece::Literal(text) = piece else { return "*".to_owned() };
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let needs_escape = match char {
            '*' | '"' | '\'' => true,
            '\\' => chars.peek().is_none_or(|next| pattern_escape(*next)),
            _ => false,
        };
        if needs_escape {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

fn list(patterns: &[Pattern], separator: &str) -> String {
    patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

/// A value as it is typed where nothing but a space ends it; a leading `=` would join the operator before it.
fn word(text: &str) -> String {
    let special = |char: char| char.is_whitespace() || "()".contains(char);
    let bare = !text.is_empty() && !text.starts_with(['"', '\'', '=']) && !text.contains(special);
    if bare { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn is_any(patterns: &[Pattern]) -> bool {
    matches!(patterns, [only] if only.is_any())
}

/// Whether a text, typed without quotes, is read as this very text; the parser itself is the judge, but for what it reads
/// in another way where others are around: parentheses, and a slash that another one behind it would make an expression.
fn reads_back_bare(text: &str) -> bool {
    !text.contains(['(', ')'])
        && !text.starts_with('/')
        && Filter::parse(text).is_ok_and(|filter| match filter.terms.as_slice() {
            [Term { negated: false, condition: Condition::Text(read) }] => read == text,
            _ => false,
        })
}
