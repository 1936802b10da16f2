//! A worker's own connection to the database, opened when it first needs one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::source::{Opener, Source};

use super::waiting;
use super::worker::CancelToken;

/// The source that was opened first, from which every worker opens its own.
#[derive(Clone, Default)]
pub(in crate::session) struct Origin {
    home: Arc<Mutex<Home>>,
}

#[derive(Default)]
struct Home {
    /// How often the file was opened anew.
    times: u64,
    /// The source of the last time.
    source: Option<Source>,
    /// Its version of the file at that time, before anything was counted.
    version: Option<i64>,
    /// Whether the session is over.
    closed: bool,
}

impl Origin {
    fn home(&self) -> MutexGuard<'_, Home> {
        self.home.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the source that workers follow from now on.
    pub(in crate::session) fn set(&self, source: Source) {
        let mut home = self.home();
        if home.closed {
            source.discard_copy();
            return;
        }
        home.times += 1;
        home.version = source.data_version().ok();
        if let Some(before) = home.source.replace(source) {
            before.discard_copy();
        }
    }

    /// The session is over: a copy that it made goes at once, whatever workers still hold.
    pub(in crate::session) fn close(&self) {
        let mut home = self.home();
        home.closed = true;
        if let Some(source) = home.source.take() {
            source.discard_copy();
        }
    }

    /// Whether the file may have been written to since it was opened, so that what was counted may lack something.
    pub(in crate::session) fn is_changed(&self) -> bool {
        let home = self.home();
        let now = home.source.as_ref().and_then(|source| source.data_version().ok());
        now.is_none() || now != home.version
    }

    /// A source for somebody who keeps it for good.
    pub(in crate::session) fn reopen(&self) -> Result<Source> {
        self.newer_than(0)?.ok_or_else(closed)?.1.open()
    }

    /// Whether no file was opened so far.
    pub(in crate::session) fn is_empty(&self) -> bool {
        self.home().source.is_none()
    }

    /// What opens a source for a worker, unless `seen` is the present one. Opening may wait for a lock, and nobody else
    /// waits for that.
    fn newer_than(&self, seen: u64) -> Result<Option<(u64, Opener)>> {
        let home = self.home();
        match &home.source {
            Some(source) if home.times != seen => Ok(Some((home.times, source.opener()))),
            Some(_) => Ok(None),
            None => Err(closed()),
        }
    }
}

/// A worker's own connection.
pub(in crate::session) struct Reader {
    origin: Origin,
    seen: u64,
    source: Option<Source>,
    /// Whether a lock is waited for as long as the answer is wanted.
    patient: bool,
}

impl Reader {
    /// A reader that opens its connection when it first needs it.
    pub(in crate::session) fn new(origin: &Origin) -> Self {
        Self { origin: origin.clone(), seen: 0, source: None, patient: true }
    }

    /// A reader that waits for a lock only a moment: for what a person is to hear of, rather than to see filled in later.
    pub(in crate::session) fn hasty(origin: &Origin) -> Self {
        Self { patient: false, ..Self::new(origin) }
    }

    /// The connection, whose queries stop when the question is cancelled, and wait for locks until then.
    pub(in crate::session) fn source(&mut self, token: &CancelToken) -> Result<&Source> {
        waiting::works_for(self.patient.then(|| token.interrupt()));
        if let Some((times, opener)) = self.origin.newer_than(self.seen)? {
            let opener = if self.patient { opener.waiting(waiting::while_wanted) } else { opener };
            self.source = Some(opener.open()?);
            self.seen = times;
        }
        let source = self.source.as_mut().ok_or_else(closed)?;
        source.set_interrupt(token.interrupt())?;
        Ok(source)
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Cancelled, "the database is not open")
}
