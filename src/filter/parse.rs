//! Reads a filter from what a person typed, and says where it went wrong.

use std::ops::Range;

use super::cursor::Cursor;
use super::fault::{ParseError, Parsed, fault};
use super::glob::{Pattern, Piece};
use super::moment::Moment;
use super::path::{Path, Segment, ends_key};
use super::regex::Regex;
use super::term::{Condition, Effect, Filter, Term};
use super::words::{EffectKind, Field, NumberField, Op, Operand, Root};

impl Filter {
    /// Reads a filter: conditions with spaces between them.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new(text);
        let filter = alternatives(&mut cursor)?;
        if cursor.is_at_end() {
            return Ok(filter);
        }
        Err(fault("this parenthesis closes nothing", cursor.at..cursor.at + 1))
    }
}

impl std::str::FromStr for Filter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

/// Effects are found by folding streams, which is done for all of a filter or not at all.
const EFFECTS_STAND_ALONE: &str = "changed:, failed: and unhandled: stand alone, without `or` or `not (…)` around them";

/// Conditions up to the end, or to the parenthesis that closes what is around, with `or` between some of them.
fn alternatives(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    let (mut found, mut terms, begin) = (Vec::new(), Vec::new(), cursor.at);
    // The latest `or` or `and`, behind which a condition has to come.
    let mut joined: Option<Range<usize>> = None;
    loop {
        cursor.skip_spaces();
        if cursor.is_at_end() || cursor.peek() == Some(')') {
            break;
        }
        let start = cursor.at;
        let is_or = cursor.eat_keyword("or");
        if is_or || cursor.eat_keyword("and") {
            let word = start..cursor.at;
            if terms.is_empty() || joined.is_some() {
                return Err(fault("a condition is missing before this word; in quotes it is text", word));
            }
            if is_or {
                found.push(Filter { terms: std::mem::take(&mut terms) });
            }
            joined = Some(word);
            continue;
        }
        terms.extend(term(cursor)?);
        joined = None;
    }
    if let Some(word) = joined {
        return Err(fault("a condition is missing after this word; in quotes it is text", word));
    }
    if found.is_empty() {
        return Ok(Filter { terms });
    }
    found.push(Filter { terms });
    if found.iter().any(Filter::asks_effects) {
        return Err(fault(EFFECTS_STAND_ALONE, begin..cursor.at));
    }
    Ok(Filter { terms: vec![Term::any(found)] })
}

/// One condition, or those in parentheses.
fn term(cursor: &mut Cursor<'_>) -> Parsed<Vec<Term>> {
    let start = cursor.at;
    let mut negated = false;
    loop {
        if cursor.is_minus() {
            cursor.bump();
        } else if cursor.eat_keyword("not") {
            cursor.skip_spaces();
            if cursor.is_at_end() || cursor.peek() == Some(')') {
                return Err(fault("a condition is missing after this word; in quotes it is text", start..cursor.at));
            }
        } else {
            break;
        }
        negated = !negated;
    }
    if cursor.peek() != Some('(') {
        return Ok(vec![Term { negated, condition: condition(cursor)? }]);
    }
    let open = cursor.at;
    cursor.open()?;
    let inner = alternatives(cursor)?;
    if !cursor.close() {
        return Err(fault("the closing parenthesis is missing", open..open + 1));
    }
    if inner.is_empty() {
        return Err(fault("nothing is in these parentheses", open..cursor.at));
    }
    cursor.end_of_term()?;
    if negated && inner.terms.len() > 1 && inner.asks_effects() {
        return Err(fault(EFFECTS_STAND_ALONE, open..cursor.at));
    }
    Ok(if negated { Term::none(inner).opened() } else { inner.terms })
}

