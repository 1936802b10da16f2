//! What is served: an event store of this program, or, to be read only, any database that it can open.

mod foreign;
mod own;

use std::sync::Arc;

use crate::error::Result;
use crate::event::{Event, Position, StreamName, Timestamp, Version};
use crate::source::Source;
use crate::store::{EventStore, Snapshot, Store};

use super::room::{Filled, fill};
use super::wanted::Page;

use own::Own;

pub use foreign::ForeignOpener;

/// One reader of the events.
pub(super) trait Log: Send {
    /// The event that has an id.
    fn event(&self, id: &str) -> Result<Option<Event>>;

    /// A page of events, which ends early where they take more than `room` bytes.
    fn page(&self, page: &Page, room: usize) -> Result<Filled>;

    /// At most `limit` events of a stream, from a version on, in so much room.
    fn stream(&self, stream: &StreamName, from: Version, limit: usize, room: usize) -> Result<Filled>;

    /// The version of a stream's last event; `None` where it has none.
    fn version(&self, stream: &StreamName) -> Result<Option<Version>>;

    /// At most `limit` events behind a position, whatever they are, in so much room.
    fn behind(&self, position: Option<Position>, limit: usize, room: usize) -> Result<Filled>;

    /// The position of the last event.
    fn last_position(&self) -> Result<Option<Position>>;

    /// The latest snapshot of a stream at a version or before.
    fn snapshot(&self, stream: &StreamName, at: Option<Version>) -> Result<Option<Kept>>;

    /// The JSON Schema of an event type at a version of its shape.
    fn schema(&self, event_type: &str, version: u32) -> Result<Option<serde_json::Value>>;

    /// Every place at which data does not fit the schema of its type, at most `limit`: a JSON Pointer, and what is wrong.
    fn faults(&self, event_type: &str, version: u32, data: &serde_json::Value, limit: usize) -> Result<Faults>;
}

/// Where data does not fit its schema, and why.
pub(super) type Faults = Vec<(String, String)>;

/// A state that an application stored.
pub(super) struct Kept {
    pub(super) version: Version,
    /// The shape of the state, where the application counts it.
    pub(super) state_version: Option<u32>,
    pub(super) taken_at: Option<Timestamp>,
    /// As JSON, where it is or can be given as that.
    pub(super) state: String,
}

impl From<Snapshot> for Kept {
    fn from(snapshot: Snapshot) -> Self {
        let Snapshot { version, state_version, taken_at, state } = snapshot;
        Self { version, state_version: Some(state_version), taken_at: Some(taken_at), state }
    }
}

/// Opens an event store that is not in a file: to write to it, or to read it alone.
pub type StoreOpener = Arc<dyn Fn(bool) -> Result<Box<dyn Store>> + Send + Sync>;

/// Opens readers, on whatever thread.
#[derive(Clone)]
pub enum Database {
    /// An event store of this program, by its path.
    Store(std::path::PathBuf),
    /// An event store of this program that is elsewhere. To ask it anything takes a while.
    Elsewhere(StoreOpener),
    /// Any other database, which is only read.
    Foreign(ForeignOpener),
}

impl Database {
    /// One more reader.
    pub(super) fn open(&self) -> Result<Box<dyn Log>> {
        Ok(match self {
            Self::Store(path) => Box::new(Own(Box::new(EventStore::open_read_only(path)?))),
            Self::Elsewhere(open) => Box::new(Own(open(false)?)),
            Self::Foreign(opener) => Box::new(opener.open()?),
        })
    }

    /// What writes to it; none where it is only read.
    pub(super) fn writer(&self) -> Result<Option<Box<dyn Store>>> {
        Ok(match self {
            Self::Store(path) => Some(Box::new(EventStore::open(path)?)),
            Self::Elsewhere(open) => Some(open(true)?),
            Self::Foreign(_) => None,
        })
    }

    /// Whether asking it one thing takes less time than to wake another thread.
    pub(super) fn is_near(&self) -> bool {
        !matches!(self, Self::Elsewhere(_))
    }

    /// A reader that waits for what comes.
    pub(super) fn follow(&self) -> Result<Follower> {
        Ok(match self {
            Self::Store(path) => Follower::Store(Box::new(EventStore::open_read_only(path)?)),
            Self::Elsewhere(open) => Follower::Store(open(false)?),
            Self::Foreign(opener) => Follower::Foreign(Box::new(opener.open()?)),
        })
    }
}

/// A reader that waits for what comes.
pub(super) enum Follower {
    Store(Box<dyn Store>),
    Foreign(Box<Source>),
}

impl Follower {
    /// The position of the last event that is there now.
    pub(super) fn last_position(&self) -> Result<Option<Position>> {
        match self {
            Self::Store(store) => store.last_position(),
            Self::Foreign(source) => source.last_position(),
        }
    }

    /// The next events behind a position, at most `limit` in so much room, waiting for them for some time; none where
    /// that is over.
    pub(super) fn wait(
        &self,
        behind: Option<Position>,
        (limit, room): (usize, usize),
        timeout: std::time::Duration,
    ) -> Result<Vec<Event>> {
        let filled = fill(limit, room, |last, wanted| match (self, last) {
            (Self::Store(store), None) => store.wait(behind, wanted, timeout),
            (Self::Store(store), Some(last)) => store.read_all(Some(last.position), wanted),
            (Self::Foreign(source), None) => foreign::wait(source, behind, wanted, timeout),
            (Self::Foreign(source), Some(last)) => source.events_after(Some(last.position), wanted),
        })?;
        Ok(filled.events)
    }
}
