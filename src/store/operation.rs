//! Looking after a store: a backup while it is in use, its figures, and its size on disk.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};

use super::event_store::{self, EventStore};
use super::row;
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
    /// The size of the database in bytes, without what is still in its write-ahead log.
    pub bytes: u64,
}

impl EventStore {
    /// Copies the whole store into a new file while it goes on being used: the copy is the store at one moment.
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
            StepResult::Done => Ok(()),
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
        Ok(Statistics {
            events: count("SELECT count(*) FROM events")?,
            streams: count("SELECT count(*) FROM streams")?,
            event_types: self.event_types()?,
            first: self.moment("min")?,
            last: self.moment("max")?,
            bytes: count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")?,
        })
    }

    fn event_types(&self) -> Result<Vec<(String, u64)>> {
        let sql =
            "SELECT event_type, count(*) AS found FROM events GROUP BY event_type ORDER BY found DESC, event_type";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn moment(&self, which: &str) -> Result<Option<Timestamp>> {
        let sql = format!("SELECT {which}(recorded_at) FROM events");
        let stored: Option<String> = self.connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(stored.map(|stored| row::timestamp(&stored)))
    }
}
