//! Restoring: events come back from their archives into the store's own file.

use std::ops::ControlFlow;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::ledger::{self, Run};
use super::{ArchiveProgress, BATCH, reach};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{StreamName, Version};
use crate::store::EventStore;
use crate::store::append;
use crate::store::row::COLUMNS;

/// What a restoration has brought back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// How many events came back.
    pub events: u64,
    /// Of how many streams.
    pub streams: u64,
    /// Whether all came back; otherwise it was stopped, and what came before is back.
    pub finished: bool,
}

/// The end of a run, from a version on, that is brought back in one transaction.
struct Piece<'a> {
    run: &'a Run,
    from: Version,
    to: Version,
    /// Whether nothing of the stream is archived once it is back.
    ends: bool,
}

impl EventStore {
    /// Brings events back from the archives: those of some streams, or of all where none is named. A stream of which
    /// nothing is archived has nothing to bring back.
    ///
    /// It is done some thousand events at a time, each in one transaction of the store; after each `progress` is told
    /// how far it has come, and may stop it. The archives are left as they are: an archive in which nothing lies any
    /// more can be deleted, unless a copy of the store still needs it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a stream that does not exist, and where an archive is missing.
    pub fn restore(
        &mut self,
        streams: &[StreamName],
        mut progress: impl FnMut(ArchiveProgress) -> ControlFlow<()>,
    ) -> Result<Restored> {
        let runs = self.runs(streams)?;
        let total = runs.iter().map(|run| (run.last - run.first + 1).unsigned_abs()).sum();
        let mut done = Restored::default();
        reach::attach(&self.connection, None)?;
        for batch in batches(&runs) {
            done.events += bring_back(&self.connection, &batch)?;
            done.streams += batch.iter().filter(|piece| piece.ends).count() as u64;
            if progress(ArchiveProgress { events: done.events, total }).is_break() {
                return Ok(done);
            }
        }
        // An archive in which nothing lies any more is not held open.
        reach::detach(&self.connection)?;
        Ok(Restored { finished: true, ..done })
    }

    fn runs(&self, streams: &[StreamName]) -> Result<Vec<Run>> {
        if streams.is_empty() {
            return ledger::runs(&self.connection, None);
        }
        let mut runs = Vec::new();
        let mut named: Vec<_> = streams.iter().collect();
        named.sort();
        named.dedup();
        for stream in named {
            if append::current_version(&self.connection, stream)?.is_none() {
                return Err(Error::not_found(format!("there is no stream {stream}")));
            }
            runs.extend(ledger::runs(&self.connection, Some(stream))?);
        }
        Ok(runs)
    }
}

/// The runs in batches of about as many events, each run from its end: what stays archived is always its beginning.
fn batches(runs: &[Run]) -> impl Iterator<Item = Vec<Piece<'_>>> {
    let mut pieces = runs.iter().enumerate().flat_map(|(at, run)| {
        let is_first = runs.get(at + 1).is_none_or(|next| next.stream != run.stream);
        let ends = std::iter::successors(Some(run.last), |to| to.checked_sub(BATCH));
        ends.take_while(|to| *to >= run.first).map(move |to| {
            let from = run.first.max(to - BATCH + 1);
            Piece { run, from, to, ends: is_first && from == run.first }
        })
    });
    std::iter::from_fn(move || {
        let (mut batch, mut events) = (Vec::new(), 0);
        while events < BATCH
            && let Some(piece) = pieces.next()
        {
            events += piece.to - piece.from + 1;
            batch.push(piece);
        }
        (!batch.is_empty()).then_some(batch)
    })
}

/// Brings a batch back in one transaction, and answers with how many events it was.
fn bring_back(connection: &Connection, batch: &[Piece<'_>]) -> Result<u64> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let mut events = 0;
    for piece in batch {
        // Another process may have brought back some of it meanwhile.
        let Some(last) = ledger::end_of(&transaction, piece.run)? else { continue };
        if last < piece.from {
            continue;
        }
        let run = Run { last, ..piece.run.clone() };
        events += copy_back(&transaction, &run, piece.from)?;
        ledger::strike(&transaction, &run, piece.from)?;
    }
    transaction.commit()?;
    Ok(events)
}

/// Copies the end of a run, from a version on, out of its archive.
fn copy_back(connection: &Connection, run: &Run, from: Version) -> Result<u64> {
    let sql = format!(
        "INSERT INTO main.events ({COLUMNS}) SELECT {COLUMNS} FROM {}{}.events \
         WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND version BETWEEN ?3 AND ?4",
        ledger::PREFIX,
        run.archive
    );
    let Run { stream, last, .. } = run;
    let key = params![stream.aggregate_type, stream.aggregate_id, from, last];
    let copied = connection.prepare_cached(&sql)?.execute(key)? as u64;
    if copied == (last - from + 1).unsigned_abs() {
        return Ok(copied);
    }
    let message = format!("the archive does not hold all of the versions {from} to {last} of {stream}");
    Err(Error::new(ErrorKind::Database, message)
        .with_hint("Nothing of it was brought back. Compare the archive with a backup."))
}
