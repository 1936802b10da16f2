//! Connections that can only read: live, with SQLite's locks, or frozen, without.

use std::path::Path;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::explain::explain;
use super::guard;
use crate::error::Result;
use crate::filter::compile;
use crate::profile;

/// How long a read waits for a writer's lock. A writer holds it for moments; longer means that something is wrong.
const BUSY: Duration = Duration::from_millis(500);

/// What decides, each time somebody else is found to have the file locked, whether to wait on; told how often it was asked
/// before, and what waits meanwhile. SQLite gives such a function nothing that tells one connection from another.
pub type OnLock = fn(tries: i32) -> bool;

/// A connection that sees what others write. The path is a full one: SQLite takes `file:x?mode=rw` for a name only
/// because a full path never begins with `file:`.
pub(super) fn live(path: &Path, on_lock: Option<OnLock>) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags);
    let conn = conn.and_then(|conn| looked_at(conn, on_lock)).map_err(|error| explain(path, error))?;
    defend(conn)
}

/// A connection to a file that nobody writes to: it takes no locks and makes no files.
pub(super) fn frozen(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(frozen_uri(path), flags).and_then(|conn| looked_at(conn, None));
    defend(conn.map_err(|error| explain(path, error))?)
}

/// The first read: only now does SQLite look at the file.
fn looked_at(conn: Connection, on_lock: Option<OnLock>) -> rusqlite::Result<Connection> {
    match on_lock {
        Some(on_lock) => conn.busy_handler(Some(on_lock))?,
        None => conn.busy_timeout(BUSY)?,
    }
    conn.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
    Ok(conn)
}

/// `DEFENSIVE` and an untrusted schema keep a hostile file from doing harm through views, triggers or shadow tables
/// (<https://www.sqlite.org/security.html>); the guard does the same for a hostile profile.
fn defend(conn: Connection) -> Result<Connection> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.set_prepared_statement_cache_capacity(64);
    profile::functions::install(&conn)?;
    profile::quotes::hold(&conn)?;
    compile::install(&conn)?;
    guard::for_reading(&conn)?;
    Ok(conn)
}

/// The path as a URI. Every byte that is no letter or digit is written as its number, so that none of `?#%`, and no
/// byte that is no text, means anything.
fn frozen_uri(path: &Path) -> String {
    let (lead, bytes) = uri_parts(path);
    let encoded: Vec<String> =
        bytes.split(|byte| *byte == b'/').map(|part| percent_encode(part, NON_ALPHANUMERIC).to_string()).collect();
    format!("file:{lead}{}?immutable=1", encoded.join("/"))
}

#[cfg(unix)]
fn uri_parts(path: &Path) -> (&'static str, Vec<u8>) {
    use std::os::unix::ffi::OsStrExt as _;
    ("//", path.as_os_str().as_bytes().to_vec())
}

/// `C:\x.db` and `\\?\C:\x.db` become `///C:/x.db`, `\\server\share\x.db` and `\\?\UNC\server\share\x.db` become
/// `////server/share/x.db`.
#[cfg(not(unix))]
fn uri_parts(path: &Path) -> (&'static str, Vec<u8>) {
    let text = path.to_string_lossy().replace('\\', "/");
    let share =
        text.strip_prefix("//?/UNC/").or_else(|| text.strip_prefix("//").filter(|rest| !rest.starts_with("?/")));
    if let Some(share) = share {
        return ("////", share.as_bytes().to_vec());
    }
    ("///", text.strip_prefix("//?/").unwrap_or(&text).as_bytes().to_vec())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_means_anything_to_a_uri() {
        assert_eq!(frozen_uri(Path::new("/a b/c?d#e%20f.db")), "file:///a%20b/c%3Fd%23e%2520f%2Edb?immutable=1");
    }
}
