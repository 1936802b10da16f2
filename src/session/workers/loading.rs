//! Values that are still on their way: what a panel shows while a worker reads.

use std::sync::Arc;

use crate::error::Error;

/// A value that a worker reads, in every state that a panel can meet it in.
#[derive(Clone, Debug, Default)]
pub enum Loading<T> {
    /// Nothing yet; a worker has been asked.
    #[default]
    Missing,
    /// The previous value, while the present one is being read.
    Stale(T),
    /// The value.
    Ready(T),
    /// It could not be read.
    Failed(Arc<Error>),
}

impl<T> Loading<T> {
    /// The value to show: the present one, or the previous one while it reloads.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Stale(value) | Self::Ready(value) => Some(value),
            Self::Missing | Self::Failed(_) => None,
        }
    }

    /// Why it could not be read, where it could not.
    pub fn error(&self) -> Option<&Arc<Error>> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Whether a worker is still at it.
    pub fn is_loading(&self) -> bool {
        matches!(self, Self::Missing | Self::Stale(_))
    }

    /// The same state with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Loading<U> {
        match self {
            Self::Missing => Loading::Missing,
            Self::Stale(value) => Loading::Stale(change(value)),
            Self::Ready(value) => Loading::Ready(change(value)),
            Self::Failed(error) => Loading::Failed(error),
        }
    }
}

/// A number of things, and whether that is all of them or what was read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub value: u64,
    /// Whether everything was counted.
    pub complete: bool,
}

impl Count {
    /// A number that is final.
    #[must_use]
    pub fn complete(value: u64) -> Self {
        Self { value, complete: true }
    }

    /// A number that may still grow.
    #[must_use]
    pub fn so_far(value: u64) -> Self {
        Self { value, complete: false }
    }
}
