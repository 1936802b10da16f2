//! What one of several callers wants to be appended, in a commit that it may share with the others: all of it or nothing,
//! and once.
//!
//! A request is known again by the ids of its events: one that was carried out before is answered with what it stored
//! then, whatever is expected now.

use crate::error::{Error, ErrorKind};
use crate::event::{Event, ExpectedVersion, NewEvent, Position, StreamName};

/// An event that is wanted, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The stream that it is appended to.
    pub stream: StreamName,
    /// What the stream has to be at, after the entries before this one.
    pub expected: ExpectedVersion,
    /// The event. With an id, the request may be repeated safely.
    pub event: NewEvent,
}

/// What one caller wants to be appended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The events, in their order.
    pub entries: Vec<Entry>,
    /// The id that the event behind the last would have, where ids are made of what the caller calls the request: an
    /// event that has it shows that the request was a longer one before.
    pub beyond: Option<String>,
}

/// What a request led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The events as they are stored.
    pub events: Vec<Event>,
    /// Whether they were stored before, so that nothing was appended.
    pub repeated: bool,
}

/// Why a request was not carried out. Nothing of it was written.
#[derive(Debug)]
pub enum Refusal {
    /// What is wrong, and with which entry: the first of those that are appended together with it.
    Entry {
        /// What is wrong.
        error: Error,
        /// The entry, counted from 0.
        entry: usize,
    },
    /// An event that has the id of an entry is stored, and this is no repetition of the request that stored it.
    Repeated {
        /// The id.
        id: String,
        /// The entry, counted from 0.
        entry: usize,
        /// The position of the event that is stored.
        position: Position,
        /// In what the two requests differ, as the end of a sentence.
        how: &'static str,
    },
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Entry { error, entry: 0 }
    }
}

impl Refusal {
    /// Whether the store could not do what it should have done, rather than the request being wrong.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Entry { error, .. } => !matches!(
                error.kind(),
                ErrorKind::BadInput | ErrorKind::Conflict { .. } | ErrorKind::NotFound | ErrorKind::Unsupported
            ),
            Self::Repeated { .. } => false,
        }
    }

    /// The same as an error, without the entry.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::Entry { error, .. } => error,
            Self::Repeated { id, how, .. } => {
                Error::bad_input(format!("an event with the id {id} is stored already, {how}"))
                    .with_hint("Nothing was written. Repeat a request as it was, and give another one other ids.")
            }
        }
    }
}

impl Request {
    /// Neighbours that are appended together: of one stream, of which only the first expects something; and where each
    /// run begins.
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, &[Entry])> {
        let together = |a: &Entry, b: &Entry| a.stream == b.stream && b.expected == ExpectedVersion::Any;
        self.entries.chunk_by(together).scan(0, |next, run| {
            let first = *next;
            *next += run.len();
            Some((first, run))
        })
    }

    /// What the request stored before, where it did; `find` answers with the event that has an id.
    pub(super) fn stored_before(
        &self,
        mut find: impl FnMut(&str) -> crate::error::Result<Option<Event>>,
    ) -> Result<Option<Vec<Event>>, Refusal> {
        let mut stored = Vec::new();
        for (place, entry) in self.entries.iter().enumerate() {
            let Some(id) = &entry.event.id else { continue };
            let Some(event) = find(id)? else { continue };
            if !entry.is_stored_as(&event) {
                return Err(repeated(id, place, "with another content", &event));
            }
            stored.push((place, event));
        }
        if stored.is_empty() {
            return Ok(None);
        }
        if stored.len() == self.entries.len() {
            if let Some(id) = &self.beyond
                && let Some(event) = find(id)?
            {
                let last = self.entries.len().saturating_sub(1);
                return Err(repeated(id, last, "of a longer request with this key", &event));
            }
            return Ok(Some(stored.into_iter().map(|(_, event)| event).collect()));
        }
        let (place, event) = stored.swap_remove(0);
        let id = event.id.clone().unwrap_or_default();
        Err(repeated(&id, place, "without the others of this request", &event))
    }
}

fn repeated(id: &str, entry: usize, how: &'static str, stored: &Event) -> Refusal {
    Refusal::Repeated { id: id.to_owned(), entry, position: stored.position, how }
}

impl Entry {
    /// Whether what is stored is what is wanted here.
    fn is_stored_as(&self, stored: &Event) -> bool {
        let wanted = &self.event;
        stored.stream == self.stream
            && stored.event_type == wanted.event_type
            && stored.schema_version.as_deref().unwrap_or("1") == wanted.schema_version.as_deref().unwrap_or("1")
            && stored.data.to_json() == *wanted.data.value()
            && stored.metadata.to_json() == *wanted.metadata.value()
    }
}
