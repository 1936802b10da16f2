//! Reads a filter from what a person typed, and says where it went wrong.

use std::fmt;
use std::ops::Range;

use super::glob::{Pattern, Piece};
use super::moment::Moment;
use super::path::{Path, Segment, ends_key};
use super::term::{Condition, Effect, EffectKind, Field, Filter, NumberField, Op, Operand, Root, Term};

/// Why a filter cannot be read, and which part of it is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, in a sentence without its full stop.
    pub message: String,
    /// The bytes of the filter that are at fault.
    pub at: Range<usize>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

impl From<ParseError> for crate::Error {
    fn from(error: ParseError) -> Self {
        Self::bad_input(format!("the filter cannot be read: {}", error.message)).with_source(error)
    }
}

type Parsed<T> = Result<T, ParseError>;

impl Filter {
    /// Reads a filter: terms with spaces between them.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut cursor = Cursor { text, at: 0 };
        let mut terms = Vec::new();
        loop {
            cursor.skip_while(char::is_whitespace);
            if cursor.is_at_end() {
                return Ok(Self { terms });
            }
            terms.push(term(&mut cursor)?);
        }
    }
}

impl std::str::FromStr for Filter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

fn term(cursor: &mut Cursor<'_>) -> Parsed<Term> {
    let negated = cursor.peek() == Some('-') && cursor.second().is_some_and(|next| !next.is_whitespace());
    if negated {
        cursor.bump();
    }
    Ok(Term { negated, condition: condition(cursor)? })
}

fn condition(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if cursor.peek() == Some('"') {
        let text = quoted(cursor, plain_escape)?.into_iter().map(|(char, _)| char).collect();
        end_of_term(cursor)?;
        return Ok(Condition::Text(text));
    }
    let start = cursor.at;
    let name = cursor.take_while(|char| char.is_ascii_alphabetic() || char == '_');
    if let Some(root) = root(name)
        && cursor.peek().is_some_and(|next| ".[:=<>!".contains(next))
    {
        return in_payload(cursor, root, start);
    }
    let Some(op) = operator(cursor).filter(|_| !name.is_empty()) else {
        cursor.at = start;
        return Ok(Condition::Text(cursor.take_while(|char| !char.is_whitespace()).to_owned()));
    };
    named(cursor, name, op, start)
}

/// What follows the name of a field: `:` means "matches", the rest compares.
#[derive(Clone, Copy, PartialEq)]
enum Operator {
    Matches,
    Compares(Op),
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    const OPERATORS: [(&str, Operator); 7] = [
        (":", Operator::Matches),
        ("!=", Operator::Compares(Op::NotEqual)),
        ("<=", Operator::Compares(Op::AtMost)),
        (">=", Operator::Compares(Op::AtLeast)),
        ("=", Operator::Compares(Op::Equal)),
        ("<", Operator::Compares(Op::Less)),
        (">", Operator::Compares(Op::Greater)),
    ];
    OPERATORS.into_iter().find(|(symbol, _)| cursor.eat(symbol)).map(|(_, operator)| operator)
}

fn root(name: &str) -> Option<Root> {
    match name {
        "data" => Some(Root::Data),
        "metadata" | "meta" => Some(Root::Metadata),
        _ => None,
    }
}

fn named(cursor: &mut Cursor<'_>, name: &str, operator: Operator, start: usize) -> Parsed<Condition> {
    let name_ends = start + name.len();
    match name {
        "version" => number(cursor, NumberField::Version, operator),
        "position" => number(cursor, NumberField::Position, operator),
        "after" | "since" => Ok(Condition::After(moment(cursor, name, operator, start)?)),
        "before" | "until" => Ok(Condition::Before(moment(cursor, name, operator, start)?)),
        "changed" | "failed" | "unhandled" => Ok(Condition::Effect(effect(cursor, name, operator, start)?)),
        _ => match Field::by_name(name) {
            Some(field) => matches_field(cursor, field, operator, start),
            None => Err(ParseError {
                message: format!("no field is called {name}; to look for this text in the data, put it in quotes"),
                at: start..name_ends,
            }),
        },
    }
}

