//! Stops work whose question has been withdrawn: a counter is captured when the work starts and compared as it goes.
//!
//! A flag could hit the next question, or be cleared between two statements; a counter that only grows can do
//! neither.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// Whether a piece of work is still wanted. The default is wanted for ever.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    generation: Arc<AtomicU64>,
    mine: u64,
}

impl Interrupt {
    /// Wanted for as long as `generation` keeps the value that it has now.
    #[must_use]
    pub fn new(generation: &Arc<AtomicU64>) -> Self {
        Self { generation: Arc::clone(generation), mine: generation.load(Ordering::Relaxed) }
    }

    /// Wanted for as long as `generation` is `mine`.
    #[must_use]
    pub fn of(generation: &Arc<AtomicU64>, mine: u64) -> Self {
        Self { generation: Arc::clone(generation), mine }
    }

    /// Whether the work is no longer wanted.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.generation.load(Ordering::Relaxed) != self.mine
    }

    /// An error of kind [`ErrorKind::Cancelled`] when the work is no longer wanted.
    pub fn check(&self) -> Result<()> {
        if self.is_raised() { Err(cancelled()) } else { Ok(()) }
    }
}

/// What is answered to a question that has been withdrawn.
pub(super) fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the work was stopped")
}
