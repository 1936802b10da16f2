//! Readers for requests: connections that are kept open, each used by one request at a time, on threads that may wait.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::log::{Database, Log};
use super::problem::Problem;
use crate::error::{ErrorKind, Result};

/// How many requests read at the same time.
const TOGETHER: usize = 8;

/// The readers of a database.
pub(super) struct Readers {
    database: Database,
    idle: Mutex<Vec<Box<dyn Log>>>,
    permits: Semaphore,
}

impl Readers {
    /// Readers, the first of which is opened now, so that what cannot be opened is said at the start.
    pub(super) fn new(database: Database) -> Result<Self> {
        let first = database.open()?;
        Ok(Self { database, idle: Mutex::new(vec![first]), permits: Semaphore::new(TOGETHER) })
    }

    /// Reads, where waiting holds up nobody else.
    pub(super) async fn read<T: Send + 'static>(
        self: &std::sync::Arc<Self>,
        work: impl FnOnce(&dyn Log) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let _permit = self.permits.acquire().await.map_err(|_| Problem::closing())?;
        let readers = std::sync::Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || readers.read_blocking(work)).await;
        done.map_err(|_| Problem::closing())?.map_err(Problem::from)
    }

    /// Reads what one look into an index answers: on this thread, where the database is near.
    pub(super) async fn look<T: Send + 'static>(
        self: &std::sync::Arc<Self>,
        work: impl FnOnce(&dyn Log) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        if self.database.is_near() { Ok(self.read_blocking(work)?) } else { self.read(work).await }
    }

    /// Reads on this thread: what one look into an index answers takes less time than to wake another thread, and no
    /// writer is waited for.
    fn read_blocking<T>(&self, work: impl FnOnce(&dyn Log) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = idle.map_or_else(|| self.database.open(), Ok)?;
        let answer = work(&*reader);
        // One that met something else than a plain no may be in a state that it does not come out of.
        let is_sound = answer.as_ref().err().is_none_or(|error| {
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::BadInput | ErrorKind::Unsupported)
        });
        if is_sound {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        }
        answer
    }
}
