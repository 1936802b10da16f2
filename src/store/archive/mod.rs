//! Archives: events that were moved into a second file, so that the store itself stays small and quick.
//!
//! An archive is a file of the native format with a mark of its own ([`file`]); the store's own file decides what lies
//! where ([`ledger`]). What goes is chosen and counted first ([`plan`]), then moved piece by piece ([`carry`]), and can
//! be brought back ([`restore`]). Whoever reads does not notice ([`reach`]).
//!
//! # Why a crash loses and doubles nothing
//!
//! A transaction over two files is not atomic where they keep a write-ahead log
//! (<https://www.sqlite.org/lang_attach.html>), so none is used. Each transaction writes one file, and has the other one
//! attached for reading only, so that SQLite itself sees to that:
//!
//! 1. One of the archive, over a connection of its own, copies some events. It is on the disk before the next one.
//! 2. One of the store holds the copies against the originals, column by column, records them in `archived`, and
//!    deletes the originals.
//!
//! After a crash between the two the archive holds copies that the store has not recorded: they are not read, and the
//! next archival finds them there. Restoring is one transaction of the store alone.
//!
//! An archive therefore only ever grows; nothing is deleted from it, not even what was restored. That is what makes it
//! safe to read while another process archives (the store's moment is fixed first, and the archive is at least as far),
//! and to share among a store and the copies of it.

mod carry;
mod copies;
mod file;
mod ledger;
mod plan;
mod reach;
mod restore;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::event_store::EventStore;
use crate::error::Result;

pub(super) use copies::copy_along;
pub(super) use file::refuse_archive;
pub(super) use ledger::{last_moment, last_position};
pub(super) use reach::{begin_writing, integrity_check, reading, refuse_taken_ids};

pub use carry::Archived;
pub use plan::{ArchivePlan, ArchiveSelection, PlannedStream};
pub use restore::Restored;

/// How many events are moved in one transaction: other writers wait for as long.
const BATCH: i64 = 2_000;

/// How far an archival or a restoration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveProgress {
    /// How many events were moved so far.
    pub events: u64,
    /// How many there are to move.
    pub total: u64,
}

/// An archive of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Where it is expected.
    pub path: PathBuf,
    /// How many of the store's events lie in it.
    pub events: u64,
    /// How many of the store's streams have events in it.
    pub streams: u64,
    /// Its size in bytes; `None` where it is missing.
    pub bytes: Option<u64>,
}

impl EventStore {
    /// The archives in which events of this store lie, the oldest first.
    pub fn archives(&self) -> Result<Vec<Archive>> {
        archives_of(&self.connection, &file::store_path(&self.connection).unwrap_or_default())
    }
}

/// The archives in which events of the store at `path` lie, read over any connection to it; none where its schema knows
/// no archives yet.
pub fn archives_of(connection: &Connection, path: &Path) -> Result<Vec<Archive>> {
    if !ledger::exists(connection)? {
        return Ok(Vec::new());
    }
    ledger::needed(connection)?
        .into_iter()
        .map(|entry| {
            let path = path.with_file_name("").join(&entry.file);
            let bytes = std::fs::metadata(&path).ok().map(|metadata| metadata.len());
            let streams = ledger::streams_in(connection, entry.number)?;
            Ok(Archive { path, events: entry.events.unsigned_abs(), streams, bytes })
        })
        .collect()
}
