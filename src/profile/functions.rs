//! The SQL function that the expressions of profiles, and filters, may call on top of SQLite's own.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::error::Result;
use crate::event::Decoded;

use super::decode;
use super::field::Encoding;

/// Adds `decoded(value)` to a connection: the JSON text of what a payload decodes to, or NULL where it holds no
/// document. It never fails, so `decoded(metadata) ->> '$.correlation_id'` is safe on any row, whether the column holds
/// JSON, JSON in a blob, MessagePack or something broken. Where a column is known to be JSON text, SQLite's own
/// functions behind a `json_valid` are faster.
///
/// # Errors
/// Those of SQLite; none is expected.
pub fn install(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("decoded", 1, flags, |context| {
        Ok(match decode::payload(context.get_raw(0), &Encoding::default()).decoded {
            Decoded::Document { value, .. } => Some(value.to_string()),
            Decoded::Missing | Decoded::Text(_) | Decoded::Opaque { .. } => None,
        })
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_documents_and_fails_on_nothing() {
        let conn = Connection::open_in_memory().unwrap();
        install(&conn).unwrap();
        let ask = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, Option<String>>(0)).unwrap();
        assert_eq!(ask("SELECT decoded(X'81A16101') -> '$.a'").as_deref(), Some("1"));
        assert_eq!(ask("SELECT decoded(CAST('{\"a\":1.10}' AS BLOB)) -> '$.a'").as_deref(), Some("1.10"));
        for broken in ["X'C1FF'", "'{'", "NULL", "''"] {
            assert_eq!(ask(&format!("SELECT decoded({broken}) ->> '$.a'")), None, "{broken}");
        }
    }
}
