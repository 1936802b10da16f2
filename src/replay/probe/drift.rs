//! Whether the states that an application stored are what its events fold to, each at its own version.

use std::collections::VecDeque;

use serde_json::Value;

use super::{Finds, Probe, Seen};
use crate::event::{StreamName, Version};
use crate::replay::alike::differences;
use crate::replay::change::Change;
use crate::replay::reducers::Reducers;
use crate::replay::state::State;

/// A state that was stored, to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The version that it says it is at.
    pub version: Version,
    /// What it holds; `None` where that cannot be read.
    pub state: Option<Value>,
}

/// What came of comparing a stored state.
#[derive(Clone, Debug, PartialEq)]
pub enum Compared {
    /// It is what the events fold to.
    Agrees,
    /// It is not; the changes lead from the folded state to the stored one.
    Differs(Vec<Change>),
    /// The stream has no event of its version.
    NoSuchVersion,
    /// The reducers' `snapshot` filter fails on it.
    FilterFailed(String),
    /// It cannot be read, as when it is encrypted.
    Unreadable,
}

/// Compares the stored states of one stream with the replay.
#[derive(Debug)]
pub struct SnapshotDrift {
    reducers: Reducers,
    stream: StreamName,
    waiting: VecDeque<Stored>,
    reached: Option<Version>,
    found: Vec<(Version, Compared)>,
}

impl SnapshotDrift {
    /// Compares these states of a stream, in the order of their versions, through the `snapshot` filter of the reducers.
    #[must_use]
    pub fn new(stream: &StreamName, mut stored: Vec<Stored>, reducers: &Reducers) -> Self {
        stored.sort_by_key(|stored| stored.version);
        let (reducers, stream) = (reducers.clone(), stream.clone());
        Self { reducers, stream, waiting: stored.into(), reached: None, found: Vec::new() }
    }

    fn compare(&mut self, stored: &Stored, state: &State) {
        let version = stored.version;
        let compared = match &stored.state {
            None => Compared::Unreadable,
            Some(_) if self.reached != Some(version) => Compared::NoSuchVersion,
            Some(value) => match self.reducers.comparable(&self.stream, version, value) {
                Err(error) => Compared::FilterFailed(error.to_string()),
                Ok(comparable) => match differences(&state.to_json(), &comparable) {
                    none if none.is_empty() => Compared::Agrees,
                    some => Compared::Differs(some),
                },
            },
        };
        self.found.push((version, compared));
    }
}

impl Probe for SnapshotDrift {
    fn before(&mut self, event: &crate::event::Event, state: &State) {
        // A version may occur twice in a damaged store; a snapshot is of the state after the last of them.
        while self.waiting.front().is_some_and(|stored| stored.version < event.version) {
            if let Some(stored) = self.waiting.pop_front() {
                self.compare(&stored, state);
            }
        }
    }

    fn after(&mut self, seen: &Seen<'_>) {
        self.reached = Some(seen.event.version);
    }

    fn end(&mut self, state: &State) {
        while let Some(stored) = self.waiting.pop_front() {
            self.compare(&stored, state);
        }
    }

    fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Finds for SnapshotDrift {
    type Finding = (Version, Compared);

    fn take(&mut self) -> Vec<(Version, Compared)> {
        std::mem::take(&mut self.found)
    }
}
