//! The SQL functions that compiled filters call: what SQLite's own functions cannot say of a stored value.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::codec::{Codec, Encoding, Format, decode};
use crate::error::Result;
use crate::filter::check::holds_text;
use crate::filter::regex::Regex;
use crate::filter::sieve::{Sieve, TextSieve, is_json};

/// Adds the functions of compiled filters to a connection. Neither fails on a bad row.
///
/// - `holds_text(data, text, layers)`: whether a payload holds a text, in any case of A to Z, as stored or as decoded.
///   The layers are the names of the encodings that are declared for it, with commas between them.
/// - `may_hold(data, condition, layers)`: whether a payload of JSON can meet a condition, given as in a filter; a quick
///   look that lets some through which do not, and never keeps back one that does. Of other layers than JSON, which the
///   row itself may name, it lets through all.
/// - `matches_regex(data, expression, layers)`: whether a payload matches a regular expression between slashes.
/// - `moment(value, format)`: the nanoseconds since 1970 that a stored moment stands for, or NULL. The format is a
///   number, see `format_number`.
///
/// # Errors
/// Those of SQLite; none is expected.
pub fn install(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("holds_text", 3, flags, value_holds)?;
    conn.create_scalar_function("may_hold", 3, flags, may_hold)?;
    conn.create_scalar_function("matches_regex", 3, flags, value_matches)?;
    conn.create_scalar_function("moment", 2, flags, |context| {
        let format =
            context.get_raw(1).as_i64().ok().and_then(|number| Format::MOMENTS.get(usize::try_from(number).ok()?));
        let moment = decode::timestamp(context.get_raw(0), format.copied().unwrap_or_default());
        Ok(moment.and_then(|moment| moment.utc).map(nanoseconds))
    })?;
    Ok(())
}

/// The number by which `moment` knows a format; those that are no formats of moments are found out value by value.
pub(super) fn format_number(format: Format) -> usize {
    Format::MOMENTS.iter().position(|known| *known == format).unwrap_or_default()
}

/// A moment as nanoseconds since 1970; beyond the years that these reach, the nearest that they do.
pub(super) fn nanoseconds(moment: chrono::DateTime<chrono::Utc>) -> i64 {
    let saturated = if moment.timestamp() < 0 { i64::MIN } else { i64::MAX };
    moment.timestamp_nanos_opt().unwrap_or(saturated)
}

fn value_holds(context: &Context<'_>) -> rusqlite::Result<bool> {
    // Prepared once for all rows of a statement.
    let sieve = context.get_or_create_aux(1, |needle| Ok::<_, rusqlite::Error>(TextSieve::new(needle.as_bytes()?)))?;
    let stored = context.get_raw(0);
    let is_in = match stored {
        ValueRef::Text(text) => sieve.is_in(text),
        ValueRef::Blob(bytes) if is_json(bytes) => sieve.is_in(bytes),
        _ => None,
    };
    if let Some(is_in) = is_in {
        return Ok(is_in);
    }
    Ok(holds_text(&decode::payload_named(stored, context.get_raw(2), &Encoding::default()), sieve.needle()))
}

fn value_matches(context: &Context<'_>) -> rusqlite::Result<bool> {
    let regex = context
        .get_or_create_aux(1, |regex| Ok::<_, rusqlite::Error>(regex.as_str_or_null()?.and_then(Regex::parse)))?;
    let Some(regex) = &*regex else { return Ok(false) };
    let stored = context.get_raw(0);
    if let ValueRef::Text(text) = stored {
        return Ok(regex.matches(text));
    }
    Ok(regex.matches_payload(&decode::payload_named(stored, context.get_raw(2), &Encoding::default())))
}

fn may_hold(context: &Context<'_>) -> rusqlite::Result<bool> {
    let sieve = context.get_or_create_aux(1, |condition| {
        Ok::<_, rusqlite::Error>(condition.as_str_or_null()?.and_then(Sieve::parse))
    })?;
    let is_json = match context.get_raw(2).as_str().ok().and_then(Codec::chain) {
        Some(layers) => layers.as_slice() == [Codec::Json],
        None => true,
    };
    let Some(sieve) = sieve.as_ref().as_ref().filter(|_| is_json) else { return Ok(true) };
    Ok(match context.get_raw(0) {
        ValueRef::Text(text) => sieve.may_pass(text),
        ValueRef::Blob(bytes) => sieve.bytes_may_pass(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => false,
    })
}