fn condition(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if cursor.peek() == Some('"') {
        let text = cursor.quoted_text()?;
        cursor.end_of_term()?;
        return Ok(Condition::Text(text));
    }
    let start = cursor.at;
    if let Some((text, any_case)) = cursor.slashed() {
        let regex = Regex::new(text, any_case).map_err(|message| fault(message, start..cursor.at))?;
        return Ok(Condition::Regex(regex));
    }
    let name = cursor.take_while(|char| char.is_ascii_alphabetic() || char == '_');
    if let Some(root) = root(name)
        && cursor.peek().is_some_and(|next| ".[:=<>!".contains(next))
    {
        return in_payload(cursor, root, start);
    }
    let Some(op) = operator(cursor).filter(|_| !name.is_empty()) else {
        cursor.at = start;
        return Ok(Condition::Text(cursor.word().to_owned()));
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
        "has" => has(cursor, operator, start),
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
    let word = cursor.word();
    if let Some(range) = word.split_once("..").filter(|_| op == Op::Equal) {
        return within(field, range).ok_or_else(|| {
            let name = field.name();
            fault(format!("a range is written as {name}:1..10, {name}:5.. or {name}:..5"), start..cursor.at)
        });
    }
    match word.parse() {
        Ok(value) => Ok(Condition::Number { field, op, value }),
        Err(_) => Err(ParseError {
            message: format!("{} needs a whole number, such as {}{}3", field.name(), field.name(), op.symbol()),
            at: start..cursor.at,
        }),
    }
}

/// The condition of a range, either end of which may be open.
fn within(field: NumberField, (from, to): (&str, &str)) -> Option<Condition> {
    let open = |op, end: &str| end.parse().ok().map(|value| Condition::Number { field, op, value });
    match (from, to) {
        ("", to) => open(Op::AtMost, to),
        (from, "") => open(Op::AtLeast, from),
        (from, to) => Some(Condition::Range { field, from: from.parse().ok()?, to: to.parse().ok()? }),
    }
}

/// That there is a field, or a value inside the data or metadata.
fn has(cursor: &mut Cursor<'_>, operator: Operator, start: usize) -> Parsed<Condition> {
    let at = cursor.at;
    let name = cursor.take_while(|char| char.is_ascii_alphabetic() || char == '_');
    let any = vec![Pattern::from_pieces([Piece::Any])];
    let found = match (operator, root(name), Field::by_name(name)) {
        (Operator::Matches, Some(root), _) => Condition::PathMatches { root, path: path(cursor)?, patterns: any },
        (Operator::Matches, None, Some(field)) => Condition::Matches { field, patterns: any },
        _ => {
            let message = "has: needs a field or a path, such as has:actor or has:data.error";
            return Err(fault(message, at.min(cursor.at.saturating_sub(1)).max(start)..cursor.at));
        }
    };
    cursor.end_of_term()?;
    Ok(found)
}

fn moment(cursor: &mut Cursor<'_>, name: &str, operator: Operator, start: usize) -> Parsed<Moment> {
    if operator != Operator::Matches {
        return Err(ParseError { message: format!("write {name}: and a date"), at: start..cursor.at });
    }
    let value = cursor.at;
    let text = cursor.quoted_or_word()?;
    cursor.end_of_term()?;
    Moment::parse(&text).ok_or_else(|| ParseError {
        message: format!("{name} needs a date or a moment, such as 2026-03-14, 2026-03-14T12:04:01Z or now-2h"),
        at: value..cursor.at,
    })
}

fn effect(cursor: &mut Cursor<'_>, name: &str, operator: Operator, start: usize) -> Parsed<Effect> {
    let Some(kind) = EffectKind::by_name(name).filter(|_| operator == Operator::Matches) else {
        return Err(ParseError { message: format!("write {name}: and what"), at: start..cursor.at });
    };
    let at = cursor.at;
    let value = cursor.quoted_or_word()?;
    cursor.end_of_term()?;
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
        } else if cursor.eat("[]") {
            segments.push(Segment::Each);
        } else if cursor.eat("[") {
            let digits = cursor.take_while(|char| char.is_ascii_digit());
            let index = digits.parse().ok().filter(|_| cursor.eat("]"));
            let message =
                "a place in a list is written as a number in brackets, such as [0]; [] is any place".to_owned();
            segments.push(Segment::Index(index.ok_or(ParseError { message, at: start..cursor.at })?));
        } else {
            return Ok(Path { segments });
        }
    }
}

fn key(cursor: &mut Cursor<'_>) -> Parsed<String> {
    if cursor.peek() == Some('"') {
        return cursor.quoted_text();
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
    if cursor.is_quote() {
        let text = cursor.quoted_text()?;
        cursor.end_of_term()?;
        return Ok(Operand::Text(text));
    }
    let start = cursor.at;
    let word = cursor.word();
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
            cursor.end_of_term()?;
            return Ok(patterns);
        }
    }
}

fn pattern(cursor: &mut Cursor<'_>, name: &str) -> Parsed<Pattern> {
    let start = cursor.at;
    let chars = if cursor.is_quote() {
        cursor.quoted(pattern_escape)?
    } else {
        let chars = cursor.escaped_word(pattern_escape);
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

/// The characters that a backslash makes literal in a pattern; before any other it is a backslash, so that class
/// names such as `Shop\Event\Placed` need no care.
pub(super) fn pattern_escape(char: char) -> bool {
    matches!(char, '*' | '"' | '\'' | '\\' | ',') || char.is_whitespace()
}
