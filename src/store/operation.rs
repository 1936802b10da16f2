//! Looking after a store: a backup while it is in use, its figures, and its size on disk.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior};

use super::connection;
use super::event_store::EventStore;
use super::{archive, row};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Timestamp;

/// How many pages are copied in one step of a backup: some milliseconds.
const PAGES: i32 = 2_000;

/// How many instructions of SQLite's machine run between two looks at whether the work is still wanted.
const INSTRUCTIONS: i32 = 2_000;

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
        self.backup_with(path, |_, _| ControlFlow::Continue(()))
    }

    /// As [`EventStore::backup`]; `progress` is told now and then how many pages are copied, and how many there are, and
    /// may stop it. Then there is no copy.
    ///
    /// # Errors
    /// As [`EventStore::backup`]; [`ErrorKind::Cancelled`] where it was stopped.
    pub fn backup_with(&self, path: impl AsRef<Path>, progress: impl FnMut(u64, u64) -> ControlFlow<()>) -> Result<()> {
        let path = path.as_ref();
        connection::claim(path)?;
        let copied = self.copy_to(path, progress).map_err(|error| {
            let doing = format_args!("copying the store to {}", path.display());
            if error.is_cancelled() { error } else { error.context(doing) }
        });
        copied.and_then(|()| archive::copy_along(&self.connection, path)).inspect_err(|_| {
            // Half a copy is worse than none.
            std::fs::remove_file(path).ok();
        })
    }

    /// Ends whatever the store is asked from now on with an error of kind [`ErrorKind::Cancelled`] once `stop` says so.
    /// It is asked often, and must be quick. A transaction that is stopped leaves nothing behind.
    pub fn stop_when(&self, stop: impl FnMut() -> bool + Send + 'static) -> Result<()> {
        Ok(self.connection.progress_handler(INSTRUCTIONS, Some(stop))?)
    }

    fn copy_to(&self, path: &Path, mut progress: impl FnMut(u64, u64) -> ControlFlow<()>) -> Result<()> {
        let mut copy = connection::connect(path)?;
        // All steps are in one read of the source, which no writer waits for and none can make start anew.
        let moment = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
        moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        let backup = Backup::new(&self.connection, &mut copy)?;
        loop {
            match backup.step(PAGES)? {
                StepResult::Done => break,
                StepResult::More => {}
                _ => {
                    return Err(Error::new(
                        ErrorKind::Busy,
                        format!("copying to {} could not be finished", path.display()),
                    )
                    .with_hint("Another process is writing to this file. Try again in a moment."));
                }
            }
            let pages = backup.progress();
            let [left, all] = [pages.remaining, pages.pagecount].map(|pages| u64::try_from(pages).unwrap_or(0));
            if progress(all.saturating_sub(left), all).is_break() {
                return Err(Error::new(ErrorKind::Cancelled, "the copy was stopped"));
            }
        }
        drop(backup);
        Ok(moment.commit()?)
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

    /// The first or last moment, which is that of the first or last event.
    fn moment(&self, table: &str, order: &str) -> Result<Option<Timestamp>> {
        let sql = format!("SELECT recorded_at FROM {table} ORDER BY position {order} LIMIT 1");
        let stored: Option<String> = self.connection.query_row(&sql, [], |row| row.get(0)).optional()?;
        Ok(stored.map(|stored| row::timestamp(&stored)))
    }
}