fn matches_field(cursor: &mut Cursor<'_>, field: Field, operator: Operator, start: usize) -> Parsed<Condition> {
    match operator {
        Operator::Matches | Operator::Compares(Op::Equal) => {
            Ok(Condition::Matches { field, patterns: patterns(cursor, field.name())? })
        }
        Operator::Compares(op) => Err(ParseError {
            message: format!("{0} is a text: write {0}: or -{0}: instead of {1}", field.name(), op.symbol()),
            at: start..cursor.at,
        }),
    }
}

fn number(cursor: &mut Cursor<'_>, field: NumberField, operator: Operator) -> Parsed<Condition> {
    let op = match operator {
        Operator::Matches => Op::Equal,
        Operator::Compares(op) => op,
    };
    let start = cursor.at;
    let word = cursor.take_while(|char| !char.is_whitespace());
    match word.parse() {
        Ok(value) => Ok(Condition::Number { field, op, value }),
        Err(_) => Err(ParseError {
            message: format!("{} needs a whole number, such as {}{}3", field.name(), field.name(), op.symbol()),
            at: start..cursor.at,
        }),
    }
}

fn moment(cursor: &mut Cursor<'_>, name: &str, operator: Operator, start: usize) -> Parsed<Moment> {
    if operator != Operator::Matches {
        return Err(ParseError { message: format!("write {name}: and a date"), at: start..cursor.at });
    }
    let value = cursor.at;
    let text = if cursor.peek() == Some('"') {
        quoted(cursor, plain_escape)?.into_iter().map(|(char, _)| char).collect()
    } else {
        cursor.take_while(|char| !char.is_whitespace()).to_owned()
    };
    end_of_term(cursor)?;
    Moment::parse(&text).ok_or_else(|| ParseError {
        message: format!("{name} needs a date or a moment, such as 2026-03-14 or 2026-03-14T12:04:01Z"),
        at: value..cursor.at,
    })
}

fn effect(cursor: &mut Cursor<'_>, name: &str, operator: Operator, start: usize) -> Parsed<Effect> {
    let Some(kind) = EffectKind::by_name(name).filter(|_| operator == Operator::Matches) else {
        return Err(ParseError { message: format!("write {name}: and what"), at: start..cursor.at });
    };
    let at = cursor.at;
    let value: String = if cursor.peek() == Some('"') {
        quoted(cursor, plain_escape)?.into_iter().map(|(char, _)| char).collect()
    } else {
        cursor.take_while(|char| !char.is_whitespace()).to_owned()
    };
    end_of_term(cursor)?;
    let message = match kind {
        EffectKind::Changed if value != "none" && !value.starts_with('/') => {
            "changed needs a place in the state, such as /status or /lines/*/qty, or none"
        }
        EffectKind::Failed | EffectKind::Unhandled if value.is_empty() => "a value is missing; * stands for any",
        _ => return Ok(Effect { kind, value }),
    };
    Err(ParseError { message: message.to_owned(), at: at.min(cursor.at.saturating_sub(1))..cursor.at })
}

fn in_payload(cursor: &mut Cursor<'_>, root: Root, start: usize) -> Parsed<Condition> {
    let path = path(cursor)?;
    let Some(operator) = operator(cursor) else {
        let message = "after the path comes : = != < <= > or >= and a value".to_owned();
        return Err(ParseError { message, at: start..cursor.at.max(start + 1) });
    };
    match operator {
        Operator::Matches => Ok(Condition::PathMatches { root, path, patterns: patterns(cursor, root.name())? }),
        Operator::Compares(op) => Ok(Condition::Compare { root, path, op, operand: operand(cursor, op)? }),
    }
}

fn path(cursor: &mut Cursor<'_>) -> Parsed<Path> {
    let mut segments = Vec::new();
    loop {
        let start = cursor.at;
        if cursor.eat(".") {
            segments.push(Segment::Key(key(cursor)?));
        } else if cursor.eat("[") {
            let digits = cursor.take_while(|char| char.is_ascii_digit());
            let index = digits.parse().ok().filter(|_| cursor.eat("]"));
            let message = "a place in a list is written as a number in brackets, such as [0]".to_owned();
            segments.push(Segment::Index(index.ok_or(ParseError { message, at: start..cursor.at })?));
        } else {
            return Ok(Path { segments });
        }
    }
}

