//! Snapshots: states that the application stores, so that loading a long stream need not fold all of it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::event_store::EventStore;
use super::row;
use crate::error::{Error, Result};
use crate::event::{Json, StreamName, Timestamp, Version};

/// A state that was stored. A snapshot is only ever a shortcut: whoever cannot use one folds the events instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The version of the stream that the state is at.
    pub version: Version,
    /// The shape of the state, which the application counts from 1.
    pub state_version: u32,
    /// When it was stored.
    pub taken_at: Timestamp,
    /// The state, as JSON text; whether it can still be read is for the reader to find out.
    pub state: String,
}

impl EventStore {
    /// Stores a state of a stream at a version, in the place of an earlier snapshot of that version.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) for a version that the stream has not reached.
    pub fn save_snapshot(
        &mut self,
        stream: &StreamName,
        version: Version,
        state_version: u32,
        state: impl Into<Json>,
    ) -> Result<()> {
        let state = state.into();
        let now = row::stored_moment((self.clock)());
        self.transaction(|transaction| {
            let current = transaction.current_version(stream)?;
            if current.is_none_or(|current| version > current) {
                return Err(Error::bad_input(format!("the stream {stream} has no version {version} yet")));
            }
            insert(transaction.connection(), stream, version, state_version, &now, &state.to_text())
        })
    }

    /// The latest snapshot of a stream at `version` or before; the latest of all where there is no `version`.
    pub fn snapshot(&self, stream: &StreamName, version: Option<Version>) -> Result<Option<Snapshot>> {
        let sql = "SELECT version, state_version, taken_at, state FROM snapshots \
                   WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version <= ?3 ORDER BY version DESC LIMIT 1";
        let params = params![stream.aggregate_type, stream.aggregate_id, version.unwrap_or(Version::MAX)];
        Ok(self.connection.prepare_cached(sql)?.query_row(params, snapshot).optional()?)
    }

    /// All snapshots of a stream, oldest first.
    pub fn snapshots(&self, stream: &StreamName) -> Result<Vec<Snapshot>> {
        let sql = "SELECT version, state_version, taken_at, state FROM snapshots \
                   WHERE aggregate_type = ?1 AND aggregate_id = ?2 ORDER BY version";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([&stream.aggregate_type, &stream.aggregate_id], snapshot)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes the snapshots of a stream that are older than a version, and answers with how many went.
    pub fn delete_snapshots_before(&mut self, stream: &StreamName, version: Version) -> Result<usize> {
        let sql = "DELETE FROM snapshots WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version < ?3";
        let params = params![stream.aggregate_type, stream.aggregate_id, version];
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// Deletes all but the `keep` newest snapshots of a stream, and answers with how many went.
    pub fn prune_snapshots(&mut self, stream: &StreamName, keep: usize) -> Result<usize> {
        let sql = "DELETE FROM snapshots WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version NOT IN \
                   (SELECT version FROM snapshots WHERE aggregate_type = ?1 AND aggregate_id = ?2 \
                    ORDER BY version DESC LIMIT ?3)";
        let keep = i64::try_from(keep).unwrap_or(i64::MAX);
        let params = params![stream.aggregate_type, stream.aggregate_id, keep];
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }
}

fn insert(
    connection: &Connection,
    stream: &StreamName,
    version: Version,
    state_version: u32,
    now: &str,
    state: &str,
) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO snapshots \
               (aggregate_type, aggregate_id, version, state_version, taken_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let params = params![stream.aggregate_type, stream.aggregate_id, version, state_version, now, state];
    connection.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

fn snapshot(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    Ok(Snapshot {
        version: row.get(0)?,
        state_version: row.get(1)?,
        taken_at: row::timestamp(row.get_ref(2)?.as_str()?),
        state: row.get(3)?,
    })
}
