//! The SQL functions that compiled filters call: what SQLite's own functions cannot say of a stored value.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::codec::{Encoding, Format, decode};
use crate::error::Result;
use crate::filter::check::{contains, holds_text};

/// Adds the functions of compiled filters to a connection. Neither fails on a bad row.
///
/// - `holds_text(data, text, layers)`: whether a payload holds a text, in any case of A to Z, as stored or as decoded.
///   The layers are the names of the encodings that are declared for it, with commas between them.
/// - `moment(value, format)`: the nanoseconds since 1970 that a stored moment stands for, or NULL. The format is a
///   number, see `format_number`.
///
/// # Errors
/// Those of SQLite; none is expected.
pub fn install(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("holds_text", 3, flags, |context| Ok(value_holds(context)))?;
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

fn value_holds(context: &Context<'_>) -> bool {
    let Ok(needle) = context.get_raw(1).as_bytes() else { return false };
    let stored = context.get_raw(0);
    if let ValueRef::Text(bytes) = stored {
        // Without a backslash nothing is escaped: what the document holds stands in the text as it is.
        if contains(bytes, needle) {
            return true;
        }
        let json = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
        if json && memchr::memchr(b'\\', bytes).is_none() {
            return false;
        }
    }
    holds_text(&decode::payload_named(stored, context.get_raw(2), &Encoding::default()), needle)
}
