//! Payloads that say something else in the copy than in the original, and what else would tell what they no longer say.

use std::borrow::Cow;

use rusqlite::params_from_iter;
use serde_json::Value;

use super::super::value::Stored;
use super::rows::Copier;
use super::{Keyed, key_of, unsupported};
use crate::error::Result;
use crate::event::{Decoded, Event, Payload, StorageClass};
use crate::profile::schema::{TableKind, quoted};

/// What is to be replaced before anything is written.
pub trait Replace {
    /// The event as it is to be.
    fn event<'e>(&self, event: &'e Event) -> Cow<'e, Event>;

    /// Whether a text has what is to be replaced wherever it stands.
    fn is_left_in(&self, text: &str) -> bool;
}

/// Writes the payloads of an event, whose rows are there, as they are to be. The values are those of the keys of its rows.
pub(super) fn rewrite(
    copier: &Copier<'_>,
    keyed: &[Keyed<'_>],
    (event, values): (&Event, &[Stored]),
    replace: &dyn Replace,
) -> Result<()> {
    let Cow::Owned(replaced) = replace.event(event) else { return Ok(()) };
    let position = event.position;
    let source = copier.source;
    let around = Event { data: event.data.clone(), metadata: event.metadata.clone(), ..replaced.clone() };
    if around != *event {
        return Err(unsupported(
            source,
            &format!("what is to be replaced at position {position} is not within data or metadata"),
        ));
    }
    let Some(mapping) = source.mapping() else { return Ok(()) };
    let metadata = mapping.metadata.as_ref().map(|field| field.sql.as_str());
    let payloads = [
        ("data", Some(mapping.data.sql.as_str()), &event.data, &replaced.data),
        ("metadata", metadata, &event.metadata, &replaced.metadata),
    ];
    for (name, sql, before, after) in payloads.into_iter().filter(|(.., before, after)| before != after) {
        let cannot =
            || unsupported(source, &format!("the {name} at position {position} cannot be written as it is stored"));
        let mut values = values;
        let mut cell = None;
        for keyed in keyed {
            let (key, rest) = values.split_at_checked(keyed.columns.len()).unwrap_or((values, &[]));
            values = rest;
            if let Some(column) = sql.and_then(|sql| keyed.column(sql)) {
                cell = cell.or(Some((keyed, column, key)));
            }
        }
        let (keyed, column, key) = cell.ok_or_else(cannot)?;
        let stored = stored(before, after).ok_or_else(cannot)?;
        let conditions: Vec<String> = key_of(keyed.table).iter().map(|column| format!("{column} = ?")).collect();
        let table = quoted(&keyed.table.name);
        let sql = format!("UPDATE {table} SET {} = ? WHERE {}", quoted(column), conditions.join(" AND "));
        copier.target.prepare_cached(&sql)?.execute(params_from_iter([&stored].into_iter().chain(key)))?;
    }
    Ok(())
}

/// A payload as its column has it. Only JSON and text can be written again as they were.
fn stored(before: &Payload, after: &Payload) -> Option<Stored> {
    let text = match (before.decoded(), after.decoded()) {
        (Decoded::Document { value: before_value, .. }, Decoded::Document { value, .. }) => {
            let whole = serde_json::from_slice(&before.raw).ok()?;
            written_into(whole, before_value, value)?.to_string()
        }
        (Decoded::Text(_), Decoded::Document { value, .. }) => value.as_str()?.to_owned(),
        _ => return None,
    };
    match before.storage {
        StorageClass::Text => Some(Stored::Text(text.into_bytes().into())),
        StorageClass::Blob => Some(Stored::Blob(text.into_bytes().into())),
        _ => None,
    }
}

/// What is stored, with a document in it as it is to be. It may lie in an envelope, and what its values are wrapped in
/// stays around them; `None` where what changed has no place of its own.
fn written_into(mut stored: Value, before: &Value, after: &Value) -> Option<Value> {
    let mut whole = stored.clone();
    if change(&mut whole, before, after) {
        return Some(whole);
    }
    let members = stored.as_object()?;
    let mut found =
        members.iter().filter_map(|(name, member)| Some((name.clone(), written_into(member.clone(), before, after)?)));
    let ((name, changed), None) = (found.next()?, found.next()) else { return None };
    drop(found);
    *stored.as_object_mut()?.get_mut(&name)? = changed;
    Some(stored)
}

/// Makes of what is stored for a value what is stored for another one; false where it is not told how.
fn change(stored: &mut Value, before: &Value, after: &Value) -> bool {
    if stored == before {
        stored.clone_from(after);
        return true;
    }
    match (stored, before, after) {
        (Value::Object(stored), Value::Object(before), Value::Object(after)) => {
            before.len() == after.len()
                && before.iter().all(|(name, before)| {
                    let both = stored.get_mut(name).zip(after.get(name));
                    both.is_some_and(|(stored, after)| before == after || change(stored, before, after))
                })
        }
        (Value::Array(stored), Value::Array(before), Value::Array(after)) => {
            stored.len() == before.len()
                && before.len() == after.len()
                && stored
                    .iter_mut()
                    .zip(before)
                    .zip(after)
                    .all(|((stored, before), after)| before == after || change(stored, before, after))
        }
        _ => false,
    }
}

/// Looks through all that was written for what is to be replaced wherever it stands.
///
/// # Errors
/// `Unsupported`, with the first column that has it.
pub(super) fn require_none_left(copier: &Copier<'_>, replace: &dyn Replace) -> Result<()> {
    let source = copier.source;
    for table in source.shared.tables.iter().filter(|table| table.kind == TableKind::Table) {
        let names: Vec<String> =
            table.columns.iter().filter(|column| !column.generated).map(|column| quoted(&column.name)).collect();
        if names.is_empty() {
            continue;
        }
        let sql = format!("SELECT {} FROM {}", names.join(", "), quoted(&table.name));
        let mut statement = copier.target.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            source.check()?;
            for (index, name) in names.iter().enumerate() {
                let text = row.get_ref(index)?.as_bytes_or_null().ok().flatten();
                if text.is_some_and(|bytes| replace.is_left_in(&String::from_utf8_lossy(bytes))) {
                    let place = format!("the column {name} of {} has what is to be replaced, too", table.name);
                    return Err(unsupported(source, &place));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_written_where_it_lies() {
        let (before, after) = (json!({"a": "x", "b": [1, {"c": "y"}]}), json!({"a": "z", "b": [1, {"c": "y"}]}));
        assert_eq!(written_into(before.clone(), &before, &after), Some(after.clone()));
        let envelope = |inner: &Value| json!({"type": "Opened", "payload": inner, "time": "today"});
        assert_eq!(written_into(envelope(&before), &before, &after), Some(envelope(&after)));
        // What the number is wrapped in is not taken off.
        let wrapped = |a: &str| json!({"a": a, "b": [{"_type_": "int", "_data_": 1}, {"c": "y"}]});
        assert_eq!(written_into(wrapped("x"), &before, &after), Some(wrapped("z")));
    }

    #[test]
    fn what_has_no_place_of_its_own_is_not_written() {
        let (before, after) = (json!({"a": "x"}), json!({"a": "z"}));
        assert_eq!(written_into(json!({"one": before, "two": before}), &before, &after), None);
        assert_eq!(written_into(json!({"a": {"_type_": "id", "_data_": "x"}}), &before, &after), None);
        assert_eq!(written_into(json!({"a": "x"}), &before, &json!({"b": "x"})), Some(json!({"b": "x"})));
        assert_eq!(written_into(json!({"a": "x", "more": 1}), &before, &json!({"b": "x"})), None);
    }
}
