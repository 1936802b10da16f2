//! Looking after a store: a backup while it is in use, its figures, and its size on disk.

use std::path::Path;

use rusqlite::OptionalExtension;
use rusqlite::backup::{Backup, StepResult};

use super::event_store::{self, EventStore};
use super::{archive, row};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Timestamp;

/// What a store holds, in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// How many events.
    pub events: u64,
    /// How many streams.
    pub streams: u64,
    /// How many events of each type, the most frequent first.
    pub event_types: Vec<(String, u64)>,
    /// When the first event was recorded.
    pub first: Option<Timestamp>,
    /// When the last event was recorded.
    pub last: Option<Timestamp>,
    /// How many of the events lie in archives.
    pub archived: u64,
    /// The size of the database in bytes, without what is still in its write-ahead log, and without its archives.
    pub bytes: u64,
}

impl EventStore {
    /// Copies the whole store into a new file while it goes on being used: the copy is the store at one moment. Its
    /// archives are copied to where the copy expects them: to the same place as seen from its folder.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] where there already is a file of that name, which is left as it is.
    pub fn backup(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        event_store::claim(path)?;
        self.copy_to(path).inspect_err(|_| {
            // Half a copy is worse than none.
            std::fs::remove_file(path).ok();
        })
    }

    fn copy_to(&self, path: &Path) -> Result<()> {
        let mut copy = event_store::connect(path)?;
        // All pages in one step: it is one read of the source, which no writer waits for and none can make start anew.
        match Backup::new(&self.connection, &mut copy)?.step(-1)? {
            StepResult::Done => archive::copy_along(&self.connection, path),
            _ => Err(Error::new(ErrorKind::Busy, format!("copying to {} could not be finished", path.display()))
                .with_hint("Another process is writing to this file. Try again in a moment.")),
        }
    }

    /// Gives unused space back to the file system. It rewrites the file: others wait, and as much space is needed.
    pub fn vacuum(&mut self) -> Result<()> {
        Ok(self.connection.execute_batch("VACUUM")?)
    }

    /// What the store holds. It counts through indexes: some tenths of a second for ten million events.
    pub fn statistics(&self) -> Result<Statistics> {
        let count = |sql: &str| -> Result<u64> {
            let counted: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
            Ok(counted.unsigned_abs())
        };
        archive::reading(&self.connection, None, |table| {
            Ok(Statistics {
                events: count(&format!("SELECT count(*) FROM {table}"))?,
                streams: count("SELECT count(*) FROM main.streams")?,
                event_types: self.event_types(table)?,
                first: self.moment(table, "ASC")?,
                last: self.moment(table, "DESC")?,
                archived: count("SELECT coalesce(sum(events), 0) FROM main.archives")?,
                bytes: count("SELECT page_count * page_size FROM pragma_page_count('main'), pragma_page_size('main')")?,
            })
        })
    }

    fn event_types(&self, table: &str) -> Result<Vec<(String, u64)>> {
        let sql = format!(
            "SELECT event_type, count(*) AS found FROM {table} GROUP BY event_type ORDER BY found DESC, event_type"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The first or last moment, in a form that is answered from an index over archives, too.
    fn moment(&self, table: &str, order: &str) -> Result<Option<Timestamp>> {
        let sql = format!("SELECT recorded_at FROM {table} ORDER BY recorded_at {order} LIMIT 1");
        let stored: Option<String> = self.connection.query_row(&sql, [], |row| row.get(0)).optional()?;
        Ok(stored.map(|stored| row::timestamp(&stored)))
    }
}
