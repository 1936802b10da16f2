//! Conditions on what is inside the data and metadata, where SQLite can read them as JSON.

use rusqlite::types::Value;

use super::{Part, in_parentheses};
use crate::codec::{Codec, Unwrap};
use crate::filter::sieve::Sieve;
use crate::filter::{Condition, Op, Operand, Path, Pattern, Regex, Root};
use crate::profile::{self, Mapping};

/// A value inside a payload, in SQL.
struct Inside {
    /// The document as JSON text; NULL where there is none.
    document: String,
    /// The path, as an SQL string.
    path: String,
}

impl Inside {
    /// What a path leads to, where the payload is JSON or tells by itself what it is. The document is looked at as JSON
    /// text first: `plain` reads the rest, and reads what a broken row holds as NULL.
    fn new(mapping: &Mapping, root: Root, path: &Path) -> Option<Self> {
        let field = payload(mapping, root)?;
        if !is_json(field) {
            return None;
        }
        let column = in_parentheses(field);
        let is_json = format!("typeof({column}) = 'text' AND json_valid({column}) AND NOT wraps({column})");
        let document = match &field.codec {
            None => format!("CASE WHEN {is_json} THEN {column} ELSE plain({column}) END"),
            // Text that a row says is something else can still look like JSON.
            Some(codec) => format!(
                "CASE WHEN coalesce(({codec}), 'json') = 'json' AND {is_json} THEN {column} \
                 ELSE plain({column}, ({codec})) END"
            ),
        };
        Some(Self { document, path: format!("'{}'", path.to_sql()?.replace('\'', "''")) })
    }

    fn kind(&self) -> String {
        format!("json_type({}, {})", self.document, self.path)
    }

    /// The value as SQL has it: text without quotes, numbers as numbers.
    fn value(&self) -> String {
        format!("(({}) ->> {})", self.document, self.path)
    }

    /// The value as JSON has it, digit by digit.
    fn json(&self) -> String {
        format!("(({}) -> {})", self.document, self.path)
    }
}

fn payload(mapping: &Mapping, root: Root) -> Option<&profile::Field> {
    match root {
        Root::Data => Some(&mapping.data),
        Root::Metadata => mapping.metadata.as_ref(),
    }
}

/// The condition that the text of a value matches one of the patterns.
pub(super) fn path_matches(mapping: &Mapping, root: Root, path: &Path, patterns: &[Pattern]) -> Option<Part> {
    if payload(mapping, root).is_none() {
        return Some(Part::constant(false));
    }
    let inside = Inside::new(mapping, root, path)?;
    let text = format!(
        "(CASE {} WHEN 'text' THEN {} WHEN 'object' THEN NULL WHEN 'array' THEN NULL ELSE {} END)",
        inside.kind(),
        inside.value(),
        inside.json()
    );
    Part::any(patterns.iter().map(|pattern| {
        Some(match pattern.as_literal() {
            Some(literal) => Part::new(format!("{text} = ?"), vec![Value::Text(literal.to_owned())]),
            None if pattern.is_any() => Part::new(format!("{} IS NOT NULL", inside.kind()), Vec::new()),
            None => Part::new(format!("{text} GLOB ?"), vec![Value::Text(pattern.to_sql_glob())]),
        })
    }))
}

/// The condition that a value compares with an operand.
pub(super) fn compares(mapping: &Mapping, root: Root, path: &Path, op: Op, operand: &Operand) -> Option<Part> {
    if payload(mapping, root).is_none() {
        return Some(Part::constant(false));
    }
    let inside = Inside::new(mapping, root, path)?;
    let (kind, value, op) = (inside.kind(), inside.value(), op.symbol());
    Some(match operand {
        Operand::Number(digits) => {
            let number = format!("(CASE WHEN {kind} IN ('integer', 'real', 'text') THEN {value} END)");
            // The cast lends its affinity: strings that are numbers become numbers, and the others, which stay text,
            // sort after every number, also after infinity.
            let sql = format!("({number} {op} CAST(? AS NUMERIC) AND {number} <= CAST(9e999 AS NUMERIC))");
            Part::new(sql, vec![Value::Text(digits.clone())])
        }
        Operand::Text(text) => {
            let word = format!(
                "(CASE {kind} WHEN 'text' THEN {value} WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' \
                 WHEN 'null' THEN 'null' END)"
            );
            Part::new(format!("{word} {op} ?"), vec![Value::Text(text.clone())])
        }
    })
}

/// The condition with a quick look at the stored bytes before it, which spares most rows being read as a document. `CASE`
/// rather than `AND`, whose sides SQLite may both evaluate.
pub(super) fn sieved(condition: &Condition, mapping: &Mapping, exact: Option<Part>) -> Option<Part> {
    let (Condition::PathMatches { root, .. } | Condition::Compare { root, .. }) = condition else { return exact };
    let field = payload(mapping, *root).filter(|field| is_json(field));
    let (Some(field), Some(exact), Some(_)) = (field, &exact, Sieve::of(condition)) else { return exact };
    let codec = field.codec.as_deref().unwrap_or("NULL");
    let sql = format!("CASE WHEN may_hold({}, ?, ({codec})) THEN {} END", in_parentheses(field), exact.sql);
    let mut params = vec![Value::Text(condition.to_string())];
    params.extend(exact.params.iter().cloned());
    Some(Part::new(sql, params))
}

/// The quick look alone, for a condition that SQL cannot say: what it keeps back does not meet the condition.
pub(super) fn sieve(condition: &Condition, mapping: &Mapping) -> Option<Part> {
    sieved(condition, mapping, Some(Part::constant(true))).filter(|part| !part.params.is_empty())
}

/// Whether a payload is JSON, or tells by itself what it is.
fn is_json(field: &profile::Field) -> bool {
    field.encoding.unwrap == Unwrap::None && matches!(field.encoding.layers.as_slice(), [] | [Codec::Json])
}

/// The condition that the data holds a text. SQLite's `LIKE` would miss what JSON escapes, and is no faster.
pub(super) fn has_text(needle: &str, data: &profile::Field) -> Part {
    of_data("holds_text", needle.to_owned(), data)
}

/// The condition that the data matches a regular expression.
pub(super) fn matches_regex(regex: &Regex, data: &profile::Field) -> Part {
    of_data("matches_regex", regex.to_string(), data)
}

fn of_data(function: &str, argument: String, data: &profile::Field) -> Part {
    let layers: Vec<&str> = data.encoding.layers.iter().map(|codec| codec.name()).collect();
    let codec = data.codec.as_deref().unwrap_or("NULL");
    let sql = format!("{function}({}, ?, coalesce(({codec}), '{}'))", in_parentheses(data), layers.join(","));
    Part::new(sql, vec![Value::Text(argument)])
}
