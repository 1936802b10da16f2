//! Carrying out an archival: events are copied into the archive, held against the originals, recorded, and deleted.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};

use super::ledger::{self, Entry, Moved};
use super::plan::{self, ArchivePlan};
use super::{ArchiveProgress, BATCH, file, reach};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{StreamName, Version};
use crate::store::row::COLUMNS;
use crate::store::{EventStore, connection, schema};

/// How many archives a store can have events in: SQLite attaches ten files at most, and needs some leeway.
const MOST_ARCHIVES: usize = 8;

/// What an archival has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The file that the events went to.
    pub archive: PathBuf,
    /// How many events went.
    pub events: u64,
    /// Of how many streams.
    pub streams: u64,
    /// Whether all that was planned went; otherwise it was stopped, and what went before is archived.
    pub finished: bool,
}

/// A part of a stream that is moved in one transaction.
#[derive(Clone, Copy)]
struct Part<'a> {
    stream: &'a StreamName,
    first: Version,
    last: Version,
    /// Whether it is the end of what goes of the stream.
    ends: bool,
}

impl EventStore {
    /// Moves what a plan says into the archive. Whoever reads the store still finds it.
    ///
    /// It is done some thousand events at a time, each in transactions of their own, so that other writers only wait
    /// for moments. After each `progress` is told how far it has come, and may stop it. After a crash, too, what was
    /// moved is archived and the rest is where it was; planning and archiving again goes on from there.
    ///
    /// The store's file does not shrink: the space is used for new events, or is given back by
    /// [`vacuum`](Self::vacuum).
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
    /// use eventscope::store::{ArchiveSelection, EventStore};
    /// use serde_json::json;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let mut store = EventStore::create(folder.path().join("bank.db"))?;
    /// let account = StreamName::new("account", "acc-7");
    /// let events = ["account.opened", "account.closed"].map(|what| NewEvent::new(what, json!({})));
    /// store.append(&account, ExpectedVersion::NoStream, &events)?;
    ///
    /// let closed = ArchiveSelection { closed: Some("*.closed".to_owned()), ..ArchiveSelection::default() };
    /// let plan = store.plan_archive(&closed, None)?;
    /// assert_eq!((plan.streams.len(), plan.events), (1, 2));
    /// store.archive(&plan, |progress| {
    ///     println!("{} of {} events", progress.events, progress.total);
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert!(folder.path().join("bank.archive.db").exists());
    /// assert_eq!(store.read_stream(&account, 1, None)?.len(), 2, "it is read as before");
    ///
    /// store.restore(&[account], |_| ControlFlow::Continue(()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] where another writer did not finish in time, [`ErrorKind::BadInput`] where the archive
    /// holds something else in the place of an event. What was moved before stays archived.
    pub fn archive(
        &mut self,
        plan: &ArchivePlan,
        progress: impl FnMut(ArchiveProgress) -> ControlFlow<()>,
    ) -> Result<Archived> {
        let mut done =
            Archived { archive: plan.archive.clone(), events: 0, streams: 0, finished: plan.streams.is_empty() };
        if done.finished {
            return Ok(done);
        }
        let entry = enter(&self.connection, &plan.archive)?;
        let copier = Copier::open(&plan.archive, &file::store_path(&self.connection)?)?;
        reach::attach(&self.connection, Some(&entry))?;
        let outcome = self.carry(plan, &entry, &copier, &mut done, progress);
        // So that nothing holds the archive open and it can come to rest as one file.
        reach::detach(&self.connection)?;
        copier.rest();
        outcome.map(|()| done)
    }

    fn carry(
        &self,
        plan: &ArchivePlan,
        entry: &Entry,
        copier: &Copier,
        done: &mut Archived,
        mut progress: impl FnMut(ArchiveProgress) -> ControlFlow<()>,
    ) -> Result<()> {
        let total = plan.events;
        for batch in batches(plan) {
            copier.copy(&batch)?;
            done.events += settle(&self.connection, entry, &batch)?;
            done.streams += batch.iter().filter(|part| part.ends).count() as u64;
            if progress(ArchiveProgress { events: done.events, total }).is_break() {
                return Ok(());
            }
        }
        done.finished = true;
        Ok(())
    }
}

/// The plan in batches of about as many events.
fn batches(plan: &ArchivePlan) -> impl Iterator<Item = Vec<Part<'_>>> {
    let mut parts = plan.streams.iter().flat_map(|planned| {
        let starts = std::iter::successors(Some(planned.first), |first| first.checked_add(BATCH));
        starts.take_while(|first| *first <= planned.last).map(|first| {
            let last = planned.last.min(first.saturating_add(BATCH - 1));
            Part { stream: &planned.stream, first, last, ends: last == planned.last }
        })
    });
    std::iter::from_fn(move || {
        let (mut batch, mut events) = (Vec::new(), 0);
        while events < BATCH
            && let Some(part) = parts.next()
        {
            events += part.last - part.first + 1;
            batch.push(part);
        }
        (!batch.is_empty()).then_some(batch)
    })
}

/// Makes sure that the archive is there and remembered. Others who archive meanwhile wait, and find it.
fn enter(connection: &Connection, path: &Path) -> Result<Entry> {
    let store = file::store_path(connection)?;
    let name = file::name_of(&store, path)?;
    let begun = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if let Some(entry) = plan::check_destination(&begun, &store, path)? {
        return Ok(entry);
    }
    if ledger::needed(&begun)?.len() >= MOST_ARCHIVES {
        let message = format!("the event store has {MOST_ARCHIVES} archives already, and cannot have more");
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("Archive into one of them."));
    }
    let id = if path.exists() { file::mark(path)?.id } else { file::make(path)? };
    ledger::add(&begun, &id, &name)?;
    let entry = ledger::named(&begun, &name)?;
    begun.commit()?;
    entry.ok_or_else(|| Error::new(ErrorKind::Database, "the archive was not remembered"))
}

