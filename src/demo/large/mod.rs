//! A large database of as many events as are wanted, written with the built-in store: to see and to measure what becomes
//! of everything when there is much of it.
//!
//! It has the shape of real ones: a few streams have most of the events and most streams have few; short streams live
//! for days and long ones for years; payloads are small but for some that are not; event types change their shape; and
//! events are caused by others. The same size and seed give the same events.

mod context;
mod history;
mod kind;
mod plan;
mod shape;
mod text;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub use self::history::{Command, History};
use super::journal;
use crate::error::{Error, Result};
use crate::event::ExpectedVersion;
use crate::store::{Durability, EventStore};

/// How much is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many events.
    pub events: u64,
    /// In how many streams.
    pub streams: u64,
    /// What chance begins with.
    pub seed: u64,
}

impl Size {
    /// So many events in streams of which there are, as a rule, a hundred times fewer.
    #[must_use]
    pub fn of(events: u64, streams: Option<u64>, seed: u64) -> Self {
        Self { events, streams: streams.unwrap_or(events / 100).clamp(1, events.max(1)), seed }
    }
}

/// How many kibibytes of the file are kept at hand while it is written, and from how many pages on its log is taken over:
/// streams grow at places all over their index, whose pages would be written again and again.
const CACHE: i64 = 256 << 10;
const CHECKPOINT: i64 = 16_000;

/// The database that a history is written to.
pub struct Writer {
    store: EventStore,
    clock: Arc<AtomicI64>,
    written: u64,
}

impl Writer {
    /// Creates the database.
    ///
    /// # Errors
    /// Where there already is a file at `path`, or the folder cannot be written to.
    pub fn create(path: &Path) -> Result<Self> {
        let clock = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&clock);
        let mut store = EventStore::create(path)?.with_clock(move || journal::told(told.load(Ordering::Relaxed)));
        store.set_durability(Durability::Normal)?;
        store.expect_much(CACHE, CHECKPOINT)?;
        Ok(Self { store, clock, written: 0 })
    }

    /// Writes commands, all of them or none: whatever ends the program between two calls, or within one, leaves a
    /// database of whole commands. Answers with how many events there are now.
    ///
    /// # Errors
    /// Where the disk is full or goes away.
    pub fn write(&mut self, commands: &[Command]) -> Result<u64> {
        let clock = &self.clock;
        self.store.transaction(|transaction| {
            for command in commands {
                clock.store(command.moment, Ordering::Relaxed);
                transaction.append(&command.stream, ExpectedVersion::Any, &command.events)?;
            }
            Ok::<_, Error>(())
        })?;
        let events: usize = commands.iter().map(|command| command.events.len()).sum();
        self.written += u64::try_from(events).unwrap_or(u64::MAX);
        Ok(self.written)
    }
}

#[cfg(test)]
mod tests;