fn key(cursor: &mut Cursor<'_>) -> Parsed<String> {
    if cursor.peek() == Some('"') {
        return Ok(quoted(cursor, plain_escape)?.into_iter().map(|(char, _)| char).collect());
    }
    let start = cursor.at;
    let key = cursor.take_while(|char| !ends_key(char));
    if key.is_empty() {
        let message = "a key is missing after the dot".to_owned();
        return Err(ParseError { message, at: start.saturating_sub(1)..start });
    }
    Ok(key.to_owned())
}

fn operand(cursor: &mut Cursor<'_>, op: Op) -> Parsed<Operand> {
    if cursor.peek() == Some('"') {
        let text = quoted(cursor, plain_escape)?.into_iter().map(|(char, _)| char).collect();
        end_of_term(cursor)?;
        return Ok(Operand::Text(text));
    }
    let start = cursor.at;
    let word = cursor.take_while(|char| !char.is_whitespace());
    if word.is_empty() {
        return Err(missing(op.symbol(), start));
    }
    Ok(if is_number(word) { Operand::Number(word.to_owned()) } else { Operand::Text(word.to_owned()) })
}

/// Whether a word is a number as JSON writes it (<https://www.rfc-editor.org/rfc/rfc8259#section-6>).
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|char: char| char == '-' || char.is_ascii_digit())
        && serde_json::from_str::<serde_json::Number>(word).is_ok()
}

fn patterns(cursor: &mut Cursor<'_>, name: &str) -> Parsed<Vec<Pattern>> {
    let mut patterns = Vec::new();
    loop {
        patterns.push(pattern(cursor, name)?);
        if !cursor.eat(",") {
            end_of_term(cursor)?;
            return Ok(patterns);
        }
    }
}

fn pattern(cursor: &mut Cursor<'_>, name: &str) -> Parsed<Pattern> {
    let start = cursor.at;
    let chars = if cursor.peek() == Some('"') {
        quoted(cursor, pattern_escape)?
    } else {
        let chars = cursor.escaped_until(|char| char.is_whitespace() || char == ',', pattern_escape);
        if chars.is_empty() {
            return Err(missing(name, start));
        }
        chars
    };
    Ok(Pattern::from_pieces(chars.into_iter().map(|(char, escaped)| match char {
        '*' if !escaped => Piece::Any,
        _ => Piece::Literal(char.to_string()),
    })))
}

fn missing(name: &str, at: usize) -> ParseError {
    let message = format!("a value is missing after {name}");
    ParseError { message, at: at.saturating_sub(1)..at }
}

fn end_of_term(cursor: &Cursor<'_>) -> Parsed<()> {
    match cursor.peek() {
        Some(next) if !next.is_whitespace() => Err(ParseError {
            message: "a space is missing after the closing quote".to_owned(),
            at: cursor.at..cursor.at + next.len_utf8(),
        }),
        _ => Ok(()),
    }
}

/// The characters that a backslash makes literal in a pattern; before any other it is a backslash, so that class
/// names such as `Shop\Event\Placed` need no care.
pub(super) fn pattern_escape(char: char) -> bool {
    matches!(char, '*' | '"' | '\\' | ',') || char.is_whitespace()
}

fn plain_escape(char: char) -> bool {
    matches!(char, '"' | '\\')
}

/// The characters between quotes, each with whether a backslash stood before it.
fn quoted(cursor: &mut Cursor<'_>, escape: fn(char) -> bool) -> Parsed<Vec<(char, bool)>> {
    let start = cursor.at;
    cursor.bump();
    let chars = cursor.escaped_until(|char| char == '"', escape);
    if cursor.eat("\"") {
        return Ok(chars);
    }
    Err(ParseError { message: "the closing quote is missing".to_owned(), at: start..cursor.at })
}

/// A place in the text that is read.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn bump(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|char| !keep(char)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn skip_while(&mut self, skip: impl Fn(char) -> bool) {
        self.take_while(skip);
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
