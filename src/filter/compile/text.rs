//! Conditions on fields that are text: equality through an index where there is one, else `GLOB`.

use rusqlite::types::Value;
use uuid::Uuid;

use super::{Part, in_parentheses, mapped};
use crate::codec;
use crate::codec::Format;
use crate::filter::{Field, Pattern};
use crate::profile::{self, Mapping};

/// The condition that a field of the envelope matches a pattern.
pub(super) fn field_matches(field: Field, pattern: &Pattern, mapping: &Mapping) -> Option<Part> {
    // An event without these two has them empty; without any other field it does not match.
    let missing = matches!(field, Field::Type | Field::Aggregate).then_some("");
    match field {
        Field::Stream => stream_matches(pattern, mapping),
        _ => matches(mapped(field, mapping), pattern, missing),
    }
}

/// The condition that a column matches a pattern, where NULL stands for `missing`.
fn matches(field: Option<&profile::Field>, pattern: &Pattern, missing: Option<&str>) -> Option<Part> {
    let null_matches = missing.is_some_and(|missing| pattern.matches(missing));
    let Some(field) = field else { return Some(Part::constant(null_matches)) };
    let column = in_parentheses(field);
    let mut part = match pattern.as_literal() {
        Some(literal) => equals(&column, stored_forms(literal, field.format)),
        None if pattern.is_any() => Part::new(format!("{column} IS NOT NULL"), Vec::new()),
        None if is_plain(field.format) => {
            Part::new(format!("{column} GLOB ?"), vec![Value::Text(pattern.to_sql_glob())])
        }
        None => return None,
    };
    if null_matches {
        part.sql = format!("({} OR {column} IS NULL)", part.sql);
    }
    Some(part)
}

/// Whether the text that is shown is the text that is stored.
fn is_plain(format: Format) -> bool {
    !matches!(format, Format::Uuid | Format::Guid | Format::Ulid | Format::Hex)
}

fn equals(column: &str, forms: Vec<Value>) -> Part {
    if forms.len() == 1 {
        return Part::new(format!("{column} = ?"), forms);
    }
    let places = vec!["?"; forms.len()].join(", ");
    Part::new(format!("{column} IN ({places})"), forms)
}

/// How many slashes a stream's name may hold to be looked for by each way to take it apart.
const SLASHES: usize = 32;

/// The id, or `TYPE/ID`, where either may hold a slash of its own.
fn stream_matches(pattern: &Pattern, mapping: &Mapping) -> Option<Part> {
    let id = matches(mapping.aggregate_id.as_ref(), pattern, Some(&mapping.table));
    let Some(kind) = &mapping.aggregate_type else { return id };
    match pattern.as_literal() {
        Some(literal) if literal.matches('/').count() > SLASHES => None,
        Some(literal) => {
            let whole = literal.match_indices('/').map(|(at, _)| {
                let (kind, id) = (literal.get(..at)?, literal.get(at + 1..)?);
                both(kind, id, mapping).or_else(|| Some(Part::constant(false)))
            });
            Part::any(std::iter::once(id).chain(whole))
        }
        None => Part::any([id, joined_matches(kind, pattern, mapping)]),
    }
}

/// The condition that type and id are these two.
fn both(kind: &str, id: &str, mapping: &Mapping) -> Option<Part> {
    let kind = matches(mapping.aggregate_type.as_ref().filter(|_| !kind.is_empty()), &Pattern::literal(kind), None)?;
    let id = matches(mapping.aggregate_id.as_ref(), &Pattern::literal(id), Some(&mapping.table))?;
    let params = kind.params.into_iter().chain(id.params).collect();
    Some(Part::new(format!("({} AND {})", kind.sql, id.sql), params))
}

fn joined_matches(kind: &profile::Field, pattern: &Pattern, mapping: &Mapping) -> Option<Part> {
    let id = match &mapping.aggregate_id {
        Some(id) if !is_plain(id.format) => return None,
        Some(id) => format!("coalesce({}, {})", in_parentheses(id), quoted(&mapping.table)),
        None => quoted(&mapping.table),
    };
    if !is_plain(kind.format) {
        return None;
    }
    let kind = in_parentheses(kind);
    let sql = format!("({kind} <> '' AND ({kind} || '/' || {id}) GLOB ?)");
    Some(Part::new(sql, vec![Value::Text(pattern.to_sql_glob())]))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Every stored value that [`decode::text`](crate::codec::decode::text) shows as `text`: the text itself, a number,
/// the bytes of a UUID.
pub(crate) fn stored_forms(text: &str, format: Format) -> Vec<Value> {
    let mut forms = vec![Value::Text(text.to_owned())];
    if let Some(number) = text.parse::<i64>().ok().filter(|number| number.to_string() == text) {
        forms.push(Value::Integer(number));
    } else if let Some(number) = text.parse::<f64>().ok().filter(|number| format!("{number:?}") == text) {
        forms.push(Value::Real(number));
    }
    if matches!(format, Format::Uuid | Format::Guid | Format::Auto)
        && let Ok(id) = Uuid::parse_str(text)
        && id.to_string() == text
    {
        forms.push(Value::Blob(if format == Format::Guid { id.to_bytes_le() } else { *id.as_bytes() }.into()));
    }
    if format == Format::Ulid
        && let Some(bytes) = codec::id::ulid_bytes(text).filter(|_| !text.contains(char::is_lowercase))
    {
        forms.push(Value::Blob(bytes.into()));
    }
    if matches!(format, Format::Hex | Format::Auto | Format::Text)
        && let Some(bytes) = unhex(text)
    {
        forms.push(Value::Blob(bytes));
    }
    forms
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !lower || text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_in_every_form_that_it_is_stored_in() {
        assert_eq!(stored_forms("ord-71", Format::Auto), [Value::Text("ord-71".into())]);
        assert_eq!(
            stored_forms("42", Format::Text),
            [Value::Text("42".into()), Value::Integer(42), Value::Blob(vec![0x42])]
        );
        let id = "00112233-4455-6677-8899-aabbccddeeff";
        let forms = stored_forms(id, Format::Guid);
        assert_eq!(forms.len(), 2);
        assert!(matches!(&forms[1], Value::Blob(bytes) if bytes[0] == 0x33));
        let forms = stored_forms("01ARZ3NDEKTSV4RRFFQ69G5FAV", Format::Ulid);
        assert!(matches!(&forms[1], Value::Blob(bytes) if bytes.len() == 16 && bytes[1] == 0x56));
        assert_eq!(stored_forms("01arz3ndektsv4rrffq69g5fav", Format::Ulid).len(), 1, "shown in capitals");
    }
}
