//! What an event store of the native format has moved into archives: it is said, and not read.
//!
//! A connection for reading reaches no file but the one that was opened, and stays that way. An archive is of the same
//! format and can be opened itself.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{StreamName, Version};
use crate::store::{self, Archive};

impl Source {
    /// The archives of an event store of the native format, whose events are not read here.
    pub fn archives(&self) -> Result<Vec<Archive>> {
        archives(&self.conn, self.path())
    }

    /// Fails where events lie in archives: for work whose result would be taken for the whole.
    pub(crate) fn require_whole(&self) -> Result<()> {
        let Some(archived) = sentence(&self.archives()?) else { return Ok(()) };
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("{}: {}", self.path().display(), archived.trim_end_matches('.')),
        )
        .with_hint("Bring them back first with `eventscope restore`; an export without a filter reads them, too."))
    }
}

/// Whether it is an event store of the native format.
pub(super) fn is_native(conn: &Connection) -> Result<bool> {
    let id: i32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok(id == store::APPLICATION_ID)
}

fn archives(conn: &Connection, path: &Path) -> Result<Vec<Archive>> {
    if is_native(conn)? { store::archives_of(conn, path) } else { Ok(Vec::new()) }
}

/// What lies in archives, in a sentence; none where nothing does.
pub(super) fn said(conn: &Connection, path: &Path) -> Result<Option<String>> {
    Ok(sentence(&archives(conn, path)?))
}

fn sentence(archives: &[Archive]) -> Option<String> {
    let events: u64 = archives.iter().map(|archive| archive.events).sum();
    let name = |archive: &Archive| archive.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<_> = archives.iter().map(name).collect();
    (events > 0).then(|| {
        let (noun, lie, are) = if events == 1 { ("event", "lies", "is") } else { ("events", "lie", "are") };
        format!("{events} more {noun} {lie} in {} and {are} not shown.", names.join(", "))
    })
}

/// The version of a stream's last event as the store counts it, wherever the event lies.
pub(super) fn counted_version(conn: &Connection, stream: &StreamName) -> Result<Option<Version>> {
    let sql = "SELECT version FROM streams WHERE aggregate_type = ?1 AND aggregate_id = ?2";
    let names = [&stream.aggregate_type, &stream.aggregate_id];
    Ok(conn.query_row(sql, names, |row| row.get(0)).optional()?)
}