/// A connection to the archive, from which the store can only be read.
struct Copier {
    connection: Connection,
    archive: PathBuf,
}

impl Copier {
    fn open(archive: &Path, store: &Path) -> Result<Self> {
        let open = || {
            let mut connection = connection::connect(archive)?;
            schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
            connection::write_ahead(&connection)?;
            connection.execute("ATTACH ?1 AS store", [file::read_only_uri(store)?])?;
            Ok(Self { connection, archive: archive.to_owned() })
        };
        open().map_err(|error: Error| error.context(format_args!("opening the archive {}", archive.display())))
    }

    /// Copies what is not there yet, and has it on the disk once this returns.
    fn copy(&self, batch: &[Part<'_>]) -> Result<()> {
        self.copy_all(batch).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => {
                let shown = self.archive.display();
                Error::bad_input(format!("{shown} holds another event in the place of one that is to be archived"))
                    .with_hint("It is the archive of a store that has gone another way. Archive into another file.")
                    .with_source(error)
            }
            _ => Error::from(error).context(format_args!("writing to the archive {}", self.archive.display())),
        })
    }

    fn copy_all(&self, batch: &[Part<'_>]) -> rusqlite::Result<()> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let mut copy = transaction.prepare_cached(&format!(
            "INSERT INTO main.events ({COLUMNS}) SELECT {COLUMNS} FROM store.events AS here \
             WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version BETWEEN ?3 AND ?4 \
             AND NOT EXISTS (SELECT 1 FROM main.events AS held WHERE held.position = here.position)"
        ))?;
        let mut reach = transaction.prepare_cached(
            "INSERT INTO main.streams (aggregate_type, aggregate_id, version) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET version = max(version, excluded.version)",
        )?;
        for Part { stream, first, last, .. } in batch {
            copy.execute(params![stream.aggregate_type, stream.aggregate_id, first, last])?;
            reach.execute(params![stream.aggregate_type, stream.aggregate_id, last])?;
        }
        drop((copy, reach));
        transaction.execute("UPDATE main.archive_of SET generation = generation + 1", [])?;
        transaction.commit()
    }

    /// Leaves the archive as one file without a log beside it, which can be moved and lie where nothing is written.
    /// While others read it that has to wait for another time.
    fn rest(self) {
        self.connection.busy_timeout(Duration::ZERO).ok();
        // Of the archive alone: without a name the pragma is about what is attached, too.
        self.connection.pragma_update_and_check(Some("main"), "journal_mode", "delete", |_| Ok(())).ok();
    }
}

/// Records a batch that was copied and deletes the originals, in one transaction; answers with how many they were.
fn settle(connection: &Connection, entry: &Entry, batch: &[Part<'_>]) -> Result<u64> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let sql = format!("SELECT generation FROM {}.archive_of", entry.schema());
    let generation = transaction.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
    ledger::set_generation(&transaction, entry.number, generation)?;
    let mut events = 0;
    for part in batch {
        // Another process may have archived some of it meanwhile.
        let first =
            ledger::last_version(&transaction, part.stream)?.map_or(part.first, |last| part.first.max(last + 1));
        if first <= part.last {
            let moved = compared(&transaction, entry, Part { first, ..*part })?;
            ledger::record(&transaction, entry.number, &moved)?;
            delete(&transaction, &moved)?;
            events += moved.events().unsigned_abs();
        }
    }
    transaction.commit()?;
    Ok(events)
}

/// Holds the copies against the originals, column by column.
fn compared<'a>(connection: &Connection, entry: &Entry, part: Part<'a>) -> Result<Moved<'a>> {
    let columns =
        |table: &str| COLUMNS.split(", ").map(|column| format!("{table}.{}", column.trim())).collect::<Vec<_>>();
    let sql = format!(
        "SELECT count(*), max(here.position), max(here.recorded_at) FROM main.events AS here \
         JOIN {}.events AS held ON held.position = here.position \
         WHERE here.aggregate_type = ?1 AND here.aggregate_id = ?2 AND here.version BETWEEN ?3 AND ?4 \
         AND ({}) IS ({})",
        entry.schema(),
        columns("here").join(", "),
        columns("held").join(", "),
    );
    let Part { stream, first, last, .. } = part;
    let key = params![stream.aggregate_type, stream.aggregate_id, first, last];
    let (same, position, moment): (i64, Option<i64>, Option<String>) =
        connection.prepare_cached(&sql)?.query_row(key, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    match (position, moment) {
        (Some(position), Some(moment)) if same == last - first + 1 => {
            Ok(Moved { stream, first, last, position, moment })
        }
        _ => {
            let message = format!("the archive does not hold the versions {first} to {last} of {stream} as they are");
            Err(Error::new(ErrorKind::Database, message).with_hint(
                "They were left where they are. Another store archives into this file: archive into another one.",
            ))
        }
    }
}

fn delete(connection: &Connection, moved: &Moved<'_>) -> Result<()> {
    let sql = "DELETE FROM main.events WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version BETWEEN ?3 AND ?4";
    let key = params![moved.stream.aggregate_type, moved.stream.aggregate_id, moved.first, moved.last];
    connection.prepare_cached(sql)?.execute(key)?;
    Ok(())
}
